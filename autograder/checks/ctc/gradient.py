"""The loss's gradient with respect to the outputs: over all paths, by forward and backward."""

from __future__ import annotations

import numpy as np

from autograder.checks.ctc.inputs import (
    LONG,
    READY_MADE,
    classes,
    outputs,
    usual_cases,
    with_variables,
)
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import DERIVED, DIFFERENTIATORS, changed, with_nan
from autograder.reference import ctc

ZEROS = "zeros"
CALLS = (*READY_MADE, *DIFFERENTIATORS)


def _path_cases(rng):
    y, label = outputs(rng, 4, 3), classes(rng, 3, "ab")
    some = outputs(rng, 4, 3)
    some[[0, 1, 3], [0, label[1], label[0]]] = 0
    return [
        Case((y, label), "two classes in four frames"),
        Case((outputs(rng, 5, 3), classes(rng, 3, "aa")), "a class said twice"),
        Case((outputs(rng, 3, 4), classes(rng, 4, "a")), "a label of one class"),
        Case((2 * outputs(rng, 3, 3), []), "no class at all, and outputs that add up to two"),
        Case((some, label), "outputs of which some are zero", ZEROS),
    ]


def _by_putting_in_units(y, label):
    """The probability is linear in each output: its slope is its value at one, others zero."""
    y, places = np.asarray(y), ctc.blank_expansion(label)

    def probability(values):
        with np.errstate(divide="ignore"):
            try:
                return np.exp(ctc.log_forward(np.log(values), places)[1])
            except ValueError:
                return 0.0

    slopes = np.zeros(y.shape)
    for t, k in np.ndindex(y.shape):
        changed = y.copy()
        changed[t] = np.eye(y.shape[1])[k]
        slopes[t, k] = probability(changed)
    return -slopes / probability(y)


def _by_growing_paths(y, label):
    """Paths that grow frame by frame, with the products of their outputs up to a frame and on."""
    paths = [[]]
    for _ in y:
        paths = [[*path, k] for path in paths for k in range(y.shape[1])]
    good = [path for path in paths if ctc.collapse(path).tolist() == list(label)]
    total, by = 0.0, [[0.0] * y.shape[1] for _ in y]
    for path in good:
        up_to, product = [], 1.0
        for t, k in enumerate(path):
            up_to.append(product)
            product *= y[t, k]
        total, product = total + product, 1.0
        for t in range(len(y) - 1, -1, -1):
            by[t][path[t]] -= up_to[t] * product
            product *= y[t, path[t]]
    return [[value / total for value in row] for row in by]


OVER_PATHS = Exercise(
    function=ctc.gradient_over_paths,
    read="What the network is told",
    cases=_path_cases,
    refuses={
        "NaN among the outputs": {"y": with_nan},
        "a class that the outputs do not have": {"label": lambda label: [*label, 3]},
        "a class said twice, in two frames": {"y": lambda y: y[:2], "label": [1, 1]},
        "a class of the label that no frame can be": {
            "y": changed((..., 1), 0.0),
            "label": [1, 2],
        },
    },
    criteria=(
        Criterion("the gradient with respect to every output", 4),
        Criterion("outputs that are zero", 1, ZEROS),
    ),
    mistakes="""
        np.prod(np.delete(factors, n)) => np.prod(np.delete(y[:, path[n]], n))
            In your product every frame has the class of frame n, as a printed solution has it: each
            of the other frames has the class that the path gives it.
        return -slopes / total => return slopes / total
            The sign is missing: the loss falls when an output that the label needs grows.
        return -slopes / total => return -slopes
            That is the slope of the probability; the derivative of its logarithm also divides by
            it.
        np.prod(np.delete(factors, n)) => np.prod(factors)
            The output by which you differentiate is still in your product: what you have is, but
            for the sign, the posterior.
        [k for k, _ in groupby(path) if k != 0] != label
        => [k for k, _ in groupby([k for k in path if k != 0])] != label
            You take out the blanks first and merge repeats then, which counts the wrong paths.
        np.prod(np.delete(factors, n)) => np.prod(factors) / factors[n] if factors[n] else 0.0
            You divide the whole product by one of its factors; where that factor is zero, the
            product of the others is not.
    """,
    alternatives=(
        Alternative(_by_putting_in_units, why="the probability is linear in each output"),
        Alternative(_by_growing_paths, why="products from both ends, lists"),
    ),
    forbidden=CALLS,
    because=DERIVED,
    answers=("exam 5a",),
)


def _variables(log_y, places):
    return np.exp(log_y), *with_variables(log_y, places)[1:]


def _output_cases(rng):
    return [case for case in usual_cases(rng, _variables) if np.min(case.args[0]) > 0]


def _by_posteriors(y, places, log_alpha, log_beta):
    return -ctc.ctc_posteriors(np.log(y), places, log_alpha, log_beta) / y


def _by_loops(y, places, log_alpha, log_beta):
    log_p = np.logaddexp.reduce(log_alpha[-1, -2:])
    gradient = [[0.0] * y.shape[1] for _ in y]
    for t in range(len(y)):
        for s, k in enumerate(places):
            share = np.exp(log_alpha[t, s] + log_beta[t, s] - log_p - 2 * np.log(y[t, k]))
            gradient[t][k] -= share
    return gradient


BY_OUTPUTS = Exercise(
    function=ctc.gradient_by_outputs,
    read="What the network is told",
    cases=_output_cases,
    refuses={
        "an output that is zero": {"y": changed((2, 0), 0.0)},
        "NaN among the outputs": {"y": with_nan},
    },
    criteria=(
        Criterion("the gradient with respect to every output", 4),
        Criterion("many frames, without underflow", 1, LONG),
    ),
    mistakes="""
        return -(np.exp => return (np.exp
            The sign is missing, as in a printed solution: the loss falls when an output that the
            label needs grows.
        np.exp(log_joint - log_p) => np.exp(log_joint)
            You divide the joint probability by the output, as the formula sheet does; the
            probability of the label has to divide as well.
        @ belongs) / y => @ belongs)
            Yours is minus the posterior. The output of each frame is in alpha and in beta, and once
            more the derivative divides by it.
        - np.log(y[:, expanded]) => - 2 * np.log(y[:, expanded])
            Your gradient divides by the output three times: once because it is in alpha and in
            beta, once for the derivative, and that is all.
        return -(np.exp => belongs &= np.cumsum(belongs, axis=0) == 1; return -(np.exp
            A class can stand at several places of the expanded label, the blank nearly always does;
            you count only the first.
    """,
    alternatives=(
        Alternative(_by_posteriors, why="the posteriors first"),
        Alternative(_by_loops, why="loops over frames and places, lists"),
    ),
    forbidden=CALLS,
    because=DERIVED,
    answers=("exam 5a", "sheet ctc"),
)
