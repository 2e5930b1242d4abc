"""Mean errors of azimuth on rooms that bench/doa_peers.py made, of hard rooms in brackets.

Example:
    python evaluate.py --weights run/networks.pt --rooms rooms_respeaker4.npz rooms_uma8.npz

Looks at what the peers look at: of each second the loudest stretch of those that do not overlap. Hard rooms have
less than 10 dB of signal over noise and more than half a second of reverberation.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

import batches
import fit
import targets
from train import NETWORKS
from window import Windowed


def load(path, name):
    """A trained network of a file of weights."""
    windowed = Windowed(NETWORKS[name][1]())
    windowed.load_state_dict(torch.load(path, map_location="cpu", weights_only=True)[name])
    return windowed.eval()


def rooms(path):
    """Sounds [n][microphone][sample], azimuths in radians and which rooms are hard."""
    with np.load(path) as data:
        sounds = torch.tensor(data["wav"].astype(np.float32) / 16000)
        hard = torch.tensor((data["snr_db"] < 10) & (data["rt60_nom"] > .5))
        return sounds, torch.tensor(np.radians(data["az_deg"])).float(), hard


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--rooms", type=Path, nargs="+", required=True)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--output", type=Path, help="a JSON file")
    options = parser.parse_args()
    names = [name for name in torch.load(options.weights, map_location="cpu", weights_only=True) if name in NETWORKS]
    found = []
    print("| network | rooms | window | mean (hard) | median | within 10 degrees |\n|---|---|---|---|---|---|")
    for path in options.rooms:
        sounds, azimuth, hard = rooms(path)
        for name in options.only or names:
            windowed = load(options.weights, name)
            if windowed.network.microphones != sounds.shape[1]:
                continue
            for window, frames in fit.TESTED.items():
                off = fit.errors(windowed, sounds, azimuth, frames)
                row = {"network": name, "rooms": path.name, "count": len(off), "window": window,
                       "mean": off.mean().item(), "hard": off[hard].mean().item(), "median": off.median().item(),
                       "within10": (off <= 10).float().mean().item()}
                found.append(row)
                print(f"| {name} | {len(off)} {path.stem} | {window} | {row['mean']:.1f} ({row['hard']:.1f}) | "
                      f"{row['median']:.1f} | {row['within10']:.0%} |", flush=True)
    if options.output:
        options.output.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
