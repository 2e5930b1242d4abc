"""Trains the unsplit classifiers and the comparisons in a given time; split.py goes on from there.

    python train.py --data packed --output run --seconds 500 --device cuda

`packed` is what pack.py wrote. The time left is divided over the phases that are still to come by the weights in
PLAN; a phase that fails is reported and the next one begins. After every phase the networks trained so far are
saved: grocery.pt, baselines.pt and trashnet.pt, each below 15 MiB.
"""

import argparse
import json
import time
import traceback
from pathlib import Path

import numpy
import torch

import phases
from fit import Machine, fastest_format
from lite0 import Lite0, load_published
from pictures import load
from store import pack, unpack

# What is done, in this order, and its weight in the division of time.
PLAN = [
    ("grocery", "unsplit", 70),
    ("grocery", "entropic-8000-distil", 26),
    ("grocery", "entropic-8000-tune", 12),
    ("grocery", "entropic-4000-distil", 16),
    ("grocery", "entropic-4000-tune", 10),
    ("grocery", "entropic-2000-distil", 16),
    ("grocery", "entropic-2000-tune", 10),
    ("grocery", "bottlefit-12-distil", 20),
    ("grocery", "bottlefit-12-tune", 12),
    ("grocery", "bottlefit-3-distil", 12),
    ("grocery", "bottlefit-3-tune", 10),
    ("trashnet", "unsplit", 28),
    ("trashnet", "entropic-4000-distil", 16),
    ("trashnet", "entropic-4000-tune", 8),
    ("trashnet", "bottlefit-12-distil", 12),
    ("trashnet", "bottlefit-12-tune", 8),
    ("grocery", "bottlefit-6-distil", 9),
    ("grocery", "bottlefit-6-tune", 7),
]
LIKE = {  # goes on from the weights of an earlier one, if that was trained
    "entropic-4000": "entropic-8000",
    "entropic-2000": "entropic-4000",
    "bottlefit-3": "bottlefit-12",
    "bottlefit-6": "bottlefit-12",
}
RESERVE = 20  # seconds kept for starting Python, saving and leaving
LARGEST_FILE = 15_600_000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=500, help="for everything, from the start of the program")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--limit", type=int, help="use only this many pictures of each part")
    parser.add_argument("--full-precision", action="store_true", help="no bfloat16")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


