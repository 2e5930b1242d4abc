"""The peers on emulated 64-bit ARM: an unpacked Debian with their wheels, and their counts, kept."""
import json
import os
import shutil
import subprocess
import sys

from counting import CannotCount, run_counted
from networks import BUILD, SHARED

ARM64_ROOT = BUILD / "arm64"
KEPT = BUILD / "arm64_peers.json"
REQUIREMENTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "requirements.txt")

# Runtimes read what the CPU is from /proc/cpuinfo, which without this would be this machine's.
CPU_FEATURES = {
    "cortex-a72": ("0xd08", "fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid"),
    "cortex-a76": ("0xd0b", "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid"
                            " asimdrdm lrcpc dcpop asimddp"),
}


def unpack_root():
    """Once: downloads packages and wheels of the pinned versions. Needs root and debootstrap."""
    if (ARM64_ROOT / "complete").exists():
        return
    if os.geteuid() != 0:
        raise CannotCount("unpacking a Debian for arm64 takes root: debootstrap insists on it")
    print("unpacking a Debian for arm64 with the peers' wheels", flush=True)
    shutil.rmtree(ARM64_ROOT, ignore_errors=True)  # what an interrupted run left
    ARM64_ROOT.mkdir(parents=True)
    environment = dict(os.environ, PIP_CONSTRAINT=REQUIREMENTS)
    environment["PATH"] = os.path.dirname(sys.executable) + ":" + environment["PATH"]
    subprocess.run([SHARED / "arm64_root.sh", ARM64_ROOT], check=True, env=environment)
    (ARM64_ROOT / "complete").touch()


def describe_cpu(cpu):
    part, features = CPU_FEATURES[cpu]
    core = (f"BogoMIPS\t: 108.00\nFeatures\t: {features}\nCPU implementer\t: 0x41\n"
            f"CPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: {part}\nCPU revision\t: 3\n\n")
    text = "".join(f"processor\t: {number}\n{core}" for number in range(4))
    (ARM64_ROOT / "proc").mkdir(exist_ok=True)
    (ARM64_ROOT / "proc" / "cpuinfo").write_text(text)


def count_peer(cpu, peer, network):
    """Instructions of one inference; measured once for each version of a peer."""
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    key = f"{cpu} {peer.runtime} {peer.version} {network} {peer.form}"
    if key not in kept:
        unpack_root()
        describe_cpu(cpu)
        python = ARM64_ROOT / "usr" / "bin" / "python3.11"
        variables = {
            "PYTHONHOME": ARM64_ROOT / "usr", "PYTHONPATH": ARM64_ROOT / "sp",
            "PYTHONHASHSEED": 0, "PYTHONDONTWRITEBYTECODE": 1, "OMP_NUM_THREADS": 1, "LC_ALL": "C"}
        kept[key] = run_counted(
            cpu, ARM64_ROOT, variables,
            [python, *peer.arguments(network, "--mark", "--warm", "1", "--iters", "1")])
        KEPT.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
    return kept[key]
