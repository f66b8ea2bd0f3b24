/*
 * From a person's pictures to what a network takes: MNIST is white ink on
 * black, 28x28, each digit in a box of 20x20 and centred by its mass, and a
 * network trained on it misreads anything else.
 *
 * IDX files are taken as they are, unless an option asks; they are data that
 * somebody made for this. Of a picture the right answer is wanted without
 * knowing any of it: black on white is inverted, and a picture of another size
 * is brought to MNIST's form. What was done is told in one line on stderr.
 */
#ifndef CLI_FORM_H
#define CLI_FORM_H

#include "cli/options/options.h"

#include <mnist.h>

#include <stdbool.h>

typedef struct cli_form {
    bool invert, no_invert, transpose, preprocess, no_preprocess;
    /* What was done without being asked for. */
    size_t pictures, inverted, formed;
    size_t rows, cols; /* of the last one that was formed, before and after */
    size_t to_rows, to_cols;
    char name[256]; /* of the last picture of which anything was done */
} cli_form;

/* Rows of a command's table, for a cli_form that lies in its arguments. */
#define CLI_FORM_INVERT(args, field)                                           \
    {.name = "invert",                                                         \
     .kind = CLI_FLAG,                                                         \
     .at = offsetof(args, field.invert),                                       \
     .help = "swap black and white first; of a picture that looks black "      \
             "on white it is done without asking"},                            \
    {                                                                          \
        .name = "no-invert", .kind = CLI_FLAG,                                 \
        .at = offsetof(args, field.no_invert),                                 \
        .help = "leave black and white as they are in a picture, too"          \
    }
#define CLI_FORM_INVERT_DATA(args, field)                                      \
    {                                                                          \
        .name = "invert", .kind = CLI_FLAG, .at = offsetof(args, field),       \
        .help = "swap black and white first"                                   \
    }
#define CLI_FORM_TRANSPOSE(args, field)                                        \
    {                                                                          \
        .name = "transpose", .kind = CLI_FLAG, .at = offsetof(args, field),    \
        .help = "swap rows and columns first, as EMNIST's images need"         \
    }
#define CLI_FORM_PREPROCESS(args, field)                                       \
    {                                                                          \
        .name = "preprocess", .kind = CLI_FLAG,                                \
        .at = offsetof(args, field.preprocess),                                \
        .help = "bring every image to MNIST's form: cut out, scaled to 20 of " \
                "28, centred by mass"                                          \
    }

/* CLI_GO, or CLI_USAGE after telling which options contradict each other. */
int cli_form_check(const cli_form *form);

/* Does it to the wanted images of data that were loaded. rows, cols: what the
   network takes; 0 where there is none, so that nothing is done unasked,
   --preprocess means 28x28. */
mnist_status cli_form_apply(cli_form *form, mnist_dataset *data,
                            const cli_range *wanted, size_t rows, size_t cols,
                            mnist_error *err);

/* Tells in one line on stderr what was done to pictures, if anything was. */
void cli_form_tell(const cli_form *form);

/* Only what was asked for, of IDX data to train on or to be evaluated. */
mnist_status cli_form_turn(mnist_dataset *data, bool invert, bool transpose,
                           mnist_error *err);

/* Tells on stderr if the network learnt from IDX files that --invert or
   --transpose turned, and that is not asked for here. */
void cli_form_tell_trained(const mnist_notes *notes, bool invert,
                           bool transpose);

#endif
