#include <mnist/idx.h>

#include "base/memory.h"
#include "base/sha256.h"
#include "data/gunzip.h"
#include "data/idx.h"
#include "data/idx_header.h"
#include "data/inflate.h"
#include "data/input.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Gives up the struct's claim on `block`, whose first bytes are the header. */
static void set_idx(mnist_idx *out, const mnist_idx_header *header,
                    uint8_t *block)
{
    *out = (mnist_idx){.dims = header->dims,
                       .count = header->count,
                       .data = block + header->length,
                       .block = block};
    memcpy(out->size, header->size, sizeof out->size);
}

static mnist_status wrong_length(const char *name, const char *found,
                                 const mnist_idx_header *header,
                                 mnist_error *err)
{
    char sizes[MNIST_IDX_SIZES];
    return mnist_fail(err, MNIST_ERROR_DATA,
                      "%s holds %s bytes, its header promises %zu (%zu of "
                      "header, %s of data); get the file again",
                      name, found, header->total, header->length,
                      mnist_idx_sizes(sizes, header->dims, header->size));
}

/* ---- Raw ---- */

/* Which images are wanted. */
typedef struct wanted {
    size_t begin, end; /* all: 0, SIZE_MAX */
} wanted;

/*
 * Reads the wanted images of a regular file, whose size is what its header
 * promises: *length is less only if it was cut since. Memory that is not
 * written to costs nothing, so the block is as large as the file, and every
 * image stands where it would.
 */
static mnist_status read_wanted(mnist_input *in, wanted some,
                                const mnist_idx_header *header, uint8_t **out,
                                size_t *length)
{
    size_t images = header->size[0], image = header->count / images;
    size_t end = some.end < images ? some.end : images;
    size_t begin = some.begin < end ? some.begin : end;
    size_t at = header->length + begin * image;
    size_t bytes = (end - begin) * image, got = 0;
    uint8_t *block = calloc(header->total, 1);
    if (!block)
        return mnist_input_no_memory(in, header->total);
    memcpy(block, in->first, header->length);
    mnist_status status =
        mnist_source_skip(&in->source, at - header->length, in->err);
    if (!status)
        status =
            mnist_source_read(&in->source, block + at, bytes, &got, in->err);
    if (status) {
        free(block);
        return status;
    }
    *out = block;
    *length = got < bytes ? at + got : header->total;
    return MNIST_OK;
}

/* The header of three dimensions is all of in->first. */
static bool reads_part(const mnist_input *in, wanted some,
                       const mnist_idx_header *header)
{
    return in->source.regular && header->dims == 3 &&
           (some.begin > 0 || some.end < header->size[0]);
}

static mnist_status read_raw(mnist_idx *out, mnist_input *in, wanted some)
{
    const char *name = in->source.name;
    mnist_idx_header header;
    mnist_status status = mnist_idx_header_read(&header, name, in->first,
                                                in->first_length, in->err);
    if (status)
        return status;
    char found[32];
    if (in->source.regular && in->source.size != header.total) {
        snprintf(found, sizeof found, "%" PRIu64, in->source.size);
        return wrong_length(name, found, &header, in->err);
    }

    uint8_t *block = NULL;
    size_t length = 0;
    bool end = true;
    bool part = reads_part(in, some, &header);
    status = part ? read_wanted(in, some, &header, &block, &length)
                  : mnist_input_read(in, &block, &length, header.total);
    if (status)
        return status;
    if (!part)
        status = mnist_input_at_end(in, length, header.total, &end);
    if (!status && (length < header.total || !end)) {
        snprintf(found, sizeof found, end ? "%zu" : "more than %zu", length);
        status = wrong_length(name, found, &header, in->err);
    }
    if (status)
        mnist_free(block);
    else
        set_idx(out, &header, block);
    return status;
}

/* ---- gzip'd ---- */

/* The header, from the first bytes of what is compressed. */
static mnist_status peek(mnist_idx_header *header, const char *name,
                         const uint8_t *packed, size_t length, mnist_error *err)
{
    uint8_t first[MNIST_IDX_HEADER_MAX];
    size_t got;
    bool more;
    mnist_status status = mnist_gunzip(name, packed, length, first,
                                       sizeof first, &got, &more, err);
    if (status)
        return status;
    char inside[MNIST_FILE_NAME + 16];
    snprintf(inside, sizeof inside, "%s (unpacked)", name);
    status = mnist_idx_header_read(header, inside, first, got, err);
    if (!status && header->total / MNIST_INFLATE_MOST > length)
        status = mnist_fail(err, MNIST_ERROR_DATA,
                            "%s: its header promises %zu bytes, more than %zu "
                            "bytes of gzip can hold",
                            inside, header->total, length);
    return status;
}

