"""What Python makes of exported files, and what mnist makes of others'.

    check.py PROGRAM NAME...

Of each NAME, beside each other: NAME.safetensors, read as the specification of
the format says; NAME.npz and NAME.onnx, exported from it; NAME.idx and
NAME.jsonl, images and what mnist predict --json says of them; and
NAME.tensors.json, what JavaScript read. Checks that

- all of them hold the same tensors, in the layouts that they promise,
- the ONNX project's own checker finds nothing wrong,
- the network, computed here in float64 from the arrays of NAME.npz, gives the
  same probabilities,
- mnist import makes the same weights of what PyTorch and Keras would have
  saved of this network.
"""
import hashlib
import json
import pathlib
import struct
import subprocess
import sys

import numpy as np
import onnx

TOLERANCE = 1e-5


def require(condition, what):
    if not condition:
        sys.exit(f"check.py: {what}")


# --- safetensors, as https://github.com/huggingface/safetensors describes it --


def read_safetensors(path):
    """The arrays and the metadata of a file, which must be right."""
    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    require(length <= 100_000_000 and 8 + length <= len(data), f"{path}: length")
    require(data[8:9] == b"{", f"{path}: the header does not begin with '{{'")

    def once(pairs):
        keys = [key for key, _ in pairs]
        require(len(keys) == len(set(keys)), f"{path}: a key is there twice")
        return dict(pairs)

    header = json.loads(data[8:8 + length].decode(), object_pairs_hook=once)
    metadata = header.pop("__metadata__", {})
    require(all(isinstance(v, str) for v in metadata.values()),
            f"{path}: metadata that are no strings")
    arrays, end = {}, 0
    body = data[8 + length:]
    for name, entry in sorted(header.items(),
                              key=lambda item: item[1]["data_offsets"]):
        begin, stop = entry["data_offsets"]
        require(begin == end and entry["dtype"] == "F32", f"{path}: {name}")
        array = np.frombuffer(body[begin:stop], "<f4")
        arrays[name] = array.reshape(entry["shape"])
        end = stop
    require(end == len(body), f"{path}: {len(body) - end} bytes behind the data")
    return arrays, metadata


