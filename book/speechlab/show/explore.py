"""A control from one function of its parameters: live in a notebook, prepared in the book.

A notebook has a kernel, so the function runs whenever a control moves. A published page has none:
the function runs for every combination beforehand, and plain HTML controls choose among the
results (`speechlab.show.snapshots`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

from speechlab.show import media
from speechlab.show.display import render

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


def explore(
    function: Callable[..., Any],
    labels: Mapping[str, str] | None = None,
    *,
    start: Any = None,
    level_by: str | Sequence[str] = (),
    **parameters: Sequence | Mapping[str, Any],
) -> Any:
    """Controls for the parameters of a function, and what the function shows.

    Parameters
    ----------
    function : callable
        Called as ``function(name=value, ...)`` with one value of each parameter. Returns a `sound`,
        a `picture`, a text (shown as it is, with mathematics between ``\\(`` and ``\\)``) or a list
        of those.
    labels : mapping, optional
        What the control of a parameter is called, with its unit: ``{"order": "Prediction order"}``.
    start : mapping or value, optional
        The setting that the control opens at, a setting worth seeing: ``{"order": 10}``, or the
        value alone where there is one parameter. A parameter that is not named opens at its first
        value. Where a parameter maps texts to values, the text is given.
    level_by : str or sequence of str
        The parameters whose subject is the level of the sound. Along the others the level never
        jumps by more than 6 dB: if it would, a built page brings the sounds to one level.
    **parameters : sequence or mapping
        One to three parameters, each with two or more values, or a mapping from what the control
        reads to the value. Numbers become a scale, up to five texts a row of buttons, more a list.

    Returns
    -------
    ipywidgets.Widget or Snapshots
        Live controls in a notebook; while the book is built, all settings in plain HTML.

    Raises
    ------
    ValueError
        If there are no or more than three parameters, one has fewer than two values, two values
        read the same, a label, `start` or `level_by` names no parameter, `start` names no value, or
        there are more than 400 combinations.
    TypeError
        If the function returns something else than sounds, pictures and texts.
    """
    chosen = _parameters(function, dict(labels or {}), parameters, start, level_by)
    if media.store() is None:
        return _live(function, chosen)
    from speechlab.show import snapshots

    return snapshots.take(function, chosen)


def _parameters(
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


def _live(function: Callable, parameters: Sequence[Parameter]) -> Any:
    import ipywidgets as widgets  # a page that is built needs none of it

    panel = widgets.HTMLMath()
    sliders = [
        widgets.SelectionSlider(
            options=list(parameter.options),
            value=list(parameter.options)[parameter.start],
            description=parameter.label,
            style={"description_width": "initial"},
            layout={"width": "auto", "max_width": "40rem"},
        )
        for parameter in parameters
    ]
    known: dict[tuple, str] = {}

    def update(_change: object = None) -> None:
        key = tuple(slider.value for slider in sliders)
        if key not in known:
            values = {p.name: p.options[text] for p, text in zip(parameters, key)}
            known[key] = render(function(**values))
        panel.value = known[key]

    for slider in sliders:
        slider.observe(update, names="value")
    update()
    box = widgets.VBox([*sliders, panel])
    box.add_class("speech-explore")
    return box


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, Real) else str(value)
