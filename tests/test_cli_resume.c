/* Trainings that are stopped and gone on with: the same bytes as without. */
#include "support/json.h"
#include "support/program.h"
#include "support/tally.h"
#include "support/trained.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <mnist.h>

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TRAIN "train", "--data", "data", "--verbose", "2"

enum { WORDS = 48 };

/* Sets of options that between them have all of a training's state. */
static const char *const sets[][WORDS / 2] = {
    {"--net", TRAINED_NET, "--epochs", "30"},
    {"--net", "dense:24:relu,dropout:0.3,dense:10:softmax", "--epochs", "20",
     "--momentum", "0.5", "--lr-schedule", "cosine", "--seed", "3"},
    {"--net", "mlp15", "--epochs", "20", "--centered", "--validation-split",
     "0.2", "--lr-schedule", "step", "--lr-step", "4", "--lr-gamma", "0.7"},
    {"--net", TRAINED_NET, "--epochs", "60", "--patience", "4", "--monitor",
     "val_loss", "--min-delta", "0.001", "--validation-split", "0.25",
     "--limit", "300", "--lr", "0.01"},
    {"--net", TRAINED_NET, "--epochs", "25", "--save-best", "--monitor",
     "val_acc", "--validation-split", "0.25", "--lr", "0.02"},
    {"--net", TRAINED_NET, "--epochs", "25", "--lr-plateau", "2", "--lr-factor",
     "0.7", "--min-lr", "1e-4", "--lr", "0.03", "--clip-norm", "0.1"},
    {"--net", "conv2d:3:5x5:relu,maxpool:3x3,dense:10:softmax", "--epochs", "8",
     "--no-shuffle", "--scale", "200", "--rho", "0.8", "--clip-norm", "0.02",
     "--transpose", "--invert"},
};
enum { SETS = sizeof sets / sizeof sets[0] };

/* Copies words behind those that are there; returns their number. */
static size_t add(const char **words, size_t count, const char *const *more)
{
    for (; *more; more++) {
        assert_true(count < WORDS - 1);
        words[count++] = *more;
    }
    words[count] = NULL;
    return count;
}

#define ADD(words, count, ...)                                                 \
    add(words, count, (const char *const[]){__VA_ARGS__, NULL})

/* The history without its last column, the time. */
static char *read_history(temporary *t, const char *name)
{
    size_t length, used = 0;
    char *text = temporary_read(temporary_path(t, name), &length);
    for (char *line = text; *line;) {
        size_t whole = strcspn(line, "\n");
        size_t kept = whole;
        while (kept > 0 && line[kept] != ',')
            kept--;
        memmove(text + used, line, kept);
        used += kept;
        text[used++] = '\n';
        line += whole + 1;
    }
    text[used] = '\0';
    return text;
}

static void sleep_up_to(mnist_random *random, long microseconds)
{
    long some = (long)mnist_random_below(random, (uint32_t)microseconds);
    struct timespec time = {.tv_nsec = 1000 * some};
    nanosleep(&time, NULL);
}

/* Starts, waits for the end of the first epoch, and stops it some time later.
   Returns whether it is to be gone on with. */
static bool run_and_stop(temporary *t, const char *const *words,
                         mnist_random *random)
{
    program p = {.folder = temporary_folder(t)};
    int number = mnist_random_below(random, 2) ? SIGINT : SIGTERM;
    int process = program_start(&p, words);
    program_await(process, "\nepoch ");
    sleep_up_to(random, 40000);
    kill(process, number);
    program_wait(&p, process);
    if (p.status != 0)
        assert_int_equal(p.status, 128 + number);
    /* After the last batch there is nothing to go on with: weights stand. */
    bool stopped = strstr(p.err, "; to go on: mnist train --resume ") != NULL;
    program_forget(&p);
    return stopped;
}

static void stop_often(temporary *t, const char *const *set,
                       mnist_random *random)
{
    const char *words[WORDS];
    size_t count = ADD(words, 0, TRAIN, "--batch", "15");
    size_t whole = add(words, count, set);
    ADD(words, whole, "--out", "whole", "--history", "whole.csv");
    run_well(t, words);
    ADD(words, whole, "--out", "part", "--history", "part.csv");
    unlink(temporary_path(t, "part.csv"));
    if (run_and_stop(t, words, random)) {
        static const char *const threads[] = {"1", "2", "3"};
        do
            ADD(words, 0, TRAIN, "--resume", "part.checkpoint", "--history",
                "part.csv", "--threads",
                threads[mnist_random_below(random, 3)]);
        while (run_and_stop(t, words, random));
    }
    assert_same_bytes(t, "whole", "part");
    char *a = read_history(t, "whole.csv"), *b = read_history(t, "part.csv");
    assert_string_equal(a, b);
    free(a);
    free(b);
}

