/*
 * Network lines. What is accepted keeps the bounds of every network and says of
 * itself what was asked for: the line, when parsed again, gives the same table
 * of layers. What is refused points into the line.
 */
#include "fuzz/fuzz.h"
#include "model/chain.h"

#include <mnist/spec.h>

#include <string.h>

/* ---- A mutator that knows what a layer is ---- */

static const char *const layers[] = {
    "dense:3",         "dense:2:softmax",   "dense:65536:relu",
    "conv2d:2:1x1",    "conv2d:3:2x2:tanh", "avgpool:1x2",
    "maxpool:2x2",     "dropout:0.25",      "flatten",
    "dense:7:sigmoid", "dense:4:l1=0.5",    "conv2d:1:3x1:l2=1e-3:relu",
};

/* Where layer `number` of the line begins, and how long it is. */
static size_t find_layer(const uint8_t *bytes, size_t length, size_t number,
                         size_t *size)
{
    size_t begin = 0, end;
    for (;;) {
        const uint8_t *comma = memchr(bytes + begin, ',', length - begin);
        end = comma ? (size_t)(comma - bytes) : length;
        if (number-- == 0 || !comma)
            break;
        begin = end + 1;
    }
    *size = end - begin;
    return begin;
}

/* Puts a layer in front of another one: one of these, or a copy. */
static size_t insert_layer(uint8_t *bytes, size_t length, size_t room,
                           unsigned seed)
{
    char text[128];
    size_t size, at = find_layer(bytes, length, seed / 64 % 16, &size);
    if (seed & 32) {
        const char *layer =
            layers[seed / 1024 % (sizeof layers / sizeof *layers)];
        size = strlen(layer);
        memcpy(text, layer, size);
    } else {
        if (size + 1 >= sizeof text)
            return length;
        memcpy(text, bytes + at, size);
    }
    text[size++] = ',';
    if (length + size > room)
        return length;
    memmove(bytes + at + size, bytes + at, length - at);
    memcpy(bytes + at, text, size);
    return length + size;
}

static size_t remove_layer(uint8_t *bytes, size_t length, unsigned seed)
{
    size_t size, at = find_layer(bytes, length, seed / 64 % 16, &size);
    size += at + size < length; /* its comma */
    memmove(bytes + at, bytes + at + size, length - at - size);
    return length - size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t room,
                               unsigned seed)
{
    switch (seed % 8) {
    case 0:
    case 1:
        return insert_layer(bytes, length, room, seed);
    case 2:
        return remove_layer(bytes, length, seed);
    default:
        return LLVMFuzzerMutate(bytes, length, room);
    }
}

/* ---- Checks ---- */

static void check_tensors(const mnist_network *net)
{
    const mnist_tensor *tensor, *earlier;
    size_t parameters = 0;
    for (size_t i = 0; (tensor = mnist_network_tensor(net, i)); i++) {
        size_t count = 1;
        fuzz_require(tensor->dims >= 1 && tensor->dims <= 4);
        for (unsigned d = 0; d < tensor->dims; d++) {
            fuzz_require(tensor->size[d] >= 1);
            count *= tensor->size[d];
        }
        fuzz_require(count == tensor->count);
        parameters += count;
        for (size_t j = 0; j < i; j++) {
            earlier = mnist_network_tensor(net, j);
            fuzz_require(strcmp(earlier->name, tensor->name) != 0);
        }
    }
    fuzz_require(parameters == mnist_network_parameters(net));
    fuzz_require(parameters <= MNIST_MAX_PARAMETERS);
}

static void check_layers(const mnist_network *net, const mnist_network *again)
{
    mnist_layer_info layer, same;
    size_t count, parameters = 0;
    for (count = 0; mnist_network_layer(net, count, &layer); count++) {
        fuzz_require(mnist_network_layer(again, count, &same));
        fuzz_require(strcmp(layer.name, same.name) == 0);
        fuzz_require(layer.kind == same.kind);
        fuzz_require(layer.out.h == same.out.h && layer.out.w == same.out.w);
        fuzz_require(layer.out.c == same.out.c);
        fuzz_require(layer.parameters == same.parameters);
        fuzz_require(layer.out.h >= 1 && layer.out.w >= 1 && layer.out.c >= 1);
        parameters += layer.parameters;
    }
    fuzz_require(!mnist_network_layer(again, count, &same));
    fuzz_require(count >= 1 && count <= MNIST_MAX_LAYERS);
    fuzz_require(layer.out.flat && layer.out.c == mnist_network_classes(net));
    fuzz_require(layer.out.c >= 2 && layer.out.c <= 256);
    fuzz_require(parameters == mnist_network_parameters(net));
}

static void check_line(const char *line, size_t rows, size_t cols)
{
    mnist_network *net = NULL, *again;
    mnist_error err = {.status = MNIST_OK};
    mnist_status status = mnist_network_plan(&net, line, rows, cols, 255, &err);
    if (status) {
        fuzz_require(status == MNIST_ERROR_ARGUMENT && !net);
        fuzz_require_refusal(status, &err);
        fuzz_require(err.column <= strlen(line) + 1);
        return;
    }
    fuzz_require(strcmp(mnist_network_line(net), line) == 0);
    fuzz_require(mnist_network_plan(&again, mnist_network_line(net), rows, cols,
                                    255, &err) == MNIST_OK);
    check_tensors(net);
    check_layers(net, again);
    mnist_network_free(again);
    mnist_network_free(net);
}

/* A name or a line, as --net takes it. */
static void check_text(const char *text, size_t classes)
{
    char line[MNIST_LINE_MAX];
    mnist_error err = {.status = MNIST_OK};
    mnist_status status = mnist_spec_resolve(line, text, classes, &err);
    if (status) {
        fuzz_require(status == MNIST_ERROR_ARGUMENT);
        fuzz_require_refusal(status, &err);
    } else if (strpbrk(text, ":,")) {
        fuzz_require(strcmp(line, text) == 0);
    } else {
        check_line(line, 28, 28);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const size_t sides[][2] = {{28, 28}, {1, 7}, {4096, 4096}};
    char text[2 * MNIST_LINE_MAX];
    if (length >= sizeof text)
        return -1;
    memcpy(text, bytes, length);
    text[length] = '\0';
    check_text(text, 10);
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
        check_line(text, sides[i][0], sides[i][1]);
    return 0;
}
