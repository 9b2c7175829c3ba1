"""The configuration, read as nbgrader reads it; and the secret."""

import os
import stat
import subprocess
import sys

import pytest

from autograder.course.catalogue import ROOT
from autograder.course.course import Course, CourseError, load


def test_paths_are_nbgrader_s(course):
    for step in ("source", "release", "submitted", "autograded", "feedback"):
        theirs = getattr(course.coursedir, f"{step}_directory")
        assert course.step(step) == theirs
        assert str(course.path(step, "ada", "toy")) == course.coursedir.format_path(
            theirs, "ada", "toy"
        )
    assert course.db_url == course.coursedir.db_url


def test_a_running_application_s_course_is_the_same(course):
    again = Course.of(course.coursedir, course.config)
    assert again.path("submitted", "ada", "toy") == course.path("submitted", "ada", "toy")
    assert (again.db_url, again.folder, again.secret) == (
        course.db_url,
        course.folder,
        course.secret,
    )


def test_the_secret_stays_and_is_private(course):
    assert len(course.secret) == 32
    assert load(course.root).secret == course.secret
    assert stat.S_IMODE(os.stat(course.folder / "secret").st_mode) == 0o600


def test_a_folder_without_configuration_is_one_sentence(tmp_path):
    with pytest.raises(CourseError, match=r"holds no nbgrader_config\.py"):
        load(tmp_path)


def test_course_dir_moves_everything(course, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DIR", str(tmp_path / "elsewhere"))
    moved = load(course.root)
    assert moved.path("submitted", "ada", "toy") == tmp_path / "elsewhere/submitted/ada/toy"
    assert moved.folder == tmp_path / "elsewhere"


def test_grading_does_not_import_nbgrader():
    """It takes longer than grading a class."""
    code = (
        "import sys; from autograder.course import course;"
        "from autograder.gradebook import gradebook;"
        "from autograder.batch import grade, summary, pool; course.load();"
        "import autograder.submission.assess;"
        "slow = {'nbgrader', 'nbformat', 'nbconvert', 'sqlalchemy'};"
        "print(*(slow & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
