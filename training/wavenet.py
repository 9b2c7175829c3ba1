"""Trains WaveNet: the next sample's class from all samples before it, the frames and the speaker.

Time stands first and every layer is a matrix product, in bfloat16. `python -m training wavenet`
trains two nets of equal steps, one that is told frames and speaker, and one that is told nothing.
"""

from __future__ import annotations

import math
import time

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

from speechlab import corpora
from speechlab.figures import Figure, listening
from speechlab.figures import wavenet as figures
from speechlab.systems import wavenet
from speechlab.systems._shared.mel import BANDS, HOP
from training._vocoders import DATA, Stream, descend, lessons
from training.common import Card, publish, seeded

SEED, EPOCHS, STEPS, PEAK = 0, 222, 25, 4e-3
BATCH, FRAMES = 4, 24  # segments a step, and frames of 80 samples in each
UNKNOWN = 0.1  # of the segments are by nobody in particular, so that a stranger can speak

WIDTH, LAYERS, HEAD = wavenet.WIDTH, len(wavenet.DILATIONS), wavenet.HEAD


class WaveNet(nn.Module):
    """Classes (B, T) of the samples before, frames (B, T / 80 + 3, 40): logits (B, T, 256)."""

    def __init__(self, told: bool = True) -> None:
        super().__init__()
        self.told = told
        shapes = {f"in_{n}": (2 * WIDTH, 2 * WIDTH) for n in range(LAYERS)}
        shapes |= {f"out_{n}": (WIDTH, WIDTH) for n in range(LAYERS)}
        shapes |= {"skip": (LAYERS * WIDTH, HEAD), "head": (HEAD, HEAD), "logits": (HEAD, 256)}
        if told:
            shapes |= {"frames": (wavenet.KERNEL * BANDS, WIDTH)}
        for name, (rows, columns) in shapes.items():
            self.register_parameter(name, nn.Parameter(torch.randn(rows, columns) / rows**0.5))
            self.register_parameter(f"{name}_bias", nn.Parameter(torch.zeros(columns)))
        place = torch.linspace(0, torch.pi, 256)[:, None] * torch.arange(1, 17)
        self.embedding = nn.Parameter(place.cos() @ torch.randn(16, WIDTH) / 4)
        if told:
            self.speakers = nn.Parameter(0.1 * torch.randn(1 + len(wavenet.SPEAKERS), WIDTH))
            self.told_all = nn.Parameter(0.5 * torch.randn(WIDTH, LAYERS * 2 * WIDTH) / WIDTH**0.5)

    def _affine(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return x @ getattr(self, name) + getattr(self, f"{name}_bias")

    def conditions(self, frames: torch.Tensor, speakers: torch.Tensor) -> torch.Tensor:
        """What the layers are told in each block of 80 samples, (B, blocks, 1, LAYERS * 2 WIDTH).

        A block sees the frames at its two ends, and one more on either side.
        """
        near = frames.unfold(1, wavenet.KERNEL, 1).transpose(2, 3).flatten(2)
        hidden = self._affine(near, "frames") + self.speakers[speakers][:, None]
        return (F.gelu(hidden) @ self.told_all)[:, :, None]

    def forward(
        self, classes: torch.Tensor, frames: torch.Tensor, speakers: torch.Tensor
    ) -> torch.Tensor:
        x = self.embedding[classes]
        told = self.conditions(frames, speakers) if self.told else None
        gated = []
        for n, dilation in enumerate(wavenet.DILATIONS):
            before = F.pad(x, (0, 0, dilation, 0))[:, :-dilation]
            both = self._affine(torch.cat([x, before], -1), f"in_{n}")
            if self.told:
                mine = told[..., 2 * WIDTH * n : 2 * WIDTH * (n + 1)]
                both = (both.unflatten(1, (-1, HOP)) + mine).flatten(1, 2)
            filtered, gate = both.split(WIDTH, -1)
            gated.append(torch.tanh(filtered) * torch.sigmoid(gate))
            x = x + self._affine(gated[-1], f"out_{n}")
        heard = F.relu(self._affine(torch.cat(gated, -1), "skip"))
        return self._affine(F.relu(self._affine(heard, "head")), "logits")


def bits(model: WaveNet, classes: torch.Tensor, *told: torch.Tensor) -> torch.Tensor:
    """Bits a sample that classes (B, 1 + T) cost, but for the first of them."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(classes[:, :-1], *told)
    return F.cross_entropy(logits.float().flatten(0, 1), classes[:, 1:].flatten()) / math.log(2)


def train(name: str, fresh: bool) -> dict[str, NDArray]:
    """The averaged weights of "wavenet" or "wavenet_untold", after `EPOCHS` times `STEPS` steps."""
    rng = seeded(SEED)
    stream = Stream(lessons(), lambda c: wavenet.classes_of(c.samples, c.rate), wavenet.ZERO)
    numbers = np.array([wavenet.number_of(speaker) for speaker in stream.speakers])
    model = WaveNet(told=name == "wavenet")

    def loss() -> torch.Tensor:
        classes, frames, at = stream.segments(rng, BATCH, FRAMES, before=1)
        speakers = numbers[at] * (rng.random(BATCH) > UNKNOWN)
        return bits(model, classes, frames, torch.tensor(speakers))

    tables = ("embedding", "speakers", "logits")
    return descend(name, model, loss, rng, (EPOCHS, STEPS, PEAK), fresh, tables)


def main(fresh: bool = False) -> bool:
    """Train and publish both nets; whether the figures are as before."""
    torch.set_num_threads(1)
    fine, minutes = True, {}
    for name in ("wavenet_untold", "wavenet"):
        begun = time.process_time()
        arrays = train(name, fresh)
        minutes[name] = (time.process_time() - begun) / 60
        fine &= publish(name, arrays, lambda: card(name, minutes[name], arrays))  # noqa: B023
    return fine


def card(name: str, minutes: float, arrays: dict[str, NDArray]) -> Card:
    """Bits a sample on test clips, beside those of linear prediction."""
    told = name == "wavenet"
    test = listening.test_clips()
    rival = "LPC that knows the frame" if told else "backward-adaptive LPC"
    figure = Figure.of(
        "WaveNet, told frames and speaker" if told else "WaveNet, told nothing",
        "bits a sample",
        figures.net_bits(test, told),
        rival,
        figures.BASELINES[rival](test, test),
        corpora.name(),
        figures.bits_per_sample,
        unit="bit",
    )
    return Card.of(
        figure,
        data=DATA,
        command="python -m training wavenet",
        tolerance=0.1,
        seed=SEED,
        parameters=sum(a.size for a in arrays.values()),
        minutes=round(minutes, 1),
    )
