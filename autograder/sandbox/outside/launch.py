"""What starts the warm parent: the command, its environment, and what of Python's is to be seen."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from autograder.sandbox.errors import SandboxUnavailable
from autograder.sandbox.outside.layers import INSTALL

SANDBOX = Path(__file__).resolve().parents[1]  # all of ours that the box holds
PRIVATE_PACKAGES = ("autograder", "speechlab")


def environment(cache: str) -> dict[str, str]:
    """The whole environment of the warm parent; `cache` is its folder there."""
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


def cache_folder() -> Path:
    """The folder where Matplotlib's font list and numba's code outlive a box, unseen by jobs."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = root / "autograder-box"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o777)  # the warm parent is another user where the grader is root
    return folder


def own_cache_folder() -> Path:
    """The cache folder of the second box, whose warm parent may be root: only its owner writes."""
    folder = cache_folder().with_name("autograder-shut")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    return folder


def python_folders() -> list[Path]:
    """The folders that Python and its packages live in."""
    folders = {Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()}
    folders.add(Path(os.path.realpath(sys.executable)).parent.parent)
    return sorted(
        f for f in folders if not f.is_relative_to("/usr") or f.is_relative_to("/usr/local")
    )


def inside(path: Path) -> Path:
    """Where a path of Python's is in the box: as outside, unless the /tmp there would hide it."""
    return Path("/python", path.relative_to("/tmp")) if path.is_relative_to("/tmp") else path


def python() -> str:
    """The path of this interpreter in the box."""
    program, prefix = Path(sys.executable), Path(sys.prefix)
    if program.is_relative_to(prefix):
        program = prefix.resolve() / program.relative_to(prefix)
    return str(inside(program))


def masked(folders: Iterable[Path]) -> list[Path]:
    """Where our own packages are installed as copies among Python's packages: to be hidden."""
    places = [Path(entry) for entry in sys.path if entry.endswith("-packages")]
    found = [place / name for place in places for name in PRIVATE_PACKAGES]
    return [f for f in found if f.is_dir() and any(f.is_relative_to(p) for p in folders)]


def bubblewrap(cache: Path, without: Iterable[str] = ()) -> list[str]:
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
    folders = python_folders()
    for folder in folders:
        for parent in reversed(inside(folder).parents[:-1]):  # made with 0700 unless we ask
            if not parent.is_relative_to("/usr"):
                command += ["--perms", "0755", "--dir", str(parent)]
        command += ["--ro-bind", str(folder), str(inside(folder))]
    for folder in masked(folders):
        command += ["--tmpfs", str(inside(folder))]
    command += ["--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp"]
    for path in ("/box", "/box/autograder"):
        command += ["--perms", "0755", "--dir", path]
    command += ["--ro-bind", str(SANDBOX), "/box/autograder/sandbox"]
    command += ["--bind", str(cache), "/cache", "--remount-ro", "/dev"]
    command += ["--remount-ro", "/", "--chdir", "/"]
    for key, value in environment("/cache").items():
        command += ["--setenv", key, value]
    return command
