"""Writes trained networks as ONNX of static shapes (operator set 17) and checks them against PyTorch.

Example:
    python export.py --weights run/networks.pt --output run

Of each network two files: NAME.onnx reads one frame and tells directions and features; NAME.judge.onnx reads the mean
of several frames' features and tells directions. Frames are samples of unit power over all microphones,
[1][microphone][1024]. `sectors` are logits of directions 5 degrees apart, `heading` is the mean of (cos, sin) of
azimuth under their softmax, `elevation` in radians, without sign, belongs to each direction: that of the likeliest
counts. NAME.onnx says where its microphones are and how much louder frames count, which a locator has to know.
"""

import argparse
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn
from torch.nn import functional

import arrays
from batches import FRAME
from circle import STEP, CircleNet, around
from evaluate import load
from targets import DIRECTIONS, GRID


def folded(convolution, norm):
    """The convolution with the batch norm behind it."""
    if isinstance(norm, nn.Identity):
        return convolution.weight.data, convolution.bias.data
    factor = norm.weight / (norm.running_var + norm.eps).sqrt()
    bias = 0 if convolution.bias is None else convolution.bias
    weight = convolution.weight * factor.reshape(-1, *[1] * (convolution.weight.dim() - 1))
    return weight.data, ((bias - norm.running_mean) * factor + norm.bias).data


def constant(*values):
    return nn.ParameterList(nn.Parameter(value.detach().clone().contiguous(), requires_grad=False) for value in values)


class Turned(nn.Module):
    """A convolution around the circle, its norm folded."""

    def __init__(self, turning, order=None):
        super().__init__()
        weight, bias = folded(turning.convolution, turning.norm)
        self.values = constant(weight if order is None else weight[:, order], bias)
        self.margin, self.padding = turning.margin, turning.convolution.padding
        self.dilation = turning.convolution.dilation

    def forward(self, x):
        x = around(x, self.margin) if self.margin else x
        return functional.conv2d(x, *self.values, padding=self.padding, dilation=self.dilation)


class CircleFrame(nn.Module):
    """CircleNet.features with operators that export well."""

    def __init__(self, network):
        super().__init__()
        self.network, bands, sets = network, network.bands, network.sets
        self.bank = constant(network.bank)
        self.floor = constant(network.floor.exp()[None])
        pairs = network.steering.shape[1]
        # [band][set][direction] of outputs of a band each.
        steering = network.steering.reshape(bands, pairs, sets * DIRECTIONS).transpose(1, 2)
        threshold = network.threshold.reshape(sets, bands).T[:, :, None].expand(-1, -1, DIRECTIONS)
        self.steering = constant(steering.reshape(-1, pairs, 1, 1), threshold.reshape(-1))
        order = torch.arange(sets * bands).reshape(sets, bands).T.reshape(-1)
        self.mix, self.near, self.far = Turned(network.mix, order), Turned(network.near), Turned(network.far)
        self.more = nn.ModuleList(Turned(layer) for layer in network.more)

    def forward(self, frames):
        network = self.network
        bands = network.bands
        found = functional.conv2d(frames[:, None], self.bank[0], stride=(1, STEP))
        re, im = found[:, :bands], found[:, bands:]
        strength = (re.abs() + im.abs()).mean(2, keepdim=True)
        divided = strength + self.floor[0]
        re, im = re / divided, im / divided
        gate = torch.sigmoid(network.believe(torch.log(strength + .01)))
        re1, im1 = re[:, :, network.one.tolist()], im[:, :, network.one.tolist()]
        re2, im2 = re[:, :, network.two.tolist()], im[:, :, network.two.tolist()]
        both = torch.cat([re1 * re2 + im1 * im2, im1 * re2 - re1 * im2], 2) * gate
        x = functional.avg_pool2d(both, (1, 3), (1, 2))
        x = x.reshape(1, bands * x.shape[2], 1, x.shape[3])
        x = functional.relu(functional.conv2d(x, *self.steering, groups=bands))
        x = x.reshape(1, network.sets * bands, DIRECTIONS, x.shape[3]).transpose(2, 3)
        x = functional.relu(self.mix(x))
        x = functional.relu(self.near(x))
        x = functional.relu(x + self.far(x))
        for layer in self.more:
            x = functional.relu(x + layer(x))
        return x.mean(2, keepdim=True)


