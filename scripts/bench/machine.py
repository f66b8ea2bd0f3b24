"""The machine, and running a command on it while nobody else does."""
import dataclasses
import os
import pathlib
import signal
import statistics
import subprocess
import tempfile
import threading
import time

TICK = os.sysconf("SC_CLK_TCK")


def processor():
    """The processor's name, as it gives it itself."""
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return "unknown"
    for key in ("model name", "Processor", "cpu model"):
        for line in lines:
            if line.startswith(key):
                return line.split(":", 1)[1].strip()
    return os.uname().machine


def cores():
    return len(os.sched_getaffinity(0))


def memory():
    """MiB of memory."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20


def system():
    """The distribution, and the kernel below it."""
    name = "unknown"
    try:
        for line in pathlib.Path("/etc/os-release").read_text().splitlines():
            if line.startswith("PRETTY_NAME="):
                name = line.split("=", 1)[1].strip('"')
    except OSError:
        pass
    return f"{name}, Linux {os.uname().release}"


def first_line(*command):
    """What a command says first, or "" if it cannot be run."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120,
                              check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = done.stdout.strip().splitlines()
    return lines[0] if lines and done.returncode == 0 else ""


def busy_seconds():
    """Processor seconds spent by all, this process included, since boot."""
    with open("/proc/stat", encoding="ascii") as stat:
        user, nice, kernel, _idle, _wait, irq, soft, steal = map(
            int, stat.readline().split()[1:9])
    return (user + nice + kernel + irq + soft + steal) / TICK


def own_seconds():
    times = os.times()
    return times.user + times.system


@dataclasses.dataclass
class Run:
    """One execution, or some in a row of a command that takes little time."""
    wall: float = 0     # seconds of one; the median of those in a row
    rss: float = 0      # MiB at most
    foreign: float = 0  # cores that others used meanwhile
    disturbed: bool = False
    status: int = 0
    output: str = ""    # of the last


class Quiet:
    """Runs commands one at a time, when the machine is idle.

    wait: most seconds to wait for that, in all. A run in which others used more
    than `foreign` of a core is repeated, up to `repeats` times.
    """

    def __init__(self, wait, foreign, repeats=2, timeout=1800):
        self.left, self.foreign = wait, foreign
        self.repeats, self.timeout = repeats, timeout

    def wait(self):
        """Waits until others use less than the limit."""
        look = 0.4
        while self.left > 0:
            begin, busy, own = time.monotonic(), busy_seconds(), own_seconds()
            time.sleep(look)
            others = busy_seconds() - busy - (own_seconds() - own)
            # A tick more or less is what this counter cannot tell.
            if others <= self.foreign * look + 1 / TICK:
                return
            time.sleep(1)
            self.left -= time.monotonic() - begin

    def run(self, command, env=None, in_a_row=0.0):
        """A Run, and repeats if it was disturbed. Of a command that takes less
        than in_a_row seconds: as many executions as take about that."""
        for _ in range(1 + self.repeats):
            self.wait()
            run = self.once(command, env, in_a_row)
            if run.status != 0 or not run.disturbed:
                break
        return run

    def once(self, command, env, in_a_row):
        walls, result, used = [], Run(), 0.0
        begin, busy, own = time.monotonic(), busy_seconds(), own_seconds()
        while True:
            wall, usage, result.status, result.output = execute(
                command, env, self.timeout)
            walls.append(wall)
            used += usage.ru_utime + usage.ru_stime
            result.rss = max(result.rss, usage.ru_maxrss / 1024)
            took = time.monotonic() - begin
            if result.status != 0 or took >= in_a_row:
                break
        others = busy_seconds() - busy - used - (own_seconds() - own)
        result.wall = statistics.median(walls)
        result.foreign = max(0.0, others / took)
        result.disturbed = others > max(self.foreign * took, 3 / TICK)
        return result


def execute(command, env, timeout):
    """Runs a command: seconds, rusage, status (-1 if it took too long), output.

    Not by subprocess, whose own work would count in what takes milliseconds.
    The child's peak memory is never below this process', some 15 MiB, since it
    begins as a copy of it.
    """
    with tempfile.TemporaryFile() as out:
        actions = [(os.POSIX_SPAWN_DUP2, out.fileno(), 1),
                   (os.POSIX_SPAWN_DUP2, out.fileno(), 2)]
        environment = {**os.environ, **(env or {})}
        over = threading.Event()
        begin = time.perf_counter()
        child = os.posix_spawnp(command[0], command, environment,
                                file_actions=actions)

        def stop():
            over.set()
            os.kill(child, signal.SIGKILL)

        timer = threading.Timer(timeout, stop) if timeout else None
        if timer:
            timer.daemon = True
            timer.start()
        _, status, usage = os.wait4(child, 0)
        wall = time.perf_counter() - begin
        if timer:
            timer.cancel()
        out.seek(0)
        text = out.read().decode("utf-8", "replace")
    status = -1 if over.is_set() else os.waitstatus_to_exitcode(status)
    return wall, usage, status, text
