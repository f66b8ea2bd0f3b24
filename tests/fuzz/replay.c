/*
 * A main for fuzz targets without libFuzzer: runs files, and folders of files,
 * and a number of changed copies of each. Any compiler can build it, so that
 * what a fuzzer once found stays found by ordinary tests.
 *
 *     fuzz_idx [-mutations=N] PATH...
 */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#pragma weak LLVMFuzzerCustomMutator

enum { ROOM = 1 << 16 };

static size_t cases;
static unsigned long mutations;

/* The same changes on every machine: a linear congruential generator. */
static uint64_t state;

static uint32_t draw(uint32_t below)
{
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t room)
{
    static const uint8_t telling[] = {0, 1, 0x7f, 0x80, 0xff, '"', '-', ':'};
    size_t at = length ? draw((uint32_t)length) : 0;
    switch (length ? draw(5) : 4) {
    case 0:
        bytes[at] = (uint8_t)(bytes[at] ^ 1u << draw(8));
        break;
    case 1:
        bytes[at] = telling[draw(sizeof telling)];
        break;
    case 2: /* a part is taken out */
        memmove(bytes + at, bytes + at + 1, length - at - 1);
        length--;
        break;
    case 3: /* a part is copied to another place */
        bytes[at] = bytes[draw((uint32_t)length)];
        break;
    default:
        if (length == room)
            break;
        memmove(bytes + at + 1, bytes + at, length - at);
        bytes[at] = (uint8_t)draw(256);
        length++;
    }
    return length;
}

/* An exact copy, so that a sanitizer sees a byte too many being read. */
static void run_copy(const uint8_t *bytes, size_t length)
{
    uint8_t *copy = malloc(length ? length : 1);
    fuzz_require(copy);
    memcpy(copy, bytes, length);
    LLVMFuzzerTestOneInput(copy, length);
    free(copy);
    cases++;
}

static void run_changed(const uint8_t *bytes, size_t length)
{
    static uint8_t changed[ROOM];
    size_t now = length < ROOM ? length : ROOM;
    memcpy(changed, bytes, now);
    for (unsigned i = 1 + draw(4); i > 0; i--)
        now = LLVMFuzzerCustomMutator
                  ? LLVMFuzzerCustomMutator(changed, now, ROOM, draw(1u << 31))
                  : LLVMFuzzerMutate(changed, now, ROOM);
    run_copy(changed, now);
}

static void run_file(const char *path)
{
    size_t length;
    const uint8_t *bytes = fuzz_read(path, &length);
    uint8_t *own = malloc(length ? length : 1);
    fuzz_require(own);
    memcpy(own, bytes, length);
    fprintf(stderr, "%s\n", path);
    run_copy(own, length);
    state = length;
    for (unsigned long i = 0; i < mutations; i++)
        run_changed(own, length);
    free(own);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool run_path(const char *path)
{
    struct stat info;
    struct dirent **names;
    if (stat(path, &info)) {
        perror(path);
        return false;
    }
    if (!S_ISDIR(info.st_mode)) {
        run_file(path);
        return true;
    }
    int count = scandir(path, &names, NULL, by_name);
    bool fine = count >= 0;
    for (int i = 0; i < count; i++) {
        char inside[FUZZ_PATH];
        snprintf(inside, sizeof inside, "%s/%s", path, names[i]->d_name);
        if (names[i]->d_name[0] != '.')
            fine = run_path(inside) && fine;
        free(names[i]);
    }
    if (fine)
        free(names);
    return fine;
}

int main(int argc, char **argv)
{
    static const char option[] = "-mutations=";
    bool fine = true;
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], option, sizeof option - 1) == 0)
            mutations = strtoul(argv[i] + sizeof option - 1, NULL, 10);
        else
            fine = run_path(argv[i]) && fine;
    const char *slash = strrchr(argv[0], '/');
    printf("%s: %zu inputs, none broke a promise\n",
           slash ? slash + 1 : argv[0], cases);
    return fine && cases > 0 ? 0 : 1;
}
