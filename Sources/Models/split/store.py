"""Keeps networks small in a file: weights as integer differences from a network they began as.

Weights are stored as (weight - reference) in `bits` bits with one scale for each output channel, losslessly
deflated; a fine-tuned network differs little from the one it began as, so that 8 bits hold it better than half
precision would. Weights without a reference are stored in the same way as they are. Normalization and other small
tensors stay in float32.
"""

import zlib

import numpy
import torch

SMALL = 2000


def canonical(name, first):
    """The name that a parameter of a split network has in the unsplit network: its rest begins at block `first`."""
    parts = name.split(".")
    if parts[0] == "front" and parts[1] != "0":
        return ".".join(["rest", "blocks", str(int(parts[1]) - 1), *parts[2:]])
    if parts[:2] == ["rest", "blocks"]:
        return ".".join(["rest", "blocks", str(int(parts[2]) + first), *parts[3:]])
    return name


def reference_of(name, value, reference, first):
    base = reference.get(canonical(name, first))
    return base if base is not None and base.shape == value.shape else torch.zeros_like(value)


def pack(state, reference, first=0, bits=8, own_bits=None):
    """A dict of tensors and dicts that `unpack` restores. Tensors without a reference take `own_bits` bits."""
    packed = {}
    for name, value in state.items():
        value = value.detach().float().cpu()
        if value.dim() < 2 or value.numel() < SMALL:
            packed[name] = value
            continue
        base = reference_of(name, value, reference, first)
        depth = bits if base.any() or own_bits is None else own_bits
        largest = 2 ** (depth - 1) - 1
        rows = (value - base).flatten(1)
        scale = (rows.abs().amax(1) / largest).clamp_min(1e-12)
        codes = torch.round(rows / scale[:, None]).clamp(-largest, largest).to(torch.int8)
        deflate = zlib.compressobj(6, strategy=zlib.Z_HUFFMAN_ONLY)
        data = deflate.compress(codes.numpy().tobytes()) + deflate.flush()
        data = torch.from_numpy(numpy.frombuffer(data, dtype=numpy.uint8).copy())
        packed[name] = {"shape": list(value.shape), "scale": scale, "codes": data}
    return packed


def unpack(packed, reference, first=0):
    """The state that was packed, to the precision kept."""
    state = {}
    for name, value in packed.items():
        if isinstance(value, dict):
            codes = numpy.frombuffer(zlib.decompress(value["codes"].numpy().tobytes()), dtype=numpy.int8)
            codes = torch.from_numpy(codes.copy()).view(len(value["scale"]), -1)
            value = (codes * value["scale"][:, None]).view(value["shape"])
            value = value + reference_of(name, value, reference, first)
        state[name] = value
    return state


def start_from(model, reference, first):
    """Copy every tensor of `reference` that `model` has too, in the same shape; returns how many."""
    count = 0
    with torch.no_grad():
        for name, value in model.state_dict().items():
            base = reference.get(canonical(name, first))
            if base is not None and base.shape == value.shape:
                value.copy_(base)
                count += 1
    return count
