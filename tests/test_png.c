/* PNG files: every kind of pixels, filtered and interlaced in every way,
   against the formulas of mnist/picture.h in plain arithmetic; and refusals. */
#include "support/png_write.h"
#include "support/temporary.h"

#include <mnist/picture.h>
#include <mnist/random.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SIDE = 40 };

/* A picture as samples, and in its file. */
typedef struct sample_set {
    size_t rows, cols;
    unsigned depth, color, channels;
    unsigned value[SIDE * SIDE * 4];
} sample_set;

static unsigned channels_of(unsigned color)
{
    static const unsigned channels[] = {1, 0, 3, 1, 2, 0, 4};
    return channels[color];
}

static void make_samples(sample_set *s, mnist_random *random)
{
    s->channels = channels_of(s->color);
    for (size_t i = 0; i < s->rows * s->cols * s->channels; i++)
        s->value[i] = mnist_random_below(random, 1u << s->depth);
}

/* ---- Writing: packed, filtered, interlaced ---- */

/* The row of pixels (y, x), (y, x + step), ...; returns its bytes. */
static size_t pack_row(uint8_t *row, const sample_set *s, size_t y, size_t x,
                       size_t step)
{
    size_t bit = 0;
    memset(row, 0, SIDE * 8);
    for (; x < s->cols; x += step)
        for (unsigned c = 0; c < s->channels; c++)
            for (unsigned b = s->depth; b-- > 0; bit++)
                if (s->value[(y * s->cols + x) * s->channels + c] >> b & 1)
                    row[bit / 8] = (uint8_t)(row[bit / 8] | 0x80 >> bit % 8);
    return (bit + 7) / 8;
}

static int nearest(int a, int b, int c)
{
    int p = a + b - c, da = abs(p - a), db = abs(p - b), dc = abs(p - c);
    return da <= db && da <= dc ? a : db <= dc ? b : c;
}

static void filter_row(uint8_t *out, const uint8_t *row, const uint8_t *above,
                       size_t length, size_t step, unsigned filter)
{
    out[0] = (uint8_t)filter;
    for (size_t i = 0; i < length; i++) {
        int a = i >= step ? row[i - step] : 0, b = above[i];
        int c = i >= step ? above[i - step] : 0;
        const int guess[] = {0, a, b, (a + b) / 2, nearest(a, b, c)};
        out[1 + i] = (uint8_t)(row[i] - guess[filter]);
    }
}

static const size_t passes[8][4] = {
    /* y, x, down, right; the last for a picture that is not interlaced */
    {0, 0, 8, 8}, {0, 4, 8, 8}, {4, 0, 8, 4}, {0, 2, 4, 4},
    {2, 0, 4, 2}, {0, 1, 2, 2}, {1, 0, 2, 1}, {0, 0, 1, 1}};

/* All rows, filtered in turn by filters first, first + 1 and so on. */
static size_t pack(uint8_t *out, const sample_set *s, int interlaced,
                   unsigned first)
{
    uint8_t rows[2][SIDE * 8];
    uint8_t *begin = out;
    size_t step = (size_t)s->depth * s->channels / 8;
    for (size_t i = interlaced ? 0 : 7; i < (interlaced ? 7 : 8); i++) {
        const size_t *p = passes[i];
        memset(rows, 0, sizeof rows);
        for (size_t y = p[0]; y < s->rows && p[1] < s->cols; y += p[2]) {
            size_t length = pack_row(rows[0], s, y, p[1], p[3]);
            filter_row(out, rows[0], rows[1], length, step ? step : 1,
                       first++ % 5);
            out += 1 + length;
            memcpy(rows[1], rows[0], sizeof rows[0]);
        }
    }
    return (size_t)(out - begin);
}

/* ---- What it must be ---- */

static unsigned rounded(double value)
{
    return (unsigned)(value + 0.5 + 1e-9);
}

static unsigned byte_of(unsigned value, unsigned depth)
{
    return rounded(255.0 * value / ((1u << depth) - 1));
}

static unsigned luma(unsigned r, unsigned g, unsigned b)
{
    return rounded(0.2126 * r + 0.7152 * g + 0.0722 * b);
}

static unsigned grey_of(const sample_set *s, size_t pixel)
{
    const unsigned *v = s->value + pixel * s->channels;
    unsigned d = s->depth;
    return s->channels < 3
               ? byte_of(v[0], d)
               : luma(byte_of(v[0], d), byte_of(v[1], d), byte_of(v[2], d));
}

