"""`nbgrader zip_collect` of what Moodle, Canvas and Blackboard let one download."""

import json
import os
import subprocess
import sys
import zipfile

import pytest

from autograder.integration.lms_files import whose
from autograder.submission import collect
from tests.support.toy import RIGHT, TOPIC, notebook

MOODLE = "Ada Lovelace_1234567_assignsubmission_file"
NAMES = {
    f"{MOODLE}_toy.ipynb": ("Ada Lovelace", "toy.ipynb"),
    f"{MOODLE}_/toy.ipynb": ("Ada Lovelace", "toy.ipynb"),
    f"all/{MOODLE}/toy.ipynb": ("Ada Lovelace", "toy.ipynb"),
    f"all/{MOODLE}_hw/toy/my_toy.ipynb": ("Ada Lovelace", "my_toy.ipynb"),
    "이순신_77_assignsubmission_file_/toy (1).ipynb": ("이순신", "toy.ipynb"),
    "Nuala O'Brien_8_assignsubmission_file_/toy.ipynb": ("Nuala O\u2019Brien", "toy.ipynb"),
    "lovelaceada_12345_678901_toy.ipynb": ("lovelaceada", "toy.ipynb"),
    "lovelaceada_LATE_12345_678901_toy-1.ipynb": ("lovelaceada", "toy.ipynb"),
    "submissions/lovelaceada_12345_678901_my_toy-2.ipynb": ("lovelaceada", "my_toy.ipynb"),
    "toy_ada12_attempt_2026-11-01-12-34-56_toy.ipynb": ("ada12", "toy.ipynb"),
    "Home_work 1_ada12_attempt_2026-11-01-12-34-56_my toy.ipynb": ("ada12", "my toy.ipynb"),
    "toy_ada12_attempt_2026-11-01-12-34-56_hw/x_1_2_y.ipynb": ("ada12", "x_1_2_y.ipynb"),
}
NOBODY = ["toy.ipynb", "all/toy.ipynb", f"{MOODLE}_essay.pdf", f"{MOODLE}_/._toy.ipynb"]
NOBODY += [f"__MACOSX/{MOODLE}_toy.ipynb", f"{MOODLE}_/.ipynb_checkpoints/toy-checkpoint.ipynb"]


@pytest.mark.parametrize("path", NAMES)
def test_a_name_tells_student_and_file(path):
    found = whose(path, TOPIC)
    assert (found.student, found.name) == NAMES[path]
    assert collect.safe_name(found.student)
    assert found.time == ("2026-11-01 12:34:56" if "attempt" in path else "")


@pytest.mark.parametrize("path", NOBODY)
def test_what_tells_nobody_is_left(path):
    assert whose(path, TOPIC) is None


def _downloaded(course):
    """An archive of each system, and files that are none of a student's."""
    folder = course.root / "downloaded" / TOPIC / "archive"
    folder.mkdir(parents=True)
    mine = json.dumps(notebook(course, **RIGHT))
    for number, name in ((1, "Ada Lovelace"), (2, "Bo Ek"), (3, "Bo Ek")):
        with zipfile.ZipFile(folder / "moodle.zip", "a") as archive:
            archive.writestr(f"{name}_{number}_assignsubmission_file_/toy.ipynb", mine)
            archive.writestr(f"{name}_{number}_assignsubmission_file_/._toy.ipynb", "x")
    with zipfile.ZipFile(folder / "submissions.zip", "w") as archive:
        archive.writestr("lovelaceada_LATE_5_678901_toy-1.ipynb", mine)
        archive.writestr("lovelaceada_LATE_5_678902_toy.ipynb", mine)
    for time in ("11-34-56", "12-34-56"):
        (folder / f"toy_ada12_attempt_2026-11-01-{time}_toy.ipynb").write_text(mine + " " * 6)
    (folder / "readme.txt").write_text("x")
    (folder / "stray.ipynb").write_text(mine)


def test_zip_collect_collects_from_all_three(course):
    _downloaded(course)
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + 'get_config().Collector.zone = "Europe/Berlin"\n')
    ran = subprocess.run(
        [sys.executable, "-m", "nbgrader", "zip_collect", TOPIC],
        cwd=course.root,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert collect.folders(course, TOPIC)[0] == ["Ada Lovelace", "Bo Ek", "ada12", "lovelaceada"]
    for student in ("Ada Lovelace", "Bo Ek", "ada12", "lovelaceada"):
        assert collect.collect(course, student, TOPIC).name == "toy.ipynb"
    when = collect.collect(course, "ada12", TOPIC).timestamp
    assert when.isoformat(" ") == "2026-11-01 11:34:56"
    assert "two students have the name 'Bo Ek'" in ran.stderr
    assert "stray.ipynb: its name tells no student" in ran.stderr
