#!/usr/bin/env python3
"""Makes the golden values of layers: convolution, pooling, activations,
flatten, dropout.

Forward is NumPy in float64, written from the definitions with pictures as rows
x columns x channels; PyTorch, with its own order of axes, must agree to 1e-12.
Gradients are PyTorch's autograd in float64; central differences of the NumPy
code must agree to 1e-6. Run it from anywhere:

    scripts/make_golden_layers.py [FOLDER]        default: tests/golden
"""
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

from make_golden import (COLS, ROWS, SEED, array, cross_entropy, float32,
                         network_row, softmax, write)

CORNER = 0.05  # distance of relu's inputs from 0
CLEAR = 0.05  # of the largest value of a window from the next one


class Layer:
    def __init__(self, text):
        self.keyword, *fields = text.split(":")
        self.activation, self.l1, self.l2 = "linear", 0.0, 0.0
        if self.keyword in ("dense", "conv2d"):
            self.units = int(fields.pop(0))
        if self.keyword in ("conv2d", "avgpool", "maxpool"):
            self.window = tuple(map(int, fields.pop(0).split("x")))
        for field in fields:
            if field.startswith("l1="):
                self.l1 = float(field[3:])
            elif field.startswith("l2="):
                self.l2 = float(field[3:])
            else:
                self.activation = field
        self.learns = self.keyword in ("dense", "conv2d")


def parse(line):
    return [Layer(text) for text in line.split(",")]


# -------------------------------------------- NumPy: N x rows x cols x channels


def windows(x, height, width, step_y, step_x):
    """N x OH x OW x height x width x C, by plain indexing."""
    rows = (x.shape[1] - height) // step_y + 1
    cols = (x.shape[2] - width) // step_x + 1
    return np.stack([
        np.stack([x[:, oy * step_y:oy * step_y + height,
                    ox * step_x:ox * step_x + width] for ox in range(cols)], 1)
        for oy in range(rows)], 1)


ACTIVATIONS = {
    "linear": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(-1, keepdims=True),
}


def forward(layers, tensors, x, far=None):
    """Logits; far gathers how near to a corner the inputs come."""
    at = iter(tensors)
    for i, layer in enumerate(layers):
        if layer.keyword == "conv2d":
            w, b = next(at), next(at)
            x = np.einsum("nyxhwc,hwcf->nyxf",
                          windows(x, *layer.window, 1, 1), w) + b
        elif layer.keyword == "avgpool":
            x = windows(x, *layer.window, *layer.window).mean((3, 4))
        elif layer.keyword == "maxpool":
            parts = windows(x, *layer.window, *layer.window)
            if far is not None and parts.shape[3] * parts.shape[4] > 1:
                flat = parts.reshape(*parts.shape[:3], -1, parts.shape[5])
                flat = np.sort(flat, 3)
                far.append(((flat[..., -1, :] - flat[..., -2, :]) / CLEAR)
                           .min())
            x = parts.max((3, 4))
        elif layer.keyword in ("flatten", "dense"):
            x = x.reshape(len(x), -1)
        if layer.keyword == "dense":
            x = x @ next(at) + next(at)
        if i + 1 < len(layers):
            if far is not None and layer.activation == "relu":
                far.append(np.abs(x).min() / CORNER)
            x = ACTIVATIONS[layer.activation](x)
    return x


def penalty(layers, tensors):
    kernels = iter(tensors[::2])
    return sum(l.l1 * np.abs(w).sum() + l.l2 * (w * w).sum()
               for l, w in zip((l for l in layers if l.learns), kernels))


# ------------------------------------------- PyTorch: N x channels x rows x cols


def torch_run(layers, tensors, x, labels):
    """Logits, and gradients of mean cross-entropy plus penalty."""
    leaves = [torch.tensor(t, requires_grad=True) for t in tensors]
    x, at, extra = torch.tensor(x).permute(0, 3, 1, 2), iter(leaves), 0.0
    for layer in layers[:-1]:
        if layer.keyword == "conv2d":
            w, b = next(at), next(at)
            x = F.conv2d(x, w.permute(3, 2, 0, 1), b)
            extra = extra + layer.l1 * w.abs().sum() + layer.l2 * w.pow(2).sum()
        elif layer.keyword == "avgpool":
            x = F.avg_pool2d(x, layer.window)
        elif layer.keyword == "maxpool":
            x = F.max_pool2d(x, layer.window)
        elif x.dim() == 4:
            x = x.permute(0, 2, 3, 1).flatten(1)
        if layer.keyword == "dense":
            w, b = next(at), next(at)
            x = x @ w + b
            extra = extra + layer.l1 * w.abs().sum() + layer.l2 * w.pow(2).sum()
        if layer.activation == "softmax":
            x = torch.softmax(x, 1)
        elif layer.activation != "linear":
            x = getattr(torch, layer.activation)(x)
    if x.dim() == 4:
        x = x.permute(0, 2, 3, 1).flatten(1)
    w, b = next(at), next(at)
    logits = x @ w + b
    extra = (extra + layers[-1].l1 * w.abs().sum()
             + layers[-1].l2 * w.pow(2).sum())
    loss = F.cross_entropy(logits, torch.tensor(labels)) + extra
    loss.backward()
    return logits.detach().numpy(), [t.grad.numpy() for t in leaves]


