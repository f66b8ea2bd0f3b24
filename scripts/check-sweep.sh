#!/usr/bin/env bash
# Runs one small sweep in each of the ways of scripts/sweep.sh: GNU parallel,
# xargs, make, and a job array on a Slurm of one node, which is set up here below
# the build folder and stopped at the end. All must give the same figures. Needs
# root for Slurm; where it cannot start, a line says so, and the rest is checked.
#
#     scripts/check-sweep.sh [PROGRAM]       build/mnist if none is named
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

help_if_asked "$@"
program=$(program_at "${1:-}")
need parallel has parallel
need make has make
need slurmctld has slurmctld
need slurmd has slurmd
need slurm-client has sbatch
need munge has munged
install_missing

sweep=$PWD/scripts/sweep.sh
folder=$(realpath -- "$(dirname "$program")")/check-sweep
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"
started=()

stop_slurm() {
    local process
    for process in "${started[@]}"; do
        kill "$process" 2>/dev/null || continue
        wait "$process" 2>/dev/null || true
    done
    started=()
}
secret=
trap 'stop_slurm; rm -rf "$secret"' EXIT

# --- A Slurm of one node ----------------------------------------------------

# A port that nobody listens on.
free_port() {
    local port
    for port in $(shuf -i 20000-60000 -n 50); do
        (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port" && return; }
    done
    return 1
}

write_config() {
    cat >slurm.conf <<END
ClusterName=check
SlurmctldHost=localhost
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$socket
CredType=cred/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0
ReturnToService=2
MpiDefault=none
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP
END
}

# Waits until a command succeeds, half a minute at most.
await() { # COMMAND...
    local i
    for ((i = 0; i < 300; i++)); do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.1
    done
    return 1
}

start() { # COMMAND...
    "$@" >>start.log 2>&1 &
    started+=($!)
}

is_idle() { sinfo --noheader --format %T | grep -qx idle; }

# munge wants folders that nobody else can write to; a socket's path is short.
start_slurm() {
    [ "$(id -u)" = 0 ] || { echo "not root" >start.log && return 1; }
    secret=$(mktemp -d)
    socket=$secret/munge
    chmod 755 "$secret"
    mkdir state spool
    (umask 077 && head -c 1024 /dev/urandom >"$secret/key")
    start munged --foreground --force --num-threads=2 --socket="$socket" \
        --key-file="$secret/key" --pid-file="$secret/pid" \
        --seed-file="$secret/seed" --log-file="$secret/log"
    await test -S "$socket" || return 1
    write_config
    export SLURM_CONF=$folder/slurm.conf
    start slurmctld -D -i
    await scontrol ping || return 1
    start slurmd -D
    await is_idle
}

# --- The same sweep, four times ---------------------------------------------

"$program" synth data --train 300 --test 100 --quiet
grid() { # FOLDER [OPTION...]
    show_quietly "$sweep" --program "$program" --seeds 1:3 --lr 0.001,0.01 \
        --out "$@" -- --data data --net "dense:16:relu,dense:10:softmax" \
        --epochs 2
}

without_parallel() {
    local path=$folder/path tool
    mkdir "$path"
    for tool in /usr/local/bin /usr/bin /bin; do
        ln -sf "$tool"/* "$path" 2>/dev/null || true
    done
    rm "$path/parallel"
    PATH=$path grid by-xargs
    rm -r "$path"
}

figures() { # FOLDER: the CSV without its time
    cut -d , -f 1-3,5- "$1/results.csv"
}
same_as_before() { # FOLDER
    local rows
    rows=$(wc -l <"$1/results.csv")
    [ "$rows" = 7 ] || die "$1/results.csv: $rows lines, expected 7"
    cmp <(figures by-parallel) <(figures "$1") ||
        die "$1/results.csv differs from by-parallel/results.csv"
}

grid by-parallel
same_as_before by-parallel
without_parallel
same_as_before by-xargs
grid by-make --makefile
show_quietly make -C by-make -j2
same_as_before by-make
ways="GNU parallel, xargs, make"

if start_slurm; then
    grid by-slurm --slurm
    await test -s by-slurm/table.txt || { cat by-slurm/runs/*.log slurm*.log &&
        die "Slurm did not end the array"; }
    await cmp -s by-slurm/table.txt by-parallel/table.txt || true
    same_as_before by-slurm
    [ "$(find by-slurm/runs -name 'slurm-*.log' | wc -l)" = 6 ] ||
        die "the array did not have 6 tasks"
    ways+=", Slurm $(sinfo --version | cut -d ' ' -f 2)"
else
    echo "Slurm cannot start here ($(tail -n 1 start.log)); the rest holds"
fi
stop_slurm
cat by-parallel/table.txt
echo "the same figures by $ways"
rm -rf "$folder"
