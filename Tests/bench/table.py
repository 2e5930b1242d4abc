"""Stage table: build/bench/table.md and plots of what the other stages found last."""
import goals
import results
from comparison import OURS, comparison_table, markdown, mean_ratio, ratio
from networks import BUILD, TYPES
from plots import plot_comparisons

TYPE_NAMES = {"f32": "float32", "int8": "int8"}


def x86_rows(found, type_name):
    """{network: {"ours": ms, peer: ms}} of the runtimes that compute in a type."""
    def is_ours(name):
        return name == f"ours {type_name}"

    def belongs(name):
        return is_ours(name) or name.endswith(f" {type_name}") and not name.startswith(OURS) or (
            type_name == "int8" and name.endswith("u8s8"))

    return {
        network: {
            OURS if is_ours(name) else name: timing["min_ms"]
            for name, timing in measured["runtimes"].items() if belongs(name)}
        for network, measured in found["networks"].items()}


def losses(title, rows):
    """One line: on how many networks a peer is better, and by how much at most."""
    worse = {network: ratio(row) for network, row in rows.items() if (ratio(row) or 0) > 1}
    if not any(ratio(row) for row in rows.values()):
        return f"- {title}: no peer was measured"
    if not worse:
        return f"- {title}: nothing"
    worst = max(worse, key=worse.get)
    return (f"- {title}: on {len(worse)} of {len(rows)} networks; ours takes at most"
            f" {worse[worst]:.2f} times as much ({worst}), in the geometric mean of all"
            f" {mean_ratio(rows):.2f} times")


def x86_section(found):
    tables = {type_name: x86_rows(found, type_name) for type_name in TYPES}
    plot_comparisons(
        {f"{TYPE_NAMES[t]}, one thread": rows for t, rows in tables.items()}, "ms", BUILD / "x86.png")
    kernels = next(iter(found["networks"].values()))["kernels"]
    text = (f"Milliseconds, one thread: the minimum of {found['rounds']} rounds in which the runtimes"
            f" took turns, in brackets the median of the rounds' medians. {found['machine']}, ours with"
            f" its {kernels} kernels; its load before the first round was {found['load_before']:.1f}."
            f" Sources {found['commit']}.\n\n![milliseconds](x86.png)\n")
    for type_name, rows in tables.items():
        def show(network, name, type_name=type_name):
            runtimes = found["networks"][network]["runtimes"]
            timing = runtimes[f"ours {type_name}" if name == OURS else name]
            return f"{timing['min_ms']:.3g} ({timing['median_ms']:.3g})"
        text += f"\n{TYPE_NAMES[type_name]}\n\n" + comparison_table(rows, show)
    lost = [losses(f"x86-64 {TYPE_NAMES[t]}", rows) for t, rows in tables.items()]
    reached = [row for t, rows in tables.items() for row in goals.x86_goals(TYPE_NAMES[t], rows)]
    return text, lost, reached


def count_section(found):
    millions = {
        case: {network: {name: value / 1e6 for name, value in row.items()}
               for network, row in rows.items()}
        for case, rows in found["counts"].items()}
    plot_comparisons(millions, "million instructions", BUILD / "instructions.png")
    text = ("Million instructions of one inference, one thread, on a CPU that QEMU emulates. They are"
            f" not time, but repeat to 0.1 %. zerodce_256, which is zerodce_64 with more pixels, is not counted."
            f" Sources {found['commit']}.\n\n"
            "![million instructions](instructions.png)\n")
    if found["without_peers"]:
        text += f"\nPeers were not counted: {found['without_peers']}.\n"
    for case, rows in millions.items():
        text += f"\n{case}\n\n" + comparison_table(rows, lambda n, name, r=rows: f"{r[n][name]:.2f}")
    inputs = found.get("inputs")
    lost = [losses(f"instructions, {case}", rows) for case, rows in millions.items()]
    reached = [row for case, rows in millions.items() for row in goals.count_goals(case, rows)]
    if not inputs:  # of before this was counted
        return text, lost, reached
    text += "\nFrames of 640x480 that become the input of mbv1_025_96, and its int8 head\n\n" + markdown(
        ["CPU", *next(iter(inputs.values()))],
        [[cpu, *(f"{count / 1e6:.2f}" for count in counts.values())] for cpu, counts in inputs.items()])
    return text, lost, reached + goals.input_goals(inputs)


def threads_section(found):
    text = ("One thread's instructions over those of the busiest of several, from wait to wait, and of what one thread"
            f" does alone ({found['cpu']}): the most that so many cores can gain. In brackets the part that is done"
            f" alone. Sources {found['commit']}.\n\n")
    counts = list(found["networks"]["mbv2_100_224"]["f32"])[1:]
    lines = []
    for network, types in found["networks"].items():
        for type_name, by_count in types.items():
            one = by_count["1"]["busiest"]
            gains = [
                f"{one / by_count[count]['busiest']:.2f} ({by_count[count]['alone'] / one:.1%})" for count in counts]
            lines.append([network, TYPE_NAMES[type_name], f"{one / 1e6:.2f}", *gains])
    return text + markdown(["network", "type", "million instructions", *(f"{c} threads" for c in counts)],
                           lines), [], goals.threads_goals(found)


