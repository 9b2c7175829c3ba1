"""Is anything lost? A batch killed at random moments against one that nobody disturbs.

    python bench/killed.py                    200 submissions, ten kills; both databases, and Dask
    python bench/killed.py --students 40 --kills 3 --seed 7
    python bench/killed.py --only Dask        on a Dask cluster of two workers here

Each kill is a `kill -9` of the grader, when a random number of submissions is done and a random
time has passed; on Dask every other one kills a worker, too. The batch is then run to its end.
Gradebook and notebooks must equal those of the other batch, and what was on the disk when the batch
was killed must be there unchanged: it was not graded again. Exit code 1 where that is not so.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import autograde

from autograder.course import atomic_files
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import Marks
from autograder.submission import autograded
from tests.support import clusters, postgres

SECRET = "the same inputs for both"
PROGRAM = [sys.executable, "-m", "autograder.commands.cli"]
MOMENT = 0.1  # seconds after the last of so many, at most


class Course:
    """One course with the class handed in."""

    def __init__(
        self, folder: Path, url: str, class_: dict[str, bytes], cluster: Any = None
    ) -> None:
        self.cluster = cluster
        self.folder, self.url, self.environment = folder, url, autograde.course(folder, url)
        folder.mkdir(parents=True)
        (folder / "secret").write_text(SECRET)
        autograde.must([*PROGRAM, "release", autograde.TOPIC], autograde.ROOT, self.environment)
        autograde.hand_in(folder, class_)

    def grade(self) -> subprocess.Popen:
        """A batch in a process of its own."""
        where = ["--scheduler", self.cluster.address] if self.cluster else []
        return subprocess.Popen(
            [*PROGRAM, "grade", autograde.TOPIC, *where],
            cwd=autograde.ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self) -> str:
        """Grade to the end; the last line that is printed."""
        process = self.grade()
        said, errors = process.communicate()
        if process.returncode:
            raise autograde.CannotRun(errors[-2000:])
        return said.strip().splitlines()[-1]

    def done(self) -> int:
        """How many notebooks are in place."""
        return sum(
            1 for _ in self.folder.glob(f"autograded/*/{autograde.TOPIC}/{autograde.TOPIC}.ipynb")
        )

    def notebooks(self) -> dict[str, str]:
        """Every notebook that is on the disk and whole, in place or ready for it."""
        found = {}
        for folder in self.folder.glob(f"autograded/*/{autograde.TOPIC}"):
            place = folder / f"{autograde.TOPIC}.ipynb"
            for path in (place, atomic_files.ready(place)):
                if autograded.load(path) is not None:
                    found[folder.parent.name] = path.read_text()
        return found

    def marks(self) -> dict[str, Marks]:
        """What the gradebook holds."""
        with Gradebook(self.url) as gradebook:
            return gradebook.marks(gradebook.structure(autograde.TOPIC))


def untimed(text: str) -> dict[str, Any]:
    """A notebook without how long it took."""
    notebook = json.loads(text)
    del notebook["metadata"][autograded.REPORT]["seconds"]
    return notebook


def kill(course: Course, when: int, dice: random.Random, worker: bool) -> bool:
    """Grade until so many are done and a moment has passed, then kill; was it in time?

    With `worker` one of the cluster's is killed before, at half as many, and gets a successor.
    """
    process = course.grade()
    if worker and course.cluster:
        start = course.done()
        while course.done() < (start + when) // 2 and process.poll() is None:
            time.sleep(0.005)
        clusters.kill(course.cluster.workers.pop(0))
        course.cluster.work(1, options=())
    while course.done() < when and process.poll() is None:
        time.sleep(0.005)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(dice.uniform(0, MOMENT))
    in_time = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return in_time


def compare(
    name: str, urls: tuple[str, str], folder: Path, options: Any, cluster: Any = None
) -> list[str]:
    """What differs, in words; prints what is done. With a cluster, it is there that kills are."""
    class_ = autograde.students(options.students)
    del class_[autograde.WARM_UP]
    quiet = Course(folder / "quiet", urls[0], class_)
    killed = Course(folder / "killed", urls[1], class_, cluster)
    print(f"{name}, not killed: {quiet.finish()}", flush=True)
    expected, dice = quiet.marks(), random.Random(f"{options.seed} {name}")
    wrong, total = [], len(class_)
    for n, when in enumerate(sorted(dice.sample(range(total), options.kills))):
        before = killed.notebooks()
        in_time = kill(killed, when, dice, worker=n % 2 == 1)
        after, marks = killed.notebooks(), killed.marks()
        print(f"{name}, killed with {len(after):4d} of {total} done", end="", flush=True)
        print("" if in_time else " (too late: it had ended)", flush=True)
        wrong += [f"{who} was graded again" for who in before if after.get(who) != before[who]]
        wrong += [f"{who} is there in part" for who in marks if marks[who] != expected[who]]
    before = killed.notebooks()
    print(f"{name}, resumed: {killed.finish()}", flush=True)
    after, last = killed.notebooks(), quiet.notebooks()
    wrong += [f"{who} was graded again" for who in before if after[who] != before[who]]
    if killed.marks() != expected:
        wrong.append("the gradebooks differ")
    if {who: untimed(t) for who, t in after.items()} != {w: untimed(t) for w, t in last.items()}:
        wrong.append("the notebooks differ")
    if len(expected) != total or killed.done() != total:
        wrong.append("somebody is missing")
    return [f"{name}: {says}" for says in wrong]


def files(folder: Path) -> tuple[str, str]:
    """Addresses of two gradebooks in files."""
    return tuple(f"sqlite:///{folder}/{k}/gradebook.db" for k in ("quiet", "killed"))


def on_sqlite(folder: Path, options: Any) -> list[str]:
    return compare("SQLite", files(folder), folder, options)


def on_postgresql(folder: Path, options: Any) -> list[str]:
    if why := postgres.missing():
        print(f"PostgreSQL is left out: {why}")
        return []
    with postgres.temporary() as server:
        for name in ("quiet", "killed"):
            server.execute(f"CREATE DATABASE {name}")
        urls = server.url("quiet"), server.url("killed")
        return compare("PostgreSQL", urls, folder, options)


def on_dask(folder: Path, options: Any) -> list[str]:
    if importlib.util.find_spec("distributed") is None:
        print("Dask is left out: pip install -e '.[dask]'")
        return []
    folder.mkdir()
    with clusters.running(folder) as cluster:
        cluster.work(2, options=())
        cluster.wait(2)
        return compare("Dask", files(folder), folder, options, cluster)


WHERE = {"SQLite": on_sqlite, "PostgreSQL": on_postgresql, "Dask": on_dask}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=200, metavar="N")
    parser.add_argument("--kills", type=int, default=10, metavar="N")
    parser.add_argument("--topic", default="lpc")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=list(WHERE), choices=list(WHERE))
    options = parser.parse_args()
    autograde.TOPIC = options.topic
    wrong = []
    with tempfile.TemporaryDirectory(prefix="bench-killed-") as folder:
        for name in options.only:
            wrong += WHERE[name](Path(folder, name), options)
    print("\n".join(wrong) or "\nEqual, and nothing was graded twice.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
