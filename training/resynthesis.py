"""Trains the generator that makes speech of HuBERT's units, F0 and a speaker.

By spectra alone, without discriminators; one voice of each corpus is left out. Eight
minutes on one free core. `python -m training resynthesis`
"""

from __future__ import annotations

import time
from itertools import product

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from speechlab.figures.listening import compare
from speechlab.figures.resynthesis import CENTRES, NAME, centres, through
from speechlab.systems import resynthesis
from speechlab.systems._shared.mel import BANDS, log_mel
from speechlab.systems._shared.vocoding import at_peak
from training._generator import Generator, imitate, kernels_of
from training._vocoders import DATA, lessons_of_each
from training.common import Card, publish, seeded, weighed

SEED, BATCH, FRAMES = 0, 16, 20  # frames of 20 ms of a piece
LATER = (0, 40, 80, 120)  # samples of silence before a clip
EPOCHS = 28
FRAME = resynthesis.FRAME


class Resynthesis(nn.Module):
    """Units (B, T), F0 (B, T, 33) and speakers (B,) to samples (B, 160 T)."""

    def __init__(self) -> None:
        super().__init__()
        known = len(resynthesis.SPEAKERS)
        self.units = nn.Parameter(0.5 * torch.randn(resynthesis.UNITS, resynthesis.OF_UNIT))
        self.speakers = nn.Parameter(0.5 * torch.randn(known, resynthesis.OF_SPEAKER))
        inputs = resynthesis.OF_UNIT + resynthesis.BANDS + 1 + resynthesis.OF_SPEAKER
        self.generator = Generator(inputs, resynthesis.FACTORS, resynthesis.DILATIONS)

    def forward(
        self, units: torch.Tensor, pitch: torch.Tensor, speakers: torch.Tensor
    ) -> torch.Tensor:
        who = self.speakers[speakers][:, None].expand(-1, units.shape[1], -1)
        rows = torch.cat([self.units[units], pitch, who], 2)
        return self.generator(rows.transpose(1, 2))


class Pieces:
    """Pieces of clips, drawn at random: units, F0, speakers, and the samples (B, 160 T).

    Each clip is there several times, so many samples later: its frames lie elsewhere then.
    """

    def __init__(self, clips: list, counts: NDArray) -> None:
        self.rows = []
        totals = np.zeros((resynthesis.UNITS, 2 * BANDS + 1))
        for clip, late in product(clips, LATER):
            samples = np.pad(clip.samples, (late, 0))
            sent = resynthesis.encode(samples, clip.rate)
            hertz = resynthesis.heard(sent.pitch, len(sent.units))
            sound = np.zeros(FRAME * len(hertz), dtype=np.float32)
            sound[: sent.length] = at_peak(samples, clip.rate)[: len(sound)]
            who = resynthesis.SPEAKERS.index(clip.speaker)
            mel = log_mel(samples, clip.rate)
            pairs = np.pad(mel, ((0, len(mel) % 2), (0, 0)), mode="edge").reshape(-1, 2 * BANDS)
            np.add.at(totals, sent.units, np.c_[pairs, np.ones(len(pairs))])
            self.rows.append((sent.units, resynthesis.bands_of(hertz), who, sound, hertz))
        self.centres = (totals[:, :-1] / np.maximum(totals[:, -1:], 1)).astype(np.float32)
        lengths = [max(len(row[0]), FRAMES) for row in self.rows]
        share = np.repeat(counts, len(LATER)) * lengths
        self.share = share / share.sum()

    def usual(self) -> NDArray[np.float32]:
        """The mean logarithm of each speaker's F0."""
        found = [[] for _ in resynthesis.SPEAKERS]
        for _, _, who, _, hertz in self.rows:
            found[who].append(np.log(hertz[hertz > 0]))
        return np.array([np.concatenate(f).mean() for f in found], dtype=np.float32)

    def draw(self, rng: np.random.Generator) -> tuple[torch.Tensor, ...]:
        """Clips that are shorter than a piece go on with their first frames."""
        drawn = []
        for r in rng.choice(len(self.rows), BATCH, p=self.share):
            units, pitch, who, sound, _ = self.rows[r]
            start = rng.integers(max(len(units) - FRAMES, 0) + 1)
            frames = np.arange(start, start + FRAMES) % len(units)
            samples = (frames[:, None] * FRAME + np.arange(FRAME)).ravel()
            drawn.append((units[frames], pitch[frames], who, sound[samples]))
        return tuple(torch.tensor(np.array(part)) for part in zip(*drawn))


def main(fresh: bool = False) -> bool:
    """Train and publish the weights; whether the figure is as before."""
    begun = time.process_time()
    torch.set_num_threads(1)
    pieces = Pieces(*weighed(lessons_of_each()))
    rng = seeded(SEED)
    model = imitate("resynthesis", Resynthesis(), pieces, rng, EPOCHS, fresh)
    stored = kernels_of(model) | {"usual": pieces.usual(), "centres": pieces.centres}
    minutes = round((time.process_time() - begun) / 60, 1)
    return publish("resynthesis", stored, lambda: card(minutes, model))


def card(minutes: float, model: Resynthesis) -> Card:
    """The distance between spectra beside the baseline, which needs no other package."""
    found = compare(NAME, through, {CENTRES: centres})
    figure = next(f for f in found if f.metric == "log-spectral distance")
    return Card.of(
        figure,
        data=f"{DATA}; units of the model hubert",
        command="python -m training resynthesis",
        tolerance=0.4,
        seed=SEED,
        parameters=sum(p.numel() for p in model.parameters()),
        minutes=minutes,
    )
