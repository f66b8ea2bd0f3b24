#!/usr/bin/env python3
"""Makes tests/golden/*.h: what the tests take for true, but for what
make_golden_layers.py makes.

Every number comes from float64 NumPy, and every gradient from PyTorch's
autograd in float64 as well: the script stops where the two disagree. Nothing of
the project's own is asked. Needs NumPy and PyTorch; run it from anywhere:

    scripts/make_golden.py [FOLDER]        default: tests/golden
"""
import pathlib
import platform
import sys

import numpy as np
import torch

SEED = 20240229
ROWS, COLS = 5, 7  # odd on purpose: no vector width divides 35
CORNER = 0.05  # every input of a relu stays this far from 0


# ------------------------------------------------------------- the reference


class Dense:
    """One layer of a network line: `dense:UNITS[:ACTIVATION][:l1=R][:l2=R]`."""

    def __init__(self, text):
        fields = text.split(":")
        assert fields[0] == "dense"
        self.units = int(fields[1])
        self.activation, self.l1, self.l2 = "linear", 0.0, 0.0
        for field in fields[2:]:
            if field.startswith("l1="):
                self.l1 = float(field[3:])
            elif field.startswith("l2="):
                self.l2 = float(field[3:])
            else:
                self.activation = field


def parse(line):
    return [Dense(text) for text in line.split(",")]


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def cross_entropy(z, labels):
    """Of each row: log of the sum of exponentials, less the label's logit.

    The largest logit is left out of the sum and comes back through log1p, so
    that a loss near 0 keeps all its digits.
    """
    rows, top = np.arange(len(z)), z.argmax(axis=1)
    e = np.exp(z - z[rows, top][:, None])
    e[rows, top] = 0
    return (z[rows, top] - z[rows, labels]) + np.log1p(e.sum(axis=1))


def forward(layers, tensors, x):
    """The inputs z of every activation; the last are the logits."""
    zs, a = [], x
    for i, layer in enumerate(layers):
        z = a @ tensors[2 * i] + tensors[2 * i + 1]
        zs.append(z)
        a = {"relu": lambda v: np.maximum(v, 0), "linear": lambda v: v,
             "softmax": softmax}[layer.activation](z)
    return zs


def penalty(layers, tensors):
    return sum(l.l1 * np.abs(w).sum() + l.l2 * (w * w).sum()
               for l, w in zip(layers, tensors[::2]))


def gradients(layers, tensors, x, labels):
    """Of mean cross-entropy plus penalty, by hand-written backpropagation."""
    zs = forward(layers, tensors, x)
    dz = softmax(zs[-1])
    dz[np.arange(len(x)), labels] -= 1
    dz /= len(x)
    out = []
    for i in reversed(range(len(layers))):
        layer, w = layers[i], tensors[2 * i]
        a = x
        if i > 0:
            before = layers[i - 1].activation
            a = zs[i - 1]
            if before == "relu":
                a = np.maximum(a, 0)
            elif before == "softmax":
                a = softmax(a)
        dw = a.T @ dz + layer.l1 * np.sign(w) + 2 * layer.l2 * w
        out = [dw, dz.sum(axis=0)] + out
        if i > 0:
            da = dz @ w.T
            if before == "relu":
                da = da * (zs[i - 1] > 0)
            elif before == "softmax":
                da = a * (da - (da * a).sum(axis=1, keepdims=True))
            dz = da
    return out


def torch_gradients(layers, tensors, x, labels):
    """The same by autograd, in float64."""
    leaves = [torch.tensor(t, dtype=torch.float64, requires_grad=True)
              for t in tensors]
    a = torch.tensor(x, dtype=torch.float64)
    loss = 0
    for i, layer in enumerate(layers):
        w = leaves[2 * i]
        a = a @ w + leaves[2 * i + 1]
        loss = loss + layer.l1 * w.abs().sum() + layer.l2 * (w * w).sum()
        if i + 1 < len(layers) and layer.activation == "relu":
            a = torch.relu(a)
        elif i + 1 < len(layers) and layer.activation == "softmax":
            a = torch.softmax(a, 1)
    loss = loss + torch.nn.functional.cross_entropy(a, torch.tensor(labels))
    loss.backward()
    return float(loss), [leaf.grad.numpy() for leaf in leaves]


