"""The goals, and what of them was reached."""


def median(result, job, key):
    record = result["jobs"].get(job)
    return record["median"].get(key) if record else None


def ratio(result, key, ours, peer):
    """How many times as fast ours is; None if one of them was not measured."""
    a, b = median(result, ours, key), median(result, peer, key)
    return b / a if a and b else None


def peak(result, instruction_set, threads):
    """GFLOP/s of an instruction set, measured among the tiles if it was."""
    found = [x for x in result["bounds"] if x["kind"] == "fma" and
             x["set"] == instruction_set and x["threads"] == threads]
    return max(found, key=lambda x: x["run"] == "tiles", default=None)


def tile_share(result, tile):
    """Share of a tile in the peak of its instruction set, or None."""
    best = peak(result, tile["set"], tile["threads"])
    return tile["gflops"] / best["gflops"] if best else None


def row(work, against, least, unit, measured, why, at_most=False):
    reached = None
    if measured is not None:
        reached = measured <= least if at_most else measured >= least
    return {"work": work, "against": against, "goal": least, "unit": unit,
            "at_most": at_most, "measured": measured, "reached": reached,
            "why": "" if measured is not None else why}


def fast_row(result, has_fast):
    work = "`mnist train --fast`, training time"
    why = "no oneDNN, or no run"
    if not has_fast:
        why = "this build has no --fast"
    elif not peak(result, "amx", 1):
        why = "this processor has no AMX"
    measured = None
    if has_fast and peak(result, "amx", 1):
        measured = ratio(result, "train", "ours fast", "oneDNN")
    return row(work, "blas_mlp split, oneDNN", 3.2, "times", measured, why)


def tile_rows(result):
    rows = []
    for name, least in (("avx512", 85), ("avx2", 85), ("amx", 60)):
        tiles = [x for x in result["bounds"] if x["kind"] == "tile" and
                 x["set"] == name and x["from"] == "L1" and x["threads"] == 1]
        against = f"measured peak of {name}"
        for tile in tiles:
            share = tile_share(result, tile)
            rows.append(row(f"{tile['tile']} tile, {name}, in L1", against,
                            least, "%", share and 100 * share, "no peak"))
        if not tiles:
            rows.append(row(f"tiles, {name}", against, least, "%", None,
                            "this build or processor has none"))
    return rows


def table(result, has_fast):
    """Rows for the report. Two threads unless told otherwise."""
    def against(work, peer, least, key, ours, other):
        return row(work, peer, least, "times",
                   ratio(result, key, ours, other),
                   "not measured: see the notes")

    train = "`mnist train`, training time"
    rows = [
        against(train, "blas_mlp split, oneDNN", 1.8, "train", "ours",
                "oneDNN"),
        against(train, "PyTorch's best", 4, "train", "ours", "PyTorch"),
        against("`mnist train`, whole process", "PyTorch's best", 5, "wall",
                "ours", "PyTorch"),
        fast_row(result, has_fast),
        against("`mnist train --kernel avx2`, training time",
                "blas_mlp split, OpenBLAS held to Haswell", 1.5, "train",
                "ours avx2", "OpenBLAS avx2"),
        against("`mnist train --net lenet`, training time", "PyTorch's best",
                4, "train", "lenet", "PyTorch lenet"),
        against("`mnist eval`, whole process", "blas_mlp eval, the faster", 2,
                "wall", "eval", faster(result, "eval OpenBLAS",
                                       "eval oneDNN")),
        against("`mnist eval`, whole process", "PyTorch", 50, "wall", "eval",
                "eval PyTorch"),
        against("`mnist predict`, whole process", "PyTorch", 200, "wall",
                "predict", "predict PyTorch"),
    ]
    wall = median(result, "predict", "wall")
    rows.append(row("`mnist predict`, whole process", "the clock", 5, "ms",
                    wall and wall * 1e3, "not measured", at_most=True))
    rows.append(against("`mnist train`, two threads", "one thread", 1.8,
                        "train", "ours", "ours 1"))
    rows += tile_rows(result)
    rows.append(row("`mnist train`, peak memory", "the system", 80, "MiB",
                    median(result, "ours", "rss"), "not measured",
                    at_most=True))
    return rows


def faster(result, *peers):
    """The one of them that takes less time."""
    measured = [p for p in peers if median(result, p, "wall")]
    return min(measured, key=lambda p: median(result, p, "wall"),
               default=peers[0])
