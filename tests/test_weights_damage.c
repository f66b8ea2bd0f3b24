/* Weights files that are whole, but not what their network needs. */
#include <mnist/weights.h>

#include "support/networks.h"
#include "support/sealed.h"
#include "support/temporary.h"
#include "support/tiny.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void refused(temporary *t, const sealed *file, const char *why)
{
    mnist_network *net = NULL;
    mnist_notes *notes = NULL;
    mnist_error err = {.status = MNIST_OK};
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
        {"\"network\":\"" TINY_LINE "\",", "", "no \"network\""},
        {TINY_LINE, "", "network:"},
        {TINY_LINE, "dense:3:relu,dense:2", "softmax"},
        {TINY_LINE, "dense:3:relu,dense:2:softmax,", "network:"},
        {TINY_LINE, "dnse:3:relu,dense:2:softmax", "dense"},
        {TINY_LINE, "mlp512", "network:"},
        {TINY_LINE, "dense:65536:relu,dense:65536:softmax", "network:"},
        {TINY_LINE, "dense:2:softmax",
         "dense.kernel has the shape 4x3, expected "
         "4x2 by its network"},
        {TINY_LINE, "dense:3:softmax",
         "classes \"2\", expected 3 as its network has"},
        {TINY_LINE, "dense:3:relu,dense:2:relu,dense:2:softmax",
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
        sealed_edit(header, TINY_HEADER, cases[i].from, cases[i].to);
        sealed_make(&file, header, zeros, sizeof zeros);
        refused(*state, &file, cases[i].why);
    }
}

/* What the file was known by, and then no key. */
static void a_header_begins_with_a_key(void **state)
{
    sealed file;
    sealed_make(&file, "{\"a", "", 0);
    refused(*state, &file, "");
    sealed_make(&file, "{1:2}", "", 0);
    refused(*state, &file, "");
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

    sealed_edit(header, TINY_HEADER, middle, swapped);
    sealed_make(&file, header, zeros, 92);
    refused(*state, &file,
            "dense.bias is number 2 of the file, expected "
            "number 1");
    sealed_edit(header, TINY_HEADER, "[84,92]}",
                "[84,92]},\"dense_2.bias\":{\"dtype\":\"F32\",\"shape\":[2],"
                "\"data_offsets\":[92,100]}");
    sealed_make(&file, header, zeros, 100);
    refused(*state, &file, "dense_2.bias (2) is no part of its network");
    sealed_edit(header, TINY_HEADER,
                ",\"dense_1.bias\":{\"dtype\":\"F32\",\"shape\":[2],"
                "\"data_offsets\":[84,92]}",
                "");
    sealed_make(&file, header, zeros, 84);
    refused(*state, &file, "dense_1.bias (2) of its network is missing");
    sealed_edit(header, TINY_HEADER, "[2],\"data_offsets\":[84,92]",
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
        sealed_make(&file, TINY_HEADER, data, sizeof data);
        refused(t, &file, "value 5 of tensor dense_1.kernel is not finite");
    }
    /* The largest float and the smallest are fine. */
    unsigned char data[92] = {0xff, 0xff, 0x7f, 0x7f, 0x01};
    sealed_make(&file, TINY_HEADER, data, sizeof data);
    mnist_network_free(
        load_network(temporary_write(t, "x", file.bytes, file.length), NULL));
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
        sealed_edit(header, TINY_HEADER, "\"seed\":\"7\"", notes);
        sealed_make(&file, header, zeros, sizeof zeros);
        if (i == 128)
            refused(*state, &file, "more than 128 notes");
        else
            mnist_network_free(load_network(
                temporary_write(*state, "x", file.bytes, file.length), NULL));
    }
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, temporary_setup, temporary_teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_does_not_fit_is_refused),
        TEST(a_header_begins_with_a_key),
        TEST(order_and_number_of_tensors_count),
        TEST(values_are_finite),
        TEST(notes_of_a_file_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
