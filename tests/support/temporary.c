#include "support/temporary.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A path handed out. */
typedef struct entry {
    struct entry *next;
    char path[];
} entry;

struct temporary {
    entry *entries;
    char folder[256];
};

int temporary_setup(void **state)
{
    const char *base = getenv("TMPDIR");
    temporary *t = calloc(1, sizeof *t);
    if (!t)
        return -1;
    int length = snprintf(t->folder, sizeof t->folder, "%s/mnist-test-XXXXXX",
                          base && *base ? base : "/tmp");
    if (length >= (int)sizeof t->folder || !mkdtemp(t->folder)) {
        perror(t->folder);
        free(t);
        return -1;
    }
    *state = t;
    return 0;
}

/* Removes what a folder holds, with the folders in it: no test builds deeper
   ones than `depth`. */
static void empty(const char *folder, int depth)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return;
    struct dirent *item;
    while ((item = readdir(dir))) {
        char path[1024];
        if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, item->d_name);
        if (unlink(path) == 0)
            continue;
        chmod(path, 0700);
        if (depth > 0)
            empty(path, depth - 1);
        rmdir(path);
    }
    closedir(dir);
}

int temporary_teardown(void **state)
{
    temporary *t = *state;
    chmod(t->folder, 0700);
    empty(t->folder, 3);
    int left = rmdir(t->folder);
    if (left)
        perror(t->folder);
    while (t->entries) {
        entry *next = t->entries->next;
        free(t->entries);
        t->entries = next;
    }
    free(t);
    return left;
}

const char *temporary_folder(const temporary *t)
{
    return t->folder;
}

const char *temporary_path(temporary *t, const char *name)
{
    size_t before = strlen(t->folder) + 1;
    for (entry *e = t->entries; e; e = e->next)
        if (strcmp(e->path + before, name) == 0)
            return e->path;
    size_t length = before + strlen(name) + 1;
    entry *e = malloc(sizeof *e + length);
    assert_non_null(e);
    snprintf(e->path, length, "%s/%s", t->folder, name);
    e->next = t->entries;
    t->entries = e;
    return e->path;
}

const char *temporary_write(temporary *t, const char *name, const void *bytes,
                            size_t length)
{
    const char *path = temporary_path(t, name);
    /* A file that is cut to nothing and written again goes to the disk when it
       is closed (ext4): too slow for tests that write it ten thousand times. */
    unlink(path);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    if (length > 0)
        assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    return path;
}

const char *temporary_mkdir(temporary *t, const char *name)
{
    const char *path = temporary_path(t, name);
    assert_int_equal(mkdir(path, 0777), 0);
    return path;
}

void *temporary_read(const char *path, size_t *length)
{
    struct stat info;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &info), 0);
    size_t size = (size_t)info.st_size;
    char *bytes = malloc(size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    bytes[size] = '\0';
    *length = size;
    return bytes;
}

size_t temporary_count(const temporary *t)
{
    size_t count = 0;
    DIR *dir = opendir(t->folder);
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count - 2; /* "." and ".." */
}
