#include "model/header.h"

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static bool read_metadata(mnist_safetensors *file, mnist_json *json)
{
    bool more;

    if (!mnist_json_open(json, '{'))
        return false;
    while (mnist_json_next(json, '}', &more)) {
        mnist_note note;
        size_t at = json->at;
        if (!more)
            return true;
        if (file->metadata_count == MNIST_MAX_METADATA)
            return mnist_json_fail(json, at, "at most 256 metadata");
        if (!mnist_json_key(json, &note.key))
            return false;
        if (mnist_safetensors_metadata(file, note.key))
            return mnist_json_fail(json, at, "each key only once");
        if (!mnist_json_string(json, &note.value))
            return false;
        if (strcmp(note.key, "crc32") == 0) {
            /* With escapes the digits would not stand where the sum looks. */
            file->crc_at = 8 + json->at - 9;
            if (strlen(note.value) != 8 ||
                file->header[file->crc_at - 1] != '"')
                return mnist_json_fail(json, at, "\"crc32\" of 8 digits");
        }
        file->metadata[file->metadata_count++] = note;
    }
    return false;
}

/* [a,b,...], at most `most` of them. */
static bool read_sizes(mnist_json *json, size_t *sizes, unsigned most,
                       const char *expected, unsigned *count)
{
    bool more;

    *count = 0;
    if (!mnist_json_open(json, '['))
        return false;
    while (mnist_json_next(json, ']', &more)) {
        uint64_t value;
        size_t at = json->at;
        if (!more)
            return true;
        if (*count == most)
            return mnist_json_fail(json, at, expected);
        if (!mnist_json_integer(json, &value))
            return false;
        if (value > SIZE_MAX)
            return mnist_json_fail(json, at, "what this machine can hold");
        sizes[(*count)++] = (size_t)value;
    }
    return false;
}

static bool read_dtype(mnist_json *json)
{
    size_t at = json->at;
    const char *dtype;

    if (!mnist_json_string(json, &dtype))
        return false;
    if (strcmp(dtype, "F32") != 0)
        return mnist_json_fail(json, at, "dtype \"F32\"");
    return true;
}

static bool read_offsets(mnist_json *json, mnist_tensor_info *tensor)
{
    static const char expected[] = "data_offsets of two numbers";
    size_t at = json->at, offsets[2];
    unsigned count;

    if (!read_sizes(json, offsets, 2, expected, &count))
        return false;
    if (count != 2)
        return mnist_json_fail(json, at, expected);
    tensor->begin = offsets[0];
    tensor->end = offsets[1];
    return true;
}

static const char *const fields[] = {"dtype", "shape", "data_offsets"};

static bool read_field(mnist_json *json, size_t i, mnist_tensor_info *tensor)
{
    switch (i) {
    case 0:
        return read_dtype(json);
    case 1:
        return read_sizes(json, tensor->size, MNIST_MAX_DIMS,
                          "at most 4 dimensions", &tensor->dims);
    default:
        return read_offsets(json, tensor);
    }
}

/* The three fields, in any order. */
static bool read_fields(mnist_json *json, mnist_tensor_info *tensor)
{
    static const char expected[] = "dtype, shape and data_offsets, each once";
    bool seen[3] = {false, false, false};
    bool more;

    if (!mnist_json_open(json, '{'))
        return false;
    while (mnist_json_next(json, '}', &more)) {
        const char *key;
        size_t at = json->at;
        size_t i = 0;
        if (!more) {
            if (!seen[0] || !seen[1] || !seen[2])
                return mnist_json_fail(json, at - 1, expected);
            return true;
        }
        if (!mnist_json_key(json, &key))
            return false;
        while (i < 3 && strcmp(key, fields[i]) != 0)
            i++;
        if (i == 3 || seen[i])
            return mnist_json_fail(json, at, expected);
        seen[i] = true;
        if (!read_field(json, i, tensor))
            return false;
    }
    return false;
}

static bool name_is_new(const mnist_safetensors *file, const char *name)
{
    for (size_t i = 0; i < file->tensor_count; i++) {
        if (strcmp(file->tensors[i].name, name) == 0)
            return false;
    }
    return strcmp(name, "__metadata__") != 0;
}

/* What follows the metadata, up to the end of the header. */
static bool read_tensors(mnist_safetensors *file, mnist_json *json)
{
    bool more;

    while (mnist_json_next(json, '}', &more)) {
        mnist_tensor_info *tensor = &file->tensors[file->tensor_count];
        size_t at = json->at;
        if (!more)
            return true;
        if (file->tensor_count == MNIST_MAX_TENSORS)
            return mnist_json_fail(json, at, "at most 640 tensors");
        if (!mnist_json_key(json, &tensor->name))
            return false;
        size_t length = strlen(tensor->name);
        if (length == 0 || length > MNIST_MAX_TENSOR_NAME)
            return mnist_json_fail(json, at, "a name of 1 to 128 bytes");
        if (!name_is_new(file, tensor->name))
            return mnist_json_fail(json, at, "each name only once");
        if (!read_fields(json, tensor))
            return false;
        file->tensor_count++;
    }
    return false;
}

