"""The attack suite: every attack gains nothing and leaves no trace, through both doors.

A class of attackers and a few honest students is graded by `autograder grade` and by nbgrader's
own autograding, end to end, in one batch each; then everything is looked at that an attack could
have changed. `test_detectors.py` shows that these eyes see.
"""

import csv
import json

import pytest

from autograder.batch.grade import grade
from autograder.batch.request import Request
from autograder.course import course
from autograder.course.catalogue import exercises
from autograder.pages import feedback, lms, report
from autograder.release.assignments import release
from autograder.sandbox.outside import collect
from autograder.submission import assess
from tests.attacks import harness, marks, traces
from tests.attacks.harness import FAMILIES, HONEST, SECRET, TOPIC, WITNESS
from tests.support.inert import Page

ATTACKS = harness.attacks()
LEAST = 60
each_attack = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)


def through_our_door(one: course.Course) -> str:
    return str(grade(Request(one, TOPIC, progress=False)))


def through_nbgrader_s_door(one: course.Course) -> str:
    from nbgrader.apps import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory

    from autograder.integration import plugin

    plugin.install()
    api = NbGraderAPI(CourseDirectory(config=one.config), config=one.config)
    result = api.autograde(TOPIC, "*", force=False)
    assert result["success"], result
    return result["log"]


DOORS = {"ours": through_our_door, "nbgrader": through_nbgrader_s_door}


class Aftermath:
    """What is there when the class has been graded."""

    def __init__(self, folder, said, left, before, submitted):
        self.folder, self.said, self.left = folder, said, left
        self.before, self.submitted = before, submitted
        self.scores = marks.scores(folder / "gradebook.db")
        self.report = (folder / "reports" / f"{TOPIC}.html").read_text()
        self.tables = [path.read_text() for path in (folder / "grades").glob("*.csv")]
        self.pages = {
            page.parent.parent.name: page.read_text()
            for page in (folder / "feedback").glob(f"*/{TOPIC}/{TOPIC}.html")
        }


def a_class(folder, door):
    """Grade the honest first, then everybody; what the attackers have done to the machine."""
    release([TOPIC])
    harness.hand_in_honest(folder)
    door(course.load())
    before = marks.book_of_others(folder / "gradebook.db", set(HONEST))
    known = harness.facts(folder)
    eyes = traces.Watch(folder)
    try:
        known |= eyes.listeners.facts
        for attack in ATTACKS:
            harness.hand_in(attack, folder, known)
        harness.hand_in_witness(folder, known)
        touch_the_honest(folder)
        submitted = traces.tree(folder / "submitted")
        said = door(course.load())
        feedback.generate(course.load(), TOPIC)
        report.generate(course.load(), TOPIC)
        for kind in lms.FORMATS:
            lms.export(course.load(), TOPIC, kind)
        return Aftermath(folder, said, eyes.report(), before, submitted)
    finally:
        eyes.close()


def touch_the_honest(folder):
    """Make honest work look changed, so that it is graded anew among the attacks."""
    for student in HONEST:
        path = folder / "submitted" / student / TOPIC / f"{TOPIC}.ipynb"
        path.write_text(path.read_text() + "\n")


def on_one_worker(door, box):
    group = pytest.mark.xdist_group(f"attacks-{door}-{box}")
    return pytest.param((door, box), marks=group, id=f"{door}-{box}")


WAYS = [("ours", "namespaces"), ("nbgrader", "namespaces"), ("ours", "landlock")]


@pytest.fixture(scope="module", params=[on_one_worker(*way) for way in WAYS])
def aftermath(request, tmp_path_factory):
    door, box = request.param
    folder = tmp_path_factory.mktemp(f"course-{door}-{box}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_BOX", box)
        patch.setenv("COURSE_DIR", str(folder))
        patch.setenv("GRADER_SECRET", SECRET)
        patch.setattr(assess, "CELL_SECONDS", 1.0)
        patch.setattr(collect, "GRACE", 0.5)
        yield a_class(folder, DOORS[door])


@each_attack
def test_the_attack_earns_nothing(aftermath, attack):
    assert aftermath.scores.get(attack.student, 0) == 0
    if attack.is_code:
        assert attack.student in aftermath.scores


@each_attack
def test_the_attack_finds_nothing(aftermath, attack):
    notebook = marks.autograded(aftermath.folder, attack.student)
    assert notebook is None or not marks.tells(notebook)


