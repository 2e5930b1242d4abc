"""Builds ONNX graphs from layers."""

import numpy as np
from onnx import helper, numpy_helper
from torch import nn

from network import Block


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
