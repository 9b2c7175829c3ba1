"""kill -9 at any moment: the grader, a worker, the warm parent."""

import os
import random
import shutil
import signal
import time

import psutil
import pytest

from autograder.course.course import load
from autograder.gradebook.gradebook import Gradebook
from tests.support.batches import (
    batch,
    contents,
    durable,
    hand_in_some,
    in_place,
    kill,
    notebooks,
    runs,
    wait_for,
)
from tests.support.toy import TOPIC, grade_toy

COUNT = 24
KILLS = 4


@pytest.fixture
def not_killed(course, one_box):
    """What a batch that nobody disturbs comes to, on SQLite."""
    names = hand_in_some(course, COUNT)
    assert len(grade_toy(course).rows) == COUNT
    assert is_whole(course, marks(course)) == COUNT
    return contents(course), notebooks(course, names)


@pytest.fixture(params=["sqlite", "postgresql"])
def disturbed(request, not_killed, released, tmp_path):
    """A course to be disturbed, and who is in it."""
    if request.param == "postgresql":
        course = request.getfixturevalue("course_on_postgres")
    else:
        course = load(shutil.copytree(released, tmp_path / "disturbed"))
    return course, hand_in_some(course, COUNT)


def marks(course):
    """What our own reading of the gradebook says of each student."""
    with Gradebook(course.db_url) as gradebook:
        return gradebook.marks(gradebook.structure(TOPIC))


def is_whole(course, expected):
    """Whoever has a score has everything; how many have."""
    graded = {s: m for s, m in marks(course).items() if set(m.auto.values()) - {None}}
    for student, found in graded.items():
        assert found == expected[student], student
    return len(graded)


@pytest.mark.xdist_group("postgresql")
def test_a_batch_killed_at_random_moments_equals_one_that_was_not(
    course, disturbed, not_killed, tmp_path
):
    expected = marks(course)
    (course, names), log, grew = disturbed, tmp_path / "log", [0]
    dice = random.Random(f"killed {course.db_url[:6]}")
    for done in sorted(dice.sample(range(COUNT - 4), KILLS)):
        before, ran = durable(course, names), runs(log)
        process = batch(course, log)
        wait_for(process, lambda done=done: in_place(course) >= done)
        time.sleep(dice.uniform(0, 0.02))
        kill(process)
        grew.append(is_whole(course, expected))
        again = runs(log)[len(ran) :]
        assert not before & set(again), "graded twice"
        assert len(again) == len(set(again))
    assert grew == sorted(grew) and 0 < grew[-1] < COUNT
    process = batch(course, log)
    assert process.wait(60) == 0 and "graded" in process.stdout.read()
    process.stdout.close()
    assert (contents(course), notebooks(course, names)) == not_killed
    assert len(runs(log)) <= COUNT + 4 * KILLS, "only what was in hand is run again"
    assert not list(course.path("autograded", "x", TOPIC).parent.parent.glob("*/*/.*"))


def _below(process):
    return psutil.Process(process.pid).children(recursive=True)


def worker_of(process):
    """A fork of the grader."""
    mine = psutil.Process(process.pid)
    return next(c for c in mine.children() if c.cmdline() == mine.cmdline())


def warm_parent_of(process):
    """The first of those in the box."""
    return next(c for c in _below(process) if c.cmdline()[1:3] == ["-I", "-c"])


@pytest.mark.parametrize("whom", [worker_of, warm_parent_of])
def test_a_batch_outlives_its_workers_and_its_box(course, not_killed, whom, released, tmp_path):
    other, log = load(shutil.copytree(released, tmp_path / "disturbed")), tmp_path / "log"
    names = hand_in_some(other, COUNT)
    process = batch(other, log)
    wait_for(process, lambda: in_place(other) >= 3)
    os.kill(whom(process).pid, signal.SIGKILL)
    assert process.wait(60) == 0
    assert f"{COUNT} submissions" in process.stdout.read()
    process.stdout.close()
    assert (contents(other), notebooks(other, names)) == not_killed
    assert len(runs(log)) <= COUNT + 1


def test_nothing_goes_on_behind_a_batch_that_was_killed(course, tmp_path):
    hand_in_some(course, 8)
    process = batch(course, tmp_path / "log")
    wait_for(process, lambda: in_place(course))
    below = _below(process)
    kill(process)
    assert below
    _, alive = psutil.wait_procs(below, timeout=5)
    assert not alive
