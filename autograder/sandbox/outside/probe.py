"""Does each layer of the sandbox hold on this machine? Tried from inside."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.sandbox.errors import SandboxUnavailable
from autograder.sandbox.job import Call, Exam, Job, Status
from autograder.sandbox.outside.box import Box
from autograder.sandbox.outside.launch import inside
from autograder.sandbox.settings import NAMESPACES

_TRIES = """
import ctypes, os, socket

def reads(path):
    with open(path) as file:
        return len(file.read()) >= 0

def connects(port):
    with socket.create_connection(("127.0.0.1", port), 1):
        return True

def writes(path):
    with open(path, "w") as file:
        file.write("x")
    return True

def sees(pid):
    return os.path.exists(f"/proc/{pid}")

def signals(pid):
    return os.kill(pid, 0) is None

def traces():
    return ctypes.CDLL(None).ptrace(0, 0, 0, 0) == 0

def keeps(megabytes):
    os.write(os.memfd_create("hoard"), bytes(megabytes * 2**20))
    return True

def fills(megabytes):
    with open("large", "wb") as file:
        for _ in range(megabytes):
            file.write(bytes(2**20))
    return True

def is_root():
    return os.getuid() == 0

def unshares():
    return ctypes.CDLL(None).unshare(0x10000000) == 0

def mounts():
    return ctypes.CDLL(None).mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None) == 0

def allocates(megabytes):
    return len(bytearray(megabytes * 2**20)) > 0

def forks(count):
    children = []
    for _ in range(count):
        pid = os.fork()
        if pid == 0:
            import time
            time.sleep(5)
            os._exit(0)
        children.append(pid)
    return len(children) == count
"""


@contextmanager
def _listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def walls(box: Box) -> list[tuple[str, bool, str]]:
    """(wall, does it hold, what was tried), for each wall."""
    with _listener() as port, tempfile.TemporaryDirectory() as folder:
        secret = Path(folder, "secret")
        secret.write_text("x")
        secret.chmod(0o644)
        Path(folder).chmod(0o755)
        site = inside(Path(next(p for p in sys.path if p.endswith("-packages"))))
        trials = [
            ("files: the grader's are not there", "reads", str(secret)),
            ("files: Python's packages are read-only", "writes", f"{site}/probe.txt"),
            ("files: the root is read-only", "writes", "/probe.txt"),
            ("network: no way out", "connects", port),
            ("processes: the grader's cannot be touched", "signals", os.getpid()),
            ("user: not root", "is_root", None),
            ("privileges: no new user namespaces", "unshares", None),
            ("privileges: no mounts", "mounts", None),
            ("limits: memory", "allocates", 8192),
            ("limits: processes", "forks", 200),
            ("limits: file size", "fills", 80),
        ]
        if box.kind == NAMESPACES:
            trials.append(("processes: the grader's are not seen", "sees", os.getpid()))
        if box.filtered:
            trials.append(("system calls: none that traces", "traces", None))
            trials.append(("system calls: no memory that no limit counts", "keeps", 1))
        return [(layer, *_holds(box, name, given)) for layer, name, given in trials]


_HELD = (Status.ERROR, Status.MEMORY, Status.DIED, Status.PROCESSES, Status.FILE)


def _holds(box: Box, name: str, given: object) -> tuple[bool, str]:
    args = () if given is None else (given,)
    exam = Exam((Call(name, args),), seconds=5)
    answer = box.run(Job((_TRIES,), {name: exam})).answers[name][0]
    if answer.status is Status.OK:
        return answer.value is False, "" if answer.value is False else f"{name}() succeeded inside"
    return answer.status in _HELD, answer.error or str(answer.status)


def probe(kind: str | None = None) -> list[tuple[str, bool, str]]:
    """Each wall of the sandbox on this machine: (name, does it hold, detail)."""
    try:
        with Box(kind=kind) as box:
            box.wait_ready()
            with contextlib.suppress(SandboxUnavailable):
                return walls(box)
    except SandboxUnavailable as error:
        return [("sandbox", False, str(error))]
    return [("sandbox", False, "it starts, but a trial submission failed in it")]
