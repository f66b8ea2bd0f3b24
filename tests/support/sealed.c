#include "support/sealed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Bit by bit, to be another implementation than the library's. */
static uint32_t crc32_of(const unsigned char *bytes, size_t length)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

size_t sealed_put(unsigned char *out, size_t room, const void *header,
                  size_t header_length, const void *data, size_t length)
{
    static const char key[] = "\"crc32\":\"00000000\"";
    size_t all = 8 + header_length + length;

    assert_true(all <= room);
    for (int i = 0; i < 8; i++)
        out[i] = (unsigned char)((uint64_t)header_length >> (8 * i));
    memcpy(out + 8, header, header_length);
    memcpy(out + 8 + header_length, data, length);

    for (size_t i = 8; i + sizeof key - 1 <= 8 + header_length; i++) {
        char digits[9];
        if (memcmp(out + i, key, sizeof key - 1) != 0)
            continue;
        snprintf(digits, sizeof digits, "%08lx",
                 (unsigned long)crc32_of(out, all));
        memcpy(out + i + 9, digits, 8);
        break;
    }
    return all;
}

void sealed_make_bytes(sealed *out, const void *header, size_t header_length,
                       const void *data, size_t length)
{
    out->length = sealed_put(out->bytes, sizeof out->bytes, header,
                             header_length, data, length);
}

void sealed_make(sealed *out, const char *header, const void *data,
                 size_t length)
{
    sealed_make_bytes(out, header, strlen(header), data, length);
}

void sealed_edit(char out[SEALED_MAX], const char *text, const char *from,
                 const char *to)
{
    const char *at = strstr(text, from);
    if (!at)
        fail_msg("no %s in %s", from, text);
    size_t before = (size_t)(at - text);
    assert_true(strlen(text) - strlen(from) + strlen(to) < SEALED_MAX);
    memcpy(out, text, before);
    snprintf(out + before, SEALED_MAX - before, "%s%s", to, at + strlen(from));
}
