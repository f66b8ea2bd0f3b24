#include "model/safetensors.h"

#include "base/crc32.h"
#include "base/file.h"
#include "base/kind.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/header.h"

#include <stdio.h>
#include <string.h>

char *mnist_shape_text(char out[MNIST_SHAPE_TEXT], unsigned dims,
                       const size_t *size)
{
    size_t used = 0;

    snprintf(out, MNIST_SHAPE_TEXT, "scalar");
    for (unsigned d = 0; d < dims && d < MNIST_MAX_DIMS; d++)
        used += (size_t)snprintf(out + used, MNIST_SHAPE_TEXT - used, "%s%zu",
                                 d > 0 ? "x" : "", size[d]);
    return out;
}

const char *mnist_safetensors_metadata(const mnist_safetensors *file,
                                       const char *key)
{
    for (size_t i = 0; i < file->metadata_count; i++) {
        if (strcmp(file->metadata[i].key, key) == 0)
            return file->metadata[i].value;
    }
    return NULL;
}

void mnist_safetensors_copy(const mnist_safetensors *file,
                            const mnist_tensor_info *tensor, float *to)
{
    const uint8_t *from = file->data + tensor->begin;

    for (size_t i = 0; i < tensor->count; i++, from += tensor->dtype->size)
        to[i] = tensor->dtype->read(from);
}

void mnist_safetensors_free(mnist_safetensors *file)
{
    if (!file)
        return;
    mnist_free(file->header);
    mnist_free(file->data);
    mnist_free(file->strings);
    mnist_free(file);
}

static mnist_status no_memory(const char *name, size_t bytes, mnist_error *err)
{
    return mnist_fail(err, MNIST_ERROR_MEMORY, "%s: out of memory: %zu bytes",
                      name, bytes);
}

static mnist_status cut_short(const mnist_safetensors *file, uint64_t found,
                              uint64_t expected, mnist_error *err)
{
    return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                      "%s: the file ends after %llu bytes, expected %llu: it "
                      "was cut short; copy or train it again",
                      file->name, (unsigned long long)found,
                      (unsigned long long)expected);
}

/* Enough to tell what a file is: the length and the first bytes of JSON. */
#define START 16

static bool kind_of(mnist_kind *out, const uint8_t *start, size_t got)
{
    if (got >= 3 && memcmp(start, "\0\0\x08", 3) == 0) {
        *out = (mnist_kind){.what = "an IDX file (images or labels)"};
        return true;
    }
    return mnist_kind_of(out, start, got);
}

/* Says what a file is that does not begin as a safetensors file does. */
static mnist_status fail_kind(const mnist_safetensors *file,
                              const uint8_t start[START], size_t got,
                              mnist_error *err)
{
    const char *advice = file->foreign ? "save them as safetensors first"
                                       : "make weights with 'mnist train'";
    char quoted[MNIST_QUOTE_MAX];
    mnist_kind kind;

    if (got == 0)
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: the file is empty, expected weights: %s",
                          file->name, advice);
    if (kind_of(&kind, start, got))
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: %s, not weights in safetensors format: %s",
                          file->name, kind.what,
                          kind.advice ? kind.advice : advice);
    return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                      "%s: not weights in safetensors format: begins with %s, "
                      "expected a header length up to %zu and '{': %s",
                      file->name, mnist_quote(quoted, start, got),
                      MNIST_MAX_HEADER, advice);
}

static mnist_status read_header(mnist_safetensors *file, mnist_source *source,
                                mnist_error *err)
{
    uint8_t start[START];
    size_t got;

    mnist_status status = mnist_source_read(source, start, START, &got, err);
    if (status != MNIST_OK)
        return status;
    uint64_t length = got < START ? 0 : mnist_load_le64(start);
    if (length < START - 8 || length > MNIST_MAX_HEADER || start[8] != '{')
        return fail_kind(file, start, got, err);
    if (source->regular && source->size < 8 + length)
        return cut_short(file, source->size, 8 + length, err);

    file->header_length = 8 + (size_t)length;
    file->header = mnist_alloc(file->header_length, 1);
    file->strings = mnist_alloc(file->header_length, 1);
    if (!file->header || !file->strings)
        return no_memory(file->name, file->header_length, err);
    memcpy(file->header, start, START);
    status = mnist_source_read(source, file->header + START,
                               file->header_length - START, &got, err);
    if (status == MNIST_OK && got < file->header_length - START)
        return cut_short(file, START + got, file->header_length, err);
    return status;
}

/* Makes room for `to` bytes of data and keeps the first `used`. */
static mnist_status grow(mnist_safetensors *file, size_t used, size_t to,
                         mnist_error *err)
{
    uint8_t *more = mnist_alloc(to, 1);

    if (!more)
        return no_memory(file->name, to, err);
    if (used > 0)
        memcpy(more, file->data, used);
    mnist_free(file->data);
    file->data = more;
    return MNIST_OK;
}

/* Of a pipe nothing is known but what has arrived, so there the room doubles;
   a promise in the header costs no memory. */
static mnist_status read_data(mnist_safetensors *file, mnist_source *source,
                              mnist_error *err)
{
    size_t length = file->data_length, used = 0;
    size_t room = source->regular || length < MNIST_MAX_HEADER
                      ? length
                      : MNIST_MAX_HEADER;

    for (;;) {
        size_t got;
        mnist_status status = grow(file, used, room, err);
        if (status == MNIST_OK)
            status = mnist_source_read(source, file->data + used, room - used,
                                       &got, err);
        if (status != MNIST_OK)
            return status;
        used += got;
        if (used < room)
            return cut_short(file, (uint64_t)file->header_length + used,
                             (uint64_t)file->header_length + length, err);
        if (used == length)
            return MNIST_OK;
        room = room < length / 2 ? 2 * room : length;
    }
}

