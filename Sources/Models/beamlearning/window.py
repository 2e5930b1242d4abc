"""A stretch of sound judged by a network: its frames' features averaged, loud frames counting for more."""

import torch
from torch import nn


class Windowed(nn.Module):
    """A network with the one number that says how much louder frames count. A live system keeps a running mean of
    features times exp(loudness * level), and of those factors."""

    def __init__(self, network):
        super().__init__()
        self.network = network
        self.loudness = nn.Parameter(torch.tensor(.5))

    def forward(self, frames, level):
        """Logits and elevations [n][direction] of frames [n][frame][microphone][sample] and levels [n][frame]."""
        features = self.network.features(frames.flatten(0, 1))
        features = features.reshape(*frames.shape[:2], *features.shape[1:])
        share = torch.softmax(self.loudness * level, 1)
        share = share.reshape(*share.shape, *[1] * (features.dim() - 2))
        return self.network.judge((features * share).sum(1))
