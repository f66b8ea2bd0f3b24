/*
 * The network, computed as `mnist predict` computes it.
 *
 * A float of a Float32Array is rounded as it is stored, so a sum kept in one is
 * the same chain of float32 additions, in the same order, as the program's; its
 * products are not rounded on the way, nor are those of fma. What is left of a
 * difference is in the last digits of exp and tanh.
 *
 * The description comes from the page:
 *
 *     network    the line: "dense:512:relu,dense:10:softmax"
 *     rows, cols of an image
 *     scale      pixels enter as pixel / scale
 *     classes    outputs
 *     tensors    in the order of the layers, each with its name, its shape and
 *                its values: little-endian float32 in base64
 */

function decodeFloats(base64) {
    const text = atob(base64);
    const bytes = new DataView(new ArrayBuffer(text.length));
    for (let i = 0; i < text.length; i++)
        bytes.setUint8(i, text.charCodeAt(i));
    const floats = new Float32Array(text.length / 4);
    for (let i = 0; i < floats.length; i++)
        floats[i] = bytes.getFloat32(4 * i, true);
    return floats;
}

/* ---- Activations: of the values x in place, in rows of `channels`. ---- */

function softmaxRow(x) {
    let sum = 0;
    const highest = x.reduce((a, b) => Math.max(a, b));
    for (let k = 0; k < x.length; k++)
        x[k] = Math.exp(Math.fround(x[k] - highest));
    for (const e of x)
        sum = Math.fround(sum + e);
    for (let k = 0; k < x.length; k++)
        x[k] /= sum;
}

function eachValue(f) {
    return x => {
        for (let i = 0; i < x.length; i++)
            x[i] = f(x[i]);
    };
}

const activations = {
    linear() {},
    relu: eachValue(v => v < 0 ? 0 : v),
    tanh: eachValue(Math.tanh),
    sigmoid: eachValue(v => 1 / (1 + Math.exp(-v))),
    softmax(x, channels) {
        for (let i = 0; i < x.length; i += channels)
            softmaxRow(x.subarray(i, i + channels));
    },
};

/* ---- Layers ----
 *
 * Each takes the fields of the line behind its keyword, the shape {h, w, c} of
 * what comes in, and `next`, which gives its next tensor's values after it has
 * seen that the shape is right. It returns the shape of what goes out and how
 * to compute that from x. Pictures lie row by row, the channels side by side.
 */

/* "relu" of the fields: the one that is no penalty. */
function activationOf(fields) {
    const name = fields.find(field => !/^l[12]=/.test(field)) ?? "linear";
    if (!Object.hasOwn(activations, name))
        throw new Error(`no activation ${name}`);
    return activations[name];
}

const sizesOf = field => field.split("x").map(Number);

/* y[j] += sum over i of x[i] w[from + i][j], where w has as many columns as y
   values. */
function addProduct(x, w, from, y) {
    const columns = y.length;
    for (let i = 0; i < x.length; i++) {
        const v = x[i];
        if (v === 0)
            continue;
        for (let j = 0, k = (from + i) * columns; j < columns; j++, k++)
            y[j] += v * w[k];
    }
}

function addBias(y, b) {
    for (let j = 0; j < b.length; j++)
        y[j] += b[j];
}

function dense([units, ...rest], input, next) {
    const inputs = input.h * input.w * input.c, J = Number(units);
    const w = next(inputs, J), b = next(J), activate = activationOf(rest);
    return {
        shape: {h: 1, w: 1, c: J},
        run(x) {
            const y = new Float32Array(J);
            addProduct(x, w, 0, y);
            addBias(y, b);
            activate(y, J);
            return y;
        },
    };
}

/* Without padding, step 1. */
function conv2d([filters, window, ...rest], input, next) {
    const [KH, KW] = sizesOf(window), {w: W, c: C} = input;
    const F = Number(filters), OH = input.h - KH + 1, OW = W - KW + 1;
    const kernel = next(KH, KW, C, F), b = next(F);
    const activate = activationOf(rest);
    return {
        shape: {h: OH, w: OW, c: F},
        run(x) {
            const y = new Float32Array(OH * OW * F);
            for (let p = 0; p < OH * OW; p++) {
                const oy = Math.floor(p / OW), ox = p % OW;
                const out = y.subarray(p * F, (p + 1) * F);
                for (let ky = 0; ky < KH; ky++) {
                    const at = ((oy + ky) * W + ox) * C;
                    addProduct(x.subarray(at, at + KW * C), kernel,
                               ky * KW * C, out);
                }
                addBias(out, b);
            }
            activate(y, F);
            return y;
        },
    };
}

/* Windows side by side; what does not fill one is left out. `start` and `take`
   make one number of those of a window, `finish` ends it. */
function pooling(start, take, finish) {
    return ([window], {h, w, c}) => {
        const [PH, PW] = sizesOf(window);
        const OH = Math.floor(h / PH), OW = Math.floor(w / PW);
        const pool = (x, oy, ox, channel) => {
            let result = start;
            for (let py = 0; py < PH; py++)
                for (let px = 0; px < PW; px++) {
                    const at = (oy * PH + py) * w + ox * PW + px;
                    result = take(result, x[at * c + channel]);
                }
            return finish(result, PH * PW);
        };
        return {
            shape: {h: OH, w: OW, c},
            run(x) {
                const y = new Float32Array(OH * OW * c);
                for (let i = 0; i < y.length; i++) {
                    const p = Math.floor(i / c);
                    y[i] = pool(x, Math.floor(p / OW), p % OW, i % c);
                }
                return y;
            },
        };
    };
}

/* A picture becomes a row in the order in which it lies: nothing to do. */
const flatten = (fields, {h, w, c}) =>
    ({shape: {h: 1, w: 1, c: h * w * c}, run: x => x});

/* Drops in training only. */
const dropout = (fields, shape) => ({shape, run: x => x});

const layers = {
    dense,
    conv2d,
    avgpool: pooling(0, (sum, v) => Math.fround(sum + v), (sum, n) => sum / n),
    maxpool: pooling(-Infinity, Math.max, largest => largest),
    flatten,
    dropout,
};

/* ---- The network ---- */

/* The layers of a description, ready to run. */
function buildLayers({network, rows, cols, tensors}) {
    const left = tensors.slice();
    const next = (...shape) => {
        const tensor = left.shift();
        if (tensor?.shape.join() !== shape.join())
            throw new Error(`expected a tensor of ${shape.join("x")}, found ` +
                            `${tensor?.name} of ${tensor?.shape.join("x")}`);
        return decodeFloats(tensor.values);
    };
    let shape = {h: rows, w: cols, c: 1};
    return network.split(",").map(text => {
        const [keyword, ...fields] = text.split(":");
        if (!Object.hasOwn(layers, keyword))
            throw new Error(`no layer ${keyword}`);
        const layer = layers[keyword](fields, shape, next);
        shape = layer.shape;
        return layer;
    });
}

/* Returns a function from an image's rows * cols levels, 0 to 255, to the
   probabilities of its classes. */
function makeClassifier(description) {
    const {scale} = description;
    const chain = buildLayers(description);
    return pixels => {
        let x = Float32Array.from(pixels, pixel => pixel / scale);
        for (const layer of chain)
            x = layer.run(x);
        return x;
    };
}