class RMSprop:
    """Keras 3's rule: epsilon inside the root."""

    def __init__(self, tensors, lr=0.001, rho=0.9, momentum=0.0, epsilon=1e-7,
                 centered=False):
        self.lr, self.rho = lr, rho
        self.momentum, self.epsilon = momentum, epsilon
        self.centered = centered
        self.v = [np.zeros_like(t) for t in tensors]
        self.s = [np.zeros_like(t) for t in tensors]
        self.a = [np.zeros_like(t) for t in tensors]

    def step(self, tensors, grads):
        for w, g, v, s, a in zip(tensors, grads, self.v, self.s, self.a):
            v *= self.rho
            v += (1 - self.rho) * g * g
            a *= self.rho
            a += (1 - self.rho) * g
            variance = v - a * a if self.centered else v
            s *= self.momentum
            s += self.lr * g / np.sqrt(variance + self.epsilon)
            w -= s


def check_rmsprop():
    """Against Keras' own published figures and, without epsilon, PyTorch."""
    w = [np.array([1.0, 2.0, 3.0, 4.0])]
    RMSprop(w, lr=0.5).step(w, [np.array([1.0, 6.0, 7.0, 2.0])])
    assert np.allclose(w[0], [-0.5811, 0.4189, 1.4189, 2.4189], atol=1e-4)
    for momentum, centered in ((0.0, False), (0.7, False), (0.0, True),
                               (0.7, True)):
        rng = np.random.default_rng(SEED)
        ours = [rng.normal(size=9)]
        theirs = torch.tensor(ours[0].copy(), requires_grad=True)
        a = RMSprop(ours, momentum=momentum, epsilon=0.0, centered=centered)
        b = torch.optim.RMSprop([theirs], lr=0.001, alpha=0.9, eps=0.0,
                                momentum=momentum, centered=centered)
        for _ in range(10):
            g = rng.normal(size=9)
            a.step(ours, [g])
            theirs.grad = torch.tensor(g)
            b.step()
        assert np.allclose(ours[0], theirs.detach().numpy(), rtol=1e-13)


def float32(array):
    """Rounded to what the C code is given, kept in float64."""
    return np.asarray(array).astype(np.float32).astype(np.float64)


def start(rng, layers, inputs, zeros=False):
    """Parameters in no special order; some 0 and -0 where L1 has its corner."""
    tensors = []
    for layer in layers:
        kernel = rng.normal(0, 1.5 / np.sqrt(inputs), (inputs, layer.units))
        if zeros:
            kernel[rng.random(kernel.shape) < 0.1] = 0.0
            kernel[rng.random(kernel.shape) < 0.1] = -0.0
        tensors += [float32(kernel), float32(rng.normal(0, 0.3, layer.units))]
        inputs = layer.units
    return tensors


# ----------------------------------------------------------------- writing C


def items(values, text):
    lines, line = [], "   "
    for value in values:
        word = " " + text(value) + ","
        if len(line) + len(word) > 80:
            lines.append(line)
            line = "   "
        line += word
    return "\n".join(lines + [line])


def real(value):
    value = float(value)
    if np.isinf(value):
        return "INFINITY" if value > 0 else "-INFINITY"
    return repr(value)


def single(value):
    digits, exponent = float(value).hex().split("p")
    return digits.rstrip("0").rstrip(".") + "p" + exponent + "f"


FORMS = {"float": single, "double": real,
         "uint8_t": lambda v: str(int(v)), "size_t": lambda v: str(int(v))}


def array(kind, name, values):
    values = np.asarray(values).ravel()
    return (f"static const {kind} {name}[{len(values)}] = {{\n"
            f"{items(values, FORMS[kind])}\n}};\n")


def write(folder, name, about, body, script="make_golden.py", own=""):
    """own: a header of the tests that the body needs."""
    include = f'\n#include {own}\n' if own else ""
    guard = f"GOLDEN_{name.upper()}_H"
    text = (f"/*\n{about}\n *\n"
            f" * Made by scripts/{script}, seed {SEED}, with Python "
            f"{platform.python_version()},\n * NumPy {np.__version__}, PyTorch "
            f"{torch.__version__}. Do not edit.\n */\n"
            f"/* clang-format off */\n#ifndef {guard}\n#define {guard}\n\n"
            "#include <math.h>\n#include <stddef.h>\n#include <stdint.h>\n"
            f"{include}\n{body}\n#endif\n")
    (folder / f"{name}.h").write_text(text)


