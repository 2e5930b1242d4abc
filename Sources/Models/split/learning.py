"""What the steps that train a split share: kept answers in batches, means of weights, and descent."""

import copy
import itertools
import time

import numpy
import torch

from codec import RATES, rounded
from fit import groups_of, learning_rate
from losses import divergence
from lite0 import SameConv

RATE_ODDS = (1.0, 1.0, 2.0, 2.0, 3.0, 3.0)
NOISE = 0.5  # the largest deviation of what an int8 head computes from the latent


class Kept:
    """The versions of pictures that witnesses.py kept, as endless batches; with `broad` those without labels too."""

    def __init__(self, folder, names, broad=True):
        self.folder, self.names = folder, names
        self.patterns = ("version-*", "broad-*") if broad else ("version-*",)
        self.versions = {}

    def look(self):
        """Open what has been written since; a version is whole once it has its labels."""
        for path in sorted(path for pattern in self.patterns for path in self.folder.glob(f"{pattern}/wanted.npy")):
            if path.parent.name not in self.versions:
                arrays = [numpy.load(path.parent / f"{name}.npy", mmap_mode="r") for name in self.names]
                self.versions[path.parent.name] = arrays

    def batches(self, batch, generator):
        """Dicts of tensors; every version of every picture comes once before any comes again."""
        while True:
            self.look()
            places = [(arrays, row) for arrays in self.versions.values() for row in range(len(arrays[0]))]
            order = torch.randperm(len(places), generator=generator).numpy()
            for chosen in order[: len(order) // batch * batch].reshape(-1, batch):
                rows = [[array[places[index][1]] for array in places[index][0]] for index in chosen]
                yield {name: torch.from_numpy(numpy.stack(column).astype(numpy.float32))
                       for name, column in zip(self.names, zip(*rows))}


def drawn_rates(count, generator):
    return torch.multinomial(torch.tensor(RATE_ODDS), count, replacement=True, generator=generator)


def as_coded(latent, generator):
    """Integers as an int8 head could give them: each picture's latent with noise of a deviation of its own."""
    deviation = NOISE * torch.rand((len(latent), 1, 1, 1), generator=generator)
    return rounded(latent + deviation * torch.randn(latent.shape, generator=generator))


def as_sent(split, coded, rates):
    """What a tail gets of a head's integers."""
    return split.send(coded, rates).contiguous(memory_format=torch.channels_last)


class Average:
    """A running mean of parameters and statistics, short at first."""

    def __init__(self, model, horizon):
        self.model, self.horizon, self.steps = copy.deepcopy(model).eval(), horizon, 0

    @torch.no_grad()
    def update(self, model):
        self.steps += 1
        share = max(1 / self.horizon, 2 / (self.steps + 2))
        for mean, value in zip(self.model.state_dict().values(), model.state_dict().values()):
            if mean.is_floating_point():
                mean.lerp_(value, share)


class SingleConv(SameConv):
    """In single precision among layers of half: on a CPU the gradients of depthwise layers take several times as long
    in bfloat16."""

    def forward(self, x):
        with torch.autocast("cpu", enabled=False):
            return super().forward(x.float())


def for_training(model):
    """In evaluation mode, so that normalizations keep their statistics."""
    for layer in model.modules():
        if isinstance(layer, SameConv) and layer.groups > 1:
            layer.__class__ = SingleConv
    return model.eval().to(memory_format=torch.channels_last)


class Validation:
    def __init__(self, folder):
        with numpy.load(folder / "validation.npz") as arrays:
            self.features, self.labels, self.logits = (
                torch.from_numpy(arrays[name]) for name in ("features-4", "labels", "logits"))

    def coded(self, split):
        return torch.cat([rounded(split.bottleneck(part.float())) for part in self.features.split(32)])

    @torch.no_grad()
    def figures(self, split):
        """Estimated bytes, accuracy, cross-entropy, and divergence from the unsplit network, by rate."""
        coded, found = self.coded(split), {"bytes": [], "val": [], "loss": [], "divergence": []}
        for rate in range(len(RATES)):
            rates = torch.full((len(coded),), rate)
            sent = as_sent(split, coded, rates)
            found["bytes"].append(round(float(split.bytes(sent, sent, rates).mean())))
            logits = torch.cat([split.tail_stages(part)[1] for part in sent.split(16)])
            found["val"].append(round(float((logits.argmax(1) == self.labels).double().mean()), 4))
            found["loss"].append(round(float(torch.nn.functional.cross_entropy(logits, self.labels)), 4))
            found["divergence"].append(round(float(divergence(logits, self.logits)), 4))
        return found


def descend(parts, options, batches, generator, step, report):
    """AdamW over `parts`, groups of (module, peak rate, decay), by a half cosine until --steps or --seconds; all other
    parameters stay."""
    torch.manual_seed(options.seed)
    for module, _, _ in parts:
        module.requires_grad_(True)
    parts = [(module, options.rate * peak, decay) for module, peak, decay in parts]
    optimizer = torch.optim.AdamW(list(groups_of(parts)))
    values = [p for group in optimizer.param_groups for p in group["params"]]
    began, reports = time.monotonic(), 0
    for steps, rows in zip(itertools.count(), batches):
        fraction = max(steps / options.steps, (time.monotonic() - began) / options.seconds)
        if fraction >= reports / options.reports:
            reports += 1
            report(steps, time.monotonic() - began)
        if fraction >= 1:
            return {"steps": steps, "seconds": round(time.monotonic() - began), "seed": options.seed}
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * learning_rate(fraction)
        optimizer.zero_grad(set_to_none=True)
        step(rows, generator).backward()
        torch.nn.utils.clip_grad_norm_(values, 5.0)
        optimizer.step()
