"""The built book, served by Python's own file server, in a browser that may only see that."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from building import ROOT, jupyter_book

FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
)

sys.path.insert(0, str(ROOT / "book"))


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the built site: the one that SITE_DIR names, else built now."""
    if given := os.environ.get("SITE_DIR"):
        folder = Path(given).resolve()
        assert (folder / "book" / "index.html").is_file(), f"SITE_DIR={given} holds no built book"
        return folder
    (ROOT / "_build").mkdir(exist_ok=True)
    with (ROOT / "_build" / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one worker builds, the others find it built
        done = jupyter_book("build", ROOT)
    assert done.returncode == 0, f"the book does not build:\n{(done.stdout + done.stderr)[-6000:]}"
    return ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def address(site):
    """Where `python -m http.server` serves the site."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    server = subprocess.Popen(
        [*command, "--directory", str(site)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="session")
def browser():
    """A Chromium; where there is none the tests are skipped, or fail if REQUIRE_BROWSER is set."""
    path = _find_chromium()
    if path is None:
        message = "no Chromium found (set CHROMIUM to one): THE BROWSER TESTS DO NOT RUN"
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()


def _find_chromium() -> str | None:
    names = (
        os.environ.get("CHROMIUM"),
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    )
    return next((path for name in names if name and (path := shutil.which(name))), None)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError("the file server does not answer")
