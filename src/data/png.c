#include "data/png.h"

#include "base/crc32.h"
#include "base/file.h"
#include "base/text.h"

#include <mnist/picture.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { HEADER = 8, AROUND = 12, HEADER_CHUNK = 13 };

const uint8_t mnist_png_signature[8] = {0x89, 'P',  'N',  'G',
                                        '\r', '\n', 0x1a, '\n'};

/* Which kinds of chunk were there. */
typedef struct seen {
    bool palette, transparency, pixels;
    bool pixels_over; /* another kind came behind the pixels */
} seen;

typedef struct chunk {
    const uint8_t *type;
    uint8_t *data;
    size_t at; /* of the data, in the file */
    size_t length;
} chunk;

mnist_status mnist_png_damaged(const mnist_png *png, size_t at,
                               const char *format, ...)
{
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return mnist_fail(png->err, MNIST_ERROR_DATA,
                      "%s: byte %zu: %s; the PNG file is damaged", png->name,
                      at, what);
}

static bool is(const chunk *c, const char *type)
{
    return memcmp(c->type, type, 4) == 0;
}

/* ---- Cutting the file into chunks ---- */

static mnist_status cut(const mnist_png *png, size_t length)
{
    return mnist_fail(png->err, MNIST_ERROR_DATA,
                      "%s: byte %zu: the PNG file is cut off here, more was "
                      "expected; get it again",
                      png->name, length);
}

static mnist_status next_chunk(chunk *out, const mnist_png *png, uint8_t *file,
                               size_t at, size_t length)
{
    char quoted[MNIST_QUOTE_MAX];
    if (length - at < AROUND)
        return cut(png, length);
    size_t data = mnist_load_be32(file + at);
    if (data > length - at - AROUND)
        return cut(png, length);
    *out = (chunk){file + at + 4, file + at + HEADER, at + HEADER, data};
    uint32_t found = mnist_load_be32(out->data + data);
    uint32_t real = mnist_crc32(0, out->type, 4 + data);
    if (found != real)
        return mnist_png_damaged(
            png, out->at + data,
            "found CRC-32 %08" PRIx32 " of chunk %s, expected %08" PRIx32,
            found, mnist_quote(quoted, out->type, 4), real);
    return MNIST_OK;
}

/* ---- What the chunks say ---- */

unsigned mnist_png_channels(const mnist_png *png)
{
    switch (png->color) {
    case MNIST_PNG_RGB:
        return 3;
    case MNIST_PNG_GREY_ALPHA:
        return 2;
    case MNIST_PNG_RGB_ALPHA:
        return 4;
    default:
        return 1;
    }
}

/* Whether there are samples of that many bits: RGB and alpha have 8 or 16, a
   palette has 256 colours at most. */
static bool depth_fits(unsigned color, unsigned depth)
{
    static const unsigned allowed[] = {
        [MNIST_PNG_GREY] = 1 | 2 | 4 | 8 | 16, [MNIST_PNG_RGB] = 8 | 16,
        [MNIST_PNG_PALETTE] = 1 | 2 | 4 | 8,   [MNIST_PNG_GREY_ALPHA] = 8 | 16,
        [MNIST_PNG_RGB_ALPHA] = 8 | 16,
    };
    bool power = depth > 0 && (depth & (depth - 1)) == 0;
    return color < sizeof allowed / sizeof *allowed && power &&
           (allowed[color] & depth);
}

static mnist_status check_size(const mnist_png *png)
{
    if (png->rows == 0 || png->cols == 0)
        return mnist_png_damaged(png, HEADER + HEADER,
                                 "found a size of %zux%zu, expected at least "
                                 "1x1",
                                 png->cols, png->rows);
    if (png->rows > MNIST_PICTURE_SIDE || png->cols > MNIST_PICTURE_SIDE)
        return mnist_fail(png->err, MNIST_ERROR_DATA,
                          "%s: the picture is %zux%zu, sides of up to %d are "
                          "read here; make it smaller",
                          png->name, png->cols, png->rows, MNIST_PICTURE_SIDE);
    return MNIST_OK;
}

static mnist_status read_header(mnist_png *png, const chunk *c)
{
    if (!is(c, "IHDR") || c->length != HEADER_CHUNK) {
        char quoted[MNIST_QUOTE_MAX];
        return mnist_png_damaged(png, HEADER,
                                 "found chunk %s of %zu bytes, expected IHDR "
                                 "of 13",
                                 mnist_quote(quoted, c->type, 4), c->length);
    }
    png->cols = mnist_load_be32(c->data);
    png->rows = mnist_load_be32(c->data + 4);
    png->depth = c->data[8];
    png->color = c->data[9];
    png->interlaced = c->data[12] == 1;
    if (!depth_fits(png->color, png->depth))
        return mnist_png_damaged(png, c->at + 8,
                                 "found depth %u with colour type %u, which "
                                 "PNG does not have",
                                 png->depth, png->color);
    if (c->data[10] != 0 || c->data[11] != 0 || c->data[12] > 1)
        return mnist_png_damaged(png, c->at + 10,
                                 "found compression %d, filter %d, interlace "
                                 "%d, expected 0, 0, and 0 or 1",
                                 c->data[10], c->data[11], c->data[12]);
    png->has_alpha = png->color >= MNIST_PNG_GREY_ALPHA;
    return check_size(png);
}

