"""Watches what a job's processes use together, which no rlimit counts: memory, CPU and disk.

The warm parent looks several times a second while a job runs; most jobs end before its first look.
It reads what the kernel says of the processes, never anything that they wrote. Where the kernel
counts the job's group (`cgroups.py`), the kernel ends a job for its memory and tells its time.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

EVERY = 0.05  # seconds
MAX_ENTRIES = 4096  # files and folders; the temporary file system of the other box has as many
MAX_DEPTH = 64  # of folders in folders, which take the longer to look into the deeper they are
_MIB = 2**20
_HIDDEN = 2**50  # bytes: what a process is taken to keep that does not let us look
_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
CPU_GRACE = 0.5  # seconds of it that a process has to stop by itself


def _children(pid: int) -> Iterator[int]:
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as file:
                yield from map(int, file.read().split())
    except OSError:  # it has ended
        return


def processes(roots: list[int]) -> list[int]:
    """The processes and all below them."""
    found, waiting = [], list(roots)
    while waiting:
        found.append(pid := waiting.pop())
        waiting.extend(_children(pid))
    return found


def _sizes(pid: int) -> tuple[int, int]:
    """Bytes of the address space, and of those in memory that are not of a file."""
    try:
        with open(f"/proc/{pid}/statm") as file:
            fields = file.read().split()
        return int(fields[0]) * _PAGE, (int(fields[1]) - int(fields[2])) * _PAGE
    except OSError:
        return 0, 0


def _resident(pid: int) -> int:
    return _sizes(pid)[1]


def _unnamed(pids: list[int], usual: int) -> int:
    """Bytes of what is mapped from files that have no name: shared memory, deleted files.

    No other figure counts these bytes. For a process that hides its maps, all of its address space
    beyond the `usual` size is taken for them.
    """
    largest: dict[str, int] = {}
    hidden = 0
    for pid in pids:
        mine: dict[str, int] = {}
        try:
            with open(f"/proc/{pid}/maps", errors="replace") as file:
                for line in file:
                    if line.endswith("(deleted)\n"):
                        span, _, _, device, inode, *_ = line.split()
                        start, _, stop = span.partition("-")
                        key = f"{device} {inode}"
                        mine[key] = mine.get(key, 0) + int(stop, 16) - int(start, 16)
        except PermissionError:
            hidden += max(_sizes(pid)[0] - usual, 0)
        except OSError:  # it has ended
            continue
        largest |= {key: max(size, largest.get(key, 0)) for key, size in mine.items()}
    return sum(largest.values()) + hidden


def _share(pid: int) -> int:
    """Bytes in memory, those in common with others divided among them; `_resident` if hidden."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            lines = file.read().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024
    except (OSError, StopIteration):
        return _resident(pid)


def _processor(pid: int) -> float:
    """Seconds of the processor that the process and its ended children have used."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / _TICK
    except OSError:
        return 0.0


def _clock(fd: int) -> float:
    """Seconds of the processor that were ever used in the group whose `cpu.stat` is open there."""
    try:
        return int(os.pread(fd, 4096, 0).split(maxsplit=2)[1]) / 1e6
    except (OSError, IndexError, ValueError):
        return 0.0


def _written(folder: str, pids: list[int]) -> tuple[int, int]:
    """(bytes on disk, entries) in the folder and in files without a name that are still open."""
    size = count = 0
    folders, deepest = [folder], folder.count(os.sep) + MAX_DEPTH
    while folders and count <= MAX_ENTRIES:
        folder = folders.pop()
        if folder.count(os.sep) > deepest:
            return size, MAX_ENTRIES + 1
        try:
            for entry in list(os.scandir(folder)):
                count += 1
                size += entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
        except FileNotFoundError:
            continue
        except OSError:  # too deep for a path, or closed to us: more than we can count
            return size, MAX_ENTRIES + 1
    return size + sum(_nameless(pid) for pid in pids), count


def _nameless(pid: int) -> int:
    size = 0
    try:
        names = os.listdir(f"/proc/{pid}/fd")
    except PermissionError:  # a dead one that nobody waited for, or one that hides them
        return _HIDDEN if _sizes(pid)[0] else 0
    except OSError:
        return 0
    for name in names:
        try:
            info = os.stat(f"/proc/{pid}/fd/{name}")
        except PermissionError:
            return _HIDDEN
        except OSError:
            continue
        if stat.S_ISREG(info.st_mode) and info.st_nlink == 0:
            size += info.st_blocks * 512
    return size


class Guard:
    """What one job may use; `folder` is where it may write, "" where that is limited already.

    `clock` is the descriptor of the job's group's `cpu.stat`, -1 where there is none.
    """

    def __init__(
        self, memory_mb: int, cpu: float, disk_mb: int, folder: str = "", clock: int = -1
    ) -> None:
        self.usual, mine = _sizes(os.getpid())
        self.memory = memory_mb * _MIB + mine
        self.cpu = cpu + CPU_GRACE
        self.disk, self.folder = disk_mb * _MIB, folder
        self._clock, self._begun = clock, _clock(clock)

    def over(self, pid: int, orphans: bool = False) -> str:
        """ "" or what the job has used too much of: "memory", "cpu" or "disk"."""
        roots = list(_children(os.getpid())) if orphans else [pid]
        pids = processes(roots)
        sizes = [_sizes(pid) for pid in pids]
        own = sum(resident for _, resident in sizes)
        if own > self.memory and sum(map(_share, pids)) > self.memory:
            return "memory"
        more = sum(max(whole - self.usual, 0) for whole, _ in sizes)
        least = min(self.memory, self.disk) if self.folder else self.memory
        unnamed = _unnamed(pids, self.usual) if more > least else 0
        if unnamed and own + unnamed > self.memory:
            return "memory"
        if max(sum(map(_processor, pids)), _clock(self._clock) - self._begun) > self.cpu:
            return "cpu"
        if self.folder:
            size, count = _written(self.folder, pids)
            if size + unnamed > self.disk or count > MAX_ENTRIES:
                return "disk"
        return ""
