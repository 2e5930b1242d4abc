"""What the phases minimise."""

import torch
from torch import nn


def cross_entropy(logits, wanted, smoothing=0.1):
    """Against soft labels, smoothed."""
    wanted = wanted * (1 - smoothing) + smoothing / wanted.shape[1]
    return -(wanted * torch.log_softmax(logits.float(), 1)).sum(1).mean()


def divergence(logits, teacher, temperature=2.0):
    """From the teacher's answer, both softened."""
    student = torch.log_softmax(logits.float() / temperature, 1)
    teacher = torch.softmax(teacher.float() / temperature, 1)
    return nn.functional.kl_div(student, teacher, reduction="batchmean") * temperature**2


def feature_error(features, teacher, blocks):
    """Sum over the blocks of the mean squared error in units of the teacher's variance."""
    total = 0.0
    for block in blocks:
        wanted = teacher[block].float()
        total = total + (features[block].float() - wanted).square().mean() / wanted.var().clamp_min(1e-6)
    return total


class RateControl:
    """Weights of the layers' bytes in the loss, raised or lowered until each layer takes its share of bytes.

    The weight of a layer moves by at most 2 % a step in proportion to how far the running mean of its bytes is from
    the aim. A layer that needs fewer bytes than its aim stays below it with the smallest weight.
    """

    def __init__(self, aims, device, start=0.05, smallest=0.01, largest=5.0):
        self.aims = torch.tensor(aims, dtype=torch.float32, device=device)
        self.weights = torch.full_like(self.aims, start)
        self.mean = None
        self.limits = (smallest, largest)

    def loss(self, bits, control=True):
        """Weighted kilobytes of a picture; `bits` is pictures x layers."""
        sizes = bits.float().mean(0) / 8
        with torch.no_grad():
            self.mean = sizes.detach() if self.mean is None else self.mean * 0.95 + sizes.detach() * 0.05
            if control:
                excess = (self.mean / self.aims - 1).clamp(-1, 1)
                self.weights.mul_(torch.exp(0.02 * excess)).clamp_(*self.limits)
        return (self.weights * sizes).sum() / 1000
