#!/usr/bin/env bash
# mnist export --c-header: what it writes compiles without a warning, as C99 and
# as C++, needs no library, and predicts what mnist predict does. ctest tells
# where the program and the compiler are.
# shellcheck disable=SC2317 # functions are called through `check`
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/support/shell.sh
. "$here/support/shell.sh"
: "${MNIST_PROGRAM:?run by ctest}" "${MNIST_CC:?}"

warnings=(-pedantic -Wall -Wextra -Wshadow -Werror)

# Trains, exports and compiles FILE.h, and compares on the 50 test images.
try() { # FILE NAME ROWSxCOLS CLASSES TRAIN-OPTION...
    local file=$1 name=$2 rows=${3%x*} cols=${3#*x} classes=$4
    shift 4
    run "$MNIST_PROGRAM" train --epochs 2 --out "$file.safetensors" "$@"
    check "$file: trains" exits 0
    run "$MNIST_PROGRAM" export "$file.safetensors" --c-header "$file.h" \
        ${c_name:+--c-name "$c_name"}
    check "  is exported" exits 0
    run "$MNIST_CC" -std=c99 "${warnings[@]}" -O1 \
        -D"HEADER=\"$file.h\"" -D"NAME_OF(x)=${name}_##x" \
        -D"ROWS_OF=$rows" -D"COLS_OF=$cols" -D"CLASSES_OF=$classes" \
        ${MNIST_SANITIZER:+"$MNIST_SANITIZER"} -I . \
        "$here/exchange/predict.c" -lm -o "$file"
    check "  compiles" exits 0
    "$MNIST_PROGRAM" predict "$images" -w "$file.safetensors" --json --quiet |
        sed 's/.*\[//; s/\].*//; s/,/ /g' >"$file.right"
    run bash -c './"$1" "$2" <"$1.right"' - "$file" "$images"
    check "  predicts as the program does" exits 0
    tail -n 1 <<<"$output"
}

# No symbol but what it defines, and what any freestanding environment has.
needs_nothing() { # OBJECT
    ! nm -u "$1" | grep -vE ' (memcpy|memset|memmove|memcmp)$' | grep .
}

cd "$scratch" || exit
"$MNIST_PROGRAM" synth digits -q --train 300 --test 50
export MNIST_DATA=digits
images=digits/t10k-images-idx3-ubyte

try mlp mlp 28x28 10 --net dense:32:relu,dense:10:softmax
try raw raw 28x28 10 --net mlp15 --scale 1
try lenet lenet 28x28 10 --net lenet
try single single 28x28 10 --net dense:10:softmax
try all all 28x28 10 --net \
    "maxpool:2x1,conv2d:3:3x2:tanh,avgpool:2x3,dropout:0.1,conv2d:4:1x1:softmax,\
flatten,dropout:0.2,dense:9:sigmoid,dense:8:softmax,dense:7,dense:10:softmax"
try 2-odd.name net_2_odd 28x28 10 --net dense:12:tanh,dense:10:softmax
c_name=other try named other 28x28 10 --net dense:12:tanh,dense:10:softmax

echo 'int f(const unsigned char *x, float *y);
int f(const unsigned char *x, float *y)
{
    return all_predict(x, y) + lenet_predict(x, y);
}' >user.c
both=("${warnings[@]}" -ffreestanding -O1 -include all.h -include lenet.h -c)
run "$MNIST_CC" -std=c99 "${both[@]}" user.c -o user.o
check "freestanding C99, two of them in one program" exits 0
if command -v nm >/dev/null; then
    check "  needs no library" needs_nothing user.o
fi
run "$MNIST_CC" -std=c99 "${both[@]}" -DALL_SCRATCH= user.c -o stack.o
check "the scratch on the stack" exits 0
if command -v c++ >/dev/null; then
    run c++ -x c++ -std=c++98 "${both[@]}" user.c -o /dev/null
    check "C++98" exits 0
fi
run "$MNIST_PROGRAM" export all.safetensors --c-header -
check "standard output is named after the program" says "int mnist_predict("
run "$MNIST_PROGRAM" export all.safetensors --c-header x.h --c-name "1*/x"
check "a name that C does not take" exits 2
check "  is quoted" says '"1*/x"'
finish
