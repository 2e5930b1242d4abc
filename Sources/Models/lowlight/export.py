"""Writes networks as ONNX files, and checks them against PyTorch."""

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from network import Block, Clean, Tone


class Graph:
    def __init__(self):
        self.nodes, self.weights, self.count = [], [], 0

    def weight(self, name, values):
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind, inputs, output=None, **attributes):
        self.count += 1
        output = output or f"x{self.count}"
        self.nodes.append(helper.make_node(kind, inputs, [output], name=f"{kind}{self.count}", **attributes))
        return output

    def layers(self, name, layers, output=None):
        """A sequence, whose last layer writes to `output`."""
        layers = list(layers)
        for index, layer in enumerate(layers):
            name = self.layer(name, layer, output if index == len(layers) - 1 else None)
        return name

    def layer(self, name, layer, output=None):
        if isinstance(layer, nn.Conv2d):
            own = f"{len(self.weights)}"
            parts = [self.weight(f"{own}.{kind}", getattr(layer, kind).detach().numpy()) for kind in ("weight", "bias")]
            return self.node("Conv", [name, *parts], output, kernel_shape=list(layer.kernel_size),
                             strides=list(layer.stride), pads=list(layer.padding) * 2, group=layer.groups)
        if isinstance(layer, nn.ReLU):
            return self.node("Relu", [name], output)
        if isinstance(layer, Block):
            return self.node("Add", [name, self.layers(name, layer.layers)], output)
        raise TypeError(layer)


def tone_graph(tone):
    graph, name, pooled = Graph(), "small", []
    for stage in tone.stages:
        name = graph.layers(name, stage)
        pooled.append(graph.node("GlobalAveragePool", [name]))
    graph.layers(graph.node("Concat", pooled, axis=1), tone.head, "coefficients")
    return graph


def clean_graph(clean):
    graph = Graph()
    scales = graph.weight("scales", np.array([1, 1, 2, 2], np.float32))

    def halved(name):
        return graph.node("AveragePool", [name], kernel_shape=[2, 2], strides=[2, 2])

    def doubled(name):
        return graph.node("Resize", [name, "", scales], mode="linear", coordinate_transformation_mode="half_pixel")

    def shuffled(name):
        return graph.node("DepthToSpace", [name], blocksize=2, mode="CRD")

    def kept(base, details, keep):
        return graph.node("Add", [base, graph.node("Mul", [keep, details])])

    half = halved("mapped")
    quarter = halved(half)
    least = doubled(halved(quarter))
    x = graph.layers(graph.layers("mapped", clean.entry), clean.before)
    coarse = graph.layers(graph.layers(x, clean.down), clean.inside)
    x = graph.node("Add", [x, doubled(graph.layer(coarse, clean.up))])
    x = graph.layers(x, clean.after)
    keep = [graph.layers(name, own) for name, own in zip((x, x, coarse), clean.keep)]
    least = doubled(kept(least, graph.node("Sub", [quarter, least]), keep[2]))
    least = doubled(kept(least, graph.node("Sub", [half, doubled(quarter)]), keep[1]))
    total = kept(least, graph.node("Sub", ["mapped", doubled(half)]), shuffled(keep[0]))
    total = graph.node("Add", [total, shuffled(graph.layer(x, clean.add))])
    bounds = [graph.weight(key, np.array(value, np.float32)) for key, value in (("low", 0), ("high", 1))]
    graph.node("Clip", [total, *bounds], "picture")
    return graph


def export(network, path, shape):
    """A Tone or Clean network for inputs of one shape."""
    tone = isinstance(network, Tone)
    source, result = ("small", "coefficients") if tone else ("mapped", "picture")
    graph = (tone_graph if tone else clean_graph)(network)
    made = helper.make_graph(
        graph.nodes, path.stem, [helper.make_tensor_value_info(source, TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(result, TensorProto.FLOAT, [1, 13, 1, 1] if tone else shape)], graph.weights)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(model, {"headrace.name": path.stem, "headrace.licence": "MIT"})
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
    example = torch.rand(shape)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    got = session.run(None, {source: example.numpy()})[0]
    with torch.no_grad():
        wanted = network(example) if tone else network(example).clamp(0, 1)
    if not np.allclose(got, wanted.numpy(), rtol=1e-3, atol=1e-4):
        raise SystemExit(f"{path}: ONNX Runtime differs from PyTorch by {np.abs(got - wanted.numpy()).max()}")
