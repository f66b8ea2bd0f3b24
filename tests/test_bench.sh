#!/usr/bin/env bash
# scripts/bench.sh: a trial with tiny sizes measures everything, and writes a
# table and JSON that hold together. What the figures are is nobody's business.
# shellcheck disable=SC2317 # functions are called through `check`
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/support/shell.sh
. "$here/support/shell.sh"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null &&
    command -v cmake >/dev/null || exit 77
bench=$here/../scripts/bench.sh
build=$scratch/build
patience=900 # it builds
cd "$scratch" || exit 1

run "$bench" --help
check "--help" exits 0
check "  tells the options" says "--quick"

run "$bench" --build "$build" --wrong
check "an option that there is not" exits 2
run "$bench" --build "$build" --only bounds,nothing
check "a section that there is not" exits 2
check "  the sections are told" says "bounds,steps,jobs,scaling"
run "$bench" --build "$build" --data "$scratch/nowhere"
check "data that are not there" exits 2
check "  how to get them is told" says "get-mnist.sh"
check "  before anything is built" is_missing "$build"

run "$bench" --smoke --runs 1 --build build --out out --peers nowhere
check "a trial" exits 0
check "  says that it is one" says "no figure here means anything"
check "  says what is skipped" says "no folder of peers"
check "  leaves nothing but what it was told to" \
    [ "$(echo "$scratch"/*)" = "$scratch/build $scratch/out" ]

# Every table of the text is rectangular.
run awk -F '|' '
    !/^\|/ { columns = 0; next }
    !columns { columns = NF; tables++ }
    NF != columns { print FILENAME ": line " FNR ": " NF " columns"; bad = 1 }
    END { if (tables < 9) { print tables " tables"; bad = 1 } exit bad }
' out/bench.md
check "its tables are whole" exits 0

run python3 -c '
import json, sys
r = json.load(open(sys.argv[1]))
for key in ("date", "machine", "program", "kernels", "compiler"):
    assert r[key], key
assert r["machine"]["cores"] >= 1 and r["machine"]["processor"]

def positive(x, *keys):
    for key in keys:
        assert x[key] > 0, (key, x)

kinds = {kind: [x for x in r["bounds"] if x["kind"] == kind]
         for kind in ("fma", "read", "tile")}
assert {x["level"] for x in kinds["read"]} == {"L1", "L2", "L3", "memory"}
for x in kinds["read"]:
    positive(x, "gbs", "gbs_best", "bytes")
for x in kinds["fma"] + kinds["tile"]:
    positive(x, "gflops", "gflops_best")
for name in r["kernels"].split("(")[1].rstrip(")").split(", "):
    tiles = {(x["tile"], x["from"]) for x in kinds["tile"]
             if x["set"] == name}
    assert len(tiles) == 6, (name, tiles)
if any(x["set"] == "amx" for x in kinds["fma"]):
    assert any(x["set"] == "amx" for x in kinds["tile"])

for net in ("mlp512", "lenet"):
    for threads in {1, r["sizes"]["threads"]}:
        parts = {x["part"] for x in r["steps"]
                 if (x["net"], x["threads"]) == (net, threads)}
        assert {"gather", "loss", "whole step", "dense forward",
                "dense backward and update"} <= parts, parts
for x in r["steps"]:
    positive(x, "us")
    assert x.get("flop_left", 0) <= x.get("flop", 0), x

for job in [*r["jobs"].values(), *r["scaling"]]:
    assert not job["error"], job
    positive(job["median"], "wall", "rss")
for key in ("ours", "ours 1", "lenet"):
    positive(r["jobs"][key]["median"], "train", "accuracy")
for key in ("eval", "predict"):
    assert key in r["jobs"]
assert {x["what"] for x in r["scaling"]} == {
    "batch size", "hidden units", "threads", "images"}
for goal in r["goals"]:
    assert (goal["measured"] is None) == (goal["reached"] is None) == \
        bool(goal["why"]), goal
assert {"times", "ms", "MiB", "%"} == {goal["unit"] for goal in r["goals"]}
' out/bench.json
check "its JSON has everything" exits 0
finish
