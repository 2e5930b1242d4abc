"""What pyroomacoustics' methods say about the pieces of sound that a report lists.

    locate_peers.py LOCATE.json

Prints a line of JSON about the methods, then one for each room, in whatever order they are done.
"""
import functools
import json
import multiprocessing
import os
import pathlib
import sys

# A process for each core takes its place.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402  reads the variables
import pyroomacoustics as pra  # noqa: E402
from scipy.io import wavfile  # noqa: E402

RATE = 16000
SPEED_OF_SOUND = 343.0
AZIMUTHS = 360
BAND = (300, 7000)
METHODS = ("SRP", "MUSIC", "NormMUSIC")


def method_name(method):
    return f"pyroomacoustics {method}"


def transform_length(samples):
    """Short pieces have too few blocks of a length that is better otherwise."""
    return 256 if samples < RATE // 10 else 512


@functools.lru_cache(maxsize=len(METHODS) * 2)
def finder(method, length, microphones):
    """Two dimensions: azimuths alone are searched."""
    places = np.array(microphones).T[:2]
    return pra.doa.algorithms[method](
        places, RATE, length, c=SPEED_OF_SOUND, num_src=1, dim=2, n_grid=AZIMUTHS)


def read(path):
    """[microphone][sample]"""
    _, samples = wavfile.read(path)
    # Numbers with a point go from -1 to 1; pyroomacoustics adds small constants to powers of 16-bit sound.
    scale = 32768 if samples.dtype.kind == "f" else 1
    return samples.T.astype(float) * scale


def spectra(piece, length):
    """[microphone][frequency][block]"""
    return pra.transform.stft.analysis(
        piece.T, length, length // 2, win=pra.hann(length)).transpose(2, 1, 0)


def azimuth(method, piece, microphones):
    length = transform_length(piece.shape[1])
    found = finder(method, length, microphones)
    try:
        found.locate_sources(spectra(piece, length), freq_range=BAND)
    except (np.linalg.LinAlgError, ValueError):
        return None  # as of silence
    return float(np.degrees(found.azimuth_recon[0])) if len(found.azimuth_recon) else None


def answer(job):
    set_index, room_index, folder, room = job
    clip = read(pathlib.Path(folder) / room["file"])
    microphones = tuple(map(tuple, room["microphones"]))
    answers = [
        {"method": method_name(method), "window_ms": piece["window_ms"],
         "azimuth": azimuth(method, clip[:, piece["first"]:piece["first"] + piece["count"]], microphones)}
        for piece in room["pieces"] for method in METHODS]
    return {"set": set_index, "room": room_index, "answers": answers}


def say(value):
    print(json.dumps(value), flush=True)


def main():
    report = json.loads(pathlib.Path(sys.argv[1]).read_text())
    say({"about": f"pyroomacoustics {pra.__version__} {BAND[0]} to {BAND[1]:,} Hz in {AZIMUTHS}",
         "methods": [method_name(method) for method in METHODS]})
    jobs = [(s, r, each["folder"], room) for s, each in enumerate(report["sets"])
            for r, room in enumerate(each["rooms"])]
    with multiprocessing.Pool() as pool:
        # Neighbours are mostly of one array, whose steering vectors a process then keeps.
        for found in pool.imap_unordered(answer, jobs, chunksize=4):
            say(found)


if __name__ == "__main__":
    main()