def dense_names(count):
    layers = ["dense"] + [f"dense_{i}" for i in range(1, count)]
    return [f"{l}.{part}" for l in layers for part in ("kernel", "bias")]


def tensor_rows(prefix, names, tensors, other):
    """Arrays for the values and a table of golden_tensor."""
    body, rows = "", ""
    for i, (name, value) in enumerate(zip(names, tensors)):
        size = ", ".join(map(str, value.shape))
        body += array("float", f"{prefix}_value_{i}", value)
        body += array("double", f"{prefix}_after_{i}", other[i])
        rows += (f'    {{"{name}", {value.ndim}, {{{size}}},\n'
                 f"     {prefix}_value_{i}, {prefix}_after_{i}}},\n")
    body += (f"static const golden_tensor {prefix}_tensors[] = {{\n"
             f"{rows}    {{NULL, 0, {{0}}, NULL, NULL}},\n}};\n")
    return body


def network_row(name, line, scale, pixels, labels, logits, extra, names,
                tensors, grads):
    """Arrays of one golden_network of the tests, and its row of a table."""
    count, classes = len(pixels), logits.shape[1]
    body = array("uint8_t", f"{name}_pixels", pixels)
    body += array("uint8_t", f"{name}_labels", labels)
    body += array("double", f"{name}_logits", logits)
    body += array("double", f"{name}_probabilities", softmax(logits))
    body += array("double", f"{name}_losses", cross_entropy(logits, labels))
    body += tensor_rows(name, names, tensors, grads)
    row = (f'    {{"{name}",\n     "{line}",\n     {ROWS}, {COLS}, {scale}, '
           f"{count}, {classes}, {name}_pixels, {name}_labels,\n"
           f"     {name}_logits, {name}_probabilities, {name}_losses,\n"
           f"     {real(extra)}, {name}_tensors}},\n")
    return body + "\n", row


# -------------------------------------------------------------- the headers

NETWORKS = [
    # name, line, images, scale
    ("relu", "dense:4:relu,dense:3:softmax", 3, 255),
    ("single", "dense:4:relu,dense:3:softmax", 1, 255),
    ("penalties", "dense:5:relu:l1=0.01,dense:4:linear:l2=0.003,"
     "dense:3:softmax:l1=0.002:l2=0.001", 3, 255),
    ("raw", "dense:3:softmax", 1, 1),
    ("hidden_softmax", "dense:5:softmax,dense:3:softmax", 3, 255),
    ("plain", "dense:4,dense:5:softmax:l2=0.01", 3, 100),
]


def far_from_corners(layers, tensors, x):
    zs = forward(layers, tensors, x)
    return all(np.abs(z).min() > CORNER
               for layer, z in zip(layers, zs) if layer.activation == "relu")


def make_network(rng, name, line, count, scale):
    layers = parse(line)
    classes = layers[-1].units
    pixels = rng.integers(0, 256, (count, ROWS * COLS))
    pixels[:, 3] = 0
    pixels[0, 4] = 255
    labels = rng.integers(0, classes, count)
    x = pixels / scale
    while True:
        tensors = start(rng, layers, ROWS * COLS, zeros="l1" in line)
        if far_from_corners(layers, tensors, x):
            break
    logits = forward(layers, tensors, x)[-1]
    grads = gradients(layers, tensors, x, labels)
    each = cross_entropy(logits, labels)
    extra = penalty(layers, tensors)
    loss, others = torch_gradients(layers, tensors, x, labels)
    assert abs(loss - each.mean() - extra) < 1e-12 * (1 + loss)
    for a, b in zip(grads, others):
        assert np.abs(a - b).max() <= 1e-12 * (1 + np.abs(b).max())
    return network_row(name, line, scale, pixels, labels, logits, extra,
                       dense_names(len(layers)), tensors, grads)


def make_networks(folder):
    rng = np.random.default_rng(SEED)
    bodies, rows = zip(*(make_network(rng, *net) for net in NETWORKS))
    body = "".join(bodies)
    body += ("static const golden_network golden_networks[] = {\n"
             + "".join(rows) + "};\n")
    write(folder, "networks", """\
 * Small dense networks: logits, probabilities, losses, and the gradient of
 * (mean cross-entropy + penalty) with respect to every parameter. float64.
 * The inputs of every relu are at least 0.05 away from its corner.""", body,
          own='"support/golden.h"')


