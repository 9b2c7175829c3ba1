"""Reading a folder that nobody vouches for."""

import datetime
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.submission import collect
from tests.grading.conftest import TOPIC, hand_in, notebook


@pytest.mark.parametrize("name", ["ada", "a.b-c_d@e+f", "Ωμέγα", "s 1", "x" * 120])
def test_names_that_students_have(name):
    assert collect.safe_name(name)


HARMFUL = [
    *("", ".", "..", ".hidden", "-rf", "a/b", "a\nb", "a\x1b[31m", "*", "a?", "{x}", "<b>"),
    *("a'b", 'a"b', "a\u202eb", "x" * 121, "\udcff", "a\\b", "a,b", " a"),
]


@pytest.mark.parametrize("name", HARMFUL)
def test_names_that_would_do_harm(name):
    assert not collect.safe_name(name)


@given(st.text())
def test_any_name_can_be_shown(name):
    assert collect.shown(name).isascii() and collect.shown(name).isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "2015-02-02 15:58:23.948203 UTC",
        "2015-02-02 15:58:23 UTC",
        "2015-02-02 15:58:23 PST",
        "2015-02-02 15:58:23 +0200",
        "2015-02-02T15:58:23+02:00",
        "2015-02-02 15:58:23",
    ],
)
def test_times_are_read_as_nbgrader_reads_them(text):
    from nbgrader.utils import parse_utc

    assert collect.parse_utc(text) == parse_utc(text)


ODD_TIMES = ["0001-01-02 00:00:00 UTC", "9999-12-31 23:59:59 -9", "2026-01-01 10:00:00 ../../x"]
ODD_TIMES += ["2026-01-01 10:00:00 /dev/zero", "2026-01-01 10:00:00 \u00b2"]


@pytest.mark.parametrize("text", ODD_TIMES)
def test_times_that_nobody_hands_in_at_are_not_taken(course, text, monkeypatch):
    from dateutil import tz

    monkeypatch.setattr(tz, "gettz", lambda name: pytest.fail(name) if "/" in name else tz.UTC)
    hand_in(course, "ada", notebook(course), stamp=text)
    handed = collect.collect(course, "ada", TOPIC)
    assert handed.timestamp is None and "timestamp.txt" in " ".join(handed.says)


@pytest.mark.parametrize(
    "text", ["yesterday-ish", "99999999999999999999", "0000-00-00", "\0", "1", *ODD_TIMES]
)
def test_times_that_are_none_are_a_sentence_at_most(course, text):
    hand_in(course, "ada", notebook(course), stamp=text)
    handed = collect.collect(course, "ada", TOPIC)
    assert handed.data is not None
    assert handed.timestamp is None or isinstance(handed.timestamp, datetime.datetime)


def test_the_digest_follows_the_contents(course):
    hand_in(course, "ada", notebook(course))
    first = collect.collect(course, "ada", TOPIC)
    assert first.digest == collect.collect(course, "ada", TOPIC).digest
    hand_in(course, "ada", notebook(course), stamp="2026-11-01 12:00:00 UTC")
    assert collect.collect(course, "ada", TOPIC).digest != first.digest


def test_nothing_outside_is_read_through_a_link(course):
    secret = course.root / "secret.ipynb"
    secret.write_text("secret")
    for student, make in {"soft": os.symlink, "hard": os.link}.items():
        make(secret, hand_in(course, student))
        handed = collect.collect(course, student, TOPIC)
        assert handed.data is None
        assert handed.says


def test_many_files_are_not_all_looked_at(course):
    path = hand_in(course, "ada", notebook(course))
    for n in range(collect.MAX_FILES + 5):
        (path.parent / f"{n}.txt").touch()
    assert any("more than 1000 files" in s for s in collect.collect(course, "ada", TOPIC).says)


def test_nobody_handed_in(course):
    assert collect.folders(course, TOPIC) == ([], [])
    handed = collect.collect(course, "ada", TOPIC)
    assert not handed.exists and handed.says == ("Nothing was handed in.",)


def test_other_directory_structures(course):
    structure = os.path.join("{nbgrader_step}", "{assignment_id}", "{student_id}")
    course.config.CourseDirectory.directory_structure = structure
    hand_in(course, "ada", notebook(course))
    assert collect.folders(course, TOPIC)[0] == ["ada"]
    assert collect.collect(course, "ada", TOPIC).data


def test_a_second_name_takes_nothing_from_the_owner():
    def info(uid, links):
        return os.stat_result((0o100644, 1, 1, links, uid, 0, 0, 0, 0, 0))

    me, ada, eve = os.geteuid(), os.geteuid() + 1, os.geteuid() + 2
    assert collect._own(info(ada, 2), info(ada, 2))  # Ada's, in Ada's folder
    assert not collect._own(info(ada, 2), info(eve, 2))  # Ada's, linked into Eve's
    assert not collect._own(info(me, 2), info(eve, 2))  # the grader's
    assert not collect._own(info(me, 2), info(me, 2))
    assert collect._own(info(me, 1), info(eve, 2))
