"""Pairs of pictures, which of them are held out, and what is drawn from them for training."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from network import with_change

HERE = Path(__file__).resolve().parent
HELD_OUT = HERE / "held-out.txt"


def pairs(folder):
    """Names, dark and bright pictures as bytes [n][height][width][3], of FOLDER/low and FOLDER/high."""
    folder = Path(folder)
    names = sorted((path.name for path in (folder / "low").glob("*.png")), key=lambda name: int(Path(name).stem))
    if not names:
        raise SystemExit(f"{folder / 'low'}: no .png pictures")
    dark, bright = ([np.asarray(Image.open(folder / side / name).convert("RGB")) for name in names]
                    for side in ("low", "high"))
    return [Path(name).stem for name in names], np.stack(dark), np.stack(bright)


def thumbnails(pictures, size=(48, 32)):
    """What a scene looks like whatever its exposure: unit vectors of logarithms of small pictures."""
    small = [np.asarray(Image.fromarray(picture).resize(size, Image.BOX), dtype=np.float32) for picture in pictures]
    small = np.log(np.stack(small).reshape(len(small), -1) + 4)
    small -= small.mean(1, keepdims=True)
    return small / np.linalg.norm(small, axis=1, keepdims=True)


def scenes(bright, alike=0.8):
    """A number for each picture, the same for all of one scene."""
    seen = thumbnails(bright)
    close = seen @ seen.T > alike
    label = np.arange(len(seen))
    for index in range(len(seen)):
        joined = np.unique(label[: index + 1][close[index, : index + 1]])
        label[np.isin(label, joined)] = joined[0]
    return label


def shared(bright, others, alike=0.8):
    """Which pictures show a scene that is also among the others."""
    return (thumbnails(bright) @ thumbnails(others).T > alike).any(1)


def refuse_leaks(dark, bright, test_dark, test_bright):
    """No pair may be in both sets: equal bytes, or so alike that it is the same exposure of the same scene."""
    for ours, theirs in ((dark, test_dark), (bright, test_bright)):
        if {picture.tobytes() for picture in ours} & {picture.tobytes() for picture in theirs}:
            raise SystemExit("a picture of the test set is among those to train on")
    alike = thumbnails(dark) @ thumbnails(test_dark).T > 0.97
    for mine, theirs in zip(*np.nonzero(alike)):
        difference = np.abs(dark[mine].astype(int) - test_dark[theirs]).mean()
        if difference < 1:
            raise SystemExit(f"picture {mine} differs from the test set's {theirs} by {difference:.2f} of 255 only")


def choose_held_out(names, bright, test_bright, count=50):
    """What held-out.txt lists: names of about COUNT pictures, whole scenes from all over the set, none of which the
    test set shows too."""
    label, excluded = scenes(bright), shared(bright, test_bright)
    free = [scene for scene in np.unique(label) if not excluded[label == scene].any()]
    chosen = []
    for scene in free[3::10]:
        chosen += [name for name, own in zip(names, label) if own == scene]
        if len(chosen) >= count:
            break
    return chosen


def held_out(names):
    listed = set(HELD_OUT.read_text().split())
    return np.array([name in listed for name in names])


def tensor(pictures):
    return torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float() / 255


def gains(count, random):
    """Another exposure, and a light of a slightly other colour: factors [n][3]."""
    return torch.from_numpy(np.exp(random.uniform(-0.2, 0.2, (count, 1)) + random.normal(0, 0.02, (count, 3)))).float()


def brighter(small, gain):
    """Small pictures and their texture as if they were GAIN times as bright."""
    return (small * torch.cat([gain, gain[:, 1:2]], 1)[..., None, None]).clamp(max=1)


class Everywhere:
    """Whole pictures, thinned: each sample is a small picture and, of the full one, every eighth pixel of every
    eighth row, at an offset drawn anew each time. Cheap, and exact where a result depends on single pixels."""

    STEP = 8

    def __init__(self, dark, bright, smooth):
        self.small, self.inputs, self.truth = [], [], []
        for low, high in zip(dark, bright):
            low, high = tensor(low[None]), tensor(high[None])
            self.small.append(functional.avg_pool2d(with_change(low), 2)[0].half())
            self.inputs.append(self.thinned(smooth(low))[0].half())
            self.truth.append((self.thinned(high)[0] * 255).round().byte())
        self.small, self.inputs, self.truth = map(torch.stack, (self.small, self.inputs, self.truth))

    def thinned(self, x):
        count, channels, height, width = x.shape
        step = self.STEP
        x = x[..., : height // step * step, : width // step * step]
        x = x.view(count, channels, height // step, step, width // step, step)
        return x.permute(0, 3, 5, 1, 2, 4).reshape(count, step * step, channels, height // step, width // step)

    def __len__(self):
        return len(self.small)

    def draw(self, count, size, random):
        """Small pictures and their texture [n][4][size], pixels in and out [n][3][m]: crops, mirrored, at another
        exposure."""
        small, inputs, truth = [], [], []
        rows, columns = self.inputs.shape[-2:]
        for index in random.integers(len(self), size=count):
            share = random.uniform(0.9, 1)
            high, wide = int(rows * share), int(columns * share)
            top, left = random.integers(rows - high + 1), random.integers(columns - wide + 1)
            phase = random.integers(self.STEP ** 2)
            grid = (slice(None), slice(top, top + high), slice(left, left + wide))
            pick = torch.from_numpy(random.integers(high * wide, size=2048))
            inputs.append(self.inputs[index, phase][grid].reshape(3, -1)[:, pick].float())
            truth.append(self.truth[index, phase][grid].reshape(3, -1)[:, pick].float() / 255)
            scale = self.STEP // 2
            view = self.small[index, :, top * scale:(top + high) * scale, left * scale:(left + wide) * scale].float()
            view = functional.adaptive_avg_pool2d(view, size)
            small.append(view.flip(2) if random.random() < 0.5 else view)
        small, inputs, truth = map(torch.stack, (small, inputs, truth))
        gain = gains(count, random)
        small = brighter(small, gain)
        return small, (inputs * gain[..., None]).clamp(max=1), truth


class Crops:
    """Squares of full resolution, each with the small picture of the whole."""

    def __init__(self, dark, bright, small):
        self.dark, self.bright, self.small = dark, bright, small

    def draw(self, count, size, random):
        """Small pictures with texture [n][4][rows][columns], dark and bright squares [n][3][size][size]."""
        small, dark, bright = [], [], []
        height, width = self.dark.shape[1:3]
        for index in random.integers(len(self.dark), size=count):
            top, left = random.integers(height - size + 1), random.integers(width - size + 1)
            square = (index, slice(top, top + size), slice(left, left + size))
            turn, flip = random.integers(4), random.random() < 0.5
            for pictures, into in ((self.dark, dark), (self.bright, bright)):
                picture = np.rot90(pictures[square], turn)
                into.append(np.ascontiguousarray(picture[::-1] if flip else picture))
            small.append(self.small[index].flip(2) if random.random() < 0.5 else self.small[index])
        dark, bright, gain = tensor(np.stack(dark)), tensor(np.stack(bright)), gains(count, random)
        return brighter(torch.stack(small), gain), (dark * gain[..., None, None]).clamp(max=1), bright
