#!/usr/bin/env bash
# What `mnist export` writes for other programs, and what `mnist import` takes
# from them, with those programs: ONNX Runtime and the checker of the ONNX
# project, NumPy, readers of safetensors in JavaScript and Python.
#
#     scripts/check-exchange.sh [PROGRAM]     PROGRAM is build/mnist by default
#
# Installs Node.js, npm and python3-onnx if they are missing (Debian, Ubuntu),
# and the npm packages of scripts/exchange/package-lock.json below the folder
# exchange/ beside the program, where all files stay. The data are digits that
# the program draws.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

help_if_asked "$@"
program=$(program_at "${1:-}")
images=200 # held against predict, for each network

# Debian's packages belong to Debian's own Python.
python=/usr/bin/python3
[ -x "$python" ] || python=python3
has_onnx() { "$python" -c 'import numpy, onnx' 2>/dev/null; }

need nodejs has node
need npm has npm
need python3-onnx has_onnx
install_missing

folder=$(dirname "$program")/exchange
mkdir -p "$folder"
cp scripts/exchange/{package.json,package-lock.json,run.mjs} "$folder"
if ! cmp -s scripts/exchange/package-lock.json "$folder/installed"; then
    # No package's own scripts: these need none.
    show_quietly npm --prefix "$folder" ci --ignore-scripts --no-audit --no-fund
    cp scripts/exchange/package-lock.json "$folder/installed"
fi

names=()
# Trains, exports and predicts; NAME's files are those that check.py tells.
make() { # NAME DATA TRAIN-OPTION...
    local name=$1 data=$2
    shift 2
    quietly "$program" train -q --epochs 1 --data "$data" \
        --out "$name.safetensors" "$@"
    quietly "$program" export "$name.safetensors" --onnx "$name.onnx" \
        --npz "$name.npz"
    cp "$data/t10k-images-idx3-ubyte" "$name.idx"
    "$program" predict "$name.idx" -q --weights "$name.safetensors" \
        --index ":$images" --json >"$name.jsonl"
    names+=("$name")
}

# Pictures of another size with five classes, cut out of digits.
cut_letters() { # FROM FOLDER
    "$python" - "$@" <<'END'
import pathlib, struct, sys
import numpy as np
start, folder = map(pathlib.Path, sys.argv[1:])
folder.mkdir(exist_ok=True)
for part in "train", "t10k":
    images = np.fromfile(start / f"{part}-images-idx3-ubyte", np.uint8)[16:]
    labels = np.fromfile(start / f"{part}-labels-idx1-ubyte", np.uint8)[8:]
    images = images.reshape(-1, 28, 28)[labels < 5, 4:23, 6:19]
    labels = labels[labels < 5]
    (folder / f"{part}-images-idx3-ubyte").write_bytes(
        struct.pack(">4I", 0x803, *images.shape) + images.tobytes())
    (folder / f"{part}-labels-idx1-ubyte").write_bytes(
        struct.pack(">2I", 0x801, len(labels)) + labels.tobytes())
END
}

cd "$folder"
rm -rf digits
quietly "$program" synth digits --train 3000 --test 600
cut_letters digits cut
make mlp512 digits
make mlp15 digits --net mlp15 --scale 1
make mlp128 digits --net mlp128 --scale 1
make lenet digits --net lenet
make single digits --net dense:10:softmax --scale 100
# All that a line can say.
make layers cut --net conv2d:4:3x2:tanh,maxpool:2x3,conv2d:6:2x2:sigmoid,\
dropout:0.2,avgpool:3x1,conv2d:3:1x1:softmax,flatten,dropout:0.1,dense:9:tanh,\
dense:9:softmax,dense:9:linear,dense:8:sigmoid:l1=1e-5,dense:5:softmax

node run.mjs "${names[@]}"
"$python" "$OLDPWD/scripts/exchange/check.py" "$program" "${names[@]}"
