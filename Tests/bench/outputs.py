"""Stage outputs: the same input through every runtime, before anything is timed.

Distances are Euclidean, over the length of the reference. Ours in float32 must be within FLOAT_LIMIT of
ONNX Runtime's. Quantized outputs differ from float32 ones by nature: ours must not be further from them
than INT8_MARGIN times the furthest peer.
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

import results
from networks import DEMO, NETWORKS, TYPES, input_of, model_of
from peers import PEERS, peers_of

FLOAT_LIMIT = 1e-4
INT8_MARGIN = 1.1


def distance(found, reference):
    found, reference = found.ravel().astype(np.float64), reference.ravel().astype(np.float64)
    return float(np.linalg.norm(found - reference) / np.linalg.norm(reference))


def our_output(network, type_name, path):
    subprocess.run(
        [DEMO, "run", model_of(network, type_name), "--input", input_of(network), "--output", path],
        check=True, stdout=subprocess.DEVNULL)
    return np.load(path)


def peer_output(peer, network, path):
    command = [sys.executable, *peer.arguments(network, "--save", str(path))]
    subprocess.run(command, check=True, capture_output=True)
    return np.load(path)


def compare(network, folder):
    ours = {type_name: our_output(network, type_name, folder / "ours.npy") for type_name in TYPES}
    theirs = {peer: peer_output(peer, network, folder / "peer.npy") for peer in PEERS}
    exact = theirs[PEERS[0]]
    return {
        type_name: {
            "from_float": distance(ours[type_name], exact),
            "peers": {
                peer.name: {
                    "from_ours": distance(theirs[peer], ours[type_name]),
                    "from_float": distance(theirs[peer], exact),
                } for peer in peers_of(type_name)
            },
        } for type_name in TYPES
    }


def is_close(found):
    furthest = max(peer["from_float"] for peer in found["int8"]["peers"].values())
    return (found["f32"]["from_float"] <= FLOAT_LIMIT
            and found["int8"]["from_float"] <= INT8_MARGIN * furthest)


def run():
    networks = {}
    for network in NETWORKS:
        with tempfile.TemporaryDirectory() as folder:
            networks[network] = compare(network, pathlib.Path(folder))
        found = networks[network]
        peers = "; ".join(
            f"{name} {peer['from_ours']:.1e}"
            for type_name in TYPES for name, peer in found[type_name]["peers"].items())
        print(f"{network}: {peers}: {'agrees' if is_close(found) else 'DIFFERS'}", flush=True)
    results.save("outputs", {"networks": networks})
    different = [network for network, found in networks.items() if not is_close(found)]
    if different:
        sys.exit(f"outputs differ too much: {', '.join(different)}")
