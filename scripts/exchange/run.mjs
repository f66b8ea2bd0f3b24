// What JavaScript makes of exported files.
//
//     node run.mjs NAME...
//
// Of each NAME: NAME.onnx is run by ONNX Runtime on the images of NAME.idx, and
// its probabilities are held against those of mnist predict --json in
// NAME.jsonl: they may differ by 1e-5. NAME.safetensors is opened, and what is
// in it goes to NAME.tensors.json: type, shape and SHA-256 of each tensor, and
// the metadata.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { safetensors } from '@jax-js/loaders';
import * as ort from 'onnxruntime-web';

const TOLERANCE = 1e-5;
ort.env.wasm.numThreads = 1;

function readImages(path) {
    const bytes = readFileSync(path);
    const [count, rows, cols] = [4, 8, 12].map((at) => bytes.readUInt32BE(at));
    return { count, rows, cols, pixels: Float32Array.from(bytes.subarray(16)) };
}

function readProbabilities(path) {
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line).probabilities);
}

async function runModel(name) {
    const model = await ort.InferenceSession.create(`${name}.onnx`,
        { executionProviders: ['wasm'] });
    const { rows, cols, pixels } = readImages(`${name}.idx`);
    const expected = readProbabilities(`${name}.jsonl`);
    const count = expected.length;
    const image = new ort.Tensor('float32',
        pixels.subarray(0, count * rows * cols), [count, 1, rows, cols]);
    const { probabilities } = await model.run({ image });
    let apart = 0;
    const flat = expected.flat();
    if (flat.length !== probabilities.data.length)
        throw new Error(`${name}: ${probabilities.data.length} probabilities, ` +
            `expected ${flat.length}`);
    flat.forEach((p, i) => {
        const difference = Math.abs(p - probabilities.data[i]);
        if (!(difference <= apart)) // a NaN, too
            apart = difference;
    });
    console.log(`${name}: ${count} images in ONNX Runtime, ` +
        `apart ${apart.toExponential(1)}`);
    if (!(apart <= TOLERANCE))
        throw new Error(`${name}: more than ${TOLERANCE} apart`);
}

function openWeights(name) {
    const bytes = new Uint8Array(readFileSync(`${name}.safetensors`));
    const { tensors, metadata } = safetensors.parse(bytes);
    const told = {};
    for (const [key, { dtype, shape, data }] of Object.entries(tensors)) {
        const raw = new Uint8Array(data.buffer, data.byteOffset,
            data.byteLength);
        const sha256 = createHash('sha256').update(raw).digest('hex');
        told[key] = { dtype, shape, sha256 };
    }
    writeFileSync(`${name}.tensors.json`,
        JSON.stringify({ tensors: told, metadata }));
}

for (const name of process.argv.slice(2)) {
    await runModel(name);
    openWeights(name);
}
