#include "base/kind.h"

#include <string.h>

static const struct {
    const char *magic;
    size_t length;
    mnist_kind kind;
} kinds[] = {
    {"\x1f\x8b", 2, {"a gzip file", "unpack it once first"}},
    {"PK\x03\x04", 4, {"a zip archive (as .npz, .keras and .pt are)", NULL}},
    {"PK\x05\x06", 4, {"an empty zip archive", NULL}},
    {"\x93NUMPY", 6, {"a NumPy array (.npy)", NULL}},
    {"\x89HDF", 4, {"an HDF5 file (as .h5 is)", NULL}},
    {"\x80\x02", 2, {"a Python pickle", NULL}},
    {"\x80\x03", 2, {"a Python pickle", NULL}},
    {"\x80\x04", 2, {"a Python pickle", NULL}},
    {"\x80\x05", 2, {"a Python pickle", NULL}},
    {"GGUF", 4, {"a GGUF file", NULL}},
    {"PAR1", 4, {"a Parquet file", NULL}},
    {"\x89PNG", 4, {"a PNG picture", NULL}},
    {"\xff\xd8\xff", 3, {"a JPEG picture", NULL}},
    {"GIF8", 4, {"a GIF picture", NULL}},
    {"BM", 2, {"a BMP picture", NULL}},
    {"%PDF", 4, {"a PDF document", NULL}},
    {"BZh", 3, {"a bzip2 file", NULL}},
    {"\xfd"
     "7zXZ",
     5,
     {"an xz file", NULL}},
    {"\x28\xb5\x2f\xfd", 4, {"a zstd file", NULL}},
};

/* Web servers answer with a page where a file is missing, and programs save it
   under the name of the file. */
static bool is_page(const unsigned char *bytes, size_t length)
{
    size_t i = length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (i < length && (bytes[i] == ' ' || (bytes[i] >= 9 && bytes[i] <= 13)))
        i++;
    return i < length && bytes[i] == '<';
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
    if (is_page(bytes, length))
        *out = (mnist_kind){"an HTML or XML page",
                            "was it a download that failed? get it again"};
    else if (is_text(bytes, length))
        *out = (mnist_kind){"a text file", NULL};
    else
        return false;
    return true;
}
