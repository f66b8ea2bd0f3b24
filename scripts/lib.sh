# shellcheck shell=bash
# What quickstart.sh, test.sh, the checks and the CI share: headings, and
# installing what is missing on Debian and Ubuntu. Source it from bash with
# `set -e`.

die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# Prints what a script says at its beginning, and ends, if that is asked for.
# Called in the repository's root, by a script of scripts/.
help_if_asked() { # [ARGUMENT...]
    case ${1:-} in
    -h | --help)
        sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "scripts/$(basename "$0")"
        exit
        ;;
    esac
}

# A step's heading. Bold on a terminal.
heading() {
    if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
        printf '\n\033[1m== %s\033[m\n' "$*"
    else
        printf '\n== %s\n' "$*"
    fi
}

# Shows a command as one would type it, and runs it.
show() { # COMMAND...
    echo "\$ $*"
    "$@"
}

# The same, but what it prints is shown only if it fails.
show_quietly() { # COMMAND...
    echo "\$ $*"
    quietly "$@"
}

quietly() { # COMMAND...
    local output status=0
    output=$("$@" 2>&1) || status=$?
    [ "$status" = 0 ] || printf '%s\n' "$output" >&2
    return "$status"
}

# --- What is checked, and on what -------------------------------------------

# The program's whole path: the one that is named, or build/mnist.
program_at() { # [PROGRAM]
    local program=${1:-build/mnist}
    [ -x "$program" ] ||
        die "no program at $program; build it, or name another"
    realpath -- "$program"
}

# The real MNIST where it is at hand, else digits that the program draws.
data_at_hand() { # PROGRAM FOLDER
    local data
    for data in "${MNIST_DATA:-}" data/mnist ../shared/mnist; do
        if [ -n "$data" ] && [ -d "$data" ]; then
            echo "$data"
            return
        fi
    done
    quietly "$1" synth "$2" && echo "$2"
}

# --- What a machine lacks ---------------------------------------------------

missing=()

has() { command -v "$1" >/dev/null 2>&1; }

# Notes the package if the command fails.
need() { # PACKAGE COMMAND...
    local package=$1
    shift
    "$@" || missing+=("$package")
}

# Whether a C program with these includes can be built: having a compiler does
# not mean having the headers of libc.
compiles() { # [LINK-OPTION...] <INCLUDES
    local compiler
    for compiler in ${CC:+"$CC"} cc gcc clang; do
        if has "$compiler"; then
            { cat && echo 'int main(void) { return 0; }'; } |
                "$compiler" -x c - -o /dev/null "$@" 2>/dev/null
            return
        fi
    done
    return 1
}
compiles_c() { compiles <<<'#include <stdio.h>'; }
compiles_cmocka() {
    compiles -lcmocka <<<'#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>'
}

# What every build needs. cmake takes another generator than make if told so.
need_build_tools() {
    need gcc compiles_c
    compiles_c || need libc6-dev false
    need cmake has cmake
    [ -n "${CMAKE_GENERATOR:-}" ] || need make has make
}

# Installs what `need` found missing; all there: says so. Else one line tells
# what to install by hand.
install_missing() {
    if [ ${#missing[@]} = 0 ]; then
        echo "all there"
        return
    fi
    has apt-get ||
        die "missing: ${missing[*]} (names in Debian; there is no apt-get" \
            "here: install them by hand)"
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        has sudo || die "missing: ${missing[*]}; as root: apt-get install" \
            "${missing[*]}"
        as_root=(sudo)
    fi
    echo "missing: ${missing[*]}"
    # A list that cannot be brought up to date may still do.
    show_quietly "${as_root[@]}" apt-get update ||
        echo "apt-get update failed; trying with the lists at hand" >&2
    # Nobody may be there to answer, and a fresh machine may be busy with
    # updates of its own: wait for the lock.
    echo "\$ ${as_root[*]:+sudo }apt-get install ${missing[*]}"
    quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        NEEDRESTART_SUSPEND=1 apt-get install -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 "${missing[@]}" ||
        die "could not install ${missing[*]}; see the messages above"
    hash -r
    missing=()
}

# --- Building ---------------------------------------------------------------

build_in() { # FOLDER [CMAKE-OPTION...]
    local folder=$1
    shift
    show_quietly cmake -S . -B "$folder" "$@"
    show_quietly cmake --build "$folder" --parallel "$(nproc)"
}
