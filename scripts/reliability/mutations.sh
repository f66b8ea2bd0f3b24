#!/usr/bin/env bash
# Whether the tests would notice if a check of a parser went missing: takes the
# changes of scripts/reliability/mutations.txt one at a time, compiles the file
# that is changed, links it before the library, and runs the tests named there
# until one fails. A change that they all survive is a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/lib.sh
. scripts/reliability/lib.sh
require_build
build=$MNIST_BUILD
flags=(-std=c11 -O0 -w -ffp-contract=off -Iinclude -Isrc -D_POSIX_C_SOURCE=200809L
    -D_FILE_OFFSET_BITS=64)
# Fewer cases of what is repeated: a missing check shows soon or not at all.
export MNIST_CASE_STRIDE=97

link_options_of() { # TEST: those that wrap functions
    sed 's/ -/\n-/g' "$build/tests/CMakeFiles/$1.dir/link.txt" |
        grep -oE '^-Wl,--wrap=[a-z_]+' || true
}

# Links a test with the changed object in front of the library's.
link_test() { # TEST OBJECT OUT
    local objects=("$build/tests/CMakeFiles/$1.dir/"*.o) wraps
    mapfile -t wraps < <(link_options_of "$1")
    gcc "${objects[@]}" "$2" "${wraps[@]}" "$build/tests/libtest-support.a" \
        "$build/src/libmnist.a" -lcmocka -lm -pthread -o "$3"
}

# Whether a test of the list fails.
is_noticed() { # WORK-FOLDER OBJECT TEST...
    local work=$1 object=$2 test
    shift 2
    for test in "$@"; do
        link_test "$test" "$object" "$work/test"
        # One that goes on for ever has noticed, too: the tests take a second.
        # The braces keep the shell from telling that it was killed.
        { (ulimit -t 10 && TMPDIR=$work exec timeout 60 "$work/test" >/dev/null) ||
            return 0; } 2>/dev/null
    done
    return 1
}

# One change, in the background; leaves a file `ok` or `failed`.
try() { # NUMBER FILE TESTS TEXT INSTEAD
    local work=$scratch/$1 file=$2 content tests
    read -ra tests <<<"$3"
    mkdir "$work"
    content=$(<"$file")
    local rest=${content#*"$4"}
    if [ "$rest" = "$content" ]; then
        echo "$file: is not there (any more): $4" >"$work/failed"
    elif [[ $rest == *"$4"* ]]; then
        echo "$file: more than once there: $4" >"$work/failed"
    else
        printf '%s\n' "${content%%"$4"*}$5$rest" >"$work/changed.c"
        if ! gcc "${flags[@]}" -include stdbool.h -c -o "$work/changed.o" \
            "$work/changed.c" 2>"$work/messages"; then
            { echo "$file: does not compile: $5" && cat "$work/messages"; } \
                >"$work/failed"
        elif is_noticed "$work" "$work/changed.o" "${tests[@]}"; then
            touch "$work/ok"
        else
            echo "$file: nobody noticed: $4 ==> $5" >"$work/failed"
        fi
    fi
    rm -f "$work"/test "$work"/changed.*
}

# --- The list ---------------------------------------------------------------

files=() tests=() texts=() instead=()
file='' wanted='' text='' in_text=''

add() { # TEXT INSTEAD
    files+=("$file") tests+=("$wanted") texts+=("$1") instead+=("$2")
}

# A change is a line, or as many lines on both sides of the arrow as it takes:
# the arrow's line ends the first, and the same number follows.
while IFS= read -r line; do
    if [ -n "$in_text" ]; then
        if [[ $line == *' ==> '* ]]; then
            text+=$'\n'${line%%' ==> '*}
            after=${line#*' ==> '}
            for ((more = in_text; more > 0; more--)); do
                IFS= read -r line
                after+=$'\n'$line
            done
            add "$text" "$after"
            in_text=''
        else
            text+=$'\n'$line
            in_text=$((in_text + 1))
        fi
    elif [[ -z $line || $line == '#'* ]]; then
        continue
    elif [[ $line == '['*']'* ]]; then
        file=${line#\[} file=${file%%\]*}
        wanted=${line#*\]}
    elif [[ $line == *' ==> '* ]]; then
        add "${line%%' ==> '*}" "${line#*' ==> '}"
    else
        text=$line in_text=1
    fi
done <scripts/reliability/mutations.txt

# The tests must hold without a change, or they would notice anything.
for test in $(printf '%s\n' "${tests[@]}" | tr ' ' '\n' | sort -u); do
    "$build/$test" >/dev/null 2>&1 || die "$test fails as things are"
done

running=0
for i in "${!files[@]}"; do
    if [ "$running" = 2 ]; then
        wait -n
        running=1
    fi
    try "$i" "${files[i]}" "${tests[i]}" "${texts[i]}" "${instead[i]}" &
    running=$((running + 1))
done
wait
for i in "${!files[@]}"; do
    cases=$((cases + 1))
    [ -e "$scratch/$i/ok" ] && continue
    failures=$((failures + 1))
    cat "$scratch/$i/failed"
done
report mutations
