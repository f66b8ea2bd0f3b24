#!/usr/bin/env bash
# Checks what the source may use: includes point down or stay in their folder,
# and some functions of libc are not called at all.
#
#     scripts/check-layout.sh [ROOT]      ROOT is this repository by default
#
#              cli           sees <mnist.h> and its own folder, nothing else
#               |
#           training
#            /     \
#        model     data
#          |         |
#       layers       |
#          |         |
#       kernels      |
#            \     /
#              base
#
# Public headers keep the same order, but model sees those of data: a network
# runs on batches. <mnist/x.h> belongs to the folder that holds x.c, or else x.h;
# one that has neither is base's.
set -euo pipefail
root=${1:-$(dirname "${BASH_SOURCE[0]}")/..}
cd "$root"

declare -A below=(
    [base]="base"
    [kernels]="kernels base"
    [layers]="layers kernels base"
    [model]="model layers kernels base"
    [data]="data base"
    [training]="training model data layers kernels base"
    [cli]="cli"
)

# Each has a safer relative; mmap dies with a file that someone cuts short.
banned='atoi|atol|atof|sprintf|vsprintf|strcpy|strcat|strtok|gets|scanf|fscanf'
banned+='|sscanf|system|popen|tmpnam|mktemp|alloca|mmap'

faults=0
fault() {
    printf '%s\n' "$*" >&2
    faults=$((faults + 1))
}

folder_of_public() { # x.h
    local source
    for source in src/*/"${1%.h}.c" src/*/"$1"; do
        [[ -e $source && $source != src/cli/* ]] || continue
        source=${source#src/}
        echo "${source%%/*}"
        return
    done
    echo base
}

check_include() { # FILE FOLDER NAME, where NAME is as it stands: "x" or <x>
    local at
    case $3 in
    '<mnist.h>') [ "$2" = cli ] ||
        fault "$1: $3 is for programs; include what is needed of it" ;;
    '<mnist/'*)
        if [ "$2" = cli ]; then
            fault "$1: $3: a program includes <mnist.h>"
            return
        fi
        at=${3#<mnist/}
        at=$(folder_of_public "${at%>}")
        [[ " ${below[$2]} " == *" $at "* || $2:$at == model:data ]] ||
            fault "$1: $3 belongs to $at/, which is not below $2/"
        ;;
    '"'*/*'"')
        at=${3#\"}
        at=${at%%/*}
        [[ " ${below[$2]} " == *" $at "* ]] ||
            fault "$1: $3: $at/ is not below $2/"
        ;;
    '"'*) fault "$1: $3: a private header is named with its folder" ;;
    esac
}

# Prints "FILE NAME" for each include of the project's own below a folder.
includes() { # FOLDER...
    grep -rHoE --include='*.[ch]' \
        '^[[:space:]]*#[[:space:]]*include[[:space:]]*("[^"]*"|<mnist[^>]*>)' \
        "$@" | sed -E 's/:[[:space:]]*#[[:space:]]*include[[:space:]]*/ /'
}

while read -r file name; do
    folder=${file#src/}
    folder=${folder%%/*}
    if [ -n "${below[$folder]:-}" ]; then
        check_include "$file" "$folder" "$name"
    else
        fault "$file: src/$folder/ has no place in the layout"
    fi
done < <(includes src)

while read -r file name; do
    check_include "$file" "$(folder_of_public "${file##*/}")" "$name"
done < <(includes include/mnist)

while read -r line; do
    fault "${line%%(*}() is not used here"
done < <(grep -rnoE --include='*.[ch]' "\b($banned)[[:space:]]*\(" src include)

[ "$faults" = 0 ] || exit 1
echo "includes point down, and no banned function is called"
