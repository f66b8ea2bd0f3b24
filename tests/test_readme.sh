#!/usr/bin/env bash
# What README.md shows: its program compiles and runs as it stands, and is the
# one in include/mnist.h; its Python reads a weights file; its options are those
# of --help. ctest tells where the program, the library and the compiler are.
# shellcheck disable=SC2317 # functions are called through `check`
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/support/shell.sh
. "$here/support/shell.sh"
root=$(dirname "$here")
: "${MNIST_PROGRAM:?run by ctest}" "${MNIST_LIBRARY:?}" "${MNIST_CC:?}"

# The blocks fenced as LANGUAGE in README.md, to FILE.1, FILE.2 and so on.
take_blocks() { # LANGUAGE FILE
    awk -v fence="\`\`\`$1" -v out="$2" '
        $0 == fence { inside = 1; n++; next }
        /^```$/ { inside = 0 }
        inside { print > (out "." n) }' "$root/README.md"
}

example_of_header() {
    sed -n '/^ \*     #include <mnist.h>$/,/^ \*     }$/s/^ \* \{0,5\}//p' \
        "$root/include/mnist.h"
}

# The learned numbers are the end of the file; notes on how they came about, which
# the library leaves to its caller, stand before them.
numbers_of() { tail -c 1628200 "$1"; }
same_numbers() { cmp -s <(numbers_of "$1") <(numbers_of "$2"); }

options_of() { # COMMAND
    "$MNIST_PROGRAM" "$1" --help | grep -oE '^ {2,6}(-., )?--[a-z-]+' |
        grep -oE -- '--[a-z-]+'
}

unset MNIST_DATA
cd "$scratch" || exit
take_blocks c example
take_blocks python script
mv example.1 example.c
mkdir data

run diff example.c <(example_of_header)
check "the C program is that of include/mnist.h" exits 0
run "$MNIST_CC" -std=c11 -Wall -Wextra -Werror -I "$root/include" example.c \
    ${MNIST_SANITIZER:+"$MNIST_SANITIZER"} "$MNIST_LIBRARY" -lm -pthread \
    -o example
check "  compiles without a warning" exits 0
run ./example
check "  fails where there are no data" exits 1
run "$MNIST_PROGRAM" synth data/mnist --train 300 --test 100
run ./example
check "  trains where there are some" exits 0
check "  tells loss and accuracy" says "accuracy 0."
"$MNIST_PROGRAM" train --json --out program.safetensors >program.jsonl
check "  learns what the program learns" \
    same_numbers mnist.safetensors program.safetensors

if command -v python3 >/dev/null; then
    run python3 script.1
    check "the Python that reads weights runs" exits 0
else
    echo "skipped: no python3"
fi

for command in train eval predict show info idx synth export import compare generate; do
    for option in $(options_of $command); do
        check "mnist $command $option is described" \
            grep -qF -- "$option" "$root/README.md"
    done
done
finish
