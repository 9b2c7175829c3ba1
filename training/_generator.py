"""What HiFi-GAN and resynthesis train with: the generator, and a loss that compares spectra."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import LambdaLR

from speechlab.systems._shared import generator as shared
from speechlab.systems._shared.mel import FLOOR, HOP, MEL
from speechlab.systems._shared.vocoding import SPREAD
from training.common import arrays_of, epochs, pace

STEPS = 100  # an epoch
PEAK, WARM, CALM = 2e-3, 50, 0.6  # steps that grow at the start; the part in which they shrink
AVERAGED = 0.99  # how much of the averaged weights stays at each step
TRANSFORMS = ((128, 20, 80), (256, 50, 200), (512, 100, 400))  # size, hop, window
QUIET = 5e-3  # magnitudes below this are equal
OF_MEL = 4.0  # weight of the loss


def convolution(inside: int, outside: int, kernel: int, apart: int = 1) -> nn.Conv2d:
    """A convolution along time that keeps the length, of pictures that are one row high.

    A row of a picture, its channels side by side in memory, trains twice as fast as `Conv1d`.
    """
    return nn.Conv2d(
        inside, outside, (1, kernel), padding=(0, kernel // 2 * apart), dilation=(1, apart)
    )


class Fusion(nn.Module):
    """The mean of three chains of residual convolutions that see further and further."""

    def __init__(self, width: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.chains = nn.ModuleList(
            nn.ModuleList(convolution(width, width, kernel, apart) for apart in dilations)
            for kernel in shared.KERNELS
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        total = 0.0
        for chain in self.chains:
            y = x
            for layer in chain:
                y = y + layer(F.leaky_relu(y, shared.LEAK))
            total = total + y
        return total / len(self.chains)


class Generator(nn.Module):
    """Rows (B, `inputs`, T), such as log-mel frames, to samples (B, T times all factors)."""

    def __init__(
        self, inputs: int, factors: tuple[int, ...], dilations: tuple[tuple[int, ...], ...]
    ) -> None:
        super().__init__()
        width, self.factors = shared.WIDTH, factors
        self.first = convolution(inputs, width, shared.REACH)
        self.up, self.fusion = nn.ModuleList(), nn.ModuleList()
        for factor, apart in zip(factors, dilations):
            self.up.append(nn.ConvTranspose2d(width, width // 2, (1, 2 * factor), (1, factor)))
            width //= 2
            self.fusion.append(Fusion(width, apart))
        self.last = convolution(width, 1, shared.REACH)
        self.to(memory_format=torch.channels_last)

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        x = self.first(mel[:, :, None].contiguous(memory_format=torch.channels_last))
        for factor, up, fusion in zip(self.factors, self.up, self.fusion):
            start, length = factor // 2, factor * x.shape[3]
            x = fusion(up(F.leaky_relu(x, shared.LEAK))[..., start : start + length])
        return torch.tanh(self.last(F.leaky_relu(x, shared.LEAK)))[:, 0, 0]


class Spectra(nn.Module):
    """How far one sound is from another, by three spectrograms and by the mel bands."""

    def __init__(self) -> None:
        super().__init__()
        self.windows = [torch.hann_window(window) for _, _, window in TRANSFORMS]
        self.mel_window = torch.hann_window(200)
        self.mel = torch.tensor(MEL, dtype=torch.float32)

    def bands(self, y: torch.Tensor) -> torch.Tensor:
        """Log-mel in dB of samples (B, N), as `log_mel` but at the level that they have."""
        spectrum = torch.stft(
            y, 512, HOP, 200, self.mel_window, pad_mode="constant", return_complex=True
        )
        power = self.mel @ (spectrum.real**2 + spectrum.imag**2)
        return 10 * torch.log10(power + 10 ** (FLOOR / 10))

    def forward(self, y: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        loss = OF_MEL * F.l1_loss(self.bands(y), self.bands(wanted)) / SPREAD
        for (size, hop, width), window in zip(TRANSFORMS, self.windows):
            a, b = (
                torch.stft(s, size, hop, width, window, pad_mode="constant", return_complex=True)
                for s in (y, wanted)
            )
            # the small number keeps the gradient of a magnitude of zero finite
            a, b = (torch.sqrt(s.real**2 + s.imag**2 + 1e-9) for s in (a, b))
            loss = loss + torch.linalg.norm(a - b) / torch.linalg.norm(b)
            loss = loss + F.l1_loss(a.clamp(min=QUIET).log(), b.clamp(min=QUIET).log())
        return loss


class Averaged(nn.Module):
    """A model whose weights are the average of the last hundred steps."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = copy.deepcopy(model).requires_grad_(False)

    @torch.no_grad()
    def follow(self, model: nn.Module) -> None:
        for mine, new in zip(self.model.parameters(), model.parameters()):
            mine.lerp_(new, 1 - AVERAGED)


