/* Digits by seed: which digit, in which way, with what ink; and whole data
   folders of them. The shapes are in strokes.h, the variation in hand.h, the
   drawing in pen.h. */
#include <mnist/synth.h>

#include "base/file.h"
#include "base/memory.h"
#include "data/hand.h"
#include "data/pen.h"
#include "data/strokes.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <mnist/random.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIDE_MIN 8
#define SIDE_MAX 256

static bool size_fits(size_t rows, size_t cols)
{
    return rows >= SIDE_MIN && rows <= SIDE_MAX && cols >= SIDE_MIN &&
           cols <= SIDE_MAX;
}

static const mnist_shape *choose_shape(mnist_random *r, unsigned digit)
{
    size_t count;
    const mnist_shape *shapes = mnist_shapes(digit, &count);
    uint32_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += shapes[i].weight;
    uint32_t ticket = mnist_random_below(r, total);
    while (ticket >= shapes->weight)
        ticket -= shapes++->weight;
    return shapes;
}

/* Paper takes ink unevenly; where there is none it stays clean. */
static void roughen(uint8_t *pixels, size_t count, mnist_random *r)
{
    float depth = mnist_hand_uniform(r, 0.0f, 0.15f);
    for (size_t i = 0; i < count; i++)
        if (pixels[i]) {
            float loss = mnist_random_float(r);
            loss *= loss * depth;
            pixels[i] = (uint8_t)((float)pixels[i] * (1.0f - loss) + 0.5f);
        }
}

uint8_t mnist_synth_digit(uint8_t *pixels, size_t rows, size_t cols,
                          uint64_t seed, uint64_t index)
{
    mnist_random r = mnist_random_stream(seed, MNIST_RANDOM_SYNTH, index);
    unsigned digit = mnist_random_below(&r, 10);
    const mnist_shape *shape = choose_shape(&r, digit);
    mnist_pen_point points[MNIST_HAND_POINTS];
    size_t count = mnist_hand_write(points, shape, rows, cols, &r);

    mnist_pen_paper paper = {.pixels = pixels, .rows = rows, .cols = cols};
    paper.soft = mnist_hand_uniform(&r, 0.9f, 1.5f);
    paper.ink = mnist_hand_uniform(&r, 245.0f, 330.0f);
    memset(pixels, 0, rows * cols);
    mnist_pen_draw(&paper, points, count);
    roughen(pixels, rows * cols, &r);
    return (uint8_t)digit;
}

mnist_status mnist_synth_dataset(mnist_dataset *out, size_t count, size_t rows,
                                 size_t cols, uint64_t seed, uint64_t first,
                                 mnist_error *err)
{
    if (count == 0)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "0 digits asked for, expected at least 1");
    if (!size_fits(rows, cols))
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "digits of %zux%zu pixels asked for, expected sides "
                          "of %d to %d",
                          rows, cols, SIDE_MIN, SIDE_MAX);

    uint8_t *pixels = mnist_alloc(count, rows * cols);
    uint8_t *labels = pixels ? mnist_alloc(count, 1) : NULL;
    if (!labels) {
        mnist_free(pixels);
        return mnist_fail(err, MNIST_ERROR_MEMORY,
                          "no memory for %zu digits of %zux%zu pixels", count,
                          rows, cols);
    }
    uint8_t largest = 0;
    for (size_t i = 0; i < count; i++) {
        labels[i] = mnist_synth_digit(pixels + i * rows * cols, rows, cols,
                                      seed, first + i);
        largest = labels[i] > largest ? labels[i] : largest;
    }
    *out = (mnist_dataset){
        .count = count,
        .rows = rows,
        .cols = cols,
        .pixels = pixels,
        .labels = labels,
        .classes = (size_t)largest + 1,
        .images_file = {.dims = 3,
                        .size = {count, rows, cols},
                        .count = count * rows * cols,
                        .data = pixels,
                        .block = pixels},
        .labels_file = {.dims = 1,
                        .size = {count},
                        .count = count,
                        .data = labels,
                        .block = labels},
    };
    snprintf(out->images_name, sizeof out->images_name,
             "digits of seed %" PRIu64, seed);
    snprintf(out->labels_name, sizeof out->labels_name,
             "labels of seed %" PRIu64, seed);
    return MNIST_OK;
}

/* The four files, by part and by what they hold. */
static const struct {
    const char *stem;
    const char *kind;
} files[2][2] = {
    [MNIST_TRAIN] = {{"train-images", "idx3-ubyte"},
                     {"train-labels", "idx1-ubyte"}},
    [MNIST_TEST] = {{"t10k-images", "idx3-ubyte"},
                    {"t10k-labels", "idx1-ubyte"}},
};
enum { IMAGES, LABELS };

