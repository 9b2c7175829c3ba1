"""Linear prediction, in the convention s[n] = sum over m of a_m s[n-m] + G e[n].

`a` always holds the predictor a_1 ... a_p: `a[m - 1]` is a_m. Libraries (librosa, SciPy, MATLAB)
speak of the prediction-error filter 1, -a_1, ..., -a_p instead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from autograder.reference.inputs import finite_array


def autocorrelation(x: ArrayLike, order: int) -> np.ndarray:
    """Short-time autocorrelation of a frame, lags 0 to `order`.

    r[k] is the sum of x[n] x[n-k] over all n for which both samples lie inside the frame: a plain
    sum, with the mean left in and without division by the number of terms.

    Parameters
    ----------
    x : array_like, shape (N,)
        The frame, usually windowed. May hold 16-bit integers.
    order : int
        Largest lag, 0 <= order < N.

    Returns
    -------
    r : ndarray, shape (order + 1,)

    Raises
    ------
    ValueError
        If `order` is outside 0 ... N-1: there are no other lags.

    References
    ----------
    Makhoul (1975), "Linear prediction: a tutorial review", section II.
    """
    x = finite_array(x, "x")
    if not 0 <= order < len(x):
        raise ValueError("order must lie between 0 and N-1")
    return np.array([x[k:] @ x[: len(x) - k] for k in range(order + 1)])


def normal_equations(s: ArrayLike, order: int) -> tuple[np.ndarray, np.ndarray]:
    """The two sides of c = Phi a, by the covariance method.

    The predictor that makes the squared error smallest solves, for k = 1 ... p,

        c[k] = sum over m of Phi[k, m] a_m,
        c[k] = sum over n of s[n] s[n-k],    Phi[k, m] = sum over n of s[n-k] s[n-m].

    All sums run over the same n: those samples of `s` that have all p samples before them in `s`.
    Nothing is assumed about samples outside `s`, and no window is applied.

    Parameters
    ----------
    s : array_like, shape (N,)
        The p samples of history, then the samples to predict.
    order : int
        p, 1 <= order < N.

    Returns
    -------
    c : ndarray, shape (order,)
        c[k - 1] holds the sum for lag k.
    Phi : ndarray, shape (order, order)

    Raises
    ------
    ValueError
        If no sample of s has p samples before it, or if `order` is below 1.

    References
    ----------
    Atal and Hanauer (1971), "Speech analysis and synthesis by linear prediction".
    """
    s = finite_array(s, "s")
    if not 1 <= order < len(s):
        raise ValueError("order must lie between 1 and N-1")
    delayed = np.stack([s[order - m : len(s) - m] for m in range(order + 1)])
    products = delayed @ delayed.T
    return products[1:, 0], products[1:, 1:]


def levinson_durbin(r: ArrayLike, order: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Predictor, reflection coefficients and error from an autocorrelation, by recursion.

    The predictor solves the Toeplitz equations: for k = 1 ... p,
    r[k] = sum over m of a_m r[|k-m|]. It is built up from the predictors of order 1, 2, ..., p in a
    number of operations that grows as p squared.

    Parameters
    ----------
    r : array_like, shape (at least order + 1,)
        Autocorrelation, lags 0, 1, ...; lags beyond `order` are not used.
    order : int
        p, at least 1.

    Returns
    -------
    a : ndarray, shape (order,)
        Predictor coefficients a_1 ... a_p, in the sense that s[n] is predicted by
        a_1 s[n-1] + ... + a_p s[n-p].
    k : ndarray, shape (order,)
        k[i - 1] is the last coefficient of the predictor of order i.
    error : float
        Energy of the prediction error that is left at order p, in the units of r[0].

    Raises
    ------
    ValueError
        If r[0] is not positive (silence), or if a reflection coefficient reaches magnitude 1 (no
        frame of finite length has such an autocorrelation).

    References
    ----------
    Durbin (1960); Makhoul (1975), section II.
    """
    r = finite_array(r, "r")
    if r[0] <= 0:
        raise ValueError("r[0] is the energy and must be positive: silence has no predictor")
    a, k, error = np.zeros(0), np.zeros(order), r[0]
    for i in range(order):
        k[i] = (r[i + 1] - a @ r[i:0:-1]) / error
        if abs(k[i]) >= 1:
            raise ValueError("r is not the autocorrelation of a frame")
        a = np.append(a - k[i] * a[::-1], k[i])
        error = error * (1 - k[i] ** 2)
    return a, k, float(error)


def reflection_coefficients(a: ArrayLike) -> np.ndarray:
    """The reflection coefficients of a given predictor, by the step-down recursion.

    Levinson and Durbin climb from order 1 to order p; this walks back down. k[i - 1] is the last
    coefficient of the predictor of order i. All have magnitude below 1 exactly if the synthesis
    filter is stable, so this also tests stability without computing a root.

    Parameters
    ----------
    a : array_like, shape (p,)
        Predictor coefficients a_1 ... a_p.

    Returns
    -------
    k : ndarray, shape (p,)

    Raises
    ------
    ValueError
        If the synthesis filter is not stable. One that rings for ever is not.

    References
    ----------
    Markel and Gray (1976), "Linear Prediction of Speech", chapter 5.
    """
    a = finite_array(a, "a")
    k = np.zeros(len(a))
    for i in reversed(range(len(a))):
        k[i] = a[i]
        if abs(k[i]) >= 1:
            raise ValueError("the synthesis filter of this predictor is not stable")
        a = (a[:i] + k[i] * a[:i][::-1]) / (1 - k[i] ** 2)
    return k


