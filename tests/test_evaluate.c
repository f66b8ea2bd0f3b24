/* Evaluation and prediction against golden figures and by hand. */
#include <mnist/evaluate.h>
#include <mnist/loss.h>

#include "golden/training.h"
#include "support/compare.h"
#include "support/networks.h"
#include "support/sets.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum {
    COUNT = golden_train_count,
    CLASSES = golden_train_classes,
    ROWS = golden_train_rows,
    COLS = golden_train_cols
};

static mnist_dataset golden_data(void)
{
    return borrow_dataset(golden_train_pixels, golden_train_labels, COUNT, ROWS,
                          COLS);
}

static mnist_network *golden_net(const golden_training *g)
{
    mnist_network *net =
        make_network(g->line, ROWS, COLS, golden_train_scale, 0);
    for (size_t i = 0; g->tensors[i].name; i++)
        memcpy(mnist_network_tensor(net, i)->data, g->tensors[i].value,
               mnist_network_tensor(net, i)->count * sizeof(float));
    return net;
}

static mnist_workspace *new_workspace(mnist_network *net, size_t batch)
{
    mnist_workspace *ws = NULL;
    assert_int_equal(mnist_workspace_new(&ws, net, batch, 2, 0, NULL),
                     MNIST_OK);
    return ws;
}

static void check_golden(const golden_training *g, size_t batch)
{
    mnist_network *net = golden_net(g);
    mnist_workspace *ws = new_workspace(net, batch);
    mnist_dataset data = golden_data();
    mnist_evaluation e;
    size_t confusion[CLASSES * CLASSES], right = 0;
    memset(confusion, 0x55, sizeof confusion);
    assert_int_equal(mnist_evaluate(ws, &data, &e, confusion, NULL), MNIST_OK);
    assert_int_equal(e.count, COUNT);
    assert_near("loss", e.loss, g->eval_loss, 1e-6, 0);
    assert_near("cross-entropy", e.cross_entropy, g->eval_cross_entropy, 1e-6,
                0);
    assert_near("its error", e.loss_error, g->eval_loss_error, 1e-5, 0);
    assert_near("accuracy", e.accuracy, g->eval_accuracy, 1e-15, 0);
    assert_near("its error", e.accuracy_error,
                sqrt(g->eval_accuracy * (1 - g->eval_accuracy) / COUNT), 1e-12,
                0);
    for (size_t i = 0; i < CLASSES * CLASSES; i++)
        assert_int_equal(confusion[i], g->confusion[i]);
    for (size_t i = 0; i < CLASSES; i++)
        right += confusion[i * CLASSES + i];
    assert_int_equal(e.correct, right);

    mnist_evaluation without;
    assert_int_equal(mnist_evaluate(ws, &data, &without, NULL, NULL), MNIST_OK);
    assert_memory_equal(&without, &e, sizeof e);
    mnist_workspace_free(ws);
    mnist_network_free(net);
}

static void evaluation_equals_golden(void **state)
{
    (void)state;
    const size_t batches[] = {1, 2, 5, 22, 23, 24, 100};
    for (size_t set = 0; use_kernel_set(set); set++)
        for (size_t i = 0; i < 2; i++)
            for (size_t b = 0; b < sizeof batches / sizeof *batches; b++)
                check_golden(&golden_trainings[i], batches[b]);
}

/* All weights 0: every probability is the same, and class 0 is predicted. */
static void of_equal_outputs_the_first_counts(void **state)
{
    (void)state;
    mnist_network *net = NULL;
    assert_int_equal(
        mnist_network_new(&net, "dense:3:softmax", ROWS, COLS, 255, NULL),
        MNIST_OK);
    mnist_workspace *ws = new_workspace(net, 10);
    mnist_dataset data = golden_data();
    mnist_evaluation e;
    size_t confusion[CLASSES * CLASSES], zeros = 0;
    for (size_t i = 0; i < COUNT; i++)
        zeros += data.labels[i] == 0;
    assert_int_equal(mnist_evaluate(ws, &data, &e, confusion, NULL), MNIST_OK);
    assert_int_equal(e.correct, zeros);
    for (size_t i = 0; i < CLASSES; i++)
        for (size_t j = 1; j < CLASSES; j++)
            assert_int_equal(confusion[i * CLASSES + j], 0);
    assert_near("cross-entropy", e.cross_entropy, log(3), 1e-7, 0);
    /* No spread at all, but for what the mean's own rounding leaves. */
    assert_near("its error", e.loss_error, 0, 0, 1e-7);
    mnist_workspace_free(ws);
    mnist_network_free(net);
}

