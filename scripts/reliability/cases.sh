# shellcheck shell=bash disable=SC2034 # the checks use what is set here
# For the checks of reliability: the program, a scratch folder, cases that are
# counted. Source it after `set -euo pipefail`, and end with `report NAME`.

# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

: "${MNIST_BUILD:?names the folder of a build with tests}"
program=$(cd "$MNIST_BUILD" && pwd)/mnist
[ -x "$program" ] || die "no program at $program; build it first"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cases=0
failures=0

# Counts a case; what went wrong is told, nothing is good.
judge() { # WHAT FAULT
    cases=$((cases + 1))
    [ -n "$2" ] || return 0
    failures=$((failures + 1))
    printf 'FAILED: %s: %s\n' "$1" "$2"
}

# Runs a command. Leaves $status, and what it wrote in $scratch/out and err.
run() { # COMMAND...
    status=0
    # The braces keep the shell from telling that the command was killed.
    { "$@" </dev/null >"$scratch/out" 2>"$scratch/err" || status=$?; } \
        2>/dev/null
}

# One line of a failure; prints what is wrong with it.
check_message() {
    [ "$(wc -l <"$scratch/err")" = 1 ] && grep -q '^mnist: ' "$scratch/err" ||
        printf 'not one line on stderr: %s' "$(head -c 300 "$scratch/err")"
}

# Names in a folder that a save left, and no later run has removed.
strays() { # FOLDER
    find "$1" -name '.*.tmp' | head -n 3 | tr '\n' ' '
}

# Adds up what parts reported that ran in shells of their own, and shows what
# else they said.
gather() { # FILE...
    local file count faults
    for file in "$@"; do
        grep -v '^reliability:' "$file" || true
        if read -r _ _ count _ faults _ < <(grep '^reliability:' "$file"); then
            cases=$((cases + count))
            failures=$((failures + faults))
        else
            judge "$file" "it ended before its report"
        fi
    done
}

report() { # NAME
    echo "reliability: $1: $cases cases, $failures failures"
    [ "$failures" = 0 ]
}
