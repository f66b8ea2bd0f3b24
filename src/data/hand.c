/*
 * The points of a shape are moved a little, a smooth curve is laid through
 * them, and the whole is bent, slanted, turned, stretched and put into its box.
 *
 * Everything is made of +, -, *, / and sqrtf in float, which IEEE 754 rounds
 * the same everywhere. Every random number is drawn in a statement of its own:
 * C leaves open in which order an expression calls its functions.
 */
#include "data/hand.h"

#include <math.h>

/* A line on its way to the paper. */
typedef struct sketch {
    mnist_pen_point *points;
    size_t count;
} sketch;

/* A point of a shape as this hand moves it, in a box of side 1 around 0. */
typedef struct knot {
    float x, y;
    float width; /* factor to the pen's radius */
    mnist_stroke_turn turn;
} knot;

/* Roughly normal with this standard deviation, within 3.5 of them. */
static float normal(mnist_random *r, float deviation)
{
    float sum = -2.0f;
    for (int i = 0; i < 4; i++)
        sum += mnist_random_float(r);
    return sum * 1.7320508f * deviation;
}

/* Each point strays on its own, each stroke as a whole, and ends stray most:
   people begin early, stop late, and put a bar where it happens to land. */
static void move_points(knot *knots, const mnist_shape *shape, mnist_random *r)
{
    float shift_x = 0.0f;
    float shift_y = 0.0f;
    float care = mnist_hand_uniform(r, 0.6f, 1.5f);
    for (size_t i = 0; i < shape->count; i++) {
        const mnist_stroke_point *p = &shape->points[i];
        bool lift = p->turn == MNIST_STROKE_LIFT;
        bool last = i + 1 == shape->count || p[1].turn == MNIST_STROKE_LIFT;
        float stray = (i == 0 || lift || last ? 0.048f : 0.034f) * care;
        if (lift) {
            shift_x = normal(r, 0.03f);
            shift_y = normal(r, 0.03f);
        }
        float x = normal(r, stray);
        float y = normal(r, stray);
        float width = normal(r, 0.10f);
        knots[i].x = (float)p->x * 0.01f - 0.5f + shift_x + x;
        knots[i].y = (float)p->y * 0.01f - 0.5f + shift_y + y;
        knots[i].width = 1.0f + width;
        knots[i].turn = (mnist_stroke_turn)p->turn;
    }
}

/* The direction of the curve where it passes knots[i], as a step of one knot;
   `from` and `to` are the ends of the smooth run that i lies in. */
static void direction_at(float *dx, float *dy, const knot *knots, size_t i,
                         size_t from, size_t to)
{
    size_t before = i > from ? i - 1 : i;
    size_t after = i < to ? i + 1 : i;
    float share = after - before == 2 ? 0.5f : 1.0f;
    *dx = (knots[after].x - knots[before].x) * share;
    *dy = (knots[after].y - knots[before].y) * share;
}

/* Catmull and Rom's curve from knots[i - 1] to knots[i], a cubic Hermite. */
static void trace_piece(sketch *s, const knot *knots, size_t i, size_t from,
                        size_t to)
{
    const knot *a = &knots[i - 1];
    const knot *b = &knots[i];
    float ax, ay, bx, by;
    direction_at(&ax, &ay, knots, i - 1, from, to);
    direction_at(&bx, &by, knots, i, from, to);
    for (int piece = 1; piece <= MNIST_HAND_PIECES; piece++) {
        float t = (float)piece / MNIST_HAND_PIECES;
        float u = 1.0f - t;
        float at_a = (1.0f + 2.0f * t) * u * u;
        float at_b = t * t * (3.0f - 2.0f * t);
        float leave = t * u * u;
        float arrive = -t * t * u;
        s->points[s->count++] = (mnist_pen_point){
            .x = at_a * a->x + at_b * b->x + leave * ax + arrive * bx,
            .y = at_a * a->y + at_b * b->y + leave * ay + arrive * by,
            .radius = u * a->width + t * b->width,
        };
    }
}

/* Lays curves through the points, run by run: a corner ends one run and begins
   the next, a lift begins a new line. */
static void trace(sketch *s, const knot *knots, size_t count)
{
    s->count = 0;
    for (size_t from = 0; from < count;) {
        size_t to = from + 1;
        while (to < count && knots[to].turn == MNIST_STROKE_SMOOTH)
            to++;
        bool corner = to < count && knots[to].turn == MNIST_STROKE_CORNER;
        size_t end = corner ? to : to - 1;
        if (from == 0 || knots[from].turn == MNIST_STROKE_LIFT)
            s->points[s->count++] = (mnist_pen_point){
                knots[from].x, knots[from].y, knots[from].width, true};
        for (size_t i = from + 1; i <= end; i++)
            trace_piece(s, knots, i, from, end);
        from = to;
    }
}

