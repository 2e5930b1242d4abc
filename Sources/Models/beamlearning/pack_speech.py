"""Packs speech into one small file: WAV files of ../locate/speech.py, long silences left out, 8 bits a sample (mu-law).

Example:
    python ../locate/speech.py --output run/speech
    python pack_speech.py --speech run/speech --output run/speech.npz --minutes 31

What mu-law adds is part of what the talker says: rooms are applied after it. Speakers get equal time, prompts are
taken in a random order; those that ../locate/speech.py holds out stay apart.
"""

import argparse
from pathlib import Path

import numpy as np
from scipy.io import wavfile

RATE, PIECE = 16000, 400  # 25 ms
LONGEST_PAUSE = 8  # pieces


def trimmed(samples):
    """Without what exceeds a fifth of a second of every pause, as loud as all."""
    samples = samples[:len(samples) // PIECE * PIECE].astype(np.float32)
    power = (samples.reshape(-1, PIECE) ** 2).mean(1)
    quiet = power < 0.003 * power.mean()
    run, keep = 0, []
    for piece in quiet:
        run = run + 1 if piece else 0
        keep.append(run <= LONGEST_PAUSE)
    samples = samples.reshape(-1, PIECE)[np.array(keep)].ravel()
    return samples / max(1.0, np.sqrt((samples**2).mean()))


def packed(samples):
    """mu-law, 10 standard deviations at most."""
    scaled = np.clip(samples / 10, -1, 1)
    return np.round(np.sign(scaled) * np.log1p(255 * np.abs(scaled)) / np.log(256) * 127).astype(np.int8)


def unpacked(codes):
    level = codes.astype(np.float32) / 127
    return 10 * np.sign(level) * (256 ** np.abs(level) - 1) / 255


def collect(folder, minutes, random):
    speakers = sorted(path for path in folder.iterdir() if path.is_dir())
    parts = []
    for speaker in speakers:
        left = int(minutes * 60 * RATE / len(speakers))
        files = sorted(speaker.glob("*.wav"))
        for index in random.permutation(len(files)):
            piece = trimmed(wavfile.read(files[index])[1])[:left]
            parts.append(packed(piece))
            left -= len(piece)
            if left <= 0:
                break
    return np.concatenate(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speech", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=Path("run/speech.npz"))
    parser.add_argument("--minutes", type=float, default=31)
    options = parser.parse_args()
    random = np.random.default_rng(5)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    train = collect(options.speech / "train", options.minutes, random)
    held = collect(options.speech / "held", options.minutes / 8, random)
    np.savez_compressed(options.output, train=train, held=held)
    print(f"{len(train) / RATE / 60:.1f} minutes, {len(held) / RATE / 60:.1f} held out, "
          f"{options.output.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
