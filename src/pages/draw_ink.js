/*
 * Strokes, as lines on a canvas and as ink.
 *
 * A stroke is a list of points {x, y} in parts of the sheet, 0 to 1; one of a
 * single point is a dot. Quick movements give few points, so a stroke runs as a
 * curve: straight to the middle of its first two points, then from middle to
 * middle, drawn towards the point between (a quadratic Bezier curve), at last
 * straight to its last point.
 *
 * Ink is SIDE x SIDE levels, 0 to 255. It is made here and not read back from
 * the canvas, so that every browser, screen and colour scheme gives the network
 * the same.
 */

const SIDE = 280;
const RADIUS = 13; /* of the pen, in pixels of the ink: a drawing that fills two
                      thirds has as much ink as MNIST's digits, in the median */
const STEPS = 6;   /* straight lines for a curve */

const between = (a, b, t) =>
    ({x: a.x + t * (b.x - a.x), y: a.y + t * (b.y - a.y)});
const middle = (a, b) => between(a, b, 0.5);

/* A straight line of a round pen. A pixel is as dark as the darkest line makes
   it, and that by how far its middle is from the line. */
function inkLine(levels, from, to) {
    const [ax, ay, bx, by] = [from.x, from.y, to.x, to.y].map(v => v * SIDE);
    const dx = bx - ax, dy = by - ay, square = dx * dx + dy * dy;
    const low = (a, b) => Math.max(0, Math.floor(Math.min(a, b) - RADIUS - 1));
    const high = (a, b) =>
        Math.min(SIDE, Math.ceil(Math.max(a, b) + RADIUS + 1));
    const [left, right] = [low(ax, bx), high(ax, bx)];
    const bottom = high(ay, by);
    for (let y = low(ay, by); y < bottom; y++)
        for (let x = left; x < right; x++) {
            const px = x + 0.5 - ax, py = y + 0.5 - ay;
            const along = square ? (px * dx + py * dy) / square : 0;
            const t = Math.min(Math.max(along, 0), 1);
            const qx = px - t * dx, qy = py - t * dy;
            const cover = RADIUS + 0.5 - Math.sqrt(qx * qx + qy * qy);
            const level = Math.round(255 * Math.min(Math.max(cover, 0), 1));
            const at = y * SIDE + x;
            levels[at] = Math.max(levels[at], level);
        }
}

/* What of a stroke is settled by its point number i: to the middle between that
   and the one before. */
function inkPiece(levels, stroke, i) {
    if (i === 0) {
        inkLine(levels, stroke[0], stroke[0]);
        return;
    }
    const end = middle(stroke[i - 1], stroke[i]);
    if (i === 1) {
        inkLine(levels, stroke[0], end);
        return;
    }
    const begin = middle(stroke[i - 2], stroke[i - 1]), pull = stroke[i - 1];
    let last = begin;
    for (let step = 1; step <= STEPS; step++) {
        const t = step / STEPS;
        const next = between(between(begin, pull, t), between(pull, end, t), t);
        inkLine(levels, last, next);
        last = next;
    }
}

/* The rest, from there to the last point. */
function inkTip(levels, stroke) {
    const last = stroke.at(-1);
    if (stroke.length > 1)
        inkLine(levels, middle(stroke.at(-2), last), last);
}

function inkStroke(levels, stroke) {
    stroke.forEach((_, i) => inkPiece(levels, stroke, i));
    inkTip(levels, stroke);
}

/* The same on a canvas of width x width. */
function showStroke(brush, width, stroke) {
    const at = point => [point.x * width, point.y * width];
    brush.lineCap = brush.lineJoin = "round";
    brush.lineWidth = 2 * RADIUS / SIDE * width;
    brush.beginPath();
    brush.moveTo(...at(stroke[0]));
    for (let i = 1; i < stroke.length; i++)
        brush.quadraticCurveTo(...at(stroke[i - 1]),
                               ...at(middle(stroke[i - 1], stroke[i])));
    brush.lineTo(...at(stroke.at(-1)));
    brush.stroke();
}
