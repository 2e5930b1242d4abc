#!/usr/bin/env python3
"""Measures the runtime beside its peers: boards/run bench says what has to be built before.

    bench.py outputs|x86|count|threads|mca|size|table|record...
"""
import importlib
import sys

from networks import BUILD

STAGES = ["outputs", "x86", "count", "threads", "mca", "size", "table", "record"]


def main():
    stages = sys.argv[1:]
    unknown = [stage for stage in stages if stage not in STAGES]
    if unknown or not stages:
        print(__doc__.strip(), file=sys.stderr)
        sys.exit(2)
    BUILD.mkdir(parents=True, exist_ok=True)
    for stage in stages:
        try:
            module = importlib.import_module(stage)
        except ModuleNotFoundError as missing:
            sys.exit(f"bench.py: {missing}; boards/run bench {stage} installs what it takes")
        module.run()


if __name__ == "__main__":
    main()
