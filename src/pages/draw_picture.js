/*
 * MNIST's form: a picture of any size becomes one of R x C as MNIST's digits
 * were made, 20x20 in 28x28. This is mnist_preprocess (mnist/preprocess.h) once
 * more, so that a drawing gives here what its PNG gives in `mnist predict`. All
 * is whole numbers: white ink (255) on black (0), exact quotients, halves
 * rounded up.
 *
 *  1. Levels. With b the median of the border (each of its pixels once), d the
 *     median of |p - b| there and hi the highest pixel: if hi - b < 32 there is
 *     no ink. Else lo = b + min(4 d, floor((hi - b) / 4)), and a pixel becomes
 *     0 up to lo, round(255 (p - lo) / (hi - lo)) above.
 *  2. Box: the smallest with every pixel of at least 8, or 64 if d is not 0.
 *  3. Size: h x w becomes n x m within H x W, H = floor((5 R + 3) / 7) and W
 *     likewise (20 of 28): n = H, m = max(1, round(w H / h)) if h W >= w H,
 *     else m = W, n = max(1, round(h W / w)). Each new pixel is the mean over
 *     the area that it covers, rounded; a pixel on its edge counts in part.
 *  4. Brightness: the highest becomes 255, and the others in proportion.
 *  5. Place: the first row is at floor(R / 2 - centre of mass + 1 / 2), but
 *     inside; the first column likewise.
 * Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits".
 */

/* round(a / b) for whole numbers, b > 0. */
const roundedQuotient = (a, b) => Math.floor((2 * a + b) / (2 * b));

/* ---- Levels ---- */

/* The lowest value that half of those counted or more do not exceed. */
function median(counts) {
    const total = counts.reduce((a, b) => a + b);
    let value = 0;
    for (let seen = counts[0]; 2 * seen < total; seen += counts[++value]);
    return value;
}

function countBorder(pixels, width, height) {
    const counts = new Array(256).fill(0);
    for (let y = 0; y < height; y++) {
        const whole = y === 0 || y === height - 1;
        const step = whole || width === 1 ? 1 : width - 1;
        for (let x = 0; x < width; x += step)
            counts[pixels[y * width + x]]++;
    }
    return counts;
}

/* What each value becomes, and the least that the box must hold; or null. */
function findLevels(pixels, width, height) {
    const counts = countBorder(pixels, width, height);
    const b = median(counts), apart = new Array(256).fill(0);
    counts.forEach((count, p) => apart[Math.abs(p - b)] += count);
    const d = median(apart);
    let hi = 0;
    for (const p of pixels)
        hi = Math.max(hi, p);
    if (hi - b < 32)
        return null;
    const lo = b + Math.min(4 * d, Math.floor((hi - b) / 4));
    const table = new Uint8Array(256);
    for (let p = lo + 1; p <= hi; p++)
        table[p] = roundedQuotient(255 * (p - lo), hi - lo);
    return {table, ink: d === 0 ? 8 : 64};
}

/* ---- Box and size ---- */

function findBox(levels, width, height, ink) {
    let top = height, bottom = 0, left = width, right = 0;
    for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
            if (levels[y * width + x] < ink)
                continue;
            top = Math.min(top, y);
            bottom = y;
            left = Math.min(left, x);
            right = Math.max(right, x);
        }
    return {top, left, h: bottom - top + 1, w: right - left + 1};
}

/* Of a picture's side, what the digit may take. */
const boxSide = side => Math.floor((5 * side + 3) / 7);

function scaledSize(box, rows, cols) {
    const H = boxSide(rows), W = boxSide(cols);
    if (box.h * W >= box.w * H)
        return [H, Math.max(1, roundedQuotient(box.w * H, box.h))];
    return [Math.max(1, roundedQuotient(box.h * W, box.w)), W];
}

/*
 * For each of n parts that share `length` pixels: the pixels that it covers,
 * and how much of each, as [index, weight]. A whole pixel weighs n, and a whole
 * part `length`.
 */
function parts(n, length) {
    return Array.from({length: n}, (_, i) => {
        const begin = i * length, end = begin + length, covered = [];
        for (let k = Math.floor(begin / n); k * n < end; k++)
            covered.push([k, Math.min(end, (k + 1) * n) -
                             Math.max(begin, k * n)]);
        return covered;
    });
}

/* The box as n x m means, the highest of them 255; null if all are 0. */
function scaleBox(levels, width, box, n, m) {
    const rows = parts(n, box.h), cols = parts(m, box.w);
    const mean = (i, j) => {
        let sum = 0;
        for (const [y, inRow] of rows[i]) {
            const row = (box.top + y) * width + box.left;
            for (const [x, inColumn] of cols[j])
                sum += inRow * inColumn * levels[row + x];
        }
        return roundedQuotient(sum, box.h * box.w);
    };
    const out = Uint8Array.from({length: n * m},
                                (_, k) => mean(Math.floor(k / m), k % m));
    const highest = Math.max(...out);
    return highest && out.map(s => roundedQuotient(255 * s, highest));
}

/* ---- Place ---- */

/* Where a side begins in one of `room`; moment / mass is its centre. */
function place(room, side, moment, mass) {
    const wanted = Math.floor(((room + 1) * mass - 2 * moment) / (2 * mass));
    return Math.min(Math.max(wanted, 0), room - side);
}

/* pixels: height x width. Returns rows x cols, or null without ink. */
function preparePicture(pixels, width, height, rows, cols) {
    const found = findLevels(pixels, width, height);
    if (!found)
        return null;
    const levels = pixels.map(p => found.table[p]);
    const box = findBox(levels, width, height, found.ink);
    const [n, m] = scaledSize(box, rows, cols);
    const digit = scaleBox(levels, width, box, n, m);
    if (!digit)
        return null;

    let mass = 0, down = 0, across = 0;
    digit.forEach((v, k) => {
        mass += v;
        down += v * Math.floor(k / m);
        across += v * (k % m);
    });
    const top = place(rows, n, down, mass);
    const left = place(cols, m, across, mass);
    const picture = new Uint8Array(rows * cols);
    for (let i = 0; i < n; i++)
        picture.set(digit.subarray(i * m, (i + 1) * m),
                    (top + i) * cols + left);
    return picture;
}
