"""Trains a tier of low-light enhancement with several seeds side by side, and writes ONNX files, figures and curves.

Example:
    pip install -r requirements.txt
    python recipe.py --data LOL/our485 --test LOL/eval15 --tier real-time --seconds 40 535 --device cuda --output run/rt

FOLDER/low and FOLDER/high hold the pictures of LOL-v1, which its authors (Wei, Wang, Yang and Liu, "Deep Retinex
Decomposition for Low-Light Enhancement", BMVC 2018) offer on the paper's project page as LOLdataset.zip.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

import data
import metrics
import training
from export import export
from network import TIERS, Enhancer, exposure, macs, parameters, reduced
from training import Learner, clean_loss, learn, tone_loss

TILE = (480, 640)  # rows and columns of what the clean network is exported for


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of low/ and high/ to train on")
    parser.add_argument("--test", type=Path, required=True, help="folder of low/ and high/ to test on")
    parser.add_argument("--tier", choices=TIERS, default="nano")
    parser.add_argument("--output", type=Path, default=Path("run"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--steps", type=int, nargs=2, metavar=("TONE", "CLEAN"), help="how many of each phase")
    length.add_argument("--seconds", type=float, nargs=2, metavar=("TONE", "CLEAN"), help="of the clock, instead")
    parser.add_argument("--batch", type=int, default=16, help="squares at once")
    parser.add_argument("--square", type=int, default=160, help="their side")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--without-test-scenes", action="store_true",
                        help="leave out training pairs of scenes that the test set shows at another exposure")
    return parser.parse_args()


def enhancers(options):
    made = []
    for seed in options.seeds:
        torch.manual_seed(seed)
        made.append(Enhancer(options.tier).to(options.device))
        if made[-1].clean is not None:
            made[-1].clean.to(memory_format=training.LAYOUT)
    return made


def train(networks, samples, options):
    """Both phases; gives back the averaged networks and what was seen on the way."""
    lengths = [("steps", value) for value in options.steps] if options.steps else [
        ("seconds", value) for value in options.seconds]
    report = lambda row: print(json.dumps(row), flush=True)  # noqa: E731
    learners = [Learner(network, [{"params": network.tone.parameters(), "lr": 2e-3}],
                        lambda network: tone_loss(network, samples)) for network in networks]
    taken, history = learn(learners, "tone", report=report, **dict([lengths[0]]))
    networks, steps = [learner.average for learner in learners], [taken, 0]
    if networks[0].clean is not None:
        groups = lambda network: [{"params": network.clean.parameters(), "lr": 3e-3},  # noqa: E731
                                  {"params": network.tone.parameters(), "lr": 3e-4}]
        learners = [Learner(network, groups(network),
                            lambda network: clean_loss(network, samples, options.batch, options.square))
                    for network in networks]
        steps[1], more = learn(learners, "clean", report=report, **dict([lengths[1]]))
        networks, history = [learner.average for learner in learners], history + more
    return networks, steps, history


@torch.no_grad()
def measure(network, names, dark, bright):
    """Means, and PSNR and SSIM of each picture, finished in 8 bits as they would be seen."""
    found = {}
    for name, low, high in zip(names, dark, bright):
        shown = (network(data.tensor(low[None])) * 255).round() / 255
        truth = data.tensor(high[None])
        found[name] = [round(metrics.psnr(shown, truth).item(), 2), round(metrics.ssim(shown, truth).item(), 4)]
    means = np.mean(list(found.values()), 0)
    return {"psnr": round(float(means[0]), 4), "ssim": round(float(means[1]), 4), "pictures": found}


@torch.no_grad()
def save_typical(network, dark, folder):
    """Inputs for the quantizer, of pictures trained on."""
    pictures = [data.tensor(dark[index][None]) for index in np.linspace(0, len(dark) - 1, 64).astype(int)]
    np.save(folder / "typical-tone.npy", torch.cat([exposure(reduced(x))[1] for x in pictures]).numpy())
    if network.clean is None:
        return
    filtered, plain = [], []
    for picture in pictures[::4]:
        down, over = (max(0, tile - extent) for tile, extent in zip(TILE, picture.shape[2:]))
        tile = functional.pad(network.prepared(picture), (0, over, 0, down), mode="replicate")
        tile = tile[..., :TILE[0], :TILE[1]]
        filtered.append(tile[:, :3])
        plain.append(tile[:, :3] + tile[:, 3:])
    for name, tiles in (("filtered", filtered), ("plain", plain)):
        np.save(folder / f"typical-{name}.npy", torch.cat(tiles).clamp(0, 1).numpy())


def plot(history, seeds, path):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(5, 3), dpi=90)
    for index, seed in enumerate(seeds):
        axes.plot(range(len(history)), [row["losses"][index] for row in history], label=f"seed {seed}")
    axes.set(xlabel="reports, of tones and then of both", ylabel="loss")
    axes.legend()
    figure.tight_layout()
    figure.savefig(path)


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.backends.cudnn.benchmark = True
    if options.device == "cuda":
        training.LAYOUT = torch.channels_last
    options.output.mkdir(parents=True, exist_ok=True)
    names, dark, bright = data.pairs(options.data)
    test_names, *test = data.pairs(options.test)
    data.refuse_leaks(dark, bright, *test)
    held = data.held_out(names)
    used = ~held & ~data.shared(bright, test[1]) if options.without_test_scenes else ~held
    started = time.time()
    samples = data.Samples(dark[used], bright[used], options.device)
    networks, steps, history = train(enhancers(options), samples, options)
    seconds = round(time.time() - started)
    height, width = test[0].shape[1:3]
    figures = {"tier": options.tier, "device": options.device, "pairs": int(used.sum()), "seconds": seconds,
               "steps": steps, "batch": options.batch, "square": options.square, "history": history, "seeds": {}}
    for seed, network in zip(options.seeds, networks):
        network = network.cpu().eval()
        folder = options.output / str(seed)
        folder.mkdir(exist_ok=True)
        torch.save(network.state_dict(), folder / "weights.pt")
        export(network.tone, folder / f"{options.tier}-tone.onnx")
        if network.clean is not None:
            export(network.clean, folder / f"{options.tier}-clean.onnx", [1, 3, *TILE])
        save_typical(network, dark[used], folder)
        figures["parameters"], figures["macs"] = parameters(network), macs(network, height, width)
        figures["seeds"][seed] = {
            "test": measure(network, test_names, *test),
            "held_out": measure(network, [name for name, own in zip(names, held) if own], dark[held], bright[held])}
        print(seed, {part: [own["psnr"], own["ssim"]] for part, own in figures["seeds"][seed].items()}, flush=True)
    (options.output / f"{options.tier}.json").write_text(json.dumps(figures, indent=1))
    plot(history, options.seeds, options.output / "training.png")


if __name__ == "__main__":
    main()
