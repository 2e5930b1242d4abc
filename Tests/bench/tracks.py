"""In how many of a report's rooms headrace-demo locate has a track at the end, and how many tracks are of nobody."""
import json
import math
import os
import pathlib
import subprocess
from concurrent.futures import ThreadPoolExecutor

METHODS = {"network, the default": [], "samples": ["--method", "samples"], "music": ["--method", "music"]}
# Degrees; a track that is farther off is of nobody.
NEAR = 15


def at_the_end(demo, sound, array, options):
    """Azimuths of the tracks in the last result."""
    said = subprocess.run([demo, "locate", sound, "--array", array, "--json", *options], capture_output=True,
                          text=True, check=True).stdout
    sources = json.loads(said.strip().splitlines()[-1])["src"]
    return [math.degrees(math.atan2(source["y"], source["x"])) for source in sources if source["id"] != 0]


def table(report, demo):
    """In Markdown, of each set that `headrace evaluate locate` reported on."""
    lines = []
    for name, options in METHODS.items():
        for each in report["sets"]:
            folder, array = pathlib.Path(each["folder"]), each["name"].split(",")[0]

            def off(room):
                found = at_the_end(demo, folder / room["file"], array, options)
                return [abs((azimuth - room["azimuth"] + 180) % 360 - 180) for azimuth in found]

            with ThreadPoolExecutor(os.cpu_count()) as pool:
                errors = list(pool.map(off, each["rooms"]))
            count, told = len(errors), sum(map(bool, errors))
            wrong = sum(any(error > NEAR for error in room) for room in errors)
            lines.append(f"| {name} | {each['name']} | {count} | {told} ({100 * told / count:.1f} %) | "
                         f"{wrong} ({100 * wrong / count:.1f} %) |")
    return ("## Tracks\n\n"
            "How many rooms have a track when their second ends, with the program's defaults, and in how many a track"
            f" is more than {NEAR} degrees off.\n\n"
            "| method | rooms of | rooms | with a track | with one that is of nobody |\n"
            "| --- | --- | ---: | ---: | ---: |\n" + "\n".join(lines) + "\n\n")
