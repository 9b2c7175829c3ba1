"""A Dask scheduler and its workers, each a process of its own, started by Dask's command line."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.course.catalogue import ROOT
from tests.support.toy import TOPIC

DIES_WITH_US = ("setpriv", "--pdeathsig=KILL")
LOCAL = ("--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0")


def require():
    """Skips loudly, or fails with REQUIRE_DASK, where there can be no cluster."""
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        if os.environ.get("REQUIRE_DASK"):
            pytest.fail(f"Dask is required here, but {error}: pip install -e .[dask]")
        pytest.skip(f"NOT TESTED on a Dask cluster: {error}: pip install -e .[dask]")


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def environment(code=ROOT, **more):
    """Where this course's code is found first."""
    path = os.pathsep.join(map(str, (code, ROOT / "book")))
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", **more}


class Cluster:
    """Processes that are gone when the test is. `tls` are options that name certificates."""

    def __init__(self, folder, tls=(), **more):
        self.folder, self.tls, self.more = Path(folder), tuple(map(str, tls)), more
        self.port = _free_port()
        self.address = f"{'tls' if tls else 'tcp'}://127.0.0.1:{self.port}"
        self.log, self.scheduler, self.workers = self.folder / "log", None, []
        self.started = 0

    def _start(self, *command, **environment):
        self.started += 1
        with open(self.folder / f"process-{self.started}.txt", "wb") as output:
            return subprocess.Popen(
                [*DIES_WITH_US, sys.executable, "-m", "dask", *command, *self.tls],
                cwd=self.folder,
                stdout=output,
                stderr=output,
                **environment,
            )

    def said(self):
        """What all the processes printed."""
        return "\n".join(p.read_text() for p in sorted(self.folder.glob("process-*.txt")))

    def start(self):
        """The scheduler, always at the same address; it has nothing of the course's."""
        bare = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        protocol = ("--protocol", "tls") if self.tls else ()
        command = ["scheduler", *LOCAL, "--port", str(self.port), *protocol]
        self.scheduler = self._start(*command, env=bare)

    def work(self, count, code=ROOT, options=("--preload", "tests.support.at_worker")):
        """Start so many workers, which join by themselves; the processes."""
        command = ["worker", self.address, "--nthreads", "1", "--no-nanny", *LOCAL, *options]
        env = environment(code, TOY_LOG=str(self.log), **self.more)
        made = [self._start(*command, env=env) for _ in range(count)]
        self.workers += made
        return made

    def wait(self, count, seconds=90):
        """Until so many workers have joined."""
        deadline = time.monotonic() + seconds
        while self.said().count("Register worker ") < count:
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)

    def stop(self):
        for process in [*self.workers, self.scheduler]:
            kill(process)


@contextlib.contextmanager
def running(folder, **options):
    """A cluster without workers yet."""
    cluster = Cluster(folder, **options)
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()


def kill(process):
    """kill -9, and nothing else."""
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.wait()


def command(course, address, *options, **more):
    """`autograder grade` on the cluster, in a process of its own; it says its errors in a file."""
    words = [sys.executable, "-m", "tests.support.clusters", course.root, address, *options]
    with open(course.root / "errors", "w") as errors:
        return subprocess.Popen(
            list(map(str, words)),
            cwd=ROOT,
            env=environment(**more),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )


def ended(process, course, seconds=90):
    """Exit code, what it printed, and its errors without the progress bar."""
    printed, _ = process.communicate(timeout=seconds)
    errors = (course.root / "errors").read_text().replace("\r", "\n").splitlines()
    kept = [line.strip() for line in errors if line.strip() and "submission/s" not in line]
    return process.returncode, printed, [line for line in kept if not line.startswith("grading")]


def main(root, address, *options):
    """The command line, for the toy course at `root`. It knows the exercises, and runs nobody."""
    from autograder.commands import cli
    from autograder.course import course
    from tests.support.batches import prepare

    prepare(os.path.join(root, "ran here"))
    load = course.load
    course.load = lambda: load(root)
    return cli.main(["grade", TOPIC, "--scheduler", address, *options])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
