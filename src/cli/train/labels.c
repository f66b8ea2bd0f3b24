/*
 * Labels that look like a mistake. The classes of data are the labels 0 up to
 * the largest, so one damaged byte, or grey values taken for labels, would give
 * the network outputs that nothing is learnt for, and nobody would notice.
 */
#include "cli/options/command.h"
#include "cli/train/train.h"

#include <string.h>

enum { LABELS = 256 };

static bool is_name(const char *net)
{
    const mnist_named_network *named;
    for (size_t i = 0; (named = mnist_spec_named(i)); i++)
        if (strcmp(net, named->name) == 0)
            return true;
    return false;
}

/* How many labels occur in any of the data; *holder is one with the largest. */
static size_t count_labels(const cli_train *t, const mnist_dataset **holder)
{
    const mnist_dataset *all[] = {&t->train, &t->test, &t->other};
    bool seen[LABELS] = {false};
    size_t count = 0;
    *holder = all[0];
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i]->classes > (*holder)->classes)
            *holder = all[i];
        for (size_t j = 0; j < all[i]->count; j++)
            seen[all[i]->labels[j]] = true;
    }
    for (size_t i = 0; i < LABELS; i++)
        count += seen[i];
    return count;
}

void cli_train_warn_of_labels(const cli_train *t)
{
    const mnist_dataset *holder;
    size_t outputs = mnist_network_classes(t->net), image = 0;
    /* Who wrote the number of outputs down meant it. */
    if (t->args->init || t->args->resume || !is_name(t->args->net))
        return;
    size_t count = count_labels(t, &holder);
    if (2 * count >= outputs)
        return;
    while (holder->labels[image] != outputs - 1)
        image++;
    cli_warn("%s: label %zu of image %zu, but only %zu of the labels 0 to %zu "
             "are there; the network gets %zu outputs (a --net line that ends "
             "in dense:10:softmax refuses labels above 9)",
             holder->labels_name, outputs - 1, image, count, outputs - 1,
             outputs);
}
