"""Accuracy against bytes of everything that was trained, on the validation and test parts.

    python measure.py --trained run --packed packed --grocery GroceryStoreDataset/dataset \
        --trashnet dataset-resized --output measured

Pictures come from the data sets' own files: the shorter side to 224 by area averages, centre crop. Bytes are what
the learned priors estimate for rounded latents (BottleFit's are raw), a mean over the pictures, without header.
Answers are kept in --output, so that a second call goes on where the first was stopped. Writes measured.json and
rate-accuracy.png.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy
import torch
from PIL import Image

from codec import LAYERS, rounded
from pack import trashnet_split
from pictures import normalise
from restore import restore

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "bottlefit"))

from data import centre_crop, read_split, resize_short_side  # noqa: E402

PARTS = ("val", "test")


def pictures_of(options, task, part):
    """N x 3 x 224 x 224 bytes and labels, decoded once."""
    kept = options.output / f"{task}-{part}-pictures.npz"
    if not kept.exists():
        if task == "grocery":
            folder, rows = options.grocery, read_split(HERE.parent / "bottlefit" / "splits" / f"{part}.txt")
        else:
            folder, rows = options.trashnet, trashnet_split(part)
        pictures = []
        for path, _ in rows:
            with Image.open(folder / path) as file:
                pictures.append(centre_crop(resize_short_side(numpy.asarray(file.convert("RGB")), 224), 224))
        pictures = numpy.stack(pictures).transpose(0, 3, 1, 2)
        numpy.savez(kept, pictures=pictures, labels=numpy.array([label for _, label in rows]))
    with numpy.load(kept) as arrays:
        return torch.from_numpy(arrays["pictures"][: options.limit]), arrays["labels"][: options.limit]


def answers_of(name, model, x):
    """{what: logits} and, for what is coded, {what + " bits": bits} for a batch."""
    if name == "unsplit":
        return {"unsplit": model(x)}
    if name != "split":
        arrived, bits = model.send(x, noisy=False)
        return {name: model.tail_stages(arrived)[1], f"{name} bits": bits}
    coded = rounded(model.latent(x))
    bits = model.layer_bits(coded, noisy=False).cumsum(1)
    answers = {"exit": model.exit(coded), "latent": coded.to(torch.int8)}
    for rate in range(len(LAYERS)):
        kept = model.keep(coded, torch.full((len(x),), rate))
        answers |= {f"rate {rate}": model.tail_stages(kept)[1], f"rate {rate} bits": bits[:, rate]}
    return answers


@torch.no_grad()
def answers(options, task, part, name, model):
    """The same for a whole part, from the file of an earlier call if there is one."""
    kept = options.output / f"{task}-{part}-{name}.npz"
    if not kept.exists():
        pictures, _ = pictures_of(options, task, part)
        rows = []
        for start in range(0, len(pictures), 32):
            x = normalise(pictures[start : start + 32]).contiguous(memory_format=torch.channels_last)
            rows.append({key: value.numpy() for key, value in answers_of(name, model, x).items()})
        numpy.savez(kept, **{key: numpy.concatenate([row[key] for row in rows]) for key in rows[0]})
        print(f"{kept.name} written", flush=True)
    with numpy.load(kept) as arrays:
        return dict(arrays)


def summary(found, labels):
    """Accuracy and mean bytes by network or rate."""
    figures = {}
    for name, logits in found.items():
        if name.endswith(" bits") or name == "latent":
            continue
        figures[name] = {"accuracy": round(float((logits.argmax(1) == labels).mean()), 4)}
        if f"{name} bits" in found:
            sizes = found[f"{name} bits"] / 8
            figures[name] |= {"bytes": round(float(sizes.mean())), "bytes, 99th percentile":
                              round(float(numpy.percentile(sizes, 99)))}
    return figures


def confidence(logits):
    logits = logits - logits.max(1, keepdims=True)
    return 1 / numpy.exp(logits).sum(1)


def exit_figures(found, labels, thresholds):
    """With the exit answering where it is surer than a threshold, else the tail at the highest rate: by threshold,
    the share that the exit answers and the accuracy over all."""
    sure, early = confidence(found["exit"]), found["exit"].argmax(1)
    late = found[f"rate {len(LAYERS) - 1}"].argmax(1)
    return [
        {
            "threshold": round(float(threshold), 4),
            "answered": round(float((sure >= threshold).mean()), 4),
            "accuracy": round(float((numpy.where(sure >= threshold, early, late) == labels).mean()), 4),
        }
        for threshold in thresholds
    ]


def plot(measured, path):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(measured), figsize=(5 * len(measured), 3.6), dpi=90, squeeze=False)
    for place, (task, parts) in zip(axes[0], measured.items()):
        figures = parts["test"]["networks"]
        place.axhline(100 * figures["unsplit"]["accuracy"], color="grey", linestyle=":", label="unsplit")
        for family in ("rate", "entropic", "bottlefit"):
            points = sorted((row["bytes"] / 1000, 100 * row["accuracy"]) for name, row in figures.items()
                            if name.startswith(family) and "bytes" in row)
            if points:
                label = {"rate": "this split", "entropic": "Entropic Student", "bottlefit": "BottleFit, raw"}[family]
                place.plot(*zip(*points), "o-", markersize=3, label=label)
        place.set(title=task, xlabel="kilobytes a picture", ylabel="test accuracy, %", xscale="log")
        place.legend()
    figure.tight_layout()
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trained", type=Path, required=True)
    parser.add_argument("--packed", type=Path, required=True)
    parser.add_argument("--grocery", type=Path, required=True)
    parser.add_argument("--trashnet", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--limit", type=int, help="use only the first pictures of each part")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    tasks, records = restore(options.trained, options.packed / "backbone.npz")
    measured = {}
    for task, networks in sorted(tasks.items()):
        measured[task] = {}
        thresholds = None
        for part in PARTS:
            labels = pictures_of(options, task, part)[1]
            found = {}
            for name, model in networks.items():
                found |= answers(options, task, part, name, model)
            row = measured[task][part] = {"pictures": len(labels), "networks": summary(found, labels)}
            if "exit" in found:
                if thresholds is None:  # from the validation part, so that the test part chooses nothing
                    thresholds = numpy.quantile(confidence(found["exit"]), [0.7, 0.6, 0.5, 0.4, 0.3, 0.2])
                row["exit"] = exit_figures(found, labels, thresholds)
    record = {"measured": measured, "phases": records}
    (options.output / "measured.json").write_text(json.dumps(record, indent=1) + "\n")
    plot(measured, options.output / "rate-accuracy.png")
    print(json.dumps(measured, indent=1))


if __name__ == "__main__":
    main()
