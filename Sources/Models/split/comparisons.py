"""Trains what the split is compared with (baselines.py) against the same unsplit networks, one step after the other.

    python comparisons.py distil ... --name bottlefit-12 --seconds 600
    python comparisons.py tune   ... --name bottlefit-12 --seconds 300
    python comparisons.py distil ... --name bottlefit-3 --like bottlefit-12 --seconds 200
    python comparisons.py join   ...

where ... is `--trained run --packed packed --task grocery --output comparisons`. `distil` is head distillation: encoder
and decoder learn the features that they stand in for, under a rate term if the name has an aim in bytes. They learn
from quarters of pictures, which are more different from each other than whole ones for the same work, and in the last
fifth of the time from whole ones. `tune` is fine-tuning with the encoder frozen: decoder and tail learn labels and the
unsplit network's answers. `--like` goes on from the weights of another rate, or of the same, and with `--like-task` of
another task. `join` writes all of a task into the file of --trained that measure.py reads.
"""

import argparse
import json
import time
from pathlib import Path

import torch

from baselines import comparison
from fit import Machine, accuracy, over
from learning import descend
from losses import RateControl, cross_entropy, divergence
from pictures import SIDE, jitter, load, mixed, normalise, random_crops
from restore import contents, restore
from store import pack, start_from

DECAY = 0.02
WHOLE = 0.8  # of the time, from which on heads learn from whole pictures
FREE = 100  # steps before the rate term is steered
FILES = {"grocery": "baselines", "trashnet": "trashnet"}


def crops(data, batch, side=SIDE):
    """Endless batches of (pictures, labels); smaller sides are parts of the same scale."""
    pictures, extent, labels = data
    area = (side / SIDE) ** 2
    while True:
        for chosen in torch.randperm(len(pictures)).split(batch):
            parts = random_crops(pictures[chosen], extent[chosen], 0.4 * area, side, area)
            yield normalise(jitter(parts)).contiguous(memory_format=torch.channels_last), labels[chosen]


