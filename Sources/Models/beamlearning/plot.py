"""Plots training.json: mean errors on held-out scenes over the seconds that each network trained.

Example:
    python plot.py run/training.json training.png
"""

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

WINDOWS = ("64 ms", "1 s")


def main():
    source, target = map(Path, sys.argv[1:])
    figure, panels = pyplot.subplots(1, 2, figsize=(8, 3.2), dpi=90)
    for axes, window in zip(panels, WINDOWS):
        for name, network in json.loads(source.read_text())["networks"].items():
            rows = network["history"]
            axes.plot([row["seconds"] for row in rows], [row["held"][window][0] for row in rows], ".-", label=name)
        axes.set(xlabel="seconds of training", xscale="log", title=window, ylim=0)
        axes.set_xticks((20, 50, 100, 200, 500), ("20", "50", "100", "200", "500"))
        axes.minorticks_off()
    panels[0].set_ylabel("mean error, degrees")
    panels[1].legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(target)


if __name__ == "__main__":
    main()
