"""Trains the networks that deblur pictures whose blur is known, measures them, and writes their ONNX files.

Example:
    pip install -r ../lowlight/requirements.txt
    python recipe.py --data LOL/our485/high --test LOL/eval15/high --seconds 590 --device cuda --output run

Any sharp pictures do. They are blurred, darkened and made noisy anew for each step.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "lowlight"))
import metrics  # noqa: E402
from data import held_out  # noqa: E402
from network import parameters  # noqa: E402
from training import Learner, learn  # noqa: E402

import export  # noqa: E402
from deblurring import Deblur  # noqa: E402
from examples import example, loss  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of sharp pictures of one size")
    parser.add_argument("--test", type=Path, required=True, help="folder of others")
    parser.add_argument("--output", type=Path, default=Path("run"))
    parser.add_argument("--seed", type=int, default=1)
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--steps", type=int)
    length.add_argument("--seconds", type=float)
    length.add_argument("--weights", type=Path, help="measure and write these, without training")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    return parser.parse_args()


def pictures(folder):
    """Names, and pictures of bytes [n][3][height][width]."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".png", ".jpg", ".ppm"))
    if not paths:
        raise SystemExit(f"{folder}: no pictures")
    found = [np.asarray(Image.open(path).convert("RGB")) for path in paths]
    return [path.stem for path in paths], torch.from_numpy(np.stack(found)).permute(0, 3, 1, 2).contiguous()


@torch.no_grad()
def measure(network, sharp, rounds=12, seed=7):
    """Mean PSNR and SSIM of blurred squares, of the deconvolved picture alone, and of the finished one."""
    torch.manual_seed(seed)
    rows = []
    for _ in range(rounds):
        blurry, truth, kernel = example(sharp, 8)
        prepared = network.prepared(blurry, kernel)
        shown = [x.clamp(0, 1) for x in (blurry, prepared[:, :3], network.clean(prepared))]
        rows.append([[metrics.psnr(x, truth).mean().item(), metrics.ssim(x, truth).mean().item()] for x in shown])
    means = np.mean(rows, 0)
    return {name: {"psnr": round(row[0], 2), "ssim": round(row[1], 4)}
            for name, row in zip(("blurred", "wiener", "finished"), means.tolist())}


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    options.output.mkdir(parents=True, exist_ok=True)
    names, sharp = pictures(options.data)
    _, test = pictures(options.test)
    held = torch.from_numpy(held_out(names))
    torch.manual_seed(options.seed)
    network = Deblur().to(options.device)
    figures = {"seed": options.seed, "device": options.device, "pictures": int((~held).sum())}
    if options.weights:
        network.load_state_dict(torch.load(options.weights))
    else:
        started, ours = time.time(), sharp[~held].to(options.device)
        learner = Learner(network, [{"params": network.parameters(), "lr": 2e-3}],
                          lambda network: loss(network, ours, options.batch))
        figures["steps"], figures["history"] = learn(
            [learner], "deblur", options.steps, options.seconds, report=lambda row: print(json.dumps(row), flush=True))
        figures["seconds"] = round(time.time() - started)
        network = learner.average
    network = network.cpu().eval()
    torch.save(network.state_dict(), options.output / "weights.pt")
    figures["parameters"] = parameters(network)
    figures["test"] = measure(network, test)
    if held.any():
        figures["held_out"] = measure(network, sharp[held])
    print(json.dumps({key: figures[key] for key in figures if key != "history"}))
    (options.output / "deblur.json").write_text(json.dumps(figures, indent=1))
    export.export(network, options.output)
    torch.manual_seed(options.seed)
    export.save_typical(network, sharp[~held], options.output)


if __name__ == "__main__":
    main()
