#include "model/blocks.h"

#include "base/memory.h"
#include "base/text.h"
#include "model/chain.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const prefixes[MNIST_BLOCKS] = {
    "", "optimizer.v.", "optimizer.s.", "optimizer.a.", "best."};

/* The tensor as it is called in a block of the file. */
static mnist_tensor prefixed(const mnist_tensor *tensor, mnist_block block)
{
    mnist_tensor copy = *tensor;
    /* The longest, optimizer.v.conv2d_63.kernel, has 28 characters. */
    snprintf(copy.name, sizeof copy.name, "%s%.*s", prefixes[block],
             (int)(sizeof copy.name - 1 - strlen(prefixes[block])),
             tensor->name);
    return copy;
}

/* ---- Saving ---- */

static mnist_status check_finite(const char *path, const mnist_tensor *tensor,
                                 mnist_error *err)
{
    char name[MNIST_FILE_NAME];

    for (size_t i = 0; i < tensor->count; i++) {
        if (!isfinite(tensor->data[i]))
            return mnist_fail(err, MNIST_ERROR_DIVERGED,
                              "%s: not written: value %zu of %s is not finite, "
                              "the training diverged; try a smaller learning "
                              "rate",
                              mnist_file_name(name, path), i, tensor->name);
    }
    return MNIST_OK;
}

/* The tensors of a file: `table` owns them, `list` is for the writer. */
typedef struct tensors {
    mnist_tensor table[MNIST_MAX_TENSORS];
    const mnist_tensor *list[MNIST_MAX_TENSORS];
    size_t count;
} tensors;

static mnist_status collect(tensors *all, const mnist_network *net,
                            float *const blocks[MNIST_BLOCKS], const char *path,
                            mnist_error *err)
{
    for (mnist_block b = 0; b < MNIST_BLOCKS; b++) {
        const mnist_tensor *tensor;
        for (size_t i = 0; blocks[b] && (tensor = mnist_network_tensor(net, i));
             i++) {
            mnist_tensor *next = &all->table[all->count];
            *next = prefixed(tensor, b);
            next->data = blocks[b] + (tensor->data - net->block);
            mnist_status status = check_finite(path, next, err);
            if (status != MNIST_OK)
                return status;
            all->list[all->count++] = next;
        }
    }
    return MNIST_OK;
}

mnist_status mnist_blocks_save(const mnist_network *net,
                               float *const blocks[MNIST_BLOCKS],
                               const char *path, const mnist_note *metadata,
                               size_t metadata_count, mnist_error *err)
{
    tensors *all = mnist_alloc(1, sizeof *all);

    if (!all)
        return mnist_fail(err, MNIST_ERROR_MEMORY,
                          "out of memory: %zu bytes for a file's tensors",
                          sizeof *all);
    all->count = 0;
    mnist_status status = collect(all, net, blocks, path, err);
    if (status == MNIST_OK)
        status = mnist_safetensors_save(path, all->list, all->count, metadata,
                                        metadata_count, err);
    mnist_free(all);
    return status;
}

/* ---- Loading ---- */

mnist_block_set mnist_blocks_stored(const mnist_safetensors *file)
{
    mnist_block_set found = 0;

    for (size_t i = 0; i < file->tensor_count; i++) {
        mnist_block b = MNIST_BLOCKS - 1;
        while (strncmp(file->tensors[i].name, prefixes[b],
                       strlen(prefixes[b])) != 0)
            b--; /* the first has no prefix: it fits all that is left */
        found |= 1u << b;
    }
    return found;
}

static const mnist_tensor_info *find_stored(const mnist_safetensors *file,
                                            const char *name)
{
    for (size_t i = 0; i < file->tensor_count; i++) {
        if (strcmp(file->tensors[i].name, name) == 0)
            return &file->tensors[i];
    }
    return NULL;
}

static bool same_shape(const mnist_tensor_info *a, const mnist_tensor *b)
{
    return a->dims == b->dims &&
           memcmp(a->size, b->size, a->dims * sizeof *a->size) == 0;
}

/* Index of the first value that is not finite, or the count. */
static size_t find_not_finite(const mnist_safetensors *file,
                              const mnist_tensor_info *tensor)
{
    const uint32_t exponent = UINT32_C(0x7f800000);
    const uint8_t *from = file->data + tensor->begin;
    size_t i = 0;

    while (i < tensor->count &&
           (mnist_load_le32(from + 4 * i) & exponent) != exponent)
        i++;
    return i;
}

/* A tensor that the network asks for as number i of the file. */
static mnist_status check_tensor(const mnist_safetensors *file, size_t i,
                                 const mnist_tensor *wanted, mnist_error *err)
{
    const mnist_tensor_info *stored = find_stored(file, wanted->name);
    char found[MNIST_SHAPE_TEXT], shape[MNIST_SHAPE_TEXT];

    mnist_shape_text(shape, wanted->dims, wanted->size);
    if (!stored)
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: tensor %s (%s) of its network is missing",
                          file->name, wanted->name, shape);
    if (!same_shape(stored, wanted))
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: tensor %s has the shape %s, expected %s by its "
                          "network",
                          file->name, wanted->name,
                          mnist_shape_text(found, stored->dims, stored->size),
                          shape);
    if (stored != &file->tensors[i])
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: tensor %s is number %zu of the file, expected "
                          "number %zu, the order of the layers",
                          file->name, wanted->name,
                          (size_t)(stored - file->tensors), i);
    size_t bad = find_not_finite(file, stored);
    if (bad < stored->count)
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: value %zu of tensor %s is not finite: train it "
                          "again",
                          file->name, bad, wanted->name);
    return MNIST_OK;
}

mnist_status mnist_blocks_check(const mnist_safetensors *file,
                                const mnist_network *net,
                                mnist_block_set blocks, mnist_error *err)
{
    char quoted[MNIST_QUOTE_MAX], shape[MNIST_SHAPE_TEXT];
    size_t count = 0;

    for (mnist_block b = 0; b < MNIST_BLOCKS; b++) {
        const mnist_tensor *tensor;
        for (size_t i = 0;
             blocks & 1u << b && (tensor = mnist_network_tensor(net, i)); i++) {
            mnist_tensor wanted = prefixed(tensor, b);
            mnist_status status = check_tensor(file, count++, &wanted, err);
            if (status != MNIST_OK)
                return status;
        }
    }
    if (count == file->tensor_count)
        return MNIST_OK;
    const mnist_tensor_info *extra = &file->tensors[count];
    return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                      "%s: tensor %s (%s) is no part of its network \"%.200s\"",
                      file->name,
                      mnist_quote(quoted, extra->name, strlen(extra->name)),
                      mnist_shape_text(shape, extra->dims, extra->size),
                      mnist_network_line(net));
}

void mnist_blocks_load(const mnist_safetensors *file, const mnist_network *net,
                       float *const blocks[MNIST_BLOCKS])
{
    for (mnist_block b = 0; b < MNIST_BLOCKS; b++) {
        const mnist_tensor *tensor;
        for (size_t i = 0; blocks[b] && (tensor = mnist_network_tensor(net, i));
             i++) {
            mnist_tensor named = prefixed(tensor, b);
            mnist_safetensors_copy(file, find_stored(file, named.name),
                                   blocks[b] + (tensor->data - net->block));
        }
    }
}