def check_differences(layers, tensors, x, labels, grads):
    def loss():
        z = forward(layers, tensors, x)
        return cross_entropy(z, labels).mean() + penalty(layers, tensors)

    h = 1e-6
    for t, g in zip(tensors, grads):
        t, g = t.reshape(-1), g.reshape(-1)
        for i in range(0, len(t), 1 + len(t) // 40):
            if 0 < abs(t[i]) <= h:
                continue
            was = t[i]
            t[i] = was + h
            above = loss()
            t[i] = was - h
            below = loss()
            t[i] = was
            assert abs((above - below) / (2 * h) - g[i]) <= 1e-6 * (
                1 + np.abs(g).max())


# ----------------------------------------------------------------- networks


def start(rng, layers, rows, cols):
    tensors, names, count, c, flat = [], [], {}, 1, 0
    for layer in layers:
        if layer.learns:
            if layer.keyword == "conv2d":
                h, w = layer.window
                shape = (h, w, c, layer.units)
                fan, c = h * w * c, layer.units
                rows, cols = rows - h + 1, cols - w + 1
            else:
                fan = flat or rows * cols * c
                shape, flat = (fan, layer.units), layer.units
            kernel = rng.normal(0, 1.5 / np.sqrt(fan), shape)
            if layer.l1 or layer.l2:  # the corner of L1
                kernel[rng.random(shape) < 0.1] = 0.0
                kernel[rng.random(shape) < 0.1] = -0.0
            n = count.get(layer.keyword, 0)
            count[layer.keyword] = n + 1
            name = layer.keyword + (f"_{n}" if n else "")
            tensors += [float32(kernel),
                        float32(rng.normal(0, 0.3, layer.units))]
            names += [f"{name}.kernel", f"{name}.bias"]
        elif layer.keyword in ("avgpool", "maxpool"):
            rows, cols = rows // layer.window[0], cols // layer.window[1]
    return tensors, names


def make(rng, name, line, count, scale=255):
    layers = parse(line)
    labels = rng.integers(0, layers[-1].units, count)
    while True:
        pixels = rng.integers(0, 256, (count, ROWS, COLS))
        x = pixels[..., None] / scale
        tensors, names = start(rng, layers, ROWS, COLS)
        far = []
        logits = forward(layers, tensors, x, far)
        if min(far, default=1) >= 1:
            break
    theirs, grads = torch_run(layers, tensors, x, labels)
    assert np.abs(logits - theirs).max() <= 1e-12 * (1 + np.abs(logits).max())
    check_differences(layers, tensors, x, labels, grads)
    return network_row(name, line, scale, pixels.reshape(count, -1), labels,
                       logits, penalty(layers, tensors), names, tensors, grads)


def make_table(folder, name, number, about, networks):
    rng = np.random.default_rng(SEED + number)
    bodies, rows = zip(*(make(rng, *network) for network in networks))
    body = "".join(bodies)
    body += (f"static const golden_network golden_{name}[] = {{\n"
             + "".join(rows) + "};\n")
    write(folder, name, about, body, "make_golden_layers.py",
          '"support/golden.h"')


CONV2D = [
    ("one_by_one", "conv2d:2:1x1,dense:3:softmax", 3),
    ("two_by_three", "conv2d:3:2x3:relu,dense:3:softmax", 1),
    ("two_by_three_of_3", "conv2d:3:2x3:relu,dense:3:softmax", 3),
    ("five_by_five", "conv2d:4:5x5,dense:3:softmax", 3),
    ("channels_one_by_one", "conv2d:3:1x1,conv2d:5:1x1:relu,dense:3:softmax",
     1),
    ("channels_two_by_three", "conv2d:3:1x1,conv2d:2:2x3,dense:3:softmax", 1),
    ("channels_two_by_three_of_3",
     "conv2d:3:2x1,conv2d:4:2x3,conv2d:2:2x2,dense:3:softmax", 3),
    ("channels_five_by_five", "conv2d:3:1x1,conv2d:4:5x5,dense:3:softmax", 3),
    ("the_whole_picture", "conv2d:3:5x7,dense:3:softmax", 3),
    ("penalties", "conv2d:3:2x3:l1=0.01,conv2d:2:2x2:l2=0.003,"
     "conv2d:2:1x2:l1=0.002:l2=0.001,dense:3:softmax:l2=0.01", 3),
]

POOLING = [
    (f"{kind}_{h}x{w}_of_{count}",
     f"{first}{kind}pool:{h}x{w}{last},dense:3:softmax", count)
    for kind in ("avg", "max") for h, w, count, first, last in (
        (2, 2, 3, "", ""),
        (2, 2, 1, "conv2d:3:1x1,", ""),
        (2, 3, 3, "conv2d:3:1x1,", ""),
        (3, 2, 1, "conv2d:3:1x2,", ",conv2d:2:1x1"),
        (5, 7, 1, "conv2d:3:1x1,", ""),
        (1, 1, 3, "conv2d:3:2x3,", ",conv2d:2:2x2"),
    )
] + [("both", "conv2d:3:2x2,maxpool:2x1,conv2d:2:1x2,avgpool:2x2,"
      "dense:3:softmax", 3)]

ACTIVE = [
    ("dense_tanh", "dense:4:tanh,dense:3:softmax", 3),
    ("dense_sigmoid", "dense:4:sigmoid,dense:3:softmax", 3),
    ("in_a_row", "dense:5:tanh,dense:4:sigmoid,dense:5:softmax,dense:4,"
     "dense:3:softmax", 3),
    ("conv2d_tanh", "conv2d:3:2x3:tanh,conv2d:2:2x2:tanh,dense:3:softmax", 3),
    ("conv2d_sigmoid",
     "conv2d:3:2x3:sigmoid,conv2d:2:2x2:sigmoid,dense:3:softmax", 1),
    ("conv2d_softmax", "conv2d:3:2x3:softmax,conv2d:2:2x2,dense:3:softmax", 3),
    ("saturated", "dense:6:tanh,dense:5:sigmoid,dense:3:softmax", 3, 8),
]

FLAT = [
    ("said", "conv2d:3:2x3,flatten,dense:3:softmax", 3),
    ("implied", "conv2d:3:2x3,dense:3:softmax", 3),
    ("of_pixels", "flatten,dense:3:softmax", 3),
    ("twice", "conv2d:2:2x3:relu,flatten,flatten,dense:3:softmax", 1),
]


def make_dropout(folder):
    """What PyTorch's dropout makes of a value that it keeps, and its dy."""
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED + 14)
    rates = [0.0, 0.01, 0.1, 0.25, 0.3, 0.5, 0.75, 0.9, 0.99]
    x, dy = float32(rng.normal(size=20)), float32(rng.normal(size=20))
    kept, back = np.zeros((2, len(rates), len(x)))
    for r, rate in enumerate(rates):
        while not kept[r].all():  # until each value was kept once
            t = torch.tensor(x, requires_grad=True)
            y = F.dropout(t, rate)
            y.backward(torch.tensor(dy))
            mask = y.detach().numpy() != 0
            assert not t.grad.numpy()[~mask].any()
            kept[r][mask] = y.detach().numpy()[mask]
            back[r][mask] = t.grad.numpy()[mask]
    assert np.allclose(kept, x / (1 - np.array(rates)[:, None]), rtol=1e-14)
    body = (f"enum {{ golden_dropout_rates = {len(rates)}, "
            f"golden_dropout_values = {len(x)} }};\n")
    body += array("double", "golden_dropout_rate", rates)
    body += array("float", "golden_dropout_x", x)
    body += array("float", "golden_dropout_dy", dy)
    body += array("double", "golden_dropout_kept", kept)
    body += array("double", "golden_dropout_dx", back)
    write(folder, "dropout", """\
 * Dropout by rate: y and dx of each value where it is kept; both are 0 where it
 * is not. float64.""", body, "make_golden_layers.py")


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    folder = pathlib.Path(sys.argv[1]) if sys.argv[1:] else (
        here / "tests" / "golden")
    folder.mkdir(parents=True, exist_ok=True)
    assert np.allclose(ACTIVATIONS["softmax"](np.eye(3)), softmax(np.eye(3)))
    make_table(folder, "conv2d", 10, """\
 * Small networks with convolutions, on pictures of 5x7: logits, losses and all
 * gradients. float64.""", CONV2D)
    make_table(folder, "pooling", 11, """\
 * Small networks with pooling, on pictures of 5x7: logits, losses and all
 * gradients. In each window of a maxpool the largest value is at least 0.05
 * above the next. float64.""", POOLING)
    make_table(folder, "activations", 12, """\
 * Small networks with tanh, sigmoid and softmax between layers: logits, losses
 * and all gradients. float64.""", ACTIVE)
    make_table(folder, "flatten", 13, """\
 * Small networks that make a row of a picture: its rows, in each its columns,
 * in each its channels. float64.""", FLAT)
    make_dropout(folder)


if __name__ == "__main__":
    main()
