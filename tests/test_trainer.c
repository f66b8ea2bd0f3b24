/* The trainer: validation, patience, schedules, and to go on where it was
   stopped. */
#include <mnist/evaluate.h>
#include <mnist/loss.h>
#include <mnist/train.h>

#include "support/compare.h"
#include "support/networks.h"
#include "training/schedule.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 9, COLS = 8, TRAIN = 101, VALIDATION = 53, EPOCHS = 12 };

#define LINE                                                                   \
    "conv2d:4:2x2:relu:l2=0.001,dropout:0.2,dense:16:tanh,dense:10:softmax"

/* What is learned by heart here does not help with the validation set, whose
   patterns are others: its loss soon rises. */
typedef struct job {
    mnist_dataset train, validation;
    mnist_train_options options;
} job;

static job make_job(void)
{
    job j = {make_dataset(TRAIN, ROWS, COLS, 10, 1),
             make_dataset(VALIDATION, ROWS, COLS, 10, 2),
             mnist_train_defaults()};
    j.options.epochs = EPOCHS;
    j.options.batch = 20;
    j.options.seed = 3;
    j.options.threads = 2;
    j.options.rmsprop.lr = 0.01;
    return j;
}

static void free_job(job *j)
{
    release_dataset(&j->train);
    release_dataset(&j->validation);
}

static mnist_network *start(void)
{
    return make_network(LINE, ROWS, COLS, 255, 4);
}

static mnist_trainer *make_trainer(mnist_network *net, const job *j)
{
    mnist_trainer *trainer = NULL;
    mnist_error err = {.status = MNIST_OK};
    if (mnist_trainer_new(&trainer, net, &j->train, &j->options, &err))
        fail_msg("%s", err.message);
    return trainer;
}

/* A network trained to the end; *last gets its progress unless NULL. */
static mnist_network *trained(const job *j, mnist_progress *last)
{
    mnist_network *net = start();
    mnist_error err = {.status = MNIST_OK};
    if (mnist_train(net, &j->train, &j->options, last, &err))
        fail_msg("%s", err.message);
    return net;
}

/* What a callback writes down at the end of each epoch. */
typedef struct diary {
    const mnist_network *net;
    const job *job;
    mnist_network *after[EPOCHS]; /* copies */
    mnist_progress at[EPOCHS];
    size_t epochs;
} diary;

static mnist_network *copy_of(const mnist_network *net)
{
    mnist_network *copy = start();
    const mnist_tensor *t;
    for (size_t i = 0; (t = mnist_network_tensor(net, i)); i++)
        memcpy(mnist_network_tensor(copy, i)->data, t->data,
               t->count * sizeof(float));
    return copy;
}

static int write_down(const mnist_progress *p, void *user)
{
    diary *d = user;
    if (p->step < p->steps) {
        assert_false(p->validated);
        assert_true(p->validation_loss == 0 && p->validation_accuracy == 0);
        assert_false(p->stopped_early);
        return 0;
    }
    assert_int_equal(p->epoch, d->epochs + 1);
    d->after[d->epochs] = copy_of(d->net);
    d->at[d->epochs++] = *p;
    return 0;
}

/* Trains with a diary. */
static mnist_network *observe(job *j, diary *d)
{
    mnist_network *net = start();
    *d = (diary){.net = net, .job = j};
    j->options.callback = write_down;
    j->options.user = d;
    assert_int_equal(mnist_train(net, &j->train, &j->options, NULL, NULL),
                     MNIST_OK);
    j->options.callback = NULL;
    return net;
}

static void forget(diary *d)
{
    for (size_t i = 0; i < d->epochs; i++)
        mnist_network_free(d->after[i]);
}

/* ----------------------------------------------------------- validation */

static void validation_is_an_evaluation(void **state)
{
    (void)state;
    job j = make_job();
    diary d;
    j.options.validation = &j.validation;
    mnist_network *net = observe(&j, &d);
    assert_int_equal(d.epochs, EPOCHS);
    for (size_t e = 0; e < d.epochs; e++) {
        mnist_workspace *ws = NULL;
        mnist_evaluation want;
        assert_int_equal(mnist_workspace_new(&ws, d.after[e], 7, 1, 0, NULL),
                         MNIST_OK);
        assert_int_equal(mnist_evaluate(ws, &j.validation, &want, NULL, NULL),
                         MNIST_OK);
        assert_true(d.at[e].validated);
        assert_true(d.at[e].validation_loss == want.loss);
        assert_true(d.at[e].validation_cross_entropy == want.cross_entropy);
        assert_true(d.at[e].validation_accuracy == want.accuracy);
        assert_true(want.loss > want.cross_entropy); /* the penalty */
        mnist_workspace_free(ws);
    }
    /* It only looks on. */
    j.options.validation = NULL;
    mnist_network *alone = trained(&j, NULL);
    assert_same_parameters("without validation", alone, net);
    mnist_network_free(alone);
    mnist_network_free(net);
    forget(&d);
    free_job(&j);
}

