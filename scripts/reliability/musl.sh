#!/usr/bin/env bash
# A build with another C library, musl: the tests of all that reads and writes,
# and from trainings the same bytes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/lib.sh
. scripts/reliability/lib.sh
require_build

need musl-tools has musl-gcc
install_or skip musl "musl-tools cannot be installed"

mapfile -t tests < <(other_tests)
build_variant musl -DCMAKE_C_COMPILER=musl-gcc -DMNIST_WERROR=ON \
    "${quickly[@]}" "${with_stand_in[@]}" -- "${tests[@]}"
run_tests_of musl --exclude-regex "$computing"
compare_results "$reliability/musl/mnist"
report musl
