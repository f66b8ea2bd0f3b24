#!/usr/bin/env bash
# Fuzzes the parsers, the command line, predictions and gradients by libFuzzer
# with ASan and UBSan, each for $FUZZ_SECONDS (60), one on each processor.
#
#     scripts/reliability/fuzz.sh [TARGET...]     a round of all, or of these
#     scripts/reliability/fuzz.sh --long HOURS [TARGET...]
#                                                 rounds for so many hours, then
#                                                 the coverage of the parsers
#
# Works in $FUZZ_FOLDER (build-fuzz); the inputs found there before are where it
# goes on. What breaks a promise lies in its crashes/ and is a failure. Ctrl-C
# stops a long run; a second call goes on, and counts what was done before. With
# FUZZ_JOBS=1 it leaves the other processors alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/lib.sh
. scripts/reliability/lib.sh

folder=${FUZZ_FOLDER:-build-fuzz}
seconds=${FUZZ_SECONDS:-60}
all=(tests/fuzz/fuzz_*.c)
all=("${all[@]#tests/fuzz/fuzz_}")
all=("${all[@]%.c}")
jobs=${FUZZ_JOBS:-$(nproc)}

# The longest inputs, near what a target can make use of; and most memory in one
# piece, for those that must not take more than they are given.
options_of() { # TARGET
    case $1 in
    idx | gzip) echo -max_len=2048 -malloc_limit_mb=16 ;;
    weights | checkpoint | import) echo -max_len=8192 -malloc_limit_mb=16 ;;
    line) echo -max_len=1200 ;;
    runs) echo -max_len=1600 ;;
    args) echo -max_len=400 ;;
    predict) echo -max_len=600 ;;
    gradient) echo -max_len=1024 ;;
    esac
    local name=${1/checkpoint/weights}
    local dictionary=tests/fuzz/dictionaries/${name/import/weights}
    [ ! -e "$dictionary" ] || echo "-dict=$dictionary"
}

compiles_zlib() { compiles -lz <<<'#include <zlib.h>'; }

install_tools() {
    need clang has clang
    need llvm has llvm-profdata
    need zlib1g-dev compiles_zlib
    need_build_tools
    install_missing
}

# --- Fuzzing ----------------------------------------------------------------

# Seconds that one input may take. A second of a busy machine is shared by all
# that wants to run; and a long run may be paused for a while (SIGSTOP).
patience() {
    local load
    read -r load _ </proc/loadavg
    [ $fresh = yes ] || load=1800
    echo $((1 + ${load%.*} / $(nproc)))
}

# One target, once. Adds a line to its .rounds: "EXECUTIONS CPU-SECONDS".
fuzz() { # TARGET SECONDS
    local target=$1 log=$folder/logs/$1.log options seeds scratch status=0
    local cpu executions TIMEFORMAT='%U %S'
    trap : INT # libFuzzer ends by it; the rest here is still to be done
    read -ra options <<<"$(options_of "$target" | tr '\n' ' ')"
    seeds=("tests/fuzz/corpus/$target")
    [ ! -d "tests/fuzz/crashes/$target" ] ||
        seeds+=("tests/fuzz/crashes/$target")
    scratch=$(mktemp -d -p "$memory" fuzz.XXXX)
    cpu=$({ time TMPDIR=$scratch "$folder/fuzz_$target" \
        -max_total_time="$2" -rss_limit_mb=256 -timeout="$(patience)" \
        -print_final_stats=1 -artifact_prefix="$folder/crashes/$target-" \
        "${options[@]}" "$folder/corpus/$target" "${seeds[@]}" \
        >"$log" 2>&1; } 2>&1) || status=$?
    rm -rf "$scratch"
    executions=$(figure "$log" executed_units)
    echo "${executions:-0} $cpu" >>"$folder/logs/$target.rounds"
    [[ $status =~ ^(0|72)$ ]] || tell_failure "$target" "$log" # 72: by Ctrl-C
}

figure() { # LOG NAME
    sed -n "s/^stat::[a-z_]*$2: *//p" "$1" | tail -n 1
}

tell_failure() { # TARGET LOG
    echo "fuzz_$1 ended badly; its input is one of"
    ls -t "$folder/crashes/$1-"* 2>/dev/null || echo "    (none was kept)"
    echo "to see it again: $folder/fuzz_$1 INPUT; the log ends:"
    tail -n 30 "$2" | sed 's/^/    /'
    echo 1 >>"$folder/logs/$1.failures"
}

# Each has a process group, so that it can be stopped with what it started.
run_round() {
    local target running=0
    set -m
    for target in "${targets[@]}"; do
        if [ $running = "$jobs" ]; then
            wait -n || true # also when one is only paused
            running=$((running - 1))
        fi
        fuzz "$target" "$seconds" &
        running=$((running + 1))
    done
    wait
    set +m
}

stop() {
    local job
    trap - INT TERM
    for job in $(jobs -p); do
        kill -INT -- "-$job" 2>/dev/null || true
    done
    wait
    tell_results
    exit 130
}

# --- Results ----------------------------------------------------------------

last() { # LOG NAME: the figure behind "NAME: " when the log ends
    sed -n "s/^#.* $2: \([0-9]*\).*/\1/p" "$1" | tail -n 1
}