def make_loss(folder):
    """Rows of logits that break a careless softmax."""
    rows = [
        ("ordinary", [0.5, -1.25, 3.0, 0.0, 2.5, -0.75], 2),
        ("equal", [7.5] * 6, 3),
        ("zeros", [0.0] * 6, 0),
        ("large", [1000.0, 1001.0, 999.0, 1000.5, 998.0, 1000.0], 4),
        ("large negative", [-1e4, -1.0001e4, -9.999e3, -1e4, -1e4, -1e4], 1),
        ("huge spread, label on top", [300.0, -300.0, 0.0, 10.0, -5e3, 1.0], 0),
        ("huge spread, label below", [300.0, -300.0, 0.0, 10.0, -5e3, 1.0], 4),
        ("1e30, label below", [1e30, -1e30, 0.0, 0.0, 0.0, 0.0], 1),
        ("largest floats", [1.5e38, 1.5e38, -1.5e38, 0.0, 0.0, 1.0], 0),
        ("last exponentials", [0.0, -87.0, -88.5, -100.0, -103.5, -110.0], 3),
        ("near one", [16.0, 0.0, 0.0, 0.0, 0.0, 0.0], 0),
        ("two on top", [20.0, 20.0, 0.0, -20.0, 0.0, 0.0], 1),
        ("neighbours", [1.0, 1.0 + 2.0**-23, 1.0 - 2.0**-24, 1.0, 1.0, 1.0], 1),
        ("tiny", [1e-30, -1e-30, 1e-38, 1e-42, 0.0, -0.0], 5),
    ]
    z = float32([r[1] for r in rows])
    labels = np.array([r[2] for r in rows])
    p = softmax(z)
    each = cross_entropy(z, labels)
    t = torch.tensor(z, requires_grad=True)
    theirs = torch.nn.functional.cross_entropy(t, torch.tensor(labels),
                                               reduction="none")
    assert np.allclose(theirs.detach().numpy(), each, rtol=1e-12, atol=1e-12)
    theirs.mean().backward()
    dz = p.copy()
    dz[np.arange(len(z)), labels] -= 1
    dz /= len(z)
    assert np.allclose(t.grad.numpy(), dz, rtol=1e-12, atol=1e-16)
    body = f"enum {{ golden_loss_rows = {len(z)}, golden_loss_cols = 6 }};\n\n"
    names = "\n".join(f'    "{r[0]}",' for r in rows)
    body += (f"static const char *const golden_loss_name[{len(z)}] = {{\n"
             f"{names}\n}};\n")
    body += array("float", "golden_loss_z", z)
    body += array("uint8_t", "golden_loss_label", labels)
    body += array("double", "golden_loss_p", p)
    body += array("double", "golden_loss_each", each)
    body += array("double", "golden_loss_dz", dz)
    write(folder, "loss", """\
 * Softmax and cross-entropy on awkward logits: probabilities, loss of each row,
 * gradient of the mean loss of all rows. float64.""", body)


RULES = [
    # name, lr, rho, momentum, epsilon, centered
    ("defaults", 0.001, 0.9, 0.0, 1e-7, False),
    ("momentum", 0.01, 0.9, 0.5, 1e-7, False),
    ("slow", 0.1, 0.99, 0.9, 1e-3, False),
    ("forgets", 0.5, 0.0, 0.0, 1e-7, False),
    ("centered", 0.001, 0.9, 0.0, 1e-7, True),
    ("centered_momentum", 0.01, 0.8, 0.7, 1e-5, True),
]


