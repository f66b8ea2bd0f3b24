#!/usr/bin/env bash
# A build with another C library, musl: all tests, and the same bytes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/lib.sh
. scripts/reliability/lib.sh
require_build

need musl-tools has musl-gcc
install_or skip musl "musl-tools cannot be installed"

build_variant musl -DCMAKE_C_COMPILER=musl-gcc -DMNIST_WERROR=ON \
    "${quickly[@]}" "${with_stand_in[@]}"
run_tests_of musl
compare_results "$reliability/musl/mnist"
report musl
