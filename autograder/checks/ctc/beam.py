"""Prefix beam search with a language model."""

from __future__ import annotations

import numpy as np

from autograder.checks.ctc.inputs import ASKED, READY_MADE, log_outputs, outputs
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Limits, Mistake
from autograder.exercise.draw import changed, with_nan
from autograder.reference import ctc

FUSION, NARROW = "fusion", "narrow"


def _bigrams(rng, K):
    return np.log(rng.dirichlet(np.full(K, 0.7), K) + 0.01)


def _disputed(rng, width):
    """Frames and a strong model that disagree, so that it matters when the model is asked."""
    while True:
        log_y, bigrams = log_outputs(rng, 7, 4), _bigrams(rng, 4)
        found = ctc.prefix_beam_search(log_y, bigrams, width, 1.5, 0.5)[1]
        if not np.isclose(found, _asked_at_the_end(log_y, bigrams, width, 1.5, 0.5)[1]):
            return log_y, bigrams, width, 1.5, 0.5


def _beam_cases(rng):
    log_y, bigrams = log_outputs(rng, 5, 3), _bigrams(rng, 3)
    flat = np.zeros((3, 3))
    doubt = np.log([[0.55, 0.45], [0.6, 0.4], [0.55, 0.45]]) + rng.uniform(-0.1, 0.1, (3, 2))
    lasts = np.log(rng.dirichlet([2, *rng.permutation([2, 40])], 4) + 0.01)
    forbids = np.array(_bigrams(rng, 4))
    forbids[[1, 2, 3], [1, 2, 3]] = -np.inf
    return [
        Case((lasts, flat, 200, 0.0, 1.0), "a class that lasts, and a bonus of 1"),
        Case((log_y, flat, 200, 0.0), "all prefixes kept, and no language model"),
        Case((doubt, np.zeros((2, 2)), 10, 0.0), "three frames, in each of which blank is best"),
        Case((np.log(outputs(rng, 4, 4) ** 2), np.zeros((4, 4)), 400, 0.0, 1.0), "a bonus of 1"),
        Case((log_outputs(rng, 5, 3), bigrams, 200), "all kept, and a language model", FUSION),
        Case((log_outputs(rng, 4, 4), forbids, 400, 0.7, 2.0), "a model that forbids", FUSION),
        Case(_disputed(rng, 1), "a beam of one", NARROW),
        Case(_disputed(rng, 3), "a beam of three", NARROW),
    ]


def _asked_at_the_end(log_y, log_bigram, width, weight=1.0, bonus=0.0):
    """The beam is chosen without the model; it only ranks what is left."""
    return _search(log_y, log_bigram, width, weight, bonus, pruning=0.0)


def _search(log_y, log_bigram, width, weight=1.0, bonus=0.0, pruning=1.0):
    """Probabilities instead of logarithms, and one dictionary entry for each kind of ending."""
    K = log_y.shape[1]
    model = np.exp(weight * log_bigram) if weight else np.ones((K, K))
    beam = {(): [1.0, 0.0, 1.0]}
    for y in np.exp(log_y):
        grown = {}
        for prefix, (blank, other, text) in beam.items():
            last = prefix[-1] if prefix else 0
            here = grown.setdefault(prefix, [0.0, 0.0, text])
            here[0] += (blank + other) * y[0]
            here[1] += other * y[last]
            for k in range(1, K):
                said = text * model[last, k]
                there = grown.setdefault((*prefix, k), [0.0, 0.0, said])
                there[1] += (blank if k == last else blank + other) * y[k]

        def score(prefix, grown=grown):
            blank, other, text = grown[prefix]
            return (
                (blank + other) * (text if pruning else 1) * np.exp(pruning * bonus * len(prefix))
            )

        ranked = sorted(grown, key=score, reverse=True)
        beam = {prefix: grown[prefix] for prefix in ranked[:width] if score(prefix) > 0}
    totals = {
        prefix: (b + o) * text * np.exp(bonus * len(prefix)) * model[prefix[-1] if prefix else 0, 0]
        for prefix, (b, o, text) in beam.items()
    }
    best = max(totals, key=totals.get)
    return np.array(best, dtype=int), np.log(totals[best])


BEAM = Exercise(
    function=ctc.prefix_beam_search,
    read="From posteriors to text",
    cases=_beam_cases,
    refuses={
        "NaN among the outputs": {"log_y": with_nan},
        "a model that lets no text begin": {"log_bigram": changed(0, -np.inf), "weight": 1.0},
    },
    criteria=(
        Criterion("the best label when all are kept", 3),
        Criterion("with a language model", 2, FUSION),
        Criterion("with a narrow beam", 2, NARROW),
    ),
    mistakes=(
        """
        blank if prefix and k == prefix[-1] else both => both
            A class behind itself, with no blank between, does not prolong the label: it only lasts.
        other + row[prefix[-1]] if prefix else never => never
            A class that lasts for several frames gets lost: the prefix stays as it is, and its
            paths go on with the same class.
        beam[prefix] = both + row[0], => beam[prefix] = blank + row[0],
            A blank may follow a class as well as another blank.
        high + math.log1p(math.exp(low - high)) => high
            You keep the best path of each prefix; the probabilities of all its paths are added up.
        bigram[j][k] for => bigram[k][j] for
            The bigram table is read the wrong way round: its row is the class before.
        by_text((0, *prefix, *end)) => by_text((0, *prefix))
            The probability that the text ends where it ends is missing.
        by_text((0, *prefix, *end)) => by_text((*prefix, *end))
            The probability that the text begins with its first class is missing.
        weight * said if weight > 0 else 0.0 => said if weight > 0 else 0.0
            The weight of the language model is not used.
        + bonus * len(prefix) =>
            The bonus for each class of the label is missing.
        """,
        Mistake(
            _asked_at_the_end,
            says="The language model and the bonus come in only at the end; they have a say in "
            "which prefixes are kept.",
        ),
    ),
    alternatives=(Alternative(_search, why="probabilities instead of logarithms, an array"),),
    forbidden=READY_MADE,
    because=ASKED,
    limits=Limits(seconds=10.0),
)
