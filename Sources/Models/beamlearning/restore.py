"""Weights of a CircleNet to go on from, out of its ONNX file: what export.py wrote, the other way round.

Example:
    python restore.py circle-4.onnx --data run --output run/start.pt
    python train.py --data run --output run --start run/start.pt --only circle-4 --seconds 3600

Batch norms were folded into the convolutions before them. Here each gets the mean and deviation that its convolution
has on some scenes as its statistics, and weights that leave the network as it was.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

import batches
import scenes
from circle import Turning
from targets import DIRECTIONS
from train import NETWORKS
from window import Windowed


def restored(path):
    """The name and the network of a file, batch norms still at their defaults."""
    model = onnx.load(path)
    told = {pair.key: pair.value for pair in model.metadata_props}
    return told["headrace.name"], filled(
        told["headrace.name"], float(told["headrace.loudness"]),
        {value.name: torch.from_numpy(numpy_helper.to_array(value).copy()) for value in model.graph.initializer})


@torch.no_grad()
def filled(name, loudness, values):
    """A network of that name with these values, by their names in the ONNX file."""
    windowed = Windowed(NETWORKS[name][1]())
    network = windowed.network
    bands, sets = network.bands, network.sets
    windowed.loudness.fill_(loudness)
    network.bank.copy_(values["frame.bank.0"])
    network.floor.copy_(values["frame.floor.0"][0].log())
    pairs = network.steering.shape[1]
    network.steering.copy_(values["frame.steering.0"].reshape(bands, sets * DIRECTIONS, pairs).transpose(1, 2))
    threshold = values["frame.steering.1"].reshape(bands, sets, DIRECTIONS)[:, :, 0]
    network.threshold.copy_(threshold.T.reshape(-1, 1, 1))
    order = torch.arange(sets * bands).reshape(sets, bands).T.reshape(-1)
    folded = {"mix": "frame.mix", "near": "frame.near", "far": "frame.far"}
    folded |= {f"more.{index}": f"frame.more.{index}" for index in range(len(network.more))}
    folded |= {f"last.{index}": f"judge.last.{index}" for index in range(len(network.last))}
    for part, source in folded.items():
        turning, weight = network.get_submodule(part), values[f"{source}.values.0"]
        turning.convolution.weight[:, order if part == "mix" else slice(None)] = weight
        bias = values[f"{source}.values.1"]
        (turning.convolution if turning.convolution.bias is not None else turning.norm).bias.copy_(bias)
    for part in ("believe.0", "believe.2", "believe.4", "say"):
        for kind in ("weight", "bias"):
            getattr(network.get_submodule(part), kind).copy_(values[f"frame.network.{part}.{kind}"])
    return windowed


@torch.no_grad()
def settle_norms(windowed, frames):
    """Give each norm, from the first to the last, the statistics of these frames, and leave what it makes of them."""
    network = windowed.network.eval()
    for turning in [part for part in network.modules() if isinstance(part, Turning)]:
        norm = turning.norm
        if not isinstance(norm, torch.nn.BatchNorm2d):
            continue
        seen = []
        hook = norm.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0]))
        norm.running_mean.zero_()
        norm.running_var.fill_(1 - norm.eps)
        network.features(frames)
        hook.remove()
        mean, deviation = seen[0].mean((0, 2, 3)), (seen[0].var((0, 2, 3)) + norm.eps).sqrt()
        norm.weight.copy_(deviation)
        norm.bias += mean
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(deviation**2 - norm.eps)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--data", type=Path, default=Path("run"), help="where speech.npz lies")
    parser.add_argument("--output", type=Path, default=Path("run/start.pt"))
    options = parser.parse_args()
    random = torch.Generator().manual_seed(11)
    with np.load(options.data / "speech.npz") as speech:
        pool = scenes.Pool(64, scenes.Speech(speech["train"], "cpu"), random)
    while pool.filled < 64:
        pool.add()
    found = {}
    for path in options.files:
        name, windowed = restored(path)
        microphones = windowed.network.microphones
        turns = batches.turns_of(microphones, "cpu")
        frames = batches.draw(pool, scenes.diffuse(2, random), microphones, 256, 1, random, turns)[0].flatten(0, 1)
        settle_norms(windowed, frames)
        found[name] = windowed.state_dict()
    torch.save(found, options.output)


if __name__ == "__main__":
    main()
