"""Blurred, dark and noisy pictures, made from sharp ones."""

import torch
from torch.nn import functional

KERNEL = 31  # rows and columns of a blur kernel


def motion(count, device, points=96):
    """Kernels [n][KERNEL][KERNEL] of a shaking hand: the path of a point whose velocity changes slowly, of 1 to
    KERNEL - 3 pixels, out of focus by a little."""
    velocity = torch.randn(count, points, 2, device=device)
    weights = torch.exp(-torch.arange(40.0, device=device) / (1 + 30 * torch.rand(count, 1, device=device)))
    padded = functional.pad(velocity, (0, 0, 39, 0), mode="constant")
    slow = (padded.unfold(1, 40, 1) * weights.flip(1)[:, None, None]).sum(-1)
    path = slow.cumsum(1)
    path = path - (path.amin(1, keepdim=True) + path.amax(1, keepdim=True)) / 2
    extent = (2 * path.abs()).amax((1, 2)).clamp(min=1e-3)
    length = 1 + (KERNEL - 4) * torch.rand(count, device=device) ** 1.5
    path = path * (length / extent)[:, None, None] + (KERNEL - 1) / 2
    # Sharp points are of half a pixel or more, so that no kernel is finer than the grid.
    spread = 0.5 + torch.rand(count, 1, 1, device=device)
    steps = torch.arange(KERNEL, dtype=torch.float32, device=device)
    near = [torch.exp(-0.5 * ((path[..., axis, None] - steps) / spread) ** 2) for axis in (1, 0)]
    kernel = near[0].transpose(1, 2) @ near[1]
    return kernel / kernel.sum((1, 2), keepdim=True)


def transfer(kernel, size):
    """The kernel's spectrum for pictures of SIZE x SIZE, its middle at the origin."""
    margin = (KERNEL - 1) // 2
    padded = functional.pad(kernel, (0, size - KERNEL, 0, size - KERNEL))
    return torch.fft.rfft2(padded.roll((-margin, -margin), (1, 2)))


def blurred(sharp, kernel):
    """What is left of sharp pictures [n][3][size][size] after blurring: KERNEL - 1 rows and columns fewer."""
    size, margin = sharp.shape[-1], (KERNEL - 1) // 2
    spectrum = torch.fft.rfft2(sharp) * transfer(kernel, size)[:, None]
    return torch.fft.irfft2(spectrum, s=(size, size))[..., margin:size - margin, margin:size - margin]


def noisy(picture):
    """Photons and electronics, then 8 bits."""
    count, device = len(picture), picture.device
    photons = 0.02 * torch.rand(count, 1, 1, 1, device=device) ** 3
    circuit = 0.04 * torch.rand(count, 1, 1, 1, device=device) ** 2
    deviation = (photons * picture.clamp(min=0) + circuit ** 2).sqrt()
    picture = picture + deviation * torch.randn_like(picture)
    return (picture.clamp(0, 1) * 255).round() / 255
