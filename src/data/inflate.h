/* Raw deflate data, decompressed from one buffer into another. Source: RFC
   1951. Codes that zlib refuses are refused here. */
#ifndef DATA_INFLATE_H
#define DATA_INFLATE_H

#include <stddef.h>
#include <stdint.h>

typedef enum mnist_inflate_end {
    MNIST_INFLATE_DONE,   /* the last block ended */
    MNIST_INFLATE_FULL,   /* the output is full and at least a byte follows */
    MNIST_INFLATE_CUT,    /* the input ends before the last block does */
    MNIST_INFLATE_DAMAGED /* `what` tells why */
} mnist_inflate_end;

typedef struct mnist_inflated {
    size_t consumed;  /* bytes of input; if DAMAGED, where it was noticed */
    size_t produced;  /* bytes of output, all of them right so far */
    const char *what; /* if DAMAGED, a static text: "distance too far back" */
} mnist_inflated;

/* What a byte of deflate can unpack to at most: 258 bytes for two bits. See
   zlib_tech.html of zlib. */
#define MNIST_INFLATE_MOST 1032

/* Nothing beyond out[out_length - 1] is written; between `produced` and there
   anything may be. out may be NULL if out_length is 0. */
mnist_inflate_end mnist_inflate(mnist_inflated *result, const uint8_t *in,
                                size_t in_length, uint8_t *out,
                                size_t out_length);

#endif
