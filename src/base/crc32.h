/* CRC-32 as in gzip, PNG and zip (polynomial 0xedb88320, reflected). It finds
   every change within 32 neighbouring bits, so every changed byte. */
#ifndef BASE_CRC32_H
#define BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* The checksum of what `crc` was of, followed by these bytes; begin with 0. */
uint32_t mnist_crc32(uint32_t crc, const void *bytes, size_t length);

#endif
