#!/usr/bin/env bash
# Kills trainings that save after each short epoch, 1,000 times at moments by
# chance. Each goes on where the one before was killed; after each kill the
# checkpoint is whole, and in the end the weights and the history are those of a
# training that nobody killed. Then 8 processes save to one name at once, and
# some of them are killed, too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/cases.sh
. scripts/reliability/cases.sh
cd "$scratch"

KILLS=1000 LANES=2 ROUNDS=100 WRITERS=8

"$program" synth data -q --train 40 --test 10
train=("$program" train --data data -q --net dense:10:softmax --limit 20
    --threads 1)

# ---- One that is killed again and again -------------------------------------

start_or_go_on() { # EPOCHS
    if [ -e checkpoint ]; then
        command=("$program" train --data ../data -q --threads 1
            --resume checkpoint)
    else
        command=("${train[@]}" --data ../data --checkpoint checkpoint)
    fi
    command+=(--epochs "$1" --history history.csv --out weights)
}

kill_once() {
    local pause process
    start_or_go_on 1000000
    "${command[@]}" 2>errors &
    process=$!
    printf -v pause '0.%06d' $((RANDOM % 50 * 1000 + RANDOM % 1000))
    sleep "$pause"
    kill -KILL $process 2>/dev/null || true # it ended by itself
    { wait $process || status=$?; } 2>/dev/null
}

# What is wrong after a kill.
look() {
    local left
    [ "$status" = 137 ] || echo " status $status: $(cat errors)"
    [ ! -e weights ] || echo " weights are there"
    if [ -e checkpoint ]; then
        run "$program" info checkpoint
        [ "$status" = 0 ] || cat "$scratch/err"
    fi
    [ ! -s history.csv ] || [ "$(tail -c 1 history.csv | od -An -tx1)" = " 0a" ] ||
        echo " half a row"
    # The next save of a file clears what one of it left, and only that.
    left=$(find . -name '.*.tmp' | sed 's/[0-9.]*\.tmp$//' | sort | uniq -d)
    [ -z "$left" ] || echo " left: $(strays .)"
}

rows() { sed 's/,[^,]*$//' "$1"; }

# In a folder of its own; `scratch` is where `run` keeps what was said.
lane() { # NAME
    local i epochs hits=0 fault
    mkdir "$1"
    cd "$1"
    scratch=$PWD/said
    mkdir "$scratch"
    for ((i = 0; i < KILLS / LANES; i++)); do
        kill_once
        [ -z "$(strays .)" ] || hits=$((hits + 1))
        judge "kill $i" "$(look)"
    done
    epochs=$(sed -n '$s/,.*//p' history.csv)
    start_or_go_on $((epochs + 3))
    run "${command[@]}"
    fault=$(cat "$scratch/err")
    run "${train[@]}" --data ../data --epochs $((epochs + 3)) --out whole \
        --history whole.csv
    cmp weights whole || fault+=" other weights"
    cmp <(rows history.csv) <(rows whole.csv) || fault+=" another history"
    fault+=$(strays .)
    judge "$1, after $epochs epochs" "$fault"
    echo "$1: $hits of $((KILLS / LANES)) kills hit a save, $epochs epochs"
    report "$1"
}

# ---- Many at once -----------------------------------------------------------

write_at_once() { # ROUND
    local i processes=() fault=""
    for ((i = 0; i < WRITERS; i++)); do
        "${train[@]}" --epochs 0 --seed "$i" --out shared/weights 2>>errors &
        processes+=($!)
    done
    # In every other round, two of them are killed.
    [ $(($1 % 2)) = 0 ] || kill -KILL "${processes[RANDOM % 4]}" \
        "${processes[4 + RANDOM % 4]}" 2>/dev/null || true
    { for i in "${processes[@]}"; do
        status=0
        wait "$i" || status=$?
        [ "$status" = 0 ] || [ "$status:$(($1 % 2))" = 137:1 ] ||
            fault+=" exit $status: $(cat errors)"
    done; } 2>/dev/null
    status=1
    for ((i = 0; i < WRITERS; i++)); do
        ! cmp -s shared/weights "alone/$i" || status=0
    done
    [ "$status" = 0 ] || fault+=" weights that none of them wrote"
    [ $(($1 % 2)) = 1 ] || fault+=$(strays shared)
    judge "round $1" "$fault"
}

all_at_once() {
    mkdir shared alone
    local i
    for ((i = 0; i < WRITERS; i++)); do
        "${train[@]}" --epochs 0 --seed "$i" --out "alone/$i"
    done
    cp alone/0 shared/weights
    for ((i = 1; i <= ROUNDS; i++)); do
        write_at_once "$i"
    done
}

for ((i = 0; i < LANES; i++)); do
    lane "lane$i" >"said$i" 2>&1 &
done
wait
gather said*
all_at_once
report kills
