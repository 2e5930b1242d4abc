"""Stage size: bytes of code, bytes of memory, and how soon a model gives its first result."""
import json
import pathlib
import subprocess

import results
from linker_map import KINDS, sizes
from networks import BUILD, COMPILER, NETWORKS, ROOT, TYPES, model_of

HERE = pathlib.Path(__file__).resolve().parent
COMPILERS = {"host": "gcc", "aarch64": "aarch64-linux-gnu-gcc"}
PROCESSES = 5  # that a first result is timed in; the fastest counts


def part_of(source):
    name = pathlib.PurePath(source).name
    return name[:-2].replace("HeadraceKernels_", "kernels, ") if "Kernels_" in name else "core"


def library_parts(tree):
    """What of each part is in libheadrace.a: its objects, linked once more to have the linker's map."""
    folder = ROOT / "build" / "cmake" / tree
    objects = [
        folder / "Headrace.o", *sorted(folder.glob("HeadraceKernels_*.o")),
        *sorted((folder / "CMakeFiles" / "headrace_c.dir").rglob("*.o"))]
    exports = (folder / "headrace.exports").read_text().split()
    linker_map = BUILD / f"{tree}.map"
    subprocess.run(
        [COMPILERS[tree], "-r", "-nostdlib", "-Wl,--gc-sections", "-Wl,--unique=.text.*",
         *(f"-Wl,-u,{e}" for e in exports),
         f"-Wl,-Map={linker_map}", "-o", BUILD / f"{tree}.o", *objects], check=True)
    return sum_up((part_of(source), found) for source, found in sizes(linker_map).items())


def sum_up(parts):
    sums = {}
    for part, found in parts:
        kinds = sums.setdefault(part, dict.fromkeys(KINDS, 0))
        for kind, count in found.items():
            kinds[kind] += count
    return dict(sorted(sums.items()))


def one_network_program():
    """Bytes that libheadrace.a gives a program which runs one int8 network of convolutions."""
    linker_map = BUILD / "one_network.map"
    subprocess.run(
        [COMPILERS["aarch64"], "-Os", "-I", ROOT / "include", HERE / "programs" / "one_network.c",
         ROOT / "build" / "rpi4" / "lib" / "libheadrace.a", "-lm", "-Wl,--gc-sections",
         f"-Wl,-Map={linker_map}", "-o", BUILD / "one_network"], check=True)
    parts = sum_up(
        ("library", found) for source, found in sizes(linker_map).items() if "libheadrace.a" in source)
    return parts["library"]


def framework():
    """Bytes of code of the library for 64-bit ARM without operators and kernels, as a test holds them."""
    text = subprocess.run(
        [ROOT / "Tests" / "clients" / "framework_size.sh", "aarch64-linux-gnu-size", COMPILERS["aarch64"],
         ROOT / "build" / "cmake" / "aarch64" / "Headrace.o", "24576"],
        capture_output=True, text=True).stdout
    return int(text.split()[0])


def arena(model):
    text = subprocess.run(
        [COMPILER, "inspect", model, "--json"], check=True, capture_output=True, text=True).stdout
    description = json.loads(text)
    keys = ("file_bytes", "weight_bytes", "arena_bytes", "arena_lower_bound", "session_bytes")
    return {key: description[key] for key in keys}


def build_opening():
    host, program = ROOT / "build" / "host", BUILD / "opening"
    subprocess.run(
        ["gcc", "-std=c11", "-O2", "-Wall", "-Wextra", "-I", host / "include",
         HERE / "programs" / "opening.c", host / "lib" / "libheadrace_io.a",
         host / "lib" / "libheadrace.a", "-ljpeg", "-lm", "-pthread", "-Wl,--gc-sections",
         "-o", program], check=True)
    return program


def opening(program, model):
    runs = [
        json.loads(subprocess.run([program, model], check=True, capture_output=True).stdout)
        for _ in range(PROCESSES)]
    found = {key: min(run[key] for run in runs) for key in runs[0]}
    return {**found, "verify_gigabytes_per_second": found["bytes"] / found["verify_ms"] / 1e6}


def run():
    parts = {tree: library_parts(tree) for tree in COMPILERS}
    program = one_network_program()
    print("sizes of the library are known", flush=True)
    timer = build_opening()
    models = {}
    for network in NETWORKS:
        for type_name in TYPES:
            model = model_of(network, type_name)
            models[f"{network} {type_name}"] = {**arena(model), **opening(timer, model)}
            print(f"{network} {type_name}: opened", flush=True)
    results.save("size", {
        "parts": parts, "framework": framework(), "one_network": program, "models": models})
