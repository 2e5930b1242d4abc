"""GroceryStore pictures with their coarse class, decoded once and kept in memory as bytes."""

import csv
from functools import lru_cache
from pathlib import Path

import numpy
import torch
from PIL import Image

INPUT_SIZE = 224
CACHE_SIZE = 256
MEAN = (0.53, 0.40, 0.25)
STD = (0.24, 0.22, 0.20)


def coarse_classes(folder):
    """Coarse class names in the order of their ids."""
    with open(Path(folder) / "classes.csv", newline="") as file:
        names = {int(row["Coarse Class ID (int)"]): row["Coarse Class Name (str)"] for row in csv.DictReader(file)}
    return [names[index] for index in range(len(names))]


def read_split(path):
    """(relative path, coarse id) for each line `path, fine id, coarse id`."""
    with open(path) as file:
        rows = [line.split(",") for line in file if line.strip()]
    return [(row[0].strip(), int(row[2])) for row in rows]


@lru_cache(maxsize=64)
def resize_weights(source, target):
    """A target x source matrix: area averages when shrinking, else bilinear with half-pixel centres."""
    scale = source / target
    weights = numpy.zeros((target, source), dtype=numpy.float32)
    for index in range(target):
        if scale > 1:
            low, high = index * scale, (index + 1) * scale
            for pixel in range(int(low), min(source, int(numpy.ceil(high)))):
                weights[index, pixel] = (min(high, pixel + 1) - max(low, pixel)) / scale
        else:
            centre = min(max((index + 0.5) * scale - 0.5, 0), source - 1)
            left = int(centre)
            right = min(left + 1, source - 1)
            weights[index, left] += 1 - (centre - left)
            weights[index, right] += centre - left
    return weights


def resize_short_side(picture, size):
    """Scale a height x width x 3 array of bytes so that its shorter side is `size`."""
    height, width, _ = picture.shape
    rows = resize_weights(height, max(size, round(height * size / min(height, width))))
    columns = resize_weights(width, max(size, round(width * size / min(height, width))))
    scaled = numpy.tensordot(rows, picture.astype(numpy.float32), axes=(1, 0))
    scaled = numpy.matmul(columns, scaled)
    return numpy.clip(numpy.rint(scaled), 0, 255).astype(numpy.uint8)


def centre_crop(picture, size):
    top, left = (picture.shape[0] - size) // 2, (picture.shape[1] - size) // 2
    return picture[top : top + size, left : left + size]


def decode(folder, rows, size, crop):
    """Every picture with its shorter side at `size`, cropped to a square if asked, and the labels."""
    pictures = []
    for index, (name, _) in enumerate(rows):
        with Image.open(Path(folder) / name) as file:
            picture = resize_short_side(numpy.asarray(file.convert("RGB")), size)
        pictures.append(centre_crop(picture, size) if crop else picture)
        if index % 500 == 499:
            print(f"  decoded {index + 1} of {len(rows)}", flush=True)
    return pictures, numpy.array([label for _, label in rows])


def to_tensor(pictures):
    """Normalised floats, N x 3 x H x W, from equally sized pictures."""
    x = torch.from_numpy(numpy.stack(pictures)).permute(0, 3, 1, 2).float() / 255
    x = (x - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)
    return x.contiguous(memory_format=torch.channels_last)


def random_crop(picture, size, random, smallest):
    """A random part of the picture, of area `smallest`..1 and aspect 3:4 to 4:3, at `size` squared, maybe mirrored."""
    height, width, _ = picture.shape
    area = height * width * random.uniform(smallest, 1)
    aspect = numpy.exp(random.uniform(numpy.log(3 / 4), numpy.log(4 / 3)))
    w, h = min(width, (area * aspect) ** 0.5), min(height, (area / aspect) ** 0.5)
    left, top = random.uniform(0, width - w), random.uniform(0, height - h)
    image = Image.fromarray(picture)
    if random.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return numpy.asarray(image.resize((size, size), Image.Resampling.BILINEAR, (left, top, left + w, top + h)))


def jitter_colour(x, generator, strength):
    """Scale each normalised picture's brightness, contrast, saturation and channel balance at random."""
    count = x.shape[0]

    def factor(channels, amount):
        return 1 + (torch.rand(count, channels, 1, 1, generator=generator) * 2 - 1) * amount

    offset = (torch.tensor(MEAN) / torch.tensor(STD)).view(1, 3, 1, 1)
    x = (x + offset) * factor(1, strength) * factor(3, strength / 4) - offset
    mean = x.mean((1, 2, 3), keepdim=True)
    x = (x - mean) * factor(1, strength) + mean
    grey = x.mean(1, keepdim=True)
    return (x - grey) * factor(1, strength) + grey


def training_batches(pictures, labels, size, batch, random, smallest, strength=0.4):
    """One epoch of augmented batches; `random` is a numpy generator, so a seed repeats them."""
    generator = torch.Generator().manual_seed(int(random.integers(2**31)))
    order = random.permutation(len(pictures))
    for start in range(0, len(order) - batch + 1, batch):
        chosen = order[start : start + batch]
        x = to_tensor([random_crop(pictures[i], size, random, smallest) for i in chosen])
        yield jitter_colour(x, generator, strength), torch.from_numpy(labels[chosen])
