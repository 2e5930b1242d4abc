"""Trained networks back from the files that train.py wrote."""

from pathlib import Path

import numpy
import torch

from baselines import comparison
from codec import Split
from lite0 import Lite0, load_published
from store import unpack

FILES = ("grocery", "baselines", "trashnet")


def contents(folder):
    """{"grocery split": packed, ...} and the records over all files."""
    models, records = {}, []
    for name in FILES:
        path = Path(folder) / f"{name}.pt"
        if path.exists():
            saved = torch.load(path, map_location="cpu", weights_only=True)
            models |= saved["models"]
            records += [record for record in saved["records"] if record not in records]
    return models, records


def restore(folder, backbone):
    """{"grocery": {"unsplit": network, "split": network, ...}, ...} in evaluation mode, and the records."""
    packed, records = contents(folder)
    with numpy.load(backbone) as arrays:
        published = {name: torch.from_numpy(arrays[name]).float() for name in arrays.files}
    tasks = {}
    for task in {name.split()[0] for name in packed}:
        classes = packed[f"{task} unsplit"]["rest.classifier.bias"].numel()
        unsplit = Lite0(classes)
        load_published(unsplit, published)
        start = {key: value.clone() for key, value in unsplit.state_dict().items() if ".classifier." not in key}
        reference = unpack(packed[f"{task} unsplit"], start)
        networks = {"unsplit": unsplit}
        unsplit.load_state_dict(reference)
        for full_name, state in packed.items():
            owner, name = full_name.split()
            if owner == task and name != "unsplit":
                model = Split(classes) if name == "split" else comparison(name, classes)[0]
                model.load_state_dict(unpack(state, reference, model.FIRST))
                networks[name] = model
        tasks[task] = {name: model.eval().requires_grad_(False) for name, model in networks.items()}
    return tasks, records
