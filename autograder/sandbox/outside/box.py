"""The box, from outside: starts the warm parent and sends it jobs.

Inside there are the system's libraries and Python's packages, read-only, and this folder's code.
There is no network, no home, no course, no gradebook, and no other submission. `layers.py` says
what the two kinds of box are made of.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from autograder.sandbox import frames
from autograder.sandbox.errors import SandboxUnavailable
from autograder.sandbox.inside import shut
from autograder.sandbox.outside import cgroups, launch, layers
from autograder.sandbox.settings import LANDLOCK, NAMESPACES, OPEN, Settings

if TYPE_CHECKING:  # they bring NumPy, which takes longer than to start the warm parent
    from autograder.sandbox.job import Job, Result

START_SECONDS = 60.0
END_SECONDS = 5.0
MAX_RESTARTS = 6  # how often a job is tried again without what ended the process
MAX_LOSSES = 2  # how often it is tried again, whole, where the warm parent itself was ended


class Box:
    """One warm parent and its submissions, one at a time. A context manager.

    Parameters
    ----------
    preload : modules that the warm parent imports before it forks.
    unsafe : run without the sandbox (student code then has the grader's own rights).
    lanes : how many more ways into the same warm parent to make; see `Lane`.
    kind : "namespaces" or "landlock"; by default what the machine has, see `layers.chosen`.
    without : layers to leave out; for the test that shows what each is for.
    waits : the warm parent imports `preload` and then waits for `also`.

    Raises `SandboxUnavailable` where the sandbox cannot be set up.
    """

    def __init__(
        self,
        preload: Sequence[str] = ("numpy",),
        unsafe: bool = False,
        lanes: int = 0,
        kind: str | None = None,
        without: Sequence[str] = (),
        waits: bool = False,
    ) -> None:
        self.preload, self.unsafe = tuple(preload), unsafe
        self.kind = OPEN if unsafe else kind or layers.chosen()
        self._without = tuple(without)
        self.lanes: list[Lane] = []
        self.counted = False
        self._group, self._groups = cgroups.Group(), cgroups.NoGroups(0)
        self._process: subprocess.Popen | None = None
        self._channel: socket.socket | None = None
        self._folder = ""
        self._ready = False
        self._launch(lanes, waits)

    def __enter__(self) -> Box:
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _command(self) -> tuple[list[str], dict[str, str]]:
        """The command that starts the warm parent, without arguments, and its environment."""
        start = "import sys; sys.path.insert(0, {!r}); sys.argv[0] = 'box'; " + (
            "from autograder.sandbox.inside import forkserver as f; f.BOX = {!r}; f.main()"
        )
        if self.kind == NAMESPACES:
            command = [*launch.bubblewrap(launch.cache_folder(), self._without), launch.python()]
            environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}
            return [*command, "-I", "-c", start.format("/box", "/box")], environment
        self._folder = tempfile.mkdtemp(prefix="autograder-")
        os.chmod(self._folder, 0o711)  # the lanes may be other users
        where = str(launch.SANDBOX.parent.parent)
        command = [sys.executable, "-I", "-c", start.format(where, where)]
        if self.kind == LANDLOCK:
            return command, launch.environment(str(launch.own_cache_folder()))
        environment = {
            **os.environ,
            **launch.environment(self._folder),
            "AUTOGRADER_WORK": self._folder,
        }
        return command, environment

    def _settings(self, lanes: Sequence[int]) -> Settings:
        """What the warm parent is told, once the groups of its lanes have been made."""
        settings = Settings(self.kind, tuple(lanes), without=self._without)
        if self.kind == LANDLOCK:
            masked = launch.masked([*launch.python_folders(), Path("/usr")])
            settings = layers.shut(settings, launch.python_folders(), masked, self._folder)
        if self.unsafe:
            return settings
        settings = layers.filtered(settings)
        if settings.has("cgroups"):
            self._groups = cgroups.groups(layers.users(settings))
        groups = tuple(group.fds for group in self._groups.lanes if group.fds)
        return dataclasses.replace(settings, groups=groups)

    def _launch(self, lanes: int = 0, waits: bool = False) -> None:
        """Start the warm parent without waiting for it."""
        command, environment = self._command()
        pairs = [socket.socketpair() for _ in range(1 + lanes)]
        theirs = [pair[1].fileno() for pair in pairs]
        self._groups = cgroups.NoGroups(len(pairs))
        settings = self._settings(theirs)
        self.filtered = bool(settings.filter)
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [*self._groups.enter, *command, settings.to_text(), *self.preload],
            stdin=subprocess.PIPE if waits else subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
            env=environment,
            cwd="/",
            pass_fds=[*theirs, *sum(settings.groups, ())],
        )
        for _, their_end in pairs:
            their_end.close()
        self._channel, *rest = (our_end for our_end, _ in pairs)
        self._group, *others = self._groups.lanes
        self.lanes = [Lane(self, *pair) for pair in zip(rest, others, strict=True)]
        self._ready = False

    def also(self, modules: Iterable[str]) -> None:
        """Tell a warm parent that waits for this, once, which modules to import as well."""
        self.preload = tuple(dict.fromkeys([*self.preload, *modules]))
        with contextlib.suppress(BrokenPipeError):  # it has ended; `wait_ready` says why
            self._process.stdin.write("\n".join(self.preload).encode())
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def _alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def started(self) -> bool:
        """Has the warm parent imported its modules, or ended? Does not wait."""
        return bool(select.select([self._channel], [], [], 0)[0])

    def wait_ready(self) -> None:
        """Wait until the warm parent has imported its modules; raises `SandboxUnavailable`."""
        if self._ready:
            return
        from autograder.sandbox import wire

        try:
            _, says = frames.read(self._channel.fileno(), time.monotonic() + START_SECONDS)
            self.counted = wire.decode(says)["counted"]
        except (frames.ChannelClosed, frames.Late, ConnectionError):
            self._errors.seek(0)
            words = self._errors.read().decode("utf-8", "replace").strip().splitlines()
            self.close()
            why = words[-1][:300] if words else "no message"
            raise SandboxUnavailable(
                f"the sandbox did not start ({why}); run `autograder doctor` to see what this "
                "machine lacks"
            ) from None
        self._ready = True

    def close(self) -> None:
        """End the warm parent and everything in the box."""
        for lane in self.lanes:
            lane.close()
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        self._group.kill()
        self._group.close()
        if self._process is not None:
            if self.kind == LANDLOCK:  # its lanes end what they have running, then themselves
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(END_SECONDS)
            self._process.kill()
            self._process.wait()
            if self._process.stdin and not self._process.stdin.closed:
                self._process.stdin.close()
            self._errors.close()
            self._process = None
            self._groups.remove()
            if self._folder:
                shut.empty(self._folder)  # which, unlike `shutil`, no depth stops
                with contextlib.suppress(OSError):
                    os.rmdir(self._folder)

    def _exchange(self, job: Job) -> tuple[bytes, str, bool]:
        """Have the job done: the frames of its process, why it stopped ("" if it finished), and
        whether the warm parent was lost with it."""
        from autograder.sandbox import wire
        from autograder.sandbox.outside.collect import watch

        if not self._alive():
            self.close()
            self._launch()
        self.wait_ready()
        collected, why, lost = b"", "died", False
        memory, processes = _together(job)
        self._group.limit(memory + job.disk_mb + cgroups.BESIDES_MB, processes)
        try:
            ours, theirs = socket.socketpair()
            with ours:
                with theirs:
                    socket.send_fds(self._channel, [_start(job)], [theirs.fileno()])
                try:
                    frames.write_all(
                        ours.fileno(), frames.pack(frames.JOB, wire.encode(job.to_data()))
                    )
                except ConnectionError:
                    pass  # it ended before it had read its job: what it sent says why
                collected, why = watch(ours.fileno(), job)
            self._channel.send(b"-")
            late = time.monotonic() + START_SECONDS
            why = _TOO_MUCH.get(frames.read_exactly(self._channel.fileno(), 1, late), why)
            if why == "died":
                ended = self._group.ended_by_kernel()
                why, lost = ended if ended == "memory" else why, ended == "others"
        except (frames.ChannelClosed, frames.Late, ConnectionError):
            self.close()  # the warm parent is gone, or does not answer
            lost = bool(why)
        return collected, why, lost

    def run(self, job: Job) -> Result:
        """Run the job, trying again without the cell or exercise that ended the process."""
        from autograder.sandbox.outside.attempts import Tries

        run = Tries(job)
        end = time.monotonic() + job.total_seconds
        losses = 0
        for _ in range(MAX_RESTARTS):
            left = max(end - time.monotonic(), 0.0)
            data, why, lost = self._exchange(
                dataclasses.replace(run.remaining(), total_seconds=left)
            )
            if lost and losses < MAX_LOSSES:
                losses += 1  # somebody else ended it: what the student's code did is not known
                continue
            run.take(data)
            if why == "over" and run.why:  # no time was left for another try
                run.why = why
                break
            if why and run.at is None:  # it ended before anything of the student's ran
                raise SandboxUnavailable(
                    f"the sandbox failed before a submission ran: {run.fault or why}"
                )
            if not why or not run.blame(why):
                break
            if time.monotonic() >= end:
                run.why = "over"
                break
        return run.result()


_TOO_MUCH = {b"m": "memory", b"c": "cpu", b"d": "disk"}  # what the warm parent answers


def _together(job: Job) -> tuple[int, int]:
    """MiB of memory, and how many processes, the notebook or any of its exercises may use.

    Each exercise may need one process more, which keeps its function as it stood.
    """
    limits = [job, *job.exams.values()]
    processes = max(one.processes for one in limits) + len(job.exams)
    return max(one.memory_mb for one in limits), processes


def _start(job: Job) -> bytes:
    """The message that starts a job: what its processes may use together."""
    memory, _ = _together(job)
    return frames.START.pack(b"+", memory, math.ceil(1000 * job.cpu_seconds), job.disk_mb)


class Lane(Box):
    """A separate way into a box's warm parent, so that forks of the grader share the imports.

    A lane is used by one process, which may be a fork of the process that made the box. A lane that
    breaks goes on as a box of its own.
    """

    def __init__(self, box: Box, channel: socket.socket, group: cgroups.Group) -> None:
        self.preload, self.unsafe, self.lanes = box.preload, box.unsafe, []
        self.kind, self._without, self._folder = box.kind, box._without, ""
        self._process, self._errors, self._ready = None, box._errors, False
        self._group, self._groups, self.counted = group, cgroups.NoGroups(0), False
        self._channel: socket.socket | None = channel

    def _alive(self) -> bool:
        """Is there a channel, into the box's warm parent or one of its own?"""
        return self._channel is not None and (self._process is None or super()._alive())
