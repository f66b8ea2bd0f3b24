/* A training in a file, and gone on with: mnist/checkpoint.h. */
#include <mnist/checkpoint.h>

#include "support/allocations.h"
#include "support/compare.h"
#include "support/networks.h"
#include "support/sets.h"
#include "support/temporary.h"

#include <mnist/cpu.h>
#include <mnist/evaluate.h>

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

/* Images that do not divide by the batch: 5, 5, 5, 5, 3. */
enum { ROWS = 6, COLS = 5, IMAGES = 23, BATCH = 5, STEPS = 5, EPOCHS = 3 };

typedef struct setting {
    const char *name, *line;
    int validated; /* with a validation set */
    mnist_train_options options;
} setting;

#define MLP "dense:9:relu,dense:3:softmax"

static const setting settings[] = {
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
    {"convolution, patience",
     "conv2d:4:3x2:relu,avgpool:2x2,dropout:0.1,dense:3:softmax:l2=0.01",
     1,
     {.epochs = EPOCHS,
      .batch = BATCH,
      .rmsprop = {.lr = 0.01, .rho = 0.9, .epsilon = 1e-7},
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
      .min_delta = 0.5}},
};

enum { SETTINGS = sizeof settings / sizeof *settings };

static mnist_dataset data, validation;

static int setup_data(void **state)
{
    (void)state;
    data = make_dataset(IMAGES, ROWS, COLS, 3, 1);
    validation = make_dataset(7, ROWS, COLS, 3, 2);
    return 0;
}

static int release_data(void **state)
{
    (void)state;
    release_dataset(&data);
    release_dataset(&validation);
    return 0;
}

/* A network, its training, and when to stop it. */
typedef struct run {
    mnist_network *net;
    mnist_train_options options;
    mnist_trainer *trainer;
    size_t left; /* batches until the callback stops it; 0: it does not */
} run;

static int stop_when_none_left(const mnist_progress *progress, void *user)
{
    run *r = user;
    (void)progress;
    return r->left > 0 && --r->left == 0;
}

static void new_trainer(run *r)
{
    mnist_error err = {MNIST_OK, ""};
    r->options.callback = stop_when_none_left;
    r->options.user = r;
    if (mnist_trainer_new(&r->trainer, r->net, &data, &r->options, &err))
        fail_msg("%s", err.message);
}

static void begin(run *r, const setting *s)
{
    *r = (run){.net = make_network(s->line, ROWS, COLS, 100, 8),
               .options = s->options};
    if (s->validated)
        r->options.validation = &validation;
    new_trainer(r);
}

static void end(run *r)
{
    mnist_trainer_free(r->trainer);
    mnist_network_free(r->net);
}

/* Runs that many batches, or to the end for 0. */
static void go(run *r, size_t batches)
{
    mnist_error err = {MNIST_OK, ""};
    r->left = batches;
    mnist_status status = mnist_trainer_run(r->trainer, &err);
    if (status != (batches ? MNIST_ERROR_STOPPED : MNIST_OK))
        fail_msg("%d: %s", (int)status, err.message);
}

static void save(run *r, const char *path)
{
    mnist_error err = {MNIST_OK, ""};
    if (mnist_checkpoint_save(r->trainer, path, NULL, 0, &err))
        fail_msg("%s", err.message);
}

static void load(run *r, const char *path)
{
    mnist_error err = {MNIST_OK, ""};
    if (mnist_checkpoint_load(r->trainer, path, &err))
        fail_msg("%s", err.message);
}

