#!/usr/bin/env bash
# What runs on several threads, and whole trainings that do, under clang's
# sanitizer for data that two of them touch at once.
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
tests=(threads product dense dense_images panels conv2d conv2d_sums pooling
    dropout workspace train trainer_steps evaluate fast cli_fast cli_eval
    cli_networks cli_results)
build_sanitized threads clang thread -- "${tests[@]/#/test_}"
run_tests_of threads \
    --tests-regex "^test_($(IFS='|' && echo "${tests[*]}"))\$"
report threads
