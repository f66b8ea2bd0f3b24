#!/usr/bin/env bash
# How the scripts install what a machine lacks, on machines where programs are
# hidden and apt-get is a stand-in that uncovers them.
# shellcheck disable=SC2016,SC2317 # bodies of stand-ins; calls through `check`
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/support/shell.sh
. "$here/support/shell.sh"
unset CC CMAKE_GENERATOR

install() {
    run bash -ec ". '$here/../scripts/lib.sh'
        need_build_tools
        install_missing
        need_build_tools
        echo \"still missing: \${missing[*]:-nothing}\""
}

asked_for() { grep -q -- "$1" "$asked"; }
asked_nothing() { [ ! -s "$asked" ]; }
updated_first() { [[ $(head -n 1 "$asked") == "apt-get update"* ]]; }

machine_without
install
check "nothing is missing" exits 0
check "  is said" says "all there"
check "  apt-get is left alone" asked_nothing

machine_without cmake make
install
check "CMake and make are missing" exits 0
check "  the lists are brought up to date first" updated_first
check "  both are installed" asked_for 'install .* cmake make \[noninteractive]'
check "  and are there then" says "still missing: nothing"

machine_without cc gcc clang
install
check "no compiler" exits 0
check "  is installed with the headers of libc" asked_for ' gcc libc6-dev '
check "  but nothing that is there" silent_on "cmake"
check "  and is there then" says "still missing: nothing"

machine_without cmake
put "$PATH/apt-get" '[ "$1" = install ] || exit 100
    ln -s "$(PATH='"'$everything'"' command -v cmake)" '"'$PATH'"
install
check "the lists cannot be brought up to date" exits 0
check "  is said" says "trying with the lists at hand"
check "  and it goes on" says "still missing: nothing"

machine_without cmake
put "$PATH/apt-get" 'echo "E: Unable to locate package"; exit 100'
install
check "apt-get fails" exits 1
check "  says what could not be installed" says "could not install cmake"
check "  shows why" says "E: Unable to locate package"

machine_without cmake
rm "$PATH/apt-get"
install
check "no apt-get" exits 1
check "  says what to install" says "missing: cmake"

machine_without cmake
put "$PATH/id" 'echo 1000'
install
check "neither root nor sudo" exits 1
check "  says what to type as root" says "as root: apt-get install cmake"
check "  apt-get is left alone" asked_nothing

put "$PATH/sudo" 'echo "sudo $1" >>'"'$asked'"'; exec "$@"'
install
check "not root, but sudo" exits 0
check "  which is used" asked_for 'sudo apt-get'
check "  and sees that nobody can answer" asked_for 'install .*noninteractive'
finish
