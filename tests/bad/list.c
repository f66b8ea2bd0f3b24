#include "bad/bad.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for one more, taken in powers of two. */
static void *grown(void *array, size_t count, size_t size)
{
    if ((count & (count - 1)) != 0)
        return array;
    array = realloc(array, (count ? 2 * count : 1) * size);
    assert_non_null(array);
    return array;
}

void bad_add(bad_list *list, const bad_case *added)
{
    list->cases = grown(list->cases, list->count, sizeof *list->cases);
    list->cases[list->count++] = *added;
}

uint8_t *bad_keep(bad_list *list, const void *bytes, size_t length)
{
    uint8_t *copy = malloc(length + 1);
    assert_non_null(copy);
    if (length)
        memcpy(copy, bytes, length);
    list->kept = grown(list->kept, list->kept_count, sizeof *list->kept);
    list->kept[list->kept_count++] = copy;
    return copy;
}

void bad_list_free(bad_list *list)
{
    for (size_t i = 0; i < list->kept_count; i++)
        free(list->kept[i]);
    free(list->kept);
    free(list->cases);
    *list = (bad_list){0};
}

/* ---- The commands that meet a file ---- */

typedef const char *arguments[16];

static void add_each(bad_list *list, const bad_case *file,
                     const arguments *commands, size_t count)
{
    const uint8_t *bytes =
        file->bytes ? bad_keep(list, file->bytes, file->length) : NULL;
    for (size_t i = 0; i < count; i++) {
        bad_case added = *file;
        int length = snprintf(added.name, sizeof added.name, "%s: %s",
                              commands[i][0], file->name);
        assert_true(length < (int)sizeof added.name);
        memcpy(added.arguments, commands[i], sizeof added.arguments);
        added.bytes = bytes;
        bad_add(list, &added);
    }
}

#define ADD_EACH(list, file, commands)                                         \
    add_each(list, file, commands, sizeof commands / sizeof *commands)

void bad_add_images(bad_list *list, const bad_case *file)
{
    static const arguments commands[] = {
        {"show", BAD},
        {"info", BAD},
        {"predict", BAD, "--weights", "weights"},
        {"eval", "weights", "--images", BAD, "--labels", "labels"},
        {"train", "--data", "data", "--val-images", BAD, "--val-labels",
         "labels", "--epochs", "0", "--net", BAD_NET, "--out", "new"},
    };
    ADD_EACH(list, file, commands);
}

void bad_add_labels(bad_list *list, const bad_case *file)
{
    static const arguments commands[] = {
        {"show", "images", "--labels", BAD},
        {"info", BAD},
        {"predict", "images", "--weights", "weights", "--labels", BAD},
        {"eval", "weights", "--images", "images", "--labels", BAD},
        {"train", "--data", "data", "--val-images", "images", "--val-labels",
         BAD, "--epochs", "0", "--net", BAD_NET, "--out", "new"},
    };
    ADD_EACH(list, file, commands);
}

void bad_add_weights(bad_list *list, const bad_case *file)
{
    static const arguments commands[] = {
        {"eval", BAD, "--images", "images", "--labels", "labels"},
        {"predict", "images", "--weights", BAD},
        {"train", "--data", "data", "--init", BAD, "--epochs", "0", "--out",
         "new"},
        {"train", "--data", "data", "--resume", BAD, "--out", "new"},
        {"export", BAD, "--npz", "new", "--c-header", "new.h"},
    };
    ADD_EACH(list, file, commands);
}

void bad_leave_out_info(bad_list *list, size_t begin)
{
    size_t kept = begin;
    for (size_t i = begin; i < list->count; i++)
        if (strcmp(list->cases[i].arguments[0], "info") != 0)
            list->cases[kept++] = list->cases[i];
    list->count = kept;
}
