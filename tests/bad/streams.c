/* Standard input as a file, and standard streams that are closed. What the
   runner checks after every case says that no file of the folder became one. */
#include "bad/bad.h"

#include "support/sealed.h"

#include <stdio.h>

#define IMAGES_OF(input_bytes)                                                 \
    .how = {.input = input_bytes, .input_length = sizeof input_bytes - 1}

static const bad_case cases[] = {
    {.name = "info: images from standard input",
     .arguments = {"info", "-"},
     .words = {"sizes   1 x 1 x 2"},
     IMAGES_OF("\0\0\10\3\0\0\0\1\0\0\0\1\0\0\0\2ab")},
    {.name = "show: nothing from standard input",
     .arguments = {"show", "-"},
     .status = 3,
     .words = {"standard input is empty"},
     IMAGES_OF("")},
    {.name = "predict: nothing from standard input",
     .arguments = {"predict", "-", "--weights", "weights"},
     .status = 3,
     .words = {"standard input is empty"},
     IMAGES_OF("")},
    {.name = "show: text from standard input",
     .arguments = {"show", "-"},
     .status = 3,
     .words = {"standard input is a text file"},
     IMAGES_OF("label,1x1\r\n")},
    {.name = "show: too little from standard input",
     .arguments = {"show", "-"},
     .status = 3,
     .words = {"standard input holds 17 bytes", "promises 18"},
     IMAGES_OF("\0\0\10\3\0\0\0\1\0\0\0\1\0\0\0\2a")},
    {.name = "show: too much from standard input",
     .arguments = {"show", "-"},
     .status = 3,
     .words = {"standard input holds more than 18 bytes"},
     IMAGES_OF("\0\0\10\3\0\0\0\1\0\0\0\1\0\0\0\2abc")},
    {.name = "show: 2 GiB promised by standard input",
     .arguments = {"show", "-"},
     .status = 3,
     .words = {"standard input holds 9 bytes", "promises 2147483648"},
     .most_kib = BAD_KIB,
     IMAGES_OF("\0\0\10\1\x7f\xff\xff\xf8x")},
    {.name = "show: gzip cut on standard input",
     .arguments = {"show", "-"},
     .status = 3,
     .words = {"standard input: byte 12: the gzip file is cut off here"},
     IMAGES_OF("\x1f\x8b\x08\0\0\0\0\0\0\3\1\5")},
    /* Each thing can be read from it once. */
    {.name = "eval: - twice",
     .arguments = {"eval", "weights", "--images", "-", "--labels", "-"},
     .status = 2,
     .words = {"standard input can be read only once"}},
    {.name = "eval: weights and images of -",
     .arguments = {"eval", "-", "--images", "-", "--labels", "data"},
     .status = 2,
     .words = {"standard input can be read only once"}},
    {.name = "predict: weights and images of -",
     .arguments = {"predict", "-", "--weights", "-"},
     .status = 2,
     .words = {"standard input can be read only once"}},
    {.name = "eval: an image for weights from standard input",
     .arguments = {"eval", "-", "--data", "data"},
     .status = 4,
     .words = {"standard input: an IDX file", "not weights"},
     IMAGES_OF("\0\0\10\3\0\0\0\1\0\0\0\1\0\0\0\2ab")},
    {.name = "predict: - twice",
     .arguments = {"predict", "-", "--weights", "weights", "--labels", "-"},
     .status = 2,
     .words = {"standard input cannot give both"}},
    {.name = "show: - twice",
     .arguments = {"show", "-", "--labels", "-"},
     .status = 2,
     .words = {"standard input cannot give both"}},
    {.name = "train: - twice",
     .arguments = {"train", "--data", "data", "--val-images", "-",
                   "--val-labels", "-", "--out", "new"},
     .status = 2,
     .words = {"standard input can be read only once"}},
    {.name = "train: - for two",
     .arguments = {"train", "--images", "-", "--labels", "labels",
                   "--test-images", "-", "--test-labels", "labels", "--out",
                   "new"},
     .status = 2,
     .words = {"standard input can be read only once"}},
    {.name = "info: - twice",
     .arguments = {"info", "-", "images", "-"},
     .status = 2,
     .words = {"standard input can be read only once"}},
    {.name = "train: - to resume",
     .arguments = {"train", "--data", "data", "--resume", "-"},
     .status = 2,
     .words = {"--resume -", "name a file"}},
    {.name = "train: - as output",
     .arguments = {"train", "--data", "data", "--out", "-"},
     .status = 2,
     .words = {"--out -", "name one"}},
    /* Closed: nothing can be said, and nothing may be hurt. */
    {.name = "show: standard input closed",
     .arguments = {"show", "-"},
     .status = 3,
     .words = {"standard input is empty"},
     .how = {.closed = 1}},
    {.name = "info: standard input closed, not needed",
     .arguments = {"info", "images"},
     .words = {"100 x 28 x 28"},
     .how = {.closed = 1}},
    {.name = "info: standard output closed",
     .arguments = {"info", "images"},
     .how = {.closed = 2}},
    {.name = "predict: standard output closed",
     .arguments = {"predict", "images", "--weights", "weights"},
     .how = {.closed = 2}},
    {.name = "info: standard error closed",
     .arguments = {"info", "images"},
     .words = {"100 x 28 x 28"},
     .how = {.closed = 4}},
    {.name = "show: in and out closed",
     .arguments = {"show", "images"},
     .how = {.closed = 3}},
    {.name = "info: a bad file and no standard error",
     .arguments = {"info", "nowhere"},
     .status = 5,
     .how = {.closed = 4}},
    {.name = "predict: all three closed",
     .arguments = {"predict", "images", "--weights", "weights"},
     .how = {.closed = 7}},
    {.name = "eval: all three closed",
     .arguments = {"eval", "weights", "--images", "images", "--labels",
                   "labels"},
     .how = {.closed = 7}},
    {.name = "show: all three closed",
     .arguments = {"show", "images", "--labels", "labels"},
     .how = {.closed = 7}},
    {.name = "info: all three closed",
     .arguments = {"info", "images", "labels", "weights"},
     .how = {.closed = 7}},
    {.name = "train: all three closed",
     .arguments = {"train", "--data", "data", "--epochs", "1", "--net", BAD_NET,
                   "--out", "new"},
     .how = {.closed = 7}},
    {.name = "train: all three closed, bad data",
     .arguments = {"train", "--data", "images", "--out", "new"},
     .status = 5,
     .how = {.closed = 7}},
    {.name = "predict: all three closed, - for images",
     .arguments = {"predict", "-", "--weights", "weights"},
     .status = 3,
     .how = {.closed = 7}},
    {.name = "synth: all three closed, bad folder",
     .arguments = {"synth", "images/x"},
     .status = 5,
     .how = {.closed = 7}},
};

/* Weights by a pipe, whose header promises 4 GiB: memory is taken for what
   arrives. */
static void promising_weights(bad_list *list)
{
    static const char header[] =
        "{\"__metadata__\":{\"format\":\"mnist\",\"version\":\"1\",\"crc32\":"
        "\"00000000\"},\"a\":{\"dtype\":\"F32\",\"shape\":[1073741824],"
        "\"data_offsets\":[0,4294967296]}}";
    sealed file;
    sealed_make(&file, header, "few", 3);
    bad_case eval = {
        .name = "eval: weights by a pipe that promise 4 GiB",
        .arguments = {"eval", "/dev/stdin", "--data", "data"},
        .status = 4,
        .words = {"/dev/stdin: the file ends after", "expected 4294967"},
        .anonymous = 1,
        .most_kib = BAD_KIB,
        .how = {.input = bad_keep(list, file.bytes, file.length),
                .input_length = file.length}};
    bad_add(list, &eval);
}

void bad_streams(bad_list *list)
{
    promising_weights(list);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bad_case added = cases[i];
        added.anonymous = 1;
        bad_add(list, &added);
    }
}
