#!/usr/bin/env python3
"""The pages to draw on, in headless Chromium: see check-draw.sh, which makes
them. Looks at FOLDER/*.html and leaves its screenshots there."""

import argparse
import base64
import json
import math
import pathlib
import random
import struct
import subprocess
import sys
import time
import zlib

from webdriver import Browser

TOLERANCE = 1e-5
CONTROL, ESCAPE, SPACE, DOWN = "\ue009", "\ue00c", " ", "\ue015"

failures = 0


def check(what, holds, found=""):
    global failures
    failures += not holds
    print(f"{'ok' if holds else 'FAILED'}: {what}" +
          (f" ({found})" if found != "" else ""), flush=True)


# --- What is drawn: strokes as points in parts of the sheet -----------------

def line(x0, y0, x1, y1, points=12):
    return [(x0 + (x1 - x0) * i / points, y0 + (y1 - y0) * i / points)
            for i in range(points + 1)]


def ellipse(x, y, rx, ry, points=30):
    turn = 2 * math.pi / points
    return [(x + rx * math.sin(i * turn), y - ry * math.cos(i * turn))
            for i in range(points + 1)]


ZERO = [ellipse(0.45, 0.5, 0.2, 0.3)]
ONE = [line(0.53, 0.2, 0.47, 0.8)]
SEVEN = [line(0.3, 0.25, 0.68, 0.25) + line(0.68, 0.25, 0.45, 0.8)]
FOUR = [line(0.4, 0.22, 0.3, 0.55) + line(0.3, 0.55, 0.68, 0.55),
        line(0.6, 0.25, 0.58, 0.85)]


class Page:
    def __init__(self, browser, path):
        self.browser = browser
        browser.open(path.resolve().as_uri())
        self.settle()

    def settle(self):
        """Until what was drawn is answered: two pictures on the screen."""
        self.browser.run("return new Promise(done => requestAnimationFrame("
                         "() => requestAnimationFrame(done)))")

    def draw(self, strokes, kind="mouse"):
        left, top, width = self.browser.run(
            "const box = document.getElementById('sheet')"
            ".getBoundingClientRect(); return [box.left, box.top, box.width]")
        self.browser.strokes([[(left + x * width, top + y * width)
                               for x, y in stroke] for stroke in strokes], kind)
        self.settle()

    def click(self, selector):
        self.browser.click(selector)
        self.settle()

    def text(self, name):
        return self.browser.run(
            "return document.getElementById(arguments[0]).textContent", name)

    def guess(self):
        return self.text("guess")

    def picture(self):
        """Rows of levels, or None."""
        found = self.browser.run(
            "return mnist.picture && [mnist.description.cols, "
            "Array.from(mnist.picture)]")
        if found is None:
            return None
        cols, levels = found
        return [levels[i:i + cols] for i in range(0, len(levels), cols)]

    def bars(self):
        """Of each class: the width of its bar, as a part of its track."""
        return self.browser.run(
            "return [...document.querySelectorAll('.bar')].map(bar => "
            "parseFloat(bar.style.width || 0) / 100)")

    def overflow(self):
        """How much wider than the window the page is, and what of it."""
        return self.browser.run(
            "const wide = document.documentElement.clientWidth;"
            "return [document.documentElement.scrollWidth - wide,"
            " [...document.querySelectorAll('body *:not(.hidden)')].filter("
            "  e => e.getBoundingClientRect().right > wide + 0.5)"
            " .map(e => e.tagName)]")

    def bottom(self, part):
        """How far below the top of the window the part with that id ends."""
        return self.browser.run(
            f"return document.getElementById('{part}')"
            ".getBoundingClientRect().bottom")


# --- The same answers as the program's --------------------------------------

def read_images(path, count):
    data = path.read_bytes()
    sizes = [int.from_bytes(data[i:i + 4], "big") for i in (4, 8, 12)]
    return data[16:16 + count * sizes[1] * sizes[2]], sizes[1] * sizes[2]


def far_apart(got, want):
    """The largest difference of two lists of rows of numbers. What is not
    finite comes from the browser as None."""
    return max(math.inf if a is None else abs(a - b)
               for g, w in zip(got, want) for a, b in zip(g, w))


def check_probabilities(browser, path, count):
    name = path.stem
    Page(browser, path)
    pixels, size = read_images(path.with_suffix(".idx"), count)
    got = browser.run(
        "const text = atob(arguments[0]), size = arguments[1];"
        "const bytes = Uint8Array.from(text, c => c.charCodeAt(0));"
        "return Array.from({length: bytes.length / size}, (_, i) =>"
        " mnist.classify(bytes.subarray(i * size, (i + 1) * size)))",
        base64.b64encode(pixels).decode(), size)
    with open(path.with_suffix(".jsonl"), encoding="ascii") as file:
        want = [json.loads(row)["probabilities"] for row in file][:count]
    apart = far_apart(got, want)
    check(f"{name}: probabilities of {len(got)} images are those of predict",
          len(got) == len(want) == count and len(got[0]) == len(want[0]) and
          apart <= TOLERANCE, f"{apart:.1e} apart")


