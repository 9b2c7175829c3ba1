"""In what way does an array differ from the right one? Facts for a student, never a value.

A kind is stated only where there is enough to see it: any number is a multiple of any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

Same = Callable[[np.ndarray, np.ndarray], np.ndarray]  # where are (given, expected) the same?
FEW = 0.2  # a part up to this is "a few"


def _distinct(values: np.ndarray) -> int:
    return len(np.unique(values))


def _multiple(given: np.ndarray, expected: np.ndarray, same: Same) -> bool:
    """Is one array a multiple of the other? The factor is not told, as it gives the answer away."""
    factor = np.sum(given * np.conj(expected)) / np.sum(np.abs(expected) ** 2)
    return bool(abs(factor) > 1e-12) and bool(np.all(same(given / factor, expected)))


def _near(same: Same) -> Callable[[np.ndarray, np.ndarray], bool]:
    return lambda one, other: bool(np.all(same(one, other)))


def _of_numbers(given: np.ndarray, expected: np.ndarray, same: Same) -> Iterator[str]:
    """A relation that holds between the two arrays at every place."""
    near, distinct = _near(same), _distinct(expected)
    if (distinct > 1 or np.all(np.real(expected) % 1)) and near(-given, expected):
        yield "the sign is the opposite one"
    if distinct > 2 and _multiple(given, expected, same):
        yield "all values are off by one and the same factor"
    if distinct > 2 and near(given - np.mean(given - expected), expected):
        yield "one and the same number is added to all values"


def _of_order(given: np.ndarray, expected: np.ndarray, same: Same) -> Iterator[str]:
    """A relation that leaves sizes or values as they are, and changes order, signs or places."""
    near = _near(same)
    if _distinct(expected) > 2:
        if near(given[::-1], expected):
            yield "the order is reversed"
        if given.ndim == 2 and given.shape[0] == given.shape[1] and near(given.T, expected):
            yield "rows and columns are swapped"
        if near(np.abs(given), np.abs(expected)):
            turned = np.iscomplexobj(given) or np.iscomplexobj(expected)
            wrong = "the phases" if turned else "some signs"
            yield f"the sizes are right, {wrong} are not"
        if near(np.sort(given, axis=None), np.sort(expected, axis=None)):
            yield "the values are right, their order is not"
    if _distinct(expected[:-1]) > 2 and near(given[1:], expected[:-1]):
        yield "everything comes one place too late"
    if _distinct(expected[1:]) > 2 and near(given[:-1], expected[1:]):
        yield "everything comes one place too early"


def _places(shape: tuple[int, ...]) -> Iterator[tuple[str, np.ndarray]]:
    """The parts of a vector or a matrix that have a name, small ones first."""
    row = "row " if len(shape) == 2 else ""
    index = np.indices(shape)
    first, last = index[0] == 0, index[0] == shape[0] - 1
    yield f"only the first {row}is", first
    yield f"only the last {row}is", last
    yield f"only the first and the last {row}are", first | last
    if row:
        left, right = index[1] == 0, index[1] == shape[1] - 1
        yield "only the first column is", left
        yield "only the last column is", right
        yield "only the main diagonal is", index[0] == index[1]
        yield "only the rim is", first | last | left | right


def kind(given: np.ndarray, expected: np.ndarray, same: Same) -> str:
    """In a few words, in what way `given` differs; "" if nothing stands out.

    Both arrays have one shape, and are compared by `same`. The words hold no value of either.
    """
    if not (np.all(np.isfinite(given)) and np.all(np.isfinite(expected))):
        return ""
    if expected.ndim == 0:
        given, expected = np.atleast_1d(given, expected)
    if not np.any(given) and np.any(expected):
        return "all your values are zero"
    if not np.any(expected) and expected.size > 1:
        return ""
    with np.errstate(all="ignore"):
        for find in (_of_numbers, _of_order):
            if says := next(find(given, expected, same), ""):
                return says
        wrong = ~same(given, expected)
    if given.ndim < 3 and min(given.shape) > 2 and not wrong.all():
        for words, place in _places(given.shape):
            if not np.any(wrong & ~place):
                return f"{words} wrong"
    return "only a few are wrong" if wrong.mean() <= FEW else ""


def among(given: Sequence[float], expected: Sequence[float]) -> str:
    """In what way the single numbers that answer several inputs differ; "" if none stands out."""
    pair = np.array(given, dtype=float), np.array(expected, dtype=float)
    if not np.all(np.isfinite(pair)):
        return ""

    def same(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return np.isclose(one, other, rtol=1e-6, atol=1e-12)

    with np.errstate(all="ignore"):
        return next(_of_numbers(*pair, same), "")


def length(given: np.ndarray, expected: np.ndarray, same: Same) -> str:
    """In what way a vector is too long or too short, if the rest of it is right; or ""."""
    if given.ndim != 1 or expected.ndim != 1 or min(len(given), len(expected)) < 3:
        return ""
    more = len(given) - len(expected)
    longer, shorter = (given, expected) if more > 0 else (expected, given)
    says = f"{abs(more)} too many" if more > 0 else f"{abs(more)} missing"
    with np.errstate(all="ignore"):
        for part, where in ((slice(abs(more), None), "beginning"), (slice(-abs(more)), "end")):
            pair = (longer[part], shorter) if more > 0 else (shorter, longer[part])
            if np.all(same(*pair)):
                return f"{says} at the {where}, the others are right"
    return ""
