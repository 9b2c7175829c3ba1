"""The systems that the course owes: whether each has its page, exercises, oracles and a figure.

`systems.toml` beside this module names them; `autograder coverage` prints what is there. The book
is only read, never imported.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.course.catalogue import ROOT, exercises
from autograder.release.problems import Oracle

TABLE = Path(__file__).with_name("systems.toml")
PUBLIC = ROOT / "book" / "speechlab"
CODE = re.compile(r"^```\{code-cell\}.*?^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class System:
    """A system, as a line of `systems.toml` has it."""

    name: str
    source: str
    module: str
    topic: str
    section: str
    exercises: tuple[str, ...]
    figure: str
    card: str = ""

    @property
    def page(self) -> str:
        return f"book/{self.topic}.md#{self.topic}:{self.section}"


def table(path: Path = TABLE) -> list[System]:
    """The systems of a table, in its order."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["systems"]
    return [
        System(source=row.pop("from"), **row | {"exercises": tuple(row["exercises"])})
        for row in rows
    ]


def missing(system: System, oracles: Mapping[str, tuple[Oracle, ...]]) -> Iterator[str]:
    """What is not there of a system: of its page, its exercises and oracles, its figure."""
    path = ROOT / "book" / f"{system.topic}.md"
    if not path.is_file():
        yield f"no page book/{system.topic}.md"
        return
    chapter = path.read_text(encoding="utf-8")
    if f"({system.topic}:{system.section})=" not in chapter:
        yield f"no section {system.page}"
    if not (PUBLIC / "systems" / f"{system.module}.py").is_file():
        yield f"no module speechlab.systems.{system.module}"
    if not runs(system.module, chapter):
        yield f"the page does not run speechlab.systems.{system.module}"
    asked = {one.name for one in exercises(system.topic)}
    for name in system.exercises:
        if name not in asked:
            yield f"no exercise {name}"
        elif not oracles.get(name):
            yield f"no oracle of {name}"
    registry = (PUBLIC / "figures" / "registry.py").read_text(encoding="utf-8")
    if f'"{system.figure}": ' not in registry:
        yield f"no figure {system.figure}"
    if system.card and not _card(system.card):
        yield f"no card {system.card}"


def runs(module: str, chapter: str) -> bool:
    """Whether the cells of a chapter import the module of a system and use it."""
    code = "\n".join(CODE.findall(chapter))
    for line in re.findall(r"^from speechlab\.systems(?:\.\w+)? import [^\n]+", code, re.MULTILINE):
        if f"speechlab.systems.{module} import " in line:
            return True
        named = re.search(rf"\b{module}(?: as (\w+))?\b", line.partition(" import ")[2])
        if named:
            return re.search(rf"\b{named[1] or module}\.\w", code) is not None
    return False


def _card(name: str) -> dict:
    path = PUBLIC / "data" / "models" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def figure_of(system: System) -> str:
    """What was measured of a system when it was trained, or the command that measures it."""
    card = _card(system.card) if system.card else {}
    if not card:
        return f"python -m speechlab.figures {system.figure}"
    return f"{card['metric']} {card['value']:.3g}, {card['baseline']} {card['baseline_value']:.3g}"


def troubles(oracles: Mapping[str, tuple[Oracle, ...]]) -> list[str]:
    """What is missing of all systems."""
    return [f"{one.name}: {what}" for one in table() for what in missing(one, oracles)]


def lines(oracles: Mapping[str, tuple[Oracle, ...]]) -> Iterator[str]:
    """A line for each system: "yes" with page, exercises, oracle and figure, or what is missing."""
    for one in table():
        lacks = list(missing(one, oracles))
        start = f"{'no ' if lacks else 'yes'} {one.source}: {one.name:34s} "
        if lacks:
            yield f"{start}{'; '.join(lacks)}"
            continue
        known = [oracle for name in one.exercises for oracle in oracles[name]]
        worst = max(known, key=lambda oracle: oracle.difference)
        yield (
            f"{start}{one.page:36s} {', '.join(one.exercises)}  {worst.difference:.1e} "
            f"{worst.against}  {figure_of(one)}"
        )
