/*
 * A group is the first image that is left, and those whose sketches differ
 * least from its own. A sketch has a bit for each eight pixels: whether one of
 * them is not 0. Where there are more of them than bits, they share them in
 * turn.
 */
#include "kernels/alike.h"

#include "kernels/packed.h"

enum { ROWS = MNIST_PACKED_ROWS, MOST = MNIST_ALIKE_MOST, EIGHT = 8 };

_Static_assert(ROWS == 4, "find_nearest finds three");

typedef struct {
    uint64_t even, odd;
} sketch;

static sketch sketch_of(const mnist_kernels *kernels, const uint8_t *pixels,
                        size_t K)
{
    enum { BITS = 64 };
    sketch s = {0, 0};
    for (size_t i = 0, eights = K / EIGHT; i < eights; i += BITS) {
        size_t some = eights - i < BITS ? eights - i : BITS;
        uint64_t used = kernels->used(some, pixels + i * EIGHT);
        *(i / BITS % 2 ? &s.odd : &s.even) |= used;
    }
    return s;
}

/* How many bits of each four are 1. */
static uint64_t count_fours(uint64_t x)
{
    const uint64_t twos = UINT64_C(0x3333333333333333);
    x -= x >> 1 & UINT64_C(0x5555555555555555);
    return (x & twos) + (x >> 2 & twos);
}

static uint32_t difference(const sketch *a, const sketch *b)
{
    const uint64_t fours = UINT64_C(0x0f0f0f0f0f0f0f0f);
    uint64_t x = count_fours(a->even ^ b->even);
    uint64_t y = count_fours(a->odd ^ b->odd);
    x = (x & fours) + (x >> 4 & fours) + (y & fours) + (y >> 4 & fours);
    return (uint32_t)(x * UINT64_C(0x0101010101010101) >> 56);
}

/* Images that are in no group yet. */
typedef struct {
    size_t count;
    sketch sketch[MOST];
    uint32_t number[MOST];
} remaining;

/* The places of the first, of at least four, and of the three nearest to it; of
   equals, those with the lower places. */
static void find_nearest(const remaining *r, uint32_t place[ROWS])
{
    enum { PLACES = 256 };
    uint32_t key[MOST], a = UINT32_MAX, b = UINT32_MAX, c = UINT32_MAX;
    for (uint32_t i = 1; i < r->count; i++)
        key[i] = difference(&r->sketch[i], &r->sketch[0]) * PLACES + i;
    for (size_t i = 1; i < r->count; i++) {
        uint32_t d = key[i];
        if (d < a) {
            c = b;
            b = a;
            a = d;
        } else if (d < b) {
            c = b;
            b = d;
        } else if (d < c) {
            c = d;
        }
    }
    place[0] = 0;
    place[1] = a % PLACES;
    place[2] = b % PLACES;
    place[3] = c % PLACES;
}

static void leave_out(remaining *r, const uint32_t place[ROWS])
{
    bool taken[MOST] = {false};
    size_t left = 0;
    for (size_t i = 0; i < ROWS; i++)
        taken[place[i]] = true;
    for (size_t i = 0; i < r->count; i++) {
        r->sketch[left] = r->sketch[i];
        r->number[left] = r->number[i];
        left += !taken[i];
    }
    r->count = left;
}

void mnist_order_alike(const mnist_images *images, const mnist_kernels *kernels,
                       size_t K, size_t first, size_t count, uint32_t *order)
{
    enum { AHEAD = 8 };
    remaining r = {.count = count};
    for (size_t i = 0; i < count; i++) {
        if (i + AHEAD < count)
            mnist_ask_for(images->row[first + i + AHEAD], K);
        r.sketch[i] = sketch_of(kernels, images->row[first + i], K);
        r.number[i] = (uint32_t)(first + i);
    }
    for (; r.count > ROWS; order += ROWS) {
        uint32_t place[ROWS];
        find_nearest(&r, place);
        for (size_t i = 0; i < ROWS; i++)
            order[i] = r.number[place[i]];
        leave_out(&r, place);
    }
    for (size_t i = 0; i < r.count; i++)
        order[i] = r.number[i];
}
