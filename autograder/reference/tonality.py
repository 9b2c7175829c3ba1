"""Tonal features: constant-Q transform, chroma, tonal centroid, keys and chords.

Pitch classes are counted from C: 0 is C, 1 is C sharp, ..., 11 is B.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from autograder.reference.inputs import finite_array


def constant_q_bins(
    rate: float, lowest: float, bins_per_octave: int, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies of the bins of a constant-Q transform, and how many samples each one needs.

    Bin k stands for f_k = lowest * 2^(k/B), k = 0 ... count - 1, with B bins an octave. All bins
    have one quality factor, the frequency over the distance to the next bin above:
    Q = 1 / (2^(1/B) - 1). A bin needs Q periods of its frequency, which is rate * Q / f_k samples,
    rounded up.

    Parameters
    ----------
    rate : float
        Samples a second.
    lowest : float
        Frequency of bin 0 in hertz.
    bins_per_octave : int
        B, at least 1.
    count : int
        Number of bins, at least 1.

    Returns
    -------
    frequencies : ndarray, shape (count,)
        In hertz.
    lengths : ndarray of int, shape (count,)
        In samples.

    Raises
    ------
    ValueError
        If rate, lowest, B or count is not positive, or the highest bin not below half the rate.

    References
    ----------
    Brown (1991), "Calculation of a constant Q spectral transform".
    """
    if not (rate > 0 and lowest > 0 and bins_per_octave >= 1 and count >= 1):
        raise ValueError("rate, lowest, bins_per_octave and count must be positive")
    frequencies = lowest * 2 ** (np.arange(count) / bins_per_octave)
    if not frequencies[-1] < rate / 2:
        raise ValueError("the highest bin must lie below half the rate")
    quality = 1 / (2 ** (1 / bins_per_octave) - 1)
    return frequencies, np.ceil(rate * quality / frequencies).astype(int)


def constant_q(x: ArrayLike, rate: float, frequencies: ArrayLike, lengths: ArrayLike) -> np.ndarray:
    """The constant-Q transform of the beginning of a signal, by its definition.

    With the frequency f_k and the length N_k of bin k,

        X[k] = 1/N_k * sum over n = 0 ... N_k - 1 of x[n] w_k[n] e^(-j 2 pi f_k n / rate),

    where w_k[n] = 1/2 - 1/2 cos(2 pi n / N_k) is a Hann window. All windows begin at x[0].

    Parameters
    ----------
    x : array_like, shape (N,)
        The signal, at least as long as the longest window.
    rate : float
        Samples a second.
    frequencies : array_like, shape (K,)
        In hertz, such as from `constant_q_bins`.
    lengths : array_like of int, shape (K,)
        In samples.

    Returns
    -------
    X : ndarray, shape (K,), complex

    Raises
    ------
    ValueError
        If there are not as many lengths as frequencies, if the rate is not positive, if a length
        is below 1 or longer than x, or if x is empty or not finite.

    References
    ----------
    Brown (1991), "Calculation of a constant Q spectral transform", equation 5.
    """
    x, frequencies = finite_array(x, "x"), finite_array(frequencies, "frequencies")
    lengths = finite_array(lengths, "lengths").astype(int)
    if len(lengths) != len(frequencies) or not rate > 0:
        raise ValueError("each frequency needs a length, and the rate must be positive")
    if lengths.min() < 1 or lengths.max() > len(x):
        raise ValueError("each length must lie between 1 and the number of samples")
    spectrum = np.zeros(len(frequencies), dtype=complex)
    for k, length in enumerate(lengths):
        n = np.arange(length)
        window = 0.5 - 0.5 * np.cos(2 * np.pi * n / length)
        wave = np.exp(-2j * np.pi * frequencies[k] * n / rate)
        spectrum[k] = np.sum(x[:length] * window * wave) / length
    return spectrum


