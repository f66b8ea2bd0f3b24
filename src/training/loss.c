#include <mnist/loss.h>

#include "kernels/kernels.h"

size_t mnist_argmax(const float *z, size_t K)
{
    size_t best = 0;
    for (size_t k = 1; k < K; k++)
        best = z[k] > z[best] ? k : best;
    return best;
}

void mnist_softmax(const float *z, size_t N, size_t K, float *p)
{
    const mnist_kernels *kernels = mnist_kernels_now();
    for (size_t n = 0; n < N; n++) {
        float log_sum;
        kernels->softmax(K, z + n * K, p + n * K, &log_sum);
    }
}

void mnist_softmax_cross_entropy(const float *z, const uint8_t *label, size_t N,
                                 size_t K, float *loss, float *dz)
{
    const mnist_kernels *kernels = mnist_kernels_now();
    float p[256]; /* labels are bytes, so there are at most 256 classes */
    for (size_t n = 0; n < N; n++) {
        const float *row = z + n * K;
        float log_sum, max = kernels->softmax(K, row, p, &log_sum);
        /* -log p, with the maximum taken off before log is added to it: near
           p = 1 the other order would cancel away every digit. */
        loss[n] = log_sum - (row[label[n]] - max);
        if (!dz)
            continue;
        p[label[n]] -= 1;
        for (size_t k = 0; k < K; k++)
            dz[n * K + k] = p[k] / (float)N;
    }
}
