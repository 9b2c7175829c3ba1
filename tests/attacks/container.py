"""A throwaway machine: attacks that are let through hurt nothing but it.

Everything outside is read-only; the home, the temporary folders, the processes, the network and
the shared memory are its own, and gone when it ends. `run` starts it; run as a module inside, this
file hands in, grades with the given commands, and says what the attacks have achieved.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.exercise import ROOT
from tests.attacks.harness import DROP

MEMORY = 6 * 2**30
SCRATCH = str(256 * 2**20)


def command(work: Path, readable: Sequence[Path] = ()) -> list[str]:
    """What starts a program in a throwaway machine in which only `work` can be written."""
    start = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    for folder in ("/tmp", "/var/tmp", "/dev/shm"):
        start += ["--size", SCRATCH, "--tmpfs", folder]
    for folder in readable:
        start += ["--ro-bind", str(folder), str(folder)]
    start += ["--bind", str(work), str(work), "--chdir", str(work)]
    start += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    start += ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    return [*start, *([] if os.getuid() == 0 else ["--unshare-user"])]


def run(work: Path, task: dict[str, Any], readable: Sequence[Path] = ()) -> dict[str, Any]:
    """Do the task in a throwaway machine; what it came to, `{"ended": …}` if it never said."""
    (work / "home").mkdir(exist_ok=True)
    (work / "task.json").write_text(json.dumps(task | {"work": str(work)}))
    inside = ["prlimit", f"--as={MEMORY}", sys.executable, "-m", "tests.attacks.container"]
    environment = {**os.environ, "HOME": str(work / "home"), "PYTHONPATH": f"{ROOT}:{ROOT}/book"}
    try:
        done = subprocess.run(
            [*command(work, readable), *inside, str(work / "task.json")],
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
    """Hand in, grade, look."""
    from tests.attacks import harness, marks, traces

    folder = Path(task["course"])
    eyes = traces.Watch(folder, [Path(place) for place in task.get("places", ())])
    known = harness.facts(folder, **eyes.listeners.facts, **task.get("facts", {}))
    chosen = harness.attacks(task["attacks"])
    others = set(harness.HONEST)
    for attack in chosen:
        harness.hand_in(attack, folder, known, task.get("everywhere", False))
    book, said = folder / "gradebook.db", []
    course = traces.tree(folder)
    before = marks.book_of_others(book, others) if book.exists() else ""
    ended = [_do(words, task, said) for words in task["commands"]]
    report: dict[str, Any] = {"ended": next(filter(None, ended), ""), "said": "".join(said)}
    report["left"] = eyes.report() + changes(course, traces.tree(folder), chosen)
    if book.exists():
        report["others"] = marks.book_of_others(book, others) != before
        report["scores"] = marks.scores(book)
    drop = folder / harness.DROP
    report["found"] = drop.read_text() if drop.exists() else ""
    report["acts"] = {}
    for attack in chosen:
        notebook = marks.autograded(folder, attack.student)
        if notebook is not None and marks.tells(notebook):
            report["found"] += f"{attack.name} shown\n"
        pages = list((folder / "feedback" / attack.student).rglob("*.html"))
        report["acts"][attack.name] = [a for page in pages for a in marks.acts(page.read_text())]
    eyes.close()
    return report


def changes(before: dict[str, str], after: dict[str, str], chosen: Sequence[Any]) -> list[str]:
    """What has changed in the course outside the attackers' own folders and the gradebook."""
    own = [f"/{attack.student}/" for attack in chosen]
    passing = ("gradebook.db", ".log", "autograder.zip", DROP)
    found = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    found = {p for p in found if not any(o in p for o in own) and not p.endswith(passing)}
    return [f"files: {path}" for path in sorted(found) if "gradebook.db-" not in path]


def new_work() -> Path:
    """A folder for a throwaway machine."""
    return Path(tempfile.mkdtemp(prefix="throwaway-"))


def remove(work: Path) -> None:
    shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text())
    Path(given["work"], "report.json").write_text(json.dumps(inside(given)))
