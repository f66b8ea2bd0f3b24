#!/usr/bin/env bash
# A build for a processor that stores the high byte first, s390x, under qemu:
# the tests of what reads and writes files, and the same bytes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/lib.sh
. scripts/reliability/lib.sh
require_build

target=s390x-linux-gnu
need gcc-$target has $target-gcc
need libc6-dev-s390x-cross test -e /usr/$target/include/stdio.h
need qemu-user has qemu-s390x
install_or skip big-endian "its compiler or qemu cannot be installed"

run=(qemu-s390x -L "/usr/$target")
# No tests that start the program: qemu runs what it is given, not its children.
# What is drawn is compared below.
tests=(crc32 dataset gunzip idx idx_write inflate json random safetensors
    safetensors_save sha256 spec text text_doubles weights)
build_variant big-endian -DCMAKE_SYSTEM_NAME=Linux \
    -DCMAKE_SYSTEM_PROCESSOR=s390x -DCMAKE_C_COMPILER=$target-gcc \
    -DCMAKE_CROSSCOMPILING_EMULATOR="$(IFS=';' && echo "${run[*]}")" \
    -DMNIST_WERROR=ON "${with_stand_in[@]}" -- mnist "${tests[@]/#/test_}"
run_tests_of big-endian --tests-regex "^test_($(IFS='|' && echo "${tests[*]}"))\$"
compare_results "${run[@]}" "$reliability/big-endian/mnist"
report big-endian
