"""The programs that ours is held against: which there are, and their commands.

blas_mlp.c is the same network by hand on a BLAS, torch_*.py the same in
PyTorch; both come from a folder that is not part of this repository.
"""
import gzip
import os
import subprocess

from machine import first_line

PYTHON = "/usr/bin/python3"  # the one that Debian's PyTorch belongs to

# As one who wants speed would build it.
FLAGS = ["-O3", "-march=native", "-ffast-math", "-fopenmp", "-w"]
if os.uname().machine == "x86_64":
    FLAGS.append("-mprefer-vector-width=512")

PACKAGES = {"OpenBLAS": "libopenblas-openmp-dev", "oneDNN": "libdnnl-dev",
            "PyTorch": "python3-torch"}


def sizes_fit(data):
    """blas_mlp.c has the sizes of MNIST written into it."""
    sizes = {"train-images-idx3-ubyte": 16 + 60000 * 784,
             "train-labels-idx1-ubyte": 8 + 60000,
             "t10k-images-idx3-ubyte": 16 + 10000 * 784,
             "t10k-labels-idx1-ubyte": 8 + 10000}
    return all((data / name).is_file() and
               (data / name).stat().st_size == size
               for name, size in sizes.items())


class Peers:
    """folder: of the peers' sources, or None. prefix: where libraries are
    looked for, /usr. work: where programs and models go. data: a folder of raw
    IDX files."""

    def __init__(self, folder, prefix, work, data):
        self.folder, self.work, self.data = folder, work, data
        self.notes = []     # what is skipped, and why
        self.versions = {}
        self.program = {}   # name of the BLAS: blas_mlp on it
        self.openblas = self.find(prefix, "lib/*/openblas-openmp/libblas.so.3",
                                  "lib*/openblas-openmp/libblas.so.3")
        self.torch = False
        if folder is None:
            self.notes.append("no folder of peers: nothing to compare with "
                              "(--peers DIR)")
        elif not sizes_fit(data):
            self.notes.append(f"{data} is not MNIST, raw or gzip'd: the peers, "
                              "which take nothing else, are skipped")
        else:
            self.build_openblas(prefix)
            self.build_dnnl(prefix)
            self.find_torch()

    @staticmethod
    def find(prefix, *patterns):
        """The folder of the first file that is there, or None."""
        for pattern in patterns:
            for path in sorted(prefix.glob(pattern)):
                return path.parent
        return None

    def skip(self, peer, why):
        self.notes.append(f"{peer} is skipped: {why} (Debian: "
                          f"{PACKAGES[peer]}; --install)")

    def compile(self, peer, options):
        source = self.folder / "blas_mlp.c"
        program = self.work / f"blas_mlp-{peer.lower()}"
        command = [os.environ.get("CC", "cc"), *FLAGS, str(source), "-o",
                   str(program), *options, "-lm"]
        try:
            done = subprocess.run(command, capture_output=True, text=True,
                                  check=False)
        except OSError as problem:
            self.skip(peer, f"no compiler, {problem}")
            return False
        if done.returncode != 0:
            self.skip(peer, "blas_mlp.c cannot be built with it, " +
                      (done.stderr.strip().splitlines() or ["?"])[0])
            return False
        self.program[peer] = program
        return True

    def version(self, peer, library, statement):
        # In a process of its own, for it loads the library.
        self.versions[peer] = first_line(
            PYTHON, "-c", "import ctypes; c = ctypes; "
            f"l = c.CDLL({str(library)!r}); {statement}")

    def build_openblas(self, prefix):
        include = self.find(prefix, "include/*/openblas-openmp/cblas.h",
                            "include/openblas-openmp/cblas.h")
        if not (self.openblas and include):
            self.skip("OpenBLAS", "its OpenMP build is not installed")
            return
        folder = str(self.openblas)
        if self.compile("OpenBLAS", ["-I", str(include), "-L", folder,
                                     f"-Wl,-rpath,{folder}", "-lopenblas"]):
            self.version("OpenBLAS", self.openblas / "libopenblas.so.0",
                         "f = l.openblas_get_config; f.restype = c.c_char_p; "
                         "print(f().decode())")

    def build_dnnl(self, prefix):
        library = self.find(prefix, "lib/*/libdnnl.so", "lib*/libdnnl.so")
        include = self.find(prefix, "include/dnnl.h", "include/*/dnnl.h")
        if not (library and include):
            self.skip("oneDNN", "it is not installed")
            return
        if self.compile("oneDNN", ["-DUSE_DNNL", "-DRBLOCK=392", "-I",
                                   str(include), "-L", str(library),
                                   f"-Wl,-rpath,{library}", "-ldnnl"]):
            self.version("oneDNN", library / "libdnnl.so",
                         "f = l.dnnl_version; "
                         "f.restype = c.POINTER(c.c_int * 3); "
                         "print(*f().contents, sep='.')")

    def find_torch(self):
        version = first_line(PYTHON, "-c",
                             "import torch; print(torch.__version__)")
        if not version:
            self.skip("PyTorch", f"{PYTHON} cannot import torch")
        elif not self.openblas:
            self.skip("PyTorch", "without the OpenMP build of OpenBLAS its "
                      "two pools of threads starve each other")
        else:
            self.torch = True
            self.versions["PyTorch"] = version

    # ---- Commands, each with its environment ----

    def blas_train(self, blas, epochs, threads, out):
        return [str(self.program[blas]), "train", str(self.data), str(out),
                str(epochs), "0", str(threads), "split"]

    def blas(self, blas, verb, model, *rest):
        return [str(self.program[blas]), verb, str(self.data), str(model),
                *rest]

    def torch_env(self):
        return {"LD_LIBRARY_PATH": str(self.openblas)}

    def torch_train(self, script, net, epochs, threads):
        return [PYTHON, str(self.folder / script), str(self.data), net,
                str(epochs), "0", str(threads)]

    def torch_best(self, verb, net, model, *rest):
        return [PYTHON, str(self.folder / "torch_best.py"), verb,
                str(self.data), net, str(model), *rest]


def raw_data(data, work):
    """A folder of raw files: the data's own, or a copy if they are gzip'd."""
    parts = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3",
             "t10k-labels-idx1")
    files = [f"{part}-ubyte" for part in parts]
    if all((data / name).is_file() for name in files):
        return data
    raw = work / "data"
    raw.mkdir(exist_ok=True)
    for name in files:
        for packed in (data / f"{name}.gz",
                       data / (name.replace("-idx", ".idx") + ".gz")):
            if packed.is_file():
                (raw / name).write_bytes(gzip.decompress(packed.read_bytes()))
                break
        else:
            plain = data / name
            if not plain.is_file():
                plain = data / name.replace("-idx", ".idx")
            if plain.is_file():
                (raw / name).write_bytes(plain.read_bytes())
    return raw

