"""What the results of a class say about its exercises: figures for the instructor's report."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from autograder.judging.outcome import Outcome
from autograder.judging.score import Verdict
from autograder.pages.results import Graded, Results

FEWEST = 5  # submissions; a correlation over fewer says nothing
BINS = 10

# An outcome -> its name in the report. The right answer and a wrong one did not fail to run.
TROUBLES = {
    Outcome.RAISED: "raised an error",
    Outcome.NOT_WRITTEN: "not written yet",
    Outcome.MISSING: "no function of that name",
    Outcome.TIMEOUT: "took too long",
    Outcome.CPU: "used too much processor time",
    Outcome.MEMORY: "used too much memory",
    Outcome.PROCESSES: "started too many processes or threads",
    Outcome.FILE: "wrote too much to files",
    Outcome.DIED: "ended Python",
    Outcome.TOO_LARGE: "returned too much",
    Outcome.FORBIDDEN: "calls what is not allowed",
    Outcome.NOT_RUN: "was not called",
    Outcome.NOTHING_RAN: "the notebook could not be run",
    Outcome.FAULT: "the grader itself failed",
    Outcome.NOT_RECORDED: "not known: graded by an earlier version",
}
# Who has one of these has not written the function, as far as is known.
ABSENT = {
    Outcome.NOT_WRITTEN,
    Outcome.MISSING,
    Outcome.NOTHING_RAN,
    Outcome.FAULT,
    Outcome.NOT_RECORDED,
}


@dataclass(frozen=True)
class Bin:
    """One bar of a histogram: from `low` up to `high`."""

    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Item:
    """An exercise, or a graded cell of the instructor's own.

    `share` is the mean score as a part of the points: what psychometrics calls difficulty.
    `discrimination` is the correlation between the score here and that of all other items
    together; None where there are too few submissions or all have the same score.
    """

    name: str
    points: float
    count: int
    share: float
    full: int
    nothing: int
    discrimination: float | None

    @property
    def doubtful(self) -> bool:
        """Is the discrimination further below 0 than chance alone often takes it?

        Further means by one standard error, about 1 / sqrt(n) for a correlation of 0.
        """
        return self.discrimination is not None and self.discrimination < -1 / self.count**0.5

    @property
    def remark(self) -> str:
        """What the two numbers suggest looking at."""
        if self.doubtful:
            return "strong students miss it more often than weak ones: is the check right?"
        if self.share < 0.3:
            return "hard for this class"
        if self.share > 0.95:
            return "nearly everybody has it"
        if self.discrimination is not None and self.discrimination < 0.2:
            return "hardly tells strong from weak"
        return ""


@dataclass(frozen=True)
class Criterion:
    """How many of those who wrote the function failed a criterion."""

    exercise: str
    name: str
    tried: int
    failed: int

    @property
    def share(self) -> float:
        return self.failed / self.tried


@dataclass(frozen=True)
class Group:
    """Students who have something in common: a mistake, or a way of not running."""

    exercise: str
    what: str
    students: tuple[str, ...]


def histogram(values: Sequence[float], top: float, bins: int = BINS) -> list[Bin]:
    """Counts in equal bins from 0 to `top`; `top` itself, and what is above, is in the last."""
    counts = [0] * bins
    for value in values:
        counts[min(max(int(bins * value / top), 0), bins - 1) if top else 0] += 1
    return [Bin(top * i / bins, top * (i + 1) / bins, count) for i, count in enumerate(counts)]


def spread(values: Sequence[float]) -> dict[str, float]:
    """Mean, median, standard deviation, least and most; empty if there is no value."""
    if not values:
        return {}
    return {
        "mean": statistics.fmean(values),
        "median": statistics.median(values),
        "standard deviation": statistics.stdev(values) if len(values) > 1 else 0.0,
        "lowest": min(values),
        "highest": max(values),
    }


def _correlation(x: Sequence[float], y: Sequence[float]) -> float | None:
    if len(x) < FEWEST:
        return None
    try:
        return statistics.correlation(x, y)
    except statistics.StatisticsError:  # all the same
        return None


def items(results: Results) -> list[Item]:
    """Difficulty and discrimination of each item, over the notebooks that could be run."""
    ran = [one for one in results.graded if one.report.ran]
    scores = [{name: results.score(one, name) for name in results.items} for one in ran]
    found = []
    for name, points in results.items.items():
        rows = [row for row in scores if row[name] is not None]
        mine = [row[name] for row in rows]
        rest = [sum(s or 0.0 for other, s in row.items() if other != name) for row in rows]
        if rows:
            share = statistics.fmean(mine) / points
            full, nothing = sum(s >= points for s in mine), sum(s <= 0 for s in mine)
            shared = _correlation(mine, rest)
            found.append(Item(name, points, len(rows), share, full, nothing, shared))
    return found


def outcomes(verdict: Verdict) -> set[Outcome]:
    """In what ways the calls of a function did not come back with a value."""
    found = {one.outcome for one in verdict.criteria} | {verdict.ended}
    found &= TROUBLES.keys()
    return found if len(found) < 2 else found - {Outcome.NOT_RUN}


def troubles_of(verdict: Verdict) -> set[str]:
    """The ways in which calls did not come back, in the report's words; an error by its name."""
    errors = {one.error for one in verdict.criteria if re.fullmatch(r"\w{1,60}", one.error)}
    words = {TROUBLES[outcome] for outcome in outcomes(verdict)}
    if errors:
        words.discard(TROUBLES[Outcome.RAISED])
    return words | {f"raised {error}" for error in errors}


