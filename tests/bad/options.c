/* Numbers in options: every numeric option of every command, with every kind of
   bad number. */
#include "bad/bad.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define P31 "2147483648"
#define P63 "9223372036854775808"
#define P64 "18446744073709551616"

static const char *const values[] = {
    "",    "abc", "1x",  "-1",   "0",  P31,  P63,  P64,   "1e400", "1e",
    "nan", "inf", "NaN", "0x10", " 5", "5 ", "+5", "1,5", "1.5",   "5"};

typedef struct option {
    const char *command, *name;
    const char *taken[7]; /* those of the values that are no mistake */
} option;

static const option options[] = {
    {"train", "epochs", {"0", "5"}},
    {"train", "batch", {"5", P31}},
    {"train", "lr", {"5", "1.5", P31, P63, P64}},
    {"train", "rho", {"0"}},
    {"train", "momentum", {"0"}},
    {"train", "epsilon", {"5", "1.5", P31, P63, P64}},
    {"train", "clip-norm", {"0", "5", "1.5", P31, P63, P64}},
    {"train", "lr-step", {"5"}},
    {"train", "lr-gamma", {NULL}},
    {"train", "lr-plateau", {"5"}},
    {"train", "lr-factor", {NULL}},
    {"train", "min-lr", {"0", "5", "1.5", P31, P63, P64}},
    {"train", "scale", {"5", "1.5", P31}},
    {"train", "seed", {"0", "5", P31, P63}},
    {"train", "limit", {"5", P31}},
    {"train", "validation-split", {"0"}},
    {"train", "patience", {"0", "5"}},
    {"train", "min-delta", {"0", "5", "1.5", P31, P63, P64}},
    {"train", "checkpoint-every", {"5"}},
    {"train", "threads", {"0", "5"}},
    {"train", "verbose", {"0"}},
    {"eval", "min-accuracy", {"0"}},
    {"eval", "mistakes", {"5"}},
    {"eval", "batch", {"5", P31}},
    {"eval", "threads", {"0", "5"}},
    {"predict", "index", {"0", "5", P31, P63}},
    {"predict", "top", {"5"}},
    {"predict", "threads", {"0", "5"}},
    {"show", "index", {"0", "5", P31, P63}},
    {"idx", "index", {"0", "5", P31, P63}},
    {"synth", "train", {"5"}},
    {"synth", "test", {"5"}},
    {"synth", "seed", {"0", "5", P31, P63}},
    {"import", "scale", {"5", "1.5", P31}},
    {"import", "mean", {"-1", "0", "5", "1.5"}},
    {"import", "std", {"5", "1.5"}},
    {"compare", "alpha", {NULL}},
};

enum { OPTIONS = sizeof options / sizeof *options };

/* "--NAME" and "--NAME=VALUE", which outlive the cases. */
static char dashed[OPTIONS][32];

static int of_plateau(const char *name)
{
    return strcmp(name, "--lr-plateau") == 0 ||
           strcmp(name, "--lr-factor") == 0 || strcmp(name, "--min-lr") == 0;
}

/* The rest of the line is right, but for a path that leads nowhere: a number
   that is taken ends there, with status 5. */
static void add(bad_list *list, const char *command, const char *name,
                const char *value, int taken)
{
    bad_case added = {.status = taken ? 5 : 2, .anonymous = 1};
    const char **to = added.arguments;
    *to++ = command;
    if (strcmp(command, "train") == 0) {
        /* So that nothing is idle that goes with these. */
        *to++ = "--lr-schedule";
        *to++ = of_plateau(name) ? "plateau" : "step";
        *to++ = "--patience";
        *to++ = "1";
        *to++ = "--checkpoint";
        *to++ = "kept";
    }
    *to++ = name;
    *to++ = value;
    if (strcmp(command, "idx") == 0) {
        *to++ = "unpack";
        *to++ = "new";
        *to++ = "--images";
        *to++ = "nowhere";
    } else if (strcmp(command, "train") == 0 || strcmp(command, "eval") == 0) {
        *to++ = "--data";
        *to++ = "nowhere";
    } else {
        *to++ = strcmp(command, "synth") == 0 ? "images/nowhere" : "nowhere";
    }
    if (strcmp(command, "eval") == 0 || strcmp(command, "predict") == 0) {
        *to++ = "--weights";
        *to++ = "weights";
    }
    added.words[0] = taken ? "nowhere" : name;
    added.words[1] = taken ? "" : "expected";
    added.words[2] = taken ? "" : value;
    snprintf(added.name, sizeof added.name, "%s %s '%s'", command, name, value);
    bad_add(list, &added);
}

static void each_value(bad_list *list, size_t i)
{
    for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
        int taken = 0;
        for (size_t n = 0; options[i].taken[n]; n++)
            taken |= strcmp(options[i].taken[n], values[v]) == 0;
        add(list, options[i].command, dashed[i], values[v], taken);
    }
}

