#!/usr/bin/env python3
"""make_model_seeds.py HEADRACE - compiles the small networks of Tests/golden/onnx with the command line
HEADRACE in float32, int8 and int16x8, and keeps in Tests/fuzz/corpus/model the smallest files that
together have every operator in every type that the compiler writes."""

import pathlib
import random
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPUS = ROOT / "Tests/fuzz/corpus/model"
NETWORKS = sorted((ROOT / "Tests/golden/onnx").glob("*.onnx"))
TYPES = {
    "float32": [],
    "int8": [],
    "int16x8": [],
    "int8.between-floats": ["--interface", "float32"],
    "int16x8.between-floats": ["--interface", "float32"],
}


class Model:
    """What FORMAT.md says of a file: its inputs' source shapes, and what it has of which type."""

    def __init__(self, path):
        data = path.read_bytes()
        tensors, operators, operands, inputs = struct.unpack_from("<4I", data, 64)
        (frame_inputs,) = struct.unpack_from("<I", data, 88)
        at = dict(zip(("tensors", "operators", "operands", "interface"), struct.unpack_from("<4I", data, 96)))

        def tensor(index):
            kind, rank, _, flags, *dims = struct.unpack_from("<4B6I", data, at["tensors"] + 64 * index)
            (name,) = struct.unpack_from("<I", data, at["tensors"] + 64 * index + 40)
            (strings,) = struct.unpack_from("<I", data, 120)
            (source_rank,) = struct.unpack_from("<I", data, at["tensors"] + 64 * index + 56)
            shape = dims[:rank]
            if flags & 1 and rank == 4:
                shape = [shape[0], shape[3], shape[1], shape[2]]
                if source_rank == 3:
                    del shape[2]
            text = data[strings + name : data.index(0, strings + name)].decode()
            return kind, shape, text

        words = struct.unpack_from(f"<{operands}I", data, at["operands"])
        self.inputs = [tensor(i)[1:] for i in struct.unpack_from(f"<{inputs}I", data, at["interface"])]
        self.kinds = set()
        for index in range(operators):
            code, _, count, _, first = struct.unpack_from("<4HI", data, at["operators"] + 96 * index)
            first_type, output_type = tensor(words[first])[0], tensor(words[first + count])[0]
            self.kinds.add((code, first_type, output_type))
        if frame_inputs:
            self.kinds.add(("frame", tensor(struct.unpack_from("<I", data, at["interface"])[0])[0]))
        if data.count(b"labels\0"):
            self.kinds.add(("labels",))


def write_array(path, shape, samples=3):
    """A .npy array of float32 from -2 to 2, `samples` along one more axis."""
    count = samples
    for extent in shape:
        count *= extent
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {(samples, *shape)}, }}"
    header = header.ljust(117) + "\n"
    values = random.Random(1)
    body = struct.pack(f"<{count}f", *(values.uniform(-2, 2) for _ in range(count)))
    path.write_bytes(b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() + body)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def requantize_instead(model):
    """The file of a model of one reshape, with requantize in its place: the compiler writes that only for
    networks that come quantized."""
    data = bytearray(model)
    tensors, operators = struct.unpack_from("<2I", data, 96)
    data[tensors + 65], data[tensors + 68 : tensors + 92] = data[tensors + 1], data[tensors + 4 : tensors + 28]
    struct.pack_into("<H", data, operators, 25)
    struct.pack_into("<2i", data, operators + 32, 3 << 29, 31)
    struct.pack_into("<2I", data, 16, 0, crc32c(data[256:]))
    struct.pack_into("<I", data, 16, crc32c(data[:256]))
    return bytes(data)


def compile_network(headrace, network, out, *options):
    command = [headrace, "compile", network, "-o", out, "--quiet", *options]
    return subprocess.run(command, capture_output=True).returncode == 0


def compile_all(headrace, folder):
    for network in NETWORKS:
        plain = folder / f"{network.stem}.float32.hrm"
        if not compile_network(headrace, network, plain):
            continue
        arrays = []
        for index, (shape, name) in enumerate(Model(plain).inputs):
            path = folder / f"{network.stem}.{index}.npy"
            write_array(path, shape)
            arrays.append(f"{name}={path}")
        for kind, options in TYPES.items():
            if kind != "float32":
                arithmetic = ["--type", kind.split(".")[0], "--calibrate", *arrays]
                compile_network(headrace, network, folder / f"{network.stem}.{kind}.hrm", *arithmetic, *options)


def main():
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        compile_all(sys.argv[1], folder)
        models = {path: Model(path).kinds for path in folder.glob("*.hrm")}
        smallest_first = sorted(models, key=lambda path: (path.stat().st_size, path.name))
        CORPUS.mkdir(parents=True, exist_ok=True)
        for old in CORPUS.glob("*.hrm"):
            old.unlink()
        seen, total = set(), 0
        for path in smallest_first:
            if models[path] - seen:
                seen |= models[path]
                total += path.stat().st_size
                (CORPUS / path.name).write_bytes(path.read_bytes())
        for kind in ("int8", "int16x8"):
            reshape = (folder / f"flatten_one.{kind}.hrm").read_bytes()
            (CORPUS / f"requantize.{kind}.hrm").write_bytes(requantize_instead(reshape))
            total += len(reshape)
        print(f"{len(list(CORPUS.glob('*.hrm')))} files, {total} bytes")
        print(*sorted("-".join(map(str, kind)) for kind in seen))


main()
