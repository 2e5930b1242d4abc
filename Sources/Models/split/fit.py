"""The training loop: some parts of some networks, for a number of seconds."""

import math
import time

import torch

from pictures import batches, normalise

WARM_UP = 0.06


def learning_rate(fraction):
    """Of the peak: a short rise, then a half cosine to zero."""
    if fraction < WARM_UP:
        return (fraction + 0.005) / WARM_UP
    return 0.5 + 0.5 * math.cos(math.pi * min(1, (fraction - WARM_UP) / (1 - WARM_UP)))


class Machine:
    """Where and how everything runs."""

    def __init__(self, device, batch, half, report):
        self.device, self.batch, self.half, self.report = device, batch, half, report
        self.format = torch.channels_last

    def place(self, model):
        return model.to(self.device, memory_format=self.format)

    def lower_precision(self, enabled=True):
        return torch.autocast(self.device, dtype=torch.bfloat16, enabled=enabled and self.half)

    def wait(self):
        if self.device == "cuda":
            torch.cuda.synchronize()


def groups_of(parts):
    """Optimizer groups: (module, peak learning rate, weight decay); vectors do not decay."""
    for module, peak, decay in parts:
        matrices = [p for p in module.parameters() if p.dim() > 1]
        vectors = [p for p in module.parameters() if p.dim() <= 1]
        for parameters, amount in ((matrices, decay), (vectors, 0.0)):
            if parameters:
                yield {"params": parameters, "weight_decay": amount, "peak": peak, "lr": 0.0}


def fit(machine, name, seconds, data, models, parts, step, seed):
    """Train `parts`; all else in `models` is frozen, its batch statistics included.

    `step(x, labels, fraction)` gives the loss and a dict of figures to show. Returns a record of the phase.
    """
    torch.manual_seed(seed)
    for model in models:
        model.eval()
        model.requires_grad_(False)
    for module, _, _ in parts:
        module.train()
        module.requires_grad_(True)
    optimizer = torch.optim.AdamW(list(groups_of(parts)), fused=machine.device == "cuda")
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    began, steps, shown, mean = time.monotonic(), 0, 0.0, None
    for x, labels in batches(data, machine.batch):
        fraction = (time.monotonic() - began) / seconds
        if fraction >= 1 and steps > 0:
            break
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * learning_rate(min(fraction, 1))
        x = x.contiguous(memory_format=machine.format)
        with machine.lower_precision():
            loss, figures = step(x, labels, fraction)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 5.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        steps += 1
        if steps % 20 == 0 or mean is None:  # also keeps the host from running far ahead of the device
            value = loss.item()
            mean = value if mean is None else 0.8 * mean + 0.2 * value
            if fraction >= shown + 0.34:
                shown = fraction
                machine.report(f"  {name} {100 * fraction:.0f} % step {steps} loss {mean:.3f}{show(figures)}")
    machine.wait()
    elapsed = time.monotonic() - began
    record = {"phase": name, "steps": steps, "seconds": round(elapsed, 1), "loss": round(mean, 4), "seed": seed,
              "pictures_per_second": round(steps * min(machine.batch, len(data[0])) / elapsed)}
    record |= {key: tidy(value) for key, value in figures.items()}
    return record


def tidy(value):
    if torch.is_tensor(value):
        value = value.detach().float().cpu().tolist()
    return [round(v, 4) for v in value] if isinstance(value, list) else round(value, 4)


def show(figures):
    return "".join(f" {key} {tidy(value)}" for key, value in figures.items())


@torch.no_grad()
def over(machine, pictures, answer, batch=64):
    """Concatenate what `answer(x)` gives (a tuple of tensors with a row a picture) over all pictures.

    The last batch is filled up, so that the device sees one shape.
    """
    rows = []
    batch = min(batch, len(pictures))
    for start in range(0, len(pictures), batch):
        part = pictures[start : start + batch]
        count = len(part)
        if count < batch:
            part = torch.cat([part, part[:1].expand(batch - count, -1, -1, -1)])
        x = normalise(part).contiguous(memory_format=machine.format)
        rows.append([value[:count].float().cpu() for value in answer(x)])
    return [torch.cat(column) for column in zip(*rows)]


def accuracy(logits, labels):
    return round((logits.argmax(1) == labels.cpu()).float().mean().item(), 4)


def fastest_format(machine, model, side=224):
    """Time a few training steps in both memory formats and keep the faster one."""
    times = {}
    for name, layout in (("channels_last", torch.channels_last), ("contiguous", torch.contiguous_format)):
        model.to(memory_format=layout)
        x = torch.randn(machine.batch, 3, side, side, device=machine.device).contiguous(memory_format=layout)
        for step in range(9):
            if step == 3:
                machine.wait()
                began = time.monotonic()
            with machine.lower_precision():
                loss = model(x).float().square().mean()
            loss.backward()
            model.zero_grad(set_to_none=True)
        machine.wait()
        times[name] = (time.monotonic() - began) / 6
    machine.report(f"seconds a step: {({name: round(value, 4) for name, value in times.items()})}")
    chosen = min(times, key=times.get)
    machine.format = torch.channels_last if chosen == "channels_last" else torch.contiguous_format
    model.to(memory_format=machine.format)
