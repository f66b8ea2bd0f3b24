#!/usr/bin/env bash
# scripts/sweep.sh: a small grid here by xargs and by make, gone on with after
# failures, and what it gathers. scripts/check-sweep.sh tries GNU parallel and
# Slurm. ctest tells where the program is.
# shellcheck disable=SC2317 # functions are called through `check`
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/support/shell.sh
. "$here/support/shell.sh"
: "${MNIST_PROGRAM:?run by ctest}"
unset MNIST_DATA

sweep() { run "$here/../scripts/sweep.sh" --program "$MNIST_PROGRAM" "$@"; }
finished() { find "$1/runs" -name '*.jsonl' | wc -l; }
has_lines() { [ "$(wc -l <"$2")" = "$1" ]; }
# Without the time that each took.
figures() { cut -d , --complement -f "$(column seconds "$1")" "$1"; }
column() { head -n 1 "$2" | tr , '\n' | grep -nx "$1" | cut -d : -f 1; }
same_figures() { cmp -s <(figures "$1") <(figures "$2"); }

cd "$scratch" || exit
everything=$PATH
PATH=$(path_without parallel)
"$MNIST_PROGRAM" synth data -q --train 200 --test 50
options=(-- --data data --net "dense:8:relu,dense:10:softmax" --epochs 1)

sweep --seeds 1:3 --lr 0.001,0.01 --jobs 2 --out "a folder" "${options[@]}"
check "a sweep by xargs" exits 0
check "  tells how many there are" says "6 trainings, 2 at a time"
check "  names its files as the folder was named" \
    says "wrote a folder/results.csv and a folder/table.txt"
check "  and tells what to type next" \
    says "next: mnist compare a\\ folder/lr_0.001.jsonl a\\ folder/lr_0.01.jsonl"
check "  a row a run" has_lines 7 "a folder/results.csv"
check "  by their names" grep -q '^lr,seed,epochs,seconds,train_loss' \
    "a folder/results.csv"
check "  a row a setting" has_lines 3 "a folder/table.txt"
check "  with means" grep -Eq '^0\.01 +3  0\.[0-9]{4} \+- 0\.[0-9]{4}' \
    "a folder/table.txt"
check "  weights of each" [ -e "a folder/runs/lr_0.01-seed_3.safetensors" ]

# The figures of a run are those of the training that it says it is.
"$MNIST_PROGRAM" train --json --seed 2 --lr 0.01 --out w "${options[@]:1}" >alone
accuracy=$(sed -n 's/.*"test":{.*"accuracy":\([^,]*\),.*/\1/p' alone)
check "  as of a training alone" grep -Eq "^0.01,2,1,.*,$accuracy\$" \
    "a folder/results.csv"
mean=$(awk -F, '$1 == "0.01" { sum += $NF } END { printf "%.4f", sum / 3 }' \
    "a folder/results.csv")
check "  the mean is theirs" grep -q "^0.01 .* $mean +- " "a folder/table.txt"
run "$MNIST_PROGRAM" compare "a folder"/lr_0.0*1.jsonl --json
check "  settings can be compared" says '"paired":{'

before=$(stat -c %y.%i "a folder"/runs/*.jsonl)
rm "a folder/runs/lr_0.01-seed_1.jsonl"
sweep --seeds 1-3 --lr 0.001,0.01 --out "a folder" "${options[@]}"
check "called again, it does what is missing" says "done: lr_0.01-seed_1"
check "  and nothing else" silent_on "seed_2"
after=$(stat -c %y.%i "a folder"/runs/*.jsonl)
check "  " [ "$(comm -12 <(sort <<<"$before") <(sort <<<"$after") | wc -l)" = 5 ]
sweep --seeds 1:3 --lr 0.001,0.01 --out "a folder" "${options[@]}" --batch 9
check "other options need another folder" says "with other options"
check "  " exits 1

cp "a folder/results.csv" by-xargs.csv
sweep --seeds 1:3 --lr 0.001,0.01 --out made --makefile --no-weights \
    "${options[@]}"
check "a makefile" says "make -C"
run make -C made -j2 -s
check "  make runs it" exits 0
check "  with the same figures" same_figures by-xargs.csv made/results.csv
check "  without weights" is_missing made/runs/lr_0.01-seed_1.safetensors

sweep --seeds 1,4 --vary batch=16,0 --out failing "${options[@]}"
check "trainings that fail are told" says "failed: batch_0-seed_4: mnist: --batch"
check "  at the end too" says "missing: batch_0-seed_1: exit 2, mnist: --batch 0"
check "  and counted" says "2 of 4 trainings are missing"
check "  " exits 1
check "  the others are there" has_lines 3 failing/results.csv

sweep --seeds 7 --net mlp15 --net "dense:9:tanh,dense:10:softmax" --out nets \
    -- --data data --epochs 1 --validation-split 0.5
check "networks" exits 0
check "  a line with commas is one field" \
    grep -q '^"dense:9:tanh,dense:10:softmax",7,1,' nets/results.csv
check "  in the table too" grep -q '^dense:9:tanh,dense:10:softmax  ' \
    nets/table.txt
check "  with validation" grep -Eq '^mlp15 .*  0\.[0-9]{4}$' nets/table.txt

PATH=$(path_without parallel sbatch)
sweep --seeds 1:2 --slurm --jobs 1 --out array "${options[@]}"
check "without Slurm, the array is written" grep -q 'array=1-2%1' \
    array/array.sbatch
check "  and how to go on is told" says "sbatch array.sbatch"
PATH=$everything

for wrong in "--seeds 3:1" "--seeds x" "--out" "--jobs 0" "--lrr 1" \
    "--vary batch" "--vary seed=1,2"; do
    read -ra words <<<"$wrong"
    sweep --out x "${words[@]}"
    check "wrong: $wrong" exits 2
    check "  touches nothing" is_missing x
done
sweep --seeds 1
check "wrong: no --out" says "--out DIR is missing"
sweep --collect --out nowhere
check "nothing to collect" says "no sweep was begun"
finish
