#!/usr/bin/env bash
# Builds and runs every test, installing a compiler, CMake and cmocka if they
# are missing (Debian, Ubuntu). Arguments go to ctest, for instance
#
#     scripts/test.sh -R idx      only the tests with "idx" in their name
#     scripts/test.sh -V          with all that they print
#
# The build is in build-tests/, or where $MNIST_TEST_BUILD says.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

help_if_asked "$@"

heading "Compiler, CMake, cmocka"
need_build_tools
need libcmocka-dev compiles_cmocka
install_missing

heading "Build"
build=${MNIST_TEST_BUILD:-build-tests}
build_in "$build" -DMNIST_BUILD_TESTS=ON

heading "Tests"
show cd "$build"
show ctest --output-on-failure --no-label-summary --parallel "$(nproc)" "$@"
