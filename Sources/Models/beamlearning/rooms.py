"""Many rooms' responses at once: image sources (Allen and Berkley, JASA 65, 1979) in PyTorch, on a GPU or not.

The nearest images are exact. Of the others, far too many, some are drawn at random, louder by as much as they stand
for and of random sign, so that energy decays in time and over directions as that of all of them. Impulses are set
between samples of a finer clock; walls and air take more or less with time by frequency.
"""

import math

import torch

SPEED, RATE, LENGTH = 343.0, 16000, 8192
FINER = 4  # times the rate, where impulses are set
LATTICE = (9, 11, 13)  # rooms along x, y and z on either side that are searched for the nearest images
NEAREST, DRAWN = 1536, 1536
STEEP = 0.35  # the share of scenes whose talkers are of any elevation


def uniform(shape, low, high, random):
    return low + (high - low) * torch.rand(shape, generator=random, device=random.device)


def absorption(size, seconds):
    """Sabine's, for sound to fall by 60 dB in so many seconds."""
    volume = size.prod(-1)
    surface = 2 * (size[..., 0] * size[..., 1] + size[..., 1] * size[..., 2] + size[..., 0] * size[..., 2])
    return 24 * math.log(10) * volume / (SPEED * surface * seconds)


def draw(count, random, low=0.15, high=0.85, wide=True):
    """Rooms with a source and an array's centre: a dictionary of tensors. `wide` varies more than the test does."""
    many = count * 12 + 64
    u = lambda low, high, *shape: uniform((many, *shape), low, high, random)
    margin = 0.3 if wide else 0.0
    size = torch.stack([u(3 - margin, 10 + margin), u(3 - margin, 8 + margin), u(2.5 - margin / 3, 4 + margin)], 1)
    seconds = u(low, high)
    mean = absorption(size, seconds)
    place = torch.stack([.7 + (size[:, 0] - 1.4) * u(0, 1), .7 + (size[:, 1] - 1.4) * u(0, 1), u(.8, 1.6)], 1)
    azimuth, distance = u(0, 2 * math.pi), u(.8 if wide else 1, 3.2 if wide else 3)
    rise = u(-.2, .2)
    if wide:
        steep = torch.tan(u(-25, 60) * math.pi / 180)
        rise = torch.where(u(0, 1) < STEEP, distance * steep, rise)
    source = place + torch.stack([distance * azimuth.cos(), distance * azimuth.sin(), rise], 1)
    good = (mean < .95) & (source > .3).all(1) & (source < size - .3).all(1)
    chosen = good.nonzero()[:count, 0]
    if len(chosen) < count:
        raise RuntimeError("too few rooms were drawn")
    walls = mean[:, None].expand(-1, 6)
    if wide:  # walls differ in half of the rooms
        spread = u(0, 1, 1).round() * u(0, .8, 1)
        normal = torch.randn((many, 6), generator=random, device=random.device)
        walls = (walls * torch.exp(spread * normal)).clamp(.01, .97)
    tilt = u(-.3, 1.0) * u(0, 1).round() if wide else u(0, 0)
    elevation = torch.atan2(rise, distance)
    found = dict(size=size, seconds=seconds, walls=walls, place=place, source=source, azimuth=azimuth,
                 elevation=elevation, distance=distance, tilt=tilt)
    return {name: value[chosen] for name, value in found.items()}


def images(cells, room):
    """Places [n][k][3] of the images in cells [n][k][3] of the lattice, and the log of what walls leave of them."""
    size, source = room["size"][:, None], room["source"][:, None]
    odd = cells.remainder(2)
    positions = cells * size + torch.where(odd > 0, size - source, source)
    reflection = 0.5 * torch.log1p(-room["walls"])
    low, high = reflection[:, None, 0::2], reflection[:, None, 1::2]
    count = cells.abs()
    first, rest = torch.div(count + 1, 2, rounding_mode="floor"), torch.div(count, 2, rounding_mode="floor")
    left = torch.where(cells < 0, first * low + rest * high, first * high + rest * low)
    return positions, left.sum(-1)


