"""How often the recognisers of connected digits are wrong, and what a language model changes.

The baseline are templates matched to loud stretches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from speechlab import corpora
from speechlab.figures import Figure, bootstrap
from speechlab.figures.error_rate import edit_distance, error_rate
from speechlab.speech.cepstra import features
from speechlab.speech.connected_digits import (
    RATE,
    SNR,
    Digits,
    Language,
    Utterance,
    learned,
    sentences,
    utterances,
    voices_of,
)
from speechlab.speech.utterances import in_noise, stretches
from speechlab.systems.connected_digits import (
    Recogniser,
    beam_search,
    checked,
    greedy,
    recogniser,
)
from speechlab.systems.digit_dtw import Templates, nearest

COUNT, SEED = 120, 1  # utterances of the test half that `figures` measures
READ = 1000  # sentences from which its language model learns
Decoder = Callable[[NDArray], Digits]
NAMES = {"rnn_ctc": "RNN-CTC", "jasper": "Jasper in small"}


# --- measuring ----------------------------------------------------------------------------


def error_rows(given: Sequence[Utterance], heard: Sequence[Digits]) -> NDArray[np.int_]:
    """For each utterance how many errors there are in what was heard, and its digits: (R, 2)."""
    return np.array([(edit_distance(u.digits, h), len(u.digits)) for u, h in zip(given, heard)])


def error_table(
    system: Recogniser, given: Sequence[Utterance], decode: Decoder = greedy
) -> NDArray[np.int_]:
    """(errors, digits said) of a recogniser on each utterance, shape (R, 2)."""
    return error_rows(given, [decode(system.posteriors(u.samples, u.rate)) for u in given])


def language_model(read: int = READ) -> Language:
    """A bigram model that has read so many sentences of the grammar, none of the measured ones."""
    return learned(sentences(read, seed=100))


def error_against_perplexity(
    name: str = "rnn_ctc",
    read: Sequence[int] = (0, 3, 10, 30, 100, 1000),
    count: int = 60,
    snr: float = 0.0,
    weight: float = 1.0,
) -> list[dict[str, float]]:
    """The digit error rate with language models that have read more and more.

    As with snapshots taken in the course of training, only the language model changes; the sound
    was heard once. Rows of `read` (sentences), `perplexity` (on the sentences that were said),
    `error`, `low`, `high` (its 95 % interval).
    """
    given = utterances("test", count, seed=SEED, snr=snr)
    system = recogniser(name)
    heard = [system.posteriors(u.samples, u.rate) for u in given]
    rows = []
    for many in read:
        language = language_model(many)
        errors = error_rows(given, [beam_search(y, language, weight) for y in heard])
        low, high = bootstrap(errors, error_rate)
        perplexity = language.perplexity([u.digits for u in given])
        row = {"read": many, "perplexity": perplexity, "error": error_rate(errors)}
        rows.append({**row, "low": low, "high": high})
    return rows


# --- the baseline -------------------------------------------------------------------------


def loud_stretches(samples: NDArray, rate: int) -> list[NDArray]:
    """Where the smoothed power stays above a level between noise and speech, cut out.

    Stretches of less than 0.1 s are left out, and gaps of less than 0.04 s closed.
    """
    power = np.log(uniform_filter1d(np.asarray(samples, dtype=float) ** 2, rate // 40) + 1e-12)
    quiet, loud = np.quantile(power, [0.05, 0.95])
    starts, ends = stretches(power > 0.6 * quiet + 0.4 * loud).T
    apart = starts[1:] - ends[:-1] > 0.04 * rate
    starts, ends = starts[np.append(True, apart)], ends[np.append(apart, True)]
    return [samples[a:b] for a, b in zip(starts, ends) if b - a > 0.1 * rate]


@cache
def _templates(corpus: str, each: int = 3) -> Templates:
    """Recordings of the training half, `each` of every digit and speaker, in the usual noise."""
    rng = np.random.default_rng(SEED)
    chosen = [
        (in_noise(part, SNR, rng), digit)
        for own in voices_of(corpus, "train").values()
        for digit, parts in sorted(own.items())
        for part in parts[:each]
    ]
    return Templates([features(part, RATE) for part, _ in chosen], [d for _, d in chosen])


def template_digits(samples: NDArray, rate: int) -> Digits:
    """What the nearest template says of each loud stretch."""
    templates = _templates(corpora.name())
    parts = loud_stretches(checked(samples, rate), rate)
    return tuple(int(nearest(templates, templates.scores(features(p, rate)))) for p in parts)


def template_table(given: Sequence[Utterance]) -> NDArray[np.int_]:
    """(errors, digits said) of the templates on each utterance, shape (R, 2)."""
    return error_rows(given, [template_digits(u.samples, u.rate) for u in given])


def figures(count: int = COUNT) -> list[Figure]:
    """Digit error rates on held-out speech: two networks, three ways to decode each.

    The speakers are those of the training, the recordings are not. Intervals are over utterances,
    which share recordings: there are five of each digit and speaker (two in the embedded corpus).
    The baseline is told less: where digits touch or overlap, it has one stretch for two.
    """
    given = utterances("test", count, seed=SEED)
    baseline = template_table(given)
    language = language_model()
    perplexity = language.perplexity([u.digits for u in given])
    ways: dict[str, Decoder] = {
        "greedy": greedy,
        "beam": beam_search,
        f"beam, bigrams of perplexity {perplexity:.1f}": lambda y: beam_search(y, language),
    }
    found = []
    for name, shown in NAMES.items():
        system = recogniser(name)
        heard = [system.posteriors(u.samples, u.rate) for u in given]
        for way, decode in ways.items():
            figure = Figure.of(
                f"{shown}, {way}",
                "digit error rate",
                error_rows(given, [decode(y) for y in heard]),
                "templates on loud stretches",
                baseline,
                corpora.name(),
                error_rate,
            )
            found.append(figure)
    return found
