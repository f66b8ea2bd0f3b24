#!/usr/bin/env python3
"""What PyTorch reaches with a network and the rules of `mnist train`: the
figures to hold beside those of scripts/seeds.py.

    scripts/pytorch_seeds.py [--net mlp512] [--scale 255] [--epochs 5]
                             [--seeds 10] [--threads 1] DATA

The networks are those of `mnist info --nets`, for 28x28 images of 10 classes.
Glorot-uniform start, batches of 128 in a new random order each epoch, RMSprop
by Keras 3's rule, L1 in the loss. The random numbers are PyTorch's own, so the
seeds have nothing in common with those of `mnist train`. Needs NumPy and
PyTorch.
"""
import argparse
import pathlib

import numpy as np
import torch
from torch import nn

from reference_check import BATCH, EPSILON, LR, RHO, load_part
from seeds import tell_all, tell_one

L1 = 1e-4  # on the kernels of mlp128's hidden layers
NETWORKS = {
    "mlp512": lambda: [
        nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 10)],
    "mlp15": lambda: [
        nn.Flatten(), nn.Linear(784, 15), nn.ReLU(), nn.Linear(15, 10)],
    "mlp128": lambda: [
        nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Dropout(0.01),
        nn.Linear(128, 32), nn.ReLU(), nn.Dropout(0.01), nn.Linear(32, 10)],
    "lenet": lambda: [
        nn.Conv2d(1, 6, 3), nn.ReLU(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 3), nn.ReLU(), nn.AvgPool2d(2),
        nn.Conv2d(16, 120, 3), nn.ReLU(), nn.Flatten(),
        nn.Linear(1080, 84), nn.ReLU(), nn.Linear(84, 10)],
}


def as_tensors(folder, part, scale):
    _, images, labels = load_part(folder, part)
    pixels = torch.tensor(images, dtype=torch.float32).unsqueeze(1)
    return pixels / scale, torch.tensor(labels.astype(np.int64))


def build(name):
    """The network, and the kernels that L1 holds down."""
    net = nn.Sequential(*NETWORKS[name]())
    learning = [m for m in net if isinstance(m, (nn.Linear, nn.Conv2d))]
    for module in learning:
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)
    held = [m.weight for m in learning[:-1]] if name == "mlp128" else []
    return net, held


def step(weights, squares, grads):
    """RMSprop as in Keras 3: epsilon inside the root."""
    with torch.no_grad():
        for w, v, g in zip(weights, squares, grads):
            v.mul_(RHO).addcmul_(g, g, value=1 - RHO)
            w.addcdiv_(g, torch.sqrt(v + EPSILON), value=-LR)


def train(name, seed, epochs, x, y):
    """The network, and the sample-weighted mean loss of the last epoch."""
    torch.manual_seed(seed)
    net, held = build(name)
    weights = list(net.parameters())
    squares = [torch.zeros_like(w) for w in weights]
    net.train()
    for _ in range(epochs):
        total = 0.0
        for some in torch.randperm(len(x)).split(BATCH):
            loss = nn.functional.cross_entropy(net(x[some]), y[some])
            for kernel in held:
                loss = loss + L1 * kernel.abs().sum()
            total += loss.item() * len(some)
            step(weights, squares, torch.autograd.grad(loss, weights))
    return net.eval(), total / len(x)


def accuracy_of(net, x, y):
    with torch.no_grad():
        right = sum(int((net(some).argmax(1) == labels).sum())
                    for some, labels in zip(x.split(500), y.split(500)))
    return right / len(y)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--net", choices=NETWORKS, default="mlp512")
    parser.add_argument("--scale", type=float, default=255)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("data", type=pathlib.Path, metavar="DATA")
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.set_flush_denormal(True)
    x, y = as_tensors(a.data, "train", a.scale)
    test_x, test_y = as_tensors(a.data, "t10k", a.scale)
    losses, accuracies = [], []
    for seed in range(1, a.seeds + 1):
        net, loss = train(a.net, seed, a.epochs, x, y)
        losses.append(loss)
        accuracies.append(accuracy_of(net, test_x, test_y))
        tell_one(seed, losses[-1], accuracies[-1])
    tell_all(losses, accuracies)


if __name__ == "__main__":
    main()
