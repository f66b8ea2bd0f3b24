#include "pages/tile.h"

#include "pages/data_uri.h"

#include <math.h>

/* What is drawn: one of both arrays, `stride` from value to value. */
typedef struct tile {
    const uint8_t *pixels;
    const float *weights;
    size_t stride, rows, cols, step;
} tile;

static size_t divide_up(size_t a, size_t b)
{
    return a / b + (a % b != 0);
}

size_t mnist_tile_step(size_t rows, size_t cols)
{
    return divide_up(rows > cols ? rows : cols, MNIST_TILE_MAX);
}

/* The mean of square (y, x), as far as it lies in the bitmap. */
static double mean(const tile *t, size_t y, size_t x)
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = y * t->step; i < (y + 1) * t->step && i < t->rows; i++)
        for (size_t j = x * t->step; j < (x + 1) * t->step && j < t->cols;
             j++, count++) {
            size_t at = (i * t->cols + j) * t->stride;
            sum += t->pixels ? (double)t->pixels[at] : (double)t->weights[at];
        }
    return sum / (double)count;
}

static void write(mnist_html *html, const mnist_bitmap *bitmap)
{
    mnist_html_format(html, " width=\"%zu\" height=\"%zu\" src=\"",
                      bitmap->cols, bitmap->rows);
    mnist_html_data_uri(html, bitmap);
    mnist_html_raw(html, "\"");
}

void mnist_tile_image(mnist_html *html, const uint8_t *pixels, size_t rows,
                      size_t cols)
{
    uint8_t greys[MNIST_TILE_MAX * MNIST_TILE_MAX];
    tile t = {pixels, NULL, 1, rows, cols, mnist_tile_step(rows, cols)};
    mnist_bitmap bitmap = {.pixels = greys,
                           .rows = divide_up(rows, t.step),
                           .cols = divide_up(cols, t.step)};
    for (size_t y = 0; y < bitmap.rows; y++)
        for (size_t x = 0; x < bitmap.cols; x++)
            greys[y * bitmap.cols + x] = (uint8_t)(mean(&t, y, x) + 0.5);
    write(html, &bitmap);
}

/* More shades are not told apart, and would not pack so well. */
enum { SHADES = 20 };

static uint8_t shade(double value, double limit)
{
    double at = limit > 0 ? value / limit : 0;
    at = fmax(-1, fmin(1, at));
    return (uint8_t)(SHADES + (int)lround(at * SHADES));
}

void mnist_tile_weights(mnist_html *html, const float *weights, size_t stride,
                        size_t rows, size_t cols, float limit)
{
    static const uint8_t orange[] = {0xe6, 0x55, 0x0d};
    static const uint8_t blue[] = {0x1f, 0x77, 0xd0};
    uint8_t shades[MNIST_TILE_MAX * MNIST_TILE_MAX];
    uint8_t palette[2 * SHADES + 1][4];
    tile t = {NULL, weights, stride, rows, cols, mnist_tile_step(rows, cols)};
    mnist_bitmap bitmap = {.pixels = shades,
                           .rows = divide_up(rows, t.step),
                           .cols = divide_up(cols, t.step),
                           .palette = (const uint8_t(*)[4])palette,
                           .colors = 2 * SHADES + 1};
    for (int i = 0; i <= 2 * SHADES; i++) {
        for (int c = 0; c < 3; c++)
            palette[i][c] = i < SHADES ? blue[c] : orange[c];
        palette[i][3] =
            (uint8_t)((i < SHADES ? SHADES - i : i - SHADES) * 255 / SHADES);
    }
    for (size_t y = 0; y < bitmap.rows; y++)
        for (size_t x = 0; x < bitmap.cols; x++)
            shades[y * bitmap.cols + x] = shade(mean(&t, y, x), (double)limit);
    write(html, &bitmap);
}
