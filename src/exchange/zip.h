/*
 * A zip archive of files that are stored as they are.
 *
 *     each file    30 bytes ("PK\3\4", sizes, CRC-32), its name, its bytes
 *     directory    for each 46 bytes ("PK\1\2", the same and where it stands)
 *                  and its name
 *     end          22 bytes ("PK\5\6", where the directory stands)
 *
 * Dated 1980-01-01, the first day that can be written, so that the same files
 * give the same bytes. Source: PKWARE, APPNOTE.TXT 6.3.3, section 4.3.
 */
#ifndef EXCHANGE_ZIP_H
#define EXCHANGE_ZIP_H

#include "base/buffer.h"

#define MNIST_ZIP_NAME 64

typedef struct mnist_zip {
    mnist_buffer *out;
    mnist_buffer directory;
    size_t count;
    size_t begin; /* where the file in work begins */
    char name[MNIST_ZIP_NAME];
    bool too_large;
} mnist_zip;

/* An archive that goes into a buffer that is empty. */
mnist_zip mnist_zip_open(mnist_buffer *out);

/* What goes into the buffer between these two is the file. name: ASCII, shorter
   than MNIST_ZIP_NAME. */
void mnist_zip_begin(mnist_zip *zip, const char *name);
void mnist_zip_end(mnist_zip *zip);

/* Ends the archive and releases what it needed. False if it is larger than the
   format can say (without its extension to 64 bits): 4 GiB. */
bool mnist_zip_close(mnist_zip *zip);

#endif
