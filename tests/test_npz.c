/* NumPy's archives, read back as a zip program does it: from the directory at
   the end. */
#include <mnist/exchange.h>

#include "base/crc32.h"
#include "base/file.h"
#include "support/networks.h"
#include "support/temporary.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE "conv2d:2:2x3:relu,maxpool:2x2,dense:3:softmax"

typedef struct archive {
    uint8_t *bytes;
    size_t length, directory, count;
} archive;

static size_t le16(const uint8_t *b)
{
    return b[0] | (size_t)b[1] << 8;
}

static archive open_archive(const char *path)
{
    archive a;
    a.bytes = temporary_read(path, &a.length);
    assert_true(a.length > 22);
    const uint8_t *end = a.bytes + a.length - 22;
    assert_memory_equal(end, "PK\5\6\0\0\0\0", 8);
    a.count = le16(end + 8);
    assert_int_equal(le16(end + 10), a.count);
    a.directory = mnist_load_le32(end + 16);
    assert_int_equal(a.directory + mnist_load_le32(end + 12) + 22, a.length);
    return a;
}

/* The bytes of a file, whose two headers must agree, and its CRC be right. */
static const uint8_t *find(const archive *a, const char *name, size_t *size)
{
    const uint8_t *at = a->bytes + a->directory;
    for (size_t i = 0; i < a->count; i++) {
        size_t length = le16(at + 28);
        const uint8_t *entry = at;
        assert_memory_equal(entry, "PK\1\2", 4);
        at += 46 + length;
        if (strlen(name) != length || memcmp(entry + 46, name, length) != 0)
            continue;
        const uint8_t *local = a->bytes + mnist_load_le32(entry + 42);
        assert_memory_equal(local, "PK\3\4", 4);
        assert_memory_equal(local + 4, entry + 6, 26);
        assert_memory_equal(local + 30, name, length);
        *size = mnist_load_le32(entry + 24);
        assert_int_equal(mnist_load_le32(entry + 20), *size);
        assert_int_equal(mnist_load_le32(entry + 16),
                         mnist_crc32(0, local + 30 + length, *size));
        assert_int_equal(le16(entry + 10), 0); /* stored */
        return local + 30 + length;
    }
    fail_msg("%s is not in the archive", name);
    return NULL;
}

/* Checks an array's header, to the byte, and returns its data. */
static const uint8_t *array(const archive *a, const char *name,
                            const char *dict, size_t data)
{
    char file[64], header[128];
    size_t size;
    snprintf(file, sizeof file, "%s.npy", name);
    const uint8_t *bytes = find(a, file, &size);
    assert_int_equal(size, 128 + data);
    assert_memory_equal(bytes, "\x93NUMPY\1\0v\0", 10); /* v: 118 */
    snprintf(header, sizeof header, "%-117s\n", dict);
    assert_memory_equal(bytes + 10, header, 118);
    return bytes + 128;
}

static void check_tensor(const archive *a, const mnist_tensor *tensor,
                         const char *shape)
{
    char dict[118];
    snprintf(dict, sizeof dict,
             "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }", shape);
    const uint8_t *data = array(a, tensor->name, dict, 4 * tensor->count);
    for (size_t i = 0; i < tensor->count; i++) {
        uint32_t bits = mnist_load_le32(data + 4 * i);
        assert_memory_equal(&bits, tensor->data + i, 4);
    }
}

static void all_is_in_it(void **state)
{
    temporary *t = *state;
    static const char *const shapes[] = {"(2, 3, 1, 2)", "(2,)", "(8, 3)",
                                         "(3,)"};
    const char *path = temporary_path(t, "x.npz");
    mnist_network *net = make_network(LINE, 5, 7, 16, 3);
    mnist_error err;
    const mnist_tensor *tensor;
    assert_int_equal(mnist_export_npz(net, path, &err), MNIST_OK);
    archive a = open_archive(path);
    assert_int_equal(a.count, 4 + 3);
    for (size_t i = 0; (tensor = mnist_network_tensor(net, i)); i++)
        check_tensor(&a, tensor, shapes[i]);
    const uint8_t *line =
        array(&a, "network",
              "{'descr': '<U45', 'fortran_order': False, 'shape': (), }",
              4 * strlen(LINE));
    for (size_t i = 0; i < strlen(LINE); i++)
        assert_int_equal(mnist_load_le32(line + 4 * i), LINE[i]);
    assert_memory_equal(
        array(&a, "input",
              "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }", 16),
        "\5\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0", 16);
    assert_memory_equal(
        array(&a, "scale",
              "{'descr': '<f4', 'fortran_order': False, 'shape': (), }", 4),
        "\0\0\x80\x41", 4);
    free(a.bytes);
    mnist_network_free(net);
}

static void the_same_gives_the_same_bytes(void **state)
{
    temporary *t = *state;
    mnist_network *net = make_network(LINE, 5, 7, 16, 3);
    size_t one, two;
    assert_int_equal(mnist_export_npz(net, temporary_path(t, "1"), NULL),
                     MNIST_OK);
    assert_int_equal(mnist_export_npz(net, temporary_path(t, "2"), NULL),
                     MNIST_OK);
    char *a = temporary_read(temporary_path(t, "1"), &one);
    char *b = temporary_read(temporary_path(t, "2"), &two);
    assert_int_equal(one, two);
    assert_memory_equal(a, b, one);
    free(a);
    free(b);
    mnist_network_free(net);
}

static void what_cannot_be_written_is_told(void **state)
{
    temporary *t = *state;
    mnist_network *net = make_network(LINE, 5, 7, 16, 3);
    mnist_error err;
    assert_int_equal(
        mnist_export_npz(net, temporary_path(t, "none/x.npz"), &err),
        MNIST_ERROR_SYSTEM);
    assert_non_null(strstr(err.message, "none/x.npz: cannot"));
    mnist_network_free(net);
}

#define TEST(f)                                                                \
    cmocka_unit_test_setup_teardown(f, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_is_in_it),
        TEST(the_same_gives_the_same_bytes),
        TEST(what_cannot_be_written_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
