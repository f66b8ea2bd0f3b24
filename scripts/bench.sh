#!/usr/bin/env bash
# Builds the program (Release) and what measures it, measures, and writes a
# table as text and JSON. See scripts/bench.sh --help.
set -euo pipefail
called_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

build=$PWD/build-bench
install=no
options=()
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help)
        exec python3 scripts/bench.py --help
        ;;
    --install) install=yes ;;
    --build)
        [ $# -ge 2 ] || die "--build needs a folder"
        case $2 in /*) build=$2 ;; *) build=$called_from/$2 ;; esac
        shift
        ;;
    *) options+=("$1") ;;
    esac
    shift
done
script=$PWD/scripts/bench.py
# Wrong usage is told before anything is built.
if has python3; then
    (cd "$called_from" &&
        python3 "$script" --check --build "$build" "${options[@]}")
fi

heading "Compiler, CMake, Python"
need_build_tools
need python3 has python3
if [ $install = yes ]; then
    has_header() { compgen -G "/usr/include/$1" >/dev/null; }
    need libopenblas-openmp-dev has_header '*/openblas-openmp/cblas.h'
    need libdnnl-dev has_header 'dnnl.h'
    need python3-torch /usr/bin/python3 -c 'import torch' 2>/dev/null
fi
install_missing

heading "Build"
build_in "$build" -DCMAKE_BUILD_TYPE=Release
# Not part of the product, so not in its CMakeLists.txt; the same compiler and
# flags. It sees the library's private headers.
compiler=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
show_quietly "$compiler" -std=c11 -O3 -D_POSIX_C_SOURCE=200809L \
    -ffp-contract=off -Wall -Wextra -Wpedantic -Wconversion -Wshadow \
    -Wstrict-prototypes -Wmissing-prototypes -Wvla -Iinclude -Isrc \
    scripts/bench/*.c "$build/src/libmnist.a" -lm -pthread \
    -o "$build/bench-kernels"

heading "Measuring"
cd "$called_from"
exec python3 "$script" --build "$build" "${options[@]}"
