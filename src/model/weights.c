#include <mnist/weights.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/chain.h"
#include "model/stored.h"

#include <stdio.h>
#include <string.h>

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

/* ---- Saving ---- */

static mnist_status check_notes(const mnist_note *notes, size_t count,
                                mnist_error *err)
{
    char quoted[MNIST_QUOTE_MAX];

    if (count > MNIST_MAX_NOTES)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "%zu notes to save; at most %d can be", count,
                          MNIST_MAX_NOTES);
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

mnist_status mnist_stored_save(const mnist_network *net,
                               float *const blocks[MNIST_BLOCKS],
                               const char *path, const mnist_note *notes,
                               size_t count, mnist_error *err)
{
    mnist_note metadata[4 + MNIST_MAX_NOTES];
    char input[64], scale[MNIST_FLOAT_TEXT], classes[32];

    mnist_status status = check_notes(notes, count, err);
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
    return mnist_blocks_save(net, blocks, path, metadata, 4 + count, err);
}

mnist_status mnist_weights_save(const mnist_network *net, const char *path,
                                const mnist_note *notes, size_t count,
                                mnist_error *err)
{
    float *const blocks[MNIST_BLOCKS] = {net->block};

    return mnist_stored_save(net, blocks, path, notes, count, err);
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
        if (++notes > MNIST_MAX_NOTES)
            return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                              "%s: more than %d notes in the metadata",
                              file->name, MNIST_MAX_NOTES);
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
    memcpy(notes->name, file->name, sizeof notes->name);
    for (size_t i = 0; i < file->metadata_count; i++) {
        if (!is_fixed(file->metadata[i].key))
            notes->note[notes->count++] = file->metadata[i];
    }
    notes->strings = file->strings;
    file->strings = NULL;
    *out = notes;
    return MNIST_OK;
}

mnist_status mnist_stored_open(mnist_safetensors **out,
                               mnist_network **plan_out, const char *path,
                               mnist_error *err)
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
    if (status != MNIST_OK) {
        mnist_network_free(net);
        mnist_safetensors_free(file);
        return status;
    }
    *out = file;
    *plan_out = net;
    return MNIST_OK;
}

/* What a file must hold: the network, and all of what it has the beginning of.
   State of any kind goes with the optimizer's v. */
static mnist_block_set wanted_blocks(const mnist_safetensors *file)
{
    const mnist_block_set weights = 1u << MNIST_BLOCK_WEIGHTS;
    mnist_block_set stored = mnist_blocks_stored(file) | weights;

    return stored == weights ? weights : stored | 1u << MNIST_BLOCK_V;
}

mnist_status mnist_weights_load(mnist_network **out, mnist_notes **notes,
                                const char *path, mnist_error *err)
{
    mnist_safetensors *file;
    mnist_network *net;

    mnist_status status = mnist_stored_open(&file, &net, path, err);
    if (status != MNIST_OK)
        return status;
    status = mnist_blocks_check(file, net, wanted_blocks(file), err);
    if (status == MNIST_OK)
        status = mnist_network_place(net, err);
    if (status == MNIST_OK) {
        float *const blocks[MNIST_BLOCKS] = {net->block};
        mnist_blocks_load(file, net, blocks);
    }
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
