"""The phases of training, for one data set each: unsplit, our split, its exit, and the two comparisons."""

import torch

from baselines import BottleFit, Entropic
from codec import LAYERS, Split, rounded
from fit import accuracy, fit, over
from losses import RateControl, cross_entropy, divergence, feature_error
from pictures import batches, mixed
from store import start_from

# Bytes that each layer of our latent is trained to take: 400, 700, 1050, 1450, 2400 and 4400 in all.
LAYER_BYTES = (400, 300, 350, 400, 950, 2000)
DECAY = 0.02


class Task:
    """A data set with the networks trained on it."""

    def __init__(self, name, classes, train, val, unsplit):
        self.name, self.classes, self.train, self.val = name, classes, train, val
        self.unsplit = unsplit
        self.split = None
        self.control = None
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


# Our split


def sample_rates(x):
    return torch.randint(0, len(LAYERS), (len(x),), device=x.device)


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


def begin_split(machine, task, seed):
    """The head and the tail's blocks begin as the unsplit network's; latent and features with fitting scales."""
    torch.manual_seed(seed)
    task.split = machine.place(Split(task.classes))
    start_from(task.split, task.unsplit.state_dict(), Split.FIRST)
    task.split.eval()
    x = some_pictures(machine, task)
    task.split.begin_bottleneck(x)
    with torch.no_grad():
        made = task.split.decoder.train()(rounded(task.split.latent(x)))
        wanted = task.unsplit.eval().stages(x)[0][Split.FIRST - 1]
    scale_output(task.split.decoder[-1], made, wanted)
    task.control = RateControl(LAYER_BYTES, machine.device)


def distil_split(machine, task, seconds, seed):
    """Head, prior and decoder learn the unsplit network's features under a rate term; its later blocks are frozen."""
    begin_split(machine, task, seed)
    split, unsplit, control = task.split, task.unsplit, task.control

    def step(x, labels, fraction):
        with torch.no_grad():
            teacher, answer = unsplit.stages(x)
        latent = split.latent(x)
        cost = control.loss(split.layer_bits(latent, noisy=True), control=fraction > 0.1)
        features, logits = split.tail_stages(split.keep(rounded(latent), sample_rates(x)))
        error = feature_error(features, teacher, split.DISTILLED)
        loss = 0.5 * error + divergence(logits, answer) + cost
        return loss, {"error": error, "bytes": control.mean, "lambda": control.weights}

    parts = [(split.front, 4e-4, DECAY), (split.bottleneck, 1e-3, 0), (split.decoder[:-1], 2e-3, DECAY),
             (split.decoder[-1], 2e-2, 0), (split.prior, 3e-3, 0)]
    return fit(machine, f"{task.name} split distil", seconds, task.train, [split, unsplit], parts, step, seed)


def join_split(machine, task, seconds, seed):
    """Everything learns together, the exit too, under the rate term."""
    split, unsplit, control = task.split, task.unsplit, task.control

    def step(x, labels, fraction):
        x, wanted = mixed(x, labels, task.classes)
        plain = len(x) // 2  # rates are those of pictures that are not blends
        with torch.no_grad():
            teacher, answer = unsplit.stages(x)
        latent = split.latent(x)
        cost = control.loss(split.layer_bits(latent[plain:], noisy=True))
        coded = rounded(latent)
        features, logits = split.tail_stages(split.keep(coded, sample_rates(x)))
        loss = answer_loss(logits, wanted, answer) + cost + 0.1 * feature_error(features, teacher, split.DISTILLED)
        loss = loss + 0.2 * answer_loss(split.exit(coded), wanted, answer)
        return loss, {"bytes": control.mean, "lambda": control.weights}

    parts = [(split.front, 2e-4, DECAY), (split.bottleneck, 5e-4, 0), (split.decoder[:-1], 1e-3, DECAY),
             (split.decoder[-1], 5e-3, 0), (split.prior, 2e-3, 0), (split.rest, 3e-4, DECAY), (split.exit, 2e-3, DECAY)]
    return fit(machine, f"{task.name} split joint", seconds, task.train, [split, unsplit], parts, step, seed)


def frozen_latent(machine, split, x):
    """The latent of the frozen head, in full precision, blurred on half the pictures as an int8 head would."""
    with torch.no_grad(), machine.lower_precision(False):
        latent = split.latent(x.float())
        blur = (torch.rand_like(latent) - 0.5) * 0.5
        blur[len(x) // 2 :] = 0
        return rounded(latent + blur)


def tune_split(machine, task, seconds, seed):
    """With the head frozen: decoder and tail, the prior and the exit."""
    split, unsplit = task.split, task.unsplit

    def step(x, labels, fraction):
        x, wanted = mixed(x, labels, task.classes)
        with torch.no_grad():
            answer = unsplit(x)
        coded = frozen_latent(machine, split, x)
        bits = split.layer_bits(coded[len(x) // 2 :], noisy=False)
        _, logits = split.tail_stages(split.keep(coded, sample_rates(x)))
        loss = answer_loss(logits, wanted, answer) + answer_loss(split.exit(coded), wanted, answer)
        sizes = bits.mean(0) / 8
        return loss + sizes.sum() / 4000, {"bytes": sizes}

    parts = [(split.decoder, 5e-4, DECAY), (split.rest, 3e-4, DECAY), (split.prior, 1e-3, 0), (split.exit, 1e-3, DECAY)]
    return fit(machine, f"{task.name} split tune", seconds, task.train, [split, unsplit], parts, step, seed)


def train_exit(machine, task, seconds, seed):
    """The exit alone, with head and tail frozen."""
    split, unsplit = task.split, task.unsplit

    def step(x, labels, fraction):
        x, wanted = mixed(x, labels, task.classes)
        with torch.no_grad():
            answer = unsplit(x)
        return answer_loss(split.exit(frozen_latent(machine, split, x)), wanted, answer), {}

    parts = [(split.exit, 2e-3, DECAY)]
    return fit(machine, f"{task.name} exit", seconds, task.train, [split, unsplit], parts, step, seed)


@torch.no_grad()
def evaluate_split(machine, task):
    """Accuracy and estimated bytes by rate, and what the exit knows."""
    split, labels = task.split, task.val[2]
    split.eval()
    figures = {"val": [], "bytes": []}
    coded, bits, early = over(machine, task.val[0], lambda x: split_answers(split, x))
    for rate in range(len(LAYERS)):
        kept = split.keep(coded.to(machine.device), torch.full((len(coded),), rate, device=machine.device))
        logits = torch.cat([split.tail_stages(part)[1] for part in kept.split(64)])
        figures["val"].append(accuracy(logits.cpu(), labels))
        figures["bytes"].append(round(bits[:, : rate + 1].sum(1).mean().item() / 8))
    sure = torch.softmax(early, 1).amax(1)
    surest = sure.argsort(descending=True)[: round(0.4 * len(sure))]
    figures["exit"] = accuracy(early, labels)
    figures["exit on its surest 40 %"] = accuracy(early[surest], labels.cpu()[surest])
    return figures


def split_answers(split, x):
    coded = rounded(split.latent(x))
    return coded, split.layer_bits(coded, noisy=False), split.exit(coded)


# The comparisons


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
