"""The assignment as it was released, and a submission's cells put back in its order.

What a student's notebook says about points, locks and names decides nothing: those come from the
gradebook. Locked cells (imports, given helpers, checks) are restored from there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.exercise.declare import DeclarationError
from autograder.submission.notebook import Cell, read

ROLES = ("grade", "solution", "locked", "task")


@dataclass(frozen=True)
class Part:
    """One named cell of the assignment, with nbgrader's roles for it."""

    name: str
    kind: str
    source: str
    locked: bool = False
    grade: bool = False
    solution: bool = False
    task: bool = False
    points: float = 0.0
    checksum: str = ""
    released: str | None = None  # as students got it, if tests in it were hidden from them

    @property
    def visible(self) -> str:
        """The text that students were given."""
        return self.source if self.released is None else self.released

    @property
    def restored(self) -> bool:
        """Is the cell's text always the assignment's, whatever was handed in?"""
        return self.locked or (self.grade and not self.solution)

    def metadata(self) -> dict[str, object]:
        """What nbgrader writes into the cell."""
        roles = {role: getattr(self, role) for role in ROLES}
        points = {"points": self.points} if self.grade or self.task else {}
        return {
            "grade_id": self.name,
            **roles,
            **points,
            "checksum": self.checksum,
            "schema_version": 3,
            "cell_type": self.kind,
        }


@dataclass(frozen=True)
class Assignment:
    """A released notebook: its named cells in order, and the texts of all its cells."""

    topic: str
    notebook: str
    parts: tuple[Part, ...]
    texts: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        return frozenset(part.name for part in self.parts)

    @cached_property
    def unnamed(self) -> frozenset[str]:
        """The texts of the cells that have no name: demonstrations, and what they need."""
        return self.texts - {text for part in self.parts for text in (part.source, part.visible)}


@dataclass(frozen=True)
class Slot:
    """One cell as it is run and shown: the student's own, or the assignment's."""

    kind: str
    source: str
    part: Part | None = None

    @property
    def untouched(self) -> bool:
        """Does the cell hold just what the assignment had there?"""
        return self.part is not None and self.source.strip() == self.part.visible.strip()


def texts(path: Path) -> tuple[dict[str, str], frozenset[str]]:
    """The released notebook's cells: text by name, in order; and the texts of all of them.

    Raises `DeclarationError` where the file is there and cannot be read.
    """
    try:
        reading = read(path.read_bytes())
    except FileNotFoundError:
        return {}, frozenset()
    if not reading.runs or reading.says:
        raise DeclarationError(f"{path}: {reading.says[0]} Release the assignment again")
    by_name = {cell.name: cell.source for cell in reading.cells if cell.name}
    return by_name, frozenset(cell.source for cell in reading.cells)


def imports(texts: Iterable[str]) -> list[str]:
    """The modules that a notebook's cells import, dotted, in order."""
    found: dict[str, None] = {}
    for line in "\n".join(texts).splitlines():
        if match := re.match(r"import +([\w., ]+)", line):
            found |= dict.fromkeys(part.split()[0] for part in match[1].split(",") if part.split())
        elif match := re.match(r"from +([\w.]+) +import +([\w, ]+)", line):
            found[match[1]] = None
            for name in match[2].split(","):
                found[f"{match[1]}.{name.split()[0] if name.split() else ''}".rstrip(".")] = None
    return list(found)


def _defines(cell: Cell, name: str) -> bool:
    return cell.kind == "code" and bool(re.search(rf"^def +{re.escape(name)}\b", cell.source, re.M))


def _place(cells: Sequence[Cell], parts: Sequence[Part]) -> tuple[dict[str, int], list[str]]:
    """For each part the index of the cell that stands for it, if any; and the duplicates."""
    known, place, twice = {part.name for part in parts}, {}, []
    named: dict[str, list[int]] = {}
    for i, cell in enumerate(cells):
        named.setdefault(cell.name, []).append(i)
    spare = [i for i, cell in enumerate(cells) if cell.name not in known]
    for part in parts:
        found = named.get(part.name, [])
        same = [i for i in found if cells[i].source.strip() == part.visible.strip()]
        if len(found) > 1:
            twice.append(part.name)
        if part.restored:
            lost = (i for i in spare if cells[i].source.strip() == part.visible.strip() != "")
        else:
            found = [i for i in found if i not in same] or found
            lost = (i for i in reversed(spare) if _defines(cells[i], part.name))
        chosen = (same or found)[0] if part.restored and found else next(iter(found), None)
        chosen = next(lost, None) if chosen is None else chosen
        if chosen is not None and chosen not in place.values():
            place[part.name] = chosen
    return place, twice


def _lines(text: str) -> list[str]:
    """The text without what editors change unasked: ends of lines, and spaces before them."""
    return [line.rstrip() for line in text.rstrip().splitlines()]


