"""Figures of a report: PSNR and SSIM by cost, and a contact sheet.

    enhance_plots.py MANIFEST.json ENHANCE.json FOLDER
"""
import json
import pathlib
import sys

import matplotlib
import numpy as np
from PIL import Image

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402  the backend is chosen first

# Ours in warm colours, others' in cold ones; what a paper claims is hollow.
OURS = ["#b91c1c", "#f59e0b", "#92400e", "#ea580c", "#be185d", "#78350f"]
THEIRS = "#1d4ed8"
CLASSICAL = "#64748b"
# Rows and pixels of the contact sheet.
MOST_ROWS = 15
THUMBNAIL = 240


def draw_lines(axis, entries):
    """Of methods whose cost is not known or none: from side to side, with names beside them that stand apart."""
    entries = sorted((entry for entry in entries if np.isfinite(entry[1])), key=lambda entry: entry[1])
    for _, height, color, style in entries:
        axis.axhline(height, color=color, linewidth=1, linestyle=style, zorder=1)
    low, high = axis.get_ylim()
    place = -np.inf
    for name, height, color, _ in entries:
        place = max(place + 0.04 * (high - low), height)
        axis.annotate(
            name, (1.01, place), xycoords=("axes fraction", "data"), fontsize=7, color=color, va="center")
    # Else the names would widen it.
    axis.set_ylim(low, high)


def by_cost(report, path):
    figure, axes = pyplot.subplots(1, 2, figsize=(12, 4.6), layout="constrained")
    methods = report["methods"]
    published = sorted((other for other in report["published"] if other.get("gmac")), key=lambda other: other["gmac"])
    for axis, key, label in zip(axes, ("psnr", "ssim"), ("PSNR, dB", "SSIM")):
        for index, other in enumerate(published):
            is_run = other["origin"] == "run"
            axis.plot(other["gmac"], other[key], "o", color=THEIRS, markerfacecolor=THEIRS if is_run else "white")
            axis.annotate(
                other["name"], (other["gmac"], other[key]), xytext=(0, -13 if index % 2 else 6),
                textcoords="offset points", fontsize=8, color=THEIRS, ha="center")
        ours = [method for method in methods if method["kind"] == "headrace"]
        for index, method in enumerate(ours):
            color = OURS[index % len(OURS)]
            axis.plot(method["gmac"], float(method["mean"][key]), "s", color=color)
            # The arithmetics of a tier are nearly one place.
            axis.annotate(
                method["name"], (method["gmac"], float(method["mean"][key])), xytext=(7, 5 - 10 * (index % 2)),
                textcoords="offset points", fontsize=8, color=color)
        axis.set_xscale("log")
        axis.margins(y=0.1)
        draw_lines(axis, [
            (method["name"], float(method["mean"][key]), CLASSICAL, (0, (4, 2))) for method in methods
            if method["kind"] in ("classical", "dark")
        ] + [(f"{other['name']} (claimed)", other[key], THEIRS, (0, (1, 2))) for other in report["published"]
             if not other.get("gmac")])
        axis.set_xlabel("GMAC of a picture")
        axis.set_title(label, loc="left", fontsize=10)
        axis.grid(color="#e5e7eb", linewidth=0.6)
        axis.set_axisbelow(True)
        axis.spines[["top", "right"]].set_visible(False)
    figure.suptitle(
        "Squares: this run. Discs: others' networks, run elsewhere on LOL-v1's test pairs. Dotted: claimed, cost"
        " unknown. Dashed: classical methods of this run.", fontsize=8, x=0.01, ha="left")
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def thumbnail(path):
    with Image.open(path) as picture:
        picture = picture.convert("RGB")
        return picture.resize((THUMBNAIL, max(1, round(THUMBNAIL * picture.height / picture.width))))


def contact_sheet(manifest, report, path):
    """A row for each picture, or for some of many; a column for each method."""
    count = len(manifest["pictures"])
    rows = np.unique(np.linspace(0, count - 1, min(count, MOST_ROWS)).round().astype(int))
    methods = manifest["methods"]
    thumbnails = [[thumbnail(method["files"][row]) for method in methods] for row in rows]
    heights = [each[0].height for each in thumbnails]
    figure, axes = pyplot.subplots(
        len(rows), len(methods), squeeze=False, layout="constrained",
        figsize=(len(methods) * THUMBNAIL / 100, (sum(heights) + 20 * len(rows)) / 100), height_ratios=heights)
    for row, line, cells in zip(rows, thumbnails, axes):
        for column, (picture, axis) in enumerate(zip(line, cells)):
            axis.imshow(picture)
            axis.set_xticks([])
            axis.set_yticks([])
            figures = report["methods"][column]["pictures"][row]
            if report["methods"][column]["kind"] != "truth":
                axis.set_xlabel(f"{float(figures['psnr']):.2f} dB, {figures['ssim']:.3f}", fontsize=7, labelpad=1)
        cells[0].set_ylabel(manifest["pictures"][row], fontsize=8)
    for axis, method in zip(axes[0], methods):
        axis.set_title(method["name"], fontsize=9)
    figure.savefig(path, dpi=100)
    pyplot.close(figure)


def main():
    manifest = json.loads(pathlib.Path(sys.argv[1]).read_text())
    report = json.loads(pathlib.Path(sys.argv[2]).read_text())
    folder = pathlib.Path(sys.argv[3])
    by_cost(report, folder / "enhance-cost.png")
    contact_sheet(manifest, report, folder / "enhance-pictures.png")


if __name__ == "__main__":
    main()
