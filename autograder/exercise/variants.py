"""Other versions of a reference: the known mistakes, and correct alternatives.

A version that is a small change of the reference is written as the change, `old => new`, with what
there is to say about it indented below:

    error[m:] -= a => error[m:] += a
        You add the prediction. The residual is what is left when it is taken away.

Several such lines in a row are one version; a line too long is broken before its `=>`.
"""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

Edits = tuple[tuple[str, str], ...]


class DeclarationError(Exception):
    """An exercise is declared in a way that cannot work; the message says where and how."""


# --- a change of the source ---------------------------------------------------------------


@functools.cache
def _source(function: Callable) -> str:
    """The source of the function without its docstring, which no edit is meant for."""
    source = textwrap.dedent(inspect.getsource(function))
    first = ast.parse(source).body[0].body[0]
    lines = source.splitlines(keepends=True)
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        del lines[first.lineno - 1 : first.end_lineno]
    return "".join(lines)


def edited(function: Callable, *edits: tuple[str, str]) -> Callable:
    """The function with pieces of its source replaced, compiled in its own module's names.

    Raises `DeclarationError` unless each old piece occurs exactly once in the source.
    """
    source = _source(function)
    for old, new in edits:
        if (count := source.count(old)) != 1:
            raise DeclarationError(
                f"{function.__name__}: {old!r} occurs {count} times in its source, not once"
            )
        source = source.replace(old, new)
    namespace = dict(vars(inspect.getmodule(function)))
    exec(compile(source, f"<{function.__name__}, edited>", "exec"), namespace)
    return namespace[function.__name__]


def _joined(text: str) -> list[str]:
    """The lines of a text that are not blank, with `=>` in the line of what it replaces."""
    text = re.sub(r"\n\s*=>", " =>", textwrap.dedent(text))
    return [line for line in text.splitlines() if line.strip()]


def _edit(line: str) -> tuple[str, str]:
    old, arrow, new = line.partition("=>")
    if not arrow or not old.strip():
        raise DeclarationError(f"{line!r} is no edit: write `old => new`")
    return old.strip(), new.strip()


def parsed(text: str) -> Iterator[tuple[Edits, str]]:
    """The edits and the sentence of each version in a text; see the head of this module.

    Raises `DeclarationError` for a line that is no edit, and for edits without a sentence.
    """
    found: list[tuple[list[str], list[str]]] = []
    for line in _joined(text):
        if line[0].isspace() and found:
            found[-1][1].append(line.strip())
        else:
            if not found or found[-1][1]:
                found.append(([], []))
            found[-1][0].append(line)
    for lines, says in found:
        if not says:
            raise DeclarationError(f"{lines[0]!r} has no sentence below it")
        yield tuple(map(_edit, lines)), " ".join(says)


# --- versions -----------------------------------------------------------------------------


def guarded(function: Callable, reference: Callable) -> Callable:
    """The function behind a guard that refuses whatever the reference refuses."""

    @functools.wraps(function)
    def answer(*args: Any, **kwargs: Any) -> Any:
        reference(*copy.deepcopy(args), **copy.deepcopy(kwargs))
        return function(*args, **kwargs)

    return answer


@dataclass(frozen=True)
class Variant:
    """A whole other version of the reference: a function, or edits of the reference's source.

    A function is called only with what the reference answers, unless `guard` is False. Edits are
    given as text, `"old => new"`, or as pairs where the pieces hold line breaks.
    """

    how: Callable | str | Edits
    guard: bool = True

    @property
    def function(self) -> Callable | None:
        """The variant's function; None where it is declared as edits."""
        return self.how if callable(self.how) else None

    @property
    def edits(self) -> Edits:
        """The variant's edits, in order; empty where it is declared as a function."""
        if isinstance(self.how, str):
            return tuple(map(_edit, _joined(self.how)))
        return () if callable(self.how) else self.how

    def of(self, reference: Callable) -> Callable:
        """The variant as a callable, made from the reference where it is declared as edits."""
        if self.function is None:
            return edited(reference, *self.edits)
        return guarded(self.function, reference) if self.guard else self.function


@dataclass(frozen=True)
class Mistake(Variant):
    """A known wrong version, and the one sentence that helps whoever made it."""

    says: str = ""


@dataclass(frozen=True)
class Alternative(Variant):
    """A correct version that is written or answers differently and must score full."""

    why: str = ""


def mistakes(declared: str | tuple[str | Mistake, ...]) -> tuple[Mistake, ...]:
    """The `Mistake` objects of a declaration that holds text, objects or both."""
    parts = (declared,) if isinstance(declared, str) else declared
    return tuple(
        mistake
        for part in parts
        for mistake in (
            (part,)
            if isinstance(part, Mistake)
            else (Mistake(edits, says=says) for edits, says in parsed(part))
        )
    )


# --- answers in another form --------------------------------------------------------------


def as_lists(value: Any) -> Any:
    """The answer with a list for every array and tuple."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [as_lists(part) for part in value]
    return {k: as_lists(v) for k, v in value.items()} if isinstance(value, dict) else value


def in_one_array(value: Any) -> Any:
    """The answer with an array for a tuple of numbers, or of arrays of one shape."""
    if not isinstance(value, tuple) or any(isinstance(part, bool) for part in value):
        return value  # a truth value in an array of numbers would be one of them
    try:
        array = np.asarray(value)
    except ValueError:  # parts of several shapes, or a part that is ragged itself
        return value
    return array if array.dtype.kind in "iufc" else value


def in_single_precision(value: Any) -> Any:
    """The answer with every number of a floating type in single precision."""
    kind = (
        np.asarray(value).dtype.kind if isinstance(value, (float, np.ndarray, np.generic)) else ""
    )
    if kind in ("f", "c"):
        return np.asarray(value, dtype={"f": np.float32, "c": np.complex64}[kind])[()]
    if isinstance(value, (list, tuple)):
        return type(value)(in_single_precision(part) for part in value)
    if isinstance(value, dict):
        return {k: in_single_precision(v) for k, v in value.items()}
    return value


def answering(form: Callable[[Any], Any], function: Callable) -> Callable:
    """The function with each of its answers put into another form by `form`."""

    @functools.wraps(function)
    def answer(*args: Any, **kwargs: Any) -> Any:
        return form(function(*args, **kwargs))

    return answer


FORMS = (
    (as_lists, "lists in place of arrays"),
    (in_one_array, "an array in place of a tuple"),
    (in_single_precision, "single precision"),
)
