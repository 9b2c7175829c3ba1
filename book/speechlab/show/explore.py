"""A control from one function of its parameters: live in a notebook, prepared in the book.

A notebook has a kernel, so the function runs whenever a control moves. A published page has none:
the function runs for every combination beforehand, and plain HTML controls choose among the
results (`speechlab.show.snapshots`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from speechlab.show import media, snapshots
from speechlab.show.display import render
from speechlab.show.parameters import Parameter, parameters_of


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
    chosen = parameters_of(function, dict(labels or {}), parameters, start, level_by)
    if media.store() is None:
        return _live(function, chosen)
    return snapshots.take(function, chosen)


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
