"""A pool of scenes: a second of one talker in a room as microphones of both arrays hear it, without noise.

Half a second of the talker was in the room before, as was reverberation of it.
"""

import math

import torch

import arrays
import rooms

SECOND, LEAD = rooms.RATE, rooms.LENGTH
SPAN = SECOND + LEAD  # what is convolved; the first LEAD samples wrap around and are left out
CHUNK = {"cuda": 192, "cpu": 16}
WIDE_SCALES, NARROW = 0.25, 0.02  # the share of scenes whose arrays are of other sizes; what others differ by


def microphones(count, random, mismatch=True):
    """[n][11][3]: arrays 0.8 to 1.25 times as large in some scenes, each microphone 0.5 mm off."""
    device = random.device
    places = arrays.PLACES.to(device).expand(count, -1, -1)
    if not mismatch:
        return places.clone()
    unit = torch.rand((count, 2), generator=random, device=device)
    exponent = torch.where(unit[:, 0] < WIDE_SCALES, math.log(1.25), math.log(1 + NARROW))
    scale = torch.exp(exponent * (2 * unit[:, 1] - 1))
    off = torch.randn(places.shape, generator=random, device=device) * 5e-4
    return places * scale[:, None, None] + off


def equalizer(count, random, strong):
    """[n][bin] gains of a smooth random curve over octaves, nothing below 80 Hz."""
    device = random.device
    frequency = torch.arange(SPAN // 2 + 1, device=device) * (rooms.RATE / SPAN)
    octave = (torch.log2(frequency.clamp(min=62.5) / 62.5)).clamp(max=6.999)
    points = torch.randn((count, 9), generator=random, device=device) * (4.0 if strong else 2.0)
    tilt = rooms.uniform((count, 1), -2.0, 3.0, random) if strong else torch.zeros(count, 1, device=device)
    points = points + tilt * torch.arange(-4.0, 5.0, device=device)
    whole = octave.floor().long()
    part = octave - whole
    decibels = points[:, whole] * (1 - part) + points[:, whole + 1] * part
    return 10 ** (decibels / 20) * (frequency / 80).clamp(max=1) ** 4


def artificial(count, random):
    """[n][SPAN] of bursts of noise and of chords, in place of speech."""
    device = random.device
    time = torch.arange(SPAN, device=device) / rooms.RATE
    noise = torch.randn((count, SPAN), generator=random, device=device)
    steps = SPAN // 1600 + 2
    on = torch.rand((count, steps), generator=random, device=device)
    place = time * 10
    whole = place.floor().long()
    part = place - whole
    on = torch.where(on > .4, on, torch.full_like(on, .02))
    gate = on[:, whole] * (1 - part).pow(3) + on[:, whole + 1] * part.pow(3)
    tone = torch.zeros(count, SPAN, device=device)
    for _ in range(3):
        pitch = rooms.uniform((count, 1), 110, 600, random)
        for harmonic in range(1, 9):
            tone += torch.sin(2 * math.pi * pitch * harmonic * time) / harmonic
    kind = torch.rand((count, 1), generator=random, device=device) < .5
    return torch.where(kind, noise, tone) * gate


class Speech:
    """Speech to draw stretches of."""

    def __init__(self, codes, device):
        self.codes = torch.as_tensor(codes).to(device)

    def stretches(self, count, random):
        """[n][SPAN], of which something is said in the last second."""
        device = self.codes.device
        first = torch.randint(0, len(self.codes) - SPAN, (count, 3), generator=random, device=device)
        offset = torch.arange(SPAN, device=device)
        best, power = None, None
        for choice in range(3):
            level = self.codes[first[:, choice, None] + offset].float() / 127
            sound = 10 * level.sign() * (256 ** level.abs() - 1) / 255
            # The quietest quarter of a second is what tells.
            pieces = (sound[:, LEAD:] ** 2).reshape(count, 4, -1).mean(2).amin(1)
            if best is None:
                best, power = sound, pieces
            else:
                louder = pieces > power
                best, power = torch.where(louder[:, None], sound, best), torch.maximum(power, pieces)
        return best


def render(count, speech, random, wide=True):
    """Sounds [n][11][SECOND], as loud as one another, and the rooms."""
    room = rooms.draw(count, random, *((.15, .85) if wide else (.2, .8)), wide=wide)
    places = microphones(count, random, mismatch=wide)
    found = rooms.responses(room, places, random)
    dry = speech.stretches(count, random)
    if wide:
        other = torch.rand((count, 1), generator=random, device=random.device) < .08
        dry = torch.where(other, artificial(count, random), dry)
    spectrum = torch.fft.rfft(dry) * equalizer(count, random, wide)
    heard = torch.fft.irfft(torch.fft.rfft(found, SPAN) * spectrum[:, None], SPAN)[..., LEAD:]
    heard = heard / heard.square().mean((1, 2), keepdim=True).sqrt().clamp(min=1e-6)
    room["microphones"] = places
    return heard, room


class Pool:
    """Scenes kept in half precision, renewed in turn."""

    def __init__(self, count, speech, random, wide=True):
        self.speech, self.random, self.wide, self.next = speech, random, wide, 0
        device = random.device
        self.sounds = torch.zeros(count, len(arrays.PLACES), SECOND, dtype=torch.float16, device=device)
        self.azimuth = torch.zeros(count, device=device)
        self.elevation = torch.zeros(count, device=device)
        self.seconds = torch.zeros(count, device=device)
        self.filled = 0

    def add(self, count=None):
        """Renders some scenes over the oldest ones."""
        chunk = min(count or CHUNK[self.random.device.type], len(self.sounds) - self.next)
        sounds, room = render(chunk, self.speech, self.random, self.wide)
        part = slice(self.next, self.next + chunk)
        self.sounds[part] = sounds.clamp(-60, 60).half()
        self.azimuth[part] = room["azimuth"]
        self.elevation[part] = room["elevation"]
        self.seconds[part] = room["seconds"]
        self.next = (self.next + chunk) % len(self.sounds)
        self.filled = min(len(self.sounds), self.filled + chunk)


def diffuse(count, random, waves=48):
    """[n][11][SECOND] of noise from all around, of unit power, that falls by 3 dB an octave above 200 Hz."""
    device = random.device
    bins = SECOND // 2 + 1
    frequency = torch.arange(bins, device=device) * (rooms.RATE / SECOND)
    found = torch.zeros(count, len(arrays.PLACES), bins, dtype=torch.complex64, device=device)
    places = microphones(count, random)
    for _ in range(waves):
        direction = torch.randn((count, 3), generator=random, device=device)
        direction = direction / direction.norm(dim=1, keepdim=True)
        ahead = (places * direction[:, None]).sum(2) / rooms.SPEED
        wave = torch.randn((count, bins, 2), generator=random, device=device)
        wave = torch.view_as_complex(wave) * (200 / frequency.clamp(min=200)).sqrt()
        angle = 2 * math.pi * ahead[:, :, None] * frequency
        found += wave[:, None] * torch.polar(torch.ones_like(angle), angle)
    sounds = torch.fft.irfft(found, SECOND)
    return (sounds / sounds.square().mean((1, 2), keepdim=True).sqrt()).half()
