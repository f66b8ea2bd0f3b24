#!/usr/bin/env bash
# A build for 32 bits: the tests of all that reads and writes, and from trainings
# the same bytes as the build for 64.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/lib.sh
. scripts/reliability/lib.sh
require_build

[ "$(uname -m)" = x86_64 ] || skip bits32 "this is not x86-64"
# Not the package gcc-multilib, which excludes compilers for other processors;
# the link to the kernel's headers that it would bring is named here.
headers=/usr/include/$(gcc -print-multiarch)
works() { compiles -m32 -isystem "$headers" <<<'#include <errno.h>'; }
need "gcc-$(gcc -dumpversion)-multilib" works
install_or skip bits32 "its compiler cannot be installed"

# Else fma is a function of the C library, and training takes fifty times as
# long; the results are the same.
fma=''
! grep -qw fma /proc/cpuinfo || fma=-mfma

mapfile -t tests < <(other_tests)
build_variant bits32 -DCMAKE_C_COMPILER=gcc -DMNIST_WERROR=ON \
    -DCMAKE_C_FLAGS="-m32 $fma -isystem $headers" \
    "${quickly[@]}" "${with_stand_in[@]}" -- "${tests[@]}"
run_tests_of bits32 --exclude-regex "$computing"
compare_results "$reliability/bits32/mnist"
report bits32
