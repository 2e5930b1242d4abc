"""The three phases: train the unsplit teacher, distil the split's front, fine-tune the split's decoder and tail."""

import copy
import math
import time

import numpy
import torch
from torch import nn

from data import INPUT_SIZE, to_tensor, training_batches

BATCH = 32
WARM_UP = 0.06


class Phase:
    """How one phase trains: its peak learning rate and, by fraction of its epochs, the picture side."""

    def __init__(self, name, rate, decay, sizes, smallest):
        self.name, self.rate, self.decay, self.sizes, self.smallest = name, rate, decay, sizes, smallest

    def size(self, fraction):
        return next(size for end, size in self.sizes if fraction < end)

    def learning_rate(self, fraction):
        if fraction < WARM_UP:
            return self.rate * (fraction + 0.01) / WARM_UP
        return self.rate * (0.5 + 0.5 * math.cos(math.pi * (fraction - WARM_UP) / (1 - WARM_UP)))


PHASES = [
    Phase("teacher", 2e-3, 0.05, [(0.78, 96), (0.98, 128), (1.1, INPUT_SIZE)], 0.3),
    Phase("distil", 2e-3, 0.01, [(0.8, 96), (1.1, 128)], 0.3),
    Phase("tune", 1e-3, 0.05, [(0.6, 96), (0.9, 128), (1.1, INPUT_SIZE)], 0.3),
]


@torch.no_grad()
def predict(network, pictures, size=INPUT_SIZE, device="cpu", batch=64):
    """The most probable class of each picture, at another size if asked (area-averaged)."""
    network.eval()
    answers = []
    for start in range(0, len(pictures), batch):
        x = to_tensor(pictures[start : start + batch])
        if size != x.shape[2]:
            x = nn.functional.interpolate(x, size=(size, size), mode="area")
        answers.append(network(x.to(device)).argmax(1).cpu())
    return torch.cat(answers).numpy()


def accuracy(network, pictures, labels, size=INPUT_SIZE, device="cpu"):
    return float((predict(network, pictures, size, device) == labels).mean())


def teacher_loss(models, x, labels, random):
    """Cross-entropy with label smoothing on mixed pictures (mixup)."""
    share = float(random.beta(0.2, 0.2))
    other = torch.from_numpy(random.permutation(len(x))).to(x.device)
    logits = models["unsplit"](x * share + x[other] * (1 - share))
    entropy = nn.CrossEntropyLoss(label_smoothing=0.1)
    return share * entropy(logits, labels) + (1 - share) * entropy(logits, labels[other])


def distil_loss(models, x, labels, random):
    """Mean squared errors at the decoder's output and after each stage of the tail, each in units of its variance."""
    with torch.no_grad():
        wanted = models["unsplit"].stages(x)[:3]
    got = models["split"].stages(x)[:3]
    return sum((a - b).square().mean() / b.var() for a, b in zip(got, wanted))


def tune_loss(models, x, labels, random):
    """Half cross-entropy, half divergence from the teacher's answer to the same mixed picture."""
    share = float(random.beta(0.2, 0.2))
    other = torch.from_numpy(random.permutation(len(x))).to(x.device)
    mixed = x * share + x[other] * (1 - share)
    with torch.no_grad():
        wanted = torch.softmax(models["unsplit"](mixed) / 2, 1)
    logits = models["split"](mixed)
    entropy = nn.CrossEntropyLoss(label_smoothing=0.1)
    hard = share * entropy(logits, labels) + (1 - share) * entropy(logits, labels[other])
    soft = nn.functional.kl_div(torch.log_softmax(logits / 2, 1), wanted, reduction="batchmean") * 4
    return 0.5 * hard + 0.5 * soft


LOSSES = {"teacher": teacher_loss, "distil": distil_loss, "tune": tune_loss}


def trained_parts(name, models):
    """The modules whose weights a phase changes; everything else is frozen, batch statistics included."""
    split = models["split"]
    return {
        "teacher": [models["unsplit"]],
        "distil": [split.stem, split.bottleneck, split.decoder],
        "tune": [split.decoder, split.tail],
    }[name]


def begin(name, models):
    """Before distillation, give the split network the teacher's stem and tail."""
    if name == "distil":
        models["split"].stem.load_state_dict(models["unsplit"].stem.state_dict())
        models["split"].tail.load_state_dict(models["unsplit"].tail.state_dict())


def set_modes(name, models):
    """Freeze everything but what the phase trains."""
    for model in models.values():
        model.eval()
        model.requires_grad_(False)
    for part in trained_parts(name, models):
        part.train()
        part.requires_grad_(True)


def make_optimizer(phase, models):
    parameters = [p for part in trained_parts(phase.name, models) for p in part.parameters()]
    return torch.optim.AdamW(
        [
            {"params": [p for p in parameters if p.dim() > 1], "weight_decay": phase.decay},
            {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0.0},
        ],
        lr=phase.rate,
        fused=True,
    )


def train(models, epochs, train_set, val_set, state, save, device, seed):
    """Run the phases from `state` on; `save(state)` is called after every epoch.

    `epochs` maps a phase to its number of epochs. `state` holds phase, epoch, optimizer and history.
    """
    steps = len(train_set[0]) // BATCH
    for index, phase in enumerate(PHASES):
        if index < state["phase"] or epochs[phase.name] == 0:
            continue
        if index > state["phase"] or state["optimizer"] is None:
            begin(phase.name, models)
            state.update(phase=index, epoch=0, optimizer=None)
        set_modes(phase.name, models)
        optimizer = make_optimizer(phase, models)
        if state["optimizer"] is not None:
            optimizer.load_state_dict(state["optimizer"])
        student = models["unsplit" if phase.name == "teacher" else "split"]
        for epoch in range(state["epoch"], epochs[phase.name]):
            began = time.monotonic()
            random = numpy.random.default_rng([seed, index, epoch])
            torch.manual_seed(seed * 1_000_003 + index * 1009 + epoch)
            size = phase.size(epoch / epochs[phase.name])
            set_modes(phase.name, models)
            total = 0.0
            for step, (x, labels) in enumerate(training_batches(*train_set, size, BATCH, random, phase.smallest)):
                rate = phase.learning_rate((epoch + step / steps) / epochs[phase.name])
                for group in optimizer.param_groups:
                    group["lr"] = rate
                loss = LOSSES[phase.name](models, x.to(device), labels.to(device), random)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item()
            record = {
                "phase": phase.name,
                "epoch": epoch + 1,
                "size": size,
                "loss": round(total / steps, 4),
                "seconds": round(time.monotonic() - began, 1),
            }
            if epoch % 3 == 2 or epoch + 1 == epochs[phase.name]:
                record["val"] = round(accuracy(student, *val_set, size, device), 4)
            state["history"].append(record)
            print(record, flush=True)
            state.update(epoch=epoch + 1, optimizer=copy.deepcopy(optimizer.state_dict()))
            save(state)
