"""Stage count: instructions of one inference on emulated ARM CPUs, ours and the peers'.

Instructions are not time, but they repeat to 0.1 %, and no board is needed.
"""
import arm64_peers
import results
from counting import CannotCount, build_program, count_input, count_ours
from networks import ARM64_DEMO, COUNTED, model_of
from peers import peers_of, versions

HEAD = ("mbv1_025_96", "int8")  # the smallest
FORMATS = ["rgb24", "yuyv", "nv12"]
CASES = [("cortex-a72", "f32"), ("cortex-a72", "int8"), ("cortex-a76", "int8")]


def run():
    counts, without_peers = {}, None
    for cpu, type_name in CASES:
        for network in COUNTED:
            found = {"ours": count_ours(cpu, ARM64_DEMO, model_of(network, type_name))}
            for peer in peers_of(type_name):
                try:
                    if not without_peers:
                        found[peer.name] = arm64_peers.count_peer(cpu, peer, network)
                except CannotCount as reason:
                    without_peers = str(reason)
                    print(f"peers are not counted: {reason}", flush=True)
            counts.setdefault(f"{cpu} {type_name}", {})[network] = found
            text = ", ".join(f"{name} {number / 1e6:.2f} M" for name, number in found.items())
            print(f"{cpu} {network} {type_name}: {text}", flush=True)
    results.save("count", {
        "versions": versions(), "counts": counts, "inputs": count_inputs(), "without_peers": without_peers})


def count_inputs():
    """Of each CPU: the instructions of the smallest head, and of a frame of 640x480 that becomes its input."""
    program, found = build_program("frame"), {}
    for cpu in ("cortex-a72", "cortex-a76"):
        found[cpu] = {"head": count_ours(cpu, ARM64_DEMO, model_of(*HEAD))}
        found[cpu] |= {name: count_input(cpu, program, model_of(*HEAD), name) for name in FORMATS}
        print(f"{cpu} {HEAD[0]} {HEAD[1]} and frames: {found[cpu]}", flush=True)
    return found
