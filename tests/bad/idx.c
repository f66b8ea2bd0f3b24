/* Images and labels that are not what IDX, or the two together, must be. */
#include "bad/bad.h"

#include <stdio.h>
#include <string.h>

/* A right file with some bytes replaced, or another length. */
typedef struct row {
    const char *name;
    size_t at; /* of the bytes replaced */
    const char *with;
    size_t with_length;
    const char *words[3];
} row;

#define WITH(text) text, sizeof text - 1

/* ---- Lengths ---- */

static void lengths(bad_list *list)
{
    static const struct {
        size_t length;
        const char *words[2];
    } images[] = {
        {0, {"is empty, expected an IDX file"}},
        {1, {"found 1 bytes", "8 or more"}},
        {3, {"found 3 bytes", "8 or more"}},
        {4, {"found 4 bytes", "header alone takes 16"}},
        {7, {"found 7 bytes", "header alone takes 16"}},
        {15, {"found 15 bytes", "header alone takes 16"}},
        {16, {"holds 16 bytes", "promises 78416 (16 of header"}},
        {17, {"holds 17 bytes", "promises 78416"}},
        {78415, {"holds 78415 bytes", "100x28x28 of data"}},
        {78417, {"holds 78417 bytes", "100x28x28 of data"}},
        {78420, {"holds 78420 bytes", "get the file again"}},
    };
    static const struct {
        size_t length;
        const char *words[2];
    } labels[] = {
        {7, {"found 7 bytes", "header alone takes 8"}},
        {8, {"holds 8 bytes", "promises 108 (8 of header"}},
        {107, {"holds 107 bytes", "100 of data"}},
        {109, {"holds 109 bytes", "100 of data"}},
    };
    uint8_t bytes[78420] = {0};
    bad_case file = {.status = 3, .bytes = bytes};
    memcpy(bytes, bad_images_file.bytes, bad_images_file.length);
    for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
        snprintf(file.name, sizeof file.name, "images of %zu bytes",
                 images[i].length);
        file.length = images[i].length;
        memcpy(file.words, images[i].words, sizeof images[i].words);
        bad_add_images(list, &file);
    }
    memset(bytes, 0, 110);
    memcpy(bytes, bad_labels_file.bytes, bad_labels_file.length);
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        snprintf(file.name, sizeof file.name, "labels of %zu bytes",
                 labels[i].length);
        file.length = labels[i].length;
        memcpy(file.words, labels[i].words, sizeof labels[i].words);
        bad_add_labels(list, &file);
    }
}

/* ---- Headers ---- */

static const row image_headers[] = {
    {"byte 0 is 1", 0, WITH("\1"), {"is not IDX", "found 01 00 08 03"}},
    {"byte 1 is 1", 1, WITH("\1"), {"is not IDX", "found 00 01 08 03"}},
    {"type 00", 2, WITH("\0"), {"byte 2: found 00", "no IDX type", "08"}},
    {"type 07", 2, WITH("\7"), {"byte 2: found 07", "no IDX type"}},
    {"type 0a", 2, WITH("\x0a"), {"byte 2: found 0a", "no IDX type"}},
    {"type 0f", 2, WITH("\x0f"), {"byte 2: found 0f", "no IDX type"}},
    {"type ff", 2, WITH("\xff"), {"byte 2: found ff", "no IDX type"}},
    {"type 09", 2, WITH("\x09"), {"found type 09, int8", "expected 08"}},
    {"type 0b", 2, WITH("\x0b"), {"found type 0b, int16", "expected 08"}},
    {"type 0c", 2, WITH("\x0c"), {"found type 0c, int32", "expected 08"}},
    {"type 0d", 2, WITH("\x0d"), {"found type 0d, float32", "expected 08"}},
    {"type 0e", 2, WITH("\x0e"), {"found type 0e, float64", "expected 08"}},
    {"no dimension", 3, WITH("\0"), {"byte 3: found 0 dim", "3 (images)"}},
    {"4 dimensions", 3, WITH("\4"), {"byte 3: found 4 dim", "3 (images)"}},
    {"255 dimensions", 3, WITH("\xff"), {"byte 3: found 255 dim"}},
    {"magic of labels", 3, WITH("\1"), {"holds 78416", "promises 108"}},
    {"2 dimensions of 3", 3, WITH("\2"), {"promises 2812", "100x28 of data"}},
    {"byte-swapped",
     0,
     WITH("\3\10\0\0\144\0\0\0\34\0\0\0\34\0\0\0"),
     {"byte-swapped IDX", "03 08 00 00", "expected 00 00 08 03"}},
    {"no image", 4, WITH("\0\0\0\0"), {"byte 4: found a size of 0"}},
    {"no row", 8, WITH("\0\0\0\0"), {"byte 8: found a size of 0"}},
    {"no column", 12, WITH("\0\0\0\0"), {"byte 12: found a size of 0"}},
    {"28x29", 12, WITH("\0\0\0\x1d"), {"holds 78416", "promises 81216"}},
    {"27x28", 8, WITH("\0\0\0\x1b"), {"holds 78416", "promises 75616"}},
    {"101 images", 4, WITH("\0\0\0\x65"), {"promises 79200", "101x28x28"}},
    {"0 in 32 bits",
     4,
     WITH("\0\1\0\0\0\1\0\0\0\0\0\1"),
     {"byte 4: found sizes 65536x65536x1", "more than the 2 GiB"}},
    {"0 in 64 bits",
     4,
     WITH("\x80\0\0\0\x80\0\0\0\0\0\0\4"),
     {"byte 4: found sizes 2147483648x2147483648x4", "2 GiB"}},
    {"2^64 - 1 pixels",
     4,
     WITH("\xff\xff\xff\xff\0\0\2\x81\0\x66\x3d\x81"),
     {"byte 4: found sizes 4294967295x641x6700417", "2 GiB"}},
    {"as much as may be read",
     4,
     WITH("\0\0\0\1\0\0\0\1\x7f\xff\xff\xf0"),
     {"holds 78416 bytes", "promises 2147483648"}},
};

