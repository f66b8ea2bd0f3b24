#!/usr/bin/env bash
# Makes the seeds in tests/fuzz/corpus anew, by the program and gzip: digits
# that it drew, networks that it trained, and texts from here.
#
#     tests/fuzz/make_corpus.sh PROGRAM
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/corpus"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p idx gzip png weights checkpoint import line args predict gradient runs

byte() { printf '%b' "$(printf '\\x%02x' $(($1 & 255)))"; }

# An IDX file of unsigned bytes.
idx() { # SIZE...
    local size count=1
    byte 0 && byte 0 && byte 8 && byte $#
    for size; do
        byte $((size >> 24)) && byte $((size >> 16))
        byte $((size >> 8)) && byte "$size"
        count=$((count * size))
    done
    for ((size = 0; size < count; size++)); do
        byte $((size * 37))
    done
}

"$program" synth "$scratch/digits" --train 40 --test 2 --quiet
cp "$scratch/digits/t10k-images-idx3-ubyte" idx/digits
cp "$scratch/digits/t10k-labels-idx1-ubyte" idx/labels
idx 3 4 >idx/one-image
idx 2 3 4 >idx/small
idx 1 1 1 >idx/smallest
gzip -nc idx/digits >idx/digits.gz

gzip -nc idx/digits >gzip/digits
gzip -nc1 idx/digits >gzip/digits-fast
gzip -nc idx/labels >gzip/labels
touch -d @1000000000 idx/small # the time is kept with the name
gzip -c idx/small >gzip/named
cat gzip/labels gzip/named >gzip/two-members
yes mnist | head -c 30000 | gzip -nc9 >gzip/repeating || true
gzip -nc </dev/null >gzip/empty

# Pictures. The checksum of a chunk is that of gzip, the other way round; a zlib
# stream is gzip's between another header and Adler-32.
be32() { byte $(($1 >> 24)) && byte $(($1 >> 16)) && byte $(($1 >> 8)) && byte "$1"; }
chunk() { # TYPE FILE
    be32 "$(stat -c %s "$2")"
    { printf %s "$1" && cat "$2"; } | tee "$scratch/chunk"
    gzip -nc "$scratch/chunk" | tail -c 8 | head -c 4 | od -An -tu4 |
        { read -r crc && be32 "$crc"; }
}
zlib() { # FILE
    local a=1 b=0 value
    for value in $(od -An -v -tu1 "$1"); do
        a=$(((a + value) % 65521)) b=$(((b + a) % 65521))
    done
    byte 0x78 && byte 0x9c
    gzip -nc "$1" | tail -c +11 | head -c -8
    be32 $((b << 16 | a))
}
# NAME COLS ROWS DEPTH COLOUR INTERLACE BYTES-OF-A-ROW ROWS-IN-THE-FILE
picture() {
    local i row
    { be32 "$2" && be32 "$3" && byte "$4" && byte "$5" && byte 0 && byte 0 &&
        byte "$6"; } >"$scratch/header"
    for ((row = 0; row < $8; row++)); do
        byte $((row % 5))
        for ((i = 0; i < $7; i++)); do
            byte $((row * 37 + i * i))
        done
    done >"$scratch/rows"
    zlib "$scratch/rows" >"$scratch/packed"
    printf 'abcdefghijkl' >"$scratch/palette"
    printf '\0\200\377' >"$scratch/opacity"
    {
        printf '\x89PNG\r\n\x1a\n' && chunk IHDR "$scratch/header"
        if [ "$5" = 3 ]; then
            chunk PLTE "$scratch/palette" && chunk tRNS "$scratch/opacity"
        fi
        chunk IDAT "$scratch/packed" && chunk IEND /dev/null
    } >"png/$1"
}
picture grey 9 7 8 0 0 9 7
picture bits 11 6 1 0 0 2 6
picture rgb 5 6 8 2 0 15 6
picture rgba-16 3 5 16 6 0 24 5
picture grey-alpha 4 4 8 4 0 8 4
picture palette 4 5 2 3 0 1 5
picture interlaced 2 4 2 3 1 1 6
"$program" idx unpack "$scratch/unpacked" --images idx/digits --quiet
cp "$scratch/unpacked/00001.png" png/digit
printf 'P2 3 2 # grey\n7\n0 1 2 3 4 7\n' >png/pgm-text
printf 'P5\n3 2 255\nabcdef' >png/pgm
printf 'P6 1 2 65535 abcdefghijkl' >png/ppm-wide
printf 'P3 1 1 9 1 2 3' >png/ppm-text

