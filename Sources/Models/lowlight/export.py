"""Writes networks as ONNX files, and checks them against PyTorch."""

import copy

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper

from illumination import STRONGEST, Illumination
from network import INPUTS, SMALL, Tone
from tracing import Graph


def tone_graph(tone):
    graph, name, pooled = Graph(), "small", []
    for stage in tone.stages:
        name = graph.layers(name, stage)
        pooled.append(graph.node("GlobalAveragePool", [name]))
    graph.layers(graph.node("Concat", pooled, axis=1), tone.head, "coefficients")
    return graph


def clean_graph(clean):
    """Reads the mapped picture filtered and as it is, where training has what the filter took in its place."""
    graph = Graph()
    entry = copy.deepcopy(clean.entry)
    with torch.no_grad():
        entry[0].weight[:, :3] -= entry[0].weight[:, 3:]
    scales = graph.weight("scales", np.array([1, 1, 2, 2], np.float32))

    def halved(name):
        return graph.node("AveragePool", [name], kernel_shape=[2, 2], strides=[2, 2])

    def doubled(name):
        return graph.node("Resize", [name, "", scales], mode="linear", coordinate_transformation_mode="half_pixel")

    def shuffled(name):
        return graph.node("DepthToSpace", [name], blocksize=2, mode="CRD")

    def kept(base, details, keep):
        return graph.node("Add", [base, graph.node("Mul", [keep, details])])

    half = halved("filtered")
    quarter = halved(half)
    least = doubled(halved(quarter))
    both = graph.node("Concat", ["filtered", "plain"], axis=1)
    x = graph.layers(graph.layers(both, entry), clean.before)
    coarse = graph.layers(x, clean.down)
    for _ in range(clean.again):
        coarse = graph.layers(coarse, clean.inside)
    x = graph.node("Add", [x, doubled(graph.layer(coarse, clean.up))])
    for _ in range(clean.again):
        x = graph.layers(x, clean.after)
    keep = [graph.layers(name, own) for name, own in zip((x, x, x, coarse), clean.keep)]
    least = doubled(kept(least, graph.node("Sub", [quarter, least]), keep[3]))
    least = doubled(kept(least, graph.node("Sub", [half, doubled(quarter)]), keep[2]))
    total = kept(least, graph.node("Sub", ["filtered", doubled(half)]), shuffled(keep[1]))
    total = kept(total, graph.node("Sub", ["plain", "filtered"]), shuffled(keep[0]))
    total = graph.node("Add", [total, shuffled(graph.layer(x, clean.add))])
    bounds = [graph.weight(key, np.array(value, np.float32)) for key, value in (("low", 0), ("high", 1))]
    graph.node("Clip", [total, *bounds], "picture")
    return graph


