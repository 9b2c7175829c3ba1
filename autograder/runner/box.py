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
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType

from autograder.runner import cgroups, frames, layers, shut, wire
from autograder.runner.job import Answer, CellResult, Exam, Job, Result, Status
from autograder.runner.layers import INSTALL, SandboxUnavailable
from autograder.runner.settings import LANDLOCK, NAMESPACES, OPEN, Settings
from autograder.runner.warm import START
from autograder.runner.watch import watch

RUNNER = Path(__file__).resolve().parent
START_SECONDS = 60.0
END_SECONDS = 5.0
MAX_RESTARTS = 6  # how often a job is tried again without what ended the process
MAX_LOSSES = 2  # how often it is tried again, whole, where the warm parent itself was ended
PRIVATE_PACKAGES = ("autograder", "speechlab")


def _environment(cache: str) -> dict[str, str]:
    one_thread = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA")
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": "/tmp",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": f"{cache}/matplotlib",
        "NUMBA_CACHE_DIR": f"{cache}/numba",
        "IPYTHONDIR": f"{cache}/ipython",
        "PYTHONDONTWRITEBYTECODE": "1",
        # Memory in huge pages, where there are any: a fork then copies far fewer page tables.
        "PYTHONMALLOC": "malloc",
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
        **{f"{name}_NUM_THREADS": "1" for name in one_thread},
    }


def _cache_folder() -> Path:
    """Where Matplotlib's font list and numba's code outlive a box. Submissions never see it."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = root / "autograder-box"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o777)  # the warm parent is another user where the grader is root
    return folder


def _own_cache_folder() -> Path:
    """The same for the second box, whose warm parent may be root: nobody else writes there."""
    folder = _cache_folder().with_name("autograder-shut")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    return folder


def _python_folders() -> list[Path]:
    """The folders that Python and its packages live in."""
    folders = {Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()}
    folders.add(Path(os.path.realpath(sys.executable)).parent.parent)
    return sorted(
        f for f in folders if not f.is_relative_to("/usr") or f.is_relative_to("/usr/local")
    )


def inside(path: Path) -> Path:
    """Where a path of Python's is in the box: as outside, unless the /tmp there would hide it."""
    return Path("/python", path.relative_to("/tmp")) if path.is_relative_to("/tmp") else path


def _python() -> str:
    """Where this interpreter is in the box."""
    program, prefix = Path(sys.executable), Path(sys.prefix)
    if program.is_relative_to(prefix):
        program = prefix.resolve() / program.relative_to(prefix)
    return str(inside(program))


def _masked(folders: Iterable[Path]) -> list[Path]:
    """Where our own packages are installed as copies among Python's packages: to be hidden."""
    places = [Path(entry) for entry in sys.path if entry.endswith("-packages")]
    found = [place / name for place in places for name in PRIVATE_PACKAGES]
    return [f for f in found if f.is_dir() and any(f.is_relative_to(p) for p in folders)]


