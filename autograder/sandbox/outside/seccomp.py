"""The filter of system calls: written with libseccomp, once, outside the box; installed per job.

What a notebook has no use for is refused with an error, so that student code that tries it goes
on; a call by another processor mode's numbers ends the process. The kernel gets the finished
program (classic BPF), which each job's process installs in microseconds.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import tempfile
from collections.abc import Iterable

FAMILIES = {
    "looking into other processes": "ptrace process_vm_readv process_vm_writev process_madvise "
    "kcmp pidfd_getfd perf_event_open lookup_dcookie",
    "keys that outlive the process": "add_key request_key keyctl",
    "large parts of the kernel": "bpf userfaultfd io_uring_setup io_uring_enter io_uring_register "
    "open_by_handle_at name_to_handle_at fanotify_init fanotify_mark modify_ldt vm86 vm86old "
    "quotactl quotactl_fd acct syslog uselib personality move_pages migrate_pages",
    "mounts": "mount umount umount2 pivot_root chroot fsopen fsconfig fsmount fspick move_mount "
    "open_tree open_tree_attr mount_setattr swapon swapoff",
    "other namespaces": "unshare setns",
    "the machine": "kexec_load kexec_file_load reboot init_module finit_module delete_module "
    "settimeofday clock_settime clock_settime64 adjtimex clock_adjtime clock_adjtime64 stime "
    "iopl ioperm sethostname setdomainname vhangup",
    "memory that no limit counts": "memfd_create memfd_secret",
    "objects that outlive the process": "shmget shmat shmctl semget semctl semop msgget msgsnd "
    "msgrcv msgctl mq_open mq_unlink",
    "other processes' shares": "setpriority ioprio_set sched_setscheduler sched_setparam "
    "sched_setattr",
}
# In the second box, which shares the grader's file system and user.
SHARED = {
    "attributes of files, which Landlock does not guard": "chmod fchmod fchmodat fchmodat2 chown "
    "fchown lchown fchownat utime utimes futimesat utimensat utimensat_time64 setxattr lsetxattr "
    "fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat file_setattr "
    "inotify_add_watch",
}
# Below Landlock ABI 6, where signals are not confined to the job's own processes.
SIGNALS = {
    "signals": "kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal pidfd_open",
}
# Calls that a library may be too old to know by name; from 424 on all processors number alike.
NUMBERS = {
    "process_madvise": 440,
    "mount_setattr": 442,
    "quotactl_fd": 443,
    "memfd_secret": 447,
    "fchmodat2": 452,
    "setxattrat": 463,
    "removexattrat": 466,
    "open_tree_attr": 467,
    "file_setattr": 469,
}
UNKNOWN = range(470, 520)  # not there when this was written: answered as by an older kernel
_NEW_NAMESPACES = (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000)
_NEW_NAMESPACES += (0x40000000,)
_FAKE_INPUT = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX: what is typed at somebody's terminal
_OWNERS = (8, 10, 15)  # fcntl's F_SETOWN, F_SETSIG and F_SETOWN_EX: signals by way of a file
_IOCTL_OWNERS = (0x8901, 0x8902)  # FIOSETOWN, SIOCSPGRP


class NoSeccomp(RuntimeError):
    """libseccomp is not here; the message says how to get it."""


def _library():
    try:
        import pyseccomp
    except (ImportError, RuntimeError, OSError):
        raise NoSeccomp(
            "libseccomp is missing: `apt-get install libseccomp2` and `pip install pyseccomp`"
        ) from None
    return pyseccomp


def _refuse(rules, names: Iterable[str], action: int, seccomp) -> None:
    for name in names:
        try:
            number = seccomp.resolve_syscall(seccomp.Arch.NATIVE, name)
        except ValueError:
            number = -1
        number = number if number >= 0 else NUMBERS.get(name, -1)
        if number >= 0:  # else not a call of this processor
            rules.add_rule(action, number)


def build(shared: bool = False, signals: bool = True) -> bytes:
    """The filter as the kernel takes it: 8 bytes an instruction.

    Parameters
    ----------
    shared : for the second box, without namespaces: no socket at all, no change of a file's
        attributes.
    signals : may signals be sent? False where nothing else confines them to the job's processes.

    Raises `NoSeccomp` where the library is not installed.
    """
    seccomp = _library()
    refused, missing = seccomp.ERRNO(errno.EPERM), seccomp.ERRNO(errno.ENOSYS)
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    with contextlib.suppress(OSError, ValueError):  # libseccomp 2.5: search by halves
        rules.set_attr(seccomp.Attr.CTL_OPTIMIZE, 2)
    families = FAMILIES | (SHARED if shared else {}) | ({} if signals else SIGNALS)
    for names in families.values():
        _refuse(rules, names.split(), refused, seccomp)
    _refuse(rules, ("clone3", "openat2"), missing, seccomp)  # their flags cannot be read here
    for number in UNKNOWN:
        rules.add_rule(missing, number)
    argument = seccomp.Arg
    for flag in _NEW_NAMESPACES:
        rules.add_rule(refused, "clone", argument(0, seccomp.MASKED_EQ, flag, flag))
    for request in _FAKE_INPUT:
        rules.add_rule(refused, "ioctl", argument(1, seccomp.MASKED_EQ, 0xFFFFFFFF, request))
    for name in ("prlimit64", "sched_setaffinity"):  # of this process, not of another
        rules.add_rule(refused, name, argument(0, seccomp.NE, 0))
    rules.add_rule(refused, "socketpair", argument(0, seccomp.NE, socket.AF_UNIX))
    if shared:
        rules.add_rule(refused, "socket")
    else:
        rules.add_rule(refused, "socket", argument(0, seccomp.NE, socket.AF_UNIX))
    if not signals:
        for command in _OWNERS:
            rules.add_rule(refused, "fcntl", argument(1, seccomp.EQ, command))
        for request in _IOCTL_OWNERS:
            rules.add_rule(refused, "ioctl", argument(1, seccomp.MASKED_EQ, 0xFFFFFFFF, request))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
