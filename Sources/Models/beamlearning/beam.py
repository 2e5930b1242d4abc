"""BeamLearning's network (JASA 149, 2021) with what trains and quantizes better: BeamNet.

Filters over all microphones, banks of depthwise-separable convolutions of three taps that are dilated by 1 to 32,
with residual sums and tanh, then more filters, whose squares are averaged over 16 ms: pseudo-energies. Their
logarithms go through dense layers with SELU. Layer norm is batch norm here, which folds into convolutions; the
filters start as delay and sum for directions and bands. A depthwise and a pointwise layer in a row are one
convolution while training.
"""

import math

import torch
from torch import nn
from torch.nn import functional

import arrays
from batches import FRAME
from targets import DIRECTIONS

SPEED, RATE = 343.0, 16000
STEM, DILATIONS, PIECE = 15, (1, 2, 4, 8, 16, 32), 256


class Separable(nn.Module):
    """x + tanh(norm(pointwise(depthwise(x)))) of [n][channel][1][sample]."""

    def __init__(self, width, dilation):
        super().__init__()
        self.dilation = dilation
        # Three taps of a delta with something added: what came before is passed on first.
        self.depth = nn.Parameter(torch.randn(width, 1, 1, 3) * .4)
        self.point = nn.Parameter(torch.randn(width, width, 1, 1) / math.sqrt(width))
        self.norm = nn.BatchNorm2d(width)
        nn.init.constant_(self.norm.weight, .3)

    def forward(self, x):
        weight = self.point * self.depth.transpose(0, 1)
        found = functional.conv2d(x, weight, padding=(0, self.dilation), dilation=(1, self.dilation))
        return x + torch.tanh(self.norm(found))


class BeamNet(nn.Module):
    mixed = True  # the convolutions of a GPU's training in bfloat16

    def __init__(self, microphones, width=32, banks=1, beams=128, dense=256):
        super().__init__()
        self.microphones, self.width, self.banks, self.beams, self.dense = microphones, width, banks, beams, dense
        self.stem = nn.Conv2d(microphones, width, (1, STEM), padding=(0, STEM // 2))
        self.layers = nn.Sequential(*(Separable(width, dilation) for _ in range(banks) for dilation in DILATIONS))
        self.beam = nn.Conv2d(width, beams, 1)
        self.first = nn.Conv2d(beams, dense, 1)
        self.second = nn.Linear(dense, dense)
        self.say = nn.Linear(dense, 2 * DIRECTIONS)
        with torch.no_grad():
            self.stem.weight.copy_(self.delays())
            self.stem.bias.zero_()
            self.beam.bias.zero_()

    def delays(self):
        """Delay and sum for directions around the circle, of bands in turn."""
        places = arrays.places(self.microphones)[:, :2]
        time = torch.arange(STEM) - STEM // 2
        window = torch.hann_window(STEM + 2)[1:-1]
        filters = []
        for index in range(self.width):
            angle = 2 * math.pi * index / self.width
            hertz = (700, 1500, 2500, 4000)[index % 4]
            ahead = places @ torch.tensor([math.cos(angle), math.sin(angle)]) * (RATE / SPEED)
            # Who hears first is delayed the most.
            shifted = time[None] - ahead[:, None]
            filters.append(torch.cos(2 * math.pi * hertz / RATE * shifted) * window)
        bank = torch.stack(filters)
        return (bank / bank.square().sum((1, 2), keepdim=True).sqrt())[:, :, None]

    def features(self, frames):
        """[n][dense] of frames [n][microphone][FRAME] of unit power."""
        x = frames[:, :, None]
        if x.is_cuda:
            x = x.contiguous(memory_format=torch.channels_last)
        with torch.autocast(x.device.type, torch.bfloat16, enabled=x.is_cuda and self.training and self.mixed):
            x = self.beam(self.layers(self.stem(x)))
        energy = functional.avg_pool2d(x.float().square(), (1, PIECE))
        return functional.selu(self.first(torch.log(energy + 1e-3))).mean((2, 3))

    def judge(self, features):
        """Logits and elevations [n][direction] of averaged features."""
        found = self.say(functional.selu(self.second(features)))
        return found[:, :DIRECTIONS], found[:, DIRECTIONS:]

    def macs(self):
        """Products of a frame's part and of the judging part."""
        layers = self.banks * len(DILATIONS) * (self.width**2 + 3 * self.width)
        front = (self.microphones * self.width * STEM + layers + self.width * self.beams) * FRAME
        return front + self.beams * self.dense * FRAME // PIECE, self.dense**2 + 2 * DIRECTIONS * self.dense
