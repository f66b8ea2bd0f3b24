#!/usr/bin/env bash
# Makes the pictures of README.md from the program itself: a training and
# predictions in a terminal, a report, the page to draw on.
#
#     scripts/make-screens.sh DATA [PROGRAM]     DATA holds the real MNIST;
#                                                PROGRAM is build/mnist by default
#
# They go to data/screens. Installs tmux, Chromium and its driver if they are
# missing (Debian, Ubuntu).
set -euo pipefail
called_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
root=$PWD

[ $# -gt 0 ] || set -- --help
help_if_asked "$@"
data=$(cd "$called_from" && realpath "$1")
program=$(cd "$called_from" && realpath "${2:-$root/build/mnist}")
[ -d "$data" ] || die "no folder at $data"
[ -x "$program" ] || die "no program at $program; build it, or name another"

need tmux has tmux
need chromium has chromium
need chromium-driver has chromedriver
need fonts-dejavu-core test -e /usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf
need python3 has python3
install_missing

work=$(mktemp -d)
clean_up() {
    tmux -L mnist-screens kill-server 2>/dev/null && sleep 0.5
    rm -rf "$work"
}
trap clean_up EXIT
mkdir -p "$work/data" data/screens
ln -s "$data" "$work/data/mnist"
ln -s "$program" "$work/mnist"

columns=96
on_screen() { tmux -L mnist-screens "$@"; }

# Types commands into a new terminal and keeps what stands there in the end.
film() { # NAME LINES COMMAND...
    local name=$1 lines=$2 command
    shift 2
    on_screen -f /dev/null new-session -d -s "$name" -x $columns -y "$lines" \
        "cd $work && env -i PATH=$work:$PATH HOME=$work LANG=C.UTF-8 \
        TERM=tmux-256color COLORTERM=truecolor PS1='\$ ' bash --norc"
    sleep 1
    for command in "$@"; do
        on_screen send-keys -t "$name" "$command" Enter
        await_prompt "$name"
    done
    on_screen capture-pane -e -N -p -t "$name" >"$work/$name.text"
}

# The prompt is back when the last line that holds anything is "$ ".
await_prompt() { # NAME
    local i
    for ((i = 0; i < 600; i++)); do
        sleep 0.1
        [ "$(on_screen capture-pane -p -t "$1" | grep -v '^$' | tail -n 1)" \
            != '$' ] || return 0
    done
    die "the command on the screen $1 did not end"
}

heading "Terminal"
film train 31 'mnist train --validation-split 0.1 --plot --report report.html'
film predict 34 'mnist predict data/mnist/t10k-images-idx3-ubyte --index 8' \
    'mnist eval --confusion'
python3 scripts/screens.py $columns "$work/train.text" \
    data/screens/train.png "$work/predict.text" data/screens/predict.png

heading "Pages"
show_quietly "$program" export "$work/mnist.safetensors" --html "$work/draw.html"
python3 - "$work" "$root/data/screens" <<'END'
import pathlib, sys
sys.path.insert(0, "scripts")
from webdriver import Browser

work, to = map(pathlib.Path, sys.argv[1:])
with Browser() as browser:
    browser.screen(1000, 860)
    browser.open((work / "report.html").as_uri())
    browser.screenshot(to / "report.png")
    browser.screen(1000, 640)
    browser.open((work / "draw.html").as_uri())
    box = browser.run("const b = document.querySelector('canvas')"
                      ".getBoundingClientRect();"
                      "return [b.x, b.y, b.width, b.height]")
    def at(x, y):
        return box[0] + x * box[2], box[1] + y * box[3]
    browser.strokes([[at(*p) for p in (
        (.34, .26), (.45, .21), (.58, .24), (.63, .33), (.58, .43), (.46, .49),
        (.58, .53), (.65, .63), (.61, .75), (.49, .81), (.34, .76))]])
    browser.run("return new Promise(done => setTimeout(done, 300))")
    browser.screenshot(to / "draw.png")
END
ls -l data/screens
