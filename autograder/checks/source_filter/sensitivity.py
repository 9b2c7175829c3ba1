"""The sensitivity of a resonator's coefficient to the formants that a network reads."""

from __future__ import annotations

import operator

import numpy as np

from autograder.exercise.compare import Close
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE
from autograder.reference import source_filter


def _network(rng, frames=5, formants=3, hidden=6, out=3, rate=8000.0):
    """A network on formants in Hz that neither saturates nor leaves the band by much."""
    s = rng.uniform([300, 900, 2000][:formants], [900, 2200, 3300][:formants], (frames, formants))
    W1 = rng.standard_normal((hidden, formants)) / 2500
    W2 = 800 * rng.uniform(0.5, 2.0, (out, hidden)) * rng.choice([-1, 1], (out, hidden))
    return W1, W2, s, rng.uniform(40, 300, out), 1 / rate


def _sensitivity_cases(rng):
    rate = float(rng.choice([8000.0, 10000.0, 11025.0]))
    return [
        Case(_network(rng, rate=rate), "three formants to three, six hidden units, five frames"),
        Case(_network(rng, 4, 3, 3, 3, 2 * rate), "as many hidden units as formants"),
        Case(_network(rng, 3, 2, 4, 3, rate), "two formants in, three out", EDGE),
        Case(_network(rng, 1, 3, 1, 1, rate), "one hidden unit, one formant out", EDGE),
    ]


def _by_four_loops(W1, W2, s, B, T):
    answer = []
    for frame in s:
        h = np.tanh(W1 @ frame)
        rows = []
        for k in range(len(W2)):
            angle = 2 * np.pi * float(W2[k] @ h) * T
            slope = -2 * np.exp(-np.pi * B[k] * T) * np.sin(angle) * 2 * np.pi * T
            through = [W2[k, i] * (1 - h[i] ** 2) * W1[i] for i in range(len(h))]
            rows.append([float(slope * sum(column)) for column in zip(*through)])
        answer.append(rows)
    return answer


def _by_jacobians(W1, W2, s, B, T):
    frames = []
    for x in s @ W1.T:
        inner = W1 / np.cosh(x)[:, None] ** 2  # the derivative of tanh, by another name
        poles = np.exp((2j * np.pi * (W2 @ np.tanh(x)) - np.pi * B) * T)
        frames.append(-4 * np.pi * T * np.diag(poles.imag) @ W2 @ inner)
    return np.stack(frames)


_ALL = Close(rtol=1e-6, atol=1e-15)

RESONATOR_SENSITIVITY = Exercise(
    function=source_filter.resonator_sensitivity,
    read="What a slip of the ruler does",
    answers=("exam 4b",),
    cases=_sensitivity_cases,
    refuses={
        "one bandwidth for several formants": {"B": lambda B: B[:1]},
        "negative bandwidths": {"B": operator.neg},
    },
    criteria=(
        Criterion("the derivatives", 4, equal=_ALL),
        Criterion("other numbers of formants and units", 1, EDGE, equal=_ALL),
    ),
    mistakes="""
        slope = -4 => slope = 4
            A sign is wrong: the derivative of the cosine is minus the sine.
        1 - h**2 => np.ones_like(h)
            The slope of tanh is missing: you treat the network as if it were linear.
        1 - h**2 => 1 - np.tanh(h) ** 2
            You apply tanh a second time. Its slope is 1 - h^2 with h the unit's output.
        1 - h**2 => 1 - h
            The slope of tanh is 1 - h^2; the square is missing.
        -4 * np.pi * T * => -4 * np.pi *
            Your values are too large by the number of samples a second: the inner derivative of the
            cosine's argument has a factor T.
        -4 * np.pi * T * => -2 * np.pi * T *
            Your values are half as large as they should be: b has a factor 2, and so has the
            argument of its cosine.
        np.exp(-np.pi * B * T) => np.exp(-2 * np.pi * B * T)
            Your bandwidth factor is that of c, the square of the radius; b has the radius.
        np.sin(2 * np.pi * t * T) => np.cos(2 * np.pi * t * T)
            The cosine of b still stands in your derivative.
        slope[:, :, None] * through => slope[:, :, None] * through / len(s)
            You average over the frames. A frame's coefficients depend on its own formants alone, so
            nothing is divided.
        return slope => out = slope
        [:, :, None] * through
        => [:, :, None] * through; return out.swapaxes(1, 2) if len(W2) == W1.shape[1] else out
            The last two axes have changed places: first the coefficient that moves, then the
            formant that moves it.
        slope[:, :, None] => (slope[:, None] if len(W2) == W1.shape[1] else slope[:, :, None])
            The slope of the cosine belongs to the formant k that comes out of the network; you
            multiply it along the axis of the formant that goes in.
    """,
    alternatives=(
        Alternative(_by_four_loops, why="loops over frames, formants and units, and a list"),
        Alternative(_by_jacobians, why="a product of Jacobians a frame, slopes by cosh and poles"),
    ),
)
