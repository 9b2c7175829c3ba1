"""Trains HiFi-GAN in small: a generator from log-mel to samples, first without, then with rivals.

The first stage only compares spectra: three short-time Fourier transforms and the mel bands.
It is most of the training and ends in averaged weights. The second adds the discriminators, at a
low rate; the comparison of spectra stays. Both generators are published, so that one can hear what
the discriminators change. One speaker of each corpus is left out, to be the voice that the net
has never heard.

Twenty minutes on one core. `python -m training hifigan`
"""

from __future__ import annotations

import copy
import time

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import resample_poly
from torch import nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import LambdaLR

from speechlab.figures import Figure
from speechlab.figures.hifigan import NAME, judged, rivals, vocoder
from speechlab.figures.listening import compare
from speechlab.systems import hifigan
from speechlab.systems._shared import generator as shared
from speechlab.systems._shared.mel import BANDS, HOP
from speechlab.systems._shared.vocoding import MIDDLE, SPREAD, at_peak
from training._generator import (
    STEPS,
    Averaged,
    Generator,
    Spectra,
    descend,
    imitate,
    kernels_of,
    slowing,
)
from training._vocoders import DATA, lessons_of_each
from training.common import Card, epochs, publish, seeded, weighed

SEED, BATCH, FRAMES = 0, 16, 40  # frames of a piece
BEFORE, MARGIN = 10, 2  # frames of silence before a clip; frames heard around a piece
SPEEDS = ((1, 1, 2), (8, 7, 1), (7, 8, 1))  # a clip's length times a / b; how often it is drawn
EPOCHS = 60  # of the first stage
RIVAL_EPOCHS, RIVAL_PEAK, RIVAL_BATCH = 3, 2e-4, 8  # of the second
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
    """Pieces of clips, drawn at random: log-mel (B, 40, T) and samples (B, 80 T).

    A piece begins at any sample, not only where a frame stands, so that no two are the same; and
    each clip is also there played slower and faster, as if more voices had said it.
    """

    def __init__(self, clips: list, counts: NDArray) -> None:
        before, behind = np.zeros(HOP * (BEFORE + MARGIN)), np.zeros(HOP * (FRAMES + MARGIN))
        self.sounds, share = [], []
        for clip, count in zip(clips, counts):
            for up, down, often in SPEEDS:
                samples = at_peak(resample_poly(clip.samples, up, down), clip.rate)
                self.sounds.append(np.concatenate([before, samples, behind]).astype(np.float32))
                share.append(count * often * len(samples))  # long clips have more pieces to draw
        self.share, self.spectra = np.array(share) / np.sum(share), Spectra()

    def draw(self, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        length = HOP * (FRAMES + 2 * MARGIN)
        drawn = []
        for r in rng.choice(len(self.sounds), BATCH, p=self.share):
            start = rng.integers(max(len(self.sounds[r]) - length - HOP * FRAMES // 2, 1))
            drawn.append(self.sounds[r][start : start + length])
        sound = torch.tensor(np.array(drawn))
        frames = self.spectra.bands(sound)[:, :, MARGIN : MARGIN + FRAMES]
        return (frames - MIDDLE) / SPREAD, sound[:, HOP * MARGIN : -HOP * MARGIN]


def compete(generator: Generator, pieces: Pieces, fresh: bool) -> tuple[Generator, Rivals]:
    """The second stage: discriminators learn to tell the generator's sound from speech."""
    rng = seeded(SEED + 1)
    generator = copy.deepcopy(generator).requires_grad_(True)
    rivals, averaged, spectra = Rivals(), Averaged(generator), Spectra()
    ours = torch.optim.AdamW(generator.parameters(), lr=RIVAL_PEAK, betas=(0.8, 0.99))
    theirs = torch.optim.AdamW(rivals.parameters(), lr=RIVAL_PEAK, betas=(0.8, 0.99))
    pace = LambdaLR(ours, slowing((RIVAL_EPOCHS - 1) * STEPS))
    parts = {"model": generator, "rivals": rivals, "averaged": averaged}
    parts |= {"ours": ours, "theirs": theirs, "pace": pace}
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
                pace.step()
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
    net = Generator(BANDS, hifigan.FACTORS, hifigan.DILATIONS)
    generator = imitate("hifigan", net, pieces, rng, EPOCHS, fresh)
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