/* As another process would: all that is known is the file, and the data. */
static void resume(run *r, const char *path, int validated, unsigned threads)
{
    mnist_notes *notes;
    mnist_error err = {MNIST_OK, ""};
    *r = (run){.options = mnist_train_defaults()};
    if (mnist_weights_load(&r->net, &notes, path, &err) ||
        mnist_checkpoint_options(&r->options, notes, &err))
        fail_msg("%s", err.message);
    mnist_notes_free(notes);
    r->options.threads = threads;
    r->options.validation = validated ? &validation : NULL;
    mnist_network_init(r->net, 99); /* load brings the weights, too */
    new_trainer(r);
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

static void assert_same_file(const char *what, const char *a, const char *b)
{
    size_t m, n;
    char *x = temporary_read(a, &m), *y = temporary_read(b, &n);
    if (m != n || memcmp(x, y, n) != 0)
        fail_msg("%s: %s and %s differ", what, a, b);
    free(x);
    free(y);
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
                         i == 4 ? 2 * STEPS : EPOCHS * STEPS);
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
            mnist_trainer_new(&r.trainer, r.net, &data, &r.options, NULL),
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
    mnist_error err = {MNIST_OK, ""};
    run r;

    begin(&r, &settings[3]);
    go(&r, 2 * STEPS + 1);
    assert_int_equal(mnist_checkpoint_save(r.trainer, path, notes, 2, &err),
                     MNIST_OK);
    assert_int_equal(mnist_weights_load(&net, &back, path, &err), MNIST_OK);
    assert_same_parameters("loaded", net, r.net);
    assert_int_equal(mnist_workspace_new(&a, r.net, 7, 1, 0, &err), MNIST_OK);
    assert_int_equal(mnist_workspace_new(&b, net, 7, 1, 0, &err), MNIST_OK);
    assert_int_equal(mnist_evaluate(a, &data, &x, NULL, &err), MNIST_OK);
    assert_int_equal(mnist_evaluate(b, &data, &y, NULL, &err), MNIST_OK);
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
        assert_int_equal(back.schedule, o->schedule);
        if (o->schedule == MNIST_STEP) {
            assert_int_equal(back.step_epochs, o->step_epochs);
            assert_true(back.step_factor == o->step_factor);
        }
        assert_true(back.seed == o->seed);
        assert_int_equal(back.shuffle, o->shuffle);
        assert_int_equal(back.patience, o->patience);
        assert_true(back.min_delta == o->min_delta);
        assert_int_equal(back.threads, 7);
        assert_ptr_equal(back.user, &back);
        assert_ptr_equal(back.validation, &validation);
        assert_true(back.callback == stop_when_none_left);
        mnist_notes_free(notes);
        mnist_network_free(net);
    }
}

/* ------------------------------------------------------------- refusals */

/* Loading fails so, with all the words, and changes nothing. */
static void refuses(run *r, const char *path, mnist_status want,
                    const char *const words[2])
{
    mnist_error err = {MNIST_OK, ""};
    mnist_progress before = *mnist_trainer_progress(r->trainer);
    mnist_network *copy =
        make_network(mnist_network_line(r->net), mnist_network_rows(r->net),
                     mnist_network_cols(r->net), 1, 0);
    const mnist_tensor *tensor;
    for (size_t i = 0; (tensor = mnist_network_tensor(r->net, i)); i++)
        memcpy(mnist_network_tensor(copy, i)->data, tensor->data,
               tensor->count * sizeof(float));
    if (mnist_checkpoint_load(r->trainer, path, &err) != want)
        fail_msg("%s: status %d: %s", words[0], (int)err.status, err.message);
    for (int i = 0; i < 2 && words[i]; i++)
        if (!strstr(err.message, words[i]))
            fail_msg("\"%s\" lacks \"%s\"", err.message, words[i]);
    assert_int_equal(strncmp(err.message, path, strlen(path)), 0);
    assert_same_parameters(words[0], r->net, copy);
    assert_memory_equal(&before, mnist_trainer_progress(r->trainer),
                        sizeof before);
    mnist_network_free(copy);
}

#define REFUSES(r, path, status, ...)                                          \
    refuses(r, path, status, (const char *const[2]){__VA_ARGS__})

