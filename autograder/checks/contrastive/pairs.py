"""Two views of one example: with negatives, and without."""

from __future__ import annotations

import numpy as np

from autograder.checks.contrastive.inputs import (
    COLD,
    CROSS_ENTROPY,
    rows_refused,
    surprise,
    unit,
)
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, with_nan
from autograder.reference import contrastive


def _views(rng, N, D, apart=1.0):
    a = rng.normal(size=(N, D))
    return a, a + apart * rng.normal(size=(N, D))


def _nt_xent_cases(rng):
    a, b = _views(rng, 4, 3)
    return [
        Case((*_views(rng, 5, 4), 0.5), "5 pairs"),
        Case((*_views(rng, 8, 3), 0.2), "8 pairs, a low temperature"),
        Case((*_views(rng, 3, 3, 0.5), 1.0), "3 pairs that are alike"),
        Case((*_views(rng, 2, 3), 0.5), "two pairs", EDGE),
        Case((1e6 * a, 1e-6 * b, 0.5), "very long and very short vectors", EDGE),
        Case((a, b, 1e-4), "a temperature near zero", EDGE),
    ]


def _nt_xent_by_loops(a, b, temperature):
    z, count = unit([*a, *b]), 2 * len(a)
    losses = []
    for i in range(count):
        others = [k for k in range(count) if k != i]
        scores = [float(z[i] @ z[k]) / temperature for k in others]
        losses.append(surprise(scores, others.index((i + len(a)) % count)))
    return np.mean(losses)


def _nt_xent_in_blocks(a, b, temperature):
    a, b = unit(a), unit(b)
    losses = []
    for one, other in ((a, b), (b, a)):
        within = one @ one.T / temperature
        within[np.arange(len(a)), np.arange(len(a))] = -np.inf
        across = one @ other.T / temperature
        total = np.logaddexp.reduce(np.hstack([within, across]), axis=1)
        losses.append(total - across.diagonal())
    return np.concatenate(losses).mean()


NT_XENT = Exercise(
    function=contrastive.nt_xent,
    read="Pairs in a crowd",
    cases=_nt_xent_cases,
    refuses={
        **rows_refused("a"),
        "one pair only": {"a": lambda a: a[:1], "b": lambda b: b[:1]},
        "views that differ in number": {"a": lambda a: a[1:]},
        **COLD,
    },
    criteria=(
        Criterion("the loss", 3),
        Criterion("two pairs, long and short vectors, cold", 1, EDGE),
    ),
    mistakes="""
        np.fill_diagonal(scores, -np.inf) => pass
            Your anchor is among its own candidates: k runs over all rows but i.
        np.fill_diagonal(scores, -np.inf) => scores[np.diag_indices(len(z))] = 0.0
            You set the anchor's score with itself to 0, and exp(0) is 1: its term is to be left
            out of the sum.
        special.logsumexp(scores, axis=1) => special.logsumexp(scores[:, len(a):], axis=1)
            Your candidates are the rows of b only; all 2N rows but the anchor compete.
        cosines(z, z) / above_zero(temperature) => z @ z.T / above_zero(temperature)
            Your score is a product, which grows with the vectors' lengths; a cosine does not.
        / above_zero(temperature) => * above_zero(temperature)
            You multiply by the temperature; a low one should make the scores large.
        np.roll(np.arange(len(z)), len(a)) => np.arange(len(z)) ^ 1
            Your partners are neighbours in the stack; row n of a belongs to row n of b.
        np.mean(special.logsumexp(scores, axis=1) - own)
        => np.mean((special.logsumexp(scores, axis=1) - own)[: len(a)])
            Only the rows of a are anchors in your loss; those of b are, too.
        np.mean(special.logsumexp(scores, axis=1) - own)
        => np.sum(special.logsumexp(scores, axis=1) - own)
            You add the losses of the anchors up; asked for is their mean.
        special.logsumexp(scores, axis=1) - own => own - special.logsumexp(scores, axis=1)
            Your loss is negative, and falls the worse the pairs agree: the minus is missing.
    """,
    alternatives=(
        Alternative(_nt_xent_by_loops, why="a loop over the anchors"),
        Alternative(_nt_xent_in_blocks, why="scores within and across the views"),
    ),
    forbidden=CROSS_ENTROPY,
    because="each of them is most of the loss that is asked for",
)


