"""Windows and peaks: how far a sinusoid leaks, and where its peak is between the bins."""

from __future__ import annotations

import numpy as np
from scipy import signal

from autograder.exercise.compare import Close
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, with_nan
from autograder.reference import fourier


def _leakage_cases(rng):
    def length():
        return int(rng.integers(40, 120))

    kaiser = signal.windows.kaiser(length(), rng.uniform(3, 9))
    mixed = signal.windows.general_hamming(length(), rng.uniform(0.54, 0.556))
    rows = signal.windows.chebwin(length(), rng.uniform(45, 90))
    return [
        Case((kaiser,), "a Kaiser window"),
        Case((mixed,), "a cosine on a pedestal"),
        Case((rng.uniform(2, 9) * rows,), "a Chebyshev window, scaled"),
        Case((signal.windows.hann(length(), sym=False),), "a Hann window"),
        Case((np.ones(length()),), "a rectangular window"),
        Case((signal.windows.tukey(length(), rng.uniform(0.3, 0.7)),), "a tapered rectangle", EDGE),
        Case((np.ones(rng.integers(3, 7)),), "a rectangular window of few samples", EDGE),
        Case((np.array([1.0, rng.uniform(0.2, 1.4), 1.0]),), "three samples", EDGE),
    ]


def _leakage_by_slope(window):
    """From the maxima of a finely sampled transform of both signs of frequency."""
    size = 1 << (128 * len(window)).bit_length()
    levels = 20 * np.log10(np.abs(np.fft.fft(window / sum(window), size)) + 1e-15)
    tops, _ = signal.find_peaks(np.append(levels, levels[0]))
    return float(max(levels[tops]))


LEVEL = Close(rtol=0, atol=0.1)  # which 32 times as many samples keep well within

LEAKAGE = Exercise(
    function=fourier.leakage,
    read="Leakage, and windows",
    cases=_leakage_cases,
    refuses={
        "a window of zeros": {"window": np.zeros(20)},
        "a window that adds up to zero": {"window": [1.0, 2.0, -2.0, -1.0]},
        "a window without side lobe": {"window": [1.0, 2.0, 1.0]},
        "NaN in the window": {"window": with_nan},
    },
    criteria=(
        Criterion("the highest side lobe", 3, equal=LEVEL),
        Criterion("flat windows and short ones", 1, EDGE, equal=LEVEL),
    ),
    mistakes="""
        20 * np.log10 => 10 * np.log10
            Your level is half as many decibels as it should be: the magnitude is an amplitude, not
            a power.
        20 * np.log10 => -20 * np.log10
            The sign of your level is the opposite one: the side lobe lies below the main lobe.
        beyond.max() / magnitude[0] => beyond.max()
            Your level is not relative to the main lobe, so that a louder window leaks more.
        beyond.max() / magnitude[0] => beyond.max() / len(window)
            You compare with the number of samples, which is the height of the main lobe for the
            rectangular window only.
        (window, 64 * len(window)) => (window)
            You look at the spectrum at its own bins only, and miss the tops of the lobes between
            them.
        (window, 64 * len(window)) => (window, 2 * len(window))
            You pad with as many zeros as there are samples; that puts two bins into a lobe, and its
            top lies between them.
        beyond.max() => beyond[np.argmax(np.diff(beyond) < 0)]
            You take the first side lobe; with some windows a later one is higher.
    """,
    alternatives=(Alternative(_leakage_by_slope, why="find_peaks on levels, twice as fine"),),
)


def _spectrum(rng, rate, length, size, window="hann"):
    """Levels of two sinusoids between bins, the second one weaker."""
    f, g = rng.uniform(0.1, 0.2) * rate, rng.uniform(0.3, 0.4) * rate
    n = np.arange(length)
    x = rng.uniform(0.3, 2) * np.sin(2 * np.pi * f * n / rate + rng.uniform(0, 6))
    x += 0.2 * np.sin(2 * np.pi * g * n / rate)
    magnitude = np.abs(np.fft.rfft(x * signal.get_window(window, length), size))
    return 20 * np.log10(magnitude + 1e-9)


def _peak_cases(rng):
    rate = float(rng.choice([8000.0, 16000.0, 44100.0]))
    third = np.full(9, -80.0)
    third[3:6] = rng.uniform(-20, -10), rng.uniform(0, 9), rng.uniform(-20, -10)
    edge = np.full(5, -60.0)
    edge[:3] = rng.uniform(-9, -6), rng.uniform(0, 3), rng.uniform(-9, -6)
    return [
        Case((_spectrum(rng, rate, 200, 200), rate, 200), "200 samples, not padded"),
        Case((_spectrum(rng, rate, 128, 512), rate, 512), "128 samples padded to 512"),
        Case((_spectrum(rng, 8000.0, 160, 256, "hamming"), 8000.0, 256), "160 samples at 8 kHz"),
        Case((third, 1.0, 16), "a single peak among 9 bins"),
        Case((_spectrum(rng, rate, 151, 301), rate, 301), "a transform of 301 samples", EDGE),
        Case((edge, rate, 9), "a peak at bin 1 of a transform of 9 samples", EDGE),
        Case((edge[::-1].copy(), rate, 8), "a peak next to half the sampling rate", EDGE),
    ]


def _peak_by_polyfit(levels, rate, size):
    k = max(range(len(levels)), key=lambda bin: levels[bin])
    fit = np.polyfit([-1, 0, 1], levels[k - 1 : k + 2], 2)
    at = -fit[1] / (2 * fit[0])
    return rate / size * (k + at), np.polyval(fit, at)


INTERPOLATED_PEAK = Exercise(
    function=fourier.interpolated_peak,
    read="A peak between the bins",
    cases=_peak_cases,
    refuses={
        "a spectrum whose highest bin is the first": {"levels": -np.arange(101.0)},
        "a spectrum whose highest bin is the last": {"levels": np.arange(101.0)},
        "a rate of zero": {"rate": 0.0},
        "a size that does not fit the levels": {"size": 400},
        "NaN among the levels": {"levels": with_nan},
    },
    criteria=(
        Criterion("frequency", 2, select=0),
        Criterion("level", 1, select=1),
        Criterion("odd sizes, and peaks near the ends", 1, EDGE),
    ),
    mistakes="""
        (k + offset) => k
            Your frequency is that of the highest bin; the parabola has its top between bins.
        float(top - (before - after) * offset / 4) => float(top)
            Your level is that of the highest bin; the parabola reaches higher.
        (k + offset) => (k - offset)
            Your peak moves to the wrong side of the highest bin: it lies on the side of the
            higher one of the two neighbours.
        offset / 4) => offset / 2)
            Your level is too high: look again at the value of the parabola at its top.
        (before - 2 * top + after) / 2 => (before - 2 * top + after)
            Your peak moves twice as far from the bin as it should: the slope at the middle of three
            values is half the difference of the outer ones.
        * rate / size => * rate / (2 * len(levels))
            You take twice the number of levels for the number of samples that were transformed. The
            levels include both ends, 0 Hz and half the rate.
        before, top, after = levels[k - 1 : k + 2]
        => before, top, after = 10 ** (levels[k - 1 : k + 2] / 20)
        float(top - (before - after) * offset / 4)
        => float(20 * np.log10(top - (before - after) * offset / 4))
            Your parabola goes through magnitudes. Through levels in decibels it comes closer, as
            the main lobe of a window, in decibels, is nearly a parabola.
    """,
    alternatives=(Alternative(_peak_by_polyfit, why="numpy.polyfit through the three points"),),
)
