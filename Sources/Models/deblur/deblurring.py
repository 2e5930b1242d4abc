"""Wiener deconvolution of a picture and of its features, and the network that cleans what comes out of it."""

import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

sys.path.append(str(Path(__file__).resolve().parent.parent / "lowlight"))
from network import Block, doubled, separable  # noqa: E402

from blur import transfer  # noqa: E402

FEATURES = 6
MARGIN = 32  # pixels that the picture is continued by, on each side, so that its edges do not ring
LEAST = 1e-4  # noise to signal


def median(x):
    """Of 3x3 neighbours, edges repeated."""
    height, width = x.shape[-2:]
    x = functional.pad(x, (1, 1, 1, 1), mode="replicate")
    near = torch.stack([x[..., row:row + height, column:column + width] for row in range(3) for column in range(3)])
    return near.median(0).values


def noise_to_signal(planes):
    """Of each plane [n][c][1][1]: the mean square of what a median filter takes away, over the variance."""
    taken = (planes - median(planes)).square().mean((2, 3), keepdim=True)
    return (taken / planes.var((2, 3), keepdim=True, correction=0).clamp(min=1e-8)).clamp(min=LEAST)


def continued(planes):
    """Planes with MARGIN more on each side: edges repeated, fading to where the other side begins, since the Fourier
    transform takes a picture to go on with its other side."""
    height, width = planes.shape[-2:]
    planes = functional.pad(planes, (MARGIN,) * 4, mode="replicate")

    def faded(x, extent, axis):
        steps = torch.arange(extent + 2 * MARGIN, device=x.device)
        other = torch.where(steps < MARGIN, 0.5 - (steps + 0.5) / (2 * MARGIN),
                            torch.where(steps >= MARGIN + extent, (steps - MARGIN - extent + 0.5) / (2 * MARGIN), 0))
        other = other.view(-1, 1) if axis == 2 else other
        return x * (1 - other) + x.flip(axis) * other

    return faded(faded(planes, width, 3), height, 2)


def wiener(planes, kernel, ratio):
    """Planes [n][c][size][size] deconvolved by kernels [n][KERNEL][KERNEL], given noise to signal [n][c][1][1]."""
    size = planes.shape[-1]
    whole = continued(planes)
    spectrum = transfer(kernel, whole.shape[-1])[:, None]
    inverse = spectrum.conj() / (spectrum.abs().square() + ratio)
    found = torch.fft.irfft2(torch.fft.rfft2(whole) * inverse, s=whole.shape[-2:])
    return found[..., MARGIN:MARGIN + size, MARGIN:MARGIN + size]


class Cleaner(nn.Module):
    """A deconvolved picture, deconvolved features and the blurred picture [n][12][height][width] to the finished
    picture [n][3][height][width]. It works at half and at a quarter of the resolution."""

    def __init__(self, width=24, wide=48, before=1, inside=5, after=3):
        super().__init__()
        self.entry = nn.Sequential(nn.Conv2d(6 + FEATURES, width, 2, 2), nn.ReLU())
        self.before = nn.Sequential(*[Block(width) for _ in range(before)])
        self.down = nn.Sequential(*separable(width, wide, 2), nn.ReLU())
        self.inside = nn.Sequential(*[Block(wide, 5) for _ in range(inside)])
        self.up = nn.Conv2d(wide, width, 1)
        self.after = nn.Sequential(*[Block(width) for _ in range(after)])
        self.add = nn.Conv2d(width, 12, 1)
        with torch.no_grad():
            self.add.weight.mul_(0.1)
            self.add.bias.zero_()

    def forward(self, x):
        half = self.before(self.entry(x))
        half = self.after(half + doubled(self.up(self.inside(self.down(half)))))
        return x[:, :3] + functional.pixel_shuffle(self.add(half), 2)


class Deblur(nn.Module):
    """Blurred pictures [n][3][size][size] from 0 to 1 and their kernels to sharp ones."""

    def __init__(self):
        super().__init__()
        self.features = nn.Conv2d(3, FEATURES, 3, 1, 0, bias=False)
        self.clean = Cleaner()

    def prepared(self, picture, kernel):
        features = self.features(functional.pad(picture, (1, 1, 1, 1), mode="replicate"))
        planes = torch.cat([picture, features], 1)
        return torch.cat([wiener(planes, kernel, noise_to_signal(planes)).clamp(-1, 2), picture], 1)

    def forward(self, picture, kernel):
        return self.clean(self.prepared(picture, kernel))
