"""How much of its codebooks wav2vec 2.0 uses, how often it finds the frame behind a mask, probes.

All beside the same net trained without the diversity loss. `training()` is the history of both, and
`stored_probes()` is what probes found, as stored when `python -m training wav2vec2` was run.

Shapes: `T` frames of 20 ms, `G` = 2 books of `V` = 32 codewords, `R` test sounds.
"""

from __future__ import annotations

import json
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray
from scipy.signal import resample_poly
from scipy.special import entr
from sklearn.metrics import adjusted_mutual_info_score

from speechlab.corpora.cache import DATA
from speechlab.figures import Figure, probing
from speechlab.systems import wav2vec2
from speechlab.systems._shared.bands import RATE, WINDOW
from speechlab.systems.resynthesis import f0

TABLE = DATA / "wav2vec2_training.json"
SPAN = 5  # frames of 20 ms hidden in a row, and as many heard before the next are hidden
DISTRACTORS = 40
CHANCE = 1 / (1 + DISTRACTORS)

Array = NDArray[np.floating]


# --- the books ----------------------------------------------------------------------------


@lru_cache
def _counts(which: str, corpus: str) -> Array:
    net = wav2vec2.net(which)
    rows = []
    for samples in probing.task("sounds").test:
        codes = net.codes(samples, RATE)
        rows.append([np.bincount(c, minlength=wav2vec2.WORDS) for c in codes.T])
    return np.array(rows, dtype=float)


def counts(which: str = "trained") -> Array:
    """How often each codeword is chosen in each test sound; (R, 2, V).

    `which` is "trained", "undiverse" or "random".
    """
    return _counts(which, probing.task("sounds").corpus)


def usage(which: str = "trained") -> Array:
    """The share of frames that choose each codeword, over all test sounds; (2, V)."""
    total = counts(which).sum(axis=0)
    return total / total.sum(axis=1, keepdims=True)


def perplexities(chosen: ArrayLike | None = None) -> Array:
    """The number of codewords in use, exp of the entropy, of each book; (2,).

    `chosen` (2, V) says how often each codeword was chosen; by default by the trained net in all
    test sounds.
    """
    total = np.asarray(usage() if chosen is None else chosen, dtype=float)
    return np.exp(entr(total / total.sum(axis=1, keepdims=True)).sum(axis=1))


def perplexity_of(rows: Array) -> float:
    """The number of codewords in use, averaged over the books, from counts (R, 2, V)."""
    return float(perplexities(rows.sum(axis=0)).mean())


def training() -> dict[str, Array]:
    """Of "trained" and "undiverse", epoch by epoch: perplexity of each book, share right; (E, 3).

    The share is of hidden frames that the net told from 40 others of the same crop.
    """
    found = json.loads(TABLE.read_text(encoding="utf-8"))["epochs"]
    return {name: np.array(rows) for name, rows in found.items()}


def store(histories: dict[str, list[list[float]]]) -> None:
    """Write the histories of both nets."""
    rows = {name: [[round(x, 4) for x in row] for row in own] for name, own in histories.items()}
    table = {"command": "python -m training wav2vec2", "epochs": rows}
    TABLE.write_text(json.dumps(table) + "\n", encoding="utf-8")


def explained(codes: NDArray[np.int_], values: Array) -> float:
    """The share of the variance of values that goes when each code's mean is known."""
    groups = [values[codes == code] for code in np.unique(codes)]
    return 1 - sum(np.sum((own - own.mean()) ** 2) for own in groups) / (len(values) * values.var())


