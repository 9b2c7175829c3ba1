"""Runs cells as a notebook does, in the page's Python: see `worker.js`, which calls it.

Everything that a cell shows goes through `emit`, a function that takes one dict per output. The
module needs nothing but the standard library; NumPy and Matplotlib are looked at if a cell imported
them. It also runs outside a browser, which is how most of its tests run it.
"""

from __future__ import annotations

import ast
import base64
import builtins
import inspect
import io
import linecache
import pprint
import re
import sys
import time
import traceback
import types
from collections.abc import Callable, Iterator
from typing import Any

LINES, CHARACTERS = 2000, 400_000  # of text that one cell may show
MESSAGE, WAY = 10_000, 50_000  # characters of an error's message, and of the way to it
PICTURES, BYTES = 40, 30_000_000  # figures and sounds of one cell, and the bytes of all of them
EVERY = 0.1  # s between two messages while a cell prints
IGNORED = re.compile(r"^%(matplotlib|config)\b.*$", re.MULTILINE)  # what pages do by themselves
MAGIC = re.compile(r"^\s*(%{1,2}\w+|!\s*\w+)", re.MULTILINE)
INSTALLS = re.compile(r"^\s*[%!]\s*(pip3?|conda|mamba|uv|python3? -m pip)\b")
PROMPT = re.compile(r"^\s*(In \[\d*\]:|>>>|\.\.\.)")
QUESTION = re.compile(r"^\s*\?{0,2}([\w.]+)\?{0,2}\s*$")  # np.sum? and ?np.sum
PROPOSED = re.compile(r"Did you (?:mean|forget)\b[^\n]*\?\s*$")
HAD = "This page has NumPy, SciPy, Matplotlib, Python's own library and the book's speechlab."
SHOWN = ("_repr_html_", "_repr_svg_", "_repr_png_", "_repr_jpeg_")

Emit = Callable[[dict[str, Any]], None]


class Limit:
    """How much of one cell's output is passed on; what comes after is dropped, said once."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self.lines = self.characters = self.items = self.bytes = 0
        self.full = self._told = False

    def text(self, text: str) -> str:
        """As much of the text as may still be shown."""
        kept = text[: CHARACTERS - self.characters]
        lines = kept.split("\n", LINES - self.lines)
        if len(lines) > LINES - self.lines:
            kept = kept[: len(kept) - len(lines[-1])]
        self.characters += len(kept)
        self.lines += len(lines) - 1
        self.full = len(kept) < len(text)
        return kept

    def value(self, text: str) -> str:
        """As much of a value's text as may still be shown; it has lines of its own."""
        kept = self.text(text)
        self.lines = min(self.lines + 1, LINES)
        return kept

    def item(self, size: int) -> bool:
        """Whether a figure or sound of so many bytes may still be shown."""
        self.items += 1
        self.bytes += size
        self.full = self.full or self.items > PICTURES or self.bytes > BYTES
        return not self.full

    def tell(self) -> None:
        """Say that something was left out, if it was, and only once."""
        if self.full and not self._told:
            self._told = True
            self._emit({"kind": "cut", "lines": self.lines})


class Stream(io.TextIOBase):
    """Standard output or error of a cell; passes text on ten times a second, and at the end."""

    def __init__(self, name: str, emit: Emit, limit: Limit) -> None:
        self.stream, self._emit, self._limit = name, emit, limit
        self._waiting: list[str] = []
        self._sent = self._since = time.monotonic()

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Take a text, to be passed on soon."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if not self._limit.full:
            now = time.monotonic()
            if not self._waiting:
                self._since = now
            self._waiting.append(self._limit.text(text))
            # Whole lines, rather than one message for a line and one for its end.
            whole = text.endswith("\n")
            due = now - self._sent > EVERY if whole else now - self._since > 5 * EVERY
            if self._limit.full or due:
                self.flush()
        return len(text)

    def flush(self) -> None:
        """Pass on what has been written."""
        if text := "".join(self._waiting):
            self._emit({"kind": "text", "stream": self.stream, "text": text})
        self._waiting.clear()
        self._limit.tell()
        self._sent = time.monotonic()


