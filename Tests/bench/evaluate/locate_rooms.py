"""Rooms of an .npz file as a folder of the kind that headrace simulate writes.

    locate_rooms.py ROOMS.npz FOLDER COUNT      COUNT: how many to unpack, 0 for all

The file holds wav, int16 of [room][microphone][sample] at 16 kHz; az_deg, snr_db and rt60_nom of each room; and
mics, metres of [x, y, z][microphone].
"""
import json
import pathlib
import sys
import wave

import numpy as np

RATE = 16000


def load(path):
    try:
        with np.load(path) as file:
            data = {name: file[name] for name in ("wav", "az_deg", "snr_db", "rt60_nom", "mics")}
            rate = int(file["fs"]) if "fs" in file else RATE
    except KeyError as error:
        sys.exit(f"{path}: {error.args[0]}")  # names what is not there
    except OSError as error:
        sys.exit(f"{path}: {error.strerror or 'is no .npz file'}")
    except Exception:  # whatever zip, zlib and NumPy raise for bytes that are none
        sys.exit(f"{path}: is no .npz file of rooms, or a part of one")
    wav, mics = data["wav"], data["mics"]
    if wav.ndim != 3 or wav.dtype != np.int16:
        sys.exit(f"{path}: wav is {wav.dtype} of shape {wav.shape}, not int16 of [room][microphone][sample]")
    if mics.shape != (3, wav.shape[1]):
        sys.exit(f"{path}: mics is of shape {mics.shape}, not [3][{wav.shape[1]}] as wav's microphones")
    for name in ("az_deg", "snr_db", "rt60_nom"):
        if data[name].shape != wav.shape[:1]:
            sys.exit(f"{path}: {name} is of shape {data[name].shape}, wav holds {wav.shape[0]} rooms")
    for name in ("az_deg", "snr_db", "rt60_nom", "mics"):
        if data[name].dtype.kind not in "iuf":
            sys.exit(f"{path}: {name} is {data[name].dtype}, not numbers")
        if not np.all(np.isfinite(data[name])):
            sys.exit(f"{path}: {name} holds what is no finite number")
    if rate != RATE:
        sys.exit(f"{path}: fs is {rate}; resample to {RATE}")
    return data


def write_wave(path, clip):
    with wave.open(str(path), "wb") as out:
        out.setnchannels(clip.shape[0])
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(np.ascontiguousarray(clip.T).astype("<i2").tobytes())


def main():
    data, folder, count = load(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for index, clip in enumerate(data["wav"][:count or None]):
        name = f"scene-{index:06d}.wav"
        write_wave(folder / name, clip)
        lines.append(json.dumps({
            "file": name, "talkers": [{"azimuth": float(data["az_deg"][index])}],
            "rt60": float(data["rt60_nom"][index]), "snr": float(data["snr_db"][index]),
            "microphones": data["mics"].T.tolist()}))
    (folder / "scenes.jsonl").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}")
