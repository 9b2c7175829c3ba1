"""Sound out of magnitudes alone, by the method of Griffin and Lim (1984)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speechlab.speech.spectra import short_time, sound_of


def griffin_lim(
    magnitudes: ArrayLike,
    seed: int = 0,
    *,
    n_iter: int = 32,
    hop_length: int | None = None,
    win_length: int | None = None,
    n_fft: int | None = None,
    pad_mode: str = "constant",
    length: int | None = None,
    momentum: float = 0.99,
) -> NDArray[np.floating]:
    """The sound of a spectrogram without phases, as `librosa.griffinlim` finds it.

    The phases found are those that change least when the overlapping frames are added up and
    taken apart again. The same seed gives the same first phases.

    Parameters
    ----------
    magnitudes : array_like, shape (1 + n_fft // 2, T)
    seed : of the generator that draws the first phases
    n_iter : how often the frames are added up and taken apart
    hop_length, win_length : samples from frame to frame, by default a quarter of the window, and
        samples of the window, by default `n_fft`
    n_fft : samples of a transform, as the magnitudes have it
    pad_mode : what is beyond the ends when frames are taken, as a mode of `numpy.pad`
    length : samples of the sound
    momentum : how far each iteration goes on in the direction of the one before, 0 to 1;
        N. Perraudin, P. Balazs and P. L. Sondergaard, WASPAA (2013)

    Returns
    -------
    samples : ndarray, shape (N,); N is `length` if that is given

    Raises
    ------
    ValueError
        If the magnitudes have another number of rows than `n_fft` asks for.
    """
    size = np.asarray(magnitudes, dtype=float)
    n_fft = n_fft or 2 * (len(size) - 1)
    if size.ndim != 2 or len(size) != n_fft // 2 + 1:
        raise ValueError(f"A transform of {n_fft} samples has {n_fft // 2 + 1} magnitudes a frame.")
    width = win_length or n_fft
    hop = hop_length or width // 4
    spectra = size * np.exp(2j * np.pi * np.random.RandomState(seed).random(size=size.shape))
    before = 0.0
    for _ in range(n_iter):
        sound = sound_of(spectra, hop, width, length)
        rebuilt = short_time(sound, n_fft, hop, width, pad_mode)
        moved = rebuilt - momentum / (1 + momentum) * before
        spectra = size * moved / (np.abs(moved) + np.finfo(float).tiny)
        before = rebuilt
    return sound_of(spectra, hop, width, length)
