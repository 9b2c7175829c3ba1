"""A PostgreSQL server of one's own, in a temporary folder, reached by a Unix socket."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

USER = "grader"
START_SECONDS = 60
QUICK = {"fsync": "off", "listen_addresses": "", "shared_buffers": "16MB", "max_connections": "30"}


@dataclass
class Server:
    """A running server; every database in it is the tests' own."""

    folder: Path
    command: list[str | Path]
    process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start it, or start it again on the same data, and wait until it answers."""
        log = self.folder / "log"
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, stdout=output, stderr=output
            )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.execute("SELECT 1")
                return
            except Exception as error:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"no server: {error}\n{log.read_text()}") from None
                time.sleep(0.05)

    def stop(self, how: int = signal.SIGINT) -> None:
        """End it: by its fast way to shut down, or by an immediate one (SIGQUIT)."""
        self.process.send_signal(how)
        self.process.wait(timeout=START_SECONDS)

    def url(self, database: str, user: str = USER) -> str:
        """The address as nbgrader's `db_url`."""
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder}"

    def execute(self, statement: str, database: str = "postgres") -> list[tuple]:
        """Run one statement as the database's owner, outside of any transaction."""
        import psycopg

        where = f"host={self.folder} user={USER} dbname={database}"
        with psycopg.connect(where, autocommit=True) as connection:
            result = connection.execute(statement)
            return result.fetchall() if result.description else []


def _programs() -> Path | None:
    """Where Debian, or whoever else, has put `initdb` and `postgres`."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name))
    found = [place for place in places if (place / "initdb").exists()]
    if found:
        return found[-1]
    program = shutil.which("initdb")
    return Path(program).resolve().parent if program else None


def missing() -> str:
    """Why there can be no server here, or ""."""
    if _programs() is None:
        return "there is no PostgreSQL server: apt-get install postgresql"
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        return f"no driver ({error}): pip install -e .[postgresql]"
    return ""


def _unprivileged() -> tuple[list[str], pwd.struct_passwd | None]:
    """What to put before a command, since PostgreSQL refuses to run as root; and as whom."""
    if os.getuid() != 0:
        return [], None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
            return ["setpriv", *ids], user
    raise RuntimeError("there is neither a user postgres nor nobody")


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """For tests: skips loudly, or fails with REQUIRE_POSTGRES, where there can be no server."""
    if why := missing():
        if os.environ.get("REQUIRE_POSTGRES"):
            pytest.fail(f"PostgreSQL is required here, but {why}")
        pytest.skip(f"NOT TESTED on PostgreSQL: {why}")
    with temporary() as server:
        yield server


@contextlib.contextmanager
def temporary() -> Iterator[Server]:
    """A server of one's own, which is gone afterwards with all that it held."""
    programs, (as_user, user) = _programs(), _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
        make = [programs / "initdb", "-D", folder / "data", "-U", USER, "-A", "trust", "-E", "UTF8"]
        made = subprocess.run(
            [*as_user, *make, "--locale=C", "--no-sync"], cwd=folder, capture_output=True, text=True
        )
        assert made.returncode == 0, made.stderr
        options = [f"-c{name}={value}" for name, value in QUICK.items()]
        dies_with_us = ["setpriv", "--pdeathsig=KILL", *as_user[1:]]
        serve = [programs / "postgres", "-D", folder / "data", f"-k{folder}", *options]
        server = Server(folder, [*dies_with_us, *serve])
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
