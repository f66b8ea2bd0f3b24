#include "cli/results/report.h"

#include "cli/files/notes.h"
#include "cli/results/epoch_note.h"

#include <stdlib.h>
#include <string.h>

void cli_report_free(cli_report *report)
{
    cli_mistakes_free(&report->mistakes);
    free(report->probabilities);
    free(report->confusion);
    free(report->drawn);
}

/* The notes of train/notes.c in words. */
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
    {"lr_plateau", "Plateau", "epochs without a better one before it falls"},
    {"lr_factor", "Schedule's factor", "what it is multiplied by then"},
    {"min_lr", "Least learning rate", "below which it does not fall"},
    {"rho", "Rho", "how long RMSprop remembers gradients"},
    {"momentum", "Momentum", "how much of a step goes into the next"},
    {"epsilon", "Epsilon", "keeps RMSprop from dividing by nothing"},
    {"centered", "Centered", "whether it divides by the variance"},
    {"clip_norm", "Clip norm", "longest gradient of a kernel or bias"},
    {"seed", "Seed", "where all random numbers come from"},
    {"shuffle", "Shuffle", "a new order of the images each epoch"},
    {"invert", "Inverted", "black and white of all images were swapped"},
    {"transpose", "Transposed", "rows and columns of all images were swapped"},
    {"fast", "Fast", "computed on AMX tiles"},
    {"patience", "Patience", "epochs without a better one before it stops"},
    {"save_best", "Best kept", "the weights are those of the best epoch"},
    {"monitor", "Monitor", "what tells how good an epoch is"},
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

void cli_report_add_note(cli_report *report, const mnist_note *note)
{
    mnist_report *page = &report->page;
    if (page->fact_count == CLI_REPORT_FACTS || cli_note_is_own(note) ||
        strcmp(note->key, CLI_EPOCH_NOTE_KEY) == 0)
        return;
    mnist_report_fact fact = {.name = note->key, .value = note->value};
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (strcmp(meanings[i].key, note->key) == 0) {
            fact.name = meanings[i].name;
            fact.meaning = meanings[i].meaning;
        }
    report->facts[page->fact_count++] = fact;
    page->facts = report->facts;
}

/* What the network thought of each mistake. */
static mnist_status look_again(cli_report *report, mnist_workspace *ws,
                               const mnist_dataset *data, mnist_error *err)
{
    size_t classes = mnist_network_classes(mnist_workspace_network(ws));
    size_t count = report->mistakes.count;
    mnist_status status = MNIST_OK;
    report->probabilities = calloc(count + 1, classes * sizeof(float));
    report->drawn = calloc(count + 1, sizeof *report->drawn);
    if (!report->probabilities || !report->drawn)
        return mnist_fail(err, MNIST_ERROR_MEMORY, "out of memory");
    for (size_t i = 0; i < count && !status; i++) {
        float *p = report->probabilities + i * classes;
        size_t index = report->mistakes.worst[i].index;
        report->drawn[i] = (mnist_report_mistake){index, p};
        status = mnist_predict(ws, data, index, 1, p, err);
    }
    report->page.mistakes = report->drawn;
    report->page.mistake_count = count;
    return status;
}

mnist_status cli_report_evaluate(cli_report *report, mnist_workspace *ws,
                                 const mnist_dataset *data, size_t most,
                                 mnist_error *err)
{
    size_t classes = mnist_network_classes(mnist_workspace_network(ws));
    mnist_report *page = &report->page;
    report->confusion = calloc(classes, classes * sizeof *report->confusion);
    if (!report->confusion)
        return mnist_fail(err, MNIST_ERROR_MEMORY, "out of memory");
    mnist_status status =
        mnist_evaluate(ws, data, &page->figures, report->confusion, err);
    if (!status)
        status = cli_mistakes_find(&report->mistakes, most, ws, data, err);
    if (!status)
        status = look_again(report, ws, data, err);
    page->data = data;
    page->confusion = report->confusion;
    return status;
}
