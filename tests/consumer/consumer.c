/* Trains a small network on drawn digits, keeps it, and asks it for a digit. */
#include <mnist.h>

#include <stdio.h>

static mnist_status train(mnist_network *net, mnist_error *err)
{
    mnist_dataset data;
    mnist_train_options options = mnist_train_defaults();
    mnist_status status =
        mnist_synth_dataset(&data, 1000, 28, 28, options.seed, 0, err);
    if (status)
        return status;
    mnist_network_init(net, options.seed);
    status = mnist_train(net, &data, &options, NULL, err);
    if (!status)
        status = mnist_weights_save(net, "consumer.safetensors", NULL, 0, err);
    mnist_dataset_free(&data);
    return status;
}

/* Digits that it has not seen. */
static mnist_status count_right(mnist_network *net, mnist_evaluation *out,
                                mnist_error *err)
{
    mnist_dataset data;
    mnist_workspace *ws = NULL;
    mnist_status status = mnist_synth_dataset(&data, 200, 28, 28, 1, 0, err);
    if (status)
        return status;
    status = mnist_workspace_new(&ws, net, data.count, 0, 0, err);
    if (!status)
        status = mnist_evaluate(ws, &data, out, NULL, err);
    mnist_workspace_free(ws);
    mnist_dataset_free(&data);
    return status;
}

int main(void)
{
    mnist_error err;
    mnist_network *net;
    mnist_evaluation figures;
    mnist_status status = mnist_network_new(
        &net, "dense:32:relu,dense:10:softmax", 28, 28, 255, &err);
    if (!status) {
        status = train(net, &err);
        if (!status)
            status = count_right(net, &figures, &err);
        mnist_network_free(net);
    }
    if (status) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    printf("mnist %s: %zu of %zu right\n", mnist_version(), figures.correct,
           figures.count);
    return figures.accuracy < 0.5;
}
