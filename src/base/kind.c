#include "base/kind.h"

#include <string.h>

/* What is no picture. */
#define FILE_KIND(magic, what, advice)                                         \
    {                                                                          \
        magic, sizeof magic - 1,                                               \
        {                                                                      \
            what, advice, MNIST_KIND_NO_PICTURE                                \
        }                                                                      \
    }
#define PICTURE(magic, what)                                                   \
    {                                                                          \
        magic, sizeof magic - 1,                                               \
        {                                                                      \
            what, NULL, MNIST_KIND_OTHER_PICTURE                               \
        }                                                                      \
    }

static const struct {
    const char *magic;
    size_t length;
    mnist_kind kind;
} kinds[] = {
    FILE_KIND("\x1f\x8b", "a gzip file", "unpack it once first"),
    FILE_KIND("PK\x03\x04", "a zip archive (as .npz, .keras and .pt are)",
              NULL),
    FILE_KIND("PK\x05\x06", "an empty zip archive", NULL),
    FILE_KIND("\x93NUMPY", "a NumPy array (.npy)", NULL),
    FILE_KIND("\x89HDF", "an HDF5 file (as .h5 is)", NULL),
    FILE_KIND("\x80\x02", "a Python pickle", NULL),
    FILE_KIND("\x80\x03", "a Python pickle", NULL),
    FILE_KIND("\x80\x04", "a Python pickle", NULL),
    FILE_KIND("\x80\x05", "a Python pickle", NULL),
    FILE_KIND("GGUF", "a GGUF file", NULL),
    FILE_KIND("PAR1", "a Parquet file", NULL),
    FILE_KIND("%PDF", "a PDF document", NULL),
    FILE_KIND("BZh", "a bzip2 file", NULL),
    FILE_KIND("\xfd"
              "7zXZ",
              "an xz file", NULL),
    FILE_KIND("\x28\xb5\x2f\xfd", "a zstd file", NULL),
    {"\x89PNG", 4, {"a PNG picture", NULL, MNIST_KIND_PICTURE}},
    PICTURE("\xff\xd8\xff", "a JPEG picture"),
    PICTURE("\xff\x0a", "a JPEG XL picture"),
    PICTURE("GIF8", "a GIF picture"),
    PICTURE("BM", "a BMP picture"),
    PICTURE("II*\0", "a TIFF picture"),
    PICTURE("MM\0*", "a TIFF picture"),
    PICTURE("RIFF", "a RIFF file (as WebP pictures are)"),
    PICTURE("qoif", "a QOI picture"),
    PICTURE("<svg", "an SVG drawing"),
};

/* 'P', a digit, a blank or a comment. */
static bool is_pnm(mnist_kind *out, const unsigned char *bytes, size_t length)
{
    static const mnist_kind numbered[] = {
        {"a PBM picture", NULL, MNIST_KIND_OTHER_PICTURE},
        {"a PGM picture", NULL, MNIST_KIND_PICTURE},
        {"a PPM picture", NULL, MNIST_KIND_PICTURE},
        {"a PBM picture", NULL, MNIST_KIND_OTHER_PICTURE},
        {"a PGM picture", NULL, MNIST_KIND_PICTURE},
        {"a PPM picture", NULL, MNIST_KIND_PICTURE},
        {"a PAM picture", NULL, MNIST_KIND_OTHER_PICTURE},
    };
    if (length < 3 || bytes[0] != 'P' || bytes[1] < '1' || bytes[1] > '7' ||
        (bytes[2] != ' ' && bytes[2] != '#' && (bytes[2] < 9 || bytes[2] > 13)))
        return false;
    *out = numbered[bytes[1] - '1'];
    return true;
}

/* Web servers answer with a page where a file is missing, and programs save it
   under the name of the file. */
static bool is_page(const unsigned char *bytes, size_t length)
{
    size_t i = length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (i < length && (bytes[i] == ' ' || (bytes[i] >= 9 && bytes[i] <= 13)))
        i++;
    return i < length && bytes[i] == '<';
}

/* A box of that type comes first, behind its length, which is short. */
static bool is_box(const unsigned char *bytes, size_t length, const char *type)
{
    return length >= 8 && memcmp(bytes, "\0\0\0", 3) == 0 &&
           memcmp(bytes + 4, type, 4) == 0;
}

static bool is_text(const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char b = bytes[i];
        if (b == 0x7f || (b < ' ' && b != '\t' && b != '\n' && b != '\r'))
            return false;
    }
    return length > 0;
}

bool mnist_kind_of(mnist_kind *out, const void *bytes, size_t length)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (length >= kinds[i].length &&
            memcmp(bytes, kinds[i].magic, kinds[i].length) == 0) {
            *out = kinds[i].kind;
            return true;
        }
    }
    if (is_pnm(out, bytes, length))
        return true;
    if (is_box(bytes, length, "ftyp"))
        *out = (mnist_kind){"a media file (as HEIC pictures are)", NULL,
                            MNIST_KIND_OTHER_PICTURE};
    else if (is_box(bytes, length, "JXL "))
        *out =
            (mnist_kind){"a JPEG XL picture", NULL, MNIST_KIND_OTHER_PICTURE};
    else if (is_box(bytes, length, "jP  "))
        *out =
            (mnist_kind){"a JPEG 2000 picture", NULL, MNIST_KIND_OTHER_PICTURE};
    else if (is_page(bytes, length))
        *out = (mnist_kind){"an HTML or XML page",
                            "was it a download that failed? get it again",
                            MNIST_KIND_NO_PICTURE};
    else if (is_text(bytes, length))
        *out = (mnist_kind){.what = "a text file"};
    else
        return false;
    return true;
}
