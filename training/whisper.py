"""Train Whisper in small: `python -m training whisper`."""

from __future__ import annotations

import time

import numpy as np
import torch
from torch.nn import functional as F

from speechlab.figures.whisper import figures
from speechlab.systems import whisper
from training._whisper_net import Net
from training._whisper_speech import Drawn, Example, speech
from training.common import Card, arrays_of, epochs, publish, seeded

SEED, EPOCHS, BATCHES, SIZE = 3, 56, 120, 16
RATE, WARM = 2e-3, 200  # the largest step, and how many steps lead up to it
SINGLE, PAIRS = 6, 10  # epochs of one word, and until which of two: where to look is learned last
UNASKED = -100  # a target that is not counted


def padded(batch: list[Example]) -> tuple[torch.Tensor, ...]:
    """Features (B, T, BANDS), their lengths (B,), tokens and targets (B, U)."""
    longest = max(len(e.mel) for e in batch)
    mel = np.zeros((len(batch), longest, whisper.BANDS), np.float32)
    tokens = np.full((len(batch), max(len(e.asked) for e in batch)), whisper.END)
    targets = np.full_like(tokens, UNASKED)
    for row, e in enumerate(batch):
        mel[row, : len(e.mel)] = e.mel
        tokens[row, : len(e.asked)] = e.tokens[:-1]
        targets[row, : len(e.asked)] = np.where(e.asked, e.tokens[1:], UNASKED)
    lengths = [len(e.mel) for e in batch]
    return tuple(map(torch.as_tensor, (mel, lengths, tokens, targets)))


def main(fresh: bool) -> bool:
    """Train, measure, write; whether the figure is what the card said before."""
    rng = seeded(SEED)
    torch.set_num_threads(1)
    began = time.process_time()
    net = Net()
    optimiser = torch.optim.AdamW(
        net.parameters(), RATE, betas=(0.9, 0.98), weight_decay=0.05, fused=True
    )
    steps = EPOCHS * BATCHES
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda n: min((n + 1) / WARM, 0.5 * (1 + np.cos(np.pi * n / steps)))
    )
    drawn = Drawn(speech(fresh), rng)
    parts = {"net": net, "optimiser": optimiser, "schedule": schedule}
    for epoch in epochs("whisper", EPOCHS, fresh, parts, rng):
        net.train()
        losses = []
        most = 1 if epoch < SINGLE else 2 if epoch < PAIRS else 4
        for batch in drawn.batches(BATCHES, SIZE, most):
            mel, lengths, tokens, targets = padded(batch)
            logits = net(mel, lengths, tokens)
            loss = F.cross_entropy(
                logits.flatten(0, 1), targets.flatten(), ignore_index=UNASKED, label_smoothing=0.05
            )
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        print(f"whisper: loss {np.mean(losses):.3f}", flush=True)
    minutes = (time.process_time() - began) / 60
    size = sum(p.numel() for p in net.parameters())
    return publish("whisper", arrays_of(net), lambda: card(minutes, size))


def card(minutes: float, parameters: int) -> Card:
    """The figure that stands for the system: words translated from other languages."""
    whisper.recogniser.cache_clear()
    figure = next(f for f in figures() if "translate" in f.system)
    return Card.of(
        figure,
        system="Whisper in small",
        data=(
            "training halves of the Free Spoken Digit Dataset and of the embedded synthetic speech;"
            " digits in five languages by 16 voices of espeak-ng, made at training time; noise."
            " Measured on the shipped clips of data/multilingual, other voices"
        ),
        licence=(
            "MIT (weights). Free Spoken Digit Dataset: Zohar Jackson et al., CC BY-SA 4.0;"
            " embedded speech: CC BY 4.0"
        ),
        command="python -m training whisper",
        metric=f"{figure.system}: {figure.metric}",
        tolerance=0.04,
        seed=SEED,
        parameters=parameters,
        minutes=round(minutes, 1),
    )
