#include "cli/command.h"
#include "cli/paths.h"
#include "cli/report.h"
#include "cli/train.h"

#include <string.h>

/* Both parts before anything is trained: bad test data are told at once and
   not after ten minutes. */
static mnist_status load_data(cli_train *t, mnist_error *err)
{
    size_t limit = (size_t)t->args->limit;
    mnist_status status =
        mnist_dataset_load_part(&t->train, t->folder, MNIST_TRAIN, err);
    if (!status && mnist_dataset_has_part(t->folder, MNIST_TEST)) {
        t->has_test = true;
        status = mnist_dataset_load_part(&t->test, t->folder, MNIST_TEST, err);
    }
    if (status)
        return status;
    if (limit == 0 || limit > t->train.count)
        limit = t->train.count;
    t->images = mnist_dataset_slice(&t->train, 0, limit);
    return MNIST_OK;
}

/* Of a small data set, one part may lack the last class. */
static size_t count_classes(const cli_train *t)
{
    if (t->has_test && t->test.classes > t->train.classes)
        return t->test.classes;
    return t->train.classes;
}

static mnist_status new_network(cli_train *t, mnist_error *err)
{
    char line[MNIST_LINE_MAX];
    mnist_status status =
        mnist_spec_resolve(line, t->args->net, count_classes(t), err);
    if (!status)
        status = mnist_network_new(&t->net, line, t->train.rows, t->train.cols,
                                   (float)t->args->scale, err);
    if (!status)
        mnist_network_init(t->net, t->args->seed);
    return status;
}

/* The file knows its network and scale; what the options say as well must be
   the same. */
static mnist_status load_network(cli_train *t, mnist_error *err)
{
    const cli_train_args *args = t->args;
    char line[MNIST_LINE_MAX], has[CLI_NUMBER_MAX], asked[CLI_NUMBER_MAX];
    char quoted[CLI_QUOTE_MAX];
    mnist_status status = cli_weights_load(&t->net, NULL, args->init, err);
    if (status)
        return status;
    cli_quote(quoted, args->init);
    if (args->net_given) {
        status = mnist_spec_resolve(line, args->net,
                                    mnist_network_classes(t->net), err);
        if (status)
            return status;
        if (strcmp(line, mnist_network_line(t->net)) != 0)
            return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                              "%s holds the network %.200s, but --net asks for "
                              "%.200s; leave out --net or --init",
                              quoted, mnist_network_line(t->net), line);
    }
    if (args->scale_given && (float)args->scale != mnist_network_scale(t->net))
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s has scale %s, but --scale asks for %s; leave out "
                          "--scale or --init",
                          quoted,
                          cli_float_text(has, mnist_network_scale(t->net)),
                          cli_float_text(asked, (float)args->scale));
    return MNIST_OK;
}

mnist_status cli_train_prepare(cli_train *t, mnist_error *err)
{
    mnist_status status = load_data(t, err);
    if (!status)
        status = t->args->init ? load_network(t, err) : new_network(t, err);
    if (!status)
        status = mnist_network_fits(t->net, &t->images, err);
    if (!status && t->has_test)
        status = mnist_network_fits(t->net, &t->test, err);
    return status;
}

void cli_train_release(cli_train *t)
{
    mnist_network_free(t->net);
    mnist_dataset_free(&t->test);
    mnist_dataset_free(&t->train);
}

static void announce_json(const cli_train *t)
{
    const cli_train_args *args = t->args;
    cli_json json = cli_json_open(stdout);
    cli_json_text(&json, "event", "start");
    cli_json_text(&json, "network", mnist_network_line(t->net));
    cli_json_count(&json, "parameters", mnist_network_parameters(t->net));
    cli_json_float(&json, "scale", mnist_network_scale(t->net));
    cli_json_count(&json, "classes", mnist_network_classes(t->net));
    cli_json_count(&json, "train_images", t->images.count);
    cli_json_count(&json, "test_images", t->has_test ? t->test.count : 0);
    cli_json_count(&json, "epochs", args->epochs);
    cli_json_count(&json, "batch", args->batch);
    cli_json_real(&json, "lr", args->lr);
    cli_json_real(&json, "rho", args->rho);
    cli_json_real(&json, "momentum", args->momentum);
    cli_json_real(&json, "epsilon", args->epsilon);
    cli_json_count(&json, "seed", args->seed);
    cli_json_bool(&json, "shuffle", !args->no_shuffle);
    cli_json_text(&json, "kernel", mnist_cpu_kernels());
    cli_json_close(&json);
}

void cli_train_announce(const cli_train *t)
{
    const cli_train_args *args = t->args;
    char folder[CLI_QUOTE_MAX], number[CLI_NUMBER_MAX];
    if (mnist_network_scale(t->net) <= 1 && !args->quiet)
        cli_warn("raw pixels (--scale 1) often leave a network stuck near "
                 "chance; --scale 255 brings them to 0..1");
    if (args->json)
        announce_json(t);
    if (args->verbose == 0)
        return;
    fprintf(stderr, "%s: %zu images to train on, %zu to test, %zux%zu\n",
            cli_quote(folder, t->folder), t->images.count,
            t->has_test ? t->test.count : 0, t->train.rows, t->train.cols);
    fprintf(stderr, "%s: %s parameters, kernels %s, seed %llu\n",
            mnist_network_line(t->net),
            cli_grouped(number, mnist_network_parameters(t->net)),
            mnist_cpu_kernels(), (unsigned long long)args->seed);
}
