/* The other half of header.h: from tables to the header's text. */
#include "model/header.h"

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

/* The most that the header can be, before its length and padding. */
static bool header_room(size_t *room, const mnist_tensor *const *tensors,
                        size_t tensor_count, const mnist_note *metadata,
                        size_t metadata_count)
{
    /* Braces, commas, the keys of an entry and six numbers of 20 digits. */
    const size_t entry = 256;
    size_t text = 0;

    if (tensor_count > MNIST_MAX_TENSORS ||
        metadata_count > MNIST_MAX_METADATA - 3)
        return false;
    for (size_t i = 0; i < tensor_count; i++)
        text += strlen(tensors[i]->name);
    for (size_t i = 0; i < metadata_count; i++) {
        text += strlen(metadata[i].key) + strlen(metadata[i].value);
        if (text > MNIST_MAX_HEADER)
            return false;
    }
    *room = MNIST_JSON_QUOTED_MAX(text) +
            entry * (tensor_count + metadata_count + 1);
    return true;
}

static char *put(char *to, const char *text)
{
    size_t length = strlen(text);

    memcpy(to, text, length);
    return to + length;
}

static char *put_number(char *to, size_t number)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%zu", number);
    return put(to, digits);
}

static char *put_metadata(char *to, const mnist_note *metadata, size_t count,
                          char **crc)
{
    to = put(to, "{\"__metadata__\":{\"format\":\"" MNIST_FORMAT
                 "\",\"version\":\"" MNIST_VERSION "\",\"crc32\":\"");
    *crc = to;
    to = put(to, "00000000\"");
    for (size_t i = 0; i < count; i++) {
        to = put(to, ",");
        to = mnist_json_quote(to, metadata[i].key);
        to = put(to, ":");
        to = mnist_json_quote(to, metadata[i].value);
    }
    return put(to, "}");
}

static char *put_tensor(char *to, const mnist_tensor *tensor, size_t begin)
{
    to = put(to, ",");
    to = mnist_json_quote(to, tensor->name);
    to = put(to, ":{\"dtype\":\"F32\",\"shape\":[");
    for (unsigned d = 0; d < tensor->dims; d++) {
        if (d > 0)
            to = put(to, ",");
        to = put_number(to, tensor->size[d]);
    }
    to = put(to, "],\"data_offsets\":[");
    to = put_number(to, begin);
    to = put(to, ",");
    to = put_number(to, begin + tensor->count * sizeof(float));
    return put(to, "]}");
}

static mnist_status too_much(mnist_error *err)
{
    return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                      "too many or too long notes or tensors to save: at most "
                      "%d tensors, %d notes, %zu bytes in all",
                      MNIST_MAX_TENSORS, MNIST_MAX_METADATA - 3,
                      MNIST_MAX_HEADER);
}

mnist_status mnist_header_write(uint8_t **out, size_t *length, size_t *crc_at,
                                const mnist_tensor *const *tensors,
                                size_t tensor_count, const mnist_note *metadata,
                                size_t metadata_count, mnist_error *err)
{
    size_t room, begin = 0;
    char *crc;

    if (!header_room(&room, tensors, tensor_count, metadata, metadata_count))
        return too_much(err);
    uint8_t *header = mnist_alloc(8 + room + MNIST_ALIGNMENT, 1);
    if (!header)
        return mnist_fail(err, MNIST_ERROR_MEMORY,
                          "out of memory: %zu bytes for a header", room);
    char *end =
        put_metadata((char *)header + 8, metadata, metadata_count, &crc);
    for (size_t i = 0; i < tensor_count; i++) {
        end = put_tensor(end, tensors[i], begin);
        begin += tensors[i]->count * sizeof(float);
    }
    end = put(end, "}");
    while ((size_t)(end - (char *)header) % MNIST_ALIGNMENT != 0)
        *end++ = ' ';
    *length = (size_t)(end - (char *)header);
    if (*length - 8 > MNIST_MAX_HEADER) {
        mnist_free(header);
        return too_much(err);
    }
    mnist_store_le64(header, *length - 8);
    *crc_at = (size_t)(crc - (char *)header);
    *out = header;
    return MNIST_OK;
}
