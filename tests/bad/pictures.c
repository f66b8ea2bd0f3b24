/* Pictures that are none, or too much of one: refused by every command that
   reads them, within bounds of memory and time. */
#include "bad/bad.h"

#include "support/png_write.h"

#include <stdio.h>
#include <string.h>

static png_file png;

static void add(bad_list *list, const char *name, size_t length, size_t zeros,
                const char *words)
{
    bad_case file = {.status = 3,
                     .words = {words},
                     .bytes = png.bytes,
                     .length = length,
                     .zeros = zeros,
                     .most_kib = BAD_KIB};
    size_t begin = list->count;
    snprintf(file.name, sizeof file.name, "%s", name);
    bad_add_images(list, &file);
    bad_leave_out_info(list, begin); /* which knows IDX and weights only */
}

/* The largest sides, and pixels that would need some hundred KB of deflate. */
static void bombs(bad_list *list)
{
    uint8_t rows[64] = {0};
    png_begin(&png);
    png_header(&png, 16384, 16383, 8, 0, 0);
    png_pixels(&png, rows, sizeof rows, 1);
    add(list, "256 MiB of PNG in 140 bytes", png.length, 0,
        "more than 75 bytes of pixels can hold");
    png_begin(&png);
    png_header(&png, 16384, 16384, 16, 6, 1);
    png_pixels(&png, rows, sizeof rows, 1);
    add(list, "2 GiB of PNG in 140 bytes", png.length, 0, "make it smaller");
    png_begin(&png);
    png_header(&png, 100000, 100000, 8, 0, 0);
    add(list, "a PNG of 100000x100000", png.length, 0,
        "the picture is 100000x100000, sides of up to 16384");
    add(list, "a PNG longer than is read", png.length, (size_t)1 << 28,
        "bytes of a picture, more than the 256 MiB");
}

static void texts(bad_list *list)
{
    static const struct {
        const char *text, *words;
    } files[] = {
        {"P5 16384 16384 255\n12", "the PNM file is cut off"},
        {"P6 16384 16384 65535\n12", "make it smaller"},
        {"P2 99999 1 255\n1 2", "found a width of more than 16384"},
        {"P5 28 28 255\n\x1b[2J", "byte 17: the PNM file is cut off"},
        {"P2 1 1 255\n\x1b[2J", "found 1b, expected a number"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        size_t length = strlen(files[i].text);
        memcpy(png.bytes, files[i].text, length);
        add(list, files[i].text, length, 0, files[i].words);
    }
}

void bad_pictures(bad_list *list)
{
    uint8_t pixels[28 * 28] = {0};
    png_grey(&png, pixels, 28, 28);
    add(list, "a PNG cut in its pixels", 500, 0, "byte 500: the PNG file is");
    add(list, "a PNG cut in its signature", 6, 0, "byte 6: the PNG file is");
    png.bytes[300] ^= 1;
    add(list, "a PNG with a bit changed", png.length, 0, "of chunk IDAT");
    bombs(list);
    texts(list);

    /* Nothing but grey: there is no digit to be brought to MNIST's form. */
    memset(pixels, 99, sizeof pixels);
    png_grey(&png, pixels, 27, 28);
    bad_case grey = {.name = "predict: a picture without ink",
                     .arguments = {"predict", BAD, "--weights", "weights"},
                     .status = 3,
                     .words = {"is all of one grey"},
                     .bytes = bad_keep(list, png.bytes, png.length),
                     .length = png.length};
    bad_add(list, &grey);
    bad_case size = {
        .name = "predict: a picture of another size",
        .arguments = {"predict", BAD, "--weights", "weights",
                      "--no-preprocess"},
        .status = 4,
        .words = {"holds images of 27x28", "leave out --no-preprocess"},
        .bytes = grey.bytes,
        .length = png.length};
    bad_add(list, &size);
    bad_case as_weights = {.name = "PNG",
                           .status = 4,
                           .words = {"a PNG picture", "not weights"},
                           .bytes = png.bytes,
                           .length = png.length};
    bad_add_weights(list, &as_weights);
    bad_case info = {.name = "info: PNG",
                     .arguments = {"info", BAD},
                     .status = 3,
                     .words = {"a PNG picture, not IDX; mnist predict"},
                     .bytes = grey.bytes,
                     .length = png.length};
    bad_add(list, &info);
}
