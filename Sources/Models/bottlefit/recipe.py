"""Trains the split grocery classifier and writes its ONNX files, figures and training curve.

Example:
    python recipe.py --data GroceryStoreDataset/dataset --output runs/1 --threads 4

Run it again with the same --output to go on from the last finished epoch.
"""

import argparse
import json
import time
from pathlib import Path

import torch

from data import CACHE_SIZE, INPUT_SIZE, coarse_classes, decode, read_split, to_tensor
from export import export
from networks import Head, Remainder, Split, SplitByBytes, Unsplit, UnsplitProbability, cost
from training import BATCH, accuracy, train

HERE = Path(__file__).resolve().parent


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the dataset folder of GroceryStoreDataset")
    parser.add_argument("--output", type=Path, default=Path("run"), help="checkpoint, figures and ONNX files go here")
    parser.add_argument("--teacher-epochs", type=int, default=63)
    parser.add_argument("--distil-epochs", type=int, default=5)
    parser.add_argument("--tune-epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--export-only", action="store_true", help="train no further: evaluate and export the checkpoint")
    return parser.parse_args()


def plot(history, path):
    """Loss by epoch and validation accuracy at the pictures' size of that epoch."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(8, 3), dpi=90)
    for name in ("teacher", "distil", "tune"):
        rows = [(index + 1, row) for index, row in enumerate(history) if row["phase"] == name]
        left.plot([x for x, _ in rows], [row["loss"] for _, row in rows], label=name)
        rows = [(x, row) for x, row in rows if "val" in row]
        right.plot([x for x, _ in rows], [100 * row["val"] for _, row in rows], "o-", markersize=3, label=name)
    left.set(xlabel="epoch", ylabel="training loss")
    right.set(xlabel="epoch", ylabel="validation accuracy, %")
    left.legend()
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)


def main():
    options = arguments()
    began = time.monotonic()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    options.output.mkdir(parents=True, exist_ok=True)
    labels = coarse_classes(options.data)
    splits = {name: read_split(HERE / "splits" / f"{name}.txt") for name in ("train", "val", "test")}

    models = {"unsplit": Unsplit(len(labels)), "split": Split(len(labels))}
    models = {name: model.to(options.device, memory_format=torch.channels_last) for name, model in models.items()}
    state = {"phase": 0, "epoch": 0, "optimizer": None, "history": [], "seconds": 0.0}
    checkpoint = options.output / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=options.device, weights_only=True)
        for name, model in models.items():
            model.load_state_dict(saved["models"][name])
        state = saved["state"]
        print(f"going on after {len(state['history'])} epochs", flush=True)
    earlier = state["seconds"]

    def save(state):
        state["seconds"] = earlier + time.monotonic() - began
        weights = {name: model.state_dict() for name, model in models.items()}
        partial = checkpoint.with_suffix(".partial")
        torch.save({"models": weights, "state": state}, partial)
        partial.replace(checkpoint)

    epochs = {"teacher": options.teacher_epochs, "distil": options.distil_epochs, "tune": options.tune_epochs}
    print("decoding", flush=True)
    val_set = decode(options.data, splits["val"], INPUT_SIZE, crop=True)
    if not options.export_only:
        train_set = decode(options.data, splits["train"], CACHE_SIZE, crop=False)
        train(models, epochs, train_set, val_set, state, save, options.device, options.seed)

    export(models, labels, options.output, to_tensor(val_set[0][:1]))
    print("evaluating", flush=True)
    test_set = decode(options.data, splits["test"], INPUT_SIZE, crop=True)
    measured = {
        "unsplit float": models["unsplit"],
        "split float": models["split"],
        "split float, latent in bytes": SplitByBytes(models["split"]),
    }
    figures = {
        f"{name}, {split}": round(accuracy(model, *pictures, device=options.device), 4)
        for name, model in measured.items()
        for split, pictures in (("val", val_set), ("test", test_set))
    }
    image = (3, INPUT_SIZE, INPUT_SIZE)
    head = cost(Head(models["split"]), image)
    costs = {
        "head": head,
        "tail": cost(Remainder(models["split"]), head["output"]),
        "unsplit": cost(UnsplitProbability(models["unsplit"]), image),
    }
    record = {
        "data": {name: len(rows) for name, rows in splits.items()} | {"classes": len(labels), "set": "GroceryStore"},
        "seed": options.seed,
        "batch": BATCH,
        "epochs": epochs,
        "device": options.device,
        "torch": torch.__version__,
        "seconds": round(state["seconds"]),
        "accuracy": figures,
        "costs": costs,
        "history": state["history"],
    }
    lines = json.dumps(record, indent=1)
    (options.output / "training.json").write_text(lines + "\n")
    if state["history"]:
        plot(state["history"], options.output / "training.png")
    print(json.dumps(figures | {name: c["macs"] for name, c in costs.items()}, indent=1))


if __name__ == "__main__":
    main()
