"""The net that converts formants: its gradients, and their check."""

from __future__ import annotations

import numpy as np

from autograder.checks.backprop.inputs import BAD_NETS, drawn_net
from autograder.exercise.compare import DERIVED_EXACTLY, Close
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import DERIVED, DIFFERENTIATORS
from autograder.reference import backprop


def _gradient_cases(rng):
    return [
        Case(drawn_net(rng, 3, 5, 3, 6), "3 formants to 3, 5 hidden units, 6 frames"),
        Case(drawn_net(rng, 2, 4, 3, 4), "3 formants to 2, 4 hidden units, 4 frames"),
        Case(drawn_net(rng, 3, 3, 3, 1), "a single frame"),
    ]


def _gradients_by_frames(W1, W2, s, t):
    loss, dW1, dW2 = 0.0, np.zeros(W1.shape), np.zeros(W2.shape)
    for source, target in zip(s, t):
        h = np.tanh(W1 @ source)
        miss = W2 @ h - target
        loss += miss @ miss / 2
        dW2 += np.outer(miss, h)
        dW1 += np.outer(W2.T @ miss / np.cosh(W1 @ source) ** 2, source)
    return loss, dW1, dW2


def _gradients_in_columns(W1, W2, s, t):
    h = np.tanh(W1 @ s.T)
    back = W2 @ h - t.T
    loss = np.linalg.norm(back) ** 2 / 2
    return [loss, np.einsum("in,ij,jn,nk->jk", back, W2, 1 - h * h, s), back @ h.T]


