/* The file format, its damage, and what is no such file: model/safetensors.h.
 */
#include "model/safetensors.h"

#include "support/sealed.h"
#include "support/temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define META                                                                   \
    "\"__metadata__\":{\"format\":\"mnist\",\"version\":\"1\","                \
    "\"crc32\":\"00000000\",\"made\":\"by hand\"}"
#define ENTRY_A                                                                \
    "\"a\":{\"dtype\":\"F32\",\"shape\":[4,3],\"data_offsets\":[0,48]}"
#define ENTRY_B                                                                \
    "\"b\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[48,60]}"
#define ENTRY_C                                                                \
    "\"c\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[60,64]}"

/* Of numbers beyond 32 bits. */
#if SIZE_MAX > UINT32_MAX
#define TOO_LARGE "do not hold"
#else
#define TOO_LARGE "what this machine can hold"
#endif

static const char right[] = "{" META "," ENTRY_A "," ENTRY_B "," ENTRY_C "}  ";

/* 16 floats: i / 4. */
static const float values[16] = {0, 0.25f, 0.5f, 0.75f, 1, 1.25f, 1.5f, 1.75f,
                                 2, 2.25f, 2.5f, 2.75f, 3, 3.25f, 3.5f, 3.75f};
static unsigned char data[64];

static mnist_status read_bytes(temporary *t, const void *bytes, size_t length,
                               mnist_error *err)
{
    mnist_safetensors *file = NULL;
    const char *path = temporary_write(t, "x", bytes, length);
    memset(err, 0, sizeof *err);
    mnist_status status = mnist_safetensors_read(&file, path, err);
    if (status == MNIST_OK)
        mnist_safetensors_free(file);
    else
        assert_null(file);
    return status;
}

static void refused(temporary *t, const void *bytes, size_t length,
                    const char *why)
{
    mnist_error err;
    mnist_status status = read_bytes(t, bytes, length, &err);
    if (status != MNIST_ERROR_WEIGHTS)
        fail_msg("%s: status %d, message %s", why, (int)status, err.message);
    assert_int_equal(err.status, status);
    if (!strstr(err.message, why) || strchr(err.message, '\n') ||
        strncmp(err.message, temporary_folder(t),
                strlen(temporary_folder(t))) != 0)
        fail_msg("expected \"%s\" in: %s", why, err.message);
}

static void refused_header(temporary *t, const char *header, const char *why)
{
    sealed file;
    sealed_make(&file, header, data, sizeof data);
    refused(t, file.bytes, file.length, why);
}

static int setup(void **state)
{
    /* Little-endian by hand: a multiple of 1/4 below 4 in float bits. */
    for (size_t i = 0; i < 16; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        for (size_t b = 0; b < 4; b++)
            data[4 * i + b] = (unsigned char)(bits >> (8 * b));
    }
    return temporary_setup(state);
}

static void reads_what_is_right(void **state)
{
    temporary *t = *state;
    mnist_safetensors *file;
    mnist_error err;
    sealed made;
    float copy[16];

    sealed_make(&made, right, data, sizeof data);
    const char *path = temporary_write(t, "x", made.bytes, made.length);
    if (mnist_safetensors_read(&file, path, &err) != MNIST_OK)
        fail_msg("%s", err.message);
    assert_int_equal(file->metadata_count, 4);
    assert_string_equal(mnist_safetensors_metadata(file, "made"), "by hand");
    assert_null(mnist_safetensors_metadata(file, "mad"));
    assert_int_equal(file->tensor_count, 3);
    assert_string_equal(file->tensors[0].name, "a");
    assert_int_equal(file->tensors[0].dims, 2);
    assert_int_equal(file->tensors[0].size[0], 4);
    assert_int_equal(file->tensors[0].size[1], 3);
    assert_int_equal(file->tensors[1].count, 3);
    assert_int_equal(file->tensors[2].dims, 0);
    assert_int_equal(file->tensors[2].count, 1);
    mnist_safetensors_copy(file, &file->tensors[0], copy);
    mnist_safetensors_copy(file, &file->tensors[1], copy + 12);
    mnist_safetensors_copy(file, &file->tensors[2], copy + 15);
    assert_memory_equal(copy, values, sizeof values);
    mnist_safetensors_free(file);
    mnist_safetensors_free(NULL);
}

