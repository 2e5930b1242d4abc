"""Records SPLIT.md: bytes and accuracy of split networks, and how long answers take over slow links.

    build/venv/bin/pip install -r Tests/bench/evaluate/requirements-split.txt
    build/venv/bin/python Tests/bench/split.py --grocery GroceryStoreDataset/dataset --unsplit unsplit.hrm --record
    sudo build/venv/bin/python Tests/bench/split.py --links --pictures photos/ --unsplit unsplit.hrm --record
    sudo build/venv/bin/python Tests/bench/split.py --recovery --record

The first has `headrace evaluate split` measure, into build/bench/split. The second, which takes root, sends frames
through emulated links (emulated_link.py says how): our packets by `headrace-demo send` to `headrace serve`, and JPEGs
of quality 75 over TCP to a server that runs the unsplit network (programs/jpeg_offload.c). Every program runs on this
machine; the whole network on a board is the compiler's prediction. The third has such a link become slow suddenly, and
takes mosquitto too. --record writes what there is into SPLIT.md.
"""
import argparse
import json
import math
import pathlib
import subprocess
import sys

import split_links
import split_recovery

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BIN = ROOT / "build" / "host" / "bin"
RESULTS = ROOT / "build" / "bench" / "split"
MODELS = ROOT / "Sources" / "Models" / "split"


def measure_rates(options):
    command = [BIN / "headrace", "evaluate", "split", options.grocery, "--models", options.models, "--every",
               str(options.every), "--python", sys.executable, "-o", RESULTS]
    if options.unsplit:
        command += ["--unsplit", options.unsplit]
    subprocess.run(command, check=True)


def predicted(unsplit, board):
    """Milliseconds of the whole network on a board with all its cores, as the compiler predicts."""
    command = [BIN / "headrace", "inspect", unsplit, "--board", board, "--json"]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(found.stdout)["prediction"]


def whole(milliseconds):
    return "-" if math.isnan(milliseconds) else f"{milliseconds:.0f}"


def links_table(found):
    rows = ["| link | lost packets | what is sent | bytes, mean | link, ms | median, ms | p99, ms | answered |",
            "|---|---:|---|---:|---:|---:|---:|---:|"]
    for row in found["rows"]:
        rows.append(f"| {row['mbit']:g} Mbit/s, {row['delay_ms']:g} ms each way | {row['loss']:g} % | {row['what']} | "
                    f"{row['bytes']:.0f} | {whole(row['link_ms'])} | {row['median_ms']:.0f} | {row['p99_ms']:.0f} | "
                    f"{row['answered']} of {row['frames']} |")
    local = found["local"]
    return "\n".join(rows) + (
        f"\n\nAll of the network on the board: {local['milliseconds']:.1f} ms on {local['board']} with "
        f"{local['threads']} threads. That is the compiler's prediction; no board was measured. Everything else ran on "
        "one machine, heads and tails too, so that the board's share is smaller here than on a board.")


def record():
    parts = ["# Split computing: bytes, accuracy, and slow links",
             "Recorded by `Tests/bench/split.py`, which says how."]
    rates = RESULTS / "split.md"
    if rates.exists():
        parts.append(rates.read_text().split("\n\n", 1)[1].strip())
        plot = RESULTS / "split.png"
        if plot.exists():
            (HERE / "split.png").write_bytes(plot.read_bytes())
    links = RESULTS / "links.json"
    if links.exists():
        found = json.loads(links.read_text())
        parts += ["## Over slow links", found["about"], links_table(found)]
    recovery = RESULTS / "recovery.json"
    if recovery.exists():
        found = json.loads(recovery.read_text())
        parts += ["## Over links that become slow", found["about"], split_recovery.table(found)]
    (HERE / "SPLIT.md").write_text("\n\n".join(parts) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--grocery", type=pathlib.Path, help="GroceryStore's folder dataset/")
    parser.add_argument("--models", type=pathlib.Path, default=MODELS, help="a folder of head.hrm and tail.hrm")
    parser.add_argument("--unsplit", type=pathlib.Path, help="the whole network, .hrm")
    parser.add_argument("--every", type=int, default=1, help="take the first of so many pictures")
    parser.add_argument("--links", action="store_true", help="measure slow links; takes root")
    parser.add_argument("--recovery", action="store_true", help="measure links that become slow; takes root")
    parser.add_argument("--pictures", type=pathlib.Path, help="a folder of JPEGs to send")
    parser.add_argument("--frames", type=int, default=100, help="to send over each link")
    parser.add_argument("--record", action="store_true", help="write SPLIT.md")
    options = parser.parse_args()
    if not (BIN / "headrace").exists():
        sys.exit("split.py: needs build/host; run 'boards/run host build'")
    RESULTS.mkdir(parents=True, exist_ok=True)
    if options.grocery:
        measure_rates(options)
    if options.links:
        if not options.pictures or not options.unsplit:
            sys.exit("split.py: --links needs --pictures and --unsplit")
        found = split_links.measure(BIN, options.models, options.unsplit, options.pictures, options.frames, RESULTS)
        found["local"] = predicted(options.unsplit, "rpi4")
        (RESULTS / "links.json").write_text(json.dumps(found, indent=1) + "\n")
        print(links_table(found))
    if options.recovery:
        found = split_recovery.measure(BIN, options.models, RESULTS)
        (RESULTS / "recovery.json").write_text(json.dumps(found, indent=1) + "\n")
        print(split_recovery.table(found))
    if options.record:
        record()


if __name__ == "__main__":
    main()