static void test_stopped_often(void **state)
{
    mnist_random random = mnist_random_stream(1, MNIST_RANDOM_SYNTH, 0);
    size_t stride = tally_stride_most("sets of options", SETS);
    for (size_t i = 0; i < SETS; i += stride)
        stop_often(*state, sets[i], &random);
}

/* No warning at all: what the last epoch left is there. */
static void test_killed(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN_WELL(t, TRAIN, "-e30", "--net", TRAINED_NET, "-owhole", "--history",
             "whole.csv");
    int process = program_start(
        &p, (const char *const[]){TRAIN, "-e30", "--net", TRAINED_NET, "-opart",
                                  "--checkpoint", "kept", "--history",
                                  "part.csv", NULL});
    program_await(process, "\nepoch 5/");
    kill(process, SIGKILL);
    program_wait(&p, process);
    program_forget(&p);
    /* A row of an epoch that the checkpoint does not know, and a torn one. */
    FILE *file = fopen(temporary_path(t, "part.csv"), "ab");
    assert_non_null(file);
    fputs("29,0,0,0,0,0\n30,0,", file);
    fclose(file);
    RUN_WELL(t, TRAIN, "--resume", "kept", "-opart", "--history", "part.csv");
    assert_same_bytes(t, "whole", "part");
    char *a = read_history(t, "whole.csv"), *b = read_history(t, "part.csv");
    assert_string_equal(a, b);
    free(a);
    free(b);
}

static bool exists(temporary *t, const char *name)
{
    return access(temporary_path(t, name), F_OK) == 0;
}

/* Every third epoch and the last, each in a file of its own, from which the
   training ends as it did. */
static void test_checkpoints_of_epochs(void **state)
{
    static const char *const kept[] = {"k-3.st", "k-6.st", "k-7.st"};
    static const char *const left_out[] = {"k-1.st", "k-2.st", "k-4.st",
                                           "k-5.st", "k-%e.st"};
    temporary *t = *state;
    RUN_WELL(t, TRAIN, "-e7", "--net", TRAINED_NET, "-owhole", "--checkpoint",
             "k-%e.st", "--checkpoint-every", "3");
    for (size_t i = 0; i < 5; i++)
        assert_false(exists(t, left_out[i]));
    for (size_t i = 0; i < 3; i++) {
        RUN_WELL(t, TRAIN, "--resume", kept[i], "-opart", "--checkpoint",
                 "again-%e");
        assert_same_bytes(t, "whole", "part");
    }
    for (size_t e = 1; e <= 7; e++) {
        char name[16];
        snprintf(name, sizeof name, "again-%zu", e);
        assert_int_equal(exists(t, name), e > 3);
    }
    /* What --resume names is no pattern. */
    assert_int_equal(
        rename(temporary_path(t, "k-3.st"), temporary_path(t, "odd-%e")), 0);
    RUN_WELL(t, TRAIN, "--resume", "odd-%e", "-opart");
    assert_same_bytes(t, "whole", "part");
    assert_false(exists(t, "odd-7"));
}

/* The last checkpoint is of the best epoch; what goes on from it finds that
   none after it was better. */
static void test_checkpoint_of_the_best(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    char stands[40];
    size_t best, last;
    RUN(&p, TRAIN, "-e12", "--net", TRAINED_NET, "-owhole", "--lr", "0.03",
        "--save-best", "--validation-split", "0.25", "--checkpoint", "best");
    assert_int_equal(p.status, 0);
    assert_int_equal(sscanf(p.out,
                            "best epoch %zu of %zu; its weights are kept",
                            &best, &last),
                     2);
    assert_int_equal(last, 12);
    assert_in_range(best, 1, 11);
    program_forget(&p);
    RUN(&p, "info", "best");
    snprintf(stands, sizeof stands, "  stands   %zu of 12 epochs done\n", best);
    assert_non_null(strstr(p.out, stands));
    program_forget(&p);
    RUN_WELL(t, TRAIN, "--resume", "best", "-opart");
    assert_same_bytes(t, "whole", "part");
    /* As a script has it, which tells all options again; what was looked at has
       two names. */
    RUN_WELL(t, TRAIN, "-e12", "--net", TRAINED_NET, "-opart", "--lr", "0.03",
             "--save-best", "--validation-split", "0.25", "--checkpoint",
             "best", "--resume", "best", "--monitor", "val_loss");
    assert_same_bytes(t, "whole", "part");
}

