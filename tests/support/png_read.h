/* PNG files taken apart, by other code than writes them: the inflate that reads
   gzip files, and checksums. */
#ifndef SUPPORT_PNG_READ_H
#define SUPPORT_PNG_READ_H

#include <stddef.h>
#include <stdint.h>

typedef struct decoded {
    size_t rows, cols;
    uint8_t *pixels;         /* rows x cols, to be freed */
    size_t colors;           /* of the palette; 0: they are greys */
    uint8_t palette[256][4]; /* red, green, blue, opacity */
} decoded;

/* Fails the running test if anything in the file is not as it should be. */
decoded png_read(const uint8_t *file, size_t length);

/* The same from base64, up to the quote behind it. */
decoded png_read_base64(const char *text);

#endif
