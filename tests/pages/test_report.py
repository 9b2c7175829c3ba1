"""The instructor's page: its numbers, and that it can do nothing to whoever opens it."""

import dataclasses
import os
import re
import stat

import numpy as np
import pytest
from markupsafe import Markup

from autograder.commands import cli
from autograder.course.catalogue import ROOT
from autograder.exercise.declare import Case, Criterion, Exercise
from autograder.gradebook.gradebook import GradedCell, Marks, Structure
from autograder.judging.outcome import Outcome
from autograder.judging.score import CriterionResult, Verdict, judge
from autograder.pages import feedback, item_analysis, report, results
from autograder.pages.results import Graded, Person, Results
from autograder.sandbox.job import Answer, Status
from autograder.submission.report import Report
from tests.support.copies import MINE, OTHER, RENAMED
from tests.support.inert import HOSTILE, Page
from tests.support.settled import until
from tests.support.toy import MISTAKEN, RIGHT, TOPIC, grade_toy, hand_in, notebook

AXE = ROOT / "book" / "vendor" / "axe" / "axe.min.js"
ALLOWED = ("style", "meta", "details", "svg")


# --- numbers, by hand and against NumPy ---------------------------------------------------


def _results(scores, messages=(), outcomes=()):
    """Made-up results: a row of scores a student, for exercises a, b, … of ten points each."""
    names = "abcdefgh"[: len(scores[0])]
    cells = tuple(GradedCell(n, f"{n}-check", "GradeCell", 10.0) for n in names)
    structure = Structure("1", "1", "toy", None, cells, {})
    graded = []
    for i, row in enumerate(scores):
        says = messages[i] if messages else [""] * len(row)
        what = outcomes[i] if outcomes else [Outcome.OK] * len(row)
        verdicts = [
            Verdict(name, 10, score, (CriterionResult("is right", 10, score, why, outcome),))
            for name, score, why, outcome in zip(names, row, says, what)
        ]
        found = Report("", f"s{i}", "toy", (), False, True, (), 1.0, {}, {}, tuple(verdicts))
        marks = Marks(auto={f"{name}-check": score for name, score in zip(names, row)})
        graded.append(Graded(Person(f"s{i}"), marks, found))
    return Results("toy", structure, tuple(graded))


def test_difficulty_and_discrimination_are_the_usual_ones():
    scores = np.random.default_rng(3).integers(0, 11, (30, 4)).astype(float)
    scores[:, 1] = np.clip(scores[:, 0] + 1, 0, 10)
    found = item_analysis.items(_results(scores.tolist()))
    for i, item in enumerate(found):
        rest = np.delete(scores, i, axis=1).sum(axis=1)
        assert item.share == pytest.approx(scores[:, i].mean() / 10)
        assert item.discrimination == pytest.approx(np.corrcoef(scores[:, i], rest)[0, 1])
    assert found[0].full == (scores[:, 0] == 10).sum()
    assert found[0].nothing == (scores[:, 0] == 0).sum()


def test_no_correlation_is_made_up():
    few = item_analysis.items(_results([[1, 2], [2, 3], [3, 4]]))
    same = item_analysis.items(_results([[5, n] for n in range(9)]))
    assert [item.discrimination for item in (*few, *same)] == [None] * 4


def test_an_exercise_that_the_strong_miss_is_pointed_out():
    found = item_analysis.items(_results([[n, 9 - n, n] for n in range(10)]))
    assert "is the check right?" in found[1].remark
    assert found[0].remark == found[2].remark == ""


def test_a_correlation_that_chance_makes_accuses_no_exercise():
    found = [item_analysis.Item("a", 4, 25, 0.5, 5, 5, d) for d in (-0.1, -0.3, 0.5, None)]
    assert [item.doubtful for item in found] == [False, True, False, False]
    assert found[0].remark == "hardly tells strong from weak"


