/* Running networks: forward and backward against golden values and central
   differences, and the same bits whatever runs beside. */
#include <mnist/loss.h>
#include <mnist/network.h>
#include <mnist/random.h>

#include "golden/networks.h"
#include "support/compare.h"
#include "support/gradcheck.h"
#include "support/networks.h"
#include "support/sets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static mnist_network *golden_net(const golden_network *g)
{
    mnist_network *net = make_network(g->line, g->rows, g->cols, g->scale, 0);
    size_t i = 0;
    for (; g->tensors[i].name; i++) {
        const mnist_tensor *t = mnist_network_tensor(net, i);
        assert_string_equal(t->name, g->tensors[i].name);
        assert_int_equal(t->dims, g->tensors[i].dims);
        for (unsigned d = 0; d < t->dims; d++)
            assert_int_equal(t->size[d], g->tensors[i].size[d]);
        memcpy(t->data, g->tensors[i].value, t->count * sizeof(float));
    }
    assert_null(mnist_network_tensor(net, i));
    return net;
}

static mnist_workspace *new_workspace(mnist_network *net, size_t batch,
                                      unsigned threads, int training)
{
    mnist_workspace *ws = NULL;
    assert_int_equal(
        mnist_workspace_new(&ws, net, batch, threads, training, NULL),
        MNIST_OK);
    return ws;
}

static const uint32_t in_order[] = {0, 1, 2};

/* Errors of float32 chains of up to 35 terms, relative to the largest value of
   an array. */
#define CLOSE 2e-6

static void check_golden(const golden_network *g, unsigned threads,
                         size_t batch_size)
{
    const size_t N = g->count, K = g->classes;
    mnist_network *net = golden_net(g);
    mnist_workspace *ws = new_workspace(net, batch_size, threads, 1);
    mnist_dataset data =
        borrow_dataset(g->pixels, g->labels, N, g->rows, g->cols);
    const mnist_batch batch = {&data, in_order, N};
    float loss[3], dlogits[3 * 5], p[3 * 5];

    const float *logits = mnist_network_forward(ws, &batch);
    assert_close(g->name, logits, g->logits, N * K, 0,
                 CLOSE * largest_magnitude(g->logits, N * K));
    mnist_softmax(logits, N, K, p);
    assert_close(g->name, p, g->probabilities, N * K, 0, CLOSE);
    mnist_softmax_cross_entropy(logits, g->labels, N, K, loss, dlogits);
    assert_close(g->name, loss, g->losses, N, CLOSE, CLOSE);
    assert_near(g->name, mnist_network_penalty(ws), g->penalty, 1e-6, 0);

    mnist_network_backward(ws, dlogits);
    for (size_t i = 0; g->tensors[i].name; i++) {
        const golden_tensor *t = &g->tensors[i];
        const size_t count = t->size[0] * t->size[1];
        char what[80];
        snprintf(what, sizeof what, "%s: gradient of %s", g->name, t->name);
        assert_close(what, mnist_workspace_gradient(ws, i), t->gradient, count,
                     0, CLOSE * largest_magnitude(t->gradient, count));
    }
    mnist_workspace_free(ws);
    mnist_network_free(net);
}

static void forward_and_backward_equal_golden(void **state)
{
    (void)state;
    const size_t nets = sizeof golden_networks / sizeof *golden_networks;
    for (size_t set = 0; use_kernel_set(set); set++)
        for (size_t i = 0; i < nets; i++)
            for (unsigned threads = 1; threads <= 4; threads++)
                /* The workspace may be larger than the batch. */
                for (size_t room = 0; room < 3; room++)
                    check_golden(&golden_networks[i], threads,
                                 golden_networks[i].count + room * 7);
}

/* What a central difference needs: the loss at the parameters as they are. */
typedef struct problem {
    mnist_workspace *ws;
    mnist_batch batch;
    float *losses, *dlogits;
} problem;

