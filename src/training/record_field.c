#include "training/record_field.h"

#include "base/file.h"
#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const schedules[] = {[MNIST_CONSTANT] = "constant",
                                        [MNIST_STEP] = "step",
                                        [MNIST_COSINE] = "cosine",
                                        [MNIST_PLATEAU] = "plateau"};

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

void mnist_record_field_write(char out[MNIST_RECORD_TEXT],
                              const mnist_record_field *f,
                              const mnist_record *record)
{
    switch (f->kind) {
    case MNIST_RECORD_SIZE:
        snprintf(out, MNIST_RECORD_TEXT, "%zu", CONST_AT(size_t, record, f));
        break;
    case MNIST_RECORD_NUMBER:
        snprintf(out, MNIST_RECORD_TEXT, "%" PRIu64,
                 CONST_AT(uint64_t, record, f));
        break;
    case MNIST_RECORD_FLAG:
        snprintf(out, MNIST_RECORD_TEXT, "%d", CONST_AT(int, record, f));
        break;
    case MNIST_RECORD_REAL:
    case MNIST_RECORD_FIGURE:
        mnist_double_text(out, CONST_AT(double, record, f));
        break;
    case MNIST_RECORD_CRC:
        snprintf(out, MNIST_RECORD_TEXT, "%08" PRIx32,
                 CONST_AT(uint32_t, record, f));
        break;
    case MNIST_RECORD_SCHEDULE:
        snprintf(out, MNIST_RECORD_TEXT, "%s",
                 schedules[CONST_AT(mnist_schedule, record, f)]);
        break;
    case MNIST_RECORD_MONITOR:
        snprintf(out, MNIST_RECORD_TEXT, "%s",
                 monitors[CONST_AT(mnist_monitor, record, f)]);
        break;
    case MNIST_RECORD_VERSION:
    default:
        snprintf(out, MNIST_RECORD_TEXT, "1");
        break;
    }
}

/* Of the kinds that such a field has. */
static bool is_set(const mnist_record_field *f, const mnist_record *record)
{
    if (f->kind == MNIST_RECORD_FLAG)
        return CONST_AT(int, record, f) != 0;
    if (f->kind == MNIST_RECORD_REAL)
        return CONST_AT(double, record, f) != 0;
    return CONST_AT(mnist_monitor, record, f) != MNIST_MONITOR_AUTO;
}

bool mnist_record_field_is_there(const mnist_record_field *f,
                                 const mnist_record *record)
{
    if (f->there == MNIST_RECORD_IF_SET)
        return is_set(f, record);
    return f->there == MNIST_RECORD_ALWAYS ||
           record->options.schedule == MNIST_PLATEAU;
}

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

bool mnist_record_field_read(mnist_record *record, const mnist_record_field *f,
                             const char *text)
{
    size_t length = strlen(text);
    uint64_t number = 0;
    double value;

    switch (f->kind) {
    case MNIST_RECORD_SIZE:
        if (!mnist_text_u64(&number, text, length) || number > SIZE_MAX)
            return false;
        AT(size_t, record, f) = (size_t)number;
        return true;
    case MNIST_RECORD_NUMBER:
        return mnist_text_u64(&AT(uint64_t, record, f), text, length);
    case MNIST_RECORD_FLAG:
        if (!mnist_text_u64(&number, text, length) || number > 1)
            return false;
        AT(int, record, f) = (int)number;
        return true;
    case MNIST_RECORD_REAL:
    case MNIST_RECORD_FIGURE:
        if (!mnist_text_double(&value, text, length) ||
            (f->kind == MNIST_RECORD_REAL && !isfinite(value)))
            return false;
        AT(double, record, f) = value;
        return true;
    case MNIST_RECORD_CRC:
        return read_crc(&AT(uint32_t, record, f), text);
    case MNIST_RECORD_SCHEDULE:
        return read_schedule(&AT(mnist_schedule, record, f), text);
    case MNIST_RECORD_MONITOR:
        return read_monitor(&AT(mnist_monitor, record, f), text);
    case MNIST_RECORD_VERSION:
    default:
        return strcmp(text, "1") == 0;
    }
}

const char *mnist_record_field_expected(const mnist_record_field *f)
{
    static const char *const expected[] = {
        [MNIST_RECORD_SIZE] = "a whole number",
        [MNIST_RECORD_NUMBER] = "a whole number",
        [MNIST_RECORD_FLAG] = "0 or 1",
        [MNIST_RECORD_REAL] = "a hexadecimal number such as 0x1.8p-3",
        [MNIST_RECORD_FIGURE] = "a hexadecimal number such as 0x1.8p-3",
        [MNIST_RECORD_CRC] = "8 hexadecimal digits",
        [MNIST_RECORD_SCHEDULE] = "constant, step, cosine or plateau",
        [MNIST_RECORD_MONITOR] = "loss, acc, val_loss or val_acc",
        [MNIST_RECORD_VERSION] = "1, the one that this program reads",
    };
    return expected[f->kind];
}

void mnist_record_field_show(char out[MNIST_RECORD_TEXT],
                             const mnist_record_field *f,
                             const mnist_record *record, bool all_digits)
{
    if (f->kind == MNIST_RECORD_REAL)
        snprintf(out, MNIST_RECORD_TEXT, "%.*g", all_digits ? 17 : 6,
                 CONST_AT(double, record, f));
    else if (f->kind == MNIST_RECORD_FLAG)
        snprintf(out, MNIST_RECORD_TEXT, "%s",
                 CONST_AT(int, record, f) ? "on" : "off");
    else
        mnist_record_field_write(out, f, record);
}
