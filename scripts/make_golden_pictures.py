#!/usr/bin/env python3
"""Makes tests/golden/preprocess.h: pictures, and what MNIST's form makes of them.

Written from the definition in include/mnist/preprocess.h with NumPy, areas as
products of matrices; nothing of the project's own is asked. Needs NumPy; run it
from anywhere:

    scripts/make_golden_pictures.py [FOLDER]        default: tests/golden
"""
import pathlib
import platform
import sys

import numpy as np

SEED = 20240229


def half_up(x):
    """Rounded, halves up; what is a half but for its last bits counts as one."""
    return np.floor(np.asarray(x, float) + 0.5 + 1e-9).astype(int)


def low_median(values):
    """The lowest value that half of them or more do not exceed."""
    values = np.sort(values)
    return int(values[(len(values) + 1) // 2 - 1])


def levels(p):
    border = np.ones(p.shape, bool)
    border[1:-1, 1:-1] = False
    b = low_median(p[border])
    d = low_median(np.abs(p[border] - b))
    hi = int(p.max())
    if hi - b < 32:
        return None, d
    lo = b + min(4 * d, (hi - b) // 4)
    return np.clip(half_up(255 * (p - lo) / (hi - lo)), 0, 255), d


def areas(n, length):
    """n x length: how much of each pixel is in each of n equal parts."""
    edges = np.arange(n + 1) * length / n
    pixels = np.arange(length)
    lower = np.maximum(edges[:-1, None], pixels)
    upper = np.minimum(edges[1:, None], pixels + 1)
    return np.clip(upper - lower, 0, None) * n / length


def preprocess(picture, R, C):
    q, d = levels(picture.astype(int))
    if q is None:
        return None
    rows, cols = np.nonzero(q >= (8 if d == 0 else 64))
    box = q[rows.min() : rows.max() + 1, cols.min() : cols.max() + 1]
    h, w = box.shape
    H, W = (5 * R + 3) // 7, (5 * C + 3) // 7
    if h * W >= w * H:
        n, m = H, max(1, int(half_up(w * H / h)))
    else:
        n, m = max(1, int(half_up(h * W / w))), W
    s = half_up(areas(n, h) @ box @ areas(m, w).T)
    if s.max() == 0:
        return None
    v = half_up(255 * s / s.max())
    cy = (v.sum(1) * np.arange(n)).sum() / v.sum()
    cx = (v.sum(0) * np.arange(m)).sum() / v.sum()
    y = int(np.clip(np.floor(R / 2 - cy + 0.5 + 1e-9), 0, R - n))
    x = int(np.clip(np.floor(C / 2 - cx + 0.5 + 1e-9), 0, C - m))
    out = np.zeros((R, C), int)
    out[y : y + n, x : x + m] = v
    return out


# --------------------------------------------------------------- the pictures


def stroke(rows, cols, points, width):
    """A line through points given in parts of the sides, soft at its edges."""
    y, x = np.mgrid[0:rows, 0:cols] + 0.5
    far = np.full((rows, cols), np.inf)
    for (y0, x0), (y1, x1) in zip(points, points[1:]):
        y0, y1, x0, x1 = y0 * rows, y1 * rows, x0 * cols, x1 * cols
        square = (y1 - y0) ** 2 + (x1 - x0) ** 2
        t = ((y - y0) * (y1 - y0) + (x - x0) * (x1 - x0)) / square
        t = np.clip(t, 0, 1)
        far = np.minimum(far, np.hypot(y - y0 - t * (y1 - y0),
                                       x - x0 - t * (x1 - x0)))
    return np.clip(255 * (width / 2 + 0.5 - far), 0, 255).astype(int)


def pictures():
    rng = np.random.default_rng(SEED)
    seven = [(0.2, 0.3), (0.2, 0.75), (0.85, 0.4)]
    one = [(0.1, 0.52), (0.9, 0.5)]
    dash = [(0.5, 0.1), (0.52, 0.9)]
    yield "plain", stroke(46, 38, seven, 4), 28, 28
    yield "small", stroke(11, 9, seven, 1.5), 28, 28
    yield "tall", stroke(50, 12, one, 2), 28, 28
    yield "wide", stroke(7, 60, dash, 2), 28, 28
    yield "thin", stroke(60, 50, seven, 0.4), 28, 28
    yield "other-size", stroke(33, 35, seven, 4), 20, 14
    yield "least-size", stroke(20, 20, seven, 3), 2, 1
    yield "faint", stroke(30, 30, seven, 3) * 40 // 255, 28, 28
    paper = 255 - stroke(42, 40, seven, 4) * 3 // 4
    paper = paper * (200 + np.arange(40)) // 255 + rng.integers(-6, 7, (42, 40))
    yield "paper", 255 - np.clip(paper, 0, 255), 28, 28
    yield "noise", rng.integers(0, 256, (23, 31)), 28, 28
    yield "touching", stroke(24, 24, [(0, 0.5), (0.99, 0.4), (0, 0)], 5), 28, 28
    yield "corner", stroke(40, 40, [(0.02, 0.02), (0.2, 0.1)], 3), 28, 28
    yield "pixel", np.full((1, 1), 255), 28, 28
    speck = np.zeros((5, 6), int)
    speck[3, 1] = 33
    yield "speck", speck, 28, 28
    yield "blank", np.full((6, 5), 131), 28, 28
    yield "low-contrast", stroke(20, 20, seven, 3) * 31 // 255, 28, 28


# ----------------------------------------------------------------- the header


def c_array(name, values):
    text = ", ".join(str(int(v)) for v in values.ravel())
    lines, line = [], "   "
    for word in text.split(" "):
        if len(line) + 1 + len(word) > 79:
            lines.append(line)
            line = "   "
        line += " " + word
    lines.append(line + ",")
    body = "\n".join(lines)
    return f"static const uint8_t {name}[{values.size}] = {{\n{body}\n}};\n"


def main():
    folder = pathlib.Path(__file__).resolve().parent.parent / "tests/golden"
    if len(sys.argv) > 1:
        folder = pathlib.Path(sys.argv[1])
    arrays, rows = [], []
    for name, picture, R, C in pictures():
        symbol = name.replace("-", "_")
        out = preprocess(picture, R, C)
        arrays.append(c_array(f"{symbol}_in", picture))
        expected = "NULL"
        if out is not None:
            arrays.append(c_array(f"{symbol}_out", out))
            expected = f"{symbol}_out"
        h, w = picture.shape
        rows.append(f'    {{"{name}", {h}, {w}, {R}, {C}, {symbol}_in,\n'
                    f"     {expected}}},\n")
    text = f"""/*
 * Pictures, and what MNIST's form makes of them.
 *
 * Made by scripts/make_golden_pictures.py, seed {SEED}, with Python
 * {platform.python_version()}, NumPy {np.__version__}. Do not edit.
 */
/* clang-format off */
#ifndef GOLDEN_PREPROCESS_H
#define GOLDEN_PREPROCESS_H

#include <stddef.h>
#include <stdint.h>

typedef struct golden_picture {{
    const char *name;
    size_t rows, cols, out_rows, out_cols;
    const uint8_t *in;
    const uint8_t *out; /* NULL: there is no ink */
}} golden_picture;

{"".join(arrays)}
static const golden_picture golden_preprocess[] = {{
{"".join(rows)}}};

#endif
"""
    (folder / "preprocess.h").write_text(text)


main()
