#include "exchange/c_parts.h"

#include "layers/kinds.h"

const char mnist_c_usage[] =
    " *     unsigned char pixels[$_ROWS * $_COLS];\n"
    " *     float probabilities[$_CLASSES];\n"
    " *     int label = @_predict(pixels, probabilities);\n"
    " *\n"
    " * pixels are row by row, as they are in an IDX file: 0 is the ground, "
    "255\n"
    " * the ink. The label is that of the largest probability, or -1 if the\n"
    " * numbers overflowed.\n"
    " *\n"
    " * The scratch is static, so one call at a time. With $_SCRATCH defined "
    "as\n"
    " * nothing it is on the stack, and calls do not meet; as _Thread_local\n"
    " * static, each thread has its own.\n"
    " */\n";

/* e^r to the term r^7 / 7!: the next, for |r| <= ln 2 / 2, is below 6e-9. ln 2
   is 355/512, whose product with n is exact, and the rest. */
static const char exp_text[] =
    "\n"
    "/* e^x, with a relative error below 3e-7, by Taylor's series of e^r, "
    "where\n"
    "   x = n ln 2 + r. Below -87 it is 0, above 88 that of 88. */\n"
    "static float @_exp(float x)\n"
    "{\n"
    "    float r, y, power = 1.0f, square;\n"
    "    int n, bits;\n"
    "    if (x < -87.0f)\n"
    "        return 0.0f;\n"
    "    if (x > 88.0f)\n"
    "        x = 88.0f;\n"
    "    if (x != x)\n"
    "        return x;\n"
    "    n = (int)(x * 1.44269504f + (x < 0.0f ? -0.5f : 0.5f));\n"
    "    r = x - (float)n * 0.693359375f + (float)n * 2.12194440e-4f;\n"
    "    y = 1.0f / 720.0f + r * (1.0f / 5040.0f);\n"
    "    y = 1.0f / 24.0f + r * (1.0f / 120.0f + r * y);\n"
    "    y = 0.5f + r * (1.0f / 6.0f + r * y);\n"
    "    y = 1.0f + r * (1.0f + r * y);\n"
    "    square = n < 0 ? 0.5f : 2.0f;\n"
    "    for (bits = n < 0 ? -n : n; bits; bits >>= 1) {\n"
    "        if (bits & 1)\n"
    "            power *= square;\n"
    "        square *= square;\n"
    "    }\n"
    "    return y * power;\n"
    "}\n";

static const char dense_text[] =
    "\n"
    "/* y = x w + b; w: I rows of J. What is 0 in x adds nothing. */\n"
    "static void @_dense(const float *x, unsigned long I, const float *w,\n"
    "                    const float *b, unsigned long J, float *y)\n"
    "{\n"
    "    unsigned long i, j;\n"
    "    for (j = 0; j < J; j++)\n"
    "        y[j] = 0.0f;\n"
    "    for (i = 0; i < I; i++)\n"
    "        if (x[i] != 0.0f)\n"
    "            for (j = 0; j < J; j++)\n"
    "                y[j] += x[i] * w[i * J + j];\n"
    "    for (j = 0; j < J; j++)\n"
    "        y[j] += b[j];\n"
    "}\n";

static const char conv2d_text[] =
    "\n"
    "/* x: H x W x C, w: KH x KW x C x F, y: H - KH + 1 x W - KW + 1 x F. */\n"
    "static void @_conv2d(const float *x, unsigned long H, unsigned long W,\n"
    "                     unsigned long C, const float *w, const float *b,\n"
    "                     unsigned long KH, unsigned long KW, unsigned long "
    "F,\n"
    "                     float *y)\n"
    "{\n"
    "    unsigned long oy, ox, ky, i, f;\n"
    "    for (oy = 0; oy + KH <= H; oy++)\n"
    "        for (ox = 0; ox + KW <= W; ox++, y += F) {\n"
    "            const float *kernel = w;\n"
    "            for (f = 0; f < F; f++)\n"
    "                y[f] = 0.0f;\n"
    "            for (ky = 0; ky < KH; ky++) {\n"
    "                const float *line = x + ((oy + ky) * W + ox) * C;\n"
    "                for (i = 0; i < KW * C; i++, kernel += F)\n"
    "                    for (f = 0; f < F; f++)\n"
    "                        y[f] += line[i] * kernel[f];\n"
    "            }\n"
    "            for (f = 0; f < F; f++)\n"
    "                y[f] += b[f];\n"
    "        }\n"
    "}\n";

/* Both kinds of pooling: their name, what they are, where a window begins, what
   each of its values does, and what is done at its end. */
