#!/usr/bin/env bash
# All tests under clang's sanitizers for addresses, leaks and undefined
# behaviour, with checks that gcc's has not: numbers that do not fit where they
# are put (floats to integers anywhere; integers in the parsers, elsewhere
# wrapping is meant), and divisions of floats by zero.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/lib.sh
. scripts/reliability/lib.sh

need clang has clang
install_missing

meant=$PWD/$reliability/wrapping-is-meant.txt
{
    echo '[unsigned-integer-overflow]'
    git ls-files '*.c' '*.h' | grep -vxFf <(parsers) | sed 's/^/src:*/'
    # Shifts bits out of a word, which is no arithmetic.
    echo '[implicit-conversion]'
    git ls-files 'tests/*' 'src/kernels/*' 'src/layers/*' | sed 's/^/src:*/'
} >"$meant"
sanitizers=address,undefined,float-cast-overflow,float-divide-by-zero
sanitizers+=,unsigned-integer-overflow,implicit-conversion

prepare_sanitizers
build_sanitized clang-sanitizers clang $sanitizers \
    -DCMAKE_C_FLAGS="-fsanitize-ignorelist=$meant"
run_tests_of clang-sanitizers
report sanitizers
