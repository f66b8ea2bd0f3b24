/*
 * Reading a file while reads fail, while someone cuts or lengthens it, and
 * while memory runs out: at each read and each allocation in turn. What is read
 * is the file as it was, or an error with the right status that names the file.
 */
#include <mnist/exchange.h>
#include <mnist/idx.h>
#include <mnist/runs.h>
#include <mnist/weights.h>

#include "support/allocations.h"
#include "support/deflate.h"
#include "support/foreign.h"
#include "support/networks.h"
#include "support/reads.h"
#include "support/temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Large enough that memory for a pipe must grow. */
enum { LABELS = 70000, RUNS = 70, LONG_LINE = 100000 };
#define WIDE "dense:9000:relu,dense:3:softmax"
#define CONV "conv2d:2:3x3:relu,maxpool:2x2,dense:3:softmax"

static mnist_error err;
static int cases;

/* ---- What is read ---- */

typedef struct reader {
    const char *name; /* of the file */
    mnist_status (*read)(const char *path);
    mnist_status refused; /* the status of a bad file */
} reader;

static mnist_status read_labels(const char *path)
{
    mnist_idx idx;
    mnist_status status = mnist_idx_read(&idx, path, &err);
    if (status != MNIST_OK)
        return status;
    assert_true(idx.count == LABELS || idx.count == 1);
    assert_int_equal(idx.data[idx.count - 1], 7);
    mnist_idx_free(&idx);
    return status;
}

/* The middle one of three images. */
static mnist_status read_image(const char *path)
{
    mnist_idx idx;
    mnist_status status = mnist_idx_read_range(&idx, path, 1, 2, &err);
    if (status != MNIST_OK)
        return status;
    assert_int_equal(idx.size[0], 3);
    assert_memory_equal(idx.data + 4, "5678", 4);
    mnist_idx_free(&idx);
    return status;
}

static mnist_status read_weights(const char *path)
{
    mnist_network *net = NULL;
    mnist_notes *notes = NULL;
    mnist_status status = mnist_weights_load(&net, &notes, path, &err);
    if (status != MNIST_OK) {
        assert_null(net);
        assert_null(notes);
        return status;
    }
    assert_string_equal(mnist_notes_get(notes, 0)->value, "by hand");
    mnist_notes_free(notes);
    mnist_network_free(net);
    return status;
}

static mnist_status read_import(const char *path)
{
    mnist_network *net = NULL;
    mnist_import_report report;
    mnist_import_options options = mnist_import_defaults();
    options.line = CONV;
    options.rows = options.cols = 8;
    mnist_status status = mnist_import(&net, path, &options, &report, &err);
    assert_int_equal(status == MNIST_OK, net != NULL);
    if (status == MNIST_OK)
        assert_int_equal(report.count, 4);
    mnist_network_free(net);
    return status;
}

static mnist_status read_runs(const char *path)
{
    mnist_runs runs;
    mnist_status status = mnist_runs_read(&runs, path, "test_accuracy", &err);
    if (status != MNIST_OK)
        return status;
    assert_int_equal(runs.count, RUNS);
    assert_true(runs.run[RUNS - 1].value == 0.5);
    mnist_runs_free(&runs);
    return status;
}

static const reader readers[] = {
    {"labels", read_labels, MNIST_ERROR_DATA},
    {"label", read_labels, MNIST_ERROR_DATA},
    {"labels.gz", read_labels, MNIST_ERROR_DATA},
    {"images", read_image, MNIST_ERROR_DATA},
    {"weights", read_weights, MNIST_ERROR_WEIGHTS},
    {"import", read_import, MNIST_ERROR_WEIGHTS},
};
enum { READERS = sizeof readers / sizeof *readers };

/* Lines are read one after the other: cut behind one, it is a file of fewer. */
static const reader lines = {"runs", read_runs, MNIST_ERROR_DATA};