/* Tensors in any order and of any type, metadata where one likes. */
static void files_of_others_are_read(void **state)
{
    static const char header[] =
        "{\"b\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[4,12]},"
        "\"none\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[4,4]},"
        "\"nor\":{\"dtype\":\"I8\",\"shape\":[0],\"data_offsets\":[4,4]},"
        "\"__metadata__\":{\"made\":\"elsewhere\"},"
        "\"a\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]}}";
    temporary *t = *state;
    mnist_safetensors *file;
    mnist_error err;
    sealed made;
    sealed_make(&made, header, data, 12);
    const char *path = temporary_write(t, "x", made.bytes, made.length);
    if (mnist_safetensors_read_foreign(&file, path, &err) != MNIST_OK)
        fail_msg("%s", err.message);
    assert_string_equal(mnist_safetensors_metadata(file, "made"), "elsewhere");
    assert_int_equal(file->tensor_count, 4);
    assert_string_equal(file->tensors[0].name, "a");
    assert_int_equal(file->tensors[0].count, 2);
    assert_int_equal(file->tensors[1].count, 0);
    assert_string_equal(file->tensors[3].name, "b");
    assert_string_equal(file->tensors[3].dtype->name, "I64");
    mnist_safetensors_free(file);
    /* Ours are not read in that way alone. */
    assert_int_equal(mnist_safetensors_read(&file, path, &err),
                     MNIST_ERROR_WEIGHTS);
}

static void faults_of_others_are_refused(void **state)
{
#define A "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}"
    static const struct {
        const char *header, *word;
    } rows[] = {
        {"{" A ",\"__metadata__\":{\"k\":1}}", "'\"'"},
        {"{\"__metadata__\":{\"k\":\"\"}," A ",\"__metadata__\":{}}",
         "each name only once"},
        {"{" A "," A "}", "each name only once"},
        {"{" A ",\"b\":{\"dtype\":\"F64\",\"shape\":[1],"
         "\"data_offsets\":[4,8]}}",
         "do not hold its shape"},
        {"{" A ",\"b\":{\"dtype\":\"F32\",\"shape\":[1],"
         "\"data_offsets\":[0,4]}}",
         "an overlap"},
        {"{" A "} ,", "only spaces"},
        {"{" A ",\"b\":{\"dtype\":\"F4\"}}", "found \"F4\""},
    };
#undef A
    temporary *t = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mnist_safetensors *file = NULL;
        mnist_error err;
        sealed made;
        sealed_make(&made, rows[i].header, data, 4);
        const char *path = temporary_write(t, "x", made.bytes, made.length);
        assert_int_equal(mnist_safetensors_read_foreign(&file, path, &err),
                         MNIST_ERROR_WEIGHTS);
        assert_null(file);
        if (!strstr(err.message, rows[i].word))
            fail_msg("\"%s\" has not \"%s\"", err.message, rows[i].word);
    }
}

static void accepts(temporary *t, const char *header, size_t length)
{
    mnist_error err;
    sealed file;
    sealed_make(&file, header, data, length);
    if (read_bytes(t, file.bytes, file.length, &err) != MNIST_OK)
        fail_msg("%s: %s", header, err.message);
}

static void form_is_free_where_json_is(void **state)
{
    char header[SEALED_MAX];

    accepts(*state, "{" META "," ENTRY_A "," ENTRY_B "," ENTRY_C "}", 64);
    accepts(*state, "{" META "}", 0);
    sealed_edit(header, right, "\"shape\":[4,3]", "\"shape\" :\t[ 4 ,\n3 ]");
    accepts(*state, header, 64);
    sealed_edit(header, right, "\"dtype\":\"F32\",\"shape\":[4,3]",
                "\"shape\":[4,3],\"dtype\":\"F\\u00332\"");
    accepts(*state, header, 64);
    sealed_edit(header, right, "[3]", "[1,3,1,1]");
    accepts(*state, header, 64);
    sealed_edit(header, right, ENTRY_C,
                "\"n\":{\"dtype\":\"F32\",\"shape\":[0,9],"
                "\"data_offsets\":[60,60]}," ENTRY_C);
    accepts(*state, header, 64);
}

