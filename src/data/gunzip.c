#include "data/gunzip.h"

#include "base/crc32.h"
#include "base/file.h"
#include "data/inflate.h"

#include <inttypes.h>
#include <string.h>

enum {
    FLAG_HEADER_CRC = 0x02,
    FLAG_EXTRA = 0x04,
    FLAG_NAME = 0x08,
    FLAG_COMMENT = 0x10,
    FLAG_RESERVED = 0xe0,
    HEADER = 10, /* bytes that every header has */
    TRAILER = 8
};

typedef struct gunzip {
    const char *name;
    const uint8_t *in;
    size_t at, length;
    mnist_error *err;
} gunzip;

static mnist_status cut(const gunzip *g)
{
    return mnist_fail(g->err, MNIST_ERROR_DATA,
                      "%s: byte %zu: the gzip file is cut off here, more was "
                      "expected; get it again",
                      g->name, g->length);
}

bool mnist_gunzip_is(const uint8_t *bytes, size_t length)
{
    return length >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

/* ---- Header ---- */

/* Past the NUL that ends a name or a comment. */
static mnist_status skip_text(gunzip *g)
{
    const uint8_t *end = memchr(g->in + g->at, 0, g->length - g->at);
    if (!end)
        return cut(g);
    g->at = (size_t)(end - g->in) + 1;
    return MNIST_OK;
}

static mnist_status skip_extra(gunzip *g)
{
    if (g->length - g->at < 2)
        return cut(g);
    size_t extra = g->in[g->at] | (size_t)g->in[g->at + 1] << 8;
    if (g->length - g->at - 2 < extra)
        return cut(g);
    g->at += 2 + extra;
    return MNIST_OK;
}

static mnist_status check_header_crc(gunzip *g, size_t begin)
{
    if (g->length - g->at < 2)
        return cut(g);
    unsigned found = g->in[g->at] | (unsigned)g->in[g->at + 1] << 8;
    unsigned expected = mnist_crc32(0, g->in + begin, g->at - begin) & 0xffff;
    if (found != expected)
        return mnist_fail(
            g->err, MNIST_ERROR_DATA,
            "%s: byte %zu: found %04x as checksum of the gzip "
            "header, expected %04x; the file is damaged; get it again",
            g->name, g->at, found, expected);
    g->at += 2;
    return MNIST_OK;
}

static mnist_status skip_header(gunzip *g)
{
    size_t begin = g->at;
    const uint8_t *header = g->in + begin;
    if (g->length - begin < HEADER)
        return cut(g);
    if (header[2] != 8)
        return mnist_fail(g->err, MNIST_ERROR_DATA,
                          "%s: byte %zu: found gzip method %d, expected 8 "
                          "(deflate)",
                          g->name, begin + 2, header[2]);
    unsigned flags = header[3];
    if (flags & FLAG_RESERVED)
        return mnist_fail(g->err, MNIST_ERROR_DATA,
                          "%s: byte %zu: found gzip flags %02x, expected the "
                          "upper three bits to be 0",
                          g->name, begin + 3, flags);
    g->at += HEADER;
    mnist_status status = MNIST_OK;
    if (flags & FLAG_EXTRA)
        status = skip_extra(g);
    if (!status && flags & FLAG_NAME)
        status = skip_text(g);
    if (!status && flags & FLAG_COMMENT)
        status = skip_text(g);
    if (!status && flags & FLAG_HEADER_CRC)
        status = check_header_crc(g, begin);
    return status;
}

/* ---- Members ---- */

static mnist_status check_trailer(gunzip *g, const uint8_t *out, size_t length)
{
    if (g->length - g->at < TRAILER)
        return cut(g);
    uint32_t crc = mnist_load_le32(g->in + g->at);
    uint32_t size = mnist_load_le32(g->in + g->at + 4);
    uint32_t real = mnist_crc32(0, out, length);
    if (crc != real)
        return mnist_fail(g->err, MNIST_ERROR_DATA,
                          "%s: byte %zu: found CRC-32 %08" PRIx32
                          ", expected %08" PRIx32
                          "; the gzip file is damaged; get it again",
                          g->name, g->at, crc, real);
    if (size != (uint32_t)length)
        return mnist_fail(
            g->err, MNIST_ERROR_DATA,
            "%s: byte %zu: found length %" PRIu32
            ", expected %zu; the gzip file is damaged; get it again",
            g->name, g->at + 4, size, length);
    g->at += TRAILER;
    return MNIST_OK;
}

static mnist_status read_member(gunzip *g, uint8_t *out, size_t room,
                                size_t *produced, bool *more)
{
    mnist_status status = skip_header(g);
    if (status)
        return status;
    mnist_inflated inflated;
    mnist_inflate_end end =
        mnist_inflate(&inflated, g->in + g->at, g->length - g->at, out, room);
    g->at += inflated.consumed;
    *produced = inflated.produced;
    *more = end == MNIST_INFLATE_FULL;
    if (end == MNIST_INFLATE_CUT)
        return cut(g);
    if (end == MNIST_INFLATE_DAMAGED)
        return mnist_fail(
            g->err, MNIST_ERROR_DATA,
            "%s: byte %zu: %s; the gzip file is damaged; get it again", g->name,
            g->at, inflated.what);
    return *more ? MNIST_OK : check_trailer(g, out, inflated.produced);
}

mnist_status mnist_gunzip(const char *name, const uint8_t *in, size_t in_length,
                          uint8_t *out, size_t out_length, size_t *produced,
                          bool *more, mnist_error *err)
{
    gunzip g = {.name = name, .in = in, .length = in_length, .err = err};
    size_t filled = 0;
    *produced = 0;
    *more = false;
    while (mnist_gunzip_is(in + g.at, in_length - g.at)) {
        size_t member;
        mnist_status status =
            read_member(&g, out + filled, out_length - filled, &member, more);
        if (status)
            return status;
        filled += member;
        *produced = filled;
        if (*more)
            return MNIST_OK;
    }
    if (g.at == 0)
        return in_length < 2 ? cut(&g)
                             : mnist_fail(err, MNIST_ERROR_DATA,
                                          "%s: byte 0: found %02x %02x, "
                                          "expected 1f 8b (gzip)",
                                          name, in[0], in[1]);
    if (g.at < in_length)
        return mnist_fail(err, MNIST_ERROR_DATA,
                          "%s: byte %zu: found %zu bytes after the end of the "
                          "gzip data, expected none",
                          name, g.at, in_length - g.at);
    return MNIST_OK;
}