#define POOL_TEXT(name, what, begin, step, end)                                \
    "\n"                                                                       \
    "/* The " what " of each window PH x PW of x: H x W x C. */\n"             \
    "static void @_" name "(const float *x, unsigned long H, "                 \
    "unsigned long W,\n"                                                       \
    "                      unsigned long C, unsigned long PH,\n"               \
    "                      unsigned long PW, float *y)\n"                      \
    "{\n"                                                                      \
    "    unsigned long oy, ox, py, px, c;\n"                                   \
    "    for (oy = 0; oy + PH <= H; oy += PH)\n"                               \
    "        for (ox = 0; ox + PW <= W; ox += PW)\n"                           \
    "            for (c = 0; c < C; c++) {\n"                                  \
    "                const float *window = x + (oy * W + ox) * C + c;\n"       \
    "                float result = " begin ";\n"                              \
    "                for (py = 0; py < PH; py++)\n"                            \
    "                    for (px = 0; px < PW; px++) {\n"                      \
    "                        float value = window[(py * W + px) * C];\n"       \
    "                        " step ";\n"                                      \
    "                    }\n"                                                  \
    "                *y++ = result" end ";\n"                                  \
    "            }\n"                                                          \
    "}\n"

static const char avgpool_text[] = POOL_TEXT(
    "avgpool", "mean", "0.0f", "result += value", " / (float)(PH * PW)");
static const char maxpool_text[] =
    POOL_TEXT("maxpool", "largest value", "window[0]",
              "result = value > result ? value : result", "");

/* An activation of each value by itself. */
#define VALUES_TEXT(name, value)                                               \
    "\n"                                                                       \
    "static void @_" name "(float *y, unsigned long n)\n"                      \
    "{\n"                                                                      \
    "    unsigned long i;\n"                                                   \
    "    for (i = 0; i < n; i++)\n"                                            \
    "        y[i] = " value ";\n"                                              \
    "}\n"

static const char relu_text[] =
    VALUES_TEXT("relu", "y[i] < 0.0f ? 0.0f : y[i]");
static const char tanh_text[] =
    VALUES_TEXT("tanh", "1.0f - 2.0f / (@_exp(2.0f * y[i]) + 1.0f)");
static const char sigmoid_text[] =
    VALUES_TEXT("sigmoid", "1.0f / (1.0f + @_exp(-y[i]))");

static const char softmax_text[] =
    "\n"
    "/* Of each row of K values. */\n"
    "static void @_softmax(float *y, unsigned long rows, unsigned long K)\n"
    "{\n"
    "    unsigned long k;\n"
    "    for (; rows > 0; rows--, y += K) {\n"
    "        float largest = y[0], sum = 0.0f;\n"
    "        for (k = 1; k < K; k++)\n"
    "            largest = y[k] > largest ? y[k] : largest;\n"
    "        for (k = 0; k < K; k++) {\n"
    "            y[k] = @_exp(y[k] - largest);\n"
    "            sum += y[k];\n"
    "        }\n"
    "        for (k = 0; k < K; k++)\n"
    "            y[k] /= sum;\n"
    "    }\n"
    "}\n";

const char *const mnist_c_text[MNIST_C_PARTS] = {
    [MNIST_C_EXP] = exp_text,         [MNIST_C_DENSE] = dense_text,
    [MNIST_C_CONV2D] = conv2d_text,   [MNIST_C_AVGPOOL] = avgpool_text,
    [MNIST_C_MAXPOOL] = maxpool_text, [MNIST_C_RELU] = relu_text,
    [MNIST_C_TANH] = tanh_text,       [MNIST_C_SIGMOID] = sigmoid_text,
    [MNIST_C_SOFTMAX] = softmax_text,
};

mnist_c_part mnist_c_part_of(const mnist_layer_kind *kind)
{
    static const mnist_layer_kind *const kinds[MNIST_C_PARTS] = {
        [MNIST_C_DENSE] = &mnist_layer_dense,
        [MNIST_C_CONV2D] = &mnist_layer_conv2d,
        [MNIST_C_AVGPOOL] = &mnist_layer_avgpool,
        [MNIST_C_MAXPOOL] = &mnist_layer_maxpool,
        [MNIST_C_RELU] = &mnist_layer_relu,
        [MNIST_C_TANH] = &mnist_layer_tanh,
        [MNIST_C_SIGMOID] = &mnist_layer_sigmoid,
        [MNIST_C_SOFTMAX] = &mnist_layer_softmax,
    };
    for (mnist_c_part part = 0; kind && part < MNIST_C_PARTS; part++)
        if (kinds[part] == kind)
            return part;
    return MNIST_C_PARTS;
}

bool mnist_c_part_needs_exp(mnist_c_part part)
{
    return part == MNIST_C_TANH || part == MNIST_C_SIGMOID ||
           part == MNIST_C_SOFTMAX;
}
