"""The mel loss: how far apart two sounds are to a coarse ear."""

from __future__ import annotations

import numpy as np
from scipy import signal

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import EDGE, with_nan
from autograder.reference import hifigan


def _sounds(rng, T, N, B):
    """Noise through a resonance and a copy through another; overlapping triangles as filters."""
    sounds = []
    for turn in (0.4, 0.9):
        a = [1, -1.6 * np.cos(turn + 0.2 * rng.random()), 0.64]
        sounds.append(signal.lfilter([1.0], a, rng.standard_normal(T)))
    centres = np.linspace(0, N // 2, B + 2)[1:-1, None]
    width = N / 2 / (B + 1)
    filters = np.maximum(0, 1 - np.abs(np.arange(N // 2 + 1) - centres) / width) / width
    window = signal.get_window(rng.choice(["hann", "hamming", "blackman"]), N)
    return *sounds, filters, window


def _mel_cases(rng):
    whole = _sounds(rng, 120, 32, 6)
    x, made, filters, window = _sounds(rng, 90, 24, 5)
    quiet = x * (np.arange(90) < 40)
    return [
        Case((*whole, 8), "120 samples, frames of 32"),
        Case((*_sounds(rng, 150, 40, 8), 15), "150 samples, frames of 40"),
        Case((*_sounds(rng, 100, 24, 4), 24), "frames side by side"),
        Case((*_sounds(rng, 96, 25, 5), 10), "frames of 25 samples"),
        Case((*_sounds(rng, 30, 30, 5), 7), "a single frame", EDGE),
        Case((quiet, made, filters, window, 9), "natural sound with a silence", EDGE),
        Case((x, quiet, filters, window, 12), "made sound with a silence", EDGE),
        Case((x, made, filters, window, 6, 0.2), "a floor of 0.2", EDGE),
        Case((x[:40], made[:40], filters, window, 1), "a hop of one sample", EDGE),
    ]


def _mel_by_sums(x, made, filters, window, hop, floor=1e-5):
    N = len(window)
    turns = np.exp(-2j * np.pi * np.outer(np.arange(N // 2 + 1), np.arange(N)) / N)

    def logs(sound):
        starts = range(0, len(sound) - N + 1, hop)
        frames = [np.abs(turns @ (window * sound[s : s + N])) for s in starts]
        return [[np.log(max(band @ frame, floor)) for band in filters] for frame in frames]

    return np.abs(np.subtract(logs(x), logs(made))).mean()


def _mel_centred(x, made, filters, window, hop, floor=1e-5):
    around = len(window) // 2
    padded = (np.pad(sound, around, mode="reflect") for sound in (x, made))
    return hifigan.mel_loss(*padded, filters, window, hop, floor)


MEL_LOSS = Exercise(
    function=hifigan.mel_loss,
    read="The mel loss",
    cases=_mel_cases,
    refuses={
        "sounds of two lengths": {"made": lambda made: made[:-1]},
        "sounds shorter than the window": {"x": lambda x: x[:20], "made": lambda m: m[:20]},
        "a hop of 0": {"hop": 0},
        "a floor of 0": {"floor": 0.0},
        "filters for another window": {"filters": lambda filters: filters[:, :-1]},
        "NaN in x": {"x": with_nan},
    },
    criteria=(
        Criterion("the loss", 3),
        Criterion("one frame, silence, another floor", 1, EDGE),
    ),
    mistakes=(
        """
        np.log(np.maximum(magnitudes @ filters.T, floor))
        => np.maximum(magnitudes @ filters.T, floor)
            You compare the sums themselves; their logarithms are asked for, in which a quiet band
            counts as much as a loud one.
        np.log(np.maximum( => np.log10(np.maximum(
            You use the logarithm with base ten; the natural one is asked for.
        np.abs(np.fft.rfft(frames * window)) => np.abs(np.fft.rfft(frames * window)) ** 2
            You send powers through the filters; here it is magnitudes.
        np.fft.rfft(frames * window) => np.fft.rfft(frames)
            Your frames are not multiplied by the window.
        np.mean(np.abs(natural - artificial)) => np.mean((natural - artificial) ** 2)
            You square the differences; their magnitudes are asked for.
        np.mean(np.abs(natural - artificial)) => np.sum(np.abs(natural - artificial))
            You add the differences up; their mean does not depend on how long the sound is.
        np.mean(np.abs(natural - artificial)) => np.mean(np.abs(natural - artificial).sum(axis=1))
            Your mean is over the frames only; it is over the bands too.
        np.log(np.maximum(magnitudes @ filters.T, floor))
        => np.log(magnitudes @ filters.T + floor)
            You add the floor to every sum; it replaces those that are smaller.
        np.log(np.maximum(magnitudes @ filters.T, floor))
        => np.log(np.maximum(magnitudes, floor)) @ filters.T
            You take logarithms before the filters; first the magnitudes go through them.
    """,
        Mistake(
            _mel_centred,
            says="Your first frame is centred on the first sample, as libraries have it; here it "
            "begins there, and nothing is padded.",
        ),
    ),
    alternatives=(Alternative(_mel_by_sums, why="the transform as a matrix, frame by frame"),),
)
