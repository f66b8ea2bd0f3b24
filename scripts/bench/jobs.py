"""Whole jobs: what is run, and what is read from what it prints."""
import dataclasses
import json
import re
import statistics
import sys


def train_figures(output):
    """Of `mnist train --json`: seconds of all epochs, test accuracy."""
    events = [json.loads(line) for line in output.splitlines()
              if line.startswith("{")]
    epochs = [e["seconds"] for e in events if e["event"] == "epoch"]
    last = events[-1]
    return {"train": sum(epochs), "accuracy": last["test"]["accuracy"]}


def peer_figures(output):
    """Of a peer's last line: "... train 1.77s ... test_acc 0.9783 ..."."""
    last = output.strip().splitlines()[-1]
    found = {}
    for name, key in (("train", "train"), ("test_acc", "accuracy")):
        match = re.search(rf"\b{name}[ =]+([0-9.]+\d)", last)
        if match:
            found[key] = float(match.group(1))
    return found


def no_figures(_output):
    return {}


@dataclasses.dataclass
class Job:
    """A command to time."""
    name: str
    command: list
    env: dict = dataclasses.field(default_factory=dict)
    read: object = no_figures
    in_a_row: float = 0.0  # see Quiet.run
    facts: dict = dataclasses.field(default_factory=dict)
    runs: list = dataclasses.field(default_factory=list)
    error: str = ""

    def run(self, quiet):
        """One more run; after a failure there are no more."""
        if self.error:
            return
        run = quiet.run(self.command, self.env, self.in_a_row)
        figures = {"wall": run.wall, "rss": run.rss, "foreign": run.foreign,
                   "disturbed": run.disturbed}
        try:
            if run.status == 0:
                figures.update(self.read(run.output))
        except (ValueError, KeyError, IndexError) as problem:
            self.error = f"cannot read what it printed: {problem!r}"
        if run.status != 0:
            lines = run.output.strip().splitlines() or [""]
            self.error = f"status {run.status}: {lines[-1][:200]}"
        if not self.error:
            self.runs.append(figures)

    def clean(self):
        """The runs that count: the undisturbed, or all if there are none."""
        return [r for r in self.runs if not r["disturbed"]] or self.runs

    def disturbed(self):
        return bool(self.runs) and self.clean()[0]["disturbed"]

    def median(self, key):
        """Of a figure: None where there is none."""
        values = [r[key] for r in self.clean() if key in r]
        return statistics.median(values) if values else None

    def record(self):
        """For the JSON."""
        keys = sorted({key for run in self.runs for key in run} -
                      {"disturbed"})
        return {"name": self.name, "command": self.command, "env": self.env,
                **self.facts, "runs": self.runs, "error": self.error,
                "disturbed": self.disturbed(),
                "median": {key: self.median(key) for key in keys}}


def run_in_turn(jobs, runs, quiet):
    """Each round runs every job once."""
    for i in range(runs):
        for job in jobs:
            print(f"  run {i + 1} of {runs}: {job.name}", file=sys.stderr,
                  flush=True)
            job.run(quiet)
            if job.error and not job.runs:
                print(f"    failed: {job.error}", file=sys.stderr)


class Ours:
    """Commands of our program."""

    def __init__(self, program, data, work, limit):
        self.program, self.data, self.work = str(program), data, work
        # None, or the number of images: a trial that is soon over
        self.limit = ["--limit", str(limit)] if limit else []
        self.out = work / "ours.safetensors"

    def train(self, name, *options, **facts):
        out = self.out
        if facts.get("net", "mlp512") != "mlp512":
            out = self.work / "other.safetensors"
        command = [self.program, "train", "--data", str(self.data), "--json",
                   "--quiet", "--out", str(out), *options]
        if "--limit" not in options:
            command += self.limit
        return Job(name, command, read=train_figures, facts=facts)

    def eval(self):
        return Job("mnist eval", [self.program, "eval", "--data",
                                  str(self.data), "--quiet", str(self.out)],
                   in_a_row=0.3)

    def predict(self, images):
        return Job("mnist predict", [self.program, "predict", "--quiet",
                                     "--weights", str(self.out), "--index",
                                     "0", str(images)], in_a_row=0.3)


