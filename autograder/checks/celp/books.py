"""The past as a codebook: the pitch predictor, and the adaptive codebook that replaced it."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE
from autograder.reference import celp


def _louder_elsewhere(x, past, shortest, longest):
    """The lag of the largest correlation, whatever its energy."""
    whole, scores = np.append(past, x), []
    for lag in range(shortest, longest + 1):
        scores.append(x @ whole[len(past) - lag : len(whole) - lag])
    return shortest + int(np.argmax(scores)), shortest + int(np.argmax(np.abs(scores)))


def _buzz(rng, lag, N, longest, sign=1.0):
    """A frame and its past that repeat after `lag` samples, with a loud knock in the past."""
    while True:
        whole = rng.standard_normal(longest + N)
        for n in range(lag, len(whole)):
            whole[n] = sign * rng.uniform(0.7, 0.95) * whole[n - lag] + 0.35 * whole[n]
        past, x = whole[:longest], whole[longest:]
        far = lag < longest - 12
        if far:
            past[rng.integers(0, longest - lag - N // 2)] += 12.0
        found, loud = celp.pitch_predictor(x, past, 20, longest)[0], set()
        if far:
            loud = set(_louder_elsewhere(x, past, 20, longest))
        if found == lag not in loud and (sign > 0 or len(loud) == 2):
            return x, past


def _pitch_cases(rng):
    short, other = int(rng.integers(24, 30)), int(rng.integers(30, 36))
    x, past = _buzz(rng, short, 60, 120)
    return [
        Case((x, past, 20, 120), "a frame of 60 samples, a lag shorter than that"),
        Case((*_buzz(rng, 80, 40, 80), 20, 80), "a frame of 40 samples and a long period"),
        Case((*_buzz(rng, other, 30, 110, -1.0), 20, 110), "a frame that repeats upside down"),
        Case((x, np.zeros(60), 20, 50), "a past of zeros", EDGE),
        Case((x, past, 40, 40), "a single lag", EDGE),
        Case((x, past, 1, 3), "lags from 1 to 3", EDGE),
    ]


def _pitch_by_least_squares(x, past, shortest, longest):
    found = []
    for lag in range(shortest, longest + 1):
        before = np.array([x[n - lag] if n >= lag else past[n - lag] for n in range(len(x))])
        gain = np.linalg.lstsq(before[:, None], x, rcond=None)[0][0] if before.any() else 0.0
        found.append((float(np.linalg.norm(x - gain * before) ** 2), lag, gain))
    error, lag, gain = min(found, key=lambda triple: triple[:2])
    return [lag, gain, error]


def _pitch_at_once(x, past, shortest, longest):
    whole, lags = np.concatenate([past, x]), np.arange(shortest, longest + 1)
    before = whole[len(past) - lags[:, None] + np.arange(len(x))]
    match, energy = before @ x, np.sum(before**2, 1)
    gains = match / np.where(energy > 0, energy, np.inf)
    i = np.argmax(gains * match)
    return lags[i], gains[i], x @ x - gains[i] * match[i]


PITCH_PREDICTOR = Exercise(
    function=celp.pitch_predictor,
    read="Voices repeat themselves",
    cases=_pitch_cases,
    refuses={
        "lags longer than the past": {"longest": 121},
        "a lag of zero": {"shortest": 0},
        "an empty range of lags": {"shortest": 50, "longest": 40},
    },
    criteria=(
        Criterion("the lag", 2, select=0),
        Criterion("the gain", 1, select=1),
        Criterion("the error", 1, select=2),
        Criterion("a silent past, a single lag", 1, EDGE),
    ),
    mistakes="""
        before = whole[len(past) - lag : len(whole) - lag]
        => before = np.resize(past[-lag:], len(x))
            For lags shorter than the frame you repeat the past. That is the adaptive codebook; the
            predictor may look at the frame itself.
        range(shortest, longest + 1) => range(shortest, max(longest, shortest + 1))
            The longest lag is never tried.
        best = (lag, float(gain) => best = (lag - 1, float(gain)
            Your lag is one too small: a lag of 1 is the sample just before.
        best = (lag, float(gain) => best = (lag + 1, float(gain)
            Your lag is one too large: a lag of 1 is the sample just before.
        (x @ before) / energy if => (x @ before) / (x @ x) if
            You divide the correlation by the energy of the frame; the best gain needs the energy of
            the samples that predict.
        best = (lag, float(gain) => best = (lag, float(abs(gain))
            Your gain has lost its sign.
        (shortest, 0.0, np.inf) => (shortest, 0.0, np.inf); top = -1.0
        if error < best[2]: => if abs(x @ before) > top:
        best = (lag, => top = abs(x @ before); best = (lag,
            You take the lag with the largest correlation, and a loud stretch of the past wins
            because it is loud.
        (shortest, 0.0, np.inf) => (shortest, 0.0, np.inf); top = -np.inf
        if error < best[2]: => if x @ before > top:
        best = (lag, => top = x @ before; best = (lag,
            You take the lag with the largest positive correlation: loud stretches win, and a frame
            that repeats upside down is missed.
    """,
    alternatives=(
        Alternative(_pitch_by_least_squares, why="least squares for each lag, sample by sample"),
        Alternative(_pitch_at_once, why="all lags as one matrix, NumPy integers"),
    ),
)


def _book_cases(rng):
    past = rng.standard_normal(90)
    return [
        Case((past, 20, 90, 60), "lags from 20 to 90, codes of 60 samples"),
        Case((past, 41, 70, 40), "lags longer than the codes"),
        Case((past, 3, 9, 30), "lags much shorter than the codes", EDGE),
        Case((past, 1, 1, 5), "a lag of one sample", EDGE),
    ]


def _book_by_recursion(past, shortest, longest, length):
    past = list(past)
    codes = []
    for lag in range(shortest, longest + 1):
        whole = list(past)
        for _ in range(length):
            whole.append(whole[-lag])
        codes.append(whole[len(past) :])
    return codes


def _book_by_index(past, shortest, longest, length):
    lags = np.arange(shortest, longest + 1)[:, None]
    return past[len(past) - lags + np.arange(length) % lags].astype(np.float32)


ADAPTIVE_CODEBOOK = Exercise(
    function=celp.adaptive_codebook,
    read="Voices repeat themselves",
    cases=_book_cases,
    refuses={"lags longer than the past": {"longest": 91}, "a lag of zero": {"shortest": 0}},
    criteria=(
        Criterion("the codes", 3),
        Criterion("lags much shorter than a code", 1, EDGE),
    ),
    mistakes="""
        np.resize(past[-lag:], length) => np.pad(past[-lag:], (0, length))[:length]
            Where the lag is shorter than the code you put zeros; the code should go round again.
        past[-lag:] => past[:lag]
            You begin at the oldest sample; the code begins one lag before the present.
        past[-lag:] => past[-lag:][::-1]
            Your codes run backwards in time.
        np.resize(past[-lag:], length) => np.resize(np.append(past[-lag:], 0), length)
            A zero comes between the end of the past and its repetition: your period is one sample
            too long.
        np.array(codes) => np.array(codes[::-1])
            Your rows begin with the longest lag; row 0 belongs to the shortest.
        np.resize(past[-lag:], length) => np.pad(past[-lag:], (0, length), mode='edge')[:length]
            Where the past ends you hold its last sample; the code should go round again.
    """,
    alternatives=(
        Alternative(_book_by_recursion, why="sample by sample, into lists"),
        Alternative(_book_by_index, why="by arithmetic on indices, in single precision"),
    ),
)
