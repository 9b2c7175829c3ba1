"""Formant voice conversion: a vowel's formants by one group of speakers as another says them.

The net has two layers and nothing else, h = tanh(W1 s) and t = W2 h, for formants in kilohertz;
there is one for each of six directions. `J` is the number of hidden units, `N` of vowels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speechlab.speech import synthesis
from speechlab.systems import weights

NAME = "voice_conversion"
GROUPS = ("man", "woman", "child")
DIRECTIONS = [(a, b) for a in GROUPS for b in GROUPS if a != b]
HELD_OUT = 3  # one speaker of so many is kept for testing
RATE = 10000  # of the sounds; the formants of children reach beyond 4 kHz

Array = NDArray[np.floating]


# --- the net ------------------------------------------------------------------------------


def layers(source: str, target: str) -> tuple[Array, Array]:
    """W1 (J, 3) and W2 (3, J) of the net from one group of speakers to another.

    Raises `ValueError` if the groups are not two of "man", "woman", "child".
    """
    if (source, target) not in DIRECTIONS:
        known = ", ".join(GROUPS)
        raise ValueError(f"A voice is converted between two of: {known}; not {source}, {target}.")
    which, both = DIRECTIONS.index((source, target)), weights(NAME)
    return both["W1"][which].astype(float), both["W2"][which].astype(float)


def convert(formants: ArrayLike, source: str, target: str) -> Array:
    """Formants as the other group would have them.

    Parameters
    ----------
    formants : array_like, shape (3,) or (N, 3)
        F1, F2 and F3 in hertz, in this order.
    source, target : str
        "man", "woman" or "child".

    Returns
    -------
    converted : ndarray, of the same shape, in hertz

    Raises
    ------
    ValueError
        If there are no formants, they are not three rising positive frequencies, or there is no
        such direction.
    """
    W1, W2 = layers(source, target)
    s = _checked(formants) / 1000
    return 1000 * np.tanh(s @ W1.T) @ W2.T


def _checked(formants: ArrayLike) -> Array:
    s = np.asarray(formants, dtype=float)
    if s.size == 0:
        raise ValueError("There are no formants to convert.")
    if s.shape[-1:] != (3,) or s.ndim > 2:
        raise ValueError(f"Formants come as three numbers a vowel, not in shape {s.shape}.")
    if not np.all(np.isfinite(s)):
        raise ValueError("Formants must be finite numbers of hertz; one of these is not.")
    if np.any(s <= 0) or np.any(np.diff(s) <= 0):
        raise ValueError("Formants are positive and rise from F1 to F3; these do not.")
    if np.any((s < 100) | (s > 6000)):
        raise ValueError("Formants lie between 100 and 6000 Hz; are these in hertz?")
    return s


def sensitivities(s: ArrayLike, t: ArrayLike, W1: ArrayLike, W2: ArrayLike) -> Array:
    """How far each measured formant moves the gradient of the second layer.

    Formants s (N, 3) and targets t (N, 3) in kilohertz. The result has the shape (3, J, N, 3):
    element [i, j, n, k] is the derivative of dL/dW2[i, j] with respect to s[n, k], where L is half
    the sum of all squared errors. Not by a formula: each formant takes a step of 1e-30 into the
    complex plane, where a function's derivative appears in its imaginary part, to the last digit.

    Source: Squire and Trapp, "Using complex variables to estimate derivatives of real functions",
    SIAM Review 40 (1998).
    """
    s, t, W1, W2 = (np.asarray(array, dtype=float) for array in (s, t, W1, W2))
    moved = s[:, None] + 1e-30j * np.eye(s.shape[1])  # [n, k]: the vowel with formant k moved
    h = np.tanh(moved @ W1.T)
    error = h @ W2.T - t[:, None]
    products = error[..., :, None] * h[..., None, :]
    return np.transpose(products.imag, (2, 3, 0, 1)) / 1e-30


# --- the vowels ---------------------------------------------------------------------------


def table_name(table: NDArray) -> str:
    """Whose measurements a table of vowels holds."""
    return "Peterson and Barney" if len(table) == 1520 else "embedded vowel table"


def split(table: NDArray, test: bool) -> NDArray:
    """The rows of the speakers that are kept for testing, or of the others."""
    kept: set[str] = set()
    for group in GROUPS:
        kept |= set(list(dict.fromkeys(table["speaker"][table["group"] == group]))[2::HELD_OUT])
    return table[np.isin(table["speaker"], sorted(kept)) == test]


def formants_of(table: NDArray) -> Array:
    """F1, F2, F3 of each row in hertz, shape (N, 3)."""
    return np.stack([table["f1"], table["f2"], table["f3"]], axis=1)


def pairs(table: NDArray, source: str, target: str) -> tuple[Array, Array, NDArray]:
    """Each vowel of the source group, what it should become, and who said it.

    It should become the mean of the target group's vowels of the same name: to pair it with each
    of them in turn would give the same gradients, as half of squared errors is what is minimised.

    Returns
    -------
    s, t : ndarray, shape (N, 3)
        Hertz.
    speakers : ndarray of str, shape (N,)
    """
    said, wanted = table[table["group"] == source], table[table["group"] == target]
    if len(said) == 0 or len(wanted) == 0:
        raise ValueError(f"The table needs vowels of both groups, {source} and {target}.")
    aims = {}
    for vowel in np.unique(wanted["vowel"]):
        aims[vowel] = formants_of(wanted[wanted["vowel"] == vowel]).mean(axis=0)
    said = said[np.isin(said["vowel"], list(aims))]
    return formants_of(said), np.stack([aims[vowel] for vowel in said["vowel"]]), said["speaker"]


# --- to hear ------------------------------------------------------------------------------


def say(formants: ArrayLike, f0: float, seconds: float = 0.35) -> Array:
    """The vowels one after another, shape (samples,), at `RATE`; a fall in pitch on each."""
    gap = np.zeros(round(0.08 * RATE))
    parts = []
    for one in np.atleast_2d(_checked(formants)):
        whole = np.append(one, max(one[2] + 800, 3500.0))  # a fourth formant, as all voices have
        below = whole[whole < 0.48 * RATE]
        parts += [synthesis.vowel([1.05 * f0, 0.9 * f0], below, seconds=seconds, rate=RATE), gap]
    return np.concatenate(parts)
