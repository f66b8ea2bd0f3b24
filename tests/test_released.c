/*
 * What a version of this program wrote, every later one of the same first
 * number reads. tests/released holds, of each format that was ever written, the
 * weights after three epochs on data/digits-100 and the checkpoint after the
 * first. Nothing there is ever written again; a new format gets files of its
 * own:
 *
 *     mnist train --net avgpool:7x7,dense:6:tanh,dropout:0.1,dense:10:softmax \
 *         --batch 16 --lr 0.01 --momentum 0.5 --seed 7 --epochs 3
 */
#include "support/json.h"
#include "support/program.h"
#include "support/temporary.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RELEASED MNIST_TEST_DIR "/released/"
#define DIGITS   MNIST_TEST_DIR "/../data/digits-100-"

/* Copies a file of the repository into the folder. */
static void bring(temporary *t, const char *from, const char *name)
{
    size_t length;
    void *bytes = temporary_read(from, &length);
    temporary_write(t, name, bytes, length);
    free(bytes);
}

static double loss_of(temporary *t, const char *weights)
{
    program p = {.folder = temporary_folder(t)};
    RUN(&p, "eval", weights, "--json", "--images", DIGITS "images-idx3-ubyte",
        "--labels", DIGITS "labels-idx1-ubyte");
    assert_int_equal(p.status, 0);
    double loss = json_number(p.out, "loss");
    program_forget(&p);
    return loss;
}

static void test_weights(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    assert_true(fabs(loss_of(t, RELEASED "1-weights") - 2.05111447334) < 1e-6);
    RUN(&p, "info", RELEASED "1-weights");
    assert_int_equal(p.status, 0);
    assert_non_null(strstr(p.out, "momentum          0.5"));
    program_forget(&p);
}

static void test_checkpoint(void **state)
{
    temporary *t = *state;
    program p = {.folder = temporary_folder(t)};
    temporary_mkdir(t, "data");
    bring(t, DIGITS "images-idx3-ubyte", "data/train-images-idx3-ubyte");
    bring(t, DIGITS "labels-idx1-ubyte", "data/train-labels-idx1-ubyte");
    bring(t, RELEASED "1-checkpoint", "checkpoint");
    RUN(&p, "train", "--resume", "checkpoint", "--data", "data", "--epochs",
        "3", "--out", "weights");
    if (p.status != 0)
        fail_msg("%s", p.err);
    program_forget(&p);
    /* Arithmetic may be another since, so not to the last bit. */
    double loss = loss_of(t, "weights"),
           then = loss_of(t, RELEASED "1-weights");
    assert_true(fabs(loss - then) < 1e-4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_weights, temporary_setup,
                                        temporary_teardown),
        cmocka_unit_test_setup_teardown(test_checkpoint, temporary_setup,
                                        temporary_teardown),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    printf("reliability: released-files: 2 cases, %d failures\n", failed);
    return failed;
}
