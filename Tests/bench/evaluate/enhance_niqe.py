"""NIQE of pictures: how far statistics of their luminance are from those of pristine photographs (Mittal,
Soundararajan and Bovik, "Making a 'completely blind' image quality analyzer", 2013).

    enhance_niqe.py MANIFEST.json

Prints a line of JSON about the model of pristine photographs, then one for each method and picture, in whatever
order they are done. The model is fitted to the pictures that the manifest calls pristine, or read from a file with
the mean (mu_...) and the covariance (cov_...) of the 36 features: the authors' modelparameters.mat, or the same as
.npz.
"""
import functools
import itertools
import json
import multiprocessing
import os
import pathlib
import sys

# A process for each core takes its place.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402  reads the variables
from PIL import Image  # noqa: E402
from scipy import io, linalg, ndimage  # noqa: E402
from scipy.special import gamma  # noqa: E402

PATCH = 96
# Patches of a pristine picture count if they are at least so sharp as a share of its sharpest.
SHARP = 0.75
# Patches that 36 features' covariance takes: of fewer, it calls noise natural.
FEWEST = 360
SHAPES = np.arange(0.2, 10.001, 0.001)
RATIOS = gamma(2 / SHAPES) ** 2 / (gamma(1 / SHAPES) * gamma(3 / SHAPES))
# The bicubic kernel of a scaling by one half.
HALVING = np.array([-0.0234375, -0.0703125, 0.2265625, 0.8671875, 0.8671875, 0.2265625, -0.0703125, -0.0234375]) / 2


def luminance(path):
    """Rounded, of a size that patches divide."""
    with Image.open(path) as image:
        plane = np.asarray(image.convert("L"), dtype=float)
    rows, columns = (extent // PATCH * PATCH for extent in plane.shape)
    return plane[:rows, :columns]


def halved(plane):
    for axis in (0, 1):
        padded = np.pad(plane, [(3, 3) if each == axis else (0, 0) for each in (0, 1)], mode="symmetric")
        windows = np.lib.stride_tricks.sliding_window_view(padded, len(HALVING), axis)
        plane = (windows[::2] if axis == 0 else windows[:, ::2]) @ HALVING
    return plane


def normalized(plane):
    """Values less their neighbourhood's mean, over its deviation; and that."""
    weights = np.exp(-0.5 * (np.arange(-3, 4) / (7 / 6)) ** 2)
    weights /= weights.sum()

    def mean(values):
        for axis in (0, 1):
            values = ndimage.correlate1d(values, weights, axis, mode="nearest")
        return values

    average = mean(plane)
    deviation = np.sqrt(np.abs(mean(plane * plane) - average * average))
    return (plane - average) / (deviation + 1), deviation


def asymmetric(values):
    """Shape, mean, left and right scale of the asymmetric generalized Gaussian with these moments; nothing fits
    where all values have one sign."""
    squares = values * values
    below, above = squares[values < 0], squares[values > 0]
    if not below.size or not above.size:
        return (np.nan,) * 4
    left, right = np.sqrt(below.mean()), np.sqrt(above.mean())
    skew = left / right
    ratio = np.abs(values).mean() ** 2 / squares.mean()
    ratio *= (skew ** 3 + 1) * (skew + 1) / (skew ** 2 + 1) ** 2
    alpha = SHAPES[np.argmin((RATIOS - ratio) ** 2)]
    left, right = np.array([left, right]) * np.sqrt(gamma(1 / alpha) / gamma(3 / alpha))
    return alpha, (right - left) * gamma(2 / alpha) / gamma(1 / alpha), left, right


def features(patch):
    """18 of a patch: of its values, and of products with neighbours in four directions."""
    alpha, _, left, right = asymmetric(patch)
    found = [alpha, (left + right) / 2]
    for shift in ((0, 1), (1, 0), (1, 1), (1, -1)):
        found += asymmetric(patch * np.roll(patch, shift, (0, 1)))
    return found


def patches(plane, size):
    return [plane[y:y + size, x:x + size]
            for y, x in itertools.product(range(0, plane.shape[0], size), range(0, plane.shape[1], size))]


def described(plane):
    """36 features of each patch at two scales, and its sharpness."""
    whole, deviation = normalized(plane)
    half, _ = normalized(halved(plane))
    scales = [[features(patch) for patch in patches(values, size)]
              for values, size in ((whole, PATCH), (half, PATCH // 2))]
    return np.hstack(scales), np.array([patch.mean() for patch in patches(deviation, PATCH)])


def is_large_enough(plane):
    """Covariances take some patches."""
    return min(plane.shape) >= 2 * PATCH


def sharp_features(path):
    """Of a pristine picture's sharp patches."""
    plane = luminance(path)
    if not is_large_enough(plane):
        return np.empty((0, 36))
    found, sharpness = described(plane)
    kept = found[sharpness > SHARP * sharpness.max()]
    return kept[~np.isnan(kept).any(axis=1)]


def read_model(path):
    refusal = f"{path}: is no .npz or .mat with mu_... of 36 numbers and cov_... of 36 by 36"
    try:
        values = dict(np.load(path)) if path.endswith(".npz") else io.loadmat(path)
        mean, covariance = (next(np.asarray(value, dtype=float) for name, value in values.items()
                                 if name.startswith(start)) for start in ("mu_", "cov_"))
    except Exception:  # whatever zip, zlib, NumPy and SciPy raise for bytes that are none
        sys.exit(refusal)
    if mean.size != 36 or covariance.shape != (36, 36) or not np.isfinite(mean).all() \
            or not np.isfinite(covariance).all():
        sys.exit(refusal)
    return mean.ravel(), covariance


def fitted_model(pool, pictures):
    """None if there are too few patches; and how many there are."""
    found = np.vstack(pool.map(sharp_features, pictures))
    return ((found.mean(axis=0), np.cov(found.T)) if len(found) >= FEWEST else None), len(found)


def judge(model, job):
    method, picture, path = job
    plane = luminance(path)
    value = None
    if model and is_large_enough(plane):
        found, _ = described(plane)
        whole = found[~np.isnan(found).any(axis=1)]
        if len(whole) > 1:
            difference = np.nanmean(found, axis=0) - model[0]
            spread = (model[1] + np.cov(whole.T)) / 2
            value = float(np.sqrt(difference @ linalg.pinv(spread) @ difference))
    return {"method": method, "picture": picture, "niqe": value}


def say(value):
    print(json.dumps(value), flush=True)


def main():
    manifest = json.loads(pathlib.Path(sys.argv[1]).read_text())
    pristine = manifest["pristine"]
    with multiprocessing.Pool() as pool:
        if "model" in pristine:
            model = read_model(pristine["model"])
            about = f"with the model in {pathlib.Path(pristine['model']).name}."
        else:
            model, count = fitted_model(pool, pristine["pictures"])
            patches_of = f"{count:,} sharp patches of {len(pristine['pictures']):,} pictures in {pristine['name']}"
            about = f"with a model fitted to {patches_of}, so values compare within this table alone."
            if not model:
                about = (f"not measured, for {patches_of} are too few to fit its model to; name a folder with more"
                         " photographs, or a model, with --pristine.")
        say({"about": about})
        jobs = [(m, p, path) for m, method in enumerate(manifest["methods"])
                for p, path in enumerate(method["files"])]
        for found in pool.imap_unordered(functools.partial(judge, model), jobs):
            say(found)


if __name__ == "__main__":
    main()
