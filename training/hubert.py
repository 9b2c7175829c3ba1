"""Trains HuBERT in small: two iterations of clustering and guessing masked frames.

Minutes on one thread. `python -m training hubert`
"""

from __future__ import annotations

import math
import time

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from torch import nn
from torch.nn import functional as F

from speechlab.figures import hubert as figures
from speechlab.systems import hubert, part
from speechlab.systems._shared.mel import log_mel, mfcc
from training._transformer import affine, encoder_layer, norm, placed, strided
from training.common import Card, arrays_of, both_corpora, epochs, publish, seeded, weighed

SEED = 0
EPOCHS = {1: 30, 2: 40}
BATCH, PEAK = 48, 2e-3
SPAN, START = 5, 0.12  # frames hidden in a row; chance that a row starts at a frame
LONGEST = 60  # frames of 20 ms kept of a clip


class Hubert(nn.Module):
    """The network, with the weights of `speechlab.systems.hubert.initial`."""

    def __init__(self, iteration: int) -> None:
        super().__init__()
        start = hubert.initial(iteration, SEED)
        self.w = nn.ParameterDict({k: nn.Parameter(torch.tensor(a)) for k, a in start.items()})

    def forward(
        self, mel: torch.Tensor, there: torch.Tensor, masked: torch.Tensor | None = None
    ) -> list[torch.Tensor]:
        """Features of all layers (B, T, D), from log-mel (B, T_mel, 40), zero where not there."""
        x = strided(mel, self.w, "conv", hubert.KERNEL, hubert.STRIDE)
        x = norm(F.gelu(x), self.w, "norm_in")
        if masked is not None:
            x = torch.where(masked[..., None], self.w["mask"], x)
        x = x * there[..., None]
        x = placed(x, self.w)
        outputs = [x]
        for n in range(1, hubert.LAYERS + 1):
            x = encoder_layer(x, self.w, n, hubert.HEADS, there)
            outputs.append(x)
        return outputs

    def guess(self, x: torch.Tensor) -> torch.Tensor:
        """Log probabilities of the units, up to a constant, from the last layer (..., D)."""
        x = F.normalize(affine(norm(x, self.w, "norm_out"), self.w, "guess"), dim=-1)
        return x @ F.normalize(self.w["codewords"], dim=-1).T / hubert.TEMPERATURE


