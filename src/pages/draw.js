/*
 * The page: strokes, what the network says of them, and the buttons.
 *
 * A drawing is kept twice: as strokes, which are drawn as sharply as the screen
 * can and taken back one by one, and as ink, SIDE x SIDE levels, which are made
 * here and not read back from the canvas, so that every browser, zoom and
 * colour scheme gives the network the same.
 */

const SIDE = 280;      /* of the ink, whatever the screen shows */
const RADIUS = 11.5;   /* of the pen, in pixels of the ink */
const STEP = 1 / 28;   /* of the arrow keys, as a part of the sheet */

const element = id => document.getElementById(id);
const [sheet, seen, bars] = ["sheet", "seen", "bars"].map(element);
const description = JSON.parse(element("description").textContent);
const {rows, cols, classes} = description;

/* ---- Strokes and ink ---- */

/* Each a list of points {x, y}, in parts of the sheet; one of a single point is
   a dot. */
let strokes = [];
let ink = new Uint8Array(SIDE * SIDE);

/* The straight line of a round pen. Ink is as dark as the darkest line there:
   a pixel is covered by how near its middle is. */
function inkLine(from, to) {
    const [ax, ay, bx, by] = [from.x, from.y, to.x, to.y].map(v => v * SIDE);
    const dx = bx - ax, dy = by - ay, square = dx * dx + dy * dy;
    const low = v => Math.max(0, Math.floor(v - RADIUS - 1));
    const high = v => Math.min(SIDE, Math.ceil(v + RADIUS + 1));
    for (let y = low(Math.min(ay, by)); y < high(Math.max(ay, by)); y++)
        for (let x = low(Math.min(ax, bx)); x < high(Math.max(ax, bx)); x++) {
            const px = x + 0.5 - ax, py = y + 0.5 - ay;
            const along = square ? (px * dx + py * dy) / square : 0;
            const t = Math.min(Math.max(along, 0), 1);
            const far = Math.hypot(px - t * dx, py - t * dy);
            const level = Math.round(
                255 * Math.min(Math.max(RADIUS + 0.5 - far, 0), 1));
            const at = y * SIDE + x;
            ink[at] = Math.max(ink[at], level);
        }
}

function showLine(from, to) {
    const brush = sheet.getContext("2d"), width = sheet.width;
    brush.lineCap = brush.lineJoin = "round";
    brush.lineWidth = 2 * RADIUS / SIDE * width;
    brush.strokeStyle = getComputedStyle(sheet).getPropertyValue("--ink");
    brush.beginPath();
    brush.moveTo(from.x * width, from.y * width);
    brush.lineTo(to.x * width, to.y * width);
    brush.stroke();
}

/* Calls line(from, to) for all that a stroke consists of. */
function eachLine(stroke, line) {
    for (let i = 1; i < stroke.length; i++)
        line(stroke[i - 1], stroke[i]);
    if (stroke.length === 1)
        line(stroke[0], stroke[0]);
}

function beginStroke(point) {
    strokes.push([point]);
    addLine(point, point);
}

function extendStroke(point) {
    const stroke = strokes.at(-1), last = stroke.at(-1);
    if (point.x === last.x && point.y === last.y)
        return;
    stroke.push(point);
    addLine(last, point);
}

function addLine(from, to) {
    inkLine(from, to);
    showLine(from, to);
    changed();
}

function showSheet() {
    const brush = sheet.getContext("2d");
    brush.clearRect(0, 0, sheet.width, sheet.height);
    for (const stroke of strokes)
        eachLine(stroke, showLine);
    if (pen.shown)
        showPen(brush);
}

function setStrokes(list) {
    strokes = list;
    ink.fill(0);
    for (const stroke of strokes)
        eachLine(stroke, inkLine);
    showSheet();
    changed();
}

/* ---- Mouse, finger and pen ---- */

let drawing = null; /* the pointer that is down: others are let be */

function pointOf(event) {
    const box = sheet.getBoundingClientRect();
    return {x: (event.clientX - box.left) / box.width,
            y: (event.clientY - box.top) / box.height};
}

