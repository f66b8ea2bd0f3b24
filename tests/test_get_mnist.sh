#!/usr/bin/env bash
# scripts/get-mnist.sh against mirrors on loopback, good and bad, with curl and
# with wget. The files are small stand-ins with checksums of their own.
#
#     test_get_mnist.sh [FOLDER]
#
# FOLDER holds the real MNIST, packed: then that is served, and the script's own
# checksums stand.
# shellcheck disable=SC2317 # functions are called through `check`
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
get_mnist=$here/../scripts/get-mnist.sh
command -v python3 >/dev/null || {
    echo "skipped: no python3 to serve files"
    exit 77
}
# shellcheck source=tests/support/shell.sh
. "$here/support/shell.sh"
unset MNIST_MIRROR MNIST_TIMEOUT MNIST_CHECKSUMS

served=$scratch/served
mkdir "$served"
if [ $# = 1 ]; then
    cp "$1"/*-ubyte.gz "$served"
    images=train-images-idx3-ubyte labels=train-labels-idx1-ubyte
else
    images=images labels=labels
    seq 50000 >"$served/$images"
    seq 1000 >"$served/$labels"
    (cd "$served" && sha256sum $images $labels >"$scratch/sums" &&
        gzip $images $labels)
    export MNIST_CHECKSUMS=$scratch/sums
fi
echo "not the right digits" | gzip >"$served/wrong.gz"
start_mirror "$served"
at=http://127.0.0.1:$port

same_content() { # the files of the folder, and what was served
    local name
    for name in $images $labels; do
        cmp "$1/$name" <(gzip -dc "$served/$name.gz") || return
    done
}
only_finished() { # neither parts nor files in the making
    [ -z "$(find "$1" -name '*.part' -o -name '.*.new')" ]
}
asked() { # PATH RANGE-PATTERN
    grep -qE "^/$1 $2\$" "$log"
}
never() { ! "$@"; }

# Gets the files into a new folder, $to, from the mirrors named.
get() { # MANNER...
    local manner urls=()
    to=$(mktemp -d -p "$scratch" to.XXXX)/mnist
    for manner in "$@"; do
        urls+=("$at/$manner")
    done
    : >"$log"
    MNIST_MIRROR="${urls[*]}" run "$get_mnist" "$to"
}

test_mirrors() { # as the fetcher on PATH meets them
    get good
    check "a good mirror" exits 0
    check "  gives the content" same_content "$to"
    check "  and nothing else" only_finished "$to"

    get page good
    check "a web page, then a good mirror" exits 0
    check "  is called one" says "answered with a web page, not gzip"
    check "  and passed over" same_content "$to"

    get page
    check "nothing but a web page" exits 1
    check "  tells what to do" says "mnist synth data/digits"
    check "  leaves no folder behind" is_missing "$to"

    get missing good
    check "a mirror without the file" exits 0
    check "  shows the server's answer" says "404"
    check "  is passed over" same_content "$to"

    get wrong good
    check "wrong content" exits 0
    check "  is told by its SHA-256" says "answered with another file: SHA-256"
    check "  is passed over" same_content "$to"
    check "  and leaves nothing" only_finished "$to"

    get cut good
    check "half a file that claims to be whole" exits 0
    check "  is noticed" says "damaged or cut off"
    check "  is passed over" same_content "$to"

    get breaks
    check "a connection that breaks off" exits 0
    check "  is resumed" asked "breaks/$images.gz" 'bytes=[1-9][0-9]*-'
    check "  to the right content" same_content "$to"

    get whole
    check "breaks off, and cannot resume" exits 0
    check "  starts over" same_content "$to"

    get crumbles good
    check "breaks off for good" exits 0
    check "  goes on at the next mirror" \
        asked "good/$images.gz" 'bytes=[1-9][0-9]*-'
    check "  to the right content" same_content "$to"

    get crumbles
    check "breaks off, no other mirror" exits 1
    check "  does not claim that it was not reached" says "no mirror has"
    check "  no file has a final name" is_missing "$to/$images"
    check "  the part stays" [ -s "$to/$images.gz.part" ]
    MNIST_MIRROR=$at/good run "$get_mnist" "$to"
    check "the next run goes on from there" \
        asked "good/$images.gz" 'bytes=[1-9][0-9]*-'
    check "  to the right content" same_content "$to"
    check "  and nothing else" only_finished "$to"

    MNIST_TIMEOUT=1 get silent good
    check "a mirror that never answers" exits 0
    check "  is given up" says "no data for 1 seconds"
    check "  for all files" never asked "silent/$labels.gz" '.*'
    check "  and passed over" same_content "$to"

    MNIST_MIRROR="http://127.0.0.1:1" run "$get_mnist" "$scratch/none"
    check "no mirror at all" exits 1
    check "  is said" says "no mirror can be reached"
    check "  with what to do" says "mnist synth data/digits"
    check "  leaves no folder behind" is_missing "$scratch/none"
}

test_parts() { # left by an earlier run
    to=$(mktemp -d -p "$scratch" to.XXXX)
    cp "$served/$images.gz" "$to/$images.gz.part"
    echo "<html>" >"$to/$labels.gz.part"
    : >"$log"
    MNIST_MIRROR=$at/good run "$get_mnist" "$to"
    check "a complete part and one of a web page" exits 0
    check "  the complete one is not fetched" \
        never asked "good/$images.gz" '.*'
    check "  the other is fetched anew" asked "good/$labels.gz" '-'
    check "  the content is right" same_content "$to"

    rm "$to/$images"
    { cat "$served/$images.gz" && seq 5000; } >"$to/$images.gz.part"
    MNIST_MIRROR=$at/good run "$get_mnist" "$to"
    check "a part longer than the file starts over" same_content "$to"

    rm "$to/$images"
    { head -c 100 "$served/$images.gz" && seq 99; } >"$to/$images.gz.part"
    MNIST_MIRROR=$at/good run "$get_mnist" "$to"
    check "a part of another file starts over" same_content "$to"
    check "  and nothing is left" only_finished "$to"
}

test_present() { # files that are already there
    get good
    : >"$log"
    MNIST_MIRROR=$at/good run "$get_mnist" "$to"
    check "a second run" exits 0
    check "  says that all is there" says "$images: already there"
    check "  and asks for nothing" never test -s "$log"

    rm "$to/$labels"
    cp "$served/$labels.gz" "$to"
    MNIST_MIRROR=$at/good run "$get_mnist" "$to"
    check "a packed file counts" says "$labels: already there"
    check "  and asks for nothing" never test -s "$log"

    echo "someone's own" >"$to/$images"
    MNIST_MIRROR=$at/good run "$get_mnist" "$to"
    check "another file of that name" exits 0
    check "  is fetched" cmp "$to/$images" <(gzip -dc "$served/$images.gz")
    check "  the old one is kept" grep -q "someone's own" "$to/$images.old"
}

test_usage() {
    run "$get_mnist" --help
    check "--help" exits 0
    check "  tells of MNIST_MIRROR" says "MNIST_MIRROR=URL"
    run "$get_mnist" --quick
    check "an unknown option" exits 2
    check "  is named" says "'--quick'"
    run "$get_mnist" "$scratch/a" "$scratch/b"
    check "two folders" exits 2
    MNIST_TIMEOUT=soon run "$get_mnist" "$scratch/a"
    check "a timeout that is no number" exits 2
    MNIST_CHECKSUMS=/nonexistent run "$get_mnist" "$scratch/a"
    check "a list of checksums that is not there" exits 1
    echo "0123  ../../images" >"$scratch/bad"
    MNIST_CHECKSUMS=$scratch/bad run "$get_mnist" "$scratch/a"
    check "a list of something else" exits 1
    check "  no folder was made" is_missing "$scratch/a"
}

test_usage
for fetcher in curl wget; do
    if ! command -v $fetcher >/dev/null; then
        echo "skipped: no $fetcher here"
        continue
    fi
    echo "-- with $fetcher"
    other=$([ $fetcher = curl ] && echo wget || echo curl)
    PATH=$(path_without "$other")
    test_mirrors
    test_parts
    test_present
    PATH=$everything
done

PATH=$(path_without curl wget)
MNIST_MIRROR=$at/good run "$get_mnist" "$scratch/neither"
check "neither curl nor wget" exits 1
check "  says what to install" says "apt-get install curl"
finish
