/* What a file is that is not what was asked for: told by its first bytes, so
   that a message can name it. */
#ifndef BASE_KIND_H
#define BASE_KIND_H

#include <stdbool.h>
#include <stddef.h>

typedef enum mnist_kind_picture {
    MNIST_KIND_NO_PICTURE,
    MNIST_KIND_PICTURE,      /* one that is read here */
    MNIST_KIND_OTHER_PICTURE /* one that is not: a PNG can be made of it */
} mnist_kind_picture;

typedef struct mnist_kind {
    const char *what;   /* "a PNG picture" */
    const char *advice; /* what to do about it; NULL if nothing is special */
    mnist_kind_picture picture;
} mnist_kind;

/* From the first bytes of a file; 16 are enough. False, with *out untouched, if
   it is nothing known. The formats of this program itself are not told here. */
bool mnist_kind_of(mnist_kind *out, const void *bytes, size_t length);

#endif