def constant_q_kernel(
    rate: float, frequencies: ArrayLike, lengths: ArrayLike, size: int, floor: float = 0.0
) -> np.ndarray:
    """The matrix that turns a discrete Fourier transform into a constant-Q transform.

    For a frame x of `size` samples, the product of this matrix with the frame's DFT (`size` bins,
    unscaled, as `np.fft.fft` computes it) is the constant-Q transform of the frame as `constant_q`
    defines it, windows, scale and phases included. Row k has few entries that matter; those whose
    magnitude is below `floor` times the largest of their row are set to zero.

    Parameters
    ----------
    rate : float
        Samples a second.
    frequencies : array_like, shape (K,)
        In hertz.
    lengths : array_like of int, shape (K,)
        In samples.
    size : int
        Length of the frame, at least that of the longest window.
    floor : float
        From 0 (keep everything) to below 1.

    Returns
    -------
    kernel : ndarray, shape (K, size), complex

    Raises
    ------
    ValueError
        If there are not as many lengths as frequencies, if the frequencies are empty or not finite,
        if the rate is not positive, if a length is below 1 or above size, or if floor is outside
        [0, 1).

    References
    ----------
    Brown and Puckette (1992), "An efficient algorithm for the calculation of a constant Q
    transform".
    """
    frequencies = finite_array(frequencies, "frequencies")
    lengths = finite_array(lengths, "lengths").astype(int)
    if len(lengths) != len(frequencies) or not (rate > 0 and 0 <= floor < 1):
        raise ValueError("a length for each frequency, a positive rate, a floor in [0, 1)")
    if lengths.min() < 1 or lengths.max() > size:
        raise ValueError("each length must lie between 1 and size")
    n = np.arange(size)
    inside = n < lengths[:, None]
    window = (0.5 - 0.5 * np.cos(2 * np.pi * n / lengths[:, None])) * inside
    atoms = window * np.exp(2j * np.pi * frequencies[:, None] * n / rate) / lengths[:, None]
    kernel = np.conj(np.fft.fft(atoms)) / size
    magnitude = np.abs(kernel)
    kernel[magnitude < floor * magnitude.max(axis=1, keepdims=True)] = 0
    return kernel


def constant_q_frames(x: ArrayLike, kernel: ArrayLike, hop: int) -> np.ndarray:
    """Constant-Q transforms of the frames of a signal, as products of their DFTs with a kernel.

    Frame t holds the samples from t * hop on, as many as the kernel has columns. There are as many
    frames as lie in the signal whole.

    Parameters
    ----------
    x : array_like, shape (N,)
    kernel : array_like, shape (K, size), complex
        As from `constant_q_kernel`.
    hop : int
        Samples from one frame to the next, at least 1.

    Returns
    -------
    X : ndarray, shape (T, K), complex
        Time first.

    Raises
    ------
    ValueError
        If the signal is shorter than a frame or not finite, hop is below 1, or the kernel is no
        matrix.
    """
    x, kernel = finite_array(x, "x"), np.asarray(kernel)
    if kernel.ndim != 2 or hop < 1:
        raise ValueError("kernel must be a matrix, and hop at least 1")
    if len(x) < kernel.shape[1]:
        raise ValueError("x is shorter than one frame")
    frames = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[1])[::hop]
    return np.fft.fft(frames) @ kernel.T


def chroma(spectrum: ArrayLike, bins_per_octave: int) -> np.ndarray:
    """Chroma: the magnitudes of a constant-Q spectrum, collapsed to one octave.

    chroma[t, b] is the sum over the octaves m of |X[t, b + m B]|. The last octave may be
    incomplete; the bins that it lacks add nothing.

    Parameters
    ----------
    spectrum : array_like, shape (T, K), real or complex
        Time first; bin 0 becomes chroma bin 0.
    bins_per_octave : int
        B, from 1 to K.

    Returns
    -------
    chroma : ndarray, shape (T, B)

    Raises
    ------
    ValueError
        If the spectrum is no matrix, is empty or not finite, or has less than an octave.

    References
    ----------
    Fujishima (1999), "Realtime chord recognition of musical sound"; Bello and Pickens (2005).
    """
    magnitude = finite_array(np.abs(spectrum), "spectrum", dimensions=2)
    frames, bins = magnitude.shape
    if not 1 <= bins_per_octave <= bins:
        raise ValueError("bins_per_octave must lie between 1 and the number of bins")
    missing = -bins % bins_per_octave
    whole = np.pad(magnitude, ((0, 0), (0, missing)))
    return whole.reshape(frames, -1, bins_per_octave).sum(axis=1)


def tonal_centroid(chroma: ArrayLike) -> np.ndarray:
    """The tonal centroid of each frame: where its pitch classes balance on three circles.

    Divide the chroma of a frame by its sum; pitch class l then weighs c_l. The six numbers are

        r_1 sin(l 7 pi/6), r_1 cos(l 7 pi/6)    the circle of fifths,
        r_2 sin(l 3 pi/2), r_2 cos(l 3 pi/2)    the circle of minor thirds,
        r_3 sin(l 2 pi/3), r_3 cos(l 2 pi/3)    the circle of major thirds,

    each times c_l and summed over l = 0 ... 11, with r_1 = r_2 = 1 and r_3 = 1/2.

    Parameters
    ----------
    chroma : array_like, shape (T, 12)
        Not negative.

    Returns
    -------
    centroid : ndarray, shape (T, 6)
        In the order above.

    Raises
    ------
    ValueError
        If there is no frame or not twelve pitch classes, a value is negative or not finite, or a
        frame is all zero: silence has no centroid.

    References
    ----------
    Harte, Sandler and Gasser (2006), "Detecting harmonic change in musical audio".
    """
    chroma = sounding_chroma(chroma)
    turns = np.outer(np.arange(12), [7 / 6, 3 / 2, 2 / 3]) * np.pi
    circles = np.stack([np.sin(turns), np.cos(turns)], axis=2) * [[1.0], [1.0], [0.5]]
    return chroma @ circles.reshape(12, 6) / chroma.sum(axis=1, keepdims=True)


