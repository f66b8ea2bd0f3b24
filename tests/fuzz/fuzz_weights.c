/*
 * Weights files. What is accepted must save and load to the same network, and
 * save again to the same bytes; what is refused leaves nothing behind. A right
 * checksum is not found by chance: see weights_mutator.c.
 */
#include "fuzz/fuzz.h"

#include <mnist/weights.h>

#include <string.h>

static const uint8_t *save(const mnist_network *net, const mnist_notes *notes,
                           const char *path, size_t *length)
{
    mnist_error err;
    size_t count = 0;
    while (mnist_notes_get(notes, count))
        count++;
    fuzz_require(mnist_weights_save(net, path, mnist_notes_get(notes, 0), count,
                                    &err) == MNIST_OK);
    return fuzz_read(path, length);
}

static void check_same_values(const mnist_network *net,
                              const mnist_network *again)
{
    const mnist_tensor *a, *b;
    for (size_t i = 0; (a = mnist_network_tensor(net, i)); i++) {
        b = mnist_network_tensor(again, i);
        fuzz_require(b && a->count == b->count);
        fuzz_require(memcmp(a->data, b->data, a->count * sizeof *a->data) == 0);
    }
    fuzz_require(mnist_network_scale(net) == mnist_network_scale(again));
    fuzz_require(strcmp(mnist_network_line(net), mnist_network_line(again)) ==
                 0);
}

static void check_accepted(const mnist_network *net, const mnist_notes *notes)
{
    static uint8_t first[1 << 21];
    char path[FUZZ_PATH];
    mnist_network *again = NULL;
    mnist_notes *again_notes = NULL;
    mnist_error err;
    size_t length, second;

    fuzz_path(path, "saved");
    const uint8_t *bytes = save(net, notes, path, &length);
    memcpy(first, bytes, length);
    fuzz_require(mnist_weights_load(&again, &again_notes, path, &err) ==
                 MNIST_OK);
    check_same_values(net, again);
    bytes = save(again, again_notes, path, &second);
    fuzz_require(second == length && memcmp(bytes, first, length) == 0);
    mnist_notes_free(again_notes);
    mnist_network_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    mnist_network *net = NULL;
    mnist_notes *notes = NULL;
    mnist_error err = {.status = MNIST_OK};
    mnist_status status =
        mnist_weights_load(&net, &notes, fuzz_file(bytes, length), &err);
    if (status) {
        fuzz_require(!net && !notes && status == MNIST_ERROR_WEIGHTS);
        fuzz_require_refusal(status, &err);
        return 0;
    }
    check_accepted(net, notes);
    mnist_notes_free(notes);
    mnist_network_free(net);
    return 0;
}
