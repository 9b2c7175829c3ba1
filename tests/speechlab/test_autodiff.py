"""The tape against finite differences."""

import numpy as np
import pytest

from speechlab import autodiff
from speechlab.autodiff import Value


def nudged(function, x, step=1e-6):
    slopes = np.zeros(x.shape)
    for where in np.ndindex(x.shape):
        unit = np.zeros(x.shape)
        unit[where] = step
        slopes[where] = (function(x + unit) - function(x - unit)) / (2 * step)
    return slopes


M = np.random.default_rng(1).normal(size=(4, 3))
ROW = np.arange(4.0)
EXPRESSIONS = {
    "a sum that broadcasts down": lambda x: autodiff.total((x + Value(ROW)) * (x + Value(ROW))),
    "a product with a row": lambda x: autodiff.total(x[0] * x),
    "a column that broadcasts": lambda x: autodiff.total(x[:, :1] * x),
    "a number times it": lambda x: autodiff.total(2.0 * x * x - x),
    "a matrix product": lambda x: autodiff.total(autodiff.tanh(x @ Value(M))),
    "both sides of a matrix product": lambda x: autodiff.total(x[:, :3] @ x @ Value(M)),
    "used twice": lambda x: autodiff.total(autodiff.sigmoid(x) * autodiff.sin(x) + autodiff.cos(x)),
    "parts": lambda x: autodiff.total(autodiff.split(x, (1, 3))[1] * autodiff.split(x, (3, 1))[0]),
    "stacked": lambda x: autodiff.total(autodiff.tanh(autodiff.stack([x[0], x[2]]) * x[1])),
    "a running sum": lambda x: autodiff.total(autodiff.running_sum(x * x) * ROW),
}


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_derivatives_by_nudging(expression):
    x = np.random.default_rng(0).normal(size=(3, 4))
    value = Value(x)
    autodiff.derivatives(expression(value))
    expected = nudged(lambda v: float(expression(Value(v)).data), x)
    assert value.grad.shape == x.shape
    assert np.allclose(value.grad, expected, atol=1e-7)


def test_matrix_product_of_three_axes_with_a_matrix():
    x, w = np.random.default_rng(2).normal(size=(5, 2, 4)), Value(M)
    autodiff.derivatives(autodiff.total(autodiff.tanh(Value(x) @ w)))
    expected = nudged(lambda v: np.tanh(x @ v).sum(), M)
    assert np.allclose(w.grad, expected, atol=1e-7)


def test_what_does_not_reach_the_loss_keeps_no_derivative():
    x, other = Value(2.0), Value(3.0)
    autodiff.derivatives(x * x)
    assert (x.grad, other.grad) == (4.0, 0.0)


def test_a_second_loss_starts_afresh():
    x = Value(2.0)
    for _ in range(2):
        autodiff.derivatives(x * x)
    assert x.grad == 4.0
