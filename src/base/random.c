#include <mnist/random.h>

/* The finalizer of SplitMix64 (Stafford's variant 13). */
static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

#define GAMMA UINT64_C(0x9e3779b97f4a7c15)

mnist_random mnist_random_stream(uint64_t seed, mnist_random_use use,
                                 uint64_t item)
{
    /* Each part is mixed before the next comes in, so that seeds, uses and
       items that differ by little give keys that have nothing in common. */
    uint64_t key = mix(seed + GAMMA);
    key = mix(key ^ (uint64_t)use);
    key = mix(key + GAMMA * (item + 1));
    return (mnist_random){key, 0};
}

uint64_t mnist_random_bits(mnist_random *r)
{
    return mix(r->key + GAMMA * ++r->count);
}

float mnist_random_float(mnist_random *r)
{
    return (float)(mnist_random_bits(r) >> 40) * 0x1p-24f;
}

/* Lemire, "Fast random integer generation in an interval", 2019: the high half
   of a 64-bit product, drawn again where the low half says it would be biased.
 */
uint32_t mnist_random_below(mnist_random *r, uint32_t n)
{
    uint64_t product = (mnist_random_bits(r) >> 32) * n;
    if ((uint32_t)product < n) {
        uint32_t threshold = (uint32_t)-n % n;
        while ((uint32_t)product < threshold)
            product = (mnist_random_bits(r) >> 32) * n;
    }
    return (uint32_t)(product >> 32);
}

void mnist_random_shuffle(mnist_random *r, uint32_t *order, uint32_t n)
{
    for (uint32_t i = n; i > 1; i--) {
        uint32_t j = mnist_random_below(r, i);
        uint32_t t = order[i - 1];
        order[i - 1] = order[j];
        order[j] = t;
    }
}