def sounding_chroma(chroma: ArrayLike) -> np.ndarray:
    """Chroma as an array of shape (T, 12), of which no frame is silent."""
    chroma = finite_array(chroma, "chroma", dimensions=2)
    if chroma.shape[1] != 12 or chroma.min() < 0:
        raise ValueError("chroma must have twelve columns and no negative values")
    if not np.all(chroma.any(axis=1)):
        raise ValueError("a frame of chroma is all zero: silence has no harmony")
    return chroma


def key_scores(chroma: ArrayLike, major: ArrayLike, minor: ArrayLike) -> np.ndarray:
    """How well each of the 24 keys fits, as a correlation with the profile of its mode.

    A profile says how strongly each pitch class belongs to a key with the tonic C. The profile of
    another tonic is the same one, turned round by as many places. The score is Pearson's
    correlation coefficient of the chroma and the key's profile.

    Parameters
    ----------
    chroma : array_like, shape (12,)
        One chroma vector, such as the sum over a piece.
    major, minor : array_like, shape (12,)
        The profiles of C major and C minor.

    Returns
    -------
    scores : ndarray, shape (24,)
        The major keys with the tonics 0 ... 11, then the minor keys.

    Raises
    ------
    ValueError
        If something has not twelve values, a value is not finite, or all of them are equal: then no
        correlation exists.

    References
    ----------
    Krumhansl (1990), "Cognitive Foundations of Musical Pitch", chapter 4.
    """
    given = [
        finite_array(values, name)
        for values, name in ((chroma, "chroma"), (major, "major"), (minor, "minor"))
    ]
    if any(values.shape != (12,) or np.ptp(values) == 0 for values in given):
        raise ValueError("chroma and profiles must have twelve values that are not all equal")
    heard, *profiles = [values - values.mean() for values in given]
    keys = np.array([np.roll(profile, tonic) for profile in profiles for tonic in range(12)])
    return keys @ heard / (np.linalg.norm(keys, axis=1) * np.linalg.norm(heard))


def chord_sequence(
    chroma: ArrayLike, templates: ArrayLike, stay: float, sharpness: float
) -> np.ndarray:
    """The most probable sequence of chords, one a frame.

    The similarity of a frame and a chord is the cosine of the angle between the chroma and the
    chord's template. A sequence i_0 ... i_{T-1} of chords scores

        sum over t of sharpness * similarity(t, i_t)  +  sum over t >= 1 of log a(i_{t-1}, i_t),

    where a is `stay` if the chord is the one before, and else the rest of the probability,
    shared equally by the other chords. The first chord may be any. Of all sequences, the one with
    the highest score is wanted.

    Parameters
    ----------
    chroma : array_like, shape (T, 12)
    templates : array_like, shape (C, 12)
        At least two chords, none all zero.
    stay : float
        Probability of the same chord in the next frame, between 0 and 1.
    sharpness : float
        What similarity is worth; positive.

    Returns
    -------
    chords : ndarray of int, shape (T,)
        Rows of `templates`.

    Raises
    ------
    ValueError
        If a frame or a template is all zero, has not twelve pitch classes, or has a value that is
        negative or not finite, if there is no frame, if there are less than two chords, if stay is
        not between 0 and 1, or sharpness not positive.

    References
    ----------
    Fujishima (1999), for the templates; Sheh and Ellis (2003), for the sequence.
    """
    chroma, templates = sounding_chroma(chroma), sounding_chroma(templates)
    count = len(templates)
    if count < 2 or not 0 < stay < 1 or not sharpness > 0:
        raise ValueError("two chords or more, stay between 0 and 1, and a positive sharpness")
    frames = chroma / np.linalg.norm(chroma, axis=1, keepdims=True)
    chords = templates / np.linalg.norm(templates, axis=1, keepdims=True)
    similarity = sharpness * frames @ chords.T
    step = np.full((count, count), np.log((1 - stay) / (count - 1)))
    np.fill_diagonal(step, np.log(stay))
    best, came_from = similarity[0], np.zeros((len(frames), count), dtype=int)
    for t in range(1, len(frames)):
        paths = best[:, None] + step
        came_from[t] = paths.argmax(axis=0)
        best = paths.max(axis=0) + similarity[t]
    sequence = [int(best.argmax())]
    for t in range(len(frames) - 1, 0, -1):
        sequence.append(int(came_from[t, sequence[-1]]))
    return np.array(sequence[::-1])