static double loss_now(void *context)
{
    const problem *p = context;
    const size_t N = p->batch.count;
    double sum = 0;
    const float *logits = mnist_network_forward(p->ws, &p->batch);
    mnist_softmax_cross_entropy(
        logits, p->batch.from->labels, N,
        mnist_network_classes(mnist_workspace_network(p->ws)), p->losses,
        p->dlogits);
    for (size_t n = 0; n < N; n++)
        sum += (double)p->losses[n];
    return sum / (double)N + mnist_network_penalty(p->ws);
}

/* About `some` elements of each tensor. */
static void check_gradients(const char *name, problem *p, size_t some,
                            double tolerance)
{
    const mnist_network *net = mnist_workspace_network(p->ws);
    const mnist_tensor *t;
    loss_now(p);
    mnist_network_backward(p->ws, p->dlogits);
    for (size_t i = 0; (t = mnist_network_tensor(net, i)); i++) {
        char what[120];
        snprintf(what, sizeof what, "%s: %s", name, t->name);
        gradcheck(what, loss_now, p, t->data,
                  mnist_workspace_gradient(p->ws, i), t->count,
                  1 + t->count / some, tolerance);
    }
}

static void gradients_equal_differences_on_golden_networks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden_networks / sizeof *golden_networks;
         i++) {
        const golden_network *g = &golden_networks[i];
        if (g->scale == 1)
            continue; /* pixels up to 255: a step moves the logits too far */
        mnist_network *net = golden_net(g);
        mnist_dataset data =
            borrow_dataset(g->pixels, g->labels, g->count, g->rows, g->cols);
        float losses[3], dlogits[3 * 5];
        problem p = {new_workspace(net, 3, 2, 1),
                     {&data, in_order, g->count},
                     losses,
                     dlogits};
        check_gradients(g->name, &p, 200, 1e-3);
        mnist_workspace_free(p.ws);
        mnist_network_free(net);
    }
}

/* Larger than any tile, without a relu, so without its corners. */
static void gradients_equal_differences_beyond_a_tile(void **state)
{
    (void)state;
    enum { N = 67, K = 10 };
    const char *line = "dense:37:l2=0.01,dense:41:softmax,"
                       "dense:10:softmax:l1=0.001";
    mnist_network *net = make_network(line, 9, 11, 255, 5);
    mnist_dataset data = make_dataset(N, 9, 11, K, 6);
    static float losses[N], dlogits[N * K];
    problem p = {
        new_workspace(net, N, 3, 1), {&data, NULL, N}, losses, dlogits};
    check_gradients("large", &p, 60, 1e-2);
    mnist_workspace_free(p.ws);
    release_dataset(&data);
    mnist_network_free(net);
}

/* An image's logits are the same bits whatever stands beside it. */
static void logits_do_not_depend_on_the_batch(void **state)
{
    (void)state;
    enum { COUNT = 50, K = 10 };
    mnist_network *net =
        make_network("dense:33:relu,dense:10:softmax", 13, 11, 255, 3);
    mnist_dataset data = make_dataset(COUNT, 13, 11, K, 4);
    static float all[COUNT * K];
    mnist_workspace *ws = new_workspace(net, COUNT, 1, 0);
    mnist_batch batch = {&data, NULL, COUNT};
    memcpy(all, mnist_network_forward(ws, &batch), sizeof all);
    mnist_workspace_free(ws);

    for (size_t set = 0; use_kernel_set(set); set++)
        for (unsigned threads = 1; threads <= 4; threads++) {
            ws = new_workspace(net, 20, threads, threads % 2);
            assert_in_range(mnist_workspace_threads(ws), 1, threads);
            assert_int_equal(mnist_workspace_batch(ws), 20);
            assert_ptr_equal(mnist_workspace_network(ws), net);
            mnist_random r = mnist_random_stream(threads, 4, set);
            for (size_t count = 1; count <= 20; count++) {
                uint32_t index[20]; /* any order, repeats included */
                for (size_t n = 0; n < count; n++)
                    index[n] = mnist_random_below(&r, COUNT);
                batch = (mnist_batch){&data, index, count};
                const float *logits = mnist_network_forward(ws, &batch);
                for (size_t n = 0; n < count; n++)
                    assert_same_floats("logits", logits + n * K,
                                       all + index[n] * K, K);
            }
            mnist_workspace_free(ws);
        }
    release_dataset(&data);
    mnist_network_free(net);
}

