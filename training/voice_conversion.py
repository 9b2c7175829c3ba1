"""Trains the nets that convert formants, one for each direction between men, women and children.

All of them at once, on the vowels of the real table and of the embedded one: full batches, by
L-BFGS, with a small penalty on the squares of the weights. Half a minute on one core.
"""

from __future__ import annotations

import time

import numpy as np
import torch

from speechlab import corpora
from speechlab.figures.voice_conversion import measured
from speechlab.systems import voice_conversion as vc
from training.common import Card, arrays_of, epochs, publish, seeded

UNITS, PENALTY, ROUNDS, SEED = 16, 1e-5, 40, 0
TABLES = ("peterson-barney", "embedded")


class Nets(torch.nn.Module):
    """Six nets side by side: h = tanh(W1 s), t = W2 h."""

    def __init__(self) -> None:
        super().__init__()
        nets = len(vc.DIRECTIONS)
        self.W1 = torch.nn.Parameter(0.5 * torch.randn(nets, UNITS, 3, dtype=torch.float64))
        self.W2 = torch.nn.Parameter(0.5 * torch.randn(nets, 3, UNITS, dtype=torch.float64))

    def forward(self, which: int, s: torch.Tensor) -> torch.Tensor:
        """Formants (N, 3) in kilohertz, converted in one direction."""
        return torch.tanh(s @ self.W1[which].T) @ self.W2[which].T

    def penalty(self) -> torch.Tensor:
        return self.W1.square().sum() + self.W2.square().sum()


def lessons() -> list[tuple[torch.Tensor, torch.Tensor]]:
    """For each direction the vowels of both tables and what they should become, in kilohertz."""
    try:
        halves = [vc.split(corpora.vowel_table(name), test=False) for name in TABLES]
    except corpora.CorpusError as error:
        raise SystemExit(f"training needs both vowel tables: {error}") from None
    found = []
    for direction in vc.DIRECTIONS:
        both = [vc.pairs(half, *direction)[:2] for half in halves]
        s, t = (torch.tensor(np.concatenate(part) / 1000) for part in zip(*both))
        found.append((s, t))
    return found


def main(fresh: bool = False) -> bool:
    """Train, write weights and card; whether the figure is near the card that was there."""
    rng, started = seeded(SEED), time.monotonic()
    pairs, nets = lessons(), Nets()
    descent = torch.optim.LBFGS(
        nets.parameters(), max_iter=100, history_size=30, line_search_fn="strong_wolfe"
    )

    def loss() -> torch.Tensor:
        descent.zero_grad()
        misses = [(nets(k, s) - t).square().sum() / len(s) for k, (s, t) in enumerate(pairs)]
        total = (sum(misses) + PENALTY * nets.penalty()) / 2
        total.backward()
        return total

    for _ in epochs("voice_conversion", ROUNDS, fresh, {"nets": nets, "descent": descent}, rng):
        descent.step(loss)
    minutes = (time.monotonic() - started) / 60
    return publish(vc.NAME, arrays_of(nets), lambda: card(minutes), half=False)


def card(minutes: float) -> Card:
    """Men to women, on the table in use."""
    figure = measured("man", "woman")
    return Card.of(
        figure,
        system="two-layer nets that convert formants between men, women and children",
        data="Peterson and Barney (1952) and the embedded vowel table, two speakers of three",
        licence="table: phonTools, BSD-2-Clause; weights: CC BY 4.0",
        command="python -m training voice_conversion --fresh",
        metric="men to women, root-mean-square distance from the mean of held-out women (Hz), "
        + figure.corpus,
        tolerance=25.0,
        seed=SEED,
        parameters=len(vc.DIRECTIONS) * UNITS * 6,
        minutes=round(minutes, 2),
    )
