"""Our split: a head that ends in a small integer latent, the prior that codes it, and an exit on the board.

    head    lite0's stem and blocks 0 to 4, then a 2x2 convolution of stride 2   3x224x224 -> 40x14x14
    latent  rounded to integers, clipped to int8, in six layers of channels
    tail    decoder, lite0's blocks 6 to 15, top and classifier                  40x14x14 -> logits
    exit    two small stages on the latent, for the head's board                 40x14x14 -> logits

Rate r sends layers 0 ... r; the channels of later layers are zeros for the tail. So one head and one tail serve
every rate, and a prefix of a payload that ends after a layer decodes.
"""

import math

import torch
from torch import nn

from lite0 import Rest, front, normalization

LAYERS = (4, 4, 6, 8, 8, 10)
CHANNELS = sum(LAYERS)
LIMIT = 127
FEATURES = 80  # of block 5, which the decoder stands in for


def layer_of_channel():
    return torch.repeat_interleave(torch.arange(len(LAYERS)), torch.tensor(LAYERS))


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            normalization(channels),
            nn.ReLU6(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            normalization(channels),
        )

    def forward(self, x):
        return x + self.layers(x)


def decoder(width=128):
    """From the latent to what block 5 would have given, at the same 14x14."""
    return nn.Sequential(
        nn.Conv2d(CHANNELS, width, 3, padding=1, bias=False),
        normalization(width),
        nn.ReLU6(),
        Residual(width),
        Residual(width),
        nn.Conv2d(width, FEATURES, 1, bias=False),
        normalization(FEATURES),
    )


class Exit(nn.Module):
    """The classifier on the board: under 64 KiB of weights."""

    def __init__(self, classes):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(CHANNELS, 48, 3, padding=1, bias=False),
            normalization(48),
            nn.ReLU6(),
            nn.Conv2d(48, 48, 3, stride=2, padding=1, groups=48, bias=False),
            normalization(48),
            nn.ReLU6(),
            nn.Conv2d(48, 128, 1, bias=False),
            normalization(128),
            nn.ReLU6(),
            nn.Conv2d(128, 128, 3, padding=1, groups=128, bias=False),
            normalization(128),
            nn.ReLU6(),
            nn.Conv2d(128, 192, 1, bias=False),
            normalization(192),
            nn.ReLU6(),
        )
        self.dropout = nn.Dropout(0.1)
        self.classifier = nn.Linear(192, classes)

    def forward(self, latent):
        return self.classifier(self.dropout(self.layers(latent).mean((2, 3))))


class Prior(nn.Module):
    """Says how many bits each latent element costs: a logistic distribution over the integers.

    Its mean is linear in the left, upper, upper-left and upper-right neighbours of the same channel and in the
    elements of the earlier channels at the same place; its scale is linear in their magnitudes, with weights that
    are not negative. Both are sums of integers times constants: the runtime can hold the constants as integers
    and reach the same sums on every CPU. A layer looks only at itself and at earlier layers.
    """

    def __init__(self):
        super().__init__()
        neighbours = torch.tensor([[1.0, 1, 1], [1, 0, 0], [0, 0, 0]])
        earlier = torch.ones(CHANNELS, CHANNELS).tril(-1)
        self.register_buffer("neighbours", neighbours.expand(CHANNELS, 1, 3, 3).clone(), persistent=False)
        self.register_buffer("earlier", earlier.view(CHANNELS, CHANNELS, 1, 1), persistent=False)
        self.mean_near = nn.Parameter(torch.zeros(CHANNELS, 1, 3, 3))
        self.mean_earlier = nn.Parameter(torch.zeros(CHANNELS, CHANNELS, 1, 1))
        self.mean_bias = nn.Parameter(torch.zeros(CHANNELS))
        self.scale_near = nn.Parameter(torch.full((CHANNELS, 1, 3, 3), 0.05))
        self.scale_earlier = nn.Parameter(torch.full((CHANNELS, CHANNELS, 1, 1), 0.005))
        self.scale_bias = nn.Parameter(torch.full((CHANNELS,), 0.5))

    def distribution(self, coded):
        """Mean and scale for every element, given the integers coded before it."""
        near, earlier = self.neighbours, self.earlier
        mean = nn.functional.conv2d(coded, self.mean_near * near, self.mean_bias, padding=1, groups=CHANNELS)
        mean = mean + nn.functional.conv2d(coded, self.mean_earlier * earlier)
        size = coded.abs()
        scale = nn.functional.conv2d(size, self.scale_near.abs() * near, self.scale_bias.exp(), padding=1,
                                     groups=CHANNELS)
        scale = scale + nn.functional.conv2d(size, self.scale_earlier.abs() * earlier)
        return mean, scale.clamp(0.08, 100)

    def bits(self, latent, coded):
        """Bits of each element of `latent` (integers, or integers blurred by noise), in the shape of the latent."""
        mean, scale = self.distribution(coded)
        return interval_bits(latent - mean, scale)


