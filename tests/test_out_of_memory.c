/* The program with every allocation failing in turn, once and for good, and
   with threads that cannot be started. */
#include "support/deflate.h"
#include "support/foreign.h"
#include "support/networks.h"
#include "support/program.h"
#include "support/tally.h"
#include "support/trained.h"

#include <mnist/picture.h>

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS = 32, TARGETS = 3 };

#define TRAIN "train", "--data", "data", "-q", "--limit", "64", "-e1"
#define CONV  "conv2d:3:5x5:relu,maxpool:3x3,dropout:0.1,dense:10:softmax"

/* A command, and the files that it replaces. They begin as copies of `kept`
   where that is named. */
typedef struct job {
    const char *words[WORDS];
    const char *targets[TARGETS], *kept;
} job;

static const job jobs[] = {
    {{TRAIN, "--net", TRAINED_NET, "--validation-split", "0.25", "--patience",
      "1", "--momentum", "0.5", "--centered", "--threads", "2", "--checkpoint",
      "c", "--history", "h.csv", "-oo", "--report", "r.html"},
     {"o", "c", "r.html"},
     NULL},
    {{TRAIN, "--net", CONV, "-oo", "--val-images", DATA_TEST_IMAGES,
      "--val-labels", DATA_TEST_LABELS, "--json"},
     {"o"},
     NULL},
    {{TRAIN, "--init", "mnist.safetensors", "-oo"}, {"o"}, NULL},
    {{TRAIN, "--dry-run", "-oo"}, {"o"}, NULL},
    {{"train", "--data", "data", "-q", "--resume", "c", "-e2", "-oo",
      "--history", "h.jsonl"},
     {"o", "c"},
     "kept"},
    {{"eval", "--data", "data", "--confusion", "--per-class", "--mistakes", "3",
      "--report", "r.html"},
     {"r.html"},
     NULL},
    {{"eval", "--images", DATA_TEST_IMAGES, "--labels", "labels.gz", "--json"},
     {NULL},
     NULL},
    {{"predict", DATA_TEST_IMAGES, "--top", "3", "--invert", "--show",
      "--labels", DATA_TEST_LABELS},
     {NULL},
     NULL},
    {{"predict", "-", "--json"}, {NULL}, NULL},
    {{"predict", "pictures/1.png", "pictures/2.png", "--preprocess", "-q",
      "--transpose"},
     {NULL},
     NULL},
    {{"idx", "pack", "pictures", "--images", "packed", "-q"}, {NULL}, NULL},
    {{"idx", "unpack", "new", "--images", DATA_TEST_IMAGES, "-n:3"},
     {NULL},
     NULL},
    {{"show", DATA_TEST_IMAGES, "--labels", "labels.gz", "--invert"},
     {NULL},
     NULL},
    {{"show", DATA_TEST_IMAGES, "--style", "braille"}, {NULL}, NULL},
    {{"info", "mnist.safetensors"}, {NULL}, NULL},
    {{"info", "kept", "--json"}, {NULL}, NULL},
    {{"info", "labels.gz"}, {NULL}, NULL},
    {{"info", "--nets", "--json"}, {NULL}, NULL},
    {{"train", "--help"}, {NULL}, NULL},
    {{"generate", "man"}, {NULL}, NULL},
    {{"generate", "bash"}, {NULL}, NULL},
    {{"generate", "zsh"}, {NULL}, NULL},
    {{"generate", "fish"}, {NULL}, NULL},
    {{"synth", "new", "--train", "3", "--test", "2"}, {NULL}, NULL},
    {{"export", "--html", "o"}, {"o"}, NULL},
    {{"export", "kept", "--onnx", "o", "--npz", "c", "-q"}, {"o", "c"}, NULL},
    {{"export", "--c-header", "o"}, {"o"}, NULL},
    {{"import", "torch", "--out", "o", "--net", CONV, "--mean", "0.1"},
     {"o"},
     NULL},
    {{"import", "chain", "--out", "o"}, {"o"}, NULL},
    {{"compare", "runs", "runs"}, {NULL}, NULL},
    {{"compare", "runs", "runs", "--metric", "seconds", "--json"},
     {NULL},
     NULL},
};

static size_t cases, stride;

/* What a run of a job left. */
typedef struct outcome {
    int status;
    size_t allocations, left;
    char *out, *err, *target[TARGETS];
    size_t length[TARGETS];
} outcome;

static void forget(outcome *o)
{
    free(o->out);
    free(o->err);
    for (size_t i = 0; i < TARGETS; i++)
        free(o->target[i]);
}