# Data for networks of images of 4 x 4.
mkdir "$scratch/small"
for part in train t10k; do
    idx 12 4 4 >"$scratch/small/$part-images-idx3-ubyte"
    printf '\0\0\x08\x01\0\0\0\x0c\0\x01\x02\0\x01\x02\0\x01\x02\0\x01\x02' \
        >"$scratch/small/$part-labels-idx1-ubyte"
done
train() { # FILE OPTION...
    local file=$1
    shift
    "$program" train --data "$scratch/small" --quiet --threads 1 --batch 4 \
        --epochs 1 --out "$file" "$@"
}
train weights/dense --net dense:3:relu,dense:3:softmax
train weights/conv --net conv2d:2:2x2:relu,maxpool:2x2,dense:3:softmax --scale 1
train weights/deep \
    --net avgpool:2x2,dropout:0.5,dense:2:tanh:l1=0.1,dense:3:softmax
checkpoint() { # NAME OPTION...
    local name=$1
    shift
    train "$scratch/weights" --checkpoint "checkpoint/$name" "$@"
}
checkpoint plain --net dense:3:softmax
checkpoint all --net dense:2:relu,dense:3:softmax --momentum 0.5 --centered \
    --patience 2 --lr-schedule cosine
checkpoint validates --net dense:2:relu,dropout:0.5,dense:3:softmax \
    --validation-split 0.25 --epochs 3 --patience 1 --lr-schedule step
checkpoint ended --net dense:2:softmax,dense:3:softmax --epochs 4 --lr 100 \
    --patience 1 --no-shuffle --validation-split 0.25
checkpoint plateau --net dense:2:relu,dense:3:softmax --epochs 4 --lr 0.5 \
    --lr-plateau 1 --lr-factor 0.5 --min-lr 0.2 --monitor acc --clip-norm 0.1
checkpoint best --net dense:3:softmax --epochs 3 --save-best --monitor val_acc \
    --validation-split 0.25
cp checkpoint/all weights/checkpoint

# Files of other programs: a header, filled up with spaces to a length whose last
# byte is CHOICE, and bytes that are small numbers in every type.
foreign() { # NAME CHOICE BYTES HEADER
    local length=$((256 + $2))
    {
        byte $((length & 255)) && byte $((length >> 8))
        head -c 6 /dev/zero
        printf "%-${length}s" "$4"
        for ((i = 0; i < $3; i += 2)); do byte $i && byte 60; done
    } >"import/$1"
}
tensor() { # NAME TYPE SHAPE BEGIN END
    printf '"%s":{"dtype":"%s","shape":[%s],"data_offsets":[%s,%s]}' "$@"
}
foreign pytorch 0 56 "{\"__metadata__\":{\"format\":\"pt\"},$(tensor 0.weight F32 \
    2,4 0 32),$(tensor 2.weight F32 3,2 32 56)}"
foreign keras 0 24 "{$(tensor layers/dense/vars/0 F16 4,2 0 16),$(tensor \
    layers/dense/vars/1 F32 2 16 24)}"
foreign conv 3 24 "{$(tensor a.weight BF16 1,1,2,2 0 8),$(tensor b.weight F64 \
    2,1 8 24)}"
foreign square 69 36 "{$(tensor kernel F32 9,1 0 36)}"
foreign other-line 1 40 "{$(tensor fc.bias F32 2 32 40),$(tensor fc.weight F32 \
    2,4 0 32)}"

line() { printf %s "$2" >"line/$1"; }
line mlp512 dense:512:relu,dense:10:softmax
line name lenet
line lenet "conv2d:6:3x3:relu,avgpool:2x2,conv2d:16:3x3:relu,avgpool:2x2,\
conv2d:120:3x3:relu,flatten,dense:84:relu,dense:10:softmax"
line mlp128 dense:128:relu:l1=0.0001,dropout:0.01,dense:10:softmax:l2=1e-3
line pools "maxpool:1x2,avgpool:1x1,conv2d:1:1x1:tanh,dense:2:sigmoid,\
dense:256:softmax"
line many "conv2d:2:2x2,conv2d:2:2x2,conv2d:2:2x2,conv2d:2:2x2,dense:3,dense:3,\
dense:3,dense:3,dropout:0.1,dropout:0.1,dropout:0.1,dropout:0.1,dense:2:softmax"
line wrong dense:70000:relu,dens:10,conv2d:0:3x,dropout:1

args() { # NAME WORD...
    local name=$1
    shift
    printf '%s\0' "$@" >"args/$name"
}
args none ''
args help help train
args version --version
args train train --net dense:2:relu,dense:2:softmax --epochs 1 --seed 3 \
    --batch 2 --lr 0.01 --validation-split 0.3 --history h.csv --out w
