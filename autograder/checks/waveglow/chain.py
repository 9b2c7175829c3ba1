"""A chain of steps: the density of a signal, and a signal from noise."""

from __future__ import annotations

import numpy as np

from autograder.checks.waveglow.inputs import chain
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, with_nan
from autograder.reference import waveglow

SECOND = "another deviation"


def _with_step(change):
    """Changes the last of several steps by `change`, which gets its W and its net."""
    return lambda steps: [*steps[:-1], change(*steps[-1])]


BAD_STEPS = {
    "no step": lambda steps: [],
    "a singular matrix in the last step": _with_step(lambda W, *net: (0 * W, *net)),
    "a matrix of another size in the last step": _with_step(lambda W, *net: (W[:2, :2], *net)),
}


def _likelihood_cases(rng):
    def given(T, G, H, K, sigma):
        return rng.normal(size=T * G), rng.normal(size=(T, H)), chain(rng, K, G, H), sigma

    return [
        Case(given(6, 4, 3, 3, 1.0), "3 steps, rows of 4"),
        Case(given(5, 6, 2, 2, 1.0), "2 steps, rows of 6"),
        Case(given(4, 8, 3, 4, 1.0), "4 steps, rows of 8"),
        *(Case(given(5, 4, 2, 2, s), f"noise of deviation {s}", SECOND) for s in (0.7, 0.5, 2.0)),
        Case(given(7, 2, 1, 1, 1.0), "a single step, rows of 2", EDGE),
        Case(given(1, 4, 2, 3, 1.0), "a single row", EDGE),
    ]


def _by_ways(x, M, steps, sigma):
    rows, stretched = np.reshape(x, (len(M), -1)), 0.0
    for W, *net in steps:
        for way in (waveglow.invertible_convolution, waveglow.coupling):
            rows, log_det = way(rows, *((W,) if way is not waveglow.coupling else (M, *net)))
            stretched += log_det
    each = -0.5 * (rows / sigma) ** 2 - np.log(sigma * np.sqrt(2 * np.pi))
    return stretched + each.sum(), rows


LOG_LIKELIHOOD = Exercise(
    function=waveglow.log_likelihood,
    read="A chain",
    cases=_likelihood_cases,
    refuses={
        **{kind: {"steps": change} for kind, change in BAD_STEPS.items()},
        "a deviation of 0": {"sigma": 0.0},
        "samples that fill no whole rows": {"x": lambda x: x[:-1]},
        "fewer rows than frames": {"x": lambda x: x[:-4]},
        "NaN in x": {"x": with_nan},
    },
    criteria=(
        Criterion("the noise", 2, select=1),
        Criterion("nats", 2, select=0),
        Criterion("noise of another deviation", 1, SECOND),
        Criterion("a single step, a single row", 1, EDGE),
    ),
    mistakes="""
        for W, *net in steps: => for W, *net in reversed(steps):
            You go through the steps from the last to the first; from speech to noise the first one
            comes first.
        z = z @ W.T => z = z @ W
            You multiply the rows from the wrong side: as a column, each row has W on its left.
        len(z) * np.linalg.slogdet(W)[1] + np.sum(log_s) => np.linalg.slogdet(W)[1] + np.sum(log_s)
            You count each matrix once; it stretches every row.
        len(z) * np.linalg.slogdet(W)[1] + np.sum(log_s) => len(z) * np.linalg.slogdet(W)[1]
            The coupling layers stretch, too, and their log-determinants are missing.
        len(z) * np.linalg.slogdet(W)[1] + np.sum(log_s) => np.sum(log_s)
            The matrices stretch, too, and their log-determinants are missing.
        log_p += len(z) => log_p -= len(z)
            Your log-determinants have the wrong sign: where the way to the noise stretches, the
            signals that it stretches were close together.
        0.5 * len(x) * np.log(2 * np.pi * sigma**2) => 0.5 * len(x) * np.log(sigma**2)
            The constant of the Gaussian density is incomplete.
        0.5 * len(x) * np.log(2 * np.pi * sigma**2) => 0.5 * np.log(2 * np.pi * sigma**2)
            The constant of the Gaussian density is there once; each number of the noise has it.
        np.log(2 * np.pi * sigma**2) + np.sum(z**2) / (2 * sigma**2)
        => np.log(2 * np.pi * sigma**2) + np.sum(z**2) / (2 * sigma)
            You divide the squares by sigma where its square belongs.
        np.log(2 * np.pi * sigma**2) + => np.log(2 * np.pi) +
            Your constant does not know sigma: a wide Gaussian is low.
        return float(log_p), z => return float(log_p / len(x)), z
            You return nats a sample; asked for are those of the whole signal.
        log_p -= 0.5 => log_p = -log_p + 0.5
            This is the loss that is made small in training; asked for is the log density itself.
    """,
    alternatives=(Alternative(_by_ways, why="layer by layer, and a density for each number"),),
)


