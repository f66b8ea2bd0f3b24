#!/usr/bin/env bash
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

help() {
    cat <<'END'
Usage: scripts/sweep.sh --out DIR [--seeds LIST] [--lr LIST] [--net NET]...
                        [--vary NAME=LIST]... [OPTION]... [-- TRAIN-OPTION...]

Trains with every combination of what is varied, several at a time, and gathers
what came of it:

    scripts/sweep.sh --seeds 1:5 --lr 0.0003,0.001,0.003 --out sweep -- --epochs 2

What is varied:
  --seeds LIST       as 1:5 (both ends are part of it) or 1,2,7 [1:5]
  --lr LIST          learning rates, as 0.001,0.003
  --net NET          a network's name or line; once for each
  --vary NAME=LIST   any option of mnist train, as --vary batch=64,128

How it runs:
  --out DIR          where all goes; call it again, and only what is missing or
                     failed is run
  --jobs N           trainings at a time [one a processor]
  --threads N        of each training [processors / jobs]
  --program FILE     [build/mnist of this repository, else mnist in $PATH]
  --no-weights       keep what was told, not the weights
  --makefile         run nothing, write DIR/Makefile: make -C DIR -j2 does it
  --slurm            hand it to Slurm as a job array, of --jobs tasks at a time
                     [all]; options of sbatch go into its own variables
                     (SBATCH_PARTITION, SBATCH_TIMELIMIT, ...)
  --collect          run nothing, gather what is there

With GNU parallel where it is installed, else by xargs -P. In DIR: runs/NAME.jsonl
(what each training told), NAME.log (its messages) and NAME.safetensors; a file
SETTING.jsonl of all seeds of a setting, for mnist compare; results.csv, a row a
run; table.txt, a row a setting, with means and their standard errors.

Exit status: 0 all is there, 1 some trainings failed, 2 wrong usage.
END
}

usage() {
    echo "sweep.sh: $*; see scripts/sweep.sh --help" >&2
    exit 2
}

# --- The command line -------------------------------------------------------

axis_names=() # what is varied, the seed last
axis_values=() # of each, one a line
train_options=()
out='' jobs='' threads='' program='' backend=local weights=yes task=''

one_a_line() { printf '%s\n' "${1//,/$'\n'}"; }

add_axis() { # NAME VALUES, one a line
    local i
    for i in "${!axis_names[@]}"; do
        if [ "${axis_names[i]}" = "$1" ]; then
            axis_values[i]+=$'\n'$2
            return
        fi
    done
    axis_names+=("$1")
    axis_values+=("$2")
}

# 1:5 and 1-5 are 1 2 3 4 5; lists of these with commas between.
expand_seeds() { # LIST
    local part
    while read -r part; do
        if [[ $part =~ ^([0-9]+)[:-]([0-9]+)$ ]]; then
            ((10#${BASH_REMATCH[1]} <= 10#${BASH_REMATCH[2]})) ||
                usage "--seeds $part: the first is above the last"
            seq "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
        elif [[ $part =~ ^[0-9]+$ ]]; then
            echo "$part"
        else
            usage "--seeds $1: expected numbers, as 1:5 or 1,2,7"
        fi
    done < <(one_a_line "$1")
}

is_count() { [[ $1 =~ ^[1-9][0-9]{0,5}$ ]]; }

read_options() { # ARGUMENT...
    local seeds=1:5 option
    while [ $# -gt 0 ]; do
        option=$1
        case $option in
        -h | --help) help && exit ;;
        --makefile | --slurm) backend=${option#--} && shift && continue ;;
        --collect) backend=collect && shift && continue ;;
        --no-weights) weights=no && shift && continue ;;
        --) shift && train_options=("$@") && break ;;
        --*=*) set -- "${option%%=*}" "${option#*=}" "${@:2}" && option=$1 ;;
        esac
        [ -n "${2:-}" ] || usage "$option needs a value"
        case $option in
        --seeds) seeds=$2 ;;
        --lr) add_axis lr "$(one_a_line "$2")" ;;
        --net) add_axis net "$2" ;;
        --vary)
            [[ $2 =~ ^[a-z-]+=.+$ ]] || usage "--vary $2: expected NAME=LIST"
            [[ $2 != seed=* ]] || usage "seeds are varied by --seeds"
            add_axis "${2%%=*}" "$(one_a_line "${2#*=}")"
            ;;
        --out) out=$2 ;;
        --jobs) is_count "$2" || usage "--jobs $2: expected a number" && jobs=$2 ;;
        --threads)
            is_count "$2" || usage "--threads $2: expected a number"
            threads=$2
            ;;
        --program) program=$2 ;;
        --task) task=$2 ;; # used by the trainings themselves
        *) usage "unknown option $option" ;;
        esac
        shift 2
    done
    [ -n "$out" ] || usage "--out DIR is missing"
    seeds=$(expand_seeds "$seeds") || exit 2
    add_axis seed "$seeds"
}

