"""The spectrogram that small networks look at: decibels in mel bands, every 10 ms.

Shapes: `N` samples, `T` frames.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.fft import dct

from speechlab.speech.griffin_lim import griffin_lim
from speechlab.speech.spectra import mel_filters, short_time
from speechlab.systems._shared.recording import finite_samples

RATE, HOP, WINDOW, FFT, BANDS = 8000, 80, 200, 512, 40  # 25 ms every 10 ms
FLOOR = -60.0  # dB; nothing is taken to be softer than this, in a clip whose peak is 1

MEL = mel_filters(RATE, FFT, BANDS)

Array = NDArray[np.floating]


def checked(samples: ArrayLike, rate: int) -> Array:
    """The samples, shape (N,), if they are one channel of sound at 8 kHz; else `ValueError`."""
    samples = finite_samples(samples, rate, RATE)
    if len(samples) < WINDOW:
        raise ValueError(f"The sound needs {WINDOW} samples (25 ms) or more.")
    if not np.any(samples):
        raise ValueError("The sound is silence: all of its samples are zero.")
    return samples


def log_mel(samples: ArrayLike, rate: int) -> Array:
    """Power in mel bands in dB, of the sound scaled to a peak of 1; shape (T, 40).

    T = 1 + N // 80. Raises `ValueError` for an empty or silent sound, NaN or another rate.
    """
    samples = checked(samples, rate)
    spectrum = short_time(samples / np.abs(samples).max(), FFT, HOP, WINDOW)
    power = np.abs(spectrum.T) ** 2 @ MEL.T
    return 10 * np.log10(power + 10 ** (FLOOR / 10))


def waveform(mel_db: ArrayLike, length: int, iterations: int = 60) -> Array:
    """A sound of `length` samples whose mel bands have these levels, shape (T, 40); peak 1.

    Frames behind the first 1 + length // 80 are not heard.
    The phase is Griffin and Lim's (1984): the one that changes least when the overlapping
    frames are added up and taken apart again.
    """
    heard = np.asarray(mel_db, dtype=float)[: 1 + length // HOP]
    power = 10 ** (heard / 10) - 10 ** (FLOOR / 10)
    bins = np.maximum(power, 0) @ np.linalg.pinv(MEL).T
    samples = griffin_lim(
        np.sqrt(np.maximum(bins, 0)).T,
        n_iter=iterations,
        hop_length=HOP,
        win_length=WINDOW,
        n_fft=FFT,
        pad_mode="constant",
        length=length,
    )
    return samples / max(np.abs(samples).max(), 1e-9)


def mfcc(samples: ArrayLike, rate: int, count: int = 13) -> Array:
    """Cepstral coefficients with their first and second slopes, shape (T, 3 count)."""
    cepstrum = dct(log_mel(samples, rate), norm="ortho")[:, :count]
    padded = np.pad(cepstrum, ((4, 4), (0, 0)), mode="edge")
    slope = slopes(padded)
    return np.hstack([cepstrum, slope[2:-2], slopes(slope)])


def slopes(x: Array) -> Array:
    """Least-squares slope over five frames, shape (T, D) to (T - 4, D)."""
    return (2 * (x[4:] - x[:-4]) + x[3:-1] - x[1:-3]) / 10
