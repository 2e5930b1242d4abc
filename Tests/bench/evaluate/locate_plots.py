"""Plots of a report: errors by window, by noise and by reverberation, and how they are distributed.

    locate_plots.py LOCATE.json FOLDER
"""
import io
import json
import pathlib
import sys
from itertools import zip_longest

import matplotlib
import numpy as np
from PIL import Image

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402  the backend is chosen first
from matplotlib.lines import Line2D  # noqa: E402

# Ours in warm colours, others' in cold ones and dashed.
OURS = ["#b91c1c", "#f59e0b", "#92400e", "#db2777"]
THEIRS = ["#1d4ed8", "#0891b2", "#64748b", "#94a3b8"]


def is_ours(method):
    return method.startswith("headrace ")


def styles(methods):
    ours = iter(OURS)
    theirs = iter(THEIRS)
    return {
        name: {"color": next(ours, "#000000"), "linewidth": 2} if is_ours(name)
        else {"color": next(theirs, "#000000"), "linewidth": 1.5, "linestyle": (0, (4, 2))}
        for name in methods}


def errors(rooms, method, window):
    return np.array([answer["error"] for room in rooms for answer in room["answers"]
                     if answer["method"] == method and answer["window_ms"] == window])


def tidy(axis, title):
    axis.set_title(title, loc="left", fontsize=10)
    axis.grid(axis="y", color="#e5e7eb", linewidth=0.6)
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)


def save(figure, first, path):
    """One legend for all panels, above them: ours in its first row, others' in its second."""
    handles, labels = first.get_legend_handles_labels()
    entries = list(zip(handles, labels))
    ours = [entry for entry in entries if is_ours(entry[1])]
    theirs = [entry for entry in entries if not is_ours(entry[1])]
    # Matplotlib fills column after column.
    nothing = (Line2D([], [], linestyle="none"), "")
    columns = list(zip_longest(ours, theirs, fillvalue=nothing)) if theirs else [(entry,) for entry in ours]
    handles, labels = zip(*(entry for column in columns for entry in column))
    legend = figure.legend(
        handles, labels, loc="outside upper center", ncols=len(columns), frameon=False, fontsize=9)
    # Few panels can be narrower than the legend, whose ends would be cut off.
    figure.canvas.draw()
    width = legend.get_window_extent().width / figure.dpi
    figure.set_figwidth(max(figure.get_figwidth(), width + 0.1))
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=110)
    # A palette takes a quarter of the bytes of all colours, of which lines need few.
    Image.open(drawn).convert("RGB").quantize(32, dither=Image.Dither.NONE).save(path, optimize=True)
    pyplot.close(figure)


def panels(rows, columns, **sharing):
    return pyplot.subplots(
        rows, columns, figsize=(0.6 + 3.7 * columns, 0.8 + 2.9 * rows), layout="constrained", squeeze=False,
        **sharing)


def plot_means(axis, groups, errors_of, looks):
    """A line for each method through the groups' means, side by side so that bars of their standard errors show."""
    for index, (method, look) in enumerate(looks.items()):
        found = [errors_of(method, group) for group in groups]
        places = np.arange(len(groups)) + 0.03 * (index - (len(looks) - 1) / 2)
        means = [values.mean() for values in found]
        axis.plot(places, means, marker="o", markersize=4, label=method, **look)
        uncertain = [values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0 for values in found]
        axis.errorbar(places, means, uncertain, fmt="none", ecolor=look["color"], elinewidth=0.8, alpha=0.7)
    axis.margins(x=0.08)


def by_window(report, looks, path):
    sets, windows = report["sets"], report["windows_ms"]
    columns = min(2, len(sets))
    figure, axes = panels(-(-len(sets) // columns), columns, sharey=True)
    for axis in axes.flat[len(sets):]:
        axis.set_visible(False)
    for axis, each in zip(axes.flat, sets):
        plot_means(axis, windows, lambda method, window: errors(each["rooms"], method, window), looks)
        axis.set_xticks(range(len(windows)), windows)
        axis.set_xlabel("window, ms")
        tidy(axis, f"{each['name']}, {len(each['rooms'])} rooms")
    for axis in axes[:, 0]:
        axis.set_ylabel("mean error, degrees")
    # Last: a limit ends the search for the other one, in all panels.
    axes[0, 0].set_ylim(bottom=0)
    save(figure, axes[0, 0], path)


def bands(edges):
    ends = [-np.inf, *edges, np.inf]
    for low, high in zip(ends, ends[1:]):
        if low == -np.inf:
            yield f"< {high:g}", low, high
        elif high == np.inf:
            yield f"≥ {low:g}", low, high
        else:
            yield f"{low:g} to {high:g}", low, high


def by_conditions(report, looks, path):
    """A row of panels for noise, one for reverberation; a column for each window. All sets together."""
    rooms = [room for each in report["sets"] for room in each["rooms"]]
    windows = report["windows_ms"]
    figure, axes = panels(2, len(windows))
    for row, key, edges, label in ((0, "snr", report["snr_edges"], "SNR, dB"),
                                   (1, "rt60", report["rt60_edges"], "RT60, s")):
        groups = [(name, [room for room in rooms if low <= room[key] < high])
                  for name, low, high in bands(edges)]
        groups = [group for group in groups if group[1]]
        for axis, window in zip(axes[row], windows):
            plot_means(axis, groups, lambda method, group: errors(group[1], method, window), looks)
            axis.set_xticks(range(len(groups)), [name for name, _ in groups])
            axis.set_ylim(bottom=0)
            axis.set_xlabel(label)
            tidy(axis, f"{window} ms")
        axes[row, 0].set_ylabel("mean error, degrees")
    save(figure, axes[0, 0], path)


def distribution(report, looks, path):
    """The share of rooms whose error is at most so large."""
    rooms = [room for each in report["sets"] for room in each["rooms"]]
    windows = report["windows_ms"]
    figure, axes = panels(1, len(windows), sharey=True)
    for axis, window in zip(axes[0], windows):
        for method, look in looks.items():
            values = np.sort(errors(rooms, method, window))
            shares = 100 * np.arange(1, len(values) + 1) / len(values)
            # Degrees below one are finer than the grids that are searched.
            axis.step(np.maximum(values, 0.5), shares, where="post", label=method, **look)
        axis.set_xscale("log")
        axis.set_xlim(0.5, 180)
        axis.set_xticks([1, 2, 5, 10, 20, 45, 90, 180], ["1", "2", "5", "10", "20", "45", "90", "180"])
        axis.minorticks_off()
        axis.set_ylim(0, 100)
        axis.set_xlabel("error, degrees")
        tidy(axis, f"{window} ms")
    axes[0, 0].set_ylabel("rooms with at most this error, %")
    save(figure, axes[0, 0], path)


def main():
    report = json.loads(pathlib.Path(sys.argv[1]).read_text())
    folder = pathlib.Path(sys.argv[2])
    looks = styles(report["methods"])
    by_window(report, looks, folder / "locate-window.png")
    by_conditions(report, looks, folder / "locate-conditions.png")
    distribution(report, looks, folder / "locate-distribution.png")


if __name__ == "__main__":
    main()