static void check_killed(temporary *t, const char *const *options)
{
    const char *words[WORDS];
    program p = {.folder = temporary_folder(t)};
    size_t count = ADD(words, 0, TRAIN, "-e30", "--net", TRAINED_NET, "--lr",
                       "0.01", "--validation-split", "0.2");
    count = add(words, count, options);
    ADD(words, count, "-owhole");
    run_well(t, words);
    ADD(words, count, "-opart", "--checkpoint", "kept");
    unlink(temporary_path(t, "kept"));
    int process = program_start(&p, words);
    program_await(process, "\nepoch 8/");
    kill(process, SIGKILL);
    program_wait(&p, process);
    program_forget(&p);
    RUN_WELL(t, TRAIN, "--resume", "kept", "-opart");
    assert_same_bytes(t, "whole", "part");
}

static void test_killed_between_checkpoints(void **state)
{
    check_killed(*state, (const char *const[]){"--checkpoint-every", "3",
                                               "--checkpoint", "kept",
                                               "--lr-plateau", "1", NULL});
    check_killed(*state,
                 (const char *const[]){"--save-best", "--monitor", "val_acc",
                                       "--clip-norm", "0.1", NULL});
}

static void test_stopped_with_a_name_for_each_epoch(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    int process = program_start(
        &p, (const char *const[]){TRAIN, "--net", TRAINED_NET, "--epochs",
                                  "1000000", "--checkpoint", "at %e",
                                  "--checkpoint-every", "500000", NULL});
    program_await(process, "\nepoch 2/");
    assert_int_equal(kill(process, SIGTERM), 0);
    program_wait(&p, process);
    assert_int_equal(p.status, 128 + SIGTERM);
    const char *last = strstr(p.err, "mnist: stopped by ");
    assert_non_null(last);
    size_t epoch;
    assert_int_equal(
        sscanf(last, "mnist: stopped by SIGTERM in epoch %zu/", &epoch), 1);
    char name[40], command[160];
    snprintf(name, sizeof name, "at %zu", epoch);
    snprintf(command, sizeof command,
             "mnist train --resume '%s' --checkpoint 'at %%e' "
             "--checkpoint-every 500000 --data data\n",
             name);
    assert_string_equal(strstr(last, "mnist train "), command);
    assert_true(exists(t, name));
    program_forget(&p);
}

static char *history_of_two(temporary *t, const char *format, bool stopped)
{
    char name[32];
    snprintf(name, sizeof name, "%s.%s", stopped ? "part" : "whole", format);
    unlink(temporary_path(t, name));
    RUN_WELL(t, TRAIN, "--net", TRAINED_NET, "-e4", "-oone", "--history", name);
    if (!stopped) {
        RUN_WELL(t, TRAIN, "--net", TRAINED_NET, "-e6", "--seed", "2", "-otwo",
                 "--history", name, "--append");
        return read_history(t, name);
    }
    RUN_WELL(t, TRAIN, "--net", TRAINED_NET, "-e2", "--seed", "2", "-otwo",
             "--history", name, "--append", "--checkpoint", "two.c");
    /* Without its history for once; and rows of epochs that are done again. */
    RUN_WELL(t, TRAIN, "--resume", "two.c", "-otwo", "-e3", "--checkpoint",
             "three.c");
    RUN_WELL(t, TRAIN, "--resume", "two.c", "-otwo", "-e5", "--history", name,
             "--checkpoint", "five.c");
    RUN_WELL(t, TRAIN, "--resume", "two.c", "-otwo", "-e6", "--history", name);
    RUN_WELL(t, TRAIN, "--resume", "three.c", "-otwo", "-e6", "--history",
             name);
    return read_history(t, name);
}

/* Rows of a training before stay, whatever becomes of this one. */
static void test_appended_history(void **state)
{
    static const char *const formats[] = {"csv", "jsonl"};
    temporary *t = *state;
    for (size_t i = 0; i < 2; i++) {
        char *whole = history_of_two(t, formats[i], false);
        char *part = history_of_two(t, formats[i], true);
        assert_int_equal(count_lines(whole), 10 + (i == 0));
        if (i == 0)
            assert_string_equal(whole, part);
        else
            assert_int_equal(count_lines(part), 10);
        free(whole);
        free(part);
    }
}

/* The file of --out stays as it was, and the line tells the whole command. */
static void assert_stops(temporary *t, int number, const char *out,
                         const char *command)
{
    size_t length;
    program p = {.folder = temporary_folder(t)};
    temporary_write(t, out, "old", 3);
    int process = program_start(
        &p, (const char *const[]){TRAIN, "--net", TRAINED_NET, "--epochs",
                                  "1000000", "--out", out, NULL});
    program_await(process, "\nepoch 2/");
    assert_int_equal(kill(process, number), 0);
    program_wait(&p, process);
    assert_int_equal(p.status, 128 + number);
    const char *last = strstr(p.err, "mnist: stopped by ");
    assert_non_null(last);
    assert_int_equal(count_lines(last), 1);
    assert_string_equal(strstr(last, "mnist train "), command);
    program_forget(&p);
    char *bytes = temporary_read(temporary_path(t, out), &length);
    assert_string_equal(bytes, "old");
    free(bytes);
}

