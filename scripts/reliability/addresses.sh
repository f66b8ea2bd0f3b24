#!/usr/bin/env bash
# All tests under gcc's sanitizers for addresses, leaks and undefined behaviour;
# scripts/reliability/undefined.sh has clang's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/lib.sh
. scripts/reliability/lib.sh

prepare_sanitizers
build_sanitized addresses gcc address,undefined
run_tests_of addresses
report addresses
