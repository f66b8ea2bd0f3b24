#include "training/record.h"

#include "base/text.h"
#include "training/monitor.h"
#include "training/record_field.h"

#include <string.h>

#define FIELD(key, kind, member)                                               \
    {                                                                          \
        MNIST_RECORD_PREFIX key, NULL, MNIST_RECORD_##kind,                    \
            offsetof(mnist_record, member), MNIST_RECORD_ALWAYS                \
    }
#define OPTION(key, name, kind, member)                                        \
    {                                                                          \
        MNIST_RECORD_PREFIX key, name, MNIST_RECORD_##kind,                    \
            offsetof(mnist_record, options.member), MNIST_RECORD_ALWAYS        \
    }
/* What the first version did not have. */
#define LATER_FIELD(key, kind, member, there)                                  \
    {                                                                          \
        MNIST_RECORD_PREFIX key, NULL, MNIST_RECORD_##kind,                    \
            offsetof(mnist_record, member), MNIST_RECORD_##there               \
    }
#define LATER_OPTION(key, name, kind, member, there)                           \
    {                                                                          \
        MNIST_RECORD_PREFIX key, name, MNIST_RECORD_##kind,                    \
            offsetof(mnist_record, options.member), MNIST_RECORD_##there       \
    }

static const mnist_record_field fields[] = {
    {MNIST_RECORD_PREFIX "version", NULL, MNIST_RECORD_VERSION, 0,
     MNIST_RECORD_ALWAYS},
    FIELD("epoch", SIZE, at.epoch),
    FIELD("step", SIZE, at.step),
    FIELD("images", SIZE, at.totals.count),
    FIELD("correct", SIZE, at.totals.correct),
    FIELD("loss_sum", REAL, at.totals.loss),
    FIELD("cross_entropy_sum", REAL, at.totals.cross_entropy),
    FIELD("validated", FLAG, last.validated),
    FIELD("validation_loss", FIGURE, last.validation_loss),
    FIELD("validation_cross_entropy", FIGURE, last.validation_cross_entropy),
    FIELD("validation_accuracy", FIGURE, last.validation_accuracy),
    FIELD("best_figure", REAL, at.best_figure),
    FIELD("best_epoch", SIZE, at.best_epoch),
    FIELD("stopped_early", FLAG, at.stopped_early),
    FIELD("epochs", SIZE, options.epochs),
    OPTION("batch", "batch", SIZE, batch),
    OPTION("lr", "learning rate", REAL, rmsprop.lr),
    OPTION("rho", "rho", REAL, rmsprop.rho),
    OPTION("momentum", "momentum", REAL, rmsprop.momentum),
    OPTION("epsilon", "epsilon", REAL, rmsprop.epsilon),
    OPTION("centered", "centered", FLAG, rmsprop.centered),
    OPTION("schedule", "learning rate schedule", SCHEDULE, schedule),
    OPTION("step_epochs", "epochs a learning rate step", SIZE, step_epochs),
    OPTION("step_factor", "learning rate step factor", REAL, step_factor),
    OPTION("seed", "seed", NUMBER, seed),
    OPTION("shuffle", "shuffle", FLAG, shuffle),
    OPTION("patience", "patience", SIZE, patience),
    OPTION("min_delta", "min delta", REAL, min_delta),
    LATER_OPTION("plateau_epochs", "epochs of a plateau", SIZE, plateau_epochs,
                 IF_PLATEAU),
    LATER_OPTION("plateau_factor", "plateau factor", REAL, plateau_factor,
                 IF_PLATEAU),
    LATER_OPTION("min_lr", "least learning rate", REAL, min_lr, IF_PLATEAU),
    LATER_FIELD("plateau_lr", REAL, at.plateau.lr, IF_PLATEAU),
    LATER_FIELD("plateau_figure", FIGURE, at.plateau.figure, IF_PLATEAU),
    LATER_FIELD("plateau_since", SIZE, at.plateau.since, IF_PLATEAU),
    LATER_FIELD("last_lr", REAL, last.lr, IF_PLATEAU),
    LATER_OPTION("clip_norm", "clip norm", REAL, clip_norm, IF_SET),
    LATER_OPTION("keep_best", "keep best", FLAG, keep_best, IF_SET),
    LATER_OPTION("monitor", "monitor", MONITOR, monitor, IF_SET),
    LATER_OPTION("fast", "fast", FLAG, fast, IF_SET),
    FIELD("data_images", SIZE, data.count),
    FIELD("data_pixels_crc32", CRC, data.pixels),
    FIELD("data_labels_crc32", CRC, data.labels),
    FIELD("validation_images", SIZE, validation.count),
    FIELD("validation_pixels_crc32", CRC, validation.pixels),
    FIELD("validation_labels_crc32", CRC, validation.labels),
};

enum { FIELDS = sizeof fields / sizeof *fields };
_Static_assert(FIELDS <= MNIST_RECORD_NOTES, "a note for every field");

/* What decides nothing is told as its default, so that it is the same. */
static mnist_train_options plain(const mnist_train_options *options)
{
    const mnist_train_options usual = mnist_train_defaults();
    mnist_train_options o = *options;

    if (o.schedule != MNIST_STEP) {
        o.step_epochs = usual.step_epochs;
        o.step_factor = usual.step_factor;
    }
    if (o.schedule != MNIST_PLATEAU) {
        o.plateau_epochs = usual.plateau_epochs;
        o.plateau_factor = usual.plateau_factor;
        o.min_lr = usual.min_lr;
    }
    if (!mnist_monitor_keeps_best(&o))
        o.min_delta = usual.min_delta;
    if (!mnist_monitor_matters(&o) || o.monitor == mnist_monitor_auto(&o))
        o.monitor = MNIST_MONITOR_AUTO;
    o.rmsprop.centered = !!o.rmsprop.centered;
    o.shuffle = !!o.shuffle;
    o.keep_best = !!o.keep_best;
    o.fast = !!o.fast;
    return o;
}

