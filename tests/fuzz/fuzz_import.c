/*
 * Safetensors files of other programs. What is accepted is a network of finite
 * values, which can be saved and loaded again; what is refused leaves nothing
 * behind. The first byte of the file, which a header's length hardly needs for
 * itself, also chooses how it is asked for.
 */
#include "fuzz/fuzz.h"

#include <mnist/exchange.h>

#include <math.h>
#include <string.h>

static void check_accepted(const mnist_network *net)
{
    char path[FUZZ_PATH];
    const mnist_tensor *tensor;
    mnist_network *again = NULL;
    mnist_error err;
    fuzz_path(path, "saved");
    for (size_t i = 0; (tensor = mnist_network_tensor(net, i)); i++)
        for (size_t k = 0; k < tensor->count; k++)
            fuzz_require(isfinite(tensor->data[k]));
    fuzz_require(mnist_weights_save(net, path, NULL, 0, &err) == MNIST_OK);
    fuzz_require(mnist_weights_load(&again, NULL, path, &err) == MNIST_OK);
    fuzz_require(strcmp(mnist_network_line(net), mnist_network_line(again)) ==
                 0);
    mnist_network_free(again);
}

static void check_report(const mnist_network *net,
                         const mnist_import_report *report)
{
    size_t tensors = 0;
    while (mnist_network_tensor(net, tensors))
        tensors++;
    fuzz_require(report->count == tensors);
    fuzz_require(report->layout == MNIST_IMPORT_PYTORCH ||
                 report->layout == MNIST_IMPORT_KERAS);
    for (size_t i = 0; i < tensors; i++)
        fuzz_require(report->tensor[i].tensor == mnist_network_tensor(net, i));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char *const lines[] = {NULL, "dense:2:softmax", "mlp15",
                                        "conv2d:1:2x2,flatten,dense:2:softmax"};
    mnist_import_options options = mnist_import_defaults();
    mnist_import_report report;
    mnist_network *net = NULL;
    mnist_error err = {.status = MNIST_OK};
    unsigned choice = length ? bytes[0] : 0;
    options.line = lines[choice % 4];
    options.layout = (mnist_import_layout)(choice / 4 % 3);
    if (choice & 64) {
        options.rows = options.cols = 3;
        options.mean = 0.5;
        options.deviation = 1e-3;
    }
    mnist_status status = mnist_import(&net, fuzz_file(bytes, length), &options,
                                       &report, &err);
    if (status) {
        fuzz_require(!net && (status == MNIST_ERROR_WEIGHTS ||
                              status == MNIST_ERROR_ARGUMENT));
        fuzz_require_refusal(status, &err);
        return 0;
    }
    check_accepted(net);
    check_report(net, &report);
    mnist_network_free(net);
    return 0;
}
