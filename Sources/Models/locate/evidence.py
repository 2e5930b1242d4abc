"""What bands of frequencies say about directions: the network's input, as DirectionEvidence.swift makes it."""

import json

import numpy as np
import torch
from scipy.io import wavfile

RATE, FRAME, HOP = 16000, 256, 128
SPEED_OF_SOUND = 343.0
DIRECTIONS, BANDS = 120, 16
FIRST_BIN, LAST_BIN = 5, 112
NEWEST, LEAST_DOMINANCE, FLOOR, ITERATIONS = 0.4, 0.3, 0.05, 3
FREQUENCIES = np.arange(FIRST_BIN, LAST_BIN + 1) * RATE / FRAME
WINDOW = torch.hann_window(FRAME, periodic=True)


def bands():
    """[bin][band]: which band each bin belongs to, equally wide on the mel scale."""
    mel = lambda hertz: np.log(1 + np.asarray(hertz) / 700)
    low, high = mel(300 - 18.5), mel(7000 + 31)
    place = np.clip(np.floor((mel(FREQUENCIES) - low) / (high - low) * BANDS), 0, BANDS - 1)
    return torch.nn.functional.one_hot(torch.tensor(place.astype(int)), BANDS).float()


BAND_OF_BIN = bands()
BINS_OF_BAND = BAND_OF_BIN.sum(0)


def steering(microphones):
    """[scene][bin][direction][microphone], conjugate, of places in metres [scene][microphone][3]."""
    angle = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    delay = -(microphones[..., :2] @ np.stack([np.cos(angle), np.sin(angle)])) / SPEED_OF_SOUND
    phase = 2j * np.pi * FREQUENCIES[None, :, None, None] * delay.transpose(0, 2, 1)[:, None]
    return torch.tensor(np.exp(phase).astype(np.complex64))


def evidence(sounds, steer):
    """Averages over all frames of sounds [scene][microphone][sample]: [scene][power, votes][band][direction]."""
    count, microphones, _ = sounds.shape
    frames = torch.nn.functional.pad(sounds, (HOP, 0)).unfold(2, FRAME, HOP) * WINDOW
    spectra = torch.fft.rfft(frames)[..., FIRST_BIN:LAST_BIN + 1]
    phases = spectra / (spectra.abs() + 1e-9) / microphones**0.5
    bins = spectra.shape[3]
    matrix = torch.zeros(count, bins, microphones, microphones, dtype=torch.complex64)
    vector = torch.ones(count, bins, microphones, 1, dtype=torch.complex64)
    vectors, weights = [], []
    for index in range(spectra.shape[2]):
        now = spectra[:, :, index].permute(0, 2, 1)
        matrix = (1 - NEWEST) * matrix + now.unsqueeze(-1) * now.conj().unsqueeze(-2)
        for _ in range(ITERATIONS):
            image = matrix @ vector
            length = image.norm(dim=2, keepdim=True)
            vector = torch.where(length > 1e-9, image / (length + 1e-20), vector)
        if index < 2:  # matrices have rank one whatever is heard
            continue
        power = torch.einsum("nkmm->nk", matrix).real
        share = (length[..., 0, 0] / (power + 1e-12)).clamp(max=1)
        dominance = (share - 1 / microphones) / (1 - 1 / microphones)
        vectors.append(vector[..., 0])
        weights.append(torch.where(dominance > LEAST_DOMINANCE, dominance**2, torch.zeros(())))
    vectors, weights = torch.stack(vectors, 3), torch.stack(weights, 2)
    overhead = 1 / (1 - vectors.sum(2).abs() ** 2 / microphones).clamp(min=FLOOR)
    phases = phases.permute(0, 3, 1, 2).contiguous()
    maps = torch.zeros(count, 2, BANDS, DIRECTIONS)
    for first in range(0, count, 4):  # the products are large
        part = slice(first, first + 4)
        beam = steer[part] @ phases[part]
        power = (beam.real**2 + beam.imag**2).mean(-1) / microphones
        maps[part, 0] = torch.einsum("nkd,kb->nbd", power, BAND_OF_BIN)
        beam = steer[part] @ vectors[part]
        music = 1 / (1 - (beam.real**2 + beam.imag**2) / microphones).clamp(min=FLOOR)
        factor = weights[part] / torch.maximum(music.max(2).values, overhead[part])
        votes = (music @ factor.unsqueeze(-1))[..., 0] / vectors.shape[3]
        maps[part, 1] = torch.einsum("nkd,kb->nbd", votes, BAND_OF_BIN)
    return maps / BINS_OF_BAND[None, None, :, None]


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
