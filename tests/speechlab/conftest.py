"""The built book, served by Python's own file server, in a browser that may only see that."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from building import ROOT, jupyter_book

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


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError("the file server does not answer")
