"""How fast is a class graded? Stock nbgrader, otter-grader and this grader, on the same files.

    python bench/autograde.py                        100 submissions, all of them (20 minutes)
    python bench/autograde.py --skip otter           without otter-grader (it needs an environment)
    python bench/autograde.py --skip nbgrader otter --students 1000    SQLite, PostgreSQL; memory
    python bench/autograde.py --skip nbgrader otter postgresql floor   two Dask workers beside it

Each system is started as its users start it, and its whole process is timed, after a warm-up on
one submission. Stock nbgrader and otter-grader get the tests as anyone would write them: inputs
and expected values in the test cell. The class is mostly honest work (right, half done, known
mistakes, untouched, a syntax error); endless loops are left out, since they would measure the
time limits that somebody chose. The Dask workers are two processes on this machine; they and their
scheduler are there, and warmed up, before the clock starts, as those of a cluster are. Beneath them
all is the floor: no grader, only the same cells and calls in plain forks (`bench/floor.py`).
`bench/stages.py` says where our own time goes.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from autograder.batch import pool  # noqa: E402
from autograder.commands import demo  # noqa: E402
from autograder.course.catalogue import exercises  # noqa: E402
from autograder.exercise.declare import Exercise  # noqa: E402
from autograder.exercise.draw import generator  # noqa: E402
from autograder.judging.score import answers_of  # noqa: E402
from autograder.release.authoring import source_notebook  # noqa: E402
from autograder.sandbox import Status  # noqa: E402
from tests.support import postgres  # noqa: E402

HONEST = ("ada", "barbara", "claude", "edsger", "ada", "john", "grace", "ada", "charles", "loki")
WARM_UP = "warm"
FLOOR = "bare forks, no grader"
AGAIN = "... again"
MAX_NUMBERS = 400  # nobody writes longer inputs into a test cell by hand
BIN = Path(sys.executable).parent


class CannotRun(Exception):
    """A system that could not be set up; the message says why."""


# --- the class ----------------------------------------------------------------------------


def students(count: int) -> dict[str, bytes]:
    """The class: a notebook for each student, and one to warm up with."""
    names = [f"student{n:03d}" for n in range(count)]
    kinds = {kind: demo.CLASS[kind][1] for kind in set(HONEST)}
    made = {kind: make(TOPIC) for kind, make in kinds.items()}
    return {WARM_UP: made["ada"]} | {n: made[HONEST[i % 10]] for i, n in enumerate(names)}


def hand_in(folder: Path, class_: dict[str, bytes]) -> None:
    for student, notebook in class_.items():
        path = folder / "submitted" / student / TOPIC / f"{TOPIC}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(notebook)


# --- tests as anyone would write them -----------------------------------------------------


def literal(value: Any) -> str:
    """The value as source text."""
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()!r}, dtype={value.dtype.name!r})"
    if isinstance(value, np.generic):
        return repr(value.item())
    if isinstance(value, (tuple, list)):
        inner = ", ".join(literal(item) for item in value)
        return f"({inner},)" if isinstance(value, tuple) else f"[{inner}]"
    return repr(value)


def size(value: Any) -> int:
    if isinstance(value, (tuple, list)):
        return sum(size(item) for item in value)
    return np.size(value)


def hand_written(exercise: Exercise) -> list[str]:
    """Lines of tests: three small cases with the values that are expected."""
    lines = ["nan, inf = float('nan'), float('inf')"]
    cases = exercise.cases(generator("bench", exercise.name))
    answers = answers_of(exercise.function, cases)
    small = [
        (case, answer)
        for case, answer in zip(cases, answers)
        if answer.status is Status.OK and size(case.args) + size(answer.value) <= MAX_NUMBERS
    ]
    for case, answer in small[:3]:
        arguments = ", ".join(
            [literal(a) for a in case.args] + [f"{k}={literal(v)}" for k, v in case.kwargs.items()]
        )
        lines.append(f"answer = {exercise.name}({arguments})")
        parts = answer.value if isinstance(answer.value, tuple) else None
        if parts is None:
            lines.append(f"np.testing.assert_allclose(answer, {literal(answer.value)}, atol=1e-8)")
            continue
        for i, part in enumerate(parts):
            lines.append(f"np.testing.assert_allclose(answer[{i}], {literal(part)}, atol=1e-8)")
    return lines


# --- measuring ----------------------------------------------------------------------------


@dataclass
class Measured:
    """One system on one class."""

    system: str
    count: int
    seconds: float
    peak_mb: float
    mean: float | None  # None: it gives no scores
    one: float = 0.0  # seconds for a class of one; 0: not measured

    @property
    def rate(self) -> float:
        return self.count / self.seconds


def _resident(process: psutil.Process) -> int:
    total = 0
    for one in (process, *process.children(recursive=True)):
        try:
            total += one.memory_info().rss
        except psutil.Error:
            continue
    return total


def timed(commands: list[list[str]], cwd: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Wall seconds of the commands, one after another, and the largest memory of their processes.

    Memory is the sum of resident sizes, in MiB; pages that processes share count more than once.
    """
    peak, stop = [0], threading.Event()

    def watch() -> None:
        me = psutil.Process()
        own = me.memory_info().rss
        while not stop.wait(0.5):  # looking takes time, too
            peak[0] = max(peak[0], _resident(me) - own)

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    try:
        for command in commands:
            done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
            if done.returncode:
                raise CannotRun(f"{' '.join(map(str, command))}:\n{done.stderr[-2000:]}")
    finally:
        seconds = time.perf_counter() - start
        stop.set()
        watcher.join()
    return seconds, peak[0] / 2**20


