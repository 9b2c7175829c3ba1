"""What a linear classifier reads out of the frames of a net: which sound, which voice.

Sounds are asked of Kathleen's sentences: the first and the second half of her commonest words, most
of which have two or three phones, so that a half is about a phone. Voices are asked of
`librispeech251`: the first five eighths of each recording are learned from, the rest is the test.
The classifier is linear discriminant analysis: one Gaussian a class, all of the same shape. What it
found on recordings when the nets were trained is in `data/probes.json`; `stored` reads it.

Shapes: `T` frames of 10 ms (number t hears samples 160 t to 160 t + 399), `D` features.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import librosa
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.fft import dct
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from speechlab import corpora
from speechlab.corpora import Recording
from speechlab.corpora.cache import DATA
from speechlab.figures import Figure, bootstrap
from speechlab.systems._shared.bands import HOP, RATE, WINDOW
from speechlab.systems._shared.mel import slopes

TABLE = DATA / "probes.json"
WORDS = 20  # the commonest words; each gives two classes
LEARNED = 5 / 8  # of each recording of a voice is learned from
SENTENCES = 500  # that the probe for sounds learns from
VOICES = 100  # that are told apart
FFT = 512
MEL = librosa.filters.mel(sr=RATE, n_fft=FFT, n_mels=40)
EVERY = 4  # of the frames of voices, one in so many is looked at

Array = NDArray[np.floating]
Sounds = Sequence[Array]
TASKS = {"sounds": "halves of words", "voices": "voices"}
View = Callable[[Sounds, int], list[Array]]  # sounds and their rate to frames (T, D) of each
Rows = Callable[[str, str], Array]  # what the probe is given, and a task, to (right, asked)


@dataclass(frozen=True, eq=False)
class Task:
    """Sounds to learn from and to be tested on, with a class for each frame (-1: none)."""

    train: tuple[Array, ...]
    train_classes: tuple[NDArray[np.int_], ...]
    test: tuple[Array, ...]
    test_classes: tuple[NDArray[np.int_], ...]
    corpus: str
    every: int = 1


def frames_in(samples: ArrayLike) -> int:
    """How many frames a sound has."""
    return 1 + (len(np.asarray(samples)) - WINDOW) // HOP


def mfcc(sounds: Sounds, rate: int = RATE) -> list[Array]:
    """Thirteen cepstral coefficients with first and second slopes, (T, 39), for each sound."""
    how = {"n_fft": FFT, "win_length": WINDOW, "hop_length": HOP, "center": False}
    rows = []
    for x in sounds:
        x = np.pad(np.asarray(x, dtype=float), (FFT - WINDOW) // 2)
        power = np.abs(librosa.stft(x, **how).T) ** 2 @ MEL.T
        cepstra = dct(np.log(power + 1e-10), norm="ortho")[:, :13]
        slope = slopes(np.pad(cepstra, ((4, 4), (0, 0)), mode="edge"))
        rows.append(np.hstack([cepstra, slope[2:-2], slopes(slope)]))
    return rows


# --- sounds -------------------------------------------------------------------------------


def with_words() -> tuple[list[Recording], list[Recording], str]:
    """Recordings whose words have times: to learn from, for the test, and what they are.

    Without Kathleen's, they are stand-ins, voices that say digits.
    """
    if corpora.held_collection("kathleen"):
        known = [one for one in corpora.collection("kathleen") if "words" in one.tables]
        train = [one for one in known if one.split == "train"]
        return train, [one for one in known if one.split != "train"], "kathleen"
    both = corpora.collection("librispeech10") + corpora.collection("kathleen")
    made = [one for one in both if one.standin and "words" in one.tables]
    return [one for n, one in enumerate(made) if n % 5], made[::5], "synthetic digits"


def commonest(recordings: Sequence[Recording]) -> list[str]:
    """The commonest words, the most common one first."""
    count = Counter(str(w) for one in recordings for w in one.tables["words"]["word"])
    return sorted(count, key=lambda word: (-count[word], word))[:WORDS]


def halves(one: Recording, words: Sequence[str]) -> NDArray[np.int_]:
    """The class of each frame: 2 i in the first half of word i, 2 i + 1 in its second half."""
    classes = np.full(frames_in(one.samples), -1)
    middle = (HOP * np.arange(len(classes)) + WINDOW / 2) / one.rate
    for word, start, end in one.tables["words"]:
        if word in words:
            inside = (middle >= start) & (middle < end)
            later = middle[inside] >= (start + end) / 2
            classes[inside] = 2 * words.index(word) + later
    return classes


@lru_cache
def sounds_task(held: bool) -> Task:
    """The task of sounds; `held` is for the cache only."""
    train, test, corpus = with_words()
    words = commonest(train)
    train = train[:: max(1, len(train) // SENTENCES)]
    parts = [
        tuple(make(one) for one in rows)
        for rows in (train, test)
        for make in (lambda one: one.samples, lambda one: halves(one, words))
    ]
    return Task(*parts, corpus)


# --- voices -------------------------------------------------------------------------------


@lru_cache
def voices_task(held: bool) -> Task:
    """The task of voices; `held` is for the cache only."""
    first, rest = [], []
    for one in corpora.collection("librispeech251")[:VOICES]:
        cut = round(LEARNED * len(one.samples))
        first.append(one.samples[:cut])
        rest.append(one.samples[cut:])
    parts = []
    for sounds in (first, rest):
        parts += [
            tuple(sounds),
            tuple(np.full(frames_in(x), n) for n, x in enumerate(sounds)),
        ]
    corpus = "librispeech251" if held else "synthetic voices"
    return Task(*parts, corpus, EVERY)


def task(what: str) -> Task:
    """The task "sounds" or "voices", on recordings or on stand-ins."""
    if what == "sounds":
        return sounds_task(corpora.held_collection("kathleen"))
    return voices_task(corpora.held_collection("librispeech251"))


# --- the probe ----------------------------------------------------------------------------


def asked(frames: Sequence[Array], classes: Sequence[NDArray], every: int) -> tuple[Array, NDArray]:
    """The frames that have a class, of each sound every so many: (R, D) and (R,)."""
    x = np.concatenate([f[::every] for f in frames])
    y = np.concatenate([c[::every] for c in classes])
    return x[y >= 0], y[y >= 0]


def probe(view: View, what: str) -> Array:
    """How many frames of each test sound a linear classifier gets right, and of how many: (R, 2).

    The classifier learns from the training frames of the task "sounds" or "voices", as `view`
    gives them.
    """
    given = task(what)
    x, y = asked(view(given.train, RATE), given.train_classes, given.every)
    classifier = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=1e-3)
    classifier.fit(x.astype(np.float32), y)
    rows = []
    for frames, classes in zip(view(given.test, RATE), given.test_classes):
        rows.append(asked([frames], [classes], given.every))
    right = classifier.predict(np.concatenate([x for x, _ in rows])) == np.concatenate(
        [y for _, y in rows]
    )
    lengths = [len(y) for _, y in rows]
    parts = np.split(right, np.cumsum(lengths)[:-1])
    return np.array([[part.sum(), len(part)] for part in parts], dtype=float)


def share(rows: Array) -> float:
    """The share of right frames in rows (right, asked)."""
    return float(rows[:, 0].sum() / rows[:, 1].sum())


class Share(NamedTuple):
    """A share of right frames, and its 95 % interval over the test sounds."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        value, low, high = (f"{100 * x:.1f}" for x in self)
        return f"{value} ({low} to {high})"


