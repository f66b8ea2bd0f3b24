#!/usr/bin/env bash
# Fetches MNIST: four IDX files from the first mirror that has them, each
# checked by its SHA-256 before it gets its name. See --help.
set -euo pipefail
export LC_ALL=C # first bytes are compared, and messages of tools are shown

usage() {
    cat <<END
Usage: $0 [DIR]

Fetches MNIST (four IDX files, 12 MB packed, 55 MB unpacked) into DIR, by
default data/mnist: of this repository or, of the installed get-mnist, where it
is run. What is already there and right is not fetched again, and a download
that broke off is taken up where it stopped: run it again as often as needed. A
file gets its name only when its SHA-256 is right.

  --help             this text

Environment:
  MNIST_MIRROR=URL   fetch from this folder instead of the public mirrors, for
                     instance http://server/mnist; several are tried in turn,
                     separated by spaces
  MNIST_TIMEOUT=N    give a mirror up after N seconds without data; default 6
  MNIST_CHECKSUMS=F  fetch the files that F lists instead of MNIST: lines of
                     sha256sum for the unpacked files
  http_proxy, https_proxy, no_proxy   as curl and wget understand them

Exit status: 0 all files are there, 1 they are not, 2 wrong usage.

Examples:
  $0
  MNIST_MIRROR=http://localhost:8000 $0 ~/mnist
END
}

public_mirrors='https://ossci-datasets.s3.amazonaws.com/mnist
https://storage.googleapis.com/cvdf-datasets/mnist
https://raw.githubusercontent.com/fgnt/mnist/master'

# Of the unpacked files: a mirror may have packed them anew.
mnist_checksums='
ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db  train-images-idx3-ubyte
65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5  train-labels-idx1-ubyte
0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7  t10k-images-idx3-ubyte
ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2  t10k-labels-idx1-ubyte'

# How often one mirror is asked for one file, broken connections included.
attempts=8

say() { printf '%s\n' "$*"; }
note() { printf '%s\n' "$*" >&2; }
die() {
    note "get-mnist.sh: $*"
    exit 1
}
wrong_usage() {
    note "get-mnist.sh: $*; see $0 --help"
    exit 2
}

size_of() { stat -c %s -- "$1" 2>/dev/null || say 0; }
sum_of() { sha256sum | cut -d ' ' -f 1; }

# --- One transfer ----------------------------------------------------------

fetcher=
choose_fetcher() {
    if command -v curl >/dev/null; then
        fetcher=curl
    elif command -v wget >/dev/null; then
        fetcher=wget
    else
        die "needs curl or wget; install one (apt-get install curl)"
    fi
}

# Fetches URL into PART, after the bytes that PART already holds. The caller
# watches over the time: wget would wait for each address of a name in turn.
start_fetch() { # URL PART
    if [ "$fetcher" = curl ]; then
        exec curl --fail --silent --show-error --location \
            --continue-at - --output "$2" -- "$1"
    else
        exec wget --no-verbose --tries=1 --continue \
            --output-document="$2" -- "$1"
    fi
}

child=
# Leaves the child's messages in $messages. Status: as the fetcher's, 124 when
# nothing came for $timeout seconds.
transfer() { # URL PART
    local mark since=$SECONDS now status=0
    mark=$(size_of "$2")
    start_fetch "$1" "$2" >/dev/null 2>"$messages" 9<&- &
    child=$!
    while kill -0 "$child" 2>/dev/null; do
        sleep 0.1
        now=$(size_of "$2")
        show_progress "$1" "$now"
        if ((now >= mark + 1024)); then
            mark=$now since=$SECONDS
        elif ((SECONDS - since >= timeout)); then
            stop_child
            status=124
            break
        fi
    done
    [ "$status" != 0 ] || wait "$child" || status=$?
    child=
    clear_progress
    return "$status"
}

stop_child() {
    kill "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
}

moving=
[ ! -t 2 ] || [ "${TERM:-dumb}" = dumb ] || moving=yes
show_progress() { # URL BYTES
    [ -z "$moving" ] || printf '\r  %s: %d kB\033[K' "${1##*/}" \
        $(($2 / 1000)) >&2
}
clear_progress() {
    [ -z "$moving" ] || printf '\r\033[K' >&2
}

# The fetcher's last message without its name and time.
last_message() {
    local line
    line=$(tail -n 1 "$messages" | sed -E -e 's/^curl: \([0-9]+\) //' \
        -e 's/^wget: //' -e 's/^[-0-9]+ [0-9:]+ //' -e 's/\.$//')
    say "${line:-no reason given}"
}

# --- One file --------------------------------------------------------------

reason=

# Gives NAME to the content of its part if that is right. Else says in $reason
# what is wrong.
place() { # NAME SUM
    local part=$dir/$1.gz.part new=$dir/.$1.new sum
    case $(head -c 64 "$part" 2>/dev/null | tr -d '\0 \t\r\n') in
    $'\x1f\x8b'*) ;;
    '<'*) reason="answered with a web page, not gzip" ;;
    '') reason="answered with nothing" ;;
    *) reason="answered with something that is not gzip" ;;
    esac
    [ -z "$reason" ] || return 1
    if ! gzip -dc <"$part" >"$new" 2>"$messages"; then
        rm -f "$new"
        ! grep -q 'No space left' "$messages" || die "no space left in $dir"
        reason="answered with gzip that is damaged or cut off"
        return 1
    fi
    sum=$(sum_of <"$new")
    if [ "$sum" != "$2" ]; then
        rm -f "$new"
        reason="answered with another file: SHA-256 $sum, expected $2"
        return 1
    fi
    set_aside "$dir/$1"
    set_aside "$dir/$1.gz"
    mv -T -- "$new" "$dir/$1"
    rm -f "$part"
}

