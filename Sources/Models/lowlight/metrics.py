"""PSNR and SSIM as published for pictures: over all pixels and channels, values from 0 to 1."""

import functools

import torch


@functools.cache
def windows(extent, type, device, stride=1, sigma=1.5, radius=5):
    """Gaussian weights [positions][extent] of all windows that fit, or of every stride-th."""
    weights = torch.exp(-0.5 * (torch.arange(-radius, radius + 1) / sigma) ** 2)
    weights /= weights.sum()
    count = extent - 2 * radius
    places = [torch.nn.functional.pad(weights, (at, count - 1 - at)) for at in range(0, count, stride)]
    return torch.stack(places).to(type).to(device)


def psnr(found, truth):
    """Decibels [n]."""
    return -10 * torch.log10(((found - truth) ** 2).mean((1, 2, 3)))


def ssim(found, truth, stride=1):
    """[n], as scikit-image's structural_similarity(gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
    data_range=1, channel_axis=...). A stride
    of more than 1 looks at fewer windows, for a loss."""
    rows, columns = (windows(extent, found.dtype, found.device, stride) for extent in found.shape[2:])
    columns = columns.T

    def smoothed(x):
        return rows @ (x @ columns)

    mean_a, mean_b = smoothed(found), smoothed(truth)
    variance = smoothed(found * found + truth * truth) - mean_a ** 2 - mean_b ** 2
    covariance = smoothed(found * truth) - mean_a * mean_b
    first, second = 0.01 ** 2, 0.03 ** 2
    ratio = (2 * mean_a * mean_b + first) * (2 * covariance + second)
    ratio = ratio / ((mean_a ** 2 + mean_b ** 2 + first) * (variance + second))
    return ratio.mean((1, 2, 3))
