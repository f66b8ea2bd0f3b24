/* ONNX models: the graph taken apart again, and the weights in it in ONNX'
   layout. That others run them is shown by scripts/check-exchange.sh. */
#include <mnist/exchange.h>

#include "base/file.h"
#include "support/networks.h"
#include "support/temporary.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Protocol Buffers ---- */

typedef struct message {
    const uint8_t *at, *end;
} message;

typedef struct field {
    unsigned number;
    uint64_t value;  /* of a varint */
    message content; /* of bytes */
} field;

static uint64_t take_varint(message *m)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        assert_true(m->at < m->end);
        uint8_t byte = *m->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    fail_msg("a varint without an end");
    return 0;
}

/* The next field of the message; 0 at its end. */
static int next(message *m, field *out)
{
    if (m->at == m->end)
        return 0;
    uint64_t tag = take_varint(m);
    *out = (field){.number = (unsigned)(tag >> 3)};
    out->value = take_varint(m);
    if ((tag & 7) == 2) {
        assert_true(out->value <= (uint64_t)(m->end - m->at));
        out->content = (message){m->at, m->at + out->value};
        m->at += out->value;
    } else {
        assert_int_equal(tag & 7, 0);
    }
    return 1;
}

/* Occurrence i of a field; fails the test without. */
static field get(message m, unsigned number, size_t i)
{
    field f;
    while (next(&m, &f))
        if (f.number == number && i-- == 0)
            return f;
    fail_msg("field %u is missing", number);
    return f;
}

static size_t count(message m, unsigned number)
{
    size_t n = 0;
    field f;
    while (next(&m, &f))
        n += f.number == number;
    return n;
}

/* Text, in one of a few places that change turns. */
static const char *text(message m, unsigned number, size_t i)
{
    static char places[8][256];
    static unsigned turn;
    char *out = places[turn++ % 8];
    message t = get(m, number, i).content;
    snprintf(out, sizeof places[0], "%.*s", (int)(t.end - t.at),
             (const char *)t.at);
    return out;
}

/* ---- Models ---- */

typedef struct model {
    uint8_t *bytes;
    message whole, graph;
} model;

static model export(temporary *t, const mnist_network *net,
                    const mnist_notes *notes)
{
    model m;
    size_t length;
    mnist_error err;
    const char *path = temporary_path(t, "x.onnx");
    assert_int_equal(mnist_export_onnx(net, notes, path, &err), MNIST_OK);
    m.bytes = temporary_read(path, &length);
    m.whole = (message){m.bytes, m.bytes + length};
    m.graph = get(m.whole, 7, 0).content;
    return m;
}

/* "Conv(scaled,conv2d.kernel,conv2d.bias) kernel_shape=3,3 -> conv2d" */
static void describe(char *out, size_t room, message node)
{
    size_t used = (size_t)snprintf(out, room, "%s(", text(node, 4, 0));
    for (size_t i = 0; i < count(node, 1); i++)
        used += (size_t)snprintf(out + used, room - used, "%s%s", i ? "," : "",
                                 text(node, 1, i));
    used += (size_t)snprintf(out + used, room - used, ")");
    for (size_t i = 0; i < count(node, 5); i++) {
        message a = get(node, 5, i).content;
        int many = get(a, 20, 0).value == 7;
        used +=
            (size_t)snprintf(out + used, room - used, " %s=", text(a, 1, 0));
        for (size_t k = 0; k < count(a, many ? 8 : 3); k++)
            used +=
                (size_t)snprintf(out + used, room - used, "%s%d", k ? "," : "",
                                 (int)get(a, many ? 8 : 3, k).value);
        assert_true(many || get(a, 20, 0).value == 2);
    }
    assert_string_equal(text(node, 2, 0), text(node, 3, 0));
    snprintf(out + used, room - used, " -> %s", text(node, 2, 0));
}

static void check_nodes(const model *m, const char *const *wanted)
{
    char found[512];
    size_t n = 0;
    for (; wanted[n]; n++) {
        describe(found, sizeof found, get(m->graph, 1, n).content);
        assert_string_equal(found, wanted[n]);
    }
    assert_int_equal(count(m->graph, 1), n);
}

