"""Records LOCATE.md: headrace evaluate locate on 800 rooms that pyroomacoustics simulated.

    build/venv/bin/pip install -r Tests/bench/evaluate/requirements-locate.txt
    build/venv/bin/python Tests/bench/locate.py [--rooms N] [--seed N] [--record]

Rooms come from ../shared/bench/doa_peers.py: its 100 of each array that lie beside the repository, and N more
of a seed of their own, on which no parameter was chosen; build/bench/rooms keeps those. The report comes into
build/bench/locate; --record copies its tables and plots here.
"""
import argparse
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHARED = ROOT.parent / "shared"
AUDIO = SHARED / "data" / "audio"
HEADRACE = ROOT / "build" / "host" / "bin" / "headrace"
KEPT = ROOT / "build" / "bench" / "rooms"
REPORT = ROOT / "build" / "bench" / "locate"
# What doa_peers.py calls ours.
ARRAYS = {"respeaker4": "respeaker-4", "uma8": "uma-8"}


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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rooms", type=int, default=300, help="fresh rooms of each array")
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
        text = (REPORT / "locate.md").read_text().split("\n\n", 1)[1]
        (HERE / "LOCATE.md").write_text(
            "# Sound localization beside pyroomacoustics\n\n"
            "Recorded by `Tests/bench/locate.py`, which says how. Parameters of headrace were chosen on the rooms"
            " beside the repository, not on those of the seed; its networks were trained on neither, and how two of"
            " them are combined was chosen on 640 rooms of other speakers.\n\n" + text)
        for plot in REPORT.glob("locate-*.png"):
            shutil.copy(plot, HERE)


if __name__ == "__main__":
    main()
