"""Sound out of magnitudes alone, by the method of Griffin and Lim (1984)."""

from __future__ import annotations

import inspect

import librosa
import numpy as np
from numpy.typing import ArrayLike, NDArray

# The generator of the first phases is `rng` in librosa 1.0 and `random_state` in earlier releases.
GENERATOR = "rng" if "rng" in inspect.signature(librosa.griffinlim).parameters else "random_state"


def griffin_lim(magnitudes: ArrayLike, seed: int = 0, **options: object) -> NDArray[np.floating]:
    """The sound of a spectrogram without phases, by `librosa.griffinlim`.

    The phases found are those that change least when the overlapping frames are added up and
    taken apart again. The same seed gives the same first phases with every release of librosa.

    Parameters
    ----------
    magnitudes : array_like, shape (1 + n_fft // 2, T)
    seed : of the generator that draws the first phases
    options : what `librosa.griffinlim` takes, such as `n_iter`, `hop_length` and `length`

    Returns
    -------
    samples : ndarray, shape (N,); N is `length` if that is given

    Raises
    ------
    TypeError
        If an option is not one that `librosa.griffinlim` takes.
    """
    generator = {GENERATOR: np.random.RandomState(seed)}  # all take this kind
    return librosa.griffinlim(np.asarray(magnitudes), **generator, **options)
