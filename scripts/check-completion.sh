#!/usr/bin/env bash
# Completion as a person has it: in bash, zsh and fish themselves, on a terminal
# (tmux), with the files that `cmake --install` puts where they look for them.
#
#     scripts/check-completion.sh [BUILD]     BUILD is build-install by default
#
# Installs the shells and tmux where they are missing (Debian, Ubuntu).
# shellcheck disable=SC2317 # functions are called through `check`
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
build=${1:-build-install}

heading "Shells"
need_build_tools
need tmux has tmux
need zsh has zsh
need fish has fish
need bash-completion [ -e /usr/share/bash-completion/bash_completion ]
install_missing
[ $# != 0 ] || build_in "$build"
show_quietly cmake --build "$build" --parallel "$(nproc)"

# shellcheck source=tests/support/shell.sh
. tests/support/shell.sh
set +e
export HOME=$scratch/home XDG_CONFIG_HOME='' XDG_CACHE_HOME=''
prefix=$scratch/usr
mkdir -p "$HOME/data/mnist" "$HOME/my pictures"
touch "$HOME/my digit.idx" "$HOME/mnist.safetensors"
DESTDIR='' quietly cmake --install "$build" --prefix "$prefix" ||
    die "cmake --install $build failed: see above"

# --- A shell on a terminal --------------------------------------------------

terminal() { tmux -L "mnist-$$" -f /dev/null "$@"; }
end_terminals() {
    terminal kill-server 2>/dev/null
    end_scratch
}
trap end_terminals EXIT

start_shell() { # COMMAND...: with $ as the prompt, where files are at hand
    terminal kill-session -t shell 2>/dev/null
    terminal new-session -d -s shell -x 200 -y 90 -c "$HOME" env \
        -u MNIST_DATA PATH="$prefix/bin:$PATH" LC_ALL=C.UTF-8 \
        XDG_DATA_DIRS="$prefix/share:/usr/share" TERM=screen "$@"
    wait_for '^\$ *$' || die "$1 does not start: $output"
}

# Waits until the screen, left in $output, holds a line like that.
wait_for() { # PATTERN
    local try
    for ((try = 0; try < 200; try++)); do
        output=$(terminal capture-pane -p -t shell) status=$?
        ! grep -qE -- "$1" <<<"$output" || return 0
        sleep 0.05
    done
    return 1
}

# An empty line on an empty screen.
clean() {
    local try
    terminal send-keys -t shell C-u C-l
    for ((try = 0; try < 200; try++)); do
        output=$(terminal capture-pane -p -t shell | grep .)
        [[ $output != '$' && $output != '$ ' ]] || return 0
        sleep 0.05
    done
}

# Types the text and tabs, and looks for a line like that.
becomes() { # PATTERN TABS TEXT
    clean
    terminal send-keys -t shell -l "$3"
    local i
    for ((i = 0; i < $2; i++)); do
        terminal send-keys -t shell Tab
    done
    wait_for "$1"
}

# What all three must do, each in its own manner.
check_shell() { # SHELL
    check "$1: a command" becomes '^\$ mnist predict *$' 1 "mnist pred"
    check "$1: an option" becomes '^\$ mnist train --net[ =]?' 1 \
        "mnist train --ne"
    check "$1: a network" becomes '^\$ mnist train --net lenet' 1 \
        "mnist train --net le"
    check "$1: a network after =" becomes '^\$ mnist train --net=lenet' 1 \
        "mnist train --net=le"
    check "$1: kernels" becomes '(^| )portable( |$)' 2 \
        "mnist train --kernel "
    check "$1: a choice" becomes '^\$ mnist eval --color never' 1 \
        "mnist eval --color n"
    check "$1: a file" becomes '^\$ mnist eval --weights mnist\.safetensors' 1 \
        "mnist eval --weights mn"
    check "$1: a file after the letter" \
        becomes '^\$ mnist eval -w mnist\.safetensors' 1 "mnist eval -w mn"
    check "$1: a file with a space" becomes '^\$ mnist show my\\ digit\.idx' 1 \
        "mnist show my\\ d"
    check "$1: a folder" becomes '^\$ mnist train --data data/' 1 \
        "mnist train --data da"
    check "$1: folders only" becomes '^\$ mnist synth my\\ pictures/' 1 \
        "mnist synth my"
    check "$1: help for a command" becomes '^\$ mnist help synth' 1 \
        "mnist help sy"
    check "$1: a shell" becomes '^\$ mnist generate zsh' 1 "mnist generate z"
    local command
    for command in $(mnist_commands); do
        check "$1: all options of $command" all_options "$command"
    done
}

mnist_commands() {
    "$prefix/bin/mnist" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'
}
options_of() { # COMMAND
    "$prefix/bin/mnist" "$1" --help |
        sed -nE 's/^ {2,6}(-., )?(--[a-z-]+).*/\2/p'
}
all_options() { # COMMAND
    local option
    becomes '--no-color' 2 "mnist $1 --" || return 1
    for option in $(options_of "$1"); do
        wait_for "(^|[ ,(])$option([ ,)=]|\$)" || return 1
    done
}

# --- Each of them -----------------------------------------------------------

heading "bash $BASH_VERSION"
cat >"$scratch/bashrc" <<'END'
PS1='$ '
bind 'set page-completions off' 'set completion-query-items 0' \
    'set enable-bracketed-paste off'
. /usr/share/bash-completion/bash_completion
END
start_shell bash --rcfile "$scratch/bashrc" -i
check_shell bash

heading "bash without bash-completion"
cat >"$scratch/bashrc" <<'END'
PS1='$ '
bind 'set page-completions off' 'set completion-query-items 0'
. <(mnist generate bash)
END
start_shell bash --rcfile "$scratch/bashrc" -i
check_shell bash

heading "$(zsh --version)"
cat >"$HOME/.zshrc" <<END
PS1='$ ' LISTMAX=1000
unsetopt prompt_sp
fpath=($prefix/share/zsh/site-functions \$fpath)
autoload -Uz compinit
compinit -u
END
start_shell zsh -i
check_shell zsh

heading "zsh, evaluated"
cat >"$HOME/.zshrc" <<'END'
PS1='$ ' LISTMAX=1000
unsetopt prompt_sp
autoload -Uz compinit
compinit -u
source <(mnist generate zsh)
END
start_shell zsh -i
check "zsh: an option" becomes '^\$ mnist train --net' 1 "mnist train --ne"

heading "$(fish --version)"
mkdir -p "$HOME/.config/fish"
cat >"$HOME/.config/fish/config.fish" <<'END'
function fish_prompt; echo '$ '; end
function fish_right_prompt; end
set -g fish_greeting
set -g fish_autosuggestion_enabled 0
END
start_shell fish -i
check_shell fish
finish
