"""How long answers take over slow links: our packets beside JPEGs that are sent whole."""
import json
import math
import os
import statistics
import subprocess

from emulated_link import EmulatedLink, built

DELAY_MS, FRAMES_PER_SECOND, SIDE, QUALITY = 10, 5, 224, 75
# An answer that takes longer counts as none.
DEADLINE_MS = 5000
# A little less than the unsplit network would take on a Raspberry Pi 4, 13.2 ms as the compiler predicts.
SHORT_MS = 12
CONDITIONS = [(mbit, loss) for mbit in (1, 5, 20) for loss in (0, 1)]
PORT = 7433
# Rate, link, with the exit, milliseconds after which the exit answers all the same.
WAYS = [(4, "udp", True, DEADLINE_MS), (1, "udp", True, SHORT_MS), (4, "udp", False, DEADLINE_MS),
        (1, "udp", False, DEADLINE_MS), (4, "tcp", False, DEADLINE_MS)]


def summary(mbit, loss, what, frames, milliseconds, on_link, sizes):
    ordered = sorted(milliseconds)
    return {"mbit": mbit, "delay_ms": DELAY_MS, "loss": loss, "what": what, "frames": frames, "answered": len(ordered),
            "bytes": statistics.mean(sizes) if sizes else math.nan,
            "link_ms": statistics.median(on_link) if on_link else math.nan,
            "median_ms": statistics.median(ordered) if ordered else math.nan,
            "p99_ms": ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] if ordered else math.nan}


def packets(link, programs, models, pictures, rate, scheme, exit_answers, deadline, frames):
    """Milliseconds from a frame's pixels to its answer, those of the link, and packets' bytes, 0 where the exit on the
    board was sure enough to answer."""
    address = f"{scheme}://{EmulatedLink.SERVER}:{PORT}"
    server = link.start(True, [programs / "headrace", "serve", "--tail", models / "tail.hrm", "--head",
                               models / "head.hrm", "--listen", address, "--json"])
    server.stdout.readline()
    client = link.start(False, [programs / "headrace-demo", "send", pictures, "--to", address, "--head",
                                models / "head.hrm", "--exit", models / "exit.hrm", "--rate", str(rate),
                                *([] if exit_answers else ["--threshold", "1"]), "--threads", "1",
                                "--deadline", str(deadline), "--fps", str(FRAMES_PER_SECOND), "--frames",
                                str(frames), "--json"])
    lines = [json.loads(line) for line in client.communicate()[0].splitlines()]
    server.terminate()
    server.communicate()
    found = [line for line in lines if "summary" not in line]
    answered = [line for line in found if line["where"] == "tail"]
    steps = ("prepare", "head", "code")
    alone = [line["latency_ms"] - line["milliseconds"]["decode"] for line in found
             if line["where"] == "exit" or line["where"] == "fallback" and deadline < DEADLINE_MS]
    return (alone + [line["round_trip_ms"] + sum(line["milliseconds"][step] for step in steps) for line in answered],
            [line["round_trip_ms"] - line["milliseconds"]["tail"] for line in answered],
            [line["payload_bytes"] or 0 for line in found])


def jpegs(link, program, unsplit, pictures, frames):
    server = link.start(True, [program, "serve", EmulatedLink.SERVER, PORT, unsplit])
    server.stdout.readline()
    files = sorted(pictures.glob("*.jpg"))
    client = link.start(False, [program, "send", EmulatedLink.SERVER, PORT, SIDE, QUALITY, frames, FRAMES_PER_SECOND,
                                *files])
    lines = [line.split() for line in client.communicate()[0].splitlines()]
    server.terminate()
    server.communicate()
    return [float(line[0]) for line in lines], [float(line[1]) for line in lines], [int(line[2]) for line in lines]


def measure(programs, models, unsplit, pictures, frames, folder):
    libraries = programs.parent / "lib"
    carrier = built(folder, "emulated_link")
    offload = built(folder, "jpeg_offload", f"-I{programs.parent / 'include'}", libraries / "libheadrace_io.a",
                    libraries / "libheadrace.a", "-ljpeg", "-lasound", "-lm", "-lpthread", "-ldl")
    rows = []
    for mbit, loss in CONDITIONS:
        for rate, scheme, exit_answers, deadline in WAYS:
            with EmulatedLink(carrier, mbit, DELAY_MS, loss) as link:
                found = packets(link, programs, models, pictures, rate, scheme, exit_answers, deadline, frames)
            what = f"packets, rate {rate}, {scheme.upper()}" + (", and the exit" if exit_answers else "")
            what += f", {deadline} ms at most" if deadline < DEADLINE_MS else ""
            rows.append(summary(mbit, loss, what, frames, *found))
            print(rows[-1], flush=True)
        with EmulatedLink(carrier, mbit, DELAY_MS, loss) as link:
            found = jpegs(link, offload, unsplit, pictures, frames)
        rows.append(summary(mbit, loss, f"JPEG, quality {QUALITY}, TCP", frames, *found))
        print(rows[-1], flush=True)
    about = (
        f"{frames} frames over each link, {FRAMES_PER_SECOND} a second, from pixels to the answer; decoding the "
        "camera's picture is left out, and every network runs in one thread. \"link\": the median of what is neither "
        "the board's work nor the server's. \"and the exit\": the exit on the board answers where it is sure, and nothing "
        f"is sent; elsewhere it answers only what is lost. \"{SHORT_MS} ms at most\": so it answers what the tail has not by "
        f"then. JPEGs are {SIDE}x{SIDE} pixels. An answer that takes more than "
        f"{DEADLINE_MS / 1000:g} s counts as none. Datagrams that are lost are not sent again: those frames the board "
        "answers itself.")
    load, cpus = os.getloadavg()[1], os.cpu_count()
    if load > cpus:
        about += (f" This machine's {cpus} CPUs had a load of {load:.1f} by other work, so that medians and p99 hold "
                  "waits for a CPU; of the link, hardly.")
    return {"about": about, "rows": rows}
