"""A connection to nbgrader's database: plain SQL, all or nothing.

SQLite is opened directly, because importing SQLAlchemy and nbgrader takes longer than grading a
class does; any other database is reached through SQLAlchemy. Whatever goes wrong with either is a
`CourseError` that says what to do; `errors` has the sentences.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.course.course import CourseError
from autograder.gradebook import errors

BUSY_SECONDS = 30  # how long to wait for formgrader to finish writing
CLAIMS, CLAIM_SECONDS = 8, 0.25  # how often to ask for a name that another may be giving up
_EPOCH = datetime(1970, 1, 1)


def as_time(value: Any) -> datetime | None:
    """A time from the database, which SQLite keeps as text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def as_interval(value: Any) -> timedelta:
    """A length of time from the database, which SQLite keeps as a date counted from 1970."""
    if value is None:
        return timedelta(0)
    return value if isinstance(value, timedelta) else as_time(value) - _EPOCH


def _for_sqlite(value: Any) -> Any:
    # not `strftime`, which writes the year 1 as "1", and nobody could read that again
    return value.isoformat(" ", "microseconds") if isinstance(value, datetime) else value


class Database:
    """One open connection, to be used by the process that made it.

    Parameters
    ----------
    url : as SQLAlchemy writes it, e.g. "sqlite:////course/gradebook.db".
    read_only : let the database itself refuse whatever would change it.

    Raises `CourseError` where there is no database yet, or it cannot be reached or used.
    """

    def __init__(self, url: str, read_only: bool = False) -> None:
        self.sqlite = url.startswith("sqlite:///")
        self._engine: Any = None
        self._where = url.removeprefix("sqlite:///")
        with self._explained():
            if self.sqlite:
                self._open_sqlite(Path(self._where), read_only)
            else:
                self._connect(url, read_only)

    def _open_sqlite(self, path: Path, read_only: bool) -> None:
        if not path.is_file():
            raise CourseError(f"there is no gradebook at {path}: run `autograder release` first")
        self._db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        if read_only:
            self._db.execute("PRAGMA query_only = ON")

    def _connect(self, url: str, read_only: bool) -> None:
        from sqlalchemy import create_engine, make_url
        from sqlalchemy.pool import NullPool

        address = make_url(url)
        self._where = address.render_as_string(hide_password=True)
        self._engine = create_engine(address, poolclass=NullPool)
        self._db = self._engine.connect()
        if address.get_backend_name() == "postgresql":
            self._set(f"lock_timeout = '{BUSY_SECONDS}s'")
            if read_only:
                self._set("SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")

    def _set(self, words: str) -> None:
        self._db.exec_driver_sql(f"SET {words}")
        self._db.commit()

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn the database's own errors into a sentence."""
        try:
            yield
        except sqlite3.Error as error:
            raise CourseError(errors.of_sqlite(error, self._where, BUSY_SECONDS)) from error
        except Exception as error:
            if (says := errors.of_server(error, self._where, BUSY_SECONDS)) is None:
                raise
            raise CourseError(says) from error

    def close(self) -> None:
        """Close the connection; errors of one that is broken already are passed over."""
        with contextlib.suppress(Exception):
            self._db.close()
        if self._engine is not None:
            self._engine.dispose()

    def run(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """Execute one statement with `:name` parameters; its rows, if it has any."""
        with self._explained():
            if self.sqlite:
                values = {key: _for_sqlite(value) for key, value in values.items()}
                return [dict(row) for row in self._db.execute(statement, values)]
            from sqlalchemy import text

            result = self._db.execute(text(statement), values)
            return [dict(row) for row in result.mappings()] if result.returns_rows else []

    def insert(self, table: str, row: dict[str, Any]) -> None:
        """Insert the row unless one with its keys is there already."""
        names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
        self.run(f"INSERT INTO {table} ({names}) VALUES ({values}) ON CONFLICT DO NOTHING", **row)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, even if the process is killed in between."""
        if not self.sqlite:
            with self._explained():
                self._db.rollback()  # ends the transaction that earlier reads began
                with self._db.begin():
                    yield
            return
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # a full disk has ended it already
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
            raise

    def claim(self, name: str) -> bool:
        """Keep the name for this connection, on a PostgreSQL server; False if another has it.

        The server frees the name when the connection ends, which the server may notice late.
        """
        if self._engine is None or self._engine.dialect.name != "postgresql":
            return True
        for again in range(CLAIMS):
            time.sleep(CLAIM_SECONDS * bool(again))
            rows = self.run("SELECT pg_try_advisory_lock(hashtext(:name)) AS mine", name=name)
            if rows[0]["mine"]:
                return True
        return False

    def settle(self) -> None:
        """End the transaction that reads began, so that no lock is held while grading goes on."""
        if not self.sqlite:
            with self._explained():
                self._db.rollback()