def batch_of(
    mels: list[NDArray], units: list[NDArray] | None = None
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Log-mel (B, T_mel, 40), which frames of 20 ms are there (B, T), and their units."""
    lengths = [(len(m) + 1) // hubert.STRIDE for m in mels]
    mel = torch.zeros(len(mels), 2 * max(lengths), mels[0].shape[1])
    there = torch.zeros(len(mels), max(lengths), dtype=torch.bool)
    target = torch.zeros(len(mels), max(lengths), dtype=torch.long)
    for b, (m, length) in enumerate(zip(mels, lengths)):
        mel[b, : len(m)] = torch.tensor(m)
        there[b, :length] = True
        if units is not None:
            target[b, :length] = torch.tensor(units[b])
    return mel, there, target


def masks(there: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Frames to hide: rows of `SPAN` from random starts, one row or more in each clip."""
    starts = rng.random(there.shape) < START
    lengths = there.sum(1).numpy()
    starts[np.arange(len(lengths)), rng.integers(np.maximum(lengths - SPAN, 1))] = True
    hidden = starts.copy()
    for k in range(1, SPAN):
        hidden[:, k:] |= starts[:, :-k]
    return torch.tensor(hidden) & there


def train(
    iteration: int, mels: list[NDArray], units: list[NDArray], counts: NDArray, fresh: bool
) -> Hubert:
    """One iteration, from random weights; clip r is seen `counts[r]` times an epoch."""
    rng = seeded(SEED + iteration)
    model = Hubert(iteration)
    optimiser = torch.optim.AdamW(model.parameters(), lr=PEAK, weight_decay=0.01)
    order = np.repeat(np.arange(len(mels)), counts)
    steps = EPOCHS[iteration] * math.ceil(len(order) / BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK, steps, pct_start=0.1)
    parts = {"model": model, "optimiser": optimiser, "schedule": schedule}
    for epoch in epochs(f"hubert-{iteration}", EPOCHS[iteration], fresh, parts, rng):
        # clips of like length together, so that little is padding
        length = np.array([len(mels[r]) for r in order]) * rng.uniform(0.8, 1.25, len(order))
        groups = np.array_split(order[np.argsort(length)], steps // EPOCHS[iteration])
        losses, right, seen = [], 0, 0
        for g in rng.permutation(len(groups)):
            rows = groups[g]
            mel, there, target = batch_of([mels[r] for r in rows], [units[r] for r in rows])
            hidden = masks(there, rng)
            odds = model.guess(model(mel, there, hidden)[-1][hidden])
            loss = F.cross_entropy(odds, target[hidden])
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
            right += (odds.argmax(-1) == target[hidden]).sum().item()
            seen += len(odds)
        if epoch % 5 == 4:
            print(f"iteration {iteration}: {np.mean(losses):.2f} nats, {right / seen:.1%} right")
    return model


@torch.no_grad()
def features(model: Hubert, mels: list[NDArray], layer: int) -> list[NDArray]:
    """The features of a layer for each clip."""
    return [model(*batch_of([m])[:2])[layer][0].numpy() for m in mels]


def cluster(frames: list[NDArray], count: int) -> NDArray[np.float32]:
    """The centres of so many clusters, shape (K, D)."""
    every = np.concatenate(frames)
    every = np.random.default_rng(SEED).permutation(every)[:25_000]
    means = KMeans(count, n_init=2, max_iter=60, random_state=SEED).fit(every)
    return means.cluster_centers_.astype(np.float32)


def nearest(frames: list[NDArray], centres: NDArray) -> list[NDArray]:
    """The nearest centre of each frame."""
    return [hubert.vq(x, centres)[0] for x in frames]


def main(fresh: bool = False) -> bool:
    """Train both iterations, and publish the weights; whether the figure is as before."""
    begun = time.process_time()
    torch.set_num_threads(1)
    clips, counts = weighed(both_corpora("train"))
    longest = LONGEST * hubert.STRIDE
    raw = [log_mel(c.samples, c.rate)[:longest].astype(np.float32) for c in clips]
    every = np.concatenate(raw)
    stored = {"mean": every.mean(0), "spread": every.std(0)}
    mels = [(m - stored["mean"]) / stored["spread"] for m in raw]
    cepstra = [mfcc(c.samples, c.rate)[:longest][:: hubert.STRIDE] for c in clips]
    stored["mfcc.spread"] = np.concatenate(cepstra).std(0)
    cepstra = [x / stored["mfcc.spread"] for x in cepstra]
    stored["mfcc.centres"] = cluster(cepstra, hubert.UNITS[1])
    units = nearest(cepstra, stored["mfcc.centres"])
    for iteration in hubert.UNITS:
        model = train(iteration, mels, units, counts, fresh)
        x = features(model, mels, hubert.UNIT_LAYER)
        centres = cluster(x, hubert.UNITS[2])
        units = nearest(x, centres)
        own = part(arrays_of(model), "w")
        stored |= {f"{iteration}.{k}": a for k, a in own.items()} | {
            f"{iteration}.centres": centres
        }
    untrained = features(Hubert(2), mels, hubert.UNIT_LAYER)
    stored["random.centres"] = cluster(untrained, hubert.UNITS[2])

    def measure() -> Card:
        hubert.encoder.cache_clear()
        figures.views_of.cache_clear()
        figure = figures.figures()[0]
        return Card.of(
            figure,
            data="training clips of the Free Spoken Digit Dataset and of the embedded speech",
            command="python -m training hubert",
            tolerance=0.03,
            seed=SEED,
            parameters=sum(p.numel() for p in model.parameters()),
            minutes=round((time.process_time() - begun) / 60, 1),
        )

    return publish("hubert", stored, measure)