static mnist_status read_bytes(mnist_picture *out, temporary *t,
                               const png_file *png, mnist_error *err)
{
    return mnist_picture_read(
        out, temporary_write(t, "x.png", png->bytes, png->length), err);
}

/* Of opaque samples: each alpha is made full first. */
static void check_opaque(temporary *t, sample_set *s, int interlaced,
                         unsigned first)
{
    static uint8_t rows[SIDE * SIDE * 16];
    static png_file png;
    mnist_picture picture;
    mnist_error err;
    for (size_t i = 0; s->channels % 2 == 0 && i < s->rows * s->cols; i++)
        s->value[(i + 1) * s->channels - 1] = (1u << s->depth) - 1;
    png_begin(&png);
    png_header(&png, s->cols, s->rows, s->depth, s->color,
               (unsigned)interlaced);
    png_chunk(&png, "gAMA", "\0\0\xb1\x8f", 4);
    png_pixels(&png, rows, pack(rows, s, interlaced, first), 1 + first);
    if (read_bytes(&picture, t, &png, &err))
        fail_msg("%s", err.message);
    assert_int_equal(picture.rows, s->rows);
    assert_int_equal(picture.cols, s->cols);
    for (size_t i = 0; i < s->rows * s->cols; i++)
        assert_int_equal(picture.pixels[i], grey_of(s, i));
    mnist_picture_free(&picture);
}

static const size_t sizes[][2] = {{1, 1}, {3, 2},  {5, 7}, {8, 8},
                                  {9, 9}, {33, 1}, {1, 40}};
enum { SIZES = sizeof sizes / sizeof *sizes };

static void test_every_kind(void **state)
{
    static const unsigned kinds[][2] = {{0, 1},  {0, 2}, {0, 4},  {0, 8},
                                        {0, 16}, {2, 8}, {2, 16}, {4, 8},
                                        {4, 16}, {6, 8}, {6, 16}};
    static sample_set s;
    mnist_random random = mnist_random_stream(1, MNIST_RANDOM_SYNTH, 0);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (size_t i = 0; i < SIZES; i++)
            for (unsigned first = 0; first < 5; first++) {
                s.rows = sizes[i][0], s.cols = sizes[i][1];
                s.color = kinds[k][0], s.depth = kinds[k][1];
                make_samples(&s, &random);
                check_opaque(*state, &s, 0, first);
                check_opaque(*state, &s, 1, first);
            }
}

/* A palette of all colours that the depth can name, and with fewer opaque. */
static void test_palettes(void **state)
{
    static uint8_t rows[SIDE * SIDE], rgb[256 * 3];
    static sample_set s = {.rows = 9, .cols = 11, .color = 3};
    static png_file png;
    mnist_random random = mnist_random_stream(2, MNIST_RANDOM_SYNTH, 0);
    mnist_picture picture;
    for (size_t i = 0; i < sizeof rgb; i++)
        rgb[i] = (uint8_t)mnist_random_below(&random, 256);
    for (s.depth = 1; s.depth <= 8; s.depth *= 2)
        for (int interlaced = 0; interlaced < 2; interlaced++) {
            make_samples(&s, &random);
            png_begin(&png);
            png_header(&png, s.cols, s.rows, s.depth, 3, (unsigned)interlaced);
            png_chunk(&png, "PLTE", rgb, 3u << s.depth);
            png_pixels(&png, rows, pack(rows, &s, interlaced, 0), 2);
            assert_int_equal(read_bytes(&picture, *state, &png, NULL), 0);
            for (size_t i = 0; i < s.rows * s.cols; i++) {
                const uint8_t *c = rgb + 3 * s.value[i];
                assert_int_equal(picture.pixels[i], luma(c[0], c[1], c[2]));
            }
            mnist_picture_free(&picture);
        }
}

/* ---- Transparency ---- */

/* A picture of 3x3 greys with their opacities, read. */
static void assert_laid_over(temporary *t, const char *grey, const char *alpha,
                             const uint8_t expected[9])
{
    static png_file png;
    uint8_t rows[3 * 7] = {0};
    mnist_picture picture;
    for (size_t i = 0; i < 9; i++) {
        rows[i / 3 * 7 + 1 + i % 3 * 2] = (uint8_t)grey[i];
        rows[i / 3 * 7 + 2 + i % 3 * 2] = (uint8_t)alpha[i];
    }
    png_begin(&png);
    png_header(&png, 3, 3, 8, 4, 0);
    png_pixels(&png, rows, sizeof rows, 1);
    assert_int_equal(read_bytes(&picture, t, &png, NULL), 0);
    assert_memory_equal(picture.pixels, expected, 9);
    mnist_picture_free(&picture);
}

