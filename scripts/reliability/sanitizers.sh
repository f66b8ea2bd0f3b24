#!/usr/bin/env bash
# All tests under clang's sanitizers for addresses, leaks and undefined
# behaviour, with checks that gcc's has not: numbers that do not fit where they
# are put (floats to integers anywhere; integers in the parsers, elsewhere
# wrapping is meant), and divisions of floats by zero. And the tests of what reads
# files once more, as gcc sees them.
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

read_files=(checkpoint checkpoint_damage checkpoint_refusals dataset folder
    gunzip idx import import_refusals import_values inflate json json_skip kind
    lines npz picture png png_damage pnm runs safetensors spec text weights
    weights_damage)

prepare_sanitizers
build_sanitized clang-sanitizers clang $sanitizers \
    -DCMAKE_C_FLAGS="-fsanitize-ignorelist=$meant"
run_tests_of clang-sanitizers
failed=0
report undefined || failed=1
build_sanitized gcc-sanitizers gcc address,undefined \
    -- "${read_files[@]/#/test_}"
run_tests_of gcc-sanitizers \
    --tests-regex "^test_($(IFS='|' && echo "${read_files[*]}"))\$"
report addresses || failed=1
[ $failed = 0 ]
