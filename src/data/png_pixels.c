/* The pixels of a PNG: the zlib stream unpacked, the filters of its rows
   undone, the samples made grey. */
#include "base/file.h"
#include "base/memory.h"
#include "data/inflate.h"
#include "data/png.h"

#include <mnist/picture.h>

#include <inttypes.h>
#include <stdlib.h>

/* ---- Passes ---- */

/* The pixels (y, x), (y + down, x), ..., (y, x + right), ...: an interlaced
   picture comes as seven of these, any other as one. */
typedef struct pass {
    size_t y, x, down, right;
    size_t rows, cols; /* how many there are */
} pass;

enum { ADAM7 = 7 };

static unsigned count_passes(const mnist_png *png)
{
    return png->interlaced ? ADAM7 : 1;
}

static size_t divide_up(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

static pass pass_of(const mnist_png *png, unsigned number)
{
    static const pass adam7[ADAM7] = {{0, 0, 8, 8, 0, 0}, {0, 4, 8, 8, 0, 0},
                                      {4, 0, 8, 4, 0, 0}, {0, 2, 4, 4, 0, 0},
                                      {2, 0, 4, 2, 0, 0}, {0, 1, 2, 2, 0, 0},
                                      {1, 0, 2, 1, 0, 0}};
    pass p = png->interlaced ? adam7[number] : (pass){0, 0, 1, 1, 0, 0};
    p.rows = png->rows > p.y ? divide_up(png->rows - p.y, p.down) : 0;
    p.cols = png->cols > p.x ? divide_up(png->cols - p.x, p.right) : 0;
    return p;
}

static size_t bits_of_pixel(const mnist_png *png)
{
    return (size_t)png->depth * mnist_png_channels(png);
}

/* Bytes of a row without the one that tells its filter. */
static size_t row_bytes(const mnist_png *png, const pass *p)
{
    return divide_up(p->cols * bits_of_pixel(png), 8);
}

/* Sides of 16384 and pixels of 64 bits: this fits a size_t of 32 bits. */
static size_t unpacked_bytes(const mnist_png *png)
{
    size_t total = 0;
    for (unsigned i = 0; i < count_passes(png); i++) {
        pass p = pass_of(png, i);
        if (p.cols > 0)
            total += p.rows * (1 + row_bytes(png, &p));
    }
    return total;
}

/* ---- The stream ---- */

uint32_t mnist_adler32(const uint8_t *bytes, size_t length)
{
    uint32_t a = 1, b = 0;
    while (length > 0) {
        /* So many do not overflow 32 bits. */
        size_t n = length < 5552 ? length : 5552;
        length -= n;
        for (; n > 0; n--)
            b += a += *bytes++;
        a %= 65521;
        b %= 65521;
    }
    return b << 16 | a;
}

/* Offsets are those in the stream, which lies in the file in parts. */
static mnist_status stream_damaged(const mnist_png *png, size_t at,
                                   const char *what)
{
    return mnist_fail(png->err, MNIST_ERROR_DATA,
                      "%s: byte %zu of the packed pixels: %s; the PNG file is "
                      "damaged",
                      png->name, at, what);
}

static mnist_status check_header(const mnist_png *png)
{
    const uint8_t *in = png->packed;
    if (png->packed_length < 2)
        return stream_damaged(png, png->packed_length, "they end here");
    if ((in[0] & 0x0f) != 8 || in[0] >> 4 > 7 || in[1] & 0x20 ||
        (in[0] << 8 | in[1]) % 31 != 0)
        return stream_damaged(png, 0, "not the header of a zlib stream");
    return MNIST_OK;
}

static mnist_status unpack(uint8_t *out, size_t length, const mnist_png *png)
{
    mnist_inflated inflated;
    mnist_status status = check_header(png);
    if (status)
        return status;
    mnist_inflate_end end =
        mnist_inflate(&inflated, png->packed + 2, png->packed_length - 2, out,
                      length, MNIST_INFLATE_IDLE);
    size_t at = 2 + inflated.consumed;
    if (end == MNIST_INFLATE_DAMAGED)
        return stream_damaged(png, at, inflated.what);
    if (end == MNIST_INFLATE_FULL)
        return stream_damaged(png, at, "more than the size of the picture");
    if (end == MNIST_INFLATE_CUT || png->packed_length - at < 4)
        return stream_damaged(png, png->packed_length, "they end here");
    if (inflated.produced < length)
        return stream_damaged(png, at, "less than the size of the picture");
    if (mnist_load_be32(png->packed + at) != mnist_adler32(out, length))
        return stream_damaged(png, at, "another checksum (Adler-32)");
    if (png->packed_length - at > 4)
        return stream_damaged(png, at + 4, "something behind their end");
    return MNIST_OK;
}

/* ---- Filters ---- */

static uint8_t paeth(int left, int above, int corner)
{
    int p = left + above - corner;
    int to_left = abs(p - left), to_above = abs(p - above);
    int to_corner = abs(p - corner);
    if (to_left <= to_above && to_left <= to_corner)
        return (uint8_t)left;
    return (uint8_t)(to_above <= to_corner ? above : corner);
}

/* row[-1] tells the filter. above: the row before, NULL for the first; step: to
   the byte that a byte is compared with. */
static bool unfilter(uint8_t *row, const uint8_t *above, size_t length,
                     size_t step)
{
    unsigned filter = row[-1];
    for (size_t i = 0; i < length; i++) {
        uint8_t a = i >= step ? row[i - step] : 0;
        uint8_t b = above ? above[i] : 0;
        uint8_t c = above && i >= step ? above[i - step] : 0;
        uint8_t guess = 0;
        if (filter == 1)
            guess = a;
        else if (filter == 2)
            guess = b;
        else if (filter == 3)
            guess = (uint8_t)((a + b) / 2);
        else if (filter == 4)
            guess = paeth(a, b, c);
        row[i] = (uint8_t)(row[i] + guess);
    }
    return filter <= 4;
}

/* ---- Samples ---- */

static unsigned sample(const uint8_t *row, size_t i, unsigned depth)
{
    if (depth == 8)
        return row[i];
    if (depth == 16)
        return (unsigned)row[2 * i] << 8 | row[2 * i + 1];
    size_t bit = i * depth;
    return (unsigned)row[bit / 8] >> (8 - depth - bit % 8) &
           ((1u << depth) - 1);
}

static bool is_key(const mnist_png *png, const unsigned *s, unsigned count)
{
    bool same = png->has_key;
    for (unsigned i = 0; i < count && same; i++)
        same = s[i] == png->key[i];
    return same;
}

/* Pixel x of a row, as pixel number `to` of the picture. */
static bool set_pixel(const mnist_raster *out, size_t to, const mnist_png *png,
                      const uint8_t *row, size_t x)
{
    unsigned channels = mnist_png_channels(png), most = (1u << png->depth) - 1;
    bool rgb = channels >= 3, alpha = channels % 2 == 0;
    unsigned s[4];
    uint8_t g[4] = {0}, opacity = 255;
    for (unsigned i = 0; i < channels; i++) {
        s[i] = sample(row, x * channels + i, png->depth);
        g[i] = mnist_grey_scale(s[i], most);
    }
    if (png->color == MNIST_PNG_PALETTE) {
        if (s[0] >= png->colors)
            return false;
        g[0] = png->grey[s[0]];
        opacity = png->opacity[s[0]];
    } else if (alpha) {
        opacity = g[channels - 1];
    } else if (is_key(png, s, channels)) {
        opacity = 0;
    }
    out->grey[to] = rgb ? mnist_grey_luma(g[0], g[1], g[2]) : g[0];
    if (out->alpha)
        out->alpha[to] = opacity;
    return true;
}

/* ---- All of it ---- */

/* The rows of a pass, of which *bytes is moved behind them. */
static mnist_status read_pass(const mnist_raster *out, const mnist_png *png,
                              const pass *p, uint8_t **bytes)
{
    size_t length = row_bytes(png, p), step = divide_up(bits_of_pixel(png), 8);
    const uint8_t *above = NULL;
    for (size_t i = 0; i < p->rows && p->cols > 0; i++) {
        uint8_t *row = *bytes + 1;
        size_t y = p->y + i * p->down;
        if (!unfilter(row, above, length, step))
            return mnist_fail(png->err, MNIST_ERROR_DATA,
                              "%s: row %zu: found filter %d, expected 0 to 4; "
                              "the PNG file is damaged",
                              png->name, y, row[-1]);
        for (size_t x = 0; x < p->cols; x++)
            if (!set_pixel(out, y * png->cols + p->x + x * p->right, png, row,
                           x))
                return mnist_fail(png->err, MNIST_ERROR_DATA,
                                  "%s: row %zu: found a colour beyond the %u "
                                  "of the palette; the PNG file is damaged",
                                  png->name, y, png->colors);
        above = row;
        *bytes += 1 + length;
    }
    return MNIST_OK;
}

static mnist_status check_size(const mnist_png *png, size_t length)
{
    if (length > MNIST_PICTURE_BYTES)
        return mnist_fail(png->err, MNIST_ERROR_DATA,
                          "%s: the picture, %zux%zu, takes %zu bytes, up to "
                          "%zu are read here; make it smaller",
                          png->name, png->cols, png->rows, length,
                          MNIST_PICTURE_BYTES);
    if (length / MNIST_INFLATE_MOST > png->packed_length)
        return mnist_fail(png->err, MNIST_ERROR_DATA,
                          "%s: a picture of %zux%zu takes %zu bytes, more than "
                          "%zu bytes of pixels can hold; the PNG file is "
                          "damaged",
                          png->name, png->cols, png->rows, length,
                          png->packed_length);
    return MNIST_OK;
}

mnist_status mnist_png_pixels(mnist_raster *out, const mnist_png *png)
{
    size_t length = unpacked_bytes(png), count = png->rows * png->cols;
    mnist_status status = check_size(png, length);
    if (status)
        return status;
    mnist_raster raster = {.rows = png->rows, .cols = png->cols};
    uint8_t *bytes = mnist_alloc(length, 1), *at = bytes;
    raster.grey = bytes ? mnist_alloc(count, 1) : NULL;
    if (raster.grey && png->has_alpha)
        raster.alpha = mnist_alloc(count, 1);
    if (!raster.grey || (png->has_alpha && !raster.alpha))
        status = mnist_fail(png->err, MNIST_ERROR_MEMORY,
                            "%s: out of memory: %zu bytes are needed",
                            png->name, length + count);
    if (!status)
        status = unpack(bytes, length, png);
    for (unsigned i = 0; i < count_passes(png) && !status; i++) {
        pass p = pass_of(png, i);
        status = read_pass(&raster, png, &p, &at);
    }
    mnist_free(bytes);
    if (status)
        mnist_grey_free(&raster);
    else
        *out = raster;
    return status;
}