def interval_bits(distance, scale):
    """Bits of the unit interval around `distance` under a logistic distribution about 0."""
    sigmoid = nn.functional.logsigmoid
    log = sigmoid((0.5 - distance) / scale) + sigmoid((0.5 + distance) / scale) + torch.log(-torch.expm1(-1 / scale))
    return log / -math.log(2)


def rounded(latent):
    """Integers that pass gradients on, clipped to int8."""
    latent = latent.clamp(-LIMIT, LIMIT)
    return latent + (latent.round() - latent).detach()


class Split(nn.Module):
    """Head, prior, tail and exit."""

    FIRST = 6  # the first of lite0's blocks in the tail
    DISTILLED = (5, 7, 10, 14, 15)

    def __init__(self, classes):
        super().__init__()
        self.front = front(5)
        self.bottleneck = nn.Conv2d(40, CHANNELS, 2, stride=2)
        self.prior = Prior()
        self.decoder = decoder()
        self.rest = Rest(self.FIRST, classes)
        self.exit = Exit(classes)
        self.register_buffer("layer", layer_of_channel().view(1, -1, 1, 1), persistent=False)

    def latent(self, x):
        """The latent before it is rounded; in float32, as bfloat16 cannot hold 127.5."""
        features = self.front(x)
        with torch.autocast(x.device.type, enabled=False):
            return self.bottleneck(features.float()).clamp(-LIMIT, LIMIT)

    def layer_bits(self, latent, noisy):
        """Bits of each layer of each picture: pictures x layers. With `noisy`, a smooth estimate to train on."""
        with torch.autocast(latent.device.type, enabled=False):
            coded = rounded(latent)
            seen = latent + torch.rand_like(latent) - 0.5 if noisy else coded
            channels = self.prior.bits(seen, coded).sum((2, 3))
            return torch.stack([part.sum(1) for part in channels.split(LAYERS, 1)], 1)

    def keep(self, coded, rates):
        """Zero what each picture's rate leaves out."""
        return coded * (self.layer <= rates.view(-1, 1, 1, 1))

    def tail_stages(self, coded):
        """The tail's features, by block, and its logits."""
        return self.rest.stages(self.decoder(coded))

    def begin_bottleneck(self, x, deviation=3.0):
        """Let the bottleneck give the principal components of 2x2 patches of the front's features, in the order of
        their variance, each with mean 0 and this deviation on pictures `x`."""
        with torch.no_grad():
            patches = nn.functional.unfold(self.front(x).float(), 2, stride=2)
            patches = patches.transpose(1, 2).flatten(0, 1).double().cpu()
            mean = patches.mean(0)
            values, vectors = torch.linalg.eigh((patches - mean).T @ (patches - mean) / len(patches))
            chosen = values.argsort(descending=True)[:CHANNELS]
            weight = vectors[:, chosen].T * (deviation / values[chosen].clamp_min(1e-9).sqrt())[:, None]
            self.bottleneck.weight.copy_(weight.float().view_as(self.bottleneck.weight))
            self.bottleneck.bias.copy_(-(weight @ mean).float())
