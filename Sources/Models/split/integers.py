"""Puts quantization into a network's ONNX file so that its latent is the integers themselves.

    headrace compile head.onnx -o trial.hrm --type int8 --calibrate PICTURES --report head.json
    python integers.py head.onnx head.json head-integers.onnx
    headrace compile head-integers.onnx -o head.hrm

The compiler's own choice for the latent would be steps finer than 1, with which another rounding would follow.
Here every activation keeps the scale and zero point of the compiler's report; `latent` has scale 1 and zero point
0, `image` a step for each value of a byte.
"""

import argparse
import json
from pathlib import Path

import numpy
import onnx
from onnx import helper, numpy_helper

from lite0 import MEAN, SCALE


def quantize(model, formats):
    """Insert QuantizeLinear and DequantizeLinear after each value that has a format."""
    graph, nodes = model.graph, []
    last = graph.output[0].name

    def pair(source, target):
        scale, zero = formats[source]
        tensors = {f"{source}.scale": numpy.float32(scale), f"{source}.zero": numpy.int8(zero)}
        graph.initializer.extend(numpy_helper.from_array(numpy.asarray(value), name)
                                 for name, value in tensors.items())
        nodes.append(helper.make_node("QuantizeLinear", [target[0], *tensors], [f"{source}.integers"]))
        nodes.append(helper.make_node("DequantizeLinear", [f"{source}.integers", *tensors], [target[1]]))

    source = graph.input[0].name
    pair(source, (source, f"{source}.real"))
    for node in graph.node:
        inputs = [f"{name}.real" if name in formats else name for name in node.input]
        output = node.output[0]
        node.input[:] = inputs
        if output == last:
            node.output[0] = f"{output}.exact"
        nodes.append(node)
        if output in formats:
            pair(output, (node.output[0], output if output == last else f"{output}.real"))
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model, full_check=True)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", type=Path)
    parser.add_argument("report", type=Path, help="what `headrace compile --report` wrote, as JSON")
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    tensors = json.loads(options.report.read_text())["tensors"]
    formats = {tensor["name"]: (tensor["scale"], tensor["zero_point"]) for tensor in tensors}
    formats |= {"image": (1 / SCALE, -128 + MEAN), "latent": (1, 0)}
    onnx.save(quantize(onnx.load(options.network), formats), options.output)


if __name__ == "__main__":
    main()
