"""The parameters of an explored function: what their controls read, and the values behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

MOST = 400  # combinations in a page; beyond that nobody looks at them and builds get slow


@dataclass(frozen=True)
class Parameter:
    """One parameter of an explored function.

    `options` has the value behind each text that the control can read, `start` is the index of the
    option that it opens at. `numeric` parameters are set on a scale, the others are chosen. The
    level of the sounds is the subject of a parameter that is `loud`.
    """

    name: str
    label: str
    options: dict[str, Any]
    start: int = 0
    numeric: bool = False
    loud: bool = False


def parameters_of(
    function: Callable,
    labels: Mapping[str, str],
    parameters: Mapping[str, Any],
    start: Any,
    level_by: str | Sequence[str],
) -> list[Parameter]:
    """The parameters as they were asked for, or a ValueError."""
    if not callable(function):
        raise ValueError("explore needs a function of the parameters as its first argument.")
    if not 1 <= len(parameters) <= 3:
        raise ValueError(f"explore takes one to three parameters, not {len(parameters)}.")
    if start is None:
        start = {}
    elif not isinstance(start, Mapping):
        start = {next(iter(parameters)): start} if len(parameters) == 1 else {"start": start}
    loud = [level_by] if isinstance(level_by, str) else list(level_by)
    for what, named in (("label", labels), ("start", start), ("level_by", loud)):
        if strangers := sorted(set(named) - set(parameters)):
            raise ValueError(f"The {what} {strangers[0]!r} names no parameter.")
    chosen, combinations = [], 1
    for name, values in parameters.items():
        options = _options(name, values)
        first = _first(name, options, start[name]) if name in start else 0
        numeric = not isinstance(values, Mapping) and all(map(_is_number, options.values()))
        label = labels.get(name, name)
        chosen.append(Parameter(name, label, options, first, numeric, name in loud))
        combinations *= len(options)
    if combinations > MOST:
        raise ValueError(f"{combinations} combinations are too many for a page (at most {MOST}).")
    return chosen


def _options(name: str, values: Sequence | Mapping[str, Any]) -> dict[str, Any]:
    """What the control of a parameter reads, and the value behind it."""
    if isinstance(values, Mapping):
        options = {str(text): value for text, value in values.items()}
    else:
        values = list(values)
        options = {_text(value): value for value in values}
    if len(options) < len(values):
        raise ValueError(f"Two values of {name!r} read the same on its control.")
    if len(options) < 2:
        raise ValueError(f"The parameter {name!r} needs at least two values.")
    return options


def _first(name: str, options: Mapping[str, Any], start: Any) -> int:
    if (text := _text(start)) not in options:
        raise ValueError(f"The parameter {name!r} has no value {text!r} to start at.")
    return list(options).index(text)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, Real) else str(value)