def test_bins_hold_everything_once():
    bins = item_analysis.histogram([0, 9.99, 10, 55, 99.9, 100, 103], 100)
    assert [bin.count for bin in bins] == [2, 1, 0, 0, 0, 1, 0, 0, 0, 3]
    assert sum(bin.count for bin in item_analysis.histogram([0.0, 0.0], 0.0)) == 2


def _exercise():
    def square(x):
        return x * x

    cases = [Case((2.0,), "a number")]
    return Exercise(square, lambda rng: cases, (Criterion("is right", 1),), ()), cases


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(Status.ERROR, error="NotImplementedError"), "not written yet"),
        (Answer(Status.ERROR, error="KeyError", message="took too long"), "raised KeyError"),
        (Answer(Status.MISSING), "no function of that name"),
        (Answer(Status.TIMEOUT), "took too long"),
        (Answer(Status.CPU), "used too much processor time"),
        (Answer(Status.MEMORY), "used too much memory"),
        (Answer(Status.PROCESSES), "started too many processes or threads"),
        (Answer(Status.FILE), "wrote too much to files"),
        (Answer(Status.DIED), "ended Python"),
        (Answer(Status.TOO_LARGE), "returned too much"),
        (Answer(Status.FORBIDDEN, message="numpy.var"), "calls what is not allowed"),
        (Answer(Status.NOT_RUN), "was not called"),
        (Answer(Status.ERROR, error="<script>"), "raised an error"),
        (Answer(Status.MISSING, message="your function raised it"), "no function of that name"),
        (Answer(Status.OK, value=5.0), ""),
        (Answer(Status.OK, value="no function named f"), ""),
    ],
    ids=str,
)
def test_reasons_are_told_from_outcomes(answer, reason):
    exercise, cases = _exercise()
    verdict = judge(exercise, cases, (answer,))
    assert item_analysis.troubles_of(verdict) == {reason} - {""}


def test_every_outcome_that_is_no_answer_has_words():
    assert set(Outcome) - item_analysis.TROUBLES.keys() == {Outcome.OK, Outcome.WRONG}
    assert {status.value for status in Status} - {"error"} <= {outcome.value for outcome in Outcome}


def test_a_limit_shows_also_where_a_criterion_fails_for_another_reason():
    exercise, _ = _exercise()
    cases = [Case((float(n),), "a number") for n in range(3)]
    late = Answer(Status.OK, value=-1.0), Answer(Status.CPU), Answer(Status.NOT_RUN)
    verdict = judge(exercise, cases, late)
    assert verdict.criteria[0].outcome is Outcome.WRONG
    assert item_analysis.troubles_of(verdict) == {"used too much processor time"}


def test_who_wrote_nothing_is_not_counted_among_those_who_fail():
    outcomes = [[Outcome.NOT_WRITTEN], [Outcome.WRONG], [Outcome.OK]]
    found = _results([[0.0], [0.0], [10.0]], outcomes=outcomes)
    (row,) = item_analysis.criteria(found)
    assert (row.failed, row.tried) == (1, 2)
    (group,) = item_analysis.troubles(found)
    assert (group.what, group.students) == ("not written yet", ("s0",))


# --- the page of a graded class -----------------------------------------------------------


def _page(course):
    path, _ = report.generate(course, TOPIC)
    return path.read_text()


def test_the_page_says_what_the_class_did(course, one_box):
    crash = RIGHT | {"mean_square": "def mean_square(x):\n    return 1 / 0"}
    class_ = {
        "ada": RIGHT,
        "bob": RIGHT | MISTAKEN,
        "cleo": RIGHT | MISTAKEN,
        "dan": crash | {"helper": MINE},
        "eve": {"helper": RENAMED},
    }
    for student, sources in class_.items():
        hand_in(course, student, notebook(course, **sources))
    hand_in(course, "fred", b"")
    grade_toy(course)
    hand_in(course, "gil", notebook(course))
    html = _page(course)
    for tag in ("div", "table", "section", "details", "svg"):
        assert html.count(f"<{tag}") == html.count(f"</{tag}>") > 0
    text = Page(html, ALLOWED).words
    assert "result[i]=np.mean(signal[start:i+2])" in re.sub(r"\s", "", text)
    for piece in (
        "Graded 6",
        "Could not be run 1",
        "That is three times x: count again. 2 bob, cleo",
        "mean_square Raised ZeroDivisionError. 1 dan",
        "fred toy.ipynb is an empty file.",
        "gil Handed in, but not graded yet.",
        "smooth: dan, eve 2 of 2 who wrote it.",
        "An aid to reading, not a verdict.",
    ):
        assert piece in text, piece


