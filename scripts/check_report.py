#!/usr/bin/env python3
"""Reports in headless Chromium: see check-report.sh, which writes them. Leaves
screenshots and a PDF beside each page."""

import argparse
import base64
import pathlib
import re
import sys

from webdriver import Browser

SCREENS = [(1280, False), (390, True)]
IN_FULL = "mlp512" # shown on every screen; of the others, two will do
CONTRAST = 4.5  # WCAG 2.2, AA

# Text that is too faint for what is behind it. Pictures are not looked at.
FAINT = """
const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const color = text => {
    const v = text.match(/[\\d.]+/g).map(Number);
    return v.length < 4 ? [...v, 1] : v;
};
const over = (top, below) =>
    [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3]));
function behind(element) {
    const parts = [];
    for (; element; element = element.parentElement)
        parts.push(color(getComputedStyle(element).backgroundColor));
    return parts.reduceRight((below, top) => over(top, below), [255, 255, 255]);
}
const found = [];
for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some(
        node => node.nodeType === 3 && node.textContent.trim());
    const style = getComputedStyle(element);
    if (!own || element.closest("details:not([open]) > :not(summary)"))
        continue;
    const svg = element.closest("svg");
    if (svg && element.tagName !== "text")
        continue;
    const back = behind(svg ? svg.parentElement : element);
    const ink = color(svg ? style.fill : style.color);
    ink[3] *= Number(style.opacity);
    const [a, b] = [luminance(over(ink, back)), luminance(back)];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < arguments[0])
        found.push(`${element.tagName} "${element.textContent.slice(0, 20)}" `
                   + contrast.toFixed(2));
}
return [...new Set(found)].slice(0, 5);
"""

WIDER = """
const wide = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth <= wide)
    return [];
return [...document.querySelectorAll("body *")].filter(
    e => e.getBoundingClientRect().right > wide + 0.5).map(
    e => `${e.tagName}.${e.getAttribute("class")}`).slice(0, 5);
"""

failures = 0


def check(what, holds, found=""):
    global failures
    failures += not holds
    if not holds:
        print(f"FAILED: {what} ({found})", flush=True)


def check_once(browser, name):
    run = browser.run
    check(f"{name}: nothing is fetched", not run(
        "return performance.getEntriesByType('resource').length"))
    check(f"{name}: no scripts", not run("return document.scripts.length"))
    check(f"{name}: every picture is drawn and named", run(
        "return [...document.images].every("
        "i => i.complete && i.naturalWidth > 0 && i.alt)"))
    check(f"{name}: pictures are crisp", run(
        "return [...document.images].every("
        "i => getComputedStyle(i).imageRendering === 'pixelated')"))
    check(f"{name}: curves are described", run(
        "return [...document.querySelectorAll('svg')].every(s =>"
        " s.getAttribute('aria-labelledby').split(' ').every("
        " id => document.getElementById(id).textContent))"))
    headings = run("return [...document.querySelectorAll('h1,h2,h3')]"
                   ".map(h => h.tagName).join(' ')")
    check(f"{name}: one title, then sections",
          re.fullmatch("H1( H2)+", headings), headings)


def check_screen(browser, path, width, phone, scheme):
    name = f"{path.stem}, {width} {scheme}"
    browser.screen(width, 900, scheme, phone)
    wider = browser.run(WIDER)
    check(f"{name}: nothing beyond the edge", not wider, wider)
    faint = browser.run(FAINT, CONTRAST)
    check(f"{name}: text stands out", not faint, faint)
    dark = browser.run("return getComputedStyle(document.body)"
                       ".backgroundColor.match(/\\d+/g)"
                       ".every(v => Number(v) < 64)")
    check(f"{name}: the paper is {scheme}", dark == (scheme == "dark"))
    cut = browser.run(
        "return [...document.querySelectorAll('dd, figcaption, td, th')].filter("
        "e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)")
    check(f"{name}: no text is cut or runs into its neighbour", not cut, cut)
    if width == SCREENS[0][0]: # what one sees first, to show around
        browser.screen(width, 1100, scheme)
        browser.screenshot(path.with_name(f"{path.stem}-top-{scheme}.png"))
    height = browser.run("return document.documentElement.scrollHeight")
    browser.screen(width, height, scheme, phone)
    if phone == (scheme == "dark") or path.stem == IN_FULL:
        browser.screenshot(path.with_name(f"{path.stem}-{width}-{scheme}.png"))


def check_print(browser, path):
    browser.screen(1280, 900, "dark")
    answer = browser.devtools("Page.printToPDF", preferCSSPageSize=True)
    pdf = base64.b64decode(answer["data"])
    path.with_suffix(".pdf").write_bytes(pdf)
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    check(f"{path.stem}: prints on 1 to 8 pages", 1 <= pages <= 8, pages)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="+", type=pathlib.Path)
    pages = parser.parse_args().pages
    with Browser() as browser:
        for path in pages:
            browser.open(path.resolve().as_uri())
            check_once(browser, path.stem)
            for width, phone in SCREENS:
                for scheme in "light", "dark":
                    check_screen(browser, path, width, phone, scheme)
            check_print(browser, path)
            complaints = browser.complaints()
            check(f"{path.stem}: the console is quiet", not complaints,
                  complaints)
            print(f"looked at {path}", flush=True)
    print(f"{len(pages)} reports, {failures} failures")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
