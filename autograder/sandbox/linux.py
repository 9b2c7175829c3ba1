"""The few Linux calls that Python's `os` lacks, by ctypes: clone, mount, prctl, capset."""

from __future__ import annotations

import ctypes
import os
import struct

NEWNS, NEWIPC, NEWUSER = 0x00020000, 0x08000000, 0x10000000
NEWPID, NEWNET, NEWCGROUP = 0x20000000, 0x40000000, 0x02000000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_PRIVATE = 2, 4, 8, 16384, 1 << 18
_PR_SET_KEEPCAPS, _CAP_DAC_READ_SEARCH = 8, 2
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, _PR_SET_CHILD_SUBREAPER = 22, 2, 36
_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_SET_DUMPABLE = 1, 24, 38, 4
_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


# The number of clone(2), and where its argument `child_tid` stands, by kind of processor.
_CLONE = {"x86_64": (56, 3), "aarch64": (220, 4)}
_SIGCHLD, _CHILD_CLEARTID, _CHILD_SETTID, _PR_GET_TID_ADDRESS = 17, 0x00200000, 0x01000000, 40
_CLONE3, _INTO_CGROUP = 435, 0x200000000  # the same number by every kind of processor
_python = ctypes.PyDLL(None, use_errno=True)  # keeps the interpreter's lock, as a fork must


def _clone_call(flags: int, thread_id: ctypes.c_void_p) -> list[object]:
    """The arguments of clone(2) as a system call."""
    try:
        number, place = _CLONE[os.uname().machine]
    except KeyError:
        raise OSError(f"the sandbox does not know this processor ({os.uname().machine})") from None
    rest = [None, None, None, None]
    rest[place - 1] = thread_id.value
    arguments = [ctypes.c_long(flags | _SIGCHLD), *map(ctypes.c_void_p, rest)]
    return [ctypes.c_long(number), *arguments]


def _clone3_call(flags: int, thread_id: ctypes.c_void_p, group: int) -> list[object]:
    """The arguments of clone3(2), which can put the child into a group of processes."""
    fields = [flags | _INTO_CGROUP, 0, thread_id.value or 0, 0, _SIGCHLD, 0, 0, 0, 0, 0, group]
    record = ctypes.create_string_buffer(struct.pack("11Q", *fields))
    return [ctypes.c_long(_CLONE3), record, ctypes.c_size_t(8 * len(fields))]


def fork_into(flags: int, group: int = -1) -> int:
    """Like `os.fork`, with the child as the first process of namespaces of its own.

    `group` is a descriptor of the folder of a cgroup (v2), in which the child begins. To move the
    child there later takes the kernel up to tens of milliseconds.

    One system call does what `unshare` and two forks do otherwise, and each fork of a process
    that has imported much takes milliseconds. The C library learns the child's thread id, as
    from its own `fork`. This process must have one thread only.
    """
    thread_id = ctypes.c_void_p()
    if _libc.prctl(_PR_GET_TID_ADDRESS, ctypes.byref(thread_id), 0, 0, 0) == 0:
        flags |= _CHILD_CLEARTID | _CHILD_SETTID
    call = _clone_call(flags, thread_id) if group < 0 else _clone3_call(flags, thread_id, group)
    _python.PyOS_BeforeFork()
    pid = _python.syscall(*call)
    if pid == 0:
        _python.PyOS_AfterFork_Child()
        return 0
    error = ctypes.get_errno()
    _python.PyOS_AfterFork_Parent()
    if pid < 0:
        raise OSError(error, f"clone: {os.strerror(error)}")
    return pid


def map_own_user() -> None:
    """In a new user namespace, be uid and gid 65534 and nobody else."""
    uid, gid = _outer
    for path, text in (
        ("setgroups", "deny"),
        ("gid_map", f"65534 {gid} 1"),
        ("uid_map", f"65534 {uid} 1"),
    ):
        with open(f"/proc/self/{path}", "w") as file:
            file.write(text)


_outer = (os.getuid(), os.getgid())


def remember_user() -> None:
    """Note the ids to map from; called once the process has the user it keeps."""
    global _outer
    _outer = (os.getuid(), os.getgid())


def make_mounts_private() -> None:
    """Mounts made from here on are seen by this namespace only."""
    _checked(_libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None), "mount private")


def mount_tmpfs(path: str, megabytes: int) -> None:
    """An empty writable folder in memory, of limited size, over `path`."""
    data = f"size={megabytes}m,nr_inodes=4096,mode=1777".encode()
    flags = _MS_NOSUID | _MS_NODEV
    _checked(_libc.mount(b"tmpfs", path.encode(), b"tmpfs", flags, data), f"mount tmpfs {path}")


def mount_proc() -> None:
    """A /proc that shows this pid namespace only."""
    flags = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
    _checked(_libc.mount(b"proc", b"/proc", b"proc", flags, None), "mount proc")


def hide_groups() -> None:
    """See the cgroup that this process is in as the root of them all, where that can be had."""
    _libc.unshare(NEWCGROUP)


def forbid_user_namespaces() -> None:
    """No further user namespaces below this one, so no capabilities to be had there."""
    with open("/proc/sys/user/max_user_namespaces", "w") as file:
        file.write("0")


def drop_privileges() -> None:
    """Empty the capability sets for good; set no_new_privs."""
    for capability in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # past the last capability that this kernel knows
    header = struct.pack("II", 0x20080522, 0)
    _checked(_libc.capset(header, bytes(24)), "capset")
    gain_nothing()


def gain_nothing() -> None:
    """No program that is started gives more rights than this process has."""
    _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")


def become(user: int, reads_all: bool = False) -> None:
    """From root to that user and the group of the same number, with no capability.

    `reads_all` leaves one capability, to read and search files whatever their permissions: for
    Python and its packages below a folder of root's own. Something else must limit which files
    can be read.
    """
    _checked(_libc.prctl(_PR_SET_KEEPCAPS, int(reads_all), 0, 0, 0), "keepcaps")
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    kept = 1 << _CAP_DAC_READ_SEARCH if reads_all else 0
    header = struct.pack("II", 0x20080522, 0)
    _checked(_libc.capset(header, struct.pack("6I", kept, kept, 0, 0, 0, 0)), "capset")
    own_proc_files()


def install_filter(program: bytes) -> None:
    """Have the kernel refuse the system calls that the filter names (needs no_new_privs).

    `program` is classic BPF, 8 bytes an instruction, as `filters.build` writes it.
    """
    code = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    buffer = ctypes.create_string_buffer(head, len(head))
    pointer = ctypes.c_void_p(ctypes.addressof(buffer))
    _checked(_libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, pointer, 0, 0), "seccomp")


def adopt_orphans() -> None:
    """Become the parent of what the children of this process leave behind."""
    _checked(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "subreaper")


def own_proc_files() -> None:
    """After a change of user: own /proc/self again, which writing the id maps needs."""
    _checked(_libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0), "dumpable")


def die_with_parent() -> None:
    """Be killed when the parent process ends."""
    _checked(_libc.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0), "pdeathsig")
