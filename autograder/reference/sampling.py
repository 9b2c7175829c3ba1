"""Sampling and quantisation: from a sinusoid to its samples, and from samples to a few bits.

Sample n is taken at the time n / rate, so the first one at time 0. Quantisers take -1 to 1 as full
scale. The mu-law is that of WaveNet: classes 0, 1, ..., whose values lie at equal distances on the
compressed scale, the first class at -1 and the last one at 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from autograder.reference.inputs import finite_array


def sampled_sinusoid(
    amplitude: float, frequency: float, phase: float, rate: float, count: int
) -> np.ndarray:
    """Samples of A cos(2 pi f t + phase), the first one at t = 0.

    Parameters
    ----------
    amplitude : float
        A.
    frequency : float
        f in Hz. Any number: above half the rate and below zero too.
    phase : float
        In radians.
    rate : float
        Sampling rate in Hz (samples a second), positive.
    count : int
        How many samples, at least 1.

    Returns
    -------
    x : ndarray, shape (count,)
        x[n] is the value at t = n / rate.

    Raises
    ------
    ValueError
        If the rate is not positive, if there is to be no sample, or if a number is not finite.

    References
    ----------
    Oppenheim and Schafer (2010), "Discrete-Time Signal Processing", section 4.1.
    """
    amplitude, frequency, phase, rate = finite_array(
        [amplitude, frequency, phase, rate], "each of the numbers"
    )
    if rate <= 0 or count < 1:
        raise ValueError("the rate must be positive, and count at least 1")
    n = np.arange(count)
    return amplitude * np.cos(2 * np.pi * frequency * n / rate + phase)


def alias_frequency(frequency: float, phase: float, rate: float) -> tuple[float, float]:
    """The sinusoid between 0 Hz and half the rate that has the same samples.

    The samples are those of cos(2 pi f t + phase) at t = n / rate, for all whole numbers n. Exactly
    one frequency from 0 to half the rate gives the same samples, with a phase that need not be the
    one given.

    Parameters
    ----------
    frequency : float
        f in Hz. Any number: many times the rate, or below zero.
    phase : float
        In radians.
    rate : float
        Sampling rate in Hz, positive.

    Returns
    -------
    alias : float
        In Hz, 0 <= alias <= rate / 2.
    alias_phase : float
        In radians; a multiple of 2 pi may be added to it.

    Raises
    ------
    ValueError
        If the rate is not positive, or if a number is not finite.

    References
    ----------
    Oppenheim and Schafer (2010), section 4.2.
    """
    frequency, phase, rate = finite_array([frequency, phase, rate], "each of the numbers")
    if rate <= 0:
        raise ValueError("the rate must be positive")
    alias = frequency % rate
    if alias > rate / 2:
        alias, phase = rate - alias, -phase
    return float(alias), float(phase)


def reconstruct(x: ArrayLike, rate: float, times: ArrayLike) -> np.ndarray:
    """The band-limited signal that goes through the samples, at any times.

    It is the sum over n of x[n] sinc(rate t - n), where sinc(u) = sin(pi u) / (pi u), and
    sinc(0) = 1. Samples before the first one and after the last one are zero.

    Parameters
    ----------
    x : array_like, shape (N,)
        x[n] was taken at t = n / rate.
    rate : float
        Sampling rate in Hz, positive.
    times : array_like, shape (T,)
        In seconds, in any order; before the first sample and after the last one too.

    Returns
    -------
    values : ndarray, shape (T,)
        In the units of x.

    Raises
    ------
    ValueError
        If the rate is not positive, or if x or times is empty or not finite.

    References
    ----------
    Shannon (1949), "Communication in the presence of noise", section II.
    """
    x, times = finite_array(x, "x"), finite_array(times, "times")
    if not (rate > 0 and np.isfinite(rate)):
        raise ValueError("the rate must be positive and finite")
    distances = rate * times[:, None] - np.arange(len(x))
    return np.sinc(distances) @ x


def decimate(x: ArrayLike, factor: int, half_width: int) -> np.ndarray:
    """Every M-th sample of a signal, after a low-pass filter at half of the new rate.

    The filter is an ideal low-pass cut short by a Hamming window. For k = -L ... L,

        h[k] is proportional to (0.54 + 0.46 cos(pi k / L)) sinc(k / M),

    with sinc(u) = sin(pi u) / (pi u), and all h[k] add up to 1. Sample m of the result is the sum
    over k of h[k] x[m M - k]: the filter looks as far ahead as it looks back and does not delay
    the signal. Samples outside x are zero.

    Parameters
    ----------
    x : array_like, shape (N,)
        The signal.
    factor : int
        M, at least 1.
    half_width : int
        L, at least 1: the filter has 2 L + 1 taps. It may be longer than the signal.

    Returns
    -------
    y : ndarray, shape (ceil(N / M),)
        The samples number 0, M, 2 M, ... of the filtered signal.

    Raises
    ------
    ValueError
        If the factor or the half-width is not a whole number of at least 1, or if x is empty or not
        finite.

    References
    ----------
    Oppenheim and Schafer (2010), sections 4.6 and 7.5.
    """
    x = finite_array(x, "x")
    if factor < 1 or half_width < 1 or factor % 1 or half_width % 1:
        raise ValueError("factor and half_width must be whole numbers of at least 1")
    L = int(half_width)
    h = np.hamming(2 * L + 1) * np.sinc(np.arange(-L, L + 1) / factor)
    filtered = np.convolve(x, h / h.sum())[L : L + len(x)]
    return filtered[:: int(factor)]


def uniform_quantise(x: ArrayLike, bits: int) -> np.ndarray:
    """Each sample replaced by the middle of the step in which it lies.

    The range from -1 to 1 is divided into 2^bits steps of equal height. A sample on the border of
    two steps belongs to the upper one: 0 becomes half a step, so silence has no level of its own
    ("mid-rise"). What lies below the lowest or above the highest step is clipped to it.

    Parameters
    ----------
    x : array_like, shape (N,)
        Full scale is -1 to 1.
    bits : int
        At least 1.

    Returns
    -------
    y : ndarray, shape (N,)
        One of 2^bits values for each sample, on the scale of x.

    Raises
    ------
    ValueError
        If bits is not a whole number of at least 1, or if x is empty or not finite.

    References
    ----------
    Rabiner and Schafer (1978), "Digital Processing of Speech Signals", section 5.3.
    """
    x = finite_array(x, "x")
    if bits < 1 or bits % 1:
        raise ValueError("bits must be a whole number of at least 1")
    step = 2 / 2**bits
    middles = step * (np.floor(x / step) + 0.5)
    return np.clip(middles, -1 + step / 2, 1 - step / 2)


def mu_law(x: ArrayLike, classes: int = 256) -> np.ndarray:
    """The mu-law class of each sample.

    With mu = classes - 1, a sample is compressed to

        F(x) = sign(x) ln(1 + mu |x|) / ln(1 + mu),

    which also lies between -1 and 1. The values 0, 1, ..., mu are laid over that range at equal
    distances, 0 on F = -1 and mu on F = 1; the class is the nearest one. Half-way between two
    classes is the upper one, so a sample of 0 has class 128 of 256. A sample beyond full scale has
    the first or the last class.

    Parameters
    ----------
    x : array_like, shape (N,)
        Full scale is -1 to 1.
    classes : int
        How many, at least 2.

    Returns
    -------
    c : ndarray of int, shape (N,)
        From 0 to classes - 1.

    Raises
    ------
    ValueError
        If `classes` is not a whole number of at least 2, or if x is empty or not finite.

    References
    ----------
    van den Oord et al. (2016), "WaveNet", section 2.2; ITU-T G.711 for the law in telephony, which
    draws the curve with straight pieces.
    """
    x = np.clip(finite_array(x, "x"), -1, 1)
    if classes < 2 or classes % 1:
        raise ValueError("classes must be a whole number of at least 2")
    mu = classes - 1
    compressed = np.sign(x) * np.log1p(mu * np.abs(x)) / np.log1p(mu)
    return np.floor((compressed + 1) / 2 * mu + 0.5).astype(int)


def mu_law_inverse(c: ArrayLike, classes: int = 256) -> np.ndarray:
    """The sample that each mu-law class stands for.

    With mu = classes - 1, class c lies at F = 2 c / mu - 1 of the compressed scale; the sample is
    the x whose compressed value, sign(x) ln(1 + mu |x|) / ln(1 + mu), is F.

    Parameters
    ----------
    c : array_like of int, shape (N,)
        From 0 to classes - 1.
    classes : int
        How many there are, at least 2.

    Returns
    -------
    x : ndarray, shape (N,)
        From -1 to 1.

    Raises
    ------
    ValueError
        If a class is not one of the whole numbers 0 ... classes - 1, if `classes` is not a whole
        number of at least 2, or if c is empty.

    References
    ----------
    van den Oord et al. (2016), section 2.2.
    """
    c = finite_array(c, "c")
    if classes < 2 or classes % 1:
        raise ValueError("classes must be a whole number of at least 2")
    if np.any(c % 1) or c.min() < 0 or c.max() > classes - 1:
        raise ValueError("every class must be a whole number from 0 to classes - 1")
    mu = classes - 1
    compressed = 2 * c / mu - 1
    return np.sign(compressed) * np.expm1(np.abs(compressed) * np.log1p(mu)) / mu


def sqnr(x: ArrayLike, quantised: ArrayLike) -> float:
    """Signal-to-quantisation-noise ratio in decibels.

    The noise is what quantisation has added, sample by sample. The ratio is that of the two
    energies; neither mean is taken off.

    Parameters
    ----------
    x : array_like, shape (N,)
        The signal before quantisation.
    quantised : array_like, shape (N,)
        The signal after it.

    Returns
    -------
    ratio : float
        In dB. Negative where the noise is the stronger of the two.

    Raises
    ------
    ValueError
        If the two have different lengths, if x is silent, or if the two are the same: zero has no
        level in decibels.

    References
    ----------
    Rabiner and Schafer (1978), section 5.3.
    """
    x, quantised = finite_array(x, "x"), finite_array(quantised, "quantised")
    if len(x) != len(quantised):
        raise ValueError("x and quantised must have the same length")
    signal, noise = np.sum(x**2), np.sum((quantised - x) ** 2)
    if signal == 0 or noise == 0:
        raise ValueError("neither the signal nor the noise may be zero everywhere")
    return float(10 * np.log10(signal / noise))
