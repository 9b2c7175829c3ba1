"""What every chapter has: questions, a homework map, words on folded cells, diagrams."""

import re

import jupytext
import pytest

from autograder.course.catalogue import ROOT, exercises, topics
from speechlab.site.diagrams import DIAGRAMS
from speechlab.site.folded import contents

QUESTIONS, COLUMNS = 5, 72
every_topic = pytest.mark.parametrize("topic", topics())


def chapter(topic: str) -> str:
    return (ROOT / "book" / f"{topic}.md").read_text(encoding="utf-8")


def code_cells(topic: str) -> list:
    cells = jupytext.reads(chapter(topic), "md:myst").cells
    return [cell for cell in cells if cell.cell_type == "code"]


def where_it_asks(text: str) -> list[int]:
    """Where the questions of a chapter stand."""
    return [found.start() for found in re.finditer(r"^`{3,}\{predict\} \S", text, re.MULTILINE)]


@every_topic
def test_a_chapter_asks_before_it_shows(topic):
    text = chapter(topic)
    asked = where_it_asks(text)
    assert len(asked) >= QUESTIONS
    # None is asked when nothing more is shown.
    assert max(asked) < text.index("\n## Summary")
    assert all("{code-cell}" in text[place:] for place in asked)


@every_topic
def test_the_homework_map_has_every_graded_function(topic):
    text = chapter(topic)
    found = re.search(r"^## Homework map\n(.*?)(?=^## )", text, re.MULTILINE | re.DOTALL)
    assert found, f"{topic} has no homework map"
    homework = found.group(1)
    named = {exercise.function.__name__ for exercise in exercises(topic)}
    assert named - set(re.findall(r"\*\*`(\w+)`\*\*", homework)) == set()
    assert homework.count("{code-cell}") >= 1 and "{eq}`" in homework
    assert f"exercises/{topic}/{topic}.ipynb" in homework


def words_on(cell) -> str:
    """What stands on a folded cell."""
    own = cell.metadata.get("mystnb", {}).get("code_prompt_show", "").strip()
    return own or contents(cell.source)


@every_topic
def test_folded_cells_say_what_they_hold(topic):
    folded = [cell for cell in code_cells(topic) if "hide-input" in cell.metadata.get("tags", [])]
    assert folded
    assert [cell.source[:60] for cell in folded if words_on(cell) in ("", "Code")] == []


SHOWS = re.compile(r"^\W*(sound|picture|follow|explore|instrument)\(", re.MULTILINE)


@every_topic
def test_at_most_one_folded_cell_comes_before_something_is_shown(topic):
    cells = code_cells(topic)
    folded = ["hide-input" in cell.metadata.get("tags", []) for cell in cells]
    shows = [bool(SHOWS.search(cell.source)) for cell in cells]
    opened = [shown or not hidden for shown, hidden in zip(shows, folded, strict=True)]
    assert opened.index(True) <= 1


@every_topic
def test_code_is_at_most_72_columns_wide(topic):
    lines = [line for cell in code_cells(topic) for line in cell.source.splitlines()]
    assert [line for line in lines if len(line) > COLUMNS] == []


@pytest.mark.parametrize("name", DIAGRAMS)
def test_every_diagram_stands_in_a_chapter(name):
    assert sum(f"{{diagram}} {name}\n" in chapter(topic) for topic in topics()) == 1
