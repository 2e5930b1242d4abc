"""Makes a split of a trained unsplit network, on a CPU; one step after the other.

    python split.py cache   ... --pictures GroceryStoreDataset/dataset
    python split.py broad   ... --pictures FOLDER... --versions 0 1 2 3
    python split.py begin   ...
    python split.py decoder ... --seconds 420
    python split.py joint   ... --seconds 1560
    python split.py tail    ... --seconds 2700
    python split.py exit    ... --steps 6000
    python split.py join    ...

where ... is `--trained run --packed packed --task grocery --output split`. Everything up to block 4 of the network is
the head's, unchanged; `cache` keeps what it and the later blocks say about twelve versions of each training picture,
so that no other step runs them, and `broad` the same of any other pictures, from which the tail learns the unsplit
network's features and answers alone. `begin` sets bottleneck and decoder in closed form (components.py) and fits the
prior; `decoder`, `joint` (decoder, tail, prior and bottleneck, under a rate term) and `tail` (without the bottleneck)
train them. The exit is independent of the tail. Each step goes on from what is in --output, and writes its weights and
a record there; `join` adds the whole to a copy of grocery.pt or trashnet.pt, which measure.py and export.py read.
"""

import argparse
import copy
import itertools
import json
import math
from pathlib import Path

import torch

import witnesses
from codec import RATES, Exit, Split, rounded, units
from components import begin_bottleneck, begin_decoder, points
from learning import Average, Kept, Validation, as_coded, as_sent, descend, drawn_rates, for_training
from losses import cross_entropy, divergence, feature_error
from restore import contents, restore
from store import start_from

AIMS = (455, 545, 690, 1200, 1450, 2340)  # estimated bytes at each rate
TEMPERATURE = 2.0


def at_work(options, networks):
    """A split as the last step left it, and its records."""
    split = Split(networks["unsplit"].rest.classifier.out_features)
    start_from(split, networks["unsplit"].state_dict(), Split.FIRST)
    path = options.output / "split.pt"
    if not path.exists():
        return split.eval().requires_grad_(False), {}, []
    found = torch.load(path, weights_only=True)
    split.load_state_dict(found["state"])
    return split.eval().requires_grad_(False), found["more"], found["records"]


def save(options, split, more, records):
    state = {key: value.contiguous() for key, value in split.state_dict().items()}
    path = options.output / "split.pt"
    torch.save({"state": state, "more": more, "records": records}, path.with_suffix(".partial"))
    path.with_suffix(".partial").replace(path)


def begin(options, networks):
    split, _, _ = at_work(options, networks)
    generator = torch.Generator().manual_seed(options.seed)
    torch.manual_seed(options.seed)
    batches = Kept(options.output, ("features-4", "features-5"), broad=False).batches(32, generator)
    metric = begin_bottleneck(split, networks["unsplit"], batches)
    fit_prior(split, batches, generator)
    begin_decoder(split, batches, lambda count: drawn_rates(count, generator), generator)
    found = Validation(options.output).figures(split)
    print(found)
    save(options, split, {"metric": metric}, [{"phase": f"{options.task} begin", "seed": options.seed} | found])


def fit_prior(split, batches, generator, steps=900):
    optimizer = torch.optim.Adam(split.prior.requires_grad_(True).parameters())
    with torch.no_grad():
        latents = torch.cat([split.bottleneck(rows["features-4"]) for rows in itertools.islice(batches, 48)])
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = 2e-2 * (1 - step / steps) + 5e-4
        rates = drawn_rates(12, generator)
        coded = rounded(rounded(latents[torch.randint(0, len(latents), (12,), generator=generator)]), units(rates))
        optimizer.zero_grad()
        split.prior.bits(coded, coded, units(rates)).sum((1, 2, 3)).mean().div(8000).backward()
        optimizer.step()
    split.prior.requires_grad_(False)


