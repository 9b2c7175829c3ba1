"""Codevectors that are learned: pulled and pushed by a softmax, or drawn after an encoder."""

from __future__ import annotations

import numpy as np

from autograder.checks.hubert.inputs import every_unit
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import DERIVED, DIFFERENTIATORS, EDGE, with_nan
from autograder.reference import hubert


def _force_case(rng, N, D, C, kind, group="usual"):
    return Case(
        (rng.normal(size=(N, D)), rng.normal(size=(C, D)), every_unit(rng, N, C)), kind, group
    )


def _force_cases(rng):
    c, codevectors, units = _force_case(rng, 8, 3, 4, "").args
    return [
        _force_case(rng, 12, 3, 4, "12 frames and 4 codevectors"),
        _force_case(rng, 20, 5, 3, "20 frames and 3 codevectors"),
        Case((c, codevectors, 2 * (units // 2)), "codevectors that no frame has", EDGE),
        Case((c, codevectors[:1], 0 * units), "a single codevector", EDGE),
        Case((40 * c, 40 * codevectors, units), "products of more than 1000", EDGE),
        Case(([[1, 0], [0, 1]], [[1, 2], [2, 1]], [0, 1]), "lists of whole numbers", EDGE),
    ]


def _forces_by_loops(c, codevectors, units):
    c, E = np.array(c, dtype=float), np.array(codevectors, dtype=float)
    pull, push = np.zeros(E.shape), np.zeros(E.shape)
    for output, unit in zip(c, units):
        scores = E @ output
        p = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
        pull[unit] += (1 - p[unit]) * output
        for other in {*range(len(E))} - {int(unit)}:
            push[other] += p[other] * output
    return [(push - pull).tolist(), pull.tolist(), push.tolist()]


def _forces_by_parts(c, codevectors, units):
    """The gradient at once, then its part from the frames of each codevector."""
    c, E, units = np.array(c, dtype=float), np.array(codevectors, dtype=float), np.array(units)
    by_scores = np.exp(c @ E.T - np.logaddexp.reduce(c @ E.T, axis=1)[:, None])
    by_scores[np.arange(len(c)), units] -= 1
    own = units[:, None] == np.arange(len(E))
    pull = -np.einsum("nv,nd->vd", np.where(own, by_scores, 0), c)
    push = np.einsum("nv,nd->vd", np.where(own, 0, by_scores), c)
    return np.einsum("nv,nd->vd", by_scores, c), pull, push


CODEVECTOR_GRADIENT = Exercise(
    function=hubert.codevector_gradient,
    read="Attraction and repulsion",
    cases=_force_cases,
    refuses={
        "NaN in c": {"c": with_nan},
        "a unit out of range": {"units": lambda units: units + 1},
    },
    criteria=(
        Criterion("the gradient", 3, select=0),
        Criterion("attraction", 1, select=1),
        Criterion("repulsion", 1, select=2),
        Criterion("codevectors without frames, large products", 1, EDGE),
    ),
    mistakes="""
        ((1 - own) * p).T @ c => np.sum((1 - own) * p, axis=0)[:, None] * (own.T @ c)
            A codevector is pushed away from the outputs of the other frames, and yours is pushed
            from its own: the printed solution of this exam has that index, too.
        return repulsion - attraction => return attraction - repulsion
            You return the direction of the step; the gradient points the other way.
        (own * (1 - p)).T @ c => own.T @ c
            Your attraction does not weaken when a frame is well predicted already: its own
            codevector is in the denominator, too.
        (own * (1 - p)).T @ c => (own * p).T @ c
            Your attraction is strongest where the prediction is right already; it should be weakest
            there.
        ((1 - own) * p).T @ c => p.T @ c
            You push a codevector away from its own frames as well; these are in the attraction
            already.
        ((1 - own) * p).T @ c => (1 - own).T @ c
            Your repulsion is the same for near and far codevectors; it should be weighted by the
            probability that was wrongly given.
        special.softmax(c @ codevectors.T, axis=1) => special.softmax(c @ codevectors.T, axis=0)
            Your softmax runs over the frames; the probabilities of all codevectors in one frame sum
            to one.
    """,
    alternatives=(
        Alternative(_forces_by_loops, why="loops and lists"),
        Alternative(_forces_by_parts, why="derivatives with respect to the scores first"),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
    answers=("exam 7",),
)


def _through_case(rng, T, D, C, beta, kind, group="usual"):
    z_e = rng.normal(size=(T, D))
    codevectors = 0.7 * rng.normal(size=(C, D))
    return Case(
        (z_e, every_unit(rng, T, C), codevectors, rng.normal(size=(T, D)), beta), kind, group
    )


def _through_cases(rng):
    z_e, units, codevectors, by_z_q, _ = _through_case(rng, 7, 3, 4, 0.25, "").args
    exact = codevectors[units]
    return [
        _through_case(rng, 10, 3, 4, 0.25, "10 frames and 4 codevectors"),
        _through_case(rng, 15, 2, 3, 0.7, "15 frames and 3 codevectors"),
        Case((z_e, units, codevectors, by_z_q, 0), "no commitment (beta 0)", EDGE),
        Case((exact, units, codevectors, by_z_q, 0.25), "outputs that are codevectors", EDGE),
        Case((z_e, 0 * units, codevectors, by_z_q, 0.25), "codevectors that no frame has", EDGE),
    ]


def _through_by_loops(z_e, units, codevectors, by_z_q, beta):
    terms, by_z_e, by_codevectors = 0.0, by_z_q.tolist(), np.zeros(codevectors.shape).tolist()
    for t, d in np.ndindex(z_e.shape):
        gap = z_e[t, d] - codevectors[units[t], d]
        terms += gap**2 + beta * gap**2
        by_z_e[t][d] += 2 * beta * gap
        by_codevectors[units[t]][d] -= 2 * gap
    return [terms, by_z_e, by_codevectors]


def _through_by_means(z_e, units, codevectors, by_z_q, beta):
    """Each codevector is drawn to the mean of its frames, as often as it has frames."""
    by_codevectors = np.zeros(np.shape(codevectors))
    for unit in np.unique(units):
        mine = z_e[units == unit]
        by_codevectors[unit] = 2 * len(mine) * (codevectors[unit] - mine.mean(axis=0))
    gap = codevectors[units] - z_e
    return (1 + beta) * np.vdot(gap, gap), by_z_q - 2 * beta * gap, by_codevectors


STRAIGHT_THROUGH = Exercise(
    function=hubert.straight_through,
    read="Units in the middle of a net",
    cases=_through_cases,
    refuses={
        "NaN in z_e": {"z_e": with_nan},
        "a unit out of range": {"units": lambda units: units + 1},
    },
    criteria=(
        Criterion("the value of the two terms", 1, select=0),
        Criterion("with respect to the encoder's outputs", 2, select=1),
        Criterion("with respect to the codevectors", 2, select=2),
        Criterion("no commitment, exact outputs, unused codevectors", 1, EDGE),
    ),
    mistakes="""
        by_z_e = by_z_q + 2 * beta * away => by_z_e = 2 * beta * away
            Nothing of the reconstruction reaches your encoder; the decoder's gradient is to be
            copied past the quantiser.
        by_z_e = by_z_q + 2 * beta * away => by_z_e = by_z_q
            Your encoder does not feel the commitment, and may run away from the codevectors.
        by_z_q + 2 * beta * away => by_z_q - 2 * away
            You copied the gradient of the codebook term along with the reconstruction's; it drives
            the encoder away from its codevectors.
        by_z_q + 2 * beta * away => by_z_q + 2 * away
            The encoder feels the commitment, and that has the weight beta.
        units, -2 * away) => units, by_z_q - 2 * away)
            Your codevectors move with the reconstruction, too; its gradient is passed on to the
            encoder and they get none of it.
        units, -2 * away) => units, -2 * beta * away)
            The codevectors feel the first term, which has no beta.
        units, -2 * away) => units, 2 * away)
            Your gradient with respect to the codevectors has the wrong sign: a step down would move
            them away from the outputs they stand for.
        np.add.at(by_codevectors, units, -2 * away) => by_codevectors[units] += -2 * away
            Of several frames with the same unit only the last one counts in your answer: indexed
            addition in NumPy does not add up.
        (1 + beta) * np.sum => beta * np.sum
            The value of the first term is missing from your sum; a stopped gradient does not make a
            term zero.
    """,
    alternatives=(
        Alternative(_through_by_loops, why="loops and lists"),
        Alternative(_through_by_means, why="means of the frames of each unit"),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
    answers=("sheet vqvae",),
)
