"""Sounds and figures of executed chapters, kept together with the execution cache.

Running a chapter writes its media into a folder inside the cache (`jupyter-book clean` keeps or
removes both together). If a cached chapter points at a file that is gone, or was run with another
`speechlab`, another corpus, another Python or other libraries, its record is dropped and it runs
again. At the end of a build each folder of pages gets the media that its pages point at, and no
other.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from speechlab.show import media

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

PACKAGE = Path(__file__).resolve().parents[1]
LIBRARIES = (
    *("numpy", "scipy", "matplotlib", "librosa", "scikit-learn", "ipywidgets"),
    "hmmlearn",  # need not be there
)


def setup(app: Sphinx) -> None:
    """Connect to the build."""
    app.connect("builder-inited", announce_store)
    app.connect("env-get-outdated", distrust)
    app.connect("doctree-read", note_media)
    app.connect("env-purge-doc", forget_page)
    app.connect("env-merge-info", merge_pages)
    app.connect("build-finished", ship_media)


def cache_folder(app: Sphinx) -> Path:
    """Where myst-nb keeps executed chapters."""
    configured = app.config.nb_execution_cache_path
    return Path(configured or Path(app.outdir).parent / ".jupyter_cache").resolve()


def store(app: Sphinx) -> Path:
    """Where the media of executed chapters are."""
    return cache_folder(app) / "media"


def announce_store(app: Sphinx) -> None:
    """Kernels inherit the variable, which makes `speechlab` write files instead of addresses."""
    os.environ[media.VARIABLE] = str(store(app))


def distrust(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Drop cached executions that no longer hold; returns the pages to be read again."""
    present = {path.name for path in store(app).glob("*")}
    other = _circumstances_changed(app)
    _drop_records(app, present, everything=other)
    if other:
        return sorted(env.found_docs)
    return sorted(page for page, names in _pages(env).items() if names - present)


def note_media(app: Sphinx, doctree: nodes.document) -> None:
    """Remember which files a page points at, in its outputs and the settings of its controls."""
    from docutils import nodes

    texts = [node.astext() for node in doctree.findall(nodes.raw)]
    _pages(app.env)[app.env.docname] = media.referenced("\n".join(texts))


def forget_page(app: Sphinx, env: BuildEnvironment, page: str) -> None:
    """A page is read again, or gone."""
    _pages(env).pop(page, None)


def merge_pages(app: Sphinx, env: BuildEnvironment, pages: set[str], other: object) -> None:
    """Take over what a parallel reader noted."""
    _pages(env).update({page: names for page, names in _pages(other).items() if page in pages})


def ship_media(app: Sphinx, exception: Exception | None) -> None:
    """Give each folder of the site the media that its pages point at, and no other."""
    if exception is not None or app.builder.format != "html":
        return
    wanted: dict[Path, set[str]] = {}
    for page, names in _pages(app.env).items():
        folder = Path(app.builder.get_outfilename(page)).parent / media.FOLDER
        wanted.setdefault(folder, set()).update(names)
    for folder, names in wanted.items():
        for stale in folder.glob("*"):
            if stale.name not in names:
                stale.unlink()
        for name in names:
            if not (folder / name).exists():
                folder.mkdir(parents=True, exist_ok=True)
                _ship(store(app) / name, folder / name)


def _ship(source: Path, target: Path) -> None:
    if not source.is_file():
        from sphinx.errors import ExtensionError

        raise ExtensionError(
            f"A page shows {target.name}, a figure or sound that is not among the media of the "
            "executed chapters; build with --all."
        )
    shutil.copyfile(source, target)


def _pages(env: object) -> dict[str, set[str]]:
    if not hasattr(env, "speechlab_media"):
        env.speechlab_media = {}
    return env.speechlab_media


def _drop_records(app: Sphinx, present: set[str], everything: bool) -> None:
    """Remove from the execution cache what points at missing media, or all of it."""
    from jupyter_cache import get_cache

    if not (cache_folder(app) / "global.db").exists():
        return
    cache = get_cache(str(cache_folder(app)))
    for record in cache.list_cache_records():
        notebook = cache_folder(app) / "executed" / record.hashkey / "base.ipynb"
        names = media.referenced(notebook.read_text("utf-8")) if notebook.exists() else {"gone"}
        if everything or names - present:
            cache.remove_cache(record.pk)


def _circumstances_changed(app: Sphinx) -> bool:
    """Whether chapters were last run with other code, speech or libraries; notes the present."""
    note = cache_folder(app) / "circumstances.txt"
    now = _circumstances()
    if note.is_file() and note.read_text(encoding="utf-8") == now:
        return False
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(now, encoding="utf-8")
    # Matplotlib looks through a new machine's fonts once, and says so on stderr, which in a chapter
    # would fail the build: let it be here.
    import matplotlib.font_manager  # noqa: F401

    return True


def _version(name: str) -> str:
    """The version that is installed, or that none is."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _circumstances() -> str:
    from speechlab import corpora

    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        inside = path.relative_to(PACKAGE)
        if inside.parts[0] in ("site", "web") or "__pycache__" in inside.parts:
            continue
        if path.is_file():
            digest.update(inside.as_posix().encode() + b"\0" + path.read_bytes())
    versions = [f"{name} {_version(name)}" for name in LIBRARIES]
    python = f"Python {platform.python_version()}"
    return "\n".join([f"speechlab {digest.hexdigest()}", corpora.name(), python, *versions, ""])
