"""Samples side by side, and the matrix that mixes them."""

from __future__ import annotations

import numpy as np

from autograder.checks.waveglow.inputs import matrix
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, changed, with_nan
from autograder.reference import waveglow


def _squeeze_cases(rng):
    return [
        Case((rng.normal(size=24), 4), "24 samples, 4 in a row"),
        Case((rng.normal(size=40), 8), "40 samples, 8 in a row"),
        Case((rng.normal(size=35), 5), "35 samples, 5 in a row"),
        Case((rng.normal(size=6), 6), "6 samples, all in one row", EDGE),
        Case((rng.normal(size=7), 1), "one sample in a row", EDGE),
        Case((rng.integers(-3000, 3000, 12).astype(np.int16), 2), "16-bit integers", EDGE),
    ]


SQUEEZE = Exercise(
    function=waveglow.squeeze,
    read="Samples side by side",
    cases=_squeeze_cases,
    refuses={
        "an odd number of samples, 2 in a row": {"x": lambda x: x[:23], "G": 2},
        "25 samples, 4 in a row": {"x": lambda x: np.append(x, 1.0)},
        "more samples in a row than there are": {"G": 48},
        "no sample in a row": {"G": 0},
        "NaN in x": {"x": with_nan},
    },
    criteria=(
        Criterion("the rows", 1),
        Criterion("one row, one column, 16-bit samples", 1, EDGE),
    ),
    mistakes="""
        x.reshape(-1, int(G)) => x.reshape(int(G), -1)
            You made G rows; asked for are rows of G samples.
        x.reshape(-1, int(G)) => x.reshape(int(G), -1).T
            Your rows hold samples from all over the signal; those of a row are neighbours.
        x.reshape(-1, int(G)) => x.reshape(-1, int(G)).T
            Time runs along your second axis; a row is a time, a column one of the G samples.
        x.reshape(-1, int(G)) => x.reshape(-1, int(G))[:, ::-1]
            The samples of each row stand in the opposite order: the earliest comes first.
    """,
    alternatives=(
        Alternative(
            lambda x, G: [[x[start + g] for g in range(G)] for start in range(0, len(x), G)],
            why="loops and lists",
        ),
        Alternative(
            lambda x, G: np.stack([x[g::G] for g in range(G)], axis=1), why="column by column"
        ),
    ),
)


def _convolution_cases(rng):
    def rows(T, G, inverse=False, size=1.0):
        return rng.normal(size=(T, G)), size * matrix(rng, G), inverse

    usual = (9, 4), (5, 8), (12, 3)
    return [
        *(Case(rows(T, G), f"{T} rows of {G}") for T, G in usual),
        *(Case(rows(T, G, True), f"{T} rows of {G}, backwards", "back") for T, G in usual),
        Case(rows(3, 40, size=1e9), "a determinant too large for the computer", EDGE),
        Case(rows(2, 44, size=1e-9), "a determinant too small for the computer", EDGE),
        Case(rows(4, 36, size=1e10), "a determinant much too large for the computer", EDGE),
        Case((rng.normal(size=(1, 1)), np.array([[-3.0]]), True), "a single number", EDGE),
    ]


def _by_the_inverse(X, W, inverse=False):
    sizes = np.linalg.svd(W, compute_uv=False)
    log_det = len(X) * np.sum(np.log(sizes)) * (-1 if inverse else 1)
    A = np.linalg.inv(W) if inverse else W
    return [A @ row for row in X], log_det


def _by_qr(X, W, inverse=False):
    Q, R = np.linalg.qr(W)
    log_det = len(X) * np.log(np.abs(np.diag(R))).sum()
    if inverse:
        return np.linalg.solve(R, Q.T @ X.T).T, -log_det
    return np.einsum("ij,tj->ti", W, X), log_det


INVERTIBLE_CONVOLUTION = Exercise(
    function=waveglow.invertible_convolution,
    read="A matrix that mixes",
    cases=_convolution_cases,
    refuses={
        "a matrix with a row of zeros": {"W": changed(2, 0.0)},
        "a singular matrix": {"W": np.outer([1.0, 2, 3, 4], [1.0, -1, 2, 1])},
        "a singular matrix, backwards": {"W": changed((slice(None), 1), 0.0), "inverse": True},
        "a matrix of another size": {"W": lambda W: W[:3, :3]},
        "a matrix that is not square": {"W": lambda W: W[:3]},
    },
    criteria=(
        Criterion("rows, forwards", 1, select=0),
        Criterion("rows, backwards", 1, "back", select=0),
        Criterion("log-determinant, forwards", 1, select=1),
        Criterion("log-determinant, backwards", 1, "back", select=1),
        Criterion("determinants of extreme size, a single number", 1, EDGE),
    ),
    mistakes="""
        return X @ W.T => return X @ W
        np.linalg.solve(W, X.T).T => np.linalg.solve(W.T, X.T).T
            You multiply the rows from the wrong side: as a column, each row has W on its left.
        float(len(X) * log_det) => float(log_det)
        float(-len(X) * log_det) => float(-log_det)
            You count the matrix once; every row is multiplied by it.
        _, log_det = np.linalg.slogdet(W) => log_det = np.log(np.abs(np.linalg.det(W)))
            Your determinant overflows, or vanishes, before you take the logarithm: add up
            logarithms instead.
        float(-len(X) * log_det) => float(len(X) * log_det)
            On the way back the volume changes the other way: what was stretched shrinks.
        _, log_det = np.linalg.slogdet(W) => log_det = np.exp(np.linalg.slogdet(W)[1])
            You return the determinant; asked for is its logarithm.
        np.linalg.solve(W, X.T).T => X @ W
            You multiply by the transpose, which is the inverse of rotations and mirrors alone.
        float(len(X) * log_det) => float(X.size * log_det)
        float(-len(X) * log_det) => float(-X.size * log_det)
            You count the matrix once for every number; it works on a whole row at a time.
        _, log_det = np.linalg.slogdet(W) => log_det = np.linalg.slogdet(W)[1] / np.log(2)
            Your logarithm is the one with base two; nats are asked for.
    """,
    alternatives=(
        Alternative(_by_the_inverse, why="the inverse, row by row, and the singular values"),
        Alternative(_by_qr, why="from Q and R"),
    ),
)
