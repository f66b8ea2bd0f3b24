# shellcheck shell=bash
# For the checks in this folder: builds of their own kind, and the counting of
# cases. Source it from the repository's root after `set -euo pipefail`, and end
# with `report NAME`. A check prints what went wrong as it goes, and at the end
# the line that scripts/check-reliability.sh reads:
#
#     reliability: NAME: 120 cases, 0 failures
#
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

# Where builds and logs of the checks lie.
reliability=${MNIST_RELIABILITY:-build-reliability}
mkdir -p "$reliability"

# The build by gcc that scripts/check-reliability.sh hands on.
require_build() {
    [ -x "${MNIST_BUILD:-}/mnist" ] ||
        die "MNIST_BUILD does not name a build; run scripts/check-reliability.sh" \
            "--only $(basename "$0" .sh)"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cases=0
failures=0

# Counts a case; it fails if the command does, and then says what it was.
expect() { # WHAT COMMAND...
    local what=$1
    shift
    cases=$((cases + 1))
    if ! "$@"; then
        failures=$((failures + 1))
        echo "FAILED: $what"
    fi
}

report() { # NAME
    echo "reliability: $1: $cases cases, $failures failures"
    [ "$failures" = 0 ]
}

# For what not every machine can have: says so in the line of the check, and
# ends it. The list says whether the check may be left out.
skip() { # NAME WHY
    echo "reliability: $1: skipped, $2"
    exit 0
}

# Installs what `need` noted; false if that cannot be done here.
install_or() { # COMMAND...
    (install_missing) || "$@"
    missing=()
    hash -r
}

# A build below $reliability, quiet unless it fails. The processors are shared
# with the check that runs beside.
build_variant() { # NAME [CMAKE-OPTION...]
    local folder=$reliability/$1
    shift
    quietly cmake -S . -B "$folder" "$@"
    quietly cmake --build "$folder" --parallel "$(nproc)"
}

# Each test program of a build counts as a case.
run_tests_of() { # NAME [CTEST-OPTION...]
    local folder=$reliability/$1 log=$reliability/$1-tests.log total failed
    shift
    ctest --test-dir "$folder" --no-tests=error --label-exclude scripts \
        --no-label-summary --output-on-failure --parallel 2 "$@" >"$log" ||
        sed -n '/\*\*\*/p; /^Failed\|^The following/,$p' "$log"
    total=$(sed -n 's/.*tests failed out of \([0-9]*\).*/\1/p' "$log")
    failed=$(sed -n 's/.* \([0-9]*\) tests failed out of.*/\1/p' "$log")
    cases=$((cases + ${total:-0}))
    failures=$((failures + ${failed:-1}))
}

# Parsers: the files that read what others wrote.
parsers() { sed 's/ *#.*//; /^$/d' scripts/reliability/parsers.txt; }
