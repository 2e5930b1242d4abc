#!/usr/bin/env python3
"""Records what the networks in ../shared/bench/models compute, for OnnxNetworkTests.swift.

    python make_network_outputs.py MODELS [FOLDER]     needs onnx, onnxruntime, numpy and torch

Float networks are run by ONNX Runtime. Quantized ones are evaluated here node by node, as ONNX defines
them, in double precision: ONNX Runtime's int8 kernels for x86 saturate 16-bit sums, and without them it
computes in float32, whose rounding puts sums on the other side of a tie now and then, which zerodce's
eight iterations amplify to seven steps of its output.

Writes NAME.expected (a serialized GraphProto) with one tensor, named after the output: its elements,
or every k-th of more than 4,096.
"""

import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper, numpy_helper
from torch.nn import functional

MODELS = pathlib.Path(sys.argv[1])
FOLDER = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else pathlib.Path(__file__).parent / "networks")


def spread(parameter, rank, axis):
    """A scale or zero point in the shape that broadcasts along `axis`."""
    shape = [1] * rank
    if parameter.size > 1:
        shape[axis] = -1
    return parameter.astype(np.float64).reshape(shape)


def evaluate(node, inputs):
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    x = inputs[0]

    def tensors():
        return [torch.tensor(i) for i in inputs]

    def padded(image, value):
        top, left, bottom, right = attributes.get("pads", [0] * 4)
        return functional.pad(image, (left, right, top, bottom), value=value)

    match node.op_type:
        case "DequantizeLinear" | "QuantizeLinear":
            axis = attributes.get("axis", 1)
            scale, zero = (spread(p, x.ndim, axis) for p in inputs[1:3])
            if node.op_type == "DequantizeLinear":
                return (x.astype(np.float64) - zero) * scale
            limits = np.iinfo(inputs[2].dtype)
            return np.clip(np.rint(x / scale) + zero, limits.min, limits.max).astype(inputs[2].dtype)
        case "Conv":
            image, *parameters = tensors()
            return functional.conv2d(
                padded(image, 0), *parameters, stride=attributes["strides"],
                dilation=attributes.get("dilations", 1), groups=attributes.get("group", 1)).numpy()
        case "MaxPool":
            return functional.max_pool2d(
                padded(torch.tensor(x), -np.inf), attributes["kernel_shape"],
                attributes["strides"]).numpy()
        case "GlobalAveragePool":
            return x.mean(axis=(2, 3), keepdims=True)
        case "Gemm":
            weights = inputs[1].T if attributes.get("transB") else inputs[1]
            return x @ weights + inputs[2]
        case "Flatten":
            return x.reshape(x.shape[0], -1)
        case "Add":
            return x + inputs[1]
        case "Sub":
            return x - inputs[1]
        case "Mul":
            return x * inputs[1]
        case "Tanh":
            return np.tanh(x)
        case "Concat":
            return np.concatenate(inputs, attributes["axis"])
        case "Slice":
            slices = [slice(None)] * x.ndim
            for start, end, axis in zip(*inputs[1:4]):
                slices[axis] = slice(start, end)
            return x[tuple(slices)]
    raise ValueError(node.op_type)


def exactly(path, name, array):
    graph = onnx.load(path).graph
    values = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    values[name] = array.astype(np.float64)
    for node in graph.node:
        values[node.output[0]] = evaluate(node, [values[i] for i in node.input])
    return values[graph.output[0].name].astype(np.float32)


FOLDER.mkdir(parents=True, exist_ok=True)
for path in sorted(MODELS.glob("*.onnx")):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    array = np.load(MODELS / (path.name.split(".")[0] + ".in.npy"))
    if ".f32" in path.name:
        result = session.run(None, {name: array})[0].ravel()
    else:
        result = exactly(path, name, array).ravel()
    step = 1 if result.size <= 4096 else result.size // 2048 | 1
    tensors = [numpy_helper.from_array(result[::step], session.get_outputs()[0].name)]
    (FOLDER / f"{path.stem}.expected").write_bytes(
        helper.make_graph([], path.stem, [], [], tensors).SerializeToString())
    print(path.stem, result.shape, step)
