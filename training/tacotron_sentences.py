"""Trains Tacotron 2 on the sentences of one reader, from sounds or letters to log-mel frames.

A part of the words is given as letters, so that words without a known pronunciation can be read.
The attention is pulled to where the reader is: the times of the words are known from a machine
(pocketsphinx), and within a word its letters are taken to be equally long.

`python -m training tacotron_sentences`
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import resample_poly

from speechlab import corpora
from speechlab.corpora import Recording
from speechlab.figures import Figure
from speechlab.figures import tacotron_sentences as measured
from speechlab.figures.error_rate import error_rate
from speechlab.systems import tacotron_sentences as sentences
from speechlab.systems._shared.mel import HOP, RATE, log_mel
from speechlab.systems._shared.vocoding import conditions
from training._vocoders import descend
from training.common import Card, needs, publish, seeded
from training.tacotron import (
    MEMORY,
    TABLES,
    Tacotron,
    Text,
    frame_and_stop,
    off_the_way,
    padded,
    stored,
)

NAME = "tacotron_sentences"
SEED, EPOCHS, STEPS, BATCH, PEAK = 0, 68, 50, 24, 4e-3
SHORTER = 6  # epochs of the nets beside it
BY_LETTERS = 0.15  # of the words
FORGETTING = 0.1  # of what the encoder and the second LSTM are given
BLINKING = 0.25  # of the frames that steps are given
EARLY = 5  # epochs of strong guidance
GUIDANCE, LATER, NEAR = 4.0, 0.3, 2.0  # its weights early and later; its width in symbols


@dataclass(frozen=True, eq=False)
class Lesson:
    """A sentence: frames as networks take them (T, 40), and the seconds of each word (W, 2)."""

    name: str
    text: str
    frames: NDArray[np.float32]
    times: NDArray[np.floating]

    @classmethod
    def of(cls, one: Recording) -> Lesson:
        samples = resample_poly(one.samples, RATE, one.rate)
        frames = conditions(log_mel(samples, RATE)).astype(np.float32)
        table = one.tables["words"]
        return cls(one.name, one.text, frames, np.c_[table["start"], table["end"]])

    def told(self, rng: np.random.Generator, share: float) -> tuple[list[int], NDArray]:
        """Numbers of the symbols, some words by letters; which symbol each step's middle is at."""
        spelled = np.flatnonzero(rng.random(len(self.times)) < share)
        row, owner = sentences.symbols(self.text, set(spelled.tolist()))
        return [sentences.PLACE[symbol] for symbol in row], self.way(np.array(owner))

    def way(self, owner: NDArray[np.int_]) -> NDArray[np.float32]:
        """At which symbol, with fractions, the reader is in the middle of each step."""
        knots = []
        for word, (start, end) in enumerate(self.times):
            own = np.flatnonzero(owner == word)
            knots += [(start, own[0] - 0.5), (end, own[-1] + 0.5)]
        together = sentences.SIZES.together
        steps = -(-len(self.frames) // together)
        middles = (np.arange(steps) + 0.5) * together * HOP / RATE
        knots.append((max(steps * together * HOP / RATE, knots[-1][0] + 0.02), len(owner) - 0.5))
        when, where = np.transpose(knots)
        return np.interp(middles, when, where).astype(np.float32)


def lessons(split: str) -> list[Lesson]:
    """The sentences of a split whose words all have times."""
    needs("kathleen")
    return [
        Lesson.of(one)
        for one in corpora.collection("kathleen")
        if one.split == split
        and "words" in one.tables
        and len(one.tables["words"]) == max(sentences.symbols(one.text)[1]) + 1
    ]


def batch_of(some: list[Lesson], rng: np.random.Generator, share: float):
    """Texts, frames, steps, and where each step should look (B, S)."""
    told = [one.told(rng, share) for one in some]
    frames, steps = padded([one.frames for one in some], sentences.SIZES.together)
    ways = torch.nn.utils.rnn.pad_sequence([torch.tensor(w) for _, w in told], batch_first=True)
    return Text.of_numbers([row for row, _ in told]), frames, steps, ways


def batches(known: list[Lesson], rng: np.random.Generator) -> Iterator:
    """Batches without end, each of sentences of like length."""
    while True:
        ordered = sorted(known, key=lambda one: len(one.frames) + 20 * rng.random())
        starts = np.arange(rng.integers(BATCH), len(ordered) - BATCH + 1, BATCH)
        for start in rng.permutation(starts):
            yield batch_of(ordered[start : start + BATCH], rng, BY_LETTERS)


def losses(model: Tacotron, batch, guidance: float) -> list[torch.Tensor]:
    """How far the frames are off, the stop, and the attention."""
    text, mel, steps, ways = batch
    said = model(text, mel, steps)
    found = list(frame_and_stop(said, mel, steps))
    if guidance:
        symbol = torch.arange(text.there.shape[1])[None]
        found.append(guidance * off_the_way(said, ways, symbol, NEAR, steps))
    return found


def train(
    name: str, split: dict[str, list[Lesson]], fresh: bool, guided=True, located=True, count=SHORTER
) -> dict[str, NDArray[np.float32]]:
    """One net from nothing, with or without the guidance and the location term: its parameters."""
    rng = seeded(SEED)
    torch.utils.deterministic.fill_uninitialized_memory = False  # a tenth of the time
    model = Tacotron(located, sentences.SIZES, FORGETTING, BLINKING)
    drawn = batches(split["train"], rng)
    model.register_buffer("done", torch.zeros(()))  # steps; checkpoints keep it

    def loss() -> torch.Tensor:
        epoch, step = divmod(int(model.done), STEPS)
        model.done += 1
        if step == STEPS - 1:
            report(model, split["dev"])
        weight = GUIDANCE if epoch < EARLY else LATER
        return sum(losses(model, next(drawn), weight if guided else 0.0))

    found = descend(name, model, loss, rng, (count, STEPS, PEAK), fresh, TABLES, MEMORY)
    return {key: array for key, array in found.items() if key != "done"}


@torch.no_grad()
def report(model: Tacotron, held: list[Lesson]) -> None:
    """Print what the sentences held out cost: frames, stop, attention."""
    model.eval()
    rng = np.random.default_rng(0)
    held = sorted(held, key=lambda one: len(one.frames))
    parts = [losses(model, batch_of(held[k::2], rng, 0.0), 1.0) for k in (0, 1)]
    print("held out:", *np.mean(parts, axis=0).round(3), flush=True)
    model.train()


SHORT = {
    "all parts": {},
    "no guidance": {"guided": False},
    "no location term": {"located": False},
}  # the nets that learn for a few minutes and are measured only


def main(fresh: bool = False) -> bool:
    """Train the net and publish it; train three others for a short time, and write what they do."""
    torch.set_num_threads(1)
    split = {name: lessons(name) for name in ("train", "dev")}
    begun = time.process_time()
    arrays = train(NAME, split, fresh, count=EPOCHS)
    minutes = round((time.process_time() - begun) / 60, 1)
    outcome = publish(NAME, stored(arrays), partial(card, minutes, arrays))
    rows = []
    for name, without in SHORT.items():
        file = f"{NAME}_{name.replace(' ', '_')}"
        short = stored(train(file, split, fresh, **without))
        rows += measured.learned_shortly(name, short, located=without.get("located", True))
    measured.write_short(rows)
    return outcome


def card(minutes: float, arrays: dict[str, NDArray[np.float32]]) -> Card:
    """How many words of the test sentences are misheard, beside the recordings' own frames."""
    wrong = measured.rows(measured.misheard(measured.sounds(measured.said())))
    natural = measured.rows(measured.misheard(measured.from_recordings()))
    figure = Figure.of(
        measured.NAME,
        measured.LIMITED,
        wrong,
        measured.FRAMES,
        natural,
        measured.voice(),
        error_rate,
    )
    return Card.of(
        figure,
        data="Kathleen's sentences for training whose words have times by pocketsphinx",
        licence="CC0 1.0 (Kathleen)",
        command="python -m training tacotron_sentences",
        tolerance=0.05,
        seed=SEED,
        parameters=sum(a.size for a in arrays.values()),
        minutes=minutes,
    )
