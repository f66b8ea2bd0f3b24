#include "support/damage.h"

#include "support/allocations.h"

#include <mnist/idx.h>
#include <mnist/weights.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

/* What the documents promise; sanitizers need many times as much. */
#if MNIST_SANITIZED
static const double most_seconds = 5;
#else
static const double most_seconds = 0.1;
#endif
enum { MEBIBYTE = 1 << 20 };

#define BYTE4(b)  b, b + 1, b + 2, b + 3
#define BYTE16(b) BYTE4(b), BYTE4(b + 4), BYTE4(b + 8), BYTE4(b + 12)
#define BYTE64(b) BYTE16(b), BYTE16(b + 16), BYTE16(b + 32), BYTE16(b + 48)

const uint8_t damage_all[255] = {
    BYTE64(1),  BYTE64(65), BYTE64(129), BYTE16(193), BYTE16(209), BYTE16(225),
    BYTE4(241), BYTE4(245), BYTE4(249),  253,         254,         255};

/* Of this thread alone: other processes do not count. */
static double work(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool is_told(const damage *d, const char *path, mnist_status status,
                    const mnist_error *err)
{
    return status == d->refusal && err->status == status &&
           strncmp(err->message, path, strlen(path)) == 0 &&
           !strchr(err->message, '\n');
}

static mnist_status read_timed(const damage *d, const char *path,
                               mnist_error *err, double *seconds)
{
    double begin = work();
    mnist_status status = d->read(path, d->user, err);
    *seconds = work() - begin;
    return status;
}

/* A virtual machine may be stopped in the middle of it, and its clocks do not
   know: what takes too long is read again, and the quickest time counts. */
static double read_again(const damage *d, const char *path, double seconds)
{
    enum { TIMES = 5 };
    for (size_t i = 0; i < TIMES && seconds > most_seconds; i++) {
        mnist_error err;
        double again;
        (void)read_timed(d, path, &err, &again);
        seconds = again < seconds ? again : seconds;
    }
    return seconds;
}

static void check(damage *d, const char *path, size_t length, const char *what,
                  size_t at, unsigned with)
{
    mnist_error err = {.status = MNIST_OK};
    double seconds;
    size_t before = allocations_bytes();
    mnist_status status = read_timed(d, path, &err, &seconds);
    size_t bytes = allocations_bytes() - before;
    seconds = read_again(d, path, seconds);
    bool fine =
        status == MNIST_OK ? d->harmless : is_told(d, path, status, &err);
    bool bounded = bytes <= 2 * length + MEBIBYTE && seconds <= most_seconds;

    if (bytes > d->most_bytes)
        d->most_bytes = bytes;
    if (seconds > d->slowest)
        d->slowest = seconds;
    d->accepted += status == MNIST_OK;
    tally_case(&d->count, fine && bounded,
               "%s %zu, %02x: status %d, %zu bytes, %.3f s: %s", what, at, with,
               (int)status, bytes, seconds, err.message);
}

void damage_case(damage *d, size_t length, const char *what, size_t at,
                 unsigned with)
{
    if (d->stride > 1 && d->met++ % d->stride != 0)
        return;
    check(d, d->path, length, what, at, with);
}

static void expect_right(const damage *d)
{
    mnist_error err = {.status = MNIST_OK};
    mnist_status status = d->read(d->path, d->user, &err);
    if (status != MNIST_OK)
        fail_msg("undamaged: %s", err.message);
}

void damage_begin(damage *d, temporary *t, const char *name,
                  const uint8_t *bytes, size_t length)
{
    d->path = temporary_write(t, name, bytes, length);
    d->bytes = bytes;
    d->length = length;
    d->fd = open(d->path, O_WRONLY | O_CLOEXEC);
    assert_true(d->fd >= 0);
    expect_right(d);
}

void damage_end(damage *d)
{
    expect_right(d);
    assert_int_equal(close(d->fd), 0);
}

static void put(const damage *d, size_t at, const uint8_t *bytes, size_t count)
{
    assert_int_equal(pwrite(d->fd, bytes, count, (off_t)at), count);
}

void damage_cuts(damage *d)
{
    for (size_t length = d->length; length-- > 0;) {
        assert_int_equal(ftruncate(d->fd, (off_t)length), 0);
        damage_case(d, length, "cut to", length, 0);
    }
    put(d, 0, d->bytes, d->length);
}

void damage_added(damage *d)
{
    static const size_t more[] = {1, 4, 8, 4096};
    static const uint8_t with[4096] = {0};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        put(d, d->length, with, more[i]);
        damage_case(d, d->length + more[i], "added", more[i], 0);
    }
    assert_int_equal(ftruncate(d->fd, (off_t)d->length), 0);
}

void damage_bytes(damage *d, size_t begin, size_t end, const uint8_t *changes,
                  size_t count)
{
    for (size_t at = begin; at < end; at++) {
        for (size_t i = 0; i < count; i++) {
            uint8_t byte = d->bytes[at] ^ changes[i];
            put(d, at, &byte, 1);
            damage_case(d, d->length, "byte", at, byte);
        }
        put(d, at, d->bytes + at, 1);
    }
}

void damage_file(damage *d, temporary *t, const char *name, const void *bytes,
                 size_t length)
{
    if (d->stride > 1 && d->met++ % d->stride != 0)
        return;
    check(d, temporary_write(t, "damaged", bytes, length), length, name, 0, 0);
}

void damage_add(damage *d, const damage *other)
{
    d->count.cases += other->count.cases;
    d->count.failures += other->count.failures;
    d->accepted += other->accepted;
    if (other->most_bytes > d->most_bytes)
        d->most_bytes = other->most_bytes;
    if (other->slowest > d->slowest)
        d->slowest = other->slowest;
}

void damage_report(const damage *d)
{
    printf("%s: at most %.1f KiB of memory asked for and %.2f ms of work each",
           d->count.name, (double)d->most_bytes / 1024, d->slowest * 1e3);
    if (d->accepted)
        printf("; %zu read as what is right", d->accepted);
    putchar('\n');
    tally_report(&d->count);
}

mnist_status damage_read_idx(const char *path, void *user, mnist_error *err)
{
    mnist_idx idx, untouched;
    (void)user;
    memset(&idx, 0xa5, sizeof idx);
    memcpy(&untouched, &idx, sizeof idx);
    mnist_status status = mnist_idx_read(&idx, path, err);
    if (status == MNIST_OK)
        mnist_idx_free(&idx);
    else
        assert_memory_equal(&idx, &untouched, sizeof idx);
    return status;
}

mnist_status damage_read_weights(const char *path, void *user, mnist_error *err)
{
    mnist_network *net = NULL;
    mnist_notes *notes = NULL;
    (void)user;
    mnist_status status = mnist_weights_load(&net, &notes, path, err);
    if (status != MNIST_OK && (net || notes))
        fail_msg("refused, but something was handed out");
    mnist_network_free(net);
    mnist_notes_free(notes);
    return status;
}
