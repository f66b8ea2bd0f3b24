/* A network to and from its file: mnist/weights.h. */
#include <mnist/weights.h>

#include "golden/weights.h"
#include "support/networks.h"
#include "support/temporary.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LINE "dense:3:relu,dense:2:softmax"

static mnist_network *new_network(const char *line, size_t rows, size_t cols,
                                  float scale)
{
    mnist_network *net;
    mnist_error err;
    if (mnist_network_new(&net, line, rows, cols, scale, &err) != MNIST_OK)
        fail_msg("%s", err.message);
    mnist_network_init(net, 5);
    return net;
}

static void save(const mnist_network *net, const char *path,
                 const mnist_note *notes, size_t count)
{
    mnist_error err;
    if (mnist_weights_save(net, path, notes, count, &err) != MNIST_OK)
        fail_msg("%s", err.message);
}

static void same_file(const char *path, const void *bytes, size_t length)
{
    size_t found;
    void *file = temporary_read(path, &found);
    assert_int_equal(found, length);
    assert_memory_equal(file, bytes, length);
    free(file);
}

static void same_network(const mnist_network *a, const mnist_network *b)
{
    const mnist_tensor *x, *y;
    assert_string_equal(mnist_network_line(a), mnist_network_line(b));
    assert_int_equal(mnist_network_rows(a), mnist_network_rows(b));
    assert_int_equal(mnist_network_cols(a), mnist_network_cols(b));
    assert_true(mnist_network_scale(a) == mnist_network_scale(b));
    for (size_t i = 0; (x = mnist_network_tensor(a, i)); i++) {
        y = mnist_network_tensor(b, i);
        assert_string_equal(x->name, y->name);
        assert_int_equal(x->count, y->count);
        assert_memory_equal(x->data, y->data, x->count * sizeof *x->data);
    }
    assert_null(mnist_network_tensor(b, 4));
}

static void comes_back_as_it_was(void **state)
{
    temporary *t = *state;
    static const mnist_note notes[] = {{"seed", "18446744073709551615"},
                                       {"empty", ""},
                                       {"data", "a \"b\" \\ \n \xc3\xa9"}};
    mnist_network *net =
        new_network("dense:7:relu:l1=0.0001,dense:10:softmax", 5, 3, 0.1f);
    const char *first = temporary_path(t, "first");
    const char *second = temporary_path(t, "second");
    mnist_notes *back;
    size_t length;

    save(net, first, notes, 3);
    mnist_network *again = load_network(first, &back);
    same_network(net, again);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(mnist_notes_get(back, i)->key, notes[i].key);
        assert_string_equal(mnist_notes_get(back, i)->value, notes[i].value);
    }
    assert_null(mnist_notes_get(back, 3));
    save(again, second, mnist_notes_get(back, 0), 3);
    void *bytes = temporary_read(first, &length);
    same_file(second, bytes, length);

    mnist_network_free(again);
    again = load_network(first, NULL);
    same_network(net, again);
    free(bytes);
    mnist_notes_free(back);
    mnist_notes_free(NULL);
    mnist_network_free(again);
    mnist_network_free(net);
}

static void python_agrees_on_every_byte(void **state)
{
    temporary *t = *state;
    const char *path =
        temporary_write(t, "python", golden_weights, sizeof golden_weights);
    mnist_notes *notes;
    mnist_network *net = load_network(path, &notes);

    assert_string_equal(mnist_network_line(net), LINE);
    assert_int_equal(mnist_network_rows(net), 2);
    assert_int_equal(mnist_network_cols(net), 2);
    assert_int_equal(mnist_network_classes(net), 2);
    assert_true(mnist_network_scale(net) == 255);
    const mnist_tensor *kernel = mnist_network_tensor(net, 0);
    for (int i = 0; i < 12; i++)
        assert_true(kernel->data[i] == (float)(i * 7 % 11 - 5) / 8);
    const mnist_tensor *bias = mnist_network_tensor(net, 3);
    assert_true(bias->data[0] == 0 && !signbit(bias->data[0]));
    assert_true(bias->data[1] == 0 && signbit(bias->data[1]));
    assert_string_equal(mnist_notes_get(notes, 1)->key, "data");
    assert_string_equal(mnist_notes_get(notes, 1)->value,
                        "mnist \xc3\xa9 \"x\"");

    const char *ours = temporary_path(t, "ours");
    save(net, ours, mnist_notes_get(notes, 0), 2);
    same_file(ours, golden_weights, sizeof golden_weights);

    path = temporary_write(t, "loose", golden_loose, sizeof golden_loose);
    mnist_network *loose = load_network(path, NULL);
    same_network(loose, net);
    mnist_network_free(loose);
    mnist_notes_free(notes);
    mnist_network_free(net);
}

