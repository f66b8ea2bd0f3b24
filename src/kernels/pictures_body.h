/*
 * The kernels for pictures, written once. A file that defines
 *
 *     VECTOR, WIDTH                   a vector, its floats: 16 or a part of it
 *     ZERO(), BROADCAST(from)         all 0, or the float at `from`
 *     LOAD(from), STORE(to, x)        unaligned
 *     ADD(a, b), MULTIPLY(a, b), DIVIDE(a, b)
 *     MULTIPLY_ADD(a, b, c)           a * b + c, rounded once
 *     KEEP(x)                         keeps the vector variable x in a
 *                                     register, or gcc loads it for each use
 *     RELU(x)                         x < 0 ? 0 : x, so that NaN stays
 *     ALL_FILTERS(F)                  F(filters, pixels) for tiles of 1, 2, ..
 *                                     filters, and MOST_FILTERS of them
 *     ONE_FILTERS                     filters of a tile of one pixel, if that
 *                                     may be more
 *     GRADIENT_FILTERS(F)             F(filters) for 1, 2, .., and
 *                                     MOST_GRADIENT_FILTERS of them
 *     FROM_ROWS, TO_ROWS, SUM_LANES   functions, as in pictures.h
 *
 * and includes this gets them as statics, and PICTURE_KERNELS, the initialisers
 * of the table in pictures.h, which says what each of them computes.
 */
#include "kernels/pictures.h"

#include <stdint.h>
#include <string.h>

/* gcc must be told to unroll, or it keeps the sums in memory. */
#if defined(__clang__)
#define UNROLL
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

/* Vectors of the 16 lanes. */
enum { HALVES = MNIST_LANES / WIDTH };

/* ---- Convolution ---- */

static inline VECTOR finish(const mnist_convolution *c, size_t filter, VECTOR s)
{
    if (c->b)
        s = ADD(s, BROADCAST(c->b + filter));
    return c->relu ? RELU(s) : s;
}

/* A tile of some pixels by some filters, a function for each size, so that the
   sums are registers. */
/* clang-format off */
#define DEFINE_CONVOLVE(name, FILTERS, PIXELS)                                 \
    static void name(const mnist_convolution *c, size_t pixel, size_t filter)  \
    {                                                                          \
        const float *x[PIXELS], *w = c->w + filter;                           \
        const size_t run = c->run, w_value = c->w_value;                       \
        VECTOR s[PIXELS][HALVES][FILTERS];                                     \
        UNROLL for (size_t p = 0; p < (PIXELS); p++) {                         \
            x[p] = c->x + (pixel + p) * c->x_pixel;                            \
            UNROLL for (size_t h = 0; h < HALVES; h++)                         \
                UNROLL for (size_t f = 0; f < (FILTERS); f++)                  \
                    s[p][h][f] = ZERO();                                       \
        }                                                                      \
        for (size_t r = 0; r < c->rows; r++) {                                 \
            const float *factor = w + r * c->w_row;                            \
            size_t at = r * c->x_row;                                          \
            for (size_t i = 0; i < run; i++) {                                 \
                VECTOR v[PIXELS][HALVES];                                      \
                UNROLL for (size_t p = 0; p < (PIXELS); p++)                   \
                    UNROLL for (size_t h = 0; h < HALVES; h++)                 \
                        v[p][h] = LOAD(x[p] + at + h * WIDTH);                 \
                UNROLL for (size_t f = 0; f < (FILTERS); f++) {                \
                    VECTOR a = BROADCAST(factor + f);                          \
                    UNROLL for (size_t p = 0; p < (PIXELS); p++)               \
                        UNROLL for (size_t h = 0; h < HALVES; h++)             \
                            s[p][h][f] =                                       \
                                MULTIPLY_ADD(v[p][h], a, s[p][h][f]);          \
                }                                                              \
                at += MNIST_LANES;                                             \
                factor += w_value;                                             \
            }                                                                  \
        }                                                                      \
        UNROLL for (size_t p = 0; p < (PIXELS); p++) {                         \
            float *y = c->y + (pixel + p) * c->y_pixel + filter * MNIST_LANES; \
            UNROLL for (size_t f = 0; f < (FILTERS); f++)                      \
                UNROLL for (size_t h = 0; h < HALVES; h++)                     \
                    STORE(y + f * MNIST_LANES + h * WIDTH,                     \
                          finish(c, filter + f, s[p][h][f]));                      \
        }                                                                      \
    }
