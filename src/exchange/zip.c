#include "exchange/zip.h"

#include "base/crc32.h"
#include "base/file.h"

#include <string.h>

enum {
    LOCAL = 30, /* bytes in front of a file's name */
    VERSION = 20,
    DATE = 1 << 5 | 1, /* month 1, day 1, year 1980 + 0 */
};

/* What a file's own header and its entry in the directory have in common. */
static void put_common(mnist_buffer *to, uint32_t crc, size_t size,
                       const char *name)
{
    mnist_buffer_le(to, VERSION, 2); /* of zip, to unpack it */
    mnist_buffer_le(to, 0, 2);       /* flags */
    mnist_buffer_le(to, 0, 2);       /* method: stored */
    mnist_buffer_le(to, 0, 2);       /* time */
    mnist_buffer_le(to, DATE, 2);
    mnist_buffer_le(to, crc, 4);
    mnist_buffer_le(to, size, 4); /* packed */
    mnist_buffer_le(to, size, 4); /* unpacked */
    mnist_buffer_le(to, strlen(name), 2);
    mnist_buffer_le(to, 0, 2); /* extra field */
}

mnist_zip mnist_zip_open(mnist_buffer *out)
{
    return (mnist_zip){.out = out};
}

void mnist_zip_begin(mnist_zip *zip, const char *name)
{
    size_t length = strlen(name);
    if (length >= sizeof zip->name)
        length = sizeof zip->name - 1;
    memcpy(zip->name, name, length);
    zip->name[length] = '\0';
    zip->begin = zip->out->length;
    mnist_buffer_text(zip->out, "PK\3\4");
    put_common(zip->out, 0, 0, zip->name);
    mnist_buffer_text(zip->out, zip->name);
}

void mnist_zip_end(mnist_zip *zip)
{
    mnist_buffer *out = zip->out;
    size_t name_length = strlen(zip->name);
    if (out->failed)
        return;
    const uint8_t *data = out->bytes + zip->begin + LOCAL + name_length;
    size_t size = (size_t)(out->bytes + out->length - data);
    uint32_t crc = mnist_crc32(0, data, size);
    zip->too_large |= out->length > UINT32_MAX;

    /* Now that they are known: CRC and sizes stand 14 bytes into the header. */
    uint8_t *known = out->bytes + zip->begin + 14;
    mnist_store_le32(known, crc);
    mnist_store_le32(known + 4, (uint32_t)size);
    mnist_store_le32(known + 8, (uint32_t)size);

    mnist_buffer_text(&zip->directory, "PK\1\2");
    mnist_buffer_le(&zip->directory, VERSION, 2); /* of zip, that made it */
    put_common(&zip->directory, crc, size, zip->name);
    mnist_buffer_le(&zip->directory, 0, 2); /* comment */
    mnist_buffer_le(&zip->directory, 0, 2); /* disk */
    mnist_buffer_le(&zip->directory, 0, 2); /* internal attributes */
    mnist_buffer_le(&zip->directory, 0, 4); /* external attributes */
    mnist_buffer_le(&zip->directory, zip->begin, 4);
    mnist_buffer_text(&zip->directory, zip->name);
    zip->count++;
}

bool mnist_zip_close(mnist_zip *zip)
{
    mnist_buffer *out = zip->out;
    size_t at = out->length, size = zip->directory.length;
    mnist_buffer_add(out, zip->directory.bytes, size);
    mnist_buffer_text(out, "PK\5\6");
    mnist_buffer_le(out, 0, 2); /* this disk */
    mnist_buffer_le(out, 0, 2); /* that of the directory */
    mnist_buffer_le(out, zip->count, 2);
    mnist_buffer_le(out, zip->count, 2);
    mnist_buffer_le(out, size, 4);
    mnist_buffer_le(out, at, 4);
    mnist_buffer_le(out, 0, 2); /* comment */
    out->failed |= zip->directory.failed;
    mnist_buffer_free(&zip->directory);
    return !zip->too_large && at <= UINT32_MAX && zip->count <= UINT16_MAX;
}
