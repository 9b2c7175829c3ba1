"""Up and down the ladder of reflection coefficients."""

from __future__ import annotations

import numpy as np

from autograder.checks.lpc.inputs import stable_predictor, windowed_frame
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import BAD
from autograder.reference import lpc


def _lags(rng, order, length=120):
    return lpc.autocorrelation(windowed_frame(rng, length), order)


def _levinson_cases(rng):
    return [
        Case((_lags(rng, 12), 4), "order 4, of 13 lags given"),
        Case((_lags(rng, 10, 90), 10), "order 10"),
        Case((lpc.autocorrelation(rng.standard_normal(50), 3), 3), "order 3, of noise"),
        Case((_lags(rng, 2), 2), "order 2"),
        Case((_lags(rng, 1), 1), "order 1"),
        Case((np.array([0.5, -rng.uniform(0.1, 0.4)]), 1), "order 1, of a frame that alternates"),
    ]


def _levinson_by_loops(r, order):
    r = [float(value) for value in r]
    a, k, error = [], [], r[0]
    for i in range(1, order + 1):
        guess = sum(a[m - 1] * r[i - m] for m in range(1, i))
        k.append((r[i] - guess) / error)
        a = [a[m] - k[-1] * a[i - 2 - m] for m in range(i - 1)] + [k[-1]]
        error -= k[-1] ** 2 * error
    return a, k, error


def _levinson_as_regressions(r, order):
    whole = r[np.abs(np.subtract.outer(np.arange(order + 1), np.arange(order + 1)))]
    k = []
    for i in range(1, order + 1):  # a whole system for every order, by its eigenvectors
        values, vectors = np.linalg.eigh(whole[:i, :i])
        a = vectors @ ((vectors.T @ r[1 : i + 1]) / values)
        k.append(a[-1])
    return a, k, r[0] - a @ r[1 : order + 1]


LEVINSON_DURBIN = Exercise(
    function=lpc.levinson_durbin,
    read="Levinson's ladder",
    cases=_levinson_cases,
    refuses={
        "the autocorrelation of silence": {"r": np.zeros(5)},
        "a lag larger than lag 0": {"r": np.array([1.0, 1.2]), "order": 1},
        "lags that belong to no frame": {"r": np.array([1.0, 0.9, -0.9, 0.9]), "order": 3},
    },
    criteria=(
        Criterion("predictor coefficients", 3, select=0),
        Criterion("reflection coefficients", 1, select=1),
        Criterion("prediction error", 1, select=2),
    ),
    mistakes="""
        return a, k, float(error) => return -a, k, float(error)
            Your coefficients have the opposite sign: libraries return the prediction-error filter
            1, -a_1, ..., but this course writes the prediction itself with plus signs.
        return a, k, float(error) => return np.append(1.0, -a), k, float(error)
            There is a leading 1 in front of your coefficients: that is the prediction-error filter,
            and only the predictor a_1 ... a_p is asked for.
        return a, k, float(error) => return a, -k, float(error)
            Your reflection coefficients have the opposite sign: by the definition in the docstring
            the first one is positive when neighbouring samples are alike.
        error = error * (1 - k[i] ** 2) => error = error * 1
            You divide by the energy of the frame at every order; at each order the error that is
            left has become smaller.
        error * (1 - k[i] ** 2) => error * (1 - abs(k[i]))
            The error shrinks by the wrong factor: energies go with squares.
        a - k[i] * a[::-1] => a - k[i] * a
            The old coefficients are corrected by themselves; the backward predictor, which corrects
            them, has them in the opposite order.
        return a, k, float(error) => return a, k, float(np.sqrt(error))
            You return the gain, the root of the error's energy, in place of the energy.
        a = np.append(a - k[i] * a[::-1], k[i])
        => for m in range(i): a[m] -= k[i] * a[i - 1 - m]
        error = error => a = np.append(a, k[i]); error = error
            You overwrite the coefficients of the last order while you still need them.
    """,
    alternatives=(
        Alternative(_levinson_by_loops, why="loops and lists"),
        Alternative(_levinson_as_regressions, why="a system for every order, by eigenvectors"),
    ),
    forbidden="scipy.linalg.solve_toeplitz scipy.linalg.solve scipy.linalg.lstsq "
    "scipy.linalg.inv numpy.linalg.solve numpy.linalg.lstsq numpy.linalg.inv "
    "numpy.linalg.pinv",
    because="it solves the equations for you; the recursion is what is asked for",
)


