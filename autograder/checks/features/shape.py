"""The shape of one spectrum: centroid, spread and flatness, and those of harmonics alone."""

from __future__ import annotations

import numpy as np

from autograder.checks.features.inputs import grid, spectrum
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, changed
from autograder.reference import features

LENGTHS = {"another number of frequencies": {"frequencies": lambda f: f[:-1]}}


def _spectrum_cases(rng):
    rate = float(rng.choice([8000.0, 16000.0, 22050.0]))
    centres = np.sort(rng.uniform(60, 5000, 24))
    part = grid(65, rate)[10:50]
    return [
        Case((spectrum(rng, 65), grid(65, rate)), "65 bins up to half the rate"),
        Case((spectrum(rng, 129), grid(129, rate)), "129 bins up to half the rate"),
        Case((spectrum(rng, 40), part), "40 bins from the middle of a spectrum"),
        Case((1e-3 * spectrum(rng, 65), grid(65, rate)), "65 bins of a faint sound"),
        Case((spectrum(rng, 24), centres), "24 bins at unequal distances", EDGE),
        Case((spectrum(rng, 24), np.sort(rng.uniform(60, 5000, 24))), "24 other bins", EDGE),
        Case((spectrum(rng, 31), 55 * 2 ** (np.arange(31) / 6)), "bins a sixth of an octave", EDGE),
    ]


def _centroid_by_loop(magnitude, frequencies):
    total = sum(abs(m) ** 2 for m in magnitude)
    return sum(f * m * m / total for f, m in zip(frequencies, magnitude))


def _centroid_by_average(magnitude, frequencies):
    return np.average(frequencies, weights=np.square(magnitude))


SPECTRAL_CENTROID = Exercise(
    function=features.spectral_centroid,
    read="Bright and dark",
    cases=_spectrum_cases,
    refuses={"silence": {"magnitude": np.zeros_like}, **LENGTHS},
    criteria=(
        Criterion("the centroid", 2),
        Criterion("bins at unequal distances", 1, EDGE),
    ),
    mistakes="""
        power = magnitude**2 => power = magnitude
            You weight the frequencies by the magnitudes, as librosa does; here the weights are
            the powers.
        frequencies @ power / power.sum() => frequencies[np.argmax(power)]
            You return the frequency of the strongest bin; the centroid is a mean over all of them.
        frequencies @ power / power.sum() => frequencies @ power / len(power)
            You divide by the number of bins, so the answer grows with the level: a weighted mean
            is divided by the sum of its weights.
        frequencies @ power / power.sum() => np.arange(len(power)) @ power / power.sum()
            You average the numbers of the bins; asked for are their frequencies, in Hz.
        frequencies @ power / power.sum()
        => frequencies[np.searchsorted(np.cumsum(power), power.sum() / 2)]
            You return the frequency that halves the power, which is a median; the centroid is a
            mean.
        frequencies @ power / power.sum()
        => np.exp(np.log(frequencies + 1e-9) @ power / power.sum())
            You average the logarithms of the frequencies; the centroid is a mean in Hz.
    """,
    alternatives=(
        Alternative(_centroid_by_loop, why="a loop over the bins"),
        Alternative(_centroid_by_average, why="numpy.average"),
    ),
)


def _spread_by_moments(magnitude, frequencies):
    weights = magnitude**2 / np.sum(magnitude**2)
    return np.sqrt(weights @ frequencies**2 - (weights @ frequencies) ** 2)


def _spread_by_covariance(magnitude, frequencies):
    return float(np.sqrt(np.cov(frequencies, aweights=magnitude**2, ddof=0)))