/* The initializer of that name: its sizes, and a copy of its values. */
static float *initializer(const model *m, const char *name, size_t *sizes)
{
    for (size_t i = 0; i < count(m->graph, 5); i++) {
        message tensor = get(m->graph, 5, i).content;
        if (strcmp(text(tensor, 8, 0), name) != 0)
            continue;
        size_t values = 1;
        for (size_t d = 0; d < count(tensor, 1); d++) {
            sizes[d] = (size_t)get(tensor, 1, d).value;
            values *= sizes[d];
        }
        assert_int_equal(get(tensor, 2, 0).value, 1);
        message raw = get(tensor, 9, 0).content;
        assert_int_equal(raw.end - raw.at, 4 * values);
        float *out = malloc(values * sizeof *out);
        assert_non_null(out);
        for (size_t k = 0; k < values; k++) {
            uint32_t bits = mnist_load_le32(raw.at + 4 * k);
            memcpy(out + k, &bits, sizeof bits);
        }
        return out;
    }
    fail_msg("no initializer %s", name);
    return NULL;
}

static const mnist_tensor *tensor_of(const mnist_network *net, const char *name)
{
    const mnist_tensor *tensor;
    for (size_t i = 0; (tensor = mnist_network_tensor(net, i)); i++)
        if (strcmp(tensor->name, name) == 0)
            return tensor;
    fail_msg("no tensor %s", name);
    return NULL;
}

/* ---- Tests ---- */

static void every_kind_of_layer_has_its_operator(void **state)
{
    static const char *const nodes[] = {
        "Div(image,scale) -> scaled",
        "Conv(scaled,conv2d.kernel,conv2d.bias) kernel_shape=3,2 -> conv2d",
        "Tanh(conv2d) -> conv2d.tanh",
        "MaxPool(conv2d.tanh) kernel_shape=2,1 strides=2,1 -> max_pooling2d",
        "Conv(max_pooling2d,conv2d_1.kernel,conv2d_1.bias) kernel_shape=1,1 -> "
        "conv2d_1",
        "Softmax(conv2d_1) axis=1 -> conv2d_1.softmax",
        "AveragePool(conv2d_1.softmax) kernel_shape=1,2 strides=1,2 -> "
        "average_pooling2d",
        "Flatten(average_pooling2d) axis=1 -> dense.flatten",
        "Gemm(dense.flatten,dense.kernel,dense.bias) -> dense",
        "Sigmoid(dense) -> dense.sigmoid",
        "Gemm(dense.sigmoid,dense_1.kernel,dense_1.bias) -> dense_1",
        "Relu(dense_1) -> dense_1.relu",
        "Gemm(dense_1.relu,dense_2.kernel,dense_2.bias) -> dense_2",
        "Softmax(dense_2) axis=1 -> dense_2.softmax",
        "Gemm(dense_2.softmax,dense_3.kernel,dense_3.bias) -> dense_3",
        "Softmax(dense_3) axis=1 -> probabilities",
        NULL};
    mnist_network *net = make_network(
        "conv2d:2:3x2:tanh,maxpool:2x1,dropout:0.5,conv2d:3:1x1:softmax,"
        "avgpool:1x2,dense:5:sigmoid,flatten,dropout:0.1,dense:4:relu,"
        "dense:3:softmax,dense:3:softmax",
        9, 8, 255, 1);
    model m = export(*state, net, NULL);
    check_nodes(&m, nodes);
    free(m.bytes);
    mnist_network_free(net);
}

/* "N,1,9,8" of input or output number 0. */
static const char *shape_of(const model *m, unsigned which)
{
    static char out[64];
    size_t used = 0;
    message value = get(m->graph, which, 0).content;
    message type = get(get(value, 2, 0).content, 1, 0).content;
    message shape = get(type, 2, 0).content;
    assert_int_equal(get(type, 1, 0).value, 1);
    for (size_t i = 0; i < count(shape, 1); i++) {
        message dimension = get(shape, 1, i).content;
        if (i == 0)
            used =
                (size_t)snprintf(out, sizeof out, "%s", text(dimension, 2, 0));
        else
            used += (size_t)snprintf(out + used, sizeof out - used, ",%d",
                                     (int)get(dimension, 1, 0).value);
    }
    return out;
}

