"""Packed pictures, decoded once, kept on the device as bytes, and cropped and coloured there."""

import io
from concurrent.futures import ThreadPoolExecutor

import numpy
import torch
from PIL import Image

from lite0 import MEAN, SCALE

SIDE = 224


def decode(file):
    """Height x width x 3 bytes of one picture."""
    try:
        with Image.open(io.BytesIO(file)) as picture:
            return numpy.asarray(picture.convert("RGB"))
    except OSError:  # a Pillow built without WebP
        from torchvision.io import ImageReadMode, decode_image

        data = torch.frombuffer(bytearray(file), dtype=torch.uint8)
        return decode_image(data, mode=ImageReadMode.RGB).permute(1, 2, 0).numpy()


def load(path, name, part, device, limit=None):
    """Pictures N x 3 x H x W of bytes padded to one size, their heights and widths, and their labels."""
    with numpy.load(path) as arrays:
        data, sizes, labels = (arrays[f"{name}_{part}_{kind}"] for kind in ("files", "sizes", "labels"))
    if limit:
        chosen = numpy.linspace(0, len(sizes) - 1, min(limit, len(sizes))).astype(int)
    else:
        chosen = numpy.arange(len(sizes))
    ends = numpy.cumsum(sizes)
    files = [data[ends[i] - sizes[i] : ends[i]].tobytes() for i in chosen]
    with ThreadPoolExecutor(16) as pool:
        pictures = list(pool.map(decode, files))
    extent = numpy.array([picture.shape[:2] for picture in pictures])
    canvas = numpy.zeros((len(pictures), 3, *extent.max(0)), dtype=numpy.uint8)
    for place, picture in zip(canvas, pictures):
        place[:, : picture.shape[0], : picture.shape[1]] = picture.transpose(2, 0, 1)
    return (
        torch.from_numpy(canvas).to(device),
        torch.from_numpy(extent).float().to(device),
        torch.from_numpy(labels[chosen]).long().to(device),
    )


def normalise(x):
    """Network input from bytes or from floats of 0 to 255."""
    return (x.float() - MEAN) / SCALE


def uniform(count, low, high, device):
    return torch.empty(count, device=device).uniform_(low, high)


def random_crops(pictures, extent, smallest=0.4, side=SIDE, largest=1.0):
    """A random part of each picture, of area `smallest`..`largest` and aspect 3:4 to 4:3, as a square, maybe
    mirrored."""
    count, _, canvas_height, canvas_width = pictures.shape
    device = pictures.device
    height, width = extent[:, 0], extent[:, 1]
    area = height * width * uniform(count, smallest, largest, device)
    aspect = torch.exp(uniform(count, -0.2877, 0.2877, device))
    w, h = torch.minimum(width, (area * aspect).sqrt()), torch.minimum(height, (area / aspect).sqrt())
    left = (width - w) * uniform(count, 0, 1, device)
    top = (height - h) * uniform(count, 0, 1, device)
    steps = (torch.arange(side, device=device) + 0.5) / side
    mirrored = (uniform(count, 0, 1, device) < 0.5).view(-1, 1)
    across = torch.where(mirrored, 1 - steps, steps)
    x = (left.view(-1, 1) + across * w.view(-1, 1)).clamp_min(0.5).minimum(width.view(-1, 1) - 0.5)
    y = (top.view(-1, 1) + steps * h.view(-1, 1)).clamp_min(0.5).minimum(height.view(-1, 1) - 0.5)
    grid = torch.stack(
        [
            (2 * x / canvas_width - 1)[:, None, :].expand(-1, side, -1),
            (2 * y / canvas_height - 1)[:, :, None].expand(-1, -1, side),
        ],
        dim=3,
    )
    return torch.nn.functional.grid_sample(pictures.float(), grid, mode="bilinear", align_corners=False)


def jitter(x, strength=0.35, noise=4.0):
    """Change brightness, channel balance, contrast and saturation of each picture at random, and add noise."""
    count, device = len(x), x.device

    def factor(channels, amount):
        return torch.empty(count, channels, 1, 1, device=device).uniform_(1 - amount, 1 + amount)

    x = x * factor(1, strength) * factor(3, strength / 4)
    mean = x.mean((1, 2, 3), keepdim=True)
    x = (x - mean) * factor(1, strength) + mean
    grey = x.mean(1, keepdim=True)
    x = (x - grey) * factor(1, strength) + grey
    deviation = torch.empty(count, 1, 1, 1, device=device).uniform_(-noise, noise).clamp_min(0)
    return (x + torch.randn_like(x) * deviation).clamp(0, 255)


def batches(data, batch):
    """Endless augmented batches (pictures, labels); the order is drawn afresh for every pass."""
    pictures, extent, labels = data
    batch = min(batch, len(pictures))
    while True:
        order = torch.randperm(len(pictures), device=pictures.device)
        for chosen in order[: len(order) // batch * batch].view(-1, batch):
            crops = random_crops(pictures[chosen], extent[chosen])
            yield normalise(jitter(crops)), labels[chosen]


def mixed(x, labels, classes, share=0.5):
    """Blend the first `share` of a batch with pictures of the same part (mixup). Returns pictures and soft labels."""
    count = int(len(x) * share)
    wanted = torch.nn.functional.one_hot(labels, classes).float()
    if count > 1:
        weight = 1 - 0.5 * uniform(count, 0, 1, x.device) ** 3  # mostly near 1
        x, other = x.clone(memory_format=torch.preserve_format), torch.randperm(count, device=x.device)
        blend = weight.view(-1, 1, 1, 1)
        x[:count] = x[:count] * blend + x[:count][other] * (1 - blend)
        wanted[:count] = wanted[:count] * weight.view(-1, 1) + wanted[:count][other] * (1 - weight.view(-1, 1))
    return x, wanted
