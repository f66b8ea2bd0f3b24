#!/usr/bin/env python3
"""What PyTorch reaches with the network and the rules that `mnist train` has by
default: the figures to hold beside those of scripts/seeds.py.

    scripts/pytorch_seeds.py [--seeds 10] [--epochs 5] [--threads 1] DATA

784-512-10, pixels / 255, Glorot-uniform start, batches of 128 in a new random
order each epoch, RMSprop by Keras 3's rule. The random numbers are PyTorch's
own, so the seeds have nothing in common with those of `mnist train`. Needs NumPy
and PyTorch.
"""
import argparse
import pathlib
import statistics

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from reference_check import BATCH, EPSILON, LR, RHO, load_part

HIDDEN, CLASSES = 512, 10


def as_tensors(folder, part):
    _, images, labels = load_part(folder, part)
    x = torch.tensor(images.reshape(len(images), -1), dtype=torch.float32)
    return x / 255, torch.tensor(labels.astype(np.int64))


def glorot(fan_in, fan_out):
    limit = (6 / (fan_in + fan_out)) ** 0.5
    return torch.empty(fan_in, fan_out).uniform_(-limit, limit)


def logits(w, x):
    return torch.relu(x @ w[0] + w[1]) @ w[2] + w[3]


def train(seed, epochs, x, y):
    """The parameters, and the sample-weighted mean loss of the last epoch."""
    torch.manual_seed(seed)
    w = [glorot(x.shape[1], HIDDEN), torch.zeros(HIDDEN),
         glorot(HIDDEN, CLASSES), torch.zeros(CLASSES)]
    squares = [torch.zeros_like(p) for p in w]
    for p in w:
        p.requires_grad_()
    for _ in range(epochs):
        total = 0.0
        for some in torch.randperm(len(x)).split(BATCH):
            loss = cross_entropy(logits(w, x[some]), y[some])
            total += loss.item() * len(some)
            grads = torch.autograd.grad(loss, w)
            with torch.no_grad():
                for p, v, g in zip(w, squares, grads):
                    v.mul_(RHO).addcmul_(g, g, value=1 - RHO)
                    p -= LR * g / torch.sqrt(v + EPSILON)
    return w, total / len(x)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("data", type=pathlib.Path, metavar="DATA")
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.set_flush_denormal(True)
    x, y = as_tensors(a.data, "train")
    test_x, test_y = as_tensors(a.data, "t10k")
    losses, accuracies = [], []
    for seed in range(1, a.seeds + 1):
        w, loss = train(seed, a.epochs, x, y)
        with torch.no_grad():
            right = (logits(w, test_x).argmax(1) == test_y).float().mean()
        print(f"seed {seed:3d}  training loss {loss:.5f}  "
              f"test accuracy {right:.4f}", flush=True)
        losses.append(loss)
        accuracies.append(float(right))
    print(f"test accuracy: mean {statistics.mean(accuracies):.5f}, "
          f"lowest {min(accuracies):.4f}")
    print(f"training loss of the last epoch: mean {statistics.mean(losses):.5f}"
          f", {min(losses):.5f} to {max(losses):.5f}")


if __name__ == "__main__":
    main()
