"""Waveforms and spectrograms, drawn the same way all over the book."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from scipy.signal import ShortTimeFFT, get_window

from speechlab.show import look

# Importing speechlab gives the book's look to all Matplotlib figures.
look.wear()


def waveform(samples: ArrayLike, rate: float, ax: Axes | None = None, **line: object) -> Axes:
    """Sound pressure over time.

    Parameters
    ----------
    samples : array_like, shape (N,)
        The sound.
    rate : float
        Sampling rate in Hz.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    **line
        Passed to `Axes.plot`.

    Raises
    ------
    ValueError
        If the samples are empty or have more than one axis, or the rate is not positive.
    """
    samples = _checked(samples, rate)
    ax = ax if ax is not None else plt.subplots()[1]
    time = np.arange(len(samples)) / rate
    ax.plot(time, samples, **{"linewidth": 0.7, **line})
    ax.set(xlabel="Time (s)", ylabel="Amplitude", xlim=(0, len(samples) / rate))
    return ax


def spectrogram(
    samples: ArrayLike,
    rate: float,
    ax: Axes | None = None,
    *,
    window: float = 0.025,
    step: float = 0.002,
    floor: float = -70.0,
    top: float | None = None,
    cmap: str = "magma",
) -> Axes:
    """Level over time and frequency, in decibels below the loudest point.

    Parameters
    ----------
    samples : array_like, shape (N,)
        The sound.
    rate : float
        Sampling rate in Hz.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    window : float
        Length of the Hann window in seconds: 0.025 shows harmonics, 0.005 single glottal pulses.
    step : float
        Seconds between windows.
    floor : float
        Levels below this many decibels under the maximum are drawn as the darkest colour.
    top : float, optional
        Highest frequency shown, in Hz; half the sampling rate if not given.
    cmap : str
        Matplotlib's name of the colours.

    Raises
    ------
    ValueError
        If the samples are empty or have more than one axis, or the rate is not positive.
    """
    samples = _checked(samples, rate)
    ax = ax if ax is not None else plt.subplots()[1]
    length = max(8, round(window * rate))
    hop = max(1, round(step * rate))
    padded = 2 ** int(np.ceil(np.log2(2 * length)))
    taper = get_window("hann", length)
    transform = ShortTimeFFT(taper, hop, rate, mfft=padded)
    if len(samples) < length:
        samples = np.pad(samples, (0, length - len(samples)))
    power = transform.spectrogram(samples)
    loudest = power.max() or 1.0  # silence is drawn dark
    faintest = loudest * 10 ** (floor / 10)
    level = 10 * np.log10(np.maximum(power, faintest) / loudest)
    ax.imshow(
        level,
        origin="lower",
        aspect="auto",
        cmap=cmap,
        vmin=floor,
        vmax=0,
        extent=transform.extent(len(samples)),
        interpolation="bilinear",
    )
    ax.set(xlabel="Time (s)", ylabel="Frequency (Hz)")
    ax.set(xlim=(0, len(samples) / rate), ylim=(0, top or rate / 2))
    return ax


def _checked(samples: ArrayLike, rate: float) -> np.ndarray:
    samples = np.asarray(samples, dtype=float)
    if samples.ndim != 1 or samples.size == 0:
        raise ValueError(f"Samples must have shape (N,) with N of at least 1, not {samples.shape}.")
    if not rate > 0:
        raise ValueError(f"The sampling rate must be a positive number of hertz, not {rate!r}.")
    return samples
