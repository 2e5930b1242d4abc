"""Trains a tier of low-light enhancement, and writes its ONNX files, figures and curve.

Example:
    pip install -r requirements.txt
    python recipe.py --data LOL/our485 --test LOL/eval15 --tier nano --seed 1 --output run/nano-1

FOLDER/low and FOLDER/high hold the pictures of LOL-v1, which its authors (Wei, Wang, Yang and Liu, "Deep Retinex
Decomposition for Low-Light Enhancement", BMVC 2018) offer on the paper's project page as LOLdataset.zip.
"""

import argparse
import copy
import csv
import json
import time
from pathlib import Path

import numpy as np
import torch

import data
import metrics
from export import export
from network import INPUTS, SMALL, TIERS, Enhancer, exposure, macs, mapped, parameters, reduced, smooth

STEPS = {"nano": (5000, 0), "real-time": (6000, 5000), "quality": (6000, 100000)}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of low/ and high/ to train on")
    parser.add_argument("--test", type=Path, required=True, help="folder of low/ and high/ to test on")
    parser.add_argument("--tier", choices=TIERS, default="nano")
    parser.add_argument("--output", type=Path, default=Path("run"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, nargs=2, metavar=("TONE", "CLEAN"), help="instead of the tier's own")
    parser.add_argument("--batch", type=int, default=4, help="squares at once")
    parser.add_argument("--square", type=int, default=128, help="their side")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--without-test-scenes", action="store_true",
                        help="leave out training pairs of scenes that the test set shows at another exposure")
    return parser.parse_args()


class Average:
    """Of the weights over the last few hundred steps."""

    def __init__(self, network):
        self.network, self.count = copy.deepcopy(network), 0

    @torch.no_grad()
    def update(self, network):
        self.count += 1
        keep = min(0.998, self.count / (self.count + 50))
        torch._foreach_lerp_(list(self.network.parameters()), list(network.parameters()), 1 - keep)


class Log:
    """Loss of training, PSNR and SSIM of both sets, by steps."""

    def __init__(self, path):
        self.path, self.rows, self.losses, self.started = path, [], [], time.time()

    def add(self, phase, step, figures):
        row = {"phase": phase, "step": step, "loss": round(float(np.mean(self.losses)), 4),
               "seconds": round(time.time() - self.started)}
        row |= {f"{name}_{key}": round(value, 4) for name, own in figures.items() for key, value in own.items()}
        self.losses = []
        self.rows.append(row)
        with self.path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            writer.writeheader()
            writer.writerows(self.rows)
        print(row, flush=True)


@torch.no_grad()
def measure(network, dark, bright, every=1):
    """Mean PSNR and SSIM over pictures, finished in 8 bits as they would be seen."""
    decibels, alike = [], []
    for low, high in zip(dark[::every], bright[::every]):
        found = network(data.tensor(low[None]).to(next(network.parameters()).device))
        found = (found.cpu() * 255).round() / 255
        truth = data.tensor(high[None])
        decibels.append(metrics.psnr(found, truth).item())
        alike.append(metrics.ssim(found, truth).item())
    return {"psnr": float(np.mean(decibels)), "ssim": float(np.mean(alike))}, decibels, alike


