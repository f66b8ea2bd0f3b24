#!/usr/bin/env bash
# Every system call by which the program saves fails in turn, with each error
# that it may give; and at each, the program is killed or stopped. After that
# every file is the old or the new one, whole; a failure is told with exit 5,
# and nothing else is left in the folder, or after a kill nothing that the next
# run does not remove. The calls are those that strace sees a good run make.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/cases.sh
. scripts/reliability/cases.sh

need strace has strace
install_missing
strace -o /dev/null true ||
    echo "strace cannot trace here: no fault can be made"

cd "$scratch"
"$program" synth data -q --train 40 --test 10
"$program" train --data data -q --net dense:10:softmax --epochs 0 --out weights

# ---- Commands, the files they write, and their state before ----------------

train=("$program" train --data data -q --net dense:10:softmax --epochs 1
    --limit 20 --threads 1 --seed 1)

# Each sets `command` and `files`, those that are there before being "old".
over_old_files() {
    command=("${train[@]}" --checkpoint f/c --history f/h.csv --out f/o
        --report f/r.html)
    files=(f/c f/o f/r.html f/h.csv)
    printf old | tee "${files[@]}" >/dev/null
}
to_new_files() {
    command=("${train[@]}" --checkpoint f/c --out f/o)
    files=(f/c f/o)
}
through_a_link() {
    command=("${train[@]}" --out f/link)
    mkdir f/real
    ln -s real/o f/link
    files=(f/real/o)
    printf old >f/real/o
}
into_a_folder() {
    command=("$program" synth f/digits -q --train 3 --test 2)
    files=(f/digits/{train,t10k}-{images-idx3,labels-idx1}-ubyte)
}
several_exports() {
    command=("$program" export weights -q --onnx f/n --c-header f/h)
    files=(f/n f/h)
    printf old | tee "${files[@]}" >/dev/null
}

begin() { # STATE
    rm -rf f
    mkdir f
    "$1"
}

# The history tells the time; all else is the same in each run.
same() { # FILE COPY
    case $1 in
    *.csv) cmp -s <(sed 's/,[^,]*$//' "$1") <(sed 's/,[^,]*$//' "$2") ;;
    *) cmp -s "$1" "$2" ;;
    esac
}
copy_of() { echo "new/${1//\//_}"; }

is_new() { # FILE
    same "$1" "$(copy_of "$1")"
}

# The history is begun anew and grows by whole rows. The report of a training
# that was stopped is another one.
is_old() { # STATE FILE
    case $2 in
    *.html) [ "$(cat "$2")" = old ] || [ "$(tail -n 1 "$2")" = "</html>" ] ;;
    *.csv) [ ! -s "$2" ] || [ "$(cat "$2")" = old ] ||
        [ "$(head -c "$(wc -c <"$2")" "$(copy_of "$2")" | tail -c 1 |
            od -An -tx1)" = " 0a" ] ;;
    *) case $1 in
        over_old_files | through_a_link | several_exports) [ "$(cat "$2")" = old ] ;;
        *) [ ! -e "$2" ] ;;
        esac ;;
    esac
}

# Prints a file that is neither.
torn() { # STATE
    local file
    for file in "${files[@]}"; do
        is_new "$file" || is_old "$1" "$file" || echo "$file is neither old nor new"
    done
}
unfinished() {
    local file
    for file in "${files[@]}"; do
        is_new "$file" || echo "$file is not the new one"
    done
}
stray() {
    local left
    left=$(strays f)
    [ -z "$left" ] || echo "left: $left"
}

# ---- The calls of a good run ------------------------------------------------

# Reads a trace; for each call from the first that opens a file for writing on,
# prints its name, which of that name it is, and what it does:
#     create write sync close rename mode hold link, to a file that is saved;
#     drop, the close of one that was made to see whether one can be;
#     - for all others
# An older C library has other names for some calls, so none is asked for.
name_calls() {
    awk '
    { name = $0; sub(/\(.*/, "", name); nth[name]++
      fd = $0; sub(/^[a-z0-9_]*\(/, "", fd); sub(/[,)].*/, "", fd)
      result = $0; sub(/.* = /, "", result); sub(/ .*/, "", result) }
    !/^[a-z0-9_]+\(/ { next }
    { does = "-" }
    name == "openat" && /O_CREAT/ { does = "create"; begun = 1; open[result] }
    name == "readlink" && begun { does = "link" }
    fd in open && name == "write" { does = "write"; written[fd] }
    fd in open && name == "fsync" { does = "sync" }
    fd in open && name == "fchmod" { does = "mode" }
    fd in open && /F_DUPFD/ { does = "hold" }
    fd in open && name == "close" {
        does = fd in written ? "close" : "drop"
        delete open[fd]
        delete written[fd]
    }
    !(fd in open) && name == "fsync" { does = "syncfolder" }
    name == "rename" { does = "rename" }
    begun && name != "exit_group" { print name, nth[name], does }
    '
}

# Which errors what is done may meet; those behind "+" must not matter.
errors_of() { # DOES
    case $1 in
    create) echo ENOSPC EMFILE EIO EROFS + EINTR ;;
    write) echo ENOSPC EIO EDQUOT + EINTR ;;
    sync) echo EIO ENOSPC + EINTR ;;
    syncfolder) echo EIO + EINVAL EINTR ;;
    close) echo EIO ENOSPC + EINTR ;;
    drop) echo + EIO ENOSPC EINTR ;;
    rename) echo EXDEV EIO EACCES ;;
    mode) echo EPERM ;;
    hold) echo EMFILE ;;
    link) echo EIO ;;
    esac
}

