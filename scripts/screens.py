#!/usr/bin/env python3
"""Makes a picture of what stands on a terminal, from the text of
`tmux capture-pane -e`:  screens.py COLUMNS TEXT PNG [TEXT PNG]...

Blocks are drawn as backgrounds, so that no font leaves gaps in a picture.
"""

import html
import pathlib
import re
import sys
import tempfile

from webdriver import Browser

FONT, CELL, LINE = 16, 9.633, 20  # pixels; DejaVu Sans Mono is .602 wide
INK, PAPER = "#d8dee9", "#12161f"
NAMED = ["#3b4252", "#e0606c", "#8fc07c", "#e6c07a", "#6fa8e8", "#b48ead",
         "#5fc0c8", "#d8dee9"]
LEFT, LOWER = "▏▎▍▌▋▊▉", "▁▂▃▄▅▆▇"  # eighths of a cell
LEVELS = [0, 95, 135, 175, 215, 255]


def of_256(number):
    """A colour of the 256-colour palette."""
    if number < 16:
        return NAMED[number % 8]
    if number >= 232:
        return "rgb({0},{0},{0})".format(8 + 10 * (number - 232))
    number -= 16
    return "rgb({},{},{})".format(LEVELS[number // 36],
                                  LEVELS[number // 6 % 6],
                                  LEVELS[number % 6])


def apply(style, codes):
    """What a sequence "ESC [ codes m" makes of a style."""
    codes = [int(code or 0) for code in codes.split(";")]
    while codes:
        code = codes.pop(0)
        if code == 0:
            style = {}
        elif code in (38, 48):
            which = "ink" if code == 38 else "paper"
            if codes.pop(0) == 5:
                color = of_256(codes.pop(0))
            else:
                color = "rgb({},{},{})".format(*codes[:3])
                del codes[:3]
            style = {**style, which: color}
        elif code in (39, 49):
            style = {**style, "ink" if code == 39 else "paper": None}
        elif code == 1:
            style = {**style, "bold": True}
        elif code == 2:
            style = {**style, "dim": True}
        elif code == 7:
            style = {**style, "turned": True}
        elif 30 <= code <= 37:
            style = {**style, "ink": NAMED[code - 30]}
        elif 40 <= code <= 47:
            style = {**style, "paper": NAMED[code - 40]}
        elif 90 <= code <= 97:
            style = {**style, "ink": NAMED[code - 90]}
    return style


def filled(towards, ink, paper, eighths):
    part = f"{eighths / 8:.1%}"
    return f"background:linear-gradient(to {towards},{ink} {part},{paper} {part})"


def cell(character, style):
    ink, paper = style.get("ink") or INK, style.get("paper") or "transparent"
    if style.get("turned"):
        ink, paper = style.get("paper") or PAPER, style.get("ink") or INK
    css = f"color:{ink};background:{paper}"
    halves = {"▀": (ink, paper), "▄": (paper, ink), "█": (ink, ink)}
    if character in halves:
        upper, lower = halves[character]
        css = f"background:linear-gradient({upper} 50%,{lower} 50%)"
        character = " "
    elif character in LEFT:
        css = filled("right", ink, paper, LEFT.index(character) + 1)
        character = " "
    elif character in LOWER:
        css = filled("top", ink, paper, LOWER.index(character) + 1)
        character = " "
    css += ";font-weight:bold" if style.get("bold") else ""
    css += ";opacity:.6" if style.get("dim") else ""
    return f'<i style="{css}">{html.escape(character)}</i>'


def line_as_html(text, style):
    cells = []
    for part in re.split(r"(\x1b\[[0-9;]*m)", text):
        if part.startswith("\x1b["):
            style = apply(style, part[2:-1])
        else:
            part = re.sub(r"\x1b[()][AB0]|\x0e|\x0f", "", part)
            cells += [cell(character, style) for character in part]
    return "<div>" + "".join(cells) + "</div>", style


def page(text):
    lines, style = [], {}
    while re.sub(r"\x1b\[[0-9;]*m", "", text.rpartition("\n")[2]).isspace() \
            or text.endswith("\n"):
        text = text.rpartition("\n")[0]
    for line in text.split("\n"):
        made, style = line_as_html(line, style)
        lines.append(made)
    return f"""<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 16px 18px; background: {PAPER}; color: {INK};
  font: {FONT}px/{LINE}px "DejaVu Sans Mono", monospace }}
div {{ height: {LINE}px; white-space: pre }}
i {{ display: inline-block; width: {CELL}px; height: {LINE}px;
  font-style: normal; vertical-align: top }}
</style>{"".join(lines)}""", len(lines)


def main():
    columns, names = int(sys.argv[1]), sys.argv[2:]
    with Browser() as browser, tempfile.TemporaryDirectory() as folder:
        for text, png in zip(names[::2], names[1::2]):
            made, lines = page(pathlib.Path(text).read_text())
            shown = pathlib.Path(folder, "screen.html")
            shown.write_text(made)
            browser.screen(round(columns * CELL) + 36, lines * LINE + 32)
            browser.open(shown.as_uri())
            browser.screenshot(png)


if __name__ == "__main__":
    main()
