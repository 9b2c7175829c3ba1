"""Trains multi-format contrastive learning in small, and the shorter runs of its two tables.

Minutes on one thread. `python -m training multi_format`
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

from speechlab.figures import everyday
from speechlab.figures import multi_format as figures
from speechlab.systems import multi_format
from speechlab.systems._shared.everyday import FLOOR
from training._everyday import (
    Clips,
    Net,
    descend,
    head,
    mixed_levels,
    nt_xent,
    recordings,
    ship,
)
from training.common import seeded

SEED, BATCH, PEAK, TEMPERATURE = 0, 48, 2e-3, 0.1
STEPS, SHORT = 400, 80  # of the net that ships and its rivals; of those in the matrix
OTHER_SEEDS, TOLERANCE = (0.62875, 0.64), 0.03  # what seeds 1 and 2 gave
MASK = {"time": 16, "bands": 16}  # the longest mask, in frames and in bands
SHIFT = 8  # bands
# without mixing, which the folds that are learned from say is too much for so few clips
USUAL = {"wave": ("time mask",), "mel": ("time mask", "frequency shift")}


class Pair(nn.Module):
    """Nets with heads for the formats given, and a layer for the classes if there are labels."""

    def __init__(self, formats: Sequence[str], classes: int = 0) -> None:
        super().__init__()
        self.nets = nn.ModuleDict({f: Net(f, SEED) for f in formats})
        self.heads = nn.ModuleDict({f: head() for f in formats})
        self.classes = nn.Linear(256 * len(formats), classes) if classes else None

    def arrays(self) -> dict[str, NDArray]:
        """The weights for `speechlab.systems.multi_format`; the norm of a head is folded in."""
        w = {}
        for f, net in self.nets.items():
            first, norm, _, second = self.heads[f]
            gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            folded = {
                "head_1": first.weight.T * gain,
                "head_1_bias": norm.bias - norm.running_mean * gain,
                "head_2": second.weight.T,
                "head_2_bias": second.bias,
            }
            w |= {f"{f}.{k}": a for k, a in net.arrays().items()}
            w |= {f"{f}.{k}": a.detach().numpy() for k, a in folded.items()}
        return w


# --- views --------------------------------------------------------------------------------


def masked(x: torch.Tensor, longest: int, rng: np.random.Generator, beyond: float) -> torch.Tensor:
    """`beyond` in a stretch of the last axis, up to `longest`, of each of (B, ..., N)."""
    length = rng.integers(longest + 1, size=len(x))
    first = rng.integers(x.shape[-1] - length + 1)
    place = np.arange(x.shape[-1])
    hidden = (place >= first[:, None]) & (place < (first + length)[:, None])
    hidden = torch.tensor(hidden).reshape(len(x), *[1] * (x.ndim - 2), -1)
    return x.masked_fill(hidden, beyond)


def shifted(mel: torch.Tensor, rng: np.random.Generator, beyond: float) -> torch.Tensor:
    """Each of (B, T, 64) some bands up or down; what comes in is `beyond`."""
    by = torch.tensor(rng.integers(-SHIFT, SHIFT + 1, size=len(mel)))
    wide = F.pad(mel, (SHIFT, SHIFT), value=beyond)
    from_where = torch.arange(mel.shape[2]) + SHIFT - by[:, None]
    return wide.gather(2, from_where[:, None].expand(mel.shape))


def kept(rng: np.random.Generator, count: int) -> torch.Tensor:
    """How much of each piece stays when another is mixed in."""
    return torch.tensor(rng.beta(5, 2, size=count), dtype=torch.float32)


def viewed(
    format: str, x: torch.Tensor, names: Sequence[str], rng: np.random.Generator
) -> torch.Tensor:
    """Pieces in one format with augmentations: log-mel as it is (B, 48, 64), or samples (B, N)."""
    mel, low = format == "mel", float(np.log(FLOOR))
    if "mixing" in names:
        others, stays = x[torch.tensor(rng.permutation(len(x)))], kept(rng, len(x))
        if mel:
            x = mixed_levels(x, others, 1 - stays)
        else:
            x = stays[:, None] * x + (1 - stays[:, None]) * others
    if "frequency shift" in names:
        x = shifted(x, rng, low)
    if "frequency mask" in names:
        x = masked(x, MASK["bands"], rng, low)
    if "time mask" in names:
        x = (
            masked(x.mT, MASK["time"], rng, low).mT
            if mel
            else masked(x, x.shape[1] * MASK["time"] // 48, rng, 0.0)
        )
    return x


# --- runs ---------------------------------------------------------------------------------


def train(
    name: str,
    steps: int,
    clips: Clips,
    fresh: bool,
    formats: Sequence[str] = multi_format.FORMATS,
    views: dict[str, Sequence[str]] = USUAL,
    labels: bool = False,
) -> multi_format.Net:
    """Nets that bring the formats together, or two views of the only one, or learn the labels."""
    rng = seeded(SEED)
    names = np.unique(clips.labels)
    model = Pair(formats, len(names) if labels else 0)

    def loss() -> torch.Tensor:
        rows = rng.permutation(len(clips))[:BATCH]
        both = dict(zip(multi_format.FORMATS, clips.cut(rows, rng)))

        def heard(format: str) -> torch.Tensor:
            x = viewed(format, both[format], views[format], rng)
            return model.nets[format](clips.standardised(x) if format == "mel" else x)

        if labels:
            odds = model.classes(torch.cat([heard(f) for f in formats], -1))
            return F.cross_entropy(odds, torch.tensor(np.searchsorted(names, clips.labels[rows])))
        a, b = (model.heads[f](heard(f)) for f in (formats[0], formats[-1]))
        return nt_xent(a, b, TEMPERATURE)

    descend(name, model, loss, rng, steps, PEAK, fresh)
    return multi_format.Net(model.arrays(), float(clips.mean), float(clips.spread))


def main(fresh: bool = False) -> bool:
    """Train, publish, and write the two tables; whether the figure is as before."""
    torch.set_num_threads(1)
    clips = Clips(recordings())
    fine = ship(
        "multi_format",
        figures,
        lambda: both(clips, fresh),
        forget,
        tolerance=TOLERANCE,
        other_seeds=OTHER_SEEDS,
    )
    compare(clips, fresh)
    return fine


def both(clips: Clips, fresh: bool) -> dict[str, NDArray]:
    """The weights of the nets for both formats, and how log-mel is standardised."""
    nets = train("multi_format", STEPS, clips, fresh)
    return nets.w | {"mean": clips.mean, "spread": clips.spread}


def forget() -> None:
    """Drop what is kept of the weights that were there before."""
    multi_format.net.cache_clear()
    figures.features.cache_clear()


def compare(clips: Clips, fresh: bool) -> None:
    """Train the nets of the table of inputs and of the matrix of augmentations, and write these."""
    mel = train("multi_format-mel", STEPS, clips, fresh, ("mel",))
    wave = train("multi_format-wave", STEPS, clips, fresh, ("wave",))
    labels = train("multi_format-labels", STEPS, clips, fresh, labels=True)
    rows = figures.input_rows(multi_format.net(), mel, wave, labels)
    everyday.store_features(figures.INPUTS, rows, told=list(rows)[-1:])
    found = {}
    for row, column in itertools.product(figures.OF_WAVES, figures.OF_LEVELS):
        views = {"wave": (row,), "mel": (column,)}
        nets = train(f"multi_format-{len(found)}", SHORT, clips, fresh, views=views)
        found[figures.cell(row, column)] = figures.features_of(nets, multi_format.FORMATS)
    everyday.store_features(figures.AUGMENTATIONS, found)