def growing(data, batch, seconds):
    """Quarters of pictures, and then whole ones."""
    began, parts, whole = time.monotonic(), crops(data, 4 * batch, SIDE // 2), crops(data, batch)
    while True:
        yield next(parts if time.monotonic() - began < WHOLE * seconds else whole)


class Step:
    """A step's networks, data, records and file."""

    def __init__(self, options):
        self.options = options
        torch.manual_seed(options.seed)
        self.machine = Machine(options.device, options.batch, options.device == "cuda", print)
        networks = restore(options.trained, options.packed / "backbone.npz")[0]
        self.unsplit = self.machine.place(networks[options.task]["unsplit"])
        path = options.packed / "pictures.npz"
        self.data = load(path, options.task, "train", options.device)
        self.validation = load(path, options.task, "val", options.device)
        self.classes = self.unsplit.rest.classifier.out_features
        model, self.aim = comparison(options.name, self.classes)
        self.model, self.records = self.machine.place(model).eval().requires_grad_(False), []
        start_from(self.model, self.unsplit.state_dict(), self.model.FIRST)

    def path(self, name, task=None):
        return self.options.output / f"{task or self.options.task}-{name}.pt"

    def take(self, name, task=None):
        """What another file has in the same shape; each task has a tail of its own. Returns that file's records."""
        found = torch.load(self.path(name, task), weights_only=True)
        own, same_task = self.model.state_dict(), task in (None, self.options.task)
        fits = {key: value for key, value in found["state"].items()
                if own[key].shape == value.shape and (same_task or not key.startswith("rest."))}
        self.model.load_state_dict(own | fits)
        return found["records"]

    def run(self, phase, parts, batches, loss):
        """Train `parts` by loss(steps, x, labels), which gives figures to show too, and save everything."""
        options, shown, steps = self.options, [], 0
        for module, _, _ in parts:
            module.train()

        def step(rows, generator):
            nonlocal steps
            with self.machine.lower_precision():
                value, figures = loss(steps, *rows)
            steps += 1
            shown.append((float(value.detach()), figures))
            return value

        def report(done, seconds):
            recent = [value for value, _ in shown[-50:]]
            mean = sum(recent) / max(1, len(recent))
            print(f"{options.name} {phase}, {done} steps, {seconds:.0f} s: {mean:.3f} {shown[-1][1] if shown else ''}",
                  flush=True)

        record = descend(parts, options, batches, None, step, report)
        record = {"phase": f"{options.task} {options.name} {phase}", "batch": options.batch} | record | shown[-1][1]
        self.model.eval().requires_grad_(False)
        record |= self.figures()
        print(json.dumps(record), flush=True)
        path, state = self.path(options.name), self.model.state_dict()
        state = {key: value.cpu().contiguous() for key, value in state.items()}
        torch.save({"state": state, "records": [*self.records, record]}, path.with_suffix(".partial"))
        path.with_suffix(".partial").replace(path)

    @torch.no_grad()
    def figures(self):
        def answers(x):
            arrived, bits = self.model.send(x, noisy=False)
            return self.model.tail_stages(arrived)[1], bits

        logits, bits = over(self.machine, self.validation[0], answers, batch=8)
        return {"val": accuracy(logits, self.validation[2]), "bytes": round(bits.mean().item() / 8)}


def begin(step, features):
    """Scales of an untrained encoder and decoder: of the latent, and a share of what the features deviate by. An
    optimizer would take long to learn that alone."""
    model, (x, _) = step.model, next(crops(step.data, 32, SIDE // 2))
    if step.aim:
        model.scale_latent(x)
    with torch.no_grad():
        made, wanted, layer = model.train().decoder(model.send(x, noisy=True)[0]), features(x), model.last_layer()
        factor = 0.3 * wanted.std((0, 2, 3)) / made.std((0, 2, 3)).clamp_min(1e-6)
        layer.weight.mul_(factor.view(-1, 1, 1, 1))
        layer.bias.copy_(wanted.mean((0, 2, 3)) - factor * (made.mean((0, 2, 3)) - layer.bias))
    model.eval()


def distil(step):
    options, model = step.options, step.model
    front = torch.nn.Sequential(step.unsplit.front, *step.unsplit.rest.blocks[: model.FIRST]).eval()
    if options.like or options.like_task:
        records = step.take(options.like or options.name, options.like_task)
        if options.like == options.name:  # goes on from its own
            step.records = records
    else:
        begin(step, front)
    control = RateControl([step.aim], options.device) if step.aim else None

    def loss(steps, x, labels):
        with torch.no_grad():
            wanted = front(x).float()
        arrived, bits = model.send(x, noisy=True)
        error = (model.decoder(arrived).float() - wanted).square().mean() / wanted.var()
        if control is None:
            return error, {"error": round(error.item(), 4)}
        bits = bits * (SIDE / x.shape[-1]) ** 2  # as of a whole picture
        cost = control.loss(bits.unsqueeze(1), control=steps > FREE)
        return error + cost, {"error": round(error.item(), 4), "sent": round(control.mean.item()),
                              "lambda": round(control.weights.item(), 4)}

    rate = 1e-3 if step.aim else 2e-3
    parts = [(model.encoder, rate, DECAY), (model.decoder, rate, DECAY)]
    parts += [(model.prior, 3 * rate, 0)] if step.aim else []
    step.run("distil", parts, growing(step.data, options.batch, options.seconds), loss)


def tune(step):
    options, model = step.options, step.model
    step.records = step.take(options.name)
    if options.like:  # the tail of another rate has learnt to read such features already
        tail = torch.load(step.path(options.like), weights_only=True)["state"]
        model.rest.load_state_dict({key[5:]: value for key, value in tail.items() if key.startswith("rest.")})
    step.unsplit.eval()

    def loss(steps, x, labels):
        x, wanted = mixed(x, labels, step.classes)
        with torch.no_grad():
            answer = step.unsplit(x)
            with step.machine.lower_precision(False):
                arrived, _ = model.send(x.float(), noisy=False)
        logits = model.tail_stages(arrived)[1]
        return 0.5 * cross_entropy(logits, wanted) + 0.5 * divergence(logits, answer), {}

    parts = [(model.decoder, 1e-3, DECAY), (model.rest, 3e-4, DECAY)]
    step.run("tune", parts, crops(step.data, options.batch), loss)


def join(options):
    """All of a task, as differences from its unsplit network."""
    unsplit = restore(options.trained, options.packed / "backbone.npz")[0][options.task]["unsplit"].state_dict()
    models, earlier = contents(options.trained)
    own = {name: model for name, model in models.items() if name == "trashnet unsplit" and options.task == "trashnet"}
    records = [record for record in earlier if record["phase"] in own]
    for path in sorted(options.output.glob(f"{options.task}-*.pt")):
        name, found = path.stem.removeprefix(f"{options.task}-"), torch.load(path, weights_only=True)
        first = comparison(name, len(unsplit["rest.classifier.bias"]))[0].FIRST
        own[f"{options.task} {name}"] = pack(found["state"], unsplit, first)
        records += found["records"]
    torch.save({"models": own, "records": records}, options.trained / f"{FILES[options.task]}.pt")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["distil", "tune", "join"])
    parser.add_argument("--trained", type=Path, required=True)
    parser.add_argument("--packed", type=Path, required=True)
    parser.add_argument("--task", choices=list(FILES), required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--name", help="bottlefit-CHANNELS or entropic-BYTES")
    parser.add_argument("--like", help="a name to go on from")
    parser.add_argument("--like-task", choices=list(FILES), help="the task of the weights to go on from")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--steps", type=float, default=float("inf"))
    parser.add_argument("--rate", type=float, default=1.0, help="times the usual learning rates")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--reports", type=int, default=5)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    if options.step == "join":
        return join(options)
    {"distil": distil, "tune": tune}[options.step](Step(options))


if __name__ == "__main__":
    main()
