"""Frames of a pool's scenes: one or several of a stretch of sound, with noise, turned or mirrored."""

import math

import torch

import arrays
import scenes

FRAME = 1024
# Frames of a stretch, and the stretch's samples: 64, 128, 250, 500 and 1,000 ms.
STRETCHES = {1: 1024, 4: 2048, 8: 4000, 16: 8000, 32: 16000}
SECOND_TALKER, NOISE_ALONE, DIFFUSE, LOUDEST = 0.1, 0.03, 0.3, 0.7


def offsets(frames, device):
    """First samples of the frames of a stretch, evenly spread."""
    return torch.linspace(0, STRETCHES[frames] - FRAME, frames, device=device).round().long()


def cut(pool, chosen, first, length, microphones):
    """[n][microphone][length] of scenes, each from a sample of its own."""
    part = arrays.CHANNELS[microphones]
    channel = torch.arange(part.start, part.stop, device=chosen.device)[None, :, None]
    sample = first[:, None, None] + torch.arange(length, device=chosen.device)
    return pool.sounds[chosen[:, None, None], channel, sample].float()


def loudest(pool, chosen, length, random, share):
    """First samples: of six places the loudest in `share` of the stretches, else any."""
    device = chosen.device
    last = scenes.SECOND - length
    if last == 0:
        return torch.zeros(len(chosen), dtype=torch.long, device=device)
    first = torch.randint(0, last + 1, (len(chosen), 6), generator=random, device=device)
    sample = first[..., None] + torch.arange(0, length, 16, device=device)
    power = pool.sounds[chosen[:, None, None], 0, sample].float().square().mean(2)
    best = power.argmax(1)
    best = torch.where(torch.rand(len(chosen), generator=random, device=device) < share, best, torch.zeros_like(best))
    return first.gather(1, best[:, None])[:, 0]


def normalised(sound, frames):
    """Frames [n][frame][microphone][FRAME] of unit power each, and the log of their strength [n][frame]."""
    place = offsets(frames, sound.device)[:, None] + torch.arange(FRAME, device=sound.device)
    cutout = sound[:, :, place].transpose(1, 2)
    strength = cutout.square().mean((2, 3)).sqrt().clamp(min=1e-6)
    return cutout / strength[..., None, None], strength.log()


def tilted(sound, random):
    """More of low frequencies or of high ones, the same power: scenes are seen often, talkers are few."""
    tilt = torch.rand((len(sound), 1, 1), generator=random, device=sound.device) * 1.2 - .6
    found = sound + tilt * torch.nn.functional.pad(sound[..., :-1], (1, 0))
    power = [value.square().mean((1, 2), keepdim=True) for value in (sound, found)]
    return found * (power[0] / power[1].clamp(min=1e-9)).sqrt()


def draw(pool, noise, microphones, count, frames, random, turns):
    """A batch: frames, levels, azimuths [n][2] in radians and their weights (0: nobody talks), elevations [n]."""
    device = pool.sounds.device
    uniform = lambda *shape: torch.rand(shape, generator=random, device=device)
    length = STRETCHES[frames]
    chosen = torch.randint(0, pool.filled, (count, 2), generator=random, device=device)
    sound = cut(pool, chosen[:, 0], loudest(pool, chosen[:, 0], length, random, LOUDEST), length, microphones)
    sound = tilted(sound, random)
    weight = torch.stack([torch.ones(count, device=device), torch.zeros(count, device=device)], 1)
    # Another talker, of another room.
    gain = 10 ** (-uniform(count) * 10 / 20) * (uniform(count) < SECOND_TALKER)
    other = cut(pool, chosen[:, 1], loudest(pool, chosen[:, 1], length, random, LOUDEST), length, microphones)
    sound = sound + gain[:, None, None] * other
    weight[:, 1] = gain**2
    silent = uniform(count) < NOISE_ALONE
    sound = torch.where(silent[:, None, None], torch.zeros_like(sound), sound)
    weight = torch.where(silent[:, None], torch.zeros_like(weight), weight)
    # Sensors' noise, and noise from all around.
    strength = 10 ** (-(uniform(count, 1, 1) * 27 - 3) / 20)
    share = uniform(count, 1, 1) * .7 * (uniform(count, 1, 1) < DIFFUSE)
    hiss = torch.randn(sound.shape, generator=random, device=device)
    which = torch.randint(0, len(noise), (count, 1, 1), generator=random, device=device)
    first = torch.randint(0, scenes.SECOND - length + 1, (count, 1, 1), generator=random, device=device)
    part = arrays.CHANNELS[microphones]
    channel = torch.arange(part.start, part.stop, device=device)[None, :, None]
    around = noise[which, channel, first + torch.arange(length, device=device)].float()
    sound = sound + strength * ((1 - share).sqrt() * hiss + share.sqrt() * around)
    sound = sound * 10 ** (torch.randn((count, microphones, 1), generator=random, device=device) * .5 / 20)
    # As an array that was turned or mirrored hears it.
    angles, orders = turns
    which = torch.randint(0, len(angles), (count,), generator=random, device=device)
    sound = sound.gather(1, orders[which][..., None].expand(-1, -1, length))
    azimuth = pool.azimuth[chosen] * (1 - 2 * angles[which, 1:]) + angles[which, :1]
    inputs, level = normalised(sound, frames)
    return inputs, level, azimuth, weight, pool.elevation[chosen[:, 0]]


def turns_of(microphones, device):
    """Symmetries as tensors: [s][turn in radians, mirrored], [s][microphone]."""
    turns, orders = arrays.symmetries(microphones)
    angles = torch.tensor([[math.radians(turn), float(mirrored)] for turn, mirrored in turns])
    return angles.to(device), orders.to(device)


def loudest_of_test(sounds, length):
    """The loudest of the stretches that do not overlap: what the comparison with peers looks at."""
    count = sounds.shape[2] // length
    power = sounds[:, 0, :count * length].float().reshape(len(sounds), count, length).square().mean(2)
    first = power.argmax(1) * length
    place = first[:, None, None] + torch.arange(length, device=sounds.device)
    return sounds.float().gather(2, place.expand(-1, sounds.shape[1], -1))
