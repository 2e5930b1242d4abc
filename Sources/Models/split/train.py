"""Trains the unsplit classifiers in a given time; split.py and comparisons.py go on from there.

    python train.py --data packed --output run --seconds 110 --device cuda

`packed` is what pack.py wrote. The time is divided over the two by SHARES. Writes grocery.pt and trashnet.pt, each
below 15 MiB: weights as differences from the published ones.
"""

import argparse
import json
import time
from pathlib import Path

import numpy
import torch

from fit import Machine, accuracy, fastest_format, fit, over
from lite0 import Lite0, load_published
from losses import cross_entropy
from pictures import load, mixed
from store import pack, unpack

# The data sets, their share of the time, and the bits that differences of weights are kept in.
SHARES = {"grocery": (70, 8), "trashnet": (28, 6)}
RESERVE = 12  # seconds kept for starting Python, saving and leaving
DECAY = 0.02


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=110, help="for everything, from the start of the program")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--limit", type=int, help="use only this many pictures of each part")
    parser.add_argument("--full-precision", action="store_true", help="no bfloat16")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def published(path, classes):
    """The network with the published weights but for the classifier, and these by name."""
    model = Lite0(classes)
    with numpy.load(path) as arrays:
        load_published(model, {name: torch.from_numpy(arrays[name]).float() for name in arrays.files})
    return model, {name: value.clone() for name, value in model.state_dict().items() if ".classifier." not in name}


def train(machine, name, model, data, seconds, seed):
    classes = model.rest.classifier.out_features

    def step(x, labels, fraction):
        x, wanted = mixed(x, labels, classes)
        return cross_entropy(model(x), wanted), {}

    parts = [(model.front, 4e-4, DECAY), (model.rest.blocks, 4e-4, DECAY), (model.rest.top, 4e-4, DECAY),
             (model.rest.classifier, 2e-3, DECAY), (model.rest.dropout, 0, 0)]
    return fit(machine, f"{name} unsplit", seconds, data, [model], parts, step, seed)


@torch.no_grad()
def evaluate(machine, model, data):
    model.eval()
    (logits,) = over(machine, data[0], lambda x: (model(x),))
    return {"val": accuracy(logits, data[2])}


def main():
    options, began = arguments(), time.monotonic()
    report = lambda text: print(f"[{time.monotonic() - began:6.1f}] {text}", flush=True)
    machine = Machine(options.device, options.batch, not options.full_precision, report)
    options.output.mkdir(parents=True, exist_ok=True)
    report(f"torch {torch.__version__} on {options.device}, seed {options.seed}")
    if options.device == "cuda":
        report(torch.cuda.get_device_name(0))
        torch.backends.cuda.matmul.allow_tf32 = True
        fastest_format(machine, machine.place(Lite0(10)))
        torch.backends.cudnn.benchmark = True
        torch.backends.cudnn.benchmark_limit = 4
    shares = dict(SHARES)
    for index, (name, (share, bits)) in enumerate(SHARES.items()):
        with numpy.load(options.data / "pictures.npz") as arrays:
            classes = len(arrays[f"{name}_classes"])
        parts = [load(options.data / "pictures.npz", name, part, options.device, options.limit)
                 for part in ("train", "val")]
        model, reference = published(options.data / "backbone.npz", classes)
        machine.place(model)
        left = options.seconds - RESERVE - (time.monotonic() - began)
        seconds = left * share / sum(later for later, _ in shares.values())
        del shares[name]
        record = train(machine, name, model, parts[0], seconds, 1000 * options.seed + index)
        packed = pack(model.state_dict(), reference, 0, bits, 8)
        model.load_state_dict(unpack(packed, reference))  # as it will be read from the file
        record |= evaluate(machine, model, parts[1])
        report(json.dumps(record))
        path = options.output / f"{name}.pt"
        torch.save({"models": {f"{name} unsplit": packed}, "records": [record]}, path.with_suffix(".partial"))
        path.with_suffix(".partial").replace(path)


if __name__ == "__main__":
    main()
