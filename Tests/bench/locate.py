"""Errors of sound localization beside pyroomacoustics', on the same simulated rooms in the same run.

    build/venv/bin/pip install -r Tests/bench/requirements-locate.txt
    build/venv/bin/python Tests/bench/locate.py [--rooms N] [--seed N] [--record]

Rooms come from ../shared/bench/doa_peers.py: its 100 of each array that lie beside the repository, and N more
of a seed of their own, on which no parameter was chosen. Of each clip the loudest window of a length is used,
as there. Writes build/bench/locate.md; --record copies it here.
"""
import argparse
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import wave

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHARED = ROOT.parent / "shared"
DEMO = ROOT / "build" / "host" / "bin" / "headrace-demo"
WINDOWS = [(0.064, 256), (0.25, 512), (1.0, 512)]
# Of the rooms' arrays: ours, whose recordings here hold the microphones alone, at 16 kHz.
ARRAYS = {"respeaker4": "respeaker-4", "uma8": "uma-8"}
NOWHERE = 90.0  # the error of no answer: what guessing costs


def load_peers(folder):
    os.environ["DOA_ROOT"] = str(folder)
    spec = importlib.util.spec_from_file_location("doa_peers", SHARED / "bench" / "doa_peers.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def loudest(clip, samples):
    pieces = [clip[:, k:k + samples] for k in range(0, clip.shape[1] - samples + 1, samples)]
    return max(pieces, key=lambda piece: np.mean(piece[0].astype(float) ** 2))


def error_of(found, true):
    return abs((found - true + 180) % 360 - 180)


def ours(piece, array, method, folder):
    """Azimuth of the last answer, and CPU seconds. The network's answers of a clip are averaged, so it is asked less
    often."""
    path = pathlib.Path(folder) / "clip.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(piece.shape[0])
        out.setsampwidth(2)
        out.setframerate(16000)
        out.writeframes(np.ascontiguousarray(piece.T).astype("<i2").tobytes())
    words = [DEMO, "locate", path, "--array", array, "--method", method, "--json", "--show", "potential",
             "--sources", "1", "--window", "60000", "--period", "32" if method == "network" else "8"]
    before = os.times()
    text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    for line in reversed(text.splitlines()):
        sources = json.loads(line)["src"]
        if sources:
            return np.degrees(np.arctan2(sources[0]["y"], sources[0]["x"])), spent
    return None, spent


def theirs(peers, finder, piece, fft):
    spectra = peers.stft(piece, fft, fft // 2)
    started = time.process_time()
    finder.locate_sources(spectra, freq_range=(300, 3500))
    return np.degrees(finder.azimuth_recon[0]), time.process_time() - started


def measure(peers, data, array, folder, show):
    """Rows of window, method, mean absolute error, its median, that of hard rooms, milliseconds."""
    clips, truth, mics = data["wav"], data["az_deg"], data["mics"]
    hard = (data["snr_db"] < 10) & (data["rt60_nom"] > 0.5)
    rows = []
    for seconds, fft in WINDOWS:
        pieces = [loudest(clip, int(seconds * 16000)) for clip in clips]
        methods = {
            "headrace network": lambda piece: ours(piece, array, "network", folder),
            "headrace music": lambda piece: ours(piece, array, "music", folder),
            "headrace srp-phat": lambda piece: ours(piece, array, "srp-phat", folder),
        }
        for name in ("SRP", "NormMUSIC"):
            finder = peers.make(name, mics, fft)
            methods[f"pyroomacoustics {name}"] = (
                lambda piece, finder=finder: theirs(peers, finder, piece, fft))
        for name, locate in methods.items():
            show(f"{array}, {seconds * 1000:.0f} ms: {name}")
            answers = [locate(piece) for piece in pieces]
            errors = np.array([NOWHERE if found is None else error_of(found, true)
                               for (found, _), true in zip(answers, truth)])
            rows.append((seconds, name, errors.mean(), np.median(errors), errors[hard].mean(),
                         1000 * np.mean([spent for _, spent in answers])))
    return rows


def table(title, rows, rooms, hard):
    lines = [f"## {title}", "",
             f"{rooms} rooms, {hard} of them hard: SNR below 10 dB and RT60 above 0.5 s. Degrees.", "",
             "| window | method | mean error | median | mean, hard rooms |", "| ---: | --- | ---: | ---: | ---: |"]
    for seconds, name, mean, median, hardest, _ in rows:
        lines.append(f"| {seconds * 1000:.0f} ms | {name} | {mean:.2f} | {median:.2f} | {hardest:.2f} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rooms", type=int, default=100, help="fresh rooms of each array")
    parser.add_argument("--seed", type=int, default=4711)
    parser.add_argument("--record", action="store_true", help="copy the table beside this script")
    options = parser.parse_args()
    if not (SHARED / "bench" / "doa_peers.py").exists() or not DEMO.exists():
        sys.exit("locate.py: needs ../shared/bench and build/host; run 'boards/run host build'")

    def show(text):
        print(text, file=sys.stderr, flush=True)

    parts = ["# Sound localization beside pyroomacoustics", "",
             "Written by `Tests/bench/locate.py`, which says how. Windows of speech in simulated rooms; an answer"
             f" that is not given counts as {NOWHERE:.0f} degrees. headrace searches 180 azimuths (its network 120)"
             " from 300 to 7,000 Hz, pyroomacoustics 360 from 300 to 3,500 Hz. Parameters of headrace were chosen"
             " on the first tables' rooms, not on those of the seed; its network was trained on neither.", ""]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "speech").symlink_to(SHARED / "data" / "audio" / "speech")
        peers = load_peers(folder)
        for name, array in ARRAYS.items():
            show(f"simulating {options.rooms} rooms for {array}")
            peers.gen(name, options.rooms, seed=options.seed)
            for title, path in ((f"{array}, the rooms beside the repository",
                                 SHARED / "data" / "audio" / f"rooms_{name}.npz"),
                                (f"{array}, seed {options.seed}", folder / f"rooms_{name}.npz")):
                data = np.load(path)
                rows = measure(peers, data, array, folder, show)
                hard = int(np.sum((data["snr_db"] < 10) & (data["rt60_nom"] > 0.5)))
                parts.append(table(title, rows, len(data["az_deg"]), hard))
    out = ROOT / "build" / "bench" / "locate.md"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("\n".join(parts))
    if options.record:
        shutil.copy(out, HERE / "LOCATE.md")
    print(out.read_text())


if __name__ == "__main__":
    main()