def environment(**more: str) -> dict[str, str]:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, **more}


def must(command: list[Any], cwd: Path, env: dict[str, str]) -> None:
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=env, capture_output=True, text=True)
    if done.returncode:
        raise CannotRun(f"{' '.join(map(str, command))}: {done.stderr.strip()[-2000:]}")


# --- the systems --------------------------------------------------------------------------


def nbgrader_scores(url: str) -> float:
    """Mean score in a gradebook, as a share, without the warm-up."""
    from nbgrader.api import Gradebook

    with Gradebook(url) as gradebook:
        found = gradebook.find_assignment(TOPIC).submissions
        shares = [s.score / s.max_score for s in found if not s.student_id.startswith(WARM_UP)]
    return float(np.mean(shares))


def nbgrader_course(folder: Path) -> None:
    """A course of stock nbgrader with the assignment, the tests inlined, released."""
    notebook = source_notebook(TOPIC)
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    for exercise in exercises(TOPIC):
        hidden = ["### BEGIN HIDDEN TESTS", *hand_written(exercise), "### END HIDDEN TESTS"]
        cells[f"{exercise.name}-check"].source += "\n" + "\n".join(hidden)
    source = folder / "source" / TOPIC / f"{TOPIC}.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(notebook, source)
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'bench'\n"
    )
    must([BIN / "nbgrader", "generate_assignment", TOPIC], folder, environment())


def with_nbgrader(folder: Path, class_: dict[str, bytes]) -> Measured:
    """nbgrader as it comes, in a course folder of its own."""
    env, program = environment(), str(BIN / "nbgrader")
    nbgrader_course(folder)
    hand_in(folder, class_)
    timed([[program, "autograde", TOPIC, "--student", WARM_UP]], folder, env)
    seconds, peak = timed([[program, "autograde", TOPIC]], folder, env)
    mean = nbgrader_scores(f"sqlite:///{folder}/gradebook.db")
    return Measured("nbgrader autograde", len(class_) - 1, seconds, peak, mean)


