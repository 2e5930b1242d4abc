"""Pairs of pictures, which of them are held out, and what is drawn from them for training."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from network import SMALL, reduced, smooth, with_change

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


class Samples:
    """Pairs on the device that trains, and what is drawn from them there. Every tensor is of a fixed shape, so that a
    whole step can be captured as a CUDA graph."""

    PIXELS = 2048

    def __init__(self, dark, bright, device):
        self.device = device
        self.dark = torch.stack([torch.from_numpy(picture).permute(2, 0, 1) for picture in dark]).to(device)
        self.bright = torch.stack([torch.from_numpy(picture).permute(2, 0, 1) for picture in bright]).to(device)
        filtered, sums, small = [], [], []
        for picture in self.dark:
            picture = picture[None].float() / 255
            filtered.append(smooth(picture)[0].half())
            # Sums over all pixels above and to the left, of averages over two by two: averages over any area.
            halved = functional.avg_pool2d(with_change(picture), 2)[0].double()
            sums.append(functional.pad(halved.cumsum(1).cumsum(2), (1, 0, 1, 0)))
            small.append(reduced(picture)[0])
        self.filtered, self.sums, self.small = map(torch.stack, (filtered, sums, small))

    def __len__(self):
        return len(self.dark)

    def uniform(self, count, low=0.0, high=1.0):
        return torch.rand(count, device=self.device) * (high - low) + low

    def gains(self, count):
        """Another exposure, and a light of a slightly other colour: factors [n][3]."""
        exposure = torch.exp(self.uniform((count, 1), -0.2, 0.2))
        return exposure * torch.exp(0.02 * torch.randn(count, 3, device=self.device))

    def areas(self, index, rows, columns):
        """Averages [n][4][R][C] over cells with bounds [n][2][R] and [n][2][C] in pixels of two by two."""
        def at(rows, columns):
            return self.sums[index[:, None, None], :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)

        count, sizes = len(index), (rows.shape[2], columns.shape[2])
        heights, widths = rows.diff(dim=1)[:, :, :, None], columns.diff(dim=1)[:, :, None]
        rows, columns = rows.flatten(1), columns.flatten(1)
        top, left = rows.floor().long(), columns.floor().long()
        bottom = (top + 1).clamp(max=self.sums.shape[2] - 1)
        right = (left + 1).clamp(max=self.sums.shape[3] - 1)
        down, over = (rows - top).double()[:, None, :, None], (columns - left).double()[:, None, None, :]
        upper = at(top, left) * (1 - over) + at(top, right) * over
        lower = at(bottom, left) * (1 - over) + at(bottom, right) * over
        sums = (upper * (1 - down) + lower * down).view(count, 4, 2, sizes[0], 2, sizes[1])
        return (sums.diff(dim=2).diff(dim=4)[:, :, 0, :, 0] / (heights * widths)).float()

    def bounds(self, start, extent, count, end):
        """Of COUNT cells from START on, in pixels of two by two [n][2][count]. `reduced` takes whole rows and columns,
        nearly one more than a cell has."""
        steps = torch.arange(count, device=self.device)
        first = (start + extent * steps / count) / 2 - 0.22
        return torch.stack([first, first + extent / count / 2 + 0.44], 1).clamp(0, end / 2)

    def everywhere(self, count):
        """Of crops of 90 to 100 % of each side, mirrored, at another exposure: the reduced picture [n][4][64][96], and
        filtered dark and true pixels [n][3][1][PIXELS] with where they are [n][1][PIXELS][2], from -1 to 1."""
        height, width = self.dark.shape[2:]
        index = torch.randint(len(self), (count,), device=self.device)
        high, wide = (extent * self.uniform((count, 1), 0.9, 1) for extent in (height, width))
        top, left = self.uniform((count, 1)) * (height - high), self.uniform((count, 1)) * (width - wide)
        small = self.areas(index, self.bounds(top, high, SMALL[0], height), self.bounds(left, wide, SMALL[1], width))
        down, over = self.uniform((count, self.PIXELS)), self.uniform((count, self.PIXELS))
        rows = (top + high * down).long().clamp(max=height - 1)
        columns = (left + wide * over).long().clamp(max=width - 1)
        picked = (index[:, None], slice(None), rows, columns)
        dark, bright = (whole[picked].permute(0, 2, 1)[:, :, None].float() for whole in (self.filtered, self.bright))
        mirrored = self.uniform((count, 1)) < 0.5
        small = torch.where(mirrored[..., None, None], small.flip(3), small)
        place = torch.stack([torch.where(mirrored, 1 - over, over), down], -1)[:, None] * 2 - 1
        gain = self.gains(count)
        return brighter(small, gain), (dark * gain[..., None, None]).clamp(max=1), bright / 255, place

    def squares(self, count, size):
        """Squares of full resolution: reduced whole pictures [n][4][64][96], dark and true squares
        [n][3][size][size] at another exposure, and where their pixels are [n][size][size][2], from -1 to 1."""
        height, width = self.dark.shape[2:]
        index = torch.randint(len(self), (count,), device=self.device)
        top = torch.randint(height - size + 1, (count, 1), device=self.device)
        left = torch.randint(width - size + 1, (count, 1), device=self.device)
        steps = torch.arange(size, device=self.device)
        rows, columns = (top + steps)[:, :, None], (left + steps)[:, None, :]
        picked = (index[:, None, None], slice(None), rows, columns)
        dark, bright = (whole[picked].permute(0, 3, 1, 2).float() / 255 for whole in (self.dark, self.bright))
        down, over = (rows + 0.5) / height * 2 - 1, (columns + 0.5) / width * 2 - 1
        place = torch.stack(torch.broadcast_tensors(over, down), -1)
        gain = self.gains(count)
        dark = (dark * gain[..., None, None]).clamp(max=1)
        return brighter(self.small[index], gain), dark, bright, place

    def turned(self, *pictures):
        """Squares [n][c][size][size], each turned and mirrored, all of one index alike."""
        for turn in (lambda x: x.flip(3), lambda x: x.flip(2), lambda x: x.transpose(2, 3)):
            chosen = self.uniform((len(pictures[0]), 1, 1, 1)) < 0.5
            pictures = [torch.where(chosen, turn(picture), picture) for picture in pictures]
        return pictures


def brighter(small, gain):
    """Small pictures and their texture as if they were GAIN times as bright."""
    return (small * torch.cat([gain, gain[:, 1:2]], 1)[..., None, None]).clamp(max=1)
