"""What the frozen networks say about versions of pictures, kept in files so that no later step runs them."""

import time

import numpy
import onnx
import onnxruntime
import torch

from datasets import centre, pixels, resize_short_side, rows_of
from export import PICTURE, Graph
from pictures import jitter, normalise, random_crops

SHORT = 256
FRONT = 4  # the last of lite0's blocks before the bottleneck
WATCHED = (5, 10, 15)  # blocks whose features the tail learns from
KEPT = ("features-4", *(f"features-{block}" for block in WATCHED), "logits")


def witness(unsplit):
    """A function from a picture to what is kept of it. onnxruntime is faster than PyTorch here."""
    graph, outputs = Graph("unsplit", "image", PICTURE), []
    x = graph.module("image", unsplit.front)
    for index, block in enumerate(unsplit.rest.blocks):
        x = graph.module(x, block)
        if index == FRONT or index in WATCHED:
            outputs.append(x)
    graph.probabilities(graph.module(x, unsplit.rest.top), unsplit.rest.classifier)
    graph.nodes.pop()  # the softmax
    graph.nodes[-1].output[0] = "logits"
    outputs.append("logits")
    values = [onnx.helper.make_empty_tensor_value_info(name) for name in outputs]
    source = onnx.helper.make_tensor_value_info(graph.source, onnx.TensorProto.FLOAT, graph.shape)
    made = onnx.helper.make_graph(graph.nodes, graph.name, [source], values, graph.tensors)
    model = onnx.helper.make_model(made, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    running = onnxruntime.InferenceSession(model.SerializeToString(), settings, providers=["CPUExecutionProvider"])
    return lambda x: running.run(outputs, {graph.source: x.numpy()})


def on_canvas(paths):
    """Pictures on a canvas, their shorter side 256, and their extents."""
    pictures = [resize_short_side(pixels(path), SHORT) for path in paths]
    extent = numpy.array([picture.shape[:2] for picture in pictures])
    canvas = numpy.zeros((len(paths), 3, *extent.max(0)), dtype=numpy.uint8)
    for place, picture in zip(canvas, pictures):
        place[:, : picture.shape[0], : picture.shape[1]] = picture.transpose(2, 0, 1)
    return torch.from_numpy(canvas), torch.from_numpy(extent).float()


def centred(paths):
    """Pictures exactly as they are measured."""
    return torch.from_numpy(numpy.stack([centre(path) for path in paths])).float()


def versions_of(version, chosen, paths, pictures, extent):
    """One version of the chosen pictures, and of whom else each holds how much: the first is the centre as it is
    measured, the second its mirror image, of the others one in four is blended with another picture."""
    if version < 2:
        x = centred([paths[index] for index in chosen])
        return x.flip(3) if version == 1 else x, chosen, torch.zeros(len(chosen))
    x = jitter(random_crops(pictures[chosen], extent[chosen]))
    if version % 4 != 3:
        return x, chosen, torch.zeros(len(chosen))
    other = torch.randint(0, len(pictures), (len(chosen),))
    share = 0.5 * torch.rand(len(chosen))
    blend = share.view(-1, 1, 1, 1)
    return x * (1 - blend) + jitter(random_crops(pictures[other], extent[other])) * blend, other, share


def write(folder, count, answers, batches):
    """What `answers` says, into files of a folder, by batches of (indices, pictures)."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for chosen, pictures in batches:
        for index, x in zip(chosen, normalise(pictures).split(1)):
            for name, value in zip(KEPT, answers(x)):
                if name not in files:
                    files[name] = numpy.lib.format.open_memmap(
                        folder / f"{name}.npy", "w+", numpy.float16, (count, *value.shape[1:]))
                files[name][index] = value[0]
    return files


@torch.no_grad()
def cache(options, networks):
    """The --versions of every training picture, and the validation pictures."""
    answers, classes = witness(networks["unsplit"]), networks["unsplit"].rest.classifier.out_features
    rows = rows_of(options.task, options.pictures[0], "train")
    paths, labels = [path for path, _ in rows], torch.tensor([label for _, label in rows])
    pictures, extent = on_canvas(paths)
    one_hot = torch.nn.functional.one_hot(labels, classes)
    for version in options.versions:
        folder, began, wanted = options.output / f"version-{version:02d}", time.monotonic(), []
        if (folder / "wanted.npy").exists():
            continue
        torch.manual_seed(1000 + version)

        def batches():
            for chosen in torch.arange(len(rows)).split(16):
                x, other, share = versions_of(version, chosen, paths, pictures, extent)
                wanted.append(one_hot[chosen] * (1 - share.view(-1, 1)) + one_hot[other] * share.view(-1, 1))
                yield chosen, x

        write(folder, len(rows), answers, batches())
        numpy.save(folder / "wanted.npy", torch.cat(wanted).numpy())
        print(f"{folder.name}: {len(rows)} pictures, {time.monotonic() - began:.0f} s", flush=True)
    rows = rows_of(options.task, options.pictures[0], "val")
    said = [answers(x) for x in normalise(centred([path for path, _ in rows])).split(1)]
    said = dict(zip(KEPT, map(numpy.concatenate, zip(*said))))
    arrays = {name: said[name] for name in ("features-4", "logits")}
    numpy.savez(options.output / "validation.npz", labels=numpy.array([label for _, label in rows]), **arrays)


@torch.no_grad()
def broad(options, networks):
    """The --versions of any pictures without labels, for which the unsplit network's answers stand."""
    answers = witness(networks["unsplit"])
    paths = [path for folder in options.pictures for path in sorted(folder.rglob("*"))
             if path.suffix.lower() in (".jpg", ".jpeg")]
    for version in options.versions:
        folder, began = options.output / f"broad-{version:02d}", time.monotonic()
        if (folder / "wanted.npy").exists():
            continue
        torch.manual_seed(2000 + version)
        batches = ((chosen, jitter(random_crops(*on_canvas([paths[index] for index in chosen]))))
                   for chosen in torch.arange(len(paths)).split(16))
        logits = torch.from_numpy(write(folder, len(paths), answers, batches)["logits"]).float()
        numpy.save(folder / "wanted.npy", torch.softmax(logits, 1).numpy())
        print(f"{folder.name}: {len(paths)} pictures, {time.monotonic() - began:.0f} s", flush=True)
