"""Instruments: pictures and sounds that a small JavaScript module computes in the page.

Where an idea is continuous, `explore` has too few settings. An instrument is an ES module in
`web/instruments/` that draws with SVG and plays with Web Audio. The built book names the module,
and the page loads it from the site's own `_static`; a live notebook runs the same module through
`anywidget`.
"""

from __future__ import annotations

import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from speechlab.show import media
from speechlab.show.display import Picture, Sound

FOLDER = Path(__file__).resolve().parents[1] / "web" / "instruments"
IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";\n', re.MULTILINE)
MOST = 30_000  # characters of one of the data; longer ones wait in a file until they are needed
NOTE = "This picture shows how the instrument begins. It moves and sounds where JavaScript runs."


class Instrument:
    """An instrument as a page shows it: its beginning as a picture, its data, and its caption."""

    def __init__(self, name: str, still: Picture, data: dict[str, Any]) -> None:
        self.name, self.still, self.data = name, still, data

    def _repr_html_(self) -> str:
        here, beside = self._parted()
        return (
            f'<figure class="speech-instrument" data-instrument="{self.name}">'
            f'<div class="instrument-still">{self.still._repr_html_()}'
            f"<noscript><p>{NOTE}</p></noscript></div>"
            f'<div class="instrument-live"></div>'
            f'<script type="application/json"{beside}>{here}</script>'
            f'<figcaption class="mathjax_process">{html.escape(self.data["caption"])}</figcaption>'
            "</figure>"
        )

    def _parted(self) -> tuple[str, str]:
        """The data as the page holds it, and where the rest of it is, as an attribute."""
        parts = {key: _json(value) for key, value in self.data.items()}
        # What names a sound stays, since the page says which files are shipped with it.
        long = [k for k, text in parts.items() if len(text) > MOST and not media.referenced(text)]
        if not long or media.store() is None:
            return _json(self.data), ""
        rest = _json({key: self.data[key] for key in long}).encode()
        kept = {key: value for key, value in self.data.items() if key not in long}
        return _json(kept), f' data-rest="{media.address(rest, "json")}"'

    def __repr__(self) -> str:
        return f"[instrument: {self.data['caption']}]"


def instrument(name: str, still: Picture, caption: str, **data: Any) -> Any:
    """An instrument for the page.

    Parameters
    ----------
    name : str
        Which one; `names()` lists them.
    still : Picture
        How it begins, for pages without JavaScript and for paper: what `picture` gave.
    caption : str
        What can be tried with it, and whose voice it uses if any. Required.
    **data
        What the module needs: numbers, texts, arrays, lists and mappings of those, and sounds
        (what `sound` gave, one channel), which the module loads when it starts.

    Returns
    -------
    instrument : Instrument or anywidget.AnyWidget
        The latter in a live notebook that has anywidget.

    Raises
    ------
    ValueError
        If there is no instrument of that name, the caption is empty, or a number is not finite.
    TypeError
        If `still` is not a picture, or a module cannot be given one of the data.
    """
    if name not in names():
        raise ValueError(f"There is no instrument {name!r}: there are {', '.join(names())}.")
    if not isinstance(still, Picture):
        raise TypeError(f"An instrument begins with a picture, not with a {type(still).__name__}.")
    if not isinstance(caption, str) or not caption.strip():
        raise ValueError("An instrument needs a caption that says what can be tried.")
    plain = {"caption": " ".join(caption.split())}
    plain |= {key: _plain(value) for key, value in data.items()}
    shown = Instrument(name, still, plain)
    if media.store() is not None:
        return shown
    try:
        import anywidget
    except ImportError:
        return shown  # the picture of its beginning, with the note
    return _live(anywidget.AnyWidget, shown)


@cache
def names() -> tuple[str, ...]:
    """The instruments that there are."""
    files = sorted(FOLDER.glob("*.js"))
    return tuple(path.stem for path in files if "export default" in path.read_text("utf-8"))


@cache
def bundled(name: str) -> str:
    """An instrument and the modules that it imports as one module, which needs no other file."""
    parts: dict[str, str] = {}

    def add(module: str) -> None:
        text = (FOLDER / f"{module}.js").read_text(encoding="utf-8")
        for needed in IMPORT.findall(text):
            if needed not in parts:
                add(needed)
        text = IMPORT.sub("", text)
        if module != name:
            text = re.sub(r"^export ", "", text, flags=re.MULTILINE)
        parts[module] = text

    add(name)
    return "\n".join(parts.values())


def _json(value: Any) -> str:
    """As JSON; "</" inside a string would end the script element."""
    return json.dumps(value, ensure_ascii=False).replace("</", "<\\/")


def _live(base: type, shown: Instrument) -> Any:
    """The same module in a notebook with a kernel."""
    import traitlets

    style = (FOLDER / "instruments.css").read_text(encoding="utf-8")
    content = {
        "_esm": bundled(shown.name),
        "_css": style,
        "data": traitlets.Dict().tag(sync=True),
    }
    return type("LiveInstrument", (base,), content)(data=shown.data)


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Sound):
        return {"wav": media.address(value.wav, "wav"), "caption": value.caption}
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int | float):
        if not np.isfinite(value):
            raise ValueError("The numbers of an instrument must be finite.")
        return value
    raise TypeError(f"An instrument cannot be given a {type(value).__name__}.")
