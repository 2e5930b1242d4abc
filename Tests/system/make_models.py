#!/usr/bin/env python3
"""make_models.py HEADRACE - makes the networks of Tests/system/models: random weights, layers of many
shapes, so that every tile of every kernel has full and partial work, in int8 and int16x8; and one in float32.

Each layer's result is an output of its own. Needs numpy and onnx; everything is drawn from fixed seeds.
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).parent / "models"


class Network:
    def __init__(self, name, *shape):
        self.name, self.shape = name, shape
        self.random = np.random.default_rng(sum(map(ord, name)))
        self.nodes, self.constants, self.outputs = [], [], []

    def number(self, value):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.float32(value), name))
        return name

    def constant(self, *shape, each=None):
        """Random numbers; `each` multiplies those of each output channel."""
        name = f"c{len(self.constants)}"
        values = self.random.normal(0, 1 / np.sqrt(np.prod(shape[1:]) or 1), shape)
        if each is not None:
            values *= each.reshape(-1, *[1] * (len(shape) - 1))
        self.constants.append(numpy_helper.from_array(values.astype(np.float32), name))
        return name

    def add(self, operator, *inputs, **attributes):
        name = f"y{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        self.outputs.append(name)
        return name

    def conv(self, x, inputs, outputs, kernel, *, group=1, relu=False, **attributes):
        w = self.constant(outputs, inputs // group, *kernel)
        y = self.add("Conv", x, w, self.constant(outputs), group=group, kernel_shape=list(kernel), **attributes)
        return self.add("Relu", y) if relu else y

    def write(self, path):
        graph = helper.make_graph(
            self.nodes, self.name,
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, *self.shape])],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in self.outputs],
            self.constants)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)

    def samples(self, path):
        np.save(path, self.random.uniform(-2, 2, (4, *self.shape)).astype(np.float32))


def picture_entry():
    net = Network("entry", 3, 21, 26)
    net.conv("x", 3, 24, (7, 7), strides=[2, 2], pads=[3, 3, 3, 3], relu=True)
    net.conv("x", 3, 20, (3, 3), strides=[2, 2], pads=[0, 0, 1, 1], relu=True)
    net.conv("x", 3, 33, (3, 3), pads=[1, 1, 1, 1])
    net.conv("x", 3, 8, (5, 4), dilations=[2, 1])
    return net


def pointwise():
    net = Network("pointwise", 20, 7, 9)
    y = net.conv("x", 20, 56, (1, 1), relu=True)
    y = net.conv(y, 56, 41, (1, 1))
    y = net.conv(y, 41, 128, (1, 1), strides=[2, 2])
    y = net.conv(y, 128, 36, (1, 1), relu=True)
    net.conv(y, 36, 5, (1, 1))
    return net


def windows():
    net = Network("windows", 32, 11, 10)
    y = net.conv("x", 32, 40, (3, 3), pads=[1, 1, 1, 1], relu=True)
    y = net.conv(y, 40, 24, (3, 3), strides=[2, 2], pads=[1, 1, 1, 1])
    net.conv(y, 24, 72, (2, 3), pads=[1, 1, 0, 1], relu=True)
    net.conv(y, 24, 36, (3, 3), group=2, pads=[1, 1, 1, 1])
    net.conv(y, 24, 12, (3, 1), group=4)
    return net


def depthwise():
    net = Network("depthwise", 40, 13, 19)
    a = net.conv("x", 40, 40, (3, 3), group=40, pads=[1, 1, 1, 1], relu=True)
    b = net.conv(a, 40, 40, (3, 3), group=40, strides=[2, 2], pads=[1, 1, 1, 1])
    net.conv(b, 40, 40, (5, 5), group=40, pads=[2, 2, 2, 2])
    net.conv("x", 40, 40, (3, 3), group=40, strides=[2, 2], pads=[0, 0, 1, 1], relu=True)
    net.conv("x", 40, 80, (3, 3), group=40, pads=[1, 1, 1, 1])
    c = net.conv(b, 40, 24, (1, 1))
    net.conv(c, 24, 24, (3, 3), group=24, pads=[1, 1, 1, 1])
    d = net.conv(c, 24, 13, (1, 1))
    net.conv(d, 13, 13, (3, 3), group=13, pads=[1, 1, 1, 1])
    net.conv(d, 13, 13, (1, 3), group=13, pads=[0, 1, 0, 1])
    return net


def sequence():
    net = Network("sequence", 7, 1, 70)
    a = net.conv("x", 7, 48, (1, 3), pads=[0, 1, 0, 1], relu=True)
    for dilation in (1, 4, 16):
        b = net.conv(a, 48, 48, (1, 3), group=48, dilations=[1, dilation], pads=[0, dilation, 0, dilation], relu=True)
        a = net.add("Add", a, net.conv(b, 48, 48, (1, 1)))
    return net


def transposed():
    net = Network("transposed", 12, 6, 5)
    w = net.constant(12, 20, 3, 3)
    a = net.add("ConvTranspose", "x", w, net.constant(20), strides=[2, 2], pads=[1, 1, 1, 1])
    w = net.constant(20, 9, 1, 1)
    net.add("ConvTranspose", a, w, strides=[2, 2])
    w = net.constant(12, 6, 2, 2)
    net.add("ConvTranspose", "x", w, group=2, strides=[3, 3])
    return net


def elements():
    net = Network("elements", 19, 9, 8)
    a = net.conv("x", 19, 19, (1, 1))
    b = net.add("Mul", a, "x")
    c = net.add("Sub", b, a)
    d = net.add("Add", c, b)
    net.add("Max", d, a)
    e = net.add("MaxPool", d, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    net.add("AveragePool", d, kernel_shape=[2, 3], strides=[2, 2])
    f = net.add("Concat", e, e, axis=1)
    net.add("Sigmoid", f)
    net.add("LeakyRelu", f, alpha=0.1)
    g = net.add("GlobalAveragePool", f)
    h = net.add("Flatten", g)
    i = net.add("Gemm", h, net.constant(45, 38), net.constant(45), transB=1)
    net.add("Softmax", i)
    return net


def clipped():
    """Outputs are a small part of what sums reach, more so in later channels: factors below 1/4 to above 1."""
    net = Network("clipped", 40, 9, 11)
    low, high = net.number(-0.4), net.number(0.5)
    for kernel, group, attributes in [
        ((1, 1), 1, {}),
        ((3, 3), 40, {"pads": [1, 1, 1, 1]}),
        ((3, 3), 40, {"strides": [2, 2], "pads": [0, 0, 1, 1]}),
        ((1, 3), 40, {"pads": [0, 1, 0, 1]}),
    ]:
        weights = net.constant(40, 40 // group, *kernel, each=np.geomspace(1, 400, 40))
        y = net.add("Conv", "x", weights, net.constant(40), group=group, kernel_shape=list(kernel), **attributes)
        net.add("Clip", y, low, high)
        net.outputs.remove(y)
    return net


def floats():
    """Besides, outputs that no tap reaches."""
    net = Network("floats", 6, 9, 7)
    a = net.conv("x", 6, 12, (3, 3), pads=[1, 1, 1, 1])
    b = net.conv(a, 12, 12, (3, 3), group=12, pads=[1, 1, 1, 1], relu=True)
    c = net.conv(b, 12, 9, (1, 1))
    net.add("ConvTranspose", b, net.constant(12, 9, 1, 1), net.constant(9), strides=[2, 2])
    net.add("ConvTranspose", c, net.constant(9, 4, 3, 3), net.constant(4), strides=[2, 2], pads=[1, 1, 1, 1])
    net.add("MaxPool", c, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    d = net.add("Flatten", net.add("GlobalAveragePool", b))
    net.add("Gemm", d, net.constant(11, 12), net.constant(11), transB=1)
    return net


def compile_network(network, kind, folder):
    source, samples = folder / "net.onnx", folder / "x.npy"
    calibration = ["--calibrate", samples] if kind != "float32" else []
    network.write(source)
    network.samples(samples)
    subprocess.run(
        [sys.argv[1], "compile", source, "-o", FOLDER / f"{network.name}.{kind}.hrm", "--type", kind,
         *calibration, "--quiet"], check=True)


def main():
    FOLDER.mkdir(exist_ok=True)
    for network in (picture_entry, pointwise, windows, depthwise, sequence, transposed, elements, clipped):
        for kind in ("int8", "int16x8"):
            with tempfile.TemporaryDirectory() as temporary:
                compile_network(network(), kind, pathlib.Path(temporary))
    with tempfile.TemporaryDirectory() as temporary:
        compile_network(floats(), "float32", pathlib.Path(temporary))


main()
