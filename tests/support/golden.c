#include "support/golden.h"

#include "support/compare.h"
#include "support/networks.h"
#include "support/problem.h"
#include "support/sets.h"

#include <mnist/loss.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

mnist_network *golden_make(const golden_network *g)
{
    mnist_network *net = make_network(g->line, g->rows, g->cols, g->scale, 0);
    size_t i = 0;
    for (; g->tensors[i].name; i++) {
        const mnist_tensor *t = mnist_network_tensor(net, i);
        assert_non_null(t);
        assert_string_equal(t->name, g->tensors[i].name);
        assert_int_equal(t->dims, g->tensors[i].dims);
        for (unsigned d = 0; d < t->dims; d++)
            assert_int_equal(t->size[d], g->tensors[i].size[d]);
        memcpy(t->data, g->tensors[i].value, t->count * sizeof(float));
    }
    assert_null(mnist_network_tensor(net, i));
    return net;
}

static const uint32_t in_order[] = {0, 1, 2};

static void check(const golden_network *g, unsigned threads, size_t room,
                  double tolerance)
{
    const size_t N = g->count, K = g->classes;
    mnist_network *net = golden_make(g);
    mnist_workspace *ws = NULL;
    assert_int_equal(mnist_workspace_new(&ws, net, N + room, threads, 1, NULL),
                     MNIST_OK);
    mnist_dataset data =
        borrow_dataset(g->pixels, g->labels, N, g->rows, g->cols);
    const mnist_batch batch = {&data, in_order, N};
    float loss[3], dlogits[3 * 5], p[3 * 5];

    const float *logits = mnist_network_forward(ws, &batch);
    assert_close(g->name, logits, g->logits, N * K, 0,
                 tolerance * largest_magnitude(g->logits, N * K));
    mnist_softmax(logits, N, K, p);
    assert_close(g->name, p, g->probabilities, N * K, 0, tolerance);
    mnist_softmax_cross_entropy(logits, g->labels, N, K, loss, dlogits);
    assert_close(g->name, loss, g->losses, N, tolerance, tolerance);
    assert_near(g->name, mnist_network_penalty(ws), g->penalty, 1e-6, 0);

    mnist_network_backward(ws, dlogits);
    for (size_t i = 0; g->tensors[i].name; i++) {
        const double *want = g->tensors[i].gradient;
        const mnist_tensor *t = mnist_network_tensor(net, i);
        char what[80];
        snprintf(what, sizeof what, "%s: gradient of %s", g->name, t->name);
        assert_close(what, mnist_workspace_gradient(ws, i), want, t->count, 0,
                     tolerance * largest_magnitude(want, t->count));
    }
    mnist_workspace_free(ws);
    mnist_network_free(net);
}

void golden_check(const golden_network *g, double tolerance)
{
    const unsigned threads[] = {1, 2, 3, 8};
    for (size_t set = 0; use_kernel_set(set); set++)
        for (size_t i = 0; i < 4; i++)
            for (size_t room = 0; room < 3; room++)
                check(g, threads[i], 7 * room, tolerance);
}

void golden_check_differences(const golden_network *g)
{
    mnist_network *net = golden_make(g);
    mnist_dataset data =
        borrow_dataset(g->pixels, g->labels, g->count, g->rows, g->cols);
    problem p = problem_make(net, &data, NULL, g->count, 2);
    problem_check_differences(g->name, &p, 200, 1e-3);
    problem_release(&p);
    mnist_network_free(net);
}
