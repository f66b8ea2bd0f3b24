/*
 * Safetensors files put together from any header, right or wrong, with a right
 * checksum: so that what refuses them is a check behind it.
 */
#ifndef SUPPORT_SEALED_H
#define SUPPORT_SEALED_H

#include <stddef.h>

#define SEALED_MAX 4096

typedef struct sealed {
    unsigned char bytes[SEALED_MAX];
    size_t length;
} sealed;

/* The header's text and the data as a file. Where the header has
   "crc32":"00000000", the sum takes the place of the zeros. */
void sealed_make(sealed *out, const char *header, const void *data,
                 size_t length);

/* The same of a header that may hold any byte. */
void sealed_make_bytes(sealed *out, const void *header, size_t header_length,
                       const void *data, size_t length);

/* The same into `out`, which may be of any size: `room` bytes. Returns the
   length of the file. */
size_t sealed_put(unsigned char *out, size_t room, const void *header,
                  size_t header_length, const void *data, size_t length);

/* Copies text with the first `from` replaced by `to`; fails the test if there
   is none. */
void sealed_edit(char out[SEALED_MAX], const char *text, const char *from,
                 const char *to);

#endif