static void other_options_are_refused(void **state)
{
    const char *path = temporary_path(*state, "x");
    const mnist_train_options *was = &settings[2].options;
    run r;
    begin(&r, &settings[2]);
    go(&r, STEPS + 2);
    save(&r, path);
    end(&r);
    struct {
        mnist_train_options options;
        const char *words[2];
    } cases[16];
    size_t count = 0;
#define OTHER(member, value, ...)                                              \
    cases[count].options = *was;                                               \
    cases[count].options.member = value;                                       \
    memcpy(cases[count].words, (const char *const[2]){__VA_ARGS__},            \
           sizeof cases[count].words);                                         \
    count++
    OTHER(batch, 6, "with batch 5, not 6");
    OTHER(rmsprop.lr, 0.02, "learning rate 0.01, not 0.02");
    OTHER(rmsprop.lr, nextafter(0.01, 1), "rate 0.01", ", not 0.010000000000");
    OTHER(rmsprop.rho, 0.5, "rho 0.9", "not 0.5");
    OTHER(rmsprop.momentum, 0, "momentum 0.3", "not 0");
    OTHER(rmsprop.epsilon, 1e-7, "epsilon 0.001", "not 1e-07");
    OTHER(rmsprop.centered, 0, "centered on, not off");
    OTHER(schedule, MNIST_COSINE, "schedule step, not cosine");
    OTHER(step_epochs, 2, "step 1, not 2");
    OTHER(step_factor, 0.5, "step factor 0.3, not 0.5");
    OTHER(seed, 4, "seed 3, not 4");
    OTHER(shuffle, 0, "shuffle on, not off");
    OTHER(patience, 1, "patience 0, not 1");
    OTHER(epochs, 1, "2 epochs are begun", "has 1");
    for (size_t i = 0; i < count; i++) {
        setting other = settings[2];
        other.options = cases[i].options;
        begin(&r, &other);
        refuses(&r, path, MNIST_ERROR_ARGUMENT, cases[i].words);
        end(&r);
    }
    /* What decides nothing, or says the same in another way, may differ. */
    setting other = settings[2];
    other.options.min_delta = 3;
    other.options.shuffle = 7;
    other.options.rmsprop.centered = -1;
    begin(&r, &other);
    load(&r, path);
    end(&r);
}

static void min_delta_and_cosine_decide(void **state)
{
    const char *path = temporary_path(*state, "x");
    setting other = settings[4];
    run r;
    begin(&r, &settings[4]);
    save(&r, path);
    end(&r);
    other.options.min_delta = 0.25;
    begin(&r, &other);
    REFUSES(&r, path, MNIST_ERROR_ARGUMENT, "min delta 0.5, not 0.25");
    end(&r);

    other = settings[1];
    begin(&r, &other);
    save(&r, path);
    end(&r);
    other.options.epochs++;
    begin(&r, &other);
    REFUSES(&r, path, MNIST_ERROR_ARGUMENT, "3 epochs, not 4", "cosine");
    end(&r);
}

/* With the data of the test changed, and put back. */
static void other_data_are_refused(void **state)
{
    const char *path = temporary_path(*state, "x");
    const mnist_dataset right = data, valid = validation;
    uint8_t pixels[IMAGES * ROWS * COLS], labels[IMAGES];
    run r;
    begin(&r, &settings[1]);
    go(&r, 4);
    save(&r, path);
    end(&r);

    memcpy(pixels, data.pixels, sizeof pixels);
    memcpy(labels, data.labels, sizeof labels);
    pixels[sizeof pixels - 1] ^= 1;
    labels[0] = labels[0] ? 0 : 1;
    data.pixels = pixels;
    begin(&r, &settings[1]);
    REFUSES(&r, path, MNIST_ERROR_DATA, "other training images than pictures");
    end(&r);
    data = right;
    data.labels = labels;
    begin(&r, &settings[1]);
    REFUSES(&r, path, MNIST_ERROR_DATA, "other training labels than names");
    end(&r);
    data = mnist_dataset_slice(&right, 0, IMAGES - 1);
    begin(&r, &settings[1]);
    REFUSES(&r, path, MNIST_ERROR_DATA, "23 training images, not 22");
    end(&r);
    data = right;
    validation = mnist_dataset_slice(&right, 0, validation.count);
    begin(&r, &settings[1]);
    REFUSES(&r, path, MNIST_ERROR_DATA, "other validation images");
    end(&r);
    validation = valid;
    setting none = settings[1];
    none.validated = 0;
    begin(&r, &none);
    REFUSES(&r, path, MNIST_ERROR_DATA, "7 validation images, not 0");
    end(&r);
}

