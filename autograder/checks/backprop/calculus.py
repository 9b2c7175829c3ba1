"""Two derivatives by hand: of a norm by a matrix, of a softmax by its scores."""

from __future__ import annotations

import numpy as np
from scipy import special

from autograder.exercise.compare import DERIVED_EXACTLY
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import DERIVED, DIFFERENTIATORS, spoilt
from autograder.reference import backprop


def _norm_cases(rng):
    def case(M, N, K, kind):
        return Case((rng.normal(size=(M, N)), rng.normal(size=(N, K))), kind)

    return [
        case(4, 3, 2, "a tall A"),
        case(2, 3, 5, "a wide A"),
        case(4, 3, 1, "an X of one column"),
        case(3, 3, 3, "square matrices"),
    ]


def _norm_by_elements(A, X):
    y = sum(value**2 for value in (A @ X).ravel()) ** 0.5
    gradient = [[0.0] * X.shape[1] for _ in X]
    for k, l in np.ndindex(X.shape):  # noqa: E741
        for m in range(len(A)):
            gradient[k][l] += (A[m] @ X[:, l]) * A[m, k] / y
    return gradient


def _norm_by_trace(A, X):
    G = A.T @ A
    return ((X.T @ G) / np.sqrt(np.trace(X.T @ G @ X))).T


FROBENIUS_GRADIENT = Exercise(
    function=backprop.frobenius_gradient,
    read="A derivative has a shape",
    cases=_norm_cases,
    refuses={"a product that is zero": {"X": np.zeros_like}, **spoilt("A")},
    criteria=(Criterion("the derivative with respect to every element", 3, equal=DERIVED_EXACTLY),),
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
        Alternative(_norm_by_trace, why="by the trace, transposed back"),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
    answers=("homework 3.1",),
)

LARGE = "scores so large that their exponentials overflow"


def _softmax_cases(rng):
    def case(K, size, kind):
        return Case((size * rng.normal(size=K), int(rng.integers(1, K))), kind)

    return [
        case(3, 1.0, "3 classes"),
        case(10, 2.0, "10 classes"),
        Case((rng.normal(size=5), 0), "the first class being right"),
        Case((1000 + rng.normal(size=6), int(rng.integers(6))), "scores near 1000", LARGE),
    ]


def _softmax_by_scipy(f, i):
    return special.softmax(f) - (np.arange(len(f)) == i)


def _softmax_by_differences(f, i):
    p = [1 / sum(np.exp(np.clip(other - one, None, 700)) for other in f) for one in f]
    return [p[k] - 1 if k == i else p[k] for k in range(len(f))]


SOFTMAX_LOSS_GRADIENT = Exercise(
    function=backprop.softmax_loss_gradient,
    read="A derivative has a shape",
    cases=_softmax_cases,
    refuses={
        "a class that does not exist": {"i": 3},
        "a negative class": {"i": -1},
        **spoilt("f"),
    },
    criteria=(
        Criterion("the derivative with respect to every score", 2, equal=DERIVED_EXACTLY),
        Criterion("large scores, too", 1, LARGE, equal=DERIVED_EXACTLY),
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
        Alternative(_softmax_by_scipy, why="SciPy's softmax"),
        Alternative(_softmax_by_differences, why="differences of scores, lists"),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
    answers=("sheet softmax",),
)
