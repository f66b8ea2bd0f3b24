/*
 * The page: strokes, what the network says of them, and the buttons. All that
 * is shown is brought up to date once for each picture on the screen, however
 * often the pen moves.
 */

const STEP = 1 / 28; /* of the arrow keys, in parts of the sheet */

const element = id => document.getElementById(id);
const [sheet, seen, bars] = ["sheet", "seen", "bars"].map(element);
const description = JSON.parse(element("description").textContent);
const {rows, cols, classes} = description;

/* ---- Strokes ---- */

let strokes = [];
let open = false;   /* the last one goes on */
let drawing = null; /* the pointer that draws it; others are let be */
const dry = new Uint8Array(SIDE * SIDE); /* the ink of what is settled */
const ink = new Uint8Array(SIDE * SIDE); /* and that of the open stroke's tip */

function beginStroke(point) {
    endStroke();
    strokes.push([point]);
    open = true;
    inkPiece(dry, strokes.at(-1), 0);
    changed();
}

/* Steps of less than a pixel of ink only cost time. */
function extendStroke(point) {
    const stroke = strokes.at(-1), last = stroke.at(-1);
    if (Math.hypot(point.x - last.x, point.y - last.y) < 1 / SIDE)
        return;
    stroke.push(point);
    inkPiece(dry, stroke, stroke.length - 1);
    changed();
}

function endStroke() {
    if (open)
        inkTip(dry, strokes.at(-1));
    open = false;
}

function setStrokes(list) {
    strokes = list;
    open = false;
    drawing = null;
    pen.down = false;
    dry.fill(0);
    for (const stroke of strokes)
        inkStroke(dry, stroke);
    changed();
}

/* A colour of the style sheet. */
const colour = name => getComputedStyle(sheet).getPropertyValue(name);

function showSheet() {
    const brush = sheet.getContext("2d");
    brush.clearRect(0, 0, sheet.width, sheet.height);
    brush.strokeStyle = colour("--ink");
    for (const stroke of strokes)
        showStroke(brush, sheet.width, stroke);
    if (pen.shown)
        showPen(brush);
}

/* ---- Mouse, finger and pen ---- */

function pointOf(event) {
    const box = sheet.getBoundingClientRect();
    return {x: (event.clientX - box.left) / box.width,
            y: (event.clientY - box.top) / box.height};
}

sheet.addEventListener("pointerdown", event => {
    if (drawing !== null || event.button !== 0)
        return;
    liftPen();
    drawing = event.pointerId;
    sheet.setPointerCapture(drawing);
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
        if (event.pointerId !== drawing)
            return;
        drawing = null;
        endStroke();
        changed();
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
    brush.strokeStyle = colour("--accent");
    brush.stroke();
}

function liftPen() {
    if (pen.down)
        endStroke();
    pen.down = pen.shown = false;
    changed();
}

function movePen([right, down]) {
    const inside = v => Math.min(Math.max(v, 0), 1);
    pen.x = inside(pen.x + right * STEP);
    pen.y = inside(pen.y + down * STEP);
    if (pen.down)
        extendStroke({x: pen.x, y: pen.y});
}

sheet.addEventListener("keydown", event => {
    if (drawing !== null || event.ctrlKey || event.metaKey || event.altKey)
        return;
    if (arrows[event.key]) {
        movePen(arrows[event.key]);
    } else if (event.key === " ") {
        pen.down = !pen.down;
        if (pen.down)
            beginStroke({x: pen.x, y: pen.y});
        else
            endStroke();
    } else {
        return;
    }
    pen.shown = true;
    changed();
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

const undo = () => setStrokes(strokes.slice(0, -1));
const clear = () => setStrokes([]);

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

/* On an empty sheet they do nothing, but keep the focus. */
const buttons = {undo, clear, save};
for (const [id, act] of Object.entries(buttons))
    element(id).addEventListener("click", () => {
        if (strokes.length > 0)
            act();
    });

/* ---- What the network says ---- */

let classify;           /* from rows * cols pixels to probabilities */
let picture = null;     /* what it saw last; null: nothing was drawn */
let probabilities = null;
let waiting = false, speaking;

const percent = p => `${(100 * p).toFixed(1)} %`;

/* The classes, likeliest first. */
const ranked = p => [...p.keys()].sort((a, b) => p[b] - p[a] || a - b);

function changed() {
    if (!waiting)
        requestAnimationFrame(look);
    waiting = true;
}

function look() {
    waiting = false;
    ink.set(dry);
    if (open)
        inkTip(ink, strokes.at(-1));
    showSheet();
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
    const [best, second] = answer ? ranked(probabilities) : [];
    document.body.classList.toggle("inked", strokes.length > 0);
    document.body.classList.toggle("empty", !answer);
    for (const id of Object.keys(buttons))
        element(id).setAttribute("aria-disabled", strokes.length === 0);
    element("guess").textContent = answer ? best : "?";
    element("certainty").textContent =
        answer ? percent(probabilities[best])
        : probabilities ? "The network overflows" : "";
    element("second").textContent =
        answer && probabilities[second] >= 0.01
            ? `or ${second}, ${percent(probabilities[second])}` : "";
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
    const spoken = element("spoken");
    if (isAnswer(probabilities))
        spoken.textContent = ranked(probabilities).slice(0, 2)
            .map(k => `${k}, ${percent(probabilities[k])}`).join("; or ");
    else if (strokes.length > 0 || spoken.textContent)
        spoken.textContent =
            strokes.length ? "No answer" : "The sheet is empty";
}

/* ---- Beginning ---- */

function makeBar(k) {
    const row = document.createElement("li");
    const [label, track, bar, number] =
        ["span", "div", "div", "span"].map(tag => document.createElement(tag));
    label.textContent = k;
    track.className = "track";
    track.setAttribute("aria-hidden", "true");
    bar.className = "bar";
    number.className = "percent";
    track.append(bar);
    row.append(label, track, number);
    return row;
}

/* What depends on the network alone. */
function showNetwork() {
    const {network, parameters} = description;
    element("size").textContent = `${rows}×${cols}`;
    element("network").append(...network.split(",").flatMap(
        (layer, i) => i ? [",", document.createElement("wbr"), layer]
                        : [layer]));
    element("parameters").textContent = parameters.toLocaleString("en");
    bars.append(...Array.from({length: classes}, (_, k) => makeBar(k)));
    bars.style.setProperty("--digits", String(classes - 1).length);
    if (classes > 10) {
        bars.classList.add("many");
        bars.tabIndex = 0; /* who has no mouse scrolls it with the arrows */
    }
}

/* As many pixels as the screen has. This empties the canvas, just before it is
   shown. */
new ResizeObserver(() => {
    sheet.width = Math.round(sheet.clientWidth * devicePixelRatio);
    sheet.height = sheet.width;
    showSheet();
}).observe(sheet);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change",
                                                            changed);

function begin() {
    try {
        classify = makeClassifier(description);
    } catch (error) {
        const told = document.createElement("p");
        told.className = "trouble";
        told.textContent =
            `The network in this page is damaged: ${error.message}`;
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
