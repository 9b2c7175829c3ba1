"""Two derivatives by hand: of a norm by a matrix, of a softmax by its scores."""

from __future__ import annotations

import numpy as np
from scipy import special

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import BAD, DERIVED, DIFFERENTIATORS, REFUSES, with_nan
from autograder.reference import backprop

# ---- Frobenius norm ----


def _norm_cases(rng):
    def case(M, N, K, kind):
        return Case((rng.normal(size=(M, N)), rng.normal(size=(N, K))), kind)

    A, X = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
    left = np.array([[1.0, -1.0], [2.0, -2.0]])
    return [
        case(4, 3, 2, "a tall A"),
        case(2, 3, 5, "a wide A"),
        case(4, 3, 1, "an X of one column"),
        Case((A, X), "square matrices"),
        Case((with_nan(A), X), "NaN in A", BAD),
        Case((A, X[:2]), "matrices that cannot be multiplied", BAD),
        Case((left, np.ones((2, 3))), "a product that is zero", BAD),
    ]


def _refuse_norm(A, X):
    A, X = np.asarray(A, dtype=float), np.asarray(X, dtype=float)
    if A.shape[1] != len(X) or not np.any(A @ X):
        raise ValueError("bad input")
    return A, X


def _norm_by_elements(A, X):
    A, X = _refuse_norm(A, X)
    if np.isnan(A).any():
        raise ValueError("bad input")
    y = sum(value**2 for value in (A @ X).ravel()) ** 0.5
    gradient = [[0.0] * X.shape[1] for _ in X]
    for k, l in np.ndindex(X.shape):  # noqa: E741
        for m in range(len(A)):
            gradient[k][l] += (A[m] @ X[:, l]) * A[m, k] / y
    return gradient


def _norm_by_trace(A, X):
    A, X = _refuse_norm(A, X)
    G = A.T @ A
    norm = np.sqrt(np.trace(X.T @ G @ X))
    if np.isnan(norm):
        raise ValueError("bad input")
    return ((X.T @ G) / norm).T.astype(np.float32)


FROBENIUS_GRADIENT = Exercise(
    function=backprop.frobenius_gradient,
    read="A derivative has a shape",
    cases=_norm_cases,
    criteria=(Criterion("the derivative by every element", 3), Criterion(REFUSES, 1, BAD)),
    mistakes="""
        A.T @ AX / length => (A.T @ AX / length).T
            Your derivatives are right and stand in the other layout: asked for is an array of the
            shape of X. (The printed solution is X^T A^T A, transposed like yours.)
        A.T @ AX / length => 2 * A.T @ AX
            That is the derivative of the squared norm; the root has a derivative, too.
        A.T @ AX / length => A.T @ AX / (2 * length)
            It is half as large as it should be: the sum of squares depends on X through both of its
            factors.
        A.T @ AX / length => A.T @ AX / length**2
            You divide by the square of the norm; that would be the derivative of its logarithm.
        np.linalg.norm(AX) => np.linalg.norm(AX, 2)
            Your norm of the matrix is its largest singular value. Frobenius' norm is the root of
            the sum of all squares.
    """,
    alternatives=(
        Alternative(_norm_by_elements, why="element by element, nested lists"),
        Alternative(_norm_by_trace, why="by the trace, transposed back, single precision"),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
    answers=("homework 3.1",),
)

# ---- softmax ----

LARGE = "scores so large that their exponentials overflow"


def _softmax_cases(rng):
    def case(K, size, kind, group="usual"):
        return Case((size * rng.normal(size=K), int(rng.integers(1, K))), kind, group)

    f = rng.normal(size=4)
    return [
        case(3, 1.0, "3 classes"),
        case(10, 2.0, "10 classes"),
        Case((rng.normal(size=5), 0), "the first class being right"),
        Case((1000 + rng.normal(size=6), int(rng.integers(6))), "scores near 1000", LARGE),
        Case((f, 4), "a class that does not exist", BAD),
        Case((f, -1), "a negative class", BAD),
        Case((with_nan(f), 1), "NaN among the scores", BAD),
        Case((f[:0], 0), "no scores at all", BAD),
    ]


def _softmax_by_scipy(f, i):
    f = np.asarray(f, dtype=float)
    if not 0 <= i < len(f) or np.isnan(f).any():
        raise ValueError("bad input")
    return (special.softmax(f) - (np.arange(len(f)) == i)).astype(np.float32)


def _softmax_by_differences(f, i):
    if not 0 <= i < len(f) or any(np.isnan(value) for value in f):
        raise ValueError("bad input")
    p = [1 / sum(np.exp(np.clip(other - one, None, 700)) for other in f) for one in f]
    return [p[k] - 1 if k == i else p[k] for k in range(len(f))]


SOFTMAX_LOSS_GRADIENT = Exercise(
    function=backprop.softmax_loss_gradient,
    read="A derivative has a shape",
    cases=_softmax_cases,
    criteria=(
        Criterion("the derivative by every score", 2),
        Criterion("large scores, too", 1, LARGE),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes="""
        return p => return -p
            The sign is turned: raising the right class's score lowers the loss.
        p[int(i)] -= 1.0 => p[int(i)] -= 0.0
            The right class is treated like all others. Adding the same number to all scores changes
            nothing, so the derivatives add up to zero; do yours?
        np.exp(f - f.max()) => np.exp(f)
            exp(1000) overflows. A softmax does not change if all scores are lowered alike.
        p[int(i)] -= 1.0 => p = p[int(i)] * ((np.arange(len(p)) == i) - p)
            That is the derivative of the probability; the loss is minus its logarithm.
        p[int(i)] -= 1.0 => p[int(i) - 1] -= 1.0
            Classes are counted from 0 here, and you count them from 1.
        p[int(i)] -= 1.0 => p[int(i)] = 1.0 - p[int(i)]
            For the right class you have 1 - p, and it should be negative.
    """,
    alternatives=(
        Alternative(_softmax_by_scipy, why="SciPy's softmax, single precision"),
        Alternative(_softmax_by_differences, why="differences of scores, lists"),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
    answers=("sheet softmax",),
)
