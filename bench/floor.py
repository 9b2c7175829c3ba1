"""The floor under a grader's time: the same cells and calls in forks of a plain IPython shell.

    python bench/floor.py note lpc JOBS   of the course in COURSE_DIR: what its sandbox would do
    python bench/floor.py run lpc JOBS    do it: a fork for each submission, one at a time a core

The second command is what `bench/autograde.py` times, its imports included. Nothing is isolated or
limited in it; inputs are drawn beforehand; nothing is compared, kept or written. A fork that is to
be thrown away is all that keeps one student's names from the next one's: less cannot be done.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PRIVATE = ("autograder", "speechlab")  # cells that show what was built ask whether they are there

# Of each submission: its cells, and (function, positional arguments, named arguments) of each call.
Asked = tuple[tuple[str, ...], list[tuple[str, tuple, dict]]]


def note(topic: str, path: Path) -> None:
    """Write down what the grader would have its sandbox do for each submission of the course."""
    from autograder.batch import plan
    from autograder.batch.processes import Work, assessor
    from autograder.batch.request import Request
    from autograder.course import limits
    from autograder.course.course import load
    from autograder.gradebook.gradebook import Gradebook
    from autograder.sandbox.job import Job, Result
    from autograder.submission import collect

    asked: list[Asked] = []

    class Notes:
        def run(self, job: Job) -> Result:
            calls = [(c.function, c.args, c.kwargs) for e in job.exams.values() for c in e.calls]
            asked.append((job.cells, calls))
            return Result((), {})

    course = load()
    with Gradebook(course.db_url, read_only=True) as gradebook:
        structure = gradebook.structure(topic)
        assignment = plan.assignment_of(course, topic, structure)
    planned = plan.plan(Request(course, topic, force=True), assignment, {}, "")
    exercises = limits.applied(course, topic, plan.declared(course, topic))
    made = assessor(Work(course, assignment, lambda: exercises, "", ()), Notes())
    for student in planned.pending:
        made.assess(collect.collect(course, student, topic))
    path.write_bytes(pickle.dumps((planned.preload, asked)))


def one(shell, cells: tuple[str, ...], calls: list[tuple[str, tuple, dict]]) -> None:
    """A submission, in a fork: its cells as IPython runs them, then the calls, whatever comes."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for source in cells:
            shell.run_cell(source, store_history=False)
        for function, args, kwargs in calls:
            with contextlib.suppress(BaseException):
                shell.user_ns[function](*args, **kwargs)


def run(path: Path) -> None:
    """All submissions, as many at a time as there are cores."""
    import gc
    import importlib

    os.environ.update(MPLBACKEND="Agg", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config, colors="nocolor")
    shell.showtraceback = shell.showsyntaxerror = lambda *_, **__: None  # tenths of a second each
    for name in PRIVATE:
        sys.modules[name] = None  # an import of it fails, as in the grader's sandbox
    preload, asked = pickle.loads(path.read_bytes())
    for name in preload:
        with contextlib.suppress(ImportError):  # `from numpy.typing import ArrayLike` names a class
            importlib.import_module(name)
    shell.run_cell("pass", store_history=False)
    gc.freeze()
    running = 0
    for cells, calls in asked:
        if running == len(os.sched_getaffinity(0)):
            os.wait()
            running -= 1
        if os.fork() == 0:
            with contextlib.suppress(BaseException):
                one(shell, cells, calls)
            os._exit(0)
        running += 1
    for _ in range(running):
        os.wait()


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("note", "run"):
        sys.exit(__doc__)
    what, topic, where = sys.argv[1:]
    note(topic, Path(where)) if what == "note" else run(Path(where))
