"""The networks: one that reads a small picture and says how to map tones, one that removes what noise is left."""

import functools

import torch
from torch import nn
from torch.nn import functional

from illumination import Attention, Illumination, spread

SMALL = (64, 96)  # rows and columns that the tone network reads
INPUTS = 5  # and channels
GAMMA = (0.2, 0.8)
LIFTED = 4.0  # the largest value of a lifted pixel
LEAST = 0.01  # the least mean root
DARKEST = 1 / 1024  # what a local gamma takes for black


@functools.cache
def binomial(type, device):
    return torch.tensor([0.25, 0.5, 0.25], dtype=type, device=device)


def smooth(x):
    """Binomial 3x3 filter, edges mirrored without repeating them."""
    weights = binomial(x.dtype, x.device)
    count, channels, height, width = x.shape
    x = functional.pad(x, (1, 1, 1, 1), mode="reflect").reshape(count * channels, 1, height + 2, width + 2)
    x = functional.conv2d(functional.conv2d(x, weights.view(1, 1, 3, 1)), weights.view(1, 1, 1, 3))
    return x.view(count, channels, height, width)


def with_change(pictures):
    """A fourth channel: how much green changes from each pixel to the next, which tells noise, as averages do not."""
    change = (pictures[:, 1:2, :, 1:] - pictures[:, 1:2, :, :-1]).abs()
    return torch.cat([pictures, functional.pad(change, (0, 1))], 1)


def reduced(pictures):
    """Averages over areas [n][4][rows][columns]: what a whole picture looks like to the tone network."""
    return functional.adaptive_avg_pool2d(with_change(pictures), SMALL)


def exposure(small):
    """The mean root [n][1][1][1] of reduced pictures, and the network's input [n][5][rows][columns]: roots over it,
    less one, and how dark it is. So the same scene at another exposure looks the same but for the last channel."""
    root = small.clamp(min=0).sqrt()
    mean = root[:, :3].mean((1, 2, 3), keepdim=True).clamp(min=LEAST)
    dark = (0.5 * torch.log2(mean) + 1).expand(-1, 1, *root.shape[-2:])
    return mean, torch.cat([(root / mean).clamp(max=4) - 1, dark], 1)


