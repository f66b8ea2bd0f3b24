#include "support/problem.h"

#include "support/compare.h"
#include "support/gradcheck.h"
#include "support/networks.h"
#include "support/sets.h"

#include <mnist/loss.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

problem problem_make(mnist_network *net, const mnist_dataset *data,
                     const uint32_t *images, size_t count, unsigned threads)
{
    const size_t K = mnist_network_classes(net);
    problem p = {.batch = {data, images, count}};
    mnist_error err = {.status = MNIST_OK};
    if (mnist_workspace_new(&p.ws, net, count, threads, 1, &err))
        fail_msg("%s", err.message);
    p.losses = malloc(count * sizeof *p.losses);
    p.dlogits = malloc(count * K * sizeof *p.dlogits);
    assert_true(p.losses && p.dlogits);
    return p;
}

void problem_release(problem *p)
{
    mnist_workspace_free(p->ws);
    free(p->losses);
    free(p->dlogits);
    *p = (problem){0};
}

double problem_loss(void *context)
{
    const problem *p = context;
    const mnist_batch *batch = &p->batch;
    const size_t N = batch->count;
    const size_t K = mnist_network_classes(mnist_workspace_network(p->ws));
    uint8_t *labels = malloc(N);
    assert_non_null(labels);
    for (size_t n = 0; n < N; n++)
        labels[n] = batch->from->labels[batch->index ? batch->index[n] : n];
    const float *logits =
        mnist_network_forward_training(p->ws, batch, p->seed, p->epoch);
    mnist_softmax_cross_entropy(logits, labels, N, K, p->losses, p->dlogits);
    free(labels);
    double sum = 0;
    for (size_t n = 0; n < N; n++)
        sum += (double)p->losses[n];
    return sum / (double)N + mnist_network_penalty(p->ws);
}

double problem_gradients(problem *p)
{
    double loss = problem_loss(p);
    mnist_network_backward(p->ws, p->dlogits);
    return loss;
}

void problem_check_differences(const char *name, problem *p, size_t some,
                               double tolerance)
{
    const mnist_network *net = mnist_workspace_network(p->ws);
    const mnist_tensor *t;
    problem_gradients(p);
    for (size_t i = 0; (t = mnist_network_tensor(net, i)); i++) {
        char what[120];
        snprintf(what, sizeof what, "%s: %s", name, t->name);
        gradcheck(what, problem_loss, p, t->data,
                  mnist_workspace_gradient(p->ws, i), t->count,
                  1 + t->count / some, tolerance);
    }
}

/* What a run leaves behind, to hold others against. */
typedef struct record {
    double loss;
    float *gradients; /* of all tensors, one behind the other */
    float *logits;
} record;

static record run(mnist_network *net, const mnist_dataset *data,
                  unsigned threads)
{
    const size_t logits = data->count * mnist_network_classes(net);
    record r = {.gradients = malloc(mnist_network_parameters(net) * 4),
                .logits = malloc(logits * sizeof *r.logits)};
    assert_true(r.gradients && r.logits);
    problem p = problem_make(net, data, NULL, data->count, threads);
    r.loss = problem_gradients(&p);
    const mnist_tensor *t;
    float *to = r.gradients;
    for (size_t i = 0; (t = mnist_network_tensor(net, i)); to += t->count, i++)
        memcpy(to, mnist_workspace_gradient(p.ws, i), t->count * sizeof *to);
    memcpy(r.logits, mnist_network_forward(p.ws, &p.batch),
           logits * sizeof *r.logits);
    problem_release(&p);
    return r;
}

static void release(record *r)
{
    free(r->gradients);
    free(r->logits);
}

void check_same_everywhere(const char *line, size_t rows, size_t cols,
                           size_t count)
{
    const unsigned threads[] = {1, 2, 3, 8};
    mnist_network *net = make_network(line, rows, cols, 255, 3);
    mnist_dataset data = make_dataset(count, rows, cols, 10, 4);
    record first = {0};
    const char *set;
    for (size_t i = 0; (set = use_kernel_set(i)); i++)
        for (size_t j = 0; j < sizeof threads / sizeof *threads; j++) {
            char what[200];
            record r = run(net, &data, threads[j]);
            if (!first.logits) {
                first = r;
                continue;
            }
            snprintf(what, sizeof what, "%s: %s, %u threads", line, set,
                     threads[j]);
            assert_same_floats(what, r.logits, first.logits,
                               count * mnist_network_classes(net));
            assert_same_floats(what, r.gradients, first.gradients,
                               mnist_network_parameters(net));
            assert_true(r.loss == first.loss);
            release(&r);
        }
    release(&first);
    release_dataset(&data);
    mnist_network_free(net);
}

void check_line_refused(const char *line, size_t rows, size_t cols,
                        const char *const *words)
{
    mnist_network *net = NULL;
    mnist_error err = {.status = MNIST_OK};
    mnist_status status = mnist_network_new(&net, line, rows, cols, 255, &err);
    if (status != MNIST_ERROR_ARGUMENT || err.status != status)
        fail_msg("\"%s\" was answered by %d: %s", line, status, err.message);
    assert_null(net);
    for (; *words; words++)
        if (!strstr(err.message, *words) || strchr(err.message, '\n'))
            fail_msg("\"%s\": \"%s\" lacks \"%s\"", line, err.message, *words);
    assert_int_equal(mnist_network_new(&net, line, rows, cols, 255, NULL),
                     status);
}
