"""What becomes of frames when a link is suddenly slow: by when the tail answers them in time again."""
import json
import os
import subprocess
import time

from emulated_link import EmulatedLink, built

DELAY_MS, DEADLINE_MS, BEFORE_S, AFTER_S, EARLY_S = 10, 500, 5, 10, 2
CHANGES = [(20, 0.5), (1, 0.05)]
FRAMES_PER_SECOND = [5, 10]
PORT = 7433


def served(link, programs, models, folder, scheme):
    """Where a board finds the tail by UDP, TCP or a broker of its own, and what is to be ended."""
    broker = []
    if scheme == "mqtt":
        settings = folder / "broker.conf"
        settings.write_text(f"listener {PORT} 0.0.0.0\nallow_anonymous true\n")
        broker = [link.start(True, ["/usr/sbin/mosquitto", "-c", settings], stderr=subprocess.DEVNULL)]
        time.sleep(1)
    host, topic = (EmulatedLink.SERVER, "/bench" if broker else "")
    address = f"{scheme}://{host}:{PORT}{topic}"
    server = link.start(True, [programs / "headrace", "serve", "--tail", models / "tail.hrm", "--head",
                               models / "head.hrm", "--listen", address, "--json"])
    server.stdout.readline()
    if broker:
        time.sleep(1)
    return address, [server, *broker]


def frames_after(link, programs, models, folder, scheme, fps, slow):
    """Each frame since the link became slow: seconds after that, and what send says of it."""
    address, running = served(link, programs, models, folder, scheme)
    board = link.start(False, [programs / "headrace-demo", "send", "--to", address, "--threshold", 1, "--threads", 1,
                               "--deadline", DEADLINE_MS, "--fps", fps, "--frames", (BEFORE_S + AFTER_S) * fps,
                               "--json"])
    found, began, change = [], None, None
    for line in board.stdout:
        frame, now = json.loads(line), time.monotonic()
        if "summary" in frame:
            break
        began = now - frame["sequence"] / fps if began is None else began
        found.append(frame)
        if change is None and frame["sequence"] >= BEFORE_S * fps:
            link.change_rate(slow)
            change = now - began
    for program in running:
        program.terminate()
        program.communicate()
    timed = [(frame["sequence"] / fps - change, frame) for frame in found]
    return sorted((pair for pair in timed if pair[0] >= 0), key=lambda pair: pair[0])


def summary(fast, slow, scheme, fps, frames):
    by_tail = [seconds for seconds, frame in frames if frame["where"] == "tail"]
    late = [frame for seconds, frame in frames if seconds >= EARLY_S]
    ends = [0, *by_tail, frames[-1][0]]
    return {"fast": fast, "slow": slow, "scheme": scheme, "fps": fps,
            "gap_ms": 1000 * max(end - begin for begin, end in zip(ends, ends[1:])),
            "early": sum(seconds < EARLY_S for seconds in by_tail), "early_frames": len(frames) - len(late),
            "late": sum(frame["where"] == "tail" for frame in late), "late_frames": len(late),
            "bytes": sum(frame["payload_bytes"] for frame in late) / len(late)}


def measure(programs, models, folder, schemes=("udp", "tcp", "mqtt")):
    carrier = built(folder, "emulated_link")
    rows = []
    for fast, slow in CHANGES:
        for scheme in schemes:
            for fps in FRAMES_PER_SECOND:
                with EmulatedLink(carrier, fast, DELAY_MS, 0) as link:
                    rows.append(summary(fast, slow, scheme, fps,
                                        frames_after(link, programs, models, folder, scheme, fps, slow)))
                print(rows[-1], flush=True)
    about = (
        f"Frames of {BEFORE_S} s, and of {AFTER_S} s after a link of {DELAY_MS} ms each way, with a queue of 200 ms, "
        f"has become slow between one packet and the next; --deadline {DEADLINE_MS}, --rate auto, --threshold 1. "
        "A frame that the tail does not answer is answered on the board.")
    load, cpus = os.getloadavg()[1], os.cpu_count()
    if load > cpus:
        about += f" This machine's {cpus} CPUs had a load of {load:.1f} by other work."
    return {"about": about, "rows": rows}


def table(found):
    rows = [f"| link | by | frames/s | by the tail in {EARLY_S} s | and afterwards | longest without the tail | "
            "bytes of a frame afterwards |", "|---|---|---:|---:|---:|---:|---:|"]
    for row in found["rows"]:
        rows.append(f"| {row['fast']:g}, then {row['slow']:g} Mbit/s | {row['scheme'].upper()} | {row['fps']} | "
                    f"{row['early']} of {row['early_frames']} | {row['late']} of {row['late_frames']} | "
                    f"{row['gap_ms']:.0f} ms | {row['bytes']:.0f} |")
    return "\n".join(rows)
