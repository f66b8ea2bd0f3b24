#!/usr/bin/env bash
# Checks what the source may use: includes point down or stay in their folder,
# and some functions of libc are not called at all.
#
#     scripts/check-layout.sh [ROOT]      ROOT is this repository by default
#
#              cli           sees <mnist.h> and its own folders, nothing else
#               |
#             pages          HTML
#            /     \
#       training  exchange
#         |    \    |
#         |     model
#         |       |
#       data    layers
#         |       |
#         |    kernels
#          \     /
#            base
#
# Public headers keep the same order, but model sees those of data: a network
# runs on batches. <mnist/x.h> belongs to the folder that holds x.c, or else x.h,
# or that is called x; one that has none of these is base's.
#
# Of the folders of cli, each sees itself and those before it in this order;
# main.c, above them, sees all.
set -euo pipefail
cli_order="text options terminal drawing files results train manual commands"
root=${1:-$(dirname "${BASH_SOURCE[0]}")/..}
cd "$root"

declare -A below=(
    [base]="base"
    [kernels]="kernels base"
    [layers]="layers kernels base"
    [model]="model layers kernels base"
    [data]="data base"
    [training]="training model data layers kernels base"
    [exchange]="exchange model layers kernels base"
    [pages]="pages exchange training model data layers kernels base"
)
before=""
for folder in $cli_order; do
    before+=" cli/$folder"
    below[cli/$folder]=$before
done
below[cli]=$before

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
    for source in src/*/"${1%.h}.c" src/*/"$1" src/"${1%.h}"/; do
        [ -e "$source" ] || continue
        source=${source#src/}
        echo "${source%%/*}"
        return
    done
    echo base
}

# Of kernels/x86/tile.c it is kernels, of cli/text/text.c cli/text.
folder_of_private() { # FILE, from src on
    local folders=${1%/*}
    case $folders in
    cli | cli/*) echo "$folders" ;;
    *) echo "${folders%%/*}" ;;
    esac
}

check_include() { # FILE FOLDER NAME, where NAME is as it stands: "x" or <x>
    local at
    case $3 in
    '<mnist.h>') [[ $2 == cli* ]] ||
        fault "$1: $3 is for programs; include what is needed of it" ;;
    '<mnist/'*)
        if [[ $2 == cli* ]]; then
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
        at=$(folder_of_private "$at")
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
    folder=$(folder_of_private "${file#src/}")
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
