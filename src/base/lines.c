#include "base/lines.h"

#include "base/memory.h"

#include <string.h>

enum { FIRST_ROOM = 1 << 16 };

static mnist_status out_of_memory(const mnist_lines *lines, mnist_error *err)
{
    return mnist_fail(err, MNIST_ERROR_MEMORY, "%s: out of memory",
                      lines->source.name);
}

mnist_status mnist_lines_open(mnist_lines *out, const char *path, size_t most,
                              mnist_error *err)
{
    mnist_lines lines = {.room = most < FIRST_ROOM ? most : FIRST_ROOM,
                         .most = most};
    mnist_status status = mnist_source_open(&lines.source, path, err);
    if (status)
        return status;
    lines.block = mnist_alloc(lines.room, 1);
    if (!lines.block) {
        status = out_of_memory(&lines, err);
        mnist_source_close(&lines.source);
        return status;
    }
    *out = lines;
    return MNIST_OK;
}

void mnist_lines_close(mnist_lines *lines)
{
    mnist_free(lines->block);
    mnist_source_close(&lines->source);
}

/* Makes room behind what is held: by moving it to the front, or to a block of
   twice the size. */
static mnist_status make_room(mnist_lines *lines, mnist_error *err)
{
    size_t left = lines->held - lines->begin;
    if (lines->begin > 0) {
        memmove(lines->block, lines->block + lines->begin, left);
    } else {
        if (lines->room == lines->most)
            return mnist_fail(
                err, MNIST_ERROR_DATA, "%s: line %zu is longer than %zu bytes",
                lines->source.name, lines->number + 1, lines->most);
        size_t room =
            lines->room > lines->most / 2 ? lines->most : 2 * lines->room;
        char *block = mnist_alloc(room, 1);
        if (!block)
            return out_of_memory(lines, err);
        memcpy(block, lines->block, left);
        mnist_free(lines->block);
        lines->block = block;
        lines->room = room;
    }
    lines->begin = 0;
    lines->held = left;
    return MNIST_OK;
}

static mnist_status read_more(mnist_lines *lines, mnist_error *err)
{
    size_t got;
    mnist_status status = MNIST_OK;
    if (lines->held == lines->room)
        status = make_room(lines, err);
    if (status)
        return status;
    size_t wanted = lines->room - lines->held;
    status = mnist_source_read(&lines->source, lines->block + lines->held,
                               wanted, &got, err);
    lines->held += got;
    lines->ended = got < wanted;
    return status;
}

mnist_status mnist_lines_next(mnist_lines *lines, const char **line,
                              size_t *length, mnist_error *err)
{
    size_t searched = 0; /* of the line there may be, without its end */
    const char *end = NULL;
    for (;;) {
        size_t left = lines->held - lines->begin;
        if (left > searched)
            end = memchr(lines->block + lines->begin + searched, '\n',
                         left - searched);
        if (end || lines->ended)
            break;
        searched = left;
        mnist_status status = read_more(lines, err);
        if (status)
            return status;
    }
    bool none = lines->begin == lines->held;
    *line = none ? NULL : lines->block + lines->begin;
    *length = (size_t)((end ? end : lines->block + lines->held) -
                       (lines->block + lines->begin));
    lines->begin += *length + (end != NULL);
    lines->number += !none;
    return MNIST_OK;
}
