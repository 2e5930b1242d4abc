"""What each stage found, as JSON in build/bench/results: stages run singly, tables show the latest."""
import json
import subprocess

from networks import BUILD, ROOT

FOLDER = BUILD / "results"


def save(stage, found):
    found = {"commit": commit(), **found}
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{stage}.json").write_text(json.dumps(found, indent=1) + "\n")


def load(stage):
    """None if the stage has not run yet."""
    path = FOLDER / f"{stage}.json"
    return json.loads(path.read_text()) if path.exists() else None


def commit():
    """Of the sources measured, with + where they differ from it."""
    command = ["git", "-C", ROOT, "describe", "--always", "--dirty=+", "--abbrev=10", "--exclude=*"]
    text = subprocess.run(command, capture_output=True, text=True)
    return text.stdout.strip() or "unknown"
