"""How the networks of a tier learn: first the tones, at single pixels of whole pictures, then both, on squares."""

import copy
import time

import torch
from torch.nn import functional

import metrics
from network import mapped


class Learner:
    """One network and what trains it. On a GPU a step is captured once and replayed."""

    def __init__(self, network, groups, loss, keep=0.999):
        self.network, self.loss_of, self.keep = network, loss, keep
        self.device = next(network.parameters()).device
        captured = self.device.type == "cuda"
        for group in groups:
            group["lr"] = torch.tensor(group["lr"], device=self.device) if captured else group["lr"]
        self.optimizer = torch.optim.AdamW(groups, weight_decay=1e-2, capturable=captured, foreach=True)
        self.rates = [float(group["lr"]) for group in groups]
        self.average = copy.deepcopy(network)
        self.total, self.count = torch.zeros((), device=self.device), 0
        self.graph = self.captured() if captured else None

    def once(self):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss_of(self.network)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0, foreach=True)
        self.optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.network.parameters()), 1 - self.keep)
            self.total += loss.detach()

    def captured(self):
        self.set_rate(0)
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                self.once()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        self.optimizer.zero_grad(set_to_none=True)
        with torch.cuda.graph(graph):
            self.once()
        self.total.zero_()
        return graph

    def set_rate(self, share):
        for group, rate in zip(self.optimizer.param_groups, self.rates):
            if isinstance(group["lr"], torch.Tensor):
                group["lr"].fill_(rate * share)
            else:
                group["lr"] = rate * share

    def step(self, share):
        self.set_rate(share)
        if self.graph:
            self.graph.replay()
        else:
            self.once()
        self.count += 1

    def mean_loss(self):
        mean = float(self.total) / max(1, self.count)
        self.total.zero_()
        self.count = 0
        return mean


def learn(learners, name, steps=None, seconds=None, every=10, report=print, save=None):
    """Takes turns until the steps, or the seconds of the clock, are over; the rate rises at first, then falls to
    nothing along a cosine. Gives back how many steps each took and the mean losses on the way."""
    started, last, taken, history = time.time(), time.time(), 0, []
    while True:
        share = taken / steps if steps else (time.time() - started) / seconds
        if share >= 1:
            break
        rate = min(1, (taken + 1) / 200) * 0.5 * (1 + torch.cos(torch.tensor(share * torch.pi)).item())
        for learner in learners:
            learner.step(rate)
        taken += 1
        if taken % 20 == 0 and learners[0].device.type == "cuda":
            torch.cuda.synchronize()  # or the clock would run ahead of the work
        if time.time() - last > every:
            last = time.time()
            losses = [round(learner.mean_loss(), 4) for learner in learners]
            history.append({"phase": name, "step": taken, "seconds": round(last - started, 1), "losses": losses})
            report(history[-1])
            if save:
                save([learner.average for learner in learners])
    return taken, history


def squared(found, truth):
    return ((found - truth) ** 2).mean((1, 2, 3))


def cut(place):
    """What takes exponents of whole pictures to where pixels are."""
    return lambda exponents: functional.grid_sample(exponents, place, padding_mode="border", align_corners=False)


def tone_loss(network, samples, count=16):
    """As nano applies it, whatever follows: the logarithm of the squared error, which is PSNR. What is cut off above
    one and below nought counts too, so that it is drawn back."""
    small, pixels, truth, place = samples.everywhere(count)
    found, mean = network.coefficients(small)
    raw = mapped(found[0] if isinstance(found, tuple) else found, mean, pixels)
    error = squared(network.lifted(found, mean, pixels, cut(place)), truth) + squared(raw, raw.clamp(0, 1))
    return torch.log(error + 1e-4).mean()


def clean_loss(network, samples, count, size, likeness=5.0):
    """PSNR and SSIM of squares, and PSNR of the tones alone so that they do not drift."""
    small, dark, bright, place = samples.squares(count, size)
    prepared, bright = samples.turned(network.prepared(dark, cut(place), small), bright)
    half = torch.autocast(prepared.device.type, torch.bfloat16, prepared.device.type == "cuda", cache_enabled=False)
    with half:
        found = network.clean(prepared.contiguous(memory_format=LAYOUT))
    found = found.float().clamp(0, 1)
    error = torch.log(squared(found, bright) + 1e-4).mean()
    return error + likeness * (1 - metrics.ssim(found, bright, stride=2).mean()) + 0.5 * tone_loss(network, samples)


LAYOUT = torch.contiguous_format
