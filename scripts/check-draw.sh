#!/usr/bin/env bash
# The page that `mnist export --html` writes, used in headless Chromium: its
# probabilities are those of `mnist predict`, digits drawn on it are recognised,
# and it fits every screen.
#
#     scripts/check-draw.sh [PROGRAM]     PROGRAM is build/mnist by default
#
# Installs Chromium and its driver if they are missing (Debian, Ubuntu). Pages
# and screenshots stay in the folder draw/ beside the program. Learns the real
# MNIST where it is at hand ($MNIST_DATA, data/mnist, ../shared/mnist), else
# digits that the program draws.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

help_if_asked "$@"
program=$(program_at "${1:-}")
images=200 # compared with predict, for each network

need chromium has chromium
need chromium-driver has chromedriver
need python3 has python3
install_missing

folder=$(dirname "$program")/draw
rm -rf "$folder"
mkdir -p "$folder"

data=$(data_at_hand "$program" "$folder/digits")

# 26 classes of 20x30 pixels: for each its own letter of noise, and more noise.
make_letters() { # FOLDER
    python3 - "$1" <<'END'
import pathlib, random, struct, sys
folder, draw = pathlib.Path(sys.argv[1]), random.Random(1)
folder.mkdir(exist_ok=True)
letters = [[draw.randrange(256) for _ in range(600)] for _ in range(26)]
for part, count in ("train", 520), ("t10k", 260):
    labels = bytes(i % 26 for i in range(count))
    pixels = bytes((p + draw.randrange(64)) % 256
                   for label in labels for p in letters[label])
    (folder / f"{part}-images-idx3-ubyte").write_bytes(
        struct.pack(">4I", 0x803, count, 20, 30) + pixels)
    (folder / f"{part}-labels-idx1-ubyte").write_bytes(
        struct.pack(">2I", 0x801, count) + labels)
END
}

# Trains one epoch; NAME.html, and of some test images NAME.idx, NAME.jsonl.
make_page() { # NAME DATA TRAIN-OPTION...
    local name=$1 from=$2 weights=$folder/$1.safetensors test
    shift 2
    test=$from/t10k-images-idx3-ubyte
    [ -e "$test" ] || test=$test.gz
    quietly "$program" train -q --epochs 1 --data "$from" --out "$weights" "$@"
    quietly "$program" export "$weights" --html "$folder/$name.html"
    if [[ $test == *.gz ]]; then
        gzip -dc "$test" >"$folder/$name.idx"
    else
        cp "$test" "$folder/$name.idx"
    fi
    "$program" predict -q "$folder/$name.idx" --weights "$weights" \
        --index 0:$images --json >"$folder/$name.jsonl"
}

echo "learning from $data"
make_page mlp512 "$data" --limit 20000
make_page mlp15 "$data" --limit 20000 --net mlp15 --scale 1
make_page lenet "$data" --limit 30000 --net lenet
# What of our lines the others lack; the last layers on pixels of 0 to 1.
make_page layers "$data" --limit 2000 --net conv2d:4:3x2:tanh,maxpool:2x3,\
conv2d:6:2x3:sigmoid,dropout:0.2,avgpool:3x2,conv2d:3:1x1:softmax,flatten,\
dense:20:tanh,dense:15:softmax,dense:12:linear,dense:9:sigmoid:l1=1e-5,\
dense:10:softmax
make_letters "$folder/letters"
make_page letters "$folder/letters" --net dense:40:relu,dense:26:softmax

python3 scripts/check_draw.py "$folder" --program "$program" --images $images
