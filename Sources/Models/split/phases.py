"""The phases of training, for one data set each: unsplit, and the two comparisons."""

import torch

from baselines import BottleFit, Entropic
from fit import accuracy, fit, over
from losses import RateControl, cross_entropy, divergence, feature_error
from pictures import batches, mixed
from store import start_from

DECAY = 0.02


class Task:
    """A data set with the networks trained on it."""

    def __init__(self, name, classes, train, val, unsplit):
        self.name, self.classes, self.train, self.val = name, classes, train, val
        self.unsplit = unsplit
        self.others = {}


def answer_loss(logits, wanted, teacher):
    """Half from the labels, half from the teacher's answers."""
    return 0.5 * cross_entropy(logits, wanted) + 0.5 * divergence(logits, teacher)


# The unsplit network


def train_unsplit(machine, task, seconds, seed):
    model = task.unsplit

    def step(x, labels, fraction):
        x, wanted = mixed(x, labels, task.classes)
        return cross_entropy(model(x), wanted), {}

    parts = [(model.front, 4e-4, DECAY), (model.rest.blocks, 4e-4, DECAY), (model.rest.top, 4e-4, DECAY),
             (model.rest.classifier, 2e-3, DECAY), (model.rest.dropout, 0, 0)]
    return fit(machine, f"{task.name} unsplit", seconds, task.train, [model], parts, step, seed)


@torch.no_grad()
def evaluate_unsplit(machine, task):
    task.unsplit.eval()
    (logits,) = over(machine, task.val[0], lambda x: (task.unsplit(x),))
    return {"val": accuracy(logits, task.val[2])}


# The comparisons


def some_pictures(machine, task):
    """A batch to set first scales by."""
    return next(batches(task.train, machine.batch))[0].contiguous(memory_format=machine.format)


def scale_output(layer, made, wanted, share=0.3):
    """Give what a decoder makes the mean of what is wanted and a share of its deviation, in the decoder's last layer.

    The features' deviations are about 6, far from what a new layer makes, and an optimizer would take long to learn
    that alone. The share is small as what an untrained decoder makes is noise.
    """
    made, wanted = made.float(), wanted.float()
    with torch.no_grad():
        factor = share * wanted.std((0, 2, 3)) / made.std((0, 2, 3)).clamp_min(1e-6)
        layer.weight.mul_(factor.view(-1, *[1] * (layer.weight.dim() - 1)))
        layer.bias.copy_(wanted.mean((0, 2, 3)) - factor * (made.mean((0, 2, 3)) - layer.bias))


def distil_other(machine, task, name, model, seconds, seed, aim=None, like=None):
    """Head distillation of a comparison, with its rate term if it has an aim in bytes.

    `like` is an earlier one, of another rate, to go on from.
    """
    torch.manual_seed(seed)
    model = task.others[name] = machine.place(model)
    if like in task.others:
        earlier = task.others[like].state_dict()
        for key, value in model.state_dict().items():
            if earlier[key].shape == value.shape:
                value.copy_(earlier[key])
    start_from(model, task.unsplit.state_dict(), model.FIRST)
    unsplit = task.unsplit
    control = RateControl([aim], machine.device) if aim else None
    if like not in task.others:
        x = some_pictures(machine, task)
        if aim:
            model.scale_latent(x)
        with torch.no_grad():
            made = model.train().decoder(model.send(x, noisy=True)[0])
            wanted = unsplit.eval().stages(x)[0][model.FIRST - 1]
        scale_output(model.last_layer(), made, wanted)

    def step(x, labels, fraction):
        with torch.no_grad():
            teacher, _ = unsplit.stages(x)
        arrived, bits = model.send(x, noisy=True)
        features, _ = model.tail_stages(arrived)
        error = feature_error(features, teacher, model.DISTILLED)
        if control is None:
            return error, {}
        cost = control.loss(bits.unsqueeze(1), control=fraction > 0.1)
        return error + cost, {"error": error, "bytes": control.mean, "lambda": control.weights}

    rate = 1e-3 if aim else 2e-3
    parts = [(model.encoder, rate, DECAY), (model.decoder, rate, DECAY)]
    if aim:
        parts.append((model.prior, 3e-3, 0))
    return fit(machine, f"{task.name} {name} distil", seconds, task.train, [model, unsplit], parts, step, seed)


def tune_other(machine, task, name, seconds, seed):
    """Decoder and tail of a comparison, its encoder frozen."""
    model, unsplit = task.others[name], task.unsplit

    def step(x, labels, fraction):
        x, wanted = mixed(x, labels, task.classes)
        with torch.no_grad():
            answer = unsplit(x)
            with machine.lower_precision(False):
                arrived, _ = model.send(x.float(), noisy=False)
        return answer_loss(model.tail_stages(arrived)[1], wanted, answer), {}

    parts = [(model.decoder, 1e-3, DECAY), (model.rest, 3e-4, DECAY)]
    return fit(machine, f"{task.name} {name} tune", seconds, task.train, [model, unsplit], parts, step, seed)


@torch.no_grad()
def evaluate_other(machine, task, name):
    model = task.others[name].eval()

    def answers(x):
        arrived, bits = model.send(x, noisy=False)
        return model.tail_stages(arrived)[1], bits

    logits, bits = over(machine, task.val[0], answers)
    return {"val": accuracy(logits, task.val[2]), "bytes": round(bits.mean().item() / 8)}


def comparison(kind, classes):
    """A comparison by its name: bottlefit-C or entropic-BYTES. Returns the network and its aim in bytes."""
    family, amount = kind.split("-")
    if family == "bottlefit":
        return BottleFit(classes, int(amount)), None
    return Entropic(classes), int(amount)