static void test_background(void **state)
{
    /* Dark ink on nothing: white below; light ink: black; nothing: black. */
    assert_laid_over(*state, "\1\2\3\4\12\6\7\7\7", "\0\0\0\0\xff\0\0\0\0",
                     (uint8_t[]){255, 255, 255, 255, 10, 255, 255, 255, 255});
    assert_laid_over(*state, "\1\2\3\4\xf0\6\7\7\7", "\0\0\0\0\xff\0\0\0\0",
                     (uint8_t[]){0, 0, 0, 0, 240, 0, 0, 0, 0});
    assert_laid_over(*state, "\1\2\3\4\xf0\6\7\7\7", "\0\0\0\0\0\0\0\0\0",
                     (uint8_t[9]){0});
    /* An opaque border of 200 shows through the middle. */
    assert_laid_over(*state, "\xc8\xc8\xc8\xc8\x64\xc8\xc8\xc8\xc8",
                     "\xff\xff\xff\xff\x80\xff\xff\xff\0",
                     (uint8_t[]){200, 200, 200, 200, 150, 200, 200, 200, 200});
}

/* The key is compared before samples lose their low bits. */
static void test_key(void **state)
{
    static png_file png;
    static const uint8_t rows[] = {0, 0x12, 0x34, 0x12, 0x35, 0xff, 0xff};
    mnist_picture picture;
    png_begin(&png);
    png_header(&png, 3, 1, 16, 0, 0);
    png_chunk(&png, "tRNS", "\x12\x34", 2);
    png_pixels(&png, rows, sizeof rows, 1);
    assert_int_equal(read_bytes(&picture, *state, &png, NULL), 0);
    /* Two of three are opaque: 18 and 255 in the mean. */
    assert_memory_equal(picture.pixels, ((uint8_t[]){137, 18, 255}), 3);
    mnist_picture_free(&picture);

    png_begin(&png);
    png_header(&png, 2, 1, 8, 2, 0);
    png_chunk(&png, "tRNS", "\0\1\0\2\0\3", 6);
    png_pixels(&png, (const uint8_t *)"\0\1\2\3\1\2\4", 7, 1);
    assert_int_equal(read_bytes(&picture, *state, &png, NULL), 0);
    assert_memory_equal(picture.pixels, ((uint8_t[]){2, 2}), 2);
    mnist_picture_free(&picture);

    png_begin(&png);
    png_header(&png, 4, 1, 8, 3, 0);
    png_chunk(&png, "PLTE", "\x0a\x0a\x0a\x14\x14\x14\xc8\xc8\xc8", 9);
    png_chunk(&png, "tRNS", "\xff\0", 2);
    png_pixels(&png, (const uint8_t *)"\0\0\0\1\2", 5, 1);
    assert_int_equal(read_bytes(&picture, *state, &png, NULL), 0);
    assert_memory_equal(picture.pixels, ((uint8_t[]){10, 10, 73, 200}), 4);
    mnist_picture_free(&picture);
}

/* ---- Refusals ---- */

static const char zeros[771];

typedef struct chunk {
    const char *type, *data;
    size_t length;
} chunk;

#define HEADER(bytes)                                                          \
    {                                                                          \
        "IHDR", bytes "\0\0\0", 13                                             \
    }
#define GREY_2X1    HEADER("\0\0\0\2\0\0\0\1\x08\0")
#define PALETTE_2X1 HEADER("\0\0\0\2\0\0\0\1\x08\3")
/* A row without a filter: 7, 9. */
#define PIXELS                                                                 \
    {                                                                          \
        "IDAT", "\x78\1\1\3\0\xfc\xff\0\7\x09\0\x1a\0\x11", 14                 \
    }
#define STREAM(bytes)                                                          \
    {                                                                          \
        "IDAT", bytes, sizeof bytes - 1                                        \
    }
#define END                                                                    \
    {                                                                          \
        "IEND", "", 0                                                          \
    }
#define PALETTE                                                                \
    {                                                                          \
        "PLTE", "abcabcabcabcabcabcabcabcabcabcabc", 33                        \
    }