class BeamFrame(nn.Module):
    """BeamNet.features with its layers apart and norms folded."""

    def __init__(self, network):
        super().__init__()
        self.network, layers = network, []
        for layer in network.layers:
            point = nn.Conv2d(network.width, network.width, 1, bias=False)
            point.weight.data = layer.point.data
            layers.append(constant(layer.depth, *folded(point, layer.norm)))
        self.layers = nn.ModuleList(layers)

    def forward(self, frames):
        network = self.network
        x = network.stem(frames[:, :, None])
        for layer, values in zip(network.layers, self.layers):
            depth, point, bias = values
            found = functional.conv2d(x, depth, padding=(0, layer.dilation), dilation=(1, layer.dilation),
                                      groups=network.width)
            x = x + torch.tanh(functional.conv2d(found, point, bias))
        x = network.beam(x)
        energy = functional.avg_pool2d(x * x, (1, 256))
        x = functional.selu(network.first(torch.log(energy + 1e-3)))
        return functional.avg_pool2d(x, (1, x.shape[3]))


class Judge(nn.Module):
    """Features to sectors, heading and elevation."""

    def __init__(self, network):
        super().__init__()
        self.network = network
        self.circle = isinstance(network, CircleNet)
        self.last = nn.ModuleList(Turned(layer) for layer in network.last) if self.circle else None
        self.heading = constant(torch.stack([GRID.cos(), GRID.sin()], 1))

    def forward(self, x):
        network = self.network
        if self.circle:
            for layer in self.last:
                x = x + functional.relu(layer(x))
            found = network.say(x)
            logits, elevation = found[:, 0].reshape(1, DIRECTIONS), found[:, 1].reshape(1, DIRECTIONS)
        else:
            logits, elevation = network.judge(x.reshape(1, -1))
        return logits, torch.softmax(logits, 1) @ self.heading[0], elevation


class Whole(nn.Module):
    """A frame's directions, and its features for what judges several frames."""

    def __init__(self, frame, judge):
        super().__init__()
        self.frame, self.judge = frame, judge

    def forward(self, samples):
        features = self.frame(samples)
        return *self.judge(features), features


def for_locator(windowed):
    """What a locator has to know of a network: places of microphones in metres, and k of features' weights."""
    places = arrays.places(windowed.network.microphones).tolist()
    return {"headrace.microphones": "\n".join(" ".join(f"{value:.4g}" for value in place) for place in places),
            "headrace.loudness": f"{windowed.loudness.item():.4f}"}


def write(module, example, path, inputs, outputs, labels):
    """Exports, labels and checks one file; returns the largest difference."""
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(module, (example,), str(path), input_names=[inputs], output_names=outputs,
                          opset_version=17, dynamo=False)
        wanted = module(example)
    model = onnx.load(path)
    onnx.helper.set_model_props(model, {"headrace.licence": "MIT"} | labels)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    got = session.run(None, {inputs: example.numpy()})
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    return max(float(np.abs(a - b.numpy()).max()) for a, b in zip(got, wanted))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=Path("run"))
    parser.add_argument("--only", nargs="*")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    names = options.only or list(torch.load(options.weights, map_location="cpu", weights_only=True))
    for name in names:
        windowed = load(options.weights, name)
        network = windowed.network
        frame = (CircleFrame if isinstance(network, CircleNet) else BeamFrame)(network).eval()
        judge = Judge(network).eval()
        torch.manual_seed(1)
        sound = torch.randn(1, network.microphones, FRAME)
        sound = sound / sound.square().mean().sqrt()
        with torch.no_grad():
            features = frame(sound)
            off = [(judge(features)[0] - windowed(sound[:, None], torch.zeros(1, 1))[0]).abs().max().item()]
        tells = ["sectors", "heading", "elevation"]
        labels = {"headrace.name": name}
        off.append(write(judge, features, options.output / f"{name}.judge.onnx", "features", tells, labels))
        off.append(write(Whole(frame, judge), sound, options.output / f"{name}.onnx", "samples", [*tells, "features"],
                         labels | for_locator(windowed)))
        print(f"{name}: {network.macs()} products a frame and a window, loudness {windowed.loudness.item():.3f}, "
              f"differences {', '.join(f'{value:.1e}' for value in off)}", flush=True)
        if max(off) > 2e-3:
            raise SystemExit(f"{name}: the export differs")


if __name__ == "__main__":
    main()
