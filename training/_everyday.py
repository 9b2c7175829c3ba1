"""What the trainings on everyday sounds share: the clips, the two nets, views, and the descent."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from unittest import mock

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import LambdaLR

from speechlab import corpora
from speechlab.corpora import Recording
from speechlab.figures import everyday as stored
from speechlab.figures.everyday import HELD
from speechlab.systems._shared import everyday
from speechlab.systems._shared.everyday import FEATURES, FRAMES, HOP
from training.common import Card, epochs, needs, publish

EPOCH = 50  # steps between two checkpoints
WARM = 30  # steps that grow at the start
DATA = f"ESC-10 without fold {HELD}"
LICENCE = "CC BY 3.0 (ESC-10; clip by clip in esc10/metadata.tsv)"


def recordings(held: str = HELD) -> list[Recording]:
    """The clips of ESC-10 that may be learned from: all folds but the one held out.

    Raises `SystemExit` with what to do if they are not in the cache.
    """
    needs("esc10")
    return [one for one in corpora.collection("esc10") if one.split != held]


def standins(held: str = HELD) -> list[Recording]:
    """The computed sounds that pass for those of ESC-10 where it is not in the cache."""
    with mock.patch.dict(os.environ, SPEECHLAB_CORPUS="embedded"):
        return [one for one in corpora.collection("esc10") if one.split != held]


class Clips:
    """Clips from which pieces are cut by lot, never a silent one.

    `mean` and `spread` are those of log-mel, over all pieces that may be cut.
    """

    def __init__(self, found: Iterable[Recording]) -> None:
        found = list(found)
        self.labels = np.array([one.labels["label"] for one in found])
        self.waves, self.mels, self.starts = [], [], []
        for one in found:
            sound = everyday.scaled(one.samples, one.rate).astype(np.float32)
            blocks = np.abs(sound[: len(sound) // HOP * HOP]).reshape(-1, HOP).max(axis=1)
            near = np.lib.stride_tricks.sliding_window_view(blocks, FRAMES).max(axis=1)
            self.starts.append(np.flatnonzero(near >= min(everyday.SOFT, near.max())))
            self.waves.append(sound)
            self.mels.append(everyday.levels(sound))
        pieces = [everyday.pieces(one.samples, one.rate).mel for one in found]
        every = np.concatenate(pieces)
        self.mean, self.spread = np.float32(every.mean()), np.float32(every.std())

    def __len__(self) -> int:
        return len(self.mels)

    def cut(self, rows: Sequence[int], rng: np.random.Generator) -> tuple[torch.Tensor, ...]:
        """A piece of each of the clips: log-mel as it is (B, 48, 64), and samples (B, 15360)."""
        mel, wave = [], []
        for row in rows:
            at = rng.choice(self.starts[row])
            mel.append(self.mels[row][at : at + FRAMES])
            wave.append(self.waves[row][HOP * at : HOP * (at + FRAMES)])
        return torch.tensor(np.array(mel)), torch.tensor(np.array(wave))

    def standardised(self, mel: torch.Tensor) -> torch.Tensor:
        """Log-mel with the mean 0 and the spread 1."""
        return (mel - self.mean) / self.spread


# --- nets ---------------------------------------------------------------------------------


class Net(nn.Module):
    """The net for "mel" or for "wave", with the weights of `everyday.initial`.

    Each convolution is followed by a batch norm, which `arrays` folds into it.
    """

    def __init__(self, format: str, seed: int = 0) -> None:
        super().__init__()
        start = everyday.initial(format, seed)
        self.convolutions, self.norms = nn.ModuleList(), nn.ModuleList()
        channels = 1
        if format == "mel":
            layers = [(nn.Conv2d, width, (3, 3), 2, 1) for width in everyday.MEL_LAYERS]
        else:
            layers = [
                (nn.Conv1d, width, (kernel,), stride, (kernel - stride + 1) // 2)
                for width, kernel, stride in everyday.WAVE_LAYERS
            ]
        for n, (kind, width, kernel, stride, beside) in enumerate(layers, 1):
            layer = kind(channels, width, kernel, stride, beside, bias=False)
            drawn = torch.tensor(start[f"conv_{n}"].T).reshape(width, channels, *kernel)
            layer.weight = nn.Parameter(drawn.clone())
            self.convolutions.append(layer)
            norm = nn.BatchNorm2d if format == "mel" else nn.BatchNorm1d
            self.norms.append(norm(width))
            channels = width
        self.frame = nn.Linear(*start["frame"].shape)
        self.frame.weight = nn.Parameter(torch.tensor(start["frame"].T.copy()))
        nn.init.zeros_(self.frame.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Features (B, 256) of log-mel (B, T, 64) or of samples (B, N)."""
        x = x[:, None]
        for layer, norm in zip(self.convolutions, self.norms):
            x = F.relu(norm(layer(x)))
        x = F.relu(self.frame(x.movedim(1, -1).flatten(2)))
        return x.mean(1) + x.amax(1)

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """The weights for `everyday.heard_in_mel` or `heard_in_wave`."""
        w = {"frame": self.frame.weight.T, "frame_bias": self.frame.bias}
        for n, (layer, norm) in enumerate(zip(self.convolutions, self.norms), 1):
            gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            w[f"conv_{n}"] = layer.weight.flatten(1).T * gain
            w[f"conv_{n}_bias"] = norm.bias - norm.running_mean * gain
        return {k: a.detach().numpy().astype(np.float32) for k, a in w.items()}

    def load(self, w: dict[str, NDArray]) -> Net:
        """Take folded weights, leave the norms without effect, and stop learning."""
        with torch.no_grad():
            for n, (layer, norm) in enumerate(zip(self.convolutions, self.norms), 1):
                layer.weight.copy_(torch.tensor(w[f"conv_{n}"].T).reshape(layer.weight.shape))
                norm.running_var.fill_(1 - norm.eps)
                norm.bias.copy_(torch.tensor(w[f"conv_{n}_bias"]))
            self.frame.weight.copy_(torch.tensor(w["frame"].T))
            self.frame.bias.copy_(torch.tensor(w["frame_bias"]))
        return self.eval()