def slowing(steps: int) -> Callable[[int], float]:
    """How long a step is: it grows at the start, and at last it shrinks evenly to nothing."""
    return pace(steps, WARM, CALM)


class Descent:
    """Steps downhill, kernels by Muon and all else by AdamW, of lengths that `how_long` gives.

    What of the phases can be told from log-mel frames hides in small ripples. Muon makes steps of
    one size in all directions of a matrix, and HiFi-GAN learns in a quarter of the epochs by it.
    """

    def __init__(self, model: nn.Module, how_long: Callable[[int], float]) -> None:
        self.parameters = list(model.parameters())
        self.kernels = [p for p in self.parameters if p.ndim == 4 and len(p) > 1]
        rest = [p for p in self.parameters if p.ndim != 4 or len(p) == 1]
        # Muon takes matrices: these are the kernels themselves, looked at as such
        self.matrices = [nn.Parameter(matrix_of(kernel.detach())) for kernel in self.kernels]
        how = {"weight_decay": 0.01, "adjust_lr_fn": "match_rms_adamw"}
        self.optimisers = [
            torch.optim.AdamW(rest, lr=PEAK, betas=(0.8, 0.99)),
            torch.optim.Muon(self.matrices, PEAK, **how),
        ]
        self.paces = [LambdaLR(one, how_long) for one in self.optimisers]

    def step(self, loss: torch.Tensor) -> None:
        for parameter in self.parameters:
            parameter.grad = None
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, 10.0)
        for matrix, kernel in zip(self.matrices, self.kernels):
            matrix.grad = matrix_of(kernel.grad)
        for part in (*self.optimisers, *self.paces):
            part.step()

    def state_dict(self) -> list:
        return [part.state_dict() for part in (*self.optimisers, *self.paces)]

    def load_state_dict(self, states: list) -> None:
        for part, state in zip((*self.optimisers, *self.paces), states):
            part.load_state_dict(state)


def matrix_of(kernel: torch.Tensor) -> torch.Tensor:
    """A kernel (A, B, 1, taps) whose channels lie side by side in memory, as (A, taps B)."""
    return kernel.permute(0, 2, 3, 1).flatten(1)


class Pieces(Protocol):
    """Draws pieces of clips: what the model is given, and the samples (B, N) to be made."""

    def draw(self, rng: np.random.Generator) -> tuple: ...


def imitate(
    name: str,
    model: nn.Module,
    pieces: Pieces,
    rng: np.random.Generator,
    count: int,
    fresh: bool,
) -> nn.Module:
    """Train a model so that its sound has the spectra of the sound that was there.

    `count` epochs, with steps as `slowing` says. Returns the model with averaged weights.
    """
    averaged, spectra = Averaged(model), Spectra()
    descent = Descent(model, slowing(count * STEPS))
    parts = {"model": model, "averaged": averaged, "descent": descent}
    for epoch in epochs(name, count, fresh, parts, rng):
        losses = []
        for _ in range(STEPS):
            *given, sound = pieces.draw(rng)
            loss = spectra(model(*given), sound)
            descent.step(loss)
            averaged.follow(model)
            losses.append(loss.item())
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}", flush=True)
    return averaged.model


def descend(descent: torch.optim.Optimizer, loss: torch.Tensor) -> None:
    """One step downhill, of a length that is bounded."""
    descent.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(descent.param_groups[0]["params"], 10.0)
    descent.step()


def kernels_of(model: nn.Module) -> dict[str, NDArray[np.float32]]:
    """The weights of a model, its pictures' kernels without the axis that is one tap long."""
    return {
        key: np.squeeze(value, 2 if value.shape[2] == 1 else 3) if value.ndim == 4 else value
        for key, value in arrays_of(model).items()
    }
