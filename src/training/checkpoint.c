#include <mnist/checkpoint.h>

#include "base/crc32.h"
#include "base/text.h"
#include "model/chain.h"
#include "model/stored.h"
#include "training/monitor.h"
#include "training/record.h"

#include <math.h>
#include <string.h>

#define MAX_OWN_NOTES 64

_Static_assert(MAX_OWN_NOTES + MNIST_RECORD_NOTES <= MNIST_MAX_NOTES,
               "what is saved can be read");

static mnist_fingerprint fingerprint(const mnist_dataset *data)
{
    if (!data)
        return (mnist_fingerprint){0};
    return (mnist_fingerprint){
        data->count,
        mnist_crc32(0, data->pixels, data->count * data->rows * data->cols),
        mnist_crc32(0, data->labels, data->count)};
}

/* The MNIST images take as long as some batches; they do not change. */
static void know_data(mnist_trainer *t)
{
    if (t->data_known.count)
        return;
    t->data_known = fingerprint(t->data);
    t->validation_known = fingerprint(t->options.validation);
}

/* ---- Saving ---- */

static mnist_status check_savable(const mnist_trainer *t, const char *path,
                                  const mnist_note *notes, size_t count,
                                  mnist_error *err)
{
    char name[MNIST_FILE_NAME], quoted[MNIST_QUOTE_MAX];

    if (count > MAX_OWN_NOTES)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "%zu notes to save; a checkpoint takes at most %d",
                          count, MAX_OWN_NOTES);
    for (size_t i = 0; i < count; i++) {
        if (strncmp(notes[i].key, MNIST_RECORD_PREFIX,
                    strlen(MNIST_RECORD_PREFIX)) == 0)
            return mnist_fail(
                err, MNIST_ERROR_ARGUMENT,
                "note \"%s\": names that begin with " MNIST_RECORD_PREFIX
                " are those of the checkpoint itself",
                mnist_quote(quoted, notes[i].key, strlen(notes[i].key)));
    }
    const char *wrong = mnist_trainer_diverged(t);
    if (wrong)
        return mnist_fail(err, MNIST_ERROR_DIVERGED,
                          "%s: not written: %s at epoch %zu, batch %zu, the "
                          "training diverged; try a smaller learning rate",
                          mnist_file_name(name, path), wrong, t->progress.epoch,
                          t->progress.step);
    return MNIST_OK;
}

mnist_status mnist_checkpoint_save(mnist_trainer *t, const char *path,
                                   const mnist_note *notes, size_t count,
                                   mnist_error *err)
{
    float *const blocks[MNIST_BLOCKS] = {
        [MNIST_BLOCK_WEIGHTS] = t->swapped ? t->best : t->net->block,
        [MNIST_BLOCK_V] = t->optimizer.v,
        [MNIST_BLOCK_S] = t->optimizer.s,
        [MNIST_BLOCK_A] = t->optimizer.a,
        [MNIST_BLOCK_BEST] = !t->at.best_epoch ? NULL
                             : t->swapped      ? t->net->block
                                               : t->best};
    mnist_note all[MNIST_RECORD_NOTES + MAX_OWN_NOTES];
    mnist_record_notes own;

    mnist_status status = check_savable(t, path, notes, count, err);
    if (status != MNIST_OK)
        return status;
    mnist_trainer_give(t);
    know_data(t);
    const mnist_record record = {.options = t->options,
                                 .at = t->at,
                                 .last = t->progress,
                                 .data = t->data_known,
                                 .validation = t->validation_known};
    mnist_record_write(&own, &record);
    memcpy(all, own.note, own.count * sizeof *all);
    if (count > 0)
        memcpy(all + own.count, notes, count * sizeof *all);
    return mnist_stored_save(t->net, blocks, path, all, own.count + count, err);
}

/* ---- Options ---- */

mnist_status mnist_checkpoint_options(mnist_train_options *options,
                                      const mnist_notes *notes,
                                      mnist_error *err)
{
    mnist_record record = {.options = *options};
    mnist_status status =
        mnist_record_read(&record, notes->name, notes->note, notes->count, err);

    if (status == MNIST_OK)
        *options = record.options;
    return status;
}

