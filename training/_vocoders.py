"""What the trainings of vocoders share: the clips in one long row, and the descent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from speechlab.corpora import Clip
from speechlab.systems._shared.mel import BANDS, FLOOR, HOP
from speechlab.systems._shared.vocoding import STRANGERS, conditions, frames_of
from training.common import arrays_of, both_corpora, epochs, pace

GAP = 4  # frames of silence between the clips
WARM, CALM = 30, 0.25  # steps that grow at the start; the part in which they shrink to nothing
MEMORY = 0.995  # of the average over past weights, which is what ships
DATA = (
    "training clips of the Free Spoken Digit Dataset and of the embedded speech, "
    f"without the voices {' and '.join(STRANGERS)}"
)


def lessons() -> list[Clip]:
    """The training clips of both corpora, without the strangers'."""
    return [clip for part in lessons_of_each().values() for clip in part]


def lessons_of_each() -> dict[str, list[Clip]]:
    """The same by the name of the corpus."""
    return {
        corpus: [clip for clip in clips if clip.speaker not in STRANGERS]
        for corpus, clips in both_corpora("train").items()
    }


class Stream:
    """Clips in a row with silence between: sound (N,), frames (N / 80 + 3, 40), speakers (N / 80,).

    `sound_of` makes a row of numbers of a clip, and `rest` is its number for silence.
    """

    def __init__(
        self, clips: Sequence[Clip], sound_of: Callable[[Clip], NDArray], rest: float
    ) -> None:
        silence = conditions(np.full((GAP, BANDS), FLOOR))
        frames, rows = [], []
        for clip in clips:
            frames += [silence, frames_of(clip)]
            sound = sound_of(clip)
            row = np.full(HOP * (GAP + len(frames[-1])), rest, dtype=sound.dtype)
            row[HOP * GAP :][: len(sound)] = sound
            rows.append(row)
        self.sound = torch.tensor(np.concatenate(rows))
        self.frames = torch.tensor(np.concatenate([*frames, silence[:3]]), dtype=torch.float32)
        self.blocks = len(self.sound) // HOP
        lengths = [len(row) // HOP for row in rows]
        self.speakers = np.repeat([clip.speaker for clip in clips], lengths)

    def segments(
        self, rng: np.random.Generator, count: int, blocks: int, before: int = 0
    ) -> tuple[torch.Tensor, torch.Tensor, NDArray]:
        """Segments of so many blocks of 80 samples, drawn by lot.

        Sound (count, before + 80 blocks), the frames around the blocks (count, blocks + 3, 40),
        and where in `speakers` the middles lie.
        """
        starts = rng.integers(1, self.blocks - blocks, count)
        first = torch.tensor(starts)[:, None]
        sound = self.sound[HOP * first + torch.arange(-before, HOP * blocks)]
        return sound, self.frames[first + torch.arange(-1, blocks + 2)], starts + blocks // 2


def descend(
    name: str,
    model: nn.Module,
    loss: Callable[[], torch.Tensor],
    rng: np.random.Generator,
    schedule: tuple[int, int, float],
    fresh: bool,
    tables: Sequence[str] = (),
    memory: float = MEMORY,
) -> dict[str, NDArray]:
    """Step down a loss on new segments each time; the averaged weights.

    Matrices step by Muon, which gives all directions of a matrix steps of one size; vectors, and
    the parameters whose names begin with one of `tables`, by AdamW. `schedule` is how many epochs,
    steps in each, and the size of a step. With a `memory` of 0 the average is the last weights.
    """
    count, steps, peak = schedule
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(memory))
    plain = {n for n, p in model.named_parameters() if p.ndim != 2 or n.startswith(tuple(tables))}
    matrices = [p for n, p in model.named_parameters() if n not in plain]
    rest = [p for n, p in model.named_parameters() if n in plain]
    muon = torch.optim.Muon(matrices, peak, weight_decay=0.01, adjust_lr_fn="match_rms_adamw")
    optimisers = [muon, torch.optim.AdamW(rest, peak, weight_decay=0.0)]

    slowing = pace(count * steps, WARM, CALM)
    paces = [LambdaLR(optimiser, slowing) for optimiser in optimisers]
    parts: dict[str, Any] = {"model": model, "average": average}
    parts |= {"muon": optimisers[0], "adam": optimisers[1]}
    parts |= {f"pace_{n}": one for n, one in enumerate(paces)}
    for epoch in epochs(name, count, fresh, parts, rng):
        losses = []
        for _ in range(steps):
            now = loss()
            now.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            for part in (*optimisers, *paces):
                part.step()
            for optimiser in optimisers:
                optimiser.zero_grad()
            average.update_parameters(model)
            losses.append(now.item())
        print(f"{name}, epoch {epoch + 1}: {np.mean(losses):.3f}", flush=True)
    return arrays_of(average.module)
