"""The quality tier's network of tones: a Transformer that attends within windows and then across the whole picture."""

import torch
from torch import nn
from torch.nn import functional

WINDOW = 8
STRONGEST = 1.5  # the greatest logarithm to base 2 of a local gamma


class Attention(nn.Module):
    """Of tokens [n][tokens][width] among themselves, with several heads."""

    def __init__(self, width, heads=2):
        super().__init__()
        self.heads = heads
        self.ask, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))

    @staticmethod
    def seen(x):
        return x.shape[1]

    def forward(self, x):
        count, tokens, width = x.shape

        def split(y):
            return y.view(count, tokens, self.heads, width // self.heads).transpose(1, 2)

        scores = split(self.ask(x)) @ split(self.key(x)).transpose(2, 3)
        weights = torch.softmax(scores * (width // self.heads) ** -0.5, -1)
        return self.out((weights @ split(self.value(x))).transpose(1, 2).reshape(count, tokens, width))


def windows(x, size):
    """A picture [n][rows][columns][width] as tokens of its windows [n * windows][size * size][width]."""
    count, rows, columns, width = x.shape
    x = x.view(count, rows // size, size, columns // size, size, width)
    return x.transpose(2, 3).reshape(-1, size * size, width)


def joined(x, size, shape):
    """The picture of such tokens."""
    count, rows, columns, width = shape
    x = x.view(count, rows // size, columns // size, size, size, width)
    return x.transpose(2, 3).reshape(shape)


class TransformerBlock(nn.Module):
    """Where a token is comes from a depthwise convolution; then attention, within windows or over all, then two dense
    layers; each is added to what it reads."""

    def __init__(self, width, window):
        super().__init__()
        self.window = window
        self.place = nn.Conv2d(width, width, 3, 1, 1, groups=width)
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width)
        self.dense = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x):
        x = (x + self.place(x)).permute(0, 2, 3, 1)
        shape = x.shape
        seen = self.before(x)
        if self.window:
            x = x + joined(self.attention(windows(seen, self.window)), self.window, shape)
        else:
            x = x + self.attention(seen.reshape(shape[0], -1, shape[3])).view(shape)
        x = x + self.dense(self.after(x))
        return x.permute(0, 3, 1, 2)


class Illumination(nn.Module):
    """Input of `exposure` to the 13 coefficients of `Tone`, and exponents of a local gamma [n][2][16][24]."""

    def __init__(self, first=16, width=32, hidden=32, inputs=5):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(inputs, first, 3, 2, 1), nn.ReLU())
        self.second = nn.Sequential(nn.Conv2d(first, first, 3, 2, 1, groups=first), nn.Conv2d(first, width, 1),
                                    nn.ReLU())
        self.within, self.across = TransformerBlock(width, WINDOW), TransformerBlock(width, None)
        self.head = nn.Sequential(nn.Conv2d(first + 2 * width, hidden, 1), nn.ReLU(), nn.Conv2d(hidden, 13, 1))
        self.local = nn.Conv2d(width, 2, 1)
        with torch.no_grad():
            self.head[-1].weight.mul_(0.1)
            self.head[-1].bias.copy_(torch.tensor([0.45, 0, 0, 0, 0.45, 0, 0, 0, 0.45, 0, 0, 0, 0.5]))
            self.local.weight.mul_(0.1)
            self.local.bias.zero_()

    def forward(self, x):
        first = self.first(x)
        second = self.second(first)
        last = self.across(self.within(second))
        pooled = torch.cat([y.mean((2, 3), keepdim=True) for y in (first, second, last)], 1)
        return self.head(pooled), self.local(last).clamp(-STRONGEST, STRONGEST)


def spread(exponents, size):
    """Exponents for each pixel, by bilinear interpolation."""
    return functional.interpolate(exponents, size, mode="bilinear", align_corners=False)
