/*
 * A drawing becomes a picture as MNIST's digits are: 20x20 in 28x28.
 *
 * Levels are whole numbers, 0 (no ink) to 255, as bright ink on black. All that
 * follows is a quotient of whole numbers, rounded once, round(x) being
 * floor(x + 1/2): so every program that goes by it gets the same picture.
 *
 * 1. Box: the smallest rectangle of all pixels whose level is more than half of
 *    the highest in the drawing (2 level > highest). Without ink there is no
 *    picture.
 * 2. Scale: the box of h x w becomes 20 rows and max(1, round(20 w / h))
 *    columns, or, if w > h, 20 columns and max(1, round(20 h / w)) rows. Each
 *    new pixel is the mean over the area of the box that it covers, rounded; a
 *    pixel that it covers in part counts by that part.
 * 3. Centre: row 14 - (centre of mass) of the new levels, the first row's
 *    middle being 0, rounded, is where the first row goes; and so for columns.
 *    An offset that would take some of it out of the picture is moved to where
 *    it just does not. (MNIST's own centres are 14 in the mean, and nearly all
 *    are within 1/2 of it.)
 *
 * For networks on images of R x C, it is round(20 R / 28) in place of 20 rows,
 * at least 1, and floor(R / 2) in place of 14, and so for columns; the box fills
 * the side that it meets first.
 * Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits".
 */

/* round(a / b) for whole numbers, b > 0. */
const roundedQuotient = (a, b) => Math.floor((2 * a + b) / (2 * b));

/* Of a picture's side, what the digit may take. */
const boxSide = side => Math.max(1, roundedQuotient(20 * side, 28));

/* The first index with ink, and how many there are up to the last. */
function extent(count, hasInk) {
    let first = 0, last = count - 1;
    while (!hasInk(first))
        first++;
    while (!hasInk(last))
        last--;
    return [first, last - first + 1];
}

function inkBox(levels, width, height) {
    let highest = 0;
    for (const level of levels)
        highest = Math.max(highest, level);
    if (highest === 0)
        return null;
    const some = (count, from, step) => {
        for (let i = 0; i < count; i++)
            if (2 * levels[from + i * step] > highest)
                return true;
        return false;
    };
    const [top, h] = extent(height, y => some(width, y * width, 1));
    const [left, w] = extent(width, x => some(height, x, width));
    return {top, left, h, w};
}

/*
 * For each of `to` new pixels, the old ones of `from` that it covers, and how
 * much of each: [[index, weight], ...]. A whole old pixel weighs `to`, and all
 * that a new one covers weighs `from`.
 */
function coverage(from, to) {
    const all = [];
    for (let i = 0; i < to; i++) {
        const begin = i * from, end = begin + from, parts = [];
        for (let k = Math.floor(begin / to); k * to < end; k++)
            parts.push([k, Math.min(end, (k + 1) * to) -
                           Math.max(begin, k * to)]);
        all.push(parts);
    }
    return all;
}

/* The box as h x w levels. */
function scaleBox(levels, width, box, h, w) {
    const out = new Uint8Array(h * w);
    const rows = coverage(box.h, h), cols = coverage(box.w, w);
    for (let y = 0; y < h; y++)
        for (let x = 0; x < w; x++) {
            let sum = 0;
            for (const [ky, wy] of rows[y]) {
                const row = (box.top + ky) * width + box.left;
                for (const [kx, wx] of cols[x])
                    sum += wy * wx * levels[row + kx];
            }
            out[y * w + x] = roundedQuotient(sum, box.h * box.w);
        }
    return out;
}

/* Rows and columns that the box becomes. */
function scaledSize(box, rows, cols) {
    const most = {h: boxSide(rows), w: boxSide(cols)};
    if (most.h * box.w <= most.w * box.h)
        return {h: most.h,
                w: Math.max(1, roundedQuotient(most.h * box.w, box.h))};
    return {h: Math.max(1, roundedQuotient(most.w * box.h, box.w)), w: most.w};
}

/* Where a side of `size` begins in one of `room`: moment / mass is its centre
   of mass. */
function offset(room, size, moment, mass) {
    const middle = Math.floor(room / 2);
    const wanted = roundedQuotient(middle * mass - moment, mass);
    return Math.min(Math.max(wanted, 0), room - size);
}

/* levels: height x width. Returns rows x cols levels, or null without ink. */
function preparePicture(levels, width, height, rows, cols) {
    const box = inkBox(levels, width, height);
    if (!box)
        return null;
    const {h, w} = scaledSize(box, rows, cols);
    const digit = scaleBox(levels, width, box, h, w);

    let mass = 0, momentY = 0, momentX = 0;
    digit.forEach((level, i) => {
        mass += level;
        momentY += level * Math.floor(i / w);
        momentX += level * (i % w);
    });
    const top = offset(rows, h, momentY, mass);
    const left = offset(cols, w, momentX, mass);

    const picture = new Uint8Array(rows * cols);
    for (let y = 0; y < h; y++)
        picture.set(digit.subarray(y * w, (y + 1) * w),
                    (top + y) * cols + left);
    return picture;
}
