/* Files of other kinds, given as data and as weights: the kind is named. */
#include "bad/bad.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *bytes;
    size_t length;
    const char *what, *advice; /* advice: NULL for that of its reader */
    const char *as_data;       /* if it is another where data are read */
} kinds[] = {
#define KIND(name, bytes, what, advice)                                        \
    {                                                                          \
        name, bytes, sizeof bytes - 1, what, advice, NULL                      \
    }
#define PICTURE(name, bytes, what)                                             \
    {                                                                          \
        name, bytes, sizeof bytes - 1, what, NULL, "make a PNG of it"          \
    }
#define PAGE   "an HTML or XML page"
#define FAILED "was it a download that failed?"
    KIND("HTML", "<!DOCTYPE html><html><head><title>404", PAGE, FAILED),
    KIND("HTML after blank lines", "\r\n\r\n  <html><body>", PAGE, FAILED),
    KIND("XHTML with a byte order mark", "\xef\xbb\xbf<?xml version", PAGE,
         FAILED),
    KIND("HTML after a mark and a tab", "\xef\xbb\xbf\v<html>", PAGE, FAILED),
    KIND("a single <", "<", PAGE, FAILED),
    KIND("npz", "PK\x03\x04\x14\0\0\0\x08\0\0\0!\0......x_train.npy",
         "a zip archive", NULL),
    KIND("an empty zip", "PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
         "an empty zip archive", NULL),
    KIND("NumPy", "\x93NUMPY\x01\0v\0{'descr': '<f4', ", "a NumPy array", NULL),
    KIND("HDF5", "\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0", "an HDF5 file", NULL),
    KIND("pickle 2", "\x80\x02\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19.",
         "a Python pickle", NULL),
    KIND("pickle 4", "\x80\x04\x95\0\0\0\0\0\0\0\0}\x94.", "a Python pickle",
         NULL),
    KIND("GGUF", "GGUF\x03\0\0\0\0\0\0\0\0\0\0\0", "a GGUF file", NULL),
    KIND("Parquet", "PAR1\x15\x04\x15\x80\x15", "a Parquet file", NULL),
    PICTURE("JPEG", "\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG picture"),
    PICTURE("GIF", "GIF89a\x1c\0\x1c\0", "a GIF picture"),
    PICTURE("BMP", "BM\x36\x0c\0\0\0\0\0\0", "a BMP picture"),
    PICTURE("TIFF", "II*\0\x08\0\0\0", "a TIFF picture"),
    PICTURE("TIFF, big-endian", "MM\0*\0\0\0\x08", "a TIFF picture"),
    PICTURE("WebP", "RIFF\x24\0\0\0WEBPVP8 ", "a RIFF file (as WebP"),
    PICTURE("HEIC",
            "\0\0\0\x18"
            "ftypheic\0\0\0\0",
            "a media file (as HEIC"),
    PICTURE("JPEG XL", "\xff\x0a\xfa\x1b\x01\x90", "a JPEG XL picture"),
    PICTURE("JPEG XL in a box",
            "\0\0\0\x0c"
            "JXL \r\n\x87\n",
            "a JPEG XL picture"),
    PICTURE("JPEG 2000",
            "\0\0\0\x0c"
            "jP  \r\n\x87\n",
            "a JPEG 2000 picture"),
    PICTURE("QOI", "qoif\0\0\0\x1c\0\0\0\x1c", "a QOI picture"),
    PICTURE("SVG", "<svg xmlns=\"http://www.w3.org/2000/svg\">",
            "an SVG drawing"),
    PICTURE("PBM", "P4\n28 28\n", "a PBM picture"),
    PICTURE("PBM as text", "P1\n2 1\n1 0\n", "a PBM picture"),
    PICTURE("PAM", "P7\nWIDTH 28\n", "a PAM picture"),
    KIND("PDF", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF document", NULL),
    KIND("bzip2", "BZh91AY&SY\0\0", "a bzip2 file", NULL),
    KIND("xz",
         "\xfd"
         "7zXZ\0\0\x04",
         "an xz file", NULL),
    KIND("zstd", "\x28\xb5\x2f\xfd\x04\0", "a zstd file", NULL),
    KIND("text with CRLF", "label,1x1,1x2\r\n5,0,0\r\n", "a text file", NULL),
    KIND("JSON", "{\"loss\": 0.07, \"accuracy\": 0.98}\n", "a text file", NULL),
    KIND("one letter", "x", "a text file", NULL),
    KIND("a byte order mark alone", "\xef\xbb\xbf", "a text file", NULL),
    KIND("blank lines alone", "\r\n \t\n", "a text file", NULL),
#undef KIND
#undef PICTURE
};

/* Of no kind: nearly text, nearly a page, nearly IDX in the other byte order,
   nearly weights. */
static void no_kinds(bad_list *list)
{
    static const char bytes[][10] = {"\1\2\3\4....",   "a\x7f..",
                                     "\x0e<..",        "\3\x08\0\1....",
                                     "\3\x08\1\0....", "\3\x09\0\0....",
                                     "\4\x08\0\0....", "\1\1\0\0\1\0\0\0{"};
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
        bad_case file = {.bytes = (const uint8_t *)bytes[i],
                         .length = sizeof bytes[i]};
        snprintf(file.name, sizeof file.name, "no kind, %zu", i);
        file.status = 3;
        file.words[0] = "is not IDX: byte 0: found ";
        bad_add_images(list, &file);
        file.status = 4;
        file.words[0] = "not weights in safetensors format: begins with";
        bad_add_weights(list, &file);
    }
}

/* What this program reads and writes itself, in the wrong place. */
static void own_kinds(bad_list *list)
{
    bad_case weights = {
        .name = "weights as data",
        .status = 3,
        .words = {"a safetensors weights file", "not IDX", "--weights"},
        .bytes = bad_weights_file.bytes,
        .length = bad_weights_file.length};
    size_t begin = list->count;
    bad_add_images(list, &weights);
    bad_leave_out_info(list, begin);
    bad_case data = {.name = "data as weights",
                     .status = 4,
                     .words = {"an IDX file", "not weights", "mnist train"},
                     .bytes = bad_images_file.bytes,
                     .length = bad_images_file.length};
    bad_add_weights(list, &data);
    data.bytes = (const uint8_t *)"\x1f\x8b\x08\0\0\0\0\0\0\3......";
    data.length = 16;
    data.words[0] = "a gzip file";
    data.words[2] = "unpack it";
    snprintf(data.name, sizeof data.name, "gzip as weights");
    bad_add_weights(list, &data);
}

void bad_kinds(bad_list *list)
{
    own_kinds(list);
    no_kinds(list);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        bad_case file = {.bytes = (const uint8_t *)kinds[i].bytes,
                         .length = kinds[i].length};
        const char *advice = kinds[i].advice;
        snprintf(file.name, sizeof file.name, "%s", kinds[i].name);
        file.words[0] = kinds[i].what;
        file.status = 3;
        file.words[1] = "not IDX";
        file.words[2] = kinds[i].as_data ? kinds[i].as_data
                        : advice         ? advice
                                         : "expected a file like MNIST's";
        bad_add_images(list, &file);
        file.status = 4;
        file.words[1] = "not weights";
        file.words[2] = advice ? advice : "make weights with 'mnist train'";
        bad_add_weights(list, &file);
    }
}