def _verdicts(results: Results) -> Iterable[tuple[Graded, Verdict]]:
    """Every submission with its verdict on each exercise."""
    return ((one, verdict) for one in results.graded for verdict in one.report.exercises)


def criteria(results: Results) -> list[Criterion]:
    """The criteria that somebody failed, the worst first; who wrote nothing is not counted."""
    tried: dict[tuple[str, str], int] = {}
    failed: dict[tuple[str, str], int] = {}
    for _, verdict in _verdicts(results):
        if outcomes(verdict) & ABSENT:
            continue
        for one in verdict.criteria:
            key = verdict.exercise, one.name
            tried[key] = tried.get(key, 0) + 1
            failed[key] = failed.get(key, 0) + (one.earned < one.points)
    rows = [Criterion(*key, tried[key], failed[key]) for key in tried if failed[key]]
    return sorted(rows, key=lambda row: -row.share)


def _groups(found: Iterable[tuple[str, str, str]]) -> list[Group]:
    """Groups of students from (exercise, what, student), the largest group first."""
    groups: dict[tuple[str, str], dict[str, None]] = {}
    for exercise, what, student in found:
        groups.setdefault((exercise, what), {})[student] = None
    rows = [Group(*key, tuple(students)) for key, students in groups.items()]
    return sorted(rows, key=lambda group: -len(group.students))


def mistakes(results: Results) -> list[Group]:
    """Each known mistake that somebody made, and who made it."""
    return _groups(
        (verdict.exercise, verdict.mistake, one.student)
        for one, verdict in _verdicts(results)
        if verdict.mistake
    )


def troubles(results: Results) -> list[Group]:
    """Each way in which a function did not come back with a value, and whose."""
    return _groups(
        (verdict.exercise, what, one.student)
        for one, verdict in _verdicts(results)
        if one.report.ran
        for what in sorted(troubles_of(verdict))
    )


def totals(groups: Sequence[Group], key: Callable[[Group], str]) -> list[tuple[str, int]]:
    """How many students there are to each key, most first."""
    found: dict[str, set[str]] = {}
    for group in groups:
        found.setdefault(key(group), set()).update(group.students)
    return sorted(((name, len(who)) for name, who in found.items()), key=lambda row: -row[1])
