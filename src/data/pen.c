#include "data/pen.h"

#include <math.h>

/* The first pixel whose centre is not left of (above) `edge`, within 0..n. */
static size_t pixel_at(float edge, size_t n)
{
    if (!(edge > 0.5f))
        return 0;
    if (edge >= (float)n)
        return n;
    size_t pixel = (size_t)(edge - 0.5f);
    return pixel + ((float)pixel + 0.5f < edge);
}

/* The share of the way from a to b, 0..1, at which the piece is nearest to
   (x, y). `scale` is 1 / (its length squared), or 0 for a single dot. */
static float nearest_share(const mnist_pen_point *a, const mnist_pen_point *b,
                           float scale, float x, float y)
{
    float t = ((x - a->x) * (b->x - a->x) + (y - a->y) * (b->y - a->y)) * scale;
    return t < 0.0f ? 0.0f : t > 1.0f ? 1.0f : t;
}

static uint8_t ink_at(const mnist_pen_paper *paper, float depth)
{
    float cover = depth / paper->soft;
    float value = (cover < 1.0f ? cover : 1.0f) * paper->ink;
    return value < 255.0f ? (uint8_t)(value + 0.5f) : 255;
}

static void draw_piece(const mnist_pen_paper *paper, const mnist_pen_point *a,
                       const mnist_pen_point *b)
{
    float half = 0.5f * paper->soft;
    float reach = (a->radius > b->radius ? a->radius : b->radius) + half;
    size_t left = pixel_at((a->x < b->x ? a->x : b->x) - reach, paper->cols);
    size_t right = pixel_at((a->x > b->x ? a->x : b->x) + reach, paper->cols);
    size_t top = pixel_at((a->y < b->y ? a->y : b->y) - reach, paper->rows);
    size_t bottom = pixel_at((a->y > b->y ? a->y : b->y) + reach, paper->rows);
    float w = b->x - a->x;
    float h = b->y - a->y;
    float square = w * w + h * h;
    float scale = square > 0.0f ? 1.0f / square : 0.0f;

    for (size_t i = top; i < bottom; i++) {
        for (size_t j = left; j < right; j++) {
            float x = (float)j + 0.5f;
            float y = (float)i + 0.5f;
            float t = nearest_share(a, b, scale, x, y);
            float dx = x - (a->x + t * w);
            float dy = y - (a->y + t * h);
            float distance = dx * dx + dy * dy;
            if (distance >= reach * reach)
                continue;
            float radius = a->radius + t * (b->radius - a->radius);
            float depth = radius + half - sqrtf(distance);
            uint8_t *pixel = &paper->pixels[i * paper->cols + j];
            uint8_t ink = depth > 0.0f ? ink_at(paper, depth) : 0;
            if (ink > *pixel)
                *pixel = ink;
        }
    }
}

void mnist_pen_draw(const mnist_pen_paper *paper, const mnist_pen_point *points,
                    size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (!points[i].lift)
            draw_piece(paper, &points[i - 1], &points[i]);
}
