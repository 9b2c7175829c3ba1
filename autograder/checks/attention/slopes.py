"""How the output of attention depends on its keys: the exam's sixth problem."""

from __future__ import annotations

import numpy as np
from scipy.special import softmax

from autograder.checks.attention.inputs import BAD_TRIPLES, SCALED, triple
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import DERIVED, DIFFERENTIATORS, EDGE
from autograder.reference import attention as reference


def _cases(rng):
    Q, K, V = triple(rng, 3, 4, 2, 5)
    return [
        Case((Q, K, V), "3 queries, 4 keys of width 2, values of width 5"),
        Case(triple(rng, 2, 5, 3, 1), "values that are single numbers"),
        Case(triple(rng, 4, 3, 3, 3), "as many keys as a key has numbers"),
        Case((Q, K[:1], V[:1]), "a single key", EDGE),
        Case((60 * Q, K, V), "large scores", EDGE),
        Case((Q, K, V, True), "3 queries, 4 keys of width 2, scaled", SCALED),
        Case((*triple(rng, 2, 3, 9, 2), True), "keys of width 9, scaled", SCALED),
    ]


def _by_the_exam(Q, K, V, scaled=False):
    factor = Q.shape[1] ** -0.5 if scaled else 1
    A = softmax(factor * Q @ K.T, axis=1)
    slopes = np.zeros((len(Q), V.shape[1], *K.shape))
    for i, j, k, l in np.ndindex(slopes.shape):  # noqa: E741
        for p in range(len(K)):
            by_key = A[i, k] * ((p == k) - A[i, p])
            slopes[i, j, k, l] += factor * by_key * Q[i, l] * V[p, j]
    return slopes


def _by_jacobians(Q, K, V, scaled=False):
    root = Q.shape[1] ** 0.5 if scaled else 1
    A = softmax(Q @ K.T / root, axis=1)
    pairs = zip(Q / root, A)
    return [np.multiply.outer(V.T @ (np.diag(a) - np.outer(a, a)), query) for query, a in pairs]


ATTENTION_BY_KEY = Exercise(
    function=reference.attention_by_key,
    read="A nudge of a key",
    cases=_cases,
    refuses=BAD_TRIPLES,
    criteria=(
        Criterion("derivatives, as in the exam", 4),
        Criterion("a single key, and large scores", 1, EDGE),
        Criterion("with the scale", 1, SCALED),
    ),
    mistakes="""
        - Y[:, None, :] => - 0 * Y[:, None, :]
            Each weight is moved alone, as if there were no sum below it: raising one weight lowers
            all the others, which brings in the output itself.
        V[None, :, :] - Y[:, None, :] => Y[:, None, :] - V[None, :, :]
            The sign is the wrong way round: a key that fits better pulls the output towards its own
            value.
        "ik,il,ikj->ijkl", A, Q, => "ik,kl,ikj->ijkl", A, K,
            That is with the key where the query belongs: the score is their product, so its slope
            with respect to the key is the query.
        ->ijkl => ->ijlk
            The last two axes are exchanged: first the number of the key, then the place in it.
        A, Q, pull => np.ones_like(A), Q, pull
            The weight of the key is missing: a key to which a query gives no weight has no slope
            either.
        return factor * np => return np
            The scale is in your weights but not in your slope; it is part of the score, and comes
            out once more as a factor.
        softmax(factor * Q => softmax(Q
            The scale is in your slope but not in your weights.
        1 / np.sqrt(Q.shape[1]) if scaled else 1.0 => 1.0
            `scaled` makes no difference in your function.
        V[None, :, :] - Y[:, None, :] => V[None, :, :] * (1 - A[:, :, None])
            Only the weight of the key itself is counted, with A (1 - A). The key also takes weight
            from all other keys, whose values then count for less.
    """,
    alternatives=(
        Alternative(_by_the_exam, why="the exam's cases and sums as loops"),
        Alternative(_by_jacobians, why="the softmax's matrix of derivatives"),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
    answers=("exam 6",),
)
