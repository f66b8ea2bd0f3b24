"""The table as Markdown, from what bench.json holds."""
import goals


def number(value, unit=""):
    """With the digits that mean something."""
    if value is None:
        return "-"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}{' ' + unit if unit else ''}"


def percent(value):
    return "-" if value is None else f"{100 * value:.0f} %"


def table(head, rows):
    """A column whose head begins with ">" is of numbers."""
    marks = ["---:" if h.startswith(">") else "---" for h in head]
    lines = ["| " + " | ".join(h.lstrip(">") for h in head) + " |",
             "|" + "|".join(marks) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in cells) + " |"
              for cells in rows]
    return "\n".join(lines) + "\n"


def shown(command, env, places):
    """A command as one would type it, without the folders of this machine."""
    words = [f"{key}={value}" for key, value in env.items()] + command
    text = " ".join(words)
    for folder in sorted(places, key=len, reverse=True):
        text = text.replace(folder, places[folder])
    return f"`{text}`"


def head_section(r):
    m = r["machine"]
    lines = [f"{m['processor']}, {m['cores']} cores, {m['system']}.",
             f"{r['program']}, kernels {r['kernels']}; {r['compiler']}."]
    if r["peers"]:
        lines.append("Peers: " + "; ".join(f"{name} {version}" for
                                           name, version in
                                           sorted(r["peers"].items())) + ".")
    lines.append(f"{r['date'][:10]}; medians of {r['sizes']['runs']} "
                 "interleaved runs.")
    if r["smoke"]:
        lines.append("A trial with tiny sizes: no figure here means anything.")
    return " \n".join(lines) + "\n"


def goals_section(r):
    def cells(g):
        sign = "at most " if g["at_most"] else ""
        verdict = {True: "reached", False: "**not reached**",
                   None: g["why"]}[g["reached"]]
        if r["smoke"]:
            verdict = g["why"] or "a trial"
        return [g["work"], g["against"],
                f"{sign}{g['goal']:g} {g['unit']}",
                number(g["measured"], g["unit"]), verdict]
    return "## Goals\n\n" + table(
        ["work", "against", ">goal", ">measured", ""],
        [cells(g) for g in r["goals"]])


def jobs_section(r, places):
    rows = []
    for job in r["jobs"].values():
        m = job["median"]
        wall = m.get("wall")
        seconds = number(wall * 1e3, "ms") if wall and wall < 1 else \
            number(wall, "s")
        mark = " (disturbed)" if job["disturbed"] else ""
        rows.append([job["name"] + mark, number(m.get("train"), "s"), seconds,
                     number(m.get("rss"), "MiB"),
                     f"{m['accuracy']:.4f}" if "accuracy" in m else "-",
                     shown(job["command"], job["env"], places)])
    # A process begins as a copy of the one that measures it.
    floor = goals.median(r, "floor", "rss")
    text = f"Memory of less than {number(floor, 'MiB')} cannot be told.\n\n" \
        if floor else ""
    return "## Whole jobs\n\n" + text + table(
        ["job", ">training", ">whole process", ">memory", ">accuracy",
         "command"],
        rows)


def reading(r, level, threads):
    for x in r["bounds"]:
        if (x["kind"] == "read" and x["level"] == level and
                x["threads"] == threads):
            return x["gbs"]
    return None


def best_peak(r, threads):
    """GFLOP/s of the set that strict kernels use, or None."""
    name = r["kernels"].split(" ")[0]
    found = goals.peak(r, name, threads)
    return found["gflops"] if found else None


def bounds_section(r):
    threads = sorted({x["threads"] for x in r["bounds"]})
    rows = []
    for name in dict.fromkeys(x["set"] for x in r["bounds"]
                              if x["kind"] == "fma"):
        peaks = [goals.peak(r, name, t) for t in threads]
        rows.append([f"{name}, {peaks[0]['instruction']}"] +
                    [number(p["gflops"], "GFLOP/s") for p in peaks])
    for level in ("L1", "L2", "L3", "memory"):
        rows.append([f"reading {level}"] +
                    [number(reading(r, level, t), "GB/s") for t in threads])
    text = "## What the processor can do\n\n" + table(
        ["peak"] + [">" + thread_name(t) for t in threads], rows)
    rows = []
    for x in r["bounds"]:
        if x["kind"] == "tile":
            rows.append([f"{x['set']} {x['tile']}, {x['rows']} x {x['cols']}",
                         f"{x['from']}, {x['terms']} terms", x["threads"],
                         number(x["gflops"]), number(x["gflops_best"]),
                         percent(goals.tile_share(r, x))])
    return text + "\n## Tiles of the products\n\n" + table(
        ["tile", "from", ">threads", ">GFLOP/s", ">best", ">of the peak"],
        rows)