def _byol_cases(rng):
    a, b = _views(rng, 4, 3)
    return [
        Case(_views(rng, 5, 4), "5 examples"),
        Case(_views(rng, 8, 3, 2.0), "8 examples that differ much"),
        Case(_views(rng, 3, 6), "longer vectors"),
        Case(_views(rng, 1, 3), "a single example", EDGE),
        Case((1e6 * a, 1e-6 * b), "very long and very short vectors", EDGE),
        Case((a, -2 * a), "predictions that point straight away", EDGE),
    ]


def _byol_by_loops(prediction, target):
    p, t = unit(prediction), unit(target)
    return sum(sum((a - b) ** 2 for a, b in zip(*rows)) for rows in zip(p, t)) / len(p)


BYOL_LOSS = Exercise(
    function=contrastive.byol_loss,
    read="Without negatives",
    cases=_byol_cases,
    refuses={**rows_refused("prediction"), "other shapes": {"target": lambda t: t[:, 1:]}},
    criteria=(
        Criterion("the loss", 2),
        Criterion("one example, long and short vectors, opposite ones", 1, EDGE),
    ),
    mistakes="""
        2 - 2 * np.mean(np.diag(cosines(prediction, target)))
        => np.mean(np.sum((prediction - target) ** 2, axis=1))
            Your vectors keep their lengths; scale both to length 1 first.
        2 - 2 * np.mean(np.diag(cosines(prediction, target)))
        => 1 - np.mean(np.diag(cosines(prediction, target)))
            You have half the squared distance.
        2 - 2 * np.mean(np.diag(cosines(prediction, target)))
        => -2 * np.mean(np.diag(cosines(prediction, target)))
            Predictions that point the right way should cost 0; yours cost less than that.
        2 - 2 * np.mean(np.diag(cosines(prediction, target)))
        => len(target) * (2 - 2 * np.mean(np.diag(cosines(prediction, target))))
            You add the examples' distances up; asked for is their mean.
        2 - 2 * np.mean(np.diag(cosines(prediction, target)))
        => np.mean(np.sqrt(np.maximum(0, 2 - 2 * np.diag(cosines(prediction, target)))))
            You have the distance; asked for is its square.
        np.mean(np.diag(cosines(prediction, target))) => np.mean(cosines(prediction, target))
            You compare each prediction with all targets; there is one for each.
        2 - 2 * np.mean(np.diag(cosines(prediction, target)))
        => (2 - 2 * np.mean(np.diag(cosines(prediction, target)))) / prediction.shape[1]
            You take the mean over the numbers of a vector as well; its squared differences are
            added.
    """,
    alternatives=(Alternative(_byol_by_loops, why="loops and squared differences"),),
)


def _average_cases(rng):
    def nets(count, decay):
        return *rng.normal(size=(2, count)), decay

    return [
        Case(nets(6, 0.9), "6 parameters"),
        Case(nets(9, 0.99), "a slow target"),
        Case(nets(5, 0.3), "a quick target"),
        Case(nets(4, 1.0), "a decay of 1", EDGE),
        Case(nets(4, 0.0), "a decay of 0", EDGE),
    ]


def _average_as_a_step(target, online, decay):
    return [t + (1 - decay) * (o - t) for t, o in zip(target, online)]


MOVING_AVERAGE = Exercise(
    function=contrastive.moving_average,
    read="Without negatives",
    cases=_average_cases,
    refuses={
        "NaN in the target": {"target": with_nan},
        "nets of other sizes": {"online": lambda online: online[1:]},
        "a decay of 1.5": {"decay": 1.5},
    },
    criteria=(Criterion("the target", 2), Criterion("decays of 0 and 1", 1, EDGE)),
    mistakes="""
        decay * target + (1 - decay) * online => decay * online + (1 - decay) * target
            The weights are exchanged: a decay near 1 keeps the target nearly as it was.
        decay * target + (1 - decay) * online => target + (1 - decay) * online
            The old target is not weighed, so that the parameters grow with every step.
        decay * target + (1 - decay) * online => decay * target + online
            The online net counts in full; its weight is what the decay leaves.
        decay * target + (1 - decay) * online => (target + online) / 2
            You take the mean of the two nets whatever the decay is.
    """,
    alternatives=(Alternative(_average_as_a_step, why="a step towards the online net"),),
)
