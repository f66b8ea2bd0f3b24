/*
 * Predictions of a small network with any weights for any images. A value that
 * is not finite is never saved. What is saved loads with the same bits, and
 * then each image gets finite probabilities that sum to 1 +- 1e-5, unless the
 * logits themselves overflow, which the program answers with exit status 7; the
 * same from every set of kernels, in a batch or alone.
 */
#include "fuzz/fuzz.h"

#include <mnist/cpu.h>
#include <mnist/evaluate.h>
#include <mnist/weights.h>

#include <math.h>
#include <string.h>

enum { ROWS = 4, COLS = 5, IMAGES = 3, CLASSES_MAX = 32 };

/* The first choice of an input. */
static const char *const lines[] = {
    "dense:2:softmax",
    "dense:3:relu,dense:4:softmax",
    "conv2d:2:2x3:tanh,maxpool:2x2,dense:3:softmax",
    "avgpool:2x2,dropout:0.5,dense:5:sigmoid,dense:3:softmax",
    "conv2d:3:1x1:relu,avgpool:2x1,conv2d:2:2x2:softmax,dense:2:softmax",
    "dense:3:softmax:l1=0.5:l2=2,dense:32:softmax",
};
static const float scales[] = {255, 1, 0x1p-60f, 0x1p60f};

static float next_float(fuzz_choices *choices)
{
    /* One choice says what kind of number it is: most bits are no sensible
       weight. */
    static const float telling[] = {0,      -0.0f,  1,  -1,       3e38f,
                                    -3e38f, 1e-45f, 88, INFINITY, NAN};
    const size_t count = sizeof telling / sizeof *telling;
    uint8_t kind = fuzz_byte(choices);
    uint32_t bits = 0;
    float value;
    if (kind < 200)
        return ((float)kind - 100) / 32;
    if (kind < 240)
        return telling[kind % count];
    for (int i = 0; i < 4; i++)
        bits = bits << 8 | fuzz_byte(choices);
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Returns whether all are finite. */
static int fill(mnist_network *net, fuzz_choices *choices)
{
    const mnist_tensor *tensor;
    int finite = 1;
    for (size_t i = 0; (tensor = mnist_network_tensor(net, i)); i++)
        for (size_t j = 0; j < tensor->count; j++) {
            tensor->data[j] = next_float(choices);
            finite = finite && isfinite(tensor->data[j]);
        }
    return finite;
}

/* The network as it comes back from a file; NULL if it was not to be saved. */
static mnist_network *through_file(const mnist_network *net, int finite)
{
    char path[FUZZ_PATH];
    mnist_error err = {.status = MNIST_OK};
    mnist_network *again = NULL;
    fuzz_path(path, "weights");
    mnist_status status = mnist_weights_save(net, path, NULL, 0, &err);
    if (!finite) {
        fuzz_require(status == MNIST_ERROR_DIVERGED);
        fuzz_require_refusal(status, &err);
        return NULL;
    }
    fuzz_require(status == MNIST_OK);
    fuzz_require(mnist_weights_load(&again, NULL, path, &err) == MNIST_OK);
    const mnist_tensor *a, *b;
    for (size_t i = 0; (a = mnist_network_tensor(net, i)); i++) {
        b = mnist_network_tensor(again, i);
        fuzz_require(memcmp(a->data, b->data, a->count * sizeof *a->data) == 0);
    }
    return again;
}

static int all_finite(const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return 0;
    return 1;
}

static void check_probabilities(const float *p, size_t classes,
                                int logits_finite)
{
    double sum = 0;
    if (!logits_finite && !all_finite(p, classes))
        return; /* to be seen by whoever asks: the program refuses */
    for (size_t k = 0; k < classes; k++) {
        fuzz_require(isfinite(p[k]) && p[k] >= 0 && p[k] <= 1);
        sum += (double)p[k];
    }
    fuzz_require(fabs(sum - 1) <= 1e-5);
}

typedef struct results {
    float logits[IMAGES * CLASSES_MAX], p[IMAGES * CLASSES_MAX];
} results;

static void predict(mnist_network *net, const mnist_dataset *data, size_t most,
                    results *out)
{
    const size_t classes = mnist_network_classes(net);
    const mnist_batch batch = {.from = data, .count = data->count};
    mnist_workspace *ws;
    mnist_error err;
    fuzz_require(mnist_workspace_new(&ws, net, most, 1, 0, &err) == MNIST_OK);
    fuzz_require(mnist_predict(ws, data, 0, data->count, out->p, &err) ==
                 MNIST_OK);
    if (most >= data->count)
        memcpy(out->logits, mnist_network_forward(ws, &batch),
               data->count * classes * sizeof *out->logits);
    mnist_workspace_free(ws);
}

/* Bit for bit where the numbers are finite. */
static void check_same(const float *a, const float *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fuzz_require(memcmp(a + i, b + i, sizeof *a) == 0 ||
                     (isnan(a[i]) && isnan(b[i])));
}

static void check_network(mnist_network *net, const mnist_dataset *data)
{
    const size_t classes = mnist_network_classes(net);
    const size_t count = data->count * classes;
    results first, other;
    const char *kernels;
    int usable;
    fuzz_require(mnist_cpu_use("portable", NULL) == MNIST_OK);
    predict(net, data, data->count, &first);
    for (size_t n = 0; n < data->count; n++)
        check_probabilities(first.p + n * classes, classes,
                            all_finite(first.logits + n * classes, classes));
    predict(net, data, 1, &other);
    check_same(other.p, first.p, count);
    for (size_t i = 0; (kernels = mnist_cpu_list(i, &usable)); i++) {
        if (!usable)
            continue;
        fuzz_require(mnist_cpu_use(kernels, NULL) == MNIST_OK);
        predict(net, data, data->count, &other);
        check_same(other.p, first.p, count);
        check_same(other.logits, first.logits, count);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    fuzz_choices choices = {bytes, length};
    const char *line =
        lines[fuzz_below(&choices, sizeof lines / sizeof *lines)];
    float scale = scales[fuzz_below(&choices, sizeof scales / sizeof *scales)];
    uint8_t pixels[IMAGES * ROWS * COLS];
    mnist_dataset data = {
        .count = IMAGES, .rows = ROWS, .cols = COLS, .pixels = pixels};
    mnist_network *net;
    mnist_error err;
    fuzz_require(mnist_network_new(&net, line, ROWS, COLS, scale, &err) ==
                 MNIST_OK);
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = fuzz_byte(&choices);
    int finite = fill(net, &choices);
    mnist_network *loaded = through_file(net, finite);
    if (loaded)
        check_network(loaded, &data);
    mnist_network_free(loaded);
    mnist_network_free(net);
    return 0;
}
