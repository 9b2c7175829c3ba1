"""A control from one function of its parameters: live in a notebook, without a kernel in the book.

A notebook has a kernel, so the function runs whenever a slider moves. A published page has none, so
the function runs for every combination beforehand, and the sliders choose among the results.
"""

from __future__ import annotations

import html
import itertools
from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import Any

import ipywidgets as widgets

from speechlab.show import media
from speechlab.show.display import Picture, Sound

MOST = 400  # combinations in a page; beyond that nobody looks at them and builds get slow


def explore(
    function: Callable[..., Any],
    labels: Mapping[str, str] | None = None,
    **parameters: Sequence | Mapping[str, Any],
) -> widgets.Widget:
    """Sliders for the parameters of a function, and what the function shows.

    Parameters
    ----------
    function : callable
        Called as ``function(name=value, ...)`` with one value of each parameter. Returns a `sound`,
        a `picture`, a text (shown as it is, with mathematics between ``\\(`` and ``\\)``) or a list
        of those.
    labels : mapping, optional
        What the slider of a parameter is called, with its unit: ``{"order": "Prediction order"}``.
    **parameters : sequence or mapping
        One to three parameters, each with two or more values, or a mapping from what the slider
        reads to the value.

    Raises
    ------
    ValueError
        If there are no or more than three parameters, one has fewer than two values, two values
        read the same, a label names no parameter, or there are more than 400 combinations.
    TypeError
        If the function returns something else than sounds, pictures and texts.
    """
    labels = dict(labels or {})
    choices = _choices(function, labels, parameters)
    sliders = [_slider(labels.get(name, name), options) for name, options in choices.items()]
    static = media.store() is not None
    build = _static if static else _live
    panel = build(function, choices, sliders)
    box = widgets.VBox([*sliders, panel])
    box.add_class("speech-explore")
    return box


def _choices(
    function: Callable, labels: Mapping[str, str], parameters: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """For each parameter what its slider reads, and the value behind it."""
    if not callable(function):
        raise ValueError("explore needs a function of the parameters as its first argument.")
    if not 1 <= len(parameters) <= 3:
        raise ValueError(f"explore takes one to three parameters, not {len(parameters)}.")
    if strangers := sorted(set(labels) - set(parameters)):
        raise ValueError(f"The label {strangers[0]!r} names no parameter.")
    choices, combinations = {}, 1
    for name, values in parameters.items():
        if isinstance(values, Mapping):
            options = {str(text): value for text, value in values.items()}
        else:
            values = list(values)
            options = {_text(value): value for value in values}
        if len(options) < len(values):
            raise ValueError(f"Two values of {name!r} read the same on its slider.")
        if len(options) < 2:
            raise ValueError(f"The parameter {name!r} needs at least two values.")
        choices[name] = options
        combinations *= len(options)
    if combinations > MOST:
        raise ValueError(f"{combinations} combinations are too many for a page (at most {MOST}).")
    return choices


def _slider(label: str, options: Mapping[str, Any]) -> widgets.SelectionSlider:
    return widgets.SelectionSlider(
        options=list(options),
        description=label,
        style={"description_width": "initial"},
        layout={"width": "auto", "max_width": "40rem"},
    )


def _live(function: Callable, choices: Mapping, sliders: Sequence) -> widgets.Widget:
    panel = widgets.HTMLMath()
    known: dict[tuple, str] = {}

    def update(_change: object = None) -> None:
        key = tuple(slider.value for slider in sliders)
        if key not in known:
            values = {n: options[text] for (n, options), text in zip(choices.items(), key)}
            known[key] = render(function(**values))
        panel.value = known[key]

    for slider in sliders:
        slider.observe(update, names="value")
    update()
    return panel


def _static(function: Callable, choices: Mapping, sliders: Sequence) -> widgets.Widget:
    # One layout and one style for all: without, a page's widget state would double.
    pattern = widgets.HTMLMath()
    shared = {"layout": pattern.layout, "style": pattern.style}
    level: list[widgets.Widget] = [
        widgets.HTMLMath(render(function(**dict(zip(choices, values)))), **shared)
        for values in itertools.product(*(options.values() for options in choices.values()))
    ]
    # The last parameter varies fastest: its panels go into stacks, those into stacks, and so on.
    layout = widgets.Layout()
    for slider in reversed(sliders):
        size = len(slider.options)
        level = [
            widgets.Stack(level[start : start + size], selected_index=0, layout=layout)
            for start in range(0, len(level), size)
        ]
        for stack in level:
            widgets.jslink((slider, "index"), (stack, "selected_index"))
    return level[0]


def render(result: Any) -> str:
    """The HTML of what an explored function returned."""
    if isinstance(result, list | tuple):
        return "".join(render(part) for part in result)
    if isinstance(result, Sound | Picture):
        return result._repr_html_()
    if isinstance(result, str):
        return f'<p class="speech-text mathjax_process">{html.escape(result)}</p>'
    raise TypeError(
        "An explored function returns sounds, pictures and texts, "
        f"not {type(result).__name__} (wrap a figure in picture)."
    )


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, Real) else str(value)
