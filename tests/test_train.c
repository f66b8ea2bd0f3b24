/* Training: golden trajectories, the same bytes everywhere, and how it ends. */
#include <mnist/train.h>

#include "golden/training.h"
#include "support/compare.h"
#include "support/networks.h"
#include "support/sets.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---------------------------------------------------------------- golden */

enum {
    COUNT = golden_train_count,
    ROWS = golden_train_rows,
    COLS = golden_train_cols,
    EPOCHS = golden_train_epochs,
    STEPS = golden_train_steps
};

/* Ten steps in float32 against float64. */
#define CLOSE 5e-6

typedef struct trajectory {
    const golden_training *golden;
    size_t calls;
} trajectory;

static int check_step(const mnist_progress *p, void *user)
{
    trajectory *t = user;
    const golden_training *g = t->golden;
    assert_int_equal(p->epoch, 1 + t->calls / STEPS);
    assert_int_equal(p->epochs, EPOCHS);
    assert_int_equal(p->step, 1 + t->calls % STEPS);
    assert_int_equal(p->steps, STEPS);
    assert_true(p->seconds >= 0);
    assert_near("loss", p->loss, g->loss[t->calls], CLOSE, 0);
    assert_near("cross-entropy", p->cross_entropy, g->cross_entropy[t->calls],
                CLOSE, 0);
    assert_near("accuracy", p->accuracy, g->accuracy[t->calls], 1e-15, 0);
    t->calls++;
    return 0;
}

static void check_golden(const golden_training *g, unsigned threads)
{
    mnist_network *net =
        make_network(g->line, ROWS, COLS, golden_train_scale, 0);
    for (size_t i = 0; g->tensors[i].name; i++)
        memcpy(mnist_network_tensor(net, i)->data, g->tensors[i].value,
               mnist_network_tensor(net, i)->count * sizeof(float));
    mnist_dataset data = borrow_dataset(golden_train_pixels,
                                        golden_train_labels, COUNT, ROWS, COLS);
    trajectory t = {g, 0};
    mnist_progress last;
    const mnist_train_options options = {
        .epochs = EPOCHS,
        .batch = golden_train_batch,
        .rmsprop = {g->lr, g->rho, g->momentum, g->epsilon, 0},
        .threads = threads,
        .callback = check_step,
        .user = &t,
    };
    assert_int_equal(mnist_train(net, &data, &options, &last, NULL), MNIST_OK);
    assert_int_equal(t.calls, EPOCHS * STEPS);
    assert_int_equal(last.epoch, EPOCHS);
    assert_int_equal(last.step, STEPS);
    assert_near("last", last.loss, g->loss[t.calls - 1], CLOSE, 0);
    for (size_t i = 0; g->tensors[i].name; i++) {
        const mnist_tensor *tensor = mnist_network_tensor(net, i);
        char what[80];
        snprintf(what, sizeof what, "%s: %s", g->name, tensor->name);
        assert_close(what, tensor->data, g->tensors[i].after, tensor->count, 0,
                     CLOSE *
                         largest_magnitude(g->tensors[i].after, tensor->count));
    }
    mnist_network_free(net);
}

static void ten_steps_equal_golden(void **state)
{
    (void)state;
    for (size_t set = 0; use_kernel_set(set); set++)
        for (size_t i = 0; i < 2; i++)
            for (unsigned threads = 1; threads <= 3; threads++)
                check_golden(&golden_trainings[i], threads);
}

static void defaults_are_those_of_the_tutorial(void **state)
{
    (void)state;
    mnist_train_options options = mnist_train_defaults();
    assert_int_equal(options.epochs, 5);
    assert_int_equal(options.batch, 128);
    assert_true(options.rmsprop.lr == 0.001 && options.rmsprop.rho == 0.9);
    assert_true(options.rmsprop.momentum == 0);
    assert_true(options.rmsprop.epsilon == 1e-7);
    assert_int_equal(options.seed, 0);
    assert_int_equal(options.threads, 0);
    assert_true(options.shuffle);
    assert_null(options.callback);
}

/* ------------------------------------------------------------ same bytes */

typedef struct job {
    const char *line;
    float scale;
    mnist_dataset data;
    mnist_train_options options;
} job;

/* Images that divide by nothing in use, and widths beyond every tile. */
static job make_job(void)
{
    job j = {"dense:71:relu:l1=0.0001,dense:33:softmax:l2=0.001,"
             "dense:10:softmax",
             255, make_dataset(301, 13, 11, 10, 1), mnist_train_defaults()};
    j.options.epochs = 2;
    j.options.batch = 37;
    j.options.seed = 5;
    return j;
}

