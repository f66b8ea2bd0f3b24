#!/usr/bin/env python3
"""Trains with seeds 1..N and prints what they reach on the test images.

    scripts/seeds.py [--program build/mnist] [--seeds 10] DATA [-- OPTIONS]

OPTIONS go to `mnist train` as they are, for instance `-- --net mlp15 --scale 1
--epochs 20`. With --least-mean and --least the exit status is 1 if the mean or
the lowest test accuracy is below that.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile


def train(program, data, seed, options, out):
    """The last epoch's training loss, and the test accuracy."""
    command = [program, "train", "--data", data, "--seed", seed, "--out", out,
               "--json", *options]
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE,
                          text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"seed {seed}: mnist train ended with {done.returncode}")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    losses = [e["loss"] for e in events if e["event"] == "epoch"]
    return losses[-1], events[-1]["test"]["accuracy"]


def tell_one(seed, loss, accuracy):
    print(f"seed {seed:3d}  training loss {loss:.5f}  "
          f"test accuracy {accuracy:.4f}", flush=True)


def tell_all(losses, accuracies):
    spread = statistics.stdev(accuracies) if len(accuracies) > 1 else 0.0
    print(f"test accuracy: mean {statistics.mean(accuracies):.5f}, "
          f"standard deviation {spread:.5f}, lowest {min(accuracies):.4f}")
    print(f"training loss of the last epoch: mean {statistics.mean(losses):.5f}"
          f", {min(losses):.5f} to {max(losses):.5f}")


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path,
                        default=here / "build" / "mnist")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--least-mean", type=float, default=0)
    parser.add_argument("--least", type=float, default=0)
    parser.add_argument("data", type=pathlib.Path, metavar="DATA")
    parser.add_argument("options", nargs="*", metavar="OPTIONS")
    a = parser.parse_args()
    losses, accuracies = [], []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, a.seeds + 1):
            loss, accuracy = train(a.program, a.data, seed, a.options,
                                   pathlib.Path(folder) / "weights")
            tell_one(seed, loss, accuracy)
            losses.append(loss)
            accuracies.append(accuracy)
    tell_all(losses, accuracies)
    low = (statistics.mean(accuracies) < a.least_mean
           or min(accuracies) < a.least)
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
