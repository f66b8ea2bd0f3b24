#!/usr/bin/env bash
# All tests under clang's sanitizer for undefined behaviour, with checks that
# gcc's has not: numbers that do not fit where they are put (floats to integers
# anywhere; integers in the parsers, elsewhere wrapping is meant), and divisions
# of floats by zero.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/lib.sh
. scripts/reliability/lib.sh

need clang has clang
install_missing

{
    echo '[unsigned-integer-overflow]'
    git ls-files '*.c' '*.h' | grep -vxFf <(parsers) | sed 's/^/src:*/'
    # Shifts bits out of a word, which is no arithmetic.
    echo '[implicit-conversion]'
    git ls-files 'tests/*' 'src/kernels/*' 'src/layers/*' | sed 's/^/src:*/'
} >"$reliability/wrapping-is-meant.txt"
build_variant undefined -DCMAKE_C_COMPILER=clang \
    -DMNIST_SANITIZE=undefined,float-cast-overflow,float-divide-by-zero,unsigned-integer-overflow,implicit-conversion \
    -DCMAKE_BUILD_TYPE=Debug -DMNIST_BUILD_TESTS=ON \
    -DCMAKE_C_FLAGS_DEBUG="-g -O2 -fsanitize-ignorelist=$PWD/$reliability/wrapping-is-meant.txt"
export UBSAN_OPTIONS=print_stacktrace=1
run_tests_of undefined --exclude-regex '^test_shapes$'
report undefined