def bubblewrap_command(cache: Path, without: Iterable[str] = ()) -> list[str]:
    """The bwrap command line up to the program to run inside."""
    program = shutil.which("bwrap")
    if program is None:
        raise SandboxUnavailable(f"bubblewrap (`bwrap`) is not installed: {INSTALL}")
    command = [program, "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    command += [] if "network" in without else ["--unshare-net"]
    command += ["--die-with-parent", "--new-session", "--clearenv"]
    command += ["--cap-drop", "ALL"]
    if os.getuid() == 0:  # the warm parent mounts /proc, then becomes nobody and loses these
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SYS_ADMIN"):
            command += ["--cap-add", capability]
        command += ["--perms", "0555", "--dir", "/proc"]
    else:
        command += ["--unshare-user", "--proc", "/proc"]
    command += ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib64", "lib32"):
        path = Path("/", name)
        if path.is_symlink():
            command += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            command += ["--ro-bind", str(path), str(path)]
    for path in ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/alternatives", "/etc/fonts"):
        command += ["--ro-bind-try", path, path]
    folders = _python_folders()
    for folder in folders:
        for parent in reversed(inside(folder).parents[:-1]):  # made with 0700 unless we ask
            if not parent.is_relative_to("/usr"):
                command += ["--perms", "0755", "--dir", str(parent)]
        command += ["--ro-bind", str(folder), str(inside(folder))]
    for folder in _masked(folders):
        command += ["--tmpfs", str(inside(folder))]
    command += ["--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp"]
    for path in ("/box", "/box/autograder"):
        command += ["--perms", "0755", "--dir", path]
    command += ["--ro-bind", str(RUNNER), "/box/autograder/runner"]
    command += ["--bind", str(cache), "/cache", "--remount-ro", "/dev"]
    command += ["--remount-ro", "/", "--chdir", "/"]
    for key, value in _environment("/cache").items():
        command += ["--setenv", key, value]
    return command


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
        """What starts the warm parent, up to its arguments, and its environment."""
        start = "import sys; sys.path.insert(0, {!r}); sys.argv[0] = 'box'; " + (
            "from autograder.runner import warm; warm.BOX = {!r}; warm.main()"
        )
        if self.kind == NAMESPACES:
            command = [*bubblewrap_command(_cache_folder(), self._without), _python()]
            environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}
            return [*command, "-I", "-c", start.format("/box", "/box")], environment
        self._folder = tempfile.mkdtemp(prefix="autograder-")
        os.chmod(self._folder, 0o711)  # the lanes may be other users
        where = str(RUNNER.parent.parent)
        command = [sys.executable, "-I", "-c", start.format(where, where)]
        if self.kind == LANDLOCK:
            return command, _environment(str(_own_cache_folder()))
        environment = {**os.environ, **_environment(self._folder), "AUTOGRADER_WORK": self._folder}
        return command, environment

    def _settings(self, lanes: Sequence[int]) -> Settings:
        """What the warm parent is told, once the groups of its lanes have been made."""
        settings = Settings(self.kind, tuple(lanes), without=self._without)
        if self.kind == LANDLOCK:
            masked = _masked([*_python_folders(), Path("/usr")])
            settings = layers.shut(settings, _python_folders(), masked, self._folder)
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
        """Say what else to import, once, to a warm parent that waits for it."""
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
        run = _Run(job)
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
    """MiB of memory, and how many processes, the notebook or any of its exercises may use."""
    limits = [job, *job.exams.values()]
    return max(one.memory_mb for one in limits), max(one.processes for one in limits)


def _start(job: Job) -> bytes:
    """The message that starts a job: what its processes may use together."""
    memory, _ = _together(job)
    return START.pack(b"+", memory, math.ceil(1000 * job.cpu_seconds), job.disk_mb)


