"""Trains Tacotron 2 in small: from the letters of digit words to log-mel frames.

What it learns from is strings of one to four recorded digits of one speaker, joined with pauses.
The attention is pulled to the diagonal (guided attention). Three more nets are trained a tenth as
long and published as well: one with all parts, one without that guidance, and one without the
location term, so that one can see what these do in equal steps.

`python -m training tacotron`
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from speechlab import corpora
from speechlab.figures import Figure
from speechlab.figures.tacotron import LACKING, UNPLACED, digit_errors, named, on_the_word
from speechlab.systems import tacotron
from speechlab.systems._shared.mel import BANDS, FLOOR
from speechlab.systems._shared.vocoding import conditions, frames_of
from speechlab.systems.tacotron import Sizes
from training._vocoders import descend
from training.common import Card, both_corpora, publish, seeded

SEED, EPOCHS, STEPS, BATCH, PEAK = 0, 32, 50, 32, 4e-3
SHORTER = 3  # epochs of the nets beside it
GROUPS = 5  # batches that are drawn together, so that clips of like length share one
LONGEST = 4  # digits of a string
PAUSES = (3, 12)  # frames
OF_EMBEDDED = 0.35  # the part of the strings that the synthetic voices say
GUIDANCE, NEAR = 8.0, 0.2  # weight of the guided attention loss, and its width
OF_STOP, STOP_WEIGHT = 0.5, 5.0
DROPPED = 0.5  # of the pre-net's outputs
QUIET = float(conditions(np.full((1, BANDS), FLOOR))[0, 0])
VARIANTS = {
    "tacotron": {"count": EPOCHS},
    "tacotron_short": {},
    "tacotron_unguided": {"guided": False},
    "tacotron_unlocated": {"located": False},
}
MEMORY = 0.0  # what ships are the last weights: few steps make no good average
TABLES = ("embedding", "speakers")  # Muon moves matrices, and these are none


class Tacotron(nn.Module):
    """Letters (B, N) and speakers (B,) to log-mel frames (B, T, 40).

    `forgetting` is the part of what the encoder and the second LSTM are given that falls out while
    it learns, `blinking` the part of the steps that are not given the frame before them.
    """

    def __init__(
        self,
        located: bool = True,
        sizes: Sizes = tacotron.SIZES,
        forgetting: float = 0.0,
        blinking: float = 0.0,
    ) -> None:
        super().__init__()
        self.located, self.sizes = located, sizes
        self.forgetting, self.blinking = forgetting, blinking
        e, d, a = sizes.encoded, sizes.decoded, sizes.matched
        wide, post, kernel = sizes.prenet, sizes.postnet, tacotron.KERNEL
        self.embedding = nn.Parameter(0.3 * torch.randn(sizes.letters, e))
        self.speakers = nn.Parameter(0.3 * torch.randn(sizes.speakers, e))
        for layer in range(1, tacotron.CONVOLUTIONS + 1):
            self._matrix(f"enc_{layer}", kernel * e, e)
        self.encoder = nn.LSTM(e, e // 2, batch_first=True, bidirectional=True)
        self._matrix("pre_1", BANDS, wide)
        self._matrix("pre_2", wide, wide)
        self._matrix("attend", wide + e + d, 4 * d)
        self._matrix("query", d, a)
        self._matrix("memory", e, a)
        self._matrix("place", tacotron.PLACES, a)
        self.match = nn.Parameter(torch.randn(a) / a**0.5)
        self.decoder = nn.LSTM(d + e, d, batch_first=True)
        self._matrix("frames", d + e, sizes.together * BANDS)
        self._matrix("stop", d + e, 1)
        widths = [BANDS, *[post] * (tacotron.POST_LAYERS - 1), BANDS]
        for layer, (a, b) in enumerate(pairwise(widths), 1):
            self._matrix(f"post_{layer}", kernel * a, b)

    def _matrix(self, name: str, rows: int, columns: int) -> None:
        matrix = torch.randn(rows, columns) / rows**0.5
        self.register_parameter(name, nn.Parameter(matrix))
        self.register_parameter(f"{name}_bias", nn.Parameter(torch.zeros(columns)))

    def _affine(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return x @ getattr(self, name) + getattr(self, f"{name}_bias")

    def _convolve(self, x: torch.Tensor, name: str) -> torch.Tensor:
        reach = tacotron.KERNEL // 2
        windows = F.pad(x, (0, 0, reach, reach)).unfold(1, tacotron.KERNEL, 1)
        return self._affine(windows.transpose(2, 3).flatten(2), name)

    def encode(self, letters: torch.Tensor, speakers: torch.Tensor, there: torch.Tensor):
        """What the letters are with their neighbours, and the speaker: (B, N, E)."""
        x = self.embedding[letters] * there[..., None]
        for layer in range(1, tacotron.CONVOLUTIONS + 1):
            x = torch.relu(self._convolve(x, f"enc_{layer}")) * there[..., None]
            if self.training and self.forgetting:
                x = F.dropout(x, self.forgetting)
        packed = pack_padded_sequence(x, there.sum(1), batch_first=True, enforce_sorted=False)
        x = pad_packed_sequence(self.encoder(packed)[0], batch_first=True)[0]
        return x + self.speakers[speakers][:, None]

    def prenet(self, frames: torch.Tensor) -> torch.Tensor:
        """The frames before (B, S, 40), through two layers; half of them fall out, always."""
        x = F.dropout(torch.relu(self._affine(frames, "pre_1")), DROPPED, True)
        return F.dropout(torch.relu(self._affine(x, "pre_2")), DROPPED, True)

    def postnet(self, frames: torch.Tensor) -> torch.Tensor:
        """What is to be added to frames (B, T, 40)."""
        x = frames
        for layer in range(1, tacotron.POST_LAYERS):
            x = torch.tanh(self._convolve(x, f"post_{layer}"))
        return self._convolve(x, f"post_{tacotron.POST_LAYERS}")

    def forward(self, text: Text, mel: torch.Tensor, steps: torch.Tensor) -> Said:
        """Teacher forcing: each step is given the last frame that was really there before it.

        Behind the steps (B,) of a string the post-net sees zeros, as behind what it speaks itself.
        """
        memory = self.encode(text.letters, text.speakers, text.there)
        together, wide, e = self.sizes.together, self.sizes.prenet, self.sizes.encoded
        before = F.pad(mel[:, together - 1 :: together], (0, 0, 1, -1), value=0)
        if self.training and self.blinking:
            before = before * (torch.rand(before.shape[:2]) >= self.blinking)[..., None]
        given = self.prenet(before)
        drive = given @ self.attend[:wide] + self.attend_bias
        recur, keys = self.attend[wide:], self._affine(memory, "memory")
        away = ~text.there
        h = c = mel.new_zeros(len(mel), self.sizes.decoded)
        context, total = mel.new_zeros(len(mel), e), mel.new_zeros(away.shape)
        states, contexts, shares = [], [], []
        for step in range(given.shape[1]):
            gates = drive[:, step] + torch.cat([context, h], 1) @ recur
            i, f, g, o = gates.chunk(4, 1)
            c = torch.sigmoid(f + 1) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            match = keys + self._affine(h, "query")[:, None]
            if self.located:
                reach = tacotron.PLACES // 2
                near = F.pad(total, (reach, reach)).unfold(1, tacotron.PLACES, 1)
                match = match + near @ self.place + self.place_bias
            energies = (torch.tanh(match) @ self.match).masked_fill(away, -1e9)
            share = torch.softmax(energies, 1)
            total = total + share
            context = torch.bmm(share[:, None], memory)[:, 0]
            states.append(h)
            contexts.append(context)
            shares.append(share)
        looked = torch.stack(contexts, 1)
        heard = torch.cat([torch.stack(states, 1), looked], 2)
        if self.training and self.forgetting:
            heard = F.dropout(heard, self.forgetting)
        x = torch.cat([self.decoder(heard)[0], looked], 2)
        frames = self._affine(x, "frames").unflatten(2, (-1, BANDS)).flatten(1, 2)
        return Said(
            frames,
            frames + self.postnet(frames * within(steps, frames.shape[1], together)),
            self._affine(x, "stop")[..., 0],
            torch.stack(shares, 1),
        )


@dataclass(frozen=True, eq=False)
class Text:
    """Letters (B, N), where there are any (B, N), and speakers (B,)."""

    letters: torch.Tensor
    there: torch.Tensor
    speakers: torch.Tensor

    @classmethod
    def of(cls, texts: list[str], speakers: list[str]) -> Text:
        return cls.of_numbers([tacotron.numbers(text) for text in texts], speakers)

    @classmethod
    def of_numbers(cls, numbers: list[list[int]], speakers: list[str] | None = None) -> Text:
        """Texts as numbers of their letters; without speakers, there is one only."""
        rows = [torch.tensor(row) for row in numbers]
        letters = nn.utils.rnn.pad_sequence(rows, batch_first=True)
        lengths = torch.tensor([len(row) for row in rows])
        there = torch.arange(letters.shape[1]) < lengths[:, None]
        known = [tacotron.SPEAKERS.index(s) for s in speakers] if speakers else [0] * len(rows)
        return cls(letters, there, torch.tensor(known))


@dataclass(frozen=True, eq=False)
class Said:
    """Frames before and after the post-net, logits of stopping (B, S), attention (B, S, N)."""

    before: torch.Tensor
    after: torch.Tensor
    stop: torch.Tensor
    attention: torch.Tensor


Lesson = tuple[Text, torch.Tensor, torch.Tensor]  # texts, frames (B, T, 40), steps (B,)


class Strings:
    """Strings of digits, drawn from clips: the text, the speaker and the frames."""

    def __init__(self, sets: dict[str, list]) -> None:
        self.clips = {}
        for corpus, clips in sets.items():
            voices = {}
            for clip in clips:
                voices.setdefault(clip.speaker, []).append(
                    (clip.text, frames_of(clip).astype(np.float32))
                )
            self.clips[corpus] = voices

    def draw(self, rng: np.random.Generator) -> tuple[str, str, NDArray[np.float32]]:
        corpus = "embedded" if rng.random() < OF_EMBEDDED else "fsdd"
        speaker = str(rng.choice(list(self.clips[corpus])))
        own = self.clips[corpus][speaker]
        words, parts = [], []
        for place in range(rng.integers(1, LONGEST + 1)):
            word, frames = own[rng.integers(len(own))]
            if place:
                parts.append(np.full((rng.integers(*PAUSES), BANDS), QUIET, dtype=np.float32))
            words.append(word)
            parts.append(frames)
        return " ".join(words), speaker, np.concatenate(parts)

    def batches(self, rng: np.random.Generator) -> Iterator[Lesson]:
        """Batches without end; of those drawn together, each has strings of like length."""
        while True:
            drawn = sorted((self.draw(rng) for _ in range(GROUPS * BATCH)), key=lambda d: len(d[2]))
            for k in rng.permutation(GROUPS):
                yield batch_of(*zip(*drawn[k * BATCH : (k + 1) * BATCH]))


def batch_of(texts, speakers, mels) -> Lesson:
    """Texts, frames (B, T, 40) with T a multiple of the frames of a step, numbers of steps (B,)."""
    return Text.of(list(texts), list(speakers)), *padded(mels, tacotron.TOGETHER)


def padded(mels: Sequence[NDArray], together: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Frames of different lengths side by side, and how many steps each has.

    The last frame of each stays until its last step is full: silence would be learned there.
    """
    steps = torch.tensor([-(-len(mel) // together) for mel in mels])
    frames = torch.full((len(mels), int(steps.max()) * together, BANDS), QUIET)
    for b, mel in enumerate(mels):
        frames[b, : len(mel)] = torch.tensor(mel)
        frames[b, len(mel) : steps[b] * together] = torch.tensor(mel[-1])
    return frames, steps


def within(steps: torch.Tensor, count: int, together: int) -> torch.Tensor:
    """Which of `count` frames belong to the steps of each string: 1 or 0, (B, count, 1)."""
    return (torch.arange(count) < together * steps[:, None]).float()[..., None]


def loss_of(said: Said, text: Text, mel: torch.Tensor, steps: torch.Tensor, guided: bool):
    """How far the frames are off, before and after the post-net, the stop, the attention."""
    loss = sum(frame_and_stop(said, mel, steps))
    if guided:
        at = torch.arange(said.stop.shape[1]) / steps[:, None]
        letter = torch.arange(text.there.shape[1]) / text.there.sum(1, keepdim=True)
        loss = loss + GUIDANCE * off_the_way(said, at, letter, NEAR, steps)
    return loss


def off_the_way(
    said: Said, at: torch.Tensor, letter: torch.Tensor, near: float, steps: torch.Tensor
) -> torch.Tensor:
    """How far from where each step is, `at` (B, S), lie the letters (B, N) that it looks at.

    Both in one unit; what is less than `near` away costs little, and what is far off 1.
    """
    there = (torch.arange(said.stop.shape[1]) < steps[:, None]).float()
    away = 1 - torch.exp(-((at[:, :, None] - letter[:, None]) ** 2) / (2 * near**2))
    return (said.attention * away * there[..., None]).sum() / there.sum()


def frame_and_stop(said: Said, mel: torch.Tensor, steps: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """How far the frames are off, before and after the post-net, and the stop."""
    there = (torch.arange(said.stop.shape[1]) < steps[:, None]).float()
    frames = within(steps, mel.shape[1], mel.shape[1] // said.stop.shape[1])
    off = sum(((x - mel).abs() + (x - mel) ** 2) * frames for x in (said.before, said.after))
    loss = off.sum() / frames.sum() / BANDS
    last = F.one_hot(steps - 1, said.stop.shape[1]).float()
    weight = torch.where(last > 0, STOP_WEIGHT, 1.0)
    stop = F.binary_cross_entropy_with_logits(said.stop, last, weight, reduction="none")
    return loss, OF_STOP * (stop * there).sum() / there.sum()


def train(
    name: str, strings: Strings, fresh: bool, guided=True, located=True, count: int = SHORTER
) -> dict[str, NDArray[np.float32]]:
    """One net from nothing, with or without the guidance and the location term: its parameters."""
    rng = seeded(SEED)
    model, lessons = Tacotron(located), strings.batches(rng)

    def loss() -> torch.Tensor:
        text, mel, steps = next(lessons)
        return loss_of(model(text, mel, steps), text, mel, steps, guided)

    return descend(name, model, loss, rng, (count, STEPS, PEAK), fresh, TABLES, MEMORY)


def stored(arrays: dict[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """Parameters by the names of `speechlab.systems.tacotron`; recurrent matrices stand right."""
    found = {}
    for key, array in arrays.items():
        if not key.startswith(("encoder.", "decoder.")):
            found[key] = array
            continue
        net, kind = key.split(".")
        way = "_back" if kind.endswith("_reverse") else ""
        kind = kind.removesuffix("_reverse").removesuffix("_l0")
        if kind.startswith("weight"):
            found[f"{net}{way}_{kind[-2:]}"] = array.T
        else:  # two biases that are always added
            found[f"{net}{way}_bias"] = found.get(f"{net}{way}_bias", 0) + array
    return found


def main(fresh: bool = False) -> bool:
    """Train and publish the net and the three beside it."""
    torch.set_num_threads(1)
    strings, trained, minutes = Strings(both_corpora("train")), {}, {}
    for name, without in VARIANTS.items():
        begun = time.process_time()
        trained[name] = train(name, strings, fresh, **without)
        minutes[name] = round((time.process_time() - begun) / 60, 1)
    # the net itself comes first: the others are measured beside it
    outcomes = [
        publish(name, stored(arrays), partial(card, name, minutes[name], arrays))
        for name, arrays in trained.items()
    ]
    return all(outcomes)


def card(name: str, minutes: float, arrays: dict[str, NDArray[np.float32]]) -> Card:
    """How many digits are misheard, beside the net without its location term.

    Of the nets that learned a tenth as long: how often they look at the digit spoken, beside the
    one that has what they lack.
    """
    variant = next(v for v, file in tacotron.VARIANTS.items() if file == name)
    if variant == "guided":
        metric, rows, better = "digit error", digit_errors(), "lower"
        rival, rival_rows = UNPLACED, digit_errors(located=False)
    else:
        metric, rows, better = "looks at the digit spoken", on_the_word(variant), "higher"
        rival, rival_rows = named(LACKING[variant]), on_the_word(LACKING[variant])
    figure = Figure.of(
        named(variant), metric, rows, rival, rival_rows, corpora.name(), better=better
    )
    return Card.of(
        figure,
        data="training clips of the Free Spoken Digit Dataset and of the embedded speech, joined",
        command="python -m training tacotron",
        tolerance=0.05 if variant == "guided" else 0.2,
        seed=SEED,
        parameters=sum(a.size for a in arrays.values()),
        minutes=minutes,
    )
