#include <mnist/weights.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/chain.h"
#include "model/safetensors.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MAX_NOTES 128

struct mnist_notes {
    mnist_note note[MAX_NOTES];
    size_t count;
    char *strings; /* what the notes point into */
};

/* The metadata that a weights file must have. The first three are the business
   of safetensors.c. */
static const char *const fixed_keys[] = {
    "format", "version", "crc32", "network", "input", "scale", "classes"};

static bool is_fixed(const char *key)
{
    for (size_t i = 0; i < sizeof fixed_keys / sizeof *fixed_keys; i++) {
        if (strcmp(key, fixed_keys[i]) == 0)
            return true;
    }
    return false;
}

static bool is_note_key(const char *key)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    return key[0] && key[strspn(key, allowed)] == '\0' && !is_fixed(key);
}

/* Index of the first value that is not finite, or count. */
static size_t find_not_finite(const float *values, size_t count)
{
    size_t i = 0;

    while (i < count && isfinite(values[i]))
        i++;
    return i;
}

/* ---- Saving ---- */

static mnist_status check_notes(const mnist_note *notes, size_t count,
                                mnist_error *err)
{
    char quoted[MNIST_QUOTE_MAX];

    if (count > MAX_NOTES)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "%zu notes to save; at most %d can be", count,
                          MAX_NOTES);
    for (size_t i = 0; i < count; i++) {
        const char *key = notes[i].key;
        bool is_new = true;
        for (size_t j = 0; j < i; j++)
            is_new = is_new && strcmp(notes[j].key, key) != 0;
        if (!is_note_key(key) || !is_new)
            return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                              "note \"%s\": expected a new name of letters, "
                              "digits and '_'",
                              mnist_quote(quoted, key, strlen(key)));
    }
    return MNIST_OK;
}

static mnist_status check_finite(const char *path, const mnist_tensor *tensor,
                                 mnist_error *err)
{
    char name[MNIST_FILE_NAME];
    size_t bad = find_not_finite(tensor->data, tensor->count);

    if (bad == tensor->count)
        return MNIST_OK;
    return mnist_fail(err, MNIST_ERROR_DIVERGED,
                      "%s: not written: value %zu of %s is not finite, the "
                      "training diverged; try a smaller learning rate",
                      mnist_file_name(name, path), bad, tensor->name);
}

mnist_status mnist_weights_save(const mnist_network *net, const char *path,
                                const mnist_note *notes, size_t count,
                                mnist_error *err)
{
    const mnist_tensor *tensors[MNIST_MAX_TENSORS];
    mnist_note metadata[4 + MAX_NOTES];
    char input[64], scale[MNIST_FLOAT_TEXT], classes[32];
    size_t tensor_count = 0;

    mnist_status status = check_notes(notes, count, err);
    for (; status == MNIST_OK; tensor_count++) {
        const mnist_tensor *tensor = mnist_network_tensor(net, tensor_count);
        if (!tensor)
            break;
        tensors[tensor_count] = tensor;
        status = check_finite(path, tensor, err);
    }
    if (status != MNIST_OK)
        return status;

    snprintf(input, sizeof input, "%zux%zu", mnist_network_rows(net),
             mnist_network_cols(net));
    mnist_float_text(scale, mnist_network_scale(net));
    snprintf(classes, sizeof classes, "%zu", mnist_network_classes(net));
    metadata[0] = (mnist_note){"network", mnist_network_line(net)};
    metadata[1] = (mnist_note){"input", input};
    metadata[2] = (mnist_note){"scale", scale};
    metadata[3] = (mnist_note){"classes", classes};
    if (count > 0)
        memcpy(metadata + 4, notes, count * sizeof *notes);
    return mnist_safetensors_save(path, tensors, tensor_count, metadata,
                                  4 + count, err);
}

/* ---- Loading ---- */

/* A value of the metadata that is missing (NULL) or means nothing. */
static mnist_status fail_value(const mnist_safetensors *file, const char *key,
                               const char *value, const char *expected,
                               mnist_error *err)
{
    char quoted[MNIST_QUOTE_MAX];

    if (!value)
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: the metadata have no \"%s\", expected %s",
                          file->name, key, expected);
    return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                      "%s: the metadata have %s \"%s\", expected %s",
                      file->name, key,
                      mnist_quote(quoted, value, strlen(value)), expected);
}

/* "28x28" */
static bool read_input(const char *text, size_t *rows, size_t *cols)
{
    const char *x = text ? strchr(text, 'x') : NULL;
    uint64_t h, w;

    if (!x || !mnist_text_u64(&h, text, (size_t)(x - text)) ||
        !mnist_text_u64(&w, x + 1, strlen(x + 1)) || h > SIZE_MAX ||
        w > SIZE_MAX)
        return false;
    *rows = (size_t)h;
    *cols = (size_t)w;
    return true;
}

/* The network of the metadata, its tensors without memory yet. */
static mnist_status plan(mnist_network **out, const mnist_safetensors *file,
                         mnist_error *err)
{
    const char *line = mnist_safetensors_metadata(file, "network");
    const char *input = mnist_safetensors_metadata(file, "input");
    const char *scale = mnist_safetensors_metadata(file, "scale");
    mnist_error inner;
    size_t rows, cols;
    float divisor;

    if (!line)
        return fail_value(file, "network", line, "a network line", err);
    if (!read_input(input, &rows, &cols))
        return fail_value(file, "input", input, "rows x cols, as 28x28", err);
    if (!scale || !mnist_text_float(&divisor, scale, strlen(scale)))
        return fail_value(file, "scale", scale, "a number", err);
    mnist_status status =
        mnist_network_plan(out, line, rows, cols, divisor, &inner);
    /* What would be a wrong argument stands in the file here. */
    if (status == MNIST_ERROR_ARGUMENT)
        status = MNIST_ERROR_WEIGHTS;
    if (status != MNIST_OK)
        return mnist_fail(err, status, "%s: the metadata's network: %.400s",
                          file->name, inner.message);
    return MNIST_OK;
}

