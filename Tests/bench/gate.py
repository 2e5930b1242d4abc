#!/usr/bin/env python3
"""Holds the instructions of one inference, of the busiest of several threads, of a frame that becomes an input, and of
one enhanced frame, to what was recorded: counts repeat to 0.1 %, times do not.

    gate.py check     one TAP line for each network and CPU; a count that is 0.5 % too high fails
    gate.py record    writes counts.json anew, after a change that was meant

Counts depend on the compiler, so that they are compared for the version of Swift that recorded them.
Needs build/rpi4 (boards/run rpi4 build) and qemu-user.
"""
import json
import pathlib
import re
import subprocess
import sys

from counting import CannotCount, build_program, count_frame, count_input, count_ours, count_shares, plugin

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RECORD = HERE / "counts.json"
DEMO = ROOT / "build" / "rpi4" / "bin" / "headrace-demo"
CPUS = ["cortex-a72", "cortex-a76"]
NETWORKS = {
    "bottlefit head, int8": ROOT / "Sources" / "Models" / "bottlefit" / "head.hrm",
    "bottlefit head, float32": HERE / "head.float32.hrm",
    "depthwise layers, int8": ROOT / "Tests" / "system" / "models" / "depthwise.int8.hrm",
    "sequence layers, int8": ROOT / "Tests" / "system" / "models" / "sequence.int8.hrm",
    "low-light cleaning, int16x8": ROOT / "Sources" / "Models" / "lowlight" / "real-time-clean.hrm",
    "window layers, int16x8": ROOT / "Tests" / "system" / "models" / "windows.int16x8.hrm",
}
# Of hr_enhance: a tier, and the size of a dark picture.
FRAMES = {
    "a frame of 640x480 in real-time": ("real-time", 640, 480),
    "a frame of 1920x1080 in nano": ("nano", 1920, 1080),
}
# Of the busiest of four threads.
SHARED = {
    "busiest of four threads, bottlefit head, int8": NETWORKS["bottlefit head, int8"],
    "busiest of four threads, bottlefit head, float32": NETWORKS["bottlefit head, float32"],
}
# Frames of 640x480 that become the input of bottlefit's head.
INPUTS = {f"a frame of 640x480, {name}, as an input": name for name in ("rgb24", "yuyv", "nv12")}
TOLERANCE = 0.005


def swift_version():
    text = subprocess.run(["swiftc", "--version"], check=True, capture_output=True, text=True).stdout
    return re.search(r"Swift version (\S+)", text).group(1)


def cases():
    return [(cpu, name, f"{name}, {cpu}") for name in [*NETWORKS, *FRAMES, *SHARED, *INPUTS] for cpu in CPUS]


def count(cpu, name):
    if name in FRAMES:
        return count_frame(cpu, DEMO, *FRAMES[name])
    if name in SHARED:
        return count_shares(cpu, build_program("shares"), SHARED[name], 4)["busiest"]
    if name in INPUTS:
        return count_input(cpu, build_program("frame"), NETWORKS["bottlefit head, int8"], INPUTS[name])
    return count_ours(cpu, DEMO, NETWORKS[name])


def skip(reason):
    for number, (_, _, key) in enumerate(cases(), 1):
        print(f"ok {number} - instructions of {key} # SKIP {reason}")


def check():
    recorded = json.loads(RECORD.read_text())
    if recorded["swift"] != swift_version():
        return skip(f"recorded with Swift {recorded['swift']}, this is {swift_version()}")
    try:
        plugin()
    except CannotCount as reason:
        return skip(reason)
    failures = 0
    for number, (cpu, name, key) in enumerate(cases(), 1):
        found, before = count(cpu, name), recorded["instructions"][key]
        change = found / before - 1
        worse = change > TOLERANCE
        failures += worse
        print(f"{'not ok' if worse else 'ok'} {number} - instructions of {key}: {found / 1e6:.3f} M,"
              f" {change:+.2%} of what was recorded", flush=True)
        if change < -TOLERANCE:
            print("# fewer: boards/run record-counts keeps the new figure", flush=True)
    sys.exit(1 if failures else 0)


def record():
    counts = {}
    for cpu, name, key in cases():
        counts[key] = count(cpu, name)
        print(f"{key}: {counts[key] / 1e6:.3f} M", flush=True)
    RECORD.write_text(json.dumps({"swift": swift_version(), "instructions": counts}, indent=1) + "\n")


if __name__ == "__main__":
    if sys.argv[1:] not in (["check"], ["record"]):
        print(__doc__.strip(), file=sys.stderr)
        sys.exit(2)
    {"check": check, "record": record}[sys.argv[1]]()