def separable(inputs, outputs, stride=1, size=3):
    return [nn.Conv2d(inputs, inputs, size, stride, size // 2, groups=inputs), nn.Conv2d(inputs, outputs, 1)]


class Tone(nn.Module):
    """Input of `exposure` to 13 coefficients [n][13][1][1]: a colour matrix by rows, an offset, and gamma."""

    def __init__(self, widths=(16, 24, 32), hidden=32):
        super().__init__()
        first, second, third = widths
        self.stages = nn.ModuleList([
            nn.Sequential(nn.Conv2d(INPUTS, first, 3, 2, 1), nn.ReLU()),
            nn.Sequential(*separable(first, second, 2), nn.ReLU()),
            nn.Sequential(*separable(second, third, 2), nn.ReLU())])
        self.head = nn.Sequential(nn.Conv2d(sum(widths), hidden, 1), nn.ReLU(), nn.Conv2d(hidden, 13, 1))
        with torch.no_grad():
            self.head[-1].weight.mul_(0.1)
            self.head[-1].bias.copy_(torch.tensor([0.45, 0, 0, 0, 0.45, 0, 0, 0, 0.45, 0, 0, 0, 0.5]))

    def forward(self, x):
        pooled = []
        for stage in self.stages:
            x = stage(x)
            pooled.append(x.mean((2, 3), keepdim=True))
        return self.head(torch.cat(pooled, 1))


def mapped(coefficients, mean, pixels):
    """Pixels [n][3][...] from 0 to 1, lifted by gamma, through the matrix."""
    shape = pixels.shape
    pixels = pixels.flatten(2)
    matrix, offset = coefficients[:, :9].reshape(-1, 3, 3), coefficients[:, 9:12].reshape(-1, 3, 1)
    gamma = coefficients[:, 12:13].reshape(-1, 1, 1).clamp(*GAMMA)
    lifted = ((pixels.clamp(min=1e-6) / mean.flatten(1).unsqueeze(2) ** 2) ** gamma).clamp(max=LIFTED)
    return (matrix @ lifted + offset).reshape(shape)


def local(exponents, picture):
    """A picture from 0 to 1 with a gamma of its own in each place: exponents [n][2][height][width] say its logarithm
    to base 2 in the dark and how much more it is in the bright, by the greatest channel."""
    picture = picture.clamp(DARKEST, 1)
    light = picture.amax(1, keepdim=True)
    return picture ** torch.exp2(exponents[:, :1] + exponents[:, 1:] * light)


class Block(nn.Module):
    def __init__(self, width, size=3):
        super().__init__()
        self.layers = nn.Sequential(*separable(width, width, 1, size), nn.ReLU())

    def forward(self, x):
        return x + self.layers(x)


def halved(x):
    return functional.avg_pool2d(x, 2)


def doubled(x):
    return functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


class Clean(nn.Module):
    """A mapped and filtered picture, and what the filter took away, [n][6][height][width], to the finished picture
    [n][3][height][width]; both sides divide by eight.

    The picture is taken apart into details of three sizes and what is left, as a Laplacian pyramid does; the network
    says for each place how much of each to keep, and what to add. It works at half the resolution, and around a
    detour at a quarter."""

    def __init__(self, width=16, wide=20, before=1, inside=2, after=2, size=3, again=1):
        super().__init__()
        self.again = again
        self.entry = nn.Sequential(nn.Conv2d(6, width, 2, 2), nn.ReLU())
        self.before = nn.Sequential(*[Block(width) for _ in range(before)])
        self.down = nn.Sequential(*separable(width, wide, 2), nn.ReLU())
        self.inside = nn.Sequential(*[Block(wide, size) for _ in range(inside)])
        self.up = nn.Conv2d(wide, width, 1)
        self.after = nn.Sequential(*[Block(width) for _ in range(after)])
        # How much to keep of what the filter took and of details of one, two and four pixels.
        self.keep = nn.ModuleList([nn.Sequential(nn.Conv2d(own, count, 1), nn.ReLU())
                                   for own, count in ((width, 4), (width, 4), (width, 1), (wide, 1))])
        self.add = nn.Conv2d(width, 12, 1)
        with torch.no_grad():
            for layer, bias in zip((self.add, *(keep[0] for keep in self.keep)), (0, 0.2, 1, 1, 1)):
                layer.weight.mul_(0.1)
                layer.bias.fill_(bias)

    def forward(self, pictures):
        picture, taken = pictures[:, :3], pictures[:, 3:]
        half = halved(picture)
        quarter = halved(half)
        least = doubled(halved(quarter))
        x = self.before(self.entry(pictures))
        coarse = self.down(x)
        for _ in range(self.again):
            coarse = self.inside(coarse)
        x = x + doubled(self.up(coarse))
        for _ in range(self.again):
            x = self.after(x)
        least = doubled(least + self.keep[3](coarse) * (quarter - least))
        least = doubled(least + self.keep[2](x) * (half - doubled(quarter)))
        fine = functional.pixel_shuffle(self.keep[1](x), 2) * (picture - doubled(half))
        finest = functional.pixel_shuffle(self.keep[0](x), 2) * taken
        return least + fine + finest + functional.pixel_shuffle(self.add(x), 2)


class Enhancer(nn.Module):
    """All of a tier: dark pictures from 0 to 1 to bright ones."""

    def __init__(self, tier):
        super().__init__()
        shape = TIERS[tier]
        self.tone = Illumination(*shape["illumination"]) if "illumination" in shape else Tone(*shape["tone"])
        self.clean = Clean(**shape["clean"]) if shape["clean"] is not None else None

    def coefficients(self, small):
        """Of reduced pictures: what `Tone` or `Illumination` gives, and the mean root."""
        mean, seen = exposure(small)
        return self.tone(seen), mean

    def lifted(self, found, mean, pixels, place=None):
        """Pixels with the global gamma and then the local one, from 0 to 1. `place` cuts the local exponents, which
        are of the whole picture, to what the pixels show."""
        if not isinstance(found, tuple):
            return mapped(found, mean, pixels).clamp(0, 1)
        place = place or (lambda exponents: spread(exponents, pixels.shape[-2:]))
        return local(place(found[1]), mapped(found[0], mean, pixels))

    def prepared(self, picture, place=None, small=None):
        """What the clean network reads: the mapped and filtered picture, and what the filter took from it."""
        found, mean = self.coefficients(reduced(picture) if small is None else small)
        filtered = self.lifted(found, mean, smooth(picture), place)
        if self.clean is None:
            return filtered
        return torch.cat([filtered, self.lifted(found, mean, picture, place) - filtered], 1)

    def forward(self, picture):
        prepared = self.prepared(picture)
        return prepared if self.clean is None else self.clean(prepared).clamp(0, 1)


TIERS = {
    "nano": {"tone": ((16, 24, 32), 32), "clean": None},
    "real-time": {"tone": ((12, 16, 24), 20), "clean": dict(width=14, wide=16)},
    "quality": {"illumination": (16, 32), "clean": dict(width=24, wide=48, before=2, inside=5, after=4, size=5)},
}


def parameters(module):
    return sum(weights.numel() for weights in module.parameters())


def macs(network, height=400, width=600):
    """Products in one run: convolutions, dense layers, attention, and three by three for each pixel's tones."""
    total = 0

    def count(layer, inputs, output):
        nonlocal total
        if isinstance(layer, Attention):
            total += 2 * inputs[0].shape[1] * layer.seen(inputs[0]) * inputs[0].shape[2]
        elif isinstance(layer, nn.Conv2d):
            total += output[0].numel() * layer.weight[0].numel()
        else:
            total += output[0].numel() * layer.weight.shape[1]

    hooks = [layer.register_forward_hook(count) for layer in network.modules()
             if isinstance(layer, (nn.Conv2d, nn.Linear, Attention))]
    with torch.no_grad():
        network(torch.rand(1, 3, height, width))
    for hook in hooks:
        hook.remove()
    return total + (9 if network.clean is None else 18) * height * width
