#!/usr/bin/env bash
# Runs every check of what the README promises about damaged files, full disks,
# kills and lack of memory, and ends with a table: promise, check, cases run,
# failures, time, and time of the processors. Fails if a check fails, or counts
# fewer cases than it should.
#
#     scripts/check-reliability.sh                      all: 15 minutes on two processors
#     scripts/check-reliability.sh --only NAME[,NAME]   some
#     scripts/check-reliability.sh --list               what there is
#
# The checks are listed in scripts/reliability/checks.txt. They use the build of
# scripts/test.sh, or that in $MNIST_BUILD if it is set. Logs lie below
# build-reliability/logs. On a busy machine, $MNIST_PATIENCE is how many seconds a
# check may take (600).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

list=scripts/reliability/checks.txt
folder=build-reliability
logs=$folder/logs
patience=${MNIST_PATIENCE:-600}

# --- The list ---------------------------------------------------------------

# By place in the list.
promises=() names=() least=() commands=() flags=()

read_list() {
    local line=0 promise name count command flag
    while IFS='|' read -r promise name count command flag; do
        line=$((line + 1))
        promise=${promise%%#*}
        [ -n "${promise// /}" ] || continue
        name=${name// /} count=${count// /} command=$(trim "$command")
        [[ $name =~ ^[a-z0-9-]+$ && $count =~ ^[0-9]+$ && -n $command ]] ||
            die "$list: line $line: expected PROMISES | NAME | LEAST CASES |" \
                "COMMAND, then perhaps | FLAGS"
        promises+=("$(trim "$promise")") names+=("$name") least+=("$count")
        commands+=("$command") flags+=("$(trim "${flag:-}")")
    done <$list
}

trim() {
    local text=$1
    text=${text#"${text%%[! ]*}"}
    printf '%s' "${text%"${text##*[! ]}"}"
}

show_list() {
    local i
    for i in "${!names[@]}"; do
        printf '%-8s  %-20s  at least %7d cases  %s\n' "${promises[i]}" \
            "${names[i]}" "${least[i]}" "${commands[i]}"
    done
}

usage() {
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
    exit "$1"
}

# Leaves only the checks named.
keep() { # NAME,NAME
    local name i wanted=",$1,"
    for name in ${1//,/ }; do
        [[ " ${names[*]} " == *" $name "* ]] ||
            die "no check is called $name; --list shows them"
    done
    for i in "${!names[@]}"; do
        [[ $wanted == *",${names[i]},"* ]] && continue
        unset "promises[i]" "names[i]" "least[i]" "commands[i]" "flags[i]"
    done
}

# --- Running ----------------------------------------------------------------

# A command may count several things and so stand in several lines; it runs once,
# and its log is named after the first.
queue() {
    local i seen=$'\n'
    for i in "${!names[@]}"; do
        [[ $seen != *$'\n'"${commands[i]}"$'\n'* ]] || continue
        seen+=${commands[i]}$'\n'
        echo "$i"
    done
}

log_of() { # PLACE
    local i
    for i in "${!names[@]}"; do
        if [ "${commands[i]}" = "${commands[$1]}" ]; then
            echo "$logs/${names[i]}"
            return
        fi
    done
}

# In the background: the log of one command; its status and its times.
run_one() { # PLACE
    local log status=0 TIMEFORMAT='%0R %0U %0S'
    log=$(log_of "$1")
    { time timeout -k 10 "$patience" bash -c "${commands[$1]}" >"$log.log" \
        2>&1 </dev/null; } 2>"$log.times" || status=$?
    echo "$status $(tail -n 1 "$log.times")" >"$log.end"
    grep '^reliability: ' "$log.log" | sed "s/^reliability: /[$SECONDS s] /" ||
        echo "[$SECONDS s] ${names[$1]}: counted nothing"
    if [ "$status" != 0 ]; then
        echo "    status $status of ${commands[$1]}, which said at the end:"
        tail -n 40 "$log.log" | sed 's/^/    /'
    fi
}

run_queue() { # PLACE...
    local most running=0 i
    for i in "$@"; do
        most=3
        [[ ${flags[i]} != *steady* ]] || most=2
        while [ "$running" -ge $most ]; do
            wait -n || true
            running=$((running - 1))
        done
        run_one "$i" &
        running=$((running + 1))
    done
    wait
}

# --- What came of it --------------------------------------------------------

faults=0
fault() {
    echo "FAILED: $*"
    faults=$((faults + 1))
}

# "CASES FAILURES" of a check, or "skipped REASON", or nothing.
counted() { # LOG NAME
    sed -nE "s/^reliability: $2: (skipped), (.*)/\1 \2/p
        s/^reliability: $2: ([0-9]+) cases, ([0-9]+) failures\$/\1 \2/p" \
        "$1.log" | tail -n 1
}

judge() { # PLACE: prints its row of the table
    local i=$1 log status seconds user system cases failures
    log=$(log_of "$i")
    read -r status seconds user system <"$log.end"
    read -r cases failures < <(counted "$log" "${names[i]}" && echo)
    if [ "$cases" = skipped ]; then
        [[ ${flags[i]} == *optional* ]] ||
            fault "${names[i]} was skipped: $failures" >&2
        row "$i" skipped - "$seconds" $((user + system))
        return
    fi
    [ "$status" = 0 ] || fault "${names[i]} ended with status $status" >&2
    if [ -z "$cases" ]; then
        fault "${names[i]} did not say how many cases it ran" >&2
    elif [ "$cases" -lt "${least[i]}" ]; then
        fault "${names[i]} ran $cases cases, expected ${least[i]} or more" >&2
    fi
    [ "${failures:-0}" = 0 ] || fault "${names[i]}: $failures failures" >&2
    row "$i" "${cases:--}" "${failures:--}" "$seconds" $((user + system))
}

row() { # PLACE CASES FAILURES SECONDS CPU-SECONDS
    printf '%-8s  %-20s  %9s  %8s  %5s s  %5s s\n' "${promises[$1]}" \
        "${names[$1]}" "$2" "$3" "$4" "$5"
}

# What a check counts must be in the list, or its floor could not be missed.
find_unlisted() {
    local name
    while read -r name; do
        grep -qE "^[^#|]*\| *$name *\|" $list || fault "$name is not in $list"
    done < <(sed -nE 's/^reliability: ([a-z0-9-]+): .*/\1/p' $logs/*.log |
        sort -u)
}

print_table() {
    local i
    printf '%-8s  %-20s  %9s  %8s  %7s  %7s\n' promise check cases failures \
        time CPU
    for i in "${!names[@]}"; do
        judge "$i"
    done
}

# --- All of it --------------------------------------------------------------

read_list
case ${1:-} in
'') ;;
--list) show_list && exit ;;
--only) keep "${2:?--only what? --list shows the names}" ;;
-h | --help) usage 0 ;;
*) usage 2 >&2 ;;
esac

heading "Compilers, CMake, cmocka, Python"
need_build_tools
need clang has clang
need libcmocka-dev compiles_cmocka
need python3 has python3
need locales test -e /usr/share/i18n/locales/de_DE
install_missing

if [ -z "${MNIST_BUILD:-}" ]; then
    heading "Build"
    MNIST_BUILD=build-tests
    build_in $MNIST_BUILD -DMNIST_BUILD_TESTS=ON
fi
MNIST_BUILD=$(cd "$MNIST_BUILD" && pwd)
BUILD=$MNIST_BUILD
export MNIST_BUILD BUILD

heading "Checks"
rm -rf $logs
mkdir -p $logs
mapfile -t places < <(queue)
run_queue "${places[@]}"

heading "Reliability"
print_table >$folder/table.txt 2>$folder/faults.txt
cat $folder/table.txt $folder/faults.txt
faults=$(wc -l <$folder/faults.txt)
find_unlisted
[ "$faults" = 0 ] || die "$faults faults; logs are in $logs"
echo "all of it held, in $SECONDS s"
