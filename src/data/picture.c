#include "data/picture.h"

#include "base/kind.h"
#include "base/memory.h"
#include "data/png.h"
#include "data/png_write.h"
#include "data/pnm.h"

#include <string.h>

/* The first bytes of its signature: the rest tells transfers as text. */
static bool is_png(const uint8_t *bytes, size_t length)
{
    return length >= 4 && memcmp(bytes, mnist_png_signature, 4) == 0;
}

bool mnist_picture_is(const uint8_t *bytes, size_t length)
{
    return is_png(bytes, length) || mnist_pnm_is(bytes, length);
}

static mnist_status not_picture(const mnist_input *in)
{
    mnist_kind kind;
    const char *name = in->source.name;
    if (in->first_length == 0)
        return mnist_fail(in->err, MNIST_ERROR_DATA,
                          "%s is empty, expected a picture", name);
    if (!mnist_kind_of(&kind, in->first, in->first_length))
        return mnist_fail(in->err, MNIST_ERROR_DATA,
                          "%s is no picture in PNG, PGM or PPM format: begins "
                          "with byte %02x",
                          name, in->first[0]);
    return mnist_fail(in->err, MNIST_ERROR_DATA,
                      "%s is %s, not PNG, PGM or PPM%s", name, kind.what,
                      kind.picture ? "; make a PNG of it" : "");
}

static mnist_status decode(mnist_raster *out, const mnist_input *in,
                           uint8_t *file, size_t length)
{
    mnist_png png;
    const char *name = in->source.name;
    if (!is_png(file, length))
        return mnist_pnm_read(out, name, file, length, in->err);
    mnist_status status = mnist_png_chunks(&png, name, file, length, in->err);
    return status ? status : mnist_png_pixels(out, &png);
}

mnist_status mnist_picture_read_input(mnist_picture *out, mnist_input *in)
{
    uint8_t *file;
    size_t length;
    mnist_raster raster;
    if (!mnist_picture_is(in->first, in->first_length))
        return not_picture(in);
    mnist_status status =
        mnist_input_whole(in, &file, &length, MNIST_PICTURE_BYTES, "a picture");
    if (status)
        return status;
    status = decode(&raster, in, file, length);
    mnist_free(file);
    if (status)
        return status;
    mnist_grey_flatten(&raster);
    *out = (mnist_picture){raster.rows, raster.cols, raster.grey};
    return MNIST_OK;
}

mnist_status mnist_picture_read(mnist_picture *out, const char *path,
                                mnist_error *err)
{
    mnist_input in;
    mnist_status status = mnist_input_open(&in, path, err);
    if (status)
        return status;
    status = mnist_picture_read_input(out, &in);
    mnist_input_close(&in);
    return status;
}

void mnist_picture_free(mnist_picture *picture)
{
    if (picture) {
        mnist_free(picture->pixels);
        *picture = (mnist_picture){0};
    }
}

mnist_status mnist_picture_write(const char *path, size_t rows, size_t cols,
                                 const uint8_t *pixels, mnist_error *err)
{
    char name[MNIST_FILE_NAME];
    mnist_file_name(name, path);
    if (rows < 1 || cols < 1 || rows > MNIST_PICTURE_SIDE ||
        cols > MNIST_PICTURE_SIDE)
        return mnist_fail(err, MNIST_ERROR_ARGUMENT,
                          "%s: a picture of %zux%zu to write, expected sides "
                          "of 1 to %d",
                          name, cols, rows, MNIST_PICTURE_SIDE);
    mnist_buffer file = {0};
    const mnist_bitmap bitmap = {.pixels = pixels, .rows = rows, .cols = cols};
    mnist_png_write(&file, &bitmap);
    mnist_status status = mnist_buffer_replace(&file, path, err);
    mnist_buffer_free(&file);
    return status;
}
