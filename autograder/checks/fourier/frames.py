"""Frames and their spectra, and the way back."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, with_nan
from autograder.reference import fourier

READY_MADE = (
    "scipy.signal.stft scipy.signal.istft scipy.signal.ShortTimeFFT scipy.signal.spectrogram "
    "librosa.stft librosa.istft torch.stft torch.istft"
)


def _window(rng, length):
    """A window that is not zero at its ends and has no symmetry."""
    return np.hamming(length) * rng.uniform(0.7, 1.3, length)


def _stft_cases(rng):
    def call(N, L, hop, window=_window):
        return rng.standard_normal(N), window(rng, L), hop

    return [
        Case(call(100, 16, 8), "100 samples, a window of 16, a hop of 8"),
        Case(call(90, 20, 5), "90 samples, a window of 20, a hop of 5"),
        Case(call(64, 12, 4), "64 samples, a window of 12, a hop of 4"),
        Case(call(60, 15, 7), "a window of 15, an odd number", EDGE),
        Case(call(40, 8, 11), "a hop longer than the window", EDGE),
        Case(call(24, 24, 6), "a window as long as the signal", EDGE),
        Case(call(9, 1, 1), "a window of one sample, and a hop of one", EDGE),
    ]


def _stft_by_loop(x, window, hop):
    rows = []
    for start in range(0, len(x) - len(window) + 1, hop):
        frame = [x[start + n] * w for n, w in enumerate(window)]
        rows.append(list(np.fft.fft(frame)[: len(window) // 2 + 1]))
    return rows


STFT = Exercise(
    function=fourier.stft,
    read="The short-time Fourier transform",
    cases=_stft_cases,
    refuses={
        "a window longer than the signal": {"x": lambda x: x[:15]},
        "a hop of 0": {"hop": 0},
        "a hop of -1": {"hop": -1},
        "NaN in x": {"x": with_nan},
    },
    criteria=(
        Criterion("the spectra", 3),
        Criterion("odd windows, long hops, a single frame", 1, EDGE),
    ),
    mistakes="""
        frames * window => frames
            You do not multiply the frames by the window.
        frames * window => frames * window / window.sum()
            You divide by the sum of the window, as `scipy.signal.stft` does; no factor is asked
            for.
        return np.fft.rfft(frames * window) => return np.fft.rfft(frames * window).T
            Your frames stand in columns, as in librosa; here each frame is a row.
        return np.fft.rfft(frames * window) => return np.abs(np.fft.rfft(frames * window))
            You return magnitudes. The transform itself is complex: without its phases there is no
            exact way back.
        np.fft.rfft => np.fft.fft
            You return all L bins. Those above half the sampling rate repeat the others, and are not
            asked for.
        np.lib.stride_tricks.sliding_window_view(x, L)[::hop]
        => np.lib.stride_tricks.sliding_window_view(np.pad(x, L // 2), L)[::hop]
            You put zeros around the signal, as libraries do to centre the frames; here the first
            frame begins at the first sample.
        np.lib.stride_tricks.sliding_window_view(x, L)[::hop]
        => np.lib.stride_tricks.sliding_window_view(np.pad(x, (0, -(len(x) - L) % hop)), L)[::hop]
            You fill up the last frame with zeros; only frames that lie inside the signal count.
        (x, L)[::hop] => (x, L)[:-1:hop]
            The last frame is missing where it ends exactly with the signal.
    """,
    alternatives=(Alternative(_stft_by_loop, why="a loop over frames and lists"),),
    forbidden=READY_MADE,
    because="it cuts and transforms the frames for you",
)


def _inverse_cases(rng):
    def call(frames, L, hop, window=_window):
        window = window(rng, L)
        x = rng.standard_normal((frames - 1) * hop + L)
        return fourier.stft(x, window, hop), window, hop

    def altered(frames, L, hop):
        X, window, hop = call(frames, L, hop)
        return X * rng.uniform(0, 1, X.shape), window, hop

    def hann(_, length):
        return np.hanning(length)

    def soft(rng, length):
        return 1e-5 * _window(rng, length)

    return [
        Case(call(9, 16, 8), "9 frames, a window of 16, a hop of 8"),
        Case(call(12, 20, 5), "12 frames, a window of 20, a hop of 5"),
        Case(call(8, 12, 1), "8 frames, a window of 12, a hop of 1"),
        Case(call(7, 15, 5), "a window of 15, an odd number"),
        Case(altered(9, 16, 4), "a transform that was changed, hop 4", "changed"),
        Case(altered(6, 20, 10), "a transform that was changed, hop 10", "changed"),
        Case(altered(7, 12, 3), "a transform that was changed, hop 3", "changed"),
        Case(call(8, 16, 4, hann), "a window whose first and last values are zero", EDGE),
        Case(call(5, 8, 11), "a hop longer than the window", EDGE),
        Case(call(1, 10, 5), "a single frame", EDGE),
        Case(call(6, 16, 4, soft), "a window whose values are all small", EDGE),
    ]


def _inverse_by_loop(X, window, hop):
    L = len(window)
    sums = [[0.0, 0.0] for _ in range((len(X) - 1) * hop + L)]
    for m, row in enumerate(X):
        both = np.concatenate([row, np.conj(row[1 : (L + 1) // 2])[::-1]])
        frame = np.fft.ifft(both).real
        for n in range(L):
            sums[m * hop + n][0] += float(window[n] * frame[n])
            sums[m * hop + n][1] += float(window[n] ** 2)
    return [value / weight if weight > 1e-20 else 0.0 for value, weight in sums]


INVERSE_STFT = Exercise(
    function=fourier.inverse_stft,
    read="The short-time Fourier transform",
    cases=_inverse_cases,
    refuses={
        "rows of the wrong length": {"X": lambda X: X[:, 1:]},
        "a hop of 0": {"hop": 0},
        "a window of zeros": {"window": np.zeros(16)},
        "NaN in X": {"X": with_nan},
    },
    criteria=(
        Criterion("the signal comes back", 2),
        Criterion("the nearest signal to a changed transform", 1, "changed"),
        Criterion("gaps, zeros, small windows, a single frame", 1, EDGE),
    ),
    mistakes="""
        where=covered) => where=covered) * weight
            You do not divide by the sum of the squared windows, so the signal comes back louder
            where more windows overlap.
        np.fft.irfft(X, L) * window => np.fft.irfft(X, L)
            You do not multiply the frames by the window before you add them; the division expects
            that.
        np.fft.irfft(X, L) * window => np.fft.irfft(X, L)
        += window**2 => += window
            You add the frames without the window and divide by the sum of the windows. That undoes
            a transform that nobody changed, but is not the nearest signal to one that was.
        += window**2 => += window
            You divide by the sum of the windows; the frames were multiplied by the window twice.
        where=covered) => where=covered) * weight / weight.max()
            You divide all samples by one and the same number. At both ends fewer windows overlap:
            each sample has a sum of its own.
        x[m * hop : m * hop + L] += frame => x[m * hop : m * hop + L] = frame
            Each frame overwrites the one before it where they overlap; they are to be added.
        return np.divide(x, weight, out=np.zeros(len(x)), where=covered)
        => return np.divide(x, weight, out=np.zeros(len(x)), where=covered)[: len(X) * hop]
            Your signal has a hop for each frame; the last frame reaches further, by all of its
            window.
    """,
    alternatives=(Alternative(_inverse_by_loop, why="loops, and the upper bins filled in"),),
    forbidden=READY_MADE,
    because="it puts the frames together for you",
)
