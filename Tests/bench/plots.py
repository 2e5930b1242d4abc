"""Plots of a comparison: one panel for each table, one group of bars for each network."""
import io

import matplotlib
from PIL import Image

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402  the backend is chosen first

COLORS = {"ours": "#c2410c", "ort": "#64748b", "ncnn": "#94a3b8", "litert": "#cbd5e1"}
HATCHES = {"u8s8": "///"}


def plot_comparisons(panels, unit, path):
    """panels: {title: {network: {"ours": value, peer: value}}}, all values in unit."""
    figure, axes = pyplot.subplots(
        len(panels), 1, figsize=(8, 2.6 * len(panels)), layout="constrained", squeeze=False)
    for axis, (title, rows) in zip(axes[:, 0], panels.items()):
        names = list(next(iter(rows.values())))
        width = 0.8 / len(names)
        for index, name in enumerate(names):
            places = [place + (index - (len(names) - 1) / 2) * width for place in range(len(rows))]
            axis.bar(
                places, [row[name] for row in rows.values()], width, label=name,
                color=COLORS[name.split()[0]], hatch=HATCHES.get(name.split()[-1]),
                edgecolor="white", linewidth=0.5)
        axis.set_xticks(range(len(rows)), rows)
        axis.set_yscale("log")
        axis.set_ylabel(unit)
        axis.set_title(title, loc="left", fontsize=10)
        axis.legend(
            fontsize=8, frameon=False, ncols=len(names), loc="lower right",
            bbox_to_anchor=(1, 1), borderaxespad=0)
        axis.spines[["top", "right"]].set_visible(False)
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=100)
    # A palette takes a third of the bytes of all colours, of which bars need few.
    Image.open(drawn).convert("RGB").quantize(32, dither=Image.Dither.NONE).save(path, optimize=True)
    pyplot.close(figure)
