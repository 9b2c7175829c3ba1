"""The warm parent inside the box: imports once, forks for every job, holds no student's data.

Started by `box.py` as a script. Whoever wants a job done sends a socket over the channel; a fork
of this process reads the job from that socket and answers on it, in a user, mount, pid, ipc and
network namespace of its own and with an empty /tmp. This process itself reads neither: what one
student handed in is never in memory that the next one's process is copied from.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import socket
import sys

from autograder.runner import frames, linux, wire
from autograder.runner.job import Job

WORK = os.environ.get("AUTOGRADER_WORK", "/tmp/work")
ALL_NAMESPACES = linux.NEWUSER | linux.NEWNS | linux.NEWPID | linux.NEWIPC | linux.NEWNET


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


def furnish() -> None:
    """As first process of new namespaces: nobody, with own /proc and /tmp, and no privileges."""
    linux.map_own_user()
    linux.make_mounts_private()
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


def be_student(shell, fd: int, enclosed: bool) -> None:
    """In the fork: from here on the process is the student's."""
    from autograder.runner import child

    if enclosed:
        furnish()
    job = Job.from_data(wire.decode(frames.read(fd)[1]))
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


def start(shell, fd: int, enclosed: bool) -> int:
    """Fork the process that does the job on socket `fd`; its pid."""
    pid = linux.fork_into(ALL_NAMESPACES) if enclosed else os.fork()
    if pid:
        return pid
    try:
        fd = close_all_but(fd)
        be_student(shell, fd, enclosed)
    except BaseException as error:
        complain(fd, error)
    finally:
        os._exit(0)


def complain(fd: int, error: BaseException) -> None:
    """Tell the other end why nothing could be run."""
    with contextlib.suppress(BaseException):
        text = f"{type(error).__name__}: {error}"[:300]
        frames.write_all(fd, frames.pack(b"!", wire.encode(text)))


def end(pid: int, enclosed: bool) -> None:
    """Kill the job's process and all that it started, and wait until they are gone."""
    with contextlib.suppress(ProcessLookupError):
        if enclosed:
            os.kill(pid, signal.SIGKILL)  # the first process of its namespace: all go with it
        else:
            os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def serve(shell, channel: socket.socket, enclosed: bool) -> None:
    """One job after another, until the channel closes.

    A message with a descriptor starts a job, the next message ends it; each is answered once done.
    """
    while True:
        message, fds, _, _ = socket.recv_fds(channel, 1, 1)
        if not message:
            return
        try:
            pid = start(shell, fds[0], enclosed)
        except OSError as error:
            complain(fds[0], error)
            pid = 0
        os.close(fds[0])
        channel.recv(1)
        if pid:
            end(pid, enclosed)
        channel.send(b".")


def take_lane(lanes: list[int]) -> int:
    """Fork once for each lane but the first; the descriptor of this process's own."""
    mine = lanes[0]
    for lane in lanes[1:]:
        if os.fork() == 0:
            linux.die_with_parent()
            mine = lane
            break
    for fd in lanes:
        if fd != mine:
            os.close(fd)
    return mine


def main() -> None:
    """Import, say so, and serve a channel in each of as many forks as there are lanes."""
    mode, _, lanes = sys.argv[1].partition(":")
    enclosed = mode == "enclosed"
    if enclosed:
        become_nobody()
    failed = preload(sys.argv[2:])
    from autograder.runner import child

    shell = child.make_shell()
    gc.collect()
    gc.freeze()
    channel = socket.socket(fileno=take_lane([int(fd) for fd in lanes.split(",")]))
    ready = {"ready": True, "failed": failed}
    frames.write_all(channel.fileno(), frames.pack(frames.END, wire.encode(ready)))
    with contextlib.suppress(OSError):  # whoever started us is gone
        serve(shell, channel, enclosed)


BOX = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
if __name__ == "__main__":
    main()
