"""The network: dilated convolutions around the circle of directions."""

import torch
from torch import nn

from evidence import BANDS, DIRECTIONS, KINDS

WIDTH, TAPS, DILATIONS = 32, 5, (1, 2, 4, 8, 16)
MARGIN = sum((TAPS - 1) * dilation for dilation in DILATIONS) // 2
# What makes all kinds of map about as large.
SCALE, SHIFT = (2.0, 4.0, 4.0), (-0.5, 0.0, 0.0)


class Locator(nn.Module):
    """Maps [n][kinds x bands][1][directions + 2 margins] to logits [n][1][1][directions]. Where directions are around a
    circle, turning the sound turns the answer."""

    def __init__(self):
        super().__init__()
        layers, channels = [], KINDS * BANDS
        for dilation in DILATIONS:
            layers += [nn.Conv2d(channels, WIDTH, (1, TAPS), dilation=(1, dilation)), nn.ReLU()]
            channels = WIDTH
        self.layers = nn.Sequential(*layers, nn.Conv2d(WIDTH, 1, 1))

    def forward(self, maps):
        return self.layers(maps)


def around(maps):
    """Maps [n][kinds][bands][directions], scaled and continued at both ends, as the network reads them in training."""
    scaled = torch.cat([maps[:, kind] * SCALE[kind] + SHIFT[kind] for kind in range(KINDS)], 1).unsqueeze(2)
    return torch.cat([scaled[..., -MARGIN:], scaled, scaled[..., :MARGIN]], -1)


def folded(network):
    """The same network for maps that are not scaled: its first layer scales them."""
    copy = Locator()
    copy.load_state_dict(network.state_dict())
    first = copy.layers[0]
    with torch.no_grad():
        for kind in range(KINDS):
            channels = slice(kind * BANDS, (kind + 1) * BANDS)
            first.bias += SHIFT[kind] * first.weight[:, channels].sum((1, 2, 3))
            first.weight[:, channels] *= SCALE[kind]
    return copy.eval()


def macs():
    total, channels, length = 0, KINDS * BANDS, DIRECTIONS + 2 * MARGIN
    for dilation in DILATIONS:
        length -= (TAPS - 1) * dilation
        total += length * channels * WIDTH * TAPS
        channels = WIDTH
    return total + DIRECTIONS * WIDTH
