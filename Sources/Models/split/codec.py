"""Our split: a head that ends in a small integer latent, the prior that codes it, and an exit on the board.

    head    lite0's stem and blocks 0 to 4, then a narrower block 5     3x224x224 -> 40x14x14
    latent  rounded to integers, clipped to int8, in six layers of channels
    tail    decoder, lite0's blocks 6 to 15, top and classifier         40x14x14 -> logits
    exit    two small stages on the latent, for the head's board        40x14x14 -> logits

A rate is a number of layers and of lowest bits that are dropped; the channels of later layers are zeros for the tail.
So one head and one tail serve every rate, and a prefix of a payload that ends after a layer decodes.
"""

import math

import torch
from torch import nn

from lite0 import Rest, convolution, front, normalization

LAYERS = (4, 4, 6, 8, 8, 10)
CHANNELS = sum(LAYERS)
RATES = ((3, 3), (4, 3), (6, 3), (5, 2), (6, 2), (6, 1))  # layers, and bits that are dropped
LIMIT = 127
WIDTH = 144  # of the bottleneck, of block 5's 240: what 64 KiB of weights leave
FEATURES = 80  # of block 5, which the decoder stands in for


def layer_of_channel():
    return torch.repeat_interleave(torch.arange(len(LAYERS)), torch.tensor(LAYERS))


def bottleneck():
    """From block 4's features to the latent: block 5 with fewer channels, and without a normalization at its end."""
    return nn.Sequential(
        convolution(40, WIDTH, 1),
        normalization(WIDTH),
        nn.ReLU6(),
        convolution(WIDTH, WIDTH, 3, 2, WIDTH),
        normalization(WIDTH),
        nn.ReLU6(),
        nn.Conv2d(WIDTH, CHANNELS, 1),
    )


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

    def distribution(self, coded, unit=1):
        """Mean and scale for every element in units of `unit`, given the integers coded before it, multiples of it."""
        near, earlier = self.neighbours, self.earlier
        mean = nn.functional.conv2d(coded, self.mean_near * near, self.mean_bias, padding=1, groups=CHANNELS)
        mean = mean + nn.functional.conv2d(coded, self.mean_earlier * earlier)
        size = coded.abs()
        scale = nn.functional.conv2d(size, self.scale_near.abs() * near, self.scale_bias.exp(), padding=1,
                                     groups=CHANNELS)
        scale = scale + nn.functional.conv2d(size, self.scale_earlier.abs() * earlier)
        return mean / unit, (scale / unit).clamp(0.08, 100)

    def bits(self, latent, coded, unit=1):
        """Bits of each element of `latent` (multiples of `unit`, or such blurred by noise), in the latent's shape."""
        mean, scale = self.distribution(coded, unit)
        return interval_bits(latent / unit - mean, scale)


def interval_bits(distance, scale):
    """Bits of the unit interval around `distance` under a logistic distribution about 0."""
    sigmoid = nn.functional.logsigmoid
    log = sigmoid((0.5 - distance) / scale) + sigmoid((0.5 + distance) / scale) + torch.log(-torch.expm1(-1 / scale))
    return log / -math.log(2)


def units(rates):
    """The unit of what is sent at each rate: 2 to the number of dropped bits, in the shape of a factor of latents."""
    return 2.0 ** torch.tensor([dropped for _, dropped in RATES])[rates].view(-1, 1, 1, 1)


def rounded(latent, unit=1):
    """Multiples of `unit` that pass gradients on, clipped to int8."""
    whole = ((latent / unit + 0.5).floor() * unit).clamp(-LIMIT, LIMIT)
    return latent + (whole - latent).detach()


class Split(nn.Module):
    """Head, prior, tail and exit."""

    FIRST = 6  # the first of lite0's blocks in the tail

    def __init__(self, classes):
        super().__init__()
        self.front = front(5)
        self.bottleneck = bottleneck()
        self.prior = Prior()
        self.decoder = decoder()
        self.rest = Rest(self.FIRST, classes)
        self.exit = Exit(classes)
        self.register_buffer("layer", layer_of_channel().view(1, -1, 1, 1), persistent=False)
        self.register_buffer("layers", torch.tensor([layers for layers, _ in RATES]), persistent=False)

    def latent(self, x):
        """The latent before it is rounded."""
        return self.bottleneck(self.front(x))

    def sent(self, rates):
        """1 for the channels that each picture's rate sends, 0 for the others."""
        return (self.layer < self.layers[rates].view(-1, 1, 1, 1)).float()

    def send(self, coded, rates):
        """What a tail gets of a head's integers at each picture's rate."""
        return rounded(coded, units(rates)) * self.sent(rates)

    def bytes(self, seen, coded, rates):
        """Of each picture at its rate: `coded` is what is sent, `seen` the same or, to train on, such blurred by
        noise."""
        return (self.prior.bits(seen, coded, units(rates)) * self.sent(rates)).sum((1, 2, 3)) / 8

    def tail_stages(self, coded):
        """The tail's features, by block, and its logits."""
        return self.rest.stages(self.decoder(coded))
