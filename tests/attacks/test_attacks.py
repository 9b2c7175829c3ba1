"""The attack suite: every attack gains nothing and harms nothing, through both doors.

Each file in `cells/` is the code of one attack; its docstring says what it tries and what success
would look like. A class of attackers and one honest student is graded by `autograder grade` and by
nbgrader's own autograding. The names in capitals that an attack uses are given to it: an attacker
who knows the grader's machine by heart.
"""

import json
import os
import re
import socket
import sqlite3
from pathlib import Path

import pytest

from autograder import assess, course, demo, feedback, grade
from autograder.exercise import ROOT, exercises, topics
from autograder.release import release

TOPIC = "lpc"
CELLS = sorted((Path(__file__).parent / "cells").glob("*.py"))
ATTACKS = [path.stem for path in CELLS]
MARK = "attacker-was-here"
SECRET = "a-secret-of-the-grader"


class Listener:
    """A server on the grader's machine; the kernel keeps whoever connects until it is asked.

    It has no thread of its own: beside a thread, the batch would not fork.
    """

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.server.setblocking(False)
        self.port = self.server.getsockname()[1]

    @property
    def heard(self) -> list[object]:
        """Who has connected since it was last asked."""
        try:
            return [self.server.accept()]
        except BlockingIOError:
            return []


def attacker(path: Path, facts: dict[str, object]) -> bytes:
    """The released notebook, untouched but for the attack as its first and its last cell."""
    notebook = demo.submission(TOPIC, {})
    given = "\n".join(f"{name} = {value!r}" for name, value in facts.items())
    cell = {"cell_type": "code", "execution_count": None, "outputs": [], "metadata": {}}
    cell["source"] = f"{given}\n{path.read_text()}"
    notebook["cells"] = [
        {**cell, "id": "attack-first"},
        *notebook["cells"],
        {**cell, "id": "attack-last"},
    ]
    return json.dumps(notebook).encode()


def through_our_door(one: course.Course) -> None:
    grade.grade(one, TOPIC, progress=False)


def through_nbgrader_s_door(one: course.Course) -> None:
    from nbgrader.apps import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory

    from autograder import plugin

    plugin.install()
    api = NbGraderAPI(CourseDirectory(config=one.config), config=one.config)
    for student in [*ATTACKS, "honest"]:
        result = api.autograde(TOPIC, student)
        assert result["success"], result


def on_one_worker(door: str, box: str) -> object:
    group = pytest.mark.xdist_group(f"attacks-{door}-{box}")
    return pytest.param((door, box), marks=group, id=f"{door}-{box}")


WAYS = [("ours", "namespaces"), ("nbgrader", "namespaces"), ("ours", "landlock")]


@pytest.fixture(scope="module", params=[on_one_worker(*way) for way in WAYS])
def aftermath(request, tmp_path_factory):
    """What is left when the class has been graded."""
    way, box = request.param
    folder = tmp_path_factory.mktemp(f"course-{way}-{box}")
    listener = Listener()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_DIR", str(folder))
        patch.setenv("GRADER_SECRET", SECRET)
        patch.setenv("AUTOGRADER_BOX", box)
        patch.setattr(assess, "CELL_SECONDS", 1.5)
        release([TOPIC])
        facts = {
            "NAMES": [exercise.name for exercise in exercises(TOPIC)],
            "TOPICS": topics(),
            "ROOT": str(ROOT),
            "COURSE": str(folder),
            "GRADEBOOK": str(folder / "gradebook.db"),
            "PORT": listener.port,
            "MARK": MARK,
            "SECRET": SECRET,
        }
        demo.hand_in(folder, TOPIC, {"honest": ("", demo.CLASS["ada"][1])})
        for path in CELLS:
            write = lambda topic, path=path: attacker(path, facts)  # noqa: E731
            demo.hand_in(folder, TOPIC, {path.stem: ("", write)})
        one = course.load()
        door = through_our_door if way == "ours" else through_nbgrader_s_door
        door(one)
        pages = {
            page.parent.parent.name: page.read_text() for page in feedback.generate(one, TOPIC)
        }
        yield {"folder": folder, "pages": pages, "listener": listener}
        listener.server.close()


def scores(folder: Path) -> dict[str, tuple[float, float]]:
    """Student -> (score, maximum), read from the gradebook without anybody's library."""
    query = """
        select student.id, sum(grade.auto_score), sum(grade_cells.max_score)
        from grade
        join grade_cells on grade_cells.id = grade.cell_id
        join submitted_notebook on submitted_notebook.id = grade.notebook_id
        join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
        join student on student.id = submitted_assignment.student_id
        group by student.id
    """
    with sqlite3.connect(folder / "gradebook.db") as book:
        return {who: (score, most) for who, score, most in book.execute(query)}


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_attack_earns_nothing(aftermath, attack):
    most = sum(exercise.points for exercise in exercises(TOPIC))
    assert scores(aftermath["folder"])[attack] == (0, most)


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_attack_shows_nothing_it_should_not(aftermath, attack):
    page = aftermath["pages"][attack]
    assert len(page) < 2**20
    assert "FOUND" not in re.sub(r"print\(.*?FOUND.*", "", re.sub(r"<[^>]*>", "", page)), attack
    assert "<script" not in page.lower()
    assert "onerror=" not in re.sub(r"&lt;.*?&gt;", "", page)
    assert "\x1b" not in page
    assert "<iframe" not in page.lower()


def test_the_honest_student_is_not_touched(aftermath):
    score, most = scores(aftermath["folder"])["honest"]
    assert score == most == sum(exercise.points for exercise in exercises(TOPIC))
    assert MARK not in aftermath["pages"]["honest"]


def test_nobody_reached_the_network(aftermath):
    listener = aftermath["listener"]
    assert listener.heard == []
    with socket.create_connection(("127.0.0.1", listener.port)):
        assert len(listener.heard) == 1  # it would have heard


def test_nothing_was_left_behind(aftermath):
    written = aftermath["folder"] / "submitted"
    places = [ROOT, aftermath["folder"], Path("/tmp"), Path("/var/tmp"), Path("/dev/shm")]
    for place in places:
        assert not (place / MARK).exists()
    for place in map(Path, {os.path.dirname(json.__file__), os.path.dirname(pytest.__file__)}):
        assert not list(place.parent.glob(f"*{MARK}*"))
        assert not (place.parent / "usercustomize.py").exists()
    assert sorted(p.name for p in written.iterdir()) == sorted([*ATTACKS, "honest"])


def test_no_process_is_left(aftermath):
    mine = os.getpid()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            text = (entry / "cmdline").read_bytes()
            status = (entry / "status").read_text()
        except OSError:
            continue
        if b"from autograder.runner import warm" in text:
            assert f"PPid:\t{mine}\n" not in status


def test_every_attack_says_what_it_tries_and_what_success_is():
    for path in CELLS:
        first, _, rest = path.read_text().partition("\n")
        assert first.startswith('"""') and first.endswith(".")
        assert "\nSucceeds if " in rest.split('"""')[0]
