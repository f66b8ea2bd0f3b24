#!/usr/bin/env bash
# What runs on several threads, under the sanitizers of gcc and clang for data
# that two of them touch at once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/lib.sh
. scripts/reliability/lib.sh

need clang has clang
install_missing

if ! sanitizer_works thread; then
    echo "without address randomisation, which this sanitizer cannot bear"
    run_by=(setarch "$(uname -m)" -R)
fi
tests=(threads product dense conv2d pooling dropout workspace train evaluate)
for compiler in gcc clang; do
    build_sanitized "threads-$compiler" $compiler thread \
        -- "${tests[@]/#/test_}"
    run_tests_of "threads-$compiler" \
        --tests-regex "^test_($(IFS='|' && echo "${tests[*]}"))\$"
done
report threads
