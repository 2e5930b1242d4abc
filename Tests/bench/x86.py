"""Stage x86: milliseconds on this machine, one thread.

Every runtime has a process of its own, pinned to a CPU. Runtimes take turns, round after round, so that
what else the machine does falls on all of them alike; of the rounds the smallest minimum counts.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys

import results
from networks import DEMO, NETWORKS, TYPES, model_of
from peers import PEERS, versions

ROUNDS = 4
SECONDS = 2  # that a runtime runs in a round, and at least LEAST_RUNS times
LEAST_RUNS, MOST_RUNS = 5, 2000


def cpu_name():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown"


def time_ours(model, cpu, repeat):
    """(minimum, median) in milliseconds, and the whole report."""
    text = subprocess.run(
        ["taskset", "-c", str(cpu), DEMO, "bench", model, "--json", "--repeat", str(repeat)],
        check=True, capture_output=True, text=True).stdout
    report = json.loads(text)
    return (report["min_ms"], report["median_ms"]), report


def time_peer(peer, network, cpu):
    """(minimum, median) in milliseconds."""
    command = ["taskset", "-c", str(cpu), sys.executable, *peer.arguments(
        network, "--iters", str(MOST_RUNS), "--budget", str(SECONDS))]
    words = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(words[words.index("min") + 1]), float(words[words.index("median") + 1])


def summary(rounds):
    return {
        "min_ms": min(least for least, _ in rounds),
        "median_ms": statistics.median(median for _, median in rounds),
    }


def measure(network, cpus):
    rounds, reports, repeats = {}, {}, {}
    for number in range(ROUNDS):
        cpu = cpus[number % len(cpus)]
        for type_name in TYPES:
            model = model_of(network, type_name)
            if type_name not in repeats:
                (least, _), _ = time_ours(model, cpu, 1)
                repeats[type_name] = max(LEAST_RUNS, min(MOST_RUNS, int(SECONDS * 1000 / least)))
            timing, reports[type_name] = time_ours(model, cpu, repeats[type_name])
            rounds.setdefault(f"ours {type_name}", []).append(timing)
        for peer in PEERS:
            rounds.setdefault(peer.name, []).append(time_peer(peer, network, cpu))
        print(f"{network}: round {number + 1} of {ROUNDS}", flush=True)
    return {
        "runtimes": {name: summary(timings) for name, timings in rounds.items()},
        "kernels": reports["f32"]["kernels"],
        "macs": reports["f32"]["macs"],
    }


def run():
    cpus = sorted(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    networks = {network: measure(network, cpus) for network in NETWORKS}
    results.save("x86", {
        "machine": f"{cpu_name()}, {len(cpus)} CPUs",
        "load_before": load,
        "rounds": ROUNDS,
        "versions": versions(),
        "networks": networks,
    })
