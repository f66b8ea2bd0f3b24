#include "model/dtype.h"

#include "base/file.h"

#include <math.h>
#include <string.h>

static float from_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float read_f32(const uint8_t *bytes)
{
    return from_bits(mnist_load_le32(bytes));
}

/* The upper half of a float. */
static float read_bf16(const uint8_t *bytes)
{
    return from_bits((uint32_t)bytes[1] << 24 | (uint32_t)bytes[0] << 16);
}

/* Sign, 5 bits of exponent (0: no leading 1; all: infinite or no number), 10 of
   fraction. */
static float read_f16(const uint8_t *bytes)
{
    enum { BIAS = 15, FRACTION = 10, ALL = 31 };
    int bits = bytes[1] << 8 | bytes[0];
    int exponent = bits >> FRACTION & ALL;
    int fraction = bits & ((1 << FRACTION) - 1);
    float value;
    if (exponent == ALL)
        value = fraction ? NAN : INFINITY;
    else if (exponent)
        value = ldexpf((float)(fraction | 1 << FRACTION),
                       exponent - BIAS - FRACTION);
    else
        value = ldexpf((float)fraction, 1 - BIAS - FRACTION);
    return bits >> 15 ? -value : value;
}

static float read_f64(const uint8_t *bytes)
{
    uint64_t bits = mnist_load_le64(bytes);
    double value;
    memcpy(&value, &bits, sizeof value);
    return mnist_narrow(value);
}

const mnist_dtype mnist_dtype_f32 = {"F32", 4, read_f32};

static const mnist_dtype others[] = {
    {"F16", 2, read_f16}, {"BF16", 2, read_bf16}, {"F64", 8, read_f64},
    {"I64", 8, NULL},     {"U64", 8, NULL},       {"I32", 4, NULL},
    {"U32", 4, NULL},     {"I16", 2, NULL},       {"U16", 2, NULL},
    {"I8", 1, NULL},      {"U8", 1, NULL},        {"BOOL", 1, NULL},
};

const mnist_dtype *mnist_dtype_find(const char *name)
{
    if (strcmp(name, mnist_dtype_f32.name) == 0)
        return &mnist_dtype_f32;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(name, others[i].name) == 0)
            return &others[i];
    return NULL;
}