def decoder(options, networks):
    """The decoder alone, from block 5's features in their metric."""
    split, more, records = at_work(options, networks)
    for_training(split)
    average, shown, metric = Average(split, 200), [], more["metric"]
    generator = torch.Generator().manual_seed(options.seed)

    def step(rows, generator):
        rates = drawn_rates(options.batch, generator)
        sent = as_sent(split, as_coded(split.bottleneck(rows["features-4"]), generator), rates)
        with torch.autocast("cpu", torch.bfloat16):
            made = split.decoder(sent)
        missed = points(made.float() - rows["features-5"]).float()
        error = ((missed @ metric) * missed).sum(1).mean() / len(metric) / rows["features-5"].var()
        average.update(split)
        shown.append(float(error.detach()))
        return error

    def report(steps, seconds):
        print(f"decoder, {steps} steps, {seconds:.0f} s: {sum(shown[-50:]) / 50:.4f}", flush=True)

    batches = Kept(options.output, ("features-4", "features-5")).batches(options.batch, generator)
    record = descend([(split.decoder, 1e-3, 0.0)], options, batches, generator, step, report)
    record = {"phase": f"{options.task} decoder", "batch": options.batch} | record
    save(options, average.model, more, [*records, record | Validation(options.output).figures(average.model)])


class RateAims:
    """The weight of a kilobyte in the loss at each rate, raised while the rate takes more than it should."""

    def __init__(self):
        self.weights, self.means = torch.full((len(AIMS),), 0.02), torch.tensor(AIMS).float()

    def loss(self, sizes, rates):
        with torch.no_grad():
            for rate in rates.unique():
                self.means[rate] += 0.05 * (sizes[rates == rate].mean() - self.means[rate])
                excess = self.means[rate] / AIMS[rate] - 1
                self.weights[rate] = (self.weights[rate] * torch.exp(0.1 * excess)).clamp(0.002, 0.5)
        return (sizes * self.weights[rates]).mean() / 1000


def tail(options, networks, joint=False):
    """Decoder, the unsplit network's later blocks and the prior, from the features and answers of the unsplit network
    and a little from the labels; if `joint`, the bottleneck too."""
    split, more, records = at_work(options, networks)
    for_training(split)
    split.rest.dropout.train()
    validation, average, control = Validation(options.output), Average(split, options.horizon), RateAims()
    generator, shown, figures, name = torch.Generator().manual_seed(options.seed), [], {}, "joint" if joint else "tail"

    def step(rows, generator):
        rates = drawn_rates(options.batch, generator)
        latent = split.bottleneck(rows["features-4"])
        coded = as_coded(latent, generator)
        with torch.autocast("cpu", torch.bfloat16):
            features, logits = split.tail_stages(as_sent(split, coded, rates))
        error = feature_error(features, {block: rows[f"features-{block}"] for block in witnesses.WATCHED},
                              witnesses.WATCHED)
        right, alike = cross_entropy(logits, rows["wanted"]), divergence(logits, rows["logits"])
        whole, noise = rounded(coded, units(rates)), torch.rand(latent.shape, generator=generator) - 0.5
        cost = control.loss(split.bytes(latent + noise * units(rates) if joint else whole, whole, rates), rates)
        average.update(split)
        shown.append((float(right.detach()), float(alike.detach()), float(error.detach())))
        return 0.2 * right + 0.8 * alike + 0.5 * error + (cost if joint else 5 * cost)

    def report(steps, seconds):
        figures.update(validation.figures(average.model))
        recent = torch.tensor(shown[-100:] or [(0.0, 0.0, 0.0)]).mean(0).tolist()
        print(f"{name}, {steps} steps, {seconds:.0f} s: {figures}, in training {[round(x, 3) for x in recent]}",
              flush=True)
        save(options, average.model, more, [*records, {"phase": f"{options.task} {name}", "steps": steps} | figures])

    parts = [(split.decoder, 4e-4, 0.0), (split.rest, 1e-4, 0.01), (split.prior, 1e-3, 0.0)]
    parts += [(split.bottleneck, 1e-4, 0.0)] if joint else []
    names = ("features-4", *(f"features-{block}" for block in witnesses.WATCHED), "logits", "wanted")
    batches = Kept(options.output, names).batches(options.batch, generator)
    record = descend(parts, options, batches, generator, step, report)
    record = {"phase": f"{options.task} {name}", "batch": options.batch} | record | figures
    save(options, average.model, more, [*records, record])


