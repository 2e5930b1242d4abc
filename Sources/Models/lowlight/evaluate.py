"""Measures a tier's networks, as ONNX or .hrm files, on pairs of pictures.

Example:
    python evaluate.py --test LOL/eval15 --tone nano-tone.hrm --run headrace-demo
    python evaluate.py --test LOL/eval15 --tone real-time-tone.onnx --clean real-time-clean.onnx --panels panels

What stands between the networks is done here in NumPy as CARD.md says it.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import data
import metrics

ROWS, COLUMNS = 64, 96


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--test", type=Path, required=True, help="folder of low/ and high/")
    parser.add_argument("--tone", type=Path, required=True)
    parser.add_argument("--clean", type=Path)
    parser.add_argument("--run", type=Path, help="headrace-demo, for .hrm files")
    parser.add_argument("--names", type=Path, help="a file that lists the pictures to take, without .png")
    parser.add_argument("--panels", type=Path, help="folder for pictures of dark, found and true, side by side")
    return parser.parse_args()


class Runner:
    """One network: array in, array out."""

    def __init__(self, path, program):
        self.path, self.program = path, program
        if path.suffix == ".onnx":
            import onnxruntime

            self.session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        elif program is None:
            raise SystemExit(f"{path}: --run must name headrace-demo")

    def __call__(self, values):
        values = values.astype(np.float32)
        if self.path.suffix == ".onnx":
            return self.session.run(None, {self.session.get_inputs()[0].name: values})[0]
        with tempfile.TemporaryDirectory() as folder:
            source, result = Path(folder) / "x.npy", Path(folder) / "y.npy"
            np.save(source, values)
            subprocess.run([self.program, "run", self.path, "--input", source, "--output", result], check=True,
                           stdout=subprocess.DEVNULL)
            return np.load(result)


def cells(plane):
    """Averages over ROWS x COLUMNS cells that cover the plane and may share a row or column."""
    def weights(extent, count):
        table = np.zeros((count, extent))
        for index in range(count):
            first, end = index * extent // count, -(-(index + 1) * extent // count)
            table[index, first:end] = 1 / (end - first)
        return table

    return weights(plane.shape[0], ROWS) @ plane @ weights(plane.shape[1], COLUMNS).T


def seen(picture):
    """The tone network's input, and the mean root, of a picture of bytes [height][width][3]."""
    change = np.abs(np.diff(picture[..., 1].astype(np.int32), axis=1, append=picture[:, -1:, 1]))
    planes = [picture[..., 0], picture[..., 1], picture[..., 2], change]
    roots = np.sqrt(np.stack([cells(plane / 255) for plane in planes]))
    mean = max(0.01, roots[:3].mean())
    dark = np.full((1, ROWS, COLUMNS), 0.5 * np.log2(mean) + 1)
    return np.concatenate([np.minimum(roots / mean, 4) - 1, dark])[None], mean


def apply(coefficients, mean, picture):
    """The mapped picture from 0 to 1 [height][width][3]."""
    coefficients = coefficients.reshape(13).astype(np.float64)
    padded = np.pad(picture.astype(np.int32), ((1, 1), (1, 1), (0, 0)), mode="reflect")
    rows = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    sums = rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]
    gamma = min(max(coefficients[12], 0.2), 0.8)
    table = np.minimum(4, (np.arange(4081) / 4080 / mean ** 2) ** gamma)
    return np.clip(table[sums] @ coefficients[:9].reshape(3, 3).T + coefficients[9:12], 0, 1)


def main():
    options = arguments()
    names, dark, bright = data.pairs(options.test)
    wanted = set(options.names.read_text().split()) if options.names else set(names)
    tone = Runner(options.tone, options.run)
    clean = Runner(options.clean, options.run) if options.clean else None
    decibels, alike = [], []
    for name, low, high in zip(names, dark, bright):
        if name not in wanted:
            continue
        values, mean = seen(low)
        found = apply(tone(values), mean, low).transpose(2, 0, 1)[None]
        if clean:
            found = np.clip(clean(found), 0, 1)
        found = np.round(found * 255)
        shown = torch.from_numpy(found / 255).float()
        truth = data.tensor(high[None])
        decibels.append(metrics.psnr(shown, truth).item())
        alike.append(metrics.ssim(shown, truth).item())
        print(json.dumps({"picture": name, "psnr": round(decibels[-1], 2), "ssim": round(alike[-1], 4)}), flush=True)
        if options.panels:
            options.panels.mkdir(parents=True, exist_ok=True)
            panel = np.concatenate([low, found[0].transpose(1, 2, 0).astype(np.uint8), high], 1)
            Image.fromarray(panel).save(options.panels / f"{name}.png")
    print(json.dumps({"pictures": len(decibels), "psnr": round(float(np.mean(decibels)), 3),
                      "ssim": round(float(np.mean(alike)), 4)}))


if __name__ == "__main__":
    main()
