"""Records LOCATE.md: headrace evaluate locate on 2,200 rooms that pyroomacoustics simulated.

    build/venv/bin/pip install -r Tests/bench/evaluate/requirements-locate.txt
    build/venv/bin/python Tests/bench/locate.py [--rooms N] [--seed N] [--record]

Rooms come from ../shared/bench/doa_peers.py: its 100 of each array that lie beside the repository, and N more
of a seed of their own, 1,000 of each in half an hour; build/bench/rooms keeps those. The report comes into
build/bench/locate; --record copies its tables and plots here.
"""
import argparse
import importlib.util
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

import tracks

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHARED = ROOT.parent / "shared"
AUDIO = SHARED / "data" / "audio"
HEADRACE = ROOT / "build" / "host" / "bin" / "headrace"
DEMO = HEADRACE.with_name("headrace-demo")
KEPT = ROOT / "build" / "bench" / "rooms"
REPORT = ROOT / "build" / "bench" / "locate"
# What doa_peers.py calls ours.
ARRAYS = {"respeaker4": "respeaker-4", "uma8": "uma-8"}


# Mean errors that "headrace samples" is to reach, of all rooms and of hard ones, by microphones and milliseconds.
ASKED = {4: {64: (6, 12), 250: (4, 5), 1000: (2.8, 4.5)}, 7: {64: (5.5, 13), 250: (2.2, 3.3), 1000: (1.8, 2.8)}}


# Ours, and the same method of pyroomacoustics.
CLASSICAL = (("srp-phat", "SRP"), ("music", "MUSIC"), ("music", "NormMUSIC"))


def errors(rooms, method, window):
    """In all rooms, and in hard ones."""
    of_all, of_hard = [], []
    for room in rooms:
        error, = (answer["error"] for answer in room["answers"]
                  if answer["method"] == method and answer["window_ms"] == window)
        of_all.append(error)
        if room["snr"] < 10 and room["rt60"] > 0.5:
            of_hard.append(error)
    return of_all, of_hard


def uncertain(values):
    """A mean and its standard error."""
    return statistics.mean(values), statistics.stdev(values) / len(values)**0.5


def reached(report):
    """A table of what of ASKED is reached."""
    rows = {}
    for rooms in (each["rooms"] for each in report["sets"]):
        for window, asked in ASKED[len(rooms[0]["microphones"])].items():
            cells = rows.setdefault((len(rooms[0]["microphones"]), window), [f"{asked[0]:g} ({asked[1]:g})"])
            found = [uncertain(values) for values in errors(rooms, "headrace samples", window)]
            texts = [f"**{mean:.2f}** ± {off:.2f}" if mean <= most else f"{mean:.2f} ± {off:.2f}"
                     for (mean, off), most in zip(found, asked)]
            cells.append(f"{texts[0]} ({texts[1]})")
    lines = [f"| {microphones} | {window} ms | " + " | ".join(cells) + " |"
             for (microphones, window), cells in sorted(rows.items())]
    return ("## What was asked\n\n"
            "Mean errors of headrace samples and their standard errors, of hard rooms in brackets. Bold ones reach what"
            " was asked; the others miss it.\n\n"
            "| microphones | window | asked | beside the repository | of the seed |\n"
            "| ---: | ---: | ---: | ---: | ---: |\n" + "\n".join(lines) + "\n\n")


def classical(report):
    """In how many of the means methods without networks are no farther off than the same of pyroomacoustics."""
    lines = []
    for ours, theirs in CLASSICAL:
        count, farther = 0, []
        for each in report["sets"]:
            for window in ASKED[len(each["rooms"][0]["microphones"])]:
                pairs = zip(("all", "hard"), errors(each["rooms"], f"headrace {ours}", window),
                            errors(each["rooms"], f"pyroomacoustics {theirs}", window))
                for which, mine, others in pairs:
                    count += 1
                    more, off = uncertain([one - other for one, other in zip(mine, others)])
                    if more > 0:
                        farther.append(f"{each['name']}, {window} ms, {which}: {statistics.mean(mine):.2f} to "
                                       f"{statistics.mean(others):.2f}, {more:.2f} ± {off:.2f} more")
        lines.append(f"| {ours} | {theirs} | {count - len(farther)} of {count} | {'; '.join(farther)} |")
    return ("## Methods without networks\n\n"
            "In how many means, of all rooms and of hard ones, ours are no farther off; behind ± the standard error of"
            " the difference, room by room.\n\n"
            "| headrace | pyroomacoustics | means | farther off in |\n| --- | --- | ---: | --- |\n"
            + "\n".join(lines) + "\n\n")


def simulate(array, count, seed):
    """An .npz of so many rooms, made unless it is there."""
    folder = KEPT / f"{count}-of-seed-{seed}"
    path = folder / f"rooms_{array}.npz"
    if not path.exists():
        print(f"simulating {count} rooms for {array}", file=sys.stderr, flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        speech = folder / "speech"
        if not speech.exists():
            speech.symlink_to(AUDIO / "speech")
        os.environ["DOA_ROOT"] = str(folder)
        spec = importlib.util.spec_from_file_location("doa_peers", SHARED / "bench" / "doa_peers.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.gen(array, count, seed=seed)
    return path


def record():
    """Copies the last report's tables and plots beside this script."""
    report = json.loads((REPORT / "locate.json").read_text())
    before, sets = (REPORT / "locate.md").read_text().split("\n\n", 1)[1].split("## ", 1)
    (HERE / "LOCATE.md").write_text(
        "# Sound localization beside pyroomacoustics\n\n"
        "Recorded by `Tests/bench/locate.py`, which says how. Parameters of headrace, how votes count and how network"
        " and votes are combined, were chosen on 800 rooms of other speakers, with the 100 rooms beside the repository"
        " and the first 300 of the seed in view; its networks were trained on none of all these.\n\n"
        + before + reached(report) + classical(report) + tracks.table(report, DEMO) + "## " + sets)
    for plot in REPORT.glob("locate-*.png"):
        shutil.copy(plot, HERE)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rooms", type=int, default=1000, help="fresh rooms of each array")
    parser.add_argument("--seed", type=int, default=90125)
    parser.add_argument("--record", action="store_true", help="copy tables and plots beside this script")
    options = parser.parse_args()
    if not (SHARED / "bench" / "doa_peers.py").exists() or not HEADRACE.exists():
        sys.exit("locate.py: needs ../shared/bench and build/host; run 'boards/run host build'")
    # Sets are called as their files are.
    names = KEPT / "sets"
    shutil.rmtree(names, ignore_errors=True)
    names.mkdir(parents=True)
    sets = []
    for array, name in ARRAYS.items():
        for title, path in ((f"{name}, beside the repository", AUDIO / f"rooms_{array}.npz"),
                            (f"{name}, seed {options.seed}", simulate(array, options.rooms, options.seed))):
            sets.append(names / f"{title}.npz")
            sets[-1].symlink_to(path)
    subprocess.run(
        [HEADRACE, "evaluate", "locate", *sets, "--python", sys.executable, "-o", REPORT], check=True)
    if options.record:
        record()


if __name__ == "__main__":
    main()
