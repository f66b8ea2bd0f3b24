/*
 * Gradients against central differences:
 *
 *     dw[i] ~ (loss(w[i] + h) - loss(w[i] - h)) / (2 h),  h near 1e-2
 *
 * In float the step must not be small: the loss is known to about 1e-7, so at
 * h = 1e-4 rounding alone makes an error of 1e-3.
 */
#ifndef SUPPORT_GRADCHECK_H
#define SUPPORT_GRADCHECK_H

#include <stddef.h>

/* The loss at the parameters as they now are. */
typedef double (*gradcheck_loss)(void *context);

/*
 * Fails the running test unless dw is the gradient of loss with respect to w.
 *
 * Looks at elements 0, stride, 2 * stride, ...; w is changed on the way and put
 * back. A step never crosses 0, where L1 has its corner (it may stand on it:
 * there the central difference is sign(0) = 0 by symmetry); an element too near
 * to 0 for a step of useful length is left out. The caller keeps the inputs of
 * every relu further from 0 than a step moves them.
 * tolerance: of the difference, relative to the largest |dw|.
 */
void gradcheck(const char *what, gradcheck_loss loss, void *context, float *w,
               const float *dw, size_t count, size_t stride, double tolerance);

#endif
