#define FUZZ_PROGRAM_ITSELF
#include "fuzz/program.h"

#include "model/chain.h"

FILE *program_stderr;

int program_fclose(FILE *file)
{
    return file == stdout ? fflush(file) : fclose(file);
}

static size_t at_most(size_t count, size_t most)
{
    return count < most ? count : most;
}

mnist_status program_synth_folder(const char *folder, size_t train_count,
                                  size_t test_count, uint64_t seed,
                                  mnist_error *err)
{
    return mnist_synth_folder(folder, at_most(train_count, 2),
                              at_most(test_count, 1), seed, err);
}

mnist_status program_network_new(mnist_network **out, const char *line,
                                 size_t rows, size_t cols, float scale,
                                 mnist_error *err)
{
    enum { PARAMETERS = 500000 };
    mnist_network *plan;
    mnist_status status =
        mnist_network_plan(&plan, line, rows, cols, scale, err);
    if (status)
        return status;
    size_t parameters = mnist_network_parameters(plan);
    mnist_network_free(plan);
    if (parameters > PARAMETERS)
        return mnist_fail(err, MNIST_ERROR_MEMORY, "too large to be fuzzed");
    return mnist_network_new(out, line, rows, cols, scale, err);
}

mnist_status program_workspace_new(mnist_workspace **out, mnist_network *net,
                                   size_t batch, unsigned threads, int training,
                                   mnist_error *err)
{
    return mnist_workspace_new(out, net, batch, threads == 2 ? 2 : 1, training,
                               err);
}

mnist_status program_trainer_new(mnist_trainer **out, mnist_network *net,
                                 const mnist_dataset *data,
                                 const mnist_train_options *options,
                                 mnist_error *err)
{
    mnist_train_options shorter = *options;
    shorter.epochs = at_most(shorter.epochs, 2);
    shorter.threads = shorter.threads == 2 ? 2 : 1;
    return mnist_trainer_new(out, net, data, &shorter, err);
}
