"""How soon Python answers in a page, how much is sent for it, and the memory that it takes.

    python bench/browser.py [--site _build/html] [--topic lpc] [--rate 10] [--latency 40] [--runs 3]

A file server sends an assignment's page to a Chromium at 10 Mbit/s in all and 40 ms there and back.
The server holds to the rate itself, since the browser's own throttle leaves workers alone. Cold is
a browser that has nothing of the site; cached is the same page opened again. Printed are medians of

- seconds until the first cell can be written, without Python;
- seconds from the first Run to the result, when the cell imports NumPy, SciPy or Matplotlib and
  draws (three browsers, since Python loads what the cell imports);
- seconds to run every cell of the solved notebook once more, in a Python that has run it;
- seconds from the end of a recording to the first result on the page of one's own voice: of a
  first recording, during which Python is still being loaded, and of a second one;
- bytes sent for each, and the memory of the page's processes (what is theirs alone).

Each number is printed as soon as it is there.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "book")]

import numpy as np  # noqa: E402
from scipy.signal import resample_poly  # noqa: E402

from autograder.commands import demo  # noqa: E402
from bench import pages  # noqa: E402
from speechlab import corpora, wav  # noqa: E402

CELLS = {
    "NumPy": "import numpy as np\nnp.arange(3).sum()",
    "SciPy": "from scipy import signal\nsignal.get_window('hann', 8).sum()",
    "Matplotlib": "import matplotlib.pyplot as plt\nplt.plot([1, 2])",
}
WRITABLE = ".cm-content[contenteditable=true]"
PIECE = 16_384  # bytes that are sent at once
QUIET = 1.0  # seconds without a request after which a page is at rest
SPOKEN = 3  # seconds that are recorded
# On the page of one's own voice: how long each result took to come after the recording had ended.
# Of each result the page tells in an event.
HEAR = """() => {
  const button = document.querySelector(".voice-record");
  window.first = null;
  button.addEventListener("click", () => { window.ended = performance.now(); }, { capture: true });
  document.querySelector(".voice-desk").addEventListener("voice-result", ({ detail }) => {
    if (detail.key === "spectrogram") window.first = (performance.now() - window.ended) / 1000;
  });
}"""
# Seconds from asking for the page until its first cell can be written.
EDITABLE = f"""const look = () => {{
  if (document.querySelector({json.dumps(WRITABLE)})) window.writable = performance.now() / 1000;
  else requestAnimationFrame(look);
}};
requestAnimationFrame(look);"""
KERNEL = """async () => {
  const base = new URL("../_static/", location.href).href;
  const { Kernel } = await import(`${base}speechlab/python/kernel.js`);
  window.kernel = new Kernel({ base });
}"""
RUN = """async codes => {
  const begun = performance.now();
  for (const code of codes) {
    const { error } = await kernel.run(code, { name: "cell" });
    if (error) throw new Error(`${error.name}: ${error.message}`);
  }
  return (performance.now() - begun) / 1000;
}"""


class Line:
    """A line of so many bits a second, which all connections share."""

    def __init__(self, rate: float, latency: float) -> None:
        self.speed, self.latency = rate * 1e6 / 8, latency / 1000
        self._free, self._lock = 0.0, threading.Lock()

    def wait(self, size: int) -> None:
        """Wait until that many bytes have gone through."""
        with self._lock:
            self._free = max(self._free, time.monotonic()) + size / self.speed
            until = self._free
        time.sleep(max(0.0, until - time.monotonic()))


class Handler(pages.Handler):
    """Sends packed files through the line, and says that browsers may keep them for ten minutes."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "max-age=600")
        super().end_headers()

    def do_GET(self) -> None:
        time.sleep(self.server.line.latency)
        stock, self.wfile = self.wfile, Throttled(self.wfile, self.server.line)
        try:
            super().do_GET()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            self.wfile = stock


class Throttled:
    """A file that is written as fast as the line allows."""

    def __init__(self, file: Any, line: Line) -> None:
        self._file, self._line = file, line

    def write(self, content: bytes) -> int:
        """Write all of it, piece by piece."""
        for start in range(0, len(content), PIECE):
            piece = content[start : start + PIECE]
            self._line.wait(len(piece))
            self._file.write(piece)
        return len(content)

    def flush(self) -> None:
        """Pass on what was written."""
        self._file.flush()


@contextmanager
def serving(folder: Path, line: Line) -> Iterator[pages.Server]:
    """The server, at work."""
    with pages.serving(folder) as server:
        server.line, server.RequestHandlerClass = line, Handler
        yield server


def solved(topic: str) -> list[str]:
    """The code cells of the topic's notebook, its functions written as the reference has them."""
    path = ROOT / "exercises" / topic / f"{topic}.ipynb"
    right = demo.right(topic)
    codes = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
            codes.append(right.get(name) or "".join(cell["source"]))
    return codes


def memory() -> float:
    """MB that this browser's pages have to themselves."""
    total = 0
    for process in psutil.Process().children(recursive=True):
        try:
            if "--type=renderer" in process.cmdline():
                total += process.memory_full_info().uss
        except psutil.NoSuchProcess:
            continue
    return total / 1e6


