"""smaller.py IN.onnx OUT.onnx FROM TO [FROM TO]... - a network of convolutions for pictures of another size: writes
every spatial extent FROM of its inputs and outputs as TO. Weights stay as they are. Both have as many bytes when written."""

import pathlib
import sys


def varint(value):
    return bytes([value & 0x7F | 0x80, value >> 7]) if value > 0x7F else bytes([value])


def dim(value):
    """A TensorShapeProto.Dimension with dim_value, as TensorShapeProto holds it."""
    inner = b"\x08" + varint(value)
    return b"\x0a" + bytes([len(inner)]) + inner


source, target, *sides = sys.argv[1:]
network, changed = pathlib.Path(source).read_bytes(), 0
for before, after in zip(map(int, sides[::2]), map(int, sides[1::2])):
    square, smaller = dim(before) * 2, dim(after) * 2
    assert len(square) == len(smaller)
    changed += network.count(square)
    network = network.replace(square, smaller)
assert changed == len(sides) // 2, f"{changed} shapes instead of {len(sides) // 2}"
pathlib.Path(target).write_bytes(network)
