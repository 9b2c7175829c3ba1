"""Trains CLAP in small: sounds and captions by templates, each finding the other in a crowd.

A crowd has one clip of each class, since two dogs would have each other's captions for wrong.
`python -m training clap` also trains, for fewer steps, nets that never meet a pair of the classes.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

from speechlab.figures import clap as figures
from speechlab.figures import everyday
from speechlab.systems import clap, part
from speechlab.systems.byol_a import boxes
from training._everyday import (
    DATA,
    Clips,
    Net,
    descend,
    mixed_levels,
    recordings,
    resized,
    ship,
    standins,
)
from training.common import seeded

SEED, CROWDS, PEAK = 0, 6, 1e-3
STEPS, SHORT = 700, 300  # of the net that ships; of those that never meet two classes
OTHER_SEEDS = (0.8125, 0.8)  # what seeds 1 and 2 gave
LETTERS, WIDTH, OUTPUTS = 64, 128, 128
LOUDEST = 0.3  # the largest share of the power that a background has


class Clap(nn.Module):
    """The net for sounds and the one for captions, which knows these pieces of words."""

    def __init__(self, pieces: Sequence[str]) -> None:
        super().__init__()
        self.pieces = {piece: n for n, piece in enumerate(pieces)}
        self.net = Net("mel", SEED)
        self.letters = nn.Parameter(torch.randn(len(pieces), LETTERS))
        for name, inputs in (("sound", 256), ("text", LETTERS)):
            self.add_module(f"{name}_1", nn.Linear(inputs, WIDTH))
            self.add_module(f"{name}_2", nn.Linear(WIDTH, OUTPUTS))
        self.log_scale = nn.Parameter(torch.tensor(math.log(1 / 0.1)))

    def _head(self, x: torch.Tensor, name: str) -> torch.Tensor:
        x = getattr(self, f"{name}_2")(F.relu(getattr(self, f"{name}_1")(x)))
        return F.normalize(x.float(), dim=-1)

    def sounds(self, mel: torch.Tensor) -> torch.Tensor:
        """Standardised log-mel (B, 48, 64) to vectors of length 1, (B, 128)."""
        return self._head(self.net(mel), "sound")

    def captions(self, texts: Sequence[str]) -> torch.Tensor:
        """Captions to vectors of length 1, (M, 128)."""
        return self._head(torch.tensor(clap.shares(texts, self.pieces)) @ self.letters, "text")

    def loss(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """How hard sounds and captions (crowds, N, 128) find each other within their crowds."""
        scores = a @ b.mT * self.log_scale.exp().clamp(max=50)
        right = torch.arange(scores.shape[1]).repeat(len(scores))
        ways = (scores.flatten(0, 1), scores.mT.flatten(0, 1))
        return sum(F.cross_entropy(way, right) for way in ways) / 2

    def arrays(self) -> dict[str, NDArray]:
        """The weights for `speechlab.systems.clap`."""
        w = {"letters": self.letters.detach().numpy(), "pieces": np.array(list(self.pieces))}
        for name in ("sound_1", "sound_2", "text_1", "text_2"):
            layer = getattr(self, name)
            w[name] = layer.weight.T.detach().numpy()
            w[f"{name}_bias"] = layer.bias.detach().numpy()
        w |= {f"net.{k}": a for k, a in self.net.arrays().items()}
        return w | {"temperature": np.float32(1 / self.log_scale.exp().clamp(max=50).item())}


def loaded(w: dict[str, NDArray]) -> Clap:
    """The nets with the weights that `speechlab.systems.clap` has."""
    model = Clap([str(piece) for piece in w["pieces"]])
    model.net.load(part(w, "net"))
    model.letters.data = torch.tensor(w["letters"])
    for name in ("sound_1", "sound_2", "text_1", "text_2"):
        getattr(model, name).weight.data = torch.tensor(w[name].T.copy())
        getattr(model, name).bias.data = torch.tensor(w[f"{name}_bias"])
    return model.eval().requires_grad_(False)


def train(
    name: str, steps: int, clips: Clips, fresh: bool, without: Sequence[str] = ()
) -> dict[str, NDArray]:
    """The arrays of a net that meets all classes but some, and their captions."""
    rng = seeded(SEED)
    labels = [label for label in clap.CLASSES if label not in without]
    texts = [text for label in labels for text in clap.captions(label)]
    model = Clap(clap.vocabulary(texts))
    rows = {label: np.flatnonzero(clips.labels == label) for label in labels}

    def loss() -> torch.Tensor:
        crowd = [rng.choice(rows[label]) for _ in range(CROWDS) for label in labels]
        mel, _ = clips.cut(crowd, rng)
        others, _ = clips.cut(rng.permutation(len(clips))[: len(crowd)], rng)
        share = torch.tensor(rng.uniform(0, LOUDEST, len(crowd)), dtype=torch.float32)
        mel = clips.standardised(mixed_levels(mel, others, share))
        mel = resized(mel, torch.tensor(boxes(rng, len(mel)), dtype=torch.float32))
        said = [clap.drawn_caption(label, rng) for _ in range(CROWDS) for label in labels]
        a, b = model.sounds(mel), model.captions(said)
        return model.loss(*(x.unflatten(0, (CROWDS, -1)) for x in (a, b)))

    descend(name, model, loss, rng, steps, PEAK, fresh)
    return model.arrays() | {"mean": clips.mean, "spread": clips.spread}


def main(fresh: bool = False) -> bool:
    """Train, publish, and write the table of classes left out; whether the figure is as before."""
    torch.set_num_threads(1)
    clips = Clips(recordings() + standins())
    data = f"{DATA}, and stand-ins of its classes; captions by templates"
    forget = figures.vectors.cache_clear
    fine = ship(
        "clap",
        figures,
        lambda: train("clap", STEPS, clips, fresh),
        forget,
        data,
        other_seeds=OTHER_SEEDS,
    )
    compare(clips, fresh)
    return fine


def compare(clips: Clips, fresh: bool) -> None:
    """Train the nets that never meet a pair of classes, and write their table."""
    rows = []
    for n, pair in enumerate(figures.PAIRS):
        w = train(f"clap-{n}", SHORT, clips_without(clips, pair), fresh, pair)
        rows.append(figures.left_out_rows(w, pair))
        print(pair, rows[-1].mean(axis=0), flush=True)
    everyday.store({figures.LEFT_OUT: figures.left_out_figures(np.concatenate(rows))})


def clips_without(clips: Clips, labels: Sequence[str]) -> Clips:
    """The same clips without those of some classes, which are not even backgrounds then."""
    rest = copy.copy(clips)
    kept = np.flatnonzero(~np.isin(clips.labels, labels))
    rest.labels = clips.labels[kept]
    for name in ("waves", "mels", "starts"):
        setattr(rest, name, [getattr(clips, name)[row] for row in kept])
    return rest
