"""What the cleaner learns from: sharp squares, blurred, darkened and made noisy anew for each step."""

import sys
from pathlib import Path

import torch

sys.path.append(str(Path(__file__).resolve().parent.parent / "lowlight"))
import metrics  # noqa: E402
from training import squared  # noqa: E402

from blur import KERNEL, blurred, motion, noisy  # noqa: E402

SIZE = 192


def squares(sharp, count, size):
    """Squares [n][3][size][size] from 0 to 1 of pictures of bytes [n][3][height][width], turned and mirrored."""
    device, (height, width) = sharp.device, sharp.shape[-2:]
    index = torch.randint(len(sharp), (count,), device=device)
    top = torch.randint(height - size + 1, (count, 1), device=device)
    left = torch.randint(width - size + 1, (count, 1), device=device)
    steps = torch.arange(size, device=device)
    picked = sharp[index[:, None, None], :, (top + steps)[:, :, None], (left + steps)[:, None, :]]
    x = picked.permute(0, 3, 1, 2).float() / 255
    for turn in (lambda x: x.flip(3), lambda x: x.flip(2), lambda x: x.transpose(2, 3)):
        x = torch.where(torch.rand(count, 1, 1, 1, device=device) < 0.5, turn(x), x)
    return x


def example(sharp, count):
    """Blurred and true squares and kernels."""
    x = squares(sharp, count, SIZE + KERNEL - 1)
    x = x * (0.15 + 0.85 * torch.rand(count, 1, 1, 1, device=x.device))
    kernel = motion(count, x.device)
    margin = (KERNEL - 1) // 2
    return noisy(blurred(x, kernel)), x[..., margin:margin + SIZE, margin:margin + SIZE], kernel


def loss(network, sharp, count=16):
    """The logarithm of the squared error, which is PSNR, and 2 (1 - SSIM)."""
    blurry, truth, kernel = example(sharp, count)
    prepared = network.prepared(blurry, kernel)
    with torch.autocast(prepared.device.type, torch.bfloat16, prepared.device.type == "cuda", cache_enabled=False):
        found = network.clean(prepared)
    found = found.float()
    error = torch.log(squared(found, truth) + 1e-5).mean()
    return error + 2 * (1 - metrics.ssim(found.clamp(0, 1), truth, stride=2).mean())
