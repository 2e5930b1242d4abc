"""What bands of frequencies say about directions: the network's input, as DirectionEvidence.swift makes it."""

import json

import numpy as np
import torch
from scipy.io import wavfile

RATE, FRAME, HOP = 16000, 256, 128
SPEED_OF_SOUND = 343.0
DIRECTIONS, BANDS = 120, 16
FIRST_BIN, LAST_BIN = 5, 112
# As Locator.swift and SpectrumFloor have them, of covariances of few frames and of many.
NEWEST, NEWEST_OF_SLOW, LEAST_DOMINANCE, ITERATIONS = 0.4, 0.2, 0.3, 3
FLOOR, FLOOR_OF_SLOW, SLOW_STEP = 0.04, 0.02, 4
KINDS = 3  # SRP-PHAT's power, votes of MUSIC's spectrum, those of slow covariances
# As OnsetWeights.swift has them: what tails and sums keep from frame to frame.
TAIL, SUM, MOST = np.exp(-HOP / RATE / 0.05), np.exp(-HOP / RATE / 0.25), 2
FREQUENCIES = np.arange(FIRST_BIN, LAST_BIN + 1) * RATE / FRAME
WINDOW = torch.hann_window(FRAME, periodic=True)


def bands():
    """[bin][band]: which band each bin belongs to, equally wide on the mel scale."""
    mel = lambda hertz: np.log(1 + np.asarray(hertz) / 700)
    low, high = mel(300 - 18.5), mel(7000 + 31)
    place = np.clip(np.floor((mel(FREQUENCIES) - low) / (high - low) * BANDS), 0, BANDS - 1)
    return torch.nn.functional.one_hot(torch.tensor(place.astype(int)), BANDS).float()


BAND_OF_BIN = bands()


def steering(microphones):
    """[scene][bin][direction][microphone], conjugate, of places in metres [scene][microphone][3]."""
    angle = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    delay = -(microphones[..., :2] @ np.stack([np.cos(angle), np.sin(angle)])) / SPEED_OF_SOUND
    phase = 2j * np.pi * FREQUENCIES[None, :, None, None] * delay.transpose(0, 2, 1)[:, None]
    return torch.tensor(np.exp(phase).astype(np.complex64))


def onset_weights(powers):
    """Of powers [scene][frame][bin]: how loud each is for its bin, and how far it is an onset too."""
    tail, total, count = torch.zeros_like(powers[:, 0]), torch.zeros_like(powers[:, 0]), 0
    loudness, onset = [], []
    for power in powers.unbind(1):
        count = count * SUM + 1
        total = total * SUM + power
        direct = power / (power + tail + 1e-30)
        tail = torch.maximum(tail, power) * TAIL
        loudness.append(((power * count / (total + 1e-30)).sqrt() / MOST).clamp(max=1))
        onset.append(loudness[-1] * direct**2)
    return torch.stack(loudness, 1), torch.stack(onset, 1)


def dominant(spectra, newest, asked):
    """Of covariances [scene][frame][bin][microphone] and of the frames asked for: the vector that explains most of
    each, [scene][bin][microphone][frame], and how far it explains all of it, [scene][bin][frame]."""
    count, _, bins, microphones = spectra.shape
    matrix = torch.zeros(count, bins, microphones, microphones, dtype=torch.complex64)
    vector = torch.ones(count, bins, microphones, 1, dtype=torch.complex64)
    vectors, dominance = [], []
    for index, now in enumerate(spectra.unbind(1)):
        matrix = (1 - newest) * matrix + newest * now.unsqueeze(-1) * now.conj().unsqueeze(-2)
        if not asked(index):
            continue
        for _ in range(ITERATIONS):
            image = matrix @ vector
            length = image.norm(dim=2, keepdim=True)
            vector = torch.where(length > 1e-9, image / (length + 1e-20), vector)
        power = torch.einsum("nkmm->nk", matrix).real
        share = (length[..., 0, 0] / (power + 1e-12)).clamp(max=1)
        vectors.append(vector[..., 0])
        dominance.append((share - 1 / microphones) / (1 - 1 / microphones))
    return torch.stack(vectors, 3), torch.stack(dominance, 2)


