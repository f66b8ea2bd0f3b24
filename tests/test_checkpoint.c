/* A training in a file, and gone on with: mnist/checkpoint.h. */
#include <mnist/checkpoint.h>

#include "support/networks.h"
#include "support/sets.h"
#include "support/stopped.h"
#include "support/temporary.h"

#include <mnist/evaluate.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* As another process would: all that is known is the file, and the data. */
static void resume(run *r, const char *path, int validated, unsigned threads)
{
    mnist_notes *notes;
    mnist_error err = {.status = MNIST_OK};
    *r = (run){.options = mnist_train_defaults()};
    if (mnist_weights_load(&r->net, &notes, path, &err) ||
        mnist_checkpoint_options(&r->options, notes, &err))
        fail_msg("%s", err.message);
    mnist_notes_free(notes);
    r->options.threads = threads;
    r->options.validation = validated ? &validation : NULL;
    mnist_network_init(r->net, 99); /* load brings the weights, too */
    begin_with(r);
    load(r, path);
}

static void assert_same_progress(const char *what, const mnist_trainer *got,
                                 const mnist_trainer *want)
{
    const mnist_progress *a = mnist_trainer_progress(got);
    const mnist_progress *b = mnist_trainer_progress(want);
    if (a->epoch != b->epoch || a->epochs != b->epochs || a->step != b->step ||
        a->steps != b->steps || a->best_epoch != b->best_epoch ||
        a->stopped_early != b->stopped_early || a->validated != b->validated)
        fail_msg("%s: epoch %zu, batch %zu, best %zu; expected %zu, %zu, %zu",
                 what, a->epoch, a->step, a->best_epoch, b->epoch, b->step,
                 b->best_epoch);
    const double x[] = {a->loss,
                        a->cross_entropy,
                        a->accuracy,
                        a->lr,
                        a->validation_loss,
                        a->validation_cross_entropy,
                        a->validation_accuracy};
    const double y[] = {b->loss,
                        b->cross_entropy,
                        b->accuracy,
                        b->lr,
                        b->validation_loss,
                        b->validation_cross_entropy,
                        b->validation_accuracy};
    for (size_t i = 0; i < sizeof x / sizeof *x; i++)
        if (x[i] != y[i])
            fail_msg("%s: figure %zu is %a, expected %a", what, i, x[i], y[i]);
}

/* How many batches a training does until it ends. */
static size_t count_batches(const setting *s)
{
    run r;
    size_t batches = 0;
    begin(&r, s);
    for (;; batches++) {
        r.left = 1;
        mnist_status status = mnist_trainer_run(r.trainer, NULL);
        if (!status)
            break;
        assert_int_equal(status, MNIST_ERROR_STOPPED);
    }
    end(&r);
    return batches;
}

/* ------------------------------------------------------------- going on */

/* The settings do what their names say. */
static void the_settings_cover_both_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < SETTINGS; i++)
        assert_int_equal(count_batches(&settings[i]),
                         i == STOPPED_EARLY ? 2 * STEPS : EPOCHS * STEPS);
    /* The rate is lowered once before the last epoch. */
    run r;
    begin(&r, &settings[PLATEAU_CLIPPED]);
    go(&r, 0);
    const mnist_progress *p = mnist_trainer_progress(r.trainer);
    assert_true(p->lr < settings[PLATEAU_CLIPPED].options.rmsprop.lr);
    end(&r);
}

static void check_stop(temporary *t, const setting *s, const run *unbroken,
                       size_t batches, size_t sets)
{
    const char *path = temporary_path(t, "stopped");
    const char *again = temporary_path(t, "again");
    char what[100];
    run first, second;

    snprintf(what, sizeof what, "%s, batch %zu", s->name, batches);
    use_kernel_set(batches % sets);
    begin(&first, s);
    if (batches)
        go(&first, batches);
    save(&first, path);
    use_kernel_set((batches + 1) % sets);
    resume(&second, path, s->validated, 1 + (unsigned)batches % 3);
    assert_same_progress(what, second.trainer, first.trainer);
    assert_same_parameters(what, second.net, first.net);
    save(&second, again);
    assert_same_file(what, again, path);

    go(&second, 0);
    assert_same_parameters(what, second.net, unbroken->net);
    assert_same_progress(what, second.trainer, unbroken->trainer);
    /* The trainer that was saved was not disturbed by it. */
    go(&first, 0);
    assert_same_parameters(what, first.net, unbroken->net);
    end(&first);
    end(&second);
}

static void a_stop_at_any_batch_changes_nothing(void **state)
{
    size_t sets = 0;
    while (use_kernel_set(sets))
        sets++;
    for (size_t i = 0; i < SETTINGS; i++) {
        run unbroken;
        size_t batches = count_batches(&settings[i]);
        begin(&unbroken, &settings[i]);
        go(&unbroken, 0);
        for (size_t stop = 0; stop <= batches; stop++)
            check_stop(*state, &settings[i], &unbroken, stop, sets);
        end(&unbroken);
    }
    use_kernel_set(SIZE_MAX);
}