def as_released(cell: Cell) -> bool:
    """Is the cell as nbgrader once released it, by the checksum in the cell's metadata?

    The student has not changed such a cell, though the instructor may have released another
    since. A checksum can be forged, so it decides only what a sentence says.
    """
    claims = cell.claims
    if not isinstance(claims.get("checksum"), str):
        return False
    grade, solution = (bool(claims.get(role)) for role in ("grade", "solution"))
    locked = not solution and (grade or bool(claims.get("locked")))
    try:
        points = [str(float(claims["points"]))] if grade else []
    except (KeyError, TypeError, ValueError, OverflowError):
        return False
    rest = "".join([cell.kind, str(grade), str(solution), str(locked), cell.name, *points])
    texts = {cell.source, cell.source.replace("\r\n", "\n").replace("\r", "\n")}
    sums = (hashlib.md5((text + rest).encode(), usedforsecurity=False) for text in texts)
    return any(one.hexdigest() == claims["checksum"] for one in sums)


def _forged(cell: Cell, part: Part) -> bool:
    """Does the cell claim points or roles that the assignment's cell neither has nor once had?"""
    claims = cell.claims
    if any(role in claims and claims[role] is not getattr(part, role) for role in ROLES):
        return not as_released(cell)
    points = part.grade and "points" in claims and claims["points"] != part.points
    return bool(points) and not part.solution and not as_released(cell)


def foreign(cells: Sequence[Cell], parts: Sequence[Part]) -> bool:
    """Is this another assignment's notebook: does it have answer cells, but none of these parts?"""
    asked = {part.name for part in parts if part.grade or part.solution or part.task}
    theirs = {c.name for c in cells if c.claims.get("grade") or c.claims.get("solution")}
    return bool(asked and theirs) and not asked & {cell.name for cell in cells}


def _list(names: Iterable[str]) -> str:
    names = sorted(names)
    return ", ".join(f"`{n}`" for n in names[:4]) + (
        f" and {len(names) - 4} more" if names[4:] else ""
    )


def repair(cells: Sequence[Cell], parts: Sequence[Part]) -> tuple[list[Slot], list[str]]:
    """The submission's cells in the assignment's order, its locked ones restored; what was done."""
    place, twice = _place(cells, parts)
    by_name = {part.name: part for part in parts}
    present = [part.name for part in parts if part.name in place]
    indices = sorted(place.values())
    moved = [place[name] for name in present] != indices
    standing = dict(zip(indices, present))  # index in the submission -> the part that stands there
    slots, edited, older, forged = [], [], [], []
    for i, cell in enumerate(cells):
        if i not in standing:
            slots.append(Slot(cell.kind, cell.source))
            continue
        part = by_name[standing[i]]
        theirs = cells[place[part.name]]
        if part.restored and _lines(theirs.source) != _lines(part.visible):
            (older if as_released(theirs) else edited).append(part.name)
        if _forged(theirs, part):
            forged.append(part.name)
        source = part.source if part.restored else theirs.source
        slots.append(Slot(part.kind, source, part))
    missing = _put_back(slots, parts)
    gone = [part.name for part in parts if part.name not in place and part.name not in missing]
    claimed = [c for c in cells if c.claims.get("grade") is True and c.name not in by_name]
    claimed = [c for c in claimed if not c.claims.get("solution") and not as_released(c)]
    if foreign(cells, parts):
        theirs = {c.name for c in cells if c.claims.get("solution") or c.claims.get("grade")}
        return slots, [
            f"This is the notebook of another assignment: it has the cells {_list(theirs)}, and "
            "none of this one's. Hand in the notebook of this assignment."
        ]
    says = []
    if older:
        says.append(
            f"The assignment's own cells {_list(older)} are of an earlier release; those of the "
            "present one were used."
        )
    if edited:
        says.append(
            f"The assignment's own cells {_list(edited)} had been changed; they were restored."
        )
    if missing:
        says.append(f"The cells {_list(missing)} were missing and were put back.")
    if gone:
        says.append(f"The cells {_list(gone)} of the assignment are missing.")
    if twice:
        says.append(f"The cells {_list(twice)} are there more than once; all were run.")
    if moved:
        says.append("The cells stood in another order; they were run in the assignment's.")
    if forged or claimed:
        says.append("Grading data in the notebook had been changed; the gradebook's was used.")
    return slots, says


def _put_back(slots: list[Slot], parts: Sequence[Part]) -> list[str]:
    """Insert the missing parts, each after the part that precedes it; their names."""
    missing = []
    for n, part in enumerate(parts):
        if any(slot.part is part for slot in slots):
            continue
        if not (part.restored or part.grade or part.task):
            continue  # an empty solution must not run after a student's own definition
        before = [other.name for other in parts[:n]]
        at = max((i for i, s in enumerate(slots) if s.part and s.part.name in before), default=-1)
        slots.insert(at + 1, Slot(part.kind, part.source, part))
        missing.append(part.name)
    return missing
