"""Writes head.onnx, tail.onnx and unsplit.onnx with their metadata, and checks them against PyTorch."""

import copy

import numpy
import onnx
import onnxruntime
import torch

from data import MEAN, STD
from networks import Head, Remainder, UnsplitProbability

OPSET = 17


def write(module, example, path, names, metadata):
    """Export, label and check one network; returns the largest difference between ONNX Runtime and PyTorch."""
    module.eval()
    torch.onnx.export(
        module, (example,), str(path), input_names=[names[0]], output_names=[names[1]], opset_version=OPSET, dynamo=False
    )
    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, metadata)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, str(path))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    got = session.run([names[1]], {names[0]: example.numpy()})[0]
    with torch.no_grad():
        wanted = module(example).numpy()
    difference = float(numpy.abs(got - wanted).max())
    if not numpy.allclose(got, wanted, rtol=1e-3, atol=1e-4):
        raise SystemExit(f"{path}: ONNX Runtime differs from PyTorch by {difference}")
    print(f"{path.name}: {path.stat().st_size} bytes, differs from PyTorch by at most {difference:.1e}", flush=True)
    return difference


def export(models, labels, folder, example):
    """Write the three networks; `example` is a normalised picture, 1x3x224x224."""
    split, unsplit = (copy.deepcopy(models[name]).cpu() for name in ("split", "unsplit"))
    example = example.contiguous()
    picture = {
        "headrace.color": "rgb",
        "headrace.mean": ",".join(map(str, MEAN)),
        "headrace.std": ",".join(map(str, STD)),
        "headrace.resize": "crop",
    }
    answer = {"headrace.labels": "\n".join(labels)}
    licence = {"headrace.licence": "MIT"}
    head = Head(split).eval()
    with torch.no_grad():
        latent = head(example).contiguous()
    write(head, example, folder / "head.onnx", ("image", "latent"), {"headrace.name": "bottlefit-head"} | licence | picture)
    write(
        Remainder(split), latent, folder / "tail.onnx", ("latent", "probability"),
        {"headrace.name": "bottlefit-tail"} | licence | answer,
    )
    write(
        UnsplitProbability(unsplit), example, folder / "unsplit.onnx", ("image", "probability"),
        {"headrace.name": "bottlefit-unsplit"} | licence | picture | answer,
    )
