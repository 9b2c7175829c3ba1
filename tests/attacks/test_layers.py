"""What each layer of the sandbox is for: with it gone, an attack succeeds that fails with it.

The layers are switched off by a parameter that only this test gives. Where two layers stop the
same attack, both go, and each alone is shown to stop it. `book/threat_model.md` explains every
row, and says of the layers that are not here why they are there.
"""

import os
import socket
import tempfile
from pathlib import Path

import pytest

from autograder.sandbox.job import Call, Exam, Job, Status
from autograder.sandbox.outside import place
from autograder.sandbox.outside.box import Box

root_only = pytest.mark.skipif(os.getuid() != 0, reason="this layer is there for a grader as root")
try:
    COUNTED, WHY = place.find().counts, "not counted in the grader's group"
except place.NotToBeHad as error:
    COUNTED, WHY = (), str(error)
memory_counted = pytest.mark.skipif("memory" not in COUNTED, reason=f"memory: {WHY}")
pids_counted = pytest.mark.skipif("pids" not in COUNTED, reason=f"processes: {WHY}")
# What stops several processes' memory: where the kernel counts it, each of two layers.
TOGETHER = ["guard", "cgroups"] if "memory" in COUNTED else ["guard"]

ATTACKS = """
import contextlib, ctypes, mmap, os, resource, signal, socket, time

def connects(name):  # to a socket of the grader's machine that has no file
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        connection.connect("\\0" + name)
    return True

def datagram(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        return connection.sendto(b"x", ("127.0.0.1", port)) == 1

def touches_parent():
    return os.getppid() > 0 and os.kill(os.getppid(), 0) is None

def leaves(word):  # for the next job
    with open("left", "a+") as file:
        file.seek(0)
        before = file.read()
        file.write(word)
    return word in before

def shares():  # System V memory, which outlives who made it
    libc = ctypes.CDLL(None)
    return libc.shmget(4711, 64, 0) >= 0 or libc.shmget(4711, 64, 0o1666) < -1

def takes_back():  # a limit that only a privileged process may set
    with open("/proc/sys/user/max_user_namespaces", "w") as file:
        file.write("100")
    return True

def hoards(files):  # memory in files that have no place, each as large as a file may be
    for _ in range(files):
        fd = os.memfd_create("hoard")
        for _ in range(60):
            os.write(fd, bytes(2**20))
    return True

def opens(count):
    return len([os.open("/dev/null", os.O_RDONLY) for _ in range(count)]) == count

def allocates(megabytes):
    return len(bytearray(megabytes * 2**20)) > 0

def allocates_in_children(megabytes):
    for _ in range(4):
        if os.fork() == 0:
            kept = bytearray(os.urandom(2**20)) * (megabytes // 4)
            time.sleep(30)
    time.sleep(3)
    return True

def shares_memory(megabytes):  # of nobody's own, so that it is on nobody's bill
    ours, theirs = os.pipe()
    for _ in range(4):
        if os.fork() == 0:
            kept = mmap.mmap(-1, megabytes // 4 * 2**20)
            for page in range(0, len(kept), 4096):
                kept[page] = 1
            os.write(theirs, b"x")
            time.sleep(30)
    full = b""
    while len(full) < 4:
        full += os.read(ours, 4)
    time.sleep(1)  # in which the watch looks twenty times
    return True

def queues(megabytes):  # memory of the kernel's, in sockets that nobody reads
    ours, theirs = os.pipe()
    for _ in range(megabytes // 40):
        if os.fork() == 0:
            kept = [socket.socketpair() for _ in range(60)]
            for end in sum(kept, ()):
                end.setblocking(False)
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**18)
                with contextlib.suppress(BlockingIOError):
                    while True:
                        end.send(bytes(2**15))
            os.write(theirs, b"x")
            time.sleep(30)
    full = b""
    while len(full) < megabytes // 40:
        full += os.read(ours, 64)
    return True

def forks(count):  # past the limit of the exercise, as far as that of the notebook lets it
    most = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
    for _ in range(count):
        if os.fork() == 0:
            time.sleep(30)
    return True

def reads(path):
    with open(path) as file:
        return len(file.read()) > 0

def changes(path):  # which a rule about opening files does not stop
    os.chmod(path, 0o600)
    return True

def finds_descriptors():
    return any(os.path.exists(f"/dev/fd/{n}") or not fstat_fails(n) for n in range(4, 64))

def fstat_fails(n):
    try:
        os.fstat(n)
    except OSError:
        return True
"""


