"""A waveform has a probability: what it costs in bits, and how a sample is drawn."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, changed, with_nan
from autograder.reference import wavenet


def _scored(rng, T, Q, scale=2.0):
    return scale * rng.normal(size=(T, Q)), rng.integers(Q, size=T)


def _bits_cases(rng):
    return [
        Case(_scored(rng, 40, 16), "40 samples of 16 classes"),
        Case(_scored(rng, 25, 256), "25 samples of 256 classes"),
        Case(_scored(rng, 60, 5), "60 samples of 5 classes"),
        Case(_scored(rng, 1, 8), "a single sample", EDGE),
        *(Case(_scored(rng, T, 8, 3000.0), "scores in the thousands", EDGE) for T in (5, 9, 14)),
    ]


def _bits_by_loop(scores, classes):
    bits = 0.0
    for row, c in zip(scores, classes):
        away = [float(value - max(row)) for value in row]
        bits += float(np.log2(sum(np.exp(away)))) - away[c] / float(np.log(2))
    return bits / len(classes)


def _bits_by_differences(scores, classes):
    own = np.take_along_axis(scores, classes[:, None], axis=1)
    return np.mean(np.logaddexp2.reduce((scores - own) / np.log(2), axis=1))


BITS_PER_SAMPLE = Exercise(
    function=wavenet.bits_per_sample,
    read="A waveform has a probability",
    cases=_bits_cases,
    refuses={
        "a class that no score is for": {"classes": changed(3, 16)},
        "a negative class": {"classes": changed(5, -1)},
        "fewer classes than rows of scores": {"classes": lambda c: c[:-1]},
        "NaN among the scores": {"scores": with_nan},
    },
    criteria=(
        Criterion("bits a sample", 2),
        Criterion("a single sample, large scores", 1, EDGE),
    ),
    mistakes="""
        nats / np.log(2) => nats
            Your logarithm is the natural one, which counts in nats; a bit is a factor of two.
        -np.mean => -np.sum
            You add up the bits of the whole signal; asked for are those of one sample, on average.
        -np.mean => np.mean
            Your answer is negative. The logarithm of a probability is not positive, and its
            negative is what has to be written down.
        -np.mean(log_p[np.arange(len(classes)), classes])
        => -np.log(np.mean(np.exp(log_p[np.arange(len(classes)), classes])))
            You average the probabilities and then take the logarithm; take the logarithm of each
            sample's probability and average those.
        -np.mean(log_p[np.arange(len(classes)), classes])
        => -np.mean(np.sum(np.exp(log_p) * log_p, axis=1))
            This is the entropy, what the net expects to pay; asked for is what it pays for the
            samples that really came.
        -np.mean(log_p[np.arange(len(classes)), classes]) => -np.mean(np.max(log_p, axis=1))
            You look at the most probable class; the sample need not have been that one.
        axis=1 => axis=0
            Your softmax runs over the times; at each time the probabilities of all classes add up
            to one.
        special.log_softmax(scores, axis=1) => scores
            You take the scores for logarithms of probabilities; they have to go through a softmax.
        special.log_softmax(scores, axis=1)
        => np.log(np.exp(scores) / np.sum(np.exp(scores), axis=1, keepdims=True))
            The exponential of your scores is infinite where they are large, or their probability
            zero; work with logarithms from the start.
        special.log_softmax(scores, axis=1)
        => np.log(special.softmax(scores, axis=1))
            Your softmax gives zero where a class is far behind, and the logarithm of zero is
            infinite; take the logarithm of the softmax in one piece.
    """,
    alternatives=(
        Alternative(_bits_by_loop, why="a loop, the largest score taken off"),
        Alternative(_bits_by_differences, why="differences to the own score, in powers of two"),
    ),
)


def _in_eighths(rng, Q):
    """Probabilities that are whole eighths, and a u just where a class ends."""
    ends = np.sort(rng.choice(np.arange(1, 8), Q - 1, replace=False)) / 8
    return np.diff(np.concatenate([[0], ends, [1]])), float(rng.choice(ends))


def _rounded(rng, Q, unused):
    """Probabilities that add up to a little less than 1, and a u beyond them."""
    while True:
        p = rng.dirichlet(np.full(Q, 5.0))
        if np.cumsum(p)[-1] < 1:
            return np.append(p, np.zeros(unused)), float(np.nextafter(1, 0))


def _draw_cases(rng):
    def usual(Q):
        return rng.dirichlet(np.ones(Q)), float(rng.random())

    gap = rng.dirichlet(np.ones(6))
    gap[0], gap[1] = 0.0, gap[0] + gap[1]
    ends = [_in_eighths(rng, Q) for Q in (3, 4, 5, 6)]
    return [
        *(Case(usual(Q), f"{Q} classes") for Q in (12, 25, 50, 256, 100, 40)),
        Case((gap, 0.0), "u of 0, and a class 0 of no probability", EDGE),
        *(Case(end, "u where one class ends and another begins", EDGE) for end in ends),
        *(Case(_rounded(rng, Q, 0), "u above the sum of the rounded parts", EDGE) for Q in (7, 9)),
        *(
            Case(_rounded(rng, Q, 3), "the same, with classes of no probability behind", EDGE)
            for Q in (6, 8, 10)
        ),
    ]


def _draw_by_walking(p, u):
    end = 0.0
    for c, part in enumerate(p):
        end += part
        if u < end:
            return c
    return max(c for c, part in enumerate(p) if part > 0)


def _draw_by_counting(p, u):
    ends = np.cumsum(p)
    return np.sum(ends[:-1] <= min(u, np.nextafter(ends[-1], 0)))


DRAW = Exercise(
    function=wavenet.draw,
    read="Drawing a sample",
    cases=_draw_cases,
    refuses={
        "u of 1": {"u": 1.0},
        "a negative u": {"u": -0.1},
        "u not a number": {"u": np.nan},
        "probabilities with sum 2": {"p": lambda p: 2 * p},
        "probabilities with sum 1/2": {"p": lambda p: p / 2},
        "a negative probability": {"p": [0.7, -0.2, 0.5]},
    },
    criteria=(
        Criterion("the class", 3),
        Criterion("u on a boundary, classes of no probability, rounding", 1, EDGE),
    ),
    mistakes="""
        ends = np.cumsum(p) => return int(np.argmax(p))
            You take the most probable class whatever u is: such a net says the same thing each
            time, and soon falls silent.
        ends = np.cumsum(p) => return int(u * len(p))
            All classes have parts of the same length; the length of a part is the probability.
        ends = np.cumsum(p) => ends = np.cumsum(np.sort(p)[::-1])
            You sorted the probabilities, so that the parts belong to other classes: keep them in
            the order of the classes.
        side="right" => side="left"
            Where u is just where a class ends, you give that class; the number belongs to the
            class after it.
        last)) => last) + 1)
            Your classes count from 1; the first one is class 0.
        int(min(np.searchsorted(ends, u, side="right"), last))
        => int(np.searchsorted(ends, u, side="right"))
            Rounding may leave the parts a little short of 1, and a u above their end then finds a
            class that has no part.
        np.flatnonzero(p)[-1] => len(p) - 1
            Where rounding leaves u above the end of all parts you give the last class of all, even
            where its probability is zero.
    """,
    alternatives=(
        Alternative(_draw_by_walking, why="a loop along the parts"),
        Alternative(_draw_by_counting, why="how many parts end before u"),
    ),
)
