"""What the trainings of CPC and wav2vec 2.0 share: waveforms, their groups, and filters that learn.

Shapes: `B` crops in `G` groups of one speaker each, `N` samples, `T` frames of 10 ms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from speechlab import corpora
from speechlab.figures.probing import LEARNED
from speechlab.systems import part
from speechlab.systems._shared import bands
from speechlab.systems._shared.bands import FILTERS, HOP, RATE, WINDOW, at_power_one
from training.common import needs

DATA = (
    "the first five eighths of each recording of librispeech251, and Kathleen's sentences "
    "for training"
)
LICENCE = "CC BY 4.0 (LibriSpeech), CC0 1.0 (Kathleen)"
OF_KATHLEEN = 0.25  # of the groups
SLOW = 0.05  # filters are this times their parameters, so that they step less than other weights


def waveforms() -> tuple[list[NDArray], list[NDArray]]:
    """Sounds of many speakers, one each, and of one speaker; float16, with a power of 1.

    Raises `SystemExit` with what to do if the recordings are not in the cache.
    """
    needs("librispeech251", "kathleen")
    many = [
        at_power_one(one.samples[: round(LEARNED * len(one.samples))], one.rate)
        for one in corpora.collection("librispeech251")
    ]
    one = [
        at_power_one(one.samples, one.rate)
        for one in corpora.collection("kathleen")
        if one.split == "train"
    ]
    return [[x.astype(np.float16) for x in sounds] for sounds in (many, one)]


def statistics(sounds: Sequence[NDArray]) -> dict[str, NDArray]:
    """Mean and spread of the log powers of the filters as they begin, over some sounds."""
    filters = bands.first_filters()
    rows = np.concatenate([bands.log_powers(x, RATE, filters) for x in sounds])
    return {"mean": rows.mean(0), "spread": rows.std(0)}


def samples_for(frames: int) -> int:
    """How many samples so many frames hear."""
    return (frames - 1) * HOP + WINDOW


def cropped(sound: NDArray, length: int, rng: np.random.Generator) -> NDArray:
    """A piece of a sound, from a place drawn by lot; short sounds are followed by silence."""
    start = rng.integers(max(len(sound) - length, 0) + 1)
    piece = sound[start : start + length].astype(np.float32)
    return np.pad(piece, (0, length - len(piece)))


def parameters(w: Mapping[str, NDArray]) -> nn.ParameterDict:
    """Weights as parameters, the filters enlarged."""
    scaled = dict(w) | {"filters": w["filters"] / SLOW}
    return nn.ParameterDict({k: nn.Parameter(torch.tensor(a)) for k, a in scaled.items()})


def weights_of(arrays: Mapping[str, NDArray]) -> dict[str, NDArray]:
    """The weights of `parameters` from the arrays of a model that calls them `w`."""
    found = part(arrays, "w")
    return found | {"filters": SLOW * found["filters"]}


class Groups:
    """Crops of groups of one speaker each, those of a group from places that do not overlap."""

    def __init__(self, many: Sequence[NDArray], one: Sequence[NDArray], frames: int, each: int):
        self.length, self.each = samples_for(frames), each
        self.many = [x for x in many if len(x) >= self.length * each]
        self.one = [x for x in one if len(x) >= self.length]

    def group(self, rng: np.random.Generator) -> list[NDArray]:
        """The crops of a speaker drawn by lot, each of shape (N,)."""
        if rng.random() < OF_KATHLEEN:
            rows = rng.choice(len(self.one), self.each, replace=False)
            return [cropped(self.one[r], self.length, rng) for r in rows]
        sound = cropped(self.many[rng.integers(len(self.many))], self.length * self.each, rng)
        return list(sound.reshape(self.each, self.length))

    def batch(self, rng: np.random.Generator, groups: int) -> torch.Tensor:
        """Crops (groups * each, N), one group after another."""
        return torch.tensor(np.array([x for _ in range(groups) for x in self.group(rng)]))


def levels(samples: torch.Tensor, w: dict[str, torch.Tensor]) -> torch.Tensor:
    """`bands.levels` of crops (B, N) with a power of about 1: (B, T, F), by `parameters`."""
    out = samples.unfold(1, WINDOW, HOP) @ (SLOW * w["filters"])
    power = out[..., :FILTERS] ** 2 + out[..., FILTERS:] ** 2
    return ((power + bands.SOFTEST).log() - w["mean"]) / w["spread"]
