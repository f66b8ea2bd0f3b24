/*
 * gzip data. What is accepted, packed anew, gives the same; the room that is
 * there changes nothing but where it ends; zlib, where the machine has it, says
 * the same of every input. An IDX file in it has the size that it promises.
 */
#include "base/crc32.h"
#include "base/file.h"
#include "data/gunzip.h"
#include "data/inflate.h"
#include "fuzz/fuzz.h"
#include "support/deflate.h"

#include <mnist/idx.h>

#include <stdlib.h>
#include <string.h>

#ifdef FUZZ_ZLIB
#include <zlib.h>
#endif

enum { ROOM = 1 << 16, HEADER = 10, TRAILER = 8 };

/* ---- Sealing: half of the inputs get a right checksum and length ---- */

/* Where the deflate data of a member begin, or 0. */
static size_t skip_header(const uint8_t *in, size_t length)
{
    size_t at = HEADER;
    if (length < HEADER || in[0] != 0x1f || in[1] != 0x8b)
        return 0;
    if (in[3] & 4)
        at += at + 2 <= length ? 2 + (in[at] | (size_t)in[at + 1] << 8) : 2;
    for (unsigned flag = 8; flag <= 16; flag *= 2)
        if (in[3] & flag) {
            while (at < length && in[at])
                at++;
            at++;
        }
    at += in[3] & 2 ? 2 : 0;
    return at <= length ? at : 0;
}

/* Puts right trailers behind all members that inflate. */
static size_t seal(uint8_t *in, size_t length, size_t room)
{
    static uint8_t out[ROOM];
    size_t begin = 0, skipped;
    while ((skipped = skip_header(in + begin, length - begin))) {
        mnist_inflated inflated;
        size_t at = begin + skipped;
        if (mnist_inflate(&inflated, in + at, length - at, out, ROOM,
                          MNIST_INFLATE_IDLE) != MNIST_INFLATE_DONE)
            break;
        at += inflated.consumed;
        if (at + TRAILER > room)
            break;
        uint64_t size = inflated.produced;
        mnist_store_le64(in + at,
                         size << 32 | mnist_crc32(0, out, inflated.produced));
        begin = at + TRAILER;
        if (begin > length)
            length = begin;
    }
    return length;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t room,
                               unsigned seed)
{
    length = LLVMFuzzerMutate(bytes, length, room);
    return seed & 1 ? seal(bytes, length, room) : length;
}

/* ---- Checks ---- */

#ifdef FUZZ_ZLIB
/* Unpacks as gunzip(1) does: members one after the other, and nothing behind
   them. Returns whether all was right; *full: there was more than room for. */
static int zlib_gunzip(const uint8_t *in, size_t length, uint8_t *out,
                       size_t *produced, int *full)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)in,
                  .avail_in = (uInt)length,
                  .next_out = out,
                  .avail_out = ROOM};
    int end;
    fuzz_require(inflateInit2(&z, 16 + 15) == Z_OK);
    do {
        end = inflate(&z, Z_FINISH);
    } while (end == Z_STREAM_END && z.avail_in > 0 &&
             mnist_gunzip_is(z.next_in, z.avail_in) &&
             inflateReset(&z) == Z_OK);
    *produced = ROOM - z.avail_out;
    *full = z.avail_out == 0;
    int right = end == Z_STREAM_END && z.avail_in == 0;
    inflateEnd(&z);
    return right;
}

static void compare(const uint8_t *in, size_t length, mnist_status status,
                    const uint8_t *got, size_t produced)
{
    static uint8_t expected[ROOM];
    size_t count;
    int full, right = zlib_gunzip(in, length, expected, &count, &full);
    if (full)
        return;
    fuzz_require(right == (status == MNIST_OK));
    fuzz_require(!right ||
                 (count == produced && memcmp(expected, got, produced) == 0));
}
#else
static void compare(const uint8_t *in, size_t length, mnist_status status,
                    const uint8_t *got, size_t produced)
{
    (void)in, (void)length, (void)status, (void)got, (void)produced;
}
#endif

/* The same with another room, in a block that is not a byte larger. */
static void check_room(const uint8_t *in, size_t length, const uint8_t *whole,
                       size_t produced, size_t room)
{
    uint8_t *out = malloc(room ? room : 1);
    mnist_error err = {.status = MNIST_OK};
    size_t got;
    bool more;
    fuzz_require(out);
    fuzz_require(mnist_gunzip("x", in, length, out, room, &got, &more, &err) ==
                 MNIST_OK);
    fuzz_require(more == (room < produced));
    fuzz_require(got == (room < produced ? room : produced));
    fuzz_require(memcmp(out, whole, got) == 0);
    free(out);
}

static void check_repacked(const uint8_t *whole, size_t produced)
{
    static uint8_t out[ROOM];
    uint8_t *packed = malloc(gzip_stored_room(produced));
    mnist_error err = {.status = MNIST_OK};
    size_t got;
    bool more;
    fuzz_require(packed);
    size_t length = gzip_stored(packed, whole, produced);
    fuzz_require(mnist_gunzip("x", packed, length, out, ROOM, &got, &more,
                              &err) == MNIST_OK);
    fuzz_require(!more && got == produced);
    fuzz_require(memcmp(out, whole, got) == 0);
    free(packed);
}

/* The IDX file that is packed: refused, or what the unpacked bytes are. */
static void check_idx(const uint8_t *in, size_t length, const uint8_t *whole,
                      size_t produced)
{
    mnist_idx idx;
    mnist_error err = {.status = MNIST_OK};
    mnist_status status = mnist_idx_read(&idx, fuzz_file(in, length), &err);
    if (status) {
        fuzz_require_refusal(status, &err);
        return;
    }
    size_t header = 4 + 4 * (size_t)idx.dims;
    if (whole) {
        fuzz_require(produced == header + idx.count);
        fuzz_require(memcmp(idx.data, whole + header, idx.count) == 0);
    } else {
        fuzz_require(header + idx.count > ROOM);
    }
    mnist_idx_free(&idx);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static uint8_t whole[ROOM];
    mnist_error err = {.status = MNIST_OK};
    size_t produced;
    bool more = false;
    mnist_status status =
        mnist_gunzip("x", bytes, length, whole, ROOM, &produced, &more, &err);
    fuzz_require(produced <= ROOM);
    if (status)
        fuzz_require_refusal(status, &err);
    if (status || !more)
        compare(bytes, length, status, whole, produced);
    if (status) {
        if (mnist_gunzip_is(bytes, length))
            fuzz_require(mnist_idx_read(&(mnist_idx){0},
                                        fuzz_file(bytes, length),
                                        &err) != MNIST_OK);
        return 0;
    }
    if (!more) {
        check_room(bytes, length, whole, produced, produced);
        check_room(bytes, length, whole, produced, produced / 2);
        check_repacked(whole, produced);
    }
    check_idx(bytes, length, more ? NULL : whole, produced);
    return 0;
}
