#!/usr/bin/env python3
"""Compares compiled models with ONNX Runtime.

    against_onnxruntime.py --headrace PROGRAM --demo PROGRAM [--models FOLDER] [NAME...]

For each NAME.f32.onnx of the folder: the largest difference over the largest output, at most 1e-4. For
each NAME.int8.onnx (QDQ): how many quantization steps outputs differ by; at least 99.9 % within one and
none beyond two. ONNX Runtime runs twice: node by node in float as the QDQ nodes say, and with its fused
integer kernels, told to be exact (before AVX-512 VNNI its fast ones saturate sums of two products). Both
are compared with the same nodes evaluated in double precision too: a network may amplify single float32
roundings so far that ONNX Runtime itself is beyond those bounds from what its nodes say. Then it cannot be
the measure, and every output has to be what double precision gives. Inputs are NAME.in.npy. Exits with 1 if any model falls short, 77 if
there are none.

Needs: numpy, onnx, onnxruntime.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnxruntime

import qdq_in_double

FLOAT_TOLERANCE = 1e-4
ONE_STEP_SHARE = 0.999
MOST_STEPS = 2


def reference(path, x, optimized):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if not optimized:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    # Without this its int8 kernels saturate 16-bit sums on x86-64 that lacks VNNI.
    options.add_session_config_entry("session.x64quantprecision", "1")
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: x})[0]


def ours(arguments, network, array, folder):
    """The output as real numbers, and its scale (0 for float32)."""
    model, result = folder / "model.hrm", folder / "result.npy"
    subprocess.run([arguments.headrace, "compile", network, "-o", model, "--quiet"], check=True)
    subprocess.run(
        [arguments.demo, "run", model, "--input", array, "--output", result],
        check=True, stdout=subprocess.DEVNULL)
    text = subprocess.run(
        [arguments.headrace, "inspect", model, "--json"], check=True, capture_output=True, text=True)
    description = json.loads(text.stdout)
    print(
        f"  arena {description['arena_bytes']} bytes,"
        f" {description['arena_bytes'] / description['arena_lower_bound'] - 1:.2%} over its bound,"
        f" {'uses' if description['uses_float'] else 'no'} floating point")
    return np.load(result), description["outputs"][0].get("scale", 0)


def check_float(arguments, network, array, folder):
    expected = reference(network, np.load(array), optimized=True)
    found, _ = ours(arguments, network, array, folder)
    error = np.abs(found.reshape(expected.shape) - expected).max() / np.abs(expected).max()
    print(f"  largest difference {error:.2e} of the largest output")
    return error <= FLOAT_TOLERANCE


def check_quantized(arguments, network, array, folder):
    found, scale = ours(arguments, network, array, folder)
    x = np.load(array)
    exact = qdq_in_double.evaluate(network, x)
    passes = reference_is_exact = True
    for optimized in (False, True):
        expected = reference(network, x, optimized)
        name = "fused kernels" if optimized else "node by node"
        shares = steps_between(found, expected, scale, f"from ONNX Runtime, {name}")
        own = steps_between(expected, exact, scale, "of that from double precision")
        reference_is_exact &= is_close(own)
        passes &= is_close(shares)
    shares = steps_between(found, exact, scale, "from double precision")
    if not reference_is_exact:
        print("  ONNX Runtime is not within the bounds itself: double precision is the measure")
        return shares[0] == 1
    return passes


def is_close(shares):
    return bool(shares[:2].sum() >= ONE_STEP_SHARE and len(shares) <= MOST_STEPS + 1)


def steps_between(found, expected, scale, title):
    """Prints and returns the share of outputs that are 0, 1, 2, ... quantization steps apart."""
    steps = np.abs(np.rint((found.reshape(expected.shape) - expected) / scale)).astype(int)
    shares = np.bincount(steps.ravel(), minlength=MOST_STEPS + 1) / steps.size
    text = ", ".join(f"{step}: {share:.4%}" for step, share in enumerate(shares) if share)
    print(f"  steps {title}: {text}")
    return shares


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--headrace", required=True)
    parser.add_argument("--demo", required=True)
    parser.add_argument(
        "--models", type=pathlib.Path, default=root.parent / "shared" / "bench" / "models")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    networks = sorted(arguments.models.glob("*.f32.onnx")) + sorted(
        arguments.models.glob("*.int8.onnx"))
    if arguments.names:
        networks = [n for n in networks if n.name.split(".")[0] in arguments.names]
    if not networks:
        print(f"skipped: no networks in {arguments.models}")
        return 77
    failures = []
    for network in networks:
        print(network.name, flush=True)
        array = network.with_name(network.name.split(".")[0] + ".in.npy")
        check = check_float if ".f32." in network.name else check_quantized
        with tempfile.TemporaryDirectory() as folder:
            if not check(arguments, network, array, pathlib.Path(folder)):
                failures.append(network.name)
    print("FAILED: " + ", ".join(failures) if failures else f"all {len(networks)} agree")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