#define DEFINE_BOTH(FILTERS, PIXELS)                                           \
    DEFINE_CONVOLVE(convolve_##FILTERS##_1, FILTERS, 1)                        \
    DEFINE_CONVOLVE(convolve_##FILTERS, FILTERS, PIXELS)
/* clang-format on */

ALL_FILTERS(DEFINE_BOTH)

typedef struct {
    size_t pixels;
    void (*some)(const mnist_convolution *c, size_t pixel, size_t filter);
    void (*one)(const mnist_convolution *c, size_t pixel, size_t filter);
} convolve_tile;

#define LIST_TILE(FILTERS, PIXELS)                                             \
    {PIXELS, convolve_##FILTERS, convolve_##FILTERS##_1},
static const convolve_tile convolve_tiles[] = {ALL_FILTERS(LIST_TILE)};

#ifdef ONE_FILTERS
DEFINE_CONVOLVE(convolve_one, ONE_FILTERS, 1)
#endif

/* Pixels first .. of filters `filter` .. of the tile's number. */
static void convolve_pixels(const mnist_convolution *c, size_t first,
                            size_t filter, size_t filters)
{
    const convolve_tile *tile = &convolve_tiles[filters - 1];
    size_t p = first;
    for (; p + tile->pixels <= c->pixels; p += tile->pixels)
        tile->some(c, p, filter);
    for (; p < c->pixels; p++)
        tile->one(c, p, filter);
}

/* The filters in tiles that are as even as can be. */
static void convolve_body(const mnist_convolution *c)
{
    size_t f = 0;
#ifdef ONE_FILTERS
    for (; c->pixels == 1 && f + ONE_FILTERS <= c->filters; f += ONE_FILTERS)
        convolve_one(c, 0, f);
#endif
    while (f < c->filters) {
        size_t left = c->filters - f;
        size_t tiles = (left + MOST_FILTERS - 1) / MOST_FILTERS;
        size_t filters = (left + tiles - 1) / tiles;
        convolve_pixels(c, 0, f, filters);
        f += filters;
    }
}

/* ---- Its gradient ---- */

/* clang-format off */
#define DEFINE_GRADIENT(FILTERS)                                               \
    static void gradient_##FILTERS(const mnist_places *at,                     \
                                   const float *const *x, const float *dy,     \
                                   float *const *sum)                          \
    {                                                                          \
        enum { VALUES = MNIST_GRADIENT_VALUES };                               \
        const size_t x_pixel = at->x_pixel, dy_pixel = at->dy_pixel;           \
        VECTOR s[VALUES][FILTERS];                                             \
        UNROLL for (size_t i = 0; i < VALUES; i++)                             \
            UNROLL for (size_t f = 0; f < (FILTERS); f++)                      \
                s[i][f] = ZERO();                                              \
        for (size_t k = 0; k < at->blocks; k++)                                \
            for (size_t r = 0; r < at->rows; r++) {                            \
                size_t from = k * at->x_block + r * at->x_row;                 \
                const float *d = dy + k * at->dy_block + r * at->dy_row;       \
                for (size_t p = 0; p < at->pixels; p++) {                      \
                    VECTOR v[VALUES];                                          \
                    UNROLL for (size_t i = 0; i < VALUES; i++)                 \
                        v[i] = LOAD(x[i] + from);                              \
                    UNROLL for (size_t f = 0; f < (FILTERS); f++) {            \
                        VECTOR factor = LOAD(d + f * MNIST_LANES);             \
                        KEEP(factor);                                          \
                        UNROLL for (size_t i = 0; i < VALUES; i++)             \
                            s[i][f] = MULTIPLY_ADD(v[i], factor, s[i][f]);     \
                    }                                                          \
                    from += x_pixel;                                           \
                    d += dy_pixel;                                             \
                }                                                              \
            }                                                                  \
        UNROLL for (size_t i = 0; i < VALUES; i++)                             \
            UNROLL for (size_t f = 0; f < (FILTERS); f++) {                    \
                float *to = sum[i] + f * MNIST_LANES;                          \
                STORE(to, ADD(LOAD(to), s[i][f]));                             \
            }                                                                  \
    }
/* clang-format on */

/* clang-format off */
#define DEFINE_ADD_PLACES(FILTERS)                                             \
    static void add_places_##FILTERS(const mnist_places *at, const float *dy,  \
                                     float *sum)                               \
    {                                                                          \
        VECTOR s[FILTERS];                                                     \
        UNROLL for (size_t f = 0; f < (FILTERS); f++)                          \
            s[f] = ZERO();                                                     \
        for (size_t k = 0; k < at->blocks; k++)                                \
            for (size_t r = 0; r < at->rows; r++) {                            \
                const float *d = dy + k * at->dy_block + r * at->dy_row;       \
                for (size_t p = 0; p < at->pixels; p++, d += at->dy_pixel)     \
                    UNROLL for (size_t f = 0; f < (FILTERS); f++)              \
                        s[f] = ADD(s[f], LOAD(d + f * MNIST_LANES));           \
            }                                                                  \
        UNROLL for (size_t f = 0; f < (FILTERS); f++) {                        \
            float *to = sum + f * MNIST_LANES;                                 \
            STORE(to, ADD(LOAD(to), s[f]));                                    \
        }                                                                      \
    }
#define DEFINE_PLACES(FILTERS)                                                 \
    DEFINE_GRADIENT(FILTERS)                                                   \
    DEFINE_ADD_PLACES(FILTERS)
/* clang-format on */

GRADIENT_FILTERS(DEFINE_PLACES)

#define LIST_GRADIENT(FILTERS) gradient_##FILTERS,
static void (*const gradient_tiles[])(const mnist_places *at,
                                      const float *const *x, const float *dy,
                                      float *const *sum) = {
    GRADIENT_FILTERS(LIST_GRADIENT)};

#define LIST_ADD_PLACES(FILTERS) add_places_##FILTERS,
static void (*const add_places_tiles[])(const mnist_places *at, const float *dy,
                                        float *sum) = {
    GRADIENT_FILTERS(LIST_ADD_PLACES)};

/* Filters of the tile that begins at f. */
static size_t tile_filters(size_t filters, size_t f)
{
    return filters - f < MOST_GRADIENT_FILTERS ? filters - f
                                               : MOST_GRADIENT_FILTERS;
}

static void add_places_body(const mnist_places *at, const float *dy,
                            size_t filters, float *sum)
{
    for (size_t f = 0; f < filters; f += MOST_GRADIENT_FILTERS)
        for (size_t h = 0; h < HALVES; h++) {
            size_t from = f * MNIST_LANES + h * WIDTH;
            add_places_tiles[tile_filters(filters, f) - 1](at, dy + from,
                                                           sum + from);
        }
}

static void gradient_body(const mnist_places *at, const float *const *x,
                          const float *dy, size_t filters, float *sum)
{
    enum { VALUES = MNIST_GRADIENT_VALUES };
    for (size_t f = 0; f < filters; f += MOST_GRADIENT_FILTERS) {
        size_t count = tile_filters(filters, f);
        for (size_t h = 0; h < HALVES; h++) {
            size_t from = f * MNIST_LANES + h * WIDTH;
            const float *values[VALUES];
            float *to[VALUES];
            for (size_t i = 0; i < VALUES; i++) {
                values[i] = x[i] + h * WIDTH;
                to[i] = sum + i * filters * MNIST_LANES + from;
            }
            gradient_tiles[count - 1](at, values, dy + from, to);
        }
    }
}

/* ---- Pooling ---- */

/* Dividing by a power of two is multiplying by its reciprocal, to the last
   bit. */
static inline VECTOR divide_by_area(VECTOR s, size_t area)
{
    const float divisor = (float)area, reciprocal = 1.0f / divisor;
    return area & (area - 1) ? DIVIDE(s, BROADCAST(&divisor))
                             : MULTIPLY(s, BROADCAST(&reciprocal));
}

/* Inlined into each use, so that height and width may be constants. */
static inline void average(const mnist_windows *w, size_t height, size_t width,
                           const float *x, float *y)
{
    const size_t n = w->n;
    for (size_t o = 0; o < w->count; o++)
        for (size_t i = 0; i < n; i += WIDTH) {
            const float *corner = x + o * width * n + i;
            VECTOR s = ZERO();
            for (size_t py = 0; py < height; py++)
                for (size_t px = 0; px < width; px++)
                    s = ADD(s, LOAD(corner + py * w->row + px * n));
            STORE(y + o * n + i, divide_by_area(s, height * width));
        }
}

static void average_body(const mnist_windows *w, const float *x, float *y)
{
    if (w->height == 2 && w->width == 2)
        average(w, 2, 2, x, y);
    else
        average(w, w->height, w->width, x, y);
}

static inline void unaverage(const mnist_windows *w, size_t height,
                             size_t width, const float *dy, float *dx)
{
    const size_t n = w->n;
    for (size_t o = 0; o < w->count; o++)
        for (size_t i = 0; i < n; i += WIDTH) {
            float *corner = dx + o * width * n + i;
            VECTOR s = divide_by_area(LOAD(dy + o * n + i), height * width);
            for (size_t py = 0; py < height; py++)
                for (size_t px = 0; px < width; px++)
                    STORE(corner + py * w->row + px * n, s);
        }
}

static void average_backward_body(const mnist_windows *w, const float *dy,
                                  float *dx)
{
    if (w->height == 2 && w->width == 2)
        unaverage(w, 2, 2, dy, dx);
    else
        unaverage(w, w->height, w->width, dy, dx);
}

/* The largest values of a window, lane by lane, and which of its pixels, by py
   and then px, they are. */
static inline void find_largest(const mnist_windows *w, const float *corner,
                                float *largest, uint32_t *pixel)
{
    for (size_t l = 0; l < MNIST_LANES; l++) {
        largest[l] = corner[l];
        pixel[l] = 0;
    }
    uint32_t number = 0;
    for (size_t py = 0; py < w->height; py++)
        for (size_t px = 0; px < w->width; px++, number++) {
            const float *x = corner + py * w->row + px * w->n;
            for (size_t l = 0; l < MNIST_LANES; l++) {
                bool nan = x[l] != x[l] && largest[l] == largest[l];
                bool larger = nan | (x[l] > largest[l]);
                pixel[l] = larger ? number : pixel[l];
                largest[l] = larger ? x[l] : largest[l];
            }
        }
}

static void largest_body(const mnist_windows *w, const float *x, float *y)
{
    for (size_t o = 0; o < w->count; o++)
        for (size_t i = 0; i < w->n; i += MNIST_LANES) {
            float largest[MNIST_LANES];
            uint32_t pixel[MNIST_LANES];
            find_largest(w, x + o * w->width * w->n + i, largest, pixel);
            memcpy(y + o * w->n + i, largest, sizeof largest);
        }
}

static void largest_backward_body(const mnist_windows *w, const float *x,
                                  const float *dy, float *dx)
{
    for (size_t o = 0; o < w->count; o++)
        for (size_t i = 0; i < w->n; i += MNIST_LANES) {
            size_t corner = o * w->width * w->n + i;
            float largest[MNIST_LANES];
            uint32_t pixel[MNIST_LANES], number = 0;
            const float *from = dy + o * w->n + i;
            find_largest(w, x + corner, largest, pixel);
            for (size_t py = 0; py < w->height; py++)
                for (size_t px = 0; px < w->width; px++, number++) {
                    float *to = dx + corner + py * w->row + px * w->n;
                    for (size_t l = 0; l < MNIST_LANES; l++)
                        to[l] = pixel[l] == number ? from[l] : 0.0f;
                }
        }
}

#define PICTURE_KERNELS                                                        \
    .convolve = convolve_body, .gradient = gradient_body,                      \
    .add_places = add_places_body, .average = average_body,                    \
    .average_backward = average_backward_body, .largest = largest_body,        \
    .largest_backward = largest_backward_body, .sum_lanes = SUM_LANES,         \
    .from_rows = FROM_ROWS, .to_rows = TO_ROWS
