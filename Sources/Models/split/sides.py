"""Accuracy and estimated bytes of a split on smaller pictures: its weights serve every side that is a multiple of 32.

    python sides.py --trained split --packed packed --pictures GroceryStoreDataset/dataset

Of the validation part, in float; nothing is trained for any side but 224.
"""

import argparse
from pathlib import Path

import numpy
import torch
from PIL import Image

from codec import RATES, rounded, units
from pictures import normalise
from restore import restore
from witnesses import centre_crop, resize_short_side, rows_of

SIDES = (224, 192, 160, 128)
HEADER = 24  # and two bytes for each layer but one


def pictures_of(paths, side):
    for path in paths:
        with Image.open(path) as file:
            picture = resize_short_side(numpy.asarray(file.convert("RGB")), side)
        yield normalise(torch.from_numpy(centre_crop(picture, side).transpose(2, 0, 1)).unsqueeze(0))


@torch.no_grad()
def measure(split, rows, side):
    """Of the exit: right answers; of each rate: right answers and bytes."""
    found = numpy.zeros((len(RATES) + 1, 2))
    for x, (_, label) in zip(pictures_of([path for path, _ in rows], side), rows):
        coded = rounded(split.latent(x))
        for rate, (layers, _) in enumerate(RATES):
            rates = torch.tensor([rate])
            sent = rounded(coded, units(rates))
            logits = split.tail_stages(sent * split.sent(rates))[1]
            found[rate] += int(logits.argmax()) == label, float(split.bytes(sent, sent, rates)) + HEADER + 2 * (layers - 1)
        found[-1, 0] += int(split.exit(sent).argmax()) == label
    return found / len(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trained", type=Path, required=True, help="what split.py joined")
    parser.add_argument("--packed", type=Path, required=True, help="what pack.py wrote")
    parser.add_argument("--task", choices=("grocery", "trashnet"), default="grocery")
    parser.add_argument("--pictures", type=Path, nargs=1, required=True, help="the data set")
    options = parser.parse_args()
    torch.set_num_threads(1)
    split = restore(options.trained, options.packed / "backbone.npz")[0][options.task]["split"]
    rows = rows_of(options, "val")
    for side in SIDES:
        found = measure(split, rows, side)
        cells = [f"{100 * right:.1f} %, {size:.0f}" for right, size in found[:-1]]
        print(f"| {side} | {100 * found[-1, 0]:.1f} % | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