args train-more train --init=mnist.safetensors -e2 --rho .5 --momentum 0.1 \
    --centered --lr-schedule step --lr-step 1 --patience 1 --json -d data
args train-names train --val-images images --val-labels labels --scale 1 \
    --net mlp15 --limit 5 --no-shuffle --kernel portable --verbose 2
args train-best train --images images --labels labels --test-images images \
    --test-labels labels --save-best --monitor acc --min-delta 0.1 \
    --lr-plateau 1 --lr-factor 0.5 --min-lr 1e-4 --clip-norm 1 --optimizer \
    rmsprop --checkpoint c-%e -e3
args train-append train --history h.csv --append -e1
args train-every train --checkpoint c%e --checkpoint-every 2 --gamma 0.5 -e3 \
    --lr-step 1 --patience 2 --monitor val_accuracy --validation-split 0.3
args resume train --resume mnist.checkpoint.safetensors --epochs 2 -q
args diverges train --lr 1e30 --epochs 2 --net dense:2:softmax
args eval eval --confusion --per-class --mistakes 2 --min-accuracy 0.9
args eval-json eval mnist.safetensors --images images --labels labels --json
args predict predict images --index 1:3 --top 2 --show --labels labels
args predict-json predict -w mnist.safetensors images -n 0 --json --invert
args predict-huge predict --weights huge images --quiet
args predict-wrong predict -w images images
args no-data eval --data nowhere
args predict-many predict images nowhere images --preprocess --no-invert
args show show images --index :2 --color always --transpose
args idx-pack idx pack data --images packed -q
args idx-unpack idx unpack new --images images --labels labels --index :2
args info info images
args info-weights info mnist.checkpoint.safetensors --json
args info-check info --check data images
args eval-timing eval --timing
args info-nets info --nets
args export export --onnx o --npz n --c-header c.h --c-name x
args export-one export mnist.safetensors -q --onnx -
args import import torch --net dense:2:softmax --input 4x4 --out new \
    --layout keras --scale 1 --mean 0.5 --std 2
args synth synth new --train 2 --test 1 --seed 9
args synth-there synth data
args compare compare runs runs --metric test_accuracy --alpha 0.1
args compare-json compare runs - --json --not-worse --quiet
args wrong tran --epocs 5

# Figures that are the same in every run of this script.
runs() { # NAME OPTION...
    local name=$1
    shift
    train "$scratch/weights" --json "$@" |
        sed -E 's/"seconds":[^,}]*/"seconds":0.25/g' >"runs/$name"
}
runs whole --net dense:3:softmax --seed 1
runs validated --net dense:3:softmax --epochs 2 --validation-split 0.25 \
    --patience 1 --seed 18446744073709551615
{ tail -n 1 runs/whole && tail -n 1 runs/validated; } >runs/ends
"$program" eval "$scratch/weights" --data "$scratch/small" --json --confusion |
    sed -E 's/seconds":[^,}]*/seconds":0.25/g' >runs/evaluation

# Choices: a network and a scale by number, pixels, and what kind of number each
# weight is. 204 is a large one, 208 infinity.
predict() { # NAME NETWORK SCALE WEIGHT
    {
        byte "$2" && byte "$3"
        head -c 76 "$scratch/small/train-images-idx3-ubyte" | tail -c 60
        for i in 1 2 3 4 5 6 7 8; do
            byte "$4" && byte $((i * 31 % 200)) && byte 120
        done
        gzip -nc "$scratch/small/train-images-idx3-ubyte"
    } >"predict/$1"
}
for i in 0 1 2 3 4 5; do
    predict network-$i $i $((i % 4)) 90
done
predict overflow 1 0 204
predict infinite 0 0 208

# Rows, columns, seed, epoch, layers; each layer's kind, height, width, units,
# penalties, activation as far as it has them; the last one's units.
gradient() { # NAME CHOICE...
    local name=$1 choice
    shift
    for choice; do
        byte "$choice"
    done >"gradient/$name"
    head -c 600 weights/deep >>"gradient/$name"
}
gradient dense 5 5 0 0 0 4
gradient pools 5 5 3 1 4 1 1 1 1 3 2 2 1 0 3 0 1 0 0 0 3 1 1 2
gradient dropout 3 4 9 0 4 0 0 0 5 0 3 4 0 0 2 0 0 0 4 2 4 4 0 0 1 1
gradient convs 5 5 1 0 4 1 1 2 2 1 1 1 0 1 1 0 4 1 1 1 3 0 3 3 1 1 3
gradient avgpool-first 5 5 2 1 3 2 1 1 1 1 1 2 1 0 4 0 0 3 2
