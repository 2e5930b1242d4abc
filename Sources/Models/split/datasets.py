"""The two data sets: which pictures each part has, and pictures as the networks see them."""

import sys
from pathlib import Path

import numpy
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "bottlefit"))

from data import centre_crop, coarse_classes, read_split, resize_short_side  # noqa: E402, F401

TRASHNET_CLASSES = ["cardboard", "glass", "metal", "paper", "plastic", "trash"]


def rows_of(task, folder, part):
    """(path, class id) of the pictures of one part of "grocery" or "trashnet", which lies in `folder`."""
    if task == "grocery":
        rows = read_split(HERE.parent / "bottlefit" / "splits" / f"{part}.txt")
    else:
        names = (HERE / "splits" / f"trashnet-{part}.txt").read_text().split()
        rows = [(name, TRASHNET_CLASSES.index(name.split("/")[0])) for name in names]
    return [(folder / path, label) for path, label in rows]


def pixels(path):
    """Height x width x 3 bytes."""
    with Image.open(path) as file:
        return numpy.asarray(file.convert("RGB"))


def centre(path, side=224):
    """3 x side x side bytes: the shorter side scaled to `side`, and the middle of that."""
    return centre_crop(resize_short_side(pixels(path), side), side).transpose(2, 0, 1)