sheet.addEventListener("pointerdown", event => {
    if (drawing !== null || event.button !== 0)
        return;
    drawing = event.pointerId;
    sheet.setPointerCapture(drawing);
    liftPen();
    beginStroke(pointOf(event));
    event.preventDefault();
});

/* The browser may tell several places at once where the pointer was. */
sheet.addEventListener("pointermove", event => {
    if (event.pointerId !== drawing)
        return;
    const places = event.getCoalescedEvents?.() ?? [];
    for (const place of places.length ? places : [event])
        extendStroke(pointOf(place));
});

for (const end of ["pointerup", "pointercancel"])
    sheet.addEventListener(end, event => {
        if (event.pointerId === drawing)
            drawing = null;
    });

/* ---- Keys ---- */

/* The pen that the arrows move; it is shown while the sheet has their focus. */
const pen = {x: 0.5, y: 0.3, down: false, shown: false};
const arrows = {ArrowLeft: [-1, 0], ArrowRight: [1, 0],
                ArrowUp: [0, -1], ArrowDown: [0, 1]};

function showPen(brush) {
    const width = sheet.width;
    brush.beginPath();
    brush.arc(pen.x * width, pen.y * width, RADIUS / SIDE * width, 0, 7);
    brush.lineWidth = 0.006 * width;
    brush.strokeStyle = getComputedStyle(sheet).getPropertyValue("--accent");
    brush.stroke();
}

function liftPen() {
    const was = pen.shown;
    pen.down = pen.shown = false;
    if (was)
        showSheet();
}

function movePen([right, down]) {
    const inside = v => Math.min(Math.max(v, 0), 1);
    pen.x = inside(pen.x + right * STEP);
    pen.y = inside(pen.y + down * STEP);
    if (pen.down)
        extendStroke({x: pen.x, y: pen.y});
}

sheet.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey)
        return;
    if (arrows[event.key]) {
        movePen(arrows[event.key]);
    } else if (event.key === " ") {
        pen.down = !pen.down;
        if (pen.down)
            beginStroke({x: pen.x, y: pen.y});
    } else {
        return;
    }
    pen.shown = true;
    showSheet();
    event.preventDefault();
});

sheet.addEventListener("blur", liftPen);

addEventListener("keydown", event => {
    const command = event.ctrlKey || event.metaKey;
    if (command && !event.shiftKey && event.key.toLowerCase() === "z")
        undo();
    else if (!command && (event.key === "Escape" || event.key === "Delete"))
        clear();
    else
        return;
    event.preventDefault();
});

/* ---- Buttons ---- */

/* A stroke that is under way ends there. */
function undo() {
    drawing = null;
    pen.down = false;
    setStrokes(strokes.slice(0, -1));
}

function clear() {
    drawing = null;
    pen.down = false;
    setStrokes([]);
}

/* A canvas with levels as white on black. */
function paint(canvas, levels, width, height) {
    canvas.width = width;
    canvas.height = height;
    const brush = canvas.getContext("2d");
    const image = brush.createImageData(width, height);
    levels.forEach((level, i) =>
        image.data.set([level, level, level, 255], 4 * i));
    brush.putImageData(image, 0, 0);
}

function save() {
    const canvas = document.createElement("canvas");
    paint(canvas, ink, SIDE, SIDE);
    canvas.toBlob(blob => {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(blob);
        link.download = "drawing.png";
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });
}

const buttons = {undo, clear, save};
for (const [id, act] of Object.entries(buttons))
    element(id).addEventListener("click", act);

/* ---- What the network says ---- */

let classify;           /* from rows * cols pixels to probabilities */
let picture = null;     /* what it saw last; null: nothing was drawn */
let probabilities = null;
let waiting = false, speaking;

const percent = p => `${(100 * p).toFixed(1)} %`;

/* The classes, likeliest first. */
const ranked = p => [...p.keys()].sort((a, b) => p[b] - p[a] || a - b);

/* However often the drawing changes, the network runs once for each picture on
   the screen. */
