#include "training/record.h"

#include "base/file.h"
#include "base/text.h"
#include "training/monitor.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* How a field stands in the struct and in the file. */
typedef enum {
    SIZE,     /* size_t: digits */
    NUMBER,   /* uint64_t: digits */
    FLAG,     /* int: 0 or 1 */
    REAL,     /* double: hexadecimal, finite */
    FIGURE,   /* double: hexadecimal, or inf, -inf, nan */
    CRC,      /* uint32_t: 8 hexadecimal digits */
    SCHEDULE, /* mnist_schedule: its name */
    MONITOR,  /* mnist_monitor: its name */
    VERSION   /* of the record: "1"; no field of the struct */
} kind;

/* When it stands in the file. What came after the first version is there only
   where it says something: else files are as they were before. */
typedef enum {
    ALWAYS,
    IF_SET, /* it is not 0 */
} presence;

typedef struct {
    const char *key;
    const char *name; /* of an option that is compared, for a person */
    kind kind;
    size_t offset;
    presence there;
} field;

#define FIELD(key, kind, member)                                               \
    {                                                                          \
        MNIST_RECORD_PREFIX key, NULL, kind, offsetof(mnist_record, member),   \
            ALWAYS                                                             \
    }
#define OPTION(key, name, kind, member)                                        \
    {                                                                          \
        MNIST_RECORD_PREFIX key, name, kind,                                   \
            offsetof(mnist_record, options.member), ALWAYS                     \
    }
#define LATER_OPTION(key, name, kind, member, there)                           \
    {                                                                          \
        MNIST_RECORD_PREFIX key, name, kind,                                   \
            offsetof(mnist_record, options.member), there                      \
    }

static const field fields[] = {
    {MNIST_RECORD_PREFIX "version", NULL, VERSION, 0, ALWAYS},
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

static const char *const schedules[] = {[MNIST_CONSTANT] = "constant",
                                        [MNIST_STEP] = "step",
                                        [MNIST_COSINE] = "cosine"};

static const char *const monitors[] = {
    [MNIST_MONITOR_AUTO] = "auto",
    [MNIST_MONITOR_LOSS] = "loss",
    [MNIST_MONITOR_ACCURACY] = "acc",
    [MNIST_MONITOR_VALIDATION_LOSS] = "val_loss",
    [MNIST_MONITOR_VALIDATION_ACCURACY] = "val_acc"};

enum {
    SCHEDULES = sizeof schedules / sizeof *schedules,
    MONITORS = sizeof monitors / sizeof *monitors
};

#define AT(type, record, f) (*(type *)(void *)((char *)(record) + (f)->offset))
#define CONST_AT(type, record, f)                                              \
    (*(const type *)(const void *)((const char *)(record) + (f)->offset))

/* What decides nothing is told as its default, so that it is the same. */
static mnist_train_options plain(const mnist_train_options *options)
{
    const mnist_train_options usual = mnist_train_defaults();
    mnist_train_options o = *options;

    if (o.schedule != MNIST_STEP) {
        o.step_epochs = usual.step_epochs;
        o.step_factor = usual.step_factor;
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

static void write_field(char out[32], const field *f,
                        const mnist_record *record)
{
    switch (f->kind) {
    case SIZE:
        snprintf(out, 32, "%zu", CONST_AT(size_t, record, f));
        break;
    case NUMBER:
        snprintf(out, 32, "%" PRIu64, CONST_AT(uint64_t, record, f));
        break;
    case FLAG:
        snprintf(out, 32, "%d", CONST_AT(int, record, f));
        break;
    case REAL:
    case FIGURE:
        mnist_double_text(out, CONST_AT(double, record, f));
        break;
    case CRC:
        snprintf(out, 32, "%08" PRIx32, CONST_AT(uint32_t, record, f));
        break;
    case SCHEDULE:
        snprintf(out, 32, "%s", schedules[CONST_AT(mnist_schedule, record, f)]);
        break;
    case MONITOR:
        snprintf(out, 32, "%s", monitors[CONST_AT(mnist_monitor, record, f)]);
        break;
    case VERSION:
    default:
        snprintf(out, 32, "1");
        break;
    }
}

/* Only kinds that options have which may be missing are asked for. */
static bool is_set(const field *f, const mnist_record *record)
{
    switch (f->kind) {
    case FLAG:
        return CONST_AT(int, record, f) != 0;
    case REAL:
        return CONST_AT(double, record, f) != 0;
    case MONITOR:
        return CONST_AT(mnist_monitor, record, f) != MNIST_MONITOR_AUTO;
    default:
        return true;
    }
}

static bool is_there(const field *f, const mnist_record *record)
{
    return f->there == ALWAYS || is_set(f, record);
}

void mnist_record_write(mnist_record_notes *out, const mnist_record *record)
{
    mnist_record copy = *record;

    copy.options = plain(&record->options);
    out->count = 0;
    for (size_t i = 0; i < FIELDS; i++) {
        if (!is_there(&fields[i], &copy))
            continue;
        char *text = out->text[out->count];
        write_field(text, &fields[i], &copy);
        out->note[out->count++] = (mnist_note){fields[i].key, text};
    }
}

/* ---- Reading ---- */

static bool read_crc(uint32_t *out, const char *text)
{
    static const char hex[] = "0123456789abcdef";
    uint32_t crc = 0;

    if (strlen(text) != 8 || strspn(text, hex) != 8)
        return false;
    for (size_t i = 0; i < 8; i++)
        crc = crc << 4 | (uint32_t)(strchr(hex, text[i]) - hex);
    *out = crc;
    return true;
}

/* The number of a name among those of an enumeration, or their count. */
static size_t find_name(const char *const *names, size_t count,
                        const char *text)
{
    size_t i = 0;
    while (i < count && strcmp(text, names[i]) != 0)
        i++;
    return i;
}

static bool read_schedule(mnist_schedule *out, const char *text)
{
    size_t found = find_name(schedules, SCHEDULES, text);

    if (found < SCHEDULES)
        *out = (mnist_schedule)found;
    return found < SCHEDULES;
}

static bool read_monitor(mnist_monitor *out, const char *text)
{
    size_t found = find_name(monitors, MONITORS, text);

    if (found < MONITORS)
        *out = (mnist_monitor)found;
    return found < MONITORS;
}

/* False if the text is not one that is written for such a field. */
static bool read_field(mnist_record *record, const field *f, const char *text)
{
    size_t length = strlen(text);
    uint64_t number = 0;
    double value;

    switch (f->kind) {
    case SIZE:
        if (!mnist_text_u64(&number, text, length) || number > SIZE_MAX)
            return false;
        AT(size_t, record, f) = (size_t)number;
        return true;
    case NUMBER:
        return mnist_text_u64(&AT(uint64_t, record, f), text, length);
    case FLAG:
        if (!mnist_text_u64(&number, text, length) || number > 1)
            return false;
        AT(int, record, f) = (int)number;
        return true;
    case REAL:
    case FIGURE:
        if (!mnist_text_double(&value, text, length) ||
            (f->kind == REAL && !isfinite(value)))
            return false;
        AT(double, record, f) = value;
        return true;
    case CRC:
        return read_crc(&AT(uint32_t, record, f), text);
    case SCHEDULE:
        return read_schedule(&AT(mnist_schedule, record, f), text);
    case MONITOR:
        return read_monitor(&AT(mnist_monitor, record, f), text);
    case VERSION:
    default:
        return strcmp(text, "1") == 0;
    }
}

static const char *find_note(const mnist_note *notes, size_t count,
                             const char *key)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(notes[i].key, key) == 0)
            return notes[i].value;
    }
    return NULL;
}

