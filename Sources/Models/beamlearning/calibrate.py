"""Typical inputs for the quantizer: frames as trained on, and the means of features that networks make of them.

Example:
    python calibrate.py --data run --weights run/networks.pt --output run
    headrace compile run/circle-4.onnx -o circle-4.hrm --type int16x8 --range minmax \\
      --calibrate run/samples-4.npy
    headrace compile run/circle-4.judge.onnx -o circle-4.judge.hrm --type int16x8 --range minmax \\
      --calibrate run/circle-4.features.npy

Writes samples-4.npy and samples-7.npy, [n][microphone][1024], and NAME.features.npy.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

import batches
import scenes
from evaluate import load


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("run"))
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=Path("run"))
    parser.add_argument("--count", type=int, default=256)
    options = parser.parse_args()
    random = torch.Generator().manual_seed(7)
    with np.load(options.data / "speech.npz") as speech:
        pool = scenes.Pool(options.count, scenes.Speech(speech["train"], "cpu"), random)
    while pool.filled < options.count:
        pool.add()
    noise = scenes.diffuse(8, random)
    drawn = {}
    for microphones in (4, 7):
        turns = batches.turns_of(microphones, "cpu")
        drawn[microphones] = batches.draw(pool, noise, microphones, options.count, 1, random, turns)[0]
        np.save(options.output / f"samples-{microphones}.npy", drawn[microphones][:, 0].numpy())
    for name in torch.load(options.weights, map_location="cpu", weights_only=True):
        network = load(options.weights, name).network
        with torch.no_grad():
            features = network.features(drawn[network.microphones].flatten(0, 1))
        features = features if features.dim() == 4 else features[:, :, None, None]
        np.save(options.output / f"{name}.features.npy", features.numpy())
        print(f"{name}: features from {features.min():.3f} to {features.max():.3f}", flush=True)


if __name__ == "__main__":
    main()
