"""What the split is compared with: BottleFit, and a split in the manner of Entropic Student.

BottleFit (Matsubara et al., 2022): a 7x7 convolution, pooling and a 2x2 convolution to C x 29 x 29, sent as bytes
by each picture's minimum and maximum; the decoder's four 2x2 convolutions stand in for lite0's stem and blocks 0
to 4. They are 128 wide, not 512, as lite0's features have 40 channels where a ResNet's have 512.

Entropic Student (Matsubara et al., 2022): two 5x5 convolutions of stride 2 with divisive normalization and a 2x2
convolution to 24 x 55 x 55, rounded and coded with one learned distribution a channel; the decoder's three 2x2
convolutions stand in for stem and blocks 0 to 2, the first of 56x56 pixels, as there. They are 128 and 64 wide,
not 512 and 256, as lite0's features have 24 channels there where a ResNet's have 256.
"""

import math

import torch
from torch import nn

from codec import interval_bits
from lite0 import Rest


class BottleFit(nn.Module):
    FIRST = 5
    DISTILLED = (4, 7, 10, 14)

    def __init__(self, classes, channels, width=128):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2, padding=1),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.Conv2d(64, channels, 2, stride=2, padding=1),
        )
        self.decoder = nn.Sequential(
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, width, 2, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 2, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 2, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, 40, 2),
            nn.AvgPool2d(2, stride=1),
        )
        self.rest = Rest(self.FIRST, classes)

    def send(self, x, noisy):
        """The latent as it arrives, and the bits of each picture."""
        latent = self.encoder(x)
        low = latent.detach().amin((1, 2, 3), keepdim=True)
        step = ((latent.detach().amax((1, 2, 3), keepdim=True) - low) / 255).clamp_min(1e-8)
        if noisy:
            arrived = latent + (torch.rand_like(latent) - 0.5) * step
        else:
            arrived = latent + (torch.round((latent - low) / step) * step + low - latent).detach()
        return arrived, torch.full((len(x),), 8.0 * latent[0].numel() + 64, device=x.device)

    def last_layer(self):
        """The decoder's last layer with weights."""
        return self.decoder[-2]

    def tail_stages(self, arrived):
        return self.rest.stages(self.decoder(arrived))


class Divisive(nn.Module):
    """Generalized divisive normalization with first powers: x / (beta + gamma |x|), or times it."""

    def __init__(self, channels, inverse=False):
        super().__init__()
        self.inverse = inverse
        self.beta = nn.Parameter(torch.ones(channels))
        self.gamma = nn.Parameter(0.1 * torch.eye(channels))

    def forward(self, x):
        with torch.autocast(x.device.type, enabled=False):
            x = x.float()
            weight = self.gamma.abs()[:, :, None, None]
            norm = nn.functional.conv2d(x.abs(), weight, self.beta.abs() + 1e-3)
            return x * norm if self.inverse else x / norm


class Factorised(nn.Module):
    """A prior of one distribution a channel, the same everywhere: a mixture of three logistic distributions."""

    def __init__(self, channels):
        super().__init__()
        self.mean = nn.Parameter(torch.tensor([-1.0, 0.0, 1.0]).repeat(channels, 1))
        self.scale = nn.Parameter(torch.full((channels, 3), -0.5))
        self.share = nn.Parameter(torch.zeros(channels, 3))

    def bits(self, latent):
        distance = latent[:, :, None] - self.mean[:, :, None, None]
        bits = interval_bits(distance, self.scale.exp().clamp(0.05, 100)[:, :, None, None])
        share = torch.log_softmax(self.share, 1)[:, :, None, None]
        return torch.logsumexp(share - bits * math.log(2), 2) / -math.log(2)


class Entropic(nn.Module):
    FIRST = 3
    DISTILLED = (2, 4, 7, 14)
    CHANNELS = 24

    def __init__(self, classes):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(3, 96, 5, stride=2, padding=2, bias=False),
            Divisive(96),
            nn.Conv2d(96, 48, 5, stride=2, padding=2, bias=False),
            Divisive(48),
            nn.Conv2d(48, self.CHANNELS, 2, bias=False),
        )
        self.decoder = nn.Sequential(
            nn.Conv2d(self.CHANNELS, 128, 2, padding=1, bias=False),
            Divisive(128, inverse=True),
            nn.Conv2d(128, 64, 2, bias=False),
            Divisive(64, inverse=True),
            nn.Conv2d(64, 24, 2, padding=1),
        )
        self.rest = Rest(self.FIRST, classes)
        self.prior = Factorised(self.CHANNELS)

    def send(self, x, noisy):
        """The latent as it arrives, and the bits of each picture."""
        latent = self.encoder(x)
        with torch.autocast(x.device.type, enabled=False):
            latent = latent.float()
            if noisy:
                arrived = latent + torch.rand_like(latent) - 0.5
            else:
                arrived = latent + (latent.round() - latent).detach()
            bits = self.prior.bits(arrived).sum((1, 2, 3))
        return arrived, bits

    def last_layer(self):
        """The decoder's last layer with weights."""
        return self.decoder[-1]

    def tail_stages(self, arrived):
        return self.rest.stages(self.decoder(arrived))

    def scale_latent(self, x, deviation=1.0):
        """Scale the last convolution so that each channel has this deviation on pictures `x`."""
        with torch.no_grad():
            latent = self.encoder(x).float()
            factor = deviation / latent.std((0, 2, 3)).clamp_min(1e-6)
            self.encoder[-1].weight.mul_(factor.view(-1, 1, 1, 1))


def comparison(name, classes):
    """One by its name, bottlefit-CHANNELS or entropic-BYTES: the network and its aim in bytes."""
    family, amount = name.split("-")
    if family == "bottlefit":
        return BottleFit(classes, int(amount)), None
    return Entropic(classes), int(amount)