def _sample_cases(rng):
    def given(T, G, H, K, temperature):
        return rng.normal(size=(T, G)), temperature, rng.normal(size=(T, H)), chain(rng, K, G, H)

    return [
        Case(given(6, 4, 3, 3, 0.6), "3 steps, rows of 4"),
        Case(given(5, 6, 2, 2, 0.8), "2 steps, rows of 6"),
        Case(given(4, 8, 3, 4, 1.2), "4 steps, rows of 8"),
        Case(given(6, 4, 2, 2, 0.0), "a temperature of 0", EDGE),
        Case(given(7, 2, 1, 1, 1.0), "a single step, rows of 2", EDGE),
        Case(given(1, 4, 2, 3, 0.7), "a single row", EDGE),
    ]


def _by_inverses(noise, temperature, M, steps):
    rows = [temperature * np.asarray(row) for row in noise]
    for W, *net in steps[::-1]:
        rows, _ = waveglow.coupling_inverse(rows, M, *net)
        rows = [np.linalg.inv(W) @ row for row in rows]
    return [number for row in rows for number in row]


TEMPERATURE_SAMPLE = Exercise(
    function=waveglow.temperature_sample,
    read="Noise into speech",
    cases=_sample_cases,
    refuses={
        **{kind: {"steps": change} for kind, change in BAD_STEPS.items()},
        "a negative temperature": {"temperature": -0.5},
        "an odd number in each row": {"noise": lambda noise: noise[:, :3]},
        "fewer rows than frames": {"noise": lambda noise: noise[:-1]},
        "NaN in the noise": {"noise": with_nan},
    },
    criteria=(
        Criterion("the signal", 4),
        Criterion("a temperature of 0, a single step, a single row", 1, EDGE),
    ),
    mistakes="""
        X = temperature * noise => X = noise
            Your noise is as strong as ever: the temperature is not in it.
        X = temperature * noise => X = np.sqrt(temperature) * noise
            You take the temperature for a variance; it is a factor of the numbers themselves.
        for W, *net in reversed(steps): => for W, *net in steps:
            You undo the first step first; it was taken first, so it has to be undone last.
        np.exp(-log_s) * (X[:, half:] - t) => np.exp(log_s) * X[:, half:] + t
            Your coupling layers go from speech to noise; here they are undone.
        np.exp(-log_s) * (X[:, half:] - t) => np.exp(-log_s) * X[:, half:] - t
            The shift came last on the way there, so it has to be taken off first.
        np.linalg.solve(invertible_matrix(W, 2 * half), X.T).T
        => X @ invertible_matrix(W, 2 * half).T
            You multiply by the matrices once more; on the way back it is their inverses.
        np.linalg.solve(invertible_matrix(W, 2 * half), X.T).T
        => X @ invertible_matrix(W, 2 * half)
            You multiply by the transpose, which is the inverse of rotations and mirrors alone.
        return X.reshape(-1) => return X.T.reshape(-1)
            You read the rows column by column; those of a row are neighbours in the signal.
        X = temperature * noise => X = noise
        return X.reshape(-1) => return temperature * X.reshape(-1)
            You scale the signal by the temperature; it is the noise that is scaled.
    """,
    alternatives=(Alternative(_by_inverses, why="layer by layer, by inverse matrices"),),
)
