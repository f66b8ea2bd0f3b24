/*
 * Runs the mnist program as a user would, and keeps what it said:
 *
 *     program p = {.folder = temporary_folder(t)};
 *     RUN(&p, "train", "--epochs", "1");
 *     assert_int_equal(p.status, 0);
 *     assert_non_null(strstr(p.out, "wrote"));
 *     program_forget(&p);
 *
 * It runs in the C locale, and without the variables that change what it does,
 * unless the test sets them. Whatever goes wrong in running fails the test.
 */
#ifndef SUPPORT_PROGRAM_H
#define SUPPORT_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

typedef struct program {
    /* How it is run; all of it may be left out. */
    const char *binary; /* another program than mnist */
    const char *folder; /* working folder */
    const void *input;  /* standard input, by a pipe; up to 64 KB */
    size_t input_length;
    const char *output; /* a file for stdout; then `out` is "" */
    unsigned closed;    /* bit i: stream i is closed; 7: all three are */
    bool broken_pipe;   /* stdout is a pipe that nobody reads */
    unsigned terminal;  /* if not 0, all three streams are a terminal with
                           that many columns; `out` has what it received */
    unsigned lines;     /* of that terminal, 24 if 0 */
    const char *environment[7]; /* name, value, name, value, ... */
    bool unprivileged;          /* root, too, is subject to the files' modes */
    unsigned deadline; /* SIGALRM ends it after so many seconds, if not 0 */
    /* What came of it. */
    int status; /* exit status; 128 + number if a signal ended it */
    int signal; /* that number, or 0 */
    long peak;  /* KiB of memory at most, those of its parent's at least */
    double cpu; /* seconds that it worked */
    char *out, *err;
} program;

/* arguments: up to a NULL, without the program's own name. */
void program_run(program *p, const char *const *arguments);

#define RUN(p, ...) program_run(p, (const char *const[]){__VA_ARGS__, NULL})

/* For a test that sends it a signal: starts it and returns its process; waits
   until its stderr holds some text, or it has ended; waits for its end. */
int program_start(const program *p, const char *const *arguments);
void program_await(int process, const char *text);
void program_wait(program *p, int process);

/* The same for one on a terminal: waits until that has received some text
   behind the first `from` bytes, or the program has ended; gives its window
   another size. Both return how many bytes it has received. */
size_t program_await_terminal(const char *text, size_t from);
size_t program_resize(int process, unsigned columns, unsigned lines);

/* Releases what it said; how it is run stays. */
void program_forget(program *p);

/* How many lines a text has. */
size_t count_lines(const char *text);

/* Fails unless it ended with that status after one line on stderr, which holds
   all the texts up to a NULL, and nothing on stdout. */
void assert_refused(const program *p, int status, const char *const *texts);

#define REFUSED(p, status, ...)                                                \
    assert_refused(p, status, (const char *const[]){__VA_ARGS__, NULL})

#endif
