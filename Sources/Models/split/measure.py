"""Accuracy against bytes of everything that was trained, on the validation and test parts.

    python measure.py --trained run --packed packed --grocery GroceryStoreDataset/dataset \
        --trashnet dataset-resized --output measured

Pictures come from the data sets' own files: the shorter side to 224 by area averages, centre crop. Bytes are what
the learned priors estimate for rounded latents (BottleFit's are raw), a mean over the pictures, without header.
JPEG and WebP files hold the same 224x224 pixels, and the unsplit network answers for what is decoded from them;
their bytes are whole files. With --sparse N the comparisons and the files are measured on every Nth test picture.
Answers are kept in --output, so that a second call goes on where the first was stopped. Writes measured.json and
rate-accuracy.png.
"""

import argparse
import io
import json
from pathlib import Path

import numpy
import torch
from PIL import Image

from codec import RATES, rounded
from datasets import centre, rows_of
from pictures import normalise
from restore import restore

PARTS = ("val", "test")
NAMES = {"grocery": "GroceryStore, 43 classes", "trashnet": "TrashNet, 6 classes"}
FILES = [("JPEG", 5), ("JPEG", 10), ("JPEG", 30), ("JPEG", 75), ("WEBP", 0), ("WEBP", 20), ("WEBP", 75)]
BATCH = 4  # more pictures no longer fit a small CPU's cache, and take longer


def pictures_of(options, task, part):
    """N x 3 x 224 x 224 bytes and labels, decoded once."""
    kept = options.output / f"{task}-{part}-pictures.npz"
    if not kept.exists():
        rows = rows_of(task, options.grocery if task == "grocery" else options.trashnet, part)
        pictures = numpy.stack([centre(path) for path, _ in rows])
        numpy.savez(kept, pictures=pictures, labels=numpy.array([label for _, label in rows]))
    with numpy.load(kept) as arrays:
        return torch.from_numpy(arrays["pictures"][: options.limit]), arrays["labels"][: options.limit]


def recompressed(pictures, form, quality):
    """Pictures as they come back from files of this form, and the files' bits."""
    decoded, bits = torch.empty_like(pictures), []
    for index, picture in enumerate(pictures):
        file = io.BytesIO()
        Image.fromarray(picture.permute(1, 2, 0).numpy()).save(file, format=form, quality=int(quality))
        bits.append(8.0 * file.tell())
        with Image.open(file) as back:
            decoded[index] = torch.from_numpy(numpy.array(back.convert("RGB"))).permute(2, 0, 1)
    return decoded, torch.tensor(bits)


def answers_of(name, model, x):
    """{what: logits} and, for what is coded, {what + " bits": bits} for a batch."""
    if name == "unsplit":
        return {"unsplit": model(x)}
    if name != "split":
        arrived, bits = model.send(x, noisy=False)
        return {name: model.tail_stages(arrived)[1], f"{name} bits": bits}
    latent = model.latent(x)
    coded = rounded(latent)
    answers = {"latent": coded.to(torch.int8)}
    for rate in range(len(RATES)):
        rates = torch.full((len(x),), rate)
        sent = model.send(coded, rates)
        answers |= {f"rate {rate}": model.tail_stages(sent)[1], f"rate {rate} bits": 8 * model.bytes(sent, sent, rates)}
    answers["exit"] = model.exit(sent)
    return answers


def network_input(pictures):
    return normalise(pictures).contiguous(memory_format=torch.channels_last)


def step(options, part, name):
    """Every how manieth picture is measured."""
    return 1 if part == "val" or name in ("unsplit", "split") else options.sparse