# --- Drawing ----------------------------------------------------------------

def centre(picture):
    mass = sum(map(sum, picture))
    return (sum(y * v for y, row in enumerate(picture) for v in row) / mass,
            sum(x * v for row in picture for x, v in enumerate(row)) / mass)


def extent(picture):
    rows = [y for y, row in enumerate(picture) if any(row)]
    cols = [x for row in picture for x, v in enumerate(row) if v]
    return max(max(rows) - min(rows), max(cols) - min(cols)) + 1


def check_drawn(page, digit, strokes, kind):
    page.draw(strokes, kind)
    page.browser.run("return new Promise(done => setTimeout(done, 200))")
    bars, picture = page.bars(), page.picture()
    check(f"a {digit} drawn by {kind} is taken for one",
          page.guess() == str(digit), page.text("certainty"))
    check("  its bar is the longest, and all make 1",
          bars.index(max(bars)) == digit and abs(sum(bars) - 1) < 1e-4)
    y, x = centre(picture)
    check("  its picture takes 20 pixels, and its mass is in the middle",
          extent(picture) == 20 and abs(y - 14) <= 0.5 and abs(x - 14) <= 0.5,
          f"{y:.2f}, {x:.2f}")


def check_drawing(browser, path):
    page = Page(browser, path)
    check("an empty sheet has no answer",
          page.guess() == "?" and page.picture() is None and
          set(page.bars()) == {0})
    for digit, strokes, kind in ((1, ONE, "mouse"), (0, ZERO, "touch"),
                                 (7, SEVEN, "pen"), (4, FOUR, "mouse")):
        check_drawn(page, digit, strokes, kind)
        page.click("#clear")
        check("  Clear leaves an empty sheet",
              page.guess() == "?" and page.picture() is None)


def check_taking_back(browser, path):
    page = Page(browser, path)
    page.draw(ONE)
    one = page.picture()
    page.draw([line(0.2, 0.5, 0.8, 0.5)])
    crossed = page.picture()
    page.click("#undo")
    check("Undo takes the last stroke back", one == page.picture() != crossed)
    page.draw([line(0.2, 0.5, 0.8, 0.5)])
    check("the same stroke gives the same picture", crossed == page.picture())
    browser.chord(CONTROL, "z")
    page.settle()
    check("Ctrl Z takes it back, too", one == page.picture())
    browser.keys(ESCAPE)
    page.settle()
    check("Esc clears the sheet", page.picture() is None)


def check_keyboard(browser, path):
    page = Page(browser, path)
    browser.run("document.getElementById('sheet').focus()")
    browser.keys(SPACE, *[DOWN] * 14, SPACE)
    page.settle()
    check("a 1 drawn by keys is taken for one", page.guess() == "1")
    deadline = time.monotonic() + 10
    while not page.text("spoken") and time.monotonic() < deadline:
        time.sleep(0.1)
    check("the answer is told to screen readers",
          page.text("spoken").startswith("1, "), page.text("spoken"))


# --- How it looks -----------------------------------------------------------

SCREENS = [(1280, 800, False), (390, 844, True), (320, 568, True),
           (844, 390, True)]


def check_look(browser, path, folder):
    for width, height, phone in SCREENS:
        for scheme in "light", "dark":
            browser.screen(width, height, scheme, phone)
            page = Page(browser, path)
            page.draw(FOUR, "touch" if phone else "mouse")
            browser.run("return new Promise(done => setTimeout(done, 200))")
            name = f"{path.stem}-{width}-{scheme}"
            browser.screenshot(folder / f"{name}.png")
            over, what = page.overflow()
            check(f"{name}: nothing is wider than the screen", over <= 0,
                  "" if over <= 0 else f"{over} px: {what}")
            below = [part for part in ("clear", "bars") if width > height and
                     page.bottom(part) > height]
            check(f"{name}: drawing and answer are seen at once", not below,
                  " ".join(below))
    browser.screen(1280, 800)


def check_many_classes(browser, path):
    page = Page(browser, path)
    page.draw(FOUR)
    rows, scrolls = browser.run(
        "const bars = document.getElementById('bars');"
        "return [bars.children.length, bars.scrollHeight > bars.clientHeight]")
    picture = page.picture()
    check("many classes scroll", rows == 26 and scrolls)
    check("a picture of 20 rows and 30 columns is one",
          len(picture) == 20 and {len(row) for row in picture} == {30})


