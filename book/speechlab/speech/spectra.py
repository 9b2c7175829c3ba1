"""Short-time spectra and mel bands, as librosa has them, by NumPy and SciPy alone.

The page runs this where librosa cannot be had; a test holds each function to librosa's. Spectra
are turned as librosa's: one row a frequency, one column a frame. Frame `t` is about sample
`t * hop`, and beyond its ends the sound is silent.

Shapes: `N` samples, `T = 1 + N // hop` frames, `F = 1 + size // 2` frequencies, `B` bands.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray
from scipy import fft, signal

LINEAR, KNEE = 200 / 3, 1000.0  # Hz a mel below the knee, and the knee; Slaney (1998)
LOG_STEP = np.log(6.4) / 27  # above it

Array = NDArray[np.floating]
Complex = NDArray[np.complexfloating]


def taper(size: int, width: int | None = None) -> Array:
    """A periodic Hann window of `width` samples (default: all) in the middle of `size`."""
    width = width or size
    before = (size - width) // 2
    return np.pad(signal.get_window("hann", width), (before, size - width - before))


def short_time(
    samples: ArrayLike, size: int, hop: int, width: int | None = None, edges: str = "constant"
) -> Complex:
    """Short-time Fourier transform, shape (F, T), as `librosa.stft`.

    Parameters
    ----------
    samples : array_like, shape (N,)
    size, hop : samples of a transform, and from frame to frame
    width : samples of the Hann window in its middle; by default all
    edges : what is beyond the ends, as a mode of `numpy.pad`; by default silence
    """
    padded = np.pad(np.asarray(samples), size // 2, mode=edges)
    return fft.rfft(sliding_window_view(padded, size)[::hop] * taper(size, width)).T


def sound_of(spectra: Complex, hop: int, width: int | None = None, length: int | None = None):
    """The sound of short-time spectra, shape (N,), as `librosa.istft`: frames added up.

    `length` is that of the sound; by default up to the middle of the last frame.
    """
    size, frames = 2 * (len(spectra) - 1), spectra.shape[1]
    window = taper(size, width)
    places = (hop * np.arange(frames)[:, None] + np.arange(size)).ravel()
    pieces = fft.irfft(spectra.T, size) * window
    added = np.bincount(places, pieces.ravel())
    power = np.bincount(places, np.tile(window**2, frames))
    added = np.divide(added, power, out=added, where=power > np.finfo(float).tiny)[size // 2 :]
    length = len(added) - size // 2 if length is None else length
    return np.pad(added, (0, max(length - len(added), 0)))[:length]


def mel_filters(rate: float, size: int, bands: int) -> NDArray[np.float32]:
    """Triangles of area 1 at equal distances in mel, shape (B, F), as `librosa.filters.mel`."""
    top = KNEE / LINEAR + np.log(rate / 2 / KNEE) / LOG_STEP
    mel = np.linspace(0, top, bands + 2)
    above = np.maximum(mel - KNEE / LINEAR, 0)
    corners = np.minimum(mel * LINEAR, KNEE) * np.exp(LOG_STEP * above)
    bins = np.fft.rfftfreq(size, 1 / rate)
    heights = [2 / (c - a) * np.interp(bins, (a, b, c), (0, 1, 0)) for a, b, c in _triples(corners)]
    return np.array(heights, dtype=np.float32)


def _triples(corners: Array) -> Array:
    return sliding_window_view(corners, 3)


def decibels(power: Array, depth: float = 80.0) -> Array:
    """Level in dB, at most `depth` below the largest, as `librosa.power_to_db`."""
    level = 10 * np.log10(np.maximum(power, 1e-10))
    return np.maximum(level, level.max() - depth)


def cepstra(
    samples: ArrayLike, rate: float, count: int, bands: int, size: int, hop: int, width: int
) -> Array:
    """The first `count` cepstral coefficients of mel bands, (count, T), as librosa's `mfcc`."""
    power = np.abs(short_time(samples, size, hop, width)) ** 2
    return fft.dct(decibels(mel_filters(rate, size, bands) @ power), axis=0, norm="ortho")[:count]


def slopes(rows: Array, width: int = 5) -> Array:
    """Least-squares slopes along frames, (D, T) to (D, T), as `librosa.feature.delta`."""
    return signal.savgol_filter(rows, width, polyorder=1, deriv=1, mode="nearest")


def linear_prediction(frames: ArrayLike, order: int) -> Array:
    """Predictors by Burg's method, (T, N) to (T, order + 1), as `librosa.lpc`; the first is 1."""
    forward, backward = np.asarray(frames, dtype=float)[:, 1:], np.asarray(frames)[:, :-1]
    a = np.ones((len(forward), 1))
    for _ in range(order):
        power = np.sum(forward**2 + backward**2, axis=1, keepdims=True)
        k = -2 * np.sum(forward * backward, axis=1, keepdims=True) / np.maximum(power, 1e-300)
        longer = np.pad(a, ((0, 0), (0, 1)))
        a = longer + k * longer[:, ::-1]
        forward, backward = (forward + k * backward)[:, 1:], (backward + k * forward)[:, :-1]
    return a


def stretched(spectra: Complex, factor: float, hop: int) -> Complex:
    """Spectra of a sound `factor` times as long and as high, as `librosa.phase_vocoder`."""
    at = np.arange(0, spectra.shape[1], 1 / factor)
    here, part = at.astype(int), at % 1
    padded = np.pad(spectra, ((0, 0), (0, 2)))
    size, angles = np.abs(padded), np.angle(padded)
    usual = 2 * np.pi * hop * np.arange(len(spectra))[:, None] / (2 * (len(spectra) - 1))
    steps = angles[:, here + 1] - angles[:, here] - usual
    steps += usual - 2 * np.pi * np.round(steps / (2 * np.pi))
    phases = np.cumsum(np.hstack([angles[:, :1], steps[:, :-1]]), axis=1)
    return ((1 - part) * size[:, here] + part * size[:, here + 1]) * np.exp(1j * phases)


def resampled(samples: ArrayLike, ratio: float, reach: int = 48) -> Array:
    """A sound at `ratio` times its rate, shape (ceil(N ratio),), by a windowed sinc function.

    What lies within 5 % of the lower of both half rates, or above it, is left out.
    """
    x = np.asarray(samples, dtype=float)
    cut = 0.95 * min(1.0, ratio)
    reach = int(np.ceil(reach / cut))
    at = np.arange(int(np.ceil(len(x) * ratio))) / ratio
    first = np.floor(at).astype(int)
    apart = (at - first)[:, None] - np.arange(1 - reach, reach + 1)
    window = np.i0(12 * np.sqrt(np.maximum(1 - (apart / reach) ** 2, 0))) / np.i0(12)
    near = sliding_window_view(np.pad(x, (reach, reach + 1)), 2 * reach)[first + 1]
    return cut * np.einsum("nk,nk->n", near, np.sinc(cut * apart) * window)
