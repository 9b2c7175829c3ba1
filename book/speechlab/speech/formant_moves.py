"""A recording with its formants moved: frame by frame, and then with its pitch.

Linear prediction finds the poles of each frame; those that are formants are turned to where they
should be, and the residual, moved in pitch, is sent through the filter of the new poles.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import median_filter
from scipy.signal import lfilter

from speechlab.speech import spectra

FRAME, HOP, ORDER = 0.032, 0.008, 10  # seconds, seconds, poles at 8 kHz
WIDEST, LOWEST = 600.0, 150.0  # hertz: what is wider or lower is no formant

Array = NDArray[np.floating]


def move_formants(
    samples: ArrayLike, rate: float, move: Callable[[Array], Array], semitones: float = 0.0
) -> Array:
    """The recording as `move` would have its formants, and so many semitones higher.

    Parameters
    ----------
    samples : array_like, shape (N,)
    rate : samples a second, 8000
    move : takes F1, F2, F3 in hertz, shape (frames, 3), and returns others of that shape
    semitones : by how much the pitch is raised; the duration stays

    Returns
    -------
    moved : ndarray, shape (N,), with the peak of the original

    Raises
    ------
    ValueError
        If the recording is empty, not finite, silent, of another rate, or shorter than a frame.
    """
    x = _checked(samples, rate)
    size, hop = round(FRAME * rate), round(HOP * rate)
    window = np.hanning(size + 1)[:size]
    sharp = np.pad(lfilter([1, -0.95], [1], x), size)
    sharp += 1e-6 * np.random.default_rng(0).standard_normal(len(sharp))
    frames = sliding_window_view(sharp, size)[::hop]
    filters = spectra.linear_prediction(frames * window, ORDER)
    poles = [upper_poles(a) for a in filters]
    ratios = _ratios(poles, rate, move)
    residual = np.zeros(len(sharp))
    for k, (frame, a) in enumerate(zip(frames, filters)):
        residual[k * hop : k * hop + size] += window * lfilter(a, [1], frame)
    if semitones:
        residual = _raised(residual, semitones)
    voice = np.zeros(len(sharp) + size)
    for k, (upper, ratio) in enumerate(zip(poles, ratios)):
        tail = np.pad(window * residual[k * hop : k * hop + size], (0, size))
        voice[k * hop : k * hop + 2 * size] += lfilter([1], _filter(upper, ratio, rate), tail)
    voice = lfilter([1], [1, -0.95], voice)[size : size + len(x)]
    return voice * np.abs(x).max() / np.abs(voice).max()


def _checked(samples: ArrayLike, rate: float) -> Array:
    x = np.asarray(samples, dtype=float)
    if x.ndim != 1 or x.size == 0:
        raise ValueError("A recording is one row of at least one sample.")
    if not np.all(np.isfinite(x)):
        raise ValueError("A recording must hold finite numbers; one of these is not.")
    if rate != 8000:
        raise ValueError(f"Recordings are converted at 8000 samples a second, not {rate:g}.")
    if len(x) < FRAME * rate:
        raise ValueError(f"A recording of {len(x)} samples is shorter than one frame.")
    if not np.any(x):
        raise ValueError("This recording is silent; there is no voice to convert.")
    return x


def _raised(x: Array, semitones: float) -> Array:
    """The sound so many semitones higher and as long as before, shape (N,) to (N,).

    As `librosa.effects.pitch_shift` does it: stretched in time by a phase vocoder, then resampled.
    """
    stretch = 2 ** (semitones / 12)
    longer = spectra.stretched(spectra.short_time(x, 512, 128), stretch, 128)
    slow = spectra.sound_of(longer, 128, length=round(len(x) * stretch))
    high = spectra.resampled(slow, 1 / stretch)
    return np.pad(high, (0, max(len(x) - len(high), 0)))[: len(x)]


def upper_poles(a: Array) -> NDArray[np.complexfloating]:
    """The poles with positive frequency, from low to high, then the real ones."""
    poles = np.roots(a)
    upper, real = poles[poles.imag > 1e-9], poles[np.abs(poles.imag) <= 1e-9]
    return np.append(upper[np.argsort(np.angle(upper))], real)


def formant_poles(poles: NDArray, rate: float) -> NDArray[np.intp]:
    """Which of the poles are the first three formants, if three are to be found."""
    hertz = np.angle(poles) * rate / (2 * np.pi)
    width = -np.log(np.abs(poles)) * rate / np.pi
    narrow = (width < WIDEST) & (hertz > LOWEST) & (hertz < 0.48 * rate)
    return np.flatnonzero(narrow & (poles.imag > 0))[:3]


def _ratios(poles: list[NDArray], rate: float, move: Callable[[Array], Array]) -> Array:
    """By which factor each frame's three formants move, smoothed over frames; shape (frames, 3)."""
    ratios = np.full((len(poles), 3), np.nan)
    for k, one in enumerate(poles):
        which = formant_poles(one, rate)
        if len(which) == 3:
            hertz = np.angle(one[which]) * rate / (2 * np.pi)
            ratios[k] = move(hertz[None])[0] / hertz
    known = np.flatnonzero(~np.isnan(ratios[:, 0]))
    if len(known) == 0:
        return np.ones(ratios.shape)
    every = np.arange(len(poles))
    filled = [np.interp(every, known, ratios[known, k]) for k in range(3)]
    return median_filter(np.transpose(filled), (9, 1), mode="nearest")


def _filter(poles: NDArray, ratio: Array, rate: float) -> Array:
    """The filter whose formants have moved, the poles between and above them along with them."""
    which = formant_poles(poles, rate)
    moved = poles.copy()
    factor = np.interp(np.arange(len(poles)), which, ratio[: len(which)]) if len(which) else None
    if factor is not None:
        complex_ones = poles.imag > 0
        angle = np.minimum(np.angle(poles) * factor, 0.96 * np.pi)
        moved[complex_ones] = (np.abs(poles) * np.exp(1j * angle))[complex_ones]
    pairs = moved[moved.imag > 0]
    return np.poly(np.concatenate([pairs, pairs.conj(), moved[moved.imag <= 0]])).real