static void a_chain_of_stops_changes_nothing(void **state)
{
    const char *path = temporary_path(*state, "x");
    const char *whole = temporary_path(*state, "whole");
    for (size_t i = 0; i < SETTINGS; i++) {
        const setting *s = &settings[i];
        size_t batches = count_batches(s);
        run unbroken, r;
        begin(&unbroken, s);
        go(&unbroken, 0);
        save(&unbroken, whole);
        begin(&r, s);
        for (size_t done = 0; done < batches; done++) {
            go(&r, 1);
            save(&r, path);
            end(&r);
            resume(&r, path, s->validated, 1 + (unsigned)done % 3);
        }
        assert_same_file(s->name, path, whole);
        go(&r, 0);
        assert_same_parameters(s->name, r.net, unbroken.net);
        assert_same_progress(s->name, r.trainer, unbroken.trainer);
        end(&r);
        end(&unbroken);
    }
}

static void the_end_resumes_to_nothing(void **state)
{
    const char *path = temporary_path(*state, "x");
    for (size_t i = 0; i < SETTINGS; i++) {
        const setting *s = &settings[i];
        run first, second;
        begin(&first, s);
        go(&first, 0);
        save(&first, path);
        resume(&second, path, s->validated, 2);
        assert_same_progress(s->name, second.trainer, first.trainer);
        second.left = 1; /* a batch would stop it */
        assert_int_equal(mnist_trainer_run(second.trainer, NULL), MNIST_OK);
        assert_int_equal(second.left, 1);
        assert_same_parameters(s->name, second.net, first.net);
        assert_same_progress(s->name, second.trainer, first.trainer);
        go(&first, 0); /* again */
        assert_same_parameters(s->name, first.net, second.net);
        end(&first);
        end(&second);
    }
}

/* Saved after the best weights were put back, the last ones go on. */
static void epochs_may_be_added_or_left_out(void **state)
{
    const char *path = temporary_path(*state, "x");
    for (size_t i = 0; i < SETTINGS; i++) {
        setting s = settings[i];
        if (s.options.schedule == MNIST_COSINE)
            continue;
        for (size_t epochs = 2; epochs <= 6; epochs++) {
            run unbroken, first, second;
            s.options.epochs = epochs;
            begin(&unbroken, &s);
            go(&unbroken, 0);
            begin(&first, &settings[i]);
            go(&first, epochs < EPOCHS ? STEPS + 2 : 0);
            save(&first, path);
            begin(&second, &s);
            load(&second, path);
            go(&second, 0);
            assert_same_parameters(s.name, second.net, unbroken.net);
            assert_same_progress(s.name, second.trainer, unbroken.trainer);
            end(&unbroken);
            end(&first);
            end(&second);
        }
    }
}

static void what_the_trainer_did_before_is_forgotten(void **state)
{
    const char *path = temporary_path(*state, "x");
    for (size_t i = 0; i < SETTINGS; i++) {
        run r, unbroken;
        begin(&unbroken, &settings[i]);
        go(&unbroken, 0);
        begin(&r, &settings[i]);
        go(&r, 3);
        save(&r, path);
        go(&r, 0);
        load(&r, path);
        assert_int_equal(mnist_trainer_progress(r.trainer)->step, 3);
        go(&r, 0);
        assert_same_parameters(settings[i].name, r.net, unbroken.net);
        end(&r);
        end(&unbroken);
    }
}

static int save_each(const mnist_progress *progress, void *user)
{
    void **with = user; /* trainer, path */
    (void)progress;
    run *r = with[0];
    save(r, with[1]);
    return 0;
}

static void saving_from_the_callback_does_not_disturb(void **state)
{
    char *path = strdup(temporary_path(*state, "x"));
    const char *whole = temporary_path(*state, "whole");
    assert_non_null(path);
    for (size_t i = 0; i < SETTINGS; i++) {
        run r, unbroken;
        begin(&unbroken, &settings[i]);
        go(&unbroken, 0);
        save(&unbroken, whole);
        begin(&r, &settings[i]);
        mnist_trainer_free(r.trainer);
        void *with[] = {&r, path};
        r.options.callback = save_each;
        r.options.user = with;
        assert_int_equal(
            mnist_trainer_new(&r.trainer, r.net, &training, &r.options, NULL),
            MNIST_OK);
        go(&r, 0);
        assert_same_parameters(settings[i].name, r.net, unbroken.net);
        assert_same_file(settings[i].name, path, whole);
        end(&r);
        end(&unbroken);
    }
    free(path);
}

/* ------------------------------------------------------ what it is to others
 */

