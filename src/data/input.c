#include "data/input.h"

#include "base/memory.h"

#include <inttypes.h>
#include <string.h>

mnist_status mnist_input_open(mnist_input *out, const char *path,
                              mnist_error *err)
{
    mnist_input in = {.err = err};
    mnist_status status = mnist_source_open(&in.source, path, err);
    if (status)
        return status;
    status = mnist_source_read(&in.source, in.first, sizeof in.first,
                               &in.first_length, err);
    if (status)
        mnist_source_close(&in.source);
    else
        *out = in;
    return status;
}

void mnist_input_close(mnist_input *in)
{
    mnist_source_close(&in->source);
}

mnist_status mnist_input_no_memory(const mnist_input *in, size_t bytes)
{
    return mnist_fail(in->err, MNIST_ERROR_MEMORY,
                      "%s: out of memory: %zu bytes are needed",
                      in->source.name, bytes);
}

static mnist_status grow(mnist_input *in, uint8_t **block, size_t *room,
                         size_t held, size_t most)
{
    size_t larger = *room < most / 2 ? *room * 2 : most;
    uint8_t *moved = mnist_alloc(larger, 1);
    if (!moved)
        return mnist_input_no_memory(in, larger);
    memcpy(moved, *block, held);
    mnist_free(*block);
    *block = moved;
    *room = larger;
    return MNIST_OK;
}

mnist_status mnist_input_read(mnist_input *in, uint8_t **out, size_t *length,
                              size_t most)
{
    const size_t begin = (size_t)1 << 16;
    size_t room = in->source.regular || most < begin ? most : begin;
    size_t held = in->first_length < most ? in->first_length : most;
    uint8_t *block = mnist_alloc(room, 1);
    if (!block)
        return mnist_input_no_memory(in, room);
    memcpy(block, in->first, held);

    mnist_status status = MNIST_OK;
    for (;;) {
        size_t got;
        status = mnist_source_read(&in->source, block + held, room - held, &got,
                                   in->err);
        held += got;
        if (status || held < room || room == most)
            break;
        status = grow(in, &block, &room, held, most);
        if (status)
            break;
    }
    if (status) {
        mnist_free(block);
        return status;
    }
    *out = block;
    *length = held;
    return MNIST_OK;
}

mnist_status mnist_input_at_end(mnist_input *in, size_t length, size_t most,
                                bool *end)
{
    uint8_t byte;
    size_t got = 0;
    mnist_status status = MNIST_OK;
    if (in->first_length > length)
        got = 1;
    else if (length == most)
        status = mnist_source_read(&in->source, &byte, 1, &got, in->err);
    *end = got == 0;
    return status;
}

mnist_status mnist_input_whole(mnist_input *in, uint8_t **out, size_t *length,
                               size_t limit, const char *what)
{
    size_t most = limit;
    if (in->source.regular && in->source.size > limit)
        return mnist_fail(in->err, MNIST_ERROR_DATA,
                          "%s: found %" PRIu64 " bytes of %s, more than the "
                          "%zu MiB that are read here",
                          in->source.name, in->source.size, what, limit >> 20);
    if (in->source.regular)
        most = (size_t)in->source.size;
    uint8_t *block;
    bool end = false;
    mnist_status status = mnist_input_read(in, &block, length, most);
    if (status)
        return status;
    status = mnist_input_at_end(in, *length, most, &end);
    if (!status && !end)
        status = mnist_fail(in->err, MNIST_ERROR_DATA,
                            "%s: found more than %zu bytes of %s, which is "
                            "all that is read here",
                            in->source.name, *length, what);
    if (status)
        mnist_free(block);
    else
        *out = block;
    return status;
}
