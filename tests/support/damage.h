/*
 * Damage by machine: a file on which a reader must fail, in one process and
 * very often. Of each refusal it is checked that
 *
 *     the status is the one that is promised, the error's too,
 *     the message is one line that begins with the file's path,
 *     it took at most 100 ms of work,
 *     it asked for at most 2 x the file's size + 1 MiB of memory;
 *
 * which needs a program of WRAPPED in tests/CMakeLists.txt. A file is changed
 * in place, which is as fast as memory.
 */
#ifndef SUPPORT_DAMAGE_H
#define SUPPORT_DAMAGE_H

#include "support/tally.h"
#include "support/temporary.h"

#include <mnist/error.h>

#include <stddef.h>
#include <stdint.h>

/* Returns MNIST_OK, with nothing to release, if the file is accepted. */
typedef mnist_status damage_reader(const char *path, void *user,
                                   mnist_error *err);

typedef struct damage {
    tally count;
    size_t stride; /* one case in so many is run; 0: as 1 */
    /* What the reader must answer; accepting is fine too if `harmless`: the
       reader then answers otherwise if it read anything but what was right. */
    damage_reader *read;
    void *user;
    mnist_status refusal;
    bool harmless;
    /* The file. */
    const char *path;
    const uint8_t *bytes;
    size_t length;
    int fd;
    /* What came of it. */
    size_t met, accepted, most_bytes;
    double slowest;
} damage;

/* Writes the file that is to be damaged, and fails the running test if it is
   not accepted as it is. The bytes are lent until damage_end. */
void damage_begin(damage *d, temporary *t, const char *name,
                  const uint8_t *bytes, size_t length);

/* Checks that the file is as it was, and accepted again, and closes it. */
void damage_end(damage *d);

/* One case of what stands in the file now; `length` is that of the file. */
void damage_case(damage *d, size_t length, const char *what, size_t at,
                 unsigned with);

/* Whole series. Cuts at each length below its own; bytes added at its end; the
   bytes begin .. end-1, each with every value of changes[] by xor. */
void damage_cuts(damage *d);
void damage_added(damage *d);
void damage_bytes(damage *d, size_t begin, size_t end, const uint8_t *changes,
                  size_t count);

/* All 255 of them. */
extern const uint8_t damage_all[255];

/* Another file of its own, which need not be right. */
void damage_file(damage *d, temporary *t, const char *name, const void *bytes,
                 size_t length);

/* Prints what was needed at most, and the tally's line. */
void damage_report(const damage *d);

/* Takes over the counts of another series. */
void damage_add(damage *d, const damage *other);

/* Readers of this project's own files; user is NULL. */
damage_reader damage_read_idx, damage_read_weights;

#endif