static void it_is_a_weights_file_with_notes(void **state)
{
    static const mnist_note notes[] = {{"data", "mine"}, {"lr", "0.01"}};
    const char *path = temporary_path(*state, "x");
    mnist_network *net;
    mnist_notes *back;
    mnist_workspace *a, *b;
    mnist_evaluation x, y;
    mnist_error err = {.status = MNIST_OK};
    run r;

    begin(&r, &settings[CONVOLUTION_PATIENCE]);
    go(&r, 2 * STEPS + 1);
    assert_int_equal(mnist_checkpoint_save(r.trainer, path, notes, 2, &err),
                     MNIST_OK);
    assert_int_equal(mnist_weights_load(&net, &back, path, &err), MNIST_OK);
    assert_same_parameters("loaded", net, r.net);
    assert_int_equal(mnist_workspace_new(&a, r.net, 7, 1, 0, &err), MNIST_OK);
    assert_int_equal(mnist_workspace_new(&b, net, 7, 1, 0, &err), MNIST_OK);
    assert_int_equal(mnist_evaluate(a, &training, &x, NULL, &err), MNIST_OK);
    assert_int_equal(mnist_evaluate(b, &training, &y, NULL, &err), MNIST_OK);
    assert_true(x.loss == y.loss && x.correct == y.correct);

    size_t own = 0, of_checkpoint = 0;
    const mnist_note *note;
    for (size_t i = 0; (note = mnist_notes_get(back, i)); i++) {
        if (strncmp(note->key, "checkpoint_", 11) == 0) {
            of_checkpoint++;
            continue;
        }
        assert_in_range(own, 0, 1);
        assert_string_equal(note->key, notes[own].key);
        assert_string_equal(note->value, notes[own++].value);
    }
    assert_int_equal(own, 2);
    assert_true(of_checkpoint > 30);
    mnist_workspace_free(a);
    mnist_workspace_free(b);
    mnist_notes_free(back);
    mnist_network_free(net);
    end(&r);
}

static void options_come_back(void **state)
{
    const char *path = temporary_path(*state, "x");
    for (size_t i = 0; i < SETTINGS; i++) {
        const mnist_train_options *o = &settings[i].options;
        mnist_train_options back = {.threads = 7,
                                    .user = &back,
                                    .validation = &validation,
                                    .callback = stop_when_none_left};
        mnist_network *net;
        mnist_notes *notes;
        run r;
        begin(&r, &settings[i]);
        save(&r, path);
        end(&r);
        assert_int_equal(mnist_weights_load(&net, &notes, path, NULL),
                         MNIST_OK);
        assert_int_equal(mnist_checkpoint_options(&back, notes, NULL),
                         MNIST_OK);
        assert_int_equal(back.epochs, o->epochs);
        assert_int_equal(back.batch, o->batch);
        assert_true(back.rmsprop.lr == o->rmsprop.lr);
        assert_true(back.rmsprop.rho == o->rmsprop.rho);
        assert_true(back.rmsprop.momentum == o->rmsprop.momentum);
        assert_true(back.rmsprop.epsilon == o->rmsprop.epsilon);
        assert_int_equal(back.rmsprop.centered, o->rmsprop.centered);
        assert_true(back.clip_norm == o->clip_norm);
        assert_int_equal(back.schedule, o->schedule);
        if (o->schedule == MNIST_STEP) {
            assert_int_equal(back.step_epochs, o->step_epochs);
            assert_true(back.step_factor == o->step_factor);
        }
        if (o->schedule == MNIST_PLATEAU) {
            assert_int_equal(back.plateau_epochs, o->plateau_epochs);
            assert_true(back.plateau_factor == o->plateau_factor);
            assert_true(back.min_lr == o->min_lr);
        }
        assert_true(back.seed == o->seed);
        assert_int_equal(back.shuffle, o->shuffle);
        assert_int_equal(back.patience, o->patience);
        assert_int_equal(back.keep_best, o->keep_best);
        assert_int_equal(back.monitor, o->monitor);
        assert_true(back.min_delta == o->min_delta);
        assert_int_equal(back.threads, 7);
        assert_ptr_equal(back.user, &back);
        assert_ptr_equal(back.validation, &validation);
        assert_true(back.callback == stop_when_none_left);
        mnist_notes_free(notes);
        mnist_network_free(net);
    }
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, temporary_setup, temporary_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_settings_cover_both_ends),
        TEST(a_stop_at_any_batch_changes_nothing),
        TEST(a_chain_of_stops_changes_nothing),
        TEST(the_end_resumes_to_nothing),
        TEST(epochs_may_be_added_or_left_out),
        TEST(what_the_trainer_did_before_is_forgotten),
        TEST(saving_from_the_callback_does_not_disturb),
        TEST(it_is_a_weights_file_with_notes),
        TEST(options_come_back),
    };
    return cmocka_run_group_tests(tests, stopped_setup, stopped_teardown);
}
