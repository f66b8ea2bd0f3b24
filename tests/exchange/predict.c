/*
 * Holds a header that mnist export --c-header wrote against mnist predict:
 *
 *     predict IMAGES <PROBABILITIES
 *
 * HEADER is its name, NAME_OF(x) the name of x in it. IMAGES is an IDX file;
 * of each of its images as many numbers are read as there are classes. Prints
 * the largest difference, and fails above 1e-5.
 */
#include HEADER

#include <math.h>
#include <stdio.h>

enum { ROWS = ROWS_OF, COLS = COLS_OF, CLASSES = CLASSES_OF };

/* The largest relative error of its own exponential. */
static double exp_error(void)
{
    double largest = 0;
    float x;
    for (x = -86.9f; x < 87.9f; x += 0.00137f) {
        double right = exp((double)x);
        double error = fabs((double)NAME_OF(exp)(x) - right) / right;
        if (error > largest)
            largest = error;
    }
    return largest;
}

int main(int argc, char **argv)
{
    static unsigned char pixels[ROWS * COLS];
    static float probabilities[CLASSES];
    double largest = 0;
    int images = 0, labels_differ = 0;
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (!file || fseek(file, 16, SEEK_SET) != 0)
        return 2;
    while (fread(pixels, 1, sizeof pixels, file) == sizeof pixels) {
        int label = NAME_OF(predict)(pixels, probabilities), k, best = 0;
        double right[CLASSES];
        for (k = 0; k < CLASSES; k++) {
            if (scanf("%lf", &right[k]) != 1)
                return 2;
            if (right[k] > right[best])
                best = k;
            if (!(fabs(probabilities[k] - right[k]) <= largest))
                largest = fabs(probabilities[k] - right[k]);
        }
        labels_differ += label != best;
        images++;
    }
    fclose(file);
    printf("%d images, %d other labels, apart %g, exp %g\n", images,
           labels_differ, largest, exp_error());
    return !(images > 0 && labels_differ == 0 && largest <= 1e-5 &&
             exp_error() < 3e-7);
}