static void the_model_says_what_it_is(void **state)
{
    static const char *const nodes[] = {
        "Flatten(image) axis=1 -> flatten",
        "Gemm(flatten,dense.kernel,dense.bias) -> dense",
        "Softmax(dense) axis=1 -> probabilities", NULL};
    temporary *t = *state;
    const mnist_note notes[] = {{"seed", "7"}, {"checkpoint_x", "no"}};
    const char *path = temporary_path(t, "w");
    mnist_network *net = make_network("flatten,dense:4:softmax", 3, 5, 1, 1);
    mnist_notes *stored;
    assert_int_equal(mnist_weights_save(net, path, notes, 2, NULL), MNIST_OK);
    mnist_network_free(net);
    net = load_network(path, &stored);
    model m = export(t, net, stored);
    /* Raw pixels are not divided. */
    check_nodes(&m, nodes);
    assert_int_equal(get(m.whole, 1, 0).value, 7);
    assert_string_equal(text(m.whole, 2, 0), "mnist");
    assert_int_equal(get(get(m.whole, 8, 0).content, 2, 0).value, 13);
    assert_string_equal(text(get(m.graph, 11, 0).content, 1, 0), "image");
    assert_string_equal(shape_of(&m, 11), "N,1,3,5");
    assert_string_equal(shape_of(&m, 12), "N,4");
    assert_int_equal(count(m.whole, 14), 2);
    assert_string_equal(text(get(m.whole, 14, 0).content, 2, 0),
                        "flatten,dense:4:softmax");
    assert_string_equal(text(get(m.whole, 14, 1).content, 1, 0), "seed");
    free(m.bytes);
    mnist_notes_free(stored);
    mnist_network_free(net);
}

static void kernels_of_pictures_are_turned(void **state)
{
    enum { KH = 3, KW = 2, C = 2, F = 3 };
    mnist_network *net = make_network(
        "conv2d:2:2x2,conv2d:3:3x2:relu,dense:2:softmax", 6, 6, 255, 1);
    const mnist_tensor *ours = tensor_of(net, "conv2d_1.kernel");
    model m = export(*state, net, NULL);
    size_t sizes[4];
    float *theirs = initializer(&m, "conv2d_1.kernel", sizes);
    const size_t wanted[] = {F, C, KH, KW};
    assert_memory_equal(sizes, wanted, sizeof sizes);
    for (size_t y = 0; y < KH; y++)
        for (size_t x = 0; x < KW; x++)
            for (size_t c = 0; c < C; c++)
                for (size_t f = 0; f < F; f++)
                    assert_true(theirs[((f * C + c) * KH + y) * KW + x] ==
                                ours->data[((y * KW + x) * C + c) * F + f]);
    free(theirs);
    free(m.bytes);
    mnist_network_free(net);
}

static void rows_behind_a_picture_are_turned(void **state)
{
    enum { H = 2, W = 4, C = 3, J = 5 };
    mnist_network *net = make_network(
        "conv2d:3:2x1:relu,dropout:0.5,flatten,dropout:0.5,dense:5:relu,"
        "dense:2:softmax",
        3, 4, 255, 1);
    const mnist_tensor *ours = tensor_of(net, "dense.kernel");
    const mnist_tensor *second = tensor_of(net, "dense_1.kernel");
    model m = export(*state, net, NULL);
    size_t sizes[4];
    float *theirs = initializer(&m, "dense.kernel", sizes);
    assert_int_equal(sizes[0], H * W * C);
    assert_int_equal(sizes[1], J);
    for (size_t y = 0; y < H; y++)
        for (size_t x = 0; x < W; x++)
            for (size_t c = 0; c < C; c++)
                for (size_t j = 0; j < J; j++)
                    assert_true(theirs[((c * H + y) * W + x) * J + j] ==
                                ours->data[((y * W + x) * C + c) * J + j]);
    free(theirs);
    theirs = initializer(&m, "dense_1.kernel", sizes);
    assert_memory_equal(theirs, second->data, second->count * sizeof *theirs);
    free(theirs);
    free(m.bytes);
    mnist_network_free(net);
}

#define TEST(f)                                                                \
    cmocka_unit_test_setup_teardown(f, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_kind_of_layer_has_its_operator),
        TEST(the_model_says_what_it_is),
        TEST(kernels_of_pictures_are_turned),
        TEST(rows_behind_a_picture_are_turned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
