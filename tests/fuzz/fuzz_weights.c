/*
 * Weights files for libFuzzer. What is accepted must save and load to the same
 * network, and save again to the same bytes. A right checksum is not found by
 * chance, so it is also put into each input that has a place for one.
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined -Iinclude -Isrc \
 *         -D_POSIX_C_SOURCE=200809L -std=c11 tests/fuzz/fuzz_weights.c \
 *         src/base/{crc32,error,file,json,memory,random,text}.c \
 *         src/model/*.c src/layers/*.c build/src/libmnist.a -lpthread -lm
 *
 * with the library of a build by clang for what is not under test. Begin with
 * the files of golden/weights.h, and with TMPDIR on a file system in memory:
 * each input is a file.
 */
#include <mnist/weights.h>

#include "base/crc32.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static char folder[256], input[512], output[512];

static void clean_up(void)
{
    unlink(input);
    unlink(output);
    rmdir(folder);
}

static void set_up(void)
{
    const char *base = getenv("TMPDIR");
    if (input[0])
        return;
    snprintf(folder, sizeof folder, "%s/fuzz-weights-XXXXXX",
             base ? base : "/tmp");
    if (!mkdtemp(folder))
        abort();
    snprintf(input, sizeof input, "%s/input", folder);
    snprintf(output, sizeof output, "%s/output", folder);
    atexit(clean_up);
}

static void write_file(const char *path, const uint8_t *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, length, file) != length || fclose(file))
        abort();
}

/* All of the output file; what is accepted fits. */
static size_t read_output(uint8_t *bytes, size_t room)
{
    FILE *file = fopen(output, "rb");
    if (!file)
        abort();
    size_t length = fread(bytes, 1, room, file);
    if (length == room || fclose(file))
        abort();
    return length;
}

static size_t save(const mnist_network *net, const mnist_notes *notes,
                   uint8_t *bytes, size_t room)
{
    mnist_error err;
    size_t count = 0;
    while (mnist_notes_get(notes, count))
        count++;
    if (mnist_weights_save(net, output, mnist_notes_get(notes, 0), count,
                           &err) != MNIST_OK)
        abort();
    return read_output(bytes, room);
}

static void check(void)
{
    enum { ROOM = 1 << 20 };
    static uint8_t first[ROOM], second[ROOM];
    mnist_network *net = NULL, *again = NULL;
    mnist_notes *notes = NULL, *again_notes = NULL;
    mnist_error err = {MNIST_OK, ""};

    if (mnist_weights_load(&net, &notes, input, &err) != MNIST_OK) {
        if (net || notes || err.status == MNIST_OK || !err.message[0])
            abort();
        return;
    }
    size_t length = save(net, notes, first, ROOM);
    if (mnist_weights_load(&again, &again_notes, output, &err) != MNIST_OK)
        abort();
    if (save(again, again_notes, second, ROOM) != length ||
        memcmp(first, second, length) != 0)
        abort();
    mnist_notes_free(again_notes);
    mnist_network_free(again);
    mnist_notes_free(notes);
    mnist_network_free(net);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char key[] = "\"crc32\":\"";
    const size_t at_key = sizeof key - 1;

    set_up();
    write_file(input, bytes, length);
    check();
    for (size_t i = 0; i + at_key + 8 <= length; i++) {
        char digits[9];
        if (memcmp(bytes + i, key, at_key) != 0)
            continue;
        uint8_t *sealed = malloc(length);
        if (!sealed)
            abort();
        memcpy(sealed, bytes, length);
        memcpy(sealed + i + at_key, "00000000", 8);
        snprintf(digits, sizeof digits, "%08lx",
                 (unsigned long)mnist_crc32(0, sealed, length));
        memcpy(sealed + i + at_key, digits, 8);
        write_file(input, sealed, length);
        free(sealed);
        check();
        break;
    }
    return 0;
}
