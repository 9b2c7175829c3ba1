"""Trains CPC in small, two nets with labels beside it, and its ablations.

Minutes on one thread. `python -m training cpc` also writes `data/probes.json`, what linear probes
read out of the nets, and `data/cpc_ablations.json`, what they read out of nets of equal, fewer
steps that differ in how many steps they predict and in where their wrong candidates come from.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

from speechlab.figures import cpc as figures
from speechlab.figures import probing
from speechlab.systems import cpc
from speechlab.systems._shared.bands import HOP, RATE, at_power_one
from training._vocoders import descend
from training._waveforms import (
    DATA,
    LICENCE,
    Groups,
    cropped,
    levels,
    parameters,
    samples_for,
    statistics,
    waveforms,
    weights_of,
)
from training.common import Card, publish, seeded

SEED = 0
EPOCHS, SHORT, STEPS = 28, 4, 100  # epochs of the net and of an ablation; steps in each
LABELLED = 6  # epochs of the nets that are given labels
PEAK = 4e-3
TABLES = ("w.filters", "head")
FRAMES, GROUPS, EACH = 112, 4, 2  # of a crop; speakers in a batch; crops of each of them
SPARSE = 2  # of the contexts of a crop, one in so many is asked
CANDIDATES = 112  # wrong ones that are drawn for each crop, or all that the crop itself has

NEGATIVES = {
    "mixed speakers": "all",
    "same speaker": "group",
    "mixed speakers, excluding the sequence": "all but own",
    "same speaker, excluding the sequence": "group but own",
    "current sequence only": "own",
}
USUAL = "mixed speakers"


class Cpc(nn.Module):
    """The net, with the weights of `speechlab.systems.cpc.initial` and `mean` and `spread`."""

    def __init__(
        self, stored: dict[str, NDArray], steps: int = cpc.STEPS, classes: int = 0
    ) -> None:
        super().__init__()
        start = cpc.initial(SEED, steps)
        if classes:
            start.pop("future")
        self.gru = nn.GRU(cpc.CODE, cpc.CONTEXT, batch_first=True)
        for mine, theirs in (("in", "ih"), ("back", "hh")):
            own = (start.pop(f"gru_{mine}").T, start.pop(f"gru_{mine}_bias"))
            for kind, array in zip(("weight", "bias"), own):
                getattr(self.gru, f"{kind}_{theirs}_l0").data = torch.tensor(array.copy())
        self.w = parameters(start)
        for name in ("mean", "spread"):
            self.register_buffer(name, torch.tensor(stored[name], dtype=torch.float32))
        if classes:
            self.head = nn.Linear(cpc.CONTEXT, classes)

    def forward(self, samples: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """z (B, T, D) and c (B, T, H) of crops (B, N)."""
        w = dict(self.w.items()) | {"mean": self.mean, "spread": self.spread}
        x = levels(samples, w) @ w["up"] + w["up_bias"]
        x = F.gelu(F.layer_norm(x, x.shape[-1:], w["norm"], w["norm_bias"]))
        z = x @ w["down"] + w["down_bias"]
        return z, self.gru(z)[0]


def loaded(w: Mapping[str, NDArray]) -> Cpc:
    """The net with the weights that `speechlab.systems.cpc` has."""
    model = Cpc({"future": cpc.initial()["future"]} | dict(w))
    model.w = parameters({k: w[k] for k in model.w if k in w})
    for mine, theirs in (("in", "ih"), ("back", "hh")):
        getattr(model.gru, f"weight_{theirs}_l0").data = torch.tensor(w[f"gru_{mine}"].T.copy())
        getattr(model.gru, f"bias_{theirs}_l0").data = torch.tensor(w[f"gru_{mine}_bias"])
    return model.requires_grad_(False)


def as_numpy(arrays: dict[str, NDArray]) -> dict[str, NDArray]:
    """The arrays of a model as `speechlab.systems.cpc` has them."""
    found = weights_of(arrays)
    for mine, theirs in (("in", "ih"), ("back", "hh")):
        found[f"gru_{mine}"] = arrays[f"gru.weight_{theirs}_l0"].T
        found[f"gru_{mine}_bias"] = arrays[f"gru.bias_{theirs}_l0"]
    return found


def allowed(kind: str, groups: int, each: int) -> NDArray[np.bool_]:
    """From which crops (columns) the wrong candidates of each crop (rows) may come: (B, B)."""
    count = groups * each
    own = np.eye(count, dtype=bool)
    group = np.kron(np.eye(groups, dtype=bool), np.ones((each, each), dtype=bool))
    every = np.ones_like(own)
    return {
        "all": every,
        "group": group,
        "all but own": ~own,
        "group but own": group & ~own,
        "own": own,
    }[kind]


def drawn(may: NDArray[np.bool_], frames: int, count: int, rng: np.random.Generator) -> NDArray:
    """Numbers of frames (crop times T + frame) of the wrong candidates of each crop, (B, count)."""
    rows = []
    for own in may:
        pool = (np.flatnonzero(own)[:, None] * frames + np.arange(frames)).ravel()
        rows.append(rng.choice(pool, count, replace=False))
    return np.array(rows)


def contrast(
    z: torch.Tensor, c: torch.Tensor, future: torch.Tensor, candidates: torch.Tensor
) -> torch.Tensor:
    """The loss, averaged over contexts and distances; candidates are numbers of frames (B, n).

    Where the future itself was drawn, it does not count as a wrong candidate.
    """
    crops, frames, _ = z.shape
    steps = len(future)
    now = torch.arange(0, frames - steps, SPARSE)  # those that have a future at each distance
    when = torch.arange(1, steps + 1)[:, None] + now  # (K, contexts)
    guesses = torch.einsum("kdh,bth->bktd", future, c[:, now])
    true = z[:, when]
    right = (guesses * true).sum(-1, keepdim=True)
    wrong = guesses.flatten(1, 2) @ z.flatten(0, 1)[candidates].transpose(1, 2)
    wrong = wrong.unflatten(1, (steps, len(now)))
    number = torch.arange(crops)[:, None, None] * frames + when
    wrong = wrong.masked_fill(candidates[:, None, None] == number[..., None], -torch.inf)
    return (torch.cat([right, wrong], -1).logsumexp(-1) - right[..., 0]).mean()


def contrastive(
    name: str,
    sounds: tuple[list[NDArray], list[NDArray]],
    stored: dict[str, NDArray],
    fresh: bool,
    count: int = SHORT,
    steps: int = cpc.STEPS,
    negatives: str = USUAL,
) -> dict[str, NDArray]:
    """The weights of a net after so many epochs of the contrastive task."""
    rng = seeded(SEED)
    model = Cpc(stored, steps)
    groups = Groups(*sounds, FRAMES, EACH)
    may = allowed(NEGATIVES[negatives], GROUPS, EACH)

    def loss() -> torch.Tensor:
        z, c = model(groups.batch(rng, GROUPS))
        numbers = drawn(may, FRAMES, CANDIDATES, rng)
        return contrast(z, c, model.w["future"], torch.tensor(numbers))

    return as_numpy(descend(name, model, loss, rng, (count, STEPS, PEAK), fresh, TABLES))


def labelled(what: str, stored: dict[str, NDArray], fresh: bool) -> dict[str, NDArray]:
    """The weights of a net that was given the classes of the task "sounds" or "voices"."""
    rng = seeded(SEED)
    given = probing.task(what)
    rows = [
        (at_power_one(x, RATE), classes)
        for x, classes in zip(given.train, given.train_classes)
        if (classes >= 0).any()
    ]
    model = Cpc(stored, classes=1 + max(classes.max() for _, classes in rows))
    length = samples_for(FRAMES)

    def loss() -> torch.Tensor:
        sounds, wanted = [], []
        for r in rng.integers(len(rows), size=GROUPS * EACH):
            sound, classes = rows[r]
            begin = HOP * int(rng.integers(max((len(sound) - length) // HOP, 0) + 1))
            sounds.append(cropped(sound[begin : begin + length], length, rng))
            own = classes[begin // HOP :][:FRAMES]
            wanted.append(np.pad(own, (0, FRAMES - len(own)), constant_values=-1))
        _, c = model(torch.tensor(np.array(sounds)))
        return F.cross_entropy(
            model.head(c).flatten(0, 1), torch.tensor(np.concatenate(wanted)), ignore_index=-1
        )

    schedule = (LABELLED, STEPS, PEAK)
    return as_numpy(descend(f"cpc-{what}", model, loss, rng, schedule, fresh, TABLES))


def ablations(
    sounds: tuple[list[NDArray], list[NDArray]], stored: dict[str, NDArray], fresh: bool
) -> list[figures.Ablation]:
    """All nets of the second table, each trained and measured."""
    kinds = [("steps predicted", str(k), {"steps": k}) for k in figures.STEPS]
    kinds += [("wrong candidates from", name, {"negatives": name}) for name in NEGATIVES]
    found, known = [], {}
    for table, name, how in kinds:
        key = (how.get("steps", cpc.STEPS), how.get("negatives", USUAL))
        if key not in known:
            label = "cpc-" + "-".join(map(str, key)).replace(" ", "_").replace(",", "")
            w = contrastive(label, sounds, stored, fresh, **how)
            known[key] = cpc.Encoder(stored | w)
        found.append(figures.Ablation.of(table, name, known[key]))
        print(found[-1], flush=True)
    return found


def main(fresh: bool = False) -> bool:
    """Train all nets, publish the first three and store what the rest show."""
    begun = time.process_time()
    torch.set_num_threads(1)
    sounds = waveforms()
    stored = statistics(sounds[0] + sounds[1][::8])
    trained = contrastive("cpc", sounds, stored, fresh, EPOCHS)
    shipped = stored | {f"trained.{k}": a for k, a in trained.items()}
    for kind, what in (("phones", "sounds"), ("speakers", "voices")):
        own = labelled(what, stored, fresh)
        shipped |= {f"{kind}.{k}": a for k, a in own.items()}

    def measure() -> Card:
        cpc.encoder.cache_clear()
        return Card.of(
            figures.figures()[0],
            data=DATA,
            licence=LICENCE,
            command="python -m training cpc",
            tolerance=0.04,
            seed=SEED,
            parameters=sum(a.size for a in trained.values()),
            minutes=round((time.process_time() - begun) / 60, 1),
        )

    fine = publish("cpc", shipped, measure)
    figures.store_probes()
    figures.store(ablations(sounds, stored, fresh))
    return fine
