"""What the pages of the built book weigh, and how soon they answer on a slow line.

    python bench/pages.py [--site _build/html] [--page hmm ...] [--rate 1.6] [--latency 150]

A file server with gzip serves the site to a Chromium held to 1.6 Mbit/s and 150 ms there and back.
For each page of the table of contents:

- requests and bytes (as they are, and as gzip sends them) until the network is quiet, before media;
- seconds from asking for the page until its first control or instrument takes input;
- milliseconds from a key press to the new figure and to the sound going on, the slowest control of
  the page, when a reader has been at the control for long enough to load its neighbours;
- milliseconds from one frame of an instrument to the next, 95 of 100 below it, while a key is held.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
TEXT = {".html", ".css", ".js", ".json", ".svg"}
MEDIA = ("/_media/", "/_images/")
GOALS = "goals: 1000 kB by gzip, 2 s, 100 ms, 16 ms"

# When the first control or instrument takes input, looked for once a frame.
WATCH = """
const look = () => {
  const control = document.querySelector('.speech-control :is(input, select)');
  const instrument = document.querySelector('.instrument-live');
  if ((control && !control.disabled) || instrument?.childElementCount) {
    window.answered = performance.now();
  } else requestAnimationFrame(look);
};
requestAnimationFrame(look);
window.sounded = [];
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (...given) {
  window.sounded.push(performance.now());
  return start.apply(this, given);
};
"""

# Milliseconds from the next input of a control to its figures being drawn.
# Of radio buttons it is another one that takes the input, so the box listens.
FIGURE = """control => new Promise(resolve => {
  const box = control.closest('.speech-explore');
  box.addEventListener('input', ({ timeStamp }) => requestAnimationFrame(async () => {
    const images = box.querySelectorAll('.speech-panel img');
    await Promise.all([...images].map(image => image.decode().catch(() => {})));
    requestAnimationFrame(() => resolve([timeStamp, performance.now() - timeStamp]));
  }), { once: true });
})"""

FRAMES = """() => new Promise(resolve => {
  const times = [];
  const note = now => {
    times.push(now);
    if (times.length < 60) requestAnimationFrame(note);
    else resolve(times.slice(1).map((time, n) => time - times[n]));
  };
  requestAnimationFrame(note);
})"""


@dataclass
class Row:
    """What was measured of a page; NaN where it has no control, sound or instrument."""

    page: str
    requests: int
    raw: int
    packed: int
    answered: float
    figure: float
    sound: float
    frame: float


class Server(ThreadingHTTPServer):
    """Serves a folder, packed where that helps, and notes (path, bytes, bytes sent)."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder.resolve(), []
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path.split("?")[0]))
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        packed = path.suffix in TEXT
        sent = _packed(path) if packed else content
        self.server.log.append((self.path, len(content), len(sent)))
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(sent)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(sent)

    def translate_path(self, path: str) -> str:
        return str(self.server.folder / path.lstrip("/"))

    def log_message(self, *_given: object) -> None:
        """Say nothing."""


