"""Stage threads: how evenly a run's instructions are spread over threads, on an emulated ARM CPU.

What each thread would do is done in turn, on one thread, and counted (programs/shares.c): between two waits the busiest
counts, and what only one thread can do counts whole. One thread's instructions over the sum are the most that so many
cores can gain; waking threads and memory that they share take from that.
"""
import results
from counting import build_program, count_shares
from networks import COUNTED, TYPES, model_of

CPU = "cortex-a72"
THREADS = [2, 3, 4]


def run():
    program, found = build_program("shares"), {}
    for network in COUNTED:
        for type_name in TYPES:
            counts = {str(t): count_shares(CPU, program, model_of(network, type_name), t) for t in [1, *THREADS]}
            found.setdefault(network, {})[type_name] = counts
            gains = (f"{t}: {counts['1']['busiest'] / counts[str(t)]['busiest']:.2f}" for t in THREADS)
            print(f"{network} {type_name}: times with threads {', '.join(gains)}", flush=True)
    results.save("threads", {"cpu": CPU, "networks": found})
