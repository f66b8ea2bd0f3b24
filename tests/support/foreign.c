#include "support/foreign.h"

#include "base/buffer.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static size_t size_of(const char *type)
{
    return !type || strstr(type, "32") ? 4
           : strstr(type, "16")        ? 2
           : strstr(type, "64")        ? 8
                                       : 1;
}

static size_t bytes_of(const foreign_tensor *tensor)
{
    size_t bytes = size_of(tensor->type);
    for (unsigned d = 0; d < tensor->dims; d++)
        bytes *= tensor->size[d];
    return bytes;
}

const char *foreign_write(temporary *t, const char *name, const char *metadata,
                          const foreign_tensor *tensors)
{
    mnist_buffer header = {0}, data = {0}, file = {0};
    mnist_buffer_format(&header, "{%s", metadata);
    for (size_t i = 0; tensors[i].name; i++) {
        const foreign_tensor *tensor = &tensors[i];
        size_t begin = data.length;
        if (tensor->bytes)
            mnist_buffer_add(&data, tensor->bytes, bytes_of(tensor));
        for (size_t k = bytes_of(tensor); !tensor->bytes && k > 0; k--)
            mnist_buffer_byte(&data, 0);
        mnist_buffer_format(
            &header, "%s\"%s\": {\"dtype\": \"%s\", \"shape\": [",
            i ? ", " : "", tensor->name, tensor->type ? tensor->type : "F32");
        for (unsigned d = 0; d < tensor->dims; d++)
            mnist_buffer_format(&header, "%s%zu", d ? ", " : "",
                                tensor->size[d]);
        mnist_buffer_format(&header, "], \"data_offsets\": [%zu, %zu]}", begin,
                            data.length);
    }
    mnist_buffer_text(&header, "}");
    mnist_buffer_le(&file, header.length, 8);
    mnist_buffer_add(&file, header.bytes, header.length);
    mnist_buffer_add(&file, data.bytes, data.length);
    assert_false(header.failed || data.failed || file.failed);
    const char *path = temporary_write(t, name, file.bytes, file.length);
    mnist_buffer_free(&header);
    mnist_buffer_free(&data);
    mnist_buffer_free(&file);
    return path;
}

/* Of a dense kernel that follows a picture, the picture; else 1 x 1 x inputs.
 */
static mnist_shape picture_before(const mnist_network *net, size_t rows)
{
    mnist_layer_info layer;
    mnist_shape found = {1, 1, rows, 1};
    for (size_t i = 0; mnist_network_layer(net, i, &layer); i++)
        if (!layer.out.flat && layer.out.h * layer.out.w * layer.out.c == rows)
            found = layer.out;
    return found;
}

static float *turned(const mnist_network *net, const mnist_tensor *from,
                     foreign_tensor *to)
{
    float *values = malloc(from->count * sizeof *values);
    assert_non_null(values);
    memcpy(values, from->data, from->count * sizeof *values);
    memcpy(to->size, from->size, sizeof to->size);
    to->dims = from->dims;
    size_t h = from->size[0], w = from->size[1], c = from->size[2];
    size_t f = from->size[3];
    if (from->dims == 4) {
        const size_t size[4] = {f, c, h, w};
        memcpy(to->size, size, sizeof size);
    } else if (from->dims == 2) {
        mnist_shape picture = picture_before(net, from->size[0]);
        to->size[0] = f = from->size[1];
        to->size[1] = from->size[0];
        h = picture.h;
        w = picture.w;
        c = picture.c;
    }
    for (size_t y = 0; from->dims > 1 && y < h; y++)
        for (size_t x = 0; x < w; x++)
            for (size_t k = 0; k < c; k++)
                for (size_t j = 0; j < f; j++)
                    values[((j * c + k) * h + y) * w + x] =
                        from->data[((y * w + x) * c + k) * f + j];
    return values;
}

const char *foreign_pytorch(temporary *t, const char *name,
                            const mnist_network *net, const char *const *names)
{
    enum { MOST = 32 };
    foreign_tensor tensors[MOST + 1] = {{0}};
    float *values[MOST];
    const mnist_tensor *from;
    size_t count = 0;
    for (size_t i = 0; (from = mnist_network_tensor(net, i)); i++) {
        if (names[i][0] == '!')
            continue;
        assert_true(count < MOST);
        values[count] = turned(net, from, &tensors[count]);
        tensors[count].name = names[i];
        tensors[count].bytes = values[count];
        count++;
    }
    const char *path = foreign_write(
        t, name, "\"__metadata__\": {\"format\": \"pt\"}, ", tensors);
    while (count > 0)
        free(values[--count]);
    return path;
}
