"""Reading a folder that nobody vouches for."""

import datetime
import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.submission import collect
from tests.support.toy import TOPIC, hand_in, notebook


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
    shown = collect.shown(name)
    assert len(shown) <= 80 and not any(
        unicodedata.category(c)[0] in "CZ" and c not in " \u200c\u200d" for c in shown
    )


@pytest.mark.parametrize(
    "name", ["과제1.ipynb", "ejercicio_año.ipynb", "課題.ipynb", "می\u200cخواهم"]
)
def test_names_are_shown_in_their_own_script(name):
    assert collect.shown(name) == name


@pytest.mark.parametrize(
    "name", ["a\u202eb", "a\x1b[31mb", "a\udcffb", "a\u200cb", "a\u00adb", "a\nb"]
)
def test_what_cannot_be_seen_is_written_out(name):
    assert collect.shown(name) == ascii(name)[1:-1]


@pytest.mark.parametrize(
    "text",
    [
        "2015-02-02 15:58:23.948203 UTC",
        "2015-02-02 15:58:23 UTC",
        "2015-02-02T15:58:23+02:00",
        "2015-02-02 15:58:23",
    ],
)
def test_times_are_read_as_nbgrader_reads_them(text):
    from nbgrader.utils import parse_utc

    assert collect.parse_utc(text) == parse_utc(text)


HOURS = {"+0100": -1, "+01:00": -1, "+01": -1, "-0330": 3.5, "Z": 0, "UTC": 0, "GMT": 0, "": 0}
HOURS |= {"+0000": 0, "Europe/Berlin": -1, "UTC+1": -1, "GMT-02:00": 2}


@pytest.mark.parametrize("space", ["", " "])
@pytest.mark.parametrize("zone", HOURS)
def test_zones_are_what_they_say(zone, space):
    if "/" in zone:
        space = " "
    noon, hours = datetime.datetime(2026, 11, 1, 12), datetime.timedelta(hours=HOURS[zone])
    assert collect.parse_utc(f"2026-11-01 12:00:00{space}{zone}") == noon + hours


@pytest.mark.parametrize("zone", ["KST", "PST", "CET", "IST", "Asia/Nowhere", "KST+9"])
def test_a_zone_that_may_be_anywhere_is_refused_in_a_sentence(course, zone):
    hand_in(course, "ada", notebook(course), stamp=f"2026-11-01 12:00:00 {zone}")
    handed = collect.collect(course, "ada", TOPIC)
    assert handed.data and handed.timestamp is None
    says = " ".join(handed.says)
    assert zone.partition("+")[0] in says and "not known" in says


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


def _put(course, files):
    folder = hand_in(course, "ada").parent
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return collect.collect(course, "ada", TOPIC)


@pytest.mark.parametrize(
    "twin", ["._Mine.ipynb", ".~Mine.ipynb", ".x.ipynb", "Mine-checkpoint.ipynb"]
)
def test_hidden_files_are_no_notebooks(course, twin):
    handed = _put(course, {"Mine.ipynb": b"mine", twin: b"not"})
    assert handed.data == b"mine"
    assert handed.says == ("`Mine.ipynb` was taken, though it should be named `toy.ipynb`.",)
    hidden = ".ipynb_checkpoints/toy.ipynb"
    assert _put(course, {hidden: b"not"}).data == b"mine"


def test_hidden_files_alone_are_nothing(course):
    handed = _put(course, {"._toy.ipynb": b"not", ".ipynb_checkpoints/toy.ipynb": b"not"})
    assert handed.data is None and "`toy.ipynb` is missing" in handed.says[0]


def test_a_notebook_one_folder_down_is_found(course):
    files = {"hw/toy.ipynb": b"mine", "hw/._toy.ipynb": b"no", "__MACOSX/toy.ipynb": b"no"}
    handed = _put(course, files | {"old/other.ipynb": b"no"})
    assert handed.data == b"mine" and handed.name == "toy.ipynb"
    assert handed.says == ("`toy.ipynb` was taken from the folder `hw`.",)


def test_folders_in_which_nothing_could_be_chosen_are_named(course):
    handed = _put(course, {"one/toy.ipynb": b"1", "two/toy.ipynb": b"2"})
    assert handed.data is None and "`one`, `two` there is 2 notebooks" in " ".join(handed.says)


def test_no_link_leads_out_of_a_folder_one_down(course):
    (course.root / "away").mkdir()
    (course.root / "away" / "toy.ipynb").write_bytes(b"secret")
    folder = hand_in(course, "ada").parent
    (folder / "link").symlink_to(course.root / "away")
    (folder / "true").mkdir()
    (folder / "true" / "toy.ipynb").symlink_to(course.root / "away" / "toy.ipynb")
    assert collect.collect(course, "ada", TOPIC).data is None


def test_how_large_a_file_may_be_is_a_setting(course):
    data = b" " * (2 * 2**20)
    assert _put(course, {"toy.ipynb": data}).data == data
    course.config.Autograder.limits = {"*": {"hand_in_mb": 1}}
    handed = _put(course, {"toy.ipynb": data})
    assert handed.data is None and "the limit is 1 MiB" in handed.says[0]
