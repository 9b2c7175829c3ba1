"""A term in small: a course of its own, two students, and the exchange folder between them."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.commands import demo
from autograder.course.catalogue import ROOT

TOPIC, COURSE, POINTS = "lpc", "from-sound-to-meaning", 3
QUESTION = f"""

+++

## In your own words

Why does the predictor of a voiced frame do worst where the glottis closes?

+++ {{"nbgrader": {{"grade_id": "why", "grade": true, "solution": true, "points": {POINTS}}}}}

The impulse is the one thing that the past does not tell.
"""
ANSWERS = {
    "ada": "Because the pulse comes *from outside* the filter: $e[n]$ is large there.",
    "ben": "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>I"
    " do not know.",
}


@dataclass(frozen=True)
class Term:
    """One course, with the folders of everybody in it."""

    root: Path  # the instructor's clone of this repository
    exchange: Path
    home: Path  # a folder a student

    def python(self, *arguments, **options):
        """Run Python in the instructor's course; fails if that fails."""
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=self.root,
            env=self.environment("instructor"),
            capture_output=True,
            text=True,
            timeout=300,
            **options,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        return done.stdout

    def environment(self, who):
        """Where somebody's Jupyter keeps its things; no configuration but the course's."""
        private = self.home / who
        return os.environ | {
            "COURSE_DIR": "_course",
            "JUPYTER_CONFIG_DIR": str(private / "config"),
            "JUPYTER_DATA_DIR": str(private / "data"),
            "PYTHONPATH": str(self.root),
        }

    def nbgrader(self, *steps):
        """Run nbgrader's commands, each as (who, *arguments); students have their own folders."""
        listed = []
        for who, *arguments in steps:
            command = [*arguments, f"--Exchange.root={self.exchange}"]
            if who != "instructor":
                command += [f"--student={who}", f"--course={COURSE}"]
            folder = self.root if who == "instructor" else self.home / who
            environment = self.environment(who)
            listed.append(
                {
                    "folder": str(folder),
                    "environment": {k: environment[k] for k in environment if "JUPYTER" in k},
                    "command": command,
                }
            )
        script = Path(__file__).with_name("commands.py")
        codes = json.loads(self.python(script, input=json.dumps(listed)).splitlines()[-1])
        for step, code in zip(steps, codes, strict=True):
            assert code == 0, step

    def autograder(self, *arguments):
        """Run our own command."""
        return self.python("-m", "autograder.commands.cli", *arguments)

    def path(self, step, student, name=""):
        """A folder or file of the course."""
        return self.root / "_course" / step / student / TOPIC / name

    def cells(self):
        """{(student, cell): (automatic score, manual score, needs a person, comment)}."""
        from nbgrader.api import Gradebook

        found = {}
        with Gradebook(f"sqlite:///{self.root}/_course/gradebook.db", COURSE) as gradebook:
            for submission in gradebook.assignment_submissions(TOPIC):
                (book,) = submission.notebooks
                says = {comment.name: comment.comment for comment in book.comments}
                for g in book.grades:
                    score = (g.auto_score, g.manual_score, g.needs_manual_grade)
                    found[submission.student.id, g.name] = (*score, says.get(g.name))
        return found


def _write(path, sources):
    """What a student does: open the notebook that was fetched, and fill in cells."""
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = sources.get(name, cell["source"])
    path.write_text(json.dumps(notebook))


@pytest.fixture(scope="session")
def term(tmp_path_factory):
    """The term up to the deadline: released, fetched, handed in (Ben twice), collected."""
    folder = tmp_path_factory.mktemp("term")
    one = Term(folder / "course", folder / "exchange", folder / "home")
    one.root.mkdir()
    unneeded = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "autograder", one.root / "autograder", ignore=unneeded)
    for name in ("nbgrader_config.py", "_toc.yml"):
        shutil.copy(ROOT / name, one.root / name)
    text = (ROOT / "solutions" / f"{TOPIC}.md").read_text()
    (one.root / "solutions").mkdir()
    (one.root / "solutions" / f"{TOPIC}.md").write_text(text + QUESTION)
    for student in ANSWERS:
        (one.home / student).mkdir(parents=True)
    one.nbgrader(
        ("instructor", "generate_assignment", TOPIC),
        ("instructor", "release_assignment", TOPIC),
        *((student, "fetch_assignment", TOPIC) for student in ANSWERS),
        ("ben", "submit", TOPIC),
    )
    for student, sources in (("ada", demo.right(TOPIC)), ("ben", demo.mistaken(TOPIC, 0))):
        _write(one.home / student / TOPIC / f"{TOPIC}.ipynb", sources | {"why": ANSWERS[student]})
    one.nbgrader(
        *((student, "submit", TOPIC) for student in ANSWERS),
        ("instructor", "collect", TOPIC),
        ("instructor", "autograde", TOPIC),
    )
    return one
