"""Trains BYOL-A in small, and the shorter runs of its tables of ablations.

Minutes on one thread. `python -m training byol_a`
"""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from speechlab.figures import byol_a as figures
from speechlab.figures import everyday
from speechlab.systems import byol_a
from speechlab.systems._shared.everyday import heard_in_mel
from training._everyday import (
    Clips,
    Net,
    descend,
    head,
    mixed_levels,
    recordings,
    resized,
    ship,
)
from training.common import seeded

SEED, SLOW = 0, 0.99
RUN, SHORT = (900, 64, 1e-3), (400, 32, 2e-3)  # steps, clips in each, and the peak of their size:
# of the net that ships, and of those that are compared
OTHER_SEEDS = (0.67625, 0.68625)  # what seeds 1 and 2 gave
ALL = ("mixup", "rrc")
BLOCKS = {
    "Mixup + RRC (BYOL-A)": ALL,
    "Mixup + Gaussian + RRC": ("mixup", "gaussian", "rrc"),
    "Gaussian + RRC": ("gaussian", "rrc"),
    "RRC": ("rrc",),
    "Mixup": ("mixup",),
    "Gaussian": ("gaussian",),
    "no augmentation": (),
}
NORMS = {
    "without post-norm": {"post": False},
    "without pre-norm, mixup up to 0.05": {"pre": False, "loudest": 0.05},
    "without pre-norm, mixup up to 0.1": {"pre": False, "loudest": 0.1},
    "without pre-norm, mixup up to 0.4": {"pre": False, "loudest": 0.4},
}


class Byol(nn.Module):
    """The online net with its heads, and the target net that follows it."""

    def __init__(self) -> None:
        super().__init__()
        self.net, self.projection, self.prediction = Net("mel", SEED), head(), head(128)
        self.target = copy.deepcopy(nn.Sequential(self.net, self.projection))
        self.target.requires_grad_(False)

    def loss(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """Square distances of predictions and targets, both ways; views (B, 48, 64)."""
        off = 0.0
        for seen, wanted in ((a, b), (b, a)):
            said = self.prediction(self.projection(self.net(seen)))
            with torch.no_grad():
                target = self.target(wanted)
            off = off + 2 - 2 * F.cosine_similarity(said.float(), target.float()).mean()
        return off

    @torch.no_grad()
    def follow(self) -> None:
        """The target net takes a small step towards the online net."""
        online = nn.Sequential(self.net, self.projection).parameters()
        for slow, fast in zip(self.target.parameters(), online):
            slow.lerp_(fast, 1 - SLOW)


def view(
    mel: torch.Tensor,
    others: torch.Tensor,
    rng: np.random.Generator,
    blocks: tuple[str, ...] = ALL,
    post: bool = True,
    loudest: float = byol_a.LOUDEST,
) -> torch.Tensor:
    """A view of each piece (B, 48, 64), with backgrounds from the others."""

    def share() -> torch.Tensor:
        return torch.tensor(rng.uniform(0, loudest, len(mel)), dtype=torch.float32)

    if "mixup" in blocks:
        mel = mixed_levels(mel, others[torch.tensor(rng.permutation(len(mel)))], share())
    if "gaussian" in blocks:
        mel = mixed_levels(mel, torch.randn(mel.shape), share())
    if "rrc" in blocks:
        mel = resized(mel, torch.tensor(byol_a.boxes(rng, len(mel)), dtype=torch.float32))
    return (mel - mel.mean()) / mel.std() if post else mel


def train(
    name: str,
    run: tuple[int, int, float],
    clips: Clips,
    fresh: bool,
    pre: bool = True,
    **more: object,
) -> dict[str, np.ndarray]:
    """Train a net; its weights, with what standardises its input."""
    rng = seeded(SEED)
    model = Byol()
    steps, batch, peak = run

    def loss() -> torch.Tensor:
        rows = rng.permutation(len(clips))[:batch]
        mel, _ = clips.cut(rows, rng)
        if pre:
            mel = clips.standardised(mel)
        others, _ = clips.cut(rng.permutation(len(clips))[:batch], rng)
        if pre:
            others = clips.standardised(others)
        return model.loss(*(view(mel, others, rng, **more) for _ in range(2)))

    descend(name, model, loss, rng, steps, peak, fresh, model.follow)
    return model.net.arrays() | {"mean": clips.mean, "spread": clips.spread}


def heard(w: dict[str, np.ndarray]) -> np.ndarray:
    """What a net that is not shipped makes of all clips, (R, 256)."""
    return everyday.averaged(
        lambda one: heard_in_mel((one.mel - w["mean"]) / w["spread"], w), everyday.clips()[0]
    )


def main(fresh: bool = False) -> bool:
    """Train, publish, and write the tables; whether the figure is as before."""
    torch.set_num_threads(1)
    clips = Clips(recordings())
    fine = ship(
        "byol_a",
        figures,
        lambda: train("byol_a", RUN, clips, fresh),
        forget,
        other_seeds=OTHER_SEEDS,
    )
    compare(clips, fresh)
    return fine


def forget() -> None:
    """Drop what is kept of the weights that were there before."""
    byol_a.encoder.cache_clear()
    figures.features.cache_clear()


def compare(clips: Clips, fresh: bool) -> None:
    """Train the nets of the two tables, and write these."""
    rows = [{"blocks": blocks} for blocks in BLOCKS.values()]
    found = {
        name: heard(train(f"byol_a-{n}", SHORT, clips, fresh, **how))
        for n, (name, how) in enumerate((dict(zip(BLOCKS, rows)) | NORMS).items())
    }
    for table, names in (
        (figures.AUGMENTATIONS, BLOCKS),
        (figures.NORMALISATION, (next(iter(BLOCKS)), *NORMS)),
    ):
        everyday.store_features(table, {name: found[name] for name in names})
