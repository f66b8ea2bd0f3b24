#!/usr/bin/env bash
# The same bytes whatever compiles and runs it: gcc at -O1 and -O3, clang at -O2
# and -O3, all sets of kernels, 1, 2, 3 and 8 threads, other time zones,
# locales, environments, working folders, address layouts. The checksums of the
# default network's weights for five seeds, and of drawn digits, are kept in
# scripts/reliability/checksums.txt; where a change of them is meant,
#
#     MNIST_BUILD=build scripts/reliability/determinism.sh --write
#
# writes them anew.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/lib.sh
. scripts/reliability/lib.sh
require_build
sums=$PWD/scripts/reliability/checksums.txt
program=$(realpath "$MNIST_BUILD/mnist")

need clang has clang
install_missing

# --- What is made -----------------------------------------------------------

digits=$scratch/digits
draw() { # PROGRAM FOLDER
    rm -rf "$2"
    "$1" synth "$2" --train 260 --test 60 --seed 5 >/dev/null
}
drawn_sum() { cat "$1"/*-ubyte | sha256sum | cut -d' ' -f1; }

# The SHA-256 of the weights of one training; one of the seeds clips gradients,
# which are summed up for that, and looks for what was best.
learn() { # SEED OPTIONS COMMAND...
    local seed=$1 options weights
    read -ra options <<<"$2"
    [ "$seed" != 5 ] ||
        options+=(--clip-norm 0.05 --lr-plateau 1 --save-best --monitor acc)
    shift 2
    weights=$(mktemp -p "$scratch")
    "$@" train --data "$digits" --epochs 2 --seed "$seed" --quiet \
        --out "$weights" "${options[@]}" >/dev/null
    sha256sum <"$weights" | cut -d' ' -f1
    rm -f "$weights"
}

draw "$program" "$digits"
if [ "${1:-}" = --write ]; then
    {
        echo "digits $(drawn_sum "$digits")"
        for seed in 1 2 3 4 5; do
            echo "seed-$seed $(learn "$seed" "" "$program")"
        done
    } >"$sums"
    echo "wrote $sums"
    exit
fi

# --- Against what is kept ---------------------------------------------------

kept() { sed -n "s/^$1 //p" "$sums"; }
same_digits() { draw "$1" "$2" && [ "$(drawn_sum "$2")" = "$(kept digits)" ]; }
learns_the_same() { # SEED OPTIONS COMMAND...
    [ "$(learn "$@")" = "$(kept "seed-$1")" ]
}

expect "the digits of this build" same_digits "$program" "$digits"

# What is handed on is of -O3, by gcc where cc is.
builds=(gcc-O1 clang-O2 clang-O3)
program_of() { echo "$PWD/$reliability/determinism-$1/mnist"; }
for build in "${builds[@]}"; do
    build_variant "determinism-$build" -DCMAKE_C_COMPILER="${build%-*}" \
        "${quickly[@]}" -DMNIST_COMPUTING="-${build#*-}" -- mnist
    expect "digits by $build" same_digits "$(program_of "$build")" \
        "$scratch/others"
done

# --- Surroundings -----------------------------------------------------------

elsewhere() { (cd / && learns_the_same 1 "" "$program"); }
with_large_environment() {
    LARGE=$(head -c 100000 /dev/zero | tr '\0' x) learns_the_same 1 "" "$program"
}
expect "TZ" learns_the_same 1 '' env TZ=Asia/Kathmandu "$program"
for locale in C.UTF-8 de_DE.UTF-8 tr_TR.UTF-8 en_US.ISO-8859-1; do
    expect "LC_ALL=$locale" learns_the_same 1 '' env LC_ALL=$locale "$program"
done
expect "another working folder" elsewhere
expect "a large environment" with_large_environment
expect "no environment" learns_the_same 1 '' env -i "$program"
if setarch "$(uname -m)" -R true 2>/dev/null; then
    expect "no address randomisation" \
        learns_the_same 1 '' setarch "$(uname -m)" -R "$program"
else
    echo "not here: setarch -R"
fi
failed=0
report determinism || failed=1

# --- Kernels ----------------------------------------------------------------

# Each set counts for itself: not every machine has all.
for kernels in portable avx2 avx512; do
    if ! "$program" --version | grep -qE "\b${kernels}[,)]"; then
        echo "reliability: determinism-$kernels: skipped, it is not here"
        continue
    fi
    cases=0 failures=0
    for seed in 1 2 3 4 5; do
        for threads in 1 2 3 8; do
            expect "seed $seed, $kernels, $threads threads" learns_the_same \
                $seed "--kernel $kernels --threads $threads" "$program"
        done
        for build in "${builds[@]}"; do
            expect "$build, $kernels, seed $seed" learns_the_same $seed \
                "--kernel $kernels" "$(program_of "$build")"
        done
    done
    report "determinism-$kernels" || failed=1
done
[ $failed = 0 ]
