"""Refines exit, tail and prior of a trained split with its head frozen, on a CPU.

    python refine.py cache   --trained run --packed packed --grocery GroceryStoreDataset/dataset --output refined
    python refine.py broad   --trained run --packed packed --pictures FOLDER... --output refined --versions 0 1 2 3
    python refine.py prior   --trained run --packed packed --output refined --steps 1500
    python refine.py exit    --trained run --packed packed --output refined --steps 6000 --seeds 1
    python refine.py decoder --trained run --packed packed --output refined --seconds 480 --horizon 100
    python refine.py tail    --trained run --packed packed --output refined --steps 5000 --horizon 150 --rate 1.5e-4
    python refine.py join    --trained run --packed packed --output refined

`cache` keeps what the frozen head and the unsplit network say about twelve versions of each training picture, so
that the other steps run neither; `broad` keeps the same of any other pictures, from which decoder and tail learn the
unsplit network's features and answers alone. Latents are kept as they are before rounding: half of those in a batch
are blurred, as an int8 head would, and all are rounded. Exit, prior and tail are independent of one another; the tail
begins with what `decoder` made. Each step writes its weights and a record into --output, and `join` puts what is
there into grocery.pt, which measure.py and export.py read.
"""

import argparse
import copy
import itertools
import json
import math
import sys
import time
from pathlib import Path

import numpy
import onnx
import onnxruntime
import torch
from PIL import Image

from codec import FEATURES, LAYERS, Exit, rounded
from export import PICTURE, Graph, head
from fit import groups_of, learning_rate
from lite0 import SameConv
from losses import cross_entropy, divergence, feature_error
from pictures import jitter, normalise, random_crops
from restore import contents, restore
from store import start_from

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "bottlefit"))

from data import centre_crop, read_split, resize_short_side  # noqa: E402

SIDE, SHORT = 224, 256
WATCHED = (5, 10, 15)  # blocks of the unsplit network whose features are kept
TEMPERATURE = 2.0
RATE_ODDS = (2.5, 2.0, 2.0, 2.5, 1.5, 2.0)


# The cache


