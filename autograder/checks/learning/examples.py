"""What is done to examples and units, and what the errors on them say."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, changed, spoilt
from autograder.reference import learning

USE = "a net in use"


def _dropout_cases(rng):
    def case(M, H, keep, kind, group="usual", training=True):
        mask = (rng.uniform(size=(M, H)) < keep).astype(float)
        mask.flat[0], mask.flat[1] = 0, 1  # something is dropped and something kept
        return Case(
            (rng.normal(size=(M, H)), mask, keep, rng.normal(size=(M, H)), training), kind, group
        )

    return [
        case(6, 5, float(rng.uniform(0.6, 0.7)), "6 examples, 5 units"),
        case(3, 9, float(rng.uniform(0.3, 0.4)), "few units kept"),
        case(8, 4, float(rng.uniform(0.8, 0.9)), "most units kept"),
        *(case(4, 5, float(rng.uniform(0.3, 0.8)), "a net in use", USE, False) for _ in range(3)),
        case(1, 2, 0.5, "one example, two units", EDGE),
        Case((np.ones((2, 3)), np.ones((2, 3)), 1.0, np.ones((2, 3)), True), "a keep of 1", EDGE),
    ]


def _dropout_by_elements(a, mask, keep, by_output, training):
    def passed(rows):
        return [
            [value / keep * bool(kept) if training else value for value, kept in zip(row, masks)]
            for row, masks in zip(rows, mask)
        ]

    return passed(a), passed(by_output)


def _dropout_by_choice(a, mask, keep, by_output, training):
    on = np.logical_or(mask, not training)
    keep = keep if training else 1.0
    return np.where(on, a, 0) / keep, np.where(on, by_output, 0) / keep


INVERTED_DROPOUT = Exercise(
    function=learning.inverted_dropout,
    read="Not by heart",
    cases=_dropout_cases,
    refuses={
        "a keep of 0": {"keep": 0.0},
        "a keep of 1.2": {"keep": 1.2},
        "a mask of 0.5": {"mask": changed(0, 0.5)},
        "a mask for one example": {"mask": lambda mask: mask[:1]},
        **spoilt("a"),
    },
    criteria=(
        Criterion("the output in training", 2, select=0),
        Criterion("the derivatives in training", 2, select=1),
        Criterion("nothing changes in use", 1, USE),
        Criterion("a single example, and a keep of 1", 1, EDGE),
    ),
    mistakes="""
        mask / keep if => mask if
            Units are dropped and nothing makes up for them: the next layer hears less in training
            than in use.
        mask / keep if => mask / mask.mean() if
            You divide by the share of units that this mask happens to keep; divide by the
            probability with which it was drawn.
        mask / keep if => mask * keep if
            The units that are kept become smaller, where they are to make up for those dropped.
        mask / keep if => mask / (1 - keep) if
            You take keep for the probability of being dropped.
        mask / keep if => (1 - mask) / keep if
            You drop the units that are to be kept, and keep the others.
        by_output * factor => by_output
            The derivatives pass as if nothing had been dropped. What a unit that is off puts out
            does not depend on its input.
        by_output * factor => by_output * (factor != 0)
            On the way back the factor of the units that are kept is missing.
        else np.ones(a.shape) => else keep * np.ones(a.shape)
            You make units smaller in use: that belongs to the dropout that does not scale in
            training.
        if training else np.ones(a.shape) => if training else mask / keep
            You drop units in use, too.
        if training else => if not training else
            You drop units in use and none in training.
    """,
    alternatives=(
        Alternative(_dropout_by_elements, why="unit by unit, lists"),
        Alternative(_dropout_by_choice, why="a choice by the mask"),
    ),
)

SAME = "a feature that never changes"


def _feature_cases(rng):
    def case(M, N, D, kind, group="usual"):
        scale, centre = 10.0 ** rng.uniform(-2, 2, D), rng.uniform(-9, 9, D)
        train = centre + scale * rng.normal(size=(M, D))
        other = centre + scale * (rng.uniform(0.5, 2.0, D) + 1.5 * rng.normal(size=(N, D)))
        if group == SAME:
            train[:, 1] = rng.integers(-5, 5)
        return Case((train, other), kind, group)

    return [
        case(12, 9, 3, "12 training examples, 3 features"),
        case(5, 5, 5, "as many examples as features"),
        case(40, 3, 2, "40 training examples"),
        case(4, 1, 6, "a single other example", EDGE),
        *(
            case(8, 4, 3, "a feature that is the same in all training examples", SAME)
            for _ in "123"
        ),
    ]


def _features_by_loops(train, other):
    train_columns, other_columns = [], []
    for mine, others in zip(train.T, other.T):
        centre = sum(mine) / len(mine)
        spread = (sum((value - centre) ** 2 for value in mine) / len(mine)) ** 0.5 or 1.0
        train_columns.append([(value - centre) / spread for value in mine])
        other_columns.append([(value - centre) / spread for value in others])
    return np.transpose(train_columns), np.transpose(other_columns)


def _features_by_squares(train, other):
    """The spread from the mean square of the shifted features."""
    shifted = train - train.mean(0, keepdims=True)
    scale = np.sqrt(np.einsum("md,md->d", shifted, shifted) / len(train))
    scale = np.where(scale > 0, scale, 1)
    return np.divide(shifted, scale), np.divide(other - train.mean(0), scale)


NORMALISE = Exercise(
    function=learning.normalise,
    read="Inputs of one size",
    cases=_feature_cases,
    refuses={
        "a feature too many": {"other": lambda other: np.c_[other, other[:, 0]]},
        **spoilt("train", "other"),
    },
    criteria=(
        Criterion("the training set", 1, select=0),
        Criterion("the other set, by the training set's numbers", 2, select=1),
        Criterion("a single other example", 1, EDGE),
        Criterion("a feature that never changes", 1, SAME),
    ),
    mistakes="""
        (other - centre) / spread
        => (other - other.mean(axis=0)) / np.maximum(other.std(axis=0), 1e-9)
            You normalise the other set by its own mean and spread. Then its features mean something
            else than those that the model was trained on.
        train.mean(axis=0), train.std(axis=0)
        => np.r_[train, other].mean(axis=0), np.r_[train, other].std(axis=0)
            Your mean and spread are those of both sets together, so that the training has seen
            something of the other set.
        train.std(axis=0) => train.std(axis=0, ddof=1)
            You divide by M - 1. Asked for is the root of the mean square, over M examples.
        train.std(axis=0) => train.var(axis=0)
            You divide by the variance and not by its root.
        train.mean(axis=0), train.std(axis=0)
        => np.full(train.shape[1], train.mean()), np.full(train.shape[1], train.std())
            You have one mean and one spread for all features; each feature has its own.
        spread[np.ptp(train, axis=0) == 0] = 1.0 => pass
            A feature that is the same in all training examples has the spread 0, and you divide by
            it.
        spread[np.ptp(train, axis=0) == 0] = 1.0 => spread += 1e-8
            Where the spread is 0 you divide by a small number, so that the other set becomes huge.
        (other - centre) / spread => other - centre
            The other set is shifted and not scaled.
        (train - centre) / spread, (other - centre) / spread => train / spread, other / spread
            The sets are scaled and not shifted.
        (other - centre) / spread => other
            The other set is returned as it was.
        train.std(axis=0) => np.ptp(train, axis=0)
            You divide by the distance from the least to the largest value, where the standard
            deviation is asked for.
    """,
    alternatives=(
        Alternative(_features_by_loops, why="feature by feature"),
        Alternative(_features_by_squares, why="the spread from mean squares"),
    ),
)

FLAWLESS, BETTER = "a set without an error", "a gap below zero"


def _error_cases(rng):
    def case(sizes, errors, reference, kind, group="usual"):
        sets = [
            (np.arange(n) < max(round(n * p), p > 0)).astype(float) for n, p in zip(sizes, errors)
        ]
        return Case((*(rng.permutation(one) for one in sets), reference), kind, group)

    def some(low, high):
        return float(rng.uniform(low, high))

    return [
        case((60, 40, 30), (0.05, some(0.2, 0.3), some(0.4, 0.6)), 0.02, "errors that grow"),
        case((90, 25, 35), (some(0.2, 0.3), 0.4, 0.44), some(0.1, 0.15), "an error at home"),
        case((200, 50, 20), (some(0.05, 0.1), 0.2, 0.7), 0.01, "a set of another kind"),
        *(
            case((50, 40, 30), (0.3, some(0.1, 0.2), 0.05), 0.4, "errors that fall", BETTER)
            for _ in range(3)
        ),
        case(
            (30, 12, 8),
            (0.0, some(0.1, 0.5), 0.9),
            0.0,
            "a training set learned by heart",
            FLAWLESS,
        ),
        case((1, 1, 1), (1.0, 0.0, 1.0), 1.0, "one example in each set", FLAWLESS),
    ]


def _gaps_by_counting(train, dev, mismatched, reference):
    gaps, deviations, before, noise = [], [], reference, 0.0
    for answers in (train, dev, mismatched):
        wrong, n = sum(answers), len(answers)
        here = wrong * (n - wrong) / n**3
        gaps.append(wrong / n - before)
        deviations.append((here + noise) ** 0.5)
        before, noise = wrong / n, here
    return gaps, deviations


BIAS_VARIANCE = Exercise(
    function=learning.bias_variance,
    read="What the errors say",
    cases=_error_cases,
    refuses={
        "a reference of 1.5": {"reference": 1.5},
        "a reference below 0": {"reference": -0.1},
        "a 2 among the answers": {"dev": changed(0, 2.0)},
        **spoilt("train", "mismatched"),
    },
    criteria=(
        Criterion("the three gaps", 2, select=0),
        Criterion("their standard errors", 2, select=1),
        Criterion("gaps below zero", 1, BETTER),
        Criterion("sets without errors", 1, FLAWLESS),
    ),
    mistakes="""
        np.diff(errors, prepend=reference) => errors - reference
            You measure every error from the reference; a gap is taken from the set before.
        np.diff(errors, prepend=reference) => -np.diff(errors, prepend=reference)
            The signs of your gaps are turned.
        np.diff(errors, prepend=reference) => np.abs(np.diff(errors, prepend=reference))
            A gap may be negative: a dev set that is easier than the training set has one.
        np.diff(errors, prepend=reference) => np.maximum(np.diff(errors, prepend=reference), 0)
            You replace gaps below zero by zero; they are as real as the others.
        np.diff(errors, prepend=reference) => np.diff(errors[[0, 1, 2]], prepend=0.0)
            Your bias is the whole training error, where only what exceeds the reference can be
            avoided.
        np.diff(errors, prepend=reference) => errors - np.array([reference, errors[0], errors[0]])
            You compare the mismatched set with the training set. Then the variance is in the data
            mismatch once more.
        np.diff(errors, prepend=reference) => 100 * np.diff(errors, prepend=reference)
            Your gaps are in per cent; errors are shares, from 0 to 1.
        values.var() / len(values) => values.var()
            Your deviations are those of a single example. The standard error falls with the number
            of examples.
        values.var() / len(values) => values.var() / max(len(values) - 1, 1)
            You divide by n - 1. The formula of the docstring has n.
        np.sqrt(squares + np.append(0.0, squares[:-1])) => np.sqrt(squares)
            A gap lies between two measured errors, and the uncertainty of both is in it.
        np.sqrt(squares + np.append(0.0, squares[:-1]))
        => np.sqrt(squares) + np.sqrt(np.append(0.0, squares[:-1]))
            You add standard errors. What adds up for independent sets are their squares.
        np.sqrt(squares + np.append(0.0, squares[:-1])) => squares + np.append(0.0, squares[:-1])
            You return variances; the root is missing.
    """,
    alternatives=(Alternative(_gaps_by_counting, why="counts and lists"),),
)
