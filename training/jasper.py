"""Jasper in small: one-dimensional convolutions in residual blocks, trained by CTC.

After Li et al., "Jasper: An End-to-End Convolutional Neural Acoustic Model" (2019), whose nets have
ten blocks of five convolutions and hundreds of channels.
"""

from __future__ import annotations

import torch
from torch import nn

from speechlab.systems.connected_digits import BANDS, EVERY
from training import _connected

CHANNELS, WIDTHS = 64, (5, 7, 9, 11)


class Convolution(nn.Module):
    """A convolution and its batch norm."""

    def __init__(self, into: int, out: int, width: int, stride: int = 1) -> None:
        super().__init__()
        padding = (width - stride) // 2
        self.conv = nn.Conv1d(into, out, width, stride, padding, bias=False)
        self.norm = nn.BatchNorm1d(out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(self.conv(x))


class Block(nn.Module):
    """Two convolutions, and a way around them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.one = Convolution(CHANNELS, CHANNELS, width)
        self.two = Convolution(CHANNELS, CHANNELS, width)
        self.around = Convolution(CHANNELS, CHANNELS, 1)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inner = self.drop(torch.relu(self.one(x)))
        return self.drop(torch.relu(self.two(inner) + self.around(x)))


class Net(nn.Module):
    """From features (R, F, B) to logits (R, F // 3, 11)."""

    def __init__(self) -> None:
        super().__init__()
        self.first = Convolution(BANDS, CHANNELS, 9, EVERY)
        self.blocks = nn.Sequential(*(Block(width) for width in WIDTHS))
        self.last = Convolution(CHANNELS, 2 * CHANNELS, 1)
        self.out = nn.Conv1d(2 * CHANNELS, 11, 1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        kept = features.shape[1] // EVERY * EVERY
        x = torch.relu(self.first(features[:, :kept].transpose(1, 2)))
        x = torch.relu(self.last(self.blocks(x)))
        return self.out(x).transpose(1, 2)


def main(fresh: bool) -> bool:
    """Train, ship, measure."""
    return _connected.train("jasper", "Jasper in small on connected digits", Net, fresh, rate=4e-3)
