"""Stage record: copies the table and plots beside this file, to be committed.

RESULTS.md is of one machine. Where another has other kernels, its times come into a file of their own.
"""
import pathlib
import re
import shutil

from networks import BUILD

HERE = pathlib.Path(__file__).resolve().parent
FILES = {"table.md": "RESULTS.md", "x86.png": "x86.png", "instructions.png": "instructions.png"}
KERNELS = re.compile(r"ours with its (\w+) kernels")
TIMES = re.compile(r"## Time on x86-64\n.*?(?=\n## |\Z)", re.DOTALL)


def kernels_in(path):
    """Those that an x86 machine ran, as a table says; None if it has no times."""
    found = KERNELS.search(path.read_text()) if path.exists() else None
    return found and found[1]


def record_times(kernels):
    """The times alone, of a CPU with other kernels than RESULTS.md's."""
    times = TIMES.search((BUILD / "table.md").read_text())[0]
    name = f"x86-{kernels}"
    text = times.replace("## Time on x86-64", f"# Time on x86-64 with {kernels} kernels", 1)
    (HERE / f"{name}.md").write_text(text.replace("(x86.png)", f"({name}.png)").rstrip() + "\n")
    shutil.copyfile(BUILD / "x86.png", HERE / f"{name}.png")
    print(f"wrote Tests/bench/{name}.md and {name}.png")


def run():
    measured, kept = (kernels_in(path) for path in (BUILD / "table.md", HERE / "RESULTS.md"))
    if measured and kept and measured != kept:
        record_times(measured)
        return
    for source, copy in FILES.items():
        if (BUILD / source).exists():
            shutil.copyfile(BUILD / source, HERE / copy)
            print(f"wrote Tests/bench/{copy}")