def write_safetensors(path, arrays, metadata):
    """As the writer in Rust does it: in the order of names."""
    header, body = {"__metadata__": metadata} if metadata else {}, b""
    types = {"float32": "F32", "float64": "F64", "float16": "F16"}
    for name, array in sorted(arrays.items()):
        raw = np.ascontiguousarray(array).tobytes()
        header[name] = {"dtype": types[array.dtype.name],
                        "shape": list(array.shape),
                        "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + body)


# --- The network, in float64 ------------------------------------------------


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


ACTIVATIONS = {
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softmax": softmax,
    "linear": lambda x: x,
}


def layers_of(line):
    """Keyword, fields and, where there are arrays, Keras' name."""
    seen = {}
    for text in line.split(","):
        keyword, *fields = text.split(":")
        n = seen.get(keyword, 0)
        seen[keyword] = n + 1
        yield keyword, fields, keyword + (f"_{n}" if n else "")


def conv2d(x, kernel):
    h, w = kernel.shape[:2]
    windows = np.lib.stride_tricks.sliding_window_view(x, (h, w), axis=(1, 2))
    return np.einsum("nyxchw,hwcf->nyxf", windows, kernel, optimize=True)


def pool(x, field, reduce):
    h, w = map(int, field.split("x"))
    rows, cols = x.shape[1] // h, x.shape[2] // w
    x = x[:, :rows * h, :cols * w]
    return reduce(x.reshape(len(x), rows, h, cols, w, -1), axis=(2, 4))


def forward(arrays, images):
    x = images[..., None] / np.float64(arrays["scale"])
    for keyword, fields, name in layers_of(str(arrays["network"])):
        if keyword in ("dense", "flatten"):
            x = x.reshape(len(x), -1)
        if keyword in ("dense", "conv2d"):
            kernel = arrays[f"{name}.kernel"].astype(np.float64)
            x = x @ kernel if keyword == "dense" else conv2d(x, kernel)
            x = x + arrays[f"{name}.bias"]
            for field in fields:
                x = ACTIVATIONS.get(field, ACTIVATIONS["linear"])(x)
        elif keyword == "avgpool":
            x = pool(x, fields[0], np.mean)
        elif keyword == "maxpool":
            x = pool(x, fields[0], np.max)
    return x


# --- Other programs' layouts ------------------------------------------------


def pictures_before_dense(line, rows, cols):
    """Of each dense layer whose rows were a picture: its shape."""
    shape, found = (rows, cols, 1), {}
    for keyword, fields, name in layers_of(line):
        if keyword == "conv2d":
            h, w = map(int, fields[1].split("x"))
            shape = (shape[0] - h + 1, shape[1] - w + 1, int(fields[0]))
        elif keyword in ("avgpool", "maxpool"):
            h, w = map(int, fields[0].split("x"))
            shape = (shape[0] // h, shape[1] // w, shape[2])
        elif keyword == "dense" and shape:
            found[name], shape = shape, None
    return found


def as_pytorch(arrays, modules):
    """state_dict() of nn.Sequential: '3.weight', (out, in), OIHW."""
    rows, cols = arrays["input"]
    pictures = pictures_before_dense(str(arrays["network"]), rows, cols)
    out, number = {}, 0
    for _, _, name in layers_of(str(arrays["network"])):
        if f"{name}.kernel" in arrays:
            kernel = arrays[f"{name}.kernel"]
            if name in pictures:
                kernel = kernel.reshape(*pictures[name], -1)
                kernel = kernel.transpose(2, 0, 1, 3)
                kernel = kernel.reshape(-1, kernel.shape[-1])
            axes = (3, 2, 0, 1) if kernel.ndim == 4 else (1, 0)
            out[modules(number, "weight")] = kernel.transpose(axes)
            out[modules(number, "bias")] = arrays[f"{name}.bias"]
        number += 2
    return out


def as_keras(arrays):
    """The paths of Keras 3's .weights.h5."""
    out = {}
    for key, part in (("kernel", 0), ("bias", 1)):
        for name in arrays:
            if name.endswith("." + key):
                layer = name[:-len(key) - 1]
                out[f"layers/{layer}/vars/{part}"] = arrays[name]
    return out


# --- The checks -------------------------------------------------------------


def same(a, b):
    return a.shape == b.shape and a.tobytes() == b.tobytes()


def check_readers(name, stored, metadata, arrays):
    told = json.loads(pathlib.Path(f"{name}.tensors.json").read_text())
    require(told["metadata"] == metadata, f"{name}: metadata in JavaScript")
    require(set(told["tensors"]) == set(stored), f"{name}: tensors")
    require(set(arrays) == set(stored) | {"network", "input", "scale"},
            f"{name}.npz holds {sorted(arrays)}")
    for key, array in stored.items():
        right = {"dtype": "F32", "shape": list(array.shape),
                 "sha256": hashlib.sha256(array.tobytes()).hexdigest()}
        require(told["tensors"][key] == right, f"{name}: {key} in JavaScript")
        require(same(arrays[key], array), f"{name}.npz: {key}")
    require(str(arrays["network"]) == metadata["network"], f"{name}.npz: line")
    require("x".join(map(str, arrays["input"])) == metadata["input"],
            f"{name}.npz: input")
    require(arrays["scale"] == np.float32(metadata["scale"]),
            f"{name}.npz: scale")


def check_onnx(name, arrays):
    model = onnx.load(f"{name}.onnx")
    onnx.checker.check_model(model, full_check=True)
    require(model.ir_version == 7, f"{name}.onnx: IR version")
    require([(o.domain, o.version) for o in model.opset_import] == [("", 13)],
            f"{name}.onnx: operator set")
    initializers = {i.name for i in model.graph.initializer} - {"scale"}
    require(initializers == {k for k in arrays if "." in k},
            f"{name}.onnx: initializers")
    metadata = {p.key: p.value for p in model.metadata_props}
    require(metadata["network"] == str(arrays["network"]),
            f"{name}.onnx: metadata")


def check_values(name, arrays):
    lines = pathlib.Path(f"{name}.jsonl").read_text().splitlines()
    expected = np.array([json.loads(line)["probabilities"] for line in lines])
    pixels = np.fromfile(f"{name}.idx", np.uint8)[16:]
    images = pixels.reshape(-1, *arrays["input"])[:len(expected)]
    apart = np.abs(forward(arrays, images) - expected).max()
    print(f"{name}: {len(expected)} images in NumPy from the .npz, "
          f"apart {apart:.1e}")
    require(apart <= TOLERANCE, f"{name}: more than {TOLERANCE} apart")


def check_import(program, name, stored, what, tensors, metadata):
    path = f"{name}.{what}.foreign"
    line = read_safetensors(f"{name}.safetensors")[1]
    write_safetensors(path, tensors, metadata)
    command = [program, "import", path, "--out", f"{name}.back", "--net",
               line["network"], "--input", line["input"], "--scale",
               line["scale"]]
    done = subprocess.run(command, capture_output=True, text=True)
    require(done.returncode == 0, f"{name}: {what}: {done.stderr}")
    back, metadata = read_safetensors(f"{name}.back")
    require(metadata["network"] == line["network"], f"{name}: {what}: line")
    for key, array in stored.items():
        require(same(back[key], array), f"{name}: {what}: {key}")


def check(program, name):
    stored, metadata = read_safetensors(f"{name}.safetensors")
    with np.load(f"{name}.npz") as file:
        arrays = dict(file)
    check_readers(name, stored, metadata, arrays)
    check_onnx(name, arrays)
    check_values(name, arrays)
    torch = {"format": "pt"}
    sequential = as_pytorch(arrays, "{}.{}".format)
    named = as_pytorch(arrays, "module.fc{}.{}".format)
    wide = {k: v.astype(np.float64) for k, v in sequential.items()}
    keras = as_keras(arrays)
    for what, tensors, notes in (("sequential", sequential, torch),
                                 ("named", named, torch),
                                 ("float64", wide, torch),
                                 ("keras", keras, None)):
        check_import(program, name, stored, what, tensors, notes)
    print(f"{name}: .npz, .onnx and safetensors agree; import gives it back")


for each in sys.argv[2:]:
    check(sys.argv[1], each)