def training_jobs(ours, peers, threads, epochs, extras):
    """Dense network of 512: ours against the peers. By key, for the goals."""
    e = ["--epochs", str(epochs)]
    t = ["--threads", str(threads)]
    jobs = {"ours": ours.train("mnist train", *e, *t),
            "ours 1": ours.train("mnist train, one thread", *e, "--threads",
                                 "1")}
    if extras["avx2"]:
        jobs["ours avx2"] = ours.train("mnist train, AVX2 kernels", *e, *t,
                                       "--kernel", "avx2")
    if extras["fast"]:
        jobs["ours fast"] = ours.train("mnist train --fast", "--fast", *e, *t)
    held = {"OpenBLAS": {"OPENBLAS_CORETYPE": "Haswell"},
            "oneDNN": {"DNNL_MAX_CPU_ISA": "AVX2"}}
    for blas in peers.program:
        model = peers.work / f"{blas.lower()}.bin"
        command = peers.blas_train(blas, epochs, threads, model)
        jobs[blas] = Job(f"blas_mlp split, {blas}", command,
                         read=peer_figures)
        jobs[f"{blas} avx2"] = Job(f"blas_mlp split, {blas} held to AVX2",
                                   command, held[blas], peer_figures)
    if peers.torch:
        jobs["PyTorch"] = Job(
            "PyTorch, denormals flushed",
            peers.torch_train("torch_ftz.py", "mlp512", epochs, threads),
            peers.torch_env(), peer_figures)
    return jobs


def lenet_jobs(ours, peers, threads, epochs):
    jobs = {"lenet": ours.train("mnist train --net lenet", "--net", "lenet",
                                "--epochs", str(epochs), "--threads",
                                str(threads), net="lenet")}
    if peers.torch:
        jobs["PyTorch lenet"] = Job(
            "PyTorch", peers.torch_train("torch_seed.py", "lenet", epochs,
                                         threads),
            peers.torch_env(), peer_figures)
    return jobs


def short_jobs(ours, peers, images, quiet):
    """Evaluation and prediction, of the weights that training left."""
    jobs = {"floor": Job("true (starting a process)", ["true"], in_a_row=0.3),
            "eval": ours.eval(), "predict": ours.predict(images)}
    for blas in peers.program:
        model = peers.work / f"{blas.lower()}.bin"
        if not model.is_file():
            quiet.once(peers.blas_train(blas, 1, 1, model), {}, 0)
        jobs[f"eval {blas}"] = Job(f"blas_mlp eval, {blas}",
                                   peers.blas(blas, "eval", model),
                                   in_a_row=0.3)
        jobs[f"predict {blas}"] = Job(f"blas_mlp predict, {blas}",
                                      peers.blas(blas, "predict", model, "0"),
                                      in_a_row=0.3)
    if peers.torch:
        model, env = peers.work / "torch.pt", peers.torch_env()
        quiet.once(peers.torch_best("train", "mlp512", model, "1", "2"), env,
                   0)
        jobs["eval PyTorch"] = Job(
            "PyTorch eval", peers.torch_best("eval", "mlp512", model), env)
        jobs["predict PyTorch"] = Job(
            "PyTorch predict",
            peers.torch_best("predict", "mlp512", model, "0"), env)
    return jobs


def scaling_jobs(ours, sizes, threads):
    """One epoch of a dense network, one thing changed at a time."""
    jobs = []

    def add(what, value, options, images=None, units=512, used=threads):
        images = images or sizes.limit or sizes.images[-1]
        jobs.append(ours.train(
            f"{what} {value:,}", "--epochs", "1", *options, "--net",
            f"dense:{units}:relu,dense:10:softmax", "--threads", str(used),
            net="scaling", what=what, value=value, images=images, units=units,
            threads=used))

    for batch in sizes.batches:
        add("batch size", batch, ["--batch", str(batch)])
    for units in sizes.units:
        add("hidden units", units, [], units=units)
    for used in range(1, sizes.threads + 1):
        add("threads", used, [], used=used)
    for images in sizes.images:
        add("images", images, ["--limit", str(images)], images=images)
    return jobs