def test_scores_that_a_person_changed_count(course, one_box):
    from nbgrader.api import Gradebook as Stock

    hand_in(course, "ada", notebook(course, **RIGHT))
    grade_toy(course)
    assert results.read(course, TOPIC).graded[0].total == 10
    with Stock(course.db_url) as gradebook:
        grade = gradebook.find_grade("double-check", TOPIC, TOPIC, "ada")
        grade.manual_score, grade.needs_manual_grade = 1.0, False
        gradebook.db.commit()
    found = results.read(course, TOPIC)
    assert found.graded[0].total == 7
    assert found.score(found.graded[0], "double") == 1
    assert found.score(found.graded[0], "why") is None
    assert item_analysis.items(found)[0].count == 1


def test_the_page_is_for_its_owner_and_written_where_it_is_asked(course, one_box, tmp_path):
    assert report.generate(course, TOPIC) is None
    hand_in(course, "ada", notebook(course, **RIGHT))
    grade_toy(course)
    path, found = report.generate(course, TOPIC, tmp_path / "new" / "page.html")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert found.missing == ()


def test_a_notebook_that_lost_its_report_is_named(course, one_box, capsys, monkeypatch):
    for student in ("ada", "bob"):
        hand_in(course, student, notebook(course, **RIGHT))
    grade_toy(course)
    path = course.path("autograded", "bob", TOPIC) / f"{TOPIC}.ipynb"
    path.chmod(0o644)
    path.write_text('{"metadata": {"autograder": {"says": 3}}, "cells": []}')
    monkeypatch.setattr("autograder.course.course.load", lambda: course)
    assert cli.main(["report", TOPIC]) == cli.ATTENTION
    said = capsys.readouterr().out
    assert "on 1 submission\n" in said
    assert "bob: the notebook is not there, or another grader made it" in said


# --- hostile classes ----------------------------------------------------------------------


@pytest.fixture
def hostile(course, one_box):
    """The page of a class whose names, files, sources and errors all want to be more than text."""
    from nbgrader.api import Gradebook as Stock

    probes = "\n".join(HOSTILE)
    body = MINE.replace("Running mean.", HOSTILE[0]).replace('"""', "'''")
    shown = f"from IPython.display import HTML, display\ndisplay(HTML({probes!r}))\n{body}"
    bad = f"print({probes!r})\ndef double(x):\n    raise ValueError({probes!r})"
    for n, student in enumerate(("mallory", "loki", "kevin@host", "a b c", "ｅｖｅ", "mañana")):
        source = (RENAMED if n < 4 else OTHER).replace(":\n", f":  # </pre>{HOSTILE[n]}\n", 1)
        helper = shown if n in (1, 3) else source
        hand_in(course, student, notebook(course, double=bad, why=probes, helper=helper))
        hand_in(course, student, b"", name=f"{HOSTILE[1]}{n}.py")
    hand_in(course, HOSTILE[1], notebook(course))
    grade_toy(course)
    with Stock(course.db_url) as gradebook:
        gradebook.add_student("../../../etc/passwd")
        gradebook.update_or_create_submission(TOPIC, "../../../etc/passwd")
        for student, name in zip(gradebook.students, HOSTILE):
            student.first_name, student.last_name = name, f'"><svg/onload=alert(1)>\u202e{name}'
        gradebook.db.commit()
    path, found = report.generate(course, TOPIC)
    assert len(found.graded) == 6 and len(found.missing) == 2
    return path