static void the_file_is_aligned_and_small(void **state)
{
    temporary *t = *state;
    mnist_network *net =
        new_network("dense:512:relu,dense:10:softmax", 28, 28, 255);
    const char *path = temporary_path(t, "x");
    size_t length;

    save(net, path, NULL, 0);
    unsigned char *bytes = temporary_read(path, &length);
    size_t header = bytes[0] + 256 * (size_t)bytes[1];
    assert_int_equal((8 + header) % 64, 0);
    assert_true(header < 2048);
    assert_int_equal(length, 8 + header + 4 * 407050);
    free(bytes);
    mnist_network_free(net);
}

static void what_diverged_is_not_saved(void **state)
{
    static const float bad[] = {INFINITY, -INFINITY, NAN};
    temporary *t = *state;
    mnist_network *net = new_network(LINE, 2, 2, 255);
    const char *path = temporary_write(t, "x", "old", 3);
    mnist_error err;

    for (size_t i = 0; i < 3; i++) {
        mnist_network_tensor(net, 2)->data[1] = bad[i];
        assert_int_equal(mnist_weights_save(net, path, NULL, 0, &err),
                         MNIST_ERROR_DIVERGED);
        assert_non_null(strstr(err.message, "value 1 of dense_1.kernel"));
        same_file(path, "old", 3);
    }
    mnist_network_free(net);
    assert_int_equal(temporary_count(t), 1);
}

static void notes_have_names_of_their_own(void **state)
{
    static const char *const bad[] = {"",       "a b",     "a-b",    "\xc3\xa9",
                                      "format", "version", "crc32",  "network",
                                      "input",  "scale",   "classes"};
    temporary *t = *state;
    mnist_network *net = new_network(LINE, 2, 2, 255);
    const char *path = temporary_path(t, "x");
    mnist_note many[129];
    char keys[129][16];
    mnist_error err;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        mnist_note note = {bad[i], "value"};
        assert_int_equal(mnist_weights_save(net, path, &note, 1, &err),
                         MNIST_ERROR_ARGUMENT);
    }
    for (int i = 0; i < 129; i++) {
        snprintf(keys[i], sizeof keys[i], "k%d", i);
        many[i] = (mnist_note){keys[i], "v"};
    }
    assert_int_equal(mnist_weights_save(net, path, many, 129, &err),
                     MNIST_ERROR_ARGUMENT);
    many[7].key = "k3";
    assert_int_equal(mnist_weights_save(net, path, many, 8, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_int_equal(temporary_count(t), 0);
    many[7].key = keys[7];
    save(net, path, many, 128);
    mnist_network_free(load_network(path, NULL));
    mnist_network_free(net);
}

static void notes_become_utf8(void **state)
{
    temporary *t = *state;
    mnist_network *net = new_network(LINE, 2, 2, 255);
    const char *path = temporary_path(t, "x");
    const mnist_note note = {"data", "caf\xe9/mnist"};
    mnist_notes *notes;

    save(net, path, &note, 1);
    mnist_network *again = load_network(path, &notes);
    assert_string_equal(mnist_notes_get(notes, 0)->value,
                        "caf\xef\xbf\xbd/mnist");
    mnist_notes_free(notes);
    mnist_network_free(again);
    mnist_network_free(net);
}

static void the_system_may_refuse(void **state)
{
    temporary *t = *state;
    mnist_network *net = new_network(LINE, 2, 2, 255);
    mnist_network *none = NULL;
    mnist_error err;

    assert_int_equal(
        mnist_weights_load(&none, NULL, temporary_path(t, "x"), &err),
        MNIST_ERROR_SYSTEM);
    assert_int_equal(
        mnist_weights_save(net, temporary_folder(t), NULL, 0, &err),
        MNIST_ERROR_SYSTEM);
    assert_int_equal(
        mnist_weights_save(net, temporary_path(t, "no/x"), NULL, 0, &err),
        MNIST_ERROR_SYSTEM);
    assert_null(none);
    mnist_network_free(net);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, temporary_setup, temporary_teardown)
    const struct CMUnitTest tests[] = {
        TEST(comes_back_as_it_was),          TEST(python_agrees_on_every_byte),
        TEST(the_file_is_aligned_and_small), TEST(what_diverged_is_not_saved),
        TEST(notes_have_names_of_their_own), TEST(notes_become_utf8),
        TEST(the_system_may_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
