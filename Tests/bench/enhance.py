"""Records ENHANCE.md: headrace evaluate enhance on LOL-v1's 15 test pairs.

    build/venv/bin/pip install -r Tests/bench/evaluate/requirements-enhance.txt
    build/venv/bin/python Tests/bench/enhance.py [--pristine FOLDER|MODEL] [--record]

Pairs are those of ../shared/data/lol/eval15, more well-lit pictures those of ../shared/data/photos/grocery. NIQE's
model is fitted to the latter unless --pristine names another; its authors' is niqe_pris_params.npz in the source
archive of BasicSR 1.4.2, folder basicsr/metrics. The report comes into build/bench/enhance; --record copies its
tables and the plot of costs here. The contact sheet shows pictures of LOL-v1, which no licence lets others
distribute: it stays there.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DATA = ROOT.parent / "shared" / "data"
PAIRS = DATA / "lol" / "eval15"
PHOTOGRAPHS = DATA / "photos" / "grocery"
HEADRACE = ROOT / "build" / "host" / "bin" / "headrace"
REPORT = ROOT / "build" / "bench" / "enhance"
SHEET = "enhance-pictures.png"
# BasicSR's name for the model of NIQE's authors.
AUTHORS = "niqe_pris_params.npz"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pristine", type=pathlib.Path, default=PHOTOGRAPHS, help="what NIQE takes for pristine")
    parser.add_argument("--record", action="store_true", help="copy tables and the plot beside this script")
    options = parser.parse_args()
    if not PAIRS.exists() or not PHOTOGRAPHS.exists() or not HEADRACE.exists():
        sys.exit("enhance.py: needs ../shared/data and build/host; run 'boards/run host build'")
    subprocess.run(
        [HEADRACE, "evaluate", "enhance", PAIRS, "--well-lit", PHOTOGRAPHS, "--pristine", options.pristine,
         "--python", sys.executable, "-o", REPORT], check=True)
    if options.record:
        parts = (REPORT / "enhance.md").read_text().split("\n\n")
        text = "\n\n".join(part for part in parts[1:] if SHEET not in part)
        origin = " NIQE's model is its authors', as BasicSR carries it." if options.pristine.name == AUTHORS else ""
        (HERE / "ENHANCE.md").write_text(
            "# Dark pictures made bright, beside other methods\n\n"
            "Recorded by `Tests/bench/enhance.py`, which says how, on the test pairs of LOL-v1. Networks of headrace"
            " were trained on its training pairs, which show most of the same scenes"
            " ([what that is worth](../../Sources/Models/lowlight/CARD.md))."
            f"{origin}\n\n{text}")
        shutil.copy(REPORT / "enhance-cost.png", HERE)


if __name__ == "__main__":
    main()
