"""Compares rooms.py with pyroomacoustics' responses of the same rooms: arrivals, decay, direct to reverberant.

Example:
    python check_rooms.py --rooms 8
"""

import argparse

import numpy as np
import pyroomacoustics
import torch
from scipy.signal import butter, sosfiltfilt

import arrays
import rooms


def decay(response):
    """Decibels left of the energy after each sample."""
    left = np.cumsum(response[::-1] ** 2)[::-1]
    return 10 * np.log10(left / left[0] + 1e-12)


def band(responses):
    """Between 200 and 7000 Hz: below, images of one sign pile up, which the peer filters out."""
    return sosfiltfilt(butter(4, [200, 7000], "bandpass", fs=rooms.RATE, output="sos"), responses)


def describe(response, direct):
    curve = decay(response)
    five, twentyfive = (np.argmax(curve < level) for level in (-5, -25))
    first = response[max(0, direct - 20):direct + 40]
    rest = (response**2).sum() - (first**2).sum()
    bands = np.abs(np.fft.rfft(response[direct + 800:])) ** 2
    quarter = len(bands) // 4
    return dict(rt60=3 * (twentyfive - five) / rooms.RATE, ratio=10 * np.log10((first**2).sum() / rest),
                late=10 * np.log10((response[direct + 1600:]**2).sum() / (first**2).sum()),
                dull=10 * np.log10(bands[quarter:2 * quarter].sum() / bands[2 * quarter:].sum()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rooms", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = torch.Generator().manual_seed(options.seed)
    drawn = rooms.draw(options.rooms, random, .2, .8, wide=False)
    microphones = arrays.places(4).expand(options.rooms, -1, -1)
    ours = rooms.responses(drawn, microphones, random).numpy()
    for index in range(options.rooms):
        size = drawn["size"][index].numpy().astype(float)
        alpha, order = pyroomacoustics.inverse_sabine(drawn["seconds"][index].item(), size)
        room = pyroomacoustics.ShoeBox(size, fs=rooms.RATE, materials=pyroomacoustics.Material(alpha),
                                       max_order=min(order, 50), air_absorption=True)
        room.add_source(drawn["source"][index].numpy().astype(float))
        ears = (drawn["place"][index] + microphones[index]).numpy().astype(float)
        room.add_microphone_array(ears.T)
        room.compute_rir()
        theirs = [row[0][40:] for row in room.rir]  # half of their fractional delay's length comes before
        length = min(rooms.LENGTH, min(map(len, theirs)))
        theirs = np.stack([row[:length] for row in theirs])
        mine, theirs = band(ours[index, :, :length]), band(theirs)
        scale = 4 * np.pi if np.abs(theirs).max() < .5 * np.abs(mine).max() else 1
        theirs = theirs * scale
        direct = int(drawn["distance"][index] / rooms.SPEED * rooms.RATE)
        early = slice(max(0, direct - 20), direct + 400)
        one, two = mine[:, early], theirs[:, early]
        likeness = (one * two).sum() / np.sqrt((one**2).sum() * (two**2).sum())
        one, two = describe(mine[0], direct), describe(theirs[0], direct)
        print(f"rt {drawn['seconds'][index]:.2f} likeness of 25 ms {likeness:.4f}; " +
              "; ".join(f"{name} {one[name]:.2f} theirs {two[name]:.2f}" for name in one), flush=True)


if __name__ == "__main__":
    main()
