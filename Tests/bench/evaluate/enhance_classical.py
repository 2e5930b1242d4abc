"""What classical methods make of dark pictures.

    enhance_classical.py MANIFEST.json

Writes PPMs into the manifest's folder. Prints a line of JSON about the methods, then one for each picture.
"""
import json
import pathlib
import sys
import time

import cv2
import numpy as np

TILES = (8, 8)
CLIP = 3.0
GAMMA = 0.3
RADIUS = 15
SMOOTHNESS = 1e-3
SHARE = 0.8
DARKEST = 0.01


def clahe(picture):
    """Histograms of tiles of the lightness, equalized up to a limit."""
    lab = cv2.cvtColor(picture, cv2.COLOR_BGR2LAB)
    lab[..., 0] = cv2.createCLAHE(CLIP, TILES).apply(lab[..., 0])
    return cv2.cvtColor(lab, cv2.COLOR_LAB2BGR)


def gamma(picture):
    return cv2.LUT(picture, np.rint(255 * (np.arange(256) / 255) ** GAMMA).astype(np.uint8))


def guided(plane):
    """The plane smoothed but for its own edges (He, Sun and Tang, 2013)."""
    def mean(values):
        return cv2.blur(values, (2 * RADIUS + 1, 2 * RADIUS + 1), borderType=cv2.BORDER_REFLECT)

    average = mean(plane)
    variance = mean(plane * plane) - average * average
    slope = variance / (variance + SMOOTHNESS)
    return mean(slope) * plane + mean(average - slope * average)


def lime_like(picture):
    """The picture over a power of its illumination, as LIME (Guo, Li and Ling, 2017), whose illumination is found
    by optimization."""
    light = picture.astype(np.float32) / 255
    illumination = np.maximum(guided(light.max(axis=2)), DARKEST) ** SHARE
    return np.rint(255 * np.clip(light / illumination[..., None], 0, 1)).astype(np.uint8)


METHODS = {"CLAHE": clahe, f"gamma {GAMMA:g}": gamma, "LIME-like": lime_like}
ABOUT = (f"Classical methods by OpenCV {cv2.__version__}: CLAHE of the lightness in Lab ({TILES[0]}x{TILES[1]} tiles,"
         f" limit {CLIP:g}), gamma {GAMMA:g} of the codes, and like LIME each pixel over its illumination to the power"
         f" {SHARE:g}, the maximum of its channels behind a guided filter of radius {RADIUS}.")


def timed(method, picture):
    """The fastest of three runs counts."""
    milliseconds = []
    for _ in range(3):
        start = time.perf_counter()
        result = method(picture)
        milliseconds.append(1e3 * (time.perf_counter() - start))
    return result, min(milliseconds)


def say(value):
    print(json.dumps(value), flush=True)


def main():
    manifest = json.loads(pathlib.Path(sys.argv[1]).read_text())
    folder = pathlib.Path(manifest["folder"])
    cv2.setNumThreads(1)
    say({"about": ABOUT, "methods": list(METHODS)})
    for index, path in enumerate(manifest["methods"][0]["files"]):
        dark = cv2.imread(path)
        results = []
        for number, method in enumerate(METHODS.values()):
            result, milliseconds = timed(method, dark)
            file = folder / f"classical-{number}-{index:06d}.ppm"
            if not cv2.imwrite(str(file), result):
                sys.exit(f"{file}: cannot be written; is the disk full?")
            results.append({"file": str(file), "milliseconds": milliseconds})
        say({"picture": index, "results": results})


if __name__ == "__main__":
    main()
