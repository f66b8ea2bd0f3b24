/* Picture files, as the rest of the library reads them. */
#ifndef DATA_PICTURE_H
#define DATA_PICTURE_H

#include "data/input.h"

#include <mnist/picture.h>

#include <stdbool.h>

/* Whether a file that begins with these bytes is one of those that are read. */
bool mnist_picture_is(const uint8_t *bytes, size_t length);

/* mnist_picture_read of a file whose first bytes were looked at. Its pixels are
   a block of mnist_alloc. */
mnist_status mnist_picture_read_input(mnist_picture *out, mnist_input *in);

#endif
