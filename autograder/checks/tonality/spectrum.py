"""The constant-Q transform by its definition."""

from __future__ import annotations

import numpy as np

from autograder.checks.tonality.inputs import RATE, bins
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, spoilt
from autograder.reference import tonality


def _bins_cases(rng):
    def lowest():
        return float(rng.uniform(30, 200))

    whole, periods = float(rng.integers(30, 200)), int(rng.integers(10, 60))
    return [
        Case((22050.0, lowest(), 12, 60), "five octaves of semitones"),
        Case((16000.0, lowest(), 24, 72), "three octaves of quarter tones"),
        Case((8000.0, lowest(), 36, 100), "36 bins an octave"),
        Case((44100.0, lowest(), 7, 20), "seven bins an octave"),
        Case((8000.0, lowest(), 1, 3), "one bin an octave", EDGE),
        Case((4 * periods * whole, whole, 1, 3), "lengths that are whole numbers", EDGE),
        Case((8000.0, lowest(), 12, 1), "a single bin", EDGE),
    ]


def _bins_by_neighbours(rate, lowest, bins_per_octave, count):
    above = lowest * np.exp(np.log(2) / bins_per_octave * np.arange(count + 1))
    return above[:-1], np.ceil(rate / np.diff(above) - 1e-9).astype(int)


CONSTANT_Q_BINS = Exercise(
    function=tonality.constant_q_bins,
    read="A spectrum with the spacing of a keyboard",
    cases=_bins_cases,
    refuses={
        "a rate of zero": {"rate": 0.0},
        "a lowest frequency of zero": {"lowest": 0.0},
        "no bins an octave": {"bins_per_octave": 0},
        "no bins": {"count": 0},
        "a bin above half the rate": {"count": 120},
        "a lowest bin at half the rate": {"lowest": 11025.0, "count": 1},
    },
    criteria=(
        Criterion("the frequencies", 1, select=0),
        Criterion("the lengths", 2, select=1),
        Criterion("wide and single bins", 1, EDGE),
    ),
    mistakes="""
        quality = 1 / (2 ** (1 / bins_per_octave) - 1) => quality = bins_per_octave
            Your quality factor is the number of bins an octave; it is a frequency over a distance.
        (2 ** (1 / bins_per_octave) - 1) => (1 - 2 ** (-1 / bins_per_octave))
            You take the distance to the bin below; the docstring takes the next one above.
        np.ceil(rate * quality / frequencies) => np.floor(rate * quality / frequencies)
            You round the lengths down, so that a window holds less than Q periods.
        np.ceil(rate * quality / frequencies) => 1 + np.floor(rate * quality / frequencies)
            You add one to every length rounded down; a length that is whole already stays as it is.
        np.ceil(rate * quality / frequencies)
        => np.ceil(0 * frequencies + rate * quality / frequencies[0])
            All your bins have the same length. That is a DFT: a bin of twice the frequency needs
            half the time.
        np.ceil(rate * quality / frequencies) => np.ceil(quality / frequencies)
            Your lengths are in seconds. A window is counted in samples.
        lowest * 2 ** (np.arange(count) / bins_per_octave)
        => lowest * 2 ** ((1 + np.arange(count)) / bins_per_octave)
            Your first bin is one step too high: bin 0 is the lowest frequency itself.
        lowest * 2 ** (np.arange(count) / bins_per_octave)
        => lowest * (1 + np.arange(count) / bins_per_octave)
            Your bins are evenly spaced in hertz. Each is the one before times the same factor.
    """,
    alternatives=(
        Alternative(_bins_by_neighbours, why="the distance to the next bin, measured"),
        Alternative(
            "np.ceil(rate * quality / frequencies) => -(-rate * quality // frequencies)",
            why="floor division",
        ),
    ),
)


def _definition_cases(rng):
    return [
        Case((rng.standard_normal(60), RATE, *bins(rng, 8)), "noise, 8 bins"),
        Case((rng.standard_normal(90), RATE, *bins(rng, 5)), "noise longer than every window"),
        Case((_tone(rng, 70), RATE, *bins(rng, 12)), "a tone, 12 bins"),
        Case((rng.standard_normal(80), 1.5 * RATE, *bins(rng, 4)), "another rate"),
        Case((rng.standard_normal(30), RATE, *bins(rng, 1, 29, 30)), "a single bin", EDGE),
        Case((rng.standard_normal(4), RATE, *bins(rng, 2, 2, 5)), "windows of few samples", EDGE),
    ]


def _tone(rng, count):
    return np.cos(rng.uniform(0.3, 2.0) * np.arange(count) + rng.uniform(0, 6))


def _by_matrix(x, rate, frequencies, lengths):
    n, lengths = np.arange(max(lengths)), np.asarray(lengths)[:, None]
    window = np.where(n < lengths, np.sin(np.pi * n / lengths) ** 2 / lengths, 0)
    turns = np.outer(frequencies, n) / rate
    part = window * x[: len(n)]
    return (part * np.cos(2 * np.pi * turns)).sum(1) - 1j * (part * np.sin(2 * np.pi * turns)).sum(
        1
    )


CONSTANT_Q = Exercise(
    function=tonality.constant_q,
    read="The transform",
    cases=_definition_cases,
    refuses={
        "a window longer than the signal": {"x": lambda x: x[:10]},
        "a window of no samples": {"lengths": lambda lengths: 0 * lengths},
        "a length too few": {"lengths": lambda lengths: lengths[1:]},
        "a rate of zero": {"rate": 0.0},
        **spoilt("x"),
    },
    criteria=(Criterion("the transform", 4), Criterion("short windows and single bins", 1, EDGE)),
    mistakes="""
        np.sum(x[:length] * window * wave) / length => np.sum(x[:length] * window * wave)
            The division by the length is missing, without which low bins, whose windows are long,
            come out larger than high ones.
        * window * wave) / length => * window * wave) / lengths[0]
            You divide every bin by the same length; each has a window of its own.
        x[:length] * window * wave => x[:length] * wave
            Your windows have no taper. A rectangle leaks into bins far away.
        np.exp(-2j => np.exp(2j
            Your waves turn the other way: the sign of the exponent is minus.
        frequencies[k] * n / rate) => frequencies[0] * n / rate)
            All your bins look for the lowest frequency.
        2 * np.pi * n / length => 2 * np.pi * n / (length - 1)
            Your window ends with a zero, so it is symmetric; the one in the docstring is periodic,
            and would begin again after its last sample.
        return spectrum => return np.abs(spectrum)
            You return magnitudes. The transform is complex.
        x[:length] => x[len(x) - length :]
            Your windows end with the signal. They all begin at its first sample.
        np.cos(2 * np.pi * n / length) => np.cos(2 * np.pi * n / lengths[0])
            All your windows have the shape of the longest. Each window falls to zero within its own
            length.
    """,
    alternatives=(Alternative(_by_matrix, why="one matrix, cosines and sines"),),
)