/* A network after the job; release it. */
static mnist_network *run_job(const job *j, mnist_progress *last)
{
    mnist_network *net =
        make_network(j->line, j->data.rows, j->data.cols, j->scale, 2);
    mnist_error err = {.status = MNIST_OK};
    if (mnist_train(net, &j->data, &j->options, last, &err))
        fail_msg("%s", err.message);
    return net;
}

static void bytes_do_not_depend_on_sets_or_threads(void **state)
{
    (void)state;
    const unsigned threads[] = {1, 2, 3, 8};
    job j = make_job();
    for (size_t momentum = 0; momentum < 2; momentum++) {
        const char *name;
        mnist_network *first = NULL;
        mnist_progress a, b;
        j.options.rmsprop.momentum = momentum ? 0.5 : 0;
        for (size_t set = 0; (name = use_kernel_set(set)); set++)
            for (size_t i = 0; i < 4; i++) {
                char what[80];
                j.options.threads = threads[i];
                mnist_network *net = run_job(&j, &b);
                if (!first) {
                    first = net;
                    a = b;
                    continue;
                }
                snprintf(what, sizeof what, "%s, %u threads", name, threads[i]);
                assert_same_parameters(what, net, first);
                assert_true(a.loss == b.loss && a.accuracy == b.accuracy);
                assert_true(a.cross_entropy == b.cross_entropy);
                mnist_network_free(net);
            }
        mnist_network_free(first);
    }
    release_dataset(&j.data);
}

static int same_first_kernel(const mnist_network *a, const mnist_network *b)
{
    const mnist_tensor *t = mnist_network_tensor(a, 0);
    return memcmp(t->data, mnist_network_tensor(b, 0)->data,
                  t->count * sizeof(float)) == 0;
}

static void order_comes_from_the_seed(void **state)
{
    (void)state;
    job j = make_job();
    mnist_network *five = run_job(&j, NULL), *again = run_job(&j, NULL);
    assert_same_parameters("again", again, five);
    j.options.seed = 6;
    mnist_network *six = run_job(&j, NULL);
    assert_false(same_first_kernel(five, six));
    j.options.shuffle = 0;
    mnist_network *plain = run_job(&j, NULL);
    assert_false(same_first_kernel(plain, six));
    j.options.seed = 7; /* without shuffling the seed has nothing to say */
    mnist_network *plain_too = run_job(&j, NULL);
    assert_same_parameters("no shuffle", plain_too, plain);
    mnist_network_free(five);
    mnist_network_free(again);
    mnist_network_free(six);
    mnist_network_free(plain);
    mnist_network_free(plain_too);
    release_dataset(&j.data);
}

/* One batch of everything: its order may change rounding, and no more. */
static void a_batch_may_be_larger_than_the_data(void **state)
{
    (void)state;
    job j = make_job();
    mnist_progress exact, more;
    j.options.shuffle = 0;
    j.options.batch = j.data.count;
    mnist_network *a = run_job(&j, &exact);
    j.options.batch = SIZE_MAX;
    mnist_network *b = run_job(&j, &more);
    assert_same_parameters("larger", b, a);
    assert_int_equal(more.steps, 1);
    assert_true(more.loss == exact.loss);
    mnist_network_free(a);
    mnist_network_free(b);
    release_dataset(&j.data);
}

static void it_learns(void **state)
{
    (void)state;
    job j = make_job();
    mnist_progress last;
    j.line = "dense:32:relu,dense:10:softmax";
    j.options.epochs = 40;
    mnist_network_free(run_job(&j, &last));
    assert_true(last.accuracy > 0.95);
    assert_true(last.cross_entropy < 0.5);
    assert_true(last.loss == last.cross_entropy); /* no penalty */
    release_dataset(&j.data);
}

/* ---------------------------------------------------------------- ending */

static void no_epochs_change_nothing(void **state)
{
    (void)state;
    job j = make_job();
    mnist_progress last = {.epoch = 3, .loss = 1}, none = {0};
    j.options.epochs = 0;
    mnist_network *net = run_job(&j, &last);
    mnist_network *before =
        make_network(j.line, j.data.rows, j.data.cols, j.scale, 2);
    assert_same_parameters("epochs 0", net, before);
    assert_memory_equal(&last, &none, sizeof last);
    mnist_network_free(net);
    mnist_network_free(before);
    release_dataset(&j.data);
}

static int stop_at_seven(const mnist_progress *progress, void *user)
{
    size_t *calls = user;
    (void)progress;
    return ++*calls == 7;
}

