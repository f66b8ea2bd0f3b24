/* What a checkpoint does not go with, and failing to save: checkpoint.h. */
#include <mnist/checkpoint.h>

#include "support/allocations.h"
#include "support/networks.h"
#include "support/stopped.h"
#include "support/temporary.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

/* ------------------------------------------------------------- refusals */

/* Loading fails so, with all the words, and changes nothing. */
static void refuses(run *r, const char *path, mnist_status want,
                    const char *const words[2])
{
    mnist_error err = {.status = MNIST_OK};
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
    const mnist_train_options *was = &settings[CENTERED_STEPS].options;
    run r;
    begin(&r, &settings[CENTERED_STEPS]);
    go(&r, STEPS + 2);
    save(&r, path);
    end(&r);
    struct {
        mnist_train_options options;
        const char *words[2];
    } cases[24];
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
    OTHER(clip_norm, 0.5, "clip norm 0, not 0.5");
    OTHER(schedule, MNIST_COSINE, "schedule step, not cosine");
    OTHER(step_epochs, 2, "step 1, not 2");
    OTHER(step_factor, 0.5, "step factor 0.3, not 0.5");
    OTHER(seed, 4, "seed 3, not 4");
    OTHER(shuffle, 0, "shuffle on, not off");
    OTHER(patience, 1, "patience 0, not 1");
    OTHER(keep_best, 1, "keep best off, not on");
    OTHER(epochs, 1, "2 epochs are begun", "has 1");
    for (size_t i = 0; i < count; i++) {
        setting other = settings[CENTERED_STEPS];
        other.options = cases[i].options;
        begin(&r, &other);
        refuses(&r, path, MNIST_ERROR_ARGUMENT, cases[i].words);
        end(&r);
    }
    /* What decides nothing, or says the same in another way, may differ. */
    setting other = settings[CENTERED_STEPS];
    other.options.min_delta = 3;
    other.options.shuffle = 7;
    other.options.rmsprop.centered = -1;
    other.options.monitor = MNIST_MONITOR_VALIDATION_ACCURACY;
    begin(&r, &other);
    load(&r, path);
    end(&r);
}

static void what_a_plateau_is_decides(void **state)
{
    const char *path = temporary_path(*state, "x");
    const setting *was = &settings[PLATEAU_CLIPPED];
    setting other = *was;
    run r;
    begin(&r, was);
    go(&r, STEPS + 1);
    save(&r, path);
    end(&r);
    other.options.plateau_epochs = 2;
    begin(&r, &other);
    REFUSES(&r, path, MNIST_ERROR_ARGUMENT, "epochs of a plateau 1, not 2");
    end(&r);
    other = *was;
    other.options.plateau_factor = 0.5;
    begin(&r, &other);
    REFUSES(&r, path, MNIST_ERROR_ARGUMENT, "plateau factor 0.3, not 0.5");
    end(&r);
    other = *was;
    other.options.min_lr = 0;
    begin(&r, &other);
    REFUSES(&r, path, MNIST_ERROR_ARGUMENT, "least learning rate 0.01, not 0");
    end(&r);
    other = *was;
    other.options.monitor = MNIST_MONITOR_LOSS;
    begin(&r, &other);
    REFUSES(&r, path, MNIST_ERROR_ARGUMENT, "monitor acc, not auto");
    end(&r);
    other = *was;
    other.options.step_epochs = 3;
    begin(&r, &other);
    load(&r, path);
    end(&r);
}

static void min_delta_and_cosine_decide(void **state)
{
    const char *path = temporary_path(*state, "x");
    setting other = settings[STOPPED_EARLY];
    run r;
    begin(&r, &settings[STOPPED_EARLY]);
    save(&r, path);
    end(&r);
    other.options.min_delta = 0.25;
    begin(&r, &other);
    REFUSES(&r, path, MNIST_ERROR_ARGUMENT, "min delta 5, not 0.25");
    end(&r);

    other = settings[BEST_KEPT];
    begin(&r, &other);
    save(&r, path);
    end(&r);
    other.options.monitor = MNIST_MONITOR_VALIDATION_LOSS;
    begin(&r, &other);
    REFUSES(&r, path, MNIST_ERROR_ARGUMENT, "monitor val_acc, not auto");
    end(&r);
    /* Which is what it stands for there. */
    begin(&r, &other);
    save(&r, path);
    end(&r);
    other.options.monitor = MNIST_MONITOR_AUTO;
    begin(&r, &other);
    load(&r, path);
    end(&r);

    other = settings[MOMENTUM_COSINE];
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
    const mnist_dataset right = training, valid = validation;
    uint8_t pixels[IMAGES * ROWS * COLS], labels[IMAGES];
    run r;
    begin(&r, &settings[MOMENTUM_COSINE]);
    go(&r, 4);
    save(&r, path);
    end(&r);

    memcpy(pixels, training.pixels, sizeof pixels);
    memcpy(labels, training.labels, sizeof labels);
    pixels[sizeof pixels - 1] ^= 1;
    labels[0] = labels[0] ? 0 : 1;
    training.pixels = pixels;
    begin(&r, &settings[MOMENTUM_COSINE]);
    REFUSES(&r, path, MNIST_ERROR_DATA, "other training images than pictures");
    end(&r);
    training = right;
    training.labels = labels;
    begin(&r, &settings[MOMENTUM_COSINE]);
    REFUSES(&r, path, MNIST_ERROR_DATA, "other training labels than names");
    end(&r);
    training = mnist_dataset_slice(&right, 0, IMAGES - 1);
    begin(&r, &settings[MOMENTUM_COSINE]);
    REFUSES(&r, path, MNIST_ERROR_DATA, "23 training images, not 22");
    end(&r);
    training = right;
    validation = mnist_dataset_slice(&right, 0, validation.count);
    begin(&r, &settings[MOMENTUM_COSINE]);
    REFUSES(&r, path, MNIST_ERROR_DATA, "other validation images");
    end(&r);
    validation = valid;
    setting none = settings[MOMENTUM_COSINE];
    none.validated = 0;
    begin(&r, &none);
    REFUSES(&r, path, MNIST_ERROR_DATA, "7 validation images, not 0");
    end(&r);
}