function changed() {
    if (waiting)
        return;
    waiting = true;
    requestAnimationFrame(() => {
        waiting = false;
        look();
    });
}

function look() {
    picture = preparePicture(ink, SIDE, SIDE, rows, cols);
    probabilities = picture && classify(picture);
    showAnswer();
    clearTimeout(speaking);
    speaking = setTimeout(speak, 600);
}

/* Weights can be finite and still overflow: then there is no answer. */
const isAnswer = p => p !== null && p.every(Number.isFinite);

function showAnswer() {
    const answer = isAnswer(probabilities);
    const best = answer ? ranked(probabilities)[0] : -1;
    document.body.classList.toggle("inked", strokes.length > 0);
    document.body.classList.toggle("empty", !answer);
    for (const id of Object.keys(buttons))
        element(id).disabled = strokes.length === 0;
    element("guess").textContent = answer ? best : "?";
    element("certainty").textContent =
        answer ? percent(probabilities[best])
        : probabilities ? "The network overflows" : "";
    paint(seen, picture ?? new Uint8Array(rows * cols), cols, rows);
    [...bars.children].forEach((row, k) =>
        showBar(row, answer ? probabilities[k] : null, k === best));
}

function showBar(row, p, best) {
    row.classList.toggle("best", best);
    row.querySelector(".bar").style.width = `${100 * (p ?? 0)}%`;
    row.querySelector(".percent").textContent = p === null ? "" : percent(p);
}

/* For who does not see it, once the drawing has rested for a moment. */
function speak() {
    const told = ([k, ...more]) => `${k}, ${percent(probabilities[k])}` +
        (more.length ? `; or ${told(more)}` : "");
    element("spoken").textContent =
        isAnswer(probabilities) ? told(ranked(probabilities).slice(0, 2))
        : strokes.length ? "No answer" : "The sheet is empty";
}

/* ---- Beginning ---- */

function makeBar(k) {
    const row = document.createElement("li");
    const [label, track, bar, number] =
        ["span", "div", "div", "span"].map(tag => document.createElement(tag));
    label.textContent = k;
    track.className = "track";
    track.ariaHidden = "true";
    bar.className = "bar";
    number.className = "percent";
    track.append(bar);
    row.append(label, track, number);
    return row;
}

/* What depends on the network alone. */
function showNetwork() {
    const {network, parameters} = description;
    const margin = side => `${50 * (1 - boxSide(side) / side)}%`;
    element("size").textContent = `${rows}×${cols}`;
    element("network").textContent = network;
    element("parameters").textContent =
        `${parameters.toLocaleString("en")} parameters`;
    seen.parentElement.style.setProperty("--margin-y", margin(rows));
    seen.parentElement.style.setProperty("--margin-x", margin(cols));
    bars.append(...Array.from({length: classes}, (_, k) => makeBar(k)));
    bars.style.setProperty("--label", `${String(classes - 1).length}ch`);
    if (classes > 10) {
        bars.classList.add("many");
        bars.tabIndex = 0; /* who has no mouse scrolls it with the arrows */
    }
}

/* As many pixels as the screen has; what was drawn stays. */
new ResizeObserver(() => {
    const width = Math.round(sheet.clientWidth * devicePixelRatio);
    if (sheet.width !== width)
        sheet.width = sheet.height = width;
    showSheet();
}).observe(sheet);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change",
                                                            showSheet);

function begin() {
    try {
        classify = makeClassifier(description);
    } catch (error) {
        const told = document.createElement("p");
        told.className = "trouble";
        told.textContent = `The network in this page is damaged: ${error.message}`;
        document.body.prepend(told);
        throw error;
    }
    showNetwork();
    showAnswer();
}

begin();

/* For tests, and for who is curious, in the console: what the page computes
   with, and what it has. */
window.mnist = {
    description,
    classify: pixels => Array.from(classify(pixels)),
    prepare: preparePicture,
    get drawing() {
        return {side: SIDE, levels: ink};
    },
    get picture() {
        return picture;
    },
    get probabilities() {
        return probabilities && Array.from(probabilities);
    },
};
