"""The warm parent inside the box: imports once, forks for every job, holds no student's data.

Started by `box.py` as a script. Whoever wants a job done sends a socket over the channel; a fork
of this process reads the job from that socket and answers on it, in a user, mount, pid, ipc and
network namespace of its own and with an empty /tmp. The warm parent reads neither job nor answer:
what one student handed in is never in memory that the next student's process is copied from.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import os
import select
import signal
import socket
import sys
from pathlib import Path

from autograder.sandbox import frames, linux, wire
from autograder.sandbox.inside import deferred, shut, usage
from autograder.sandbox.job import Job
from autograder.sandbox.settings import LANDLOCK, NOBODY, Settings

WORK = os.environ.get("AUTOGRADER_WORK", "/tmp/work")
NAMESPACES = {
    "user": linux.NEWUSER,
    "files": linux.NEWNS,
    "processes": linux.NEWPID,
    "objects": linux.NEWIPC,
    "network": linux.NEWNET,
}


def become_nobody() -> None:
    """If started as root: mount /proc uncovered (a child may then mount its own), give root up."""
    if os.getuid() == 0:
        linux.mount_proc()
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        linux.own_proc_files()
    linux.remember_user()


def _draw() -> None:
    """Draw a figure: the first one looks for fonts, so that every later one is quick."""
    from matplotlib import pyplot

    pyplot.plot([0, 1])
    pyplot.close()


def _look_up() -> None:
    """Use parts of librosa, which imports them when they are first used."""
    import librosa

    librosa.feature.mfcc, librosa.lpc, librosa.stft  # noqa: B018


TOUCH = {"matplotlib": _draw, "librosa": _look_up}


def preload(modules: list[str]) -> list[str]:
    """Import the modules, with their lazy parts; returns the names of those that failed."""
    failed = []
    for name in modules:
        try:
            deferred.import_module(name)
        except Exception:
            failed.append(name)
    for name in {name.partition(".")[0] for name in modules} & TOUCH.keys():
        with contextlib.suppress(Exception):
            TOUCH[name]()
    return failed


def furnish(settings: Settings, disk_mb: int) -> None:
    """Make the first process of new namespaces nobody, with its own /proc and /tmp."""
    linux.map_own_user()
    linux.hide_groups()
    if settings.has("files"):
        linux.make_mounts_private()
        if settings.has("processes"):
            linux.mount_proc()
        for path, megabytes in (("/tmp", disk_mb), ("/dev/shm", 16), ("/cache", 16)):
            linux.mount_tmpfs(path, megabytes)
    if settings.has("privileges"):
        linux.forbid_user_namespaces()
        linux.drop_privileges()
    else:
        linux.gain_nothing()


def close_all_but(fd: int, settings: Settings) -> int:
    """Every descriptor closed except `fd`, which becomes 3; 0 to 2 lead to /dev/null."""
    if not settings.has("descriptors"):
        return fd
    null = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    if fd != 3:
        os.dup2(fd, 3, inheritable=False)
    os.closerange(4, 4096)
    return 3


def be_student(shell, fd: int, settings: Settings, disk_mb: int) -> None:
    """In the fork: from here on the process is the student's."""
    from autograder.sandbox.inside import child

    if settings.enclosed:
        furnish(settings, disk_mb)
    job = Job.from_data(wire.decode(frames.read(fd)[1]))
    os.setsid()
    linux.die_with_parent()
    os.makedirs(WORK, exist_ok=True)
    os.chdir(WORK)
    os.environ["HOME"] = os.environ["TMPDIR"] = WORK
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, signal.SIG_DFL)
    sys.path[:] = ["", *(entry for entry in sys.path if entry != BOX)]  # "": as in Jupyter
    if settings.has("rlimits"):
        child.set_limits(job)
    if settings.filter:
        linux.install_filter(settings.filter)
    child.Child(shell, job, fd).run()


def start(shell, fd: int, settings: Settings, disk_mb: int) -> int:
    """Fork the process that does the job on socket `fd`; its pid."""
    from autograder.sandbox.inside import child

    pid = fork(settings)
    if pid:
        return pid
    try:
        for of_group in sum(settings.groups, ()):
            os.close(of_group)
        if settings.kind == LANDLOCK:
            child.note_virtual_bytes()
            shut.enter_job(settings)
        fd = close_all_but(fd, settings)
        be_student(shell, fd, settings, disk_mb)
    except BaseException as error:
        complain(fd, error)
    finally:
        os._exit(0)


def fork(settings: Settings) -> int:
    """Fork a process in namespaces of its own, and in the lane's group if it has one."""
    flags = 0
    if settings.enclosed:
        flags = sum(flag for name, flag in NAMESPACES.items() if settings.has(name))
    for group, _ in settings.groups:
        with contextlib.suppress(OSError):  # somebody has removed it: the watch goes on alone
            return linux.fork_into(flags, group)
    return linux.fork_into(flags) if settings.enclosed else os.fork()