Shares = dict[str, dict[str, Share]]  # by task, and by what the probe was given


def shares(names: Sequence[str], rows: Rows) -> Shares:
    """The share of frames that a probe gets right, by task and by what it was given."""

    def of(found: Array) -> Share:
        return Share(share(found), *bootstrap(found, share))

    return {what: {name: of(rows(name, what)) for name in names} for what in TASKS}


def stored(system: str) -> Shares:
    """The shares as measured on recordings when "cpc" or "wav2vec2" was trained."""
    found = json.loads(TABLE.read_text(encoding="utf-8"))[system]
    return {what: {name: Share(*row) for name, row in found[what].items()} for what in TASKS}


def store(system: str, found: Shares) -> None:
    """Write the shares of a system, and keep those of the others."""
    kept = json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.is_file() else {}
    kept[system] = {"command": f"python -m training {system}"} | found
    TABLE.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def beside(name: str, rows: Rows, baselines: Sequence[str]) -> list[Figure]:
    """The probes on what `rows(name, task)` are of, beside the baselines, task by task."""
    return [
        Figure.of(
            f"{name}, linear probe for {said}",
            "frames right",
            rows(name, what),
            baseline,
            rows(baseline, what),
            task(what).corpus,
            share,
            better="higher",
        )
        for what, said in TASKS.items()
        for baseline in baselines
    ]
