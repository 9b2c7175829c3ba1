"""Trains a VQ-VAE of log-mel spectrograms, by the straight-through gradient.

Minutes on one thread. `python -m training vqvae`
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

from speechlab.figures.vqvae import figures
from speechlab.systems import vqvae
from speechlab.systems._shared.mel import BANDS
from training.common import Card, arrays_of, both_corpora, epochs, publish, seeded, weighed

SEED, EPOCHS, BATCH, PEAK = 0, 60, 32, 2e-3
COMMITMENT = 0.25
WIDTH, KERNEL, BLOCK, CODE = vqvae.WIDTH, vqvae.KERNEL, vqvae.BLOCK, vqvae.CODE
LAYERS = {
    "enc_1": (KERNEL * BANDS, WIDTH),
    "enc_2": (KERNEL * WIDTH, WIDTH),
    "enc_3": (WIDTH, CODE),
    "dec_1": (KERNEL * CODE, WIDTH),
    "dec_2": (KERNEL * WIDTH, WIDTH),
    "dec_3": (WIDTH, BLOCK * BANDS),
}


class VqVae(nn.Module):
    """Encoder, codebook and decoder; log-mel is (B, 2 T, 40), less its mean, in units of 15 dB."""

    def __init__(self) -> None:
        super().__init__()
        for name, (rows, columns) in LAYERS.items():
            self.register_parameter(name, nn.Parameter(torch.randn(rows, columns) / rows**0.5))
            self.register_parameter(f"{name}_bias", nn.Parameter(torch.zeros(columns)))
        self.codebook = nn.Parameter(torch.randn(vqvae.CODEWORDS, CODE))

    def _affine(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return x @ getattr(self, name) + getattr(self, f"{name}_bias")

    def _convolve(self, x: torch.Tensor, name: str, stride: int = 1) -> torch.Tensor:
        padded = F.pad(x, (0, 0, KERNEL // 2, KERNEL // 2))
        return self._affine(padded.unfold(1, KERNEL, stride).transpose(2, 3).flatten(2), name)

    def encode(self, mel: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        """Vectors (B, T, 16) before rounding; `there` (B, T, 1) is 0 behind a clip's end."""
        x = F.gelu(self._convolve(mel, "enc_1", BLOCK)) * there
        x = x + F.gelu(self._convolve(x, "enc_2"))
        return self._affine(x, "enc_3")

    def decode(self, z: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        """Log-mel (B, 2 T, 40) from codewords (B, T, 16)."""
        x = F.gelu(self._convolve(z * there, "dec_1")) * there
        x = x + F.gelu(self._convolve(x, "dec_2"))
        return self._affine(x, "dec_3").unflatten(-1, (BLOCK, BANDS)).flatten(1, 2)

    def nearest(self, z: torch.Tensor) -> torch.Tensor:
        """The numbers of the nearest codewords, (B, T)."""
        return torch.cdist(z.flatten(0, -2), self.codebook).argmin(-1).reshape(z.shape[:-1])

    def loss(self, mel: torch.Tensor, there: torch.Tensor, rounded: bool) -> torch.Tensor:
        """Squared error, of the decoder and (twice, weighted) of the codewords.

        The codeword goes forward, but backward the gradient goes straight through to the
        encoder, as if nothing had been rounded.
        """
        z, extra = self.encode(mel, there), 0.0
        if rounded:
            e = self.codebook[self.nearest(z)]
            apart = ((z.detach() - e) ** 2 + COMMITMENT * (z - e.detach()) ** 2) * there
            extra = apart.sum() / there.sum()
            z = z + (e - z).detach()
        off = (self.decode(z, there) - mel) ** 2 * there.repeat_interleave(BLOCK, 1)
        return off.sum() / there.sum() / BLOCK + extra


def batch_of(mels: list[NDArray]) -> tuple[torch.Tensor, torch.Tensor]:
    """Log-mel (B, 2 T, 40), zero behind the end, and where there is some (B, T, 1)."""
    mel = torch.zeros(len(mels), max(map(len, mels)), BANDS)
    there = torch.zeros(len(mels), mel.shape[1] // BLOCK, 1)
    for b, m in enumerate(mels):
        mel[b, : len(m)] = torch.tensor(m)
        there[b, : len(m) // BLOCK] = 1
    return mel, there


@torch.no_grad()
def revive(model: VqVae, mels: list[NDArray], rng: np.random.Generator, all_of_them: bool) -> int:
    """Codewords that no frame of some clips is near start again: at frames drawn from those.

    The first time (`all_of_them`) the codewords are the clusters of the frames. Returns how many
    were in use.
    """
    z = torch.cat([model.encode(*batch_of([m]))[0] for m in mels])
    if all_of_them:
        means = KMeans(vqvae.CODEWORDS, n_init=1, random_state=SEED).fit(z.numpy())
        model.codebook.copy_(torch.tensor(means.cluster_centers_))
        return vqvae.CODEWORDS
    used = torch.bincount(model.nearest(z[None])[0], minlength=vqvae.CODEWORDS) > 0
    dead = torch.nonzero(~used)[:, 0]
    model.codebook[dead] = z[torch.tensor(rng.integers(len(z), size=len(dead)))]
    return int(used.sum())


def train(mels: list[NDArray], counts: NDArray, fresh: bool) -> VqVae:
    """Clip r is seen `counts[r]` times an epoch; in the first two nothing is rounded."""
    rng = seeded(SEED)
    model = VqVae()
    optimiser = torch.optim.Adam(model.parameters(), lr=PEAK)
    order = np.repeat(np.arange(len(mels)), counts)
    batches = math.ceil(len(order) / BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK, EPOCHS * batches)
    parts = {"model": model, "optimiser": optimiser, "schedule": schedule}
    for epoch in epochs("vqvae", EPOCHS, fresh, parts, rng):
        used = vqvae.CODEWORDS
        if epoch >= 2 and epoch < EPOCHS - 5:
            some = [mels[r] for r in rng.choice(len(mels), 300, replace=False)]
            used = revive(model, some, rng, all_of_them=epoch == 2)
        length = np.array([len(mels[r]) for r in order]) * rng.uniform(0.8, 1.25, len(order))
        groups = np.array_split(order[np.argsort(length)], batches)
        losses = []
        for g in rng.permutation(len(groups)):
            loss = model.loss(*batch_of([mels[r] for r in groups[g]]), rounded=epoch >= 2)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1}: loss {np.mean(losses):.2f}, {used} codewords in use")
    return model


def main(fresh: bool = False) -> bool:
    """Train and publish the weights; whether the figure is as before."""
    begun = time.process_time()
    torch.set_num_threads(1)
    clips, counts = weighed(both_corpora("train"))
    raw = [vqvae.blocks(c.samples, c.rate) for c in clips]
    mean = np.concatenate(raw).mean(0).astype(np.float32)
    mels = [((m - mean) / vqvae.SCALE).astype(np.float32) for m in raw]
    model = train(mels, counts, fresh)
    pairs = np.concatenate([raw[r] for r in np.repeat(np.arange(len(raw)), counts)])
    pairs = np.random.default_rng(SEED).permutation(pairs.reshape(-1, BLOCK * BANDS))
    means = KMeans(vqvae.CODEWORDS, n_init=2, random_state=SEED).fit(pairs[:40_000])
    stored = arrays_of(model) | {
        "mean": mean,
        "kmeans": means.cluster_centers_.astype(np.float32),
        "drawn": pairs[: vqvae.CODEWORDS].astype(np.float32),
    }

    def measure() -> Card:
        figure = figures()[0]
        return Card.of(
            figure,
            data="training clips of the Free Spoken Digit Dataset and of the embedded speech",
            command="python -m training vqvae",
            metric=f"{figure.metric} in dB, {figure.corpus}",
            tolerance=0.3,
            seed=SEED,
            parameters=sum(p.numel() for p in model.parameters()),
            minutes=round((time.process_time() - begun) / 60, 1),
        )

    return publish("vqvae", stored, measure)
