#include "cli/page.h"

#include "cli/curves.h"

#include <stdlib.h>
#include <string.h>

void cli_page_free(cli_page *page)
{
    cli_mistakes_free(&page->mistakes);
    free(page->probabilities);
    free(page->confusion);
    free(page->drawn);
}

const char *cli_page_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* The notes of train_notes.c in words. */
static const struct {
    const char *key, *name, *meaning;
} meanings[] = {
    {"start", "Start", "where the first weights came from"},
    {"epochs", "Epochs", "times through the images"},
    {"batch", "Batch", "images a step"},
    {"lr", "Learning rate", "how far a step goes"},
    {"lr_schedule", "Schedule", "how the learning rate goes on"},
    {"lr_step", "Schedule's step", "epochs before it falls"},
    {"lr_gamma", "Schedule's factor", "what it is multiplied by then"},
    {"rho", "Rho", "how long RMSprop remembers gradients"},
    {"momentum", "Momentum", "how much of a step goes into the next"},
    {"epsilon", "Epsilon", "keeps RMSprop from dividing by nothing"},
    {"centered", "Centered", "whether it divides by the variance"},
    {"seed", "Seed", "where all random numbers come from"},
    {"shuffle", "Shuffle", "a new order of the images each epoch"},
    {"fast", "Fast", "computed on AMX tiles"},
    {"patience", "Patience", "epochs without a better one before it stops"},
    {"min_delta", "Least gain", "how much better is better"},
    {"limit", "Limit", "only the first images were used"},
    {"validation_split", "Validation split",
     "the part of the images kept for validation"},
    {"train_images", "Training images", "that it learned from"},
    {"validation_images", "Validation images", "that it only was tried on"},
    {"loss", "Loss", "of the last epoch, in training"},
    {"accuracy", "Accuracy", "of the last epoch, in training"},
    {"val_loss", "Validation loss", "after the last epoch"},
    {"val_accuracy", "Validation accuracy", "after the last epoch"},
    {"best_epoch", "Best epoch", "whose weights these are"},
    {"stopped_epoch", "Stopped after epoch", "for want of a better one"},
};

void cli_page_add_note(cli_page *page, const mnist_note *note)
{
    static const char own[] = "checkpoint_";
    mnist_report *report = &page->report;
    if (report->fact_count == CLI_PAGE_FACTS ||
        strncmp(note->key, own, sizeof own - 1) == 0 ||
        strcmp(note->key, CLI_CURVES_KEY) == 0)
        return;
    mnist_report_fact fact = {.name = note->key, .value = note->value};
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (strcmp(meanings[i].key, note->key) == 0) {
            fact.name = meanings[i].name;
            fact.meaning = meanings[i].meaning;
        }
    page->facts[report->fact_count++] = fact;
    report->facts = page->facts;
}

/* What the network thought of each mistake. */
static mnist_status look_again(cli_page *page, mnist_workspace *ws,
                               const mnist_dataset *data, mnist_error *err)
{
    size_t classes = mnist_network_classes(mnist_workspace_network(ws));
    size_t count = page->mistakes.count;
    mnist_status status = MNIST_OK;
    page->probabilities = calloc(count + 1, classes * sizeof(float));
    page->drawn = calloc(count + 1, sizeof *page->drawn);
    if (!page->probabilities || !page->drawn)
        return mnist_fail(err, MNIST_ERROR_MEMORY, "out of memory");
    for (size_t i = 0; i < count && !status; i++) {
        float *p = page->probabilities + i * classes;
        size_t index = page->mistakes.worst[i].index;
        page->drawn[i] = (mnist_report_mistake){index, p};
        status = mnist_predict(ws, data, index, 1, p, err);
    }
    page->report.mistakes = page->drawn;
    page->report.mistake_count = count;
    return status;
}

mnist_status cli_page_evaluate(cli_page *page, mnist_workspace *ws,
                               const mnist_dataset *data, size_t most,
                               mnist_error *err)
{
    size_t classes = mnist_network_classes(mnist_workspace_network(ws));
    mnist_report *report = &page->report;
    page->confusion = calloc(classes, classes * sizeof *page->confusion);
    if (!page->confusion)
        return mnist_fail(err, MNIST_ERROR_MEMORY, "out of memory");
    mnist_status status =
        mnist_evaluate(ws, data, &report->figures, page->confusion, err);
    if (!status)
        status = cli_mistakes_find(&page->mistakes, most, ws, data, err);
    if (!status)
        status = look_again(page, ws, data, err);
    report->data = data;
    report->confusion = page->confusion;
    return status;
}
