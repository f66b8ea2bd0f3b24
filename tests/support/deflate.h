/* Writes deflate and gzip data bit by bit, good or bad, so that a test can make
   what no compressor would. Nothing is compressed. */
#ifndef SUPPORT_DEFLATE_H
#define SUPPORT_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

/* Bits written so far into `bytes`; zero it all before the first. */
typedef struct bit_writer {
    uint8_t bytes[4096];
    size_t bits;
} bit_writer;

/* A number, its lowest bit first, as deflate has all numbers. */
void bits_number(bit_writer *w, unsigned value, unsigned count);

/* A Huffman code, its highest bit first. */
void bits_code(bit_writer *w, unsigned code, unsigned count);

/* The header of a last, dynamic block that gives these code lengths. */
void bits_dynamic(bit_writer *w, const uint8_t *litlens, unsigned litlen_count,
                  const uint8_t *distances, unsigned distance_count);

/* Whole bytes, the last filled up with 0. */
size_t bits_length(const bit_writer *w);

/* The checksums of gzip and zlib, written without a look at the library's. */
uint32_t plain_crc32(const uint8_t *bytes, size_t length);
uint32_t plain_adler32(const uint8_t *bytes, size_t length);

/* A gzip member of stored blocks, at most 64 KiB - 1 bytes each. `out` has
   room for gzip_stored_room(length). Returns the bytes written. */
size_t gzip_stored_room(size_t length);
size_t gzip_stored(uint8_t *out, const void *bytes, size_t length);

/* A gzip member around deflate data, which unpack to these bytes. `out` has
   room for 18 bytes more. */
size_t gzip_wrap(uint8_t *out, const uint8_t *deflate, size_t deflate_length,
                 const void *bytes, size_t length);

#endif