/* ---- Writing ---- */

void mnist_record_write(mnist_record_notes *out, const mnist_record *record)
{
    mnist_record copy = *record;

    copy.options = plain(&record->options);
    out->count = 0;
    for (size_t i = 0; i < FIELDS; i++) {
        if (!mnist_record_field_is_there(&fields[i], &copy))
            continue;
        char *text = out->text[out->count];
        mnist_record_field_write(text, &fields[i], &copy);
        out->note[out->count++] = (mnist_note){fields[i].key, text};
    }
}

/* ---- Reading ---- */

static const char *find_note(const mnist_note *notes, size_t count,
                             const char *key)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(notes[i].key, key) == 0)
            return notes[i].value;
    }
    return NULL;
}

static mnist_status fail_value(const char *name, const mnist_record_field *f,
                               const char *value, mnist_error *err)
{
    char quoted[MNIST_QUOTE_MAX];

    if (!value)
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: the metadata have no \"%s\", expected %s", name,
                          f->key, mnist_record_field_expected(f));
    return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                      "%s: the metadata have %s \"%s\", expected %s", name,
                      f->key, mnist_quote(quoted, value, strlen(value)),
                      mnist_record_field_expected(f));
}

/* Keys that look like a record's and are none. */
static mnist_status check_keys(const char *name, const mnist_note *notes,
                               size_t count, mnist_error *err)
{
    char quoted[MNIST_QUOTE_MAX];

    for (size_t i = 0; i < count; i++) {
        const char *key = notes[i].key;
        size_t f = 0;
        while (f < FIELDS && strcmp(key, fields[f].key) != 0)
            f++;
        if (f == FIELDS &&
            strncmp(key, MNIST_RECORD_PREFIX, strlen(MNIST_RECORD_PREFIX)) == 0)
            return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                              "%s: the metadata have an unknown key \"%s\": "
                              "use the program that wrote the file, or a newer "
                              "one",
                              name, mnist_quote(quoted, key, strlen(key)));
    }
    return MNIST_OK;
}

mnist_status mnist_record_none(const char *name, mnist_error *err)
{
    return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                      "%s: holds weights but no training to go on with; start "
                      "a new training from them",
                      name);
}

/* What a file that does not have it means. */
static void clear_missing(mnist_record *record)
{
    const mnist_train_options usual = mnist_train_defaults();
    mnist_train_options *o = &record->options;
    o->plateau_epochs = usual.plateau_epochs;
    o->plateau_factor = usual.plateau_factor;
    o->min_lr = usual.min_lr;
    o->clip_norm = 0;
    o->keep_best = 0;
    o->monitor = MNIST_MONITOR_AUTO;
    o->fast = 0;
}

mnist_status mnist_record_read(mnist_record *out, const char *name,
                               const mnist_note *notes, size_t count,
                               mnist_error *err)
{
    mnist_record record = *out;

    if (!find_note(notes, count, fields[0].key))
        return mnist_record_none(name, err);
    clear_missing(&record);
    for (size_t i = 0; i < FIELDS; i++) {
        const char *value = find_note(notes, count, fields[i].key);
        if (!value && !mnist_record_field_is_there(&fields[i], &record))
            continue;
        if (!value || !mnist_record_field_read(&record, &fields[i], value))
            return fail_value(name, &fields[i], value, err);
    }
    mnist_status status = check_keys(name, notes, count, err);
    if (status == MNIST_OK)
        *out = record;
    return status;
}

/* ---- Comparing ---- */

static mnist_status compare_field(const char *name, const mnist_record_field *f,
                                  const mnist_record *then,
                                  const mnist_record *now, mnist_error *err)
{
    char a[MNIST_RECORD_TEXT], b[MNIST_RECORD_TEXT];

    mnist_record_field_write(a, f, then);
    mnist_record_field_write(b, f, now);
    if (strcmp(a, b) == 0)
        return MNIST_OK;
    mnist_record_field_show(a, f, then, false);
    mnist_record_field_show(b, f, now, false);
    if (strcmp(a, b) == 0) {
        mnist_record_field_show(a, f, then, true);
        mnist_record_field_show(b, f, now, true);
    }
    return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                      "%s: the training was begun with %s %s, not %s: it can "
                      "only go on as it was begun",
                      name, f->name, a, b);
}

mnist_status mnist_record_compare(const char *name,
                                  const mnist_train_options *then,
                                  const mnist_train_options *now,
                                  mnist_error *err)
{
    mnist_train_options was = *then;
    was.validation = now->validation; /* that they are the same comes later */
    const mnist_record a = {.options = plain(&was)};
    const mnist_record b = {.options = plain(now)};

    for (size_t i = 0; i < FIELDS; i++) {
        mnist_status status = fields[i].name
                                  ? compare_field(name, &fields[i], &a, &b, err)
                                  : MNIST_OK;
        if (status != MNIST_OK)
            return status;
    }
    if (then->schedule == MNIST_COSINE && then->epochs != now->epochs)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "%s: the training was begun for %zu epochs, not %zu: "
                          "with the cosine schedule that cannot change",
                          name, then->epochs, now->epochs);
    return MNIST_OK;
}
