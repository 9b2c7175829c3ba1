"""What became of the curriculum: its topics, the formulas of the book, those of the lecture slides.

Each line begins with "yes" if what it names is there and held, else with "no".

`formulas.toml` beside this module says what holds each display formula of the book: the oracles of
an exercise, a test of its own, or nothing, where it only defines a symbol. `autograder coverage`
prints that, and what is missing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.catalogue import ROOT, exercises, topics
from autograder.release.problems import Oracle

TABLE = Path(__file__).with_name("formulas.toml")
TESTS = ROOT / "tests" / "reference" / "test_formulas.py"
DISPLAY = re.compile(
    r"^\$\$(?P<dollars>.*?)\$\$[ ]*(?:\((?P<after>[\w:-]+)\))?[ ]*$"
    r"|^`{3,}\{math\}[ ]*\n(?P<directive>.*?)^`{3,}",
    re.MULTILINE | re.DOTALL,
)
LABEL = re.compile(r"^:label: +([\w:-]+)", re.MULTILINE)
DEFINED = "says what a symbol means"


@dataclass(frozen=True)
class Held:
    """A labelled formula, and what holds it: an exercise, a test, or its being a definition."""

    topic: str
    label: str
    by: str
    oracles: tuple[Oracle, ...] = ()

    @property
    def where(self) -> str:
        return f"book/{self.topic}.md#{prefix(self.topic)}-{self.label}"


def prefix(topic: str) -> str:
    """What the labels of a chapter begin with."""
    return topic.replace("_", "-")


def table(path: Path = TABLE) -> dict[str, Any]:
    """What `formulas.toml` says."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def labels(chapter: str) -> list[str]:
    """The labels of a chapter's display formulas, in order; "" for a formula without one."""
    found = []
    for formula in DISPLAY.finditer(chapter):
        label = LABEL.search(formula["directive"] or "")
        found.append(formula["after"] or (label[1] if label else ""))
    return found


def held(
    topic: str, says: Mapping[str, Any], oracles: Mapping[str, tuple[Oracle, ...]]
) -> dict[str, Held]:
    """What holds each formula of a topic, by its label."""
    mine = says.get(topic, {})
    found = {label: Held(topic, label, DEFINED) for label in mine.get("definitions", ())}
    for label, name in mine.get("exercises", {}).items():
        found[label] = Held(topic, label, name, oracles.get(name, ()))
    for label, name in mine.get("tests", {}).items():
        found[label] = Held(topic, label, f"test_{name}")
    return found


def troubles(topic: str, says: Mapping[str, Any], chapter: str, tests: str) -> Iterator[str]:
    """What is wrong with the table's part on a topic: formulas forgotten, names of nothing."""
    mine = says.get(topic, {})
    kinds = (mine.get("definitions", ()), mine.get("exercises", {}), mine.get("tests", {}))
    named = [label for kind in kinds for label in kind]
    yield from (f"{label} is held twice" for label in {n for n in named if named.count(n) > 1})
    start = f"{prefix(topic)}-"
    printed = labels(chapter)
    if bare := printed.count(""):
        yield f"display formulas without a label: {bare}"
        printed = [label for label in printed if label]
    yield from (
        f"the label {label} does not begin with {start}"
        for label in printed
        if not label.startswith(start)
    )
    there = {label.removeprefix(start) for label in printed if label.startswith(start)}
    yield from (f"nothing holds the formula {start}{label}" for label in sorted(there - {*named}))
    yield from (f"the chapter has no formula {start}{label}" for label in sorted({*named} - there))
    functions = {exercise.name for exercise in exercises(topic)}
    yield from (
        f"{name} is no exercise"
        for name in mine.get("exercises", {}).values()
        if name not in functions
    )
    yield from (
        f"there is no test_{name}"
        for name in mine.get("tests", {}).values()
        if f"def test_{name}(" not in tests
    )
    for slide in says["slides"]:
        if slide["topic"] == topic and slide.get("label") not in there:
            yield f"no formula of the chapter answers the slides on: {slide['says']}"


def all_troubles(says: Mapping[str, Any]) -> list[str]:
    """The troubles of all topics that are there."""
    tests = TESTS.read_text(encoding="utf-8")
    found = []
    for topic in topics():
        chapter = (ROOT / "book" / f"{topic}.md").read_text(encoding="utf-8")
        found += [f"{topic}: {trouble}" for trouble in troubles(topic, says, chapter, tests)]
    return found


def lines(says: Mapping[str, Any], oracles: Mapping[str, tuple[Oracle, ...]]) -> Iterator[str]:
    """The report: a line for each topic, then one for each formula of the book and the slides."""
    every = {topic: held(topic, says, oracles) for topic in topics()}
    for topic in says["owed"]:
        if topic not in every:
            yield f"no  {topic:16s} not there yet"
            continue
        asked = exercises(topic)
        checked = sum(bool(oracles.get(exercise.name)) for exercise in asked)
        yield (
            f"{_word(checked == len(asked))} {topic:16s} book/{topic}.md, {len(asked)} exercises, "
            f"{checked} with an oracle, {len(every[topic])} formulas"
        )
    yield ""
    for topic in every:
        yield from (_line(one) for one in every[topic].values())
    yield ""
    for slide in says["slides"]:
        one = every.get(slide["topic"], {}).get(slide.get("label"))
        answer = _line(one) if one else f"no  {slide['topic']}: not there yet"
        yield f"{answer[:4]}{slide['from']}: {slide['says']:44s} {answer[4:]}"


def _word(there: bool) -> str:
    return "yes" if there else "no "


def _line(one: Held) -> str:
    oracle = max(one.oracles, key=lambda oracle: oracle.difference, default=None)
    says = f"  {oracle.difference:.1e} {oracle.against}" if oracle else ""
    there = bool(one.oracles) or one.by == DEFINED or one.by.startswith("test_")
    return f"{_word(there)} {one.where:52s} {one.by}{says}"
