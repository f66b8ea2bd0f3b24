/* gzip files, decompressed from one buffer into another. Source: RFC 1952. */
#ifndef DATA_GUNZIP_H
#define DATA_GUNZIP_H

#include <mnist/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether a file that begins with these bytes is gzip'd. */
bool mnist_gunzip_is(const uint8_t *bytes, size_t length);

/*
 * Decompresses a whole gzip file; several members are joined.
 *
 * name: of the file, for messages, fit to be shown.
 * produced: how much of `out` was filled.
 * more: the output was full and the file goes on. That is no error, so that the
 * beginning of a file can be read; nothing behind it was looked at, and no
 * checksum that covers it. Without it every checksum and length was right and
 * nothing follows the last member.
 *
 * Fails with MNIST_ERROR_DATA; the message has the offset in the gzip file.
 */
mnist_status mnist_gunzip(const char *name, const uint8_t *in, size_t in_length,
                          uint8_t *out, size_t out_length, size_t *produced,
                          bool *more, mnist_error *err);

#endif
