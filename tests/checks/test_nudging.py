"""A derivative that is measured by nudging is not taken for one that is derived, and is told so."""

import numpy as np
import pytest
from scipy import signal, special

from autograder.course.catalogue import exercises
from autograder.exercise.compare import DERIVED_EXACTLY
from autograder.judging.equality import answers_of
from autograder.judging.score import draw, judge

STEPS = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7)


def nudged(loss, value, step):
    """The derivatives of a number, or of an array, by each element; the element's axes are last."""
    value = np.array(value, dtype=float)
    slopes = []
    for where in np.ndindex(value.shape):
        unit = np.zeros(value.shape)
        unit[where] = step
        slopes.append((np.asarray(loss(value + unit)) - loss(value - unit)) / (2 * step))
    return np.moveaxis(slopes, 0, -1).reshape(*np.shape(slopes[0]), *value.shape)


def frobenius_gradient(A, X, step):
    return nudged(lambda X: np.linalg.norm(A @ X), X, step)


def softmax_loss_gradient(f, i, step):
    return nudged(lambda f: special.logsumexp(f) - f[i], f, step)


def classifier_gradient(W_1, b_1, w_2, b_2, x, y, step):
    def loss(W):
        z = w_2 @ np.maximum(W @ x + b_1, 0) + b_2
        return np.logaddexp(0, -z if y else z)

    return nudged(loss, W_1, step)


def filter_step(x, w, y, eta, step):
    def answer(w):
        return signal.convolve2d(x, w)[: len(x), : x.shape[1]].max()

    return answer(w), w - eta * nudged(lambda w: (y - answer(w)) ** 2 / 2, w, step)


def half_square(W1, W2, s, t):
    return np.sum((np.tanh(s @ W1.T) @ W2.T - t) ** 2) / 2


def net_gradients(W1, W2, s, t, step):
    by_1 = nudged(lambda W: half_square(W, W2, s, t), W1, step)
    return half_square(W1, W2, s, t), by_1, nudged(lambda W: half_square(W1, W, s, t), W2, step)


def sensitivity(W1, W2, s, t, step):
    def gradient(s):
        h = np.tanh(s @ W1.T)
        return (h @ W2.T - t).T @ h

    return nudged(gradient, s, step)


def total_derivatives(x, step):
    def y(x, h_0=0.0, h_1=0.0):
        first = x**3 + h_0
        return ((np.cos(x) + np.sin(first) + h_1) ** 2 + first**2) / 2

    def slope(name):
        return (y(x, **{name: step}) - y(x, **{name: -step})) / (2 * step)

    return slope("h_1"), slope("h_0"), (y(x + step) - y(x - step)) / (2 * step)


def lag_gradients(y, h, w, step):
    x = special.logit(h) - [
        sum(w[m - 1] * h[n - m] for m in range(1, min(len(w), n) + 1)) for n in range(len(h))
    ]

    def loss(w, added):
        out = []
        for n in range(len(h)):
            heard = sum(w[m - 1] * out[n - m] for m in range(1, min(len(w), n) + 1))
            out.append(special.expit(x[n] + heard) + added[n])
        return -np.mean(special.xlogy(y, out) + special.xlogy(1 - y, 1 - np.array(out)))

    still = np.zeros(len(h))
    return nudged(lambda a: loss(w, a), still, step), nudged(lambda w: loss(w, still), w, step)


def hidden_gradient(dL_dy, dL_dh_next, y, h_next, V, W, step):
    def loss(moved):
        after = np.tanh(np.arctanh(h_next) + V @ moved)
        return dL_dy @ special.softmax(np.log(y) + W @ moved) + dL_dh_next @ after

    return nudged(loss, np.zeros(len(h_next)), step)


def one_gate_backward(epsilon, c, o, u_c, u_o, step):
    h = o * c
    x_c = c - np.append(0, c[:-1]) - u_c * np.append(0, h[:-1])
    x_o = special.logit(o) - u_o * np.append(0, h[:-1])

    def loss(added):
        cell = out = total = 0.0
        for n in range(len(c)):
            gate = special.expit(x_o[n] + u_o * out) + added[1, n]
            cell = cell + x_c[n] + u_c * out + added[2, n]
            out = gate * cell + added[0, n]
            total += epsilon[n] * out
        return total

    return tuple(nudged(loss, np.zeros((3, len(c))), step))


MEASURED = [
    ("backprop", frobenius_gradient),
    ("backprop", softmax_loss_gradient),
    ("backprop", classifier_gradient),
    ("backprop", filter_step),
    ("backprop", net_gradients),
    ("backprop", sensitivity),
    ("recurrent", total_derivatives),
    ("recurrent", lag_gradients),
    ("recurrent", hidden_gradient),
    ("recurrent", one_gate_backward),
]

# A loss that is quadratic in a weight has central differences without error but of rounding. In
# `filter_step` a large nudge makes another response the largest, and the answer is plainly wrong.
QUADRATIC = ("filter_step", "net_gradients")


@pytest.mark.parametrize(("topic", "measured"), MEASURED, ids=[m.__name__ for _, m in MEASURED])
@pytest.mark.parametrize("step", STEPS)
def test_measured_derivatives_lose_the_points_of_the_derivation(topic, measured, step):
    exercise = next(e for e in exercises(topic) if e.name == measured.__name__)
    for student in ("ada", "grace", "edsger"):
        cases = draw(exercise, "a secret", student)

        def answer(*args, **kwargs):
            exercise.function(*args, **kwargs)  # refuses what is to be refused
            return measured(*args, **kwargs, step=step)

        verdict = judge(exercise, cases, answers_of(answer, cases))
        exact = {c.name for c in exercise.criteria if c.equal and _asks_for_all_digits(c)}
        missed = {c.name: c.message for c in verdict.criteria if c.message}
        assert missed and missed.keys() <= exact, verdict
        assert missed.keys() == exact or exercise.name in QUADRATIC, verdict
        if step == 1e-6 or (step in (1e-4, 1e-5) and exercise.name != "filter_step"):
            assert any(DERIVED_EXACTLY.almost in says for says in missed.values()), missed


def _asks_for_all_digits(criterion):
    return getattr(criterion.equal, "almost", "") == DERIVED_EXACTLY.almost


@pytest.mark.parametrize("topic", ["backprop", "recurrent"])
def test_every_exercise_on_derivatives_asks_for_all_digits(topic):
    here = {m.__name__ for t, m in MEASURED if t == topic} | {"lstm_backward", "gradient_reach"}
    asking = {e.name for e in exercises(topic) if any(map(_asks_for_all_digits, e.criteria))}
    assert asking == here & {e.name for e in exercises(topic)}