static void test_stopped(void **state)
{
    temporary *t = *state;
    assert_stops(t, SIGINT, "mnist.safetensors",
                 "mnist train --resume mnist.checkpoint.safetensors --data "
                 "data\n");
    assert_stops(t, SIGTERM, "it's",
                 "mnist train --resume 'it'\\''s.checkpoint' --data data\n");
    assert_stops(t, SIGTERM, "data/.x.y",
                 "mnist train --resume data/.x.checkpoint.y --data data\n");
}

static void test_stopped_tells_json(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    int process = program_start(
        &p, (const char *const[]){"train", "-d", "data", "--net", TRAINED_NET,
                                  "--epochs", "1000000", "--json", "-oj",
                                  "--history", "j.jsonl", NULL});
    while (access(temporary_path(t, "j.jsonl"), F_OK) != 0)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    for (size_t length = 0; length == 0;) {
        free(temporary_read(temporary_path(t, "j.jsonl"), &length));
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    assert_int_equal(kill(process, SIGINT), 0);
    program_wait(&p, process);
    assert_int_equal(p.status, 128 + SIGINT);
    assert_true(json_lines_are_valid(p.out));
    const char *stopped = strstr(p.out, "\"event\":\"stopped\"");
    assert_non_null(stopped);
    assert_non_null(strstr(stopped, "\"checkpoint\":\"j.checkpoint\""));
    assert_true(json_number(stopped, "epoch") >= 1);
    program_forget(&p);
}

static void test_more_epochs(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN_WELL(t, TRAIN, "--net", TRAINED_NET, "-e5", "-b50", "-ofive", "--limit",
             "300", "--validation-split", "0.5");
    trained_checkpoint(t);
    RUN(&p, TRAIN, "--resume", "g.checkpoint.st", "--epochs", "5");
    assert_int_equal(p.status, 0);
    assert_non_null(strstr(p.err, "150 images to train on, 150 to validate"));
    assert_non_null(strstr(p.err, "g.checkpoint.st: 2 of 5 epochs are done"));
    assert_non_null(strstr(p.out, "wrote g.st\n"));
    assert_same_bytes(t, "five", "g.st");
    program_forget(&p);
    /* It goes on being kept in the same file. */
    RUN(&p, "info", "g.checkpoint.st");
    assert_int_equal(p.status, 0);
    assert_non_null(strstr(p.out, "kind     checkpoint"));
    assert_non_null(strstr(p.out, "5 of 5 epochs done"));
    assert_null(strstr(p.out, "checkpoint_"));
    program_forget(&p);
    RUN(&p, "info", "--json", "g.checkpoint.st");
    assert_true(json_lines_are_valid(p.out));
    assert_non_null(strstr(p.out, "\"kind\":\"checkpoint\""));
    assert_true(json_number(p.out, "epochs_done") == 5);
    assert_true(json_number(p.out, "batches_done") == 0);
    program_forget(&p);
}

/* Nothing is left to do but to write the weights. */
static void test_all_epochs_done(void **state)
{
    temporary *t = *state;
    trained_checkpoint(t);
    RUN_WELL(t, TRAIN, "--resume", "g.checkpoint.st", "--out", "again");
    assert_same_bytes(t, "g.st", "again");
}

static void test_use_of_a_checkpoint(void **state)
{
    temporary *t = *state;
    program a = {.folder = temporary_folder(t)}, b = a;
    trained_checkpoint(t);
    RUN(&a, "eval", "-d", "data", "g.st");
    RUN(&b, "eval", "-d", "data", "g.checkpoint.st");
    assert_int_equal(b.status, 0);
    assert_string_equal(a.out, b.out);
    program_forget(&a);
    program_forget(&b);
    RUN(&a, "predict", "-w", "g.checkpoint.st", DATA_TEST_IMAGES);
    assert_int_equal(a.status, 0);
    program_forget(&a);
    RUN_WELL(t, TRAIN, "--init", "g.checkpoint.st", "-e1", "-oi");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stopped_often),
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_checkpoints_of_epochs),
        cmocka_unit_test(test_checkpoint_of_the_best),
        cmocka_unit_test(test_killed_between_checkpoints),
        cmocka_unit_test(test_stopped_with_a_name_for_each_epoch),
        cmocka_unit_test(test_appended_history),
        cmocka_unit_test(test_stopped),
        cmocka_unit_test(test_stopped_tells_json),
        cmocka_unit_test(test_more_epochs),
        cmocka_unit_test(test_all_epochs_done),
        cmocka_unit_test(test_use_of_a_checkpoint),
    };
    return cmocka_run_group_tests(tests, trained_setup, temporary_teardown);
}