static void other_networks_are_refused(void **state)
{
    const char *path = temporary_path(*state, "x");
    setting other = settings[0];
    run r;
    begin(&r, &settings[0]);
    go(&r, 4);
    save(&r, path);
    end(&r);
    other.line = "dense:9:tanh,dense:3:softmax";
    begin(&r, &other);
    REFUSES(&r, path, MNIST_ERROR_WEIGHTS, "\"" MLP "\"", other.line);
    end(&r);
    r = (run){.net = make_network(MLP, ROWS, COLS, 255, 1),
              .options = settings[0].options};
    new_trainer(&r);
    REFUSES(&r, path, MNIST_ERROR_WEIGHTS, "scale 100, not 255");
    end(&r);
}

static void weights_alone_are_no_checkpoint(void **state)
{
    static const char *const words[2] = {"no training to go on with",
                                         "start a new training from them"};
    const char *path = temporary_path(*state, "x");
    mnist_train_options options = mnist_train_defaults();
    mnist_network *net;
    mnist_notes *notes;
    mnist_error err = {MNIST_OK, ""};
    run r;
    begin(&r, &settings[0]);
    assert_int_equal(mnist_weights_save(r.net, path, NULL, 0, &err), MNIST_OK);
    refuses(&r, path, MNIST_ERROR_WEIGHTS, words);
    assert_int_equal(mnist_weights_load(&net, &notes, path, &err), MNIST_OK);
    options.batch = 77;
    assert_int_equal(mnist_checkpoint_options(&options, notes, &err),
                     MNIST_ERROR_WEIGHTS);
    assert_non_null(strstr(err.message, words[0]));
    assert_int_equal(strncmp(err.message, path, strlen(path)), 0);
    assert_int_equal(options.batch, 77);
    mnist_notes_free(notes);
    mnist_network_free(net);

    /* Nor are they with the notes of one. */
    save(&r, path);
    assert_int_equal(mnist_weights_load(&net, &notes, path, &err), MNIST_OK);
    size_t count = 0;
    while (mnist_notes_get(notes, count))
        count++;
    assert_int_equal(
        mnist_weights_save(net, path, mnist_notes_get(notes, 0), count, &err),
        MNIST_OK);
    refuses(&r, path, MNIST_ERROR_WEIGHTS, words);
    mnist_notes_free(notes);
    mnist_network_free(net);
    REFUSES(&r, temporary_path(*state, "none"), MNIST_ERROR_SYSTEM, "No such");
    end(&r);
}

/* --------------------------------------------------------- failing to save */

