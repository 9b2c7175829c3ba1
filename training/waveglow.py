"""Trains WaveGlow: speech to white noise by steps that can be undone, told by log-mel frames.

`python -m training waveglow`
"""

from __future__ import annotations

import math
import time

import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

from speechlab import corpora
from speechlab.figures import Figure, listening
from speechlab.figures import waveglow as figures
from speechlab.systems import waveglow
from speechlab.systems._shared.mel import BANDS
from speechlab.systems._shared.vocoding import at_peak, voices
from training._vocoders import DATA, Stream, descend, lessons
from training.common import Card, publish, seeded

SEED, EPOCHS, STEPS = 0, 288, 40
BATCH, FRAMES = 6, 32  # segments a step, and frames of 80 samples in each
PEAK = 4e-3

WIDTH, LAYERS, KERNEL = waveglow.WIDTH, len(waveglow.DILATIONS), waveglow.KERNEL
TAPS, CHANNELS = waveglow.TAPS, waveglow.CHANNELS


class WaveGlow(nn.Module):
    """Samples (B, T) and frames (B, T / 80 + 3, 40): noise of the same size, and ln |det|.

    In training the nets of the coupling layers compute in bfloat16, in evaluation in float32.
    """

    def __init__(self) -> None:
        super().__init__()
        shapes = {"frames": (KERNEL * BANDS, WIDTH)}
        for f, channels in enumerate(CHANNELS):
            shapes[f"start_{f}"] = (channels // 2, WIDTH)
            shapes |= {f"in_{f}_{n}": (TAPS * WIDTH, 2 * WIDTH) for n in range(LAYERS)}
            shapes |= {f"on_{f}_{n}": (WIDTH, WIDTH) for n in range(LAYERS - 1)}
            shapes[f"out_{f}"] = (LAYERS * WIDTH, channels)
            turned = torch.linalg.qr(torch.randn(channels, channels))[0]
            self.register_parameter(f"mix_{f}", nn.Parameter(turned))
        for name, (rows, columns) in shapes.items():
            scale = 0.0 if name.startswith("out") else rows**-0.5
            self.register_parameter(name, nn.Parameter(scale * torch.randn(rows, columns)))
            self.register_parameter(f"{name}_bias", nn.Parameter(torch.zeros(columns)))
        told = len(CHANNELS) * LAYERS * 2 * WIDTH
        self.told_all = nn.Parameter(0.5 * torch.randn(WIDTH, told) / WIDTH**0.5)

    def _affine(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return x @ getattr(self, name) + getattr(self, f"{name}_bias")

    def conditions(self, frames: torch.Tensor) -> torch.Tensor:
        """What each layer of each flow is told in each block of 80 samples."""
        near = frames.unfold(1, KERNEL, 1).transpose(2, 3).flatten(2)
        told = F.gelu(self._affine(near, "frames")) @ self.told_all
        return told.unflatten(-1, (len(CHANNELS), LAYERS, 1, 2 * WIDTH))

    def shift_and_scale(
        self, f: int, half: torch.Tensor, told: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """ln s and t for one half of the channels, from the other half (B, T / 8, channels / 2)."""
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.training):
            x = self._affine(half, f"start_{f}")
            heard = []
            for n, dilation in enumerate(waveglow.DILATIONS):
                padded = F.pad(x, (0, 0, dilation, dilation))
                long = x.shape[1]
                near = [padded[:, k * dilation : k * dilation + long] for k in range(TAPS)]
                both = self._affine(torch.cat(near, -1), f"in_{f}_{n}")
                per_block = both.unflatten(1, (told.shape[1], -1))
                both = (per_block + told[:, :, f, n]).flatten(1, 2)
                wanted, gate = both.split(WIDTH, -1)
                heard.append(torch.tanh(wanted) * torch.sigmoid(gate))
                if n < LAYERS - 1:
                    x = x + self._affine(heard[-1], f"on_{f}_{n}")
            out = self._affine(torch.cat(heard, -1), f"out_{f}")
        log_s, t = out.float().chunk(2, -1)
        return log_s, t

    def forward(
        self, samples: torch.Tensor, frames: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.training):
            told = self.conditions(frames)
        x, early = samples.unflatten(1, (-1, waveglow.GROUP)), []
        log_det = torch.zeros(())
        for f, channels in enumerate(CHANNELS):
            if x.shape[-1] > channels:
                early.append(x[..., : x.shape[-1] - channels])
                x = x[..., x.shape[-1] - channels :]
            mix = getattr(self, f"mix_{f}")
            x = x @ mix
            a, b = x.chunk(2, -1)
            log_s, t = self.shift_and_scale(f, a, told)
            x = torch.cat([a, b * log_s.exp() + t], -1)
            log_det = log_det + log_s.sum() + torch.linalg.slogdet(mix)[1] * x[..., 0].numel()
        return torch.cat([*early, x], -1), log_det

    def undo(self, z: torch.Tensor, frames: torch.Tensor) -> torch.Tensor:
        """The samples (B, T) that noise (B, T / 8, 8) is."""
        told, x = self.conditions(frames), z
        for f, channels in reversed(list(enumerate(CHANNELS))):
            early, (a, b) = x[..., :-channels], x[..., -channels:].chunk(2, -1)
            log_s, t = self.shift_and_scale(f, a, told)
            mixed = torch.cat([a, (b - t) * torch.exp(-log_s)], -1)
            x = torch.cat([early, mixed @ torch.linalg.inv(getattr(self, f"mix_{f}"))], -1)
        return x.flatten(1)


def nats(model: WaveGlow, samples: torch.Tensor, frames: torch.Tensor) -> torch.Tensor:
    """-ln of the density of the samples, a sample."""
    z, log_det = model(samples, frames)
    return (z.square().sum() / 2 - log_det) / z.numel() + math.log(2 * math.pi) / 2


def train(fresh: bool) -> dict[str, NDArray]:
    """The averaged weights after `EPOCHS` times `STEPS` steps."""
    rng = seeded(SEED)
    stream = Stream(lessons(), lambda clip: at_peak(clip.samples, clip.rate), 0.0)
    model = WaveGlow()

    def loss() -> torch.Tensor:
        samples, frames, _ = stream.segments(rng, BATCH, FRAMES)
        noise = rng.normal(0, waveglow.DITHER, samples.shape)
        return nats(model, (samples + torch.tensor(noise)).float(), frames)

    return descend("waveglow", model, loss, rng, (EPOCHS, STEPS, PEAK), fresh, ("mix", "out"))


def main(fresh: bool = False) -> bool:
    """Train and publish the weights; whether the figure is as before."""
    torch.set_num_threads(1)
    begun = time.process_time()
    arrays = train(fresh)
    minutes = (time.process_time() - begun) / 60
    return publish("waveglow", arrays, lambda: card(minutes, arrays))


def card(minutes: float, arrays: dict[str, NDArray]) -> Card:
    """Nats a sample on test clips, beside one linear predictor for all speech."""
    test, rival = listening.test_clips(), "global LPC, Gaussian residual"
    figure = Figure.of(
        "WaveGlow",
        "nats a sample",
        figures.net_nats(test),
        rival,
        figures.BASELINES[rival](corpora.digits("train", voices()), test),
        corpora.name(),
        figures.nats_per_sample,
        unit="nat",
    )
    return Card.of(
        figure,
        system="WaveGlow, told log-mel frames",
        data=DATA,
        command="python -m training waveglow",
        tolerance=0.1,
        seed=SEED,
        parameters=sum(a.size for a in arrays.values()),
        minutes=round(minutes, 1),
    )