static void one_image_has_no_spread(void **state)
{
    (void)state;
    mnist_network *net = golden_net(&golden_trainings[0]);
    mnist_workspace *ws = new_workspace(net, 4);
    mnist_dataset data = golden_data();
    mnist_dataset one = mnist_dataset_slice(&data, 7, 1);
    mnist_evaluation e;
    assert_int_equal(mnist_evaluate(ws, &one, &e, NULL, NULL), MNIST_OK);
    assert_int_equal(e.count, 1);
    assert_true(e.loss_error == 0 && e.accuracy_error == 0);
    assert_true(isfinite(e.loss));
    mnist_workspace_free(ws);
    mnist_network_free(net);
}

static void predictions_are_softmax_of_the_logits(void **state)
{
    (void)state;
    mnist_network *net = golden_net(&golden_trainings[1]);
    mnist_dataset data = golden_data();
    float all[COUNT * CLASSES], part[COUNT * CLASSES + 2];
    mnist_workspace *ws = new_workspace(net, COUNT);
    const mnist_batch batch = {&data, NULL, COUNT};
    mnist_softmax(mnist_network_forward(ws, &batch), COUNT, CLASSES, all);
    mnist_workspace_free(ws);

    ws = new_workspace(net, 4);
    data.labels = NULL; /* predictions need none */
    for (size_t first = 0; first < COUNT; first++)
        for (size_t count = 0; first + count <= COUNT; count += 3) {
            part[0] = part[count * CLASSES + 1] = -7;
            assert_int_equal(
                mnist_predict(ws, &data, first, count, part + 1, NULL),
                MNIST_OK);
            assert_same_floats("probabilities", part + 1, all + first * CLASSES,
                               count * CLASSES);
            assert_true(part[0] == -7 && part[count * CLASSES + 1] == -7);
        }
    for (size_t n = 0; n < COUNT; n++) {
        double sum = 0;
        for (size_t k = 0; k < CLASSES; k++)
            sum += (double)all[n * CLASSES + k];
        assert_near("sum", sum, 1, 2e-7, 0);
    }
    mnist_workspace_free(ws);
    mnist_network_free(net);
}

static void check_misfit(mnist_workspace *ws, const mnist_dataset *data,
                         const char *word, const char *other)
{
    mnist_evaluation e = {.count = 77};
    mnist_error err = {.status = MNIST_OK};
    assert_int_equal(mnist_evaluate(ws, data, &e, NULL, &err),
                     MNIST_ERROR_DATA);
    assert_int_equal(err.status, MNIST_ERROR_DATA);
    if (!strstr(err.message, word) || !strstr(err.message, other))
        fail_msg("\"%s\" lacks \"%s\" or \"%s\"", err.message, word, other);
    assert_int_equal(e.count, 77);
    assert_int_equal(mnist_evaluate(ws, data, &e, NULL, NULL),
                     MNIST_ERROR_DATA);
}

static void data_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    mnist_network *net = golden_net(&golden_trainings[0]);
    mnist_workspace *ws = new_workspace(net, 4);
    float p[CLASSES];
    uint8_t labels[COUNT];
    memcpy(labels, golden_train_labels, sizeof labels);

    mnist_dataset data = golden_data();
    assert_int_equal(mnist_network_fits(net, &data, NULL), MNIST_OK);
    data.labels = NULL;
    assert_int_equal(mnist_network_fits(net, &data, NULL), MNIST_OK);
    check_misfit(ws, &data, "labels", "pictures");

    data = golden_data();
    data.rows = COLS; /* 7x5 are as many pixels as 5x7 */
    data.cols = ROWS;
    check_misfit(ws, &data, "7x5", "5x7");
    assert_int_equal(mnist_network_fits(net, &data, NULL), MNIST_ERROR_DATA);
    assert_int_equal(mnist_predict(ws, &data, 0, 1, p, NULL), MNIST_ERROR_DATA);

    data = golden_data();
    data.labels = labels;
    const size_t places[] = {0, COUNT / 2, COUNT - 1};
    const char *const names[] = {"image 0", "image 11", "image 22"};
    for (size_t i = 0; i < 3; i++) {
        labels[places[i]] = CLASSES;
        check_misfit(ws, &data, "label 3", names[i]);
        labels[places[i]] = 255;
        check_misfit(ws, &data, "label 255", names[i]);
        /* Labels do not matter to a prediction. */
        assert_int_equal(mnist_predict(ws, &data, 0, 1, p, NULL), MNIST_OK);
        labels[places[i]] = golden_train_labels[places[i]];
    }
    labels[4] = labels[9] = 200; /* the first is named */
    check_misfit(ws, &data, "label 200", "image 4;");
    mnist_workspace_free(ws);
    mnist_network_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evaluation_equals_golden),
        cmocka_unit_test(of_equal_outputs_the_first_counts),
        cmocka_unit_test(one_image_has_no_spread),
        cmocka_unit_test(predictions_are_softmax_of_the_logits),
        cmocka_unit_test(data_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
