"""The page an instructor reads after grading: what the class can do, and where it went wrong.

One self-contained file without script or request, like the feedback pages. Whatever a student
could have written in it (names, sentences, code) is text there and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.course import atomic_files
from autograder.course.course import Course
from autograder.judging.words import many, number
from autograder.pages import item_analysis, results
from autograder.pages.feedback import code_html, template
from autograder.pages.item_analysis import Bin, Item
from autograder.pages.results import Graded, Results
from autograder.source import similarity
from autograder.submission import assignment

MAX_PLOTTED = 20  # bars; the table holds them all
MAX_ALIKE = 40  # groups, the rarest first
MAX_SIDE_BY_SIDE = 4
SLOWEST = 10


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _about_bins(bins: Sequence[Bin], unit: str, spread: dict[str, float]) -> str:
    most = max(bins, key=lambda bin: bin.count)
    return (
        f"{many(sum(bin.count for bin in bins), 'submission')}. Mean {number(spread['mean'])} "
        f"{unit}, median {number(spread['median'])} {unit}. Most, {most.count}, lie from "
        f"{number(most.low)} to {number(most.high)} {unit}."
    )


def _about_items(items: Sequence[Item]) -> str:
    hard, easy = min(items, key=lambda i: i.share), max(items, key=lambda i: i.share)
    words = [
        f"Hardest: {hard.name}, where the mean is {_percent(hard.share)} of the points.",
        f"Easiest: {easy.name}, {_percent(easy.share)}.",
    ]
    if known := [i for i in items if i.discrimination is not None]:
        best = max(known, key=lambda i: i.discrimination)
        words.append(f"{best.name} tells strong from weak best: {best.discrimination:.2f}.")
    return " ".join(words)


def _scores(found: Results) -> dict[str, Any]:
    top = found.structure.max_score
    spread = item_analysis.spread([one.total for one in found.graded])
    shares = [100 * one.total / top if top else 0.0 for one in found.graded]
    bins, percent = item_analysis.histogram(shares, 100.0), item_analysis.spread(shares)
    about = _about_bins(bins, "percent", percent)
    return {"bins": bins, "spread": spread, "percent": percent, "about": about}


def _times(found: Results) -> dict[str, Any]:
    seconds = [one.report.seconds for one in found.graded]
    most = max(seconds)
    step = 10.0 ** math.floor(math.log10(most)) if most > 0 else 1.0
    bins = item_analysis.histogram(seconds, step * math.ceil(most / step) if most else 1.0)
    spread = item_analysis.spread(seconds)
    slowest = sorted(found.graded, key=lambda one: -one.report.seconds)[:SLOWEST]
    return {
        "bins": bins,
        "spread": spread,
        "sum": sum(seconds),
        "about": _about_bins(bins, "seconds", spread),
        "slowest": [(one.student, one.report.seconds) for one in slowest],
    }


def _bars(counts: Sequence[tuple[str, int]], whole: int) -> list[tuple[str, float, str]]:
    """Rows of a plot of counts: label, length as a part of the longest, text."""
    most = max((count for _, count in counts), default=1)
    return [
        (label, count / most, f"{count} ({_percent(count / whole)})") for label, count in counts
    ]


def _mistakes(found: Results) -> dict[str, Any]:
    groups = item_analysis.mistakes(found)
    counts = [
        (f"{i} {group.exercise}: {group.what}", len(group.students))
        for i, group in enumerate(groups[:MAX_PLOTTED], 1)
    ]
    about = "; ".join(
        f"{g.exercise}, {many(len(g.students), 'student')}: {g.what}" for g in groups[:3]
    )
    return {
        "groups": groups,
        "plot": _bars(counts, len(found.graded)),
        "about": f"The most frequent: {about}",
    }


def _troubles(found: Results) -> dict[str, Any]:
    groups = item_analysis.troubles(found)
    totals = item_analysis.totals(groups, lambda group: group.what)[:MAX_PLOTTED]
    ran = [one for one in found.graded if one.report.ran]
    order = {what: place for place, (what, _) in enumerate(totals)}
    return {
        "groups": sorted(groups, key=lambda group: order.get(group.what, len(order))),
        "plot": _bars(totals, len(ran) or 1),
        "about": "; ".join(f"{what}: {many(count, 'student')}" for what, count in totals[:5]) + ".",
        "unread": [(one.student, one.report.says) for one in found.graded if one not in ran],
    }


def _criteria(found: Results) -> dict[str, Any]:
    rows = item_analysis.criteria(found)
    return {
        "rows": rows,
        "plot": [
            (f"{row.exercise}: {row.name}", row.share, f"{row.failed} of {row.tried}")
            for row in rows[:MAX_PLOTTED]
        ],
        "about": "Failed most often: "
        + "; ".join(f"{r.exercise}, {r.name}, {r.failed} of {r.tried}" for r in rows[:3])
        + ".",
    }


def _earned(one: Graded, name: str) -> str:
    for verdict in one.report.exercises:
        if verdict.exercise == name:
            return f"{number(verdict.earned)} of {number(verdict.points)} points"
    return ""


def _alike(found: Results, given: Sequence[str]) -> dict[str, Any]:
    by_name = {one.student: one for one in found.graded}
    groups = similarity.groups([(one.student, one.code) for one in found.graded], given)
    shown = [
        {
            "name": group.name,
            "students": [copy.student for copy in group.copies],
            "authors": group.authors,
            "copies": [
                {
                    "student": copy.student,
                    "name": copy.name,
                    "earned": _earned(by_name[copy.student], copy.name),
                    "code": code_html(copy.source),
                }
                for copy in group.copies[:MAX_SIDE_BY_SIDE]
            ],
        }
        for group in groups[:MAX_ALIKE]
    ]
    return {"groups": shown, "more": len(groups) - len(shown)}


def _class(found: Results) -> list[dict[str, Any]]:
    return [
        {
            "student": one.student,
            "name": one.person.name,
            "total": one.total,
            "penalty": one.marks.penalty or 0.0,
            "waiting": bool(one.marks.waiting),
            "items": [found.score(one, name) for name in found.items],
            "says": one.report.says,
        }
        for one in found.graded
    ]


def page(found: Results, given: Sequence[str] = ()) -> str:
    """The page as HTML; `given` is the code that every student was given.

    Raises ValueError if nothing was graded.
    """
    if not found.graded:
        raise ValueError("there is no graded submission")
    items = item_analysis.items(found)
    return template("report.html.j2").render(
        topic=found.topic,
        graded=len(found.graded),
        missing=found.missing,
        possible=found.structure.max_score,
        waiting=sum(bool(one.marks.waiting) for one in found.graded),
        late=sum(bool(one.marks.penalty) for one in found.graded),
        unsafe=any(one.report.unsafe for one in found.graded),
        scores=_scores(found),
        items=items,
        items_about=_about_items(items) if items else "",
        item_names=list(found.items),
        criteria=_criteria(found),
        mistakes=_mistakes(found),
        troubles=_troubles(found),
        times=_times(found),
        alike=_alike(found, given),
        rules=similarity,
        rows=_class(found),
    )


def generate(course: Course, topic: str, path: Path | None = None) -> tuple[Path, Results] | None:
    """Write the report of a topic; returns its path, and the results that it was made of.

    None if there is no graded submission. Without `path` it goes to `reports/TOPIC.html` in the
    course's folder. Raises `CourseError` where the assignment was never released.
    """
    found = results.read(course, topic)
    if not found.graded:
        return None
    notebook = course.path("release", ".", topic) / f"{found.structure.notebook}.ipynb"
    given = sorted(assignment.texts(notebook)[1])
    path = path or course.folder / "reports" / f"{topic}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_files.replace(path, page(found, given), results.private(course))
    return path, found
