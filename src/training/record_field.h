/* One number or name of a record (record.h), in the struct and as text. */
#ifndef TRAINING_RECORD_FIELD_H
#define TRAINING_RECORD_FIELD_H

#include "training/record.h"

/* How it stands in the struct and in the file. */
typedef enum mnist_record_kind {
    MNIST_RECORD_SIZE,     /* size_t: digits */
    MNIST_RECORD_NUMBER,   /* uint64_t: digits */
    MNIST_RECORD_FLAG,     /* int: 0 or 1 */
    MNIST_RECORD_REAL,     /* double: hexadecimal, finite */
    MNIST_RECORD_FIGURE,   /* double: hexadecimal, or inf, -inf, nan */
    MNIST_RECORD_CRC,      /* uint32_t: 8 hexadecimal digits */
    MNIST_RECORD_SCHEDULE, /* mnist_schedule: its name */
    MNIST_RECORD_MONITOR,  /* mnist_monitor: its name */
    MNIST_RECORD_VERSION   /* of the record: "1"; no field of the struct */
} mnist_record_kind;

/* When it stands in the file. What came after the first version is there only
   where it says something: other files are as they were before. */
typedef enum mnist_record_presence {
    MNIST_RECORD_ALWAYS,
    MNIST_RECORD_IF_SET,    /* a flag, real number or monitor that is not 0 */
    MNIST_RECORD_IF_PLATEAU /* the schedule is MNIST_PLATEAU */
} mnist_record_presence;

typedef struct mnist_record_field {
    const char *key;
    const char *name; /* of an option that is compared, for a person */
    mnist_record_kind kind;
    size_t offset; /* in mnist_record */
    mnist_record_presence there;
} mnist_record_field;

/* Whether it stands in the file of this record, as far as that is filled. */
bool mnist_record_field_is_there(const mnist_record_field *field,
                                 const mnist_record *record);

void mnist_record_field_write(char out[MNIST_RECORD_TEXT],
                              const mnist_record_field *field,
                              const mnist_record *record);

/* False if the text is not one that is written for such a field. */
bool mnist_record_field_read(mnist_record *record,
                             const mnist_record_field *field, const char *text);

/* What such a text is, for a person: "a whole number". */
const char *mnist_record_field_expected(const mnist_record_field *field);

/* Its value for a person; doubles in decimal, with all digits if asked. */
void mnist_record_field_show(char out[MNIST_RECORD_TEXT],
                             const mnist_record_field *field,
                             const mnist_record *record, bool all_digits);

#endif
