"""A class of attackers: each is one small file, and one student.

A file in `cells/` is code that stands in the notebook; a file in `hand_ins/` writes a whole
submission (links, file names, notebooks that are no notebooks). The docstring of each says what
it tries and what success would look like. An attacker knows the grader's machine by heart: the
names in capitals that a file uses are given to it, and it tells of a find by `found(...)`.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.commands import demo
from autograder.course.catalogue import ROOT, exercises, topics
from tests.attacks.traces import MARK

HERE = Path(__file__).resolve().parent
TOPIC = "lpc"
FAMILIES = ("forge", "steal", "hurt", "last", "reach", "show")
FOUND = "an-attack-found-what-it-sought"
SECRET = "a-secret-of-the-grader"
DROP = f"{MARK}-found"  # a file in the course, for finds of attacks whose prints nobody keeps
HONEST = {"aaron": demo.right, "honest": demo.right, "zoe": demo.half}
WITNESS = "zz-witness"  # graded last: looks for what others left in the box

TELL = """
def found(*what):
    print(FOUND, *what)
    try:
        with open(DROP, "a") as file:
            print(ATTACK, *what, file=file)
    except OSError:
        pass
"""


@dataclass(frozen=True)
class Attack:
    """One file of the suite."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def family(self) -> str:
        return self.name.partition("_")[0]

    @property
    def is_code(self) -> bool:
        """Is it code in a notebook, and not a way to hand in?"""
        return self.path.parent.name == "cells"

    @cached_property
    def docstring(self) -> str:
        return self.path.read_text().split('"""')[1]

    @property
    def tries(self) -> str:
        """What it tries, in a sentence."""
        return " ".join(self.docstring.partition("\nSucceeds if ")[0].split())

    @property
    def success(self) -> str:
        """What success would look like."""
        return " ".join(self.docstring.partition("\nSucceeds if ")[2].split())

    @cached_property
    def module(self) -> Any:
        """The file as a module, for one that hands in by itself."""
        spec = importlib.util.spec_from_file_location(self.name, self.path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    @property
    def student(self) -> str:
        """The student's id: the attack's own name, unless it attacks by that."""
        return self.name if self.is_code else getattr(self.module, "STUDENT", self.name)


def attacks(only: Iterable[str] = ()) -> list[Attack]:
    """All attacks, or those named, by family."""
    wanted = set(only)
    found = [Attack(p) for folder in ("cells", "hand_ins") for p in (HERE / folder).glob("*.py")]
    chosen = [a for a in found if not wanted or a.name in wanted]
    return sorted(chosen, key=lambda a: (FAMILIES.index(a.family), a.name))


def facts(folder: Path, **more: object) -> dict[str, object]:
    """What every attacker knows of the grader's machine; `more`: who listens where."""
    return {
        "NAMES": [exercise.name for exercise in exercises(TOPIC)],
        "TOPIC": TOPIC,
        "TOPICS": topics(),
        "ROOT": str(ROOT),
        "COURSE": str(folder),
        "GRADEBOOK": str(folder / "gradebook.db"),
        "VICTIM": "honest",
        "DROP": str(folder / DROP),
        "MARK": MARK,
        "FOUND": FOUND,
        "SECRET": SECRET,
        **more,
    }


def prefix(known: dict[str, object]) -> str:
    """The cell's first lines: what the attacker knows."""
    return "\n".join(f"{name} = {value!r}" for name, value in known.items()) + TELL


def with_code(attack: Attack, known: dict[str, object], everywhere: bool = False) -> dict[str, Any]:
    """The untouched assignment with the attack in it.

    It stands in a cell of its own before all others, and below the last function, where the
    feedback page shows it. What hurts stands there only: once is enough. `everywhere` puts it
    below each function, for graders whose checks stand between.
    """
    notebook = demo.submission(TOPIC, {})
    known = {**known, "ATTACK": attack.name}
    text = attack.path.read_text()
    everywhere = everywhere and attack.family in ("forge", "steal")
    below = known["NAMES"] if everywhere else known["NAMES"][-1:]
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") in below:
            stub = "".join(cell["source"])
            cell["source"] = f"{stub}\n\n{prefix(known | {'WHERE': 'answer'})}\n{text}"
    if attack.family != "hurt":
        first = {"cell_type": "code", "execution_count": None, "outputs": [], "metadata": {}}
        first["source"] = f"{prefix(known | {'WHERE': 'first'})}\n{text}"
        notebook["cells"].insert(0, first | {"id": "attack-first"})
    return notebook


def hand_in(
    attack: Attack, folder: Path, known: dict[str, object], everywhere: bool = False
) -> None:
    """Put the attack's submission into the course."""
    place = folder / "submitted" / attack.student / TOPIC
    place.mkdir(parents=True)
    if attack.is_code:
        (place / f"{TOPIC}.ipynb").write_text(json.dumps(with_code(attack, known, everywhere)))
    else:
        attack.module.hand_in(place, demo.submission(TOPIC, {}), known)


def hand_in_honest(folder: Path) -> None:
    """Those who have written their functions themselves."""
    for student, recipe in HONEST.items():
        write = lambda topic, recipe=recipe: json.dumps(demo.submission(topic, recipe(topic)))  # noqa: E731
        demo.hand_in(folder, TOPIC, {student: ("", lambda t, w=write: w(t).encode())})


def hand_in_witness(folder: Path, known: dict[str, object]) -> None:
    """Somebody who does nothing but look around, after everybody else."""
    place = folder / "submitted" / WITNESS / TOPIC
    place.mkdir(parents=True)
    notebook = demo.submission(TOPIC, {})
    cell = {"cell_type": "code", "execution_count": None, "outputs": [], "metadata": {}}
    cell["source"] = f"{prefix(known | {'ATTACK': WITNESS})}\n{(HERE / 'witness.py').read_text()}"
    notebook["cells"].insert(0, cell | {"id": "witness"})
    (place / f"{TOPIC}.ipynb").write_text(json.dumps(notebook))