static mnist_status read_palette(mnist_png *png, const chunk *c)
{
    if (c->length == 0 || c->length % 3 != 0 || c->length > 3 * 256)
        return mnist_png_damaged(png, c->at,
                                 "found a palette of %zu bytes, expected 1 to "
                                 "256 colours of 3",
                                 c->length);
    png->colors = (unsigned)(c->length / 3);
    for (unsigned i = 0; i < png->colors; i++) {
        const uint8_t *rgb = c->data + 3 * i;
        png->grey[i] = mnist_grey_luma(rgb[0], rgb[1], rgb[2]);
        png->opacity[i] = 255;
    }
    return MNIST_OK;
}

static mnist_status read_transparency(mnist_png *png, const chunk *c)
{
    bool palette = png->color == MNIST_PNG_PALETTE;
    size_t most = palette ? png->colors : 2 * mnist_png_channels(png);
    size_t least = palette ? 1 : most;
    if (png->color >= MNIST_PNG_GREY_ALPHA || c->length > most ||
        c->length < least)
        return mnist_png_damaged(png, c->at,
                                 "found %zu bytes of transparency, which does "
                                 "not fit colour type %u",
                                 c->length, png->color);
    png->has_alpha = true;
    png->has_key = !palette;
    if (palette)
        memcpy(png->opacity, c->data, c->length);
    for (size_t i = 0; !palette && i < c->length / 2; i++)
        png->key[i] = (unsigned)c->data[2 * i] << 8 | c->data[2 * i + 1];
    return MNIST_OK;
}

/* The parts of the stream move together, over what stands between them. */
static void add_pixels(mnist_png *png, uint8_t **end, const chunk *c)
{
    if (!png->packed)
        png->packed = *end = c->data;
    memmove(*end, c->data, c->length);
    *end += c->length;
    png->packed_length += c->length;
}

static mnist_status misplaced(const mnist_png *png, const chunk *c)
{
    char quoted[MNIST_QUOTE_MAX];
    return mnist_png_damaged(png, c->at - HEADER,
                             "found chunk %s where there should be none",
                             mnist_quote(quoted, c->type, 4));
}

static mnist_status read_chunk(mnist_png *png, seen *had, uint8_t **end,
                               const chunk *c)
{
    char quoted[MNIST_QUOTE_MAX];
    if (is(c, "IDAT")) {
        if (had->pixels_over)
            return misplaced(png, c);
        had->pixels = true;
        add_pixels(png, end, c);
        return MNIST_OK;
    }
    had->pixels_over = had->pixels;
    if (is(c, "PLTE")) {
        if (had->palette || had->transparency || had->pixels)
            return misplaced(png, c);
        had->palette = true;
        return read_palette(png, c);
    }
    if (is(c, "tRNS")) {
        if (had->transparency || had->pixels)
            return misplaced(png, c);
        had->transparency = true;
        return read_transparency(png, c);
    }
    if (is(c, "IHDR"))
        return misplaced(png, c);
    if (c->type[0] & 0x20)
        return MNIST_OK;
    return mnist_png_damaged(png, c->at - 4,
                             "found chunk %s, which is no kind of PNG's",
                             mnist_quote(quoted, c->type, 4));
}

static mnist_status check_end(const mnist_png *png, const seen *had,
                              const chunk *c)
{
    if (c->length > 0)
        return mnist_png_damaged(
            png, c->at, "found %zu bytes in IEND, expected none", c->length);
    if (!had->pixels)
        return mnist_png_damaged(png, c->at - HEADER,
                                 "found the end, expected pixels (IDAT)");
    if (png->color == MNIST_PNG_PALETTE && !had->palette)
        return mnist_png_damaged(png, c->at - HEADER,
                                 "found the end, expected a palette (PLTE)");
    return MNIST_OK;
}

mnist_status mnist_png_chunks(mnist_png *out, const char *name, uint8_t *file,
                              size_t length, mnist_error *err)
{
    mnist_png png = {.name = name, .err = err};
    seen had = {false, false, false, false};
    uint8_t *end = NULL;
    chunk c;
    size_t at = sizeof mnist_png_signature;
    if (length < at)
        return cut(&png, length);
    if (memcmp(file, mnist_png_signature, at) != 0)
        return mnist_png_damaged(&png, 4,
                                 "found %02x %02x %02x %02x, expected 0d 0a 1a "
                                 "0a: was it sent as text?",
                                 file[4], file[5], file[6], file[7]);
    mnist_status status = next_chunk(&c, &png, file, at, length);
    if (!status)
        status = read_header(&png, &c);
    while (!status) {
        at = c.at + c.length + 4;
        status = next_chunk(&c, &png, file, at, length);
        if (!status && is(&c, "IEND"))
            break;
        if (!status)
            status = read_chunk(&png, &had, &end, &c);
    }
    if (!status)
        status = check_end(&png, &had, &c);
    if (!status)
        *out = png;
    return status;
}
