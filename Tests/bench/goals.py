"""What is to be reached, and how far the last measurements are from it."""
from comparison import mean_ratio, ratio

FASTER = 1.2  # than the fastest peer on x86-64, in the geometric mean
FEWER = 0.8  # of the best peer's instructions
SHARE_OF_PEAK = 0.95
ARENA = 1.02  # of the peak of live tensors
VERIFY_GIGABYTES = 1.0
GAIN = 3.6  # of four threads, on networks of so many instructions and more
ENOUGH_WORK = 30_000_000


def worst_of(rows):
    """(network, ratio) where ours compares worst; None without peers."""
    ratios = {network: ratio(row) for network, row in rows.items() if ratio(row)}
    if not ratios:
        return None
    network = max(ratios, key=ratios.get)
    return network, ratios[network]


def goal(text, measured, met):
    return [text, measured, "yes" if met else "**no**"]


def x86_goals(type_name, rows):
    if not worst_of(rows):
        return []
    (network, worst), mean = worst_of(rows), mean_ratio(rows)
    return [
        goal(f"x86-64 {type_name}: {FASTER} times as fast as the fastest peer, geometric mean",
             f"{1 / mean:.2f} times", mean <= 1 / FASTER),
        goal(f"x86-64 {type_name}: never slower than the fastest peer",
             f"{network}: {worst:.2f} of its time", worst <= 1)]


def count_goals(case, rows):
    if not worst_of(rows):
        return []
    network, worst = worst_of(rows)
    met = sum((ratio(row) or 0) <= FEWER for row in rows.values())
    return [goal(f"{case}: {FEWER} of the best peer's instructions on each network",
                 f"{met} of {len(rows)}; {network}: {worst:.2f}", worst <= FEWER)]


def input_goals(inputs):
    goals = []
    for cpu, counts in inputs.items():
        dearest = max((name for name in counts if name != "head"), key=counts.get)
        goals.append(goal(
            f"{cpu}: a frame of 640x480 becomes an input for less than the smallest head",
            f"{dearest}: {counts[dearest] / 1e6:.2f} million of {counts['head'] / 1e6:.2f}",
            counts[dearest] < counts["head"]))
    return goals


def threads_goals(found):
    gains = {
        f"{network} {type_name}": counts["1"]["busiest"] / counts["4"]["busiest"]
        for network, types in found["networks"].items() for type_name, counts in types.items()
        if counts["1"]["busiest"] >= ENOUGH_WORK}
    worst = min(gains, key=gains.get)
    return [goal(f"four threads: the busiest executes at most 1/{GAIN} of one thread's instructions, networks of"
                 f" {ENOUGH_WORK / 1e6:.0f} million and more",
                 f"{worst}: 1/{gains[worst]:.2f}", gains[worst] >= GAIN)]


def mca_goals(found):
    """Of the fastest tile of each type; the others are in the table of hot loops."""
    rows = []
    for variant, kernels in found["variants"].items():
        for type_name in ("float32", "int8"):
            tiles = [k for k in kernels if k["type"] == type_name and "ontract" in k["kernel"]]
            if not tiles:
                continue
            best = max(tiles, key=lambda k: k["macs_per_cycle"])
            rows.append(goal(
                f"{variant} {type_name}, fastest tile on {best['cpu']}: {SHARE_OF_PEAK:.0%} of the peak, no spills",
                f"{best['share_of_peak']:.0%}, {best['stack_accesses']} stack accesses",
                best["share_of_peak"] >= SHARE_OF_PEAK and not best["stack_accesses"]))
    return rows


def size_goals(found):
    models = found["models"]

    def over(name):
        return models[name]["arena_bytes"] / models[name]["arena_lower_bound"]

    largest = max(models, key=over)
    slowest = min(models, key=lambda name: models[name]["verify_gigabytes_per_second"])
    rate = models[slowest]["verify_gigabytes_per_second"]
    library = sum(part["text"] + part["constants"] for part in found["parts"]["aarch64"].values())
    return [
        goal("aarch64: core without operators and kernels at most 24 KiB of code",
             f"{found['framework']:,} bytes", found["framework"] <= 24 << 10),
        goal("aarch64: all of the library at most 300 KiB", f"{library:,} bytes, two kinds of kernels",
             library <= 300 << 10),
        goal("aarch64: a program that runs int8 convolutions at most 80 KiB of code",
             f"{found['one_network']['text']:,} bytes", found["one_network"]["text"] <= 80 << 10),
        goal(f"arena at most {ARENA} times the peak of live tensors",
             f"{largest}: {over(largest):.4f}", over(largest) <= ARENA),
        goal(f"open and verify at least {VERIFY_GIGABYTES:g} GB/s", f"{slowest}: {rate:.2f} GB/s",
             rate >= VERIFY_GIGABYTES)]
