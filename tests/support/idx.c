#include "support/idx.h"

#include <mnist/idx.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static mnist_error err;

void make_images(uint8_t bytes[IDX_IMAGES])
{
    static const uint8_t header[16] = {0, 0, 8, 3,  0, 0, 0, 2,
                                       0, 0, 0, 28, 0, 0, 0, 28};
    memcpy(bytes, header, 16);
    for (size_t i = 16; i < IDX_IMAGES; i++)
        bytes[i] = (uint8_t)(i * 7);
}

const uint8_t idx_labels[IDX_LABELS] = {0, 0, 8, 1, 0, 0, 0, 10, 7,
                                        2, 1, 0, 4, 1, 4, 9, 5,  9};

void expect_read(const char *path, const uint8_t *file, size_t length)
{
    mnist_idx idx;
    err.message[0] = '\0';
    mnist_status status = mnist_idx_read(&idx, path, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(status, MNIST_OK);
    size_t header = 4 + 4 * (size_t)idx.dims;
    assert_int_equal(idx.dims, file[3]);
    for (unsigned i = 0; i < idx.dims; i++)
        assert_int_equal(idx.size[i], file[7 + 4 * i]);
    assert_int_equal(idx.count, length - header);
    assert_memory_equal(idx.data, file + header, idx.count);
    mnist_idx_free(&idx);
    assert_null(idx.data);
    assert_int_equal(idx.count, 0);
}
