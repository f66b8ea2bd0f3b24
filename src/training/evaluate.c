#include <mnist/evaluate.h>

#include "model/chain.h"

#include <mnist/loss.h>

#include <math.h>
#include <string.h>

mnist_status mnist_network_fits(const mnist_network *net,
                                const mnist_dataset *data, mnist_error *err)
{
    size_t rows = mnist_network_rows(net), cols = mnist_network_cols(net);
    size_t classes = mnist_network_classes(net);
    if (data->rows != rows || data->cols != cols)
        return mnist_fail(err, MNIST_ERROR_DATA,
                          "%s: images of %zux%zu; the network takes %zux%zu",
                          data->images_name, data->rows, data->cols, rows,
                          cols);
    for (size_t i = 0; data->labels && i < data->count; i++)
        if (data->labels[i] >= classes)
            return mnist_fail(err, MNIST_ERROR_DATA,
                              "%s: label %u of image %zu; the network has %zu "
                              "classes, 0 to %zu",
                              data->labels_name, data->labels[i], i, classes,
                              classes - 1);
    return MNIST_OK;
}

/* Images first.. of the dataset, as many as the workspace takes and there are
   up to `end`. */
static mnist_batch next_part(const mnist_workspace *ws, size_t first,
                             size_t end, const mnist_dataset *data,
                             mnist_dataset *view)
{
    size_t count = mnist_workspace_batch(ws);
    count = end - first < count ? end - first : count;
    *view = mnist_dataset_slice(data, first, count);
    return (mnist_batch){view, NULL, count};
}

/* Sums over the images so far. */
typedef struct {
    size_t correct;
    double loss, square;
} totals;

/* In pieces, so that their losses fit a small array. */
static void add_part(const float *logits, const mnist_batch *batch, size_t K,
                     totals *sums, size_t *confusion)
{
    enum { PIECE = 256 };
    float loss[PIECE];
    const uint8_t *labels = batch->from->labels;
    for (size_t n = 0; n < batch->count; n++) {
        if (n % PIECE == 0) {
            size_t left = batch->count - n;
            mnist_softmax_cross_entropy(logits + n * K, labels + n,
                                        left < PIECE ? left : PIECE, K, loss,
                                        NULL);
        }
        size_t predicted = mnist_argmax(logits + n * K, K);
        double x = (double)loss[n % PIECE];
        sums->correct += predicted == labels[n];
        sums->loss += x;
        sums->square += x * x;
        if (confusion)
            confusion[labels[n] * K + predicted]++;
    }
}

static mnist_evaluation figures(const totals *sums, size_t count,
                                double penalty)
{
    double n = (double)count, mean = sums->loss / n;
    double accuracy = (double)sums->correct / n;
    /* Of one image the spread is not known; it is given as 0. */
    double variance =
        count > 1 ? (sums->square - n * mean * mean) / (n - 1) : 0;
    return (mnist_evaluation){
        .count = count,
        .correct = sums->correct,
        .loss = mean + penalty,
        .cross_entropy = mean,
        .loss_error = variance > 0 ? sqrt(variance / n) : 0,
        .accuracy = accuracy,
        .accuracy_error = sqrt(accuracy * (1 - accuracy) / n),
    };
}

/* Images for which it pays to copy the weights into panels. */
enum { MANY = 1000 };

mnist_status mnist_evaluate(mnist_workspace *ws, const mnist_dataset *data,
                            mnist_evaluation *out, size_t *confusion,
                            mnist_error *err)
{
    const mnist_network *net = mnist_workspace_network(ws);
    size_t K = mnist_network_classes(net);
    if (!data->labels)
        return mnist_fail(err, MNIST_ERROR_DATA,
                          "%s: evaluation needs labels, and there are none",
                          data->images_name);
    mnist_status status = mnist_network_fits(net, data, err);
    if (status)
        return status;
    if (confusion)
        memset(confusion, 0, K * K * sizeof *confusion);
    totals sums = {0};
    bool panels = data->count >= MANY && mnist_workspace_use_panels(ws);
    for (size_t first = 0; first < data->count;) {
        mnist_dataset view;
        mnist_batch part = next_part(ws, first, data->count, data, &view);
        add_part(mnist_network_forward(ws, &part), &part, K, &sums, confusion);
        first += part.count;
    }
    if (panels)
        mnist_workspace_leave_panels(ws);
    *out = figures(&sums, data->count, mnist_network_penalty(ws));
    return MNIST_OK;
}

mnist_status mnist_predict(mnist_workspace *ws, const mnist_dataset *data,
                           size_t first, size_t count, float *probabilities,
                           mnist_error *err)
{
    const mnist_network *net = mnist_workspace_network(ws);
    size_t K = mnist_network_classes(net), end = first + count;
    mnist_dataset images = *data;
    images.labels = NULL; /* they do not matter here, and may be anything */
    mnist_status status = mnist_network_fits(net, &images, err);
    if (status)
        return status;
    while (first < end) {
        mnist_dataset view;
        mnist_batch part = next_part(ws, first, end, &images, &view);
        mnist_softmax(mnist_network_forward(ws, &part), part.count, K,
                      probabilities);
        probabilities += part.count * K;
        first += part.count;
    }
    return MNIST_OK;
}
