"""Writes the networks as ONNX files, checked against PyTorch, and typical inputs of the clean one."""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "lowlight"))
from tracing import Graph  # noqa: E402

from deblurring import FEATURES  # noqa: E402
from examples import example  # noqa: E402

TILE = (480, 640)  # rows and columns of the clean network
PART = (96, 128)  # and of the features', which read one more on each side


def features_graph(network):
    graph = Graph()
    weights = graph.weight("weight", network.features.weight.detach().numpy())
    graph.node("Conv", ["picture", weights], "features", kernel_shape=[3, 3])
    return graph


def clean_graph(clean):
    graph = Graph()
    scales = graph.weight("scales", np.array([1, 1, 2, 2], np.float32))
    half = graph.layers(graph.layers("planes", clean.entry), clean.before)
    coarse = graph.layers(graph.layers(half, clean.down), clean.inside)
    wide = graph.node("Resize", [graph.layer(coarse, clean.up), "", scales], mode="linear",
                      coordinate_transformation_mode="half_pixel")
    half = graph.layers(graph.node("Add", [half, wide]), clean.after)
    added = graph.node("DepthToSpace", [graph.layer(half, clean.add)], blocksize=2, mode="CRD")
    bounds = [graph.weight(f"bound{index}", np.array([value], np.int64)) for index, value in enumerate((0, 3, 1))]
    deconvolved = graph.node("Slice", ["planes", *bounds])
    limits = [graph.weight(key, np.array(value, np.float32)) for key, value in (("low", 0), ("high", 1))]
    graph.node("Clip", [graph.node("Add", [deconvolved, added]), *limits], "finished")
    return graph


def write(graph, path, source, target, run):
    infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in (source, target)]
    made = helper.make_graph(graph.nodes, path.stem, infos[:1], infos[1:], graph.weights)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(model, {"headrace.name": path.stem, "headrace.licence": "MIT"})
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
    x = torch.rand(source[1])
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    got = session.run(None, {source[0]: x.numpy()})[0]
    with torch.no_grad():
        wanted = run(x).numpy()
    if not np.allclose(got, wanted, rtol=1e-3, atol=1e-4):
        raise SystemExit(f"{path}: ONNX Runtime differs from PyTorch by {np.abs(got - wanted).max()}")


def export(network, folder):
    height, width = PART
    write(features_graph(network), folder / "features.onnx", ("picture", [1, 3, height + 2, width + 2]),
          ("features", [1, FEATURES, height, width]), network.features)
    write(clean_graph(network.clean), folder / "clean.onnx", ("planes", [1, 6 + FEATURES, *TILE]),
          ("finished", [1, 3, *TILE]), lambda x: network.clean(x).clamp(0, 1))


@torch.no_grad()
def save_typical(network, sharp, folder, tiles=8):
    """Squares side by side and corners of others, for the quantizer."""
    found, parts = [], []
    for _ in range(tiles):
        blurry, _, kernel = example(sharp, 6)
        squares = network.prepared(blurry, kernel)
        parts.append(blurry[..., :PART[0] + 2, :PART[1] + 2])
        rows = [torch.cat(list(squares[first:first + 3]), 2) for first in (0, 3)]
        whole = torch.cat(rows, 1)
        down, over = (-(-tile // side) for tile, side in zip(TILE, whole.shape[1:]))
        found.append(whole.repeat(1, down, over)[:, :TILE[0], :TILE[1]])
    np.save(folder / "typical-planes.npy", torch.stack(found).numpy())
    np.save(folder / "typical-picture.npy", torch.cat(parts).numpy())
