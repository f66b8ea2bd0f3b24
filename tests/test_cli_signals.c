/* SIGINT and SIGTERM at moments by chance, and at those where it is not only
   training that stops: loading, saving, evaluating, reading a pipe. */
#include "support/program.h"
#include "support/tally.h"
#include "support/trained.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <mnist.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Where each of them takes long, some. */
enum { MOMENTS = 20, SOME_MOMENTS = 4 };
static int moments = MOMENTS;

/* Whoever presses Ctrl-C waits no longer than this. */
static const double patience = MNIST_SANITIZED ? 10 : 1;

/* A tenth of a second of training, more or less. On one thread, since more wait
   for each other where the machine is busy; and few epochs, since one that is
   gone on with saves after each. */
#define TRAIN                                                                  \
    "train", "--data", "data", "-q", "--net",                                  \
        "dense:100:relu,dense:10:softmax", "--batch", "20", "--threads", "1",  \
        "--epochs", "10", "--validation-split", "0.1", "--out", "o"

static const int signals[] = {SIGINT, SIGTERM};
static size_t cases;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void pause_for(double seconds)
{
    struct timespec t = {.tv_sec = (time_t)seconds};
    t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
    nanosleep(&t, NULL);
}

static bool exists(temporary *t, const char *name)
{
    return access(temporary_path(t, name), F_OK) == 0;
}

/* Sends it, and waits for the end, which must come soon, and by the signal: a
   shell that runs the program in a loop sees that and stops, too. Or by the one
   that was sent before: on a busy machine both may come at once. */
static void stop_again(program *p, int process, int number, int before)
{
    double begin = now();
    assert_int_equal(kill(process, number), 0);
    program_wait(p, process);
    if (p->status != 0 && p->signal != before)
        assert_int_equal(p->signal, number);
    if (now() - begin > patience)
        fail_msg("it ended %g seconds after the signal", now() - begin);
    cases++;
}

static void stop(program *p, int process, int number)
{
    stop_again(p, process, number, number);
}

/* Waits until the signal that was sent has been taken, or has ended the
   process: another of its kind would be lost before. Where the system does not
   tell, a while. */
static void await_taken(int process)
{
    char path[40], line[128];
    snprintf(path, sizeof path, "/proc/%d/status", process);
    for (bool pending = true; pending;) {
        unsigned long long set = 0;
        bool ended = false;
        pause_for(0.01);
        FILE *status = fopen(path, "r");
        while (status && fgets(line, sizeof line, status)) {
            ended |= strncmp(line, "State:\tZ", 8) == 0;
            (void)!sscanf(line, "ShdPnd: %llx", &set);
        }
        if (status)
            fclose(status);
        pending = set != 0 && !ended;
    }
}

/* What a stopped training left is whole: a checkpoint that leads to the bytes
   of the unbroken training, or these bytes, or, if the training had not begun,
   nothing. Returns whether there was a checkpoint. */
static bool check_stopped(temporary *t, const program *p)
{
    bool kept = exists(t, "o.checkpoint");
    assert_true(count_lines(p->err) <= 1);
    if (kept) {
        assert_false(exists(t, "o"));
        assert_non_null(strstr(p->err, "to go on: mnist train --resume"));
        RUN_WELL(t, "info", "o.checkpoint");
        RUN_WELL(t, "train", "--data", "data", "-q", "--resume", "o.checkpoint",
                 "--threads", "1");
    }
    if (p->status == 0 || exists(t, "o"))
        assert_same_bytes(t, "o", "whole");
    unlink(temporary_path(t, "o"));
    unlink(temporary_path(t, "o.checkpoint"));
    return kept;
}

static void test_any_moment(void **state)
{
    temporary *t = *state;
    mnist_random random = mnist_random_stream(5, MNIST_RANDOM_SYNTH, 0);
    double begin = now();
    RUN_WELL(t, TRAIN);
    double length = now() - begin;
    rename(temporary_path(t, "o"), temporary_path(t, "whole"));
    for (size_t which = 0; which < 2; which++) {
        int kept = 0;
        for (int i = 0; i < moments; i++) {
            program p = {.folder = temporary_folder(t)};
            int process = program_start(&p, (const char *[]){TRAIN, NULL});
            pause_for(length * (i + (double)mnist_random_float(&random)) /
                      moments);
            stop(&p, process, signals[which]);
            kept += check_stopped(t, &p);
            program_forget(&p);
        }
        /* Most of the time it trains; a slow machine may be loading longer. */
        assert_true(kept >= moments / 4);
    }
}

/* The history is begun when all is loaded, right before the first batch. */
static void test_before_the_first_batch(void **state)
{
    temporary *t = *state;
    for (int i = 0; i < moments; i++) {
        program p = {.folder = temporary_folder(t)};
        int process = program_start(
            &p, (const char *[]){TRAIN, "--history", "h.csv", NULL});
        while (!exists(t, "h.csv"))
            pause_for(0.0001);
        pause_for(0.0001 * i);
        stop(&p, process, signals[i % 2]);
        check_stopped(t, &p);
        program_forget(&p);
        unlink(temporary_path(t, "h.csv"));
    }
}

/* The first signal makes it save a checkpoint, to a pipe that nobody reads; the
   second ends it there, and the old weights stand. */
