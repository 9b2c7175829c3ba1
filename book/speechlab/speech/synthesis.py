"""Sounds made from numbers: tones, bands of noise, and vowels from formants.

Levels are in decibels against a sine that just fills the range from -1 to 1: a sine of level L has
amplitude `10 ** (L / 20)`, and any sound of level L has the same power as that sine. So a tone and
a noise of equal level are equally strong, and the levels of a chord are those of its tones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import scipy.signal

# Hertz, for the first formant, the second, ...: round values within the ranges of Klatt (1980).
BANDWIDTHS = (60.0, 90.0, 150.0, 200.0, 250.0)
OVERSAMPLING = 8  # of the glottal source, so that its corners do not alias audibly


def tone(
    frequency: float,
    level: float = -20.0,
    seconds: float = 0.5,
    rate: int = 8000,
    phase: float = 0.0,
    ramp: float = 0.01,
) -> np.ndarray:
    """A cosine, shape `(N,)`, faded in and out over `ramp` seconds.

    `frequency` is in hertz and below half of `rate`; `phase` is in radians.
    """
    return tones([(frequency, level, phase)], seconds, rate, ramp)


def tones(
    components: Iterable[Sequence[float]],
    seconds: float = 0.5,
    rate: int = 8000,
    ramp: float = 0.01,
) -> np.ndarray:
    """A sum of cosines, shape `(N,)`.

    `components` are pairs `(frequency, level)` or triples `(frequency, level, phase)`.
    """
    time = np.arange(_length(seconds, rate)) / rate
    total = np.zeros_like(time)
    for frequency, level, *phase in components:
        _below_nyquist(frequency, rate, "A tone's frequency")
        total += amplitude(level) * np.cos(2 * np.pi * frequency * time + sum(phase))
    return faded(total, rate, ramp)


def noise(
    low: float = 0.0,
    high: float | None = None,
    level: float = -20.0,
    seconds: float = 0.5,
    rate: int = 8000,
    seed: int = 0,
    ramp: float = 0.01,
) -> np.ndarray:
    """Gaussian noise, flat from `low` to `high` hertz and nothing outside, shape `(N,)`.

    Its power before the fades is exactly that of a sine of the same level. The same seed gives the
    same noise.
    """
    high = rate / 2 if high is None else high
    if not 0 <= low < high <= rate / 2:
        raise ValueError(
            f"A noise band goes from 0 Hz or more up to at most half the rate ({rate / 2:g} Hz),"
            f" not from {low:g} to {high:g} Hz."
        )
    length = _length(seconds, rate)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(length))
    frequencies = np.fft.rfftfreq(length, 1 / rate)
    spectrum[(frequencies < low) | (frequencies > high)] = 0
    band = np.fft.irfft(spectrum, length)
    if not band.any():
        raise ValueError(
            f"{seconds:g} s of noise is too short to have a band from {low:g} to {high:g} Hz."
        )
    return faded(at_level(band, level), rate, ramp)


def vowel(
    f0: float | Sequence[float],
    formants: Sequence[float],
    bandwidths: Sequence[float] | None = None,
    seconds: float = 0.5,
    rate: int = 8000,
    level: float = -20.0,
    ramp: float = 0.02,
) -> np.ndarray:
    """A sung vowel, shape `(N,)`: glottal pulses through a cascade of formant resonances.

    Parameters
    ----------
    f0 : hertz; several values are a melody, spread evenly over the vowel
    formants : hertz, each below half of `rate`
    bandwidths : hertz, one for each formant; None takes usual ones
    seconds, rate, level, ramp : as for `tone`

    Source: D. H. Klatt, "Software for a cascade/parallel formant synthesizer", JASA 67 (1980).
    """
    formants = np.atleast_1d(np.asarray(formants, dtype=float))
    for formant in formants:
        _below_nyquist(formant, rate, "A formant")
    flow = glottal_flow(f0, seconds, rate * OVERSAMPLING)
    # The lips radiate the change of the flow, so the source is its difference.
    source = scipy.signal.resample_poly(np.diff(flow, prepend=flow[0]), 1, OVERSAMPLING)
    speech = scipy.signal.sosfilt(vocal_tract(formants, bandwidths, rate), source)
    return faded(at_level(speech[: _length(seconds, rate)], level), rate, ramp)


def glottal_flow(f0: float | Sequence[float], seconds: float, rate: int) -> np.ndarray:
    """Air flow through the vocal folds, between 0 and 1, shape `(N,)`.

    For the first 0.6 of each period the folds let a pulse through that rises slowly and falls fast
    (a cubic of time); then they are shut.

    Source: the KLGLOTT88 model, D. H. Klatt and L. C. Klatt, JASA 87 (1990).
    """
    f0 = np.atleast_1d(np.asarray(f0, dtype=float))
    if not (f0 > 0).all():
        raise ValueError("A voice has a positive pitch.")
    length = _length(seconds, rate)
    melody = np.interp(np.linspace(0, 1, length), np.linspace(0, 1, len(f0)), f0)
    cycles = np.concatenate([[0.0], np.cumsum(melody)[:-1]]) / rate
    open_part = np.minimum((cycles % 1) / 0.6, 1.0)
    return 27 / 4 * open_part**2 * (1 - open_part)


def vocal_tract(
    formants: Sequence[float], bandwidths: Sequence[float] | None = None, rate: int = 8000
) -> np.ndarray:
    """The all-pole filter with these resonances, as second-order sections of shape `(K, 6)`.

    Each formant is a pair of poles; a constant passes with gain one.
    """
    formants = np.asarray(formants, dtype=float)
    if bandwidths is None:
        bandwidths = [*BANDWIDTHS, *[BANDWIDTHS[-1]] * len(formants)][: len(formants)]
    bandwidths = np.asarray(bandwidths, dtype=float)
    if bandwidths.shape != formants.shape:
        raise ValueError(f"{len(formants)} formants need {len(formants)} bandwidths.")
    if not (bandwidths > 0).all():
        raise ValueError("A formant's bandwidth is positive.")
    upper = np.exp(np.pi * (2j * formants - bandwidths) / rate)
    poles = np.concatenate([upper, upper.conj()])
    return scipy.signal.zpk2sos(np.zeros(len(poles)), poles, np.abs(np.prod(1 - poles)))


def amplitude(level: float) -> float:
    """The amplitude of a sine of this level in decibels."""
    return 10 ** (level / 20)


def level_of(samples: np.ndarray) -> float:
    """The level in decibels of the sine that has as much power as the samples."""
    return float(10 * np.log10(2 * np.mean(np.square(samples))))


def at_level(samples: np.ndarray, level: float) -> np.ndarray:
    """The samples scaled to a level in decibels."""
    return samples * amplitude(level - level_of(samples))


def faded(samples: np.ndarray, rate: int, ramp: float) -> np.ndarray:
    """The samples with a raised-cosine fade of `ramp` seconds at both ends: no clicks."""
    length = min(round(ramp * rate), len(samples) // 2)
    fade = np.sin(np.linspace(0, np.pi / 2, length, endpoint=False)) ** 2
    envelope = np.ones(len(samples))
    envelope[:length] = fade
    envelope[len(samples) - length :] = fade[::-1]
    return samples * envelope


def _length(seconds: float, rate: int) -> int:
    length = round(seconds * rate)
    if length < 1:
        raise ValueError(f"{seconds:g} s at {rate:g} samples a second is not even one sample.")
    return length


def _below_nyquist(frequency: float, rate: int, what: str) -> None:
    if not 0 < frequency < rate / 2:
        raise ValueError(
            f"{what} lies above 0 Hz and below half the rate ({rate / 2:g} Hz), not at"
            f" {frequency:g} Hz."
        )
