"""A connection to nbgrader's database: plain SQL, all or nothing.

SQLite is opened directly, because importing SQLAlchemy and nbgrader takes longer than grading a
class does; any other database is reached through SQLAlchemy.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.course import CourseError

BUSY_SECONDS = 30  # how long to wait for formgrader to finish writing
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
    return value.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value


class Database:
    """One open connection. Raises `CourseError` where there is no database yet."""

    def __init__(self, url: str) -> None:
        self.sqlite = url.startswith("sqlite:///")
        if self.sqlite:
            path = Path(url.removeprefix("sqlite:///"))
            if not path.is_file():
                raise CourseError(
                    f"there is no gradebook at {path}: run `autograder release` first"
                )
            self._db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            self._db.row_factory = sqlite3.Row
        else:
            from sqlalchemy import create_engine

            self._engine = create_engine(url)
            self._db = self._engine.connect()

    def close(self) -> None:
        self._db.close()
        if not self.sqlite:
            self._engine.dispose()

    def run(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """Execute one statement with `:name` parameters; its rows, if it has any."""
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
            self._db.rollback()  # ends the transaction that earlier reads began
            with self._db.begin():
                yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
