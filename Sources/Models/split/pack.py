"""Packs the pictures and the pre-trained weights for a training machine without network.

    python pack.py --grocery GroceryStoreDataset/dataset --trashnet dataset-resized \
        --weights efficientnet-lite0-57934424.pth --output packed

`pictures.npz` holds the training and validation parts of both data sets as WebP files: training pictures with
their shorter side at 240, validation pictures as the centre 224x224 that a network sees. `backbone.npz` holds
EfficientNet-lite0 in half precision without its ImageNet classifier. Test pictures are not packed.
"""

import argparse
import io
from pathlib import Path

import numpy
import torch
from PIL import Image

from datasets import TRASHNET_CLASSES, centre, coarse_classes, pixels, resize_short_side, rows_of

TRAIN_SIDE, VAL_SIDE = 240, 224

def encode(path, part, quality):
    if part == "train":
        picture = resize_short_side(pixels(path), TRAIN_SIDE)
    else:
        picture = centre(path, VAL_SIDE).transpose(1, 2, 0)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, format="WEBP", quality=quality, method=6)
    return file.getvalue()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grocery", type=Path, required=True)
    parser.add_argument("--trashnet", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)

    state = torch.load(options.weights, map_location="cpu", weights_only=True)
    kept = {name: value for name, value in state.items() if not name.startswith("_fc") and value.is_floating_point()}
    numpy.savez(options.output / "backbone.npz", **{name: value.half().numpy() for name, value in kept.items()})

    arrays = {"grocery_classes": coarse_classes(options.grocery), "trashnet_classes": TRASHNET_CLASSES}
    for part, quality in (("train", 80), ("val", 85)):
        for name, folder in (("grocery", options.grocery), ("trashnet", options.trashnet)):
            rows = rows_of(name, folder, part)
            files = [encode(path, part, quality) for path, _ in rows]
            arrays[f"{name}_{part}_files"] = numpy.frombuffer(b"".join(files), dtype=numpy.uint8)
            arrays[f"{name}_{part}_sizes"] = numpy.array([len(file) for file in files])
            arrays[f"{name}_{part}_labels"] = numpy.array([label for _, label in rows])
            print(name, part, len(files), sum(map(len, files)), flush=True)
    numpy.savez(options.output / "pictures.npz", **arrays)


if __name__ == "__main__":
    main()