/*
 * Bends the plane by a random polynomial, then stretches, slants and turns it:
 *
 *     ( 1  -t )   ( wide  slant )   ( wide       slant - t     )
 *     ( t   1 ) * ( 0     1     ) = ( t * wide   1 + t * slant )
 *
 * t is the tangent of the angle; the cosine that is missing before the first
 * matrix would be scaled away by fit(). Multiplied out beforehand, because gcc
 * 12 makes x*c - y*s beside x*s + y*c a fused vfmaddsub where the processor has
 * one, even under -ffp-contract=off.
 */
static void deform(sketch *s, mnist_random *r)
{
    float bend[8];
    for (int i = 0; i < 8; i++)
        bend[i] = normal(r, 0.12f);
    float slant = -0.17f + normal(r, 0.23f);
    float tangent = normal(r, 0.11f);
    float wide = mnist_hand_uniform(r, 0.62f, 1.12f);
    float across_x = wide;
    float across_y = slant - tangent;
    float down_x = tangent * wide;
    float down_y = 1.0f + tangent * slant;

    for (size_t i = 0; i < s->count; i++) {
        mnist_pen_point *p = &s->points[i];
        float x = p->x;
        float y = p->y;
        float bent_x = x + bend[0] * x * x + bend[1] * x * y + bend[2] * y * y +
                       2.0f * bend[3] * y * y * y;
        float bent_y = y + bend[4] * x * x + bend[5] * x * y + bend[6] * y * y +
                       2.0f * bend[7] * x * x * x;
        p->x = across_x * bent_x + across_y * bent_y;
        p->y = down_x * bent_x + down_y * bent_y;
    }
}

/* The longer side of the box around the sketch. */
static float extent(const sketch *s)
{
    float left = s->points[0].x;
    float right = left;
    float top = s->points[0].y;
    float bottom = top;
    for (size_t i = 1; i < s->count; i++) {
        const mnist_pen_point *p = &s->points[i];
        left = p->x < left ? p->x : left;
        right = p->x > right ? p->x : right;
        top = p->y < top ? p->y : top;
        bottom = p->y > bottom ? p->y : bottom;
    }
    float width = right - left;
    float height = bottom - top;
    return width > height ? width : height;
}

/* Where the ink's mass is centred: each piece counts by length times width. */
static void centre_of_ink(const sketch *s, float *x, float *y)
{
    float mass = 0.0f;
    float sum_x = 0.0f;
    float sum_y = 0.0f;
    for (size_t i = 1; i < s->count; i++) {
        const mnist_pen_point *a = &s->points[i - 1];
        const mnist_pen_point *b = &s->points[i];
        if (b->lift)
            continue;
        float w = b->x - a->x;
        float h = b->y - a->y;
        float ink = sqrtf(w * w + h * h) * (a->radius + b->radius);
        mass += ink;
        sum_x += ink * 0.5f * (a->x + b->x);
        sum_y += ink * 0.5f * (a->y + b->y);
    }
    *x = sum_x / mass;
    *y = sum_y / mass;
}

/* Into pixels as MNIST does it: the digit in a box of 20 of 28, its ink's mass
   in the middle; but with a size and a place that differ a little. */
static void fit(sketch *s, size_t rows, size_t cols, mnist_random *r)
{
    float unit = (float)(rows < cols ? rows : cols) / 28.0f;
    float radius = mnist_hand_uniform(r, 0.75f, 1.65f);
    float box = mnist_hand_uniform(r, 17.5f, 20.0f);
    float shift_x = normal(r, 0.55f);
    float shift_y = normal(r, 0.55f);
    float centre_x, centre_y;
    centre_of_ink(s, &centre_x, &centre_y);
    float scale = unit * (box - 2.0f * radius) / extent(s);
    float middle_x = 0.5f * (float)cols + unit * shift_x;
    float middle_y = 0.5f * (float)rows + unit * shift_y;
    for (size_t i = 0; i < s->count; i++) {
        mnist_pen_point *p = &s->points[i];
        p->x = middle_x + scale * (p->x - centre_x);
        p->y = middle_y + scale * (p->y - centre_y);
        p->radius *= radius * unit;
    }
}

size_t mnist_hand_write(mnist_pen_point points[MNIST_HAND_POINTS],
                        const mnist_shape *shape, size_t rows, size_t cols,
                        mnist_random *r)
{
    knot knots[MNIST_SHAPE_POINTS];
    sketch s = {points, 0};
    move_points(knots, shape, r);
    trace(&s, knots, shape->count);
    deform(&s, r);
    fit(&s, rows, cols, r);
    return s.count;
}