def _reflection_cases(rng):
    unstable = 0.9 * stable_predictor(rng, 3)
    unstable[-1] = rng.uniform(1.05, 1.6)
    hidden = [_unstable_inside(rng) for _ in range(3)]
    return [
        Case((stable_predictor(rng, 10),), "a predictor of order 10"),
        Case((stable_predictor(rng, 5),), "a predictor of order 5"),
        Case((stable_predictor(rng, 3),), "a predictor of order 3"),
        Case((stable_predictor(rng, 2),), "a predictor of order 2"),
        Case((stable_predictor(rng, 1),), "a predictor of order 1"),
        Case((unstable,), "an unstable filter of order 3", BAD),
        *(Case((a,), "an unstable filter whose last coefficient is small", BAD) for a in hidden),
    ]


def _unstable_inside(rng):
    """One resonance that grows, one that decays fast."""
    growing = 1.05 * np.exp(1j * rng.uniform(0.5, 1.2))
    decaying = 0.4 * np.exp(1j * rng.uniform(1.6, 2.5))
    return -np.real(np.poly([growing, growing.conj(), decaying, decaying.conj()]))[1:]


def _down_by_loops(a):
    a, k = [float(value) for value in a], []
    while a:
        last = a.pop()
        k.insert(0, last)
        a = [(a[m] + last * a[-1 - m]) / (1 - last * last) for m in range(len(a))]
    return k


def _down_recursively(a):
    lower = (a[:-1] + a[-1] * a[-2::-1]) / (1 - a[-1] ** 2) if len(a) > 1 else a[:0]
    return np.append(_down_recursively(lower), a[-1]) if len(lower) else a


REFLECTION_COEFFICIENTS = Exercise(
    function=lpc.reflection_coefficients,
    read="Levinson's ladder",
    cases=_reflection_cases,
    refuses={"a filter that rings for ever": {"a": [1.0]}, "one that alternates": {"a": [-1.0]}},
    refusal=Criterion("tells a filter that is not stable", 1, BAD),
    criteria=(Criterion("reflection coefficients", 3),),
    mistakes="""
        a[:i] + k[i] * a[:i][::-1] => a[:i] - k[i] * a[:i][::-1]
            That is the step up. Going down, the same correction has to be undone.
        / (1 - k[i] ** 2) =>
            Adding the correction back leaves each coefficient multiplied by a common factor; find
            it and divide by it.
        a[:i] + k[i] * a[:i][::-1] => a[:i] + k[i] * a[:i]
            The coefficients that correct a are in the opposite order to a.
        return k => return k[::-1]
            Your answer starts with the highest order; the first one belongs to order 1.
        return k => return -k
            Every sign is the opposite of the one in the docstring, where k of order p is the last
            coefficient itself.
        if abs(k[i]) >= 1: => if abs(k[-1]) >= 1:
            You look at the size of the last coefficient only; a filter is stable when every one of
            its reflection coefficients is smaller than 1.
        if abs(k[i]) >= 1: => if abs(k[i]) > 1:
            A reflection coefficient of exactly 1 is let through; such a filter rings for ever and
            is not stable.
    """,
    alternatives=(
        Alternative(_down_by_loops, why="loops and lists"),
        Alternative(_down_recursively, why="recursively, with stability from the roots"),
    ),
)
