# shellcheck shell=bash disable=SC2034 # the tests use what is set here
# For tests in bash: a scratch folder, checks that are counted, and a machine
# that lacks some programs. Source it, and end with `finish`.

scratch=$(mktemp -d)
failures=0
servers=()

end_scratch() {
    [ ${#servers[@]} = 0 ] || kill "${servers[@]}" 2>/dev/null
    rm -rf "$scratch"
}
trap end_scratch EXIT

finish() {
    [ "$failures" = 0 ] || echo "$failures checks failed"
    exit $((failures > 0))
}

# Runs a command as the user would; a hang is a failure. Leaves $status, and
# both streams in $output.
run() { # COMMAND...
    status=0
    output=$(timeout "${patience:-120}" "$@" 2>&1 </dev/null) || status=$?
}

check() { # WHAT CONDITION...
    local what=$1
    shift
    if "$@"; then
        echo "ok: $what"
    else
        failures=$((failures + 1))
        printf 'FAILED: %s (%s)\nstatus %s, output:\n%s\n' "$what" "$*" \
            "$status" "$output"
    fi
}

exits() { [ "$status" = "$1" ]; }
says() { [[ $output == *"$1"* ]]; }
silent_on() { [[ $output != *"$1"* ]]; }
is_missing() { [ ! -e "$1" ]; }

# A PATH with all the programs of this machine but those named.
path_without() { # TOOL...
    local folder tool
    folder=$(mktemp -d -p "$scratch" path.XXXX)
    for tool in /usr/local/bin /usr/bin /bin; do
        ln -sf "$tool"/* "$folder" 2>/dev/null || true
    done
    for tool in "$@"; do
        rm -f "$folder/$tool"
    done
    echo "$folder"
}

everything=$PATH
asked=$scratch/asked # of the stand-in for apt-get

# A machine that lacks the programs named; apt-get uncovers them.
machine_without() { # PROGRAM...
    local path
    PATH=$everything
    path=$(path_without "$@" apt-get sudo id)
    put "$path/id" 'echo 0'
    put "$path/apt-get" "
        echo \"apt-get \$* [\${DEBIAN_FRONTEND:-}]\" >>'$asked'
        [ \"\$1\" = install ] || exit 0
        for package in \$*; do
            [ \$package != gcc ] || ln -sf '$(command -v gcc)' '$path/cc'
            program=\$(PATH='$everything' command -v -- \$package) || continue
            ln -sf \"\$program\" '$path'
        done"
    : >"$asked"
    PATH=$path
}

put() { # FILE BODY
    rm -f "$1"
    printf '#!/bin/bash\n%s\n' "$2" >"$1"
    chmod +x "$1"
}

# Serves a folder in the manners of mirror.py; sets $port, and logs to $log.
start_mirror() { # FOLDER
    log=$scratch/requests
    : >"$log"
    python3 "$(dirname "${BASH_SOURCE[0]}")/mirror.py" "$1" "$log" \
        >"$scratch/port" &
    servers+=($!)
    until [ -s "$scratch/port" ] || ! kill -0 "${servers[-1]}"; do
        sleep 0.05
    done
    port=$(cat "$scratch/port")
    export no_proxy=127.0.0.1 NO_PROXY=127.0.0.1
}