find_program() {
    [ -n "$program" ] || program=$here/../build/mnist
    [ -x "$program" ] || program=$(command -v "${program##*/}") ||
        die "no program mnist; build it, or name it with --program"
    program=$(realpath -- "$program")
}

# --- The list of runs -------------------------------------------------------

# A value as a part of a file's name, and of a target of make: a network's line
# may be long and has colons.
name_part() { # NAME VALUE
    local text=${2//[!A-Za-z0-9.+-]/_}
    if [ "$text" != "$2" ] || [ ${#text} -gt 40 ]; then
        text=${text:0:30}_$(cksum <<<"$2" | cut -d ' ' -f 1)
    fi
    echo "$1_$text"
}

# Calls a function for each combination, the seed changing fastest, with NAME,
# SETTING (the name without the seed) and the options.
each_run() { # FUNCTION
    walk_axis 0 '' '' "$1"
}
walk_axis() { # AXIS NAME SETTING FUNCTION [OPTION...]
    local i=$1 name=$2 setting=$3 function=$4 value part
    shift 4
    if [ "$i" = ${#axis_names[@]} ]; then
        "$function" "$name" "${setting:-all}" "$@"
        return
    fi
    while IFS= read -r value; do
        part=$(name_part "${axis_names[i]}" "$value")
        part=${name:+$name-}$part
        walk_axis $((i + 1)) "$part" \
            "$([ "${axis_names[i]}" = seed ] && echo "$setting" || echo "$part")" \
            "$function" "$@" "--${axis_names[i]}=$value"
    done <<<"${axis_values[i]}"
}

# A run is runs/NAME.args, an argument a line: the training that it is, whatever
# runs it, so that a folder is not gone on with by other options.
add_run() { # NAME SETTING OPTION...
    local name=$1 setting=$2
    shift 2
    [[ $* != *$'\n'* ]] || usage "options of several lines are not supported"
    if [ -e "$out/runs/$name.args" ]; then
        printf '%s\n' "${train_options[@]}" "$@" |
            cmp -s - "$out/runs/$name.args" ||
            die "$out holds the run $name with other options; name another" \
                "folder with --out"
    else
        printf '%s\n' "${train_options[@]}" "$@" >"$out/runs/$name.args"
    fi
    printf '%s %s\n' "$name" "$setting" >>"$out/runs.txt.new"
}

# The list, and what all runs share: a line each of FOLDER, PROGRAM, THREADS,
# whether weights are kept, and what is varied.
make_list() {
    mkdir -p "$out/runs"
    : >"$out/runs.txt.new"
    each_run add_run
    mv "$out/runs.txt.new" "$out/runs.txt"
    printf '%s\n' "$PWD" "$program" "$threads" "$weights" "${axis_names[*]}" \
        >"$out/how.txt"
}

# --- A run ------------------------------------------------------------------

run_one() { # NAME
    local run=$out/runs/$1 how args target
    [ ! -s "$run.jsonl" ] || return 0
    mapfile -t how <"$out/how.txt"
    mapfile -t args <"$run.args"
    target=$([ "${how[3]}" = yes ] && echo "$run.safetensors" || echo /dev/null)
    rm -f "$run.checkpoint.safetensors" # of one that was stopped
    # Paths in the options mean what they meant to whoever began the sweep.
    if (cd "${how[0]}" && exec "${how[1]}" train --threads "${how[2]}" \
        "${args[@]}" --json --out "$target") >"$run.part" 2>"$run.log"; then
        mv "$run.part" "$run.jsonl"
        rm -f "$run.failed"
        echo "done: $1"
    else
        echo "exit $?" >"$run.failed"
        rm -f "$run.part"
        echo "failed: $1: $(tail -n 1 "$run.log")" >&2
        return 1
    fi
}

# By name, or by the number of a task of a job array: where there are more runs
# than an array may have tasks, each task has several.
most_tasks=1000
run_task() { # NAME | NUMBER
    local names number failed=0
    [[ $1 =~ ^[0-9]+$ ]] || { run_one "$1" && return || return 1; }
    mapfile -t names < <(cut -d ' ' -f 1 "$out/runs.txt")
    for ((number = $1; number <= ${#names[@]}; number += most_tasks)); do
        run_one "${names[number - 1]}" || failed=1
    done
    return $failed
}

# --- All runs ---------------------------------------------------------------

is_gnu_parallel() { parallel --version 2>/dev/null | grep -q 'GNU parallel'; }

run_here() {
    local each=("$0" --out "$out" --task)
    echo "$(wc -l <"$out/runs.txt") trainings, $jobs at a time, $threads" \
        "thread$([ "$threads" = 1 ] || echo s) each"
    # What failed is told at the end.
    if is_gnu_parallel; then
        cut -d ' ' -f 1 "$out/runs.txt" |
            parallel --will-cite --jobs "$jobs" --line-buffer --quote \
                "${each[@]}" || true
    else
        cut -d ' ' -f 1 "$out/runs.txt" |
            xargs -P "$jobs" -n 1 "${each[@]}" || true
    fi
}

# A word for the shell that make calls.
make_word() { printf %q "$1" | sed 's/\$/$$/g'; }

write_makefile() {
    local sweep
    sweep=$(make_word "$here/sweep.sh")
    {
        echo "# The sweep of this folder: make -j2, with -k past what fails."
        echo "RUNS := $(cut -d ' ' -f 1 "$out/runs.txt" | tr '\n' ' ')"
        # shellcheck disable=SC2016 # make is to expand it
        printf 'results.csv: $(RUNS:%%=runs/%%.jsonl)\n'
        printf '\t@%s --collect --out .\n' "$sweep"
        # shellcheck disable=SC2016
        printf 'runs/%%.jsonl:\n\t@%s --task $* --out .\n' "$sweep"
    } >"$out/Makefile"
    echo "wrote $out/Makefile; next: make -C $(printf %q "$out") -k -j$jobs"
}

write_array() { # RUNS
    local tasks=$(($1 < most_tasks ? $1 : most_tasks))
    cat <<END
#!/bin/bash
#SBATCH --job-name=mnist-sweep
#SBATCH --array=1-$tasks${jobs_given:+%$jobs_given}
#SBATCH --cpus-per-task=$threads
#SBATCH --output=runs/slurm-%a.log
exec $(printf %q "$here/sweep.sh") --out . --task "\$SLURM_ARRAY_TASK_ID"
END
}

run_on_slurm() {
    local id
    write_array "$(wc -l <"$out/runs.txt")" >"$out/array.sbatch"
    if ! has sbatch; then
        echo "wrote $out/array.sbatch; there is no sbatch here. Where there is:"
        echo "cd $(printf %q "$out") && sbatch array.sbatch, and then" \
            "scripts/sweep.sh --collect --out DIR"
        return
    fi
    cd "$out"
    id=$(sbatch --parsable array.sbatch)
    sbatch --parsable --job-name=mnist-collect --output=collect.log \
        --dependency="afterany:${id%%;*}" --wrap \
        "$(printf %q "$here/sweep.sh") --collect --out ." >collect.id
    echo "submitted array ${id%%;*}; when it is done, results.csv and" \
        "table.txt are in $out (squeue tells)"
}

# --- What came of it --------------------------------------------------------

collect() {
    local how name setting lacking=0 list=$out/finished.txt
    mapfile -t how <"$out/how.txt"
    : >"$list"
    while read -r name setting; do
        if [ -s "$out/runs/$name.jsonl" ]; then
            echo "$name $setting" >>"$list"
        else
            lacking=$((lacking + 1))
            echo "missing: $name$(tell_failure "$out/runs/$name")" >&2
        fi
    done <"$out/runs.txt"
    awk -v out="$out" -v names="${how[4]}" -f "$here/sweep.awk" "$list" \
        >"$out/table.txt"
    rm "$list"
    cat "$out/table.txt"
    echo "wrote $shown/results.csv and $shown/table.txt"
    suggest
    [ "$lacking" = 0 ] || die "$lacking of $(wc -l <"$out/runs.txt") trainings" \
        "are missing; call it again to try them again"
}

# How to ask whether two settings differ: the first and the last, of runs that
# are all there.
suggest() {
    local settings
    mapfile -t settings < <(cut -d ' ' -f 2 "$out/runs.txt" | uniq)
    [ ${#settings[@]} -lt 2 ] ||
        echo "next: mnist compare $(printf '%q %q' "$shown/${settings[0]}.jsonl" \
            "$shown/${settings[-1]}.jsonl")"
}

tell_failure() { # RUN
    [ ! -e "$1.failed" ] || echo ": $(cat "$1.failed"), $(tail -n 1 "$1.log")"
}

# --- Main -------------------------------------------------------------------

read_options "$@"
if [ -n "$task" ] || [ "$backend" = collect ]; then
    [ -e "$out/how.txt" ] || die "$out: no sweep was begun there"
    out=$(realpath -- "$out")
    shown=$out # called from elsewhere, by make or a cluster
    if [ -n "$task" ]; then run_task "$task"; else collect; fi
    exit
fi

find_program
processors=$(nproc)
jobs_given=$jobs
jobs=${jobs:-$processors}
threads=${threads:-$((processors > jobs ? processors / jobs : 1))}
mkdir -p "$out"
shown=${out%/} # as it was typed
out=$(realpath -- "$out")
make_list
case "$backend" in
local) run_here && collect ;;
makefile) write_makefile ;;
slurm) run_on_slurm ;;
esac