def steps(network, groups, count, loss_of, log, phase, sets):
    """Adam with a rate that falls to nothing; gives back the averaged network."""
    optimizer = torch.optim.AdamW(groups, weight_decay=1e-2, fused=True)
    log.losses = []
    rates, average = [group["lr"] for group in optimizer.param_groups], Average(network)
    for step in range(count):
        share = min(1, (step + 1) / 100) * (0.5 + 0.5 * np.cos(np.pi * step / count))
        for group, rate in zip(optimizer.param_groups, rates):
            group["lr"] = rate * share
        loss = loss_of()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        average.update(network)
        log.losses.append(loss.item())
        if (step + 1) % max(1, count // 6) == 0 and step + 1 < count:
            log.add(phase, step + 1, {name: measure(average.network, *pair, every=5)[0] for name, pair in sets.items()})
    return average.network


def train_tone(network, everywhere, count, random, log, sets):
    """As nano applies it, whatever follows: the logarithm of the squared error, which is PSNR, at single pixels."""
    filtered = Enhancer("nano")
    filtered.tone = network.tone
    device = next(network.parameters()).device

    def loss():
        small, pixels, truth = (x.to(device) for x in everywhere.draw(16, SMALL, random))
        found = mapped(*network.coefficients(small), pixels)
        return torch.log(((found - truth) ** 2).mean((1, 2)) + 1e-4).mean()

    groups = [{"params": network.tone.parameters(), "lr": 3e-3}]
    network.tone = steps(filtered, groups, count, loss, log, "tone", sets).tone
    return network


def train_clean(network, crops, count, random, log, sets, options):
    device = next(network.parameters()).device

    def loss():
        small, dark, bright = (x.to(device) for x in crops.draw(options.batch, options.square, random))
        found = network.finish(mapped(*network.coefficients(small), smooth(dark)))
        squared = torch.log(((found - bright) ** 2).mean((1, 2, 3)) + 1e-4).mean()
        return squared + 5 * (1 - metrics.ssim(found, bright, stride=2).mean())

    groups = [{"params": network.clean.parameters(), "lr": 3e-3}, {"params": network.tone.parameters(), "lr": 2e-4}]
    return steps(network, groups, count, loss, log, "clean", sets)


@torch.no_grad()
def save_typical(network, dark, folder):
    """Inputs for the quantizer, of pictures trained on."""
    spread = np.linspace(0, len(dark) - 1, 64).astype(int)
    pictures = [data.tensor(picture[None]) for picture in dark[spread]]
    seen = [exposure(reduced(picture))[1] for picture in pictures]
    np.save(folder / "typical-tone.npy", torch.cat(seen).numpy())
    if network.clean is not None:
        found = [mapped(*network.coefficients(reduced(picture)), smooth(picture)) for picture in pictures[::4]]
        np.save(folder / "typical-clean.npy", torch.cat(found).clamp(0, 1).numpy())


def plot(rows, path):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(5, 3), dpi=90)
    for name in ("held_out", "test"):
        axes.plot(range(len(rows)), [row[f"{name}_psnr"] for row in rows], label=name.replace("_", " "))
    axes.set_xticks(range(len(rows)), [f"{row['phase']} {row['step']}" for row in rows], rotation=90, fontsize=6)
    axes.set(ylabel="PSNR in dB, a fifth of the pictures")
    axes.legend()
    figure.tight_layout()
    figure.savefig(path)


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    random = np.random.default_rng(options.seed)
    options.output.mkdir(parents=True, exist_ok=True)
    names, dark, bright = data.pairs(options.data)
    test_names, *test = data.pairs(options.test)
    data.refuse_leaks(dark, bright, *test)
    held = data.held_out(names)
    sets = {"test": test, "held_out": (dark[held], bright[held])}
    used = ~held & ~data.shared(bright, test[1]) if options.without_test_scenes else ~held
    dark, bright = dark[used], bright[used]

    network = Enhancer(options.tier).to(options.device)
    log = Log(options.output / "training.csv")
    tone_steps, clean_steps = options.steps or STEPS[options.tier]
    everywhere = data.Everywhere(dark, bright, smooth)
    network = train_tone(network, everywhere, tone_steps, random, log, sets)
    if network.clean is not None:
        small = torch.stack([reduced(data.tensor(picture[None]))[0] for picture in dark])
        network = train_clean(network, data.Crops(dark, bright, small), clean_steps, random, log, sets, options)
    seconds = round(time.time() - log.started)

    network = network.cpu().eval()
    torch.save(network.state_dict(), options.output / "weights.pt")
    height, width = test[0].shape[1:3]
    export(network.tone, options.output / f"{options.tier}-tone.onnx", [1, INPUTS, *SMALL])
    if network.clean is not None:
        export(network.clean, options.output / f"{options.tier}-clean.onnx", [1, 3, height, width])
    figures = {"tier": options.tier, "seed": options.seed, "pairs": len(dark), "seconds": seconds,
               "steps": [tone_steps, clean_steps], "parameters": parameters(network),
               "macs": macs(network, height, width)}
    save_typical(network, dark, options.output)
    listed = {"test": test_names, "held_out": [name for name, own in zip(names, held) if own]}
    for name, pair in sets.items():
        mean, decibels, alike = measure(network, *pair)
        figures[name] = {key: round(value, 4) for key, value in mean.items()}
        figures[name]["pictures"] = {key: [round(a, 2), round(b, 4)]
                                     for key, a, b in zip(listed[name], decibels, alike)}
    (options.output / "figures.json").write_text(json.dumps(figures, indent=1))
    plot(log.rows, options.output / "training.png")
    print(json.dumps({key: value for key, value in figures.items() if key not in sets}),
          *(f"{name} {figures[name]['psnr']:.2f} dB {figures[name]['ssim']:.4f}" for name in sets))


if __name__ == "__main__":
    main()