@lru_cache
def _follows(which: str, corpus: str) -> dict[str, float]:
    net, rows = wav2vec2.net(which), []
    task = probing.task("sounds")
    for samples, classes in zip(task.test[::2], task.test_classes[::2]):
        codes = net.codes(samples, RATE)
        windows = sliding_window_view(samples, WINDOW)[:: wav2vec2.FRAME][: len(codes)]
        level = 10 * np.log10(np.mean(windows**2, axis=1) / np.mean(samples**2) + 1e-6)
        hertz = f0(resample_poly(samples[WINDOW // 2 :], 1, 2), RATE // 2)[: len(codes)]
        hertz = np.pad(hertz, (0, len(codes) - len(hertz)))
        rows.append(np.column_stack([codes, level, hertz, classes[:: wav2vec2.STRIDE]]))
    *books, level, hertz, classes = np.concatenate(rows).T
    voiced, asked = hertz > 0, classes >= 0
    found = [
        {
            "level": explained(book, level),
            "pitch": explained(book[voiced], np.log(hertz[voiced])),
            "half-words": adjusted_mutual_info_score(classes[asked], book[asked]),
        }
        for book in books
    ]
    return {name: float(np.mean([one[name] for one in found])) for name in found[0]}


def follows(which: str = "trained") -> dict[str, float]:
    """What a codeword tells of its frame, 0 (nothing) to 1 (all), averaged over the two books.

    Of "level" (dB) and "pitch" (logarithm of F0, where there is one) the share of the variance, of
    "half-words" (see `probing`) the mutual information, adjusted for chance. Every second test
    sound is heard. `which` is "trained", "undiverse" or "random".
    """
    return _follows(which, probing.task("sounds").corpus)


# --- behind the mask ----------------------------------------------------------------------


@lru_cache
def _found(which: str, corpus: str) -> Array:
    net, rng, rows = wav2vec2.net(which), np.random.default_rng(0), []
    for samples in probing.task("sounds").test:
        frames = len(net.encode(samples, RATE))
        hidden = np.arange(frames) // SPAN % 2 == 1
        cosines = net.predict(samples, RATE, hidden)
        places, right = np.flatnonzero(hidden), 0
        for t in places:
            others = places[places != t]
            others = rng.choice(others, min(DISTRACTORS, len(others)), replace=False)
            right += cosines[t, t] > cosines[t, others].max(initial=-1)
        rows.append([right, len(places)])
    return np.array(rows, dtype=float)


def found(which: str = "trained") -> Array:
    """How many hidden frames score higher than 40 others of the test sound, and of how many.

    Shape (R, 2). Every second stretch of 5 frames is hidden. Equal scores, as of equal codes, are
    no success.
    """
    return _found(which, probing.task("sounds").corpus)


# --- probes -------------------------------------------------------------------------------


def in_steps_of_10_ms(frames: Array, count: int) -> Array:
    """Each frame of 20 ms twice, `count` in all."""
    return np.repeat(frames, wav2vec2.STRIDE, axis=0)[:count]


def view(which: str, layer: int) -> probing.View:
    """The features of a layer (0 to 2) as the probes want them."""

    def frames(sounds: probing.Sounds, rate: int) -> list[Array]:
        net = wav2vec2.net(which)
        return [in_steps_of_10_ms(net.layers(x, rate)[layer], probing.frames_in(x)) for x in sounds]

    return frames


VIEWS: dict[str, tuple[str, int]] = {  # a net, and how many layers of its Transformer
    "encoder, random start": ("random", 0),
    "encoder": ("trained", 0),
    "random start": ("random", 1),
    "wav2vec 2.0": ("trained", 1),
    "without diversity": ("undiverse", 1),
}


@lru_cache
def _rows(name: str, what: str, corpus: str) -> Array:
    return probing.probe(probing.mfcc if name == "MFCC" else view(*VIEWS[name]), what)


def rows(name: str, what: str) -> Array:
    """Right frames and frames asked of each test sound, (R, 2).

    `name` is "MFCC" or one of `VIEWS`, `what` is "sounds" or "voices" (see `probing`).
    """
    return _rows(name, what, probing.task(what).corpus)


def probes() -> probing.Shares:
    """The share of frames that a probe gets right, by task and by what it was given."""
    return probing.shares(("MFCC", *VIEWS), rows)


def stored_probes() -> probing.Shares:
    """The same as measured on recordings when the shipped weights were trained."""
    return probing.stored("wav2vec2")


def store_probes() -> None:
    """Measure the probes now and write them."""
    probing.store("wav2vec2", probes())


def figures() -> list[Figure]:
    """The net beside itself without the diversity loss, chance, MFCC and its random start."""
    corpus = probing.task("sounds").corpus
    kept = [
        Figure.of(
            "wav2vec 2.0, hidden frames",
            f"found among {1 + DISTRACTORS}",
            found(),
            "without diversity loss",
            found("undiverse"),
            corpus,
            probing.share,
            better="higher",
        ),
        Figure.of(
            "wav2vec 2.0, codewords",
            f"in use of {wav2vec2.WORDS}, mean of two books",
            counts(),
            "without diversity loss",
            counts("undiverse"),
            corpus,
            perplexity_of,
            unit="codewords",
            better="higher",
        ),
    ]
    return kept + probing.beside("wav2vec 2.0", rows, ("MFCC", "random start"))
