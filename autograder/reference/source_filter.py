"""Source and filter: glottal pulses, formant resonators, the channel vocoder.

A resonator is y[n] = a x[n] + b y[n-1] + c y[n-2]: here a, b and c always mean these three numbers,
and T is the sampling period in seconds.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import signal

from autograder.reference.inputs import finite_array


@cache
def band_filter(low: float, high: float, rate: float) -> np.ndarray:
    """Sections of a Butterworth filter for one band, designed only once for each band."""
    return signal.butter(3, (low, high), "bandpass", output="sos", fs=rate)


def filter_bank(x: ArrayLike, edges: ArrayLike, rate: float) -> np.ndarray:
    """A signal split into neighbouring frequency bands by Butterworth filters.

    Parameters
    ----------
    x : array_like, shape (N,)
    edges : array_like, shape (K + 1,)
        Band k lies between edges[k] and edges[k + 1], in Hz: ascending, above 0 and below rate/2.
    rate : float
        Sampling rate in Hz.

    Returns
    -------
    bands : ndarray, shape (K, N)

    Raises
    ------
    ValueError
        If x or edges is empty, not a vector or not finite, or if the edges are not as said.
    """
    x, edges = finite_array(x, "x"), finite_array(edges, "edges")
    inside = 0 < edges[0] and edges[-1] < rate / 2
    if len(edges) < 2 or not inside or np.any(np.diff(edges) <= 0):
        raise ValueError("edges must ascend, two or more of them, between 0 and rate/2")
    bands = np.empty((len(edges) - 1, len(x)))
    for k in range(len(bands)):
        bands[k] = signal.sosfilt(band_filter(edges[k], edges[k + 1], rate), x)
    return bands


def glottal_flow(
    f0: ArrayLike, rate: float, opening: float = 0.4, closing: float = 0.16
) -> np.ndarray:
    """Air flow through vibrating vocal folds: Rosenberg's pulse, once in every period.

    The phase is 0 at the first sample and grows, from each sample to the next, by the f0 of the
    sample that is left, divided by the rate; its whole part does not matter. With phi between 0
    and 1, where in its period the voice is, the flow is

        (1 - cos(pi phi / opening)) / 2              while the folds open, phi < opening,
        cos(pi (phi - opening) / (2 closing))        while they close, for the next `closing`,
        0                                            while they are shut, for the rest.

    Parameters
    ----------
    f0 : array_like, shape (N,)
        The pitch at every sample, in Hz: positive, below rate/2.
    rate : float
        Sampling rate in Hz.
    opening, closing : float
        Parts of a period, positive, together at most 1.

    Returns
    -------
    flow : ndarray, shape (N,)
        Between 0 and 1.

    Raises
    ------
    ValueError
        If f0 or one of the parts lies outside the ranges given.

    References
    ----------
    Rosenberg (1971), "Effect of glottal pulse shape on the quality of natural vowels", pulse C.
    """
    f0 = finite_array(f0, "f0")
    if not (f0.min() > 0 and f0.max() < rate / 2):
        raise ValueError("f0 must lie between 0 and rate/2")
    if not (opening > 0 and closing > 0 and opening + closing <= 1):
        raise ValueError("opening and closing must be positive and together at most 1")
    turns = np.append(0.0, np.cumsum(f0)[:-1]) / rate
    phi = turns % 1
    rising = 0.5 * (1 - np.cos(np.pi * phi / opening))
    falling = np.cos(np.pi * (phi - opening) / (2 * closing))
    return np.where(phi < opening, rising, np.where(phi < opening + closing, falling, 0.0))


def resonator(F: ArrayLike, B: ArrayLike, T: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients of the digital resonators of a vocal tract, one for each formant.

    Resonator k is y[n] = a_k x[n] + b_k y[n-1] + c_k y[n-2]. Without input it rings at F_k hertz
    and dies away as exp(-pi B_k t), t in seconds; a constant input passes it unchanged.

    Parameters
    ----------
    F : array_like, shape (K,)
        Formant frequencies in Hz, above 0 and below half the sampling rate.
    B : array_like, shape (K,)
        Their bandwidths in Hz, positive.
    T : float
        Sampling period in seconds, positive.

    Returns
    -------
    a, b, c : ndarray, shape (K,)

    Raises
    ------
    ValueError
        If a value of F or B lies outside the ranges given.

    References
    ----------
    Klatt (1980), "Software for a cascade/parallel formant synthesizer", section I.
    """
    F, B = finite_array(F, "F"), finite_array(B, "B")
    if not (F.min() > 0 and B.min() > 0 and F.max() < 0.5 / T):
        raise ValueError("B must be positive, and F must lie between 0 and half the rate")
    c = -np.exp(-2 * np.pi * B * T)
    b = 2 * np.exp(-np.pi * B * T) * np.cos(2 * np.pi * F * T)
    a = 1 - b - c
    return a, b, c


def cascade(x: ArrayLike, a: ArrayLike, b: ArrayLike, c: ArrayLike) -> np.ndarray:
    """A source through resonators in series: the output of each is the input of the next.

    Resonator k computes y[n] = a_k x[n] + b_k y[n-1] + c_k y[n-2] from its own input x. Before the
    first sample everything is zero.

    Parameters
    ----------
    x : array_like, shape (N,)
        The source.
    a, b, c : array_like, shape (K,)
        Coefficients of the resonators.

    Returns
    -------
    speech : ndarray, shape (N,)
        The output of the last resonator.

    Raises
    ------
    ValueError
        If a, b and c differ in length.

    References
    ----------
    Klatt (1980), sections I and II.
    """
    x, a = finite_array(x, "x"), finite_array(a, "a")
    b, c = finite_array(b, "b"), finite_array(c, "c")
    if not len(a) == len(b) == len(c):
        raise ValueError("a, b and c must have the same length")
    for k in range(len(a)):
        y = np.zeros(len(x) + 2)  # two samples of silence, then the output
        for n in range(len(x)):
            y[n + 2] = a[k] * x[n] + b[k] * y[n + 1] + c[k] * y[n]
        x = y[2:]
    return x


