/*
 * NumPy's .npz: a zip archive of .npy files, each
 *
 *     93 "NUMPY" 1 0   magic, version 1.0
 *     2 bytes          length of the header, little-endian
 *     header           "{'descr': '<f4', 'fortran_order': False, 'shape':
 *                      (784, 512), }", spaces and a newline
 *     then             the data, whose begin is a multiple of 64
 *
 * Source: NumPy, numpy.lib.format.
 */
#include <mnist/exchange.h>

#include "base/file.h"
#include "exchange/zip.h"

#include <stdio.h>
#include <string.h>

/* Begins an array in the archive: NAME.npy up to its data. */
static void begin_array(mnist_zip *zip, const char *name, const char *type,
                        unsigned dims, const size_t *size)
{
    enum { ALIGNMENT = 64, BEFORE = 10, ROOM = 192 };
    char file[MNIST_ZIP_NAME], header[ROOM];
    snprintf(file, sizeof file, "%s.npy", name);
    mnist_zip_begin(zip, file);

    int used =
        snprintf(header, ROOM,
                 "{'descr': '%s', 'fortran_order': False, 'shape': (", type);
    for (unsigned d = 0; d < dims; d++) /* of one: "(512,)" */
        used += snprintf(header + used, (size_t)(ROOM - used), "%zu%s", size[d],
                         dims == 1       ? ","
                         : d + 1 == dims ? ""
                                         : ", ");
    used += snprintf(header + used, (size_t)(ROOM - used), "), }");
    size_t length = (size_t)used + 1;
    length += (ALIGNMENT - (BEFORE + length) % ALIGNMENT) % ALIGNMENT;

    mnist_buffer_add(zip->out, "\x93NUMPY\1\0", 8);
    mnist_buffer_le(zip->out, length, 2);
    mnist_buffer_format(zip->out, "%-*s\n", (int)length - 1, header);
}

static void put_floats(mnist_zip *zip, const char *name, unsigned dims,
                       const size_t *size, const float *values, size_t count)
{
    begin_array(zip, name, "<f4", dims, size);
    mnist_buffer_floats(zip->out, values, count);
    mnist_zip_end(zip);
}

/* A string is an array without dimensions, of 4 bytes a character. */
static void put_text(mnist_zip *zip, const char *name, const char *text)
{
    char type[32];
    snprintf(type, sizeof type, "<U%zu", strlen(text));
    begin_array(zip, name, type, 0, NULL);
    for (; *text; text++)
        mnist_buffer_le(zip->out, (uint8_t)*text, 4);
    mnist_zip_end(zip);
}

static void put_input(mnist_zip *zip, const mnist_network *net)
{
    const size_t two = 2;
    begin_array(zip, "input", "<i8", 1, &two);
    mnist_buffer_le(zip->out, mnist_network_rows(net), 8);
    mnist_buffer_le(zip->out, mnist_network_cols(net), 8);
    mnist_zip_end(zip);
}

mnist_status mnist_export_npz(const mnist_network *net, const char *path,
                              mnist_error *err)
{
    mnist_buffer file = {0};
    mnist_zip zip = mnist_zip_open(&file);
    const mnist_tensor *tensor;
    char name[MNIST_FILE_NAME];
    float scale = mnist_network_scale(net);
    mnist_status status;

    for (size_t i = 0; (tensor = mnist_network_tensor(net, i)); i++)
        put_floats(&zip, tensor->name, tensor->dims, tensor->size, tensor->data,
                   tensor->count);
    put_text(&zip, "network", mnist_network_line(net));
    put_input(&zip, net);
    put_floats(&zip, "scale", 0, NULL, &scale, 1);
    if (mnist_zip_close(&zip))
        status = mnist_buffer_save(&file, path, err);
    else
        status = mnist_fail(err, MNIST_ERROR_ARGUMENT,
                            "%s: the network is larger than an .npz file can "
                            "be, 4 GiB",
                            mnist_file_name(name, path));
    mnist_buffer_free(&file);
    return status;
}
