"""When is an answer right? Comparators for `Criterion.equal`.

A comparator is called with (answer, expected, case) and returns None when the answer is right,
else one sentence for the student. The sentence may speak of type, shape, sign, finiteness, of
where the first difference lies and of its kind; it never contains a value of the expected answer.
Both sides are plain data: numbers, strings, lists, tuples, dicts, NumPy arrays, and
`Unsupported` for whatever could not be sent as data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.exercise.difference import kind, length
from autograder.sandbox.wire import Unsupported

ANSWER = "your answer"  # what sentences call what a function returned

# What to write in place of values that are numbers to Python, and no plain data.
_CONVERT = {
    "object array": "its type is `object`, often from rows of unequal length or from None among "
    "the numbers; make it by `np.array(..., dtype=float)`",
    "Fraction": "return `float(...)` of it",
    "Decimal": "return `float(...)` of it",
}


def _describe(value: Any) -> str:
    if value is None:
        return "None (is there a `return`?)"
    if isinstance(value, Unsupported):
        says = f"a {value.type_name}, which is not plain data (numbers, arrays, lists)"
        return f"{says}: {_CONVERT[value.type_name]}" if value.type_name in _CONVERT else says
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and type {value.dtype}"
    if isinstance(value, (list, tuple, dict)):
        parts = value.values() if isinstance(value, dict) else value
        odd = next((part for part in parts if isinstance(part, Unsupported)), None)
        holds = f" that holds {_describe(odd)}" if odd is not None else ""
        return f"a {type(value).__name__} of length {len(value)}{holds}"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _room(value: Any, items: int) -> int:
    """How much of a budget of `items` is left when the items of a nested list are taken off.

    Below 0 the list is too long to be read: it would be turned into an array again for each
    mistake that it is compared with.
    """
    if isinstance(value, (list, tuple)):
        items -= len(value)
        for part in value if items >= 0 else ():
            if isinstance(part, (list, tuple)) and (items := _room(part, items)) < 0:
                break
    return items


def _as_array(value: Any) -> np.ndarray | None:
    """A number, an array or a rectangular list of numbers as an array; None for another value."""
    if isinstance(value, (bool, int, float, complex, np.generic, np.ndarray, list, tuple)):
        try:
            array = np.asarray(value)
        except (ValueError, OverflowError):
            return None
        return array if array.dtype.kind in "biufc" else None
    return None


def _with_axes_that_lists_lack(answer: Any, given: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """The answer `given`; the list [], which shows no N, in the expected shape (0, N, N)."""
    says_no_more = given.size == 0 == expected.size and isinstance(answer, (list, tuple))
    if says_no_more and given.shape == expected.shape[: given.ndim]:
        return given.reshape(expected.shape)
    return given


def _parts(answer: Any) -> list | tuple | None:
    """The items of a tuple, list or array that answers for a tuple; None for a single value."""
    if isinstance(answer, np.ndarray) and answer.ndim:
        return list(answer)
    return answer if isinstance(answer, (list, tuple)) else None


def _scalar(answer: Any) -> Any:
    """The value itself; a NumPy scalar or array of no dimension as Python's number or text."""
    held = isinstance(answer, np.generic) or (isinstance(answer, np.ndarray) and answer.ndim == 0)
    return answer.item() if held else answer


ROUGHLY = 1e-3  # as far as a measured derivative may be off


def _not_the(given: Any, expected: str | bool | None, what: str) -> str:
    """The sentence for what is no number: another type than asked for, or another value."""
    kind = {str: "text", bool: "truth value"}.get(type(expected), "None")
    if type(given) is type(expected):
        return f"{what} is not the right {kind}"
    return f"{what} should be {'a ' * (expected is not None)}{kind} but is {_describe(given)}"