def band_levels(x: ArrayLike, edges: ArrayLike, rate: float, hop: int) -> np.ndarray:
    """How strong a signal is in each band and each frame: what a channel vocoder sends.

    The bands are those of `filter_bank`. The level is the root-mean-square value of the band's
    samples in a frame. Frames do not overlap: frame t holds the samples hop t to hop (t + 1) - 1,
    the last one whatever is left, so that there are T = ceil(N / hop) of them.

    Parameters
    ----------
    x : array_like, shape (N,)
    edges : array_like, shape (K + 1,)
        In Hz, as for `filter_bank`.
    rate : float
        Sampling rate in Hz.
    hop : int
        Samples a frame, at least 1.

    Returns
    -------
    levels : ndarray, shape (T, K)
        In the units of x.

    Raises
    ------
    ValueError
        If hop < 1.

    References
    ----------
    Dudley (1939), "Remaking speech"; Gold and Rader (1967), "The channel vocoder".
    """
    if hop < 1:
        raise ValueError("hop must be at least 1")
    bands = filter_bank(x, edges, rate)
    frames = [bands[:, start : start + hop] for start in range(0, bands.shape[1], hop)]
    return np.array([np.sqrt(np.mean(frame**2, axis=1)) for frame in frames])


def revoice(
    levels: ArrayLike, carrier: ArrayLike, edges: ArrayLike, rate: float, hop: int
) -> np.ndarray:
    """Speech from band levels and another source: the receiving half of a channel vocoder.

    The carrier is split by `filter_bank`, and each of its bands is scaled so that its
    root-mean-square value over all N samples is 1. It is then multiplied, sample by sample, by its
    gain, and the products are added up. The gain of band k is levels[t, k] at the middle of frame
    t, which is sample hop t + (hop - 1) / 2. Between two middles it follows a straight line; before
    the first and after the last it stays as it is there.

    Parameters
    ----------
    levels : array_like, shape (T, K)
        Levels of the speech, not negative.
    carrier : array_like, shape (N,)
        The new source, where T = ceil(N / hop).
    edges : array_like, shape (K + 1,)
        In Hz, as for `filter_bank`.
    rate : float
        Sampling rate in Hz.
    hop : int
        Samples a frame, at least 1.

    Returns
    -------
    speech : ndarray, shape (N,)

    Raises
    ------
    ValueError
        If levels has not a row for each frame of the carrier and a column for each band, or if the
        carrier is silent (all zero).

    References
    ----------
    Dudley (1939); Gold and Rader (1967).
    """
    levels = finite_array(levels, "levels", dimensions=2)
    bands = filter_bank(carrier, edges, rate)
    if levels.shape != (-(-bands.shape[1] // hop), len(bands)):
        raise ValueError("levels must have a row for each frame and a column for each band")
    if not np.any(bands):
        raise ValueError("the carrier must not be silent")
    bands = bands / np.sqrt(np.mean(bands**2, axis=1, keepdims=True))
    n = np.arange(bands.shape[1])
    middles = hop * np.arange(len(levels)) + (hop - 1) / 2
    gains = np.array([np.interp(n, middles, level) for level in levels.T])
    return np.sum(gains * bands, axis=0)


def resonator_sensitivity(
    W1: ArrayLike, W2: ArrayLike, s: ArrayLike, B: ArrayLike, T: float
) -> np.ndarray:
    """How far a slip in a measured formant moves the coefficients b of a converted voice.

    A network turns the formants s_n of one speaker into those of another, frame by frame:

        h_n = tanh(W1 s_n),    t_n = W2 h_n,

    in hertz. Formant k of frame n is then made by a resonator at t_{n,k} hertz with the fixed
    bandwidth B_k, whose second coefficient (see `resonator`) is b_{n,k}. Asked for are all the
    derivatives of b_{n,k} with respect to s_{n,j}.

    Parameters
    ----------
    W1 : array_like, shape (H, J)
    W2 : array_like, shape (K, H)
    s : array_like, shape (N, J)
        One row a frame, in Hz.
    B : array_like, shape (K,)
        Bandwidths in Hz.
    T : float
        Sampling period in seconds, positive.

    Returns
    -------
    sensitivity : ndarray, shape (N, K, J)
        Element [n, k, j] is the derivative of b_{n,k} with respect to s_{n,j}, per Hz.

    Raises
    ------
    ValueError
        If B has not one bandwidth for each formant, or if one is not positive.
    """
    W1, W2 = finite_array(W1, "W1", dimensions=2), finite_array(W2, "W2", dimensions=2)
    s, B = finite_array(s, "s", dimensions=2), finite_array(B, "B")
    if len(B) != len(W2) or B.min() <= 0:
        raise ValueError("B must hold a positive bandwidth for each formant")
    h = np.tanh(s @ W1.T)
    t = h @ W2.T
    slope = -4 * np.pi * T * np.exp(-np.pi * B * T) * np.sin(2 * np.pi * t * T)
    through = np.einsum("ki,ni,ij->nkj", W2, 1 - h**2, W1)
    return slope[:, :, None] * through
