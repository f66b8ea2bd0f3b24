# shellcheck shell=bash
# For the checks in this folder: builds of their own kind, and the counting of
# cases. Source it from the repository's root after `set -euo pipefail`, and end
# with `report NAME`. A check prints what went wrong as it goes, and at the end
# the line that scripts/check-reliability.sh reads:
#
#     reliability: NAME: 120 cases, 0 failures
#
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

# Where builds and logs of the checks lie.
reliability=${MNIST_RELIABILITY:-build-reliability}
mkdir -p "$reliability"

# The build that scripts/check-reliability.sh hands on.
require_build() {
    [ -x "${MNIST_BUILD:-}/mnist" ] ||
        die "MNIST_BUILD does not name a build; run scripts/check-reliability.sh" \
            "--only $(basename "$0" .sh)"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cases=0
failures=0

# Counts a case; it fails if the command does, and then says what it was.
expect() { # WHAT COMMAND...
    local what=$1
    shift
    cases=$((cases + 1))
    if ! "$@"; then
        failures=$((failures + 1))
        echo "FAILED: $what"
    fi
}

report() { # NAME
    echo "reliability: $1: $cases cases, $failures failures"
    [ "$failures" = 0 ]
}

# For what not every machine can have: says so in the line of the check, and
# ends it. The list says whether the check may be left out.
skip() { # NAME WHY
    echo "reliability: $1: skipped, $2"
    exit 0
}

# Installs what `need` noted; false if that cannot be done here.
install_or() { # COMMAND...
    (install_missing) || "$@"
    missing=()
    hash -r
}

# A build below $reliability, quiet unless it fails, of all or of some targets.
# The processors are shared with the check that runs beside.
build_variant() { # NAME [CMAKE-OPTION...] [-- TARGET...]
    local folder=$reliability/$1 options=()
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift $(($# > 0))
    quietly cmake -S . -B "$folder" "${options[@]}"
    quietly cmake --build "$folder" --parallel "$(nproc)" ${1:+--target "$@"}
}

# Builds that are made once and run once: only what computes much is optimised,
# which takes ten times as long otherwise.
quickly=(-DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG=-O0 -DMNIST_COMPUTING=-O2)

# The same with sanitizers, and with lines in what they report.
build_sanitized() { # NAME COMPILER SANITIZERS [CMAKE-OPTION...] [-- TARGET...]
    local name=$1 compiler=$2 sanitizers=$3
    shift 3
    build_variant "$name" -DCMAKE_C_COMPILER="$compiler" \
        -DMNIST_BUILD_TESTS=ON -DMNIST_WERROR=ON \
        -DMNIST_SANITIZE="$sanitizers" "${quickly[@]}" \
        -DCMAKE_C_FLAGS_DEBUG="-g1 -O0" "$@"
}

# A program with nothing wrong, to learn what this machine lets a sanitizer do.
sanitizer_works() { # SANITIZER
    gcc -fsanitize="$1" -x c -o "$scratch/probe" - \
        <<<'int main(void) { return 0; }'
    "$scratch/probe" >/dev/null 2>&1
}

# Sets what sanitizers are told as they start.
prepare_sanitizers() {
    export UBSAN_OPTIONS=print_stacktrace=1
    if ! sanitizer_works address; then
        echo "no search for leaks: this machine forbids ptrace"
        export ASAN_OPTIONS=detect_leaks=0
    fi
}

# What tests are run by: nothing special.
run_by=(env)

# So that files which nobody keeps cost no disk.
memory=/dev/shm
[ -w $memory ] || memory=${TMPDIR:-/tmp}

# Each test program of a build counts as a case. Of what a test repeats
# thousands of times, which is run in full elsewhere, one in so many will do.
run_tests_of() { # NAME [CTEST-OPTION...]
    local folder=$reliability/$1 log=$reliability/$1-tests.log total failed
    shift
    MNIST_CASE_STRIDE=97 TMPDIR=$memory "${run_by[@]}" \
        ctest --test-dir "$folder" --no-tests=error --label-exclude scripts \
        --no-label-summary --output-on-failure --parallel 2 "$@" >"$log" ||
        sed -n '/\*\*\*/p; /^Failed\|^The following/,$p' "$log"
    total=$(sed -n 's/.*tests failed out of \([0-9]*\).*/\1/p' "$log")
    failed=$(sed -n 's/.* \([0-9]*\) tests failed out of.*/\1/p' "$log")
    cases=$((cases + ${total:-0}))
    failures=$((failures + ${failed:-1}))
}

# Tests that compute much, and those of trainings: where each takes ten times as
# long, or where bytes of whole trainings are compared, they are left out.
computing='shapes|product|conv2d|conv2d_sums|pooling|pictures|tile[ds]|panels'
computing+='|packed|arithmetic|activations|affine|dense|dropout|kernels|workspace'
computing+='|threads|fast|train|train_memory|trainer|trainer_steps|checkpoint'
computing+='|divergence|bench|cli_(eval|fast|networks|refusals|report|results'
computing+='|resume|signals|terminal|train|validation)'
computing="^(fuzz_gradient|test_($computing))\$"

# The names of the others.
other_tests() {
    basename -s .c tests/test_*.c tests/fuzz/fuzz_*.c | grep -vE "$computing"
}

# For builds for which there is no cmocka.
# shellcheck disable=SC2034 # the checks use it
with_stand_in=(-DMNIST_BUILD_TESTS=ON -DMNIST_TESTS_STAND_IN=ON)

# What a program makes, in the folder: digits, weights of dense and convolutional
# networks, a checkpoint, predictions, figures. No paths in it.
make_results() { # FOLDER PROGRAM...
    local folder=$1 net i=0
    shift
    mkdir -p "$folder"
    "$@" synth "$folder/data" --train 200 --test 50 --seed 3
    for net in mlp15 mlp128 lenet 'conv2d:3:2x2:tanh,maxpool:3x3,dense:10:softmax'; do
        i=$((i + 1))
        "$@" train --data "$folder/data" --net "$net" --epochs 2 --limit 100 \
            --batch 30 --quiet --momentum 0.5 --lr-schedule cosine \
            --checkpoint "$folder/$i.checkpoint" --out "$folder/$i.weights"
        "$@" predict "$folder/data/t10k-images-idx3-ubyte" --json \
            --weights "$folder/$i.weights" >"$folder/$i.predictions"
        "$@" eval "$folder/$i.weights" --data "$folder/data" --json |
            sed 's/"[a-z_]*seconds[a-z_]*":[^,}]*//g' >"$folder/$i.figures"
    done
    "$@" train --data "$folder/data" --net lenet --epochs 3 --limit 100 \
        --batch 30 --quiet --clip-norm 0.2 --lr 0.01 --lr-plateau 1 \
        --save-best --monitor val_acc --validation-split 0.2 \
        --checkpoint "$folder/best.checkpoint" --out "$folder/best.weights"
}

# Each file that another build makes counts as a case: the same bytes as those
# of the build in $MNIST_BUILD.
compare_results() { # PROGRAM...
    local file
    make_results "$scratch/here" "$MNIST_BUILD/mnist" >/dev/null
    make_results "$scratch/there" "$@" >/dev/null
    while read -r file; do
        expect "$file" cmp "$scratch/here/$file" "$scratch/there/$file"
    done < <(cd "$scratch/here" && find . -type f | sort)
}

# Parsers: the files that read what others wrote.
parsers() { sed 's/ *#.*//; /^$/d' scripts/reliability/parsers.txt; }
