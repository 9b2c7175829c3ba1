"""Whether the built book works in Firefox and in WebKit, too.

    apt-get install firefox-esr webkit2gtk-driver xvfb
    python bench/engines.py [--site _build/html] [--engine firefox webkit] [--page book/lpc ...]
                            [--topic lpc] [--patience 300]

A file server serves the site below another folder. Each engine goes through

- every page, 1280 pixels wide and 390 (or as near to it as a window comes): that nothing is wider
  than the page, formulas are set, and all controls and instruments answer;
- a control: that its sound goes on at the same place when another setting is chosen;
- a question: that one reply at a time is open;
- an assignment: the stub's message, a solved notebook opened from a file and all its checks, and
  a function once more from the saved page after the server has gone;
- the page of one's own voice with the page's recording: all results.

Printed is what was seen, a row a check and a column an engine; the exit code is 1 if anything is
not as it should be. Firefox is driven by Marionette, WebKit by WebDriver.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "book")]

from bench import pages  # noqa: E402
from bench.browser import solved  # noqa: E402

BELOW = "course"  # the folder of the site on its host
WIDTHS = (1280, 390)
PREFS = {
    "marionette.port": 0,
    "media.volume_scale": "0.0",
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
}
MINI_BROWSERS = "/usr/lib/*/webkit2gtk-4*/MiniBrowser"

# All of a page that should answer, once each instrument has been in sight.
LOOK = """
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const each = (css) => [...document.querySelectorAll(css)];
const ready = async (good) => {
  for (let k = 0; k < 300 && !good(); k += 1) await wait(100);
  return good();
};
const wrong = [];
const root = document.documentElement;
await window.MathJax?.startup?.promise;
if (each('.math').length && !await ready(() => each('mjx-container').length)) {
  wrong.push('no formula is set');
}
if (each('mjx-merror').length) wrong.push('a formula is wrong');
if (!await ready(() => each('.speech-control :is(input, select)').every((one) => !one.disabled))) {
  wrong.push('a control is dead');
}
for (const figure of each('figure[data-instrument]')) {
  figure.scrollIntoView();
  if (!await ready(() => figure.querySelector('.instrument-live')?.childElementCount)) {
    wrong.push(`${figure.dataset.instrument} does not start`);
  }
}
if (root.scrollWidth > root.clientWidth + 1) {
  wrong.push(`${root.scrollWidth - root.clientWidth} px too wide`);
}
return [innerWidth, wrong];
"""
# Notes when each sound begins, and at which of its places.
LISTEN = """
window.begun = [];
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (when, place) {
  window.begun.push([when, place, this.buffer.duration]);
  return start.call(this, when, place);
};
"""
OPEN = """
const input = document.querySelector('.homework-bar input[type=file]');
const files = new DataTransfer();
files.items.add(new File([args[0]], 'mine.ipynb'));
input.files = files.files;
input.dispatchEvent(new Event('change', { bubbles: true }));
"""


class EngineError(RuntimeError):
    """An engine is missing, or has answered with an error."""


class Engine:
    """A browser with one page. `ask` sends a command of the engine's protocol."""

    name: str
    version: str

    def go(self, address: str) -> None:
        """Open an address."""
        raise NotImplementedError

    def ask(self, command: str, **given: Any) -> Any:
        """The value that a command has."""
        raise NotImplementedError

    def js(self, script: str, *given: Any) -> Any:
        """What the body of an asynchronous function returns, which has `args`."""
        whole = (
            "const args = [...arguments]; const done = args.pop();"
            f"(async () => {{{script}}})().then((value) => done({{ value }}),"
            " (error) => done({ error: String(error) }));"
        )
        answer = self.script(whole, list(given))
        if answer is None:
            raise EngineError("the page went away meanwhile")
        if "error" in answer:
            raise EngineError(f"{self.name}: {answer['error']}")
        return answer.get("value")

    def script(self, whole: str, given: list[Any]) -> Any:
        """Run a script that calls its last argument."""
        raise NotImplementedError

    def until(self, condition: str, patience: float) -> float:
        """Seconds until an expression is true.

        Raises
        ------
        EngineError
            If it is not within so many seconds.
        """
        begun = time.monotonic()
        while time.monotonic() < begun + patience:
            if self.js(f"return Boolean({condition});"):
                return time.monotonic() - begun
            time.sleep(0.2)
        said = self.js(
            "return document.querySelector('.homework-python, .voice-status')?.textContent;"
        )
        raise EngineError(f"not within {patience:.0f} s: {condition}; the page says: {said}")


