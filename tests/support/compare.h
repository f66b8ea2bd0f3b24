/* Comparing arrays of floats, with a message that says where they differ. */
#ifndef SUPPORT_COMPARE_H
#define SUPPORT_COMPARE_H

#include <stddef.h>

/* The largest magnitude of an array; 0 of an empty one. */
double largest_magnitude(const double *x, size_t count);

/*
 * Fails the running test unless |got - want| <= absolute + relative * |want|
 * for every element. The message names the array, the worst element, both its
 * values and how far apart they are. NaN is never close; infinity only to
 * itself.
 */
void assert_close(const char *what, const float *got, const double *want,
                  size_t count, double relative, double absolute);

/* The same for one number. */
void assert_near(const char *what, double got, double want, double relative,
                 double absolute);

/* Fails the running test unless the arrays hold the same bits, the sign of 0
   included; one NaN is as good as another, whose bits no arithmetic promises.
 */
void assert_same_floats(const char *what, const float *got, const float *want,
                        size_t count);

#endif