# What has the name but not the content may be dear to someone.
set_aside() { # FILE
    [ -e "$1" ] || return 0
    mv -T --backup=numbered -- "$1" "$1.old"
    note "$1 was another file than expected; it is now $1.old"
}

# Whether NAME is there and right, unpacked or packed.
is_there() { # NAME SUM
    local file=$dir/$1
    [ -f "$file" ] && [ "$(sum_of <"$file")" = "$2" ] && return
    file=$dir/$1.gz
    [ -f "$file" ] && [ "$(gzip -dc <"$file" 2>/dev/null | sum_of)" = "$2" ]
}

declare -A unreachable=()

# Fetches NAME from one mirror and places it. Else says in $reason why not; what
# came so far stays for the next mirror, or the next run.
get_from() { # MIRROR NAME SUM
    local part=$dir/$2.gz.part before status i
    for ((i = 0; i < attempts; i++)); do
        before=$(size_of "$part")
        status=0 reason=
        transfer "$1/$2.gz" "$part" || status=$?
        case $fetcher:$status in
        *:0)
            ! place "$2" "$3" || return 0
            rm -f "$part"
            [ "$before" != 0 ] || return 1 # else: it did not fit the old part
            ;;
        curl:23 | wget:3) die "cannot write $part: $(last_message)" ;;
        curl:33) rm -f "$part" ;; # this server cannot resume
        curl:22 | wget:8)
            reason=$(last_message)
            [ "$before" != 0 ] && [[ $reason == *416* ]] || return 1
            rm -f "$part" # longer than the file: not a part of it
            ;;
        *)
            reason=$(last_message)
            [ "$status" != 124 ] || reason="no data for $timeout seconds"
            if (($(size_of "$part") <= before)); then
                ((i > 0)) || unreachable[$1]=yes
                return 1
            fi
            ;;
        esac
    done
    return 1
}

get() { # NAME SUM
    local mirror part=$dir/$1.gz.part
    reason=
    if [ -s "$part" ] && place "$1" "$2"; then
        say "$1: unpacked from what was fetched before"
        return
    fi
    # Only what is the beginning of a gzip file can be taken up.
    [[ $reason == *"cut off" ]] || rm -f "$part"
    for mirror in "${mirrors[@]}"; do
        [ -z "${unreachable[$mirror]:-}" ] || continue
        if get_from "$mirror" "$1" "$2"; then
            say "$1: fetched from $mirror"
            return
        fi
        note "$mirror/$1.gz: $reason"
    done
    return 1
}

# --- All files -------------------------------------------------------------

cleanup() {
    [ -z "$child" ] || stop_child
    rm -f "$messages" "$dir"/.*.new
    find "$dir" -maxdepth 1 -name '*.gz.part' -size 0 -delete
    [ -z "$made" ] || rmdir "$dir" 2>/dev/null || true
}

read_checksums() {
    local list=$mnist_checksums sum name
    if [ -n "${MNIST_CHECKSUMS:-}" ]; then
        list=$(cat -- "$MNIST_CHECKSUMS") || die "MNIST_CHECKSUMS: no such list"
    fi
    while read -r sum name; do
        [ -n "$sum" ] || continue
        name=${name#\*}
        [[ $sum =~ ^[0-9a-f]{64}$ && $name =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ ]] ||
            die "$MNIST_CHECKSUMS: '$sum $name' is no line of sha256sum"
        names+=("$name") sums+=("$sum")
    done <<<"$list"
}

dir=
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help)
        usage
        exit 0
        ;;
    -?*) wrong_usage "unknown option '$1'" ;;
    *)
        [ -z "$dir" ] || wrong_usage "one folder, not '$dir' and '$1'"
        [ -n "$1" ] || wrong_usage "the folder has no name"
        dir=$1
        ;;
    esac
    shift
done
timeout=${MNIST_TIMEOUT:-6}
[[ $timeout =~ ^[1-9][0-9]{0,3}$ ]] ||
    wrong_usage "MNIST_TIMEOUT is '$timeout', not a number of seconds"
if [ -z "$dir" ]; then
    root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
    [ -f "$root/CMakeLists.txt" ] || root=.
    dir=$root/data/mnist
fi

names=() sums=() mirrors=()
read_checksums
read -r -d '' -a mirrors <<<"${MNIST_MIRROR:-$public_mirrors}" || true
mirrors=("${mirrors[@]%/}")

made=
[ -d "$dir" ] || made=yes
mkdir -p -- "$dir" || die "cannot make the folder $dir"
# Two runs in one folder would write to the same part.
exec 9<"$dir"
flock --nonblock 9 || {
    note "another get-mnist.sh is at work in $dir; waiting for it"
    flock 9
}
messages=$(mktemp)
trap cleanup EXIT
trap 'note "stopped; run it again to go on"; exit 130' INT
trap 'exit 143' TERM

for i in "${!names[@]}"; do
    if is_there "${names[i]}" "${sums[i]}"; then
        say "${names[i]}: already there"
        continue
    fi
    [ -n "$fetcher" ] || choose_fetcher
    get "${names[i]}" "${sums[i]}" && continue
    what="no mirror has a right ${names[i]}.gz"
    [ "${#unreachable[@]}" != "${#mirrors[@]}" ] || what="no mirror can be reached"
    die "$what; try again later, name another with MNIST_MIRROR=URL," \
        "or go on without MNIST: build/mnist synth data/digits"
done
say "MNIST is complete in $dir"
