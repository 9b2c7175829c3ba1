"""Fourier series and transform, fast convolution, and the short-time Fourier transform.

The forward transform has the factor 1 and a negative exponent, the inverse the factor 1/N, as in
NumPy and SciPy. Frames stand in rows: a short-time transform has the shape (T, K).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from autograder.reference.inputs import finite_array, finite_complex_array


def fourier_series(x: ArrayLike, harmonics: int) -> tuple[float, np.ndarray, np.ndarray]:
    """Mean, amplitudes and phases of the sinusoids that make up a periodic signal.

    The signal is the sum over k = 1, 2, ... of a_k cos(2 pi k f t + phi_k), and the constant a_0.
    One period of it is given, as N samples at t = 0, 1/(N f), ..., (N-1)/(N f). The integral over
    a period is replaced by the sum over these samples, which is exact as long as the signal has no
    harmonic above N/2.

    Parameters
    ----------
    x : array_like, shape (N,)
        One period, real. The first sample of the next period is not repeated at the end.
    harmonics : int
        K, the number of harmonics asked for: at least 1 and below N/2.

    Returns
    -------
    mean : float
        a_0, in the units of x.
    amplitudes : ndarray, shape (K,)
        a_1 ... a_K, in the units of x, not negative.
    phases : ndarray, shape (K,)
        phi_1 ... phi_K, in radians. Whole turns do not matter; where the amplitude is zero, the
        phase may be any number.

    Raises
    ------
    ValueError
        If K is below 1, or is N/2 or more: N samples a period do not determine such a harmonic.

    References
    ----------
    Smith (2007), "Mathematics of the Discrete Fourier Transform"; Oppenheim and Schafer (2010),
    "Discrete-Time Signal Processing", chapter 8.
    """
    x = finite_array(x, "x")
    if not 1 <= harmonics < len(x) / 2:
        raise ValueError("harmonics must be at least 1 and below N/2")
    turns = np.outer(np.arange(1, harmonics + 1), np.arange(len(x))) / len(x)
    c = np.exp(-2j * np.pi * turns) @ x / len(x)
    return float(np.mean(x)), 2 * np.abs(c), np.angle(c)


def dft(x: ArrayLike) -> np.ndarray:
    """The discrete Fourier transform of a signal of any length.

    X[k] is the sum over n = 0 ... N-1 of x[n] exp(-j 2 pi n k / N), for k = 0 ... N-1. There is no
    factor in front of the sum.

    Parameters
    ----------
    x : array_like, shape (N,)
        Real or complex.

    Returns
    -------
    X : ndarray, shape (N,)
        Complex, in the units of x.

    Raises
    ------
    ValueError
        If x is empty, is no vector, or holds NaN or infinity.

    References
    ----------
    Oppenheim and Schafer (2010), chapter 8.
    """
    x = finite_complex_array(x, "x")
    n = np.arange(len(x))
    return np.exp(-2j * np.pi * np.outer(n, n) / len(x)) @ x


def inverse_dft(X: ArrayLike) -> np.ndarray:
    """The signal that has a given discrete Fourier transform.

    x[n] is 1/N times the sum over k = 0 ... N-1 of X[k] exp(j 2 pi n k / N), for n = 0 ... N-1.

    Parameters
    ----------
    X : array_like, shape (N,)
        The whole transform, all N bins; real or complex.

    Returns
    -------
    x : ndarray, shape (N,)
        Complex, in the units of X. Its imaginary part is zero, but for rounding, exactly if the
        bins k and N-k are complex conjugates.

    Raises
    ------
    ValueError
        If X is empty, is no vector, or holds NaN or infinity.

    References
    ----------
    Oppenheim and Schafer (2010), chapter 8.
    """
    X = finite_complex_array(X, "X")
    n = np.arange(len(X))
    return np.exp(2j * np.pi * np.outer(n, n) / len(X)) @ X / len(X)


def fft(x: ArrayLike) -> np.ndarray:
    """The discrete Fourier transform of 1, 2, 4, 8, ... samples in about N log N operations.

    The transform of N samples is put together from the transforms of the N/2 samples with an even
    number and of the N/2 samples with an odd number, these from transforms of N/4 samples, and so
    on, down to single samples. A matrix with N rows and N columns is too large for the longest
    signals that this function is tried on.

    Parameters
    ----------
    x : array_like, shape (N,)
        Real or complex; N is a power of two.

    Returns
    -------
    X : ndarray, shape (N,)
        Complex, in the units of x: the same numbers as by the definition of the transform.

    Raises
    ------
    ValueError
        If N is not a power of two.

    References
    ----------
    Cooley and Tukey (1965), "An algorithm for the machine calculation of complex Fourier series".
    """
    x = finite_complex_array(x, "x")
    N = len(x)
    if N & (N - 1):
        raise ValueError("the number of samples must be a power of two")
    twiddles = np.exp(-2j * np.pi * np.arange(N // 2) / N)
    X = x.reshape(1, N)  # a column is a transform: N of length 1 now, one of length N at the end
    while X.shape[1] > 1:
        half = X.shape[1] // 2
        even, odd = X[:, :half], X[:, half:] * twiddles[::half, None]
        X = np.concatenate([even + odd, even - odd])
    return X[:, 0]


def overlap_add(x: ArrayLike, h: ArrayLike, block: int) -> np.ndarray:
    """Convolution of a long signal with a filter, block by block, by transforms.

    y[n] is the sum over m of x[m] h[n-m], where both signals are zero outside what is given. The
    signal is cut into blocks of `block` samples, of which the last may be shorter. Each block is
    convolved with h by multiplying transforms that are long enough for the whole result; the
    results overlap and are added.

    Parameters
    ----------
    x : array_like, shape (N,)
        The signal, real.
    h : array_like, shape (M,)
        The impulse response of the filter, real. May be longer than a block, and than the signal.
    block : int
        Samples in a block, at least 1.

    Returns
    -------
    y : ndarray, shape (N + M - 1,)
        Real, in the units of x times those of h.

    Raises
    ------
    ValueError
        If `block` is below 1.

    References
    ----------
    Stockham (1966), "High-speed convolution and correlation"; Oppenheim and Schafer (2010),
    section 8.7.
    """
    x, h = finite_array(x, "x"), finite_array(h, "h")
    if block < 1:
        raise ValueError("block must be at least 1")
    size = block + len(h) - 1
    H = np.fft.rfft(h, size)
    y = np.zeros(len(x) + size)
    for start in range(0, len(x), block):
        X = np.fft.rfft(x[start : start + block], size)
        y[start : start + size] += np.fft.irfft(X * H, size)
    return y[: len(x) + len(h) - 1]


def stft(x: ArrayLike, window: ArrayLike, hop: int) -> np.ndarray:
    """Short-time Fourier transform: the spectra of windowed frames, one frame a row.

    Frame m holds the L samples from sample m * hop on, multiplied by the window; its transform is
    taken over these L samples, without a factor and without zero padding. Only frames that lie
    inside the signal count: nothing is put before its first sample, and the samples behind the
    last whole frame are left out. (librosa calls this `center=False`.)

    Parameters
    ----------
    x : array_like, shape (N,)
        The signal, real.
    window : array_like, shape (L,)
        Real, 1 <= L <= N; L may be odd.
    hop : int
        Samples from one frame to the next, at least 1. May be larger than L.

    Returns
    -------
    X : ndarray, shape (T, L // 2 + 1)
        Complex, in the units of x. T is the number of frames, K = L // 2 + 1 that of the bins from
        0 Hz up to half the sampling rate; the other bins of a real signal are the complex
        conjugates of these.

    Raises
    ------
    ValueError
        If the window is longer than the signal, or if `hop` is below 1.

    References
    ----------
    Allen and Rabiner (1977), "A unified approach to short-time Fourier analysis and synthesis".
    """
    x, window = finite_array(x, "x"), finite_array(window, "window")
    L = len(window)
    if L > len(x):
        raise ValueError("the window must not be longer than the signal")
    if hop < 1:
        raise ValueError("hop must be at least 1")
    frames = np.lib.stride_tricks.sliding_window_view(x, L)[::hop]
    return np.fft.rfft(frames * window)


def inverse_stft(X: ArrayLike, window: ArrayLike, hop: int) -> np.ndarray:
    """The signal whose short-time Fourier transform comes closest to a given one.

    Each row is transformed back into a frame of L samples, which is multiplied by the window once
    more and added at its place, from sample m * hop on. Each sample of this sum is then divided by
    the sum of the squares of those values of the window that it was multiplied by. If X is the
    transform of a signal, with the same window and hop, this signal comes back exactly wherever a
    window that is not zero has covered it. If X was changed, the result is the signal whose
    transform has the smallest squared distance from X, over all L bins of all frames.

    Parameters
    ----------
    X : array_like, shape (T, L // 2 + 1)
        Bins 0 ... L // 2 of each frame, complex, as `stft` returns them.
    window : array_like, shape (L,)
        The window of the transform, real; L may be odd.
    hop : int
        The hop of the transform, at least 1.

    Returns
    -------
    x : ndarray, shape ((T - 1) * hop + L,)
        Real, in the units of X. Zero where no window covers a sample, or only values of it that are
        smaller than 1e-12 times its largest.

    Raises
    ------
    ValueError
        If the rows do not have L // 2 + 1 bins, if `hop` is below 1, or if the window is zero
        throughout.

    References
    ----------
    Griffin and Lim (1984), "Signal estimation from modified short-time Fourier transform".
    """
    X, window = finite_complex_array(X, "X", 2), finite_array(window, "window")
    L = len(window)
    if X.shape[1] != L // 2 + 1:
        raise ValueError("X must have L // 2 + 1 bins in each row")
    if hop < 1:
        raise ValueError("hop must be at least 1")
    if not window.any():
        raise ValueError("the window must not be zero throughout")
    frames = np.fft.irfft(X, L) * window
    x = np.zeros((len(X) - 1) * hop + L)
    weight = np.zeros(len(x))
    for m, frame in enumerate(frames):
        x[m * hop : m * hop + L] += frame
        weight[m * hop : m * hop + L] += window**2
    covered = weight > (1e-12 * np.abs(window).max()) ** 2
    return np.divide(x, weight, out=np.zeros(len(x)), where=covered)


def leakage(window: ArrayLike) -> float:
    """Level of the highest side lobe of a window, in decibels, relative to its main lobe.

    The spectrum of the window is looked at between its bins, too: zero padding to 32 times its
    length or more is fine enough. The main lobe has its peak at 0 Hz and ends at the first minimum
    of the magnitude; every maximum beyond it belongs to a side lobe.

    Parameters
    ----------
    window : array_like, shape (L,)
        Real, for instance from `scipy.signal.get_window`.

    Returns
    -------
    level : float
        In dB, negative for the windows in use: twenty times the base-ten logarithm of the magnitude
        at the top of the highest side lobe over that at 0 Hz. Right to within 0.1 dB.

    Raises
    ------
    ValueError
        If the window adds up to zero, so that there is no level at 0 Hz to compare with, or if its
        magnitude falls all the way to half the sampling rate, so that there is no side lobe.

    References
    ----------
    Harris (1978), "On the use of windows for harmonic analysis with the discrete Fourier
    transform", table 1.
    """
    window = finite_array(window, "window")
    magnitude = np.abs(np.fft.rfft(window, 64 * len(window)))
    if magnitude[0] <= 1e-12 * np.abs(window).sum():
        raise ValueError("the window must not add up to zero")
    rises = np.diff(magnitude) > 1e-12 * magnitude[0]
    if not rises.any():
        raise ValueError("this window has no side lobe")
    beyond = magnitude[np.argmax(rises) :]
    return float(20 * np.log10(beyond.max() / magnitude[0]))


def interpolated_peak(levels: ArrayLike, rate: float, size: int) -> tuple[float, float]:
    """Frequency and level of the highest peak of a spectrum, more finely than its bins.

    A parabola goes through the level of the highest bin and the levels of its two neighbours, all
    in decibels; the peak is where that parabola has its maximum.

    Parameters
    ----------
    levels : array_like, shape (size // 2 + 1,)
        In dB: the spectrum of one windowed frame, bins from 0 Hz up to half the sampling rate.
    rate : float
        Sampling rate in Hz, positive.
    size : int
        Number of samples that were transformed, zero padding included.

    Returns
    -------
    frequency : float
        In Hz.
    level : float
        In dB, at the maximum of the parabola.

    Raises
    ------
    ValueError
        If there are not size // 2 + 1 levels, if the rate is not positive, or if the highest bin is
        the first or the last one, which has one neighbour only.

    References
    ----------
    Smith and Serra (1987), "PARSHL: an analysis/synthesis program for non-harmonic sounds based on
    a sinusoidal representation".
    """
    levels = finite_array(levels, "levels")
    if len(levels) != size // 2 + 1:
        raise ValueError("levels must have size // 2 + 1 values")
    if not rate > 0:
        raise ValueError("rate must be positive")
    k = int(np.argmax(levels))
    if not 0 < k < len(levels) - 1:
        raise ValueError("the highest bin must have a neighbour on either side")
    before, top, after = levels[k - 1 : k + 2]
    offset = (before - after) / (before - 2 * top + after) / 2
    return float((k + offset) * rate / size), float(top - (before - after) * offset / 4)
