#!/usr/bin/env bash
# Checks what every command prints with --json against data/mnist.schema.json: in
# many variants, line by line, that no member is missing in the schema, and that
# none stands there which no line has.
#
#     scripts/check-json.sh [PROGRAM]       build/mnist if none is named
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

help_if_asked "$@"
program=$(program_at "${1:-}")

# Debian's Python has Debian's packages; another may be called before it.
has_jsonschema() {
    for python in python3 /usr/bin/python3; do
        ! "$python" -c 'import jsonschema; jsonschema.Draft202012Validator' \
            2>/dev/null || return 0
    done
    return 1
}
need python3-jsonschema has_jsonschema
install_missing
has_jsonschema || die "python3-jsonschema is too old for draft 2020-12"

root=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/lines" "$scratch/history"
cd "$scratch"

# Keeps what the command prints as lines/NAME; `status` is what it ends with.
status=0
keep() { # NAME COMMAND [OPTION...]
    local name=$1 command=$2 found=0
    shift 2
    "$program" "$command" --json "$@" >"lines/$name" 2>err || found=$?
    [ "$found" = "$status" ] ||
        die "mnist $command --json $*: exit $found: $(cat err)"
}
number=0
train() { # [OPTION...]
    number=$((number + 1))
    keep "train-$number" train --data data --epochs 2 --limit 200 "$@"
}

# --- train, history ---

"$program" synth data --train 300 --test 60 --quiet
"$program" synth alone --train 100 --test 1 --quiet
rm alone/t10k-*
small=(--net "dense:8:relu,dense:10:softmax")
train
train --net lenet --limit 30 --epochs 1
train --net lenet --dry-run
train --net mlp128 --epochs 1 --scale 1 --no-shuffle --batch 16
train "${small[@]}" --fast --threads 2 --seed 18446744073709551615
train "${small[@]}" --momentum 0.5 --centered --lr 1e-5 --lr-schedule cosine
train "${small[@]}" --lr-plateau 1 --lr-factor 0.5 --min-lr 1e-4
train "${small[@]}" --lr-schedule step --lr-step 1 --lr-gamma 0.5
train "${small[@]}" --epochs 0
train "${small[@]}" --data alone --out $'odd "name"\xff\x1b'
train "${small[@]}" --validation-split 0.25 --history history/split.jsonl
train "${small[@]}" --history history/plain.jsonl
train "${small[@]}" --val-images data/t10k-images-idx3-ubyte \
    --val-labels data/t10k-labels-idx1-ubyte --kernel portable
train "${small[@]}" --epochs 30 --patience 1 --validation-split 0.5 --lr 0.05
train "${small[@]}" --clip-norm 0.5 --save-best --monitor accuracy
train "${small[@]}" --patience 3 --epochs 3 --checkpoint c --init odd*
train "${small[@]}" --report report.html
keep resumed train --data data --resume c --epochs 4
keep resumed-done train --data data --resume c --epochs 4

# Stopped within the epochs that it could never end.
touch lines/stopped
"$program" train --json --data data --epochs 1000000 "${small[@]}" --out s \
    >lines/stopped 2>err &
until [ "$(wc -l <lines/stopped)" -ge 3 ]; do
    kill -0 $! 2>/dev/null || die "the training ended by itself: $(cat err)"
    sleep 0.05
done
kill -TERM $!
wait $! 2>/dev/null || [ $? = 143 ] || die "it was not stopped: $(cat err)"
# How far it came does not matter.
{ head -n 3 lines/stopped && tail -n 1 lines/stopped; } >some
mv some lines/stopped

# --- eval, predict, info, compare ---

images=data/t10k-images-idx3-ubyte labels=data/t10k-labels-idx1-ubyte
keep eval eval --data data
keep eval-all eval --data data --confusion --per-class --mistakes 5 --batch 7
status=1 keep eval-below eval --data data --min-accuracy 1
keep eval-report eval --data data --report report.html
keep eval-images eval --images $images --labels $labels c
keep predict predict $images --index 0:5
keep predict-top predict $images --labels $labels --top 3 --invert
keep predict-several predict "$root/data/digit.idx" $images --index 0
keep predict-one predict "$root/data/digit.idx"
keep info info $images $labels "$root/data/digit.idx" mnist.safetensors c odd*
keep info-nets info --nets
for seed in 1 2 3; do
    train "${small[@]}" --seed $seed --validation-split 0.1 --out /dev/null
    cat "lines/train-$number" >>runs
    train "${small[@]}" --seed $seed --validation-split 0.1 --lr 0.01 \
        --out /dev/null
    cat "lines/train-$number" >>others
done
keep compare compare runs others
keep compare-seconds compare runs others --metric seconds --alpha 0.5
keep compare-validation compare runs others --metric val_loss
keep compare-same compare runs runs --metric train_cross_entropy
keep compare-one compare runs lines/eval
status=1 keep compare-worse compare runs lines/eval --not-worse

"$python" "$root/scripts/check_json.py" "$root/data/mnist.schema.json" lines \
    history
