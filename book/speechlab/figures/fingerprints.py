"""How often five seconds of a piece are given to the right one of 65, whatever happened to them.

The baseline compares mean spectra: the piece whose mel bands, over all of it, are most alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import librosa
import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve, resample_poly

from speechlab import corpora
from speechlab.figures import Figure
from speechlab.systems.fingerprints import Index

SECONDS = 5.0

Change = Callable[[NDArray, int, int], NDArray]  # samples, rate, number of the piece


class Library:
    """Pieces with their index, and with their mean spectra."""

    def __init__(self, pieces: Sequence[corpora.Example]) -> None:
        self.pieces = list(pieces)
        self.index = Index.of([(one.samples, one.rate) for one in pieces])

    @cached_property
    def means(self) -> NDArray:
        """Unit vectors, shape (R, 40)."""
        return np.array([mean_spectrum(one.samples, one.rate) for one in self.pieces])

    def named(self, samples: NDArray, rate: int) -> tuple[int, int]:
        """The number of the piece, by keys and by the mean spectrum; -1 is none."""
        found = self.index.match(samples, rate)
        alike = self.means @ mean_spectrum(samples, rate)
        return (found.recording if found else -1), int(alike.argmax())


def mean_spectrum(samples: NDArray, rate: int) -> NDArray:
    """Levels of 40 mel bands, each over all of the sound, about their mean: a unit vector (40,)."""
    power = librosa.feature.melspectrogram(y=samples, sr=rate, n_mels=40).mean(axis=1)
    level = np.log(power + 1e-10)
    level -= level.mean()
    return level / np.linalg.norm(level)


def changes() -> dict[str, Change]:
    """What may happen to a piece: cut shorter, heard in noise, in a room."""
    noises = [corpora.example(name) for name in corpora.examples("noise")]
    noises = [(one.samples, one.rate) for one in noises]
    room = corpora.example("seminar_clap")

    def noisy(snr: float) -> Change:
        def change(x: NDArray, rate: int, number: int) -> NDArray:
            noise, other = noises[number % len(noises)]
            noise = resample_poly(noise, rate, other)[: len(x)]
            noise = np.resize(noise, len(x))
            return x + noise * np.sqrt(np.mean(x**2) / np.mean(noise**2) / 10 ** (snr / 10))

        return change

    def echoing(x: NDArray, rate: int, _: int) -> NDArray:
        return fftconvolve(x, resample_poly(room.samples, rate, room.rate))[: len(x)]

    return {
        "2 s, clean": lambda x, rate, _: x[: 2 * rate],
        "5 s, noise at 10 dB": noisy(10),
        "5 s, noise at 0 dB": noisy(0),
        "5 s, noise at -5 dB": noisy(-5),
        "5 s, in a seminar room": echoing,
    }


def pieces() -> list[corpora.Example]:
    """The pieces for piano, each once: some stand-ins are alike."""
    found = {}
    for name in corpora.examples("piano"):
        one = corpora.example(name)
        found.setdefault(one.notes.tobytes(), one)
    return list(found.values())


def excerpts(heard: Sequence[corpora.Example]) -> list[NDArray]:
    """Five seconds from anywhere in each."""
    rng, found = np.random.default_rng(0), []
    for one in heard:
        length = round(SECONDS * one.rate)
        start = rng.integers(max(1, len(one.samples) - length))
        found.append(one.samples[start : start + length])
    return found


def figures(most: int | None = None) -> list[Figure]:
    """Pieces named rightly after each change; `most` keeps the first so many pieces."""
    library = Library(pieces()[:most])
    heard = excerpts(library.pieces)
    where = "synthetic piano" if library.pieces[0].standin else "rendered piano"
    found = []
    for name, change in changes().items():
        rates = [one.rate for one in library.pieces]
        asked = [change(x, rate, n) for n, (x, rate) in enumerate(zip(heard, rates))]
        named = [library.named(x, rate) for x, rate in zip(asked, rates)]
        ours, base = np.array(named).T == np.arange(len(named))
        kind = f"fingerprint, {name}"
        found.append(Figure.of(kind, "right", ours, "mean spectrum", base, where, better="higher"))
    return found