static mnist_status check_classes(const mnist_safetensors *file,
                                  const mnist_network *net, mnist_error *err)
{
    const char *text = mnist_safetensors_metadata(file, "classes");
    char expected[64];
    uint64_t classes;

    if (text && mnist_text_u64(&classes, text, strlen(text)) &&
        classes == mnist_network_classes(net))
        return MNIST_OK;
    snprintf(expected, sizeof expected, "%zu as its network has",
             mnist_network_classes(net));
    return fail_value(file, "classes", text, expected, err);
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

/* Tensor number i of the network against what the file has. */
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
    return MNIST_OK;
}

/* The file's tensors are the network's: all, no others, in order, in shape. */
static mnist_status check_tensors(const mnist_safetensors *file,
                                  const mnist_network *net, mnist_error *err)
{
    const mnist_tensor *wanted;
    char quoted[MNIST_QUOTE_MAX], shape[MNIST_SHAPE_TEXT];
    size_t i = 0;

    for (; (wanted = mnist_network_tensor(net, i)); i++) {
        mnist_status status = check_tensor(file, i, wanted, err);
        if (status != MNIST_OK)
            return status;
    }
    if (i == file->tensor_count)
        return MNIST_OK;
    const mnist_tensor_info *extra = &file->tensors[i];
    return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                      "%s: tensor %s (%s) is no part of its network \"%.200s\"",
                      file->name,
                      mnist_quote(quoted, extra->name, strlen(extra->name)),
                      mnist_shape_text(shape, extra->dims, extra->size),
                      mnist_network_line(net));
}

static mnist_status copy_tensors(const mnist_safetensors *file,
                                 mnist_network *net, mnist_error *err)
{
    for (size_t i = 0; i < file->tensor_count; i++) {
        const mnist_tensor *tensor = mnist_network_tensor(net, i);
        mnist_safetensors_copy(file, &file->tensors[i], tensor->data);
        size_t bad = find_not_finite(tensor->data, tensor->count);
        if (bad < tensor->count)
            return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                              "%s: value %zu of tensor %s is not finite: train "
                              "it again",
                              file->name, bad, tensor->name);
    }
    return MNIST_OK;
}

/* What was loaded can be saved: the same rules for notes. */
static mnist_status check_stored_notes(const mnist_safetensors *file,
                                       mnist_error *err)
{
    char quoted[MNIST_QUOTE_MAX];
    size_t notes = 0;

    for (size_t i = 0; i < file->metadata_count; i++) {
        const char *key = file->metadata[i].key;
        if (is_fixed(key))
            continue;
        if (!is_note_key(key))
            return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                              "%s: the metadata have a key \"%s\", expected "
                              "letters, digits and '_'",
                              file->name,
                              mnist_quote(quoted, key, strlen(key)));
        if (++notes > MAX_NOTES)
            return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                              "%s: more than %d notes in the metadata",
                              file->name, MAX_NOTES);
    }
    return MNIST_OK;
}

/* The notes take over the file's strings. */
static mnist_status take_notes(mnist_notes **out, mnist_safetensors *file,
                               mnist_error *err)
{
    mnist_notes *notes = mnist_calloc(1, sizeof *notes);

    if (!notes)
        return mnist_fail(err, MNIST_ERROR_MEMORY,
                          "%s: out of memory: %zu bytes", file->name,
                          sizeof *notes);
    for (size_t i = 0; i < file->metadata_count; i++) {
        if (!is_fixed(file->metadata[i].key))
            notes->note[notes->count++] = file->metadata[i];
    }
    notes->strings = file->strings;
    file->strings = NULL;
    *out = notes;
    return MNIST_OK;
}

mnist_status mnist_weights_load(mnist_network **out, mnist_notes **notes,
                                const char *path, mnist_error *err)
{
    mnist_safetensors *file;
    mnist_network *net = NULL;

    mnist_status status = mnist_safetensors_read(&file, path, err);
    if (status != MNIST_OK)
        return status;
    status = check_stored_notes(file, err);
    if (status == MNIST_OK)
        status = plan(&net, file, err);
    if (status == MNIST_OK)
        status = check_classes(file, net, err);
    if (status == MNIST_OK)
        status = check_tensors(file, net, err);
    if (status == MNIST_OK)
        status = mnist_network_place(net, err);
    if (status == MNIST_OK)
        status = copy_tensors(file, net, err);
    if (status == MNIST_OK && notes)
        status = take_notes(notes, file, err);
    mnist_safetensors_free(file);
    if (status != MNIST_OK) {
        mnist_network_free(net);
        return status;
    }
    *out = net;
    return MNIST_OK;
}

const mnist_note *mnist_notes_get(const mnist_notes *notes, size_t i)
{
    return i < notes->count ? &notes->note[i] : NULL;
}

void mnist_notes_free(mnist_notes *notes)
{
    if (!notes)
        return;
    mnist_free(notes->strings);
    mnist_free(notes);
}