SPECTRAL_SPREAD = Exercise(
    function=features.spectral_spread,
    read="Bright and dark",
    cases=_spectrum_cases,
    refuses={"silence": {"magnitude": np.zeros_like}, **LENGTHS},
    criteria=(
        Criterion("the spread", 2),
        Criterion("bins at unequal distances", 1, EDGE),
    ),
    mistakes="""
        np.sqrt((frequencies - centroid) ** 2 @ weights) => (frequencies - centroid) ** 2 @ weights
            The root is missing: your answer is a variance, in Hz squared.
        power = magnitude**2 => power = magnitude
            You weight by the magnitudes; here the weights are the powers.
        centroid = frequencies @ weights => centroid = frequencies.mean()
            You measure distances from the middle of the axis; the spread is about the centroid,
            which is weighted too.
        centroid = frequencies @ weights => centroid = frequencies[np.argmax(power)]
            You measure distances from the strongest bin; the spread is about the centroid.
        np.sqrt((frequencies - centroid) ** 2 @ weights) => np.abs(frequencies - centroid) @ weights
            You average the distances themselves; the spread squares them before and takes the root
            after.
        np.sqrt((frequencies - centroid) ** 2 @ weights)
        => np.sqrt(np.mean((frequencies - centroid) ** 2))
            Every bin counts the same in your mean of the squares; each should count by its power.
        frequencies - centroid => frequencies
            You measure distances from 0 Hz; the spread is about the centroid.
        np.sqrt((frequencies - centroid) ** 2 @ weights)
        => np.sqrt((frequencies - centroid) ** 2 @ weights) / centroid
            You divide by the centroid: a relative spread has no unit, and asked for is one in Hz.
    """,
    alternatives=(
        Alternative(_spread_by_moments, why="mean of the squares minus square of the mean"),
        Alternative(_spread_by_covariance, why="numpy.cov with weights"),
    ),
)


def _flatness_cases(rng):
    bands = np.array([[2, 9], [10, 25], [20, 48]])
    some, others = spectrum(rng, 65), spectrum(rng, 65)
    some[40], others[12] = 0, 0
    faint, loud = 10.0 ** rng.uniform(-4, -3, 400), 10.0 ** rng.uniform(2, 4, 400)
    middling = 10.0 ** rng.uniform(3, 5, 300)
    return [
        Case((spectrum(rng, 65), bands), "three bands, two of which overlap"),
        Case((spectrum(rng, 33), np.array([[0, 3], [4, 32]])), "two bands, the first from bin 0"),
        Case((rng.uniform(1, 2, 40), np.array([[5, 5], [6, 30]])), "a band of one bin"),
        Case((rng.uniform(0.1, 5, 50), np.array([[1, 40]])), "one band"),
        Case((faint, np.array([[0, 399], [3, 300]])), "400 bins that are faint", "long"),
        Case((loud, np.array([[0, 399], [50, 399]])), "400 bins that are loud", "long"),
        Case((middling, np.array([[0, 299], [1, 280]])), "300 bins that are loud", "long"),
        Case((some, bands), "a bin without power", EDGE),
        Case((others, bands), "another bin without power", EDGE),
        Case((others * 3, bands + 2), "a bin without power, other bands", EDGE),
    ]


def _flatness_by_loop(magnitude, bands):
    flatness = []
    for first, last in bands:
        powers = [float(magnitude[k]) ** 2 for k in range(first, last + 1)]
        roots = 1.0
        for power in powers:
            roots *= power ** (1 / len(powers))
        flatness.append(roots / (sum(powers) / len(powers)))
    return flatness, sum(flatness) / len(flatness)


def _flatness_by_decibels(magnitude, bands):
    with np.errstate(divide="ignore"):
        levels = 20 * np.log10(magnitude)
    means = [levels[a : b + 1].mean() for a, b in bands]
    powers = [10 * np.log10(np.mean(magnitude[a : b + 1] ** 2)) for a, b in bands]
    flatness = 10 ** (np.subtract(means, powers) / 10)
    return flatness, np.mean(flatness)


