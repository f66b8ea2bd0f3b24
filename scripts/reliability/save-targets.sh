#!/usr/bin/env bash
# Saving where there is no room, or where there is no file to be replaced: a
# full disk, a limit on the size of files, devices, pipes, links, folders, files
# that one may not write. What was there stays, or else the new file is whole.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/cases.sh
. scripts/reliability/cases.sh
self=$PWD/scripts/reliability/save-targets.sh
cd "$scratch"

"$program" synth data -q --train 300 --test 10
# Its weights take 32 KiB, a checkpoint twice that.
train=("$program" train --data data -q --net dense:10:softmax --epochs 1)
"${train[@]}" --out new

# Each prints what is wrong.
refuses() { # COMMAND...
    run "$@"
    [ "$status" = 5 ] || echo " exit $status"
    check_message
}
saves() { # COMMAND...
    run "$@"
    [ "$status" = 0 ] || echo " exit $status: $(cat "$scratch/err")"
}
holds() { # FILE TEXT
    [ "$(cat "$1")" = "$2" ] || echo " $1 is not \"$2\""
}
is_new() { # FILE
    cmp "$1" new 2>&1
}
is_missing() { # FILE
    [ ! -e "$1" ] || echo " $1 is there"
}
names() { # FOLDER COUNT
    [ "$(find "$1" -mindepth 1 | wc -l)" = "$2" ] ||
        echo " $1 holds $(find "$1" -mindepth 1 | tr '\n' ' ')"
}

# ---- No room ----------------------------------------------------------------

# In a mount namespace of its own, so that nothing stays mounted.
fill_a_small_disk() {
    mkdir disk
    mount -t tmpfs -o size=64k tmpfs disk
    printf old | tee disk/o >disk/c
    judge "full disk, weights" "$(
        refuses "$program" train --data data -q --epochs 0 --out disk/o
        holds disk/o old
        names disk 2
    )"
    judge "full disk, a new file" "$(
        refuses "$program" train --data data -q --epochs 0 --out disk/new
        names disk 2
    )"
    judge "full disk, a checkpoint" "$(
        refuses "${train[@]}" --checkpoint disk/c --out o
        holds disk/c old
        is_missing o
        names disk 2
    )"
    judge "full disk, no room beside the old weights" "$(
        saves "${train[@]}" --out disk/o
        is_new disk/o
        refuses "${train[@]}" --seed 2 --out disk/o
        is_new disk/o
        names disk 2
    )"
    judge "full disk, digits" "$(
        refuses "$program" synth disk/digits --train 300 --test 10
        names disk 3
    )"
    dd if=/dev/zero of=disk/filler bs=1k count=100 2>/dev/null || true
    judge "full disk, a history" "$(
        refuses "${train[@]}" --history disk/h --out o
        holds disk/h ""
        is_missing o
    )"
    umount disk
    report on-a-small-disk
}

fill_a_disk() {
    if ! unshare -rm true 2>/dev/null; then
        echo "skipped: a full disk, since no user may make a name space here"
        return
    fi
    unshare -rm "$self" on-a-small-disk >on-disk || true
    gather on-disk
}

limit_sizes() {
    printf old >f
    # In KiB. A signal would end the program with 153.
    judge "limit on sizes, weights" "$(
        ulimit -f 8
        refuses "${train[@]}" --out f
        holds f old
    )"
    judge "limit on sizes, a history keeps whole rows" "$(
        ulimit -f 1
        refuses "${train[@]}" --limit 10 --epochs 40 --history h --out f
        holds f old
        [ "$(wc -c <h)" -gt 900 ] || echo " few rows"
        [ "$(tail -c 1 h | od -An -tx1)" = " 0a" ] || echo " half a row"
    )"
}

# ---- No file ----------------------------------------------------------------

write_to_devices() {
    local option
    for option in out checkpoint history; do
        judge "/dev/full, $option" "$(
            refuses "${train[@]}" --out o "--$option" /dev/full
            is_missing o
        )"
    done
    judge "/dev/full, report" "$(
        refuses "${train[@]}" --out reported --report /dev/full
        is_new reported
    )"
    judge "/dev/null" "$(saves "${train[@]}" --out /dev/null)"
    judge "/dev/stdout, a pipe" "$(
        "${train[@]}" --out /dev/stdout | cat >piped
        is_new piped
    )"
    mkfifo pipe
    judge "a FIFO" "$(
        cat pipe >piped &
        saves "${train[@]}" --out pipe
        wait
        is_new piped
    )"
    judge "a FIFO whose reader leaves" "$(
        head -c 10 pipe >piped &
        refuses "$program" train --data data -q --epochs 0 --out pipe
        wait
    )"
}

follow_links() {
    mkdir other
    printf old >other/f
    ln -s other/f link
    ln -s other/none dangling
    ln -s loop loop
    judge "a link" "$(
        saves "${train[@]}" --out link
        is_new other/f
        [ -L link ] || echo " the link is replaced"
        names other 1
    )"
    judge "a link to nothing" "$(
        saves "${train[@]}" --out dangling
        is_new other/none
        [ -L dangling ] || echo " the link is replaced"
    )"
    judge "a link to itself" "$(
        refuses "${train[@]}" --out loop
        [ -L loop ] || echo " the link is replaced"
    )"
}

refuse_folders() {
    mkdir folder
    judge "a folder" "$(refuses "${train[@]}" --out folder && names folder 0)"
    judge "a folder that is missing" "$(
        refuses "${train[@]}" --out missing/o
        is_missing missing
    )"
    judge "a file for a folder" "$(refuses "${train[@]}" --out new/o)"
    judge "a checkpoint to a folder" "$(
        refuses "${train[@]}" --checkpoint folder --out o
        is_missing o
    )"
}

# The superuser may do all, so nobody does this.
as_nobody() { # COMMAND...
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
    else
        "$@"
    fi
}

ask_for_permission() {
    cp "$program" mnist
    train[0]=./mnist
    mkdir shared locked unlisted
    printf old | tee locked/f >shared/protected
    chmod 755 "$scratch"
    chmod -R a+rX data new
    chmod 444 shared/protected
    chmod 777 shared
    chmod 555 locked
    chmod 333 unlisted
    judge "a file that one may not write" "$(
        refuses as_nobody "${train[@]}" --out shared/protected
        holds shared/protected old
        names shared 1
    )"
    judge "a folder that one may not write" "$(
        refuses as_nobody "${train[@]}" --out locked/f
        holds locked/f old
        names locked 1
    )"
    judge "a folder that one may not list" "$(
        saves as_nobody "${train[@]}" --out unlisted/f
        chmod 777 unlisted
        is_new unlisted/f
        names unlisted 1
    )"
    chmod 755 locked
}

if [ "${1:-}" = on-a-small-disk ]; then
    fill_a_small_disk
    exit
fi
fill_a_disk
limit_sizes
write_to_devices
follow_links
refuse_folders
ask_for_permission
report save-targets