static void the_callback_can_stop_it(void **state)
{
    (void)state;
    job j = make_job();
    size_t calls = 0;
    mnist_progress last;
    mnist_error err = {.status = MNIST_OK};
    mnist_network *net =
        make_network(j.line, j.data.rows, j.data.cols, j.scale, 2);
    j.options.batch = 60; /* six steps an epoch: 301 = 5 * 60 + 1 */
    j.options.callback = stop_at_seven;
    j.options.user = &calls;
    assert_int_equal(mnist_train(net, &j.data, &j.options, &last, &err),
                     MNIST_ERROR_STOPPED);
    assert_int_equal(err.status, MNIST_ERROR_STOPPED);
    assert_int_equal(calls, 7);
    assert_int_equal(last.epoch, 2);
    assert_int_equal(last.step, 1);
    assert_int_equal(last.steps, 6);
    mnist_network_free(net);
    release_dataset(&j.data);
}

static int keep_parameters(const mnist_progress *progress, void *user)
{
    (void)progress;
    const mnist_network *const *nets = user;
    const mnist_tensor *t;
    for (size_t i = 0; (t = mnist_network_tensor(nets[0], i)); i++)
        memcpy(mnist_network_tensor(nets[1], i)->data, t->data,
               t->count * sizeof(float));
    return 0;
}

/* huge: a first parameter at which the first batch already overflows. */
static void check_divergence(double lr, float scale, float huge, size_t batch)
{
    job j = make_job();
    mnist_progress last;
    mnist_error err = {.status = MNIST_OK};
    j.line = "dense:16:relu,dense:10:softmax";
    mnist_network *net = make_network(j.line, 13, 11, scale, 2);
    mnist_network *copy = make_network(j.line, 13, 11, scale, 2);
    mnist_network_tensor(net, 2)->data[0] = huge;
    mnist_network_tensor(copy, 2)->data[0] = huge;
    mnist_network *nets[] = {net, copy};
    j.options.rmsprop.lr = lr;
    j.options.callback = keep_parameters;
    j.options.user = nets;
    assert_int_equal(mnist_train(net, &j.data, &j.options, &last, &err),
                     MNIST_ERROR_DIVERGED);
    assert_int_equal(err.status, MNIST_ERROR_DIVERGED);
    assert_true(!isfinite(last.loss));
    assert_int_equal(last.epoch, 1);
    assert_int_equal(last.step, batch);
    /* No update was made for the batch that went wrong, and the message says
       which that was. */
    assert_same_parameters("kept", net, copy);
    char words[64];
    snprintf(words, sizeof words, "epoch 1, batch %zu of 9", last.step);
    assert_non_null(strstr(err.message, words));
    mnist_network_free(net);
    mnist_network_free(copy);
    release_dataset(&j.data);
}

static void divergence_is_seen_before_the_update(void **state)
{
    (void)state;
    check_divergence(1e30, 255, 0, 2);
    check_divergence(1e20, 1, 0, 2);
    check_divergence(0.001, 0x1p-20f, 3e38f, 1);
}

static void check_refused(const job *j, mnist_status want, const char *word)
{
    mnist_network *net = make_network(j->line, 13, 11, j->scale, 2);
    mnist_network *before = make_network(j->line, 13, 11, j->scale, 2);
    mnist_progress last = {.epoch = 9};
    mnist_error err = {.status = MNIST_OK};
    assert_int_equal(mnist_train(net, &j->data, &j->options, &last, &err),
                     want);
    assert_int_equal(err.status, want);
    if (!strstr(err.message, word))
        fail_msg("\"%s\" lacks \"%s\"", err.message, word);
    assert_same_parameters("refused", net, before);
    mnist_network_free(net);
    mnist_network_free(before);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    job good = make_job(), j = good;
    uint8_t labels[301];
    j.options.batch = 0;
    check_refused(&j, MNIST_ERROR_ARGUMENT, "batch 0");
    j = good;
    j.options.rmsprop.lr = 0;
    check_refused(&j, MNIST_ERROR_ARGUMENT, "learning rate");
    j = good;
    j.data.labels = NULL;
    check_refused(&j, MNIST_ERROR_DATA, "labels");
    j = good;
    j.data.rows = 11;
    j.data.cols = 13;
    check_refused(&j, MNIST_ERROR_DATA, "11x13");
    j = good;
    memcpy(labels, good.data.labels, sizeof labels);
    labels[300] = 10;
    j.data.labels = labels;
    check_refused(&j, MNIST_ERROR_DATA, "label 10 of image 300");
    release_dataset(&good.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_steps_equal_golden),
        cmocka_unit_test(defaults_are_those_of_the_tutorial),
        cmocka_unit_test(bytes_do_not_depend_on_sets_or_threads),
        cmocka_unit_test(order_comes_from_the_seed),
        cmocka_unit_test(a_batch_may_be_larger_than_the_data),
        cmocka_unit_test(it_learns),
        cmocka_unit_test(no_epochs_change_nothing),
        cmocka_unit_test(the_callback_can_stop_it),
        cmocka_unit_test(divergence_is_seen_before_the_update),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
