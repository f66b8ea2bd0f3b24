#!/usr/bin/env bash
# Runs each command in ever more memory, by a limit on its address space, until
# it has enough. Short of it, it ends with exit 6 and one line, and leaves no
# file that is not whole; what the C library takes for itself is counted here,
# unlike in test_out_of_memory.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/cases.sh
. scripts/reliability/cases.sh
cd "$scratch"

STEP=300 ENOUGH=10 # KiB; so many good runs in a row

"$program" synth data -q --train 400 --test 100
images=data/t10k-images-idx3-ubyte
"$program" train --data data -q --net mlp128 --epochs 1 --threads 2 --out w

limited() ( # KIB COMMAND...
    ulimit -v "$1"
    shift
    exec "$@"
)

# Whether the dynamic linker got as far as the program.
starts_in() { # KIB
    run limited "$1" "$program" --version
    [ "$status" = 0 ]
}

least=1000
until starts_in $least; do
    least=$((least + STEP))
done

check() { # what is wrong after a run
    case $status in
    0) [ ! -s "$scratch/err" ] || echo "stderr: $(cat "$scratch/err")" ;;
    6) check_message ;;
    *) echo "exit $status: $(head -c 300 "$scratch/err")" ;;
    esac
    [ ! -e o ] || cmp o w 2>&1
    [ -z "$(strays .)" ] || echo " left: $(strays .)"
}

raise_limit() { # COMMAND...
    local kib=$least good=0
    while [ $good -lt $ENOUGH ]; do
        rm -rf o new
        run limited $kib "$program" "$@"
        judge "mnist $* in $kib KiB" "$(check)"
        good=$((status == 0 ? good + 1 : 0))
        kib=$((kib + STEP))
    done
}

raise_limit train --data data -q --net mlp128 --epochs 1 --threads 2 --out o \
    --checkpoint c --history h.csv
raise_limit eval w --data data -q --threads 2
raise_limit predict -w w $images
raise_limit show $images
raise_limit info w
raise_limit info $images
raise_limit export w -q --onnx new --npz c
raise_limit synth new -q --train 3000 --test 10
report memory-limits