@dataclass(frozen=True)
class Close:
    """Equal within `atol + rtol * scale`, where scale is the largest expected magnitude.

    Arrays, numbers and nested lists of numbers are interchangeable; tuples and dicts are
    compared item by item, and a list or an array of the right length is as good as a tuple.
    Single-precision answers get `rtol` of at least `single_rtol`.
    `finite=False` admits infinities and NaN where the expected answer has them.
    `normal_form`, applied to both sides, accepts another valid convention.
    `almost` is said of an answer that is right to `ROUGHLY` and not to `rtol`.
    `columns` are those of a matrix that are looked at; the others may hold anything.
    `detail=False` leaves out of the sentence in what way the answer differs, which takes longer
    to find out than that it differs.
    """

    rtol: float = 1e-6
    atol: float = 1e-9
    single_rtol: float = 1e-3
    finite: bool = True
    normal_form: Callable[[Any], Any] | None = None
    columns: tuple[int, ...] = ()
    almost: str = ""
    detail: bool = True

    def __call__(self, answer: Any, expected: Any, case: Any) -> str | None:
        return self._compare(answer, expected, ANSWER)

    def _compare(self, answer: Any, expected: Any, what: str) -> str | None:
        if isinstance(expected, tuple):
            parts = _parts(answer)
            if parts is None or len(parts) != len(expected):
                return (
                    f"{what} should be a tuple of {len(expected)} values but is {_describe(answer)}"
                )
            for i, (a, e) in enumerate(zip(parts, expected, strict=True)):
                if says := self._compare(a, e, f"item {i} of {what}"):
                    return says
            return None
        if isinstance(expected, dict):
            if not isinstance(answer, dict) or answer.keys() != expected.keys():
                kind = _describe(answer)
                return f"{what} should be a dict with the keys of the docstring but is {kind}"
            for key, e in expected.items():
                if says := self._compare(answer[key], e, f"{key!r} of {what}"):
                    return says
            return None
        if expected is None or isinstance(expected, (str, bool)):
            given = _scalar(answer)
            same = type(given) is type(expected) and given == expected
            return None if same else _not_the(given, expected, what)
        return self._compare_arrays(answer, np.asarray(expected), what)

    def _compare_arrays(self, answer: Any, expected: np.ndarray, what: str) -> str | None:
        if _room(answer, 4 * expected.size + 1000) < 0:
            return f"{what} is far longer than asked for: {_describe(answer)}"
        given = _as_array(answer)
        if given is None:
            return f"{what} should be numbers but is {_describe(answer)}"
        single = given.dtype.kind in "fc" and np.finfo(given.dtype).bits <= 32
        rtol = max(self.rtol, self.single_rtol) if single else self.rtol
        given = _with_axes_that_lists_lack(answer, given, expected)
        if given.shape != expected.shape:
            has = f"has shape {given.shape}" if given.ndim else "is one number"
            wanted = f"{'' if given.ndim else 'the shape '}{expected.shape}"
            says = f"{what} {has} where {wanted if expected.ndim else 'one number'} is asked for"
            return says + self._detail(length, given, expected, rtol)
        if self.columns:
            others = np.setdiff1d(np.arange(expected.shape[1]), self.columns)
            given = given.astype(np.result_type(given, expected))
            given[:, others] = expected[:, others]
        if given.dtype.kind == "c" and expected.dtype.kind != "c":
            if np.any(np.abs(given.imag) > self.atol):
                return f"{what} is complex where real numbers are asked for"
            given = given.real
        if given.dtype.kind == "b" and expected.dtype.kind != "b":
            return f"{what} is True or False where numbers are asked for"
        if expected.dtype.kind == "b":
            given, expected = given.astype(float), expected.astype(float)
        if self.finite and np.all(np.isfinite(expected)) and not np.all(np.isfinite(given)):
            found = "NaN (not a number)" if np.any(np.isnan(given)) else "an infinity"
            return f"{what} contains {found}"
        if self.normal_form is not None:
            given, expected = self.normal_form(given), self.normal_form(expected)
        return self._differs(given, expected, rtol, what)

    def _wrong(self, given: np.ndarray, expected: np.ndarray, rtol: float) -> np.ndarray:
        """Where the two arrays differ by more than the tolerance: a mask of their shape."""
        scale = np.max(np.abs(expected[np.isfinite(expected)]), initial=0.0)
        with np.errstate(all="ignore"):
            wrong = ~(np.abs(given - expected) <= self.atol + rtol * scale)
            return wrong & ~((given == expected) | (np.isnan(given) & np.isnan(expected)))

    def _differs(
        self, given: np.ndarray, expected: np.ndarray, rtol: float, what: str
    ) -> str | None:
        wrong = np.asarray(self._wrong(given, expected, rtol))
        if not wrong.any():
            return None
        if self.almost and not np.any(self._wrong(given, expected, ROUGHLY)):
            return f"{what} {self.almost}"
        detail = self._detail(kind, given, expected, rtol)
        if expected.ndim == 0:
            return f"{what} is not the right number{detail}"
        where = tuple(int(i) for i in np.argwhere(wrong)[0])
        index = where[0] if len(where) == 1 else where
        count = f"{int(wrong.sum())} of {expected.size} places"
        return f"{what} is wrong in {count}, the first at index {index}{detail}"

    def _detail(self, find: Callable, given: np.ndarray, expected: np.ndarray, rtol: float) -> str:
        """In what way the arrays differ, to be added to the sentence that says that they do."""
        if not self.detail:
            return ""
        words = find(given * 1.0, expected * 1.0, lambda a, b: ~self._wrong(a, b, rtol))
        return f": {words}" * bool(words)


# Nudging loses a third of the digits at least, a derivation none.
DERIVED_EXACTLY = Close(
    rtol=1e-11,
    atol=1e-12,
    almost="is right to a few digits only, as a derivative that is measured by nudging: "
    "derive it instead",
)
