"""Trains HiFi-GAN in small: a generator from log-mel to samples, first without, then with rivals.

The first stage only compares spectra: three short-time Fourier transforms and the mel bands.
It is most of the training and ends in averaged weights. The second adds the discriminators, at a
low rate; the comparison of spectra stays. Both generators are published, so that one can hear what
the discriminators change. One speaker of each corpus is left out, to be the voice that the net
has never heard.

Seven minutes on one core. `python -m training hifigan`
"""

from __future__ import annotations

import copy
import time

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

from speechlab.figures import Figure
from speechlab.figures.hifigan import NAME, judged, rivals, vocoder
from speechlab.figures.listening import compare
from speechlab.systems import hifigan
from speechlab.systems._shared import generator as shared
from speechlab.systems._shared.mel import BANDS, FLOOR, HOP
from speechlab.systems._shared.vocoding import at_peak, conditions, frames_of
from training._generator import STEPS, Averaged, Generator, Spectra, descend, imitate, kernels_of
from training._vocoders import DATA, lessons_of_each
from training.common import Card, epochs, publish, seeded, weighed

SEED, BATCH, FRAMES = 0, 16, 40  # frames of a piece
EPOCHS, HALVED = 16, (11, 13, 15)  # of the first stage
RIVAL_EPOCHS, RIVAL_PEAK, RIVAL_BATCH = 2, 2e-4, 8  # of the second
SILENCE = np.full((1, BANDS), FLOOR)
OF_FEATURES = 2.0  # weight of that loss


class Rival(nn.Module):
    """A discriminator: convolutions over a picture (B, 1, H, W), along H; scores and features."""

    def __init__(self, kernels: tuple[int, ...], strides: tuple[int, ...]) -> None:
        super().__init__()
        widths = (1, *hifigan.RIVAL_WIDTHS)
        self.layers = nn.ModuleList(
            nn.Conv2d(a, b, (kernel, 1), (stride, 1), (kernel // 2, 0))
            for a, b, kernel, stride in zip(widths, widths[1:], kernels, strides)
        )
        self.score = nn.Conv2d(widths[-1], 1, (3, 1), padding=(1, 0))
        self.to(memory_format=torch.channels_last)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        x, features = x.contiguous(memory_format=torch.channels_last), []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), shared.LEAK)
            features.append(x)
        return self.score(x), features


class Rivals(nn.Module):
    """All discriminators: of the periods, and of the sound at several rates."""

    def __init__(self) -> None:
        super().__init__()
        self.periods = nn.ModuleList(
            Rival(hifigan.PERIOD_KERNELS, hifigan.PERIOD_STRIDES) for _ in hifigan.PERIODS
        )
        self.scales = nn.ModuleList(
            Rival(hifigan.SCALE_KERNELS, hifigan.SCALE_STRIDES) for _ in hifigan.HALVINGS
        )

    def forward(self, y: torch.Tensor) -> list[tuple[torch.Tensor, list[torch.Tensor]]]:
        """Scores and features of each discriminator for samples (B, N)."""
        heard = []
        for period, rival in zip(hifigan.PERIODS, self.periods):
            padded = F.pad(y, (0, -y.shape[1] % period))
            heard.append(rival(padded.reshape(len(y), 1, -1, period)))
        for rival in self.scales:
            heard.append(rival(y[:, None, :, None]))
            y = F.avg_pool1d(y[:, None], 4, 2, 2)[:, 0]
        return heard