static mnist_status fail_value(const char *name, const field *f,
                               const char *value, mnist_error *err)
{
    static const char *const expected[] = {
        [SIZE] = "a whole number",
        [NUMBER] = "a whole number",
        [FLAG] = "0 or 1",
        [REAL] = "a hexadecimal number such as 0x1.8p-3",
        [FIGURE] = "a hexadecimal number such as 0x1.8p-3",
        [CRC] = "8 hexadecimal digits",
        [SCHEDULE] = "constant, step or cosine",
        [MONITOR] = "loss, acc, val_loss or val_acc",
        [VERSION] = "1, the one that this program reads",
    };
    char quoted[MNIST_QUOTE_MAX];

    if (!value)
        return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                          "%s: the metadata have no \"%s\", expected %s", name,
                          f->key, expected[f->kind]);
    return mnist_fail(err, MNIST_ERROR_WEIGHTS,
                      "%s: the metadata have %s \"%s\", expected %s", name,
                      f->key, mnist_quote(quoted, value, strlen(value)),
                      expected[f->kind]);
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
    mnist_train_options *o = &record->options;
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
        if (!value && !is_there(&fields[i], &record))
            continue;
        if (!value || !read_field(&record, &fields[i], value))
            return fail_value(name, &fields[i], value, err);
    }
    mnist_status status = check_keys(name, notes, count, err);
    if (status == MNIST_OK)
        *out = record;
    return status;
}

/* ---- Comparing ---- */

/* A field for a person; doubles in decimal, with all digits if asked. */
static void show_field(char out[32], const field *f, const mnist_record *record,
                       bool all_digits)
{
    if (f->kind == REAL)
        snprintf(out, 32, "%.*g", all_digits ? 17 : 6,
                 CONST_AT(double, record, f));
    else if (f->kind == FLAG)
        snprintf(out, 32, "%s", CONST_AT(int, record, f) ? "on" : "off");
    else
        write_field(out, f, record);
}

static mnist_status compare_field(const char *name, const field *f,
                                  const mnist_record *then,
                                  const mnist_record *now, mnist_error *err)
{
    char a[32], b[32];

    write_field(a, f, then);
    write_field(b, f, now);
    if (strcmp(a, b) == 0)
        return MNIST_OK;
    show_field(a, f, then, false);
    show_field(b, f, now, false);
    if (strcmp(a, b) == 0) {
        show_field(a, f, then, true);
        show_field(b, f, now, true);
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
