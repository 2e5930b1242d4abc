"""Stage mca: what llvm-mca makes of the kernels' hot loops, against the CPU's peak.

It models the pipeline with every load a hit in the first cache, and takes a loop's instructions one after
the other: branches inside a loop are not followed, so a loop that has some is marked.
"""
import json
import re
import shutil
import subprocess
import sys

import results
from loops import OBJDUMP, functions_of, hot_loop
from networks import ROOT

MCA = "llvm-mca-19"
TREE = ROOT / "build" / "cmake" / "aarch64"
ITERATIONS = 500
LEAST_MACS = 4  # in an iteration: less is address arithmetic and the like

# Kernels of a variant, the CPU that they are modelled on, and its peak of MAC a cycle for each type.
# Models of the Cortex-A53 are not to be trusted; the Neoverse N1 stands for the A76 and A78AE.
VARIANTS = {
    "baseline": ("cortex-a72", {"float32": 4, "int8": 8, "int16": 4}),
    "dotprod": ("neoverse-n1", {"float32": 8, "int8": 32, "int16": 4}),
}


def type_of(name, products):
    """By the function's name, or else by the instruction that does most."""
    parts = (("float", "float32"), ("int8", "int8"), ("int16", "int16"),
             ("_f32", "float32"), ("_i8", "int8"), ("_i16", "int16"))
    for part, type_name in parts:
        if part in name.lower():
            return type_name
    most = max(products, key=products.get)
    return "float32" if most.startswith("f") else "int16" if most == "smlal" else "int8"


def cycles_of_iteration(loop, cpu):
    text = ".Lloop:\n" + "\n".join(instruction.text for instruction in loop.instructions) + "\n"
    output = subprocess.run(
        [MCA, "-mtriple=aarch64-linux-gnu", f"-mcpu={cpu}", f"-iterations={ITERATIONS}", "-json"],
        input=text, check=True, capture_output=True, text=True).stdout
    return json.loads(output)["CodeRegions"][0]["SummaryView"]["TotalCycles"] / ITERATIONS


def declared_functions():
    """Of the kernels that contract, pool and multiply: others hardly multiply and accumulate."""
    swift = (ROOT / "Sources" / "HeadraceKernels" / "Contraction").glob("*.swift")
    c = (ROOT / "Sources" / "CHeadrace" / "include").glob("matrix_product*.h")
    return {
        name for paths, pattern in ((swift, r"\bfunc (\w+)"), (c, r"^HR_APART .*?(hr_multiply_\w+_[fi]\d+)\("))
        for path in paths for name in re.findall(pattern, path.read_text(), re.MULTILINE)}


def demangled(names):
    text = subprocess.run(
        ["swift", "demangle", "--simplified", "--compact"], input="\n".join(names),
        check=True, capture_output=True, text=True).stdout
    return dict(zip(names, text.splitlines()))


def describe(name, loop, cpu, peaks):
    type_name = type_of(name, loop.products)
    rate = loop.macs / cycles_of_iteration(loop, cpu)
    return {
        "kernel": name, "type": type_name, "cpu": cpu,
        "macs": loop.macs, "instructions": len(loop.instructions),
        "products": loop.products, "stack_accesses": loop.stack_accesses, "branches": loop.branches,
        "macs_per_cycle": rate, "peak": peaks[type_name], "share_of_peak": rate / peaks[type_name],
    }


def run():
    for tool in (OBJDUMP, MCA):
        if not shutil.which(tool):
            sys.exit(f"{tool} is not there: Debian's package llvm-19 has it")
    variants, declared = {}, declared_functions()
    for variant, (cpu, peaks) in VARIANTS.items():
        functions = functions_of(TREE / f"HeadraceKernels_{variant}.o")
        loops = {name: hot_loop(instructions) for name, instructions in functions.items()}
        loops = {
            name: loop for name, loop in loops.items()
            if loop and loop.macs >= LEAST_MACS and not loop.calls}
        names = demangled(list(loops))
        loops = {
            name: loop for name, loop in loops.items()
            if not declared.isdisjoint(re.findall(r"\w+", names[name]))}
        variants[variant] = sorted(
            (describe(names[name], loop, cpu, peaks) for name, loop in loops.items()),
            key=lambda found: (found["type"], found["kernel"]))
        for found in variants[variant]:
            print(f"{variant} {found['kernel']}: {found['macs_per_cycle']:.2f} MAC a cycle,"
                  f" {found['share_of_peak']:.0%} of the peak", flush=True)
    results.save("mca", {"variants": variants})