static const struct {
    const char *why; /* NULL: it is read */
    chunk chunks[7];
} files[] = {
    {NULL, {GREY_2X1, PIXELS, END}},
    {NULL, {GREY_2X1, {"teXt", "x", 1}, PIXELS, {"tIME", "", 0}, END}},
    {NULL, {GREY_2X1, PIXELS, END, {"junk", "x", 1}}},
    {NULL, {PALETTE_2X1, PALETTE, PIXELS, END}},
    {NULL, {PALETTE_2X1, PALETTE, {"tRNS", "abc", 3}, PIXELS, END}},
    {"cut off here", {{NULL, NULL, 0}}},
    {"cut off here", {GREY_2X1}},
    {"cut off here", {GREY_2X1, PIXELS}},
    {"found chunk IDAT of 14 bytes, expected IHDR", {PIXELS, END}},
    {"found chunk IHDR of 12 bytes",
     {{"IHDR", "\0\0\0\2\0\0\0\1\x08\0\0", 12}}},
    {"found chunk IHDR where", {GREY_2X1, GREY_2X1, PIXELS, END}},
    {"expected pixels (IDAT)", {GREY_2X1, END}},
    {"found 1 bytes in IEND", {GREY_2X1, PIXELS, {"IEND", "x", 1}}},
    {"found chunk IDAT where",
     {GREY_2X1, PIXELS, {"tIME", "", 0}, PIXELS, END}},
    {"found chunk ABcD, which is no kind", {GREY_2X1, {"ABcD", "", 0}, END}},
    {"found chunk \\x1b[2J", {GREY_2X1, {"\x1b[2J", "", 0}, END}},
    {"found a size of 0x1", {HEADER("\0\0\0\0\0\0\0\1\x08\0"), PIXELS, END}},
    {"found a size of 2x0", {HEADER("\0\0\0\2\0\0\0\0\x08\0"), PIXELS, END}},
    {"is 16385x1, sides", {HEADER("\0\0\x40\1\0\0\0\1\x08\0"), PIXELS, END}},
    {"is 2x4294967295", {HEADER("\0\0\0\2\xff\xff\xff\xff\x08\0"), END}},
    {"found depth 3 with", {HEADER("\0\0\0\2\0\0\0\1\3\0"), PIXELS, END}},
    {"found depth 0 with", {HEADER("\0\0\0\2\0\0\0\1\0\0"), PIXELS, END}},
    {"depth 32 with", {HEADER("\0\0\0\2\0\0\0\1\x20\0"), PIXELS, END}},
    {"depth 16 with colour type 3",
     {HEADER("\0\0\0\2\0\0\0\1\x10\3"), PIXELS, END}},
    {"depth 8 with colour type 1",
     {HEADER("\0\0\0\2\0\0\0\1\x08\1"), PIXELS, END}},
    {"colour type 7", {HEADER("\0\0\0\2\0\0\0\1\x08\7"), PIXELS, END}},
    {"found compression 1",
     {{"IHDR", "\0\0\0\2\0\0\0\1\x08\0\1\0\0", 13}, PIXELS, END}},
    {"filter 1, interlace 0",
     {{"IHDR", "\0\0\0\2\0\0\0\1\x08\0\0\1\0", 13}, PIXELS, END}},
    {"interlace 2",
     {{"IHDR", "\0\0\0\2\0\0\0\1\x08\0\0\0\2", 13}, PIXELS, END}},
    {"expected a palette (PLTE)", {PALETTE_2X1, PIXELS, END}},
    {"found a palette of 0", {PALETTE_2X1, {"PLTE", "", 0}, PIXELS, END}},
    {"found a palette of 4", {PALETTE_2X1, {"PLTE", "abca", 4}, PIXELS, END}},
    {"found chunk PLTE where", {PALETTE_2X1, PALETTE, PALETTE, PIXELS, END}},
    {"found chunk PLTE where", {GREY_2X1, PIXELS, PALETTE, END}},
    {"found chunk PLTE where",
     {GREY_2X1, {"tRNS", "ab", 2}, PALETTE, PIXELS, END}},
    {"found a palette of 771", {PALETTE_2X1, {"PLTE", zeros, 771}, END}},
    {"a colour beyond the 9 of the palette",
     {PALETTE_2X1, {"PLTE", "abcabcabcabcabcabcabcabcabc", 27}, PIXELS, END}},
    {"found 12 bytes of transparency",
     {PALETTE_2X1, PALETTE, {"tRNS", "abcabcabcabc", 12}, PIXELS, END}},
    {"found 0 bytes of transparency",
     {PALETTE_2X1, PALETTE, {"tRNS", "", 0}, PIXELS, END}},
    {"found 1 bytes of transparency",
     {PALETTE_2X1, {"tRNS", "a", 1}, PALETTE, PIXELS, END}},
    {"found 3 bytes of transparency",
     {GREY_2X1, {"tRNS", "abc", 3}, PIXELS, END}},
    {"colour type 6",
     {HEADER("\0\0\0\2\0\0\0\1\x08\6"), {"tRNS", "ab", 2}, PIXELS, END}},
    {"found chunk tRNS where",
     {GREY_2X1, {"tRNS", "ab", 2}, {"tRNS", "ab", 2}, PIXELS, END}},
    {"found chunk tRNS where", {GREY_2X1, PIXELS, {"tRNS", "ab", 2}, END}},
    /* The stream: 78 01, a stored block of 3, Adler-32. */
    {"byte 1 of the packed pixels: they end", {GREY_2X1, STREAM("\x78"), END}},
    {"not the header of a zlib stream",
     {GREY_2X1, STREAM("\x78\2\1\3\0\xfc\xff\0\7\x09\0\x1a\0\x11"), END}},
    {"not the header of a zlib stream",
     {GREY_2X1, STREAM("\x79\x16\1\3\0\xfc\xff\0\7\x09\0\x1a\0\x11"), END}},
    {"not the header of a zlib stream",
     {GREY_2X1, STREAM("\x88\x1c\1\3\0\xfc\xff\0\7\x09\0\x1a\0\x11"), END}},
    {"not the header of a zlib stream",
     {GREY_2X1, STREAM("\x78\x20\1\3\0\xfc\xff\0\7\x09\0\x1a\0\x11"), END}},
    {"byte 9 of the packed pixels: they end here",
     {GREY_2X1, STREAM("\x78\1\1\3\0\xfc\xff\0\7"), END}},
    {"byte 13 of the packed pixels: they end here",
     {GREY_2X1, STREAM("\x78\1\1\3\0\xfc\xff\0\7\x09\0\x1a\0"), END}},
    {"the two lengths of a stored block differ",
     {GREY_2X1, STREAM("\x78\1\1\3\0\xfd\xff\0\7\x09\0\x1a\0\x11"), END}},
    {"more than the size",
     {GREY_2X1, STREAM("\x78\1\1\4\0\xfb\xff\0\7\x09\1\0\x2b\0\x12"), END}},
    {"less than the size",
     {GREY_2X1, STREAM("\x78\1\1\2\0\xfd\xff\0\7\0\x09\0\x08"), END}},
    {"another checksum (Adler-32)",
     {GREY_2X1, STREAM("\x78\1\1\3\0\xfc\xff\0\7\x09\0\x1a\0\x12"), END}},
    {"byte 14 of the packed pixels: something behind",
     {GREY_2X1, STREAM("\x78\1\1\3\0\xfc\xff\0\7\x09\0\x1a\0\x11x"), END}},
    {"row 0: found filter 5, expected 0 to 4",
     {GREY_2X1, STREAM("\x78\1\1\3\0\xfc\xff\5\7\x09\0\x29\0\x16"), END}},
    /* Little that promises much, before any memory is taken for it. */
    {"takes 268451840 bytes, up to 268435456",
     {HEADER("\0\0\x40\0\0\0\x40\0\x08\0"), PIXELS, END}},
    {"more than 14 bytes of pixels can hold",
     {HEADER("\0\0\x3f\xff\0\0\x3f\xff\x08\0"), PIXELS, END}},
};

