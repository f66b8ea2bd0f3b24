#!/usr/bin/env python3
"""Checks the program's arithmetic on real MNIST against float64 and PyTorch.

    scripts/reference_check.py [--program build/mnist] [--net NAME|LINE] DATA

DATA holds the four IDX files, raw or gzip'd. Needs NumPy and PyTorch. The
network is one of the tutorials', with dropout 0 so that both sides compute the
same; or "all" of them, one after the other; or a line. What is checked, each by
code of its own that shares nothing with the program:

1. The weights files: their structure, and the CRC-32 in their metadata.
2. Training without shuffling, from the program's own first weights, on the
   first --limit images (0: all): for each tensor the distance from a float64
   run of the same rules, which may be at most 4 times that of PyTorch's float32
   run. Training is chaotic: roundings of 1e-7 have grown to some percent when
   the epoch is over, for anyone, so the distances after 1, 10 and 100 steps say
   more than those after it.
3. `mnist eval --json`: the loss within 1e-5 of a float64 recomputation.
4. `mnist predict --json`: each probability within 2e-5.

Exit status: 0 if all of it holds, 1 if something does not.
"""
import argparse
import gzip
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import zlib

import numpy as np
import torch

BATCH = 128
LR, RHO, EPSILON = 0.001, 0.9, 1e-7
NETWORKS = {  # line, scale
    "mlp512": ("dense:512:relu,dense:10:softmax", 255),
    "mlp15": ("dense:15:relu,dense:10:softmax", 1),
    "mlp128": ("dense:128:relu:l1=0.0001,dropout:0,dense:32:relu:l1=0.0001,"
               "dropout:0,dense:10:softmax", 255),
    "lenet": ("conv2d:6:3x3:relu,avgpool:2x2,conv2d:16:3x3:relu,avgpool:2x2,"
              "conv2d:120:3x3:relu,flatten,dense:84:relu,dense:10:softmax",
              255),
}
MARKS = (1, 10, 100)  # steps after which to compare, besides the whole epoch
FACTOR = 4.0  # how much farther from float64 than PyTorch a tensor may be


# ----------------------------------------------------------- reading files


def read_idx(path):
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    zeros, kind, dims = struct.unpack(">HBB", data[:4])
    assert zeros == 0 and kind == 8, f"{path}: not IDX of bytes"
    shape = struct.unpack(f">{dims}I", data[4:4 + 4 * dims])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dims).reshape(shape)


def find(folder, part, what):
    for mark in "-.":
        for end in ("", ".gz"):
            path = folder / f"{part}-{what[:-4]}{mark}{what[-4:]}-ubyte{end}"
            if path.exists():
                return path
    sys.exit(f"{folder}: no {part}-{what}-ubyte")


def load_part(folder, part):
    images = find(folder, part, "imagesidx3")
    return images, read_idx(images), read_idx(find(folder, part, "labelsidx1"))


