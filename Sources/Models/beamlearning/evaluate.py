"""Mean errors of azimuth and elevation on rooms that bench/doa_peers.py made, of hard rooms in brackets.

Example:
    python evaluate.py --weights run/networks.pt --rooms rooms_respeaker4.npz rooms_uma8.npz
    python evaluate.py --weights run/networks.pt --rooms rooms_respeaker4.npz --only circle-4 \\
      --demo ../../../build/host/bin/headrace-demo --models .

Looks at what the peers look at: of each second the loudest stretch of those that do not overlap. Hard rooms have
less than 10 dB of signal over noise and more than half a second of reverberation. Elevations are without sign, as a
flat array hears them. With --demo, NAME.hrm and NAME.judge.hrm among --models answer in place of PyTorch.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch

import fit
import targets
from train import NETWORKS
from window import Windowed


def load(path, name):
    """A trained network of a file of weights."""
    windowed = Windowed(NETWORKS[name][1]())
    windowed.load_state_dict(torch.load(path, map_location="cpu", weights_only=True)[name])
    return windowed.eval()


class Compiled:
    """A compiled network and its judge in the place of the network."""

    def __init__(self, demo, models, name, microphones):
        self.demo, self.models, self.name, self.microphones = demo, models, name, microphones

    def run(self, model, values):
        """Outputs, in order, of each of the inputs [n][...]."""
        found = []
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder) / "x.npy", Path(folder) / "y.npy"
            for value in values.numpy():
                np.save(source, value[None])
                subprocess.run([self.demo, "run", model, "--input", source, "--output", target], check=True,
                               stdout=subprocess.DEVNULL)
                others = sorted(Path(folder).glob("y.?.npy"))
                found.append([torch.tensor(np.load(path)).float() for path in [target, *others]])
        return [torch.cat(part) for part in zip(*found)]

    def features(self, frames):
        return self.run(self.models / f"{self.name}.hrm", frames)[3]

    def judge(self, features):
        logits, _, elevations = self.run(self.models / f"{self.name}.judge.hrm", features)
        return logits, elevations


def compiled(windowed, demo, models, name):
    """The same window around compiled networks."""
    found = Windowed(Compiled(demo, models, name, windowed.network.microphones))
    found.loudness = windowed.loudness
    return found


def rooms(path):
    """Sounds [n][microphone][sample], azimuths and elevations in radians and which rooms are hard."""
    with np.load(path) as data:
        sounds = torch.tensor(data["wav"].astype(np.float32) / 16000)
        hard = torch.tensor((data["snr_db"] < 10) & (data["rt60_nom"] > .5))
        azimuth, elevation = (torch.tensor(np.radians(data[name])).float() for name in ("az_deg", "elev_deg"))
        return sounds, azimuth, elevation, hard


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--rooms", type=Path, nargs="+", required=True)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--output", type=Path, help="a JSON file")
    parser.add_argument("--demo", type=Path, help="the program headrace-demo")
    parser.add_argument("--models", type=Path, default=Path("."))
    options = parser.parse_args()
    names = [name for name in torch.load(options.weights, map_location="cpu", weights_only=True) if name in NETWORKS]
    found = []
    print("| network | rooms | window | mean (hard) | median | within 10 degrees | elevation |\n" + "|---" * 7 + "|")
    for path in options.rooms:
        sounds, azimuth, elevation, hard = rooms(path)
        heights = elevation.abs()
        for name in options.only or names:
            windowed = load(options.weights, name)
            if windowed.network.microphones != sounds.shape[1]:
                continue
            if options.demo:
                windowed = compiled(windowed, options.demo, options.models, name)
            for window, frames in fit.TESTED.items():
                logits, elevations = fit.answers(windowed, sounds, frames)
                off = torch.rad2deg(targets.difference(targets.direction(logits), azimuth).abs())
                height = elevations.gather(1, logits.argmax(1, keepdim=True))[:, 0]
                wrong = torch.rad2deg((height - heights).abs())
                row = {"network": name, "rooms": path.name, "count": len(off), "window": window,
                       "mean": off.mean().item(), "hard": off[hard].mean().item(), "median": off.median().item(),
                       "within10": (off <= 10).float().mean().item(),
                       "elevation": wrong.mean().item()}
                found.append(row)
                print(f"| {name} | {len(off)} {path.stem} | {window} | {row['mean']:.1f} ({row['hard']:.1f}) | "
                      f"{row['median']:.1f} | {row['within10']:.0%} | {row['elevation']:.1f} |", flush=True)
    if options.output:
        options.output.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