def illumination_graph(network):
    graph = Graph()

    def reshaped(name, *shape):
        return graph.node("Reshape", [name, graph.weight(f"shape{graph.count}", np.array(shape, np.int64))])

    def transposed(name, *order):
        return graph.node("Transpose", [name], perm=order)

    def dense(name, layer, factor=1.0):
        weight = graph.weight(f"dense{graph.count}", (layer.weight.detach() * factor).T.numpy())
        bias = graph.weight(f"dense{graph.count}.bias", (layer.bias.detach() * factor).numpy())
        return graph.node("Add", [graph.node("MatMul", [name, weight]), bias])

    def normalised(name, layer):
        parts = [graph.weight(f"norm{graph.count}.{kind}", getattr(layer, kind).detach().numpy())
                 for kind in ("weight", "bias")]
        return graph.node("LayerNormalization", [name, *parts], axis=-1, epsilon=layer.eps)

    def attention(name, layer, count, tokens, width):
        each = width // layer.heads
        split = [reshaped(dense(name, part, factor), count, tokens, layer.heads, each)
                 for part, factor in ((layer.ask, each ** -0.5), (layer.key, 1.0), (layer.value, 1.0))]
        asked, values = transposed(split[0], 0, 2, 1, 3), transposed(split[2], 0, 2, 1, 3)
        scores = graph.node("MatMul", [asked, transposed(split[1], 0, 2, 3, 1)])
        mixed = graph.node("MatMul", [graph.node("Softmax", [scores], axis=-1), values])
        return dense(reshaped(transposed(mixed, 0, 2, 1, 3), count, tokens, width), layer.out)

    def transformed(name, block, rows, columns, width):
        name = graph.node("Add", [name, graph.layer(name, block.place)])
        name = transposed(name, 0, 2, 3, 1)
        seen = normalised(name, block.before)
        if block.window:
            size = block.window
            down, over = rows // size, columns // size
            seen = transposed(reshaped(seen, down, size, over, size, width), 0, 2, 1, 3, 4)
            seen = attention(reshaped(seen, down * over, size * size, width), block.attention, down * over,
                             size * size, width)
            seen = transposed(reshaped(seen, down, over, size, size, width), 0, 2, 1, 3, 4)
        else:
            seen = attention(reshaped(seen, 1, rows * columns, width), block.attention, 1, rows * columns, width)
        name = graph.node("Add", [name, reshaped(seen, 1, rows, columns, width)])
        inside = graph.node("Gelu", [dense(normalised(name, block.after), block.dense[0])])
        return transposed(graph.node("Add", [name, dense(inside, block.dense[2])]), 0, 3, 1, 2)

    rows, columns, width = SMALL[0] // 4, SMALL[1] // 4, network.local.in_channels
    first = graph.layers("small", network.first)
    second = graph.layers(first, network.second)
    last = second
    for block in (network.within, network.across):
        last = transformed(last, block, rows, columns, width)
    pooled = [graph.node("GlobalAveragePool", [name]) for name in (first, second, last)]
    graph.layers(graph.node("Concat", pooled, axis=1), network.head, "coefficients")
    bounds = [graph.weight(key, np.array(value, np.float32)) for key, value in
              (("least", -STRONGEST), ("most", STRONGEST))]
    graph.node("Clip", [graph.layer(last, network.local), *bounds], "exponents")
    return graph


def described(network, shape):
    """The graph of a network, and shapes of its inputs and outputs by name."""
    small = {"small": [1, INPUTS, *SMALL]}
    if isinstance(network, Tone):
        return tone_graph(network), small, {"coefficients": [1, 13, 1, 1]}
    if isinstance(network, Illumination):
        exponents = [1, 2, SMALL[0] // 4, SMALL[1] // 4]
        return illumination_graph(network), small, {"coefficients": [1, 13, 1, 1], "exponents": exponents}
    return clean_graph(network), {"filtered": shape, "plain": shape}, {"picture": shape}


def run(network, inputs):
    """What PyTorch says."""
    if len(inputs) == 2:
        filtered, plain = inputs
        return [network(torch.cat([filtered, plain - filtered], 1)).clamp(0, 1)]
    found = network(*inputs)
    return found if isinstance(found, tuple) else [found]


def export(network, path, shape=None):
    """A network of a tier; of a clean one, for tiles of a shape [1, 3, height, width]."""
    graph, inputs, outputs = described(network, shape)

    def told(shapes):
        return [helper.make_tensor_value_info(name, TensorProto.FLOAT, extents) for name, extents in shapes.items()]

    made = helper.make_graph(graph.nodes, path.stem, told(inputs), told(outputs), graph.weights)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    properties = {"headrace.name": path.stem, "headrace.licence": "MIT"}
    if shape:
        properties |= {"headrace.color": "rgb", "headrace.resize": "stretch"}
    helper.set_model_props(model, properties)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
    examples = [torch.rand(extents) for extents in inputs.values()]
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    got = session.run(None, {name: example.numpy() for name, example in zip(inputs, examples)})
    with torch.no_grad():
        wanted = [value.numpy() for value in run(network, examples)]
    for one, other in zip(got, wanted):
        if not np.allclose(one, other, rtol=1e-3, atol=1e-4):
            raise SystemExit(f"{path}: ONNX Runtime differs from PyTorch by {np.abs(one - other).max()}")
