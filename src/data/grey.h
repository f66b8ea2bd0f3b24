/* Colours and transparency become grey; the formulas are in mnist/picture.h. */
#ifndef DATA_GREY_H
#define DATA_GREY_H

#include <stddef.h>
#include <stdint.h>

/* A picture that was decoded. Both planes are of mnist_alloc. */
typedef struct mnist_raster {
    size_t rows, cols;
    uint8_t *grey;  /* rows x cols */
    uint8_t *alpha; /* the same, 255 is opaque; NULL if all of it is */
} mnist_raster;

/* A value of 0..most, most up to 65535, as one of 0..255. */
static inline uint8_t mnist_grey_scale(unsigned value, unsigned most)
{
    return (uint8_t)((value * 255u + most / 2) / most);
}

static inline uint8_t mnist_grey_luma(unsigned r, unsigned g, unsigned b)
{
    return (uint8_t)((2126 * r + 7152 * g + 722 * b + 5000) / 10000);
}

/* Lays the picture over its background and gives up its alpha. */
void mnist_grey_flatten(mnist_raster *raster);

/* Releases both planes. */
void mnist_grey_free(mnist_raster *raster);

#endif
