/* What cannot be gone on with: other options, other data, other files. */
#include "support/program.h"
#include "support/trained.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#define TRAIN  "train", "--data", "data", "--verbose", "2"
#define RESUME TRAIN, "--resume", "g.checkpoint.st"

/* What was asked for may be what is so, and nothing else. */
static void test_other_options(void **state)
{
    static const char *const same[][2] = {
        {"--batch", "50"},      {"--lr", "0.001"},
        {"--limit", "300"},     {"--validation-split", "0.5"},
        {"--net", TRAINED_NET},
    };
    static const struct {
        const char *words[2], *asked, *has;
    } others[] = {
        {{"--batch", "40"}, "--batch 40", "--batch 50"},
        {{"--lr", "0.1"}, "--lr 0.1", "--lr 0.001"},
        {{"--rho", "0.5"}, "--rho 0.5", "--rho 0.9"},
        {{"--momentum", "0.5"}, "--momentum 0.5", "--momentum 0"},
        {{"--epsilon", "1"}, "--epsilon 1", "--epsilon 1e-07"},
        {{"--centered"}, "--centered", "no --centered"},
        {{"--clip-norm", "2"}, "--clip-norm 2", "--clip-norm 0"},
        {{"--lr-schedule", "step"},
         "--lr-schedule step",
         "--lr-schedule constant"},
        {{"--lr-step", "3"}, "--lr-step 3", "--lr-step 10"},
        {{"--lr-gamma", "0.5"}, "--lr-gamma 0.5", "--lr-gamma 0.1"},
        {{"--lr-plateau", "3"}, "--lr-plateau 3", "--lr-plateau 10"},
        {{"--lr-factor", "0.5"}, "--lr-factor 0.5", "--lr-factor 0.1"},
        {{"--min-lr", "1e-5"}, "--min-lr 1e-05", "--min-lr 0"},
        {{"--seed", "1"}, "--seed 1", "--seed 0"},
        {{"--no-shuffle"}, "--no-shuffle", "no --no-shuffle"},
        {{"--invert"}, "--invert", "no --invert"},
        {{"--transpose"}, "--transpose", "no --transpose"},
        {{"--patience", "3"}, "--patience 3", "--patience 0"},
        {{"--save-best"}, "--save-best", "no --save-best"},
        {{"--monitor", "acc"}, "--monitor acc", "--monitor auto"},
        {{"--min-delta", "3"}, "--min-delta 3", "--min-delta 0"},
        {{"--limit", "200"}, "--limit 200", "--limit 300"},
        {{"--validation-split", "0.2"},
         "--validation-split 0.2",
         "--validation-split 0.5"},
        {{"--net", "mlp15"}, "--net", "dense:15:relu"},
        {{"--net", "dense:1\x1b"}, "asks for dense:1?", "leave out --net"},
        {{"--scale", "1"}, "--scale asks for 1", "scale 255"},
        {{"--epochs", "1"}, "--epochs 1", "2 epochs are begun"},
        {{"--init", "g.st"}, "--init", "--resume"},
        {{"--out", "g.checkpoint.st"}, "weights", "checkpoint"},
    };
    temporary *t = *state;
    trained_checkpoint(t);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        RUN_WELL(t, RESUME, same[i][0], same[i][1]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        program p = {.folder = temporary_folder(t)};
        RUN(&p, RESUME, others[i].words[0], others[i].words[1]);
        REFUSED(&p, 2, others[i].asked, others[i].has);
        program_forget(&p);
    }
}

static void test_what_is_no_checkpoint(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    trained_checkpoint(t);
    RUN(&p, TRAIN, "--resume", "nowhere");
    REFUSED(&p, 5, "nowhere");
    program_forget(&p);
    RUN(&p, TRAIN, "--resume", "g.st");
    REFUSED(&p, 4, "g.st", "no training to go on with");
    program_forget(&p);
    RUN(&p, TRAIN, "--resume", DATA_TEST_IMAGES);
    REFUSED(&p, 4, DATA_TEST_IMAGES);
    program_forget(&p);
    size_t length;
    char *bytes = temporary_read(temporary_path(t, "g.checkpoint.st"), &length);
    bytes[length / 2] ^= 1;
    temporary_write(t, "bad", bytes, length);
    free(bytes);
    RUN(&p, TRAIN, "--resume", "bad");
    REFUSED(&p, 4, "bad");
    program_forget(&p);
}

/* The data must be those of the beginning, files for validation too. */
static void test_other_data(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN_WELL(t, "synth", "more", "--train", "400", "--test", "10", "--seed",
             "9");
    trained_checkpoint(t);
    RUN(&p, "train", "-d", "more", "--resume", "g.checkpoint.st");
    REFUSED(&p, 3, "same data");
    program_forget(&p);
    RUN_WELL(t, TRAIN, "--net", TRAINED_NET, "-e1", "-ov", "--checkpoint",
             "v.checkpoint", "--val-images", DATA_TEST_IMAGES, "--val-labels",
             DATA_TEST_LABELS);
    RUN(&p, TRAIN, "--resume", "v.checkpoint", "-e2");
    REFUSED(&p, 2, "--val-images", "100 images");
    program_forget(&p);
    RUN_WELL(t, TRAIN, "--resume", "v.checkpoint", "-e2", "--val-images",
             DATA_TEST_IMAGES, "--val-labels", DATA_TEST_LABELS);
}

/* A history that is not this training's is not touched. */
static void test_other_history(void **state)
{
    static const char *const bad[] = {
        "my diary\n",
        "epoch,loss,cross_entropy,accuracy,lr,seconds\n1,2,3,4,5,6\n",
        ("epoch,loss,cross_entropy,accuracy,val_loss,val_cross_entropy,"
         "val_accuracy,lr,seconds\nx\n"),
    };
    temporary *t = *state;
    trained_checkpoint(t);
    for (size_t i = 0; i < 3; i++) {
        program p = {.folder = temporary_folder(t)};
        size_t length;
        temporary_write(t, "other.csv", bad[i], strlen(bad[i]));
        RUN(&p, RESUME, "--history", "other.csv");
        REFUSED(&p, 2, "other.csv: line");
        program_forget(&p);
        char *text = temporary_read(temporary_path(t, "other.csv"), &length);
        assert_string_equal(text, bad[i]);
        free(text);
    }
}

/* On the way down a cosine, where the end is decides every step. */
static void test_more_epochs_of_a_cosine(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN_WELL(t, TRAIN, "--net", TRAINED_NET, "-e2", "-oc", "--checkpoint",
             "c.checkpoint", "--lr-schedule", "cosine");
    RUN(&p, TRAIN, "--resume", "c.checkpoint", "--epochs", "5");
    REFUSED(&p, 2, "--epochs 5", "--epochs 2");
    program_forget(&p);
}

/* What was not given is told as not given. */
static void test_a_limit_where_there_was_none(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    RUN_WELL(t, TRAIN, "--net", TRAINED_NET, "-e1", "-oa", "--checkpoint",
             "a.checkpoint");
    RUN(&p, TRAIN, "--resume", "a.checkpoint", "--limit", "100");
    REFUSED(&p, 2, "no --limit;", "--limit 100");
    program_forget(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_options),
        cmocka_unit_test(test_more_epochs_of_a_cosine),
        cmocka_unit_test(test_a_limit_where_there_was_none),
        cmocka_unit_test(test_what_is_no_checkpoint),
        cmocka_unit_test(test_other_data),
        cmocka_unit_test(test_other_history),
    };
    return cmocka_run_group_tests(tests, trained_setup, temporary_teardown);
}
