"""Makes WAV files of speech from the prompts that Debian's asterisk-core-sounds-*-g722 packages hold.

Example:
    python speech.py --output speech

Five speakers of five languages, 16 kHz. One prompt in ten is held out. Studios record closely and softly: each
prompt gets 1 to 11 dB more above 2 kHz, so that the spectrum is one that rooms know.
"""

import argparse
from pathlib import Path

import numpy as np
from G722 import G722
from scipy.io import wavfile

SOUNDS = Path("/usr/share/asterisk/sounds")
RATE = 16000
SHORTEST = 1.2  # seconds


def brighten(samples, decibels):
    """More of what is above 500 Hz, all of it above 2 kHz."""
    spectrum = np.fft.rfft(samples)
    frequency = np.fft.rfftfreq(len(samples), 1 / RATE)
    octaves = np.clip(np.log2(np.maximum(frequency, 1) / 500), 0, 2)
    return np.fft.irfft(spectrum * 10 ** (decibels / 20 * octaves / 2), len(samples))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("speech"))
    options = parser.parse_args()
    random = np.random.default_rng(3)
    # Links are other names of the same speakers.
    speakers = sorted(path for path in SOUNDS.glob("*") if path.is_dir() and not path.is_symlink())
    if not speakers:
        raise SystemExit(f"{SOUNDS} is empty: apt-get install asterisk-core-sounds-{{en,es,fr,it,ru}}-g722")
    for speaker in speakers:
        kept = 0
        for path in sorted(speaker.rglob("*.g722")):
            samples = np.asarray(G722(RATE, 64000).decode(path.read_bytes()), dtype=np.int16).astype(float)
            if "silence" in str(path) or len(samples) < SHORTEST * RATE:
                continue
            samples = brighten(samples, random.uniform(1, 11))
            part = "held" if kept % 10 == 9 else "train"
            folder = options.output / part / speaker.name
            folder.mkdir(parents=True, exist_ok=True)
            loudest = np.abs(samples).max()
            wavfile.write(folder / f"{kept:04d}.wav", RATE, np.round(samples / loudest * 30000).astype(np.int16))
            kept += 1
        print(f"{speaker.name}: {kept} prompts", flush=True)


if __name__ == "__main__":
    main()
