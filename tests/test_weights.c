/* A network to and from its file: mnist/weights.h. */
#include <mnist/weights.h>

#include "golden/weights.h"
#include "support/sealed.h"
#include "support/temporary.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static mnist_network *load(const char *path, mnist_notes **notes)
{
    mnist_network *net;
    mnist_error err;
    if (mnist_weights_load(&net, notes, path, &err) != MNIST_OK)
        fail_msg("%s", err.message);
    return net;
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
    mnist_network *again = load(first, &back);
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
    again = load(first, NULL);
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
    mnist_network *net = load(path, &notes);

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
    mnist_network *loose = load(path, NULL);
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

static void every_cut_is_refused(void **state)
{
    temporary *t = *state;
    mnist_network *net = NULL;
    mnist_error err;

    for (size_t length = 0; length < sizeof golden_weights; length++) {
        const char *path = temporary_write(t, "x", golden_weights, length);
        assert_int_equal(mnist_weights_load(&net, NULL, path, &err),
                         MNIST_ERROR_WEIGHTS);
    }
    assert_null(net);
}

/* A file with bytes that can be changed in place: as fast as memory. */
static void every_changed_byte_is_refused(void **state)
{
    temporary *t = *state;
    const char *path =
        temporary_write(t, "x", golden_weights, sizeof golden_weights);
    mnist_network *net = NULL;
    mnist_error err;
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);

    for (size_t at = 0; at < sizeof golden_weights; at++) {
        for (unsigned change = 1; change < 256; change++) {
            unsigned char byte = (unsigned char)(golden_weights[at] ^ change);
            assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
            if (mnist_weights_load(&net, NULL, path, &err) !=
                MNIST_ERROR_WEIGHTS)
                fail_msg("byte %zu may be %02x", at, byte);
        }
        assert_int_equal(pwrite(fd, golden_weights + at, 1, (off_t)at), 1);
    }
    close(fd);
    assert_null(net);
    mnist_network_free(load(path, NULL));
}

/* The golden file's header, to be changed. */
static const char right[] =
    "{\"__metadata__\":{\"format\":\"mnist\",\"version\":\"1\","
    "\"crc32\":\"00000000\",\"network\":\"" LINE "\",\"input\":\"2x2\","
    "\"scale\":\"255\",\"classes\":\"2\",\"seed\":\"7\"},"
    "\"dense.kernel\":{\"dtype\":\"F32\",\"shape\":[4,3],"
    "\"data_offsets\":[0,48]},"
    "\"dense.bias\":{\"dtype\":\"F32\",\"shape\":[3],"
    "\"data_offsets\":[48,60]},"
    "\"dense_1.kernel\":{\"dtype\":\"F32\",\"shape\":[3,2],"
    "\"data_offsets\":[60,84]},"
    "\"dense_1.bias\":{\"dtype\":\"F32\",\"shape\":[2],"
    "\"data_offsets\":[84,92]}}";

static void refused(temporary *t, const sealed *file, const char *why)
{
    mnist_network *net = NULL;
    mnist_notes *notes = NULL;
    mnist_error err = {MNIST_OK, ""};
    const char *path = temporary_write(t, "x", file->bytes, file->length);

    if (mnist_weights_load(&net, &notes, path, &err) != MNIST_ERROR_WEIGHTS)
        fail_msg("%s: %s", why, err.message);
    if (!strstr(err.message, why) || strncmp(err.message, path, strlen(path)))
        fail_msg("expected \"%s\" in: %s", why, err.message);
    assert_int_equal(err.status, MNIST_ERROR_WEIGHTS);
    assert_null(net);
    assert_null(notes);
}

static void what_does_not_fit_is_refused(void **state)
{
    static const struct {
        const char *from, *to, *why;
    } cases[] = {
        {"\"network\":\"" LINE "\",", "", "no \"network\""},
        {LINE, "", "network:"},
        {LINE, "dense:3:relu,dense:2", "softmax"},
        {LINE, "dense:3:relu,dense:2:softmax,", "network:"},
        {LINE, "dnse:3:relu,dense:2:softmax", "dense"},
        {LINE, "mlp512", "network:"},
        {LINE, "dense:65536:relu,dense:65536:softmax", "network:"},
        {LINE, "dense:2:softmax",
         "dense.kernel has the shape 4x3, expected "
         "4x2 by its network"},
        {LINE, "dense:3:softmax",
         "classes \"2\", expected 3 as its network has"},
        {LINE, "dense:3:relu,dense:2:relu,dense:2:softmax",
         "dense_2.kernel (2x2) of its network is missing"},
        {"\"input\":\"2x2\"", "\"input\":\"4x1\",\"input\":\"2x2\"",
         "each key only once"},
        {"\"input\":\"2x2\",", "", "no \"input\""},
        {"2x2", "2x3", "dense.kernel has the shape 4x3, expected 6x3"},
        {"2x2", "4x4096", "expected 16384x3"},
        {"2x2", "0x4", "images of 0x4"},
        {"2x2", "5000x1", "images of 5000x1"},
        {"2x2", "2", "expected rows x cols"},
        {"2x2", "2x", "expected rows x cols"},
        {"2x2", "2x2x1", "expected rows x cols"},
        {"2x2", " 2x2", "expected rows x cols"},
        {"2x2", "18446744073709551616x1", "expected rows x cols"},
        {"\"scale\":\"255\",", "", "no \"scale\""},
        {"\"255\"", "\"0\"", "scale 0"},
        {"\"255\"", "\"-1\"", "scale -1"},
        {"\"255\"", "\"nan\"", "scale \"nan\", expected a number"},
        {"\"255\"", "\"1e39\"", "expected a number"},
        {"\"255\"", "\"\"", "expected a number"},
        {",\"classes\":\"2\"", "", "no \"classes\", expected 2"},
        {"\"classes\":\"2\"", "\"classes\":\"10\"",
         "classes \"10\", expected 2 as its network has"},
        {"\"classes\":\"2\"", "\"classes\":\"2.0\"", "expected 2"},
        {"\"seed\"", "\"se-ed\"", "key \"se-ed\""},
        {"\"seed\"", "\"\"", "key \"\""},
        {"dense.bias", "dense.gamma",
         "dense.bias (3) of its network is missing"},
        {"\"dense.bias", "\"dense.\\u001b[31m", "dense.bias (3)"},
        {"[3,2]", "[2,3]", "dense_1.kernel has the shape 2x3, expected 3x2"},
        {"\"shape\":[3]", "\"shape\":[3,1]", "shape 3x1, expected 3"},
        {"\"shape\":[4,3]", "\"shape\":[12]", "shape 12, expected 4x3"},
    };
    unsigned char zeros[92] = {0};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char header[SEALED_MAX];
        sealed file;
        sealed_edit(header, right, cases[i].from, cases[i].to);
        sealed_make(&file, header, zeros, sizeof zeros);
        refused(*state, &file, cases[i].why);
    }
}