def otter_environment(folder: Path) -> Path:
    """Where otter-grader is installed: `OTTER_VENV`, or an environment made in the folder."""
    venv = Path(os.environ.get("OTTER_VENV") or folder / "venv")
    if not (venv / "bin" / "otter").exists():
        print("installing otter-grader into an environment of its own (minutes)", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        must([sys.executable, "-m", "venv", venv], folder, environment())
        packages = ["otter-grader", "ipykernel", "numpy", "scipy", "matplotlib"]
        must([venv / "bin" / "pip", "install", "-q", *packages], folder, environment())
    return venv


def otter_autograder(folder: Path, venv: Path) -> dict[str, str]:
    """Write the tests and `autograder.zip` into the folder; the environment to run otter in."""
    env = {**os.environ, "PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    (folder / "tests").mkdir()
    for exercise in exercises(TOPIC):
        body = "\n".join(f"    {line}" for line in hand_written(exercise))
        (folder / "tests" / f"{exercise.name}.py").write_text(
            "OK_FORMAT = False\nimport numpy as np\nfrom otter.test_files import test_case\n\n"
            f"name = {exercise.name!r}\npoints = {exercise.points!r}\n\n"
            f"@test_case()\ndef test_values({exercise.name}):\n{body}\n"
        )
    otter = venv / "bin" / "otter"
    zipped = ["-t", "tests", "-o", "autograder.zip", "--no-config", "--no-environment"]
    must([otter, "generate", *zipped, "--no-requirements"], folder, env)
    return env


def with_otter(folder: Path, class_: dict[str, bytes]) -> Measured:
    """otter-grader, in an environment of its own, one `otter run` a submission."""
    venv = otter_environment(folder)
    env, otter = otter_autograder(folder, venv), str(venv / "bin" / "otter")
    commands = {}
    for student, notebook in class_.items():
        (folder / student).mkdir()
        (folder / f"{student}.ipynb").write_bytes(notebook)
        options = ["-a", "autograder.zip", "-o", student, "--no-logo"]
        commands[student] = [otter, "run", f"{student}.ipynb", *options]
    timed([commands.pop(WARM_UP)], folder, env)
    seconds, peak = timed(list(commands.values()), folder, env)
    mean = float(np.mean([_otter_share(folder / student) for student in commands]))
    return Measured("otter run", len(commands), seconds, peak, mean)


def _otter_share(folder: Path) -> float:
    tests = json.loads((folder / "results.json").read_text())["tests"]
    graded = [test for test in tests if test.get("max_score")]
    return sum(t["score"] for t in graded) / sum(t["max_score"] for t in graded)


def with_ours(folder: Path, class_: dict[str, bytes]) -> Measured:
    """`autograder grade`, sandbox and all."""
    return _ours("autograder grade", folder, class_, f"sqlite:///{folder}/gradebook.db")


def with_ours_again(folder: Path, class_: dict[str, bytes]) -> Measured:
    """The first one once more, after Dask: a machine's speed drifts within minutes."""
    return dataclasses.replace(with_ours(folder, class_), system=AGAIN)


def with_postgresql(folder: Path, class_: dict[str, bytes]) -> Measured:
    """The same with its gradebook on a PostgreSQL server, which is started for it."""
    if why := postgres.missing():
        raise CannotRun(why)
    with postgres.temporary() as server:
        server.execute("CREATE DATABASE bench")
        return _ours("... on PostgreSQL", folder, class_, server.url("bench"))


def with_dask(folder: Path, class_: dict[str, bytes]) -> Measured:
    """The same on a Dask cluster of as many workers as there are cores (two, of two)."""
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise CannotRun(f"{error}: pip install -e '.[dask]'") from None
    from tests.support import clusters

    count = pool.cores()
    with clusters.running(folder) as cluster:
        cluster.work(count, options=())
        cluster.wait(count)
        where = ["--scheduler", cluster.address]
        name = f"... {count} Dask workers"
        return _ours(name, folder, class_, f"sqlite:///{folder}/gradebook.db", where, 3 * count)


def _ours(
    name: str,
    folder: Path,
    class_: dict[str, bytes],
    url: str,
    options: Sequence[str] = (),
    warm: int = 1,
) -> Measured:
    """Released, handed in, and graded; `warm` students first, once, so that all is warm."""
    env, program = course(folder, url), [sys.executable, "-m", "autograder.commands.cli"]
    must([*program, "release", TOPIC], ROOT, env)
    hand_in(folder, class_)
    more = {f"{WARM_UP}{n}": class_[WARM_UP] for n in range(warm - 1)}
    hand_in(folder, more)
    warm_up = [part for who in (WARM_UP, *more) for part in ("--student", who)]
    timed([[*program, "grade", TOPIC, *warm_up, *options]], ROOT, env)
    again = [*program, "grade", TOPIC, "--student", WARM_UP, "--force", *options]
    one, _ = timed([again], ROOT, env)
    seconds, peak = timed([[*program, "grade", TOPIC, *options]], ROOT, env)
    return Measured(name, len(class_) - 1, seconds, peak, nbgrader_scores(url), one)


def course(folder: Path, url: str) -> dict[str, str]:
    """The environment of commands that work on the course in the folder."""
    return environment(COURSE_DIR=str(folder), COURSE_DB=url)


def with_floor(folder: Path, class_: dict[str, bytes]) -> Measured:
    """No grader at all: the same cells and calls in forks of a plain IPython shell."""
    env, program = course(folder, f"sqlite:///{folder}/gradebook.db"), [sys.executable]
    must([*program, "-m", "autograder.commands.cli", "release", TOPIC], ROOT, env)
    hand_in(folder, {who: notebook for who, notebook in class_.items() if who != WARM_UP})
    floor, jobs = str(Path(__file__).with_name("floor.py")), str(folder / "jobs")
    must([*program, floor, "note", TOPIC, jobs], ROOT, env)
    timed([[*program, floor, "run", TOPIC, jobs]], ROOT, env)
    seconds, peak = timed([[*program, floor, "run", TOPIC, jobs]], ROOT, env)
    return Measured(FLOOR, len(class_) - 1, seconds, peak, None)


SYSTEMS: dict[str, Callable[[Path, dict[str, bytes]], Measured]] = {
    "nbgrader": with_nbgrader,
    "otter": with_otter,
    "ours": with_ours,
    "postgresql": with_postgresql,
    "dask": with_dask,
    "again": with_ours_again,
    "floor": with_floor,
}


def measurements(count: int, skip: list[str]) -> Iterator[Measured]:
    class_ = students(count)
    for name, measure in SYSTEMS.items():
        if name in skip:
            continue
        with tempfile.TemporaryDirectory(prefix=f"bench-{name}-") as folder:
            try:
                yield measure(Path(folder), class_)
            except CannotRun as error:
                print(f"{name} is left out: {error}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=100, metavar="N")
    parser.add_argument("--topic", default="lpc")
    parser.add_argument("--skip", nargs="*", default=[], choices=list(SYSTEMS))
    options = parser.parse_args()
    global TOPIC
    TOPIC = options.topic
    print(f"{options.students} submissions of {TOPIC}, {os.cpu_count()} cores\n", flush=True)
    heads = ("system", "seconds", "per second", "peak MiB", "mean score")
    print(f"{heads[0]:22s}{heads[1]:>9s}{heads[2]:>12s}{heads[3]:>10s}{heads[4]:>12s}")
    found: list[Measured] = []
    for one in measurements(options.students, options.skip):
        found.append(one)
        mean = f"{one.mean:12.0%}" if one.mean is not None else ""
        numbers = f"{one.seconds:9.1f}{one.rate:12.2f}{one.peak_mb:10.0f}"
        print(f"{one.system:22s}{numbers}{mean}", flush=True)
    ours = next((one for one in found if one.system == "autograder grade"), None)
    if ours and ours.count > 1:
        each = 1000 * (ours.seconds - ours.one) / (ours.count - 1)
        print(f"\nautograder grade: {ours.one:.1f} s for one, {each:.0f} ms for each further one")
    for other in found:
        if ours and other.system in ("nbgrader autograde", "otter run"):
            print(f"\nautograder grade is {ours.rate / other.rate:.0f} times {other.system}")
        if ours and "Dask" in other.system:
            local = [one.seconds for one in found if one.system in (ours.system, AGAIN)]
            share = other.seconds / float(np.mean(local))
            print(f"\nDask takes {share:.0%} of the local pool's time, before and after it")
        if ours and other.system == FLOOR:
            print(f"\nautograder grade takes {ours.seconds / other.seconds:.2f} times the floor")


TOPIC = "lpc"

if __name__ == "__main__":
    main()
