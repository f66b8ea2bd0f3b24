#!/usr/bin/env bash
# The tests of all that reads and writes, and short trainings, under clang's
# sanitizer for memory that is used before it is written. It needs every library
# built with it; nothing but libc and libm is linked, and tests/stand-in takes
# the place of cmocka.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/lib.sh
. scripts/reliability/lib.sh

need clang has clang
install_missing

build_sanitized memory clang memory "${with_stand_in[@]}"
# What computes much takes ten times as long here.
much='shapes|product|conv2d|conv2d_sums|pooling|pictures|tile[ds]|panels|packed'
much+='|arithmetic|activations|affine|dense|dropout|kernels|workspace|threads|fast'
much+='|train|train_memory|trainer|trainer_steps|checkpoint|divergence|bench'
much+='|cli_(eval|fast|networks|refusals|results|resume|signals|train|validation)'
run_tests_of memory --exclude-regex "^(fuzz_gradient|test_($much))\$"
report memory
