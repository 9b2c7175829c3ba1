"""Whisper in small: one encoder-decoder Transformer that does what its tokens ask.

It hears one to four digits in English, German, French, Spanish or Italian, and writes a sequence
of tokens such as

    <|start|> <|de|> <|translate|> three one four <|end|>

`<|start|>` and the task are given. The model answers with the language (or `<|nospeech|>`) and
with the words, one token each; every token it writes is part of its input for the next. After
Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (2022).

Shapes: `T` frames, `S` of them left after the stem, `U` tokens, `V` of them in the vocabulary,
`D` the width of the model, `H` heads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax

from speechlab.corpora.multilingual import NAMES, WORDS
from speechlab.speech.mel_power import mel_power
from speechlab.speech.spectra import mel_filters
from speechlab.systems import weights
from speechlab.systems._shared.layers import correlate, gelu, normalise
from speechlab.systems._shared.recording import finite_samples

RATE, HOP, WINDOW, BANDS = 8000, 160, 256, 40  # a frame of 32 ms every 20 ms
HEADS, LONGEST = 4, 10  # heads of each attention; tokens that the decoder has positions for
SECONDS = 8.0  # that it hears at most: four slow digits

TASKS = ("transcribe", "translate")
TOKENS = (
    *("<|start|>", "<|end|>", "<|nospeech|>"),
    *(f"<|{task}|>" for task in TASKS),
    *(f"<|{language}|>" for language in NAMES),
    *sorted({word for words in WORDS.values() for word in words}),
)
NUMBER = {token: n for n, token in enumerate(TOKENS)}
START, END, NO_SPEECH = (NUMBER[f"<|{name}|>"] for name in ("start", "end", "nospeech"))
LANGUAGES = [NUMBER[f"<|{language}|>"] for language in NAMES]
WRITTEN = [END, *range(NUMBER[f"<|{list(NAMES)[-1]}|>"] + 1, len(TOKENS))]  # words, or the end

MEL = mel_filters(RATE, WINDOW, BANDS).T

Array = NDArray[np.floating]


def features(samples: Array) -> Array:
    """Logarithms of the power in mel bands, 60 dB down from the loudest; shape (T, BANDS)."""
    padded = np.pad(samples, WINDOW // 2)
    log = np.log10(mel_power(padded, WINDOW, HOP, MEL) + 1e-10)
    return np.maximum(log - log.max(), -6) / 3 + 1


def sinusoids(length: int, width: int) -> Array:
    """Where a frame is: sines and cosines of `width / 2` frequencies; shape (length, width)."""
    slower = 10000 ** (-np.arange(width // 2) / (width // 2 - 1))
    angles = np.outer(np.arange(length), slower)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


class Model:
    """The Transformer, from its arrays; the names are those of the PyTorch model that learned."""

    def __init__(self, arrays: dict[str, NDArray]) -> None:
        self.p = {name: np.asarray(array, dtype=np.float64) for name, array in arrays.items()}
        self.layers = len({name.split(".")[1] for name in self.p if name.startswith("decoder.")})

    def linear(self, name: str, x: Array) -> Array:
        return x @ self.p[f"{name}.weight"].T + self.p[f"{name}.bias"]

    def norm(self, name: str, x: Array) -> Array:
        """Each row shifted and scaled to mean 0 and variance 1, then by what was learned."""
        return normalise(x, self.p[f"{name}.weight"], self.p[f"{name}.bias"])

    def convolve(self, name: str, x: Array, stride: int) -> Array:
        """Three frames at a time, then the Gaussian error linear unit; shape (S, D)."""
        padded = np.pad(x, ((1, 1), (0, 0)))
        return gelu(correlate(padded, self.p[f"{name}.weight"], self.p[f"{name}.bias"], stride))

    def attend(self, name: str, x: Array, y: Array, causal: bool = False) -> tuple[Array, Array]:
        """Rows of x (U, D) ask, rows of y (S, D) answer: (U, D), and who asked whom (H, U, S)."""
        asked, key, value = (
            self.linear(f"{name}.{part}", z).reshape(len(z), HEADS, -1)
            for part, z in (("query", x), ("key", y), ("value", y))
        )
        match = np.einsum("uhd,shd->hus", asked, key) / math.sqrt(key.shape[-1])
        if causal:
            match = np.where(np.tri(len(x), dtype=bool), match, -np.inf)
        share = softmax(match, axis=-1)
        answer = np.einsum("hus,shd->uhd", share, value).reshape(x.shape)
        return self.linear(f"{name}.out", answer), share

    def think(self, name: str, x: Array) -> Array:
        """The part of a layer that looks at each row by itself."""
        y = self.linear(f"{name}.wide", self.norm(f"{name}.think_norm", x))
        return self.linear(f"{name}.narrow", gelu(y))

    def encode(self, mel: Array) -> Array:
        """What was heard, from features (T, BANDS): shape (S, D), S = T / 2 rounded up."""
        x = self.convolve("stem.1", self.convolve("stem.0", mel, 1), 2)
        x = x + sinusoids(*x.shape)
        for n in range(self.layers):
            name = f"encoder.{n}"
            y = self.norm(f"{name}.self_norm", x)
            x = x + self.attend(f"{name}.self", y, y)[0]
            x = x + self.think(name, x)
        return self.norm("heard", x)

    def decode(self, tokens: list[int], heard: Array) -> tuple[Array, Array]:
        """Logits of the token after each of `tokens` (U, V), and attention (layers, H, U, S)."""
        x = self.p["embedding"][tokens] + self.p["positions"][: len(tokens)]
        looked = []
        for n in range(self.layers):
            name = f"decoder.{n}"
            y = self.norm(f"{name}.self_norm", x)
            x = x + self.attend(f"{name}.self", y, y, causal=True)[0]
            y = self.norm(f"{name}.cross_norm", x)
            answer, share = self.attend(f"{name}.cross", y, heard)
            looked.append(share)
            x = x + answer
            x = x + self.think(name, x)
        return self.norm("said", x) @ self.p["embedding"].T, np.stack(looked)


@dataclass(frozen=True)
class Heard:
    """What the system made of a recording.

    `tokens` is the whole sequence from `<|start|>` to `<|end|>`, `text` its words, `language` a
    key of `NAMES` (None if nobody spoke). `languages` are the probabilities that the model gave
    to each language and to "no speech". Row u of `attention[layer, head]` (U, S) says how much of
    each 40 ms of sound was used to write `tokens[u + 1]`.
    """

    tokens: tuple[str, ...]
    text: str
    language: str | None
    no_speech: bool
    languages: dict[str, float] = field(repr=False)
    attention: Array = field(repr=False)


class Recogniser:
    """Runs the model greedily: the likeliest token each time, among those that may stand there."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def run(
        self,
        samples: ArrayLike,
        rate: int,
        task: str = "transcribe",
        language: str | None = None,
    ) -> Heard:
        """Write what is said in a recording (N,) at 8 kHz.

        Parameters
        ----------
        task : "transcribe" or "translate"
            In the language spoken, or in English.
        language
            A key of `NAMES` if it is known; else the model decides.

        Raises
        ------
        ValueError
            If there is no sound, too much of it, or numbers that are not finite; for another
            rate; for a task or language that there is not. Silence is no error: `no_speech`.
        """
        signal = checked(samples, rate)
        if task not in TASKS:
            raise ValueError(f"There is no task {task!r}: say {' or '.join(TASKS)}.")
        if language is not None and language not in NAMES:
            raise ValueError(f"There is no language {language!r}: there are {', '.join(NAMES)}.")
        heard = self.model.encode(features(signal))
        tokens = [START]
        choices = [NO_SPEECH, *LANGUAGES]
        logits, _ = self.model.decode(tokens, heard)
        chances = softmax(logits[-1, choices])
        quiet = bool(np.argmax(chances) == 0)
        if quiet:
            tokens.append(NO_SPEECH)
        else:
            best = NUMBER[f"<|{language}|>"] if language else choices[np.argmax(chances)]
            tokens += [best, NUMBER[f"<|{task}|>"]]
        while tokens[-1] != END:
            logits, attention = self.model.decode(tokens, heard)
            may = [END] if quiet or len(tokens) == LONGEST - 1 else WRITTEN
            tokens.append(may[np.argmax(logits[-1, may])])
        written = tuple(TOKENS[n] for n in tokens)
        return Heard(
            tokens=written,
            text=" ".join(token for token in written if not token.startswith("<|")),
            language=None if quiet else written[1].strip("<|>"),
            no_speech=quiet,
            languages=dict(zip(("no speech", *NAMES), chances.tolist())),
            attention=attention,
        )


def checked(samples: ArrayLike, rate: int) -> Array:
    """The samples as an array, or a `ValueError` that says what is wrong with them."""
    signal = finite_samples(samples, rate, RATE)
    if signal.size > SECONDS * RATE:
        raise ValueError(f"This system hears {SECONDS:g} seconds at most: cut the recording up.")
    return signal


@cache
def recogniser() -> Recogniser:
    """The shipped system."""
    return Recogniser(Model(weights("whisper")))