/* ---- Loading ---- */

static mnist_status check_network(const mnist_safetensors *file,
                                  const mnist_network *stored,
                                  const mnist_network *net, mnist_error *err)
{
    if (strcmp(stored->line, net->line) != 0)
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: holds the network \"%.120s\", not \"%.120s\"",
                          file->name, stored->line, net->line);
    if (stored->rows != net->rows || stored->cols != net->cols)
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: holds a network for images of %zux%zu, not "
                          "%zux%zu",
                          file->name, stored->rows, stored->cols, net->rows,
                          net->cols);
    if (stored->scale != net->scale)
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: holds a network with scale %g, not %g",
                          file->name, (double)stored->scale,
                          (double)net->scale);
    return MNIST_OK;
}

/* `what` is the data's part in the training, `data` NULL if there are none. */
static mnist_status check_data(const char *name, const char *what,
                               const mnist_dataset *data,
                               const mnist_fingerprint *then,
                               const mnist_fingerprint *now, mnist_error *err)
{
    if (then->count != now->count)
        return mnist_fail(err, MNIST_ERROR_DATA,
                          "%s: the training was begun with %zu %s images, not "
                          "%zu: it can only go on with the same data",
                          name, then->count, what, now->count);
    bool pixels = then->pixels == now->pixels;
    if (!data || (pixels && then->labels == now->labels))
        return MNIST_OK;
    return mnist_fail(
        err, MNIST_ERROR_DATA,
        "%s: the training was begun with other %s %s than %s holds (checksum "
        "%08lx, found %08lx): it can only go on with the same data",
        name, what, pixels ? "labels" : "images",
        pixels ? data->labels_name : data->images_name,
        (unsigned long)(pixels ? then->labels : then->pixels),
        (unsigned long)(pixels ? now->labels : now->pixels));
}

/* The same of a plateau schedule, which is at that epoch, from 0. */
static bool is_plateau(const mnist_record *r, const mnist_train_options *o)
{
    const mnist_plateau *p = &r->at.plateau;
    const double first = o->rmsprop.lr;
    bool lowered = p->lr >= o->min_lr && p->lr < first && p->since > 0;

    return !isnan(p->figure) && p->since <= r->at.epoch &&
           (p->lr == first || lowered) &&
           (p->lr <= o->min_lr || r->at.epoch - p->since < o->plateau_epochs) &&
           (r->at.epoch == 0 && r->at.step == 0
                ? r->last.lr == 0
                : r->last.lr >= p->lr && r->last.lr <= first);
}

/* Whether a training with these options and data can stand there: what is out
   of range would make it end never, or with figures that were not. */
static bool is_position(const mnist_record *r, const mnist_trainer *t)
{
    const mnist_position *at = &r->at;
    size_t count = t->data->count;
    size_t steps = mnist_batches_steps(t->batches);
    size_t patience = t->options.patience;
    bool begun = at->epoch > 0, between = at->step == 0;
    size_t images = !between ? at->step * t->options.batch : begun ? count : 0;

    if (t->options.schedule == MNIST_PLATEAU && !is_plateau(r, &t->options))
        return false;
    return at->step < steps && at->totals.count == images &&
           at->totals.correct <= images && at->best_epoch <= at->epoch &&
           (mnist_monitor_keeps_best(&t->options) || !at->best_epoch) &&
           at->stopped_early ==
               (patience && at->epoch - at->best_epoch >= patience) &&
           (between || !at->stopped_early) &&
           r->last.validated == (t->options.validation && begun && between);
}

static mnist_status check_position(const char *name, const mnist_record *r,
                                   const mnist_trainer *t, mnist_error *err)
{
    if (!is_position(r, t))
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: its position, epoch %zu, batch %zu after %zu "
                          "images, is none that a training of these data can "
                          "be at: the file is damaged; copy or train it again",
                          name, r->at.epoch, r->at.step, r->at.totals.count);
    size_t begun = r->at.epoch + (r->at.step > 0);
    if (begun > t->options.epochs)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "%s: %zu epochs are begun, and this training has "
                          "%zu: expected at least as many",
                          name, begun, t->options.epochs);
    return MNIST_OK;
}