def check_damaged(browser, path, folder):
    damaged = folder / "damaged.html"
    text = path.read_text(encoding="utf-8")
    damaged.write_text(text.replace('"rows": 28', '"rows": 27'),
                       encoding="utf-8")
    browser.open(damaged.resolve().as_uri())
    told = browser.run("return document.querySelector('.trouble')?.textContent")
    check("a page whose network does not fit says so",
          "damaged" in (told or ""), told)
    browser.complaints()
    damaged.unlink()


# --- The same pictures as predict's -----------------------------------------

def predict(program, path, *options):
    """Rows of what it says, or its complaint."""
    told = subprocess.run(
        [program, "predict", "--json", *options, "--weights",
         path.with_suffix(".safetensors")],
        capture_output=True, text=True, check=False)
    if told.returncode:
        return told.stderr
    return [json.loads(row) for row in told.stdout.splitlines()]


def check_saving(browser, path, folder, program):
    saved = folder / "drawing.png"
    browser.devtools("Browser.setDownloadBehavior", behavior="allow",
                     downloadPath=str(folder.resolve()))
    page = Page(browser, path)
    page.draw(FOUR)
    page.click("#save")
    deadline = time.monotonic() + 20
    while not saved.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    told = predict(program, path, saved)
    got = browser.run("return mnist.probabilities")
    check("predict says the same of the saved drawing",
          isinstance(told, list) and
          far_apart([got], [told[0]["probabilities"]]) <= TOLERANCE,
          told if isinstance(told, str) else "")


def write_png(path, rows, cols, levels):
    def chunk(kind, data):
        body = kind + data
        return (struct.pack(">I", len(data)) + body +
                struct.pack(">I", zlib.crc32(body)))
    lines = b"".join(b"\0" + levels[y * cols:(y + 1) * cols]
                     for y in range(rows))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" +
        chunk(b"IHDR", struct.pack(">2I5B", cols, rows, 8, 0, 0, 0, 0)) +
        chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


def make_picture(draw):
    """Paper of some grey and grain, and a bright bar across it."""
    rows, cols = draw.randint(9, 90), draw.randint(9, 90)
    paper, grain = draw.choice([(0, 0), (0, 0), (40, 1), (60, 12)])
    top, left = draw.randint(0, rows // 2), draw.randint(0, cols // 2)
    bottom, right = draw.randint(top, rows - 1), draw.randint(left, cols - 1)
    levels = bytearray()
    for y in range(rows):
        for x in range(cols):
            inked = top <= y <= bottom and left <= x <= right
            level = draw.randint(150, 255) if inked else paper
            levels.append(min(255, level + draw.randint(0, grain)))
    return rows, cols, bytes(levels)


def check_preparing(browser, path, folder, program, count=60):
    """Pictures of all sizes come to the network as they do in predict."""
    Page(browser, path)
    draw, want, got = random.Random(1), [], []
    files = folder / "pictures"
    files.mkdir(exist_ok=True)
    for i in range(count):
        rows, cols, levels = make_picture(draw)
        write_png(files / f"{i:03}.png", rows, cols, levels)
        got.append(browser.run(
            "const [text, width, height] = arguments;"
            "const {rows, cols} = mnist.description;"
            "const levels = Uint8Array.from(atob(text),"
            " c => c.charCodeAt(0));"
            "return mnist.classify("
            "mnist.prepare(levels, width, height, rows, cols))",
            base64.b64encode(levels).decode(), cols, rows))
    told = predict(program, path, "--preprocess", "--no-invert",
                   *sorted(files.glob("*.png")))
    if isinstance(told, list):
        want = [row["probabilities"] for row in told]
    check(f"{path.stem}: {count} pictures of all sizes are prepared as by "
          "predict", len(want) == count and far_apart(got, want) <= TOLERANCE,
          f"{far_apart(got, want):.1e} apart" if want else told)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--program", required=True)
    parser.add_argument("--images", type=int, required=True)
    arguments = parser.parse_args()
    folder = arguments.folder
    lenet = folder / "lenet.html"
    with Browser() as browser:
        browser.screen(1280, 800)
        for path in sorted(folder.glob("*.html")):
            check_probabilities(browser, path, arguments.images)
        check_drawing(browser, lenet)
        check_taking_back(browser, lenet)
        check_keyboard(browser, lenet)
        check_look(browser, lenet, folder)
        check_many_classes(browser, folder / "letters.html")
        check_saving(browser, lenet, folder, arguments.program)
        for path in lenet, folder / "letters.html":
            check_preparing(browser, path, folder, arguments.program)
        complaints = browser.complaints()
        check("the console has no complaints", not complaints, complaints or "")
        check_damaged(browser, folder / "mlp512.html", folder)
    print(f"screenshots: {folder}/*.png")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
