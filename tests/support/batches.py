"""A small class, batches of it in processes that can be killed, and what a gradebook then holds."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta

from autograder.course import atomic_files
from autograder.course.catalogue import ROOT
from autograder.course.course import load
from autograder.submission import autograded
from tests.support.toy import MISTAKEN, RIGHT, TOPIC, grade_toy, hand_in, notebook

DUE = datetime(2026, 10, 31)
STAMPS = (None, "2026-10-30 12:00:00 UTC", "2026-11-01 12:00:00 UTC")  # unknown, in time, late
SECRET = "00112233445566778899aabbccddeeff"
ZERO = 'get_config().LateSubmissionPlugin.penalty_method = "zero"\n'


def hand_in_some(course, count):
    """Right, mistaken and untouched ones; in time, late, and late with an extension."""
    from nbgrader.api import Gradebook as Stock

    course.folder.mkdir(exist_ok=True)
    (course.folder / "secret").write_text(SECRET)
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(ZERO)
    course.config.LateSubmissionPlugin.penalty_method = "zero"
    names = [f"s{n:03d}" for n in range(count)]
    for n, name in enumerate(names):
        content = notebook(course, **(RIGHT, MISTAKEN, {})[n % 3])
        hand_in(course, name, content, stamp=STAMPS[n % 4 % 3])
    with Stock(course.db_url) as gradebook:
        gradebook.update_or_create_assignment(TOPIC, duedate=DUE)
        for name in names[2::7]:
            gradebook.add_student(name)
            gradebook.add_submission(TOPIC, name).extension = timedelta(days=2)
        gradebook.db.commit()
    return names


def contents(course):
    """All that the gradebook says of each student, as nbgrader reads it, and no row's id."""
    from nbgrader.api import Gradebook as Stock

    with Stock(course.db_url) as gradebook:
        return {
            submission.student.id: (
                submission.timestamp,
                submission.extension,
                submission.late_submission_penalty,
                tuple(sorted(_grades(book))),
                tuple(sorted((c.name, c.auto_comment, c.manual_comment) for c in book.comments)),
            )
            for submission in gradebook.assignment_submissions(TOPIC)
            for book in submission.notebooks
        }


def _grades(book):
    for grade in book.grades:
        yield (
            grade.name,
            str((grade.auto_score, grade.manual_score, grade.extra_credit)),
            grade.needs_manual_grade,
        )


def scores(course):
    """Everything that the gradebook holds about scores and comments, read by nbgrader."""
    from nbgrader.api import Gradebook as Stock

    with Stock(course.db_url) as gradebook:
        return {
            (s.student.id, g.name): (g.auto_score, g.manual_score, g.needs_manual_grade)
            for s in gradebook.assignment_submissions(TOPIC)
            for n in s.notebooks
            for g in n.grades
        }


def place(course, student):
    return course.path("autograded", student, TOPIC) / f"{TOPIC}.ipynb"


def notebooks(course, names):
    """What lies in the autograded folder, but for how long it took."""
    found = {}
    for name in names:
        loaded = autograded.load(place(course, name))
        if loaded is not None:
            found[name] = replace(loaded, report=replace(loaded.report, seconds=0.0))
    return found


def in_place(course):
    """How many notebooks are in place."""
    folder = course.path("autograded", "x", TOPIC).parent.parent
    return sum(1 for _ in folder.glob(f"*/{TOPIC}/{TOPIC}.ipynb"))


def durable(course, names):
    """Who need not be graded any more: the notebook is there, in place or ready for it."""
    paths = ((name, place(course, name)) for name in names)
    return {
        name
        for name, path in paths
        if autograded.load(path) is not None
        or autograded.load(atomic_files.ready(path)) is not None
    }


def batch(course, log, jobs=2):
    """A batch in a process of its own, which notes in `log` whom it runs."""
    command = [sys.executable, "-m", "tests.support.batches", course.root, log, jobs]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "book")))}
    return subprocess.Popen(
        list(map(str, command)), cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )


def runs(log):
    """Everybody who was run, once for each time."""
    return log.read_text().split() if log.exists() else []


def wait_for(process, condition, seconds=60):
    """Wait until the condition holds or the process has ended."""
    deadline = time.monotonic() + seconds
    while not condition() and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def kill(process):
    """kill -9, and nothing else."""
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def prepare(log):
    """Have this process know the toy's exercises, and note in `log` whom it runs."""
    from autograder.batch import plan
    from autograder.submission import assess
    from tests.support.toy import EXERCISES

    stock = assess.Assessor.assess

    def noted(self, handed):
        with open(log, "a") as file:
            file.write(handed.student + "\n")
        return stock(self, handed)

    assess.Assessor.assess = noted
    plan.declared = lambda course, topic: EXERCISES
    plan.decides = lambda course, topic: plan.DECIDE


def main(root, log, jobs):
    """Grade the toy assignment of the course at `root`."""
    prepare(log)
    print(grade_toy(load(root), jobs=int(jobs)).summary())


if __name__ == "__main__":
    main(*sys.argv[1:])
