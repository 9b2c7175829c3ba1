"""What the warm parent is told when it starts: the kind of its box, and the box's layers."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass

NAMESPACES, LANDLOCK, OPEN = "namespaces", "landlock", "open"
NOBODY = 65534  # who the warm parent of the first box becomes where the grader is root
USERS, FIRST_USER = 500, 60600  # ids that no distribution gives to anybody


@dataclass(frozen=True)
class Settings:
    """The settings of one warm parent.

    `kind` is one of the words above: the first box, the second, none. `lanes` are its channels.
    `filter` is the seccomp program. `groups` are two descriptors for each lane, where the kernel
    counts its jobs: of the folder of their cgroup, and of the file that says what processor time
    was used in it. The rest is for the second box: the `abi` of Landlock, what
    may be `read`, in which folders names alone are `listed`, the folder to write in, and the id
    of the first lane's user (-1: the grader's own). `without` names layers that are left out;
    only the test of the layers does that.
    """

    kind: str
    lanes: tuple[int, ...]
    filter: bytes = b""
    abi: int = 0
    read: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    scratch: str = ""
    user: int = -1
    without: tuple[str, ...] = ()
    groups: tuple[tuple[int, int], ...] = ()

    @property
    def enclosed(self) -> bool:
        return self.kind == NAMESPACES

    def has(self, layer: str) -> bool:
        """Is this layer wanted?"""
        return layer not in self.without

    def to_text(self) -> str:
        """The settings as one argument of a command line."""
        return json.dumps(asdict(self) | {"filter": base64.b64encode(self.filter).decode()})

    @classmethod
    def from_text(cls, text: str) -> Settings:
        """The settings from the text that `to_text` wrote."""
        fields = json.loads(text)
        fields["filter"] = base64.b64decode(fields["filter"])
        for name in ("lanes", "read", "listed", "without"):
            fields[name] = tuple(fields[name])
        fields["groups"] = tuple(map(tuple, fields["groups"]))
        return cls(**fields)