class Run:
    """The state of one run: tasks, records, and the packed networks by file."""

    def __init__(self, options):
        self.options, self.began = options, time.monotonic()
        self.log, self.records = [], []
        self.files = {"grocery": {}, "baselines": {}, "trashnet": {}}
        self.references, self.tasks = {}, {}
        self.machine = Machine(options.device, options.batch, not options.full_precision, self.report)
        options.output.mkdir(parents=True, exist_ok=True)

    def elapsed(self):
        return time.monotonic() - self.began

    def report(self, text):
        line = f"[{self.elapsed():6.1f}] {text}"
        self.log.append(line)
        print(line, flush=True)

    def backbone(self):
        with numpy.load(self.options.data / "backbone.npz") as arrays:
            return {name: torch.from_numpy(arrays[name]).float() for name in arrays.files}

    def task(self, name):
        """The task of that name: its pictures are loaded when it is first asked for."""
        if name not in self.tasks:
            with numpy.load(self.options.data / "pictures.npz") as arrays:
                classes = len(arrays[f"{name}_classes"])
            path, device, limit = self.options.data / "pictures.npz", self.options.device, self.options.limit
            parts = [load(path, name, part, device, limit) for part in ("train", "val")]
            unsplit = Lite0(classes)
            load_published(unsplit, self.backbone())
            start = {key: value.clone() for key, value in unsplit.state_dict().items()}
            self.references[name] = {"start": start}
            self.tasks[name] = phases.Task(name, classes, *parts, self.machine.place(unsplit))
            self.report(f"{name}: {classes} classes, {len(parts[0][0])} + {len(parts[1][0])} pictures")
        return self.tasks[name]

    def keep(self, task, name, model, file, bits):
        """Pack a network into a file's contents, and go on with the network as it will be read from there."""
        references = self.references[task.name]
        if name == "unsplit":
            reference, first, own = references["start"], 0, 16
            # A new classifier has no weights that others could know.
            reference = {key: value for key, value in reference.items() if ".classifier." not in key}
        else:
            reference, first, own = references["unsplit"], model.FIRST, 8
        packed = pack(model.state_dict(), reference, first, bits, min(own, 8))
        restored = unpack(packed, reference, first)
        model.load_state_dict(restored)
        if name == "unsplit":
            references["unsplit"] = restored
        self.files[file][f"{task.name} {name}"] = packed

    def save(self):
        """Write the three files anew, each whole or not at all."""
        for file, models in self.files.items():
            if not models:
                continue
            target = self.options.output / f"{file}.pt"
            kept = dict(models)
            while kept:
                torch.save({"models": kept, "records": self.records, "log": self.log}, target.with_suffix(".partial"))
                size = target.with_suffix(".partial").stat().st_size
                if size <= LARGEST_FILE or len(kept) == 1:
                    break
                left_out = list(kept)[-1]
                kept.pop(left_out)
                self.report(f"{file}.pt would have {size} bytes: {left_out} left out")
            target.with_suffix(".partial").replace(target)

    def phase(self, task_name, phase, seconds, seed):
        """Train, keep, evaluate; returns the record."""
        task, machine = self.task(task_name), self.machine
        file = "trashnet" if task_name == "trashnet" else "grocery"
        bits = 6 if task_name == "trashnet" else 8
        if phase == "unsplit":
            record = phases.train_unsplit(machine, task, seconds, seed)
            self.keep(task, "unsplit", task.unsplit, file, bits)
            return record | phases.evaluate_unsplit(machine, task)
        name, stage = phase.rsplit("-", 1)
        if stage == "distil":
            model, aim = phases.comparison(name, task.classes)
            return phases.distil_other(machine, task, name, model, seconds, seed, aim, LIKE.get(name))
        record = phases.tune_other(machine, task, name, seconds, seed)
        if task_name == "grocery" and name not in ("bottlefit-3", "bottlefit-6"):
            file = "baselines"
        self.keep(task, name, task.others[name], file, 6)
        return record | phases.evaluate_other(machine, task, name)

    def attempt(self, task_name, phase, seconds, seed):
        """The phase's record, whatever happens; where memory is short, once more with half the batch."""
        for _ in range(2):
            try:
                return self.phase(task_name, phase, seconds, seed)
            except torch.OutOfMemoryError:
                self.report(f"out of memory in {task_name} {phase} at batch {self.machine.batch}")
                self.machine.batch = max(16, self.machine.batch // 2)
            except Exception:
                self.report(f"FAILED {task_name} {phase}\n{traceback.format_exc(limit=6)}")
                break
            torch.cuda.empty_cache()
        return {"phase": f"{task_name} {phase}", "failed": True}

    def everything(self):
        self.report(f"torch {torch.__version__} on {self.options.device}, seed {self.options.seed}")
        if self.options.device == "cuda":
            self.report(torch.cuda.get_device_name(0))
            torch.backends.cuda.matmul.allow_tf32 = True
            torch.manual_seed(self.options.seed)
            try:
                fastest_format(self.machine, self.machine.place(Lite0(10)))
            except Exception:  # it only chooses the faster of two ways
                self.machine.format = torch.channels_last
                self.report(traceback.format_exc(limit=3))
            torch.backends.cudnn.benchmark = True
            torch.backends.cudnn.benchmark_limit = 4
        for index, (task_name, phase, weight) in enumerate(PLAN):
            left = self.options.seconds - RESERVE - self.elapsed()
            seconds = left * weight / sum(later[2] for later in PLAN[index:])
            if seconds < 0.3:
                self.report(f"no time is left for {task_name} {phase}")
                break
            record = self.attempt(task_name, phase, seconds, 1000 * self.options.seed + index)
            self.records.append(record)
            self.report(json.dumps(record))
            try:
                self.save()
            except Exception:
                self.report(f"FAILED to save\n{traceback.format_exc(limit=6)}")
        self.report("sizes " + str({path.name: path.stat().st_size for path in self.options.output.glob("*.pt")}))


if __name__ == "__main__":
    Run(arguments()).everything()
