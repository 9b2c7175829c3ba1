"""NumPy's sliding windows over long sounds, where an array may not seem larger than 2 GB.

A view of all windows holds nothing of its own, but its nominal size is that of all of them: for a
minute of sound and windows of 4096 samples it is above what a 32-bit NumPy allows, also if only
every hundredth window is taken from it. `Windows` stands for such a view until windows are taken.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib import _stride_tricks_impl, stride_tricks

LIMIT = 2**31 - 1  # bytes
_stock = stride_tricks.sliding_window_view


class Windows:
    """All windows along one axis: what an index takes from them is an ordinary view."""

    def __init__(self, x: np.ndarray, length: int, axis: int, writeable: bool = False) -> None:
        self._x, self._axis, self._writeable = x, axis, writeable
        self.shape = list(x.shape)
        self.shape[axis] -= length - 1
        self.shape = (*self.shape, length)
        self.ndim, self.dtype = len(self.shape), x.dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> np.ndarray:
        key = list(key) if isinstance(key, tuple) else [key]
        gap = next((n for n, part in enumerate(key) if part is Ellipsis), len(key))
        rest = key[gap + 1 :]
        key = key[:gap] + [slice(None)] * (self.ndim - gap - len(rest)) + rest
        chosen = key[self._axis]
        single = not isinstance(chosen, slice)
        if single:
            number = range(self.shape[self._axis])[chosen]
            chosen = slice(number, number + 1)
        begin, end, step = chosen.indices(self.shape[self._axis])
        taken = range(begin, end, step)
        shape, strides = list(self.shape), [*self._x.strides, self._x.strides[self._axis]]
        shape[self._axis] = len(taken)
        strides[self._axis] *= step
        first = [slice(None)] * self._x.ndim
        first[self._axis] = slice(begin if len(taken) else 0, None)
        x, can = self._x[tuple(first)], self._writeable
        view = stride_tricks.as_strided(x, shape, strides, writeable=can)
        key[self._axis] = 0 if single else slice(None)
        return view[tuple(key)]

    def __array__(self, *_given: Any, **_options: Any) -> np.ndarray:
        raise MemoryError(
            "All windows together are more than a page's memory: take some of them first, "
            "as in sliding_window_view(x, length)[::hop]."
        )


def sliding_window_view(
    x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False
) -> Any:
    """As NumPy's; `Windows` where NumPy's view would have too large a nominal size."""
    x = np.array(x, copy=None, subok=subok)
    lengths = tuple(window_shape) if np.iterable(window_shape) else (window_shape,)
    one = len(lengths) == 1 and (x.ndim == 1 if axis is None else np.size(axis) == 1)
    if one:
        along = 0 if axis is None else int(np.ravel(axis)[0]) % x.ndim
        length = int(lengths[0])
        windows = x.shape[along] - length + 1
        size = math.prod(x.shape) // max(x.shape[along], 1) * windows * length * x.itemsize
        if length > 0 and windows > 0 and size > LIMIT:
            return Windows(x, length, along, writeable)
    return _stock(x, window_shape, axis, subok=subok, writeable=writeable)


def install() -> None:
    """Put it in the place of NumPy's, for all that looks it up there."""
    stride_tricks.sliding_window_view = sliding_window_view
    _stride_tricks_impl.sliding_window_view = sliding_window_view