def thread_name(threads):
    return "one thread" if threads == 1 else f"{threads} threads"


def part_bound(r, part):
    """Microseconds that a part must take: its operations at the peak (all,
    and without those left out), or its bytes, whichever is longer."""
    peak = best_peak(r, part["threads"])
    gbs = reading(r, part.get("level"), part["threads"])
    moved = part["bytes"] / gbs / 1e3 if gbs and "bytes" in part else 0
    if "flop" in part:
        if not peak:
            return None, None
        return (max(moved, part["flop"] / peak / 1e3),
                max(moved, part["flop_left"] / peak / 1e3))
    return None, moved or None


def steps_section(r):
    text = ("## Parts of a step of training, batch 128\n\n"
            "Bound: the operations at the peak, or the bytes at the speed of "
            "the cache, whichever takes longer; 'dense' as if no pixel were "
            "0.\n")
    groups = dict.fromkeys((x["net"], x["threads"]) for x in r["steps"])
    for net, threads in groups:
        parts = [x for x in r["steps"]
                 if (x["net"], x["threads"]) == (net, threads)]
        total = sum(x["us"] for x in parts if x["in_step"])
        rows = []
        # First the step in its order, then what is in it or around it.
        for x in sorted(parts, key=lambda x: not x["in_step"]):
            dense, left = part_bound(r, x)
            rows.append([x["part"], number(x["us"]), number(x.get("us_best")),
                         percent(x["us"] / total) if x["in_step"] else "",
                         number(dense), number(left),
                         percent(left / x["us"]) if left else "-"])
        text += f"\n### {net}, {thread_name(threads)}\n\n" + table(
            ["part", ">us", ">least", ">of the step", ">dense bound, us",
             ">bound, us", ">bound / us"], rows)
    return text


def scaling_bound(r, job):
    """Seconds that the dense operations of these images take at the peak."""
    peak = best_peak(r, min(job["threads"], 2) if job["threads"] > 1 else 1)
    if not peak:
        return None
    if job["threads"] > 2:  # the peak was measured with fewer threads
        peak = best_peak(r, 1)
        peak = peak and peak * job["threads"]
    hidden, out = 784 * job["units"], 10 * job["units"]
    flop = 2 * (2 * hidden + 3 * out) * job["images"]
    return flop / peak / 1e9 if peak else None


def scaling_section(r):
    rows = []
    for job in r["scaling"]:
        train, bound = job["median"].get("train"), scaling_bound(r, job)
        rows.append([job["what"], f"{job['value']:,}",
                     number(train * 1e3 if train else None),
                     number(job["images"] / train if train else None),
                     number(bound * 1e3 if bound else None),
                     percent(bound / train if bound and train else None)])
    threads = thread_name(r["sizes"]["threads"]).capitalize()
    return (f"## Scaling: one epoch of 784-512-10\n\n{threads}, batch 128, all "
            "images, but for what is changed. Bound: the dense operations at "
            "the peak; a share above 100 % is what leaving out zeros gains."
            "\n\n" +
            table(["changed", ">to", ">ms", ">images/s", ">bound, ms",
                   ">bound / ms"], rows))


def markdown(r, places):
    sections = ["# Performance\n", head_section(r), goals_section(r)]
    if r["jobs"]:
        sections.append(jobs_section(r, places))
    if r["bounds"]:
        sections.append(bounds_section(r))
    if r["steps"]:
        sections.append(steps_section(r))
    if r["scaling"]:
        sections.append(scaling_section(r))
    if r["notes"]:
        notes = "\n".join(f"- {note}" for note in r["notes"])
        for folder in sorted(places, key=len, reverse=True):
            notes = notes.replace(folder, places[folder])
        sections.append(f"## Notes\n\n{notes}\n")
    return "\n".join(sections)