def impulses(room, random, seconds=LENGTH / RATE):
    """Places [n][k][3] and amplitudes [n][k] of the images that stand for all, times one metre over distance."""
    device, count = room["size"].device, len(room["size"])
    axes = [torch.arange(-most, most + 1, device=device, dtype=torch.float32) for most in LATTICE]
    lattice = torch.cartesian_prod(*axes)[None]
    positions, left = images(lattice.expand(count, -1, -1), room)
    centre = room["place"][:, None]
    away = (positions - centre).norm(dim=2)
    nearest, chosen = away.topk(NEAREST, 1, largest=False)
    positions = positions.gather(1, chosen[..., None].expand(-1, -1, 3))
    strength = left.gather(1, chosen).exp()
    edge = nearest[:, -1:].clamp(max=SPEED * seconds)
    # Radii are uniform, so that as many images are drawn in every millisecond.
    inner = (edge - 1).clamp(min=0)
    span = SPEED * seconds - inner
    radius = inner + span * torch.rand((count, DRAWN), generator=random, device=device)
    direction = torch.randn((count, DRAWN, 3), generator=random, device=device)
    direction = direction / direction.norm(dim=2, keepdim=True).clamp(min=1e-6)
    cells = torch.floor((centre + radius[..., None] * direction) / room["size"][:, None])
    far, left = images(cells, room)
    weight = torch.sqrt(4 * math.pi * radius**2 * span / (DRAWN * room["size"].prod(1)[:, None]))
    sign = torch.randint(0, 2, weight.shape, generator=random, device=device) * 2 - 1
    beyond = (far - centre).norm(dim=2) > edge
    return torch.cat([positions, far], 1), torch.cat([strength, left.exp() * weight * sign * beyond], 1)


def air(frequency):
    """Nepers of amplitude a metre (ISO 9613-1:1993) at 20 degrees, 50 % and one atmosphere, frequencies in Hz."""
    saturation = 10 ** (-6.8346 * (273.16 / 293.15) ** 1.261 + 4.6151)
    humidity = 50 * saturation
    oxygen = 24 + 4.04e4 * humidity * (0.02 + humidity) / (0.391 + humidity)
    nitrogen = 9 + 280 * humidity
    square = frequency**2
    relaxation = 0.01275 * math.exp(-2239.1 / 293.15) / (oxygen + square / oxygen)
    relaxation = relaxation + 0.1068 * math.exp(-3352.0 / 293.15) / (nitrogen + square / nitrogen)
    return square * (1.84e-11 + relaxation)


def responses(room, microphones, random):
    """[n][microphone][LENGTH] of rooms with microphones [n][microphone][3] around their places."""
    count, channels, device = len(microphones), microphones.shape[1], microphones.device
    positions, strength = impulses(room, random)
    ears = room["place"][:, None] + microphones
    found = torch.zeros(count, channels, FINER * LENGTH, device=device)
    for channel in range(channels):
        distance = (positions - ears[:, channel:channel + 1]).norm(dim=2).clamp(min=.05)
        time = distance * (FINER * RATE / SPEED)
        whole = time.floor()
        part = time - whole
        amplitude = strength / distance * (whole < FINER * LENGTH - 1)
        index = whole.long().clamp(max=FINER * LENGTH - 2)
        found[:, channel].scatter_add_(1, index, amplitude * (1 - part))
        found[:, channel].scatter_add_(1, index + 1, amplitude * part)
    bins = torch.fft.rfft(found)[..., :LENGTH // 2 + 1]
    return colour(torch.fft.irfft(bins, LENGTH), room)


def colour(found, room):
    """Takes from high frequencies what air and walls take with time, more or less by the room's tilt."""
    size, hop = 256, 128
    count, channels, length = found.shape
    window = torch.hann_window(size, device=found.device)
    spectra = torch.stft(found.reshape(-1, length), size, hop, window=window, return_complex=True)
    frequency = torch.arange(size // 2 + 1, device=found.device) * (RATE / size)
    time = torch.arange(spectra.shape[2], device=found.device) * (hop / RATE)
    octaves = torch.log2(frequency.clamp(min=100) / 1000).clamp(-2, 3)
    rate = air(frequency)[None] * SPEED + (room["tilt"] * 2.0 / room["seconds"])[:, None] * octaves[None]
    gain = torch.exp(-(rate[:, :, None] * time[None, None]).clamp(min=-3))
    spectra = spectra.reshape(count, channels, *spectra.shape[1:]) * gain[:, None]
    return torch.istft(spectra.flatten(0, 1), size, hop, window=window, length=length).reshape(count, channels, length)
