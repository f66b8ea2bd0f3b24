#!/usr/bin/env python3
"""Measures how fast the program is, against this machine's bounds and against
other programs. scripts/bench.sh builds what this needs and calls it."""
import argparse
import dataclasses
import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "bench"))
sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import goals  # noqa: E402
import jobs  # noqa: E402
import machine  # noqa: E402
import peers  # noqa: E402
import report  # noqa: E402


@dataclasses.dataclass
class Sizes:
    """How much is measured."""
    runs: int
    threads: int
    epochs: int = 5
    limit: int = None      # of the images; None for all
    rounds: int = 60       # of peaks and tiles
    steps: int = 400       # of training, part by part
    memory: int = 1024     # MiB to read, beyond all caches
    batches: tuple = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
    units: tuple = (15, 32, 64, 128, 256, 512, 1024, 2048, 4096)
    images: tuple = (1000, 3000, 10000, 30000, 60000)


SECTIONS = ("bounds", "steps", "jobs", "scaling")


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench.sh",
                                     description=__doc__)
    add = parser.add_argument
    add("--data", type=pathlib.Path, metavar="DIR",
        help="folder of MNIST; if not given, $MNIST_DATA, else data/mnist")
    add("--runs", type=int, default=5, metavar="N",
        help="runs of each job, of which the median counts [5]")
    add("--quick", action="store_true", help="only the table of goals")
    add("--only", metavar="LIST", help="only these of " + ",".join(SECTIONS))
    add("--threads", type=int, default=min(2, machine.cores()), metavar="N",
        help="threads where nothing else is said [2]")
    add("--peers", type=pathlib.Path, metavar="DIR",
        default=HERE.parent.parent / "shared" / "peers",
        help="folder of blas_mlp.c and torch_*.py; where there is none, ours "
        "alone is measured [../shared/peers]")
    add("--prefix", type=pathlib.Path, default=pathlib.Path("/usr"),
        metavar="DIR", help="where the peers' libraries are installed [/usr]")
    add("--install", action="store_true",  # seen to by bench.sh
        help="install the peers' packages first (Debian, Ubuntu)")
    add("--build", type=pathlib.Path, metavar="DIR",
        default=HERE.parent / "build-bench",
        help="folder to build in [build-bench]")
    add("--out", type=pathlib.Path, metavar="DIR",
        help="folder for bench.md and bench.json; if not given, the one built "
        "in")
    add("--wait", type=float, default=1800, metavar="S",
        help="most seconds to wait for an idle machine, in all [1800]")
    add("--foreign", type=float, default=0.05, metavar="CORES",
        help="a run in which other processes use more is repeated [0.05]")
    add("--smoke", action="store_true",
        help="tiny sizes, one run, no waiting, and digits that the program "
        "draws unless --data is given: does all of this work?")
    add("--check", action="store_true", help=argparse.SUPPRESS)
    a = parser.parse_args()
    a.sections = set(a.only.split(",") if a.only else SECTIONS)
    if a.sections - set(SECTIONS):
        parser.error("--only takes some of " + ",".join(SECTIONS))
    if a.runs < 1 or a.threads < 1:
        parser.error("--runs and --threads begin at 1")
    if a.quick:
        a.sections &= {"bounds", "jobs"}
    if a.data is None and not a.smoke:
        a.data = pathlib.Path(os.environ.get("MNIST_DATA") or
                              HERE.parent / "data" / "mnist")
    if a.data and not a.data.is_dir():
        parser.error(f"no folder {a.data}: scripts/get-mnist.sh fetches "
                     "MNIST, or --data DIR")
    a.data = a.data and a.data.resolve()
    a.build = a.build.resolve()
    a.out = (a.out or a.build).resolve()
    a.peers = a.peers.resolve() if a.peers.is_dir() else None
    return a