static const row label_headers[] = {
    {"magic of images", 3, WITH("\3"), {"found sizes", "2 GiB"}},
    {"magic of one image", 3, WITH("\2"), {"promises 212", "100x2 of data"}},
    {"type 0c", 2, WITH("\x0c"), {"found type 0c, int32"}},
    {"no label", 4, WITH("\0\0\0\0"), {"byte 4: found a size of 0"}},
    {"99 of 100", 4, WITH("\0\0\0\x63"), {"holds 108", "promises 107"}},
    {"2^31 labels", 4, WITH("\x80\0\0\0"), {"2147483648", "2 GiB"}},
    {"2^32-1 labels", 4, WITH("\xff\xff\xff\xff"), {"4294967295", "2 GiB"}},
    {"2^31-8 labels", 4, WITH("\x7f\xff\xff\xf8"), {"promises 2147483648"}},
};

static void headers(bad_list *list, const row *rows, size_t count,
                    const uint8_t *right, size_t length,
                    void (*add)(bad_list *, const bad_case *))
{
    uint8_t *bytes = bad_keep(list, right, length);
    for (size_t i = 0; i < count; i++) {
        bad_case file = {
            .status = 3, .bytes = bytes, .length = length, .most_kib = BAD_KIB};
        snprintf(file.name, sizeof file.name, "%s", rows[i].name);
        memcpy(bytes, right, length);
        memcpy(bytes + rows[i].at, rows[i].with, rows[i].with_length);
        memcpy(file.words, rows[i].words, sizeof rows[i].words);
        add(list, &file);
    }
}

/* 2^31-1, 2^31 and 2^32-1 in the place of each size, and of all three. */
static void large_sizes(bad_list *list)
{
    static const char *const sizes[] = {"\x7f\xff\xff\xff", "\x80\0\0\0",
                                        "\xff\xff\xff\xff"};
    size_t length = bad_images_file.length;
    uint8_t *bytes = bad_keep(list, bad_images_file.bytes, length);
    for (size_t i = 0; i < 3; i++)
        for (size_t place = 0; place < 4; place++) {
            bad_case file = {.status = 3,
                             .bytes = bytes,
                             .length = length,
                             .words = {"byte 4: found sizes", "2 GiB"},
                             .most_kib = BAD_KIB};
            snprintf(file.name, sizeof file.name, "large size %zu in place %zu",
                     i, place);
            memcpy(bytes, bad_images_file.bytes, 16);
            for (size_t d = 0; d < 3; d++)
                if (place == d || place == 3)
                    memcpy(bytes + 4 + 4 * d, sizes[i], 4);
            bad_add_images(list, &file);
        }
}

/* ---- Labels, and images with them ---- */

/* Labels that the network has no output for: at the first, the middle and the
   last image. */
static void label_values(bad_list *list)
{
    static const size_t places[] = {0, 50, 99};
    static const struct {
        uint8_t value;
        const char *words[3];
    } values[] = {
        {10,
         {"label 10 of image 0", "label 10 of image 50",
          "label 10 of image 99"}},
        {255,
         {"label 255 of image 0", "label 255 of image 50",
          "label 255 of image 99"}},
    };
    for (size_t v = 0; v < 2; v++)
        for (size_t i = 0; i < 3; i++) {
            uint8_t *bytes =
                bad_keep(list, bad_labels_file.bytes, bad_labels_file.length);
            bad_case eval = {.arguments = {"eval", "weights", "--images",
                                           "images", "--labels", BAD},
                             .status = 3,
                             .words = {values[v].words[i], "10"},
                             .bytes = bytes,
                             .length = bad_labels_file.length};
            bad_case train = eval;
            static const char *const arguments[] = {
                "train",  "--data",       "data", "--val-images",
                "images", "--val-labels", BAD,    "--net",
                BAD_NET,  "--out",        "new"};
            memcpy(train.arguments, arguments, sizeof arguments);
            snprintf(eval.name, sizeof eval.name, "eval: %s",
                     values[v].words[i]);
            snprintf(train.name, sizeof train.name, "train: %s",
                     values[v].words[i]);
            bytes[8 + places[i]] = values[v].value;
            bad_add(list, &eval);
            bad_add(list, &train);
        }
}

