"""What the training of the two recognisers of connected digits shares: speech and CTC loss.

The networks see digits in every order alike: what the grammar of the test says about order is the
business of the language model.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import ctc_loss, log_softmax
from tqdm.auto import tqdm

from speechlab import corpora
from speechlab.figures import bootstrap
from speechlab.figures import connected_digits as figures
from speechlab.figures.error_rate import error_rate
from speechlab.speech.connected_digits import SNR, Voices, join, utterances, voices
from speechlab.speech.utterances import in_noise
from speechlab.systems.connected_digits import log_mel, recogniser
from training.common import Card, arrays_of, both_corpora, epochs, publish, seeded

EPOCHS, STEPS, SIZE = 40, 50, 32  # utterances are put together afresh in each of the steps
REAL = 0.7  # share of utterances from the real corpus
NOISE = (0.0, 40.0)  # decibels below the speech
TEMPO = (0.9, 1.1)
LONGEST = 8  # digits

DATA = (
    "Free Spoken Digit Dataset (Zohar Jackson et al.), clips 5-49 of each digit and speaker, and "
    "the embedded synthetic speech (espeak-ng voices), training half; joined at random in noise"
)
LICENCE = "CC BY-SA 4.0 (Free Spoken Digit Dataset); the synthetic speech is the course's own"
Batch = tuple[torch.Tensor, torch.Tensor]


def retimed(part: NDArray, factor: float) -> NDArray:
    """The recording in `factor` of its time, and so at another pitch."""
    return np.interp(np.arange(0, len(part) - 1, 1 / factor), np.arange(len(part)), part)


def batch(speech: dict[str, Voices], most: int, rng: np.random.Generator) -> Batch:
    """Features (SIZE, F, B) of new utterances, all of the same number of digits, and targets."""
    length = int(rng.integers(1, most + 1))
    said = rng.integers(10, size=(SIZE, length))
    spoken = []
    for row in said:
        corpus = speech["fsdd" if rng.random() < REAL else "embedded"]
        own = corpus[str(rng.choice(sorted(corpus)))]
        parts = [own[d][rng.integers(len(own[d]))] for d in row]
        tempo = rng.uniform(*TEMPO)
        louder = 10 ** rng.uniform(-0.2, 0.2, size=length)
        parts = [a * retimed(part, tempo) for a, part in zip(louder, parts)]
        spoken.append(join(parts, rng, rng.integers(200, 2400, size=2))[0])
    total = max(map(len, spoken))
    features = []
    for samples in spoken:
        front = int(rng.integers(total - len(samples) + 1))
        padded = np.pad(samples, (front, total - len(samples) - front))
        features.append(log_mel(in_noise(padded, rng.uniform(*NOISE), rng)))
    return torch.tensor(np.array(features, np.float32)), torch.tensor(said + 1)


def loss_of(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The CTC loss a digit, from logits (SIZE, T, 11)."""
    size, frames, _ = logits.shape
    return ctc_loss(
        log_softmax(logits, dim=2).transpose(0, 1),
        targets,
        torch.full((size,), frames),
        torch.full((size,), targets.shape[1]),
        zero_infinity=True,
    )


def measured(name: str, system: str, parameters: int, minutes: float) -> Card:
    """The card: greedy digit error on real speech that nothing was trained on."""
    given = utterances("test", figures.COUNT, seed=figures.SEED)
    errors = figures.error_table(recogniser(name), given)
    baseline = error_rate(figures.template_table(given))
    return Card(
        system=system,
        data=DATA,
        licence=LICENCE,
        command=f"python -m training {name}",
        metric=(
            f"digit error rate, greedy, {figures.COUNT} utterances of held-out recordings of the "
            f"training's speakers, white noise {SNR:.0f} dB below ({corpora.name()})"
        ),
        value=error_rate(errors),
        interval=bootstrap(errors, error_rate),
        tolerance=0.02,
        baseline="templates on loud stretches",
        baseline_value=baseline,
        parameters=parameters,
        minutes=round(minutes, 1),
    )


class Clock:
    """Processor time, which goes on where a stopped run had left it."""

    def __init__(self) -> None:
        self.before = 0.0

    @property
    def minutes(self) -> float:
        return self.before + time.process_time() / 60

    def state_dict(self) -> dict[str, float]:
        return {"minutes": self.minutes}

    def load_state_dict(self, saved: dict[str, float]) -> None:
        self.before = saved["minutes"]


def train(
    name: str, system: str, new: Callable[[], torch.nn.Module], fresh: bool, rate: float
) -> bool:
    """Train a network and publish it; returns whether its figure is within tolerance."""
    torch.set_num_threads(1)
    rng = seeded(0)
    speech = {corpus: voices(clips) for corpus, clips in both_corpora("train").items()}
    model = new()
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, EPOCHS * STEPS, pct_start=0.2)
    clock = Clock()
    parts = {"model": model, "optimiser": optimiser, "schedule": schedule, "clock": clock}
    for epoch in epochs(name, EPOCHS, fresh, parts, rng):
        model.train()
        losses = []
        for _ in range(STEPS):
            features, targets = batch(speech, min(LONGEST, 2 + epoch), rng)
            loss = loss_of(model(features), targets)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        tqdm.write(f"{name}, epoch {epoch}: loss {np.mean(losses):.3f}")
    count = sum(p.numel() for p in model.parameters())
    recogniser.cache_clear()
    return publish(name, arrays_of(model), lambda: measured(name, system, count, clock.minutes))
