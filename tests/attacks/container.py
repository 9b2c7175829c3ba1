"""A throwaway machine: attacks that are let through hurt nothing but it.

Everything outside is read-only; the home, the temporary folders, the processes, the network and
the shared memory are its own, and gone when it ends. `run` hands in, starts it, and says what the
attacks have achieved; run as a module inside, this file does what the grader would do and watches.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.attacks.traces import ROOT, Watch, tree, where

PORT = 5_005  # nobody else is in there
MEMORY = 6 * 2**30
SCRATCH = str(256 * 2**20)
EMPTIED = ("/tmp", "/var/tmp", "/dev/shm")


def command(work: Path, readable: Sequence[Path] = ()) -> list[str]:
    """What starts a program in a throwaway machine in which only `work` can be written."""
    start = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    for folder in EMPTIED:
        start += ["--size", SCRATCH, "--tmpfs", folder]
    program = [Path(p) for p in (sys.base_prefix, sys.prefix, ROOT)]  # may lie in such a folder
    emptied = [p for p in program if any(p.is_relative_to(folder) for folder in EMPTIED)]
    for folder in (*emptied, *readable):
        start += ["--ro-bind", str(folder), str(folder)]
    start += ["--bind", str(work), str(work), "--chdir", str(work)]
    start += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    start += ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    return [*start, *([] if os.getuid() == 0 else ["--unshare-user"])]


def run(work: Path, task: dict[str, Any], readable: Sequence[Path] = ()) -> dict[str, Any]:
    """Do the task in a throwaway machine: what the attacks have achieved.

    The task names the attacks, the course's folder in `work`, and the commands that grade it.
    """
    from tests.attacks import harness

    folder, chosen = Path(task["course"]), harness.attacks(task["attacks"])
    known = harness.facts(folder, **where(folder, PORT), **task.get("facts", {}))
    for attack in chosen:
        harness.hand_in(attack, folder, known, task.get("everywhere", False))
    before = _state(folder)
    report = {"left": [], "said": "", **_run(work, task, readable)}
    after = _state(folder)
    report["left"] += changes(before[0], after[0], chosen)
    report["others"] = before[1] != after[1]
    return report | _gains(folder, chosen)


def _state(folder: Path) -> tuple[dict[str, str], str]:
    """The course's files, and what the gradebook says of those who do not attack."""
    from tests.attacks import harness, marks

    book = folder / "gradebook.db"
    if not book.exists():
        return tree(folder), ""
    try:
        return tree(folder), marks.book_of_others(book, set(harness.HONEST))
    except sqlite3.Error as error:
        return tree(folder), str(error)


def _gains(folder: Path, chosen: Sequence[Any]) -> dict[str, Any]:
    """Points, finds, and pages that act."""
    from tests.attacks import harness, marks

    book, drop = folder / "gradebook.db", folder / harness.DROP
    report: dict[str, Any] = {"found": drop.read_text() if drop.exists() else "", "acts": {}}
    with contextlib.suppress(sqlite3.Error):
        report["scores"] = marks.scores(book) if book.exists() else {}
    for attack in chosen:
        notebook = marks.autograded(folder, attack.student)
        if notebook is not None and marks.tells(notebook):
            report["found"] += f"{attack.name} shown\n"
        pages = list((folder / "feedback" / attack.student).rglob("*.html"))
        report["acts"][attack.name] = [a for page in pages for a in marks.acts(page.read_text())]
    return report


def _run(work: Path, task: dict[str, Any], readable: Sequence[Path]) -> dict[str, Any]:
    (work / "home").mkdir(exist_ok=True)
    (work / "task.json").write_text(json.dumps(task | {"work": str(work)}))
    start = ["prlimit", f"--as={MEMORY}", sys.executable, "-m", "tests.attacks.container"]
    environment = {**os.environ, "HOME": str(work / "home"), "PYTHONPATH": str(ROOT)}
    try:
        done = subprocess.run(
            [*command(work, readable), *start, str(work / "task.json")],
            env=environment,
            capture_output=True,
            text=True,
            timeout=task["seconds"],
        )
    except subprocess.TimeoutExpired:
        return {"ended": "it did not end"}
    report = work / "report.json"
    if not report.exists() and "Traceback" in done.stderr:
        raise RuntimeError(f"the attack could not be tried: {done.stderr[-500:]}")
    if not report.exists():
        return {"ended": f"the machine stopped: {done.stderr[-300:]}"}
    return json.loads(report.read_text())


def _do(words: Sequence[str], task: dict[str, Any], said: list[str]) -> str:
    """One command; why it did not come to its end, or ""."""
    environment = {**os.environ, **task.get("environment", {})}
    try:
        done = subprocess.run(
            words,
            cwd=task.get("folder", task["work"]),
            env=environment,
            capture_output=True,
            errors="replace",
            text=True,
            timeout=task.get("step_seconds", 60),
        )
    except subprocess.TimeoutExpired:
        return "it did not end"
    said += [done.stdout, done.stderr]
    return f"it was ended by signal {-done.returncode}" if done.returncode < 0 else ""


def inside(task: dict[str, Any]) -> dict[str, Any]:
    """Grade, and look at the machine."""
    eyes = Watch(Path(task["course"]), [Path(p) for p in task.get("places", ())], PORT)
    said: list[str] = []
    ended = [_do(words, task, said) for words in task["commands"]]
    report = {"ended": next(filter(None, ended), ""), "said": "".join(said)}
    report["left"] = eyes.report()
    eyes.close()
    return report


def changes(before: dict[str, str], after: dict[str, str], chosen: Sequence[Any]) -> list[str]:
    """What has changed in the course outside the attackers' own folders and the gradebook."""
    from tests.attacks.harness import DROP

    own = [f"/{attack.student}/" for attack in chosen]
    passing = ("gradebook.db", ".log", "autograder.zip", "listener", DROP)
    found = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    found = {p for p in found if not any(o in p for o in own) and not p.endswith(passing)}
    return [f"files: {path}" for path in sorted(found) if "gradebook.db-" not in path]


def new_work() -> Path:
    """A folder for a throwaway machine."""
    return Path(tempfile.mkdtemp(prefix="throwaway-"))


def remove(work: Path) -> None:
    # not `shutil`, which folders in folders in folders end, a thousand of them deep
    subprocess.run(["rm", "-rf", "--", work], stderr=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text())
    Path(given["work"], "report.json").write_text(json.dumps(inside(given)))