static void test_refusals(void **state)
{
    static png_file png;
    mnist_picture picture;
    mnist_error err;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        png_begin(&png);
        for (const chunk *c = files[i].chunks; c->type; c++)
            png_chunk(&png, c->type, c->data, c->length);
        mnist_status status = read_bytes(&picture, *state, &png, &err);
        if (status)
            assert_int_equal(status, MNIST_ERROR_DATA);
        if (status ? !files[i].why || !strstr(err.message, files[i].why)
                   : files[i].why != NULL)
            fail_msg("file %zu: expected %s; got %s", i,
                     files[i].why ? files[i].why : "no error",
                     status ? err.message : "no error");
        if (!status)
            mnist_picture_free(&picture);
    }
}

/* What the signature is for. */
static void test_sent_as_text(void **state)
{
    mnist_picture picture;
    mnist_error err;
    const char *path = temporary_write(*state, "x.png", "\x89PNG\n\x1a\nx", 8);
    assert_int_equal(mnist_picture_read(&picture, path, &err),
                     MNIST_ERROR_DATA);
    assert_non_null(strstr(err.message, "was it sent as text?"));
}

#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_every_kind), IN_FOLDER(test_palettes),
        IN_FOLDER(test_background), IN_FOLDER(test_key),
        IN_FOLDER(test_refusals),   IN_FOLDER(test_sent_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