/* As many labels as there are in `count`, whole and right in themselves. */
static void label_counts(bad_list *list)
{
    static const struct {
        uint8_t count;
        const char *words[3];
    } counts[] = {
        {99, {"holds 100 images", "holds 99 labels", "do not belong together"}},
        {101, {"holds 100 images", "holds 101 labels", "do not belong"}},
        {1, {"holds 100 images", "holds 1 labels", "do not belong"}},
    };
    for (size_t i = 0; i < 3; i++) {
        bad_case file = {.status = 3, .length = 8 + (size_t)counts[i].count};
        uint8_t bytes[8 + 101] = {0, 0, 8, 1, 0, 0, 0, counts[i].count};
        file.bytes = bytes;
        snprintf(file.name, sizeof file.name, "%u labels", counts[i].count);
        memcpy(file.words, counts[i].words, sizeof counts[i].words);
        size_t begin = list->count;
        bad_add_labels(list, &file);
        bad_leave_out_info(list, begin); /* by itself it is right */
    }
}

/* One image, in two dimensions, where a set of them is needed. */
static void single_image(bad_list *list)
{
    static const uint8_t image[12 + 28 * 28] = {0, 0,  8, 2, 0, 0,
                                                0, 28, 0, 0, 0, 28};
    static const char *const commands[][12] = {
        {"eval", "weights", "--images", BAD, "--labels", "labels"},
        {"predict", BAD, "--weights", "weights", "--labels", "labels"},
        {"show", BAD, "--labels", "labels"},
        {"train", "--data", "data", "--val-images", BAD, "--val-labels",
         "labels", "--out", "new"},
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        bad_case added = {.status = 3,
                          .words = {"holds 1 images", "holds 100 labels"},
                          .bytes = image,
                          .length = sizeof image};
        memcpy(added.arguments, commands[i], sizeof commands[i]);
        snprintf(added.name, sizeof added.name, "%s: one image and 100 labels",
                 commands[i][0]);
        bad_add(list, &added);
    }
}

static void pairs(bad_list *list)
{
    static const bad_case cases[] = {
        {.name = "eval: images and labels swapped",
         .arguments = {"eval", "weights", "--images", "labels", "--labels",
                       "images"},
         .words = {"labels holds 100 labels", "swapped?"}},
        {.name = "eval: images twice",
         .arguments = {"eval", "weights", "--images", "images", "--labels",
                       "images"},
         .words = {"holds images (100x28x28)", "expected labels", "swapped?"}},
        {.name = "eval: labels twice",
         .arguments = {"eval", "weights", "--images", "labels", "--labels",
                       "labels"},
         .words = {"labels holds 100 labels", "expected images"}},
        {.name = "predict: labels as images",
         .arguments = {"predict", "labels", "--weights", "weights"},
         .words = {"labels holds 100 labels", "expected images"}},
        {.name = "predict: images as labels",
         .arguments = {"predict", "images", "--weights", "weights", "--labels",
                       "images"},
         .words = {"holds images (100x28x28)", "expected labels"}},
        {.name = "show: labels as images",
         .arguments = {"show", "labels"},
         .words = {"labels holds 100 labels", "expected images"}},
        {.name = "show: images as labels",
         .arguments = {"show", "images", "--labels", "images"},
         .words = {"holds images (100x28x28)", "expected labels"}},
        {.name = "train: images and labels to validate on swapped",
         .arguments = {"train", "--data", "data", "--val-images", "labels",
                       "--val-labels", "images", "--out", "new"},
         .words = {"labels holds 100 labels", "swapped?"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bad_case added = cases[i];
        added.status = 3;
        added.anonymous = 1;
        bad_add(list, &added);
    }
}

void bad_idx(bad_list *list)
{
    lengths(list);
    headers(list, image_headers, sizeof image_headers / sizeof(row),
            bad_images_file.bytes, bad_images_file.length, bad_add_images);
    headers(list, label_headers, sizeof label_headers / sizeof(row),
            bad_labels_file.bytes, bad_labels_file.length, bad_add_labels);
    large_sizes(list);
    label_values(list);
    label_counts(list);
    single_image(list);
    pairs(list);
}