@pytest.fixture(scope="module")
def secret():
    """A file that anybody on this machine may read, and nobody in the box."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "secret")
        path.write_text("x")
        path.chmod(0o644)
        path.parent.chmod(0o755)
        yield str(path)


@pytest.fixture
def abstract():
    name = f"autograder-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0{name}")
        server.listen()
        yield name


@pytest.fixture
def udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        yield server.getsockname()[1]


def succeeds(kind, without, attack, *args, tries=1):
    """Does the attack get what it wants, in a box without these layers? (In its last try.)"""
    exam = Exam((Call(attack, args),), seconds=8.0, memory_mb=300)
    job = Job((ATTACKS,), {attack: exam}, memory_mb=300, total_seconds=20)
    with Box(kind=kind, without=without) as box:
        for _ in range(tries):
            answer = box.run(job).answers[attack][0]
    return answer.status is Status.OK and answer.value is True


ROWS = [
    ("namespaces", ["network"], "connects", "abstract", 1),
    ("namespaces", ["network", "seccomp"], "datagram", "udp", 1),
    ("namespaces", ["processes"], "touches_parent", None, 1),
    ("namespaces", ["files"], "leaves", "word", 2),
    ("namespaces", ["objects", "seccomp"], "shares", None, 2),
    ("namespaces", ["privileges"], "takes_back", None, 1),
    ("namespaces", ["seccomp"], "hoards", 8, 1),
    ("namespaces", ["rlimits"], "opens", 400, 1),
    ("namespaces", ["rlimits", *TOGETHER], "allocates", 1000, 1),
    ("namespaces", TOGETHER, "allocates_in_children", 700, 1),
    ("namespaces", TOGETHER, "shares_memory", 700, 1),
    pytest.param("namespaces", ["cgroups"], "queues", 600, 1, marks=memory_counted),
    pytest.param("namespaces", ["rlimits", "cgroups"], "forks", 150, 1, marks=pids_counted),
    ("namespaces", ["descriptors"], "finds_descriptors", None, 1),
    ("landlock", ["landlock"], "reads", "secret", 1),
    ("landlock", ["landlock"], "touches_parent", None, 1),
    ("landlock", ["seccomp"], "datagram", "udp", 1),
    ("landlock", ["seccomp"], "shares", None, 2),
    ("landlock", ["rlimits"], "opens", 400, 1),
    ("landlock", TOGETHER, "allocates_in_children", 700, 1),
    pytest.param("landlock", ["cgroups"], "queues", 600, 1, marks=memory_counted),
    pytest.param("landlock", ["rlimits", "cgroups"], "forks", 150, 1, marks=pids_counted),
    pytest.param("landlock", ["user", "seccomp"], "changes", "secret", 1, marks=root_only),
]


@pytest.mark.parametrize(("kind", "layers", "attack", "given", "tries"), ROWS)
def test_each_layer_stops_an_attack(kind, layers, attack, given, tries, secret, abstract, udp):
    known = {"secret": secret, "abstract": abstract, "udp": udp}
    args = () if given is None else (known.get(given, given),)
    assert succeeds(kind, layers, attack, *args, tries=tries), "with the layers off it succeeds"
    for kept in layers if len(layers) > 1 else [None]:
        without = [layer for layer in layers if layer != kept] if kept else []
        assert not succeeds(kind, without, attack, *args, tries=tries), f"{kept or 'all'} stops it"
