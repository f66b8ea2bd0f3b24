/*
 * Picture files, PNG or PNM. What is accepted keeps the limits, and written and
 * read again it is the same; MNIST's form of it is black but for ink of 255. A
 * mutator puts the checksums of PNG right, so that what is behind them is met.
 */
#include "base/file.h"
#include "fuzz/fuzz.h"
#include "support/deflate.h"

#include <mnist/picture.h>
#include <mnist/preprocess.h>

#include <string.h>

enum { FORM = 28, AROUND = 12 };

/* ---- Sealing ---- */

static void store_crc(uint8_t *chunk, size_t data)
{
    mnist_store_be32(chunk + 8 + data, plain_crc32(chunk + 4, 4 + data));
}

/* Puts right checksums into all chunks; a last one that is longer than the
   file is cut to what is there. */
static void seal(uint8_t *bytes, size_t length)
{
    for (size_t at = 8; at < length && length - at >= AROUND;) {
        size_t data = mnist_load_be32(bytes + at);
        if (data > length - at - AROUND) {
            data = length - at - AROUND;
            mnist_store_be32(bytes + at, (uint32_t)data);
        }
        store_crc(bytes + at, data);
        at += AROUND + data;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t room,
                               unsigned seed)
{
    length = LLVMFuzzerMutate(bytes, length, room);
    if (seed & 1 && length > 8 && bytes[0] == 0x89)
        seal(bytes, length);
    return length;
}

/* ---- Checks ---- */

static void check_again(const mnist_picture *picture)
{
    char path[FUZZ_PATH];
    mnist_picture again;
    mnist_error err;
    fuzz_path(path, "again");
    fuzz_require(mnist_picture_write(path, picture->rows, picture->cols,
                                     picture->pixels, &err) == MNIST_OK);
    fuzz_require(mnist_picture_read(&again, path, &err) == MNIST_OK);
    fuzz_require(again.rows == picture->rows && again.cols == picture->cols);
    fuzz_require(
        memcmp(again.pixels, picture->pixels, again.rows * again.cols) == 0);
    mnist_picture_free(&again);
}

static void check_form(const mnist_picture *picture)
{
    uint8_t out[FORM * FORM];
    int most = 0;
    if (!mnist_preprocess(out, FORM, FORM, picture->pixels, picture->rows,
                          picture->cols))
        return;
    for (size_t i = 0; i < sizeof out; i++)
        most = out[i] > most ? out[i] : most;
    fuzz_require(most == 255);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    mnist_picture picture;
    mnist_error err = {.status = MNIST_OK};
    mnist_status status =
        mnist_picture_read(&picture, fuzz_file(bytes, length), &err);
    if (status) {
        fuzz_require_refusal(status, &err);
        return 0;
    }
    fuzz_require(picture.rows >= 1 && picture.rows <= MNIST_PICTURE_SIDE);
    fuzz_require(picture.cols >= 1 && picture.cols <= MNIST_PICTURE_SIDE);
    /* Large ones take long, and are as the small ones are. */
    if (picture.rows * picture.cols <= 1 << 16) {
        check_again(&picture);
        check_form(&picture);
    }
    mnist_picture_free(&picture);
    return 0;
}
