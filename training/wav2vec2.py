"""Trains wav2vec 2.0 in small twice: with the diversity loss, and without.

Minutes on one thread. `python -m training wav2vec2` also writes `data/wav2vec2_training.json`, how
many codewords were in use, epoch by epoch, and how often the right frame was chosen, and what
linear probes read out of the nets (`data/probes.json`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

from speechlab.figures import wav2vec2 as figures
from speechlab.figures.wav2vec2 import DISTRACTORS, SPAN, perplexities
from speechlab.systems import wav2vec2
from training._transformer import affine, encoder_layer, norm, placed, strided
from training._vocoders import descend
from training._waveforms import (
    DATA,
    LICENCE,
    Groups,
    levels,
    parameters,
    statistics,
    waveforms,
    weights_of,
)
from training.common import Card, publish, seeded

SEED = 0
EPOCHS, STEPS, PEAK = 14, 100, 4e-3
FRAMES, BATCH = 112, 8  # frames of 20 ms of a crop; crops
START = 0.1  # chance that a row of hidden frames starts at a frame
HOT, COLD = 2.0, 0.5  # temperature of the Gumbel softmax, at the start and from the middle on
TABLES = ("w.filters", "w.books", "w.logits")  # AdamW moves them, Muon the other matrices
DIVERSITY = {"trained": 3.0, "undiverse": 0.0}  # weight of the diversity loss


class Wav2Vec2(nn.Module):
    """The net, with the weights of `speechlab.systems.wav2vec2.initial`, `mean` and `spread`."""

    def __init__(self, stored: Mapping[str, NDArray]) -> None:
        super().__init__()
        start = wav2vec2.initial(SEED)
        self.w = parameters(start)
        for name in ("mean", "spread"):
            self.register_buffer(name, torch.tensor(stored[name], dtype=torch.float32))
        self.register_buffer("step", torch.tensor(0))
        self.register_buffer("hits", torch.zeros(EPOCHS))
        self.register_buffer("chosen", torch.zeros(EPOCHS, wav2vec2.BOOKS, wav2vec2.WORDS))

    def encode(self, samples: torch.Tensor) -> torch.Tensor:
        """x (B, T, D) of crops (B, N)."""
        w = dict(self.w.items()) | {"mean": self.mean, "spread": self.spread}
        x = strided(levels(samples, w), w, "conv", wav2vec2.KERNEL, wav2vec2.STRIDE)
        return norm(F.gelu(x), w, "norm_in")

    def logits(self, x: torch.Tensor) -> torch.Tensor:
        """How well each codeword of each book suits; (B, T, G, V)."""
        return affine(x, self.w, "logits").unflatten(-1, (wav2vec2.BOOKS, wav2vec2.WORDS))

    def joined(self, choice: torch.Tensor) -> torch.Tensor:
        """q (B, T, 64) of weights of the codewords (B, T, G, V)."""
        words = torch.einsum("btgv,gvp->btgp", choice, self.w["books"])
        return affine(words.flatten(2), self.w, "joined")

    def expected(self, x: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
        """What the Transformer expects at each frame, (B, T, 64)."""
        x = placed(torch.where(hidden[..., None], self.w["mask"], x), self.w)
        for n in range(1, wav2vec2.LAYERS + 1):
            x = encoder_layer(x, self.w, n, wav2vec2.HEADS)
        return affine(norm(x, self.w, "norm_out"), self.w, "guess")


def loaded(w: Mapping[str, NDArray]) -> Wav2Vec2:
    """The net with the weights that `speechlab.systems.wav2vec2` has."""
    model = Wav2Vec2(w)
    model.w = parameters({k: w[k] for k in model.w})
    return model.requires_grad_(False)


def masks(rng: np.random.Generator) -> NDArray[np.bool_]:
    """Frames to hide of each crop, the same number in all: (B, T)."""
    rows = np.zeros((BATCH, FRAMES), dtype=bool)
    starts = round(START * FRAMES)
    for row in rows:
        for start in rng.choice(FRAMES - SPAN, starts, replace=False):
            row[start : start + SPAN] = True
    fewest = rows.sum(1).min()
    for row in rows:
        row[np.flatnonzero(row)[fewest:]] = False
    return rows


def contrast(
    expected: torch.Tensor, q: torch.Tensor, hidden: torch.Tensor, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """The loss over hidden frames, and how often the right one has the highest score.

    The distractors of a frame are `DISTRACTORS` of the other hidden frames of its crop.
    """
    count = int(hidden[0].sum())
    mine, true = (F.normalize(x[hidden].unflatten(0, (-1, count)), dim=-1) for x in (expected, q))
    cosines = mine @ true.transpose(1, 2) / wav2vec2.TEMPERATURE
    order = rng.random((len(true), count, count))
    order[:, np.arange(count), np.arange(count)] = 2.0
    left = min(DISTRACTORS, count - 1)
    kept = order >= np.sort(order, axis=-1)[..., [-1 - left]]
    cosines = cosines.masked_fill(torch.tensor(~kept), -torch.inf)
    right = cosines.diagonal(dim1=1, dim2=2)
    best = cosines.max(-1).values
    others = cosines.masked_fill(torch.eye(count, dtype=torch.bool), -torch.inf).max(-1).values
    hit = ((right == best) & (others < right)).float().mean()
    return (cosines.logsumexp(-1) - right).mean(), hit


def diversity(logits: torch.Tensor) -> torch.Tensor:
    """Minus the mean entropy of the use of the books over a batch, divided by V."""
    p = logits.softmax(-1).mean((0, 1))
    return (p * (p + 1e-9).log()).sum() / p.numel()


def train(
    name: str, sounds: tuple[list[NDArray], list[NDArray]], stored: dict[str, NDArray], fresh: bool
) -> tuple[dict[str, NDArray], list[list[float]]]:
    """The weights of "trained" or "undiverse", and the rows of its history.

    A row is the perplexity of each book in the epoch, and the share of right choices.
    """
    rng = seeded(SEED)
    model = Wav2Vec2(stored)
    groups = Groups(*sounds, wav2vec2.STRIDE * FRAMES, 1)

    def loss() -> torch.Tensor:
        epoch = int(model.step) // STEPS
        model.step += 1
        x = model.encode(groups.batch(rng, BATCH))
        hidden = torch.tensor(masks(rng))
        logits = model.logits(x)
        heat = max(HOT * (COLD / HOT) ** (2 * epoch / EPOCHS), COLD)
        choice = F.gumbel_softmax(logits, tau=heat, hard=True)
        surprise, hit = contrast(model.expected(x, hidden), model.joined(choice), hidden, rng)
        model.hits[epoch] += hit / STEPS
        best = F.one_hot(logits.argmax(-1), wav2vec2.WORDS).sum((0, 1))
        model.chosen[epoch] += best
        if int(model.step) % STEPS == 0:
            print(f"{model.hits[epoch]:.1%} right, in use {perplexities(model.chosen[epoch])}")
        return surprise + DIVERSITY[name] * diversity(logits)

    schedule = (EPOCHS, STEPS, PEAK)
    arrays = descend(f"wav2vec2-{name}", model, loss, rng, schedule, fresh, TABLES)
    history = [
        [*map(float, perplexities(chosen)), float(hits)]
        for chosen, hits in zip(arrays["chosen"], arrays["hits"])
    ]
    return weights_of(arrays), history


def main(fresh: bool = False) -> bool:
    """Train both nets, publish them and store their histories."""
    begun = time.process_time()
    torch.set_num_threads(1)
    sounds = waveforms()
    stored = statistics(sounds[0] + sounds[1][::8])
    shipped, histories = dict(stored), {}
    for name in DIVERSITY:
        own, histories[name] = train(name, sounds, stored, fresh)
        shipped |= {f"{name}.{k}": a for k, a in own.items()}
    figures.store(histories)

    def measure() -> Card:
        wav2vec2.net.cache_clear()
        return Card.of(
            figures.figures()[0],
            data=DATA,
            licence=LICENCE,
            command="python -m training wav2vec2",
            tolerance=0.04,
            seed=SEED,
            parameters=sum(a.size for a in own.values()),
            minutes=round((time.process_time() - begun) / 60, 1),
        )

    fine = publish("wav2vec2", shipped, measure)
    figures.store_probes()
    return fine
