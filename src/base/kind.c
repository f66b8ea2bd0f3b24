#include "base/kind.h"

#include <string.h>

static const struct {
    const char *magic;
    size_t length;
    mnist_kind kind;
} kinds[] = {
    {"\x1f\x8b", 2, {"a gzip file", "unpack it once first", false}},
    {"PK\x03\x04",
     4,
     {"a zip archive (as .npz, .keras and .pt are)", NULL, false}},
    {"PK\x05\x06", 4, {"an empty zip archive", NULL, false}},
    {"\x93NUMPY", 6, {"a NumPy array (.npy)", NULL, false}},
    {"\x89HDF", 4, {"an HDF5 file (as .h5 is)", NULL, false}},
    {"\x80\x02", 2, {"a Python pickle", NULL, false}},
    {"\x80\x03", 2, {"a Python pickle", NULL, false}},
    {"\x80\x04", 2, {"a Python pickle", NULL, false}},
    {"\x80\x05", 2, {"a Python pickle", NULL, false}},
    {"GGUF", 4, {"a GGUF file", NULL, false}},
    {"PAR1", 4, {"a Parquet file", NULL, false}},
    {"\x89PNG", 4, {"a PNG picture", NULL, false}},
    {"\xff\xd8\xff", 3, {"a JPEG picture", NULL, true}},
    {"GIF8", 4, {"a GIF picture", NULL, true}},
    {"BM", 2, {"a BMP picture", NULL, true}},
    {"II*\0", 4, {"a TIFF picture", NULL, true}},
    {"MM\0*", 4, {"a TIFF picture", NULL, true}},
    {"RIFF", 4, {"a RIFF file (as WebP pictures are)", NULL, true}},
    {"P1\n", 3, {"a PBM picture", NULL, true}},
    {"P4\n", 3, {"a PBM picture", NULL, true}},
    {"P7\n", 3, {"a PAM picture", NULL, true}},
    {"%PDF", 4, {"a PDF document", NULL, false}},
    {"BZh", 3, {"a bzip2 file", NULL, false}},
    {"\xfd"
     "7zXZ",
     5,
     {"an xz file", NULL, false}},
    {"\x28\xb5\x2f\xfd", 4, {"a zstd file", NULL, false}},
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

/* A box of that type comes first, behind its length. */
static bool is_media(const unsigned char *bytes, size_t length)
{
    return length >= 8 && memcmp(bytes + 4, "ftyp", 4) == 0;
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
    if (is_media(bytes, length))
        *out = (mnist_kind){"a media file (as HEIC pictures are)", NULL, true};
    else if (is_page(bytes, length))
        *out =
            (mnist_kind){"an HTML or XML page",
                         "was it a download that failed? get it again", false};
    else if (is_text(bytes, length))
        *out = (mnist_kind){.what = "a text file"};
    else
        return false;
    return true;
}
