/*
 * Checkpoints: weights files that tell where a training stands, for the data of
 * the seeds. What is refused leaves the trainer as it was; what is accepted is
 * saved as the same bytes by whoever goes on with it, and two that go on end
 * with the same bits.
 */
#include "fuzz/fuzz.h"

#include <mnist/checkpoint.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGES = 12, SIDE = 4, VALIDATION = 3, PARAMETERS = 20000 };

/* As make_corpus.sh trains on them. */
static const mnist_dataset *images(void)
{
    static uint8_t pixels[IMAGES * SIDE * SIDE], labels[IMAGES];
    static mnist_dataset data = {.count = IMAGES,
                                 .rows = SIDE,
                                 .cols = SIDE,
                                 .pixels = pixels,
                                 .labels = labels,
                                 .classes = 3};
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 37);
    for (size_t i = 0; i < IMAGES; i++)
        labels[i] = (uint8_t)(i % 3);
    return &data;
}

/* A training to be resumed, with the parts that its trainer borrows. */
typedef struct training {
    mnist_network *net;
    mnist_trainer *trainer;
    mnist_dataset data, validation;
} training;

static int open_training(training *t, const char *path,
                         const mnist_train_options *options, int validates)
{
    mnist_error err = {.status = MNIST_OK};
    mnist_train_options own = *options;
    size_t held_back = validates ? VALIDATION : 0;
    t->data = mnist_dataset_slice(images(), 0, IMAGES - held_back);
    if (validates) {
        t->validation =
            mnist_dataset_slice(images(), IMAGES - held_back, held_back);
        own.validation = &t->validation;
    }
    own.threads = 1;
    fuzz_require(mnist_weights_load(&t->net, NULL, path, &err) == MNIST_OK);
    mnist_status status =
        mnist_trainer_new(&t->trainer, t->net, &t->data, &own, &err);
    if (status == MNIST_OK)
        return 1;
    fuzz_require_refusal(status, &err);
    mnist_network_free(t->net);
    return 0;
}

static void close_training(training *t)
{
    mnist_trainer_free(t->trainer);
    mnist_network_free(t->net);
}

/* All parameters, in a block that lives until the next call. */
static const float *parameters(const mnist_network *net, size_t *count)
{
    static float values[PARAMETERS];
    const mnist_tensor *tensor;
    *count = 0;
    for (size_t i = 0; (tensor = mnist_network_tensor(net, i)); i++) {
        memcpy(values + *count, tensor->data, tensor->count * sizeof *values);
        *count += tensor->count;
    }
    return values;
}

static const uint8_t *save(training *t, const char *path, size_t *length)
{
    mnist_error err;
    fuzz_require(mnist_checkpoint_save(t->trainer, path, NULL, 0, &err) ==
                 MNIST_OK);
    return fuzz_read(path, length);
}

/* Goes on with both to the end, where it is near. */
static void check_ends(training *one, training *other)
{
    static float first[PARAMETERS];
    mnist_error err = {.status = MNIST_OK}, other_err = {.status = MNIST_OK};
    size_t count;
    mnist_status status = mnist_trainer_run(one->trainer, &err);
    fuzz_require(mnist_trainer_run(other->trainer, &other_err) == status);
    const float *values = parameters(one->net, &count);
    memcpy(first, values, count * sizeof *first);
    for (size_t i = 0; i < count; i++)
        fuzz_require(isfinite(first[i]));
    values = parameters(other->net, &count);
    fuzz_require(memcmp(values, first, count * sizeof *first) == 0);
    if (status) {
        fuzz_require(status == MNIST_ERROR_DIVERGED);
        fuzz_require_refusal(status, &err);
    }
}

static void check_accepted(training *t, const mnist_train_options *options,
                           int validates)
{
    static uint8_t first[1 << 20];
    char path[FUZZ_PATH];
    training again;
    mnist_error err;
    size_t length, second;
    fuzz_path(path, "saved");
    const uint8_t *bytes = save(t, path, &length);
    fuzz_require(length <= sizeof first);
    memcpy(first, bytes, length);
    fuzz_require(open_training(&again, path, options, validates));
    fuzz_require(mnist_checkpoint_load(again.trainer, path, &err) == MNIST_OK);
    bytes = save(&again, path, &second);
    fuzz_require(second == length && memcmp(bytes, first, length) == 0);
    if (options->epochs <= 4)
        check_ends(t, &again);
    close_training(&again);
}

static void check_resumed(const char *path, const mnist_train_options *options,
                          int validates)
{
    static float before[PARAMETERS];
    training t;
    size_t count;
    mnist_error err = {.status = MNIST_OK};
    if (!open_training(&t, path, options, validates))
        return;
    mnist_network_init(t.net, 1);
    memcpy(before, parameters(t.net, &count), sizeof before);
    mnist_status status = mnist_checkpoint_load(t.trainer, path, &err);
    if (status) {
        fuzz_require_refusal(status, &err);
        fuzz_require(memcmp(before, parameters(t.net, &count),
                            count * sizeof *before) == 0);
        fuzz_require(mnist_trainer_progress(t.trainer)->epoch == 0);
    } else {
        check_accepted(&t, options, validates);
    }
    close_training(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    mnist_network *net;
    mnist_notes *notes;
    mnist_train_options options = mnist_train_defaults();
    mnist_error err = {.status = MNIST_OK};
    const char *path = fuzz_file(bytes, length);
    if (mnist_weights_load(&net, &notes, path, &err) != MNIST_OK)
        return 0; /* fuzz_weights looks at these */
    size_t count = mnist_network_parameters(net);
    mnist_network_free(net);
    mnist_status status = mnist_checkpoint_options(&options, notes, &err);
    mnist_notes_free(notes);
    if (status) {
        fuzz_require(status == MNIST_ERROR_WEIGHTS);
        fuzz_require_refusal(status, &err);
    } else if (count <= PARAMETERS) {
        check_resumed(path, &options, 0);
        check_resumed(path, &options, 1);
    }
    return 0;
}