def read_weights(path):
    """Tensors in float64 by name, and the metadata; every rule is asserted."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = data[8:8 + length]
    assert header[:1] == b"{" and (8 + length) % 64 == 0, "header's place"
    fields = json.loads(header)
    meta = fields.pop("__metadata__")
    assert meta["format"] == "mnist" and meta["version"] == "1"
    digits = re.search(rb'"crc32"\s*:\s*"([0-9a-f]{8})"', header)
    at = 8 + digits.start(1)
    crc = zlib.crc32(data[:at] + b"00000000" + data[at + 8:])
    assert f"{crc:08x}" == meta["crc32"], f"{path}: checksum"
    tensors, end = {}, 0
    for name, entry in fields.items():
        first, last = entry["data_offsets"]
        size = 4 * int(np.prod(entry["shape"]))
        assert entry["dtype"] == "F32" and first == end == last - size, name
        values = np.frombuffer(data, "<f4", size // 4, 8 + length + first)
        tensors[name] = values.astype(np.float64).reshape(entry["shape"])
        end = last
    assert 8 + length + end == len(data), "length"
    return tensors, meta


# ----------------------------------------------------------- the reference


ACTIVATIONS = {
    "linear": lambda x: x,
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "softmax": lambda x: torch.softmax(x, 1),  # of channels, too
}


class Layer:
    """KEYWORD[:UNITS][:HxW][:ACTIVATION][:l1=R][:l2=R]"""

    def __init__(self, text):
        self.keyword, *fields = text.split(":")
        self.activation, self.l1, self.l2 = "linear", 0.0, 0.0
        for field in fields:
            if field[:3] in ("l1=", "l2="):
                setattr(self, field[:2], float(field[3:]))
            elif field in ACTIVATIONS:
                self.activation = field
            elif self.keyword == "dropout" and float(field) != 0:
                sys.exit(f"{text}: only dropout:0 can be compared")
            elif self.keyword in ("avgpool", "maxpool"):
                self.window = tuple(map(int, field.split("x")))
        self.learns = self.keyword in ("dense", "conv2d")

    def apply(self, x, w, b):
        """x is N x C x H x W as PyTorch has it, or N x values."""
        pool = {"avgpool": torch.nn.functional.avg_pool2d,
                "maxpool": torch.nn.functional.max_pool2d}
        if self.keyword == "conv2d":
            return torch.nn.functional.conv2d(x, w.permute(3, 2, 0, 1), b)
        if self.keyword in pool:
            return pool[self.keyword](x, self.window)
        if self.keyword in ("dense", "flatten") and x.dim() == 4:
            x = x.permute(0, 2, 3, 1).reshape(len(x), -1)
        return x @ w + b if self.keyword == "dense" else x


class Network:
    """A network, its parameters PyTorch tensors of one type."""

    def __init__(self, tensors, meta, dtype):
        self.layers = [Layer(text) for text in meta["network"].split(",")]
        self.scale, self.dtype = float(meta["scale"]), dtype
        self.names = list(tensors)
        self.values = [torch.tensor(t, dtype=dtype, requires_grad=True)
                       for t in tensors.values()]
        pairs = iter(zip(self.values[::2], self.values[1::2]))
        self.parameters = [next(pairs) if layer.learns else (None, None)
                           for layer in self.layers]

    def logits(self, pixels):
        x = torch.tensor(pixels).unsqueeze(1).to(self.dtype) / self.scale
        for layer, (w, b) in zip(self.layers, self.parameters):
            x = layer.apply(x, w, b)
            if layer is not self.layers[-1]:
                x = ACTIVATIONS[layer.activation](x)
        return x

    def penalty(self):
        return sum(layer.l1 * w.abs().sum() + layer.l2 * (w * w).sum()
                   for layer, (w, _) in zip(self.layers, self.parameters)
                   if layer.learns)

    def train_epoch(self, images, labels):
        """Keras 3's RMSprop, epsilon inside the root; no shuffling.

        Returns the tensors by name, in a list: after each of MARKS, and last.
        """
        snapshots = []
        squares = [torch.zeros_like(w) for w in self.values]
        for at in range(0, len(images), BATCH):
            y = torch.tensor(labels[at:at + BATCH].astype(np.int64))
            loss = torch.nn.functional.cross_entropy(
                self.logits(images[at:at + BATCH]), y) + self.penalty()
            grads = torch.autograd.grad(loss, self.values)
            with torch.no_grad():
                for w, v, g in zip(self.values, squares, grads):
                    v.mul_(RHO).add_((1 - RHO) * g * g)
                    w -= LR * g / torch.sqrt(v + EPSILON)
            if at // BATCH + 1 in MARKS or at + BATCH >= len(images):
                snapshots.append({n: w.detach().double().numpy().copy()
                                  for n, w in zip(self.names, self.values)})
        return snapshots

    def evaluate(self, images, labels):
        """Loss with the penalty, correct answers, probabilities."""
        with torch.no_grad():
            z = torch.cat([self.logits(images[at:at + 1000])
                           for at in range(0, len(images), 1000)])
            y = torch.tensor(labels.astype(np.int64))
            loss = torch.nn.functional.cross_entropy(z, y) + self.penalty()
            right = int((z.argmax(1) == y).sum())
            return float(loss), right, torch.softmax(z, 1).numpy()


# -------------------------------------------------------------- the checks


def run(*command):
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE,
                          text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: status {done.returncode}")
    return done.stdout


class Checks:
    def __init__(self):
        self.failed = 0

    def say(self, right, text):
        print(f"{'ok  ' if right else 'BAD '} {text}", flush=True)
        self.failed += not right


def compare_tensors(checks, when, first, ours, exact, torch32):
    norm = np.linalg.norm
    for name, before in first.items():
        want = exact[name]
        moved, size = norm(want - before), norm(want)
        mine, theirs = norm(ours[name] - want), norm(torch32[name] - want)
        ratio = mine / theirs if theirs else float(mine > 0) * np.inf
        checks.say(
            ratio <= FACTOR,
            f"{when}, {name:14s} of the way moved: ours {mine / moved:.2e}, "
            f"PyTorch {theirs / moved:.2e}; of the size: {mine / size:.2e}, "
            f"{theirs / size:.2e}; ratio {ratio:.2f}")


def check_training(checks, arguments, net, folder):
    line, scale = NETWORKS.get(net, (net, arguments.scale))
    first_path, trained = folder / "first", folder / "trained"
    train = [arguments.program, "train", "--data", arguments.data,
             "--verbose", 0]
    run(*train, "--net", line, "--scale", scale, "--seed", arguments.seed,
        "--epochs", 0, "--out", first_path)
    first, meta = read_weights(first_path)
    _, images, labels = load_part(arguments.data, "train")
    if arguments.limit:
        images, labels = images[:arguments.limit], labels[:arguments.limit]
    exact, torch32 = (
        Network(first, meta, dtype).train_epoch(images, labels)
        for dtype in (torch.float64, torch.float32))
    limits = [mark * BATCH for mark in MARKS if mark * BATCH < len(images)]
    limits.append(len(images))
    for at, limit in enumerate(limits):
        run(*train, "--init", first_path, "--epochs", 1, "--batch", BATCH,
            "--no-shuffle", "--limit", limit, "--out", trained)
        ours, ours_meta = read_weights(trained)
        steps = -(-limit // BATCH)
        checks.say(list(ours) == list(first)
                   and ours_meta["network"] == meta["network"],
                   f"{steps} steps: the weights file is whole")
        compare_tensors(checks, f"{steps:3d} steps", first, ours, exact[at],
                        torch32[at])
    return trained


def check_figures(checks, arguments, weights):
    tensors, meta = read_weights(weights)
    path, images, labels = load_part(arguments.data, "t10k")
    loss, right, p = Network(tensors, meta, torch.float64).evaluate(images,
                                                                    labels)
    said = json.loads(run(arguments.program, "eval", "--weights", weights,
                          "--data", arguments.data, "--json"))
    checks.say(abs(said["loss"] - loss) <= 1e-5,
               f"eval: loss {said['loss']:.9f}, in float64 {loss:.9f}")
    # Two classes within float32's reach of each other may change places.
    top = np.sort(p, axis=1)
    doubtful = int((top[:, -1] - top[:, -2] < 4e-5).sum())
    checks.say(said["count"] == len(labels)
               and abs(said["accuracy"] * len(labels) - right)
               <= doubtful + 1e-6,
               f"eval: {said['accuracy']:.4f} of {said['count']} right, in "
               f"float64 {right / len(labels):.4f} ({doubtful} too close "
               "to call)")
    lines = run(arguments.program, "predict", "--weights", weights, "--json",
                path).splitlines()
    answers = [json.loads(line) for line in lines]
    checks.say([a["index"] for a in answers] == list(range(len(images))),
               f"predict: {len(answers)} images in order")
    theirs = np.array([a["probabilities"] for a in answers])
    worst = np.abs(theirs - p).max()
    checks.say(worst <= 2e-5, f"predict: probabilities off by {worst:.2g} at "
               "most")
    checks.say(all(a["label"] == int(np.argmax(q))
                   for a, q in zip(answers, theirs)),
               "predict: each label has the largest probability")


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path,
                        default=here / "build" / "mnist")
    parser.add_argument("--net", default="mlp512",
                        metavar="{" + ",".join([*NETWORKS, "all"]) + "}|LINE")
    parser.add_argument("--scale", type=float, default=255,
                        help="of a line; a name has its own (default 255)")
    parser.add_argument("--limit", type=int, default=0, metavar="N",
                        help="train on the first N images (default 0: all)")
    parser.add_argument("data", type=pathlib.Path, metavar="DATA")
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    torch.set_flush_denormal(False)
    checks = Checks()
    for net in NETWORKS if arguments.net == "all" else [arguments.net]:
        print(net)
        with tempfile.TemporaryDirectory() as folder:
            weights = check_training(checks, arguments, net,
                                     pathlib.Path(folder))
            check_figures(checks, arguments, weights)
    print("all of it holds" if not checks.failed
          else f"{checks.failed} checks failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