/* More runs than there is room for at first, and one that is long. */
static void write_runs(temporary *t)
{
    static const char end[] = "\"command\":\"train\",\"event\":\"done\","
                              "\"test\":{\"accuracy\":0.5}}\n";
    FILE *file = fopen(temporary_path(t, "runs"), "wb");
    assert_non_null(file);
    for (int i = 0; i < RUNS; i++)
        fprintf(file, "{\"version\":1,%*s%s", i == 1 ? LONG_LINE : 0, "", end);
    assert_int_equal(fclose(file), 0);
}

/* A network with a layer that has no tensors. */
static void write_import(temporary *t)
{
    static const char *const names[] = {"0.weight", "0.bias", "3.weight",
                                        "3.bias"};
    mnist_network *net = make_network(CONV, 8, 8, 255, 1);
    foreign_pytorch(t, "import", net, names);
    mnist_network_free(net);
}

static int write_files(void **state)
{
    static uint8_t labels[8 + LABELS] = {0, 0, 8, 1, 0, 1, 0x11, 0x70};
    static const uint8_t label[] = {0, 0, 8, 1, 0, 0, 0, 1, 7};
    static const uint8_t images[] = "\0\0\10\3\0\0\0\3\0\0\0\2\0\0\0\2"
                                    "1234567890ab";
    static uint8_t packed[LABELS + 100];
    if (temporary_setup(state) != 0)
        return -1;
    memset(labels + 8, 7, LABELS);
    temporary_write(*state, "labels", labels, sizeof labels);
    temporary_write(*state, "label", label, sizeof label);
    temporary_write(*state, "images", images, sizeof images - 1);
    temporary_write(*state, "labels.gz", packed,
                    gzip_stored(packed, labels, sizeof labels));
    write_runs(*state);
    write_import(*state);
    mnist_network *net = make_network(WIDE, 6, 5, 255, 1);
    const mnist_note note = {"made", "by hand"};
    mnist_status status = mnist_weights_save(
        net, temporary_path(*state, "weights"), &note, 1, NULL);
    mnist_network_free(net);
    return status == MNIST_OK ? 0 : -1;
}

/* ---- How it is read ---- */

/* Through a pipe, which `cat` fills, or as a file. */
static mnist_status read_by(const reader *r, temporary *t, int by_pipe)
{
    const char *path = temporary_path(t, r->name);
    char end[32];
    int ends[2], result;
    memset(&err, 0, sizeof err);
    cases++;
    if (!by_pipe)
        return r->read(path);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execlp("cat", "cat", path, (char *)NULL);
        _exit(1);
    }
    close(ends[1]);
    snprintf(end, sizeof end, "/dev/fd/%d", ends[0]);
    mnist_status status = r->read(end);
    close(ends[0]);
    assert_int_equal(waitpid(child, &result, 0), child);
    return status;
}

static void expect(const reader *r, mnist_status got, mnist_status wanted,
                   const char *what)
{
    if (got != wanted)
        fail_msg("%s, %s: status %d, expected %d: %s", r->name, what, (int)got,
                 (int)wanted, err.message);
    if (got == MNIST_OK)
        return;
    assert_int_equal(err.status, got);
    /* Some memory is for no file in particular. */
    assert_true(got == MNIST_ERROR_MEMORY
                    ? strstr(err.message, "out of memory") != NULL
                    : strncmp(err.message, "/dev/fd/", 8) == 0 ||
                          strstr(err.message, r->name));
}

static void whole_files_are_read(void **state)
{
    for (size_t i = 0; i < READERS; i++)
        for (int by_pipe = 0; by_pipe < 2; by_pipe++)
            expect(&readers[i], read_by(&readers[i], *state, by_pipe), MNIST_OK,
                   "whole");
}

/* What must come of a fault that happened. */
static mnist_status outcome(const reader *r, read_fault fault)
{
    switch (fault) {
    case READ_FAILS:
        return MNIST_ERROR_SYSTEM;
    case READ_ENDS:
    case READ_GOES_ON:
        return r->refused;
    default:
        return MNIST_OK;
    }
}