static void check_refused(const job *j, const char *word)
{
    mnist_network *net = start();
    mnist_trainer *trainer = NULL;
    mnist_error err = {.status = MNIST_OK};
    assert_int_equal(
        mnist_trainer_new(&trainer, net, &j->train, &j->options, &err),
        MNIST_ERROR_DATA);
    assert_null(trainer);
    if (!strstr(err.message, word))
        fail_msg("\"%s\" lacks \"%s\"", err.message, word);
    mnist_network_free(net);
}

static void validation_must_fit(void **state)
{
    (void)state;
    job j = make_job();
    mnist_dataset bad = j.validation;
    uint8_t labels[VALIDATION] = {0};
    j.options.validation = &bad;
    bad.rows = 8;
    bad.cols = 9;
    check_refused(&j, "8x9");
    bad = j.validation;
    bad.labels = NULL;
    check_refused(&j, "labels");
    bad.labels = labels;
    labels[VALIDATION - 1] = 10;
    check_refused(&j, "label 10 of image 52");
    free_job(&j);
}

/* The message of options that are none. */
static void check_bad(const job *j, const char *word)
{
    mnist_network *net = start();
    mnist_trainer *trainer = NULL;
    mnist_error err = {.status = MNIST_OK};
    assert_int_equal(
        mnist_trainer_new(&trainer, net, &j->train, &j->options, &err),
        MNIST_ERROR_ARGUMENT);
    assert_null(trainer);
    if (!strstr(err.message, word))
        fail_msg("\"%s\" lacks \"%s\"", err.message, word);
    mnist_network_free(net);
}

static void what_is_monitored_must_be_there(void **state)
{
    (void)state;
    job j = make_job();
    j.options.monitor = MNIST_MONITOR_VALIDATION_ACCURACY;
    mnist_network_free(trained(&j, NULL)); /* nobody looks at it */
    j.options.patience = 1;
    check_bad(&j, "monitor val_acc: there are no validation images");
    j.options.patience = 0;
    j.options.keep_best = 1;
    j.options.monitor = MNIST_MONITOR_VALIDATION_LOSS;
    check_bad(&j, "monitor val_loss: there are no validation images");
    j.options.monitor = (mnist_monitor)5;
    check_bad(&j, "monitor 5");
    j.options.monitor = MNIST_MONITOR_ACCURACY;
    j.options.min_delta = -1;
    check_bad(&j, "min delta -1");
    free_job(&j);
}

/* ------------------------------------------------------------- patience */

/* By the words of train.h: the epoch at which training ends, and the best.
   rises: more is better. */
static size_t expected_end(const double *figure, size_t epochs, size_t patience,
                           double min_delta, int rises, size_t *best)
{
    size_t bad = 0;
    *best = 1;
    for (size_t e = 2; e <= epochs; e++) {
        double gain = figure[*best - 1] - figure[e - 1];
        if ((rises ? -gain : gain) > min_delta) {
            *best = e;
            bad = 0;
        } else if (++bad == patience) {
            return e;
        }
    }
    return epochs;
}

static int is_accuracy(mnist_monitor monitor)
{
    return monitor == MNIST_MONITOR_ACCURACY ||
           monitor == MNIST_MONITOR_VALIDATION_ACCURACY;
}

/* figure: of each epoch of a run without patience. */
static void check_patience(job *j, const double *figure, size_t *ended)
{
    const size_t patience = j->options.patience;
    diary d;
    size_t best;
    size_t end = expected_end(figure, EPOCHS, patience, j->options.min_delta,
                              is_accuracy(j->options.monitor), &best);
    mnist_network *net = observe(j, &d);
    assert_int_equal(d.epochs, end);
    assert_int_equal(d.at[end - 1].best_epoch, best);
    /* Also when the last epoch of all is where patience ends. */
    assert_int_equal(d.at[end - 1].stopped_early,
                     patience > 0 && end - best >= patience);
    for (size_t e = 0; e + 1 < end; e++)
        assert_false(d.at[e].stopped_early);
    assert_same_parameters("best", net, d.after[best - 1]);
    mnist_network_free(net);
    forget(&d);
    *ended = end;
}

