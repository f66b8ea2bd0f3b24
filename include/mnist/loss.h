/**
 * Softmax, cross-entropy, and their joint gradient.
 */
#ifndef MNIST_LOSS_H
#define MNIST_LOSS_H

#include <mnist/api.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Cross-entropy of softmax(z) for each row, and the gradient of their mean.
 *
 *     p[n][k]  = exp(z[n][k]) / sum over j of exp(z[n][j])
 *     loss[n]  = -log p[n][label[n]]                               (nats)
 *     dz[n][k] = (p[n][k] - (k == label[n])) / N
 *
 * z: N x K, row-major, K at most 256. label: N values in 0..K-1.
 * loss: N, written.
 * dz: N x K, written; NULL when only the loss is wanted; not z itself.
 * Subtracts each row's maximum first, allocates nothing, cannot fail. Rows that
 * hold NaN or infinity give a loss that is not finite.
 * Source: Bishop, Pattern Recognition and Machine Learning, eq. 4.108-4.109.
 */
MNIST_API void mnist_softmax_cross_entropy(const float *z, const uint8_t *label,
                                           size_t N, size_t K, float *loss,
                                           float *dz);

/** p = softmax(z) for each row; p may be z itself. N x K, row-major. */
MNIST_API void mnist_softmax(const float *z, size_t N, size_t K, float *p);

/** Number of the largest value of K; of equal ones the first. */
MNIST_API size_t mnist_argmax(const float *z, size_t K);

#ifdef __cplusplus
}
#endif
#endif
