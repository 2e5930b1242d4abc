"""Writes head, tail, exit and unsplit classifier as ONNX files and compares them with PyTorch.

    python export.py --trained run --packed packed --output exported --task grocery

Batch normalization is folded into convolutions; TensorFlow's uneven padding becomes the convolutions' own. Only
Conv, Clip, Add, GlobalAveragePool, Flatten, Gemm and Softmax are used. `prior.npz` holds the constants of the
prior that codes the latent; the head's file has them as integers too.
"""

import argparse
from pathlib import Path

import numpy
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from codec import CHANNELS, LAYERS, RATES, Residual
from lite0 import MEAN, SCALE, Block, SameConv
from prior_integers import metadata as prior_metadata
from restore import restore


class Graph:
    """An ONNX graph that grows by a node at a time; `shape` follows the map's height and width."""

    def __init__(self, name, source, shape):
        self.name, self.source, self.shape = name, source, list(shape)
        self.nodes, self.tensors, self.side = [], [], shape[-1]
        self.tensor("zero", numpy.float32(0))
        self.tensor("six", numpy.float32(6))

    def tensor(self, name, values):
        self.tensors.append(numpy_helper.from_array(numpy.asarray(values), name))
        return name

    def node(self, operator, inputs, output=None, **attributes):
        output = output or f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], name=f"node_{output}", **attributes))
        return output

    def convolution(self, x, layer, norm=None):
        """A convolution with the normalization after it folded in."""
        weight = layer.weight.double()
        bias = layer.bias.double() if layer.bias is not None else torch.zeros(len(weight), dtype=torch.float64)
        if norm is not None:
            factor = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
            weight = weight * factor.view(-1, 1, 1, 1)
            bias = (bias - norm.running_mean.double()) * factor + norm.bias.double()
        kernel, stride = layer.kernel_size[0], layer.stride[0]
        if isinstance(layer, SameConv):
            total = max(kernel - stride if self.side % stride == 0 else kernel - self.side % stride, 0)
            before, after = total // 2, total - total // 2
        else:
            before = after = layer.padding[0]
        self.side = (self.side + before + after - kernel) // stride + 1
        index = len(self.nodes)
        inputs = [x, self.tensor(f"weight_{index}", weight.float().numpy()),
                  self.tensor(f"bias_{index}", bias.float().numpy())]
        return self.node("Conv", inputs, kernel_shape=[kernel, kernel], strides=[stride, stride],
                         pads=[before, before, after, after], group=layer.groups)

    def module(self, x, module):
        """The nodes of a module; a normalization belongs to the convolution before it."""
        if isinstance(module, (Block, Residual)):
            y = self.module(x, module.layers)
            return self.node("Add", [x, y]) if getattr(module, "adds_input", True) else y
        if isinstance(module, nn.ReLU6):
            return self.node("Clip", [x, "zero", "six"])
        if isinstance(module, nn.Conv2d):
            return self.convolution(x, module)
        layers = list(module)
        for index, layer in enumerate(layers):
            following = layers[index + 1] if index + 1 < len(layers) else None
            if isinstance(layer, nn.Conv2d) and isinstance(following, nn.BatchNorm2d):
                x = self.convolution(x, layer, following)
            elif not isinstance(layer, nn.BatchNorm2d):
                x = self.module(x, layer)
        return x

    def probabilities(self, x, classifier):
        """Average, dense layer and softmax."""
        x = self.node("Flatten", [self.node("GlobalAveragePool", [x])], axis=1)
        inputs = [x, self.tensor("dense_weight", classifier.weight.numpy()),
                  self.tensor("dense_bias", classifier.bias.numpy())]
        return self.node("Softmax", [self.node("Gemm", inputs, transB=1)], "probability", axis=1)

    def model(self, target, shape, metadata):
        self.nodes[-1].output[0] = target
        graph = helper.make_graph(
            self.nodes,
            self.name,
            [helper.make_tensor_value_info(self.source, TensorProto.FLOAT, self.shape)],
            [helper.make_tensor_value_info(target, TensorProto.FLOAT, shape)],
            self.tensors,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        for key, value in metadata.items():
            entry = model.metadata_props.add()
            entry.key, entry.value = key, value
        onnx.checker.check_model(model, full_check=True)
        return model


PICTURE, LATENT = (1, 3, 224, 224), (1, CHANNELS, 14, 14)


def head(split):
    graph = Graph("head", "image", PICTURE)
    graph.module(graph.module("image", split.front), split.bottleneck)
    return graph, "latent", LATENT


def tail(split):
    graph = Graph("tail", "latent", LATENT)
    x = graph.module("latent", split.decoder)
    x = graph.module(graph.module(x, split.rest.blocks), split.rest.top)
    graph.probabilities(x, split.rest.classifier)
    return graph, "probability", (1, split.rest.classifier.out_features)


def early_exit(split):
    graph = Graph("exit", "latent", LATENT)
    graph.probabilities(graph.module("latent", split.exit.layers), split.exit.classifier)
    return graph, "probability", (1, split.exit.classifier.out_features)


def whole(unsplit):
    graph = Graph("unsplit", "image", PICTURE)
    x = graph.module(graph.module("image", unsplit.front), unsplit.rest.blocks)
    graph.probabilities(graph.module(x, unsplit.rest.top), unsplit.rest.classifier)
    return graph, "probability", (1, unsplit.rest.classifier.out_features)


def prior_constants(prior):
    """Weights of the neighbours (upper-left, upper, upper-right, left) and of earlier channels, and biases."""
    def near(weight):
        return weight.flatten(1)[:, [0, 1, 2, 3]].numpy()

    return {
        "layers": numpy.array(LAYERS),
        "rates": numpy.array(RATES),
        "mean_near": near(prior.mean_near),
        "mean_earlier": (prior.mean_earlier * prior.earlier)[:, :, 0, 0].numpy(),
        "mean_bias": prior.mean_bias.numpy(),
        "scale_near": near(prior.scale_near.abs()),
        "scale_earlier": (prior.scale_earlier.abs() * prior.earlier)[:, :, 0, 0].numpy(),
        "scale_bias": prior.scale_bias.exp().numpy(),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trained", type=Path, required=True)
    parser.add_argument("--packed", type=Path, required=True, help="what pack.py wrote")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--task", default="grocery")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    networks = restore(options.trained, options.packed / "backbone.npz")[0][options.task]
    split, unsplit = networks["split"], networks["unsplit"]

    with numpy.load(options.packed / "pictures.npz") as arrays:
        labels = [str(name) for name in arrays[f"{options.task}_classes"]]
    picture_metadata = {
        "headrace.color": "rgb",
        "headrace.mean": ",".join([str(MEAN / 255)] * 3),
        "headrace.std": ",".join([str(SCALE / 255)] * 3),
        "headrace.resize": "crop",
    }
    answer_metadata = {"headrace.labels": "\n".join(labels)}
    prior = prior_constants(split.prior)
    torch.manual_seed(0)
    picture = torch.rand(PICTURE) * 2 - 1
    coded = split.latent(picture).round()
    expected = {
        "head": (head(split), picture, split.latent(picture)),
        "tail": (tail(split), coded, torch.softmax(split.tail_stages(coded)[1], 1)),
        "exit": (early_exit(split), coded, torch.softmax(split.exit(coded), 1)),
        "unsplit": (whole(unsplit), picture, torch.softmax(unsplit(picture), 1)),
    }
    for name, ((graph, target, shape), source, wanted) in expected.items():
        path = options.output / f"{name}.onnx"
        metadata = {"headrace.name": f"split-{name}", "headrace.licence": "Apache-2.0"}
        metadata |= picture_metadata if graph.source == "image" else {}
        metadata |= answer_metadata if target == "probability" else {}
        metadata |= prior_metadata(prior) if name == "head" else {}
        onnx.save(graph.model(target, shape, metadata), path)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        got = session.run(None, {graph.source: source.numpy()})[0]
        error = numpy.abs(got - wanted.numpy()).max()
        print(f"{path}: {path.stat().st_size} bytes, differs from PyTorch by at most {error:.2g}")
        if error > 1e-3 * max(1, float(wanted.abs().max())):
            raise SystemExit(f"{name} differs too much")
    numpy.savez(options.output / "prior.npz", **prior)


if __name__ == "__main__":
    main()