@torch.no_grad()
def answers(options, task, part, name, model):
    """The same for a whole part, from the file of an earlier call if there is one. A name like "JPEG 20" stands for
    files of that quality, for which `model` answers."""
    kept = options.output / f"{task}-{part}-{name.replace(' ', '-')}.npz"
    if not kept.exists():
        pictures = pictures_of(options, task, part)[0][:: step(options, part, name)]
        rows = []
        for start in range(0, len(pictures), BATCH):
            some = pictures[start : start + BATCH]
            if " " in name:
                some, bits = recompressed(some, *name.split(" ", 1))
                found = {name: model(network_input(some)), f"{name} bits": bits}
            else:
                found = answers_of(name, model, network_input(some))
            rows.append({key: value.numpy() for key, value in found.items()})
        numpy.savez(kept, **{key: numpy.concatenate([row[key] for row in rows]) for key in rows[0]})
        print(f"{kept.name} written", flush=True)
    with numpy.load(kept) as arrays:
        return dict(arrays)


def summary(found, labels, sparse):
    """Accuracy and mean bytes by network, rate or file; where only every nth picture was measured, the unsplit
    network's accuracy on these too."""
    figures = {}
    for name, logits in found.items():
        if name.endswith(" bits") or name == "latent":
            continue
        spacing = 1 if len(logits) == len(labels) else sparse
        truth = labels[::spacing]
        figures[name] = {"accuracy": round(float((logits.argmax(1) == truth).mean()), 4)}
        if spacing > 1:
            unsplit = found["unsplit"][::spacing].argmax(1)
            figures[name] |= {"pictures": len(truth), "unsplit": round(float((unsplit == truth).mean()), 4)}
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
    late = found[f"rate {len(RATES) - 1}"].argmax(1)
    return [
        {
            "threshold": round(float(threshold), 4),
            "answered": round(float((sure >= threshold).mean()), 4),
            "accuracy": round(float((numpy.where(sure >= threshold, early, late) == labels).mean()), 4),
        }
        for threshold in thresholds
    ]


SERIES = {  # what the names of networks and rates begin with: label, colour, line
    "rate": ("this split, rates 0 to 5", "tab:blue", "o-"),
    "JPEG": ("JPEG + unsplit", "tab:green", "s--"),
    "WEBP": ("WebP + unsplit", "tab:olive", "^--"),
    "entropic": ("like Entropic Student", "tab:orange", "D-"),
    "bottlefit": ("like BottleFit, raw", "tab:red", "v-"),
}


def plot(measured, path):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot, ticker

    figure, axes = pyplot.subplots(1, len(measured), figsize=(4.6 * len(measured), 4), dpi=90, squeeze=False)
    for place, (task, parts) in zip(axes[0], measured.items()):
        figures = parts["test"]["networks"]
        place.axhline(100 * figures["unsplit"]["accuracy"], color="grey", linestyle=":", label="unsplit")
        for family, (label, colour, line) in SERIES.items():
            points = sorted((row["bytes"] / 1000, 100 * row["accuracy"]) for name, row in figures.items()
                            if name.startswith(family) and "bytes" in row)
            if points:
                place.plot(*zip(*points), line, color=colour, markersize=4, linewidth=1.3, label=label)
        place.set(title=NAMES[task], xlabel="kilobytes a picture", ylabel="test accuracy, %", xscale="log")
        place.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        place.xaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
        place.xaxis.set_minor_formatter(ticker.NullFormatter())
        place.grid(alpha=0.3)
        for side in ("top", "right"):
            place.spines[side].set_visible(False)
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=3, frameon=False)
    figure.tight_layout(rect=(0, 0.12, 1, 1))
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trained", type=Path, required=True)
    parser.add_argument("--packed", type=Path, required=True)
    parser.add_argument("--grocery", type=Path, required=True)
    parser.add_argument("--trashnet", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--sparse", type=int, default=1, help="measure the comparisons on every Nth test picture")
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
            for form, quality in FILES if part == "test" else []:
                found |= answers(options, task, part, f"{form} {quality}", networks["unsplit"])
            row = measured[task][part] = {"pictures": len(labels), "networks": summary(found, labels, options.sparse)}
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