BAND_FLATNESS = Exercise(
    function=features.band_flatness,
    read="Tone or noise",
    cases=_flatness_cases,
    refuses={
        "silence": {"magnitude": np.zeros_like},
        "a band beyond the last bin": {"bands": lambda bands: bands + 17},
        "a band from bin -1": {"bands": lambda bands: bands - 3},
        "a band that ends before it begins": {"bands": changed((1, 1), 5)},
    },
    criteria=(
        Criterion("the flatness of each band", 2, select=0),
        Criterion("the flatness of the whole", 1, select=1),
        Criterion("hundreds of bins", 1, "long"),
        Criterion("a bin without power", 1, EDGE, select=0),
    ),
    mistakes="""
        magnitudes_of(magnitude, "magnitude") ** 2 => magnitudes_of(magnitude, "magnitude")
            You take the means of the magnitudes; asked for are those of the powers.
        / inside.mean() => * np.mean(1 / inside)
            You divide by the harmonic mean, which makes the flatness larger than 1; below the bar
            belongs the arithmetic mean.
        power[first : last + 1] => power[first : max(last, first + 1)]
            The last bin of each band is left out; both ends belong to it.
        np.exp(np.log(inside).mean()) => np.prod(inside) ** (1 / len(inside))
            The product of hundreds of powers is too large or too small for a number; take
            the mean in another way than by multiplying first.
        float(flatness.mean()) => float(np.exp(np.log(power).mean()) / power.mean())
            The flatness of the whole is taken over all bins at once; asked for is the average over
            the bands.
        np.exp(np.log(inside).mean()) / inside.mean()
        => 10 * np.log10(np.exp(np.log(inside).mean()) / inside.mean())
            You return decibels; asked for is the quotient itself, from 0 to 1.
        np.exp(np.log(inside).mean()) / inside.mean()
        => inside.mean() / np.exp(np.log(inside).mean())
            The quotient is upside down: a flatness is at most 1.
        if inside.all(): => if (inside := inside + 1e-10).all():
            You add a small number to the powers, so a band with a bin without power is not quite
            as peaky as it should be: its geometric mean is 0.
        return flatness, float(flatness.mean()) => return float(flatness.mean()), flatness
            The two are in the wrong order: first the bands, then the whole.
    """,
    alternatives=(
        Alternative(_flatness_by_loop, why="a product of roots, in a loop"),
        Alternative(_flatness_by_decibels, why="a mean of levels in decibels"),
    ),
)


def _harmonics(rng, count, stretch=3e-4):
    h = np.arange(1, count + 1)
    frequencies = rng.uniform(80, 300) * h * np.sqrt(1 + stretch * h**2)
    return frequencies, rng.uniform(0.3, 1, count) / h


def _harmonic_cases(rng):
    frequencies, amplitudes = _harmonics(rng, 10)
    mixed = rng.permutation(10)
    odd, clarinet = _harmonics(rng, 12)
    return [
        Case(_harmonics(rng, 6), "six harmonics of a string"),
        Case(_harmonics(rng, 15), "fifteen harmonics of a string"),
        Case((frequencies[mixed], amplitudes[mixed]), "ten harmonics, not in order"),
        Case((odd[::2], 0.01 * clarinet[::2]), "the odd harmonics only"),
    ]


def _harmonic_by_loop(frequencies, amplitudes):
    total = sum(amplitudes)
    centroid = sum(f * a for f, a in zip(frequencies, amplitudes)) / total
    spread = sum(a * (f - centroid) ** 2 for f, a in zip(frequencies, amplitudes)) / total
    return [centroid, spread**0.5]


def _harmonic_by_average(frequencies, amplitudes):
    variance = np.cov(frequencies, aweights=amplitudes, ddof=0)
    return np.array([np.average(frequencies, weights=amplitudes), np.sqrt(variance)])


HARMONIC_CENTROID_SPREAD = Exercise(
    function=features.harmonic_centroid_spread,
    read="Bright and dark",
    cases=_harmonic_cases,
    refuses={"no amplitude at all": {"amplitudes": np.zeros_like}, **LENGTHS},
    criteria=(
        Criterion("the centroid", 1, select=0),
        Criterion("the spread", 1, select=1),
    ),
    mistakes="""
        weights = amplitudes / amplitudes.sum() => weights = amplitudes**2 / np.sum(amplitudes**2)
            You weight by the squares of the amplitudes; for harmonics the weights are the
            amplitudes themselves.
        np.sqrt((frequencies - centroid) ** 2 @ weights) => (frequencies - centroid) ** 2 @ weights
            The root of the spread is missing: yours is a variance, in Hz squared.
        centroid = frequencies @ weights => centroid = frequencies.mean()
            Every harmonic counts the same in your centroid; each should count by its amplitude.
        frequencies - centroid => frequencies - frequencies.min()
            Your spread is about the lowest harmonic; it should be about the centroid.
        return float(centroid), float(spread) => return float(centroid), float(spread / centroid)
            You divide the spread by the centroid, as MPEG-7 does; here it is in Hz.
        return float(centroid), float(spread) => return float(spread), float(centroid)
            The two are in the wrong order: first the centroid, then the spread.
        weights = amplitudes
        => frequencies = frequencies.min() * (1 + np.arange(len(amplitudes))); weights = amplitudes
            You put the harmonics at exact multiples of the lowest one; use the frequencies that
            were measured.
    """,
    alternatives=(
        Alternative(_harmonic_by_loop, why="sums in a loop, as a list"),
        Alternative(_harmonic_by_average, why="numpy.average and numpy.cov"),
    ),
)