def make_rmsprop(folder):
    """Ten steps for 37 parameters whose gradients have very different sizes."""
    rng = np.random.default_rng(SEED + 1)
    n, steps = 37, 10
    w0 = float32(rng.normal(size=n))
    sizes = 10.0 ** rng.integers(-6, 7, n)
    grads = float32(rng.normal(size=(steps, n)) * sizes)
    grads[:, 0] = 0.0  # never a gradient
    grads[1:, 1] = 0.0  # one gradient, then decay
    grads[:, 2] = float32(1e-25)  # its square is below the smallest float
    grads[:, 3] = -float32(1e-25)
    marks = [1, 2, steps]
    body = """typedef struct golden_rule {
    const char *name;
    double lr, rho, momentum, epsilon;
    /* After each step of golden_rmsprop_marks, n values; s: NULL without
       momentum; a: NULL unless centered. */
    const double *w, *v, *s, *a;
} golden_rule;

"""
    body += (f"enum {{ golden_rmsprop_n = {n}, golden_rmsprop_steps = {steps},"
             f" golden_rmsprop_marked = {len(marks)} }};\n")
    body += array("size_t", "golden_rmsprop_marks", marks)
    body += array("float", "golden_rmsprop_w", w0)
    body += array("float", "golden_rmsprop_g", grads)
    rows = ""
    for name, lr, rho, momentum, epsilon, centered in RULES:
        w = [w0.copy()]
        rule = RMSprop(w, lr, rho, momentum, epsilon, centered)
        after = {"w": [], "v": [], "s": [], "a": []}
        for i, g in enumerate(grads):
            rule.step(w, [g])
            if i + 1 in marks:
                for letter, value in zip("wvsa", (w[0], rule.v[0], rule.s[0],
                                                  rule.a[0])):
                    after[letter].append(value.copy())
        letters = ("wv" + ("s" if momentum else "")
                   + ("a" if centered else ""))
        for letter in letters:
            body += array("double", f"{name}_{letter}", after[letter])
        rows += (f'    {{"{name}", {lr}, {rho}, {momentum}, {epsilon},\n'
                 f"     {name}_w, {name}_v, "
                 f"{name + '_s' if momentum else 'NULL'}, "
                 f"{name + '_a' if centered else 'NULL'}}},\n")
    body += ("\nstatic const golden_rule golden_rules[] = {\n" + rows + "};\n")
    write(folder, "rmsprop", """\
 * RMSprop by Keras 3's rule (epsilon inside the root): ten steps with and
 * without momentum, centered or not. float64.""", body)


TRAININGS = [
    # name, line, lr, rho, momentum, epsilon
    ("defaults", "dense:6:relu,dense:3:softmax", 0.001, 0.9, 0.0, 1e-7),
    ("all_options", "dense:6:relu:l1=0.001,dense:5:linear:l2=0.01,"
     "dense:3:softmax", 0.01, 0.8, 0.5, 1e-5),
]


def make_training(folder):
    """23 images in batches of 5, twice: ten steps, the fifth of 3 images."""
    rng = np.random.default_rng(SEED + 2)
    count, batch, classes, epochs, scale = 23, 5, 3, 2, 255
    labels = rng.integers(0, classes, count)
    patterns = rng.integers(0, 160, (classes, ROWS * COLS))
    pixels = patterns[labels] + rng.integers(0, 96, (count, ROWS * COLS))
    x = pixels / scale
    body = """typedef struct golden_tensor {
    const char *name;
    unsigned dims;
    size_t size[2];
    const float *value; /* before */
    const double *after;
} golden_tensor;

typedef struct golden_training {
    const char *name, *line;
    double lr, rho, momentum, epsilon;
    /* Means over the images of the epoch so far, after each step. */
    const double *loss, *cross_entropy, *accuracy;
    const golden_tensor *tensors; /* up to the one without a name */
    /* Of the first weights, over all images. */
    double eval_loss, eval_cross_entropy, eval_loss_error, eval_accuracy;
    const size_t *confusion; /* classes x classes */
} golden_training;

"""
    steps = (count + batch - 1) // batch
    body += (f"enum {{\n    golden_train_rows = {ROWS},\n"
             f"    golden_train_cols = {COLS},\n"
             f"    golden_train_count = {count},\n"
             f"    golden_train_batch = {batch},\n"
             f"    golden_train_classes = {classes},\n"
             f"    golden_train_epochs = {epochs},\n"
             f"    golden_train_steps = {steps}, /* an epoch */\n"
             f"    golden_train_scale = {scale}\n}};\n\n")
    body += array("uint8_t", "golden_train_pixels", pixels)
    body += array("uint8_t", "golden_train_labels", labels) + "\n"
    rows = ""
    for name, line, lr, rho, momentum, epsilon in TRAININGS:
        layers = parse(line)
        first = start(rng, layers, ROWS * COLS)
        w = [t.copy() for t in first]
        rule = RMSprop(w, lr, rho, momentum, epsilon)
        losses, entropies, accuracies = [], [], []
        for _ in range(epochs):
            loss = entropy = correct = seen = 0.0
            for at in range(0, count, batch):
                part = slice(at, at + batch)
                logits = forward(layers, w, x[part])[-1]
                each = cross_entropy(logits, labels[part])
                n = len(each)
                seen += n
                entropy += each.sum()
                loss += each.sum() + n * penalty(layers, w)
                correct += (logits.argmax(axis=1) == labels[part]).sum()
                losses.append(loss / seen)
                entropies.append(entropy / seen)
                accuracies.append(correct / seen)
                grads = gradients(layers, w, x[part], labels[part])
                _, others = torch_gradients(layers, w, x[part], labels[part])
                for a, b in zip(grads, others):
                    assert np.allclose(a, b, rtol=1e-9, atol=1e-12)
                rule.step(w, grads)
        logits = forward(layers, first, x)[-1]
        each = cross_entropy(logits, labels)
        predicted = logits.argmax(axis=1)
        confusion = np.zeros((classes, classes), int)
        np.add.at(confusion, (labels, predicted), 1)
        body += array("double", f"{name}_loss", losses)
        body += array("double", f"{name}_cross_entropy", entropies)
        body += array("double", f"{name}_accuracy", accuracies)
        body += array("size_t", f"{name}_confusion", confusion)
        body += tensor_rows(name, dense_names(len(layers)), first, w) + "\n"
        rows += (f'    {{"{name}",\n     "{line}",\n'
                 f"     {lr}, {rho}, {momentum}, {epsilon},\n"
                 f"     {name}_loss, {name}_cross_entropy, {name}_accuracy,\n"
                 f"     {name}_tensors,\n"
                 f"     {real(each.mean() + penalty(layers, first))},\n"
                 f"     {real(each.mean())},\n"
                 f"     {real(each.std(ddof=1) / np.sqrt(count))},\n"
                 f"     {real((predicted == labels).mean())},\n"
                 f"     {name}_confusion}},\n")
    body += ("static const golden_training golden_trainings[] = {\n"
             + rows + "};\n")
    write(folder, "training", """\
 * Ten steps of training without shuffling: 23 images in batches of 5, two
 * epochs, RMSprop by Keras 3's rule; and an evaluation of the first weights.
 * float64.""", body)