count_failures() { # TARGET
    local file=$folder/logs/$1.failures
    if [ -e "$file" ]; then wc -l <"$file"; else echo 0; fi
}

awk_rounds() { # TARGET PROGRAM
    awk "{n += \$1; s += \$2 + \$3} END {$2}" "$folder/logs/$1.rounds"
}

tell_results() {
    local target log rounds_of
    printf '%-10s %13s %12s %9s %6s %8s %7s %8s\n' target executions \
        "a CPU second" CPU-hours edges features "peak MB" failures
    for target in "${targets[@]}"; do
        log=$folder/logs/$target.log
        printf '%-10s %s %6s %8s %7s %8s\n' "$target" "$(awk_rounds "$target" \
            'printf "%13d %12d %9.3f", n, (s > 0 ? n / s : 0), s / 3600')" \
            "$(last "$log" cov)" "$(last "$log" ft)" \
            "$(figure "$log" peak_rss_mb)" "$(count_failures "$target")"
    done
    rounds_of=("${targets[@]/#/$folder/logs/}")
    cat "${rounds_of[@]/%/.rounds}" | awk '{n += $1; s += $2 + $3}
        END {printf "%-10s %13d %12d %9.3f\n", "all", n, (s > 0 ? n / s : 0),
            s / 3600}'
}

# Which parts of the parsers the inputs reach, by a build that counts them.
tell_coverage() {
    local counting=$folder/coverage target binaries=() read_by
    mapfile -t read_by < <(parsers)
    local flags="-fprofile-instr-generate -fcoverage-mapping"
    build_in "$counting" -DCMAKE_C_COMPILER=clang -DMNIST_FUZZ=ON \
        -DCMAKE_C_FLAGS="$flags" >/dev/null
    for target in "${targets[@]}"; do
        LLVM_PROFILE_FILE=$counting/$target.profraw "$counting/fuzz_$target" \
            -runs=0 "$folder/corpus/$target" "tests/fuzz/corpus/$target" \
            >/dev/null 2>&1 || echo "fuzz_$target: its inputs cannot be run"
        binaries+=(-object "$counting/fuzz_$target")
    done
    llvm-profdata merge -o "$counting/all.profdata" "$counting"/*.profraw
    llvm-cov report -instr-profile="$counting/all.profdata" \
        "${binaries[@]:1}" "${read_by[@]}" | awk '
        NF >= 13 && /\.c |^TOTAL/ {
            sub(/.*\//, "", $1)
            printf "%-16s %8s of regions %8s of lines %8s of branches\n",
                $1, $4, $10, $13
        }'
}

# The lines that are counted; fails if there was a failure.
tell_counts() {
    local target failures sum=0
    for target in "${targets[@]}"; do
        failures=$(count_failures "$target")
        sum=$((sum + failures))
        echo "reliability: fuzz-$target: $(awk_rounds "$target" \
            'printf "%d", n') cases, $failures failures"
    done
    [ $sum = 0 ]
}

# --- What is asked for ------------------------------------------------------

rounds=1
fresh=yes
hours=''
case ${1:-} in
-h | --help)
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
    exit
    ;;
--long)
    [[ ${2:-} =~ ^[0-9]+$ ]] || die "--long needs a number of hours"
    hours=$2
    seconds=${FUZZ_SECONDS:-300}
    fresh=no
    shift 2
    ;;
-*) die "unknown option $1; --help tells what there is" ;;
esac
targets=("$@")
[ $# -gt 0 ] || targets=("${all[@]}")
for target in "${targets[@]}"; do
    [ -e "tests/fuzz/fuzz_$target.c" ] ||
        die "no target is called $target; there are ${all[*]}"
done
[ -z "$hours" ] ||
    rounds=$((hours * 3600 * jobs / (${#targets[@]} * seconds)))

# Another call may want the same at the same time.
mkdir -p "$folder"/{logs,crashes}
exec {lock}>"$folder/lock"
flock $lock
heading "Tools"
install_tools
heading "Build"
level=()
# In a minute each, -O3 does not gain the time that it takes.
[ $fresh = no ] || level=(-DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG=-O1
    -DMNIST_COMPUTING=-O2)
show_quietly cmake -S . -B "$folder" -DCMAKE_C_COMPILER=clang -DMNIST_FUZZ=ON \
    "${level[@]}"
show_quietly cmake --build "$folder" --parallel "$(nproc)" \
    --target "${all[@]/#/fuzz_}"
exec {lock}>&-

heading "Fuzzing, ${#targets[@]} targets of $seconds s, $jobs at a time"
# Freed memory that is kept finds its use; but too much would be all there is.
export ASAN_OPTIONS=quarantine_size_mb=8:malloc_context_size=8
export UBSAN_OPTIONS=print_stacktrace=1
for target in "${targets[@]}"; do
    mkdir -p "$folder/corpus/$target"
    [ $fresh = no ] || rm -f "$folder/logs/$target".{rounds,failures}
done
trap stop INT TERM
for ((round = 0; round < rounds || round == 0; round++)); do
    run_round
done
trap - INT TERM
tell_results

if [ $fresh = no ]; then
    heading "Coverage of the parsers by all inputs"
    tell_coverage
fi
echo
tell_counts
