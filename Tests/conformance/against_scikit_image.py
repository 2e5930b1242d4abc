#!/usr/bin/env python3
"""Compares what headrace evaluate enhance finds, on pictures made here, with scikit-image and BasicSR.

    against_scikit_image.py --headrace PROGRAM

PSNR and SSIM of the dark pictures as they are, and of gamma, whose pictures NumPy makes here too, are scikit-image's
within 1e-9. NIQE is what BasicSR 1.4.2 found for the same luminance and model, with MATLAB's imresize done by its
definition, within 1e-6. What is written is all there, and PNGs that are damaged or deep are refused by name. Prints
TAP.

Needs: scikit-image and what requirements-enhance.txt names.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

SIZES = {"2.png": (203, 310), "10.png": (384, 192)}
# Of the dark pictures and of the truths.
BASICSR = {
    "dark, as it is": (22.164319323141488, 21.940401838228677),
    "truth": (22.172893763823147, 22.327419174111707),
}

results = []


def check(name, holds):
    results.append(holds)
    print(f"{'ok' if holds else 'not ok'} {len(results)} - {name}", flush=True)


def picture(shape, seed, least, spread):
    """Blurred and fine noise, all in integers."""
    generator = np.random.RandomState(seed)
    noise = generator.randint(0, 256, (*shape, 3))
    blurred = sum(np.roll(noise, (y, x), (0, 1)) for y in range(-3, 4) for x in range(-3, 4)) // 49
    fine = generator.randint(0, 16, shape)[..., None]
    return np.minimum(255, least + (4 * np.maximum(blurred - 112, 0) + fine) * spread // 128).astype(np.uint8)


def write_pairs(folder):
    pairs = {}
    for seed, (name, shape) in enumerate(SIZES.items()):
        pairs[name] = picture(shape, seed, 2, 40), picture(shape, seed + 10, 90, 150)
        for part, pixels in zip(("low", "high"), pairs[name]):
            (folder / part).mkdir(exist_ok=True)
            Image.fromarray(pixels).save(folder / part / name)
    return pairs


def write_model(path):
    np.savez(path, mu_pris_param=np.linspace(0.2, 2, 36)[None], cov_pris_param=np.diag(np.linspace(0.05, 0.4, 36)))


def are_near(figures, expected, tolerance=1e-9):
    return all(abs(a - b) < tolerance for a, b in zip(figures, expected, strict=True))


def gamma(dark):
    return np.rint(255 * (np.arange(256) / 255) ** 0.3).astype(np.uint8)[dark]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--headrace", required=True)
    options = parser.parse_args()

    def evaluate(folder, *arguments):
        return subprocess.run(
            [options.headrace, "evaluate", "enhance", folder, "--python", sys.executable, "-q", *arguments],
            capture_output=True, text=True)

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        pairs = write_pairs(folder)
        write_model(folder / "model.npz")
        done = evaluate(folder, "--pristine", folder / "model.npz", "-o", folder / "report", "--json")
        print(done.stderr, file=sys.stderr, end="")
        check("an evaluation with everything succeeds", done.returncode == 0)
        report = json.loads((folder / "report" / "enhance.json").read_text())
        check("what is printed is what is written", json.loads(done.stdout) == report)
        methods = {method["name"]: method for method in report["methods"]}
        check("every kind of method is there", list(methods) == [
            "dark, as it is", "CLAHE", "gamma 0.3", "LIME-like", "headrace nano, fixed", "headrace nano, float32",
            "truth"])
        for method, make in (("dark, as it is", lambda dark: dark), ("gamma 0.3", gamma)):
            found = methods[method]["pictures"]
            check(f"PSNR is scikit-image's: {method}", are_near(
                [each["psnr"] for each in found],
                [peak_signal_noise_ratio(truth, make(dark), data_range=255) for dark, truth in pairs.values()]))
            check(f"SSIM is scikit-image's: {method}", are_near(
                [each["ssim"] for each in found],
                [structural_similarity(make(dark), truth, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
                                       data_range=255, channel_axis=2) for dark, truth in pairs.values()]))
        for method, expected in BASICSR.items():
            found = [each["niqe"] for each in methods[method]["pictures"]]
            check(f"NIQE is BasicSR's: {method}", are_near(found, expected, 1e-6))
        check("every picture of every method has NIQE, classical ones and ours a time",
              all(each["niqe"] > 0 and (method["kind"] in ("dark", "truth") or each["milliseconds"] > 0)
                  for method in methods.values() for each in method["pictures"]))
        sizes = []
        for plot in ("enhance-cost.png", "enhance-pictures.png"):
            with Image.open(folder / "report" / plot) as image:
                image.load()
                sizes.append(min(image.size))
        check("plots are pictures", min(sizes) > 300)
        check("nothing else is written", len(list((folder / "report").iterdir())) == 4)

        few = json.loads(evaluate(folder, "--no-peers", "--json").stdout)
        check("NIQE is not measured where patches are too few for its model",
              "too few to fit" in few["niqe"] and "niqe" not in few["methods"][0]["pictures"][0])
        (folder / "model.npz").write_bytes(b"PK")
        refused = evaluate(folder, "--pristine", folder / "model.npz", "-o", folder / "none")
        check("a damaged model is refused, and nothing is written",
              refused.returncode == 1 and "model.npz: is no .npz" in refused.stderr and not (folder / "none").exists())

        for title, damage, complaint in (
                ("a truncated PNG", lambda path: path.write_bytes(path.read_bytes()[:900]), "is no PNG, or is cut off"),
                ("a damaged PNG", lambda path: path.write_bytes(path.read_bytes()[:700] + bytes(99)), "is no PNG, or"),
                ("a JPEG with a PNG's name", lambda path: Image.new("RGB", (20, 20)).save(path, "JPEG"), "is a JPEG"),
                ("a PNG of 16 bits", lambda path: Image.fromarray(np.ones((20, 20), np.uint16)).save(path),
                 "two bytes a sample"),
                ("an empty PNG", lambda path: path.write_bytes(b""), "is no PNG, or")):
            damage(folder / "low" / "2.png")
            refused = evaluate(folder, "-o", folder / "none")
            check(f"{title} is refused by name", refused.returncode == 1 and "low/2.png: " in refused.stderr
                  and complaint in refused.stderr and not (folder / "none").exists())
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
