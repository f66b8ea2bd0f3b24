#!/usr/bin/env bash
# The shared library shows the functions that the public headers declare, and
# nothing else.
# shellcheck disable=SC2317 # functions are called through `check`
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/support/shell.sh
. "$here/support/shell.sh"
include=$here/../include
: "${MNIST_CC:?run by ctest}"

if [ -z "${MNIST_SHARED:-}" ] || ! command -v nm >/dev/null; then
    echo "skipped: this build has no shared library, or the machine no nm"
    exit 77
fi

# Names that stand before a bracket, comments taken away.
declared() {
    cat "$include"/mnist/*.h |
        "$MNIST_CC" -fpreprocessed -E -P -x c - |
        grep -oE '\bmnist_[a-z0-9_]+\(' | tr -d '(' | sort -u
}
shown() { nm -D --defined-only "$MNIST_SHARED" | awk '{ print $3 }' | sort -u; }

run diff <(declared) <(shown)
check "the library shows what is declared and nothing else" exits 0
check "  which is not nothing" test "$(shown | wc -l)" -gt 50
finish
