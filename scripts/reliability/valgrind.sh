#!/usr/bin/env bash
# Fifty and more tests under valgrind's memcheck, which also sees what a build
# with a sanitizer hides: what the C library itself reads, and the code that
# ships. Its processor has no AVX-512, so the other kernels are run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/lib.sh
. scripts/reliability/lib.sh
require_build

need valgrind has valgrind
install_missing

# Of the repeated cases of a test, one in so many.
export MNIST_CASE_STRIDE=499
# What computes much is left out: it takes long, and reads nothing from files.
programs=(checkpoint crc32 flatten idx_write inflate json json_skip kind memory
    network packed safetensors safetensors_save schedule sha256 sink spec text
    text_doubles weights)
for name in "${programs[@]}"; do
    log=$scratch/$name
    if ! valgrind --quiet --leak-check=full --error-exitcode=99 \
        "$MNIST_BUILD/test_$name" >"$log" 2>&1; then
        failures=$((failures + 1))
        echo "FAILED: test_$name" && cat "$log"
    fi
    cases=$((cases + $(grep -c '^\[       OK \]' "$log" || true)))
done
report valgrind
