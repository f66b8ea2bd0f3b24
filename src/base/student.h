/* Student's distribution: what a t-test needs of it. */
#ifndef BASE_STUDENT_H
#define BASE_STUDENT_H

/*
 * The regularized incomplete beta function I_x(a, b), 0..1; a and b above 0.
 * y is 1 - x, which the caller may know to more digits than a subtraction
 * would leave. Right to 11 digits and more for a and b up to 10^4.
 */
double mnist_beta_regularized(double a, double b, double x, double y);

/* How often |T| is at least |t|, with `freedom` (above 0) degrees of freedom:
   both tails. NaN if t is. */
double mnist_student_tails(double t, double freedom);

/* The t >= 0 of which mnist_student_tails gives p; 0 < p < 1. */
double mnist_student_quantile(double p, double freedom);

#endif