static void patience_ends_training_with_the_best_weights(void **state)
{
    (void)state;
    const double deltas[] = {0, 0.01, 0.1, 1e9};
    for (size_t validated = 0; validated < 2; validated++) {
        job j = make_job();
        double figure[EPOCHS];
        diary d;
        size_t early = 0, best_is_late = 0;
        j.options.validation = validated ? &j.validation : NULL;
        mnist_network_free(observe(&j, &d));
        for (size_t e = 0; e < EPOCHS; e++)
            figure[e] = validated ? d.at[e].validation_loss : d.at[e].loss;
        forget(&d);
        for (size_t i = 0; i < 4; i++)
            for (size_t patience = 1; patience <= 4; patience++) {
                size_t end;
                j.options.patience = patience;
                j.options.min_delta = deltas[i];
                check_patience(&j, figure, &end);
                early += end < EPOCHS;
                best_is_late += end > 1 + patience;
                if (deltas[i] == 1e9)
                    assert_int_equal(end, 1 + patience);
            }
        /* The cases are there that the test is about. */
        assert_true(early > 4 && best_is_late > 0);
        free_job(&j);
    }
}

static double figure_of(mnist_monitor monitor, const mnist_progress *p)
{
    return monitor == MNIST_MONITOR_LOSS              ? p->loss
           : monitor == MNIST_MONITOR_ACCURACY        ? p->accuracy
           : monitor == MNIST_MONITOR_VALIDATION_LOSS ? p->validation_loss
                                                      : p->validation_accuracy;
}

/* With patience and without, the best epoch is that of the figure asked for. */
static void every_figure_may_be_monitored(void **state)
{
    (void)state;
    const double deltas[] = {0, 0.02};
    job j = make_job();
    size_t bests[MNIST_MONITOR_VALIDATION_ACCURACY + 1] = {0};
    diary d;
    j.options.validation = &j.validation;
    mnist_network_free(observe(&j, &d));
    forget(&d);
    const diary seen = d;
    j.options.keep_best = 1;
    for (mnist_monitor m = MNIST_MONITOR_LOSS;
         m <= MNIST_MONITOR_VALIDATION_ACCURACY; m++)
        for (size_t patience = 0; patience <= 4; patience++)
            for (size_t i = 0; i < 2; i++) {
                double figure[EPOCHS];
                size_t end;
                for (size_t e = 0; e < EPOCHS; e++)
                    figure[e] = figure_of(m, &seen.at[e]);
                j.options.patience = patience;
                j.options.monitor = m;
                j.options.min_delta = deltas[i];
                check_patience(&j, figure, &end);
                if (patience == 0 && i == 0) {
                    assert_int_equal(end, EPOCHS);
                    expected_end(figure, EPOCHS, 0, deltas[i], is_accuracy(m),
                                 &bests[m]);
                }
            }
    /* They differ in what they call best. */
    assert_int_not_equal(bests[MNIST_MONITOR_LOSS],
                         bests[MNIST_MONITOR_ACCURACY]);
    assert_int_not_equal(bests[MNIST_MONITOR_ACCURACY],
                         bests[MNIST_MONITOR_VALIDATION_ACCURACY]);
    assert_int_not_equal(bests[MNIST_MONITOR_LOSS],
                         bests[MNIST_MONITOR_VALIDATION_LOSS]);
    free_job(&j);
}

/* ------------------------------------------------------------ schedules */

static int check_rate(const mnist_progress *p, void *user)
{
    const mnist_train_options *options = user;
    assert_true(p->lr == mnist_schedule_lr(options, p->epoch - 1, NULL));
    return 0;
}

static void the_rate_is_that_of_the_schedule(void **state)
{
    (void)state;
    job j = make_job();
    const mnist_schedule kinds[] = {MNIST_CONSTANT, MNIST_STEP, MNIST_COSINE};
    j.options.step_epochs = 3;
    j.options.callback = check_rate;
    j.options.user = &j.options;
    mnist_network *by[3];
    for (size_t i = 0; i < 3; i++) {
        j.options.schedule = kinds[i];
        by[i] = trained(&j, NULL);
    }
    for (size_t i = 0; i < 3; i++)
        assert_memory_not_equal(mnist_network_tensor(by[i], 0)->data,
                                mnist_network_tensor(by[(i + 1) % 3], 0)->data,
                                16 * sizeof(float));
    j.options.schedule = MNIST_STEP;
    j.options.step_factor = 1;
    mnist_network *flat = trained(&j, NULL);
    assert_same_parameters("steps of 1", flat, by[0]);
    mnist_network_free(flat);
    for (size_t i = 0; i < 3; i++)
        mnist_network_free(by[i]);
    free_job(&j);
}

/* By the figures that it told, each rate is that of the schedule; and with an
   eye on another one they are others. */
