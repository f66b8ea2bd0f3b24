/* Files that are saved, what is not, and files that come through a pipe:
   model/safetensors.h. */
#include "model/safetensors.h"

#include "support/sealed.h"
#include "support/temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* A tensor of `count` values under the name "big". */
static mnist_tensor big_tensor(size_t count)
{
    mnist_tensor tensor = {.name = "big", .dims = 1, .size = {count}};
    tensor.count = count;
    tensor.data = malloc(count * sizeof(float));
    assert_non_null(tensor.data);
    for (size_t i = 0; i < count; i++)
        tensor.data[i] = (float)(i % 1000) / 8;
    return tensor;
}

/* Reads "-" while another process writes these bytes to it. */
static mnist_status read_pipe(mnist_safetensors **out, const void *bytes,
                              size_t length, mnist_error *err)
{
    int ends[2], status, old = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const char *from = bytes;
        close(ends[0]);
        while (length > 0) {
            ssize_t n = write(ends[1], from, length);
            if (n <= 0)
                _exit(1);
            from += n;
            length -= (size_t)n;
        }
        _exit(0);
    }
    close(ends[1]);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    mnist_status result = mnist_safetensors_read(out, "-", err);
    if (old >= 0) {
        dup2(old, STDIN_FILENO);
        close(old);
    } else {
        close(STDIN_FILENO);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return result;
}

static void pipes_are_read_as_files_are(void **state)
{
    temporary *t = *state;
    /* Two doublings and a rest past the first MiB. */
    mnist_tensor big = big_tensor(1200000);
    const mnist_tensor *tensors[] = {&big};
    const char *path = temporary_path(t, "big");
    mnist_safetensors *file = NULL;
    mnist_error err;
    size_t length;

    assert_int_equal(mnist_safetensors_save(path, tensors, 1, NULL, 0, &err),
                     MNIST_OK);
    unsigned char *bytes = temporary_read(path, &length);
    assert_int_equal(read_pipe(&file, bytes, length, &err), MNIST_OK);
    float *back = malloc(big.count * sizeof *back);
    assert_non_null(back);
    mnist_safetensors_copy(file, &file->tensors[0], back);
    assert_memory_equal(back, big.data, big.count * sizeof *back);
    mnist_safetensors_free(file);

    file = NULL;
    assert_int_equal(read_pipe(&file, bytes, length - 1, &err),
                     MNIST_ERROR_WEIGHTS);
    assert_non_null(strstr(err.message, "standard input: the file ends"));
    assert_int_equal(read_pipe(&file, bytes, 100, &err), MNIST_ERROR_WEIGHTS);
    assert_non_null(strstr(err.message, "the file ends after 100 bytes"));
    assert_int_equal(read_pipe(&file, bytes, 0, &err), MNIST_ERROR_WEIGHTS);
    unsigned char *longer = malloc(length + 1);
    assert_non_null(longer);
    memcpy(longer, bytes, length);
    longer[length] = 0;
    assert_int_equal(read_pipe(&file, longer, length + 1, &err),
                     MNIST_ERROR_WEIGHTS);
    assert_non_null(strstr(err.message, "more bytes after"));
    assert_null(file);
    free(longer);
    free(back);
    free(bytes);
    free(big.data);
}

static const char right[] =
    "{\"__metadata__\":{\"format\":\"mnist\",\"version\":\"1\","
    "\"crc32\":\"00000000\",\"made\":\"by hand\"},"
    "\"a\":{\"dtype\":\"F32\",\"shape\":[4,3],\"data_offsets\":[0,48]},"
    "\"b\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[48,60]},"
    "\"c\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[60,64]}}";

static void saves_in_the_form_of_the_format(void **state)
{
    temporary *t = *state;
    mnist_tensor a = {.name = "a", .dims = 2, .size = {4, 3}, .count = 12};
    mnist_tensor b = {.name = "b", .dims = 1, .size = {3}, .count = 3};
    mnist_tensor c = {.name = "c", .dims = 0, .count = 1};
    const mnist_tensor *tensors[] = {&a, &b, &c};
    const mnist_note note = {"made", "by hand"};
    const char *path = temporary_path(t, "y");
    float values[16];
    unsigned char data[64];
    mnist_error err;
    sealed expected;
    char header[SEALED_MAX];
    size_t length;

    for (size_t i = 0; i < 16; i++) {
        uint32_t bits;
        values[i] = (float)i / 4;
        memcpy(&bits, &values[i], sizeof bits);
        for (size_t byte = 0; byte < 4; byte++) /* little-endian by hand */
            data[4 * i + byte] = (unsigned char)(bits >> (8 * byte));
    }
    a.data = values;
    b.data = values + 12;
    c.data = values + 15;
    assert_int_equal(mnist_safetensors_save(path, tensors, 3, &note, 1, &err),
                     MNIST_OK);
    unsigned char *bytes = temporary_read(path, &length);

    size_t used = strlen(right);
    memcpy(header, right, used);
    while ((8 + used) % 64 != 0)
        header[used++] = ' ';
    sealed_make_bytes(&expected, header, used, data, sizeof data);
    assert_int_equal(length, expected.length);
    assert_memory_equal(bytes, expected.bytes, length);
    free(bytes);
}

static void what_cannot_be_read_is_not_saved(void **state)
{
    temporary *t = *state;
    const char *path = temporary_path(t, "y");
    mnist_note notes[MNIST_MAX_METADATA];
    const mnist_tensor empty = {.name = "t", .dims = 1};
    const mnist_tensor *tensors[MNIST_MAX_TENSORS + 1];
    mnist_error err;

    char *text = malloc(MNIST_MAX_HEADER + 1);
    assert_non_null(text);
    memset(text, 'x', MNIST_MAX_HEADER);
    text[MNIST_MAX_HEADER] = '\0';
    notes[0] = (mnist_note){"long", text};
    assert_int_equal(mnist_safetensors_save(path, NULL, 0, notes, 1, &err),
                     MNIST_ERROR_ARGUMENT);
    /* Short enough itself, too long when escaped. */
    memset(text, '\n', MNIST_MAX_HEADER / 2);
    text[MNIST_MAX_HEADER / 2] = '\0';
    assert_int_equal(mnist_safetensors_save(path, NULL, 0, notes, 1, &err),
                     MNIST_ERROR_ARGUMENT);
    free(text);

    for (size_t i = 0; i < MNIST_MAX_METADATA; i++)
        notes[i] = (mnist_note){"key", "value"};
    assert_int_equal(mnist_safetensors_save(path, NULL, 0, notes,
                                            MNIST_MAX_METADATA - 2, &err),
                     MNIST_ERROR_ARGUMENT);
    for (size_t i = 0; i <= MNIST_MAX_TENSORS; i++)
        tensors[i] = &empty;
    assert_int_equal(mnist_safetensors_save(
                         path, tensors, MNIST_MAX_TENSORS + 1, NULL, 0, &err),
                     MNIST_ERROR_ARGUMENT);
    assert_int_equal(temporary_count(t), 0);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, temporary_setup, temporary_teardown)
    const struct CMUnitTest tests[] = {
        TEST(pipes_are_read_as_files_are),
        TEST(saves_in_the_form_of_the_format),
        TEST(what_cannot_be_read_is_not_saved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
