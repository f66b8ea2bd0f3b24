/*
 * The program as a function of this process, for the fuzzer of its command
 * line. Put before each file of src/cli by the compiler: main gets another
 * name, stderr is a stream in memory, stdout is not closed at the end, and what
 * would take long is cut short. The rest is the program as it is.
 */
#ifndef FUZZ_PROGRAM_H
#define FUZZ_PROGRAM_H

#include <mnist.h>

#include <stdio.h>

/* main of src/cli/main.c. Returns the exit status. */
int program_main(int argc, char **argv);

/* Where it writes its messages; set before the first run. */
extern FILE *program_stderr;

/* fclose for any stream but stdout, which is only flushed. */
int program_fclose(FILE *file);

/* The library's, but at most a few images, epochs and threads, and no network
   of more than half a million parameters: as out of memory. */
mnist_status program_synth_folder(const char *folder, size_t train_count,
                                  size_t test_count, uint64_t seed,
                                  mnist_error *err);
mnist_status program_network_new(mnist_network **out, const char *line,
                                 size_t rows, size_t cols, float scale,
                                 mnist_error *err);
mnist_status program_workspace_new(mnist_workspace **out, mnist_network *net,
                                   size_t batch, unsigned threads, int training,
                                   mnist_error *err);
mnist_status program_trainer_new(mnist_trainer **out, mnist_network *net,
                                 const mnist_dataset *data,
                                 const mnist_train_options *options,
                                 mnist_error *err);

#ifndef FUZZ_PROGRAM_ITSELF
#undef stderr
#define stderr              program_stderr
#define main                program_main
#define fclose              program_fclose
#define mnist_synth_folder  program_synth_folder
#define mnist_network_new   program_network_new
#define mnist_workspace_new program_workspace_new
#define mnist_trainer_new   program_trainer_new
#endif

#endif
