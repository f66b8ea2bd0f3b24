#!/usr/bin/env bash
# Which lines and branches the tests run, by gcovr: every branch of the parsers,
# and 95 of 100 lines over all. A case is a branch of a parser.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/lib.sh
. scripts/reliability/lib.sh
least_lines=95

need gcovr has gcovr
need libcmocka-dev compiles_cmocka
install_missing

# -O1 for speed; each branch of the source is counted before it is optimised.
# Threads count together only if told to. Tests need not be counted.
build_variant coverage -DCMAKE_C_COMPILER=gcc -DMNIST_BUILD_TESTS=ON \
    -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG="-O1 -fno-inline" \
    -DCMAKE_C_FLAGS="--coverage -fprofile-abs-path -fprofile-update=atomic \
-fprofile-filter-files=/src/"
folder=$reliability/coverage
find "$folder" -name '*.gcda' -delete
# What computes much takes long and runs what others run too. A program that ends
# by a signal tells nothing of what it ran.
much='shapes|product|tiles|pictures|conv2d|dense_images|train|train_memory'
much+='|trainer|arithmetic|cli_resume|cli_signals'
run_tests_of coverage --exclude-regex "^test_($much)\$"
failed=$failures

mapfile -t filters < <(parsers | sed 's/^/--filter=/')
gcovr --root . "${filters[@]}" --branches "$folder" |
    tee "$scratch/branches" | sed 's/^/    /'
gcovr --root . --filter src/ "$folder" | tee "$scratch/lines" |
    grep -vE ' 100%' | sed 's/^/    /'

read -r branches taken < <(awk '/^TOTAL/ { print $2, $3 }' "$scratch/branches")
lines=$(awk '/^TOTAL/ { sub("%", "", $4); print $4 }' "$scratch/lines")
files=$(grep -c '^src/' "$scratch/branches")
cases=$branches
failures=$((failed + branches - taken))
[ "$files" = "$(parsers | wc -l)" ] || {
    echo "FAILED: $files files in the table, $(parsers | wc -l) parsers"
    failures=$((failures + 1))
}
[ "$lines" -ge $least_lines ] || {
    echo "FAILED: $lines % of all lines, expected $least_lines % or more"
    failures=$((failures + 1))
}
echo "parsers: $taken of $branches branches; all of src/: $lines % of lines"
report coverage
