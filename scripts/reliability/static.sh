#!/usr/bin/env bash
# What three tools find by reading the source: gcc -fanalyzer, clang-tidy (its
# choice of checks is in .clang-tidy) and cppcheck. A case is a file read by a
# tool. What gcc finds and is wrong is in scripts/reliability/analyzer.txt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/lib.sh
. scripts/reliability/lib.sh
require_build

need clang has clang
need clang-tidy has clang-tidy
need cppcheck has cppcheck
install_missing

# Kernels for one processor are intrinsics, about which these tools know little.
mapfile -t sources < <(git ls-files 'src/*.c' | grep -v /x86/)
flags=(-std=c11 -O2 -Iinclude -Isrc "-I$MNIST_BUILD/src" -D_POSIX_C_SOURCE=200809L
    -D_FILE_OFFSET_BITS=64)
wrong=scripts/reliability/analyzer.txt

# --- Each of these fails if the tool found something in the file --------------

analyzer() { # FILE
    local found
    found=$(gcc "${flags[@]}" -fanalyzer -c -o /dev/null "$1" 2>&1 |
        grep 'warning:' | grep -vf <(sed 's/ *#.*//; /^$/d' "$wrong")) || return 0
    echo "$found"
    return 1
}
tidy() {
    local found
    found=$(clang-tidy -p "$MNIST_BUILD" --quiet "$1" 2>/dev/null) || true
    [ -z "$found" ] || { echo "$found" && return 1; }
}
# It knows no more of `line` than that it is not written before it is handed on
# to be written, and takes the comparison of two labels for one with a limit.
cppchecked() {
    cppcheck --quiet --std=c11 --enable=warning,performance,portability \
        --suppress=ctuuninitvar \
        --suppress=arrayIndexThenCheck:src/cli/prediction.c --error-exitcode=1 -Iinclude -Isrc \
        -I"$MNIST_BUILD/src" -D__x86_64__ "$1"
}

# A tool over all files, two at a time; prints what it finds.
over_all() { # TOOL
    local tool=$1 i
    for i in "${!sources[@]}"; do
        if ! "$tool" "${sources[i]}" >"$scratch/$tool.$i"; then
            echo "${sources[i]}" >>"$scratch/$tool.failed"
            cat "$scratch/$tool.$i"
        fi
        echo >>"$scratch/$tool.read"
    done
}

over_all analyzer &
over_all cppchecked &
wait
over_all tidy
for tool in analyzer tidy cppchecked; do
    cases=$((cases + $(wc -l <"$scratch/$tool.read")))
    [ ! -e "$scratch/$tool.failed" ] ||
        failures=$((failures + $(wc -l <"$scratch/$tool.failed")))
done
report static
