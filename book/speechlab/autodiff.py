"""Arrays that remember how they were computed, so that derivatives can be followed back.

`derivatives(loss)` walks from the loss to its ingredients in the opposite order of computation. By
the time it comes to a value, every way from that value to the loss has been added up, so that
`value.grad` is a total derivative.

    >>> x = Value(3.0)
    >>> derivatives(x * x + x)
    >>> float(x.grad)
    7.0
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.floating]
_clock = itertools.count()


class Value:
    """An array, and for each ingredient how a derivative comes back to it.

    Attributes
    ----------
    data, grad : array
        The number, or numbers; the total derivative of the loss with respect to each of them.
    """

    __slots__ = ("data", "grad", "made", "ways")

    def __init__(self, data: ArrayLike, *ways: tuple[Value, Callable[[Array], Array]]) -> None:
        self.data = np.asarray(data)
        self.grad: Array | float = 0.0
        self.made = next(_clock)
        self.ways = ways

    def __add__(self, other: Value | ArrayLike) -> Value:
        other = as_value(other)
        return Value(
            self.data + other.data,
            (self, lambda back: _like(back, self.data)),
            (other, lambda back: _like(back, other.data)),
        )

    def __mul__(self, other: Value | ArrayLike) -> Value:
        other = as_value(other)
        return Value(
            self.data * other.data,
            (self, lambda back: _like(back * other.data, self.data)),
            (other, lambda back: _like(back * self.data, other.data)),
        )

    __radd__, __rmul__ = __add__, __mul__

    def __sub__(self, other: Value | ArrayLike) -> Value:
        return self + as_value(other) * -1.0

    def __matmul__(self, other: Value) -> Value:
        """Of any rows with a matrix."""
        return Value(
            self.data @ other.data,
            (self, lambda back: back @ other.data.T),
            (other, lambda back: _rows(self.data).T @ _rows(back)),
        )

    def __getitem__(self, where: object) -> Value:
        def scatter(back: Array) -> Array:
            whole = np.zeros_like(self.data)
            whole[where] = back
            return whole

        return Value(self.data[where], (self, scatter))


def as_value(thing: Value | ArrayLike) -> Value:
    """A Value of a number or an array; a Value as it is."""
    return thing if isinstance(thing, Value) else Value(thing)


def _rows(array: Array) -> Array:
    return array.reshape(-1, array.shape[-1])


def _like(back: Array, data: Array) -> Array:
    """Summed over whatever was broadcast."""
    if np.shape(back) == data.shape:
        return back
    back = np.sum(back, axis=tuple(range(np.ndim(back) - data.ndim)))
    narrow = tuple(k for k, size in enumerate(data.shape) if size == 1 < back.shape[k])
    return np.sum(back, axis=narrow, keepdims=True)


def elementwise(function: Callable, slope: Callable) -> Callable[[Value], Value]:
    """A function of each element; `slope(argument, result)` is its derivative."""

    def apply(x: Value) -> Value:
        result = function(x.data)
        return Value(result, (x, lambda back: back * slope(x.data, result)))

    return apply


tanh = elementwise(np.tanh, lambda x, y: 1 - y * y)
sigmoid = elementwise(lambda x: 0.5 + 0.5 * np.tanh(0.5 * x), lambda x, y: y * (1 - y))
sin = elementwise(np.sin, lambda x, y: np.cos(x))
cos = elementwise(np.cos, lambda x, y: -np.sin(x))


def split(x: Value, shares: tuple[int, ...]) -> list[Value]:
    """The last axis in parts, so many shares each: split(x, (3, 1)) is three quarters and one."""
    size = x.data.shape[-1] // sum(shares)
    edges = np.cumsum((0, *shares)) * size
    return [x[..., start:stop] for start, stop in itertools.pairwise(edges.tolist())]


def stack(values: list[Value]) -> Value:
    """Along a new first axis."""
    ways = [(value, lambda back, k=k: back[k]) for k, value in enumerate(values)]
    return Value(np.stack([value.data for value in values]), *ways)


def running_sum(x: Value) -> Value:
    """Along the first axis; its derivative is a running sum from the other end."""
    return Value(np.cumsum(x.data, axis=0), (x, lambda back: np.cumsum(back[::-1], axis=0)[::-1]))


def total(x: Value) -> Value:
    """The sum of all elements."""
    return Value(np.sum(x.data), (x, lambda back: np.broadcast_to(back, x.data.shape)))


def derivatives(loss: Value) -> None:
    """Set `grad` of everything the loss was computed from."""
    reached, waiting = {id(loss): loss}, [loss]
    while waiting:
        for ingredient, _ in waiting.pop().ways:
            if id(ingredient) not in reached:
                reached[id(ingredient)] = ingredient
                waiting.append(ingredient)
    for value in reached.values():
        value.grad = 0.0
    loss.grad = np.ones_like(loss.data)
    for value in sorted(reached.values(), key=lambda one: one.made, reverse=True):
        for ingredient, back in value.ways:
            ingredient.grad = ingredient.grad + back(value.grad)
