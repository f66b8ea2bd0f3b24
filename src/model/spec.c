#include <mnist/spec.h>

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const mnist_named_network named[] = {
    {"mlp512", "dense:512:relu,dense:10:softmax",
     "one hidden layer of 512; pixels/255"},
    {"mlp15", "dense:15:relu,dense:10:softmax",
     "one hidden layer of 15; for raw pixels (scale 1)"},
    {"mlp128",
     "dense:128:relu:l1=0.0001,dropout:0.01,dense:32:relu:l1=0.0001,"
     "dropout:0.01,dense:10:softmax",
     "two hidden layers with L1 and dropout"},
    {"lenet",
     "conv2d:6:3x3:relu,avgpool:2x2,conv2d:16:3x3:relu,avgpool:2x2,"
     "conv2d:120:3x3:relu,flatten,dense:84:relu,dense:10:softmax",
     "a convolutional network in the manner of LeNet-5; pixels/255"},
};
enum { NAMED = sizeof named / sizeof *named };

const mnist_named_network *mnist_spec_named(size_t i)
{
    return i < NAMED ? &named[i] : NULL;
}

/* The line with `classes` units in its last layer; it fits, however many. */
static void with_classes(char *line, const char *from, size_t classes)
{
    const char *units = strchr(strrchr(from, ','), ':') + 1;
    const char *rest = strchr(units, ':');
    snprintf(line, MNIST_LINE_MAX, "%.*s%zu%s", (int)(units - from), from,
             classes, rest);
}

mnist_status mnist_spec_resolve(char *line, const char *text, size_t classes,
                                mnist_error *err)
{
    const char *names[NAMED];
    for (size_t i = 0; i < NAMED; i++) {
        names[i] = named[i].name;
        if (strcmp(text, named[i].name) == 0) {
            with_classes(line, named[i].line, classes);
            return MNIST_OK;
        }
    }
    size_t length = strlen(text);
    if (!strpbrk(text, ":,")) {
        char quoted[MNIST_QUOTE_MAX];
        const char *near = mnist_nearest(text, names, NAMED);
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "\"%.64s\" is no network; %s%s%s a line such as %s",
                          mnist_quote(quoted, text, length),
                          near ? "did you mean " : "choose a name such as ",
                          near ? near : named[0].name,
                          near ? "? Or choose" : ", or", named[0].line);
    }
    if (length >= MNIST_LINE_MAX)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "network line of %zu characters; at most %d are read",
                          length, MNIST_LINE_MAX - 1);
    memcpy(line, text, length + 1);
    return MNIST_OK;
}