static void every_read_goes_wrong(void **state)
{
    static const char *const what[READ_FAULTS] = {
        "a failing read", "an interruption", "a file cut", "a file lengthened",
        "a byte at a time"};
    for (size_t i = 0; i < READERS; i++)
        for (int by_pipe = 0; by_pipe < 2; by_pipe++)
            for (int fault = 0; fault < READ_FAULTS; fault++) {
                const reader *r = &readers[i];
                size_t n = 0;
                for (int happened = 1; happened; n++) {
                    reads_fail((read_fault)fault, n);
                    mnist_status status = read_by(r, *state, by_pipe);
                    happened = reads_failed() && fault != READ_GOES_ON;
                    mnist_status wanted = reads_failed()
                                              ? outcome(r, (read_fault)fault)
                                              : MNIST_OK;
                    /* The look beyond the end of a file finds the end. */
                    if (fault == READ_ENDS && status == MNIST_OK)
                        wanted = MNIST_OK;
                    reads_fail(READ_FAILS, SIZE_MAX);
                    expect(r, status, wanted, what[fault]);
                }
                assert_true(fault == READ_GOES_ON || n > 2);
            }
}

static void fail_allocations(temporary *t, const reader *r)
{
    for (int by_pipe = 0; by_pipe < 2; by_pipe++) {
        size_t n = 0;
        for (int failed = 1; failed; n++) {
            allocations_fail(n);
            mnist_status status = read_by(r, t, by_pipe);
            failed = allocations_failed();
            allocations_fail(SIZE_MAX);
            expect(r, status, failed ? MNIST_ERROR_MEMORY : MNIST_OK,
                   "no memory");
        }
        assert_true(n > 1);
    }
}

static void every_allocation_fails(void **state)
{
    for (size_t i = 0; i < READERS; i++)
        fail_allocations(*state, &readers[i]);
    fail_allocations(*state, &lines);
}

/* A promise that the file's size refutes is refused before memory is taken for
   it: none is to be had but for `before` blocks. */
static void expect_promise_refused(temporary *t, const reader *r,
                                   const void *bytes, size_t length,
                                   size_t before)
{
    temporary_write(t, r->name, bytes, length);
    allocations_fail(before);
    mnist_status status = read_by(r, t, 0);
    allocations_fail(SIZE_MAX);
    expect(r, status, r->refused, "a promise");
}

static void promises_take_no_memory(void **state)
{
    static const uint8_t labels[64] = {0, 0, 8, 1, 0x7f, 0, 0, 0};
    static const uint8_t weights[64] = {0, 0, 8, 0, 0, 0, 0, 0, '{'};
    static const reader idx = {"large", read_labels, MNIST_ERROR_DATA};
    static const reader safetensors = {"large", read_weights,
                                       MNIST_ERROR_WEIGHTS};
    uint8_t packed[128];
    size_t length = gzip_stored(packed, labels, sizeof labels);
    expect_promise_refused(*state, &idx, labels, sizeof labels, 0);
    /* One is for what is compressed; one for the table of tensors. */
    expect_promise_refused(*state, &idx, packed, length, 1);
    expect_promise_refused(*state, &safetensors, weights, sizeof weights, 1);
    /* More gzip than is read at all; a hole, which takes no room on the disk.
     */
    const char *path = temporary_write(*state, "large", packed, length);
    assert_int_equal(truncate(path, ((off_t)1 << 31) + 1), 0);
    allocations_fail(0);
    mnist_status status = read_by(&idx, *state, 0);
    allocations_fail(SIZE_MAX);
    expect(&idx, status, MNIST_ERROR_DATA, "2 GiB of gzip");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_files_are_read),
        cmocka_unit_test(every_read_goes_wrong),
        cmocka_unit_test(every_allocation_fails),
        cmocka_unit_test(promises_take_no_memory),
    };
    int failed = cmocka_run_group_tests(tests, write_files, temporary_teardown);
    printf("reliability: read-faults: %d cases, %d failures\n", cases, failed);
    return failed;
}
