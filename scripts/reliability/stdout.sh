#!/usr/bin/env bash
# What cannot be written to standard output is told: to a full device, and with
# each write and the close failing in turn. A reader that leaves is no failure:
# the command ends quietly, and train goes on and saves the same weights.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/cases.sh
. scripts/reliability/cases.sh

need strace has strace
install_missing
cd "$scratch"

"$program" synth data -q --train 100 --test 500
train="train --data data --net dense:10:softmax --limit 100 --threads 1"
# shellcheck disable=SC2086 # words
"$program" $train --json --out w >runs

images=data/t10k-images-idx3-ubyte
commands=(
    "--help" "--version" "help predict" "generate man" "generate bash"
    "synth new --train 2 --test 2"
    "eval w --data data --threads 1" "eval w --data data --confusion --json"
    "eval w --data data --per-class --mistakes 5"
    "predict -w w $images --threads 1" "predict -w w $images --json --index 0:9"
    "show $images" "info w $images" "info w --json" "info --nets"
    "compare runs runs" "compare runs runs --json"
    "export w --npz -" "export w --c-header -"
    "$train -q --json --out o" "$train --verbose 0 --out o"
)

# Runs a command by its words; standard output goes where `to` says. What runs
# before it are the words of `under`.
run_words() { # WORDS
    local words
    read -ra words <<<"$1"
    rm -rf new o
    status=0
    { "${under[@]}" "$program" "${words[@]}" >"$to" 2>err || status=$?; } \
        2>/dev/null
}

# Of a training that told nothing on the way, the weights are there.
weights() { # WORDS
    [[ $1 != train* ]] || cmp o w 2>&1
}

# Exit 5; the last line tells why. A training said before that it goes on.
told() { # WORDS
    local most=1
    [[ $1 != *"-q --json --out o" ]] || most=2
    [ "$status" = 5 ] || echo " exit $status"
    [ "$(wc -l <err)" -le $most ] || echo " $(wc -l <err) lines on stderr"
    tail -n 1 err | grep -q '^mnist: standard output: cannot write: ' ||
        echo " stderr: $(head -c 300 err)"
    weights "$1"
}

# For each write to standard output and its close, which of its name it is.
calls_on_output() {
    awk '{ name = $0; sub(/\(.*/, "", name); nth[name]++ }
        /^(write|close)\(1[,)]/ { print name, nth[name] }' trace
}

fail_each_call() { # WORDS
    local name nth
    to=out under=(strace -o trace)
    run_words "$1"
    while read -r name nth; do
        under=(strace -o log -e "inject=$name:error=EIO:when=$nth")
        run_words "$1"
        judge "mnist $1: $name $nth" "$(told "$1")"
    done < <(calls_on_output)
}

# A person who looks at the first line: the shell sees SIGPIPE, or nothing.
leave_early() { # WORDS
    local words fault="" ends
    read -ra words <<<"$1"
    rm -rf new o
    { "$program" "${words[@]}" 2>err || echo $? >ends; } | head -n 1 >/dev/null
    ends=$(cat ends 2>/dev/null || echo 0)
    rm -f ends
    case $ends:$1 in
    0:* | 141:[!t]*) ;;
    *) fault="exit $ends" ;;
    esac
    [[ $1 == train* ]] || [ ! -s err ] || fault+=" $(cat err)"
    [ "$(wc -l <err)" -le 1 ] || fault+=" more than one line"
    judge "mnist $1 | head -n 1" "$fault$(weights "$1")"
}

for words in "${commands[@]}"; do
    to=/dev/full under=(env)
    run_words "$words"
    judge "mnist $words >/dev/full" "$(told "$words")"
    fail_each_call "$words"
    leave_early "$words"
done
report stdout
