"""Where the bytes of a sound, a figure or an instrument's numbers go: into the page or beside it.

In a notebook they travel inside the page as a data address, so that the notebook stands alone.
When the book is built they become files named by their content, and pages stay small. The Sphinx
extension (`speechlab.site`) sets the environment variable `SPEECHLAB_MEDIA` to the folder of those
files, and the kernels that run the chapters inherit it.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from pathlib import Path

VARIABLE = "SPEECHLAB_MEDIA"
FOLDER = "_media"  # as pages address it, relative to themselves
ADDRESS = re.compile(FOLDER + r"/([0-9a-f]{24}\.(?:webp|flac|wav|json))")
_TYPES = {
    "webp": "image/webp",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "json": "application/json",
}


def store() -> Path | None:
    """The folder that media are written to, or None in a notebook."""
    folder = os.environ.get(VARIABLE)
    return Path(folder) if folder else None


def address(content: bytes, suffix: str) -> str:
    """The address under which a page finds `content`: a file's or a data address.

    Parameters
    ----------
    content : bytes
        The encoded sound or figure, or numbers.
    suffix : str
        ``"webp"``, ``"flac"``, ``"wav"`` or ``"json"``.
    """
    folder = store()
    if folder is None:
        return f"data:{_TYPES[suffix]};base64,{base64.b64encode(content).decode()}"
    name = f"{hashlib.sha256(content).hexdigest()[:24]}.{suffix}"
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f"{name}.{os.getpid()}"
        partial.write_bytes(content)
        partial.replace(path)  # a build that is interrupted leaves no half of a file
    return f"{FOLDER}/{name}"


def referenced(text: str) -> set[str]:
    """The names of the media files that a page or notebook points at."""
    return set(ADDRESS.findall(text))
