"""Another course, not about speech, by configuration only: the commands of the instructors' guide.

The course in `tests/support/second_course` is copied; every command runs there in a process of its
own, and nothing of the grader is replaced.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.catalogue import ROOT

COURSE = ROOT / "tests" / "support" / "second_course"
TOPIC = "polygons"
GUIDE = (ROOT / "book" / "instructors.md").read_text()
RIGHT = {
    "area": "def area(corners):\n"
    "    corners = np.asarray(corners, dtype=float)\n"
    "    if corners.ndim != 2 or corners.shape[1] != 2 or len(corners) < 3:\n"
    "        raise ValueError('no polygon')\n"
    "    x, y = corners.T\n"
    "    return abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2\n"
}
NEGATIVE = {"area": RIGHT["area"].replace("abs(", "(")}


def run(folder, *words, code=0):
    """One command in the course's folder; what it said."""
    program = {"autograder": "autograder.commands.cli", "nbgrader": "nbgrader"}[words[0]]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COURSE_DIR": "_course"}
    done = subprocess.run(
        [sys.executable, "-m", program, *map(str, words[1:])],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == code, (words, done.stdout[-2000:], done.stderr[-3000:])
    return done.stdout + done.stderr


def hand_in(folder, student, replaced):
    """The released notebook with some functions written."""
    notebook = json.loads((folder / "exercises" / TOPIC / f"{TOPIC}.ipynb").read_text())
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = replaced.get(name, cell["source"])
    path = folder / "_course" / "submitted" / student / TOPIC / f"{TOPIC}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook))


@pytest.fixture
def course(tmp_path):
    return shutil.copytree(COURSE, tmp_path / "geometry")


def commands():
    """The commands of the guide's section on another course, in their order."""
    section = GUIDE.partition("## A course of your own")[2].partition("\n## ")[0]
    lines = [line.strip() for line in section.splitlines()]
    return [shlex.split(line) for line in lines if re.match(r"(autograder|nbgrader) ", line)]


def test_the_guide_shows_the_files_of_the_course():
    for name in ("nbgrader_config.py", f"checks/{TOPIC}.py"):
        lines = [x.strip() for x in (COURSE / name).read_text().splitlines()]
        section = GUIDE.partition("## A course of your own")[2].partition("\n## ")[0]
        (shown,) = re.findall(rf"# {re.escape(name)}\n(.*?)```", section, flags=re.S)
        assert all(line.strip() in lines for line in shown.splitlines()), name


def test_the_commands_of_the_guide(course):
    said, found = {}, commands()
    assert [words[:2] for words in found[:2]] == [
        ["autograder", "release"],
        ["autograder", "grade"],
    ]
    for words in found:
        if "grade" in words[1]:
            hand_in(course, "ada", RIGHT)
            hand_in(course, "ben", NEGATIVE)
        said[" ".join(words[:2])] = run(course, *words)
    assert re.search(r"ada +4/9 +4 +0\b", said["autograder grade"]), said
    assert re.search(r"ben +3/9 +3 +0\b", said["autograder grade"]), said
    assert "ada: graded, 4 of 9 points" in said["nbgrader autograde"]
    page = (course / "_course" / "feedback" / "ben" / TOPIC / f"{TOPIC}.html").read_text()
    assert "Your area is negative for a polygon that runs clockwise." in page
    report = (course / "_course" / "reports" / f"{TOPIC}.html").read_text()
    assert "hull" in report and "ben" in report
    public = Path(course, found[-1][2])
    files = {str(path.relative_to(public)) for path in public.rglob("*") if path.is_file()}
    assert files == {"README.md", ".gitignore", f"exercises/{TOPIC}/{TOPIC}.ipynb"}


def test_a_check_of_the_course_decides_whether_a_score_is_kept(course):
    run(course, "autograder", "release")
    hand_in(course, "ada", RIGHT)
    run(course, "autograder", "grade", TOPIC)
    assert "1 had been graded before" in run(course, "autograder", "grade", TOPIC)
    for name in ("checks", "reference"):
        path = course / name / f"{TOPIC}.py"
        path.write_text(path.read_text() + "\n# corrected\n")
        said = run(course, "autograder", "grade", TOPIC)
        assert "1 submission of polygons graded" in said and "before" not in said


def test_an_answer_of_the_course_is_found_in_its_export(course, tmp_path):
    run(course, "autograder", "release")
    (course / "README.md").write_text(
        f"```python\n{(course / 'reference' / f'{TOPIC}.py').read_text()}\n```\n"
    )
    said = run(course, "autograder", "export", tmp_path / "public", code=1)
    assert "the reference polygons.area" in said and "the reference polygons.hull" in said


# --- bad input: one sentence that names the file ------------------------------------------

CONFIG, CHECKS = "nbgrader_config.py", f"checks/{TOPIC}.py"
SLIPS = {
    "no such package of checks": (
        CONFIG,
        '= "checks"',
        '= "chekcs"',
        r"nbgrader_config\.py: c\.Autograder\.checks names the package 'chekcs', which is not",
    ),
    "no such package of references": (
        CONFIG,
        '= "reference"',
        '= "other.reference"',
        r"nbgrader_config\.py: c\.Autograder\.reference names the package 'other\.reference'",
    ),
    "a package that is no name": (
        CONFIG,
        '= "checks"',
        '= "../checks"',
        r"nbgrader_config\.py: c\.Autograder\.checks is '\.\./checks', but must name a package",
    ),
    "no such topic": (
        CONFIG,
        '["polygons"]',
        '["polygons", "circles"]',
        r"nbgrader_config\.py: the course has the topic 'circles', but neither .*circles\.py nor",
    ),
    "no such list of topics": (
        CONFIG,
        '["polygons"]',
        '"topics.yml"',
        r"topics\.yml, which names the topics, cannot be read",
    ),
    "checks that are not Python": (
        CHECKS,
        "EXERCISES = (",
        "EXERCISES = ((",
        r"checks/polygons\.py, line \d+: this is not Python",
    ),
    "checks that do not import": (
        CHECKS,
        "import numpy as np",
        "import numpy as np\nimport nothing_like_it",
        r"checks/polygons\.py, line \d+: ModuleNotFoundError: No module named 'nothing_like_it'",
    ),
    "checks that declare nothing": (
        CHECKS,
        "EXERCISES = (",
        "ASKED = (",
        r"checks/polygons\.py needs EXERCISES",
    ),
    "a circle": (
        f"reference/{TOPIC}.py",
        "import numpy as np",
        "import numpy as np\nfrom checks.polygons import AREA",
        r"reference/polygons\.py, line \d+: modules import each other in a circle: "
        r"polygons\.py -> polygons\.py -> polygons\.py",
    ),
}


@pytest.mark.parametrize(("file", "old", "new", "says"), SLIPS.values(), ids=list(SLIPS))
def test_a_slip_is_one_sentence_that_names_the_file(course, file, old, new, says):
    text = (course / file).read_text()
    assert old in text
    (course / file).write_text(text.replace(old, new, 1))
    said = run(course, "autograder", "release", code=2)
    assert re.search(says, said), said
    assert len(said.strip().splitlines()) == 1 and said.startswith("autograder: "), said
