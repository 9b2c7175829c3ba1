"""One step of training of a convolutional net."""

from __future__ import annotations

import numpy as np
from scipy import signal

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import BAD, DERIVED, DIFFERENTIATORS, REFUSES, with_nan
from autograder.reference import backprop


def _picture(rng, M, N):
    """Mostly of both signs, with one clear maximum and a deeper minimum."""
    x = rng.uniform(-1, 1, (M, N))
    places = rng.choice(M * N, 2, replace=False)
    x.flat[places] = 2.0, -3.0
    return x


def _impulse(K, L):
    return np.eye(1, K * L).reshape(K, L)


def _filter_cases(rng):
    x, w = _picture(rng, 5, 6), rng.normal(size=(3, 2))
    corner = np.zeros((4, 4))
    corner[0, 1], corner[3, 3], corner[2, 1] = rng.uniform(2, 3), 0.5, -4.0
    return [
        Case((x, _impulse(5, 6), 5.0, 1.0), "a filter that is an impulse, as large as the picture"),
        Case((corner, _impulse(2, 3), -1.0, 1.0), "a maximum at the edge of the picture"),
        Case((_picture(rng, 7, 5), rng.normal(size=(3, 2)), 2.0, 0.1), "a filter of 3 by 2"),
        Case((_picture(rng, 4, 9), rng.normal(size=(2, 4)), -3.0, 0.3), "a filter of 2 by 4"),
        Case((x, rng.normal(size=(3, 3)), 1.0, 0.25), "a filter of 3 by 3"),
        Case((w, x, 1.0, 0.1), "a filter larger than the picture", BAD),
        Case((with_nan(x), w, 1.0, 0.1), "NaN in the picture", BAD),
        Case((x, w, 1.0, 0.0), "a learning rate of zero", BAD),
        Case((x[:0], w, 1.0, 0.1), "an empty picture", BAD),
    ]


def _refuse_filter(x, w, y, eta):
    x, w = np.asarray(x, dtype=float), np.asarray(w, dtype=float)
    if np.any(np.array(w.shape) > x.shape) or np.isnan(x).any() or eta <= 0:
        raise ValueError("bad input")
    return x, w


def _filter_by_loops(x, w, y, eta):
    x, w = _refuse_filter(x, w, y, eta)

    def at(m, n):
        return x[m, n] if m >= 0 and n >= 0 else 0.0

    best, peak = -np.inf, (0, 0)
    for m, n in np.ndindex(x.shape):
        z = sum(w[k] * at(m - k[0], n - k[1]) for k in np.ndindex(w.shape))
        if z > best:
            best, peak = z, (m, n)
    new = [
        [w[k, l] + eta * (y - best) * at(peak[0] - k, peak[1] - l) for l in range(w.shape[1])]  # noqa: E741
        for k in range(w.shape[0])
    ]
    return [best, new]


def _filter_by_scipy(x, w, y, eta):
    x, w = _refuse_filter(x, w, y, eta)
    z = signal.convolve2d(x, w)[: len(x), : x.shape[1]]
    m, n = np.argwhere(z == z.max())[0]
    (K, L), g = w.shape, z[m, n]
    framed = np.pad(x, ((K - 1, 0), (L - 1, 0)))[m : m + K, n : n + L]
    return np.float32(g), (w - eta * (g - y) * np.flip(framed)).astype(np.float32)


def _filter_correlated(x, w, y, eta):
    x, w = _refuse_filter(x, w, y, eta)
    K, L = w.shape
    framed = np.pad(x, ((0, K - 1), (0, L - 1)))
    z = signal.correlate2d(framed, w, mode="valid")
    m, n = np.unravel_index(z.argmax(), z.shape)
    return z[m, n], w - eta * (z[m, n] - y) * framed[m : m + K, n : n + L]


def _filter_not_turned(x, w, y, eta):
    g = backprop.filter_step(x, w, y, eta)[0]
    z = signal.convolve2d(x, w)[: len(x), : np.shape(x)[1]]
    m, n = np.unravel_index(z.argmax(), z.shape)
    K, L = np.shape(w)
    framed = np.pad(x, ((0, K - 1), (0, L - 1)))
    return g, w - eta * (g - y) * framed[m : m + K, n : n + L]


FILTER_STEP = Exercise(
    function=backprop.filter_step,
    read="A filter that learns",
    cases=_filter_cases,
    criteria=(
        Criterion("the answer before the step", 2, select=lambda pair: pair[0]),
        Criterion("the filter after the step", 3, select=lambda pair: pair[1]),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes=(
        """
        w - eta * gradient => w + eta * gradient
            You climb: gradient descent subtracts.
        w - eta * gradient => w - gradient
            The learning rate is left out.
        (g - y) * seen => seen
            The error g - y is missing: the filter moves as far when the answer is right.
        np.argmax(z) => np.argmax(np.abs(z))
            The pooling takes the largest response, not the one of largest size.
        np.argmax(z) => np.argmax(x)
            You look for the largest sample of the picture; that is where the response is largest
            only as long as the filter is an impulse.
        """,
        Mistake(
            _filter_correlated,
            says="You slide the filter without turning it, which is a correlation; a convolution "
            "has x[m - k, n - l].",
        ),
        Mistake(
            _filter_not_turned,
            says="The piece of the picture that the filter takes up must be turned by 180 degrees: "
            "weight k, l met the sample k, l before the maximum, not behind it.",
        ),
    ),
    alternatives=(
        Alternative(_filter_by_loops, why="one place at a time, nested lists"),
        Alternative(
            _filter_by_scipy, why="SciPy's convolution, a frame of zeros, single precision"
        ),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
    answers=("homework 3.4",),
)
