"""A network from samples to directions by way of products of microphones: CircleNet.

A bank of filters, the same for all microphones, makes pairs (re, im) of each band; they are divided by the band's
strength over all microphones; products of two microphones tell phase differences. A small network over levels says
which moments of which bands are to be believed. Matrices, one a band, make of the products what each direction
would have given: they start as delay and sum and are trained. Then convolutions run around the circle, over bands
and time. Several frames' features are averaged before the last convolutions.
"""

import math

import torch
from torch import nn
from torch.nn import functional

import arrays
from batches import FRAME
from targets import DIRECTIONS, GRID

SPEED, RATE = 343.0, 16000
TAPS, STEP = 256, 64
TIMES = (FRAME - TAPS) // STEP + 1


def around(x, margin):
    """Continues the last axis, the circle of directions, at both ends."""
    return torch.cat([x[..., -margin:], x, x[..., :margin]], -1)


class Turning(nn.Module):
    """A convolution around the circle [n][channel][time][direction], of three moments or one."""

    def __init__(self, before, after, times=1, taps=5, dilation=1, norm=True):
        super().__init__()
        self.margin = (taps - 1) // 2 * dilation
        self.convolution = nn.Conv2d(before, after, (times, taps), dilation=(1, dilation), padding=(times // 2, 0),
                                     bias=not norm)
        self.norm = nn.BatchNorm2d(after) if norm else nn.Identity()

    def forward(self, x):
        return self.norm(self.convolution(around(x, self.margin) if self.margin else x))


def frequencies(bands):
    """Hz: three quarters of the bands 62.5 Hz apart from 250 Hz, the others on to 7 kHz, farther apart."""
    close = bands * 3 // 4
    first = 250 + 62.5 * torch.arange(close)
    return torch.cat([first, torch.linspace(first[-1].item(), 7000, bands - close + 1)[1:]])


class CircleNet(nn.Module):
    mixed = True  # what comes after products of microphones in bfloat16, in a GPU's training

    def __init__(self, microphones, bands=80, width=32, sets=1, more=0, last=4, hidden=96):
        super().__init__()
        self.microphones, self.bands, self.width, self.sets = microphones, bands, width, sets
        self.hidden = hidden  # channels of what gates moments of bands
        hertz = frequencies(bands)
        time = (torch.arange(TAPS) - TAPS / 2) / RATE
        window = torch.hann_window(TAPS) / math.sqrt(TAPS) * 1.6
        phase = 2 * math.pi * hertz[:, None] * time
        # Speech falls with frequency.
        strength = (hertz / 1000).clamp(.3, 4)[:, None].sqrt()
        bank = torch.cat([phase.cos(), -phase.sin()]) * window * torch.cat([strength, strength])
        self.bank = nn.Parameter(bank[:, None, None])
        self.floor = nn.Parameter(torch.full((bands, 1, 1), math.log(.03)))
        pairs = torch.combinations(torch.arange(microphones))
        self.register_buffer("one", pairs[:, 0].contiguous(), persistent=False)
        self.register_buffer("two", pairs[:, 1].contiguous(), persistent=False)
        self.steering = nn.Parameter(self.delays(hertz, pairs))
        self.threshold = nn.Parameter(torch.full((bands * sets, 1, 1), -.15))
        self.believe = nn.Sequential(
            nn.Conv2d(bands, hidden, (1, 3), padding=(0, 1)), nn.ReLU(),
            nn.Conv2d(hidden, hidden, (1, 3), padding=(0, 1)), nn.ReLU(), nn.Conv2d(hidden, bands, 1))
        nn.init.zeros_(self.believe[-1].weight)
        nn.init.ones_(self.believe[-1].bias)
        self.mix = Turning(bands * sets, width, 1, 1)
        self.near = Turning(width, width, 3, 3)
        self.far = Turning(width, width, 1, 5, 2)
        self.more = nn.ModuleList(Turning(width, width, 3, 3, 3) for _ in range(more))
        self.last = nn.ModuleList(Turning(width, width, 1, 5, 2**index, norm=False) for index in range(last))
        self.say = nn.Conv2d(width, 2, 1)
        with torch.no_grad():
            for layer in self.last:
                layer.convolution.weight.mul_(.7)

    def delays(self, hertz, pairs):
        """[band][re and im of the pairs][set and direction]: delay and sum. The second set looks up."""
        places = arrays.places(self.microphones)[:, :2]
        heading = torch.stack([GRID.cos(), GRID.sin()])
        ahead = (places[pairs[:, 0]] - places[pairs[:, 1]]) @ heading / SPEED
        ahead = torch.cat([ahead * cosine for cosine in (1.0, .6)[:self.sets]], 1)
        angle = 2 * math.pi * hertz[:, None, None] * ahead
        return torch.cat([angle.cos(), angle.sin()], 1) / len(pairs) * 2

    def products(self, frames):
        """[n][band][re and im of the pairs][6 times] of frames [n][microphone][FRAME] of unit power."""
        # A convolution of step STEP, [n][re and im of the bands][microphone][time].
        found = (frames.unfold(2, TAPS, STEP) @ self.bank[:, 0, 0].T).permute(0, 3, 1, 2)
        re, im = found[:, :self.bands], found[:, self.bands:]
        strength = (re.abs() + im.abs()).mean(2, keepdim=True)
        divided = strength + self.floor.exp()
        re, im = re / divided, im / divided
        gate = torch.sigmoid(self.believe(torch.log(strength + .01)))
        both = self.pairs(re, im) * gate
        return functional.avg_pool2d(both, (1, 3), (1, 2))

    def pairs(self, re, im):
        """Products of each microphone with those after it, re and then im. Slices: gradients of what is gathered by
        index would be sums of scattered ones, which a GPU is slow at."""
        along, across = [], []
        for index in range(self.microphones - 1):
            re1, im1 = re[:, :, index:index + 1], im[:, :, index:index + 1]
            re2, im2 = re[:, :, index + 1:], im[:, :, index + 1:]
            along.append(re1 * re2 + im1 * im2)
            across.append(im1 * re2 - re1 * im2)
        return torch.cat(along + across, 2)

    def evidence(self, products):
        """[width][n][6 times][direction]: what every band says of every direction, and the bands mixed.

        Set by set, so that both products of matrices read and write memory in order.
        """
        count, bands, pairs, times = products.shape
        flat = products.permute(1, 0, 3, 2).reshape(bands, count * times, pairs)
        weight = self.mix.convolution.weight.reshape(self.width, self.sets, bands)
        steering = self.steering.reshape(bands, pairs, self.sets, DIRECTIONS)
        threshold = self.threshold.reshape(self.sets, bands, 1, 1)
        if products.is_cuda and self.training and self.mixed:
            flat, weight, steering, threshold = (x.bfloat16() for x in (flat, weight, steering, threshold))
        found = 0
        for index in range(self.sets):
            heard = functional.relu(torch.baddbmm(threshold[index], flat, steering[:, :, index]))
            found = found + weight[:, index] @ heard.reshape(bands, -1)
        return found.float().reshape(self.width, count, times, DIRECTIONS)

    def features(self, frames):
        """[n][width][1][direction]"""
        x = self.evidence(self.products(frames)).transpose(0, 1)
        x = functional.relu(self.mix.norm(x))
        x = x.contiguous(memory_format=torch.channels_last if x.is_cuda else torch.contiguous_format)
        with torch.autocast(x.device.type, torch.bfloat16, enabled=x.is_cuda and self.training and self.mixed):
            x = functional.relu(self.near(x))
            x = functional.relu(x + self.far(x))
            for layer in self.more:
                x = functional.relu(x + layer(x))
        return x.float().mean(2, keepdim=True)

    def judge(self, features):
        """Logits and elevations [n][direction] of averaged features."""
        x = features
        for layer in self.last:
            x = x + functional.relu(layer(x))
        found = self.say(x)
        return found[:, 0, 0], found[:, 1, 0]

    def macs(self):
        """Products of a frame's part and of the judging part."""
        pairs = len(self.one)
        bank = 2 * self.bands * TAPS * self.microphones * TIMES
        believe = (4 * self.bands + 3 * self.hidden) * self.hidden * TIMES
        steer = self.bands * self.sets * 2 * pairs * DIRECTIONS * 6
        turning = (self.bands * self.sets * self.width + self.width**2 * (9 + 5 + 9 * len(self.more))) * DIRECTIONS * 6
        judge = (len(self.last) * self.width**2 * 5 + 2 * self.width) * DIRECTIONS
        return bank + believe + steer + turning, judge
