"""A small site that has Python, without Sphinx: what pages need to run cells, below a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from speechlab.site.assets import WEB, _mirror
from speechlab.site.python import policy, shipped

HEAD = policy.with_policy("<!doctype html><html lang=en><meta charset=utf-8>")
PAGE = HEAD + "<title>{0}</title><p>{0}</p></html>"

# Opens a kernel; `go` runs a cell and gives what it showed, without the bytes.
KERNEL = """async base => {
  const { Kernel } = await import(`${base}_static/speechlab/python/kernel.js`);
  window.states = [];
  window.kernel = new Kernel({ base: `${base}_static/`, onstate: state => states.push(state) });
  window.go = async (code, name) => {
    const shown = [];
    const onoutput = ({ bytes, ...output }) => shown.push({ ...output, size: bytes?.length });
    return { ...(await kernel.run(code, { name, onoutput })), shown };
  };
}"""


def need_python() -> None:
    """Skip the tests where Pyodide is missing, or fail them if REQUIRE_BROWSER is set."""
    if (why := shipped.reason()) is not None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail(why)
        pytest.skip(f"{why} THE TESTS OF PYTHON IN THE PAGE DO NOT RUN")


def make_site(folder: Path) -> Path:
    """The site below `folder`."""
    need_python()
    shipped.ship(folder / "_static", None)
    _mirror(WEB, folder / "_static" / "speechlab")
    for name in ("index", "other"):
        (folder / f"{name}.html").write_text(PAGE.format(name.title()), encoding="utf-8")
    shipped.release(folder)
    return folder


class Opened:
    """A page with a kernel, and all the addresses that were asked for."""

    def __init__(self, context: Any, address: str) -> None:
        self.address = address
        self.asked: list[str] = []
        context.on("request", lambda request: self.asked.append(request.url))
        self.page = context.new_page()
        self.page.goto(f"{address}index.html")
        self.page.evaluate(KERNEL, address)

    def run(self, code: str, name: str = "cell 1") -> dict[str, Any]:
        """Run a cell; its result, with what it has shown under `shown`."""
        return self.page.evaluate("([code, name]) => go(code, name)", [code, name])

    def js(self, script: str, given: Any = None) -> Any:
        """Run JavaScript in the page, where `kernel`, `go` and `states` are."""
        return self.page.evaluate(script, given)