@each_attack
def test_what_the_attack_shows_is_inert(aftermath, attack):
    if attack.student not in aftermath.pages:
        assert not attack.is_code
        return
    page = aftermath.pages[attack.student]
    assert len(page) < 2**20
    assert not marks.acts(page)
    parsed = Page(page, allowed=("style", "meta", "details"))
    assert not parsed.active
    assert all(t.get("src") is None and t.get("href", "#")[0] == "#" for _, t in parsed.tags)
    notebook = marks.autograded(aftermath.folder, attack.student)
    assert {o["output_type"] for o in marks.outputs(notebook)} <= {"stream", "error"}
    assert not marks.CONTROLS.search("".join(map(json.dumps, marks.outputs(notebook))))


@pytest.mark.parametrize("attack", [a for a in ATTACKS if a.family == "show"], ids=lambda a: a.name)
def test_formgrader_s_view_of_it_is_inert(aftermath, attack):
    notebook = marks.autograded(aftermath.folder, attack.student)
    assert notebook is None or not marks.acts(marks.rendered(notebook))


def test_the_report_on_the_class_is_inert(aftermath):
    assert not marks.acts(aftermath.report)
    assert not Page(aftermath.report, allowed=("style", "meta", "details", "svg")).active


def test_no_grade_file_holds_a_formula(aftermath):
    assert len(aftermath.tables) == len(lms.FORMATS)
    cells = [c for table in aftermath.tables for row in csv.reader(table.splitlines()) for c in row]
    assert cells and not any(map(lms.FORMULA.match, cells))


@each_attack
def test_no_attack_is_taken_for_a_fault_of_the_grader_s(aftermath, attack):
    """Which a person would have to look at, once for each try."""
    notebook = marks.autograded(aftermath.folder, attack.student)
    assert notebook is None or assess.FAULT not in json.dumps(notebook)


def test_the_honest_are_graded_as_without_the_attackers(aftermath):
    after = marks.book_of_others(aftermath.folder / "gradebook.db", set(HONEST))
    assert after == aftermath.before
    most = sum(exercise.points for exercise in exercises(TOPIC))
    assert aftermath.scores["aaron"] == aftermath.scores["honest"] == most
    assert 0 < aftermath.scores["zoe"] < most
    for student in HONEST:
        assert harness.MARK not in aftermath.pages[student]


def test_nobody_is_in_the_gradebook_who_should_not(aftermath):
    names = {attack.student for attack in ATTACKS} | set(HONEST) | {WITNESS}
    assert set(aftermath.scores) <= names
    assert not set(aftermath.scores) & {a.student for a in ATTACKS if a.student != a.name}


def test_nothing_is_left_on_the_machine(aftermath):
    """No marked file, no process, no shared memory, and nobody called."""
    assert aftermath.left == []


def test_the_course_holds_what_the_grader_wrote_and_no_more(aftermath):
    assert traces.tree(aftermath.folder / "submitted") == aftermath.submitted
    for step, names in (("autograded", {".ipynb"}), ("feedback", {".html"})):
        for path in (aftermath.folder / step).rglob("*"):
            if not path.is_dir():
                assert path.name == "timestamp.txt" or path.suffix in names
                assert path.stem in (TOPIC, "timestamp")
    top = {path.name for path in aftermath.folder.iterdir()} - {"listener", f".{TOPIC}.lock"}
    written = {"submitted", "autograded", "feedback", "source", "reports", "grades"}
    assert top <= {*written, "gradebook.db", "secret"}


def test_the_next_student_finds_nothing(aftermath):
    assert not marks.tells(marks.autograded(aftermath.folder, WITNESS))


def test_what_the_instructor_reads_in_the_terminal_is_plain(aftermath):
    assert not marks.CONTROLS.search(aftermath.said.replace("\x1b[0m", ""))
    assert "fault of the grader" not in aftermath.said


def test_the_untouched_assignment_earns_zero(aftermath):
    """So no attack gains a point over somebody who has written nothing."""
    assert aftermath.scores[WITNESS] == 0


def test_the_suite_is_whole():
    assert len(ATTACKS) >= LEAST
    assert {attack.family for attack in ATTACKS} == set(FAMILIES)
    assert any(not attack.is_code for attack in ATTACKS)
    assert len({attack.student for attack in ATTACKS}) == len(ATTACKS)


@each_attack
def test_each_attack_says_what_it_tries_and_what_success_is(attack):
    assert attack.tries.endswith(".") and attack.success.endswith(".")
    assert len(attack.path.read_text().splitlines()) < 60