class Pieces:
    """Pieces of clips, drawn at random: log-mel (B, 40, T) and samples (B, 80 T)."""

    def __init__(self, clips: list, counts: NDArray) -> None:
        silence = np.zeros(HOP * FRAMES)
        self.sounds, self.mels = [], []
        for clip in clips:
            samples = at_peak(clip.samples, clip.rate)
            self.mels.append(frames_of(clip).astype(np.float32))
            self.sounds.append(np.concatenate([samples, silence]).astype(np.float32))
        # long clips have more pieces to draw
        share = counts * [len(m) for m in self.mels]
        self.share = share / share.sum()

    def draw(self, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        mel = np.full((BATCH, FRAMES, BANDS), conditions(SILENCE)[0, 0], dtype=np.float32)
        sound = np.zeros((BATCH, HOP * FRAMES), dtype=np.float32)
        for b, r in enumerate(rng.choice(len(self.mels), BATCH, p=self.share)):
            start = rng.integers(max(len(self.mels[r]) - FRAMES // 2, 1))
            part = self.mels[r][start : start + FRAMES]
            mel[b, : len(part)] = part
            here = self.sounds[r][start * HOP :][: HOP * len(part)]
            sound[b, : len(here)] = here
        return torch.tensor(mel.transpose(0, 2, 1)), torch.tensor(sound)


def compete(generator: Generator, pieces: Pieces, fresh: bool) -> tuple[Generator, Rivals]:
    """The second stage: discriminators learn to tell the generator's sound from speech."""
    rng = seeded(SEED + 1)
    generator = copy.deepcopy(generator).requires_grad_(True)
    rivals, averaged, spectra = Rivals(), Averaged(generator), Spectra()
    ours = torch.optim.AdamW(generator.parameters(), lr=RIVAL_PEAK, betas=(0.8, 0.99))
    theirs = torch.optim.AdamW(rivals.parameters(), lr=RIVAL_PEAK, betas=(0.8, 0.99))
    parts = {"model": generator, "rivals": rivals, "averaged": averaged}
    parts |= {"ours": ours, "theirs": theirs}
    for epoch in epochs("hifigan-rivals", RIVAL_EPOCHS, fresh, parts, rng):
        losses = []
        for _ in range(STEPS):
            mel, sound = (part[:RIVAL_BATCH] for part in pieces.draw(rng))
            made = generator(mel)
            loss = tell_apart(rivals(sound), rivals(made.detach()))
            descend(theirs, loss)
            losses.append([loss.item()])
            if epoch:  # the discriminators learn first
                rivals.requires_grad_(False)
                fooled, alike = pass_for_speech(rivals(sound), rivals(made))
                spectral = spectra(made, sound)
                descend(ours, spectral + fooled + OF_FEATURES * alike)
                rivals.requires_grad_(True)
                averaged.follow(generator)
                losses[-1] += [fooled.item(), alike.item(), spectral.item()]
        print(f"epoch {epoch + 1}: {np.round(np.mean(losses, 0), 3)}", flush=True)
    return averaged.model, rivals


def tell_apart(real: list, made: list) -> torch.Tensor:
    """The discriminators' loss: 1 for speech, 0 for what was made, in least squares."""
    return sum(
        torch.mean((1 - r) ** 2) + torch.mean(m**2) for (r, _), (m, _) in zip(real, made)
    ) / len(real)


def pass_for_speech(real: list, made: list) -> tuple[torch.Tensor, torch.Tensor]:
    """The generator's losses: how far from 1 its scores are, and from speech its features."""
    fooled = sum(torch.mean((1 - m) ** 2) for m, _ in made) / len(made)
    pairs = [(f, g) for (_, r), (_, m) in zip(real, made) for f, g in zip(r, m)]
    return fooled, sum(F.l1_loss(g, f.detach()) for f, g in pairs) / len(pairs)


def main(fresh: bool = False) -> bool:
    """Train both stages and publish the weights; whether the figure is as before."""
    begun = time.process_time()
    torch.set_num_threads(1)
    pieces = Pieces(*weighed(lessons_of_each()))
    rng = seeded(SEED)
    net = Generator(BANDS, hifigan.FACTORS)
    generator = imitate("hifigan", net, pieces, rng, EPOCHS, HALVED, fresh, muon=True)
    after, opponents = compete(generator, pieces, fresh)
    stored = {}
    for which, model in (("reconstruction", generator), ("gan", after)):
        stored |= {f"{which}.{key}": value for key, value in kernels_of(model).items()}
    minutes = round((time.process_time() - begun) / 60, 1)
    # the generators come first: the discriminators are measured on what those make
    fine = publish("hifigan", stored, lambda: card(heard(), generator, minutes))
    arrays = kernels_of(opponents)
    return publish("hifigan_rivals", arrays, lambda: card(judged(), opponents, minutes)) and fine


def heard() -> Figure:
    """The figure of the card: the distance between spectra, which needs no other package."""
    baseline, vocode = next(iter(rivals().items()))
    found = compare(NAME, vocoder(), {baseline: vocode})
    return next(f for f in found if f.metric == "log-spectral distance")


def card(figure: Figure, model: nn.Module, minutes: float) -> Card:
    """A figure as the card of one of the two files."""
    return Card.of(
        figure,
        data=DATA,
        command="python -m training hifigan",
        tolerance=0.4 if figure.unit == "dB" else 0.2,
        seed=SEED,
        parameters=sum(p.numel() for p in model.parameters()),
        minutes=minutes,
    )
