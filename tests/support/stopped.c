#include "support/stopped.h"

#include "support/networks.h"
#include "support/temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const setting settings[SETTINGS] = {
    {"plain",
     MLP,
     0,
     {.epochs = EPOCHS,
      .batch = BATCH,
      .rmsprop = {.lr = 0.01, .rho = 0.9, .epsilon = 1e-7},
      .seed = UINT64_MAX,
      .shuffle = 1}},
    {"momentum, cosine, l1, in the order of the file",
     "dense:9:tanh:l1=0.001,dense:3:softmax",
     1,
     {.epochs = EPOCHS,
      .batch = BATCH,
      .rmsprop = {.lr = 0.02, .rho = 0.8, .momentum = 0.7, .epsilon = 1e-5},
      .schedule = MNIST_COSINE}},
    {"centered, momentum, dropout, steps",
     "dense:9:relu,dropout:0.4,dense:3:softmax",
     0,
     {.epochs = EPOCHS,
      .batch = BATCH,
      .rmsprop = {0.01, 0.9, 0.3, 1e-3, 1},
      .schedule = MNIST_STEP,
      .step_epochs = 1,
      .step_factor = 0.3,
      .seed = 3,
      .shuffle = 1}},
    {"convolution, clipped, patience",
     "conv2d:4:3x2:relu,avgpool:2x2,dropout:0.1,dense:3:softmax:l2=0.01",
     1,
     {.epochs = EPOCHS,
      .batch = BATCH,
      .rmsprop = {.lr = 0.01, .rho = 0.9, .epsilon = 1e-7},
      .clip_norm = 0.05,
      .seed = 4,
      .shuffle = 1,
      .patience = 2}},
    {"centered, patience that ends it",
     MLP,
     0,
     {.epochs = EPOCHS,
      .batch = BATCH,
      .rmsprop = {.lr = 0.01, .rho = 0.9, .epsilon = 1e-7, .centered = 1},
      .seed = 5,
      .shuffle = 1,
      .patience = 1,
      .min_delta = 5}},
    {"the best by validation accuracy",
     "dense:9:relu,dropout:0.2,dense:3:softmax",
     1,
     {.epochs = EPOCHS,
      .batch = BATCH,
      .rmsprop = {.lr = 0.03, .rho = 0.9, .epsilon = 1e-7},
      .seed = 6,
      .shuffle = 1,
      .keep_best = 1,
      .monitor = MNIST_MONITOR_VALIDATION_ACCURACY,
      .min_delta = 0.01}},
    {"a plateau by accuracy, momentum, clipped",
     MLP,
     0,
     {.epochs = EPOCHS,
      .batch = BATCH,
      .rmsprop = {0.05, 0.9, 0.3, 1e-7, 0},
      .clip_norm = 0.1,
      .schedule = MNIST_PLATEAU,
      .plateau_epochs = 1,
      .plateau_factor = 0.3,
      .min_lr = 0.01,
      .seed = 8,
      .shuffle = 1,
      .monitor = MNIST_MONITOR_ACCURACY}},
};

const setting tiny = {"tiny",
                      "maxpool:6x5,dense:3:softmax",
                      1,
                      {.epochs = EPOCHS,
                       .batch = BATCH,
                       .rmsprop = {0.001, 0.9, 0.5, 1e-7, 1},
                       .patience = 3}};

mnist_dataset training, validation;

int stopped_setup(void **state)
{
    (void)state;
    training = make_dataset(IMAGES, ROWS, COLS, 3, 1);
    validation = make_dataset(7, ROWS, COLS, 3, 2);
    return 0;
}

int stopped_teardown(void **state)
{
    (void)state;
    release_dataset(&training);
    release_dataset(&validation);
    return 0;
}

int stop_when_none_left(const mnist_progress *progress, void *user)
{
    run *r = user;
    (void)progress;
    return r->left > 0 && --r->left == 0;
}

void begin_with(run *r)
{
    mnist_error err = {.status = MNIST_OK};
    r->options.callback = stop_when_none_left;
    r->options.user = r;
    if (mnist_trainer_new(&r->trainer, r->net, &training, &r->options, &err))
        fail_msg("%s", err.message);
}

void begin(run *r, const setting *s)
{
    *r = (run){.net = make_network(s->line, ROWS, COLS, 100, 8),
               .options = s->options};
    if (s->validated)
        r->options.validation = &validation;
    begin_with(r);
}

void end(run *r)
{
    mnist_trainer_free(r->trainer);
    mnist_network_free(r->net);
}

/* Runs that many batches, or to the end for 0. */
void go(run *r, size_t batches)
{
    mnist_error err = {.status = MNIST_OK};
    r->left = batches;
    mnist_status status = mnist_trainer_run(r->trainer, &err);
    if (status != (batches ? MNIST_ERROR_STOPPED : MNIST_OK))
        fail_msg("%d: %s", (int)status, err.message);
}

void save(run *r, const char *path)
{
    mnist_error err = {.status = MNIST_OK};
    if (mnist_checkpoint_save(r->trainer, path, NULL, 0, &err))
        fail_msg("%s", err.message);
}

void load(run *r, const char *path)
{
    mnist_error err = {.status = MNIST_OK};
    if (mnist_checkpoint_load(r->trainer, path, &err))
        fail_msg("%s", err.message);
}

void assert_same_file(const char *what, const char *a, const char *b)
{
    size_t m, n;
    char *x = temporary_read(a, &m), *y = temporary_read(b, &n);
    if (m != n || memcmp(x, y, n) != 0)
        fail_msg("%s: %s and %s differ", what, a, b);
    free(x);
    free(y);
}
