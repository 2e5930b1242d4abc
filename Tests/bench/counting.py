"""Counts a program's instructions under QEMU, between the marks that it makes; see counter/."""
import functools
import os
import pathlib
import random
import shutil
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build"
QEMU = "qemu-aarch64"  # not the static one: that cannot load plugins
TRIPLE = "/usr/aarch64-linux-gnu"
CALIBRATION = 1000  # the label after an empty region


class CannotCount(Exception):
    """The machine lacks something; the message says what."""


def plugin():
    """The counter, built if need be."""
    if not shutil.which(QEMU):
        raise CannotCount(f"{QEMU} is not there: Debian's package qemu-user has it")
    library = BUILD / "bench" / "libcount_instructions.so"
    sources = list((HERE / "counter").iterdir())
    if not library.exists() or library.stat().st_mtime < max(s.stat().st_mtime for s in sources):
        library.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["gcc", "-std=c11", "-O2", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror",
             HERE / "counter" / "count_instructions.c", "-o", library], check=True)
    return library


def marks_of(cpu, root, variables, command):
    """Runs command on an emulated CPU, with libraries below root. Returns pairs: the label of each mark that it
    makes, and the instructions since the mark before."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "counts"
        words = [QEMU, "-cpu", cpu, "-L", root, "-plugin", f"{plugin()},out={out}"]
        for name, value in variables.items():
            words += ["-E", f"{name}={value}"]
        # Addresses that differ from run to run change what the loader and the allocator do.
        words = ["setarch", "-R", *map(str, words), *map(str, command)]
        result = subprocess.run(words, capture_output=True, text=True, env=plain_environment())
        marks = [tuple(map(int, line.split())) for line in out.read_text().splitlines()]
    if result.returncode != 0 or not any(label == CALIBRATION for label, _ in marks):
        raise RuntimeError(f"{' '.join(words)}\nexit {result.returncode}\n{result.stderr[-2000:]}")
    return marks


def run_counted(cpu, root, variables, command):
    """The fewest instructions of a run: programs mark 0 or more at a run's beginning, 1, 2, ... at the ends of runs."""
    marks = marks_of(cpu, root, variables, command)
    return min(count for label, count in marks if 0 < label < CALIBRATION) - min(
        count for label, count in marks if label == CALIBRATION)


@functools.cache
def build_program(name):
    """A program of programs/ for 64-bit ARM, with the library of build/rpi4."""
    board, program = BUILD / "rpi4", BUILD / "bench" / name
    program.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["aarch64-linux-gnu-gcc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-I", board / "include",
         HERE / "programs" / f"{name}.c", board / "lib" / "libheadrace_io.a", board / "lib" / "libheadrace.a",
         "-lm", "-pthread", "-Wl,--gc-sections", "-o", program], check=True)
    return program


def count_input(cpu, program, model, picture_format, width=640, height=480):
    """Instructions that make a frame the input of a network."""
    return run_counted(cpu, TRIPLE, {}, [program, model, picture_format, width, height])


def count_shares(cpu, program, model, threads):
    """Instructions of a run on several threads: of the busiest from one wait to the next, and of what one does alone.

    Behind a mark of CALIBRATION + 1 the program marks 0 where parts begin that may run side by side, and at the end,
    and 1, 2, ... at the ends of parts."""
    marks = marks_of(cpu, TRIPLE, {}, [program, model, threads])
    empty = min(count for label, count in marks if label == CALIBRATION)
    begin = [label for label, _ in marks].index(CALIBRATION + 1) + 1
    alone, regions = 0, []
    for label, count in marks[begin:]:
        if label == 0:
            alone += count - empty
        elif label == 1:
            regions.append([count - empty])
        else:
            regions[-1].append(count - empty)
    return {"busiest": alone + sum(map(max, regions)), "alone": alone}


def plain_environment():
    """What the emulator itself needs: a guest sees the environment, and its size moves the stack."""
    return {"PATH": os.environ["PATH"], "LC_ALL": "C"}


def count_ours(cpu, program, model, repeat=3):
    # The path, or a libc6 for arm64 that is installed here would be mixed with the cross compiler's.
    libraries = f"{TRIPLE}/lib:{BUILD}/sysroot-aarch64/usr/lib/aarch64-linux-gnu"
    return run_counted(
        cpu, TRIPLE, {"LD_LIBRARY_PATH": libraries},
        [program, "bench", model, "--markers", "--repeat", repeat])


def count_frame(cpu, program, tier, width, height):
    """Instructions of hr_enhance for a dark picture, in one thread."""
    libraries = f"{TRIPLE}/lib:{BUILD}/sysroot-aarch64/usr/lib/aarch64-linux-gnu"
    noise = random.Random(1).randbytes(3 * width * height)
    dark = bytes(code % 41 for code in range(256))
    with tempfile.TemporaryDirectory() as folder:
        picture = pathlib.Path(folder) / "dark.ppm"
        picture.write_bytes(b"P6 %d %d 255\n" % (width, height) + noise.translate(dark))
        return run_counted(
            cpu, TRIPLE, {"LD_LIBRARY_PATH": libraries, "HEADRACE_MODELS": HERE.parents[1] / "Sources" / "Models"},
            [program, "enhance", picture, "--output", pathlib.Path(folder) / "light.ppm", "--tier", tier,
             "--threads", 1, "--markers"])
