/*
 * IDX files, raw or gzip'd. What is accepted has exactly the size that its
 * header promises, and writing it gives the same bytes; a pipe gives what a
 * file does.
 */
#include "fuzz/fuzz.h"

#include <mnist/idx.h>

#include <string.h>
#include <unistd.h>

static void check_raw(const mnist_idx *idx, const uint8_t *bytes, size_t length)
{
    size_t header = 4 + 4 * (size_t)idx->dims;
    fuzz_require(length == header + idx->count);
    fuzz_require(bytes[2] == 8 && bytes[3] == idx->dims);
    fuzz_require(memcmp(idx->data, bytes + header, idx->count) == 0);
}

static void check_accepted(const mnist_idx *idx)
{
    char path[FUZZ_PATH];
    mnist_idx again;
    mnist_error err;
    size_t count = 1, length;
    fuzz_require(idx->dims >= 1 && idx->dims <= 3);
    for (unsigned i = 0; i < idx->dims; i++) {
        fuzz_require(idx->size[i] >= 1);
        count *= idx->size[i];
    }
    fuzz_require(count == idx->count);

    fuzz_path(path, "written");
    fuzz_require(mnist_idx_write(path, idx->dims, idx->size, idx->data, &err) ==
                 MNIST_OK);
    const uint8_t *written = fuzz_read(path, &length);
    check_raw(idx, written, length);
    fuzz_require(mnist_idx_read(&again, path, &err) == MNIST_OK);
    check_raw(&again, written, length);
    mnist_idx_free(&again);
}

/* The bytes by way of standard input, where no size is known before. */
static mnist_status read_pipe(mnist_idx *out, const uint8_t *bytes,
                              size_t length, mnist_error *err)
{
    int ends[2], standard_input = dup(STDIN_FILENO);
    fuzz_require(standard_input >= 0 && pipe(ends) == 0);
    fuzz_require(write(ends[1], bytes, length) == (ssize_t)length);
    fuzz_require(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
    close(ends[0]);
    close(ends[1]);
    mnist_status status = mnist_idx_read(out, "-", err);
    fuzz_require(dup2(standard_input, STDIN_FILENO) == STDIN_FILENO);
    close(standard_input);
    return status;
}

static void check_pipe(const mnist_idx *idx, const uint8_t *bytes,
                       size_t length)
{
    enum { PIPE = 4096 }; /* what every pipe takes without a reader */
    mnist_idx piped;
    mnist_error err = {.status = MNIST_OK};
    if (length > PIPE)
        return;
    mnist_status status = read_pipe(&piped, bytes, length, &err);
    fuzz_require((status == MNIST_OK) == (idx != NULL));
    if (status) {
        fuzz_require_refusal(status, &err);
        return;
    }
    fuzz_require(piped.dims == idx->dims && piped.count == idx->count);
    fuzz_require(memcmp(piped.data, idx->data, idx->count) == 0);
    mnist_idx_free(&piped);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    mnist_idx idx;
    mnist_error err = {.status = MNIST_OK};
    mnist_status status = mnist_idx_read(&idx, fuzz_file(bytes, length), &err);
    if (status) {
        fuzz_require(status == MNIST_ERROR_DATA);
        fuzz_require_refusal(status, &err);
        check_pipe(NULL, bytes, length);
        return 0;
    }
    if (bytes[0] == 0)
        check_raw(&idx, bytes, length);
    check_accepted(&idx);
    check_pipe(&idx, bytes, length);
    mnist_idx_free(&idx);
    return 0;
}
