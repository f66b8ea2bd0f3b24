#include "model/header.h"

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
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

static bool read_dtype(mnist_json *json, bool foreign,
                       mnist_tensor_info *tensor)
{
    size_t at = json->at;
    const char *name;

    if (!mnist_json_string(json, &name))
        return false;
    tensor->dtype = mnist_dtype_find(name);
    if (foreign && !tensor->dtype)
        return mnist_json_fail(json, at, "dtype F32, F16, BF16 or F64");
    if (!foreign && tensor->dtype != &mnist_dtype_f32)
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

static bool read_field(mnist_json *json, size_t i, bool foreign,
                       mnist_tensor_info *tensor)
{
    switch (i) {
    case 0:
        return read_dtype(json, foreign, tensor);
    case 1:
        return read_sizes(json, tensor->size, MNIST_MAX_DIMS,
                          "at most 4 dimensions", &tensor->dims);
    default:
        return read_offsets(json, tensor);
    }
}

/* The three fields, in any order. */
static bool read_fields(mnist_json *json, bool foreign,
                        mnist_tensor_info *tensor)
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
        if (!read_field(json, i, foreign, tensor))
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

/* What follows the metadata, up to the end of the header. In a file of others
   they may stand among the tensors. */
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
        if (file->foreign && !file->metadata_count &&
            strcmp(tensor->name, "__metadata__") == 0) {
            if (!read_metadata(file, json))
                return false;
            continue;
        }
        size_t length = strlen(tensor->name);
        if (length == 0 || length > MNIST_MAX_TENSOR_NAME)
            return mnist_json_fail(json, at, "a name of 1 to 128 bytes");
        if (!name_is_new(file, tensor->name))
            return mnist_json_fail(json, at, "each name only once");
        if (!read_fields(json, file->foreign, tensor))
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
                      "%s: byte %zu: found %s, expected %s%s", file->name,
                      8 + json->at, found, json->expected,
                      file->foreign ? "" : ": the file is damaged");
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
                          "\"): 'mnist import' reads such files",
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
    size_t bytes = tensor->dtype->size;
    bool fits = true;

    tensor->count = 1;
    for (unsigned d = 0; d < tensor->dims; d++)
        fits &= mnist_size_mul(&bytes, bytes, tensor->size[d]);
    if (fits && tensor->end >= tensor->begin &&
        tensor->end - tensor->begin == bytes) {
        tensor->count = bytes / tensor->dtype->size;
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

/* Of what is empty nothing tells the order. */
static int compare_places(const void *a, const void *b)
{
    const mnist_tensor_info *one = a, *two = b;

    if (one->begin != two->begin)
        return one->begin < two->begin ? -1 : 1;
    return (one->end > two->end) - (one->end < two->end);
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

/* One of ours begins with the metadata, which say so. */
static mnist_status read_own(mnist_safetensors *file, mnist_json *json,
                             mnist_error *err)
{
    bool more;
    const char *key = "";

    mnist_json_next(json, '}', &more); /* cannot fail for the first */
    if (more && !mnist_json_key(json, &key))
        return fail_at(file, json, err);
    if (strcmp(key, "__metadata__") == 0 && !read_metadata(file, json))
        return fail_at(file, json, err);
    return check_format(file, err);
}

mnist_status mnist_header_read(mnist_safetensors *file, mnist_error *err)
{
    mnist_json json;
    mnist_status status = MNIST_OK;

    mnist_json_start(&json, file->header + 8, file->header_length - 8,
                     file->strings);
    mnist_json_open(&json, '{'); /* the file was known by it */
    if (!file->foreign)
        status = read_own(file, &json, err);
    if (status != MNIST_OK)
        return status;
    if (!read_tensors(file, &json) || !read_padding(&json))
        return fail_at(file, &json, err);
    if (file->foreign)
        qsort(file->tensors, file->tensor_count, sizeof *file->tensors,
              compare_places);
    return check_table(file, err);
}
