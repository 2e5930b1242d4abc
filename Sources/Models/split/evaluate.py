#!/usr/bin/env python3
"""Measures the compiled head, tail and exit on a part of GroceryStore, with the runtime itself.

    python evaluate.py --grocery GroceryStoreDataset/dataset --part val --rate 4 --demo build/host/bin/headrace-demo

`headrace-demo run` decodes, prepares and runs as a board does, a process for each network and picture. The
channels of later layers are set to zero here, as no runtime leaves them out yet.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy

from codec import LAYERS

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "bottlefit"))

from data import read_split  # noqa: E402


def run(demo, network, source, folder):
    """What a network answers for a file, as real numbers."""
    target = Path(folder) / "answer.npy"
    subprocess.run([demo, "run", network, "--input", source, "--output", target],
                   stdout=subprocess.DEVNULL, check=True)
    return numpy.load(target)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grocery", type=Path, required=True)
    parser.add_argument("--part", choices=["train", "val", "test"], default="val")
    parser.add_argument("--rate", type=int, choices=range(len(LAYERS)), default=len(LAYERS) - 1)
    parser.add_argument("--demo", required=True, help="the program headrace-demo")
    parser.add_argument("--every", type=int, default=1, help="measure only every Nth picture")
    options = parser.parse_args()
    kept = sum(LAYERS[: options.rate + 1])
    rows = read_split(HERE.parent / "bottlefit" / "splits" / f"{options.part}.txt")[:: options.every]
    late = early = 0
    with tempfile.TemporaryDirectory() as folder:
        latent_file = Path(folder) / "latent.npy"
        for path, label in rows:
            latent = run(options.demo, HERE / "head.hrm", options.grocery / path, folder)
            numpy.save(latent_file, latent)
            early += run(options.demo, HERE / "exit.hrm", latent_file, folder).argmax() == label
            latent[:, kept:] = 0
            numpy.save(latent_file, latent)
            late += run(options.demo, HERE / "tail.hrm", latent_file, folder).argmax() == label
    count = len(rows)
    print(f"{options.part}, rate {options.rate}: {late} of {count} right, {late / count:.2%}; exit {early / count:.2%}")


if __name__ == "__main__":
    main()
