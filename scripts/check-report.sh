#!/usr/bin/env bash
# The pages that --report writes, looked at in headless Chromium: on a desk and
# on a phone, light and dark, and on paper; whole, readable, and quiet.
#
#     scripts/check-report.sh [PROGRAM]     PROGRAM is build/mnist by default
#
# Installs Chromium and its driver if they are missing (Debian, Ubuntu). Pages,
# screenshots and a PDF stay in the folder report/ beside the program. Learns
# the real MNIST where it is at hand ($MNIST_DATA, data/mnist, ../shared/mnist),
# else digits that the program draws.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

help_if_asked "$@"
program=$(program_at "${1:-}")

need chromium has chromium
need chromium-driver has chromedriver
need python3 has python3
install_missing

folder=$(dirname "$program")/report
rm -rf "$folder"
mkdir -p "$folder"

data=$(data_at_hand "$program" "$folder/digits")

# 256 classes of pictures wider than high, and none to test on.
make_signs() { # FOLDER
    python3 - "$1" <<'END'
import pathlib, random, struct, sys
folder, draw = pathlib.Path(sys.argv[1]), random.Random(1)
folder.mkdir(exist_ok=True)
signs = [[draw.randrange(256) for _ in range(600)] for _ in range(256)]
labels = bytes(draw.randrange(256) for _ in range(2560))
pixels = bytes((p + draw.randrange(64)) % 256
               for label in labels for p in signs[label])
(folder / "train-images-idx3-ubyte").write_bytes(
    struct.pack(">4I", 0x803, 2560, 20, 30) + pixels)
(folder / "train-labels-idx1-ubyte").write_bytes(
    struct.pack(">2I", 0x801, 2560) + labels)
END
}

train() { # NAME TRAIN-OPTION...
    local name=$1
    shift
    quietly "$program" train -q --out "$folder/$name.safetensors" \
        --report "$folder/$name.html" "$@"
}

echo "learning from $data"
train mlp512 --data "$data" --limit 20000 --epochs 6 --validation-split 0.2 \
    --patience 2
train lenet --data "$data" --limit 6000 --net lenet --epochs 2
make_signs "$folder/signs"
train signs --data "$folder/signs" --net dense:256:softmax --epochs 250 \
    --batch 1000 --limit 1000 --validation-split 0.5
train untrained --data "$folder/signs" --net dense:256:softmax --epochs 0
quietly "$program" eval "$folder/mlp512.safetensors" --data "$data" \
    --report "$folder/eval.html"

python3 scripts/check_report.py "$folder"/*.html
