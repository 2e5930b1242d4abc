"""The prior's constants as integers, as the runtime's coder takes them, in the metadata of the head's ONNX file.

    python prior_integers.py head.onnx prior.npz

`headrace.latent.layers` holds the layers' channels; `headrace.latent.rates` the layers and the dropped bits of each
rate; `headrace.latent.prior` one integer for each constant, 4,096 times its value, rounded. For every channel c, in
order:

    mean:  bias, left, up, up-left, up-right, earlier channels 0 ... c - 1
    scale: bias, left, up, up-left, up-right, earlier channels 0 ... c - 1

What lies beyond an edge counts as 0, and scales are at least 0.08 and at most 100. `bits` says in float64 what
latents cost under these integers.
"""

import argparse
from pathlib import Path

import numpy
import onnx

ONE = 4096
LAYERS_KEY, RATES_KEY, PRIOR_KEY = (f"headrace.latent.{name}" for name in ("layers", "rates", "prior"))
NEAR = (3, 1, 0, 2)  # left, up, up-left, up-right in prior.npz, which has upper-left, upper, upper-right, left
SMALLEST, LARGEST = 0.08, 100.0


def integer_constants(prior):
    """All constants in the order of the metadata, as int32; `prior` is what prior.npz holds."""
    rows = []
    for channel in range(len(prior["mean_bias"])):
        for kind in ("mean", "scale"):
            near = prior[f"{kind}_near"][channel][list(NEAR)]
            values = [prior[f"{kind}_bias"][channel], *near, *prior[f"{kind}_earlier"][channel][:channel]]
            row = numpy.rint(numpy.asarray(values, dtype=numpy.float64) * ONE)
            if numpy.abs(row[1:]).max() > 32767:
                raise ValueError(f"a {kind} weight of channel {channel} does not fit 16 bits")
            if kind == "scale" and row.min() < 0:
                raise ValueError(f"a scale constant of channel {channel} is negative")
            rows.append(row.astype(numpy.int32))
    return numpy.concatenate(rows)


def metadata(prior):
    """The strings for the head's ONNX file."""
    return {
        LAYERS_KEY: " ".join(str(int(channels)) for channels in prior["layers"]),
        RATES_KEY: " ".join(str(int(number)) for number in prior["rates"].flat),
        PRIOR_KEY: " ".join(str(value) for value in integer_constants(prior)),
    }


def write(model, prior):
    """Put them in place of what an ONNX model has under these keys."""
    entries = metadata(prior)
    kept = [entry for entry in model.metadata_props if entry.key not in entries]
    entries = {entry.key: entry.value for entry in kept} | entries
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, entries)
    return model


def shifted(latents, down, right):
    """Each place's neighbour `down` rows below and `right` columns to the right; 0 beyond an edge."""
    height, width = latents.shape[2:]
    padded = numpy.pad(latents, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return padded[:, :, 1 + down : 1 + down + height, 1 + right : 1 + right + width]


def bits(constants, latents):
    """Bits of every element of integer latents (pictures x channels x rows x columns), in float64."""
    latents = latents.astype(numpy.float64)
    near = numpy.stack([shifted(latents, *step) for step in ((0, -1), (-1, 0), (-1, -1), (-1, 1))])
    cost, place = numpy.empty_like(latents), 0
    for channel in range(latents.shape[1]):
        seen = numpy.concatenate([near[:, :, channel], latents[:, :channel].transpose(1, 0, 2, 3)])
        mean, scale = (
            (row[0] + numpy.tensordot(row[1:], values, 1)) / ONE
            for row, values in (
                (constants[place : place + 5 + channel].astype(numpy.float64), seen),
                (constants[place + 5 + channel : place + 10 + 2 * channel].astype(numpy.float64), numpy.abs(seen)),
            )
        )
        place += 10 + 2 * channel
        scale = scale.clip(SMALLEST, LARGEST)
        distance = latents[:, channel] - mean
        log = -numpy.logaddexp(0, (distance - 0.5) / scale) - numpy.logaddexp(0, (-0.5 - distance) / scale)
        cost[:, channel] = (log + numpy.log(-numpy.expm1(-1 / scale))) / -numpy.log(2)
    assert place == len(constants)
    return cost


def layer_bits(constants, latents, layers):
    """The same by layer: pictures x layers."""
    channels = bits(constants, latents).sum((2, 3))
    return numpy.add.reduceat(channels, numpy.cumsum([0, *layers[:-1]]), axis=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("head", type=Path, help="the head's ONNX file, written anew with the integers in it")
    parser.add_argument("prior", type=Path, help="prior.npz, as export.py wrote it")
    options = parser.parse_args()
    with numpy.load(options.prior) as arrays:
        prior = dict(arrays)
    onnx.save(write(onnx.load(options.head), prior), options.head)
    constants = integer_constants(prior)
    print(f"{len(constants)} constants, {constants.min()} to {constants.max()}")


if __name__ == "__main__":
    main()