@cache
def _packed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 6)


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """The server, at work."""
    server = Server(folder)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def measured(browser: Any, server: Server, page: str, rate: float, latency: float) -> Row:
    """One page, in a browser that has nothing of the site yet."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    tab.set_default_timeout(120_000)
    tab.add_init_script(WATCH)
    line = context.new_cdp_session(tab)
    line.send("Network.enable")
    speed = rate * 1e6 / 8
    line.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": latency,
            "downloadThroughput": speed,
            "uploadThroughput": speed / 2,
        },
    )
    server.log.clear()
    tab.goto(f"http://127.0.0.1:{server.server_port}/{page}.html")
    tab.wait_for_load_state("networkidle")
    before = [entry for entry in server.log if not any(part in entry[0] for part in MEDIA)]
    answered = tab.evaluate("() => (window.answered ?? NaN) / 1000")
    figure, sound = _controls(tab)
    row = Row(
        page,
        len(before),
        sum(raw for _, raw, _ in before),
        sum(sent for _, _, sent in before),
        answered,
        figure,
        sound,
        _instruments(tab),
    )
    context.close()
    return row


def _controls(tab: Any) -> tuple[float, float]:
    """Milliseconds to figure and sound of the slowest control."""
    figures, sounds = [], []
    for box in tab.locator(".speech-explore").all():
        control = box.locator(".speech-control").first.locator(
            "input[type=range], select, :checked"
        )
        control = control.first
        control.focus()
        player = box.locator(".speech-play")
        if player.count():
            box.locator(".speech-player input[type=checkbox]").first.check()
            tab.evaluate("() => { window.sounded.length = 0; }")  # of the control before
            player.first.click()
            tab.wait_for_function("() => window.sounded.length > 0")
            control.focus()
        tab.wait_for_load_state("networkidle")
        tab.wait_for_timeout(1500)  # what a reader looks and listens, while neighbours load
        tab.evaluate("() => { window.sounded.length = 0; }")
        waiting = control.evaluate_handle(f"control => ({{ done: ({FIGURE})(control) }})")
        last = control.evaluate("c => c.type === 'range' && c.value === c.max")
        tab.keyboard.press("ArrowLeft" if last else "ArrowRight")
        pressed, taken = waiting.evaluate("async ({ done }) => await done")
        figures.append(taken)
        if player.count():
            tab.wait_for_function("() => window.sounded.length > 0")
            sounds.append(tab.evaluate("() => window.sounded[0]") - pressed)
            player.first.click()
    return max(figures, default=float("nan")), max(sounds, default=float("nan"))


def _instruments(tab: Any) -> float:
    """The time between frames of the slowest instrument while a key is held."""
    slowest = []
    for figure in tab.locator("figure[data-instrument]").all():
        figure.scroll_into_view_if_needed()
        figure.locator(".instrument-words").wait_for()  # it starts when it comes near
        # A plane's handle, or the first slider after the volume, which draws nothing.
        handles = "[role=slider], .instrument-slider:not(:nth-of-type(2)) input"
        figure.locator(handles).first.focus()
        frames = tab.evaluate_handle(f"() => ({{ done: ({FRAMES})() }})")
        for key in ["ArrowRight", "ArrowLeft"] * 10:
            tab.keyboard.press(key)
        times = sorted(frames.evaluate("async ({ done }) => await done"))
        slowest.append(times[int(0.95 * len(times))])
    return max(slowest, default=float("nan"))


def pages() -> list[str]:
    """All pages of the table of contents."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [toc["root"], *(page["file"] for part in toc["parts"] for page in part["chapters"])]


COLUMNS = (
    "requests",
    "kB",
    "kB, gzip",
    "first control (s)",
    "figure (ms)",
    "sound (ms)",
    "frame (ms)",
)
HEAD = f"| page | {' | '.join(COLUMNS)} |\n|---|{'---:|' * len(COLUMNS)}"


def line(row: Row) -> str:
    """The row as one of a table in Markdown."""
    numbers = [f"{row.raw / 1000:.0f}", f"{row.packed / 1000:.0f}"]
    for value, places in ((row.answered, 2), (row.figure, 0), (row.sound, 0), (row.frame, 1)):
        numbers.append("" if value != value else f"{value:.{places}f}")
    return f"| {Path(row.page).name} | {row.requests} | {' | '.join(numbers)} |"


def main() -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--page", nargs="*", help="names of pages (default: all)")
    parser.add_argument("--rate", type=float, default=1.6, help="Mbit/s")
    parser.add_argument("--latency", type=float, default=150, help="ms, there and back")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    wanted = [page for page in pages() if not options.page or Path(page).name in options.page]
    flags = ["--no-sandbox", "--mute-audio", "--autoplay-policy=no-user-gesture-required"]
    with serving(options.site) as server, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=flags)
        print(HEAD, flush=True)
        for page in wanted:  # all controls are tried on the slow line
            row = measured(browser, server, page, options.rate, options.latency)
            print(line(row), flush=True)
        browser.close()
    print(f"\n{options.rate:g} Mbit/s, {options.latency:g} ms; {GOALS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