def sizes_of(a):
    if not a.smoke:
        return Sizes(a.runs, a.threads,
                     memory=max(16, min(1024, machine.memory() // 8)))
    return Sizes(1, a.threads, epochs=1, limit=256, rounds=2, steps=3,
                 memory=16, batches=(16, 4096), units=(15, 64),
                 images=(100, 200))


class Bench:
    """What was measured so far."""

    def __init__(self, a, work):
        self.a, self.sizes = a, sizes_of(a)
        self.quiet = machine.Quiet(0 if a.smoke else a.wait, a.foreign,
                                   repeats=0 if a.smoke else 2)
        self.program = a.build / "mnist"
        self.kernels = a.build / "bench-kernels"
        self.work = work
        data = peers.raw_data(a.data or self.draw(work / "digits"), work)
        self.peers = peers.Peers(a.peers, a.prefix, work, data)
        self.ours = jobs.Ours(self.program, data, work, self.sizes.limit)
        self.images = data / "t10k-images-idx3-ubyte"
        # mnist train --fast, where this build and processor have it
        self.has_fast = "--fast" in self.help("train")
        self.lines = []     # of bench-kernels
        self.jobs = {}      # by key, for the goals
        self.scaling = []
        self.notes = list(self.peers.notes)

    def draw(self, folder):
        """Digits that the program draws."""
        subprocess.run([self.program, "synth", "--quiet", "--train", "600",
                        "--test", "100", folder], check=True)
        return folder

    def extras(self):
        """What this build has, of the things that not all have."""
        return {"fast": self.has_fast, "avx2": "avx2" in self.kernel_names()}

    def help(self, command):
        done = subprocess.run([self.program, command, "--help"],
                              stdout=subprocess.PIPE, text=True, check=False)
        return done.stdout

    def kernel_lines(self, *arguments):
        command = [str(self.kernels), *map(str, arguments)]
        print(f"  {' '.join(command[1:])}", file=sys.stderr, flush=True)
        run = self.quiet.run(command)
        if run.status != 0:
            self.notes.append(f"bench-kernels {arguments[0]} failed with "
                              f"{run.status}: {run.output[-200:].strip()}")
            return
        if run.disturbed:
            self.notes.append(
                f"others used {run.foreign:.2f} cores during "
                f"`bench-kernels {' '.join(map(str, arguments[:2]))}`")
        self.lines += [{**json.loads(line), "run": arguments[0]}
                       for line in run.output.splitlines()]

    def measure_bounds(self):
        s = self.sizes
        for threads in sorted({1, s.threads}):
            self.kernel_lines("peaks", threads, s.rounds, s.memory)
            self.kernel_lines("tiles", threads, s.rounds)

    def measure_steps(self):
        s = self.sizes
        for net in ("mlp512", "lenet"):
            for threads in sorted({1, s.threads}):
                self.kernel_lines("step", threads, s.steps,
                                  self.ours.data, net)

    def measure_jobs(self):
        s = self.sizes
        for group in (
                jobs.training_jobs(self.ours, self.peers, s.threads, s.epochs,
                                   self.extras()),
                jobs.lenet_jobs(self.ours, self.peers, s.threads, s.epochs)):
            self.jobs.update(group)
            jobs.run_in_turn(list(group.values()), s.runs, self.quiet)
        # The weights are those of the last training, whichever it was.
        group = jobs.short_jobs(self.ours, self.peers, self.images, self.quiet)
        self.jobs.update(group)
        jobs.run_in_turn(list(group.values()), s.runs, self.quiet)

    def measure_scaling(self):
        s = dataclasses.replace(self.sizes, threads=machine.cores())
        self.scaling = jobs.scaling_jobs(self.ours, s, self.sizes.threads)
        jobs.run_in_turn(self.scaling, min(s.runs, 3), self.quiet)

    def measure(self):
        for name, action in (("bounds", self.measure_bounds),
                             ("steps", self.measure_steps),
                             ("jobs", self.measure_jobs),
                             ("scaling", self.measure_scaling)):
            if name in self.a.sections:
                print(name, file=sys.stderr, flush=True)
                action()

    def record(self):
        """All of it, for the JSON and the table."""
        failed = [j for j in [*self.jobs.values(), *self.scaling] if j.error]
        result = {
            "date": datetime.datetime.now(datetime.timezone.utc)
                    .isoformat(timespec="seconds"),
            "machine": {"processor": machine.processor(),
                        "cores": machine.cores(), "system": machine.system()},
            "program": machine.first_line(str(self.program), "--version"),
            "kernels": self.kernel_names(),
            "compiler": compiler(self.a.build),
            "peers": self.peers.versions,
            "sizes": dataclasses.asdict(self.sizes),
            "smoke": self.a.smoke,
            "bounds": [x for x in self.lines if x["kind"] != "part"],
            "steps": [x for x in self.lines if x["kind"] == "part"],
            "jobs": {key: job.record() for key, job in self.jobs.items()},
            "scaling": [job.record() for job in self.scaling],
            "notes": self.notes + [f"{j.name} failed: {j.error}"
                                   for j in failed],
        }
        result["goals"] = goals.table(result, self.has_fast)
        return result

    def kernel_names(self):
        done = subprocess.run([self.program, "--version"],
                              stdout=subprocess.PIPE, text=True, check=False)
        for line in done.stdout.splitlines():
            if line.startswith("kernels "):
                return line.removeprefix("kernels ")
        return ""


def compiler(build):
    """The first line of `cc --version` of the compiler that built it."""
    cache = (build / "CMakeCache.txt").read_text(encoding="utf-8")
    for line in cache.splitlines():
        if line.startswith("CMAKE_C_COMPILER:"):
            return machine.first_line(line.split("=", 1)[1], "--version")
    return ""


def main():
    a = arguments()
    if a.check:  # of the arguments alone, before bench.sh builds
        return 0
    a.out.mkdir(parents=True, exist_ok=True)
    status = 0
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        bench = Bench(a, work)
        for note in bench.notes:
            print(note, file=sys.stderr)
        try:
            bench.measure()
        except KeyboardInterrupt:
            bench.notes.append("stopped before its end")
            status = 130
        result = bench.record()
        places = {str(a.build): "BUILD", str(bench.ours.data): "DATA",
                  str(work): "OUT", str(a.peers): "PEERS",
                  str(bench.peers.openblas): "OPENBLAS"}
        text = report.markdown(result, places)
    (a.out / "bench.json").write_text(json.dumps(result, indent=1) + "\n",
                                      encoding="utf-8")
    (a.out / "bench.md").write_text(text, encoding="utf-8")
    print(text, end="")
    print(f"written to {a.out}/bench.md and bench.json", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