static void other_networks_are_refused(void **state)
{
    const char *path = temporary_path(*state, "x");
    setting other = settings[PLAIN];
    run r;
    begin(&r, &settings[PLAIN]);
    go(&r, 4);
    save(&r, path);
    end(&r);
    other.line = "dense:9:tanh,dense:3:softmax";
    begin(&r, &other);
    REFUSES(&r, path, MNIST_ERROR_WEIGHTS, "\"" MLP "\"", other.line);
    end(&r);
    r = (run){.net = make_network(MLP, ROWS, COLS, 255, 1),
              .options = settings[PLAIN].options};
    begin_with(&r);
    REFUSES(&r, path, MNIST_ERROR_WEIGHTS, "scale 100, not 255");
    end(&r);
    /* Images of another form and the same size: tensors of the same shape. */
    const mnist_dataset right = training;
    training.rows = COLS;
    training.cols = ROWS;
    r = (run){.net = make_network(MLP, COLS, ROWS, 100, 1),
              .options = settings[PLAIN].options};
    begin_with(&r);
    REFUSES(&r, path, MNIST_ERROR_WEIGHTS, "images of 6x5, not 5x6");
    end(&r);
    training = right;
}

static void weights_alone_are_no_checkpoint(void **state)
{
    static const char *const words[2] = {"no training to go on with",
                                         "start a new training from them"};
    const char *path = temporary_path(*state, "x");
    mnist_train_options options = mnist_train_defaults();
    mnist_network *net;
    mnist_notes *notes;
    mnist_error err = {.status = MNIST_OK};
    run r;
    begin(&r, &settings[PLAIN]);
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
    mnist_error err = {.status = MNIST_OK};
    run r;
    begin(&r, &settings[CENTERED_STEPS]);
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

    struct rlimit held, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &held), 0);
    small = held;
    small.rlim_cur = 1000;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    mnist_status status = mnist_checkpoint_save(r.trainer, path, NULL, 0, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &held), 0);
    signal(SIGXFSZ, handler);
    assert_int_equal(status, MNIST_ERROR_SYSTEM);

    mnist_tensor *tensor =
        (mnist_tensor *)(uintptr_t)mnist_network_tensor(r.net, 0);
    float kept = tensor->data[2];
    tensor->data[2] = INFINITY;
    assert_int_equal(mnist_checkpoint_save(r.trainer, path, NULL, 0, &err),
                     MNIST_ERROR_DIVERGED);
    assert_non_null(strstr(err.message, "not written: a weight is not finite "
                                        "at epoch 1, batch 4,"));
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
    mnist_error err = {.status = MNIST_OK};
    run r, other;
    begin(&r, &settings[CONVOLUTION_PATIENCE]);
    go(&r, 3);
    save(&r, old);
    save(&r, path);
    go(&r, 1);
    begin(&other, &settings[CONVOLUTION_PATIENCE]);
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
    setting s = settings[PLAIN];
    mnist_error err = {.status = MNIST_OK};
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
        TEST(other_options_are_refused),
        TEST(what_a_plateau_is_decides),
        TEST(min_delta_and_cosine_decide),
        TEST(other_data_are_refused),
        TEST(other_networks_are_refused),
        TEST(weights_alone_are_no_checkpoint),
        TEST(a_failing_save_leaves_the_old_file),
        TEST(every_allocation_may_fail),
        TEST(what_diverged_stays_so),
    };
    return cmocka_run_group_tests(tests, stopped_setup, stopped_teardown);
}
