/*
 * What a fuzz target is, and what all of them share. A target is one file
 * fuzz_<what>.c with LLVMFuzzerTestOneInput, which is given any bytes and ends
 * the process by fuzz_require where a promise does not hold. A build with
 * MNIST_FUZZ links it with libFuzzer, every other one with replay.c.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <mnist/error.h>

#include <stddef.h>
#include <stdint.h>

/* The names that libFuzzer asks for. The mutator is optional: it changes an
   input in place, to at most `room` bytes, and returns the new length. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t room,
                               unsigned seed);

/* libFuzzer's own changes, for use in a mutator; replay.c has plainer ones. */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t room);

/* Ends the process, as a finding, unless the condition holds. */
#define fuzz_require(condition)                                                \
    ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))
_Noreturn void fuzz_fail(const char *file, int line, const char *condition);

/* Requires a refusal as every one must be: its status is told in the error too,
   and the message is one line fit for a terminal. */
void fuzz_require_refusal(mnist_status status, const mnist_error *err);

/* Whether a text holds nothing that could steer a terminal. A newline counts as
   such unless `lines`. */
int fuzz_is_printable(const char *text, size_t length, int lines);

/* The input as a row of choices; past its end all are 0. */
typedef struct fuzz_choices {
    const uint8_t *bytes;
    size_t left;
} fuzz_choices;
uint8_t fuzz_byte(fuzz_choices *choices);
/* One of 0..count-1. */
size_t fuzz_below(fuzz_choices *choices, size_t count);

/*
 * A folder of this process, below $TMPDIR or else in memory where the system
 * has such a place: every input is a file. It is gone when the process ends
 * well.
 */
const char *fuzz_folder(void);

/* Puts the bytes into one and the same file of it, and returns its path. */
const char *fuzz_file(const uint8_t *bytes, size_t length);

/* The path of that name in it, in a buffer of the caller. */
enum { FUZZ_PATH = 512 };
char *fuzz_path(char out[FUZZ_PATH], const char *name);

/* All of a file, in a buffer that lives until the next call. */
const uint8_t *fuzz_read(const char *path, size_t *length);

#endif