class Lane(Box):
    """A way of its own into a box's warm parent, so that forks of the grader share the imports.

    To be used by one process, which may be a fork of the one that made the box. A lane that
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


_REASONS = {
    "late": "it took too long and was stopped (the limit is {cell_seconds:g} s)",
    "over": "the notebook as a whole used up its {total_seconds:g} s",
    "died": "it ended the Python process",
    "flood": "it sent far more than the {output_bytes:,} characters of output that are allowed",
    "memory": "its processes together took more than {memory_mb} MiB of memory",
    "cpu": "the notebook used more than {cpu_seconds:g} s of processor time",
    "disk": "it wrote more than {disk_mb} MiB of files",
}
_ENDED = {
    "late": Status.TIMEOUT,
    "over": Status.TIMEOUT,
    "flood": Status.TOO_LARGE,
    "memory": Status.MEMORY,
    "cpu": Status.CPU,
    "disk": Status.FILE,
}


_NOTEBOOK_S = ("over", "memory", "cpu", "disk")  # limits of all that a notebook does together


class _Run:
    """What is known of a job so far, over several tries."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.skip: dict[int, str] = {}
        self.cells: dict[int, CellResult] = {}
        self.answers: dict[str, dict[int, Answer]] = {}
        self.ended: dict[str, Answer] = {}
        self.fault = ""
        self.at: tuple[str, int | str] | None = None
        self.done: set[str] = set()
        self.why = ""
        self.items = wire.Budget()

    def remaining(self) -> Job:
        """The job without the cells and exercises that must not be tried again."""
        cells = tuple("" if i in self.skip else c for i, c in enumerate(self.job.cells))
        exams: dict[str, Exam] = {n: e for n, e in self.job.exams.items() if n not in self.done}
        return dataclasses.replace(self.job, cells=cells, exams=exams)

    def take(self, data: bytes) -> None:
        """Read what the child sent. All of it is the student's word; forms are checked."""
        self.at = None
        for kind, payload in frames.parse(data):
            try:
                self._take(kind, wire.decode(payload, self.items))
            except (ValueError, TypeError, KeyError, IndexError, OverflowError):
                continue  # not of the form that we send: the student's own doing

    def _take(self, kind: bytes, value: object) -> None:
        if kind == frames.CELL and type(value) is int and 0 <= value < len(self.job.cells):
            self.at = ("cell", value)
        elif kind == frames.CELL_DONE:
            index, *texts = value if type(value) is list else ()  # an array unpacks, for minutes
            if self.at == ("cell", index) and len(texts) == 3:
                stdout, error, trace = (str(t)[: self.job.output_bytes + 100] for t in texts)
                self.cells[index] = CellResult(stdout, error, trace)
        elif kind == frames.EXAM and value in self.job.exams:
            self.at = ("exam", value)
            self.done.add(value)
        elif kind == frames.ANSWER:
            name, index, fields = value
            if name in self.job.exams and type(index) is int:
                answer = Answer.from_data(fields, self.items)
                if index == -1:
                    self.ended[name] = answer
                elif 0 <= index < len(self.job.exams[name].calls):
                    self.answers.setdefault(name, {})[index] = answer
        elif kind == b"!":
            self.fault = str(value)[:300]

    def blame(self, why: str) -> bool:
        """Note what ended the process; False if nothing more is to be gained by another try."""
        self.why = why
        reason = _REASONS.get(why, _REASONS["died"]).format(**vars(self.job))
        kind, where = self.at
        if kind == "cell":
            self.skip[where] = f"this cell was left out because {reason}"
            return True
        says = reason if why in _NOTEBOOK_S else ""
        self.ended[where] = Answer(_ENDED.get(why, Status.DIED), message=says)
        return len(self.done) < len(self.job.exams)

    def result(self) -> Result:
        """Everything that came back, with the gaps filled."""
        empty = CellResult(skipped=f"this cell was not reached{self._because()}")
        cells = [self.cells.get(i, empty) for i in range(len(self.job.cells))]
        for i, says in self.skip.items():
            cells[i] = CellResult(skipped=says)
        answers = {name: self._answers(name, exam) for name, exam in self.job.exams.items()}
        return Result(tuple(cells), answers, self.fault)

    def _because(self) -> str:
        return f": {_REASONS['over'].format(**vars(self.job))}" if self.why == "over" else ""

    def _answers(self, name: str, exam: Exam) -> tuple[Answer, ...]:
        given = self.answers.get(name, {})
        if name in self.done:
            ended = self.ended.get(name, Answer(Status.DIED))
        else:
            because = self._because()
            ended = Answer(Status.NOT_RUN, message=because and f"not tried{because}")
        rest = iter([ended])
        return tuple(
            given[i] if i in given else next(rest, Answer(Status.NOT_RUN))
            for i in range(len(exam.calls))
        )


def probe(kind: str | None = None) -> list[tuple[str, bool, str]]:
    """Each wall of the sandbox on this machine: (name, does it hold, detail)."""
    from autograder.runner.probe import walls

    try:
        with Box(kind=kind) as box:
            box.wait_ready()
            with contextlib.suppress(SandboxUnavailable):
                return walls(box)
    except SandboxUnavailable as error:
        return [("sandbox", False, str(error))]
    return [("sandbox", False, "it starts, but a trial submission failed in it")]
