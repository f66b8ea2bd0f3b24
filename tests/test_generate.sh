#!/usr/bin/env bash
# The man page and the completions hold what --help tells of, command by
# command; what the one for bash answers is asked of bash.
# scripts/check-completion.sh tries all three in their shells.
# shellcheck disable=SC2317 # functions are called through `check`
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/support/shell.sh
. "$here/support/shell.sh"
: "${MNIST_PROGRAM:?run by ctest}"

for what in man bash zsh fish; do
    run "$MNIST_PROGRAM" generate $what
    check "mnist generate $what" exits 0
    "$MNIST_PROGRAM" generate $what >"$scratch/$what"
done

commands() { "$MNIST_PROGRAM" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'; }
options_of() { # COMMAND: "--data -d", one option a line
    "$MNIST_PROGRAM" "$1" --help |
        sed -nE 's/^ {2,6}((-.), )?(--[a-z-]+).*/\3 \2/p'
}

# --- bash -------------------------------------------------------------------

# shellcheck disable=SC1091
. "$scratch/bash"
compopt() { offered+="<$2> "; }

# What is offered for the last of the words: leaves $offered.
complete_words() { # WORD...
    offered=
    # shellcheck disable=SC2034 # what the completion reads
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _mnist
    offered+=${COMPREPLY[*]}
    output=$offered status=$?
}
offers() { # EXACTLY, WORD...
    local exactly=$1
    shift
    complete_words "$@"
    [ "$offered" = "$exactly" ]
}
offers_word() { # WORD: among what was offered
    [[ " $offered " == *" $1 "* ]]
}

check "a command" offers "train" mnist tr
check "two commands" offers "show synth" mnist s
check "help for a command" offers "predict" mnist help pr
check "an option" offers "--net" mnist train --ne
check "  of this command only" offers "" mnist show --ne
check "a network" offers "mlp512 mlp15 mlp128" mnist train --net ml
check "  after =" offers "lenet" mnist train --net = le
check "  right after =" offers "mlp512 mlp15 mlp128 lenet" mnist train --net =
check "a choice" offers "constant cosine" mnist train --lr-schedule c
check "  of the common options" offers "auto always" mnist eval --color a
check "a small range" offers "0 1 2" mnist train --verbose ""
check "a number is the user's" offers "" mnist train --epochs ""
check "  under its other name" offers "" mnist eval --batch-size ""
check "a file" offers "<default> " mnist train --out ""
check "  by the letter" offers "<default> " mnist eval -w ""
check "a folder" offers "<dirnames> " mnist train --data ""
check "files are operands" offers "<default> " mnist info ""
check "  and folders" offers "<dirnames> " mnist synth di
check "  and words" offers "bash" mnist generate b
check "  right after the command only" offers "" mnist generate bash ""
check "  and nothing" offers "" mnist train ""
complete_words mnist train --kernel ""
for kernel in $("$MNIST_PROGRAM" --version |
    sed -n 's/^kernels .*(\(.*\))/\1/p' | sed 's/ not here//g' | tr -d ,); do
    check "kernel $kernel" offers_word "$kernel"
done

# --- Every option, everywhere -----------------------------------------------

section() { # COMMAND: its part of the man page, as it looks
    sed -n "/^\.SS mnist $1\$/,/^\.S[SH]/p" "$scratch/man" | sed 's/\\-/-/g'
    sed -n '/^\.SH COMMON/,/^\.SH/p' "$scratch/man" | sed 's/\\-/-/g'
}
in_man() { grep -qE -- "$2\\\\fR" <<<"$(section "$1")"; }
in_zsh() {
    grep -qE -- "(['{,]$2[=+]?['[,}])" \
        <<<"$(sed -n "/^    $1)\$/,/^        ;;/p" "$scratch/zsh")"
}
in_fish() {
    local option="-s ${2#-}"
    [[ $2 != --* ]] || option="-l ${2#--}"
    grep -qE -- " $option " <<<"$(grep -F "__mnist_in $1'" "$scratch/fish")"
}

count=0
for command in $(commands); do
    complete_words mnist "$command" -
    while read -r option letter; do
        count=$((count + 1))
        check "$command $option: bash" offers_word "$option"
        for name in $option $letter; do
            check "$command $name: man" in_man "$command" "$name"
            check "$command $name: zsh" in_zsh "$command" "$name"
            check "$command $name: fish" in_fish "$command" "$name"
        done
    done < <(options_of "$command")
done
output="$count options"
check "there were many" test $count -gt 80

run "$MNIST_PROGRAM" generate tcsh
check "another shell" exits 2
check "  is told which there are" says "expected man, bash, zsh or fish"
run "$MNIST_PROGRAM" generate
check "none" exits 2

if command -v groff >/dev/null; then
    run groff -man -Tutf8 -ww -z "$scratch/man"
    check "groff takes the page" exits 0
    check "  without a warning" test -z "$output"
fi
finish