/* Gradients are the same bits with every set and any number of threads. */
static void gradients_do_not_depend_on_sets_or_threads(void **state)
{
    (void)state;
    enum { N = 45, K = 10 };
    const char *line = "dense:35:relu:l1=0.01,dense:19:softmax:l2=0.1,"
                       "dense:10:softmax";
    mnist_network *net = make_network(line, 13, 11, 255, 3);
    mnist_dataset data = make_dataset(N, 13, 11, K, 4);
    static float first[4][13 * 11 * 35], losses[N], dlogits[N * K];
    for (size_t set = 0; use_kernel_set(set); set++)
        for (unsigned threads = 1; threads <= 8; threads++) {
            problem p = {new_workspace(net, N, threads, 1),
                         {&data, NULL, N},
                         losses,
                         dlogits};
            loss_now(&p);
            mnist_network_backward(p.ws, dlogits);
            for (size_t i = 0; i < 4; i++) {
                const size_t count = mnist_network_tensor(net, i)->count;
                const float *g = mnist_workspace_gradient(p.ws, i);
                if (set == 0 && threads == 1)
                    memcpy(first[i], g, count * sizeof *g);
                assert_same_floats(mnist_network_tensor(net, i)->name, g,
                                   first[i], count);
            }
            mnist_workspace_free(p.ws);
        }
    release_dataset(&data);
    mnist_network_free(net);
}

static void two_workspaces_run_one_network(void **state)
{
    (void)state;
    const golden_network *g = &golden_networks[0];
    mnist_network *net = golden_net(g);
    mnist_workspace *a = new_workspace(net, 3, 2, 0);
    mnist_workspace *b = new_workspace(net, 3, 1, 1);
    mnist_dataset data =
        borrow_dataset(g->pixels, g->labels, g->count, g->rows, g->cols);
    const mnist_batch batch = {&data, in_order, g->count};
    const float *from_a = mnist_network_forward(a, &batch);
    const float *from_b = mnist_network_forward(b, &batch);
    assert_ptr_not_equal(from_a, from_b);
    assert_same_floats("logits", from_a, from_b, g->count * g->classes);
    mnist_workspace_free(a);
    mnist_workspace_free(b);
    mnist_network_free(net);
}

static void a_workspace_for_no_image_is_refused(void **state)
{
    (void)state;
    mnist_network *net = make_network("dense:2:softmax", 2, 2, 255, 0);
    mnist_workspace *ws = NULL;
    assert_int_equal(mnist_workspace_new(&ws, net, 0, 1, 1, NULL),
                     MNIST_ERROR_ARGUMENT);
    assert_int_equal(mnist_workspace_new(&ws, net, SIZE_MAX / 2, 1, 1, NULL),
                     MNIST_ERROR_MEMORY);
    assert_null(ws);
    ws = new_workspace(net, 1, 0, 1);
    assert_in_range(mnist_workspace_threads(ws), 1, 1 << 16);
    mnist_workspace_free(ws);
    mnist_network_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_and_backward_equal_golden),
        cmocka_unit_test(gradients_equal_differences_on_golden_networks),
        cmocka_unit_test(gradients_equal_differences_beyond_a_tile),
        cmocka_unit_test(logits_do_not_depend_on_the_batch),
        cmocka_unit_test(gradients_do_not_depend_on_sets_or_threads),
        cmocka_unit_test(two_workspaces_run_one_network),
        cmocka_unit_test(a_workspace_for_no_image_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