def head(inputs: int = FEATURES, hidden: int = 256, outputs: int = 128) -> nn.Sequential:
    """A net of two layers behind a net, with a batch norm between."""
    return nn.Sequential(
        nn.Linear(inputs, hidden, bias=False),
        nn.BatchNorm1d(hidden),
        nn.ReLU(),
        nn.Linear(hidden, outputs),
    )


# --- views --------------------------------------------------------------------------------


def mixed_levels(mel: torch.Tensor, others: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """Log-mel of both, with `share` (B,) of the power from the others."""
    share = share[:, None, None].clamp(1e-6, 1 - 1e-6)
    return torch.logaddexp(mel + torch.log1p(-share), others + torch.log(share))


def resized(mel: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
    """A box of each picture, stretched to its size; boxes (B, 4): heights, widths and middles.

    A height or width of 1 is the whole, a middle of 0 the middle; what lies outside is 0.
    """
    height, width, middle, across = boxes.T
    theta = torch.zeros(len(mel), 2, 3)
    theta[:, 0, 0], theta[:, 0, 2] = width, 2 * across
    theta[:, 1, 1], theta[:, 1, 2] = height, 2 * middle
    grid = F.affine_grid(theta, [len(mel), 1, *mel.shape[1:]], align_corners=True)
    return F.grid_sample(mel[:, None], grid, align_corners=True)[:, 0]


def nt_xent(a: torch.Tensor, b: torch.Tensor, temperature: float) -> torch.Tensor:
    """How hard it is to find the other view of each of 2 B views (B, D) among 2 B - 1."""
    z = F.normalize(torch.cat([a, b]).float(), dim=-1)
    scores = z @ z.T / temperature
    scores = scores.masked_fill(torch.eye(len(z), dtype=torch.bool), -math.inf)
    return F.cross_entropy(scores, torch.arange(len(z)).roll(len(a)))


# --- descent ------------------------------------------------------------------------------


def descend(
    name: str,
    model: nn.Module,
    loss: Callable[[], torch.Tensor],
    rng: np.random.Generator,
    steps: int,
    peak: float,
    fresh: bool,
    after: Callable[[], None] = lambda: None,
) -> None:
    """So many steps down a loss, by AdamW in bfloat16, with `after` called behind each of them."""
    learned = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(learned, peak, weight_decay=0.02)
    pace = LambdaLR(
        optimiser,
        lambda n: min((n + 1) / WARM, 0.5 + 0.5 * math.cos(math.pi * min(n / steps, 1))),
    )
    parts = {"model": model, "optimiser": optimiser, "pace": pace}
    model.train().to(memory_format=torch.channels_last)
    for epoch in epochs(name, math.ceil(steps / EPOCH), fresh, parts, rng):
        total, count = 0.0, min(EPOCH, steps - EPOCH * epoch)
        for _ in range(count):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                now = loss()
            optimiser.zero_grad()
            now.backward()
            optimiser.step()
            pace.step()
            after()
            total += now.item()
        print(f"{name}, step {EPOCH * epoch + count}: {total / count:.3f}", flush=True)
    model.eval()


def ship(
    name: str,
    figures: ModuleType,
    train: Callable[[], dict[str, NDArray]],
    forget: Callable[[], None],
    data: str = DATA,
    tolerance: float = 0.05,
    **more: object,
) -> bool:
    """Train and publish a net; whether its figure is as before.

    The first of what `figures.figures()` gives is that of the card, and all of it is stored.
    `forget` drops what is kept of the weights that were there before; `more` goes on the card.
    """
    begun = time.process_time()
    arrays = train()
    minutes = round((time.process_time() - begun) / 60, 1)

    def measure() -> Card:
        forget()
        found = figures.figures()
        stored.store({figures.SHIPPED: found})
        return Card.of(
            found[0],
            data=data,
            licence=LICENCE,
            command=f"python -m training {name}",
            tolerance=tolerance,
            parameters=sum(a.size for a in arrays.values() if a.dtype.kind == "f"),
            minutes=minutes,
            **more,
        )

    return publish(name, arrays, measure)