# ---- What is done at each ---------------------------------------------------

# The file is synced before it gets its name, its folder afterwards. Before the
# work, a file for each is made and dropped.
check_order() { # STATE
    local order
    order=$(awk '
        name != "" { }
        /O_CREAT\|O_EXCL/ { split($0, r, " = "); fd = r[2] + 0; printf "O" }
        index($0, "write(" fd ",") == 1 && fd { printf "W" }
        index($0, "fsync(" fd ")") == 1 { printf fd ? "S" : "" ; next }
        index($0, "close(" fd ")") == 1 && fd { printf "C"; fd = 0 }
        /^rename\(/ { printf "R" }
        /^fsync\(/ { printf "D" }' trace)
    if [[ $order =~ ^(OC)*(OW+SCRD)+$ ]]; then
        judge "$1: order of calls" ""
    else
        judge "$1: order of calls" "$order"
    fi
}

inject() { # WHAT NAME NTH
    run strace -o "$scratch/log" -e "inject=$2:$1:when=$3" "${command[@]}"
    [ "${1%%=*}" = signal ] || grep -q INJECTED "$scratch/log" ||
        judge "$2 $3" "no such call: this run differs from the first"
}

fail_call() { # STATE NAME NTH ERROR MATTERS
    local fault
    begin "$1"
    inject "error=$4" "$2" "$3"
    fault=$(torn "$1")$(stray)
    if [ "$5" = yes ]; then
        [ "$status" = 5 ] || fault+=" exit $status"
        fault+=$(check_message)
    else
        [ "$status" = 0 ] || fault+=" exit $status"
        fault+=$(unfinished)
    fi
    judge "$1: $2 $3 $4" "$fault"
}

fail_call_each_way() { # STATE NAME NTH DOES
    local error matters=yes
    for error in $(errors_of "$4"); do
        if [ "$error" = + ]; then
            matters=no
        else
            fail_call "$1" "$2" "$3" "$error" $matters
        fi
    done
}

# The same command again puts all in order; digits overwrite nothing, so what
# was there must go first.
kill_at_call() { # STATE NAME NTH
    local fault
    begin "$1"
    inject signal=KILL "$2" "$3"
    fault=$(torn "$1")
    [ "$status" = 137 ] || fault+=" status $status"
    [ "$1" != into_a_folder ] || rm -f "${files[@]}"
    run "${command[@]}"
    [ "$status" = 0 ] || fault+=" the next run: exit $status"
    fault+=$(unfinished)$(stray)
    judge "$1: killed at $2 $3" "$fault"
}

# A training notes the signal, finishes what it is saving, and ends by it.
stop_at_call() { # STATE NAME NTH
    local fault signal number
    for signal in INT:130 TERM:143; do
        number=${signal#*:}
        begin "$1"
        inject "signal=${signal%:*}" "$2" "$3"
        fault=$(torn "$1")$(stray)
        [ "$status" = "$number" ] || [ "$status" = 0 ] ||
            fault+=" status $status"
        judge "$1: ${signal%:*} at $2 $3" "$fault"
    done
}

trace_well() { # STATE
    local file
    begin "$1"
    strace -o trace "${command[@]}"
    mkdir -p new
    for file in "${files[@]}"; do
        cp "$file" "$(copy_of "$file")"
    done
    check_order "$1"
}

for state in over_old_files to_new_files through_a_link into_a_folder \
    several_exports; do
    trace_well $state
    while read -r name nth does; do
        fail_call_each_way $state "$name" "$nth" "$does"
        kill_at_call $state "$name" "$nth"
        case $state in
        # Only a training waits for the end of a save.
        over_old_files | to_new_files) stop_at_call $state "$name" "$nth" ;;
        esac
    done < <(name_calls <trace)
done

report save-faults