static void order_and_number_of_tensors_count(void **state)
{
    static const char middle[] =
        "\"dense.bias\":{\"dtype\":\"F32\",\"shape\":[3],"
        "\"data_offsets\":[48,60]},"
        "\"dense_1.kernel\":{\"dtype\":\"F32\",\"shape\":[3,2],"
        "\"data_offsets\":[60,84]}";
    static const char swapped[] =
        "\"dense_1.kernel\":{\"dtype\":\"F32\",\"shape\":[3,2],"
        "\"data_offsets\":[48,72]},"
        "\"dense.bias\":{\"dtype\":\"F32\",\"shape\":[3],"
        "\"data_offsets\":[72,84]}";
    unsigned char zeros[100] = {0};
    char header[SEALED_MAX];
    sealed file;

    sealed_edit(header, right, middle, swapped);
    sealed_make(&file, header, zeros, 92);
    refused(*state, &file,
            "dense.bias is number 2 of the file, expected "
            "number 1");
    sealed_edit(header, right, "[84,92]}",
                "[84,92]},\"dense_2.bias\":{\"dtype\":\"F32\",\"shape\":[2],"
                "\"data_offsets\":[92,100]}");
    sealed_make(&file, header, zeros, 100);
    refused(*state, &file, "dense_2.bias (2) is no part of its network");
    sealed_edit(header, right,
                ",\"dense_1.bias\":{\"dtype\":\"F32\",\"shape\":[2],"
                "\"data_offsets\":[84,92]}",
                "");
    sealed_make(&file, header, zeros, 84);
    refused(*state, &file, "dense_1.bias (2) of its network is missing");
    sealed_edit(header, right, "[2],\"data_offsets\":[84,92]",
                "[],\"data_offsets\":[84,88]");
    sealed_make(&file, header, zeros, 88);
    refused(*state, &file, "dense_1.bias has the shape scalar, expected 2");
}

static void values_are_finite(void **state)
{
    static const uint32_t bad[] = {0x7f800000, 0xff800000, 0x7fc00000,
                                   0x7f800001, 0xffffffff};
    temporary *t = *state;
    sealed file;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        unsigned char data[92] = {0};
        for (size_t b = 0; b < 4; b++)
            data[60 + 4 * 5 + b] = (unsigned char)(bad[i] >> (8 * b));
        sealed_make(&file, right, data, sizeof data);
        refused(t, &file, "value 5 of tensor dense_1.kernel is not finite");
    }
    /* The largest float and the smallest are fine. */
    unsigned char data[92] = {0xff, 0xff, 0x7f, 0x7f, 0x01};
    sealed_make(&file, right, data, sizeof data);
    mnist_network_free(
        load(temporary_write(t, "x", file.bytes, file.length), NULL));
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
    char keys[129][8];
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
    mnist_network_free(load(path, NULL));
    mnist_network_free(net);
}

static void notes_of_a_file_are_bounded(void **state)
{
    char header[SEALED_MAX], notes[SEALED_MAX] = "\"seed\":\"7\"";
    unsigned char zeros[92] = {0};
    sealed file;

    for (int i = 1; i < 129; i++) {
        size_t used = strlen(notes);
        snprintf(notes + used, sizeof notes - used, ",\"k%d\":\"\"", i);
        if (i < 127)
            continue;
        sealed_edit(header, right, "\"seed\":\"7\"", notes);
        sealed_make(&file, header, zeros, sizeof zeros);
        if (i == 128)
            refused(*state, &file, "more than 128 notes");
        else
            mnist_network_free(load(
                temporary_write(*state, "x", file.bytes, file.length), NULL));
    }
}

static void notes_become_utf8(void **state)
{
    temporary *t = *state;
    mnist_network *net = new_network(LINE, 2, 2, 255);
    const char *path = temporary_path(t, "x");
    const mnist_note note = {"data", "caf\xe9/mnist"};
    mnist_notes *notes;

    save(net, path, &note, 1);
    mnist_network *again = load(path, &notes);
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
        TEST(comes_back_as_it_was),
        TEST(python_agrees_on_every_byte),
        TEST(the_file_is_aligned_and_small),
        TEST(every_cut_is_refused),
        TEST(every_changed_byte_is_refused),
        TEST(what_does_not_fit_is_refused),
        TEST(order_and_number_of_tensors_count),
        TEST(values_are_finite),
        TEST(what_diverged_is_not_saved),
        TEST(notes_have_names_of_their_own),
        TEST(notes_of_a_file_are_bounded),
        TEST(notes_become_utf8),
        TEST(the_system_may_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
