"""What networks should say, how far off it is, and how a direction is read from it."""

import math

import torch

DIRECTIONS, SPREAD = 72, 4.0
ELEVATION = 3.0  # how much an error of elevation counts
GRID = torch.arange(DIRECTIONS) * (2 * math.pi / DIRECTIONS)


def difference(one, other):
    """The angle from one direction to another, of -pi to pi."""
    return torch.remainder(one - other + math.pi, 2 * math.pi) - math.pi


def bells(azimuth, weight):
    """[n][direction]: a bell of 4 degrees around each talker [n][2], even where the weights are zero."""
    offset = difference(GRID.to(azimuth.device), azimuth[..., None])
    bell = torch.softmax(-0.5 * (offset / math.radians(SPREAD)) ** 2, -1)
    total = weight.sum(1, keepdim=True)
    share = weight / total.clamp(min=1e-6)
    mixed = (bell * share[..., None]).sum(1)
    return torch.where(total > 0, mixed, torch.full_like(mixed, 1 / DIRECTIONS))


def loss(logits, heights, azimuth, weight, elevation):
    """Divergence from the bells, the expected distance from the first talker, and the elevation at its place."""
    wanted = bells(azimuth, weight)
    found = torch.log_softmax(logits.float(), 1)
    divergence = (torch.xlogy(wanted, wanted) - wanted * found).sum(1).mean()
    talks = (weight[:, 0] > 0).float()
    distance = difference(GRID.to(azimuth.device), azimuth[:, :1]).abs()
    expected = ((found.exp() * distance).sum(1) * talks).mean()
    height = (wanted * heights.float()).sum(1)
    off = torch.nn.functional.huber_loss(height, elevation.abs(), reduction="none", delta=.3) * talks
    return divergence + 0.5 * expected + ELEVATION * off.mean(), divergence.detach(), expected.detach()


def direction(logits):
    """The azimuth with the least expected distance, on a grid of one degree, in radians."""
    chance = torch.softmax(logits.float(), 1)
    fine = torch.arange(360, device=logits.device) * (math.pi / 180)
    distance = difference(fine[:, None], GRID.to(logits.device)[None]).abs()
    return fine[(chance @ distance.T).argmin(1)]