def music(steer, vectors, weights, floor):
    """Sums over frames of MUSIC's spectra, whose greatest value is the frame's weight: [scene][bin][direction]."""
    microphones = vectors.shape[2]
    overhead = 1 / (1 - vectors.sum(2).abs() ** 2 / microphones).clamp(min=floor)
    beam = steer @ vectors
    values = 1 / (1 - (beam.real**2 + beam.imag**2) / microphones).clamp(min=floor)
    return (values @ (weights / torch.maximum(values.amax(2), overhead)).unsqueeze(-1))[..., 0]


def evidence(sounds, steer):
    """Averages over all frames of sounds [scene][microphone][sample]: [scene][kind][band][direction]."""
    count, microphones, _ = sounds.shape
    frames = torch.nn.functional.pad(sounds, (HOP, 0)).unfold(2, FRAME, HOP) * WINDOW
    spectra = torch.fft.rfft(frames)[..., FIRST_BIN:LAST_BIN + 1].permute(0, 2, 3, 1)
    loudness, onset = (part.permute(0, 2, 1) for part in onset_weights((spectra.abs() ** 2).sum(3)))
    phases = (spectra / (spectra.abs() + 1e-9) / microphones**0.5).permute(0, 2, 3, 1).contiguous()
    # The first two frames' matrices have rank one whatever is heard.
    vectors, dominance = dominant(spectra, NEWEST, lambda index: True)
    vectors, dominance, onset = vectors[..., 2:].contiguous(), dominance[..., 2:], onset[..., 2:]
    slow, slow_dominance = dominant(spectra, NEWEST_OF_SLOW, lambda index: index % SLOW_STEP == SLOW_STEP - 1)
    gated = lambda value, by: torch.where(by > LEAST_DOMINANCE, value, torch.zeros(()))
    weights = (loudness**2, onset, loudness[..., SLOW_STEP - 1::SLOW_STEP])
    votes = gated(weights[1] * dominance**2, dominance), gated(weights[2] * slow_dominance, slow_dominance)
    maps = torch.zeros(count, KINDS, BANDS, DIRECTIONS)
    for first in range(0, count, 4):  # the products are large
        part = slice(first, first + 4)
        beam = steer[part] @ phases[part]
        power = (beam.real**2 + beam.imag**2) / microphones
        kinds = torch.stack([(power @ weights[0][part].unsqueeze(-1))[..., 0],
                             music(steer[part], vectors[part], votes[0][part], FLOOR),
                             music(steer[part], slow[part], votes[1][part], FLOOR_OF_SLOW)], 1)
        maps[part] = torch.einsum("nckd,kb->ncbd", kinds, BAND_OF_BIN)
    totals = torch.stack([kind.sum(2) @ BAND_OF_BIN for kind in weights], 1)
    return maps / (totals.unsqueeze(-1) + 1e-12)


def load(folder):
    """Sounds [scene][microphone][sample] from -1 to 1, and what scenes.jsonl says of each."""
    scenes = [json.loads(line) for line in (folder / "scenes.jsonl").read_text().splitlines()]
    sounds = [wavfile.read(folder / scene["file"])[1].T for scene in scenes]
    return np.stack(sounds).astype(np.float32) / 32768, scenes


def pieces(sounds, seconds, random):
    """Of each scene one piece from the louder half of them."""
    length = int(seconds * RATE)
    count = sounds.shape[2] // length
    power = (sounds[:, 0, :count * length].reshape(len(sounds), count, length) ** 2).mean(2)
    order = np.argsort(-power, 1)[:, :max(1, (count + 1) // 2)]
    chosen = order[np.arange(len(sounds)), random.integers(0, order.shape[1], len(sounds))]
    return np.stack([sound[:, i * length:(i + 1) * length] for sound, i in zip(sounds, chosen)])