def session(graph, outputs):
    """A function from pictures to these values of a graph, which onnxruntime runs faster than PyTorch does."""
    graph.nodes[-1].output[0] = outputs[-1]
    values = [onnx.helper.make_empty_tensor_value_info(name) for name in outputs]
    source = onnx.helper.make_tensor_value_info(graph.source, onnx.TensorProto.FLOAT, graph.shape)
    made = onnx.helper.make_graph(graph.nodes, graph.name, [source], values, graph.tensors)
    model = onnx.helper.make_model(made, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    running = onnxruntime.InferenceSession(model.SerializeToString(), settings, providers=["CPUExecutionProvider"])
    return lambda x: running.run(outputs, {graph.source: x.numpy()})


def teacher(unsplit):
    """Features of the watched blocks, then logits."""
    graph, outputs = Graph("unsplit", "image", PICTURE), []
    x = graph.module("image", unsplit.front)
    for index, block in enumerate(unsplit.rest.blocks):
        x = graph.module(x, block)
        if index in WATCHED:
            outputs.append(x)
    graph.probabilities(graph.module(x, unsplit.rest.top), unsplit.rest.classifier)
    graph.nodes.pop()  # the softmax
    return session(graph, [*outputs, "logits"])


def on_canvas(paths):
    """Pictures on a canvas, their shorter side 256, and their extents."""
    pictures = []
    for path in paths:
        with Image.open(path) as file:
            pictures.append(resize_short_side(numpy.asarray(file.convert("RGB")), SHORT))
    extent = numpy.array([picture.shape[:2] for picture in pictures])
    canvas = numpy.zeros((len(paths), 3, *extent.max(0)), dtype=numpy.uint8)
    for place, picture in zip(canvas, pictures):
        place[:, : picture.shape[0], : picture.shape[1]] = picture.transpose(2, 0, 1)
    return torch.from_numpy(canvas), torch.from_numpy(extent).float()


def training_pictures(folder, limit):
    """All of them on a canvas, with extents, labels and paths."""
    rows = read_split(HERE.parent / "bottlefit" / "splits" / "train.txt")[:limit]
    paths = [folder / path for path, _ in rows]
    return *on_canvas(paths), torch.tensor([label for _, label in rows]), paths


def centred(paths):
    """Pictures exactly as they are measured."""
    pictures = []
    for path in paths:
        with Image.open(path) as file:
            picture = resize_short_side(numpy.asarray(file.convert("RGB")), SIDE)
        pictures.append(centre_crop(picture, SIDE).transpose(2, 0, 1))
    return torch.from_numpy(numpy.stack(pictures)).float()


def versions_of(version, chosen, data):
    """One version of the chosen pictures, and of whom else each holds how much: the first is the centre as it is
    measured, the second its mirror image, of the others one in four is blended with another picture."""
    pictures, extent, _, paths = data
    if version < 2:
        x = centred([paths[index] for index in chosen])
        x = x.flip(3) if version == 1 else x
        return x, chosen, torch.zeros(len(chosen))
    x = jitter(random_crops(pictures[chosen], extent[chosen]))
    if version % 4 != 3:
        return x, chosen, torch.zeros(len(chosen))
    other = torch.randint(0, len(pictures), (len(chosen),))
    share = 0.5 * torch.rand(len(chosen))
    blend = share.view(-1, 1, 1, 1)
    return x * (1 - blend) + jitter(random_crops(pictures[other], extent[other])) * blend, other, share


class Witnesses:
    """The frozen head and the unsplit network, and what they say about pictures."""

    NAMES = ("latent", *(f"features-{block}" for block in WATCHED), "logits")

    def __init__(self, options):
        networks = restore(options.trained, options.packed / "backbone.npz")[0]["grocery"]
        self.classes = networks["unsplit"].rest.classifier.out_features
        self.latent, self.answers = session(head(networks["split"])[0], ["latent"]), teacher(networks["unsplit"])

    def write(self, folder, count, batches):
        """Into files of a folder, by batches of (indices, pictures)."""
        folder.mkdir(parents=True, exist_ok=True)
        files = {}
        for chosen, pictures in batches:
            for index, x in zip(chosen, normalise(pictures).split(1)):
                for name, value in zip(self.NAMES, [*self.latent(x), *self.answers(x)]):
                    if name not in files:
                        files[name] = numpy.lib.format.open_memmap(
                            folder / f"{name}.npy", "w+", numpy.float16, (count, *value.shape[1:]))
                    files[name][index] = value[0]
        return files


@torch.no_grad()
def cache(options):
    witnesses, data = Witnesses(options), training_pictures(options.grocery, options.limit)
    count, labels = len(data[0]), torch.nn.functional.one_hot(data[2], witnesses.classes)
    for version in options.versions:
        folder, began, wanted = options.output / f"version-{version:02d}", time.monotonic(), []
        if (folder / "wanted.npy").exists():
            continue
        torch.manual_seed(1000 + version)

        def batches():
            for chosen in torch.arange(count).split(16):
                pictures, other, share = versions_of(version, chosen, data)
                wanted.append(labels[chosen] * (1 - share.view(-1, 1)) + labels[other] * share.view(-1, 1))
                yield chosen, pictures

        witnesses.write(folder, count, batches())
        numpy.save(folder / "wanted.npy", torch.cat(wanted).numpy())
        print(f"{folder.name}: {time.monotonic() - began:.0f} s", flush=True)
    rows = read_split(HERE.parent / "bottlefit" / "splits" / "val.txt")
    x = normalise(centred([options.grocery / path for path, _ in rows]))
    numpy.savez(options.output / "validation.npz", labels=numpy.array([label for _, label in rows]),
                latent=numpy.concatenate([witnesses.latent(one)[0] for one in x.split(1)]),
                logits=numpy.concatenate([witnesses.answers(one)[-1] for one in x.split(1)]))


@torch.no_grad()
def broad(options):
    """Versions of pictures without labels, for which the unsplit network's answers stand."""
    witnesses = Witnesses(options)
    paths = [path for folder in options.pictures for path in sorted(folder.rglob("*"))
             if path.suffix.lower() in (".jpg", ".jpeg")][: options.limit]
    for version in options.versions:
        folder, began = options.output / f"broad-{version:02d}", time.monotonic()
        if (folder / "wanted.npy").exists():
            continue
        torch.manual_seed(2000 + version)
        batches = ((chosen, jitter(random_crops(*on_canvas([paths[index] for index in chosen]))))
                   for chosen in torch.arange(len(paths)).split(16))
        logits = torch.from_numpy(witnesses.write(folder, len(paths), batches)["logits"]).float()
        numpy.save(folder / "wanted.npy", torch.softmax(logits, 1).numpy())
        print(f"{folder.name}: {len(paths)} pictures, {time.monotonic() - began:.0f} s", flush=True)


# What the other steps share


class Kept:
    """The versions of pictures that are there, as endless batches; those of --pictures only if they are asked for."""

    def __init__(self, folder, features=(), broad=False):
        self.folder, self.names = folder, ["latent", "logits", "wanted", *(f"features-{block}" for block in features)]
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


def as_coded(latent, generator, blur=0.5):
    """Integers, those of half the pictures as an int8 head could give them."""
    noise = (torch.rand(latent.shape, generator=generator) - 0.5) * blur
    noise[len(latent) // 2 :] = 0
    return rounded(latent + noise)


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


class Validation:
    def __init__(self, folder):
        with numpy.load(folder / "validation.npz") as arrays:
            latent, self.labels = torch.from_numpy(arrays["latent"]), torch.from_numpy(arrays["labels"])
            self.classes = arrays["logits"].shape[1]
        self.coded = rounded(latent)


def descend(parameters, options, seed, kept, batch, step, report):
    """AdamW over `parameters`, groups of (module, peak rate, decay), by a half cosine until --steps or --seconds."""
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    optimizer = torch.optim.AdamW(list(groups_of(parameters)))
    values = [p for group in optimizer.param_groups for p in group["params"]]
    began, steps, reports = time.monotonic(), 0, 0
    for rows in kept.batches(batch, generator):
        fraction = max(steps / options.steps, (time.monotonic() - began) / options.seconds)
        if fraction >= reports / options.reports:
            reports += 1
            report(steps, time.monotonic() - began)
        if fraction >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * learning_rate(fraction)
        optimizer.zero_grad(set_to_none=True)
        step(rows, generator).backward()
        torch.nn.utils.clip_grad_norm_(values, 5.0)
        optimizer.step()
        steps += 1
    return {"steps": steps, "batch": batch, "seconds": round(time.monotonic() - began), "seed": seed,
            "versions": len(kept.versions)}


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


def refine_exit(options):
    kept, validation = Kept(options.output), Validation(options.output)
    best = None
    for seed in options.seeds:
        torch.manual_seed(seed)
        model = Exit(validation.classes)
        average = Average(model, 400)

        def step(rows, generator):
            model.train()
            coded = as_coded(rows["latent"], generator)
            coded, teacher, wanted = cut_and_paste(coded, rows["logits"], rows["wanted"], generator)
            logits = model(coded)
            loss = (1 - options.distil) * cross_entropy(logits, wanted) + options.distil * divergence(logits, teacher)
            average.update(model)
            return loss

        figures = {}

        @torch.no_grad()
        def report(steps, seconds):
            logits = average.model(validation.coded)
            right = (logits.argmax(1) == validation.labels).double().mean()
            figures.update({"val": round(float(right), 4), "risk": round(risk(logits, validation.labels), 4)})
            print(f"exit, seed {seed}, {steps} steps, {seconds:.0f} s: {figures}", flush=True)

        record = descend([(model, options.rate or 3e-3, 0.05)], options, seed, kept, 64, step, report) | figures
        if best is None or figures["risk"] < best["record"]["risk"]:
            best = {"state": average.model.state_dict(), "record": {"phase": "refined exit"} | record}
            torch.save(best, options.output / f"exit{options.tag}.pt")


# The tail


def windows(coded):
    """The 3x3 windows of a latent in rows, as a convolution's weights see them."""
    rows = torch.nn.functional.unfold(coded, 3, padding=1)
    return rows.transpose(1, 2).flatten(0, 1)


def set_convolution(layer, norm, weight, bias):
    """Weights, and a normalization that only adds a bias."""
    with torch.no_grad():
        layer.weight.copy_(weight.view_as(layer.weight))
        for value, wanted in ((norm.running_mean, 0), (norm.running_var, 1 - norm.eps), (norm.weight, 1)):
            value.fill_(wanted)
        norm.bias.copy_(bias)


@torch.no_grad()
def begin_decoder(split, kept, generator, pictures=1280):
    """Let the decoder be the best linear estimate of block 5's features, in the middle of ReLU6's range, with help
    of the first filters that it had learnt; the residuals begin as nothing."""
    first, norm, last = split.decoder[0], split.decoder[1], split.decoder[5]
    count = last.weight.shape[1] - FEATURES
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    filters = (first.weight * scale.view(-1, 1, 1, 1)).flatten(1)[:count]
    offsets = (norm.bias - norm.running_mean * scale)[:count]
    square, product, total = 0.0, 0.0, 0
    for rows in kept.batches(64, generator):
        coded = split.keep(as_coded(rows["latent"], generator), drawn_rates(len(rows["latent"]), generator))
        seen = windows(coded)
        seen = torch.cat([seen, (seen @ filters.T + offsets).clamp(0, 6), torch.ones(len(seen), 1)], 1)
        wanted = rows["features-5"].flatten(2).transpose(1, 2).flatten(0, 1)
        square, product = square + (seen.T @ seen).double(), product + (seen.T @ wanted).double()
        total += len(coded)
        if total >= pictures:
            break
    best = torch.linalg.solve(square + 10 * torch.eye(len(square)), product).float()
    linear, rest, bias = best[: filters.shape[1]].T, best[filters.shape[1] : -1].T, best[-1]
    deviation = (linear @ (square[: filters.shape[1], : filters.shape[1]].float() / square[-1, -1].float())
                 * linear).sum(1).sqrt()
    size = 0.75 / deviation  # three is four deviations
    set_convolution(first, norm, torch.cat([linear * size.view(-1, 1), filters]),
                    torch.cat([torch.full((FEATURES,), 3.0), offsets]))
    set_convolution(last, split.decoder[6], torch.cat([torch.diag(1 / size), rest], 1), bias - 3 / size)
    for residual in (split.decoder[3], split.decoder[4]):
        layers = residual.layers
        torch.nn.init.kaiming_normal_(layers[0].weight)
        set_convolution(layers[0], layers[1], layers[0].weight, torch.zeros(len(layers[0].weight)))
        set_convolution(layers[3], layers[4], torch.zeros_like(layers[3].weight), torch.zeros(len(layers[3].weight)))


class SingleConv(SameConv):
    """In single precision among layers of half: on a CPU the gradients of depthwise layers take several times as long
    in bfloat16."""

    def forward(self, x):
        with torch.autocast("cpu", enabled=False):
            return super().forward(x.float())


def for_training(model):
    """Everything learns, but in evaluation mode, so that normalizations keep their statistics."""
    for layer in model.modules():
        if isinstance(layer, SameConv) and layer.groups > 1:
            layer.__class__ = SingleConv
    return model.requires_grad_(True).to(memory_format=torch.channels_last)


def drawn_rates(count, generator):
    return torch.multinomial(torch.tensor(RATE_ODDS), count, replacement=True, generator=generator)


def refine_decoder(options):
    """The decoder alone, from block 5's features."""
    split = restore(options.trained, options.packed / "backbone.npz")[0]["grocery"]["split"]
    kept = Kept(options.output, (5,), broad=True)
    begin_decoder(split, kept, torch.Generator().manual_seed(options.seeds[0]))
    model = split.decoder.to(memory_format=torch.channels_last).requires_grad_(True)
    average, shown = Average(model, options.horizon), []

    def step(rows, generator):
        rates = drawn_rates(len(rows["latent"]), generator)
        coded = split.keep(as_coded(rows["latent"], generator), rates).contiguous(memory_format=torch.channels_last)
        error = feature_error({5: model(coded)}, {5: rows["features-5"]}, (5,))
        average.update(model)
        shown.append(float(error.detach()))
        return error

    def report(steps, seconds):
        print(f"decoder, {steps} steps, {seconds:.0f} s: {numpy.mean(shown[-50:] or [0]):.4f}", flush=True)

    record = descend([(model, options.rate or 1e-3, 0.0)], options, options.seeds[0], kept, 32, step, report)
    record = {"phase": "refined decoder"} | record | {"error": round(float(numpy.mean(shown[-50:])), 4)}
    torch.save({"state": average.model.state_dict(), "record": record}, options.output / f"decoder{options.tag}.pt")


def refine_tail(options):
    """Decoder and the unsplit network's blocks together, from its features and answers and the labels."""
    networks = restore(options.trained, options.packed / "backbone.npz")[0]["grocery"]
    split, unsplit = networks["split"], networks["unsplit"]
    model = torch.nn.ModuleDict({"decoder": split.decoder, "rest": split.rest})
    if options.resume:
        model.load_state_dict(torch.load(options.resume, weights_only=True)["state"])
    else:
        begun = torch.load(options.output / f"decoder{options.tag}.pt", weights_only=True)
        split.decoder.load_state_dict(begun["state"])
        start_from(split, {key: value for key, value in unsplit.state_dict().items() if key.startswith("rest.")},
                   split.FIRST)
    model = for_training(model)
    model["rest"].dropout.train()
    kept, validation = Kept(options.output, WATCHED, broad=True), Validation(options.output)
    average, shown, figures = Average(model, options.horizon), [], {}

    def answers(model, coded):
        return model["rest"].stages(model["decoder"](coded))

    def step(rows, generator):
        coded = as_coded(rows["latent"], generator)
        coded = split.keep(coded, drawn_rates(len(coded), generator)).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            features, logits = answers(model, coded)
        error = feature_error(features, {block: rows[f"features-{block}"] for block in WATCHED}, WATCHED)
        loss = 0.5 * cross_entropy(logits, rows["wanted"]) + 0.5 * divergence(logits, rows["logits"])
        average.update(model)
        shown.append((float(loss.detach()), float(error.detach())))
        return loss + 0.5 * error

    @torch.no_grad()
    def report(steps, seconds):
        figures.update({"val": [], "loss": []})
        for rate in range(len(LAYERS)):
            coded = split.keep(validation.coded, torch.full((len(validation.coded),), rate))
            coded = coded.contiguous(memory_format=torch.channels_last)
            logits = torch.cat([answers(average.model, part)[1] for part in coded.split(16)])
            figures["val"].append(round(float((logits.argmax(1) == validation.labels).double().mean()), 4))
            figures["loss"].append(round(float(torch.nn.functional.cross_entropy(logits, validation.labels)), 4))
        recent = numpy.mean(shown[-50:] or [(0, 0)], 0).round(3).tolist()
        print(f"tail, {steps} steps, {seconds:.0f} s: {figures}, in training {recent}", flush=True)
        record = {"phase": "refined tail", "steps": steps} | figures
        torch.save({"state": average.model.state_dict(), "record": record}, options.output / f"tail{options.tag}.pt")

    rate = options.rate or 3e-4
    parts = [(model["decoder"], 2 * rate, 0.0), (model["rest"], rate, 0.02)]
    record = descend(parts, options, options.seeds[0], kept, options.batch, step, report)
    record = {"phase": "refined tail"} | record | figures
    if not options.resume:
        record["decoder before"] = begun["record"]
    torch.save({"state": average.model.state_dict(), "record": record}, options.output / f"tail{options.tag}.pt")


# The prior


def refine_prior(options):
    split = restore(options.trained, options.packed / "backbone.npz")[0]["grocery"]["split"]
    model = split.prior.requires_grad_(True)
    kept, validation = Kept(options.output), Validation(options.output)
    average, figures = Average(model, 200), {}

    def step(rows, generator):
        coded = as_coded(rows["latent"], generator)
        average.update(model)
        return model.bits(coded, coded).sum((1, 2, 3)).mean() / 8000

    @torch.no_grad()
    def report(steps, seconds):
        sizes = average.model.bits(validation.coded, validation.coded).sum((2, 3)).mean(0) / 8
        figures["bytes"] = [round(float(part.sum()), 1) for part in sizes.split(LAYERS)]
        print(f"prior, {steps} steps, {seconds:.0f} s: {sum(figures['bytes']):.1f} {figures}", flush=True)

    record = descend([(model, options.rate or 2e-3, 0)], options, options.seeds[0], kept, 32, step, report)
    torch.save({"state": average.model.state_dict(), "record": {"phase": "refined prior"} | record | figures},
               options.output / f"prior{options.tag}.pt")


# All together


@torch.no_grad()
def settle(split, kept, generator, batches=16):
    """Round the decoder's last weights to what int8 keeps of them and let the bias make up for it on the average. Where
    one weight of a row is hundreds of times the others, as after `begin_decoder`, few steps are left to these, and the
    features that they weigh have means of up to 3, so that rounding alone costs a point of accuracy."""
    layer, norm, mean = split.decoder[5], split.decoder[6], 0.0
    for rows in itertools.islice(kept.batches(32, generator), batches):
        coded = split.keep(as_coded(rows["latent"], generator), drawn_rates(len(rows["latent"]), generator))
        mean = mean + split.decoder[:5](coded).mean((0, 2, 3)) / batches
    step = layer.weight.abs().amax((1, 2, 3), keepdim=True) / 127
    rounded_weight = (layer.weight / step).round() * step
    lost = (layer.weight - rounded_weight).flatten(1) @ mean
    norm.bias += lost * norm.weight / (norm.running_var + norm.eps).sqrt()
    layer.weight.copy_(rounded_weight)


def join(options):
    """grocery.pt with what was refined, in full precision, in place of what was trained."""
    models, records = contents(options.trained)
    split = restore(options.trained, options.packed / "backbone.npz")[0]["grocery"]["split"]
    state = split.state_dict()
    for name, prefix in (("tail", ""), ("exit", "exit."), ("prior", "prior.")):
        path = options.output / f"{name}.pt"
        if path.exists():
            found = torch.load(path, weights_only=True)
            state |= {prefix + key: value.contiguous() for key, value in found["state"].items()}
            records.append(found["record"])
            print(json.dumps(found["record"]))
    if (options.output / "tail.pt").exists():
        split.load_state_dict(state)
        settle(split, Kept(options.output), torch.Generator().manual_seed(options.seeds[0]))
        state = split.state_dict()
    own = torch.load(options.trained / "grocery.pt", map_location="cpu", weights_only=True)["models"]
    models = {name: models[name] for name in own} | {"grocery split": state}
    torch.save({"models": models, "records": records, "log": []}, options.output / "grocery.pt")


STEPS = {"cache": cache, "broad": broad, "decoder": refine_decoder, "tail": refine_tail, "exit": refine_exit,
         "prior": refine_prior, "join": join}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=list(STEPS))
    parser.add_argument("--trained", type=Path, required=True, help="what train.py wrote")
    parser.add_argument("--packed", type=Path, required=True, help="what pack.py wrote")
    parser.add_argument("--grocery", type=Path)
    parser.add_argument("--pictures", type=Path, nargs="+", help="folders of any pictures, for `broad`")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--versions", type=int, nargs="+", default=list(range(12)),
                        help="which `cache` and `broad` make")
    parser.add_argument("--seconds", type=float, default=math.inf, help="at most, for a seed")
    parser.add_argument("--steps", type=int, default=3000, help="at most, for a seed")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--rate", type=float, help="peak learning rate")
    parser.add_argument("--distil", type=float, default=0.5, help="the exit's weight of the unsplit network's answers")
    parser.add_argument("--horizon", type=float, default=300, help="steps that the tail's mean looks back")
    parser.add_argument("--resume", type=Path, help="a tail.pt to go on from")
    parser.add_argument("--batch", type=int, default=32, help="the tail's")
    parser.add_argument("--reports", type=int, default=8)
    parser.add_argument("--tag", default="", help="of the file's name")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--limit", type=int, help="use only the first pictures")
    return parser.parse_args()


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    options.output.mkdir(parents=True, exist_ok=True)
    STEPS[options.step](options)


if __name__ == "__main__":
    main()
