"""When is each word of a known text said? Letters as hidden Markov models, learned from the voice.

Nobody says where a letter is heard: at first each sentence is cut evenly among its letters; then
spectra of the letters and the cuts make each other better, round after round. Some pairs of letters
are one unit, and between words there may be a pause.

Shapes: `T` frames every 10 ms, `D` = 26 features, `S` states of a text, `U` kinds of states.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.mixture import GaussianMixture

from speechlab.speech.cepstra import HOP, features

PAIRS = "th|sh|ch|ck|wh|ph|qu|ng|ee|ea|oo|ou|ow|ai|ay|oa|igh|er|ar|or|ll|ss|tt"
UNITS = re.compile(f"{PAIRS}|[a-z]")
PAUSE = "-"
STATES = 2  # a unit: how it begins and how it ends
ROUNDS, MIXTURES = 8, (1, 1, 1, 2, 2, 4, 4, 4)  # components of a state, round by round
FEW = 12  # frames of a state below which it shares the spectrum of all speech
DYNAMIC = 20.0  # dB of MFCC number 0: frames this far below the loudest begin as pauses

Array = NDArray[np.floating]


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, without marks."""
    return re.findall(r"[a-z]+", text.lower().replace("'", ""))


@dataclass(frozen=True)
class Script:
    """A text as a row of states: which kind each is, which are pauses, where each word is."""

    kinds: list[str]
    word: NDArray[np.int_]  # (S,) the word's number, -1 in a pause

    @classmethod
    def of(cls, text: str) -> Script:
        """The states of a text; raises `ValueError` if it has no word."""
        words = words_of(text)
        if not words:
            raise ValueError("A text to align needs a word.")
        kinds, places = [PAUSE], [-1]
        for number, word in enumerate(words):
            states = [f"{unit}{n}" for unit in UNITS.findall(word) for n in range(STATES)]
            kinds += [*states, PAUSE]
            places += [number] * len(states) + [-1]
        return cls(kinds, np.array(places))

    @property
    def pauses(self) -> NDArray[np.bool_]:
        return self.word < 0


def even(script: Script, x: Array) -> NDArray[np.int_]:
    """A state for each frame (T,): the loud part cut evenly, with pauses at its ends."""
    loud = np.flatnonzero(x[:, 0] > -DYNAMIC * np.sqrt(26))
    first, last = (loud[0], loud[-1] + 1) if len(loud) else (0, len(x))
    inside = np.flatnonzero(~script.pauses)
    path = np.full(len(x), len(script.kinds) - 1)
    path[:first] = 0
    path[first:last] = inside[np.arange(last - first) * len(inside) // (last - first)]
    return path


def best_path(scores: Array, pauses: NDArray[np.bool_]) -> NDArray[np.int_]:
    """The best way through the states, where pauses may be left out: a state a frame, (T,).

    `scores`, shape (T, S), are logarithms of how well each state fits each frame. Raises
    `ValueError` for fewer frames than states that must be.
    """
    frames, count = scores.shape
    if frames < np.sum(~pauses):
        raise ValueError("The sound is too short for the text.")
    back = np.zeros((frames, count), dtype=np.int8)
    total = np.full(count, -np.inf)
    total[:2] = scores[0, :2]
    over = np.r_[False, False, pauses[1:-1]]  # those that may be reached over a pause
    for t in range(1, frames):
        next_to = np.r_[-np.inf, total[:-1]]
        beyond = np.where(over, np.r_[-np.inf, -np.inf, total[:-2]], -np.inf)
        ways = np.stack([total, next_to, beyond])
        back[t] = ways.argmax(axis=0)
        total = ways.max(axis=0) + scores[t]
    path = np.empty(frames, dtype=int)
    path[-1] = count - 1 if total[-1] > total[-2] else count - 2
    for t in range(frames - 1, 0, -1):
        path[t - 1] = path[t] - back[t, path[t]]
    return path


@dataclass(frozen=True)
class Aligner:
    """A mixture of Gaussians for each kind of state; `learn` makes one."""

    kinds: dict[str, GaussianMixture]
    other: GaussianMixture  # of all speech, for what was not heard

    def path(self, x: Array, script: Script) -> NDArray[np.int_]:
        """The state of each frame of features (T, D), shape (T,)."""
        fit = {k: self.kinds.get(k, self.other).score_samples(x) for k in set(script.kinds)}
        return best_path(np.transpose([fit[kind] for kind in script.kinds]), script.pauses)

    def align(self, samples: ArrayLike, rate: int, text: str) -> list[tuple[str, float, float]]:
        """Each word of the text with the seconds at which it begins and ends.

        Raises `ValueError` for a text without words, or a sound too short for it.
        """
        script = Script.of(text)
        return spans(self.path(features(np.asarray(samples), rate), script), script, text)


def spans(path: NDArray, script: Script, text: str) -> list[tuple[str, float, float]]:
    """The words with their beginnings and ends in seconds, from a state for each frame."""
    said, found = script.word[path], []
    for number, word in enumerate(words_of(text)):
        inside = np.flatnonzero(said == number)
        found.append((word, float(inside[0] * HOP), float((inside[-1] + 1) * HOP)))
    return found


def _fitted(frames: Array, components: int) -> GaussianMixture:
    components = max(1, min(components, len(frames) // 30))
    kind = {"covariance_type": "diag", "reg_covar": 1.0, "random_state": 0, "max_iter": 15}
    return GaussianMixture(components, tol=0.1, **kind).fit(frames)


def learn(sentences: Sequence[tuple[ArrayLike, int, str]], rounds: int = ROUNDS) -> Aligner:
    """An aligner from sentences: samples (N,), rate and text of each, without any times."""
    heard = [(features(np.asarray(x), rate), Script.of(text)) for x, rate, text in sentences]
    paths = [even(script, x) for x, script in heard]
    every = np.vstack([x for x, _ in heard])
    for components in MIXTURES[:rounds]:
        frames: dict[str, list] = {}
        for (x, script), path in zip(heard, paths):
            for state in np.unique(path):
                frames.setdefault(script.kinds[state], []).append(x[path == state])
        kept = {kind: np.vstack(own) for kind, own in frames.items()}
        kinds = {k: _fitted(own, components) for k, own in kept.items() if len(own) >= FEW}
        aligner = Aligner(kinds, _fitted(every, 1))
        paths = [aligner.path(x, script) for x, script in heard]
    return aligner