static bool read_padding(mnist_json *json)
{
    for (size_t i = json->at; i < json->length; i++) {
        if (json->text[i] != ' ')
            return mnist_json_fail(json, i, "only spaces after the last '}'");
    }
    return true;
}

static mnist_status fail_at(const mnist_safetensors *file,
                            const mnist_json *json, mnist_error *err)
{
    char found[MNIST_QUOTE_MAX] = "the end of the header";
    size_t left = json->length - json->at;

    if (left > 0)
        mnist_quote(found, json->text + json->at, left < 24 ? left : 24);
    return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                      "%s: byte %zu: found %s, expected %s: the file is "
                      "damaged",
                      file->name, 8 + json->at, found, json->expected);
}

/* Whether the file is ours, which is said before any detail is complained of
   that may be right in another program's file. */
static mnist_status check_format(const mnist_safetensors *file,
                                 mnist_error *err)
{
    const char *format = mnist_safetensors_metadata(file, "format");
    const char *version = mnist_safetensors_metadata(file, "version");
    char quoted[MNIST_QUOTE_MAX];

    if (!format || strcmp(format, MNIST_FORMAT) != 0) {
        mnist_quote(quoted, format ? format : "", format ? strlen(format) : 0);
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: a safetensors file of another program (its "
                          "metadata have format \"%s\", not \"" MNIST_FORMAT
                          "\"): make weights with 'mnist train'",
                          file->name, quoted);
    }
    if (!version || strcmp(version, MNIST_VERSION) != 0) {
        mnist_quote(quoted, version ? version : "",
                    version ? strlen(version) : 0);
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: format version \"%s\", this program reads "
                          "\"" MNIST_VERSION "\": use the program that wrote "
                          "the file, or a newer one",
                          file->name, quoted);
    }
    return MNIST_OK;
}

static mnist_status check_size(const mnist_safetensors *file,
                               mnist_tensor_info *tensor, mnist_error *err)
{
    char quoted[MNIST_QUOTE_MAX], shape[MNIST_SHAPE_TEXT];
    size_t bytes = sizeof(float);
    bool fits = true;

    tensor->count = 1;
    for (unsigned d = 0; d < tensor->dims; d++)
        fits &= mnist_size_mul(&bytes, bytes, tensor->size[d]);
    if (fits && tensor->end >= tensor->begin &&
        tensor->end - tensor->begin == bytes) {
        tensor->count = bytes / sizeof(float);
        return MNIST_OK;
    }
    return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                      "%s: tensor %s: data_offsets [%zu,%zu] do not hold its "
                      "shape %s: the file is damaged; copy or train it again",
                      file->name,
                      mnist_quote(quoted, tensor->name, strlen(tensor->name)),
                      tensor->begin, tensor->end,
                      mnist_shape_text(shape, tensor->dims, tensor->size));
}

/* Each tensor begins where the one before it ended: neither hole nor overlap,
   and the last end is the length of the data. */
static mnist_status check_table(mnist_safetensors *file, mnist_error *err)
{
    size_t next = 0;

    for (size_t i = 0; i < file->tensor_count; i++) {
        mnist_tensor_info *tensor = &file->tensors[i];
        char quoted[MNIST_QUOTE_MAX];
        if (tensor->begin != next)
            return mnist_fail(
                err, MNIST_ERROR_WEIGHTS,
                "%s: tensor %s begins at byte %zu of the data, expected %zu "
                "(%s): the file is damaged; copy or train it again",
                file->name,
                mnist_quote(quoted, tensor->name, strlen(tensor->name)),
                tensor->begin, next,
                tensor->begin > next ? "a hole" : "an overlap");
        mnist_status status = check_size(file, tensor, err);
        if (status != MNIST_OK)
            return status;
        next = tensor->end;
    }
    file->data_length = next;
    return MNIST_OK;
}

mnist_status mnist_header_read(mnist_safetensors *file, mnist_error *err)
{
    mnist_json json;
    bool more;
    const char *key = "";

    mnist_json_start(&json, file->header + 8, file->header_length - 8,
                     file->strings);
    /* The file was known by this '{', and what follows is not looked at yet:
       neither can fail. */
    mnist_json_open(&json, '{');
    mnist_json_next(&json, '}', &more);
    if (more && !mnist_json_key(&json, &key))
        return fail_at(file, &json, err);
    if (strcmp(key, "__metadata__") == 0 && !read_metadata(file, &json))
        return fail_at(file, &json, err);
    mnist_status status = check_format(file, err);
    if (status != MNIST_OK)
        return status;
    if (!read_tensors(file, &json) || !read_padding(&json))
        return fail_at(file, &json, err);
    return check_table(file, err);
}

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