/* The files as they are before each run. */
static void prepare(temporary *t, const job *j)
{
    size_t length = 3;
    char *old =
        j->kept ? temporary_read(temporary_path(t, j->kept), &length) : NULL;
    for (size_t i = 0; i < TARGETS && j->targets[i]; i++)
        temporary_write(t, j->targets[i], old ? old : "old", length);
    free(old);
    unlink(temporary_path(t, "h.csv"));
    unlink(temporary_path(t, "h.jsonl"));
    unlink(temporary_path(t, "packed"));
}

static outcome run(temporary *t, const job *j, const char *fail)
{
    size_t length;
    outcome o = {.status = 0};
    /* A file of one image, for the command that reads standard input. */
    char *image = temporary_read(temporary_path(t, "image"), &length);
    program p = {.binary = MNIST_FAILING,
                 .folder = temporary_folder(t),
                 .input = image,
                 .input_length = length,
                 .environment = {"MNIST_FAIL_REPORT", "report",
                                 fail ? "MNIST_FAIL_ALLOCATION" : NULL, fail}};
    prepare(t, j);
    program_run(&p, j->words);
    free(image);
    o.status = p.status;
    o.out = p.out;
    o.err = p.err;
    for (size_t i = 0; i < TARGETS && j->targets[i]; i++)
        o.target[i] =
            temporary_read(temporary_path(t, j->targets[i]), &o.length[i]);
    char *report = temporary_read(temporary_path(t, "report"), &length);
    /* What ended by a signal wrote none. */
    if (sscanf(report, "%zu allocations, %zu left", &o.allocations, &o.left) !=
        2)
        o.left = SIZE_MAX;
    free(report);
    temporary_write(t, "report", "", 0);
    return o;
}

/* Removes the folder that synth or idx made: of a run that failed, it is empty.
 */
static bool remove_folder(temporary *t)
{
    static const char *const names[] = {"new/train-images-idx3-ubyte",
                                        "new/train-labels-idx1-ubyte",
                                        "new/t10k-images-idx3-ubyte",
                                        "new/t10k-labels-idx1-ubyte",
                                        "new/00000.png",
                                        "new/00001.png",
                                        "new/00002.png"};
    bool empty = true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        empty &= unlink(temporary_path(t, names[i])) != 0;
    rmdir(temporary_path(t, "new"));
    return empty;
}

static bool is(const outcome *o, size_t target, const char *text, size_t length)
{
    return o->length[target] == length &&
           memcmp(o->target[target], text, length) == 0;
}

/* Each file is the old or the new one, all of it; one that was to be gone on
   with was read, so it is there. */
static bool targets_are_whole(temporary *t, const job *j, const outcome *o,
                              const outcome *well)
{
    size_t length = 3;
    char *old =
        j->kept ? temporary_read(temporary_path(t, j->kept), &length) : NULL;
    bool whole = true;
    for (size_t i = 0; i < TARGETS && j->targets[i]; i++)
        whole &= is(o, i, well->target[i], well->length[i]) ||
                 (o->status && is(o, i, old ? old : "old", length));
    free(old);
    return whole;
}

/* Exit 6 with one line; or all was done without what there was no memory for:
   a look for left-over files is no reason not to save. */
static const char *fault(temporary *t, const job *j, const outcome *o,
                         const outcome *well)
{
    if (o->status != 0 && o->status != 6)
        return "status";
    if (o->left != 0)
        return "a block was not released";
    if (!targets_are_whole(t, j, o, well))
        return "a file is neither the old one nor the new one";
    if (o->status == 0)
        return o->err[0] == '\0' && (strstr(well->out, "seconds") ||
                                     strcmp(o->out, well->out) == 0)
                   ? NULL
                   : "it did something else";
    if (count_lines(o->err) != 1 || strncmp(o->err, "mnist: ", 7) != 0 ||
        !strstr(o->err, "memory"))
        return "not one line that tells it";
    return NULL;
}

static void fail_each(temporary *t, const job *j)
{
    outcome well = run(t, j, NULL);
    if (well.status != 0 || well.left != 0)
        fail_msg("%s: status %d, %zu blocks left, %s", j->words[0], well.status,
                 well.left, well.err);
    remove_folder(t);
    size_t files = temporary_count(t), tried = 0, refused = 0;
    for (size_t n = 0; n < 2 * well.allocations; n++) {
        char which[32];
        if (n % stride != 0)
            continue;
        snprintf(which, sizeof which, "%zu%s", n / 2, n % 2 ? "+" : "");
        outcome o = run(t, j, which);
        const char *what = fault(t, j, &o, &well);
        if (!remove_folder(t) && o.status)
            what = "a part of a folder is left";
        if (!j->kept && temporary_count(t) > files)
            what = "a file is left";
        if (what)
            fail_msg("%s, job %zu, allocation %s of %zu: %s; status %d, %s",
                     j->words[0], (size_t)(j - jobs), which, well.allocations,
                     what, o.status, o.err);
        refused += o.status == 6;
        tried++;
        forget(&o);
    }
    /* What can be done without is the exception. */
    assert_true(refused >= tried / 2);
    cases += tried;
    forget(&well);
}

