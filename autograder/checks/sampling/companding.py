"""Steps that grow with the signal: the mu-law, to classes and back."""

from __future__ import annotations

import math

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, spoilt
from autograder.reference import sampling


def _in_classes(rng, classes, count):
    """Samples close to a border of two classes, none of them on it."""
    mu = classes - 1
    away = rng.choice([-1, 1], count) * rng.uniform(0.4, 0.49, count)
    c = rng.integers(0, classes, count) + away
    compressed = np.clip(2 * c / mu - 1, -1, 1)
    return np.sign(compressed) * ((1 + mu) ** np.abs(compressed) - 1) / mu


def _mu_law_cases(rng):
    def loud(classes):
        sign = rng.permutation([1, -1, 1, -1])
        return np.append(_in_classes(rng, classes, 6), sign * rng.uniform(1.1, 4, 4)), classes

    return [
        Case((_in_classes(rng, 256, 60),), "60 samples"),
        Case((_in_classes(rng, 256, 12),), "12 samples"),
        Case((_in_classes(rng, 64, 40), 64), "64 classes"),
        Case((_in_classes(rng, 16, 30), 16), "16 classes"),
        Case((_in_classes(rng, 255, 40), 255), "an odd number of classes"),
        *(Case(loud(n), "samples beyond full scale", EDGE) for n in (256, 256, 32)),
        Case((np.array([0.0, 1.0, -1.0]),), "silence and full scale", EDGE),
        Case((_in_classes(rng, 2, 12), 2), "two classes", EDGE),
        Case((np.array([0.0, 0.3, -0.3]), 2), "silence in two classes", EDGE),
    ]


def _nearest_class(x, classes=256):
    mu = classes - 1
    values = 2 * np.arange(classes) / mu - 1
    compressed = np.copysign(np.log2(1 + mu * np.minimum(np.abs(x), 1)) / np.log2(classes), x)
    distance = np.abs(compressed[:, None] - values[::-1])  # of two equally near, the upper one
    return mu - np.argmin(distance, axis=1)


def _class_by_borders(x, classes=256):
    mu = classes - 1
    between = 2 * (np.arange(mu) + 0.5) / mu - 1
    borders = np.sign(between) * ((1 + mu) ** np.abs(between) - 1) / mu
    return [int(sum(value >= border for border in borders)) for value in x]


MU_LAW = Exercise(
    function=sampling.mu_law,
    read="Small steps for small numbers",
    cases=_mu_law_cases,
    refuses={"a single class": {"classes": 1}, "2.5 classes": {"classes": 2.5}, **spoilt("x")},
    criteria=(
        Criterion("the classes", 3),
        Criterion("silence, full scale and beyond", 1, EDGE),
    ),
    mistakes="""
        mu + 0.5) => mu)
            You cut off to the class below; the nearest one is asked for.
        np.floor((compressed + 1) / 2 * mu + 0.5) => np.round((compressed + 1) / 2 * mu)
            `np.round` takes a half to the even number; half-way between two classes the upper one
            is asked for.
        mu = classes - 1 => mu = classes
            Your mu is the number of classes; it should be one less.
        (compressed + 1) / 2 * mu + 0.5 => np.minimum((compressed + 1) / 2 * classes, mu)
            You divide the compressed scale into as many intervals as classes; the first and the
            last class lie on its ends, so that there is one interval less between them.
        np.sign(x) * np.log1p => np.log1p
            The sign is lost: a sample below zero gets the class of one above.
        compressed = np.sign(x) * np.log1p(mu * np.abs(x)) / np.log1p(mu) => compressed = x
            Nothing is compressed: these are the classes of a uniform quantiser.
        (compressed + 1) / 2 * mu => compressed * mu / 2
            Your classes run from below zero; the first one is number 0.
        np.clip(finite_array(x, "x"), -1, 1) => finite_array(x, "x")
            A sample beyond full scale gets a class that does not exist.
    """,
    alternatives=(
        Alternative(_nearest_class, why="the nearest of all classes, with another logarithm"),
        Alternative(_class_by_borders, why="borders of the classes, counted one by one"),
    ),
    forbidden="librosa.mu_compress torchaudio.functional.mu_law_encoding",
    because="it is the curve that you are asked to write",
)


def _inverse_cases(rng):
    def some(classes, count):
        return rng.integers(0, classes, count)

    return [
        Case((some(256, 40),), "40 classes of 256"),
        Case((some(64, 20), 64), "64 classes"),
        Case((some(17, 20), 17), "an odd number of classes"),
        Case((np.arange(2), 2), "the two classes of 2", EDGE),
        *(Case((some(256, n).astype(np.uint8),), "8-bit integers", EDGE) for n in (20, 30, 40)),
    ]


def _inverse_by_table(c, classes=256):
    mu = classes - 1
    growth = math.exp(2 * math.log(classes) / mu)
    values = []
    for number in c:
        away = abs(2 * int(number) - mu)
        value = (growth ** (away / 2) - 1) / mu
        values.append(value if 2 * int(number) > mu else -value)
    return values


MU_LAW_INVERSE = Exercise(
    function=sampling.mu_law_inverse,
    read="Small steps for small numbers",
    cases=_inverse_cases,
    refuses={
        "a class that is one too high": {"c": np.array([3, 256])},
        "a negative class": {"c": np.array([3, -1])},
        "half a class": {"c": np.array([3, 7.5])},
        "a single class": {"c": np.array([0, 0]), "classes": 1},
        **spoilt("c"),
    },
    criteria=(
        Criterion("the samples", 3),
        Criterion("two classes, and 8-bit integers", 1, EDGE),
    ),
    mistakes="""
        mu = classes - 1 => mu = classes
            Your mu is the number of classes; it should be one less.
        2 * c / mu - 1 => (2 * c + 1) / classes - 1
            You take the middles of as many intervals as there are classes; the first and the last
            class lie on the ends of the compressed scale.
        2 * c / mu - 1 => c / mu
            Your samples are never negative: class 0 lies at the lower end of the compressed scale,
            not in its middle.
        np.sign(compressed) * np.expm1 => np.expm1
            The sign is lost: classes of the lower half stand for samples below zero.
        np.expm1(np.abs(compressed) * np.log1p(mu)) / mu => np.abs(compressed)
            You undo the numbering and not the compression: the samples are still on the compressed
            scale.
        np.expm1(np.abs(compressed) * np.log1p(mu)) / mu
        => np.log1p(mu * np.abs(compressed)) / np.log1p(mu)
            You compress a second time; the curve has to be undone.
        np.expm1( => np.exp(
            All your samples lie 1 / mu too far from zero.
        finite_array(c, "c") => np.asarray(c)
            Twice a class is beyond 255 and overflows when the classes are 8-bit integers: work on
            floats.
    """,
    alternatives=(
        Alternative(_inverse_by_table, why="powers of the growth from class to class, in a loop"),
    ),
    forbidden="librosa.mu_expand torchaudio.functional.mu_law_decoding",
    because="it is the curve that you are asked to write",
)