def outputs_section(found):
    text = ("The same input through each: distance of a peer's output from ours, and of each from ONNX"
            " Runtime's in float32, over the length of the latter (Euclidean).\n\n")
    lines = []
    for network, types in found["networks"].items():
        for type_name, measured in types.items():
            for name, peer in measured["peers"].items():
                lines.append([
                    network, name, f"{peer['from_ours']:.1e}", f"{measured['from_float']:.1e}",
                    f"{peer['from_float']:.1e}"])
    titles = ["network", "peer", "peer to ours", "ours to float32", "peer to float32"]
    return text + markdown(titles, lines), [], []


def mca_section(found):
    text = ("llvm-mca 19 on the innermost loop with most multiply-accumulates of each kernel, every"
            " load a hit. The Neoverse N1 stands for the Cortex-A76. Stack: loads and stores of"
            " the stack in the loop. Branches inside a loop are not followed. Sources"
            f" {found['commit']}.\n\n")
    lines = []
    for variant, kernels in found["variants"].items():
        for kernel in kernels:
            lines.append([
                f"{variant} `{kernel['kernel']}`", kernel["type"], kernel["cpu"], kernel["macs"],
                kernel["instructions"], kernel["stack_accesses"], kernel["branches"],
                f"{kernel['macs_per_cycle']:.2f}", f"{kernel['peak']:g}",
                f"{kernel['share_of_peak']:.0%}"])
    titles = ["kernel", "type", "CPU", "MACs", "instructions", "stack", "branches", "MAC a cycle",
              "peak", "share"]
    return text + markdown(titles, lines), [], goals.mca_goals(found)


def size_section(found):
    text = ""
    for tree, parts in found["parts"].items():
        total = {kind: sum(part[kind] for part in parts.values()) for kind in ("text", "constants")}
        text += f"Bytes in libheadrace.a, {'x86-64' if tree == 'host' else tree}\n\n" + markdown(
            ["part", "code", "constants"],
            [[part, f"{kinds['text']:,}", f"{kinds['constants']:,}"]
             for part, kinds in {**parts, "all": total}.items()]) + "\n"
    program = found["one_network"]
    text += (f"A program for aarch64 that only runs int8 networks of convolutions, linked with"
             f" --gc-sections, has {program['text']:,} bytes of the library's code and"
             f" {program['constants']:,} of its constants. Without operators and kernels the library's"
             f" code is {found['framework']:,} bytes.\n\n")
    lines = []
    for name, model in found["models"].items():
        lines.append([
            name, f"{model['file_bytes']:,}", f"{model['arena_bytes']:,}",
            f"{model['arena_lower_bound']:,}",
            f"{model['arena_bytes'] / model['arena_lower_bound'] - 1:.1%}",
            f"{model['verify_gigabytes_per_second']:.2f}", f"{model['ready_ms']:.2f}",
            f"{model['first_result_ms']:.2f}"])
    titles = ["model", "file bytes", "arena bytes", "peak of live tensors", "arena over it",
              "open and verify, GB/s", "ms to a session", "ms to the first result"]
    return text + markdown(titles, lines) + f"\nSources {found['commit']}.\n", [], goals.size_goals(found)


SECTIONS = [
    ("outputs", "Outputs", outputs_section), ("x86", "Time on x86-64", x86_section),
    ("count", "Instructions on 64-bit ARM", count_section),
    ("threads", "Work of several threads", threads_section),
    ("mca", "Hot loops against the CPU's peak", mca_section),
    ("size", "Sizes and start", size_section)]

HEAD = """# Headrace beside other runtimes

Written by `boards/run bench`; [README.md](README.md) says how each figure is measured. Six networks with
random weights, one thread, the same inputs. Peers: {versions}.
Headrace and LiteRT are given inputs of the model's own type and layout, ONNX Runtime and ncnn NCHW float32.
ncnn is held to float32, without its float16 or bfloat16. No figure is from a board.

## Goals

{goals}
## Where a peer is better

{losses}
"""


def run():
    sections, lost, reached, versions = "", [], [], {}
    for stage, title, describe in SECTIONS:
        found = results.load(stage)
        text, more_lost, more_reached = describe(found) if found else ("Not measured yet.\n", [], [])
        sections += f"\n## {title}\n\n{text}"
        lost += more_lost
        reached += more_reached
        versions.update((found or {}).get("versions", {}))
    names = ", ".join(f"{name} {version}" for name, version in versions.items())
    head = HEAD.format(
        versions=names or "not measured yet", losses="\n".join(lost) or "Not measured yet.",
        goals=markdown(["goal", "measured", "reached"], reached) if reached else "Not measured yet.\n")
    (BUILD / "table.md").write_text(head + sections)
    print(head)
