"""The warm parent inside the box: imports once, forks for every job, holds no student code.

Started by `box.py` as a script. Reads job frames on descriptor 0 and writes, for each, the frames
its child sent and an END frame that says how it ended, on descriptor 1. Each job runs in its own
user, mount, pid, ipc and network namespace, with an empty /tmp, under a watcher that kills it when
late.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import sys
import time

from autograder.runner import frames, linux, wire
from autograder.runner.job import Job

GRACE = 1.5  # seconds a child has to stop by itself before it is killed
MAX_REPLY = 96 * 2**20
WORK = os.environ.get("AUTOGRADER_WORK", "/tmp/work")
REPLIES = 1  # the descriptor that replies go to; set in main


def become_nobody() -> None:
    """If started as root: mount /proc uncovered (a child may then mount its own), give root up."""
    if os.getuid() == 0:
        linux.mount_proc()
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
        linux.own_proc_files()
    linux.remember_user()


def _draw() -> None:
    """The first figure finds the fonts; every later one is quick."""
    from matplotlib import pyplot

    pyplot.plot([0, 1])
    pyplot.close()


def _look_up() -> None:
    """librosa imports its parts when they are first used."""
    import librosa

    librosa.feature.mfcc, librosa.lpc, librosa.stft  # noqa: B018


TOUCH = {"matplotlib": _draw, "librosa": _look_up}


def preload(modules: list[str]) -> list[str]:
    """Import what notebooks are likely to import, and its lazy parts; the ones that failed."""
    failed = []
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception:
            failed.append(name)
    for name in {name.partition(".")[0] for name in modules} & TOUCH.keys():
        with contextlib.suppress(Exception):
            TOUCH[name]()
    return failed


def enclose() -> None:
    """Namespaces of this job's own; must be followed by a fork, for the pid namespace."""
    linux.unshare(linux.NEWUSER | linux.NEWNS | linux.NEWPID | linux.NEWIPC | linux.NEWNET)
    linux.map_own_user()
    linux.make_mounts_private()


def furnish() -> None:
    """As first process of the new namespaces: own /proc, empty /tmp, /dev/shm, no privileges."""
    linux.mount_proc()
    for path, megabytes in (("/tmp", 64), ("/dev/shm", 16), ("/cache", 16)):
        linux.mount_tmpfs(path, megabytes)
    linux.forbid_user_namespaces()
    linux.drop_privileges()


def close_all_but(fd: int) -> int:
    """Every descriptor closed except `fd`, which becomes 3; 0 to 2 lead to /dev/null."""
    null = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    if fd != 3:
        os.dup2(fd, 3, inheritable=False)
    os.closerange(4, 4096)
    return 3


def be_student(shell, job: Job, fd: int, enclosed: bool) -> None:
    """In the last fork: from here on the process is the student's."""
    from autograder.runner import child

    if enclosed:
        furnish()
    os.setsid()
    linux.die_with_parent()
    os.makedirs(WORK, exist_ok=True)
    os.chdir(WORK)
    os.environ["HOME"] = WORK
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, signal.SIG_DFL)
    sys.path[:] = [entry for entry in sys.path if entry != BOX]
    child.set_limits(job)
    child.Child(shell, job, fd).run()


def watch(fd: int, job: Job) -> tuple[bytes, str]:
    """Collect the child's frames until it ends, is late, or says too much; and why it stopped."""
    end = time.monotonic() + job.total_seconds
    deadline, collected, size = end, [], 0
    while True:
        try:
            kind, payload = frames.read(fd, min(deadline, end))
        except frames.ChannelClosed:
            return b"".join(collected), "died"
        except frames.Late:
            return b"".join(collected), "late"
        size += len(payload)
        if size > MAX_REPLY:
            return b"".join(collected), "flood"
        if kind == frames.END:
            return b"".join(collected), ""
        collected.append(frames.pack(kind, payload))
        if kind == frames.CELL:
            deadline = time.monotonic() + job.cell_seconds + GRACE
        elif kind == frames.EXAM:
            with contextlib.suppress(Exception):
                seconds = job.exams[wire.decode(payload)].seconds
                deadline = time.monotonic() + seconds + GRACE


def run_job(shell, job: Job, enclosed: bool) -> None:
    """In a fork of the warm parent: enclose, fork the student's process, watch it, reply."""
    reader, writer = os.pipe()
    if enclosed:
        enclose()
    pid = os.fork()
    if pid == 0:
        try:
            fd = close_all_but(writer)
            be_student(shell, job, fd, enclosed)
        except BaseException as error:
            with contextlib.suppress(BaseException):
                text = f"{type(error).__name__}: {error}"[:300]
                frames.write_all(fd, frames.pack(b"!", wire.encode(text)))
        finally:
            os._exit(0)
    os.close(writer)
    data, why = watch(reader, job)
    with contextlib.suppress(ProcessLookupError):
        if enclosed:
            os.kill(pid, signal.SIGKILL)  # the first process of its namespace: all go with it
        else:
            os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    frames.write_all(REPLIES, data + frames.pack(frames.END, wire.encode(why)))


def take_lane(lanes: list[int], replies: int) -> tuple[int, int]:
    """Fork once a lane; the descriptors on which this process gets jobs and writes replies."""
    for lane in lanes:
        if os.fork() == 0:
            linux.die_with_parent()
            for fd in (replies, *lanes):
                if fd != lane:
                    os.close(fd)
            os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
            return lane, lane
    for fd in lanes:
        os.close(fd)
    return 0, replies


def main() -> None:
    """Serve jobs until descriptor 0, or this fork's lane, closes."""
    global REPLIES
    mode, _, lanes = sys.argv[1].partition(":")
    enclosed = mode == "enclosed"
    REPLIES = os.dup(1)
    os.dup2(2, 1)  # what an import prints is not a reply
    if enclosed:
        become_nobody()
    failed = preload(sys.argv[2:])
    from autograder.runner import child

    shell = child.make_shell()
    gc.collect()
    gc.freeze()
    jobs, REPLIES = take_lane([int(fd) for fd in lanes.split(",") if fd], REPLIES)
    frames.write_all(
        REPLIES, frames.pack(frames.END, wire.encode({"ready": True, "failed": failed}))
    )
    while True:
        try:
            _, payload = frames.read(jobs)
        except frames.ChannelClosed:
            return
        pid = os.fork()
        if pid == 0:
            try:
                linux.die_with_parent()
                run_job(shell, Job.from_data(wire.decode(payload)), enclosed)
            except BaseException as error:
                text = f"!{type(error).__name__}: {error}"[:300]
                frames.write_all(REPLIES, frames.pack(frames.END, wire.encode(text)))
            finally:
                os._exit(0)
        os.waitpid(pid, 0)


BOX = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
if __name__ == "__main__":
    main()
