"""Between the worker's JavaScript and `cells.py`: what only a browser has."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

import cells
import members
from js import Object, XMLHttpRequest
from pyodide.ffi import JsProxy, jsnull, to_js

HERE = Path(__file__).parent


def send(given: dict[str, Any]) -> Any:
    """A dict as an object of JavaScript, bytes and arrays as typed arrays."""
    return to_js(given, dict_converter=Object.fromEntries)


class Session:
    """One namespace with the page at its other end."""

    def __init__(self, emit: Any) -> None:
        self.cells = cells.Cells(lambda output: emit(send(output)))

    async def run(self, code: str, name: str, anew: bool = False) -> Any:
        """Run a cell; its error, or None."""
        error = await self.cells.run(code, name, anew)
        return None if error is None else send(error)

    def call(self, name: str, given: Any) -> Any:
        """Call a function by its full name, or one of the cells' by its own."""
        try:
            home, _, function = name.rpartition(".")
            place = importlib.import_module(home) if home else self.cells.module
            value = getattr(place, function)(*[taken(part) for part in given.to_py()])
            return send({"value": given_back(value)})
        except BaseException as error:
            told = cells.described(error, "")
            if not told["traceback"].startswith(" "):
                import traceback

                told["traceback"] = "".join(traceback.format_exception(error))
            return send({"error": told})

    def reset(self) -> None:
        """An empty namespace."""
        self.cells.reset()

    def names(self) -> Any:
        """The names that cells have made."""
        return to_js(self.cells.names())

    def members(self, path: str) -> Any:
        """What can follow a dotted name and a dot, each a name and its kind."""
        return to_js(members.of(path, vars(self.cells.module)))


def taken(value: Any) -> Any:
    """What came from the page, with typed arrays as arrays of NumPy of their own."""
    if isinstance(value, memoryview):
        import numpy as np

        return np.array(value)
    if value is jsnull:
        return None
    if isinstance(value, JsProxy) and hasattr(value, "to_py"):
        return taken(value.to_py())
    if isinstance(value, dict):
        return {key: taken(part) for key, part in value.items()}
    if isinstance(value, list):
        return [taken(part) for part in value]
    return value


def given_back(value: Any) -> Any:
    """What goes to the page: arrays with their shape, numbers, text, bytes, lists and dicts.

    Raises
    ------
    TypeError
        If it is anything else.
    """
    if value is None:
        return jsnull
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes | bytearray):
        return to_js(memoryview(value))
    if isinstance(value, dict):
        return {str(key): given_back(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [given_back(part) for part in value]
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.generic) and value.dtype.kind in "biufU":
        return value.item()
    if numpy is not None and isinstance(value, numpy.ndarray):
        return _array(numpy, value)
    raise TypeError(f"A page cannot be given a {type(value).__name__}.")


def _array(numpy: Any, value: Any) -> dict[str, Any]:
    if value.dtype.kind not in "biuf":
        raise TypeError(f"A page cannot be given an array of {value.dtype}.")
    wide = value.dtype.kind in "iu" and value.dtype.itemsize == 8
    kind = float if wide or value.dtype.itemsize == 2 else value.dtype
    kind = numpy.uint8 if value.dtype.kind == "b" else kind
    flat = numpy.ascontiguousarray(value, dtype=kind).ravel()
    return {"shape": list(value.shape), "data": to_js(memoryview(flat))}


# Packages ----------------------------------------------------------------------------------------


def top_level(code: str, modules: Any) -> Any:
    """The top-level names of all modules that code and `modules` need, through `speechlab` too."""
    wanted = cells.imported(code) | set(modules.to_py())
    return to_js(sorted({name.partition(".")[0] for name in cells.needed(wanted, _source)}))


def _source(name: str) -> tuple[str, bool] | None:
    """The text of a module of `speechlab`, and whether it is a package."""
    if name.partition(".")[0] != "speechlab":
        return None
    path = HERE.joinpath(*name.split("."))
    for file, package in ((path / "__init__.py", True), (path.with_suffix(".py"), False)):
        if file.is_file():
            return file.read_text(encoding="utf-8"), package
    return None


def mend() -> None:
    """Change what NumPy lacks in a page, once it is there."""
    import wide_views

    wide_views.install()


# Large files -------------------------------------------------------------------------------------


def promise_files(base: str, listed: Any) -> None:
    """Have large files be loaded when they are opened.

    Until then an empty file stands in the place of each.

    Parameters
    ----------
    base : str
        The address of their folder.
    listed : dict
        Of each file's name its `bytes` and `sha256`.
    """
    waiting = {}
    for name, what in listed.to_py().items():
        path = HERE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        waiting[str(path)] = (f"{base}{name}", what["sha256"])

    def opened(event: str, given: tuple) -> None:
        if event == "open" and isinstance(given[0], str) and given[0] in waiting:
            address, digest = waiting.pop(given[0])
            try:
                content = _loaded(address, digest)
            except OSError:
                waiting[given[0]] = address, digest  # it may be there the next time
                raise
            Path(given[0]).write_bytes(content)

    sys.addaudithook(opened)


def _loaded(address: str, digest: str) -> bytes:
    request = XMLHttpRequest.new()
    request.open("GET", address, False)
    request.responseType = "arraybuffer"
    name = address.rpartition("/")[2]
    try:
        request.send()
    except Exception:
        raise OSError(f"The site's file {name} could not be loaded: is there a network?") from None
    if request.status != 200:
        raise OSError(f"The site's file {name} is missing (answer {request.status}).")
    content = request.response.to_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise OSError(f"The site's file {name} is damaged. Reload the page to try again.")
    return content


importlib.invalidate_caches()
