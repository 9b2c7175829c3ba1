"""How loud the sounds of a control are, and keeping them from jumping.

A sound's level is that of its loudest 200 ms (`Sound.level`).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from speechlab import wav
from speechlab.show.display import PEAK, Sound

STEP = 6.0  # dB, the most that the level may differ between neighbouring settings
SILENT = -150.0  # dB, below what 16 bits can hold


def steady(
    settings: Sequence[Sequence[Sound]],
    shape: tuple[int, ...],
    scales: Sequence[bool],
    loud: Sequence[bool],
) -> tuple[list[list[Sound]], bool]:
    """The sounds of a control, without jumps where the level is not the subject.

    Parameters
    ----------
    settings : sequence of sequences of Sound
        The sounds of each setting, the last parameter varying fastest.
    shape : tuple of int
        How many values each parameter has.
    scales : sequence of bool
        Whether a parameter is a scale, whose neighbours are beside each other; among the values of
        another all are neighbours.
    loud : sequence of bool
        Whether the level is the subject of a parameter.

    Returns
    -------
    tuple
        The sounds, and whether some were brought to one level because they jumped.
    """
    result = [list(sounds) for sounds in settings]
    if len({len(sounds) for sounds in result}) != 1:
        return result, False  # settings of different kinds have no sound in common
    changed = False
    for place in range(len(result[0])):
        sounds = [sounds[place] for sounds in result]
        found = np.array([_level(sound) for sound in sounds]).reshape(shape)
        if not jumps(found, scales, loud):
            continue
        wanted = _one_level(found, np.array([_room(s) for s in sounds]).reshape(shape), loud)
        for index, (sound, change) in enumerate(zip(sounds, (wanted - found).ravel())):
            if np.isfinite(change):
                result[index][place] = amplified(sound, change)
        changed = True
    return result, changed


def jumps(found: NDArray, scales: Sequence[bool], loud: Sequence[bool]) -> bool:
    """Whether levels differ by more than 6 dB between neighbours where level is not the subject."""
    for axis, (scale, subject) in enumerate(zip(scales, loud)):
        if subject:
            continue
        lines = np.moveaxis(found, axis, -1).reshape(-1, found.shape[axis])
        for line in lines:
            line = line[np.isfinite(line)]
            steps = np.abs(np.diff(line)) if scale else [np.ptp(line)] if len(line) else []
            if np.max(steps, initial=0.0) > STEP:
                return True
    return False


def samples(sound: Sound) -> tuple[NDArray, int]:
    """The samples of a sound, (N,) or (N, 2), and their rate in Hz."""
    found, rate = wav.decoded(sound.wav)
    return found / 32768, rate


def amplified(sound: Sound, change: float) -> Sound:
    """The same sound, louder by `change` dB."""
    given, rate = samples(sound)
    return replace(sound, wav=wav.encoded(given * 10 ** (change / 20), rate))


def _one_level(found: NDArray, room: NDArray, loud: Sequence[bool]) -> NDArray:
    """The median along parameters that are not loud, or less where a sound would be clipped."""
    axes = tuple(axis for axis, subject in enumerate(loud) if not subject)
    heard = np.where(np.isfinite(found), found, np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # where all is silent there is no median
        median = np.nanmedian(heard, axis=axes, keepdims=True)
        most = np.nanmin(heard + room, axis=axes, keepdims=True)
    return np.broadcast_to(np.minimum(median, most), found.shape)


def _level(sound: Sound) -> float:
    """The level in dB, or minus infinity for silence, which has none."""
    return sound.level if sound.level > SILENT else -np.inf


def _room(sound: Sound) -> float:
    """By how many dB a sound can be amplified before it is clipped; infinite for silence."""
    peak = np.max(np.abs(samples(sound)[0]))
    return 20 * np.log10(PEAK / peak) if peak > 0 else np.inf
