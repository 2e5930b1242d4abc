"""Trains the network that headrace-demo locate --method network runs, and writes its ONNX file and curve.

Example:
    apt-get install asterisk-core-sounds-{en,es,fr,it,ru}-g722
    python speech.py --output run/speech
    python recipe.py --headrace ../../../.build/release/headrace --output run --minutes 15

Scenes are simulated once and kept in the output folder, 2 GB of them.
"""

import argparse
import json
import subprocess
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

from evidence import BANDS, DIRECTIONS, KINDS, evidence, load, pieces, steering
from network import DILATIONS, MARGIN, WIDTH, Locator, around, folded, macs

HERE = Path(__file__).resolve().parent
VARIED = "--gain-error 0.5 --place-error 0.5 --scale 0.8...1.25 --diffuse 0...0.6".split()
# Scenes: array, how many, seed, what is special.
SCENES = {
    "a4": ("respeaker-4", 2500, 11, VARIED), "a7": ("uma-8", 2500, 12, VARIED),
    "b4": ("respeaker-4", 1000, 13, ["--talkers", "1...2", *VARIED]),
    "b7": ("uma-8", 1000, 14, ["--talkers", "1...2", *VARIED]),
    "n4": ("respeaker-4", 300, 31, ["--snr=-20", "--diffuse", "0...1"]),
    "n7": ("uma-8", 300, 32, ["--snr=-20", "--diffuse", "0...1"]),
}
# Nearer and cleaner than any, for the quantizer alone: what makes the largest values.
CLEAN = ["--snr", "30...50", "--rt60", "0.15...0.2", "--distance", "0.5...1"]
TYPICAL = {"c4x": ("respeaker-4", 60, 77, CLEAN), "c7x": ("uma-8", 60, 77, CLEAN)}
# Scenes whose maps are made at once. Seconds of the pieces of each scene, how many, and in every which batch.
SCENES_AT_ONCE = 48
PIECES = ((0.064, 4, 1), (0.128, 2, 1), (0.25, 1, 1), (1.0, 1, 4))
BATCH, RATE, SPREAD = 128, 2e-3, 4.0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--headrace", type=Path, required=True, help="the workstation's command")
    parser.add_argument("--output", type=Path, default=Path("run"))
    parser.add_argument("--minutes", type=float, default=15, help="of training, whose rate falls to nothing in them")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--weights", type=Path, help="that training goes on from, a locate.pt")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    return parser.parse_args()


def simulate(name, options):
    folder = options.output / "scenes" / name
    array, count, seed, special = (SCENES | TYPICAL)[name]
    if not (folder / "scenes.jsonl").exists():
        subprocess.run([options.headrace, "simulate", "--speech", options.output / "speech" / "train",
                        "--array", array, "--count", str(count), "--seed", str(seed), *special, "-o", folder],
                       check=True)
    return folder


def prepare(name, options):
    """Maps and azimuths of the talkers [piece][2], NaN where there is none, kept in a file."""
    path = options.output / f"{name}.npz"
    if not path.exists():
        sounds, scenes = load(simulate(name, options))
        random = np.random.default_rng((SCENES | TYPICAL)[name][2])
        azimuths = np.full((len(scenes), 2), np.nan, np.float32)
        for row, scene in zip(azimuths, scenes):
            talkers = [] if scene["snr"] < -10 else scene["talkers"]
            row[:len(talkers)] = [talker["azimuth"] for talker in talkers]
        maps, truth = [], []
        for index, first in enumerate(range(0, len(scenes), SCENES_AT_ONCE)):
            part = slice(first, first + SCENES_AT_ONCE)
            steer = steering(np.array([scene["microphones"] for scene in scenes[part]]))
            for seconds, count, every in PIECES:
                for _ in range(count if index % every == 0 else 0):
                    found = evidence(torch.tensor(pieces(sounds[part], seconds, random)), steer)
                    maps.append(found.half().numpy())
                    truth.append(azimuths[part])
            print(f"{name}: {min(first + SCENES_AT_ONCE, len(scenes))} of {len(scenes)} scenes", flush=True)
        np.savez(path, maps=np.concatenate(maps), truth=np.concatenate(truth))
    data = np.load(path)
    return torch.tensor(data["maps"]), torch.tensor(data["truth"])


def targets(azimuths):
    """A bell of 4 degrees around each talker; even where none is."""
    grid = torch.arange(DIRECTIONS, device=azimuths.device) * 360.0 / DIRECTIONS
    offset = (grid[None, None] - azimuths[..., None] + 180) % 360 - 180
    bells = torch.nan_to_num(torch.exp(-0.5 * (offset / SPREAD) ** 2))
    bells = bells / bells.sum(2, keepdim=True).clamp(min=1e-9)
    total = bells.sum(1)
    count = total.sum(1, keepdim=True)
    return torch.where(count > 0, total / count.clamp(min=1e-9), torch.full_like(total, 1 / DIRECTIONS))