static mnist_status file_path(char path[PATH_MAX], const char *folder,
                              mnist_part part, int what, const char *mark,
                              const char *end, mnist_error *err)
{
    int length =
        snprintf(path, PATH_MAX, "%s/%s%s%s%s", folder, files[part][what].stem,
                 mark, files[part][what].kind, end);
    if (length < 0 || length >= PATH_MAX)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "the folder's name is too long: it makes paths of "
                          "%d bytes, at most %d can be used",
                          length, PATH_MAX - 1);
    return MNIST_OK;
}

/* Fails if the folder holds a part's images or labels under any of the names
   that mnist_dataset_load_part would take. */
static mnist_status refuse_existing(const char *folder, mnist_part part,
                                    mnist_error *err)
{
    static const char *const marks[] = {"-", "-", ".", "."};
    static const char *const ends[] = {"", ".gz", "", ".gz"};
    for (int i = 0; i < 8; i++) {
        char path[PATH_MAX], name[MNIST_FILE_NAME];
        struct stat info;
        mnist_status status = file_path(path, folder, part, i / 4, marks[i % 4],
                                        ends[i % 4], err);
        if (status)
            return status;
        if (lstat(path, &info) == 0)
            return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                              "%s: exists already, and digits never overwrite "
                              "data: name another folder",
                              mnist_file_name(name, path));
    }
    return MNIST_OK;
}

/* Whether the folder is there, or is now; else why not is in errno. */
static bool make_folder(const char *path)
{
    struct stat info;
    if (mkdir(path, 0777) == 0)
        return true;
    int reason = errno;
    bool is_there = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    errno = reason == EEXIST ? ENOTDIR : reason;
    return is_there;
}

/* The folder and those above it. It is shorter than PATH_MAX. */
static mnist_status make_folders(const char *folder, mnist_error *err)
{
    char path[PATH_MAX] = "", name[MNIST_FILE_NAME], part[MNIST_FILE_NAME];
    for (size_t i = 0; folder[i] != '\0'; i++) {
        path[i] = folder[i];
        if ((folder[i + 1] == '/' || folder[i + 1] == '\0') &&
            !make_folder(path)) {
            int reason = errno;
            return mnist_fail(
                err, MNIST_ERROR_SYSTEM,
                "%s: cannot make the folder: %s: %s; name another "
                "place",
                mnist_file_name(name, folder), mnist_file_name(part, path),
                strerror(reason));
        }
    }
    return MNIST_OK;
}

/* Writes one part's images and labels to the two paths. */
static mnist_status write_part(char paths[2][PATH_MAX], size_t count,
                               uint64_t seed, uint64_t first, mnist_error *err)
{
    mnist_dataset digits;
    mnist_status status =
        mnist_synth_dataset(&digits, count, 28, 28, seed, first, err);
    if (status)
        return status;
    const mnist_idx *held[] = {&digits.images_file, &digits.labels_file};
    for (int what = IMAGES; what <= LABELS && !status; what++)
        status = mnist_idx_write(paths[what], held[what]->dims,
                                 held[what]->size, held[what]->data, err);
    mnist_dataset_free(&digits);
    return status;
}

mnist_status mnist_synth_folder(const char *folder, size_t train_count,
                                size_t test_count, uint64_t seed,
                                mnist_error *err)
{
    if (train_count == 0 || test_count == 0)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "%zu digits to train and %zu to test asked for, "
                          "expected at least 1 of each",
                          train_count, test_count);
    char paths[2][2][PATH_MAX];
    mnist_status status = MNIST_OK;
    for (int i = 0; i < 4 && !status; i++)
        status = file_path(paths[i / 2][i % 2], folder, (mnist_part)(i / 2),
                           i % 2, "-", "", err);
    if (!status)
        status = refuse_existing(folder, MNIST_TRAIN, err);
    if (!status)
        status = refuse_existing(folder, MNIST_TEST, err);
    if (!status)
        status = make_folders(folder, err);
    if (status)
        return status;

    status = write_part(paths[MNIST_TRAIN], train_count, seed, 0, err);
    if (!status)
        status =
            write_part(paths[MNIST_TEST], test_count, seed, train_count, err);
    /* What a failed attempt wrote is taken back, so that the next one is not
       refused; none of it was there before. */
    for (int i = 0; i < 4 && status; i++)
        unlink(paths[i / 2][i % 2]);
    return status;
}
