"""Layers of plain recurrent units: one step back in time, and what is left after many."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autograder.checks.recurrent.inputs import away_from_zero
from autograder.exercise.compare import DERIVED_EXACTLY
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import DERIVED, DIFFERENTIATORS, changed, spoilt
from autograder.reference import recurrent


def _hidden_case(rng, H, K, kind):
    V, W = away_from_zero(rng, H, H), away_from_zero(rng, K, H)
    y = rng.dirichlet(3 * np.ones(K))
    h_next = rng.uniform(0.3, 0.9, H) * rng.choice([-1, 1], H)
    return Case((rng.normal(size=K), rng.normal(size=H), y, h_next, V, W), kind)


def _hidden_cases(rng):
    return [
        _hidden_case(rng, 4, 6, "4 units and 6 classes"),
        _hidden_case(rng, 5, 3, "5 units and 3 classes"),
        _hidden_case(rng, 3, 3, "as many units as classes"),
    ]


def _hidden_by_sums(dL_dy, dL_dh_next, y, h_next, V, W):
    H, K = len(h_next), len(y)
    answer = []
    for i in range(H):
        total = sum(dL_dh_next[j] * (1 - h_next[j] ** 2) * V[j][i] for j in range(H))
        mean = sum(y[m] * W[m][i] for m in range(K))
        answer.append(total + sum(dL_dy[k] * y[k] * (W[k][i] - mean) for k in range(K)))
    return answer


def _hidden_by_jacobians(dL_dy, dL_dh_next, y, h_next, V, W):
    of_softmax = np.diag(y) - np.outer(y, y)
    return dL_dh_next @ np.diag(1 - h_next**2) @ V + dL_dy @ of_softmax @ W


HIDDEN_GRADIENT = Exercise(
    function=recurrent.hidden_gradient,
    read="A layer of units",
    answers=("exam 5b",),
    cases=_hidden_cases,
    refuses={
        "a y that sums to two": {"y": lambda y: 2 * y},
        "a y that sums to one half": {"y": lambda y: y / 2},
        "a -3 in h_next": {"h_next": changed(0, -3.0)},
        **spoilt("dL_dh_next"),
    },
    criteria=(Criterion("total derivatives with respect to the units", 4, equal=DERIVED_EXACTLY),),
    mistakes="""
        return V.T @ => return V @
            Coming back, V has to be read the other way: its first index is the unit that hears. The
            printed solution of this exam has the indices the wrong way round, too.
        y * (dL_dy - y @ dL_dy) => y * dL_dy
            Raising one class of a softmax lowers all others, and that part is missing.
        y * (dL_dy - y @ dL_dy) => y * (1 - y) * dL_dy
            You treat the softmax as if each class were squashed alone; each one also acts on all
            the others.
        y * (dL_dy - y @ dL_dy) => dL_dy
            The derivatives with respect to y have not passed back through the softmax.
        dL_dh_next * (1 - h_next**2) => dL_dh_next
            The derivatives with respect to the next units have not passed back through the tanh.
        dL_dh_next * (1 - h_next**2) => dL_dh_next * h_next * (1 - h_next)
            That is the slope of a logistic sigmoid; these units have a tanh.
        V.T @ before_tanh + W.T => W.T
            Only the present output is counted: h_n also acts through h_{n+1}.
    """,
    alternatives=(
        Alternative(_hidden_by_sums, why="sums written out as loops"),
        Alternative(_hidden_by_jacobians, why="matrices of derivatives"),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
)


def _states(rng, N, H, V):
    h = [rng.uniform(-0.5, 0.5, H)]
    while len(h) < N:
        h.append(np.tanh(0.5 * rng.normal(size=H) + V @ h[-1]))
    return np.array(h)


def _reach_case(rng, N, H, size, kind):
    V = size * rng.normal(size=(H, H)) / np.sqrt(H)
    return Case((_states(rng, N, H, V), V), kind)


def _reach_cases(rng):
    h, V = _reach_case(rng, 6, 3, 0.8, "").args
    return [
        _reach_case(rng, 12, 4, 0.5, "small weights"),
        _reach_case(rng, 10, 3, 1.8, "large weights"),
        _reach_case(rng, 15, 1, 0.7, "a single unit"),
        Case((h[:1], V), "a single time"),
    ]


def logarithms(reach):
    """On a scale of factors, so that a small reach counts as much as a large one."""
    with np.errstate(all="ignore"):
        return np.log(reach)


def _reach_from_each_start(h, V):
    answer = []
    for n in range(len(h)):
        product = np.eye(len(V))
        for m in range(n + 1, len(h)):
            product = np.diag(1 - h[m] ** 2) @ V @ product
        answer.append(float(np.linalg.svd(product)[1][0]))
    return answer


def _reach_transposed(h, V):
    back, answer = np.eye(len(V)), [1.0]
    for later in h[:0:-1]:
        back = V.T @ ((1 - later**2)[:, None] * back)
        answer.append(np.sqrt(np.linalg.eigvalsh(back.T @ back)[-1]))
    return answer[::-1]


def _reach_bound(h, V):
    factors = [np.linalg.norm((1 - one**2)[:, None] * V, 2) for one in h[1:]]
    return np.append(np.cumprod(factors[::-1])[::-1], 1.0)


GRADIENT_REACH = Exercise(
    function=recurrent.gradient_reach,
    read="What is left of a nudge",
    cases=_reach_cases,
    refuses={"outputs beyond what a tanh can give": {"h": lambda h: 9 * h}, **spoilt("h")},
    criteria=(Criterion("reach", 3, equal=replace(DERIVED_EXACTLY, normal_form=logarithms)),),
    mistakes=(
        """
        (1 - h[n + 1] ** 2) => (1 - h[n] ** 2)
            The slope of the tanh is taken one step too early: what h_n passes through is the tanh
            that makes the next output.
        (1 - h[n + 1] ** 2)[:, None] * V => V
            The slopes of the tanh are missing; only the weights are multiplied.
        (1 - h[n + 1] ** 2)[:, None] * V => (1 - h[n + 1] ** 2) * V
            The slope belongs to the unit that hears, which is the first index of V; yours multiply
            its columns.
        so_far = so_far @ step => so_far = step @ so_far
            Your factors are multiplied in the opposite order; the step out of h_n comes first, so
            it stands on the right.
        np.linalg.norm(so_far, 2) => np.linalg.norm(so_far)
            That is the root of the sum of all squares, and larger than the largest singular value.
        """,
        Mistake(
            _reach_bound,
            says="You multiply the largest factor of each step. That is a bound only: the "
            "direction that one step stretches most is not the one the next stretches most.",
        ),
    ),
    alternatives=(
        Alternative(_reach_from_each_start, why="every start on its own, lists"),
        Alternative(_reach_transposed, why="transposed, and by eigenvalues"),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
)