static void a_plateau_goes_by_what_is_monitored(void **state)
{
    (void)state;
    job j = make_job();
    j.options.validation = &j.validation;
    j.options.schedule = MNIST_PLATEAU;
    j.options.plateau_epochs = 2;
    j.options.plateau_factor = 0.3;
    j.options.min_lr = 0.0005;
    size_t lowered[MNIST_MONITOR_VALIDATION_ACCURACY + 1] = {0};
    for (mnist_monitor m = MNIST_MONITOR_LOSS;
         m <= MNIST_MONITOR_VALIDATION_ACCURACY; m++) {
        diary d;
        j.options.monitor = m;
        mnist_network_free(observe(&j, &d));
        mnist_plateau plateau = mnist_plateau_start(&j.options);
        for (size_t e = 0; e < EPOCHS; e++) {
            assert_true(d.at[e].lr == plateau.lr);
            mnist_plateau_step(&plateau, &j.options, e + 1,
                               figure_of(m, &d.at[e]));
            lowered[m] += plateau.lr < d.at[e].lr;
        }
        forget(&d);
    }
    assert_int_equal(lowered[MNIST_MONITOR_LOSS], 0);
    assert_in_range(lowered[MNIST_MONITOR_VALIDATION_LOSS], 1, 3);
    /* A rate that is not lowered is a constant one. */
    j.options.plateau_epochs = 100;
    mnist_network *flat = trained(&j, NULL);
    j.options.schedule = MNIST_CONSTANT;
    mnist_network *constant = trained(&j, NULL);
    assert_same_parameters("plateau", flat, constant);
    mnist_network_free(flat);
    mnist_network_free(constant);
    free_job(&j);
}

/* ------------------------------------------------------ stopping, going on */

typedef struct stops {
    size_t after, calls; /* stops after each `after` calls */
} stops;

static int stop_often(const mnist_progress *p, void *user)
{
    stops *s = user;
    (void)p;
    return ++s->calls % s->after == 0;
}

static void check_going_on(job *j, size_t after, const mnist_network *want,
                           const mnist_progress *last)
{
    stops s = {after, 0};
    mnist_network *net = start();
    j->options.callback = stop_often;
    j->options.user = &s;
    mnist_trainer *trainer = make_trainer(net, j);
    mnist_status status;
    size_t stopped = 0;
    while ((status = mnist_trainer_run(trainer, NULL)) == MNIST_ERROR_STOPPED)
        stopped++;
    assert_int_equal(status, MNIST_OK);
    assert_int_equal(stopped, s.calls / after);
    char what[40];
    snprintf(what, sizeof what, "stopped each %zu", after);
    assert_same_parameters(what, net, want);
    const mnist_progress *p = mnist_trainer_progress(trainer);
    assert_int_equal(p->epoch, last->epoch);
    assert_int_equal(p->step, last->step);
    assert_true(p->loss == last->loss && p->accuracy == last->accuracy);
    assert_true(p->validation_loss == last->validation_loss);
    assert_int_equal(p->best_epoch, last->best_epoch);
    assert_int_equal(p->stopped_early, last->stopped_early);
    /* Done is done. */
    assert_int_equal(mnist_trainer_run(trainer, NULL), MNIST_OK);
    assert_same_parameters("again", net, want);
    mnist_trainer_free(trainer);
    mnist_network_free(net);
    j->options.callback = NULL;
}

static void going_on_ends_as_if_never_stopped(void **state)
{
    (void)state;
    job j = make_job();
    mnist_progress last;
    j.options.epochs = 6;
    j.options.validation = &j.validation;
    j.options.patience = 2;
    j.options.schedule = MNIST_COSINE;
    j.options.rmsprop.momentum = 0.5;
    j.options.rmsprop.centered = 1;
    mnist_network *want = trained(&j, &last);
    for (size_t after = 1; after <= 14; after++)
        check_going_on(&j, after, want, &last);
    mnist_network_free(want);
    free_job(&j);
}

static void a_trainer_begins_with_nothing_done(void **state)
{
    (void)state;
    job j = make_job();
    mnist_network *net = start(), *before = start();
    const mnist_progress none = {0};
    mnist_trainer *trainer = make_trainer(net, &j);
    assert_memory_equal(mnist_trainer_progress(trainer), &none, sizeof none);
    assert_same_parameters("new", net, before);
    mnist_trainer_free(trainer);
    mnist_trainer_free(NULL);
    mnist_network_free(net);
    mnist_network_free(before);
    free_job(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(validation_is_an_evaluation),
        cmocka_unit_test(validation_must_fit),
        cmocka_unit_test(what_is_monitored_must_be_there),
        cmocka_unit_test(patience_ends_training_with_the_best_weights),
        cmocka_unit_test(every_figure_may_be_monitored),
        cmocka_unit_test(the_rate_is_that_of_the_schedule),
        cmocka_unit_test(a_plateau_goes_by_what_is_monitored),
        cmocka_unit_test(going_on_ends_as_if_never_stopped),
        cmocka_unit_test(a_trainer_begins_with_nothing_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
