"""Accuracy and estimated bytes of a split on smaller pictures: its weights serve every side that is a multiple of 32.

    python sides.py --trained split --packed packed --pictures GroceryStoreDataset/dataset

Of the validation part, in float; nothing is trained for any side but 224.
"""

import argparse
from pathlib import Path

import numpy
import torch

from codec import RATES, rounded
from datasets import centre, rows_of
from pictures import normalise
from restore import restore

SIDES = (224, 192, 160, 128)
HEADER = 24  # and two bytes for each layer but one


@torch.no_grad()
def measure(split, rows, side):
    """Of the exit: right answers; of each rate: right answers and bytes."""
    found = numpy.zeros((len(RATES) + 1, 2))
    for path, label in rows:
        coded = rounded(split.latent(normalise(torch.from_numpy(centre(path, side)).unsqueeze(0))))
        for rate, (layers, _) in enumerate(RATES):
            rates = torch.tensor([rate])
            sent = split.send(coded, rates)
            logits = split.tail_stages(sent)[1]
            size = float(split.bytes(sent, sent, rates)) + HEADER + 2 * (layers - 1)
            found[rate] += int(logits.argmax()) == label, size
        found[-1, 0] += int(split.exit(sent).argmax()) == label
    return found / len(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trained", type=Path, required=True, help="what split.py joined")
    parser.add_argument("--packed", type=Path, required=True, help="what pack.py wrote")
    parser.add_argument("--task", choices=("grocery", "trashnet"), default="grocery")
    parser.add_argument("--pictures", type=Path, required=True, help="the data set")
    options = parser.parse_args()
    torch.set_num_threads(1)
    split = restore(options.trained, options.packed / "backbone.npz")[0][options.task]["split"]
    rows = rows_of(options.task, options.pictures, "val")
    for side in SIDES:
        found = measure(split, rows, side)
        cells = [f"{100 * right:.1f} %, {size:.0f}" for right, size in found[:-1]]
        print(f"| {side} | {100 * found[-1, 0]:.1f} % | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
