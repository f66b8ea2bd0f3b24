/* Rows that the tables of several commands share, so that an option is the same
   wherever it is. args, field: the command's arguments and the field in them.
 */
#ifndef CLI_ROWS_H
#define CLI_ROWS_H

#include "cli/options/options.h"
#include "cli/options/values.h"

#include <stddef.h>

#define CLI_ROW_WEIGHTS(args, field)                                           \
    {                                                                          \
        .name = "weights", .letter = 'w', .kind = CLI_TEXT,                    \
        .at = offsetof(args, field), .value = "FILE",                          \
        .help = "what train wrote, or a checkpoint; WEIGHTS without an "       \
                "option means the same"                                        \
    }

/* zero: what 0 threads are */
#define CLI_ROW_THREADS(args, field, zero)                                     \
    {                                                                          \
        .name = "threads", .kind = CLI_COUNT, .at = offsetof(args, field),     \
        .value = "N", .most = 1024,                                            \
        .help = "0 is " zero "; changes speed only"                            \
    }

#define CLI_ROW_KERNEL(args, field)                                            \
    {                                                                          \
        .name = "kernel", .kind = CLI_TEXT, .at = offsetof(args, field),       \
        .value = "NAME", .word = cli_kernel_name,                              \
        .help = "arithmetic for this processor, of those in mnist --version; " \
                "changes speed only"                                           \
    }

#define CLI_ROW_QUIET(args, field)                                             \
    {                                                                          \
        .name = "quiet", .letter = 'q', .kind = CLI_FLAG,                      \
        .at = offsetof(args, field), .help = "print errors only"               \
    }

#endif
