"""Pitch classes, and where they balance."""

from __future__ import annotations

import numpy as np

from autograder.checks.tonality.inputs import heard, triads
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import EDGE, changed, spoilt
from autograder.reference import tonality


def _spectrum(rng, frames, count):
    return rng.standard_normal((frames, count)) + 1j * rng.standard_normal((frames, count))


def _chroma_cases(rng):
    return [
        Case((_spectrum(rng, 4, 36), 12), "three octaves of semitones"),
        Case((_spectrum(rng, 3, 60), 12), "five octaves of semitones"),
        Case((_spectrum(rng, 2, 72), 36), "two octaves of 36 bins"),
        Case((rng.standard_normal((3, 24)), 12), "a real spectrum with negative values"),
        Case((_spectrum(rng, 2, 12), 12), "a single octave", EDGE),
        Case((_spectrum(rng, 3, 40), 12), "an incomplete last octave", EDGE),
        Case((_spectrum(rng, 2, 29), 12), "another incomplete octave", EDGE),
        Case((_spectrum(rng, 2, 15), 7), "seven bins an octave, the last incomplete", EDGE),
    ]


def _chroma_by_strides(spectrum, bins_per_octave):
    magnitude = np.sqrt(np.real(spectrum * np.conj(spectrum)))
    return np.stack([magnitude[:, b::bins_per_octave].sum(1) for b in range(bins_per_octave)], 1)


def _chroma_by_addition(spectrum, bins_per_octave):
    answer = [[0.0] * bins_per_octave for _ in spectrum]
    for row, frame in zip(answer, spectrum):
        for k, value in enumerate(frame):
            row[k % bins_per_octave] += abs(value)
    return answer


def _neighbours(spectrum, bins_per_octave):
    """The bins of an octave as neighbours, where bins an octave apart belong together."""
    magnitude = np.abs(spectrum)
    octaves = -(-magnitude.shape[1] // bins_per_octave)
    whole = np.pad(magnitude, ((0, 0), (0, octaves * bins_per_octave - magnitude.shape[1])))
    return whole.reshape(len(whole), bins_per_octave, octaves).sum(axis=2)


CHROMA = Exercise(
    function=tonality.chroma,
    read="One octave for all",
    cases=_chroma_cases,
    refuses={
        "less than an octave": {"spectrum": lambda X: X[:, :11]},
        "no bins an octave": {"bins_per_octave": 0},
        "a spectrum of one dimension": {"spectrum": lambda X: X[0]},
        "NaN in the spectrum": {"spectrum": changed((1, 2), np.nan)},
        "an empty spectrum": {"spectrum": lambda X: X[:0]},
    },
    criteria=(Criterion("the chroma", 3), Criterion("octaves that are few or incomplete", 1, EDGE)),
    mistakes=(
        """
        np.abs(spectrum) => np.abs(spectrum) ** 2
            You add powers. The sum is over magnitudes.
        np.abs(spectrum) => np.real(spectrum)
            You leave the magnitude out, so that octaves of opposite phase cancel.
        np.abs(spectrum) => np.abs(np.real(spectrum))
            You leave the imaginary parts out: the magnitude of a complex number has both parts.
        .sum(axis=1) => .mean(axis=1)
            You take a mean over the octaves; asked for is their sum.
        .sum(axis=1) => .max(axis=1)
            You keep the strongest octave only. All octaves add up.
        np.pad(magnitude, ((0, 0), (0, missing))) => magnitude[:, : bins - bins % bins_per_octave]
            You leave the incomplete octave out. What there is of it counts.
        """,
        Mistake(
            _neighbours,
            says="You add up neighbouring bins. What belongs together lies an octave apart, which "
            "is bins_per_octave bins.",
        ),
    ),
    alternatives=(
        Alternative(_chroma_by_strides, why="every twelfth bin, by slices"),
        Alternative(_chroma_by_addition, why="two loops and lists"),
    ),
)


def _centroid_cases(rng):
    return [
        Case((heard(rng, 5),), "five frames"),
        Case((7.0 * heard(rng, 3),), "three loud frames"),
        Case((triads(*rng.choice(12, 4, replace=False)) + 0.1 * heard(rng, 4),), "four chords"),
        Case((heard(rng, 1),), "a single frame", EDGE),
        Case((np.eye(12)[rng.permutation(12)],), "single pitch classes", EDGE),
        Case((np.ones((2, 12)) + 1e-3 * heard(rng, 2),), "all pitch classes about equal", EDGE),
    ]


def _centroid_by_complex(chroma):
    shares = (np.asarray(chroma).T / np.sum(chroma, axis=1)).T
    steps = np.arange(12)
    answer = np.empty((len(shares), 6))
    for column, (turn, radius) in enumerate(((7, 1.0), (9, 1.0), (4, 0.5))):
        balance = shares @ (radius * np.exp(1j * np.pi * turn * steps / 6))
        answer[:, 2 * column], answer[:, 2 * column + 1] = balance.imag, balance.real
    return answer


def _centroid_by_loops(chroma):
    rows = []
    for frame in chroma:
        row = []
        for angle, radius in ((7 / 6, 1), (3 / 2, 1), (2 / 3, 0.5)):
            for wave in (np.sin, np.cos):
                parts = (c * radius * wave(n * angle * np.pi) for n, c in enumerate(frame))
                row.append(sum(parts) / sum(frame))
        rows.append(row)
    return rows


TONAL_CENTROID = Exercise(
    function=tonality.tonal_centroid,
    read="Three circles",
    cases=_centroid_cases,
    refuses={
        "a silent frame": {"chroma": lambda chroma: np.vstack([chroma, np.zeros(12)])},
        "eleven pitch classes": {"chroma": lambda chroma: chroma[:, 1:]},
        "a negative value": {"chroma": changed((0, 3), -0.1)},
        **spoilt("chroma"),
    },
    criteria=(
        Criterion("the centroids", 4),
        Criterion("single frames, notes and noise", 1, EDGE),
    ),
    mistakes="""
        / chroma.sum(axis=1, keepdims=True) => / 1
            Louder music has a larger centroid: divide the chroma of each frame by its sum first.
        / chroma.sum(axis=1, keepdims=True) => / np.linalg.norm(chroma, axis=1, keepdims=True)
            You divide by the length of the vector; the shares of the pitch classes sum to one.
        / chroma.sum(axis=1, keepdims=True) => / chroma.sum()
            You divide by the sum over all frames. Each frame has a sum of its own.
        [[1.0], [1.0], [0.5]] => [[1.0], [1.0], [1.0]]
            The third circle is as large as the others: its radius is one half.
        [7 / 6, 3 / 2, 2 / 3] => [1 / 6, 3 / 2, 2 / 3]
            Your first circle goes up in semitones; its neighbours are seven semitones apart.
        [np.sin(turns), np.cos(turns)] => [np.cos(turns), np.sin(turns)]
            Sine and cosine have changed places; the docstring has the sine first.
        circles.reshape(12, 6) => circles.transpose(0, 2, 1).reshape(12, 6)
            You list all sines and then all cosines; the two numbers of a circle stand together.
    """,
    alternatives=(
        Alternative(_centroid_by_complex, why="complex numbers, one for each circle"),
        Alternative(_centroid_by_loops, why="loops and lists"),
    ),
)