class Cells:
    """One namespace, in which cells run one after another."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._limit = Limit(emit)
        self.module = types.ModuleType("__main__")
        self.reset()

    def reset(self) -> None:
        """An empty namespace."""
        self.module = types.ModuleType("__main__")
        self.module.__builtins__ = builtins
        self.module.display = self.module.__display__ = self.display
        self.module.__figures__ = self._show_figures
        sys.modules["__main__"] = self.module
        if plt := sys.modules.get("matplotlib.pyplot"):
            plt.close("all")
            plt.rcdefaults()
        if look := sys.modules.get("speechlab.show.look"):
            look.wear()

    def names(self) -> list[str]:
        """The names that cells have made."""
        names = [name for name in vars(self.module) if isinstance(name, str)]
        return [name for name in names if name[:1] not in ("", "_") and name != "display"]

    async def run(self, code: str, name: str, anew: bool = False) -> dict[str, Any] | None:
        """Run a cell.

        Parameters
        ----------
        code : str
            Its text.
        name : str
            What tracebacks call it.
        anew : bool
            Forget the functions that an earlier run of the cell of that name defined.

        Returns
        -------
        error : dict or None
            The `name` of an exception, its `message`, the `line` of the cell that it came from (or
            None), the `places` in cells that led there (each a cell's name and a line, the last
            one the innermost) and a `traceback`.
        """
        file = f"<{name}>"
        if anew:
            self._forget(file)
        self._limit = Limit(self._emit)
        out, err = (Stream(kind, self._emit, self._limit) for kind in ("stdout", "stderr"))
        before = sys.stdout, sys.stderr, sys.displayhook, builtins.input
        sys.stdout, sys.stderr, builtins.input = out, err, _no_input
        failed = None
        try:
            await self._execute(_without_magics(code), file)
        except BaseException as error:
            failed = described(error, file)
        try:
            self._show_figures()
        except Exception as error:
            failed = failed or described(error, file)
        finally:
            out.flush()
            err.flush()
            sys.stdout, sys.stderr, sys.displayhook, builtins.input = before
        return failed

    def _forget(self, file: str) -> None:
        space = vars(self.module)
        for name, value in list(space.items()):
            if type(value) is types.FunctionType and value.__code__.co_filename == file:
                del space[name]

    async def _execute(self, code: str, file: str) -> None:
        linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        tree = compile(code, file, "exec", flags | ast.PyCF_ONLY_AST)
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr) and not _silenced(code):
            last = ast.Expression(tree.body.pop().value)
        space = vars(self.module)
        await _done(eval(compile(tree, file, "exec", flags), space))
        if last is not None:
            value = await _done(eval(compile(last, file, "eval", flags), space))
            if value is not None:
                space["_"] = value
                self.display(value)

    def display(self, *values: Any, **_options: Any) -> None:
        """Show values, each in the richest form that it has."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, Stream):
                stream.flush()  # in the order in which it happened
        for value in values:
            for output in shown(value):
                self._show(output)

    def _show(self, output: dict[str, Any]) -> None:
        if "text" in output:
            output["text"] = "" if self._limit.full else self._limit.value(output["text"])
            allowed = bool(output["text"])
        else:
            allowed = self._limit.item(len(output.get("bytes") or output["html"]))
        if allowed:
            self._emit(output)
        self._limit.tell()

    def _show_figures(self) -> None:
        """Show the figures that are open, and close them."""
        plt = sys.modules.get("matplotlib.pyplot")
        for number in plt.get_fignums() if plt else ():
            self.display(plt.figure(number))
        if plt:
            plt.close("all")


