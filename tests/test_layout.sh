#!/usr/bin/env bash
# scripts/check-layout.sh: this source passes, and each kind of fault is found.
# shellcheck disable=SC2317 # functions are called through `check`
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/support/shell.sh
. "$here/support/shell.sh"
check_layout=$here/../scripts/check-layout.sh

run "$check_layout"
check "this source" exits 0

# A source with one file in each folder that matters, and one line in FILE.
source_with() { # FILE LINE
    local root
    root=$(mktemp -d -p "$scratch" root.XXXX)
    mkdir -p "$root"/src/{base,kernels/x86,layers,model,data,training} \
        "$root"/src/{pages,cli/{text,results,odd},util} "$root/include/mnist"
    echo '#include <mnist/error.h>' >"$root/include/mnist/network.h"
    touch "$root/src/model/network.c" "$root/src/data/batch.c"
    echo '#include <mnist.h>' >"$root/src/cli/main.c"
    echo '#include "base/memory.h"' >"$root/src/training/train.c"
    echo "$2" >>"$root/$1"
    run "$check_layout" "$root"
}

accepts() { # FILE LINE
    source_with "$@"
    check "accepts $2 in $1" exits 0
}

refuses() { # FILE LINE
    source_with "$@"
    check "refuses $2 in $1" exits 1
    check "  names the file" says "$1:"
}

accepts src/kernels/x86/tile.c '#include "kernels/kernels.h"'
accepts src/training/train.c '#include <mnist/network.h>'
accepts src/pages/a.c '#include <mnist/network.h>'
accepts include/mnist/network.h '#include <mnist/batch.h>'
accepts src/cli/main.c '#include "cli/options/command.h"'
accepts src/cli/results/a.c '#include "cli/text/json.h"'
accepts src/base/a.c '    fgets(line, n, f); snprintf(b, n, f);'

refuses src/base/a.c '#include "kernels/kernels.h"'
refuses src/base/a.c '# include <mnist/network.h>'
refuses src/data/a.c '#include "model/safetensors.h"'
refuses src/model/a.c '#include "data/gunzip.h"'
refuses src/layers/a.c '#include <mnist/network.h>'
refuses src/layers/a.c '#include "layer.h"'
refuses src/model/a.c '#include <mnist.h>'
refuses src/training/a.c '#include "pages/texts.h"'
refuses src/cli/main.c '#include "pages/texts.h"'
refuses src/cli/main.c '#include <mnist/network.h>'
refuses src/cli/main.c '#include "base/memory.h"'
refuses src/cli/text/a.c '#include "cli/results/a.h"'
refuses src/cli/text/a.c '#include <mnist/network.h>'
refuses src/cli/text/a.c '#include "cli/main.h"'
refuses src/cli/odd/a.c '#include "cli/odd/a.h"'
refuses src/util/a.c '#include "util/a.h"'
refuses include/mnist/error.h '#include <mnist/network.h>'
refuses src/base/a.c '    sprintf(b, f);'
refuses src/data/a.c '    p = mmap(0, n, 1, 1, fd, 0);'
finish
