"""Small pages with the instruments of the chapters, and what is computed inside of them."""

from __future__ import annotations

import os
import re
import shutil
import threading
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np

from tests.support.building import ROOT, toc_pages

WEB = ROOT / "book" / "speechlab" / "web"
PLACED = re.compile(r'^instrument\(\s*"(\w+)"', re.MULTILINE)
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(?::\w+:[^\n]*\n)*(.*?)^```", re.DOTALL | re.MULTILINE)
PAGE = """<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Instruments</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="../_static/speechlab/instruments/instruments.css">
<script defer src="../_static/speechlab/explore.js"></script>
<script type="module" src="../_static/speechlab/instruments/load.js"></script>
<body class="bd-content"><main><h1>Instruments</h1>{}</main></body></html>"""


def _placed() -> dict[str, tuple[str, ...]]:
    """The instruments that the text of each chapter names, in its order."""
    texts = {page: (ROOT / f"{page}.md").read_text(encoding="utf-8") for page in toc_pages()}
    found = {page.split("/")[-1]: tuple(PLACED.findall(text)) for page, text in texts.items()}
    return {topic: there for topic, there in found.items() if there}


TOPICS = _placed()

# A function of a module, with arrays in both directions.
CALL = """async ([module, name, given]) => {
  const revive = (value) => Array.isArray(value) ? value.map(revive)
    : value?.float64 ? Float64Array.from(value.float64) : value;
  const { [name]: called } = await import(module);
  const plain = (key, value) => ArrayBuffer.isView(value) ? Array.from(value) : value;
  return JSON.parse(JSON.stringify(await called(...revive(given)), plain));
}"""


@dataclass
class Chapter:
    """What the cells of a chapter left behind, and the instruments that they showed."""

    names: dict[str, Any]
    instruments: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.names[name]


def run_chapter(topic: str) -> Chapter:
    """Run the cells of a chapter up to its last instrument; `explore` shows nothing."""
    from speechlab.show.instruments import instrument

    text = (ROOT / "book" / f"{topic}.md").read_text(encoding="utf-8")
    cells = CELL.findall(text)
    last = max(k for k, cell in enumerate(cells) if "instrument(\n" in cell)
    shown: dict[str, Any] = {}

    def show(name, *given, **data):
        shown[name] = instrument(name, *given, **data)

    names: dict[str, Any] = {"display": lambda *shown: None}
    for k, cell in enumerate(cells[: last + 1]):
        exec(compile(cell, f"{topic}, cell {k + 1}", "exec"), names)
        names |= {"explore": lambda *given, **values: None, "instrument": show}
    return Chapter(names, shown)


class Chapters:
    """The chapters that have instruments: each runs when it is asked for, and leaves a page."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.found = folder, {}
        shutil.copytree(WEB, folder / "_static" / "speechlab")
        (folder / "book").mkdir()
        self._write("empty", "")

    def __getitem__(self, topic: str) -> Chapter:
        if topic not in self.found:
            from speechlab import explore
            from speechlab.show import media

            before = os.environ.get(media.VARIABLE)
            os.environ[media.VARIABLE] = str(self.folder / "book" / media.FOLDER)
            try:
                chapter = self.found[topic] = run_chapter(topic)
                control = explore(_tone, hertz=[300, 600])._repr_html_()
            finally:
                del os.environ[media.VARIABLE]
                if before is not None:
                    os.environ[media.VARIABLE] = before
            shown = "<p>Text.</p>".join(one._repr_html_() for one in chapter.instruments.values())
            self._write(topic, shown + control)
        return self.found[topic]

    def _write(self, name: str, body: str) -> None:
        page = PAGE.format(body)
        (self.folder / "book" / f"{name}.html").write_text(page, encoding="utf-8")


def _tone(hertz: float) -> Any:
    from speechlab import sound
    from speechlab.speech import synthesis

    return sound(synthesis.tone(hertz, seconds=5), 8000, f"A tone of {hertz} Hz.")


def close(ours: Any, theirs: Any, relative: float = 1e-6) -> None:
    """The numbers of the page are those of Python, relative to the largest of them."""
    ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    assert ours.shape == theirs.shape
    assert np.max(np.abs(ours - theirs)) <= relative * np.max(np.abs(theirs))


class Quiet(SimpleHTTPRequestHandler):
    """A plain file server that does not write to the terminal."""

    def log_message(self, *_: object) -> None:
        pass


def serve(folder: Path) -> ThreadingHTTPServer:
    """The folder on a free port, until `shutdown`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Scripts:
    """The functions of the modules, called in the browser: `scripts.ear.erb(1000)`."""

    def __init__(self, page: Any, address: str, module: str = "") -> None:
        self.page, self.address, self.module = page, address, module

    def __getattr__(self, name: str) -> Any:
        if not self.module:
            return Scripts(self.page, self.address, name)

        def call(*given: Any) -> Any:
            file = f"{self.address}_static/speechlab/instruments/{self.module}.js"
            return self.page.evaluate(CALL, [file, name, _sent(list(given))])

        return call


def _sent(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {"float64": value.tolist()}
    if isinstance(value, list | tuple):
        return [_sent(part) for part in value]
    return value.item() if isinstance(value, np.generic) else value