NET_GRADIENTS = Exercise(
    function=backprop.net_gradients,
    read="A derivative has a shape",
    cases=_gradient_cases,
    refuses=BAD_NETS,
    criteria=(
        Criterion("the loss", 1, select=0),
        Criterion("the gradient of the first layer", 2, select=1, equal=DERIVED_EXACTLY),
        Criterion("the gradient of the second layer", 1, select=2, equal=DERIVED_EXACTLY),
    ),
    mistakes="""
        (by_h * (1 - h**2)).T @ s => by_h.T @ s
            On its way to W1 the derivative passes the tanh, whose slope is missing.
        (1 - h**2) => h * (1 - h)
            That is the slope of a logistic sigmoid; this net has a tanh.
        miss = h @ W2.T - t => miss = t - h @ W2.T
            Both gradients have the wrong sign: it is the answer less the target.
        loss = 0.5 * np.sum(miss**2)
        => miss /= len(s); loss = len(s)**2 * np.mean(miss**2) * miss.shape[1] / 2
            You take means over the frames; the loss of this exam is a sum over them.
        loss = 0.5 * np.sum(miss**2) => loss = np.sum(miss**2)
            The one half in front of the loss is missing (your gradients have it).
        by_h = miss @ W2 => by_h = miss @ np.ones_like(W2)
            On the way back to the hidden units the answers' errors are weighed by W2.
    """,
    alternatives=(
        Alternative(_gradients_by_frames, why="frame by frame, by cosh"),
        Alternative(_gradients_in_columns, why="frames as columns"),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
)

WRONG, FLAT = "a gradient that is wrong", "a loss that does not change"


def _check_case(rng, kind, step, spoil=lambda gradient: gradient, group="usual"):
    net = drawn_net(rng, 2, 3, 3, 4)
    _, dW1, dW2 = backprop.net_gradients(*net)
    return Case((*net, spoil(dW1), spoil(dW2), step), kind, group)


def _flat_case(rng, kind, **zero):
    """A net of which some arrays are zero, and its gradients, of which one is zero or both are."""
    net = [array * zero.get(name, 1) for name, array in zip("WVst", drawn_net(rng, 2, 3, 3, 4))]
    return Case((*net, *backprop.net_gradients(*net)[1:], 0.125), kind, FLAT)


def _one_off(gradient):
    return gradient + (np.arange(gradient.size) == 1).reshape(gradient.shape)


def _check_cases(rng):
    return [
        _check_case(rng, "right gradients and a coarse step", float(rng.uniform(0.2, 0.4))),
        _check_case(rng, "right gradients and a fine step", 1e-5),
        _check_case(rng, "gradients with one wrong element each", 1e-4, _one_off, WRONG),
        _check_case(rng, "gradients of the wrong sign", 1e-4, np.negative, WRONG),
        _check_case(rng, "gradients three times too large", 1e-3, lambda d: 3 * d, WRONG),
        _check_case(rng, "claimed gradients of zero", 1e-4, np.zeros_like, WRONG),
        _flat_case(rng, "formants of zero, and gradients of zero", s=0),
        _flat_case(rng, "formants and a W2 of zero, and gradients of zero", s=0, V=0),
        _flat_case(rng, "a W2 of zero, and a first gradient of zero", V=0),
    ]


def _check_by_unit_vectors(W1, W2, s, t, dW1, dW2, step):
    weights, half = np.append(W1, W2), W1.size

    def loss(v):
        h = np.tanh(v[:half].reshape(W1.shape) @ s.T)
        return np.linalg.norm(v[half:].reshape(W2.shape) @ h - t.T) ** 2 / 2

    units = step * np.eye(len(weights))
    slopes = np.array([(loss(weights + one) - loss(weights - one)) / (2 * step) for one in units])
    answer = []
    for ours, theirs in ((slopes[:half], dW1.ravel()), (slopes[half:], dW2.ravel())):
        size = np.sqrt(np.sum(ours**2)) + np.sqrt(np.sum(theirs**2))
        answer.append(np.sqrt(np.sum((ours - theirs) ** 2)) / max(size, 1e-300))
    return answer


def _check_by_layers(W1, W2, s, t, dW1, dW2, step):
    def half_square(first, second):
        return 0.5 * ((second @ np.tanh(first @ s.T) - t.T) ** 2).sum()

    def nudge(W, where, by):
        moved = np.array(W)
        moved[where] += by
        return moved

    by_1, by_2 = np.empty_like(W1), np.empty_like(W2)
    for at in np.ndindex(W1.shape):
        by_1[at] = half_square(nudge(W1, at, step), W2) - half_square(nudge(W1, at, -step), W2)
    for at in np.ndindex(W2.shape):
        by_2[at] = half_square(W1, nudge(W2, at, step)) - half_square(W1, nudge(W2, at, -step))
    pairs = ((by_1 / step / 2, dW1), (by_2 / step / 2, dW2))
    norm = np.linalg.norm
    return tuple(norm(a - b) / (norm(a) + norm(b) or 1) for a, b in pairs)


NEAR = Close(rtol=1e-5, atol=1e-7)

GRADIENT_CHECK = Exercise(
    function=backprop.gradient_check,
    read="Nudge it",
    cases=_check_cases,
    refuses={
        "a step of zero": {"step": 0.0},
        "one row of a gradient for all": {"dW1": lambda dW1: dW1[:1]},
    },
    criteria=(
        Criterion("finds right gradients right", 2, equal=NEAR),
        Criterion("says how wrong a wrong one is", 1, WRONG, equal=NEAR),
        Criterion("is 0 where both gradients are zero", 1, FLAT, equal=NEAR),
    ),
    mistakes=(
        """
        / (2 * step) => / step
            All you measure is double: from one side to the other the weight moves by two steps, and
            the loss begins with one half.
        apart / size => apart
            The distance is not divided by the sizes of the gradients, so that it means nothing
            without them.
        np.linalg.norm(measured) + np.linalg.norm(claimed) => np.linalg.norm(measured)
            The distance is divided by the size of the measured gradient alone, so it can exceed 1.
        np.linalg.norm(measured - claimed) => np.abs(measured - claimed).max()
            That is the largest difference of an element; the norm of all of them is asked for.
        float(apart / size) if size > 0 else 0.0 => float(apart / size)
            Where the measured and the claimed gradient are both zero, you divide zero by zero; they
            agree, and the distance is 0.
        for side in (1, -1) => for side in (1, 0)
        side * loss() / (2 * step) => (2 * side - 1) * loss() / step
            You measure on one side only. The error of that grows like the step, that of the central
            difference like its square.
        """,
        Mistake(
            (("            W[where] = given[where]\n", ""),),
            says="The weights you nudged stay nudged: put each one back before the next.",
        ),
    ),
    alternatives=(
        Alternative(_check_by_unit_vectors, why="all weights in one vector"),
        Alternative(_check_by_layers, why="copies of the matrices, one loop a layer"),
    ),
    forbidden=DIFFERENTIATORS,
    because="measuring the derivatives yourself is the point of the exercise",
)