SCHEDULES = [
    # schedule, lr, epochs, step_epochs, step_factor
    ("CONSTANT", 0.001, 3, 10, 0.1),
    ("STEP", 0.001, 25, 10, 0.1),
    ("STEP", 0.3, 7, 1, 0.5),
    ("STEP", 0.01, 9, 3, 1.0),
    ("STEP", 0.002, 5, 100, 0.1),
    ("COSINE", 0.001, 5, 10, 0.1),
    ("COSINE", 0.5, 1, 10, 0.1),
    ("COSINE", 0.001, 2, 10, 0.1),
    ("COSINE", 0.1, 60, 10, 0.1),
]


def make_schedule(folder):
    """Learning rates by the epoch, with NumPy's own cos and power."""
    body = """typedef struct golden_schedule {
    mnist_schedule schedule;
    double lr;
    size_t epochs, step_epochs;
    double step_factor;
    const double *rate; /* of each epoch */
} golden_schedule;

"""
    rows = ""
    for i, (kind, lr, epochs, step, factor) in enumerate(SCHEDULES):
        e = np.arange(epochs)
        rate = {"CONSTANT": np.full(epochs, lr),
                "STEP": lr * np.power(factor, np.floor_divide(e, step)),
                "COSINE": lr * (1 + np.cos(np.pi * e / epochs)) / 2}[kind]
        body += array("double", f"golden_rate_{i}", rate)
        rows += (f"    {{MNIST_{kind}, {lr}, {epochs}, {step}, {factor}, "
                 f"golden_rate_{i}}},\n")
    body += ("\nstatic const golden_schedule golden_schedules[] = {\n"
             + rows + "};\n")
    write(folder, "schedule", """\
 * Learning rates by the epoch: constant, in steps, along a cosine. float64.""",
          body, own="<mnist/train.h>")


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    folder = pathlib.Path(sys.argv[1]) if sys.argv[1:] else (
        here / "tests" / "golden")
    folder.mkdir(parents=True, exist_ok=True)
    check_rmsprop()
    make_networks(folder)
    make_loss(folder)
    make_rmsprop(folder)
    make_training(folder)
    make_schedule(folder)


if __name__ == "__main__":
    main()