def counted(settings: Settings) -> Settings:
    """The settings, without the lane's group if no process can be forked into the group."""
    try:
        for group, _ in settings.groups:
            pid = linux.fork_into(0, group)
            if pid == 0:
                os._exit(0)
            os.waitpid(pid, 0)
    except OSError:
        return dataclasses.replace(settings, groups=())
    return settings


def complain(fd: int, error: BaseException) -> None:
    """Tell the other end why nothing could be run."""
    with contextlib.suppress(BaseException):
        text = f"{type(error).__name__}: {error}"[:300]
        frames.write_all(fd, frames.pack(b"!", wire.encode(text)))


def end(pid: int, settings: Settings) -> None:
    """Kill the job's process and all that it started, and wait until they are gone."""
    with contextlib.suppress(ProcessLookupError):
        if settings.enclosed:
            os.kill(pid, signal.SIGKILL)  # the first process of its namespace: all go with it
        else:
            os.killpg(pid, signal.SIGKILL)
    if settings.kind == LANDLOCK:
        shut.end_all(settings)
        shut.empty(WORK)
    else:
        os.waitpid(pid, 0)


def attend(channel: socket.socket, pid: int, watcher: usage.Guard, settings: Settings) -> str:
    """Wait for the message that ends the job; returns what it used too much of, or ""."""
    orphans = settings.kind == LANDLOCK
    while not select.select([channel], [], [], usage.EVERY)[0]:
        if settings.has("guard") and (why := watcher.over(pid, orphans)):
            return why
    return ""


def serve(shell, channel: socket.socket, settings: Settings) -> None:
    """Do one job after another, until the channel closes.

    A message with a descriptor starts a job, the next message ends it; each is answered once
    done, with the first letter of what the job used too much of, if it did.
    """
    folder = WORK if settings.kind == LANDLOCK else ""
    clock = settings.groups[0][1] if settings.groups else -1
    while True:
        message, fds, _, _ = socket.recv_fds(channel, frames.START.size, 1)
        if not message:
            return
        _, memory_mb, cpu, disk_mb = frames.START.unpack(message)
        why, pid = "", 0
        try:
            pid = start(shell, fds[0], settings, disk_mb)
        except OSError as error:
            complain(fds[0], error)
        os.close(fds[0])
        if pid:
            watcher = usage.Guard(memory_mb, cpu / 1000, disk_mb, folder, clock)
            why = attend(channel, pid, watcher, settings)
            end(pid, settings)
        channel.recv(1)
        channel.send(why[:1].encode() or b".")


def take_lane(settings: Settings) -> Settings:
    """Fork once for each lane but the first; the settings with this process's own lane only.

    In the second box the first lane is a fork, too, so that a lane has no children but its jobs.
    """
    global WORK
    from autograder.sandbox.inside import child

    lanes = settings.lanes
    mine, number = (lanes[0], 0) if settings.kind != LANDLOCK else (-1, -1)
    for count, lane in enumerate(lanes):
        if lane != mine and os.fork() == 0:
            mine, number = lane, count
            break
    groups = settings.groups[max(number, 0) :][:1]
    for fd in {*lanes, *sum(settings.groups, ())} - {mine, *sum(groups, ())}:
        os.close(fd)
    if settings.kind == LANDLOCK:
        if number < 0:
            wait_for_lanes()
        WORK = shut.folder(settings, number)
        try:
            shut.enter_lane(settings, number)
        except OSError as error:
            print(error, flush=True)
            os._exit(1)
        if settings.user < 0:
            child.note_threads()
    elif number:
        linux.die_with_parent()
    return dataclasses.replace(settings, lanes=(mine,), groups=groups)


def wait_for_lanes() -> None:
    """Wait until all lanes have ended: all that their parent does in the second box."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    os._exit(0)


def main() -> None:
    """Import, say so, and serve a channel in each of as many forks as there are lanes."""
    settings = Settings.from_text(sys.argv[1])
    sys.argv[1:2] = []
    if settings.enclosed:
        become_nobody()
    preload(sys.argv[1:])
    from autograder.sandbox.inside import child  # noqa: F401 - before the fork, not in each
    from autograder.sandbox.inside.shell import make_shell

    shell = make_shell()
    failed = preload([*sys.argv[1:], *sys.stdin.read().split()])  # nothing, or what `also` says
    gc.collect()
    gc.freeze()
    settings = counted(take_lane(settings))
    channel = socket.socket(fileno=settings.lanes[0])
    ready = {"ready": True, "failed": failed, "counted": bool(settings.groups)}
    frames.write_all(channel.fileno(), frames.pack(frames.END, wire.encode(ready)))
    with contextlib.suppress(OSError):  # whoever started us is gone
        serve(shell, channel, settings)


BOX = str(Path(__file__).resolve().parents[3])
if __name__ == "__main__":
    main()