static mnist_status unpack(mnist_idx *out, const mnist_input *in,
                           const uint8_t *packed, size_t length)
{
    const char *name = in->source.name;
    mnist_error *err = in->err;
    mnist_idx_header header;
    mnist_status status = peek(&header, name, packed, length, err);
    if (status)
        return status;
    uint8_t *block = mnist_alloc(header.total, 1);
    if (!block)
        return mnist_input_no_memory(in, header.total);
    size_t got;
    bool more;
    status = mnist_gunzip(name, packed, length, block, header.total, &got,
                          &more, err);
    if (!status && (more || got < header.total)) {
        char found[48];
        snprintf(found, sizeof found, more ? "more than %zu" : "%zu", got);
        status = wrong_length(name, found, &header, err);
    }
    if (status)
        mnist_free(block);
    else
        set_idx(out, &header, block);
    return status;
}

static mnist_status read_gzip(mnist_idx *out, mnist_input *in)
{
    uint8_t *packed;
    size_t length;
    mnist_status status =
        mnist_input_whole(in, &packed, &length, MNIST_IDX_MAX, "gzip");
    if (status)
        return status;
    status = unpack(out, in, packed, length);
    mnist_free(packed);
    return status;
}

/* ---- The public functions ---- */

mnist_status mnist_idx_read_input(mnist_idx *out, mnist_input *in, size_t first,
                                  size_t end)
{
    return mnist_gunzip_is(in->first, in->first_length)
               ? read_gzip(out, in)
               : read_raw(out, in, (wanted){first, end});
}

mnist_status mnist_idx_read(mnist_idx *out, const char *path, mnist_error *err)
{
    return mnist_idx_read_range(out, path, 0, SIZE_MAX, err);
}

mnist_status mnist_idx_read_range(mnist_idx *out, const char *path,
                                  size_t first, size_t end, mnist_error *err)
{
    mnist_input in;
    mnist_status status = mnist_input_open(&in, path, err);
    if (status)
        return status;
    status = mnist_idx_read_input(out, &in, first, end);
    mnist_input_close(&in);
    return status;
}

void mnist_idx_free(mnist_idx *idx)
{
    if (idx) {
        mnist_free(idx->block);
        *idx = (mnist_idx){0};
    }
}

mnist_status mnist_idx_write(const char *path, unsigned dims,
                             const size_t *size, const uint8_t *data,
                             mnist_error *err)
{
    char name[MNIST_FILE_NAME];
    mnist_file_name(name, path);
    if (dims < 1 || dims > 3)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "%s: %u dimensions to write, expected 1 to 3", name,
                          dims);
    size_t count = 1;
    for (unsigned i = 0; i < dims; i++)
        if (size[i] == 0 || size[i] > UINT32_MAX ||
            !mnist_size_mul(&count, count, size[i]))
            return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                              "%s: size %u is %zu, which IDX cannot hold", name,
                              i, size[i]);
    uint8_t header[MNIST_IDX_HEADER_MAX];
    const mnist_piece pieces[] = {
        {header, mnist_idx_header_write(header, dims, size)}, {data, count}};
    return mnist_file_replace(path, pieces, 2, err);
}

void mnist_idx_sha256(const mnist_idx *idx, char hex[65])
{
    uint8_t header[MNIST_IDX_HEADER_MAX], digest[32];
    mnist_sha256 sha;
    mnist_sha256_start(&sha);
    mnist_sha256_add(&sha, header,
                     mnist_idx_header_write(header, idx->dims, idx->size));
    mnist_sha256_add(&sha, idx->data, idx->count);
    mnist_sha256_end(&sha, digest);
    for (int i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

const char *mnist_idx_known(const char *hex)
{
    static const struct {
        const char *hex, *name;
    } known[] = {
        {"ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
         "MNIST training images"},
        {"65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
         "MNIST training labels"},
        {"0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
         "MNIST test images"},
        {"ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
         "MNIST test labels"},
        {"bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
         "Fashion-MNIST training labels"},
        {"0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
         "Fashion-MNIST test labels"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(hex, known[i].hex) == 0)
            return known[i].name;
    return NULL;
}