async def _done(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


def _no_input(_prompt: object = "") -> str:
    raise OSError("A page cannot ask for input() while Python runs: write the value into the cell.")


def _without_magics(code: str) -> str:
    """The code without what only IPython understands, with as many lines as before."""
    return IGNORED.sub("", code)


def _silenced(code: str) -> bool:
    """Whether the cell ends in a semicolon, which keeps its last value to itself."""
    return code.rstrip().endswith(";")


# What is shown ---------------------------------------------------------------------------------


def shown(value: Any) -> Iterator[dict[str, Any]]:
    """The outputs that show a value."""
    if _is_figure(value):
        yield picture(value)
        return
    if hasattr(value, "_speechlab_output_"):
        yield value._speechlab_output_()
        return
    bundle = _bundle(value)
    for method in SHOWN:
        kind = {"html": "text/html", "svg": "image/svg+xml"}.get(method.split("_")[2])
        kind = kind or f"image/{method.split('_')[2]}"
        content = bundle.get(kind)
        if content is None and not isinstance(value, type) and hasattr(value, method):
            content = getattr(value, method)()
        if content is None:
            continue
        if kind in ("text/html", "image/svg+xml"):
            yield {"kind": "html", "html": content}
        else:
            content = base64.b64decode(content) if isinstance(content, str) else content
            yield {"kind": "image", "mime": kind, "bytes": content, "alt": str(value)}
        return
    yield {"kind": "value", "text": text_of(value)}


def _bundle(value: Any) -> dict[str, Any]:
    """What an object says of itself by IPython's newest way, if it does."""
    method = getattr(value, "_repr_mimebundle_", None)
    if method is None or isinstance(value, type):
        return {}
    found = method(include=None, exclude=None)
    return found[0] if isinstance(found, tuple) else found or {}


def text_of(value: Any) -> str:
    """A value in words: containers over several lines where one is too short."""
    if type(value) in (dict, list, tuple, set):
        return pprint.pformat(value, width=79, sort_dicts=False, compact=True)
    return repr(value)


def _is_figure(value: Any) -> bool:
    module = sys.modules.get("matplotlib.figure")
    return module is not None and isinstance(value, module.Figure)


def picture(figure: Any) -> dict[str, Any]:
    """A figure of Matplotlib as PNG, with a text that says what it shows."""
    buffer = io.BytesIO()
    try:
        figure.savefig(buffer, format="png", dpi=max(figure.dpi, 120), bbox_inches="tight")
    finally:
        if plt := sys.modules.get("matplotlib.pyplot"):
            plt.close(figure)
    content = buffer.getvalue()
    return {"kind": "image", "mime": "image/png", "bytes": content, "alt": words(figure)}


def words(figure: Any) -> str:
    """What a figure shows, as far as its own words say it.

    For example: "Figure: A vowel. Time (s) from 0 to 1 against amplitude from -1 to 1; 2 lines."
    """
    said = [title] if (title := figure.get_suptitle()) else []
    for axes in figure.axes[:6]:
        said += [part for part in (_of_axes(axes),) if part]
    more = len(figure.axes) - 6
    said += [f"{more} more pairs of axes"] if more > 0 else []
    return "Figure: " + (". ".join(said) or "no axes") + "."


def _of_axes(axes: Any) -> str:
    title = axes.get_title()
    x, y = (
        f"{axis.get_label_text() or name} from {low:.3g} to {high:.3g}"
        for name, axis, (low, high) in (
            ("x", axes.xaxis, axes.get_xlim()),
            ("y", axes.yaxis, axes.get_ylim()),
        )
    )
    parts = [f"{x} against {y}" if axes.axison else ""]
    for kind, name in (("lines", "line"), ("images", "image"), ("patches", "bar or area")):
        if count := len(getattr(axes, kind)):
            parts.append(f"{count} {name}{'s' if count > 1 and name != 'bar or area' else ''}")
    return ". ".join(filter(None, (title, "; ".join(filter(None, parts)))))


# What goes wrong -------------------------------------------------------------------------------


def described(error: BaseException, file: str) -> dict[str, Any]:
    """An exception as a student needs it: the student's own lines, and the message."""
    kind = type(error)
    name = "MemoryError" if isinstance(error, MemoryError) else kind.__name__
    return {
        "name": name,
        "message": _shortened(_message(error), MESSAGE),
        "line": _line(error, file),
        "places": _places(error),
        "traceback": _shortened(_traceback(error), WAY),
    }


def _shortened(text: str, most: int) -> str:
    """The text, without its middle if it is long: errors say what counts at both ends."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n... {len(text) - 2 * half} characters ...\n{text[-half:]}"


def _message(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return _not_python(error.text or "") or _with_hint(str(error.msg), error)
    if isinstance(error, SystemExit):
        return "The cell asked to end Python. What it had made so far is still there."
    if isinstance(error, ModuleNotFoundError) and sys.platform == "emscripten":
        return f"{error}. {HAD}"
    try:
        return _with_hint(str(error), error)
    except Exception:  # an exception class of the student's own
        return "(its message could not be made)"


def _not_python(line: str) -> str:
    """What is said of a line that Jupyter or a shell would understand; nothing of another one."""
    if PROMPT.match(line):
        return "The line begins with a prompt, which was copied along: take it away."
    if INSTALLS.match(line):
        return f"Nothing can be installed here. {HAD}"
    if magic := MAGIC.match(line):
        return f"{magic[1]!r} is a command of Jupyter, which this page does not have."
    if "?" in line and (asked := QUESTION.match(line)):
        return f"A question mark asks Jupyter for help. Here, write help({asked[1]})."
    if found := re.search("[“”„‘’]", line):
        return f"{found[0]} is not one of Python's quotation marks, which are \" and '."
    return ""


def _with_hint(message: str, error: BaseException) -> str:
    """The message, and what Python proposes where a name looks like another one."""
    found = PROPOSED.search(traceback.format_exception_only(error)[-1])
    hint = found[0].strip() if found else ""
    return message if not hint or hint in message else f"{message.rstrip('.')}. {hint}"


def _places(error: BaseException) -> list[list[Any]]:
    """The lines of cells that led to an error, the innermost last."""
    if isinstance(error, SyntaxError) and (error.filename or "") in linecache.cache:
        return [[error.filename[1:-1], error.lineno]]
    return [[f.filename[1:-1], f.lineno] for f in _frames(error) if _own(f)][-MOST_FRAMES:]


def _line(error: BaseException, file: str) -> int | None:
    """The line of this cell that was being run when it went wrong."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return error.lineno
    lines = [frame.lineno for frame in _frames(error) if frame.filename == file]
    return lines[-1] if lines else None


def _frames(error: BaseException) -> list[traceback.FrameSummary]:
    try:
        return list(traceback.extract_tb(error.__traceback__))
    except Exception:
        return []


def _own(frame: traceback.FrameSummary) -> bool:
    """Whether the code is of a cell. `<string>`, `<frozen ...>` and the like are not."""
    return frame.filename.startswith("<") and frame.filename in linecache.cache


MOST_FRAMES = 12


def _traceback(error: BaseException) -> str:
    """Where it happened, in the cells only, and the exception."""
    parts = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        parts.append(_one(error))
        if error.__cause__ is not None:
            parts.append("\nThis came from:\n\n")
            error = error.__cause__
        elif error.__context__ is not None and not error.__suppress_context__:
            parts.append("\nIt happened while this was being handled:\n\n")
            error = error.__context__
        else:
            error = None
    return "".join(parts)


def _one(error: BaseException) -> str:
    frames = _frames(error)
    own = [frame for frame in frames if _own(frame)]
    lines = []
    for frame in own if len(own) <= MOST_FRAMES else own[: MOST_FRAMES // 2]:
        lines += _place(frame)
    if len(own) > MOST_FRAMES:
        lines.append(f"  ... {len(own) - MOST_FRAMES} more calls ...\n")
        for frame in own[-(MOST_FRAMES // 2) :]:
            lines += _place(frame)
    if own and not _own(frames[-1]):
        where = "/".join(frames[-1].filename.replace("\\", "/").split("/")[-2:])
        lines.append(f"  in {frames[-1].name}() of {where}\n")
    try:
        last = traceback.format_exception_only(error)
    except Exception:
        last = [f"{type(error).__name__}\n"]
    if isinstance(error, SyntaxError):
        last = [line.replace('File "<', "Cell <").replace('>", line', ">, line") for line in last]
    return "".join([*lines, *last])


def _place(frame: traceback.FrameSummary) -> list[str]:
    function = "" if frame.name == "<module>" else f", in {frame.name}"
    lines = [f"{frame.filename[1:-1]}, line {frame.lineno}{function}\n"]
    if frame.line:
        lines.append(f"    {frame.line}\n")
    return lines


# Packages that code needs ----------------------------------------------------------------------


def imported(code: str) -> set[str]:
    """The modules that code names in its imports, also inside functions, not those for types."""
    try:
        tree = ast.parse(_without_magics(code))
    except SyntaxError:
        return set()
    return set(_imports(tree, ""))


def needed(modules: set[str], sources: Callable[[str], tuple[str, bool] | None]) -> set[str]:
    """The modules that others import, all the way.

    Parameters
    ----------
    modules : set of str
        Where to begin.
    sources : callable
        Of a module's full name the text and whether it is a package; None of a module that is not
        to be looked into.
    """
    seen: set[str] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name in seen or not name:
            continue
        seen.add(name)
        home, _, last = name.rpartition(".")
        waiting.append(home)
        if (found := sources(name)) is not None:
            text, is_package = found
            waiting += _imports(ast.parse(text), name if is_package else home)
        elif home and (found := sources(home)) is not None:
            waiting += _on_demand(ast.parse(found[0]), last)
    return seen


def _imports(tree: ast.AST, package: str) -> Iterator[str]:
    """What is imported below a node of a module of that package."""
    for node in ast.iter_child_nodes(tree):
        if _for_types(node):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                base = ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [base])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
        yield from _imports(node, package)


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def _on_demand(package: ast.Module, name: str) -> Iterator[str]:
    """What a package imports when it is asked for a name that only its imports for types show."""
    guarded = [part for node in package.body if _for_types(node) for part in ast.walk(node)]
    homes = [
        node.module
        for node in guarded
        if isinstance(node, ast.ImportFrom) and name in {alias.name for alias in node.names}
    ]
    yield from homes
    for node in ast.walk(package) if homes else ():
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield from (a.value for a in node.args if isinstance(a, ast.Constant))
