"""Trains the networks that locate from samples: makes rooms for a while, then trains one network after the other.

Example:
    python pack_speech.py --speech run/speech --output run/speech.npz
    python train.py --data run --output run --seconds 500 --device cuda

Writes networks.pt (weights of all, replaced as training goes on) and training.json (curves, seeds, errors).
"""

import argparse
import json
import os
import sys
import time
import traceback
from pathlib import Path

import numpy as np
import torch

import fit
import scenes
from beam import BeamNet
from circle import CircleNet
from window import Windowed

# Each network's share of the time, in parts; rooms are made in ROOMS parts, before.
ROOMS = 45
NETWORKS = {
    "circle-4": (100, lambda: CircleNet(4, sets=2)),
    "circle-7": (100, lambda: CircleNet(7, bands=72)),
    "beam-4": (55, lambda: BeamNet(4)),
    "circle-4-large": (70, lambda: CircleNet(4, bands=96, width=64, sets=2, more=2)),
    "beam-7": (45, lambda: BeamNet(7)),
    "beam-4-large": (60, lambda: BeamNet(4, width=64, banks=2, beams=256)),
    "circle-4-wide": (90, lambda: CircleNet(4, bands=96, width=96, sets=2, more=3, hidden=128)),
    "circle-7-wide": (90, lambda: CircleNet(7, bands=96, width=96, sets=2, more=3, hidden=128)),
    "circle-7-large": (70, lambda: CircleNet(7, bands=80, width=64, sets=2, more=2)),
}
RESERVE = 0.03  # of the time, for what cannot be foreseen


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("run"), help="where speech.npz lies")
    parser.add_argument("--output", type=Path, default=Path("run"))
    parser.add_argument("--seconds", type=float, default=500, help="for everything")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scenes", type=int, default=32768, help="at most, 352 kB of the device's memory each")
    parser.add_argument("--held", type=int, default=512, help="scenes held out")
    parser.add_argument("--frames", type=int, default=1024, help="of a batch")
    parser.add_argument("--renew", type=int, default=25, help="steps after which some scenes are made anew")
    parser.add_argument("--rate", type=float, default=fit.RATE, help="of learning, at its highest")
    parser.add_argument("--only", nargs="*", choices=list(NETWORKS), help="these networks, in all of the time")
    parser.add_argument("--compile", action="store_true", help="a GPU's steps; takes a minute first, saves a fifth")
    parser.add_argument("--start", type=Path, help="weights to go on from, of restore.py or an earlier networks.pt")
    return parser.parse_args()


class Results:
    """What is written: replaced whole, so that a stop at any time leaves the last."""

    def __init__(self, folder, figures):
        self.folder, self.figures, self.weights = folder, figures, {}
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, name, windowed, history, network, finished):
        half = {key: value.detach().cpu().clone() for key, value in windowed.state_dict().items()}
        self.weights[name] = half
        frame, window = network.macs()
        parameters = sum(value.numel() for value in network.parameters())
        self.figures["networks"][name] = {"frame_macs": frame, "window_macs": window, "parameters": parameters,
                                          "finished": finished, "history": history}
        torch.save(self.weights, self.folder / "networks.pt.new")
        os.replace(self.folder / "networks.pt.new", self.folder / "networks.pt")
        (self.folder / "training.json.new").write_text(json.dumps(self.figures, indent=1))
        os.replace(self.folder / "training.json.new", self.folder / "training.json")


def new_pool(count, speech, random):
    """As many scenes as there is memory for."""
    for _ in range(3):
        try:
            return scenes.Pool(count, speech, random)
        except torch.OutOfMemoryError:
            print(f"no memory for {count} scenes", flush=True)
        torch.cuda.empty_cache()
        count //= 2
    return scenes.Pool(count, speech, random)


def make_scenes(options, speech, random, until):
    """Pools of training and held-out scenes, of held-out ones of any elevation, and noise, as many as there is time
    for."""
    train, held = (scenes.Speech(speech[part], options.device) for part in ("train", "held"))
    apart = torch.Generator(options.device).manual_seed(options.seed + 1000)
    tested = [scenes.Pool(options.held, held, apart, wide) for wide in (False, True)]
    for kept in tested:
        while kept.filled < options.held:
            kept.add()
    print(f"{options.held} held-out scenes of either kind after {time.time() - options.started:.1f} s", flush=True)
    noise = torch.cat([scenes.diffuse(16, random) for _ in range(16 if options.device == "cuda" else 1)])
    pool = new_pool(options.scenes, train, random)
    while pool.filled < options.scenes and (time.time() < until or pool.filled == 0):
        pool.add()
    print(f"{pool.filled} scenes after {time.time() - options.started:.1f} s", flush=True)
    return pool, tested, noise


def train_one(name, build, seconds, pool, noise, held, options, random, results):
    """Trains a network, again with less if that fails."""
    frames, end = options.frames, time.time() + seconds
    for attempt in range(3):
        torch.manual_seed(options.seed)
        network = build()
        network.mixed = attempt == 0
        if options.compile and attempt == 0:
            network.features = torch.compile(network.features)
        windowed = Windowed(network)
        if options.start:
            windowed.load_state_dict(torch.load(options.start, weights_only=True)[name])
        save = lambda windowed, history, done=False: results.keep(name, windowed, history, network, done)
        try:
            left = max(0.0, end - time.time())
            windowed, history = fit.fit(windowed, pool, noise, *held, left, random, frames, options.rate, save, name,
                                        every=max(5, min(30 if options.device == "cuda" else 600, left / 4)),
                                        renew=options.renew)
            save(windowed, history, True)
            return
        except Exception:
            traceback.print_exc()
            print(f"{name}: attempt {attempt + 1} failed", flush=True)
        if options.device == "cuda":  # outside, where nothing holds tensors any more
            torch.cuda.empty_cache()
        frames //= 2


def main():
    options = arguments()
    options.started = time.time()
    end = options.started + options.seconds * (1 - RESERVE)
    if options.device == "cuda":
        torch.backends.cudnn.benchmark = True
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cuda.matmul.allow_tf32 = False  # phases of weak bands matter
        torch.zeros(1, device="cuda")
        print(f"{torch.cuda.get_device_name()} after {time.time() - options.started:.1f} s", flush=True)
    random = torch.Generator(options.device).manual_seed(options.seed)
    networks = {name: NETWORKS[name] for name in (options.only or NETWORKS)}
    parts = ROOMS + sum(share for share, _ in networks.values())
    with np.load(options.data / "speech.npz") as speech:
        pool, tested, noise = make_scenes(options, speech, random,
                                          options.started + (end - options.started) * ROOMS / parts)
    apart = torch.Generator(options.device).manual_seed(options.seed + 2000)
    held = [fit.held_out(kept, apart) for kept in tested]
    figures = {"seed": options.seed, "device": options.device, "seconds": options.seconds, "scenes": pool.filled,
               "held": options.held, "hard": int(held[0][2].sum()), "torch": torch.__version__, "networks": {}}
    results = Results(options.output, figures)
    left = sum(share for share, _ in networks.values())
    for name, (share, build) in networks.items():
        seconds = max(0.0, end - time.time()) * share / left
        left -= share
        print(f"{name}: {seconds:.0f} s", flush=True)
        train_one(name, build, seconds, pool, noise, held, options, random, results)
    print(f"done after {time.time() - options.started:.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
