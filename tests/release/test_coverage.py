"""Every display formula of the book is held by something, and the table that says so is true."""

from __future__ import annotations

import pytest

from autograder.course.catalogue import ROOT, topics
from autograder.release import coverage
from autograder.release.problems import Oracle

SAYS = coverage.table()
TESTS = coverage.TESTS.read_text(encoding="utf-8")


@pytest.mark.parametrize("topic", topics())
def test_every_formula_is_held(topic):
    chapter = (ROOT / "book" / f"{topic}.md").read_text(encoding="utf-8")
    assert list(coverage.troubles(topic, SAYS, chapter, TESTS)) == []


def test_every_topic_that_is_there_is_owed():
    assert set(topics()) <= set(SAYS["owed"])
    assert {slide["topic"] for slide in SAYS["slides"]} <= set(SAYS["owed"])


FORMULAS = """
$$ a = b $$ (dtw-one)

$$
a
$$ (dtw-two)

$$
no label
$$

```{math}
:label: dtw-three
c
```

```{math}
:label: ctc-four
c
```
"""


def test_labels_are_found_in_all_their_forms():
    assert coverage.labels(FORMULAS) == ["dtw-one", "dtw-two", "", "dtw-three", "ctc-four"]


def test_what_is_wrong_is_said():
    says = {
        "slides": [{"from": "M", "says": "something", "topic": "dtw", "label": "none"}],
        "dtw": {
            "definitions": ["one", "five"],
            "exercises": {"two": "nobody", "one": "cost_path"},
            "tests": {"three": "there_is_none"},
        },
    }
    assert list(coverage.troubles("dtw", says, FORMULAS, TESTS)) == [
        "one is held twice",
        "display formulas without a label: 1",
        "the label ctc-four does not begin with dtw-",
        "the chapter has no formula dtw-five",
        "nobody is no exercise",
        "there is no test_there_is_none",
        "no formula of the chapter answers the slides on: something",
    ]
    assert "nothing holds the formula dtw-two" in list(
        coverage.troubles("dtw", {"slides": []}, FORMULAS, TESTS)
    )


def test_the_report_names_page_exercise_and_oracle():
    oracles = {"levinson_durbin": (Oracle("SciPy", 1e-9), Oracle("a worse one", 1e-7))}
    lines = list(coverage.lines(SAYS, oracles))
    ladder = next(line for line in lines if "#lpc-levinson " in line)
    assert ladder.startswith("book/lpc.md")
    assert ladder.endswith("levinson_durbin  1.0e-07 a worse one")
    assert any(line.startswith("M: residual") and "residual" in line for line in lines)
    owed = [line.split()[0] for line in lines[: lines.index("")]]
    assert owed == SAYS["owed"]
