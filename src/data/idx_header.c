#include "data/idx_header.h"

#include "base/file.h"
#include "base/kind.h"
#include "base/memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define UNSIGNED_BYTE 8

/* ---- What it is if it is not IDX ---- */

static bool kind_of(mnist_kind *out, const uint8_t *bytes, size_t length)
{
    /* Eight bytes of a length below 4 GiB, then a JSON object. */
    if (length >= 9 && bytes[8] == '{' && mnist_load_le32(bytes + 4) == 0) {
        *out = (mnist_kind){"a safetensors weights file",
                            "weights are named with --weights",
                            MNIST_KIND_NO_PICTURE};
        return true;
    }
    return mnist_kind_of(out, bytes, length);
}

static const char *type_of(uint8_t type)
{
    switch (type) {
    case 0x09:
        return "int8";
    case 0x0b:
        return "int16";
    case 0x0c:
        return "int32";
    case 0x0d:
        return "float32";
    case 0x0e:
        return "float64";
    default:
        return NULL;
    }
}

static const char *advice(const mnist_kind *kind)
{
    if (kind->picture == MNIST_KIND_PICTURE)
        return "mnist predict and mnist show read it, mnist idx pack makes IDX "
               "of a folder of such";
    if (kind->picture == MNIST_KIND_OTHER_PICTURE)
        return "make a PNG of it, for mnist predict, show or idx pack";
    return kind->advice ? kind->advice
                        : "expected a file like MNIST's, raw or gzip'd";
}

static mnist_status not_idx(const char *name, const uint8_t *bytes,
                            size_t length, mnist_error *err)
{
    mnist_kind kind;
    if (kind_of(&kind, bytes, length))
        return mnist_fail(err, MNIST_ERROR_DATA, "%s is %s, not IDX; %s", name,
                          kind.what, advice(&kind));
    if (length < 4)
        return mnist_fail(err, MNIST_ERROR_DATA,
                          "%s: found %zu bytes, expected an IDX header of 8 or "
                          "more",
                          name, length);
    if (bytes[0] >= 1 && bytes[0] <= 3 && bytes[1] == UNSIGNED_BYTE &&
        bytes[2] == 0 && bytes[3] == 0)
        return mnist_fail(err, MNIST_ERROR_DATA,
                          "%s is byte-swapped IDX: it begins with %02x 08 00 "
                          "00, expected 00 00 08 %02x",
                          name, bytes[0], bytes[0]);
    return mnist_fail(err, MNIST_ERROR_DATA,
                      "%s is not IDX: byte 0: found %02x %02x %02x %02x, "
                      "expected 00 00 08 and 01, 02 or 03",
                      name, bytes[0], bytes[1], bytes[2], bytes[3]);
}

/* ---- The header ---- */

static mnist_status check_magic(const char *name, const uint8_t *bytes,
                                size_t length, mnist_error *err)
{
    if (length == 0)
        return mnist_fail(err, MNIST_ERROR_DATA,
                          "%s is empty, expected an IDX file", name);
    mnist_kind kind; /* some begin with zeros, too */
    if (length < 4 || bytes[0] != 0 || bytes[1] != 0 ||
        (bytes[2] == 0 && kind_of(&kind, bytes, length)))
        return not_idx(name, bytes, length, err);
    const char *type = type_of(bytes[2]);
    if (type)
        return mnist_fail(err, MNIST_ERROR_DATA,
                          "%s: byte 2: found type %02x, %s is not read here; "
                          "expected 08, unsigned bytes",
                          name, bytes[2], type);
    if (bytes[2] != UNSIGNED_BYTE)
        return mnist_fail(err, MNIST_ERROR_DATA,
                          "%s: byte 2: found %02x, which is no IDX type; "
                          "expected 08, unsigned bytes",
                          name, bytes[2]);
    if (bytes[3] < 1 || bytes[3] > 3)
        return mnist_fail(err, MNIST_ERROR_DATA,
                          "%s: byte 3: found %d dimensions, expected 1 "
                          "(labels), 2 (an image) or 3 (images)",
                          name, bytes[3]);
    return MNIST_OK;
}

mnist_status mnist_idx_header_read(mnist_idx_header *out, const char *name,
                                   const uint8_t *bytes, size_t length,
                                   mnist_error *err)
{
    mnist_status status = check_magic(name, bytes, length, err);
    if (status)
        return status;
    mnist_idx_header header = {.dims = bytes[3], .count = 1};
    header.length = 4 + 4 * (size_t)header.dims;
    if (length < header.length)
        return mnist_fail(err, MNIST_ERROR_DATA,
                          "%s: found %zu bytes, its IDX header alone takes "
                          "%zu; the file is cut short",
                          name, length, header.length);
    bool fits = true;
    for (unsigned i = 0; i < header.dims; i++) {
        header.size[i] = mnist_load_be32(bytes + 4 + 4 * i);
        if (header.size[i] == 0)
            return mnist_fail(err, MNIST_ERROR_DATA,
                              "%s: byte %u: found a size of 0, expected at "
                              "least 1",
                              name, 4 + 4 * i);
        fits &= mnist_size_mul(&header.count, header.count, header.size[i]);
    }
    fits = fits && mnist_size_add(&header.total, header.length, header.count);
    if (!fits || header.total > MNIST_IDX_MAX) {
        char sizes[MNIST_IDX_SIZES];
        return mnist_fail(err, MNIST_ERROR_DATA,
                          "%s: byte 4: found sizes %s, more than the 2 GiB "
                          "that are read here",
                          name,
                          mnist_idx_sizes(sizes, header.dims, header.size));
    }
    *out = header;
    return MNIST_OK;
}

size_t mnist_idx_header_write(uint8_t out[MNIST_IDX_HEADER_MAX], unsigned dims,
                              const size_t *size)
{
    mnist_store_be32(out, (uint32_t)UNSIGNED_BYTE << 8 | dims);
    for (unsigned i = 0; i < dims; i++)
        mnist_store_be32(out + 4 + 4 * i, (uint32_t)size[i]);
    return 4 + 4 * (size_t)dims;
}

char *mnist_idx_sizes(char out[MNIST_IDX_SIZES], unsigned dims,
                      const size_t *size)
{
    size_t length = 0;
    out[0] = '\0';
    for (unsigned i = 0; i < dims && length < MNIST_IDX_SIZES; i++)
        length += (size_t)snprintf(out + length, MNIST_IDX_SIZES - length,
                                   i ? "x%zu" : "%zu", size[i]);
    return out;
}