static void test_every_allocation(void **state)
{
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++)
        fail_each(*state, &jobs[i]);
}

/* A system that starts few threads or none gets the same bytes from those that
   it has. */
static void test_threads_that_do_not_start(void **state)
{
    static const char *const left[] = {"0", "1", "2", "6"};
    temporary *t = *state;
    program p = {.binary = MNIST_FAILING, .folder = temporary_folder(t)};
    RUN_WELL(t, TRAIN, "--net", CONV, "--threads", "8", "-owhole");
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        p.environment[0] = "MNIST_FAIL_THREAD";
        p.environment[1] = left[i];
        RUN(&p, TRAIN, "--net", CONV, "--threads", "8", "-opart");
        assert_int_equal(p.status, 0);
        assert_string_equal(p.err, "");
        program_forget(&p);
        assert_same_bytes(t, "whole", "part");
        RUN(&p, "eval", "-d", "data", "--threads", "3", "part");
        assert_int_equal(p.status, 0);
        program_forget(&p);
        cases += 2;
    }
}

/* Files of PyTorch, of a network that has to be named and of one that has not.
 */
static void write_foreign(temporary *t)
{
    static const char *const names[] = {"0.weight", "0.bias", "4.weight",
                                        "4.bias"};
    mnist_network *net = make_network(CONV, 28, 28, 255, 1);
    foreign_pytorch(t, "torch", net, names);
    mnist_network_free(net);
    net = make_network(TRAINED_NET, 28, 28, 255, 1);
    foreign_pytorch(t, "chain", net, names);
    mnist_network_free(net);
}

/* Labels as gzip, one image for standard input, a checkpoint to go on with. */
#define DONE "{\"version\":1,\"command\":\"train\",\"event\":\"done\","

/* Labels as gzip, one image for standard input, what two runs told, a
   checkpoint to go on with. */
static int setup(void **state)
{
    static const char runs[] =
        DONE "\"seed\":1,\"seconds\":1,\"test\":{\"accuracy\":0.5}}\n" DONE
             "\"seed\":2,\"seconds\":2,\"test\":{\"accuracy\":0.6}}\n";
    static char wide[100000];
    size_t length;
    if (trained_setup(state) != 0)
        return -1;
    temporary *t = *state;
    char *labels = temporary_read(temporary_path(t, DATA_TEST_LABELS), &length);
    uint8_t *packed = malloc(gzip_stored_room(length));
    temporary_write(t, "labels.gz", packed,
                    gzip_stored(packed, labels, length));
    free(packed);
    free(labels);
    char *images = temporary_read(temporary_path(t, DATA_TEST_IMAGES), &length);
    memcpy(images + 4, (const char[]){0, 0, 0, 1}, 4);
    temporary_write(t, "image", images, 16 + 784);
    temporary_mkdir(t, "pictures");
    for (size_t i = 1; i < 3; i++) {
        const char *path =
            temporary_path(t, i == 1 ? "pictures/1.png" : "pictures/2.png");
        const uint8_t *pixels = (const uint8_t *)images + 16 + 784 * i;
        assert_int_equal(mnist_picture_write(path, 28, 28, pixels, NULL), 0);
    }
    free(images);
    temporary_write(t, "report", "", 0);
    /* With a line that does not fit into what is read at once. */
    memset(wide, ' ', sizeof wide);
    memcpy(wide, runs, sizeof runs - 1);
    memcpy(wide + sizeof wide - sizeof runs, runs, sizeof runs - 1);
    temporary_write(t, "runs", wide, sizeof wide - 1);
    RUN_WELL(t, TRAIN, "--net", TRAINED_NET, "--checkpoint", "kept", "-oo");
    write_foreign(t);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_allocation),
        cmocka_unit_test(test_threads_that_do_not_start),
    };
    stride = tally_stride_most("out-of-memory", 13);
    int failed = cmocka_run_group_tests(tests, setup, temporary_teardown);
    printf("reliability: out-of-memory: %zu cases, %d failures\n", cases,
           failed);
    return failed;
}
