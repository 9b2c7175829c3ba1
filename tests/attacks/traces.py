"""What an attack leaves behind on the machine: open files, processes, connections.

Every attack marks what it writes, sends or starts, so that other people's work on the same
machine is not taken for it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import secrets
import site
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
# In the name or the text of whatever an attack leaves behind. Runs beside this one have another.
MARK = os.environ.setdefault("ATTACK_MARK", f"attacker-was-here-{secrets.token_hex(4)}")
MAX_READ = 2**20
HOME_PLACES = (".ipython", ".jupyter", ".config", ".local", ".cache", ".matplotlib", ".ssh")
_PR_SET_CHILD_SUBREAPER = 36


def where(folder: Path, port: int, udp_port: int | None = None) -> dict[str, object]:
    """What an attacker knows of the listeners."""
    return {
        "PORT": port,
        "UDP_PORT": udp_port or port,
        "SOCKET": str(folder / "listener"),
        "ABSTRACT": f"listener-{port}",
    }


class Listeners:
    """Servers on the grader's machine; the kernel keeps whoever calls until it is asked.

    They have no thread of their own: beside a thread, the batch would not fork.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        tcp = socket.create_server(("127.0.0.1", port), backlog=100)
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", port))
        port = tcp.getsockname()[1]
        path, abstract = folder / "listener", f"listener-{port}"
        unix = socket.socket(socket.AF_UNIX)
        unix.bind(str(path))
        hidden = socket.socket(socket.AF_UNIX)
        hidden.bind("\0" + abstract)
        self.servers: dict[str, socket.socket] = {
            "TCP": tcp,
            "UDP": udp,
            "a Unix socket": unix,
            "an abstract socket": hidden,
        }
        with contextlib.suppress(OSError):  # a machine without IPv6
            self.servers["TCP over IPv6"] = socket.create_server(
                ("::1", port), family=socket.AF_INET6
            )
        for name, server in self.servers.items():
            if name != "UDP":
                server.listen(100)
            server.setblocking(False)
        self.facts = where(folder, port, udp.getsockname()[1])

    def heard(self) -> list[str]:
        """By which ways somebody has called since this was last asked."""
        found = []
        for name, server in self.servers.items():
            with contextlib.suppress(BlockingIOError):
                if name == "UDP":
                    server.recvfrom(100)
                else:
                    server.accept()[0].close()
                found.append(f"network: {name}")
        return found

    def close(self) -> None:
        for server in self.servers.values():
            server.close()


def places() -> list[Path]:
    """Where an attack would write to last: packages, start-up files, shared folders."""
    home = Path.home()
    found = [Path(p) for p in (*site.getsitepackages(), site.getusersitepackages())]
    found += [Path(entry) for entry in sys.path if entry.endswith("-packages")]
    found += [Path(os.__file__).parent, ROOT, Path("/tmp"), Path("/var/tmp"), Path("/dev/shm")]
    found += [home / name for name in HOME_PLACES] + [Path("/cache"), Path("/dev/mqueue")]
    return [p for p in dict.fromkeys(map(Path.resolve, found)) if p.is_dir()]


def _apart(entry: os.DirEntry, ours: Path) -> bool:
    """Is it this course, or another suite's, which is full of marks at the same time?"""
    if entry.path == str(ours) or entry.name in (".git", ".pytest_cache"):
        return True
    others = entry.name.startswith(("throwaway-", "pytest-of-", "attacks-"))
    return others or os.path.isdir(os.path.join(entry.path, "submitted"))


def _files(folder: Path, ours: Path) -> Iterator[os.DirEntry]:
    """Files below a folder, without the course's own and what is not ours to read."""
    waiting = [str(folder)]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if _apart(entry, ours):
                        continue
                    waiting.append(entry.path)
                yield entry


def _marked(entry: os.DirEntry, since: float) -> bool:
    if MARK in entry.name:
        return entry.stat(follow_symlinks=False).st_ctime >= since
    info = entry.stat(follow_symlinks=False)
    if not entry.is_file(follow_symlinks=False) or max(info.st_ctime, info.st_mtime) < since:
        return False
    with open(entry.path, "rb") as file:
        head = file.read(MAX_READ)
        file.seek(max(info.st_size - MAX_READ, 0))
        return MARK.encode() in head + file.read(MAX_READ)


def written(since: float, course: Path, only: Sequence[Path] = ()) -> list[str]:
    """Files outside the course that carry the mark and are newer than `since`.

    `only` are the places to look in, where it is known that nothing else can be written.
    """
    found, suite = [], Path(__file__).resolve().parent
    lone = [Path("/"), Path.home()]
    entries = [e for place in only or places() for e in _files(place, course)]
    for place in lone:
        with contextlib.suppress(OSError):
            entries += [e for e in os.scandir(place) if e.is_file(follow_symlinks=False)]
    for entry in entries:
        with contextlib.suppress(OSError):
            if _marked(entry, since) and not Path(entry.path).is_relative_to(suite):
                found.append(f"files: {entry.path}")
    return sorted(set(found))


def shared_memory() -> set[str]:
    """Pieces of System V shared memory, queues and semaphores of this machine."""
    found = set()
    for kind in ("shm", "msg", "sem"):
        with contextlib.suppress(OSError):
            lines = Path("/proc/sysvipc", kind).read_text().splitlines()[1:]
            found |= {f"{kind} {' '.join(line.split()[:2])}" for line in lines}
    return found


class Watch:
    """From its making to `report`: what happened on the machine that should not have."""

    def __init__(self, course: Path, only: Sequence[Path] = (), port: int = 0) -> None:
        # Orphans come to this process, so that nobody who was left behind gets away.
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self.course, self.only = course, only
        self.listeners = Listeners(course, port)
        self.children = self._descendants()
        self.memory = shared_memory()
        self.since = time.time() - 1

    def _descendants(self) -> set[int]:
        return {p.pid for p in psutil.Process().children(recursive=True)}

    def survivors(self) -> list[str]:
        """Processes below this one that were not there before."""
        found = []
        for pid in self._descendants() - self.children:
            with contextlib.suppress(psutil.Error):
                one = psutil.Process(pid)
                if one.status() == psutil.STATUS_ZOMBIE:
                    with contextlib.suppress(ChildProcessError):
                        os.waitpid(pid, os.WNOHANG)
                    continue
                found.append(f"processes: {' '.join(one.cmdline())[:200]}")
        return found

    def report(self) -> list[str]:
        """What was left behind, in words that start with the kind."""
        memory = [f"files: shared memory, {m}" for m in shared_memory() - self.memory]
        left = [*self.listeners.heard(), *self.survivors(), *memory]
        return left + written(self.since, self.course, self.only)

    def close(self) -> None:
        self.listeners.close()
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def tree(folder: Path) -> dict[str, str]:
    """What stands in a folder: each path with its size, or where its link leads.

    Folders in folders are looked into as far as a path can name them.
    """
    found, waiting = {}, [str(folder)]
    while waiting:
        here = waiting.pop()
        try:
            entries = list(os.scandir(here))
        except OSError as error:
            found[here] = error.strerror
            continue
        for entry in entries:
            if entry.is_symlink():
                found[entry.path] = f"-> {os.readlink(entry.path)}"
            elif entry.is_dir():
                waiting.append(entry.path)
            elif entry.is_file():
                info = entry.stat()
                found[entry.path] = json.dumps([info.st_size, info.st_mtime_ns])
    return dict(sorted(found.items()))
