"""Stage record: copies the table and plots beside this file, to be committed.

RESULTS.md is of one x86 machine. The times of another with other kernels come into a file of their own, and what does
not depend on that machine is renewed in RESULTS.md, as far as it was measured.
"""
import pathlib
import re
import shutil

from networks import BUILD

HERE = pathlib.Path(__file__).resolve().parent
TABLE, RESULTS = BUILD / "table.md", HERE / "RESULTS.md"
TIMES = "Time on x86-64"
NOT_MEASURED = "Not measured yet."
KERNELS = re.compile(r"ours with its (\w+) kernels")


def kernels_in(path):
    """Those that an x86 machine ran, as a table says; None if it has no times."""
    found = KERNELS.search(path.read_text()) if path.exists() else None
    return found and found[1]


def sections(text):
    """The text of each section by its title; of what comes before the first one, by ""."""
    title, found = "", {}
    for part in re.split(r"(?m)^(?=## )", text):
        if part.startswith("## "):
            title = part[3:].split("\n", 1)[0]
        found[title] = part
    return found


def record_times(text, kernels):
    """The times alone, of a CPU with other kernels than RESULTS.md's."""
    name = f"x86-{kernels}"
    text = text.replace(f"## {TIMES}", f"# {TIMES} with {kernels} kernels", 1)
    (HERE / f"{name}.md").write_text(text.replace("(x86.png)", f"({name}.png)").rstrip() + "\n")
    shutil.copyfile(BUILD / "x86.png", HERE / f"{name}.png")
    print(f"wrote Tests/bench/{name}.md and {name}.png")


def subject(line):
    """What a row of the goals or a line of losses is about."""
    return line.split("|")[1].strip() if line.startswith("|") else line.split(":")[0].strip("- ")


def merged_lines(kept, measured):
    """The kept section, with the lines about the same as the measured ones, but those of x86, replaced by them."""
    newer = {subject(line): line for line in measured.splitlines() if not subject(line).startswith("x86-64")}
    return "".join(f"{newer.get(subject(line), line)}\n" for line in kept.splitlines())


def merge(kept, measured):
    """RESULTS.md with what was measured on another machine, but its times."""
    for title, text in measured.items():
        if title in ("Goals", "Where a peer is better"):
            kept[title] = merged_lines(kept[title], text)
        elif title not in ("", TIMES) and NOT_MEASURED not in text:
            kept[title] = text.rstrip() + "\n\n"
    return "".join(kept.values()).rstrip() + "\n"


def run():
    measured, kept = kernels_in(TABLE), kernels_in(RESULTS)
    plots = ["instructions.png"]
    if measured and kept and measured != kept:
        found = sections(TABLE.read_text())
        record_times(found[TIMES], measured)
        RESULTS.write_text(merge(sections(RESULTS.read_text()), found))
    else:
        shutil.copyfile(TABLE, RESULTS)
        plots.append("x86.png")
    print("wrote Tests/bench/RESULTS.md")
    for plot in plots:
        if (BUILD / plot).exists():
            shutil.copyfile(BUILD / plot, HERE / plot)
            print(f"wrote Tests/bench/{plot}")