/* The header's promise against the file's size, before the data are read. */
static mnist_status check_length(const mnist_safetensors *file,
                                 const mnist_source *source, mnist_error *err)
{
    uint64_t expected = (uint64_t)file->header_length + file->data_length;

    if (!source->regular || source->size == expected)
        return MNIST_OK;
    if (source->size < expected)
        return cut_short(file, source->size, expected, err);
    return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                      "%s: %llu bytes after the last tensor, which ends at "
                      "byte %llu: the file is damaged; copy or train it again",
                      file->name, (unsigned long long)(source->size - expected),
                      (unsigned long long)expected);
}

static mnist_status check_end(const mnist_safetensors *file,
                              mnist_source *source, mnist_error *err)
{
    uint8_t extra;
    size_t got;

    mnist_status status = mnist_source_read(source, &extra, 1, &got, err);
    if (status == MNIST_OK && got > 0)
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: more bytes after the last tensor: the file is "
                          "damaged",
                          file->name);
    return status;
}

/* Of the whole file, the digits of the sum itself taken as zeros. */
static uint32_t checksum(const uint8_t *header, size_t header_length,
                         size_t crc_at, const uint8_t *data, size_t data_length)
{
    uint32_t crc = mnist_crc32(0, header, crc_at);

    crc = mnist_crc32(crc, "00000000", 8);
    crc = mnist_crc32(crc, header + crc_at + 8, header_length - crc_at - 8);
    return mnist_crc32(crc, data, data_length);
}

static mnist_status check_sum(const mnist_safetensors *file, mnist_error *err)
{
    const char *kept = mnist_safetensors_metadata(file, "crc32");
    char found[9], quoted[MNIST_QUOTE_MAX];

    if (!kept)
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: the metadata have no \"crc32\": the file is "
                          "damaged",
                          file->name);
    snprintf(found, sizeof found, "%08lx",
             (unsigned long)checksum(file->header, file->header_length,
                                     file->crc_at, file->data,
                                     file->data_length));
    if (strcmp(found, kept) == 0)
        return MNIST_OK;
    return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                      "%s: checksum %s, expected %s: the file was changed "
                      "after it was written; copy or train it again",
                      file->name, found,
                      mnist_quote(quoted, kept, strlen(kept)));
}

static mnist_status read_file(mnist_safetensors *file, mnist_source *source,
                              mnist_error *err)
{
    memcpy(file->name, source->name, sizeof file->name);
    mnist_status status = read_header(file, source, err);
    if (status == MNIST_OK)
        status = mnist_header_read(file, err);
    if (status == MNIST_OK)
        status = check_length(file, source, err);
    if (status == MNIST_OK)
        status = read_data(file, source, err);
    if (status == MNIST_OK)
        status = check_end(file, source, err);
    if (status == MNIST_OK && !file->foreign)
        status = check_sum(file, err);
    return status;
}

static mnist_status read_path(mnist_safetensors **out, const char *path,
                              bool foreign, mnist_error *err)
{
    mnist_source source;

    mnist_status status = mnist_source_open(&source, path, err);
    if (status != MNIST_OK)
        return status;
    mnist_safetensors *file = mnist_calloc(1, sizeof *file);
    if (file) {
        file->foreign = foreign;
        status = read_file(file, &source, err);
    } else {
        status = no_memory(source.name, sizeof *file, err);
    }
    mnist_source_close(&source);
    if (status != MNIST_OK) {
        mnist_safetensors_free(file);
        return status;
    }
    *out = file;
    return MNIST_OK;
}

mnist_status mnist_safetensors_read(mnist_safetensors **out, const char *path,
                                    mnist_error *err)
{
    return read_path(out, path, false, err);
}

mnist_status mnist_safetensors_read_foreign(mnist_safetensors **out,
                                            const char *path, mnist_error *err)
{
    return read_path(out, path, true, err);
}

/* All tensors as they stand in the file. */
static uint8_t *encode(const mnist_tensor *const *tensors, size_t count,
                       size_t *length)
{
    size_t values = 0;

    for (size_t i = 0; i < count; i++)
        values += tensors[i]->count;
    *length = values * sizeof(float);
    uint8_t *data = mnist_alloc(values, sizeof(float));
    if (!data)
        return NULL;
    uint8_t *to = data;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < tensors[i]->count; j++, to += 4) {
            uint32_t bits;
            memcpy(&bits, tensors[i]->data + j, sizeof bits);
            mnist_store_le32(to, bits);
        }
    }
    return data;
}

mnist_status mnist_safetensors_save(const char *path,
                                    const mnist_tensor *const *tensors,
                                    size_t tensor_count,
                                    const mnist_note *metadata,
                                    size_t metadata_count, mnist_error *err)
{
    uint8_t *header;
    size_t header_length, crc_at, data_length;
    char digits[9];

    mnist_status status =
        mnist_header_write(&header, &header_length, &crc_at, tensors,
                           tensor_count, metadata, metadata_count, err);
    if (status != MNIST_OK)
        return status;
    uint8_t *data = encode(tensors, tensor_count, &data_length);
    if (data) {
        snprintf(digits, sizeof digits, "%08lx",
                 (unsigned long)checksum(header, header_length, crc_at, data,
                                         data_length));
        memcpy(header + crc_at, digits, 8);
        const mnist_piece pieces[] = {{header, header_length},
                                      {data, data_length}};
        status = mnist_file_replace(path, pieces, 2, err);
    } else {
        status = no_memory("saving", data_length, err);
    }
    mnist_free(data);
    mnist_free(header);
    return status;
}