def joint(options, networks):
    tail(options, networks, joint=True)
    split, more, records = at_work(options, networks)
    validation = Validation(options.output)
    factor = take_aim(split, validation)
    found = {"phase": f"{options.task} scale", "factor": factor} | validation.figures(split)
    print(found)
    save(options, split, more, [*records, found])


@torch.no_grad()
def take_aim(split, validation, rate=4):
    """Scale the latent so that one rate takes the bytes that it is meant to take; `joint` lets it grow."""
    latent = torch.cat([split.bottleneck(part.float()) for part in validation.features.split(32)])
    rates, low, high = torch.full((len(latent),), rate), 0.25, 4.0
    for _ in range(12):
        factor, trial = (low * high) ** 0.5, copy.deepcopy(split)
        scale(trial, factor)
        coded = rounded(rounded(latent * factor), units(rates))
        low, high = (low, factor) if float(trial.bytes(coded, coded, rates).mean()) > AIMS[rate] else (factor, high)
    scale(split, factor)
    return round(factor, 4)


@torch.no_grad()
def scale(split, factor):
    """A latent that is `factor` times as large, and means the same."""
    for value in (split.bottleneck[6].weight, split.bottleneck[6].bias, split.prior.mean_bias):
        value *= factor
    split.prior.scale_bias += math.log(factor)
    split.decoder[0].weight /= factor


# The exit


def cut_and_paste(latent, logits, wanted, generator):
    """Put a rectangle of another picture's latent into the first half of a batch; its answers in that proportion."""
    count, side = len(latent) // 2, latent.shape[-1]
    other = torch.randperm(len(latent), generator=generator)[:count]
    latent, teacher = latent.clone(), torch.softmax(logits / TEMPERATURE, 1)
    wanted = wanted.clone()
    for index in range(count):
        height, width = (int(torch.randint(3, side - 2, (), generator=generator)) for _ in range(2))
        top = int(torch.randint(0, side - height + 1, (), generator=generator))
        left = int(torch.randint(0, side - width + 1, (), generator=generator))
        area = (slice(None), slice(top, top + height), slice(left, left + width))
        latent[index][area] = latent[other[index]][area]
        share = height * width / side**2
        teacher[index] = teacher[index] * (1 - share) + teacher[other[index]] * share
        wanted[index] = wanted[index] * (1 - share) + wanted[other[index]] * share
    return latent, teacher.clamp_min(1e-9).log() * TEMPERATURE, wanted


def risk(logits, labels):
    """The mean over all shares of the share's surest pictures that are answered wrongly."""
    sure = torch.softmax(logits, 1).amax(1).argsort(descending=True)
    wrong = (logits.argmax(1) != labels)[sure].double()
    return float((wrong.cumsum(0) / torch.arange(1, len(wrong) + 1)).mean())


def early_exit(options, networks):
    """On the bottleneck as it is in split.pt; into exit.pt, so that the tail can be trained beside it."""
    split, _, _ = at_work(options, networks)
    validation = Validation(options.output)
    with torch.no_grad():
        coded = validation.coded(split)
        coded = as_sent(split, coded, torch.full((len(coded),), len(RATES) - 1))
    torch.manual_seed(options.seed)
    model = Exit(networks["unsplit"].rest.classifier.out_features)
    average, figures, generator = Average(model, 400), {}, torch.Generator().manual_seed(options.seed)

    def step(rows, generator):
        model.train()
        with torch.no_grad():
            coded = as_coded(split.bottleneck(rows["features-4"]), generator)
            latent = as_sent(split, coded, torch.full((len(coded),), len(RATES) - 1))
        latent, teacher, wanted = cut_and_paste(latent, rows["logits"], rows["wanted"], generator)
        logits = model(latent)
        average.update(model)
        return 0.5 * cross_entropy(logits, wanted) + 0.5 * divergence(logits, teacher)

    @torch.no_grad()
    def report(steps, seconds):
        logits = average.model(coded)
        right = (logits.argmax(1) == validation.labels).double().mean()
        figures.update({"val": round(float(right), 4), "risk": round(risk(logits, validation.labels), 4)})
        print(f"exit, {steps} steps, {seconds:.0f} s: {figures}", flush=True)
        record = {"phase": f"{options.task} exit", "steps": steps, "batch": 64, "seed": options.seed} | figures
        torch.save({"state": average.model.state_dict(), "record": record}, options.output / "exit.pt")

    batches = Kept(options.output, ("features-4", "logits", "wanted")).batches(64, generator)
    descend([(model, 3e-3, 0.05)], options, batches, generator, step, report)


