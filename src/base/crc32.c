/* Eight bytes a step through eight tables ("slicing-by-8"). Source: Kounavis,
   Berry, "A systematic approach to building high performance software-based
   CRC generators", 2005. */
#include "base/crc32.h"

#include "base/file.h"

#include <pthread.h>

#define POLYNOMIAL UINT32_C(0xedb88320)

/* tables[k][b]: what byte b, followed by k zero bytes, does to the checksum. */
static uint32_t tables[8][256];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void make_tables(void)
{
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t crc = b;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
        tables[0][b] = crc;
    }
    for (int k = 1; k < 8; k++)
        for (int b = 0; b < 256; b++) {
            uint32_t before = tables[k - 1][b];
            tables[k][b] = before >> 8 ^ tables[0][before & 0xff];
        }
}

uint32_t mnist_crc32(uint32_t crc, const void *bytes, size_t length)
{
    const uint8_t *b = bytes;
    pthread_once(&tables_once, make_tables);
    crc = ~crc;
    for (; length >= 8; length -= 8, b += 8) {
        uint32_t low = mnist_load_le32(b) ^ crc;
        uint32_t high = mnist_load_le32(b + 4);
        crc = tables[7][low & 0xff] ^ tables[6][low >> 8 & 0xff] ^
              tables[5][low >> 16 & 0xff] ^ tables[4][low >> 24] ^
              tables[3][high & 0xff] ^ tables[2][high >> 8 & 0xff] ^
              tables[1][high >> 16 & 0xff] ^ tables[0][high >> 24];
    }
    for (; length > 0; length--, b++)
        crc = crc >> 8 ^ tables[0][(crc ^ *b) & 0xff];
    return ~crc;
}