class Firefox(Engine):
    """Firefox without a window, by Marionette."""

    name = "firefox"

    def __init__(self, folder: Path) -> None:
        program = shutil.which("firefox-esr") or shutil.which("firefox")
        if program is None:
            raise EngineError("there is no Firefox: apt-get install firefox-esr")
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in PREFS.items()]
        (folder / "user.js").write_text("".join(lines), encoding="utf-8")
        command = [program, "--headless", "--marionette", "--no-remote", "--profile", str(folder)]
        self.process = _begun(command)
        port = folder / "MarionetteActivePort"
        _wait(lambda: port.is_file() and port.read_text().strip(), self.process)
        self.line = socket.create_connection(("127.0.0.1", int(port.read_text())))
        self.count = 0
        self._read()
        session = self.ask("NewSession")
        self.version = session["capabilities"]["browserVersion"]
        self.ask("SetTimeouts", script=600_000, pageLoad=600_000)

    def _read(self) -> Any:
        size = b""
        while not size.endswith(b":"):
            size += self._some(1)
        return json.loads(self._some(int(size[:-1])))

    def _some(self, size: int) -> bytes:
        parts = b""
        while len(parts) < size:
            part = self.line.recv(size - len(parts))
            if not part:
                raise EngineError("Firefox has ended")
            parts += part
        return parts

    def ask(self, command: str, **given: Any) -> Any:
        self.count += 1
        message = json.dumps([0, self.count, f"WebDriver:{command}", given]).encode()
        self.line.sendall(b"%d:%s" % (len(message), message))
        _, _, error, value = self._read()
        if error:
            raise EngineError(f"{command}: {error['message']}")
        return value["value"] if isinstance(value, dict) and set(value) == {"value"} else value

    def go(self, address: str) -> None:
        self.ask("Navigate", url=address)

    def script(self, whole: str, given: list[Any]) -> Any:
        return self.ask("ExecuteAsyncScript", script=whole, args=given)

    def wide(self, width: int) -> None:
        """Make the page this wide."""
        self.ask("SetWindowRect", width=width, height=900)

    def press(self, css: str, keys: str | None = None) -> None:
        """Click an element as a reader does, or press keys in it."""
        found = self.ask("FindElement", using="css selector", value=css)
        [reference] = found.values()
        if keys is None:
            self.ask("ElementClick", id=reference)
        else:
            self.ask("ElementSendKeys", id=reference, text=keys)

    def close(self) -> None:
        """End it."""
        self.line.close()
        _end(self.process)


class WebKit(Engine):
    """WebKitGTK in a window that nobody sees, by WebDriver."""

    name = "webkit"

    def __init__(self, folder: Path) -> None:
        if not (shutil.which("WebKitWebDriver") and shutil.which("Xvfb")):
            raise EngineError("there is no WebKit: apt-get install webkit2gtk-driver xvfb")
        browser = next(Path("/").glob(MINI_BROWSERS[1:]))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        display = folder / "display"
        with display.open("w") as said:
            screen = ["Xvfb", "-displayfd", "1", "-screen", "0", "1600x1200x24"]
            self.screen = _begun(screen, stdout=said)
        _wait(display.read_text, self.screen)
        # A user without namespaces, as in a container, has no sandbox for its pages.
        about = {"DISPLAY": f":{display.read_text().strip()}", "HOME": str(folder)}
        about["WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS"] = "1"
        self.process = _begun(["WebKitWebDriver", f"--port={self.port}"], env=os.environ | about)
        _wait(self._answers, self.process)
        options = {"binary": str(browser), "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        session = self._send("POST", "/session", {"capabilities": wanted})
        self.path = f"/session/{session['sessionId']}"
        self.version = session["capabilities"]["browserVersion"]
        self.ask("timeouts", script=600_000, pageLoad=600_000)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def _send(self, method: str, path: str, given: dict[str, Any] | None = None) -> Any:
        content = None if given is None else json.dumps(given).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", content, {"Content-Type": "application/json"}
        )
        request.method = method
        try:
            with urllib.request.urlopen(request, timeout=600) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise EngineError(f"{path}: {json.load(error)['value']['message']}") from None

    def ask(self, command: str, **given: Any) -> Any:
        return self._send("POST", f"{self.path}/{command}", given)

    def go(self, address: str) -> None:
        self.ask("url", url=address)

    def script(self, whole: str, given: list[Any]) -> Any:
        return self.ask("execute/async", script=whole, args=given)

    def wide(self, width: int) -> None:
        """Make the page this wide."""
        self.ask("window/rect", x=0, y=0, width=width, height=900)

    def press(self, css: str, keys: str | None = None) -> None:
        """Click an element as a reader does, or press keys in it."""
        found = self.ask("element", using="css selector", value=css)
        [reference] = found.values()
        if keys is None:
            self.ask(f"element/{reference}/click")
        else:
            self.ask(f"element/{reference}/value", text=keys)

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(EngineError, OSError):
            self._send("DELETE", self.path)
        _end(self.process)
        _end(self.screen)


