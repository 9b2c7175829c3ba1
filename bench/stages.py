"""Where does the time of a batch go? Its start, and what each submission takes, stage by stage.

    python bench/stages.py                  the class of bench/autograde.py, 40 submissions of lpc
    python bench/stages.py --students 200

Everything happens one after another here, in one box, so that the stages can be told apart; a
batch does it in as many processes as there are cores. Medians, in milliseconds by the clock.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from autograder.batch import plan
from autograder.course import limits
from autograder.course.course import load
from autograder.gradebook.gradebook import Gradebook
from autograder.judging import diagnose
from autograder.sandbox import frames
from autograder.sandbox.outside.box import Box
from autograder.submission import collect
from autograder.submission.assess import Assessor
from autograder.submission.assignment import imports
from bench import autograde

STAGES = (
    ("draw", "draw the inputs, ask the reference"),
    ("enter", "into the sandbox: a process, its namespaces, the job"),
    ("cells", "run the cells"),
    ("calls", "call the functions"),
    ("leave", "end the process and all that it started"),
    ("rest", "read the notebook, look for forbidden calls, judge, write the page"),
)


class Watch:
    """Notes when each stage of a submission ends."""

    def __init__(self) -> None:
        self.took: dict[str, list[float]] = defaultdict(list)
        self.last = 0.0

    def stage(self, name: str) -> None:
        """What passed since the last note was this stage."""
        now = time.perf_counter()
        self.took[name].append(1000 * (now - self.last))
        self.last = now

    def on(self, box: Box) -> None:
        """Note what the box does."""
        exchange, read = box._exchange, frames.Reader.read
        seen: set[bytes] = set()

        def noted(reader: frames.Reader, *args: Any) -> tuple[bytes, bytes]:
            kind, payload = read(reader, *args)
            ends = {frames.CELL: "enter", frames.EXAM: "cells", frames.END: "calls"}.get(kind)
            if ends and kind not in seen:
                seen.add(kind)
                self.stage(ends)
            return kind, payload

        def whole(job: Any) -> Any:
            self.stage("before")
            seen.clear()
            result = exchange(job)
            self.stage("leave")
            return result

        frames.Reader.read, box._exchange = noted, whole


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds, and what came of it."""
    start = time.perf_counter()
    result = work()
    return 1000 * (time.perf_counter() - start), result


def measure(folder: Path, count: int) -> None:
    """Release, hand in, and grade one after another; print the table."""
    env = autograde.course(folder, f"sqlite:///{folder}/gradebook.db")
    program = [sys.executable, "-m", "autograder.commands.cli"]
    autograde.must([*program, "release", autograde.TOPIC], autograde.ROOT, env)
    autograde.hand_in(folder, autograde.students(count))
    course = load()
    with Gradebook(f"sqlite:///{folder}/gradebook.db", read_only=True) as gradebook:
        assignment = plan.assignment_of(
            course, autograde.TOPIC, gradebook.structure(autograde.TOPIC)
        )
    course.config.CourseDirectory.root = str(folder)
    handed = [collect.Handed(who, data) for who, data in autograde.students(count).items()]
    exercises = limits.applied(course, autograde.TOPIC, plan.declared(course, autograde.TOPIC))
    rehearsed, _ = timed(lambda: [diagnose.rehearsal(exercise) for exercise in exercises])
    wanted = imports(assignment.texts)
    modules = [name for name in wanted if name.partition(".")[0] in course.preload]
    with Box(preload=modules) as box:
        begun, _ = timed(box.wait_ready)
        watch = Watch()
        watch.on(box)
        assessor = Assessor(assignment, exercises, "bench", box)
        for one in handed:
            watch.last = time.perf_counter()
            assessor.ahead[one.student] = assessor.draw(one.student)
            watch.stage("draw")
            assessor.assess(one)
            watch.stage("after")
    took = watch.took
    took["rest"] = [a + b for a, b in zip(took["before"], took["after"])]
    print(f"{begun:8.0f} ms  once: start the sandbox, import what notebooks import")
    print(f"{rehearsed:8.0f} ms  once: rehearse which inputs tell the known mistakes apart\n")
    medians = {name: statistics.median(took[name]) for name, _ in STAGES}
    for name, says in STAGES:
        print(f"{medians[name]:8.1f} ms  {says}")
    print(f"{sum(medians.values()):8.1f} ms  a submission")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=40, metavar="N")
    with tempfile.TemporaryDirectory(prefix="bench-stages-") as folder:
        measure(Path(folder), parser.parse_args().students)


if __name__ == "__main__":
    main()
