#!/usr/bin/env python3
"""Measures the compiled head and tail on a part of GroceryStore, with the runtime itself.

    python evaluate.py --data GroceryStoreDataset/dataset --part test --demo build/host/bin/headrace-demo

Sends every picture through `headrace-demo camera --json`: decoding, preparation, head, payload and tail
are those of a board. Prints accuracy and the mean bytes of payloads and of the JPEGs.
"""
import argparse
import csv
import json
import pathlib
import subprocess
import sys
import tempfile


def pictures(data, part):
    """Paths and class names, in the order of the part's list."""
    with open(data / "classes.csv", newline="") as file:
        names = {row["Coarse Class ID (int)"]: row["Coarse Class Name (str)"] for row in csv.DictReader(file)}
    for line in (data / f"{part}.txt").read_text().splitlines():
        path, _, coarse = (field.strip() for field in line.split(","))
        yield data / path, names[coarse]


def main():
    here = pathlib.Path(__file__).parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--part", choices=["train", "val", "test"], default="val")
    parser.add_argument("--demo", required=True, help="the program headrace-demo")
    parser.add_argument("--head", default=here / "head.hrm")
    parser.add_argument("--tail", default=here / "tail.hrm")
    parser.add_argument("--rate", default="6")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        truth = {}
        for index, (path, name) in enumerate(pictures(arguments.data, arguments.part)):
            link = pathlib.Path(folder) / f"{index:05d}.jpg"
            link.symlink_to(path.resolve())
            truth[str(link)] = name
        command = [arguments.demo, "camera", folder, "--json", "--rate", arguments.rate,
                   "--head", arguments.head, "--tail", arguments.tail]
        right = count = payload = jpeg = 0
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout:
                frame = json.loads(line)
                count += 1
                right += frame["label"] == truth[frame["source"]]
                payload += frame["payload_bytes"]
                jpeg += frame["jpeg_bytes"]
                print(f"\r{count}/{len(truth)}", end="", file=sys.stderr)
    print(file=sys.stderr)
    if process.returncode or count != len(truth):
        sys.exit(f"headrace-demo answered for {count} of {len(truth)} pictures")
    print(f"{arguments.part}: {right} of {count} right, {right / count:.2%}; "
          f"payload {payload / count:,.0f} bytes, JPEG {jpeg / count:,.0f} bytes a picture")


if __name__ == "__main__":
    main()
