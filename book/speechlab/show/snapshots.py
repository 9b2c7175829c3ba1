"""All settings of a control in plain HTML, for a page that has no kernel.

The setting that the control opens at stands in the page as it is; each other setting stands in a
`template`, which browsers neither show nor load anything of. `web/explore.js` brings the chosen one
forward. Without JavaScript the first setting is what one sees, with a sentence that says so.
"""

from __future__ import annotations

import html
import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from speechlab.show import levels
from speechlab.show.display import Sound, parts, render
from speechlab.show.parameters import Parameter

MOST_BUTTONS = 5  # more categories than these go into a list
_number = itertools.count(1)


@dataclass(frozen=True)
class Snapshots:
    """What a control can show: its parameters and the HTML of each setting, last one fastest."""

    parameters: tuple[Parameter, ...]
    settings: tuple[str, ...]
    note: str = ""

    @property
    def start(self) -> int:
        """The index of the setting that the control opens at."""
        index = 0
        for parameter in self.parameters:
            index = index * len(parameter.options) + parameter.start
        return index

    def _repr_html_(self) -> str:
        key = f"explore-{next(_number)}"
        loud = any(parameter.loud for parameter in self.parameters)
        controls = "".join(_control(parameter, key) for parameter in self.parameters)
        note = f'<p class="speech-note">{self.note}</p>' if self.note else ""
        others = "".join(
            f'<template data-setting="{index}">{setting}</template>'
            for index, setting in enumerate(self.settings)
            if index != self.start
        )
        return (
            f'<div class="speech-explore" data-start="{self.start}"{" data-loud" * loud}>'
            f'<div class="speech-controls">{controls}</div>{_without_script(self.parameters)}{note}'
            f'<div class="speech-panel">{self.settings[self.start]}</div>{others}</div>'
        )

    def __repr__(self) -> str:
        names = ", ".join(parameter.label for parameter in self.parameters)
        return f"[control of {names}: {len(self.settings)} settings]"


def take(function: Callable, parameters: Sequence[Parameter]) -> Snapshots:
    """Run a function for all its settings.

    Raises
    ------
    TypeError
        If it returns something else than sounds, pictures and texts.
    """
    names = [parameter.name for parameter in parameters]
    values = itertools.product(*(parameter.options.values() for parameter in parameters))
    shown = [parts(function(**dict(zip(names, setting)))) for setting in values]
    shape = tuple(len(parameter.options) for parameter in parameters)
    steady, changed = levels.steady(
        [[part for part in setting if isinstance(part, Sound)] for setting in shown],
        shape,
        scales=[parameter.numeric for parameter in parameters],
        loud=[parameter.loud for parameter in parameters],
    )
    for setting, sounds in zip(shown, steady):
        following = iter(sounds)
        setting[:] = [next(following) if isinstance(part, Sound) else part for part in setting]
    note = "The sounds of this control were brought to one level." if changed else ""
    return Snapshots(tuple(parameters), tuple(render(setting) for setting in shown), note)


def _control(parameter: Parameter, key: str) -> str:
    name = f"{key}-{html.escape(parameter.name)}"
    texts = list(parameter.options)
    label = html.escape(parameter.label)
    # Off until the script is there: a control that does nothing is worse than none. Browsers that
    # fill forms in again after a reload would show another setting than the control.
    off = 'disabled autocomplete="off"'
    if parameter.numeric:
        reads = html.escape(texts[parameter.start])
        every = html.escape(json.dumps(texts, ensure_ascii=False))
        return (
            f'<div class="speech-control"><label class="mathjax_process" for="{name}">{label}'
            f'</label><input type="range" id="{name}" min="0" max="{len(texts) - 1}" step="1" '
            f'value="{parameter.start}" aria-valuetext="{reads}" data-texts="{every}" {off}>'
            f'<output for="{name}" aria-hidden="true">{reads}</output></div>'
        )
    if len(texts) <= MOST_BUTTONS:
        buttons = "".join(
            f'<label><input type="radio" name="{name}" value="{index}" {off}'
            f"{' checked' * (index == parameter.start)}> {html.escape(text)}</label>"
            for index, text in enumerate(texts)
        )
        return (
            f'<fieldset class="speech-control"><legend class="mathjax_process">{label}</legend>'
            f"{buttons}</fieldset>"
        )
    options = "".join(
        f'<option value="{index}"{" selected" * (index == parameter.start)}>{html.escape(text)}'
        "</option>"
        for index, text in enumerate(texts)
    )
    return (
        f'<div class="speech-control"><label class="mathjax_process" for="{name}">{label}</label>'
        f'<select id="{name}" {off}>{options}</select></div>'
    )


def _without_script(parameters: Sequence[Parameter]) -> str:
    setting = "; ".join(f"{p.label}: {list(p.options)[p.start]}" for p in parameters)
    return (
        '<noscript><p class="speech-note mathjax_process">The control needs JavaScript. Below is '
        f"one of its settings ({html.escape(setting)}).</p></noscript>"
    )