def residual(s: ArrayLike, a: ArrayLike) -> np.ndarray:
    """What the predictor cannot explain: each sample minus its prediction from the past.

    The prediction of s[n] is a_1 s[n-1] + ... + a_p s[n-p]. Samples before the first one are zero,
    so the first residual is s[0] itself and the residual is as long as the signal.

    Parameters
    ----------
    s : array_like, shape (N,)
        The signal; may be shorter than the predictor.
    a : array_like, shape (p,)
        Predictor coefficients a_1 ... a_p.

    Returns
    -------
    residual : ndarray, shape (N,)
        In the units of s. It is G e[n] of the synthesis equation, the gain not divided out.

    Raises
    ------
    ValueError
        If s or a is not finite: one NaN would spoil all samples after it.

    References
    ----------
    Makhoul (1975), section II.
    """
    s, a = finite_array(s, "s"), finite_array(a, "a")
    error = s.copy()
    for m in range(1, min(len(a) + 1, len(s))):
        error[m:] -= a[m - 1] * s[:-m]
    return error


def synthesis(e: ArrayLike, a: ArrayLike, gain: float) -> np.ndarray:
    """Speech from an excitation: s[n] = G e[n] + a_1 s[n-1] + ... + a_p s[n-p].

    Samples before the first one are zero.

    Parameters
    ----------
    e : array_like, shape (N,)
        Excitation: pulses, noise, or a residual divided by the gain.
    a : array_like, shape (p,)
        Predictor coefficients a_1 ... a_p.
    gain : float
        G, positive.

    Returns
    -------
    s : ndarray, shape (N,)

    Raises
    ------
    ValueError
        If the gain is not positive.

    References
    ----------
    Atal and Hanauer (1971).
    """
    e, a = finite_array(e, "e"), finite_array(a, "a")
    if not gain > 0:
        raise ValueError("gain must be positive")
    p = len(a)
    s = np.zeros(p + len(e))
    for n in range(len(e)):
        past = s[n : n + p][::-1]
        s[n + p] = gain * e[n] + a @ past
    return s[p:]


def envelope(a: ArrayLike, gain: float, frequencies: ArrayLike, rate: float) -> np.ndarray:
    """Level of the synthesis filter H(z) = G / (1 - sum over m of a_m z^-m), in decibels.

    H is evaluated on the unit circle, at z = exp(j 2 pi f / rate); the level is twenty times the
    base-ten logarithm of its magnitude.

    Parameters
    ----------
    a : array_like, shape (p,)
        Predictor coefficients a_1 ... a_p.
    gain : float
        G, positive.
    frequencies : array_like, shape (F,)
        In Hz.
    rate : float
        Sampling rate in Hz, positive.

    Returns
    -------
    level : ndarray, shape (F,)
        In dB.

    Raises
    ------
    ValueError
        If the gain is not positive: zero has no level.

    References
    ----------
    Makhoul (1975), section III.
    """
    a, frequencies = finite_array(a, "a"), finite_array(frequencies, "frequencies")
    if not gain > 0:
        raise ValueError("gain must be positive")
    delays = np.arange(1, len(a) + 1)
    prediction = np.exp(-2j * np.pi * np.outer(frequencies, delays) / rate) @ a
    return 20 * np.log10(gain / np.abs(1 - prediction))


def formants(a: ArrayLike, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies and bandwidths of the resonances of a predictor, lowest frequency first.

    The poles p_k of the synthesis filter are the roots of z^p - a_1 z^(p-1) - ... - a_p. A pair of
    complex conjugates, p_k and its mirror image, is one resonance: it rings at the frequency given
    by the angle of p_k and dies away as exp(-pi B t), B in Hz, t in seconds. Real poles do not
    ring and are left out.

    Parameters
    ----------
    a : array_like, shape (p,)
        Predictor coefficients a_1 ... a_p.
    rate : float
        Sampling rate in Hz, positive.

    Returns
    -------
    frequencies : ndarray, shape (K,)
        In Hz, strictly between 0 and rate/2, ascending. K, the number of conjugate pairs, may be 0.
    bandwidths : ndarray, shape (K,)
        In Hz, in the order of the frequencies. (Negative for a resonance that grows.)

    Raises
    ------
    ValueError
        If the rate is not positive.

    References
    ----------
    Markel and Gray (1976), chapter 7; Snell and Milinazzo (1993).
    """
    a = finite_array(a, "a")
    if not rate > 0:
        raise ValueError("rate must be positive")
    poles = np.roots(np.append(1.0, -a))
    poles = poles[poles.imag > 0]
    frequencies = np.angle(poles) * rate / (2 * np.pi)
    bandwidths = -np.log(np.abs(poles)) * rate / np.pi
    ascending = np.argsort(frequencies)
    return frequencies[ascending], bandwidths[ascending]
