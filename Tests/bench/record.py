"""Stage record: copies the table and plots beside this file, to be committed."""
import pathlib
import shutil

from networks import BUILD

HERE = pathlib.Path(__file__).resolve().parent
FILES = {"table.md": "RESULTS.md", "x86.png": "x86.png", "instructions.png": "instructions.png"}


def run():
    for source, copy in FILES.items():
        if (BUILD / source).exists():
            shutil.copyfile(BUILD / source, HERE / copy)
            print(f"wrote Tests/bench/{copy}")