def _begun(command: list[str], **how: Any) -> subprocess.Popen:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, **(quiet | how))


def _wait(ready: Callable[[], Any], process: subprocess.Popen, patience: float = 120) -> None:
    until = time.monotonic() + patience
    while not ready():
        if process.poll() is not None or time.monotonic() > until:
            raise EngineError(f"{process.args[0]} does not start")
        time.sleep(0.1)


def _end(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Visit:
    """An engine on the site, and what is looked at there; each check returns words, or throws."""

    def __init__(self, engine: Engine, server: Any, pages: list[str], topic: str, wait: float):
        self.engine, self.server, self.pages = engine, server, pages
        self.topic, self.patience = topic, wait
        self.address = f"http://127.0.0.1:{server.server_port}/{BELOW}/"

    def all_pages(self) -> str:
        """Every page, at both widths."""
        wrong, widths = {}, set()  # a window cannot have every width
        for width in WIDTHS:
            self.engine.wide(width)
            for page in self.pages:
                self.engine.go(f"{self.address}{page}.html")
                had, found = self.engine.js(LOOK)
                widths.add(had)
                if found:
                    wrong[f"{page} at {had}"] = found
        self.engine.wide(WIDTHS[0])
        if wrong:
            raise EngineError("; ".join(f"{page}: {', '.join(of)}" for page, of in wrong.items()))
        return f"{len(self.pages)} pages, {' and '.join(map(str, sorted(widths)))} px"

    def control(self) -> str:
        """A sound that goes on while another setting is chosen."""
        engine = self.engine
        engine.go(f"{self.address}book/lpc.html")
        engine.js(LISTEN)
        control = ".speech-explore .speech-control :is(input, select)"
        engine.js(f"document.querySelector({json.dumps(control)}).scrollIntoView();")
        engine.press(".speech-explore .speech-player [type=checkbox]")  # again and again
        engine.press(".speech-explore .speech-play")
        at = "document.querySelector('.speech-time').textContent"
        engine.until(f"begun.length === 1 && !{at}.startsWith('0.0')", self.patience)
        engine.press(control, "\ue015")  # the arrow that points down
        engine.until("begun.length === 2", self.patience)
        (first, at, long), (second, place, _) = engine.js("return begun;")
        off = (at + second - first - place) % long
        off = min(off, long - off)
        if off > 0.01:
            raise EngineError(f"the sound goes on {1000 * off:.0f} ms beside its place")
        return f"goes on within {max(1, round(1000 * off))} ms"

    def question(self) -> str:
        """A question's replies, of which one is open."""
        engine = self.engine
        engine.go(f"{self.address}book/lpc.html")
        for place in (1, 2):
            css = f".speech-predict .speech-answer:nth-of-type({place}) > summary"
            engine.js(f"document.querySelector({json.dumps(css)}).scrollIntoView();")
            engine.press(css)
            engine.until(f"document.querySelectorAll({json.dumps(css)})[0].parentElement.open", 10)
        opened = engine.js(
            "return document.querySelector('.speech-predict').querySelectorAll('[open]').length;"
        )
        if opened != 1:
            raise EngineError(f"{opened} replies are open")
        return "one reply at a time"

    def assignment(self) -> str:
        """Stub, solved notebook, and the saved page without its server."""
        engine, address = self.engine, f"{self.address}homework/{self.topic}.html"
        ready = "document.querySelector('.homework[data-ready]')"
        kept = "/opens without/.test(document.querySelector('.python-offline')?.textContent)"
        engine.go(address)
        engine.until(f"{ready} && {kept}", self.patience)
        name = engine.js("return document.querySelector('[data-kind=function]').dataset.key;")
        verdict = f"document.querySelector('#cell-{name} .homework-verdict')"
        run = f"document.querySelector('#cell-{name} .homework-run').click();"
        engine.js(run)
        first = engine.until(f"{verdict}?.dataset.state === 'unwritten'", self.patience)
        engine.js(OPEN, solved_notebook(self.topic))
        engine.until(f"!{verdict}.dataset.state", 20)  # what was said of the stub is gone
        engine.js(
            "[...document.querySelectorAll('.homework-bar button')]"
            ".find((one) => one.textContent === 'Run all').click();"
        )
        passed = "document.querySelectorAll('.homework-verdict[data-state=passed]').length"
        count = engine.js(
            "return document.querySelectorAll('.homework-cell[data-kind=function]').length;"
        )
        engine.until(f"{passed} === {count}", self.patience)
        self.server.away = True
        try:
            engine.go(address)
            engine.until(f"{ready} && {passed} === {count}", self.patience)  # as it was kept
            engine.js(f"{verdict}.dataset.state = 'asked'; {run}")
            engine.until(f"{verdict}.dataset.state === 'passed'", self.patience)
        finally:
            self.server.away = False
        return f"{count} of {count}, first run {first:.0f} s, offline too"

    def voice(self) -> str:
        """All results for the recording of the page."""
        engine = self.engine
        engine.go(f"{self.address}book/your_voice.html")
        own = "[...document.querySelectorAll('.voice-desk button')].at(-1)"
        engine.until(f"/page/.test({own}?.textContent)", self.patience)
        engine.js(f"{own}.click();")
        status = "document.querySelector('.voice-status').textContent"
        trouble = "document.querySelector('.voice-trouble').textContent"
        took = engine.until(f"{trouble} || /All results/.test({status})", self.patience)
        if said := engine.js(f"return {trouble};"):
            raise EngineError(said)
        return f"all results in {took:.0f} s"


CHECKS: dict[str, Callable[[Visit], str]] = {
    "pages": Visit.all_pages,
    "a control's sound": Visit.control,
    "a question": Visit.question,
    "an assignment": Visit.assignment,
    "one's own voice": Visit.voice,
}


def solved_notebook(topic: str) -> str:
    """The released notebook with the references' functions."""
    path = ROOT / "exercises" / topic / f"{topic}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    codes = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for cell, code in zip(codes, solved(topic), strict=True):
        cell["source"] = code
    return json.dumps(notebook)


class Handler(pages.Handler):
    """Gives no answer while its server is away."""

    def do_GET(self) -> None:
        if self.server.away:
            self.close_connection = True
            return
        with contextlib.suppress(ConnectionError):  # a page that is left asks no further
            super().do_GET()


@contextlib.contextmanager
def serving(site: Path) -> Iterator[Any]:
    """The site on a host, below a folder."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / BELOW).symlink_to(site.resolve())
        with pages.serving(Path(folder)) as server:
            server.away, server.RequestHandlerClass = False, Handler
            yield server


def main() -> int:
    """Print the table; 1 if something is not as it should be."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html")
    kinds = {kind.name: kind for kind in (Firefox, WebKit)}
    parser.add_argument("--engine", nargs="+", choices=kinds, default=list(kinds))
    parser.add_argument("--page", nargs="+", help="as book/lpc; all by default")
    parser.add_argument("--check", nargs="+", choices=CHECKS, default=list(CHECKS))
    parser.add_argument("--topic", default="lpc")
    parser.add_argument("--patience", type=float, default=300, help="seconds")
    given = parser.parse_args()
    there = sorted(given.site.rglob("*.html"))
    named = [str(path.relative_to(given.site).with_suffix("")) for path in there]
    chosen = given.page or [name for name in named if name.startswith(("book/", "homework/"))]
    seen: dict[str, list[str]] = {name: [] for name in given.check}
    heads, failed = [], False
    for name in given.engine:
        with tempfile.TemporaryDirectory() as folder, serving(given.site) as server:
            engine = kinds[name](Path(folder))
            heads.append(f"{engine.name} {engine.version}")
            visit = Visit(engine, server, chosen, given.topic, given.patience)
            try:
                for check in given.check:
                    try:
                        seen[check].append(CHECKS[check](visit))
                    except EngineError as error:
                        seen[check].append(f"FAILS: {error}")
                        failed = True
                    print(f"{heads[-1]}: {check}: {seen[check][-1]}", file=sys.stderr, flush=True)
            finally:
                engine.close()
    print(f"| | {' | '.join(heads)} |\n|{'---|' * (len(heads) + 1)}")
    for check, said in seen.items():
        print(f"| {check} | {' | '.join(said)} |")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
