"""What can go wrong with a gradebook, each in one sentence that says what to do."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from autograder.course.atomic_files import AGAIN

EXTRA = "pip install 'psycopg[binary]'"


def of_sqlite(error: sqlite3.Error, path: str, seconds: float) -> str:
    """The sentence for an error of SQLite's, whose gradebook is the file at `path`."""
    name = getattr(error, "sqlite_errorname", None) or ""
    book = f"the gradebook {path}"
    if not Path(path).exists() or name == "SQLITE_READONLY_DBMOVED":
        return f"{book} was moved, replaced or deleted: put it back, {AGAIN}"
    for code, says in (
        (
            ("SQLITE_BUSY", "SQLITE_LOCKED"),
            f"{book} was locked for {seconds:g} s by another program that writes to it "
            f"(formgrader, a second grader, a copy in progress): end that one, {AGAIN}",
        ),
        (
            ("SQLITE_FULL",),
            f"the disk of {book} is full: make room, {AGAIN}",
        ),
        (
            ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH"),
            f"{book} cannot be written: make the file and its folder writable for you, {AGAIN}",
        ),
        (
            ("SQLITE_IOERR",),
            f"the disk of {book} failed ({error}): see that it is there, has room and is writable, "
            f"{AGAIN}",
        ),
        (
            ("SQLITE_CORRUPT", "SQLITE_NOTADB"),
            f"{book} is damaged ({error}): put a backup in its place, {AGAIN}",
        ),
    ):
        if name.startswith(code):
            return says
    return (
        f"{book} cannot be read ({error}): run `autograder release TOPIC` if it is new, or "
        "`nbgrader db upgrade` if an older nbgrader made it"
    )


_SERVER = {  # the beginning of an SQLSTATE -> what happened, and what to do
    "55P03": "kept a row or a table locked for {seconds:g} s: end the other program that writes "
    "to it (formgrader, a second grader)",
    "40": "found two programs writing at the same time: end the other one",
    "25006": "is read-only for now: make it writable",
    "42501": "does not let this user write: GRANT it the right to, on every table",
    "53100": "has a full disk: make room there",
    "53": "is short of memory or connections: make room there",
    "28": "does not let this user in: mend user and password in c.CourseDirectory.db_url",
    "3D000": "has no such database: create it (`createdb NAME`)",
    "42P01": "has no gradebook in that database: run `autograder release TOPIC`",
    "42703": "has a gradebook of another nbgrader: run `nbgrader db upgrade`",
    "57": "was shut down or ended the connection: see that it runs",
    "08": "was lost: see that it runs and can be reached",
}


_REFUSED = {
    "3D000": r'database ".*" does not exist',
    "28": r'authentication failed|no password supplied|role ".*" does not exist|no pg_hba\.conf',
}


def of_server(error: Exception, where: str, seconds: float) -> str | None:
    """The sentence for an error of a database server; None if the error is not the database's."""
    name = type(error).__name__
    if isinstance(error, ModuleNotFoundError) or name == "NoSuchModuleError":
        return (
            f"the gradebook is at {where}, and Python's driver for it is missing ({error}); for "
            f"PostgreSQL run `{EXTRA}` and write postgresql+psycopg:// in c.CourseDirectory.db_url"
        )
    if name == "ArgumentError":
        return f"c.CourseDirectory.db_url is not a database's address ({error}): mend it"
    if not type(error).__module__.startswith("sqlalchemy."):
        return None
    inner = getattr(error, "orig", None)
    if isinstance(inner, sqlite3.Error):
        return of_sqlite(inner, where.partition(":///")[2], seconds)
    state = getattr(inner, "sqlstate", None) or getattr(inner, "pgcode", None) or ""
    text = str(inner or error)
    why = (text.strip().splitlines() or [name])[0]
    if not state:  # a refused connection has none
        state = next((code for code, pattern in _REFUSED.items() if re.search(pattern, text)), "")
    for code, says in sorted(_SERVER.items(), reverse=True):
        if state.startswith(code):
            return f"the database at {where} {says.format(seconds=seconds)}, {AGAIN}"
    if name in ("OperationalError", "InterfaceError") or not state:
        return (
            f"the database at {where} cannot be reached or was lost ({why}): see that it runs and "
            f"that c.CourseDirectory.db_url is right, {AGAIN}"
        )
    return f"the database at {where} refused ({why}): see its log, {AGAIN}"