static void a_failing_save_leaves_the_old_file(void **state)
{
    temporary *t = *state;
    const char *path = temporary_path(t, "x"), *old = temporary_path(t, "old");
    const mnist_note reserved = {"checkpoint_lr", "1"};
    mnist_note many[65];
    char keys[65][8];
    mnist_error err = {MNIST_OK, ""};
    run r;
    begin(&r, &settings[2]);
    go(&r, 3);
    save(&r, old);
    save(&r, path);
    go(&r, 1);

    for (int i = 0; i < 65; i++) {
        snprintf(keys[i], sizeof keys[i], "k%d", i);
        many[i] = (mnist_note){keys[i], ""};
    }
    assert_int_equal(mnist_checkpoint_save(r.trainer, path, &reserved, 1, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "checkpoint_lr"));
    assert_int_equal(mnist_checkpoint_save(r.trainer, path, many, 65, &err),
                     MNIST_ERROR_ARGUMENT);

    const struct rlimit small = {1000, RLIM_INFINITY};
    const struct rlimit any = {RLIM_INFINITY, RLIM_INFINITY};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    mnist_status status = mnist_checkpoint_save(r.trainer, path, NULL, 0, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &any), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(status, MNIST_ERROR_SYSTEM);

    mnist_tensor *tensor =
        (mnist_tensor *)(uintptr_t)mnist_network_tensor(r.net, 0);
    float kept = tensor->data[2];
    tensor->data[2] = INFINITY;
    assert_int_equal(mnist_checkpoint_save(r.trainer, path, NULL, 0, &err),
                     MNIST_ERROR_DIVERGED);
    assert_non_null(strstr(err.message, "value 2 of dense.kernel"));
    tensor->data[2] = kept;

    assert_same_file("after failures", path, old);
    assert_int_equal(temporary_count(t), 2);
    assert_int_equal(mnist_checkpoint_save(r.trainer, path, many, 64, &err),
                     MNIST_OK);
    load(&r, path);
    end(&r);
}

/* The first allocation of a save and of a load fails, then the second... */
static void every_allocation_may_fail(void **state)
{
    temporary *t = *state;
    const char *path = temporary_path(t, "x"), *old = temporary_path(t, "old");
    mnist_error err = {MNIST_OK, ""};
    run r, other;
    begin(&r, &settings[3]);
    go(&r, 3);
    save(&r, old);
    save(&r, path);
    go(&r, 1);
    begin(&other, &settings[3]);
    for (int loading = 0; loading < 2; loading++) {
        int failed = 1;
        size_t after = 0;
        for (; failed; after++) {
            allocations_fail(after);
            mnist_status status =
                loading ? mnist_checkpoint_load(other.trainer, path, &err)
                        : mnist_checkpoint_save(r.trainer, path, NULL, 0, &err);
            failed = allocations_failed();
            allocations_fail(SIZE_MAX);
            assert_int_equal(status, failed ? MNIST_ERROR_MEMORY : MNIST_OK);
            if (failed && loading)
                assert_int_equal(mnist_trainer_progress(other.trainer)->step,
                                 0);
            else if (failed)
                assert_same_file("out of memory", path, old);
        }
        assert_in_range(after, 3, 50);
    }
    assert_same_parameters("loaded", other.net, r.net);
    end(&r);
    end(&other);
}

static void what_diverged_stays_so(void **state)
{
    const char *path = temporary_path(*state, "x");
    setting s = settings[0];
    mnist_error err = {MNIST_OK, ""};
    run r;
    s.options.rmsprop.lr = 1e30;
    /* The last batch of an epoch is the one that has no next. */
    for (size_t batch = BATCH; batch <= 12; batch += 7) {
        s.options.batch = batch;
        begin(&r, &s);
        for (int i = 0; i < 3; i++)
            assert_int_equal(mnist_trainer_run(r.trainer, &err),
                             MNIST_ERROR_DIVERGED);
        assert_int_equal(mnist_trainer_progress(r.trainer)->step, 2);
        assert_int_equal(mnist_checkpoint_save(r.trainer, path, NULL, 0, &err),
                         MNIST_ERROR_DIVERGED);
        assert_non_null(strstr(err.message, "not written"));
        end(&r);
    }
    assert_int_equal(temporary_count(*state), 0);
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
        TEST(other_options_are_refused),
        TEST(min_delta_and_cosine_decide),
        TEST(other_data_are_refused),
        TEST(other_networks_are_refused),
        TEST(weights_alone_are_no_checkpoint),
        TEST(a_failing_save_leaves_the_old_file),
        TEST(every_allocation_may_fail),
        TEST(what_diverged_stays_so),
    };
    return cmocka_run_group_tests(tests, setup_data, release_data);
}