def test_hostile_names_and_sources_are_shown_as_text(hostile):
    html = hostile.read_text()
    page = Page(html, ALLOWED)
    assert not page.active
    for _, attributes in page.tags:
        for name in ("src", "href", "xlink:href"):
            assert attributes.get(name, "#").startswith("#")
    assert "default-src 'none'" in html
    assert "\u202e" not in html
    pieces = (HOSTILE[0], "Only the notebook is graded", f"</pre>{HOSTILE[4]}")
    assert [piece for piece in pieces if piece not in page.words] == []


def _unescaped(name):
    return feedback.template(name).environment.overlay(autoescape=False).get_template(name)


@pytest.mark.parametrize(
    ("part", "broken"),
    [
        ("template", _unescaped),
        ("code_html", lambda source: Markup(f"<pre>{source}</pre>")),
    ],
    ids=["names and messages", "code"],
)
def test_without_escaping_the_same_class_would_act(part, broken, monkeypatch):
    copies = [MINE.replace("Running mean.", HOSTILE[0]), RENAMED.replace("all my own", HOSTILE[1])]
    made = _results([[1.0], [2.0]], [[HOSTILE[1]], [HOSTILE[1]]])
    graded = [dataclasses.replace(g, code=(code,)) for g, code in zip(made.graded, copies)]
    found = dataclasses.replace(made, graded=tuple(graded), missing=((HOSTILE[0], "why"),))
    assert not Page(report.page(found), ALLOWED).active
    monkeypatch.setattr(report, part, broken)
    assert Page(report.page(found), ALLOWED).active


def _watched(browser, scheme, path=None):
    """A browser's page, and what happens in it: dialogs, errors, requests."""
    page = browser.new_page(color_scheme=scheme)
    acts, requests = [], []
    page.on("dialog", lambda dialog: (acts.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: acts.append(str(error)))
    page.on("console", lambda message: acts.append(message.text))  # also what the policy stopped
    page.on("request", lambda request: requests.append(request.url))
    if path:
        page.goto(path.as_uri())
    return page, acts, requests


@pytest.mark.browser
def test_the_page_in_a_browser(hostile, browser):
    if not AXE.is_file():
        assert not os.environ.get("REQUIRE_BROWSER"), f"{AXE} is missing: run `make site`"
        pytest.skip(f"{AXE} is missing: run `make site`")
    for scheme in ("light", "dark"):
        page, acts, requests = _watched(browser, scheme, hostile)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("axe.run({ preload: false })")
        grave = [
            f"{scheme}, {rule['id']}: {node['html'][:200]}"
            for rule in found["violations"]
            for node in rule["nodes"]
            if rule["impact"] in ("serious", "critical")
        ]
        assert grave == []
        assert "color-contrast" in {rule["id"] for rule in found["passes"]}
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
        assert page.locator("svg").count() == 5
        assert page.locator(".side pre").count() == 6
        page.set_viewport_size({"width": 360, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert requests == [hostile.as_uri()]
        assert acts == []
        page.close()


@pytest.mark.browser
def test_the_policy_would_stop_what_escaping_let_through(hostile, browser, tmp_path):
    probe = "<img src='http://127.0.0.1:9/x' onerror=alert(1)>"
    html = hostile.read_text()
    free = re.sub(r"<meta http-equiv[^>]*>", "", html)
    assert free != html
    for name, text in (("held", html), ("free", free)):
        path = tmp_path / f"{name}.html"
        path.write_text(text.replace("<body>", f"<body>{probe}"))
        page, acts, requests = _watched(browser, "light", path)
        page.wait_for_timeout(300)
        if name == "free":
            until(page, lambda acts=acts: "1" in acts)
        else:
            assert "1" not in acts
        page.close()
    assert requests[1:] == ["http://127.0.0.1:9/x"]
