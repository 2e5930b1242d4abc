"""The runtimes that are measured beside this one, each with its best settings for one thread.

How a peer loads and runs a network stands in ../shared/bench/bench_one.py, which run_peer.py runs.
"""
import importlib.metadata
import pathlib
import typing

from networks import MODELS, SHARED

BENCH_ONE = SHARED / "bench_one.py"
RUN_PEER = pathlib.Path(__file__).with_name("run_peer.py")
PACKAGES = {"ort": "onnxruntime", "ncnn": "ncnn", "litert": "ai-edge-litert"}


class Peer(typing.NamedTuple):
    runtime: str
    form: str  # of the network: f32, int8, or u8s8 (int8 weights, uint8 activations)

    @property
    def type_name(self):
        """Which of our models it is compared with."""
        return "f32" if self.form == "f32" else "int8"

    @property
    def name(self):
        return f"{self.runtime} {self.form}"

    @property
    def version(self):
        return importlib.metadata.version(PACKAGES[self.runtime])

    def arguments(self, network, *options):
        """Of Python."""
        return [str(RUN_PEER), str(BENCH_ONE), self.runtime, network, self.form, "--models", str(MODELS), *options]


PEERS = [
    Peer("ort", "f32"), Peer("ncnn", "f32"), Peer("litert", "f32"),
    Peer("ort", "int8"), Peer("ort", "u8s8"), Peer("litert", "int8")]


def peers_of(type_name):
    return [peer for peer in PEERS if peer.type_name == type_name]


def versions():
    return {package: importlib.metadata.version(package) for package in PACKAGES.values()}
