#include "data/pnm.h"

#include "base/memory.h"

#include <mnist/picture.h>

typedef struct pnm {
    const char *name;
    const uint8_t *file;
    size_t at, length;
    size_t rows, cols;
    unsigned most, channels;
    bool text;
    mnist_error *err;
} pnm;

static bool is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool mnist_pnm_is(const uint8_t *bytes, size_t length)
{
    return length >= 3 && bytes[0] == 'P' &&
           (bytes[1] == '2' || bytes[1] == '3' || bytes[1] == '5' ||
            bytes[1] == '6') &&
           (is_blank(bytes[2]) || bytes[2] == '#');
}

static mnist_status cut(const pnm *p)
{
    return mnist_fail(p->err, MNIST_ERROR_DATA,
                      "%s: byte %zu: the PNM file is cut off here, more was "
                      "expected; get it again",
                      p->name, p->length);
}

/* ---- Text ---- */

static void skip_blanks(pnm *p)
{
    bool comment = false;
    for (; p->at < p->length; p->at++) {
        uint8_t c = p->file[p->at];
        if (comment)
            comment = c != '\n' && c != '\r';
        else if (c == '#')
            comment = true;
        else if (!is_blank(c))
            return;
    }
}

/* A number of least..most, in digits that a blank, a comment or the end of the
   file ends. */
static mnist_status read_number(pnm *p, unsigned *out, unsigned least,
                                unsigned most, const char *what)
{
    skip_blanks(p);
    size_t begin = p->at;
    unsigned value = 0;
    for (; p->at < p->length && value <= most; p->at++) {
        uint8_t c = p->file[p->at];
        if (c < '0' || c > '9')
            break;
        value = value * 10 + (unsigned)(c - '0');
    }
    if (begin == p->length)
        return cut(p);
    if (p->at == begin || (p->at < p->length && value <= most &&
                           !is_blank(p->file[p->at]) && p->file[p->at] != '#'))
        return mnist_fail(p->err, MNIST_ERROR_DATA,
                          "%s: byte %zu: found %02x, expected a number (%s); "
                          "the PNM file is damaged",
                          p->name, p->at, p->file[p->at], what);
    if (value < least || value > most)
        return mnist_fail(p->err, MNIST_ERROR_DATA,
                          "%s: byte %zu: found a %s of %s%u, expected %u to %u",
                          p->name, begin, what,
                          value > most ? "more than " : "",
                          value > most ? most : value, least, most);
    *out = value;
    return MNIST_OK;
}

static mnist_status read_header(pnm *p)
{
    unsigned cols = 0, rows = 0;
    p->text = p->file[1] <= '3';
    p->channels = p->file[1] == '3' || p->file[1] == '6' ? 3 : 1;
    p->at = 2;
    mnist_status status = read_number(p, &cols, 1, MNIST_PICTURE_SIDE, "width");
    if (!status)
        status = read_number(p, &rows, 1, MNIST_PICTURE_SIDE, "height");
    if (!status)
        status = read_number(p, &p->most, 1, 65535, "maximum");
    if (status)
        return status;
    p->cols = cols;
    p->rows = rows;
    /* One blank, for which a comment stands up to the end of its line. */
    if (p->at < p->length && p->file[p->at] == '#')
        while (p->at < p->length && p->file[p->at] != '\n')
            p->at++;
    if (p->at == p->length)
        return cut(p);
    p->at++;
    return MNIST_OK;
}

/* ---- Samples ---- */

static size_t sample_bytes(const pnm *p)
{
    return p->most > 255 ? 2 : 1;
}

/* Before memory is taken. A number of a text takes two bytes at least, but for
   the blank behind the last. */
static mnist_status check_size(const pnm *p)
{
    size_t each = p->text ? 2 : sample_bytes(p);
    /* At most 2^28 pixels of 6 bytes: this fits 32 bits. */
    size_t needed = p->rows * p->cols * p->channels * each - p->text;
    if (needed > MNIST_PICTURE_BYTES)
        return mnist_fail(p->err, MNIST_ERROR_DATA,
                          "%s: the picture, %zux%zu, takes %zu bytes, up to "
                          "%zu are read here; make it smaller",
                          p->name, p->cols, p->rows, needed,
                          MNIST_PICTURE_BYTES);
    return needed > p->length - p->at ? cut(p) : MNIST_OK;
}

static mnist_status read_sample(pnm *p, uint8_t *out)
{
    unsigned value;
    if (p->text) {
        mnist_status status = read_number(p, &value, 0, p->most, "sample");
        if (status)
            return status;
    } else {
        value = p->file[p->at++];
        if (p->most > 255)
            value = value << 8 | p->file[p->at++];
        if (value > p->most)
            return mnist_fail(p->err, MNIST_ERROR_DATA,
                              "%s: byte %zu: found a sample of %u, expected at "
                              "most %u; the PNM file is damaged",
                              p->name, p->at - sample_bytes(p), value, p->most);
    }
    *out = mnist_grey_scale(value, p->most);
    return MNIST_OK;
}

static mnist_status read_pixels(pnm *p, uint8_t *grey)
{
    for (size_t i = 0; i < p->rows * p->cols; i++) {
        uint8_t s[3] = {0};
        for (unsigned c = 0; c < p->channels; c++) {
            mnist_status status = read_sample(p, &s[c]);
            if (status)
                return status;
        }
        grey[i] = p->channels == 3 ? mnist_grey_luma(s[0], s[1], s[2]) : s[0];
    }
    skip_blanks(p);
    if (p->at < p->length)
        return mnist_fail(p->err, MNIST_ERROR_DATA,
                          "%s: byte %zu: found something behind the picture, "
                          "expected one picture a file",
                          p->name, p->at);
    return MNIST_OK;
}

mnist_status mnist_pnm_read(mnist_raster *out, const char *name,
                            const uint8_t *file, size_t length,
                            mnist_error *err)
{
    pnm p = {.name = name, .file = file, .length = length, .err = err};
    mnist_status status = read_header(&p);
    if (!status)
        status = check_size(&p);
    if (status)
        return status;
    mnist_raster raster = {.rows = p.rows, .cols = p.cols};
    raster.grey = mnist_alloc(p.rows * p.cols, 1);
    if (!raster.grey)
        return mnist_fail(err, MNIST_ERROR_MEMORY,
                          "%s: out of memory: %zu bytes are needed", name,
                          p.rows * p.cols);
    status = read_pixels(&p, raster.grey);
    if (status)
        mnist_grey_free(&raster);
    else
        *out = raster;
    return status;
}