def train(maps, truth, options):
    torch.manual_seed(options.seed)
    network = Locator()
    if options.weights:
        network.load_state_dict(torch.load(options.weights, map_location="cpu"))
    network.to(options.device)
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=1e-3)
    started, history, step, losses = time.time(), [], 0, []
    while (share := (time.time() - started) / (60 * options.minutes)) < 1:
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1, step / 200) * (0.5 + 0.5 * np.cos(np.pi * share))
        chosen = torch.randint(len(maps), (BATCH,))
        inputs = around(maps[chosen].float().to(options.device))
        wanted = targets(truth[chosen].to(options.device))
        if step % 2:  # seen in a mirror, as likely
            inputs, wanted = inputs.flip(-1), wanted.flip(-1)
        found = torch.log_softmax(network(inputs).flatten(1), 1)
        loss = (torch.xlogy(wanted, wanted) - wanted * found).sum(1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        step += 1
        if step % 500 == 0:
            history.append({"step": step, "loss": float(np.mean(losses))})
            losses = []
            print(f"step {step}: divergence {history[-1]['loss']:.4f}", flush=True)
    return network.cpu(), history, time.time() - started


def export(network, path):
    """Writes the network, with its scaling folded in, and checks it against PyTorch."""
    network = folded(network)
    nodes, weights, name = [], [], "evidence"
    for index, layer in enumerate(network.layers):
        output = "logits" if index == len(network.layers) - 1 else f"x{index}"
        if isinstance(layer, torch.nn.Conv2d):
            for kind, values in (("weight", layer.weight), ("bias", layer.bias)):
                weights.append(numpy_helper.from_array(values.detach().numpy(), f"{index}.{kind}"))
            nodes.append(helper.make_node("Conv", [name, f"{index}.weight", f"{index}.bias"], [output],
                                          kernel_shape=list(layer.kernel_size), dilations=list(layer.dilation)))
        else:
            nodes.append(helper.make_node("Relu", [name], [output]))
        name = output
    shape = [1, KINDS * BANDS, 1, DIRECTIONS + 2 * MARGIN]
    graph = helper.make_graph(
        nodes, "locate", [helper.make_tensor_value_info("evidence", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 1, 1, DIRECTIONS])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(model, {"headrace.name": "locate", "headrace.licence": "MIT"})
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
    example = torch.rand(shape)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    got = session.run(None, {"evidence": example.numpy()})[0]
    with torch.no_grad():
        wanted = network(example).numpy()
    if not np.allclose(got, wanted, rtol=1e-3, atol=1e-3):
        raise SystemExit(f"{path}: ONNX Runtime differs from PyTorch by {np.abs(got - wanted).max()}")


def save_typical(maps, options):
    """Inputs for the quantizer: some of what was trained on, and some of clean scenes."""
    generator = torch.Generator().manual_seed(options.seed)
    parts = [maps[torch.randperm(len(maps), generator=generator)[:240]]]
    parts += [prepare(name, options)[0][:60] for name in TYPICAL]
    typical = torch.cat(parts).float().flatten(1, 2).unsqueeze(2)
    typical = torch.cat([typical[..., -MARGIN:], typical, typical[..., :MARGIN]], -1)
    np.save(options.output / "typical.npy", typical.numpy())


def plot(history, path):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(5, 3), dpi=90)
    axes.plot([row["step"] for row in history], [row["loss"] for row in history])
    axes.set(xlabel="step", ylabel="divergence from the truth")
    figure.tight_layout()
    figure.savefig(path)


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    options.output.mkdir(parents=True, exist_ok=True)
    parts = [prepare(name, options) for name in SCENES]
    maps, truth = torch.cat([part[0] for part in parts]), torch.cat([part[1] for part in parts])
    network, history, seconds = train(maps, truth, options)
    torch.save(network.state_dict(), options.output / "locate.pt")
    export(network, options.output / "locate.onnx")
    save_typical(maps, options)
    plot(history, options.output / "training.png")
    figures = {"seed": options.seed, "pieces": len(maps), "seconds": round(seconds), "device": options.device,
               "threads": options.threads, "width": WIDTH, "dilations": DILATIONS, "macs": macs(), "history": history}
    (options.output / "training.json").write_text(json.dumps(figures, indent=1))
    print(f"{options.output}: {macs() / 1e6:.2f} million products, {history[-1]['loss']:.4f}")


if __name__ == "__main__":
    main()
