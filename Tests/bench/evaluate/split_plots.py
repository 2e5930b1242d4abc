"""The figure of a report: accuracy by bytes of a picture.

    split_plots.py SPLIT.json FIGURE.png
"""
import json
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot, ticker  # noqa: E402  the backend is chosen first

# Ours in warm colours, files in cold ones.
HEADS = ["#b91c1c", "#f59e0b", "#92400e"]
FILES = {"jpeg": ("JPEG + unsplit", "#1d4ed8", "s--"), "webp": ("WebP + unsplit", "#0f766e", "^--")}


def line(axis, methods, label, color, style):
    points = sorted((method["mean_bytes"], 100 * method["accuracy"]) for method in methods)
    if points:
        axis.plot(*zip(*points), style, color=color, markersize=4.5, linewidth=1.4, label=label)


def main():
    report = json.loads(pathlib.Path(sys.argv[1]).read_text())
    methods = report["methods"]
    figure, axis = pyplot.subplots(figsize=(7, 4.4), layout="constrained")
    for method in methods:
        if method["kind"] == "unsplit":
            axis.axhline(100 * method["accuracy"], color="#64748b", linewidth=1, linestyle=(0, (4, 2)), label="unsplit")
    heads = list(dict.fromkeys(method["head"] for method in methods if method["kind"] == "packet"))
    for head, color in zip(heads, HEADS):
        own = [method for method in methods if method.get("head") == head]
        line(axis, [method for method in own if method["kind"] == "packet"], f"{head}, packets", color, "o-")
        for method in own:
            if method["kind"] == "raw":
                axis.plot(method["mean_bytes"], 100 * method["accuracy"], "o", color=color, markerfacecolor="white",
                          label=f"{head}, raw latent")
    for kind, (label, color, style) in FILES.items():
        line(axis, [method for method in methods if method["kind"] == kind], label, color, style)
    axis.set_xscale("log")
    axis.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axis.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axis.xaxis.set_minor_formatter(ticker.NullFormatter())
    axis.set_xlabel("bytes a picture, mean")
    axis.set_title(f"Accuracy on {report['pictures']:,} pictures, %", loc="left", fontsize=10)
    axis.grid(color="#e5e7eb", linewidth=0.6)
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, fontsize=8)
    figure.savefig(sys.argv[2], dpi=110)


if __name__ == "__main__":
    main()