static void damaged_headers_are_refused(void **state)
{
    static const struct {
        const char *from, *to, *why;
    } cases[] = {
        /* whose file it is */
        {"\"format\":\"mnist\"", "\"format\":\"pt\"", "format \"pt\""},
        {"\"format\":\"mnist\",", "", "another program"},
        {META ",", "", "another program"},
        {"__metadata__", "__metadato__", "another program"},
        {META "," ENTRY_A, ENTRY_A "," META, "another program"},
        {"\"version\":\"1\"", "\"version\":\"2\"", "version \"2\""},
        {"\"version\":\"1\",", "", "version \"\""},
        /* the sum */
        {",\"crc32\":\"00000000\"", "", "no \"crc32\""},
        {"crc32", "crc33", "no \"crc32\""},
        {"\"00000000\"", "\"0000000\"", "\"crc32\" of 8 digits"},
        {"\"00000000\"", "\"000000000\"", "\"crc32\" of 8 digits"},
        {"\"00000000\"", "\"\\u0030000000\\u0030\"", "\"crc32\" of 8 digits"},
        {"\"00000000\"", "\"\\u00300000000\"", "\"crc32\" of 8 digits"},
        {"\"00000000\"", "\"\\\"00000000\"", "\"crc32\" of 8 digits"},
        {"\"crc32\":\"0", "\"crc32\": \"1", "checksum"},
        {"\"00000000\"", "\"DEADBEEF\"", "checksum"},
        /* entries */
        {"\"b\":", "\"a\":", "each name only once"},
        {"\"b\":", "\"__metadata__\":", "each name only once"},
        {"\"b\":", "\"\\u0061\":", "each name only once"},
        {"\"b\":", "\"\":", "a name of 1 to 128 bytes"},
        {"\"b\":", "\"b\\u0000\":", "without NUL"},
        {"\"b\":", "\"\\ud800\":", "surrogates"},
        {"\"b\":", "\"\xff\":", "UTF-8"},
        {"\"made\"", "\"format\"", "each key only once"},
        {"\"by hand\"", "1", "expected '\"'"},
        {"\"by hand\"", "{}", "expected '\"'"},
        {ENTRY_A ",", "", "a hole"},
        {ENTRY_B ",", "", "a hole"},
        {"," ENTRY_C, "", "4 bytes after the last tensor"},
        {ENTRY_A "," ENTRY_B, ENTRY_B "," ENTRY_A, "a hole"},
        {ENTRY_B "," ENTRY_C, ENTRY_C "," ENTRY_B, "a hole"},
        {ENTRY_A, ENTRY_A "," ENTRY_A, "each name only once"},
        /* fields */
        {"\"F32\"", "\"F16\"", "dtype \"F32\""},
        {"\"F32\"", "\"f32\"", "dtype \"F32\""},
        {"\"F32\"", "32", "expected '\"'"},
        {"\"dtype\":\"F32\",", "", "each once"},
        {"\"shape\":[4,3],", "", "each once"},
        {",\"data_offsets\":[0,48]", "", "each once"},
        {"\"shape\":[4,3]", "\"shape\":[4,3],\"shape\":[4,3]", "each once"},
        {"\"shape\":[4,3]", "\"shape\":[4,3],\"extra\":[]", "each once"},
        {"[4,3]", "[4,3,1,1,1]", "at most 4 dimensions"},
        {"[4,3]", "12", "expected '['"},
        {"[4,3]", "[4,[3]]", "whole number"},
        {"[0,48]", "[48]", "two numbers"},
        {"[0,48]", "[]", "two numbers"},
        {"[0,48]", "[0,48,60]", "two numbers"},
        /* the table */
        {"[0,48]", "[4,52]", "a hole"},
        {"[48,60]", "[44,56]", "an overlap"},
        {"[48,60]", "[0,12]", "an overlap"},
        {"[48,60]", "[48,47]", "do not hold"},
        {"[48,60]", "[48,56]", "do not hold"},
        {"[48,60]", "[48,64]", "do not hold"},
        {"[60,64]", "[60,68]", "do not hold"},
        {"\"shape\":[],\"data_offsets\":[60,64]",
         "\"shape\":[2],\"data_offsets\":[60,68]", "cut short"},
        {"[4,3]", "[3,3]", "do not hold its shape 3x3"},
        {"[4,3]", "[281474976710655,281474976710655]", TOO_LARGE},
        {"[4,3]", "[140737488355328,131072]", TOO_LARGE},
        /* 48 bytes, and 4 bytes backwards, if sizes wrapped at 2^64 */
        {"[4,3]", "[204,241,61681,4562284561]", TOO_LARGE},
        {"[3],\"data_offsets\":[48,60]",
         "[2147483647,2147483649],\"data_offsets\":[48,44]", "do not hold"},
        /* JSON */
        {"}  ", "},", "only spaces"},
        {"}  ", "}\t", "only spaces"},
        {"}  ", "}}", "only spaces"},
        {"}  ", ",}", "expected '\"'"},
        {"}  ", "  ", "the end of the header"},
        {"{", " {", "not weights"},
        {"{", "\xef\xbb\xbf{", "not weights"},
        {"{", "[", "not weights"},
        {"{\"__metadata__\"", "{,\"__metadata__\"", "expected '\"'"},
        {"\"a\"", "/**/\"a\"", "expected '\"'"},
        {"\"a\":", "\"a\"", "expected ':'"},
        {"," ENTRY_B, ENTRY_B, "expected ',' or '}'"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char header[SEALED_MAX];
        sealed_edit(header, right, cases[i].from, cases[i].to);
        refused_header(*state, header, cases[i].why);
    }
    refused_header(*state, "{}                      ", "another program");
}

static void too_many_are_refused(void **state)
{
    const size_t room = 64 * 1024;
    char *header = malloc(room);
    unsigned char *bytes = malloc(room);
    assert_non_null(header);
    assert_non_null(bytes);

    for (int kind = 0; kind < 2; kind++) {
        size_t used = (size_t)snprintf(
            header, room,
            kind == 0 ? "{\"__metadata__\":{\"format\":\"mnist\"" : "{" META);
        for (int i = 0; i < (kind == 0 ? 257 : 641); i++)
            used += (size_t)snprintf(
                header + used, room - used,
                kind == 0 ? ",\"k%d\":\"\""
                          : ",\"t%d\":{\"dtype\":\"F32\",\"shape\":[0],"
                            "\"data_offsets\":[0,0]}",
                i);
        used += (size_t)snprintf(header + used, room - used,
                                 kind == 0 ? "}}" : "}");
        for (size_t i = 0; i < 8; i++)
            bytes[i] = (unsigned char)((uint64_t)used >> (8 * i));
        memcpy(bytes + 8, header, used);
        refused(*state, bytes, 8 + used,
                kind == 0 ? "at most 256 metadata" : "at most 640 tensors");
    }

    char name[160];
    memset(name, 'n', sizeof name);
    memcpy(name, "\"b", 2);
    memcpy(name + 130, "\":", 3);
    sealed_edit(header, right, "\"b\":", name);
    refused_header(*state, header, "a name of 1 to 128 bytes");
    memcpy(name + 129, "\":", 3);
    sealed_edit(header, right, "\"b\":", name);
    accepts(*state, header, 64);
    free(header);
    free(bytes);
}

/* Told as no weights at all, whatever the file holds. */
static void long_headers_are_refused(void **state)
{
    static const unsigned char start[32] = {1, 0, 0x10, 0, 0, 0, 0, 0, '{'};
    refused(*state, start, sizeof start, "not weights in safetensors format");
}

static void missing_files_are_the_systems_matter(void **state)
{
    temporary *t = *state;
    mnist_safetensors *file = NULL;
    mnist_error err;

    assert_int_equal(
        mnist_safetensors_read(&file, temporary_path(t, "none"), &err),
        MNIST_ERROR_SYSTEM);
    assert_int_equal(mnist_safetensors_read(&file, temporary_folder(t), &err),
                     MNIST_ERROR_SYSTEM);
    assert_null(file);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, setup, temporary_teardown)
    const struct CMUnitTest tests[] = {
        TEST(reads_what_is_right),
        TEST(form_is_free_where_json_is),
        TEST(files_of_others_are_read),
        TEST(faults_of_others_are_refused),
        TEST(damaged_headers_are_refused),
        TEST(too_many_are_refused),
        TEST(long_headers_are_refused),
        TEST(missing_files_are_the_systems_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