# All together


@torch.no_grad()
def settle(split, batches, generator, count=16):
    """Round the decoder's last weights to what int8 keeps of them and let the bias make up for it on the average. Where
    one weight of a row is hundreds of times the others, as after `begin_decoder`, few steps are left to these, and the
    features that they weigh have means of up to 3, so that rounding alone costs a point of accuracy."""
    layer, norm, mean = split.decoder[5], split.decoder[6], 0.0
    for rows in itertools.islice(batches, count):
        coded = as_coded(split.bottleneck(rows["features-4"]), generator)
        sent = as_sent(split, coded, drawn_rates(len(coded), generator))
        mean = mean + split.decoder[:5](sent).mean((0, 2, 3)) / count
    step = layer.weight.abs().amax((1, 2, 3), keepdim=True) / 127
    kept = (layer.weight / step).round() * step
    lost = (layer.weight - kept).flatten(1) @ mean
    norm.bias += lost * norm.weight / (norm.running_var + norm.eps).sqrt()
    layer.weight.copy_(kept)


def join(options, networks):
    """The task's file with the split in it, in full precision."""
    split, _, records = at_work(options, networks)
    generator = torch.Generator().manual_seed(options.seed)
    settle(split, Kept(options.output, ("features-4",)).batches(32, generator), generator)
    found = torch.load(options.output / "exit.pt", weights_only=True)
    split.exit.load_state_dict(found["state"])
    models, earlier = contents(options.trained)
    own = {name: model for name, model in models.items() if name.split()[0] == options.task}
    own[f"{options.task} split"] = {key: value.contiguous() for key, value in split.state_dict().items()}
    records = [*earlier, *records, found["record"]]
    torch.save({"models": own, "records": records, "log": []}, options.output / f"{options.task}.pt")
    for record in records:
        print(json.dumps(record))


STEPS = {"cache": witnesses.cache, "broad": witnesses.broad, "begin": begin, "decoder": decoder, "joint": joint,
         "tail": tail, "exit": early_exit, "join": join}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=list(STEPS))
    parser.add_argument("--trained", type=Path, required=True, help="what train.py wrote")
    parser.add_argument("--packed", type=Path, required=True, help="what pack.py wrote")
    parser.add_argument("--task", choices=("grocery", "trashnet"), default="grocery")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--pictures", type=Path, nargs="+", help="the data set; for `broad` folders of any pictures")
    parser.add_argument("--versions", type=int, nargs="+", default=list(range(12)),
                        help="which `cache` and `broad` make")
    parser.add_argument("--seconds", type=float, default=math.inf, help="at most")
    parser.add_argument("--steps", type=float, default=math.inf, help="at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1.0, help="factor of the learning rates")
    parser.add_argument("--horizon", type=float, default=200, help="steps that the tail's mean looks back")
    parser.add_argument("--batch", type=int, default=32, help="of decoder, joint and tail")
    parser.add_argument("--reports", type=int, default=6)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    options.output.mkdir(parents=True, exist_ok=True)
    networks = restore(options.trained, options.packed / "backbone.npz")[0][options.task]
    STEPS[options.step](options, networks)


if __name__ == "__main__":
    main()