def opened(context: Any, server: pages.Server, topic: str) -> tuple[Any, float, int]:
    """The topic's page, seconds until it can be written, and the bytes sent for it."""
    tab = context.new_page()
    tab.set_default_timeout(300_000)
    tab.add_init_script(EDITABLE)
    server.log.clear()
    tab.goto(f"http://127.0.0.1:{server.server_port}/homework/{topic}.html")
    tab.wait_for_function("() => window.writable !== undefined")
    rest(server)
    return tab, tab.evaluate("() => window.writable"), _sent(server)


def rest(server: pages.Server) -> None:
    """Wait until nothing has been asked for in a while."""
    asked, since = -1, time.monotonic()
    while time.monotonic() - since < QUIET:
        if len(server.log) != asked:
            asked, since = len(server.log), time.monotonic()
        time.sleep(0.1)


def _sent(server: pages.Server) -> int:
    return sum(sent for _, _, sent in server.log)


Row = tuple[float, int, float]  # seconds, bytes, MB


class Rows(dict[str, Row]):
    """The rows of the table, printed as they come."""

    def __setitem__(self, name: str, row: Row) -> None:
        super().__setitem__(name, row)
        seconds, sent, used = row
        print(f"{name}: {seconds:.1f} s, {sent / 1e6:.1f} MB, memory {used:.0f} MB", flush=True)


def spoken(browser: Any, server: pages.Server) -> Rows:
    """The rows of the page of one's own voice; the browser's microphone has to say something."""
    rows = Rows()
    context = browser.new_context()
    tab = context.new_page()
    tab.set_default_timeout(300_000)
    tab.goto(f"http://127.0.0.1:{server.server_port}/book/your_voice.html")
    button = tab.locator(".voice-record")
    button.wait_for()
    rest(server)
    tab.evaluate(HEAR)
    for name in ("first recording, nothing of Python there", "next recording, Python there"):
        server.log.clear()
        button.click()
        tab.wait_for_timeout(1000 * SPOKEN)
        tab.evaluate("() => { window.first = null; }")
        button.click()
        tab.wait_for_function("() => window.first !== null")
        sent, used = _sent(server), memory()
        rows[f"first result, {name}"] = tab.evaluate("() => window.first"), sent, used
        tab.get_by_text("All results are there.").wait_for()
        everything = tab.evaluate("() => (performance.now() - window.ended) / 1000")
        rows[f"all results, {name}"] = everything, _sent(server), memory()
    context.close()
    return rows


def voice_file(folder: Path) -> Path:
    """A digit and a pause, for a microphone that says it for ever."""
    word = corpora.digits("test", corpora.speakers()[0], 7)[0]
    heard = np.concatenate([np.zeros(2000), word.samples / np.abs(word.samples).max() / 2])
    heard = resample_poly(np.append(heard, np.zeros(4000)), 48_000 // word.rate, 1)
    path = folder / "word.wav"
    path.write_bytes(wav.encoded(heard, 48_000))
    return path


def once(browser: Any, server: pages.Server, topic: str) -> Rows:
    """All rows of the table but those of the voice, measured once."""
    rows = Rows()
    for name, code in CELLS.items():
        context = browser.new_context()
        for kind in ("cold", "cached"):
            tab, writable, sent = opened(context, server, topic)
            if name == "NumPy":
                rows[f"page can be written, {kind}"] = writable, sent, memory()
            tab.evaluate(KERNEL)
            server.log.clear()
            seconds = tab.evaluate(RUN, [code])
            rows[f"first result of {name}, {kind}"] = seconds, _sent(server), memory()
            if (name, kind) == ("Matplotlib", "cached"):
                codes = solved(topic)
                server.log.clear()
                first = tab.evaluate(RUN, codes)
                rows[f"notebook of {topic}, first run"] = first, _sent(server), memory()
                server.log.clear()
                again = tab.evaluate(RUN, codes)
                rows[f"notebook of {topic}, run again"] = again, _sent(server), memory()
            tab.close()
        context.close()
    return rows


def main() -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--topic", default="lpc")
    parser.add_argument("--rate", type=float, default=10, help="Mbit/s")
    parser.add_argument("--latency", type=float, default=40, help="ms, there and back")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    line = Line(options.rate, options.latency)
    tries = []
    with (
        serving(options.site, line) as server,
        sync_playwright() as driver,
        tempfile.TemporaryDirectory() as folder,
    ):
        microphone = [
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-audio-capture={voice_file(Path(folder))}",
        ]
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", *microphone])
        for _ in range(options.runs):
            tries.append(once(browser, server, options.topic) | spoken(browser, server))
        browser.close()
    print("\n| | s | MB sent | memory (MB) |\n|---|---:|---:|---:|")
    for name in tries[0]:
        seconds, sent, used = (statistics.median(part) for part in zip(*(t[name] for t in tries)))
        print(f"| {name} | {seconds:.1f} | {sent / 1e6:.1f} | {used:.0f} |")
    print(f"\n{options.rate:g} Mbit/s, {options.latency:g} ms; medians of {options.runs}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
