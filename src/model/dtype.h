/* The types of tensors in safetensors files, and their values as float32. */
#ifndef MODEL_DTYPE_H
#define MODEL_DTYPE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mnist_dtype {
    const char *name; /* as in the header: "BF16" */
    size_t size;      /* bytes of a value */
    /* The value that stands there, little-endian, as a float: exactly, but that
       of F64, which is rounded. NULL: it is no floating-point number. */
    float (*read)(const uint8_t *bytes);
} mnist_dtype;

/* The type of that name, or NULL. Ours is F32. */
const mnist_dtype *mnist_dtype_find(const char *name);
extern const mnist_dtype mnist_dtype_f32;

/* The nearest float; infinite beyond the largest, where a cast would not be
   defined. */
static inline float mnist_narrow(double value)
{
    if (fabs(value) >= 0x1.ffffffp127)
        return value < 0 ? -INFINITY : INFINITY;
    return (float)value;
}

#endif
