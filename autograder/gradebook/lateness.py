"""Late penalties by nbgrader's own settings: plug-in, due date, and each extension."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from autograder.course.course import Course
from autograder.gradebook.grades import Marks, Structure, penalty_for


class Rule:
    """The course's `AssignLatePenalties.plugin_class`, asked only if somebody is late."""

    def __init__(self, course: Course) -> None:
        self.course = course

    @cached_property
    def plugin(self) -> Any:
        from nbgrader.preprocessors import AssignLatePenalties

        rule = AssignLatePenalties(config=self.course.config)
        rule.init_plugin()
        return rule.plugin_inst

    def __call__(self, student: str, score: float, seconds: float) -> float | None:
        """The penalty for that many seconds, before it is held between nothing and the score."""
        return self.plugin.late_submission_penalty(student, score, seconds)


def changed(structure: Structure, marks: dict[str, Marks], rule: Rule) -> dict[str, float | None]:
    """The students whose penalty is not what due date, extension and plug-in say now."""
    wanted = {student: penalty_for(structure, old, student, rule) for student, old in marks.items()}
    return {who: amount for who, amount in wanted.items() if amount != marks[who].penalty}