static mnist_status check_record(const mnist_safetensors *file,
                                 const mnist_record *r, mnist_trainer *t,
                                 mnist_error *err)
{
    mnist_status status =
        mnist_record_compare(file->name, &r->options, &t->options, err);
    if (status != MNIST_OK)
        return status;
    mnist_trainer_give(t);
    know_data(t);
    status = check_data(file->name, "training", t->data, &r->data,
                        &t->data_known, err);
    if (status == MNIST_OK)
        status = check_data(file->name, "validation", t->options.validation,
                            &r->validation, &t->validation_known, err);
    if (status == MNIST_OK)
        status = check_position(file->name, r, t, err);
    return status;
}

/* The tensors that a training with these options has at that position. */
static mnist_block_set wanted_blocks(const mnist_record *r)
{
    mnist_block_set blocks = 1u << MNIST_BLOCK_WEIGHTS | 1u << MNIST_BLOCK_V;

    if (r->options.rmsprop.momentum != 0)
        blocks |= 1u << MNIST_BLOCK_S;
    if (r->options.rmsprop.centered)
        blocks |= 1u << MNIST_BLOCK_A;
    if (r->at.best_epoch)
        blocks |= 1u << MNIST_BLOCK_BEST;
    return blocks;
}

static mnist_status check_file(const mnist_safetensors *file,
                               const mnist_network *stored, mnist_record *r,
                               mnist_trainer *t, mnist_error *err)
{
    if (!(mnist_blocks_stored(file) & 1u << MNIST_BLOCK_V))
        return mnist_record_none(file->name, err);
    mnist_status status = mnist_record_read(r, file->name, file->metadata,
                                            file->metadata_count, err);
    if (status == MNIST_OK)
        status = check_network(file, stored, t->net, err);
    if (status == MNIST_OK)
        status = check_record(file, r, t, err);
    if (status == MNIST_OK)
        status = mnist_blocks_check(file, t->net, wanted_blocks(r), err);
    return status;
}

/* The progress as it was after the last batch. */
static void restore_progress(mnist_trainer *t, const mnist_progress *last)
{
    const mnist_position *at = &t->at;
    mnist_progress *p = &t->progress;
    bool between = at->step == 0;

    *p = (mnist_progress){0};
    if (at->epoch == 0 && between)
        return;
    mnist_trainer_enter(t, at->epoch - between);
    mnist_trainer_tell(t, between ? p->steps : at->step);
    p->validated = last->validated;
    p->validation_loss = last->validation_loss;
    p->validation_cross_entropy = last->validation_cross_entropy;
    p->validation_accuracy = last->validation_accuracy;
    p->stopped_early = at->stopped_early;
    if (t->options.schedule == MNIST_PLATEAU)
        p->lr = last->lr;
}

static void restore(mnist_trainer *t, const mnist_safetensors *file,
                    const mnist_record *r)
{
    float *const blocks[MNIST_BLOCKS] = {[MNIST_BLOCK_WEIGHTS] = t->net->block,
                                         [MNIST_BLOCK_V] = t->optimizer.v,
                                         [MNIST_BLOCK_S] = t->optimizer.s,
                                         [MNIST_BLOCK_A] = t->optimizer.a,
                                         [MNIST_BLOCK_BEST] =
                                             r->at.best_epoch ? t->best : NULL};

    mnist_blocks_load(file, t->net, blocks);
    t->at = r->at;
    t->swapped = false;
    restore_progress(t, &r->last);
}

mnist_status mnist_checkpoint_load(mnist_trainer *t, const char *path,
                                   mnist_error *err)
{
    mnist_safetensors *file;
    mnist_network *stored;
    mnist_record record = {.at = {0}};

    mnist_status status = mnist_stored_open(&file, &stored, path, err);
    if (status != MNIST_OK)
        return status;
    status = check_file(file, stored, &record, t, err);
    if (status == MNIST_OK)
        restore(t, file, &record);
    mnist_network_free(stored);
    mnist_safetensors_free(file);
    return status;
}
