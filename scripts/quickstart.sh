#!/usr/bin/env bash
# From a fresh clone to a trained network: installs what is missing (Debian,
# Ubuntu), builds, fetches MNIST, trains 5 epochs, evaluates, and reads one
# digit. Shows each command, so that the next ones can be typed by hand. Running
# it again fetches and builds only what changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

case ${1:-} in
'') ;;
-h | --help)
    cat <<'END'
Usage: scripts/quickstart.sh

Builds the program, fetches MNIST, trains a network for 5 epochs, evaluates it
and reads one digit, showing each command. Installs a compiler, CMake and curl
with apt-get if they are missing. Takes no options.

Leaves: build/mnist           the program
        data/mnist            MNIST, or data/digits where it cannot be had
        mnist.safetensors     the trained weights

  MNIST_MIRROR=URL   fetch MNIST from this folder; see get-mnist.sh --help
END
    exit
    ;;
*)
    echo "quickstart.sh: takes no '$1'; see scripts/quickstart.sh --help" >&2
    exit 2
    ;;
esac

heading "1. Compiler, CMake, make"
need_build_tools
install_missing

heading "2. Build (less than a minute the first time)"
build_in build

heading "3. Data"
data=data/mnist
if ! has curl && ! has wget; then
    # In a shell of its own: without them, the program still has its digits.
    (missing=(curl ca-certificates) && install_missing) || true
fi
if ! show scripts/get-mnist.sh $data; then
    data=data/digits
    echo
    echo "MNIST cannot be had now, so the program draws digits of its own." \
        "Accuracy on them says nothing about MNIST."
    [ -e $data/t10k-labels-idx1-ubyte ] || show build/mnist synth $data
fi

images=$data/t10k-images-idx3-ubyte
[ -e $images ] || images=$images.gz

heading "4. Training"
show build/mnist train --epochs 5 --batch 128 --data $data

heading "5. Evaluation on the test images"
show build/mnist eval --data $data

heading "6. One test image"
show build/mnist predict $images --index 0 --show

heading "Next"
# data/mnist is the program's own default.
option=$([ $data = data/mnist ] || echo " --data $data")
cat <<END
build/mnist train --epochs 10$option
build/mnist eval --confusion$option
build/mnist predict $images --index 0:10
build/mnist info mnist.safetensors
build/mnist --help
scripts/test.sh
END
[ $data = data/mnist ] ||
    echo "scripts/get-mnist.sh          # MNIST, when the network is back"