/* Just out of range, other spellings, ranges. */
static void more_values(bad_list *list)
{
    static const struct {
        const char *arguments[4];
        const char *words[2];
    } rows[] = {
        {{"train", "--epochs", "1000001"}, {"from 0 to 1000000"}},
        {{"train", "--epochs="}, {"--epochs ''"}},
        {{"train", "--epochs=-1"}, {"--epochs -1: expected a whole number"}},
        {{"train", "--batch=4294967296"}, {"from 1 to 4294967295"}},
        {{"train", "-b0"}, {"--batch 0: expected a whole number from 1"}},
        {{"train", "--batch-size", "0"}, {"--batch 0"}},
        {{"train", "-e", "x"}, {"--epochs x"}},
        {{"train", "--seed", "18446744073709551615x"}, {"--seed"}},
        {{"train", "--seed", "99999999999999999999999999999"}, {"--seed"}},
        {{"train", "--verbose", "3"}, {"from 0 to 2"}},
        {{"train", "--threads", "1025"}, {"from 0 to 1024"}},
        {{"train", "--lr", "0"}, {"--lr 0: expected a number above 0"}},
        {{"train", "--learning-rate", "0"}, {"--lr 0"}},
        {{"train", "--lr", "1e39"}, {"--lr 1e39"}},
        {{"train", "--lr", "."}, {"--lr ."}},
        {{"train", "--lr", "1e+"}, {"--lr 1e+"}},
        {{"train", "--lr", "--0.1"}, {"--lr needs a value"}},
        {{"train", "--rho", "1"}, {"of at least 0 and below 1"}},
        {{"train", "--momentum", "1"}, {"below 1"}},
        {{"train", "--epsilon", "1e-31"}, {"--epsilon 1e-31"}},
        {{"train", "--epsilon", "2e30"}, {"--epsilon 2e30"}},
        {{"train", "--scale", "1e19"}, {"--scale 1e19"}},
        {{"train", "--validation-split", "1"}, {"below 1"}},
        {{"train", "--lr-gamma", "1.01"}, {"above 0 and at most 1"}},
        {{"eval", "--min-accuracy", "98"}, {"at most 1"}},
        {{"eval", "--mistakes", "10001"}, {"from 1 to 10000"}},
        {{"predict", "x", "--top", "65537"}, {"from 1 to 65536"}},
        {{"show", "x", "--index", "1:2:3"}, {"--index 1:2:3", "a range"}},
        {{"show", "x", "--index", "-3:"}, {"--index -3:", "a range"}},
        {{"show", "x", "--index", "a:b"}, {"--index a:b", "a range"}},
        {{"show", "x", "--index", "1: 2"}, {"--index 1: 2", "a range"}},
        {{"show", "x", "-n" P64 ":"}, {"--index " P64, "a range"}},
        {{"show", "images", "--index=9:9"}, {"--index 9:9 is empty"}},
        {{"show", "images", "--index=9:8"}, {"--index 9:8 is empty"}},
        {{"show", "images", "--index=100"}, {"holds 100 images", "0 to 99"}},
        {{"show", "images", "-n9:101"}, {"holds 100 images", "0 to 99"}},
        {{"show", "images", "-n18446744073709551614"}, {"holds 100 images"}},
        {{"synth", "x", "--train", "10000001"}, {"from 1 to 10000000"}},
        {{"synth", "x", "--train", "0"}, {"from 1"}},
        {{"compare", "--alpha", "0.6"}, {"at least 1e-06 and at most 0.5"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bad_case added = {.status = 2, .anonymous = 1};
        memcpy(added.arguments, rows[i].arguments, sizeof rows[i].arguments);
        memcpy(added.words, rows[i].words, sizeof rows[i].words);
        snprintf(added.name, sizeof added.name, "%s: %s", rows[i].arguments[0],
                 rows[i].words[0]);
        bad_add(list, &added);
    }
}

void bad_options(bad_list *list)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        snprintf(dashed[i], sizeof dashed[i], "--%s", options[i].name);
        each_value(list, i);
    }
    more_values(list);
}

/* ---- That none is left out ---- */

static int is_known(const char *command, const char *name, size_t length)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if (strcmp(options[i].command, command) == 0 &&
            strlen(options[i].name) == length &&
            memcmp(options[i].name, name, length) == 0)
            return 1;
    return 0;
}

/* Whether "--NAME VALUE" in a help asks for text or, without a value, is a
   flag. */
static int is_text(const char *value, size_t length)
{
    static const char *const words[] = {"",     "FILE",      "DIR",      "NAME",
                                        "WHEN", "NAME|LINE", "ROWSxCOLS"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == length && memcmp(words[i], value, length) == 0)
            return 1;
    return 0;
}

static void check_help(const char *command, const char *help)
{
    /* A line of an option has two letters' room before "--". */
    for (const char *at = help; (at = strchr(at, '\n')); at++) {
        const char *name = at + 7;
        if (strlen(at) < 8 || strncmp(at + 5, "--", 2) != 0 || at[1] != ' ')
            continue;
        size_t length = strcspn(name, " \n");
        const char *value = name + length + (name[length] == ' ');
        size_t value_length = strcspn(value, " \n");
        if (!is_text(value, value_length) && !is_known(command, name, length))
            fail_msg("mnist %s --%.*s has no cases in bad/options.c", command,
                     (int)length, name);
    }
}

void bad_options_are_all(void)
{
    static const char *const commands[] = {
        "train", "eval",    "predict", "show",   "info",    "synth",
        "idx",   "compare", "export",  "import", "generate"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        program p = {0};
        RUN(&p, commands[i], "--help");
        assert_int_equal(p.status, 0);
        check_help(commands[i], p.out);
        program_forget(&p);
    }
}
