"""Power in mel bands, frame after frame: what several systems and chapters look at."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray


def mel_power(samples: NDArray, window: int, hop: int, filters: NDArray) -> NDArray[np.floating]:
    """Power of windowed frames in mel bands, shape (T, D).

    Parameters
    ----------
    samples : ndarray, shape (N,), with N of at least `window`
    window, hop : samples of a frame under its Hann window, and from frame to frame
    filters : ndarray, shape (window // 2 + 1, D), one column a band
    """
    frames = sliding_window_view(samples, window)[::hop]
    return np.abs(np.fft.rfft(frames * np.hanning(window))) ** 2 @ filters
