"""One step of training of a convolutional net."""

from __future__ import annotations

import numpy as np
from scipy import signal

from autograder.exercise.compare import DERIVED_EXACTLY
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import DERIVED, DIFFERENTIATORS, spoilt
from autograder.reference import backprop

BELOW = "responses below zero"


def _picture(rng, M, N):
    """Mostly of both signs, with a deep minimum, and a maximum that a nudge can move elsewhere."""
    x = rng.uniform(-1, 1, (M, N))
    x.flat[rng.choice(M * N, 3, replace=False)] = 2.0, -3.0, 2.0 - 1e-5
    return x


def _impulse(K, L):
    return np.eye(1, K * L).reshape(K, L)


def _below(rng, M, N, K, L):
    """No response is positive: the picture is, and the filter is not anywhere."""
    x, w = rng.uniform(0.2, 2, (M, N)), -rng.uniform(0.2, 1, (K, L))
    return Case((x, w, float(rng.normal()), 0.2), "responses that are all below zero", BELOW)


def _filter_cases(rng):
    x, corner = _picture(rng, 5, 6), np.zeros((4, 4))
    corner[0, 1], corner[3, 3], corner[2, 1] = rng.uniform(2, 3), 0.5, -4.0
    return [
        Case((x, _impulse(5, 6), 5.0, 1.0), "a filter that is an impulse, as large as the picture"),
        Case((corner, _impulse(2, 3), -1.0, 1.0), "a maximum at the edge of the picture"),
        Case((_picture(rng, 7, 5), rng.normal(size=(3, 2)), 2.0, 0.1), "a filter of 3 by 2"),
        Case((_picture(rng, 4, 9), rng.normal(size=(2, 4)), -3.0, 0.3), "a filter of 2 by 4"),
        Case((x, rng.normal(size=(3, 3)), 1.0, 0.25), "a filter of 3 by 3"),
        *(_below(rng, *sizes) for sizes in ((4, 5, 2, 2), (5, 3, 3, 2), (3, 6, 1, 3))),
    ]


def _filter_by_loops(x, w, y, eta):
    def at(m, n):
        return x[m, n] if m >= 0 and n >= 0 else 0.0

    best, peak = -np.inf, (0, 0)
    for m, n in np.ndindex(x.shape):
        z = sum(w[k] * at(m - k[0], n - k[1]) for k in np.ndindex(w.shape))
        if z > best:
            best, peak = z, (m, n)
    new = [[float(weight) for weight in row] for row in w]
    for k, l in np.ndindex(w.shape):  # noqa: E741
        new[k][l] += eta * (y - best) * at(peak[0] - k, peak[1] - l)
    return [best, new]


def _step(x, w, y, eta, z, framed):
    """From the responses and the framed picture, whose piece at the maximum is taken up."""
    m, n = np.unravel_index(z.argmax(), z.shape)
    g, piece = z[m, n], framed[m : m + w.shape[0], n : n + w.shape[1]]
    return g, w - eta * (g - y) * piece


def _responses(x, w):
    return signal.convolve2d(x, w)[: len(x), : x.shape[1]]


def _behind(x, w):
    """The picture with zeros below and on its right."""
    return np.pad(x, ((0, w.shape[0] - 1), (0, w.shape[1] - 1)))


def _filter_by_scipy(x, w, y, eta):
    framed = np.pad(x, ((w.shape[0] - 1, 0), (w.shape[1] - 1, 0)))
    g, turned = _step(x, np.flip(w), y, eta, _responses(x, w), framed)
    return g, np.flip(turned)


def _filter_correlated(x, w, y, eta):
    framed = _behind(x, w)
    return _step(x, w, y, eta, signal.correlate2d(framed, w, mode="valid"), framed)


def _filter_not_turned(x, w, y, eta):
    return _step(x, w, y, eta, _responses(x, w), _behind(x, w))


FILTER_STEP = Exercise(
    function=backprop.filter_step,
    read="A filter that learns",
    cases=_filter_cases,
    refuses={"a filter larger than the picture": {"x": lambda x: x[:4]}, **spoilt("x")},
    criteria=(
        Criterion("the answer before the step", 2, select=0),
        Criterion("the filter after the step", 2, select=1, equal=DERIVED_EXACTLY),
        Criterion("a largest response below zero", 1, BELOW, equal=DERIVED_EXACTLY),
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
        np.argmax(z) => np.argmax(np.maximum(z, 0))
        g = z[m, n] => g = max(z[m, n], 0.0)
            Your search for the maximum starts at 0. All responses may be below zero: start with the
            first of them, or with minus infinity.
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
        Alternative(_filter_by_scipy, why="SciPy's convolution and a frame of zeros"),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
    answers=("homework 3.4",),
)