static void test_second_signal(void **state)
{
    temporary *t = *state;
    const char *pipe = temporary_path(t, "o.checkpoint");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    for (int i = 0; i < moments; i++) {
        program p = {.folder = temporary_folder(t)};
        siginfo_t ended = {.si_pid = 0};
        size_t length;
        temporary_write(t, "o", "old", 3);
        int process = program_start(
            &p, (const char *[]){"train", "--data", "data", "--threads", "1",
                                 "--net", TRAINED_NET, "--verbose", "2",
                                 "--epochs", "1000000", "--out", "o", NULL});
        program_await(process, "epoch 1/");
        assert_int_equal(kill(process, signals[i % 2]), 0);
        await_taken(process);
        waitid(P_PID, (id_t)process, &ended, WEXITED | WNOHANG | WNOWAIT);
        assert_int_equal(ended.si_pid, 0);
        stop_again(&p, process, signals[i / 2 % 2], signals[i % 2]);
        program_forget(&p);
        char *old = temporary_read(temporary_path(t, "o"), &length);
        assert_string_equal(old, "old");
        free(old);
    }
    unlink(pipe);
    unlink(temporary_path(t, "o"));
}

/* The second may come when a file is being saved, or when all is over. */
static void test_two_signals(void **state)
{
    temporary *t = *state;
    RUN_WELL(t, "train", "--data", "data", "-q", "--threads", "1", "--net",
             TRAINED_NET, "--epochs", "1", "--checkpoint", "kept", "--out",
             "o");
    for (int i = 0; i < moments; i++) {
        program p = {.folder = temporary_folder(t)};
        int process = program_start(
            &p, (const char *[]){"train", "--data", "data", "-q", "--threads",
                                 "1", "--resume", "kept", "--epochs", "1000000",
                                 "--out", "o", NULL});
        pause_for(0.03 + 0.001 * i);
        kill(process, signals[i % 2]);
        await_taken(process);
        stop(&p, process, signals[i % 2]);
        program_forget(&p);
        RUN_WELL(t, "info", "kept");
        RUN_WELL(t, "info", "o");
    }
    unlink(temporary_path(t, "kept"));
    unlink(temporary_path(t, "o"));
}

/* The weights are there already, so nothing is lost. */
static void test_while_testing(void **state)
{
    static const char *const words[] = {
        "train",    "--threads",
        "1",        "--data",
        "big",      "-q",
        "--epochs", "1",
        "--net",    "conv2d:8:5x5:relu,maxpool:2x2,dense:10:softmax",
        "--out",    "o",
        NULL};
    temporary *t = *state;
    RUN_WELL(t, "synth", "big", "-q", "--train", "20", "--test", "6000");
    run_well(t, words);
    rename(temporary_path(t, "o"), temporary_path(t, "tested"));
    for (int i = 0; i < moments / 2; i++) {
        program p = {.folder = temporary_folder(t)};
        int process = program_start(&p, words);
        while (!exists(t, "o"))
            pause_for(0.0005);
        pause_for(0.001 * i);
        stop(&p, process, signals[i % 2]);
        program_forget(&p);
        assert_same_bytes(t, "o", "tested");
        assert_false(exists(t, "o.checkpoint"));
        unlink(temporary_path(t, "o"));
    }
}

/* Nobody writes into the pipe; `open`: but somebody could. */
static void stop_reading(temporary *t, const char *const *words, bool open_end)
{
    int end = open_end ? open(temporary_path(t, "slow/pipe"), O_RDWR) : -1;
    for (size_t which = 0; which < 2; which++) {
        program p = {.folder = temporary_folder(t)};
        int process = program_start(&p, words);
        pause_for(0.03);
        stop(&p, process, signals[which]);
        assert_int_equal(p.signal, signals[which]);
        assert_string_equal(p.err, "");
        program_forget(&p);
    }
    if (end >= 0)
        close(end);
}

static void test_while_reading_a_pipe(void **state)
{
    static const char *const commands[][8] = {
        {"train", "-q", "--data", "slow", "--out", "o"},
        {"eval", "--images", "slow/pipe", "--labels", DATA_TEST_LABELS},
        {"predict", "slow/pipe"},
        {"show", "slow/pipe"},
        {"info", "slow/pipe"},
    };
    temporary *t = *state;
    temporary_mkdir(t, "slow");
    assert_int_equal(mkfifo(temporary_path(t, "slow/pipe"), 0600), 0);
    assert_int_equal(
        symlink("pipe", temporary_path(t, "slow/train-images-idx3-ubyte")), 0);
    assert_int_equal(symlink("../" DATA_TRAIN_LABELS,
                             temporary_path(t, "slow/train-labels-idx1-ubyte")),
                     0);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        for (int open_end = 0; open_end < 2; open_end++)
            stop_reading(t, commands[i], open_end);
    assert_false(exists(t, "o"));
    assert_false(exists(t, "o.checkpoint"));
}

/* As nohup and shells in the background have it. */
static void test_ignored(void **state)
{
    temporary *t = *state;
    for (size_t which = 0; which < 2; which++) {
        program p = {.folder = temporary_folder(t)};
        signal(signals[which], SIG_IGN);
        int process = program_start(&p, (const char *[]){TRAIN, NULL});
        signal(signals[which], SIG_DFL);
        pause_for(0.05);
        kill(process, signals[which]);
        program_wait(&p, process);
        assert_int_equal(p.status, 0);
        program_forget(&p);
        assert_same_bytes(t, "o", "whole");
        unlink(temporary_path(t, "o"));
        cases++;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_moment),
        cmocka_unit_test(test_before_the_first_batch),
        cmocka_unit_test(test_second_signal),
        cmocka_unit_test(test_two_signals),
        cmocka_unit_test(test_while_testing),
        cmocka_unit_test(test_while_reading_a_pipe),
        cmocka_unit_test(test_ignored),
    };
    alarm(600); /* a program that does not end is a failure */
    if (tally_stride("signals", MOMENTS / SOME_MOMENTS) > 1)
        moments = SOME_MOMENTS;
    int failed =
        cmocka_run_group_tests(tests, trained_setup, temporary_teardown);
    printf("reliability: signals: %zu cases, %d failures\n", cases, failed);
    return failed;
}
