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

mapfile -t tests < <(other_tests)
build_sanitized memory clang memory "${with_stand_in[@]}" -- "${tests[@]}"
run_tests_of memory --exclude-regex "$computing"
report memory
