"""The net that converts formants: its gradients, and their check."""

from __future__ import annotations

import numpy as np

from autograder.checks.backprop.inputs import bad_nets, drawn_net, refuse_net
from autograder.exercise.compare import Close
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import BAD, DERIVED, DIFFERENTIATORS, REFUSES, with_nan
from autograder.reference import backprop

# ---- loss and gradients ----


def _gradient_cases(rng):
    return [
        Case(drawn_net(rng, 3, 5, 3, 6), "3 formants to 3, 5 hidden units, 6 frames"),
        Case(drawn_net(rng, 2, 4, 3, 4), "3 formants to 2, 4 hidden units, 4 frames"),
        Case(drawn_net(rng, 3, 3, 3, 1), "a single frame"),
        *bad_nets(*drawn_net(rng, 2, 4, 3, 4)),
    ]


def _gradients_by_frames(W1, W2, s, t):
    W1, W2, s, t = refuse_net(W1, W2, s, t)
    loss, dW1, dW2 = 0.0, np.zeros(W1.shape), np.zeros(W2.shape)
    for source, target in zip(s, t):
        h = np.tanh(W1 @ source)
        miss = W2 @ h - target
        loss += miss @ miss / 2
        dW2 += np.outer(miss, h)
        dW1 += np.outer(W2.T @ miss / np.cosh(W1 @ source) ** 2, source)
    return loss, dW1.tolist(), dW2.tolist()


def _gradients_in_columns(W1, W2, s, t):
    W1, W2, s, t = (np.asarray(a, np.float32).T for a in refuse_net(W1, W2, s, t))
    h = np.tanh(W1.T @ s)
    back = W2.T @ h - t
    loss = np.linalg.norm(back) ** 2 / 2
    return [loss, np.einsum("in,ji,jn,kn->jk", back, W2, 1 - h * h, s), back @ h.T]


NET_GRADIENTS = Exercise(
    function=backprop.net_gradients,
    read="A derivative has a shape",
    cases=_gradient_cases,
    criteria=(
        Criterion("the loss", 1, select=lambda parts: parts[0]),
        Criterion("the gradient of the first layer", 2, select=lambda parts: parts[1]),
        Criterion("the gradient of the second layer", 1, select=lambda parts: parts[2]),
        Criterion(REFUSES, 1, BAD),
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
        Alternative(_gradients_by_frames, why="frame by frame, by cosh, lists"),
        Alternative(_gradients_in_columns, why="frames as columns, single precision"),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
)

# ---- gradient check ----

WRONG = "a gradient that is wrong"


def _check_case(rng, kind, step, spoil=None, group="usual"):
    W1, W2, s, t = drawn_net(rng, 2, 3, 3, 4)
    _, dW1, dW2 = backprop.net_gradients(W1, W2, s, t)
    if spoil:
        dW1, dW2 = spoil(dW1), spoil(dW2)
    return Case((W1, W2, s, t, dW1, dW2, step), kind, group)


def _one_off(gradient):
    spoiled = gradient.copy()
    spoiled.flat[1] += 1.0
    return spoiled


def _check_cases(rng):
    W1, W2, s, t = net = drawn_net(rng, 2, 3, 3, 4)
    _, dW1, dW2 = backprop.net_gradients(*net)
    return [
        _check_case(rng, "right gradients and a coarse step", float(rng.uniform(0.2, 0.4))),
        _check_case(rng, "right gradients and a fine step", 1e-5),
        _check_case(rng, "gradients with one wrong element each", 1e-4, _one_off, WRONG),
        _check_case(rng, "gradients of the wrong sign", 1e-4, np.negative, WRONG),
        _check_case(rng, "gradients three times too large", 1e-3, lambda d: 3 * d, WRONG),
        Case((W1, W2, s, t, 0 * dW1, 0 * dW2, 1e-4), "claimed gradients of zero", WRONG),
        Case((W1, W2, s, t, dW1, dW2, 0.0), "a step of zero", BAD),
        Case((W1, W2, s, t, dW2, dW1, 1e-3), "gradients of the wrong shapes", BAD),
        Case((W1, W2, with_nan(s), t, dW1, dW2, 1e-3), "NaN among the formants", BAD),
    ]


def _check_by_unit_vectors(W1, W2, s, t, dW1, dW2, step):
    W1, W2, s, t = refuse_net(W1, W2, s, t)
    if not step > 0 or dW1.shape != W1.shape:
        raise ValueError("bad input")
    weights, half = np.append(W1, W2), W1.size

    def loss(v):
        h = np.tanh(v[:half].reshape(W1.shape) @ s.T)
        return np.linalg.norm(v[half:].reshape(W2.shape) @ h - t.T) ** 2 / 2

    units = step * np.eye(len(weights))
    slopes = np.array([(loss(weights + one) - loss(weights - one)) / (2 * step) for one in units])
    answer = []
    for ours, theirs in ((slopes[:half], dW1.ravel()), (slopes[half:], dW2.ravel())):
        answer.append(np.sqrt(np.sum((ours - theirs) ** 2)))
        answer[-1] /= np.sqrt(np.sum(ours**2)) + np.sqrt(np.sum(theirs**2))
    return answer


def _check_by_layers(W1, W2, s, t, dW1, dW2, step):
    W1, W2, s, t = refuse_net(W1, W2, s, t)
    if not step > 0 or dW1.shape != W1.shape:
        raise ValueError("bad input")

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
    return tuple(norm(a - b) / (norm(a) + norm(b)) for a, b in pairs)


NEAR = Close(rtol=1e-5, atol=1e-7)

GRADIENT_CHECK = Exercise(
    function=backprop.gradient_check,
    read="Nudge it",
    cases=_check_cases,
    criteria=(
        Criterion("finds right gradients right", 2, equal=NEAR),
        Criterion("says how wrong a wrong one is", 2, WRONG, equal=NEAR),
        Criterion(REFUSES, 1, BAD),
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
        """,
        Mistake(
            (
                (
                    "            W[where] = given[where]\n",
                    "            W[where] = given[where]\n"
                    "            W[where] += step\n"
                    "            ahead = loss()\n"
                    "            W[where] -= step\n"
                    "            measured[where] = (ahead - loss()) / step\n",
                ),
            ),
            says="You measure on one side only. The error of that grows like the step, that of the "
            "central difference like its square.",
        ),
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
