"""What turns the chapters into a site that needs no server and no other site.

A Sphinx extension, named in `_config.yml`. Its parts: `vendor` fetches the scripts that browsers
need (also by hand, ``python -m speechlab.site fetch``), `assets` puts them and ours into the site,
`executed` keeps the media of executed chapters together with the execution cache, `cards` makes the
chapters' cards of the title page, `predict` the questions that a reader answers, `folded`
what stands on folded cells, `diagrams` the pictures of structures, `homework` the assignments as
pages, `python` brings Python for pages that run it, and `citations` sets years in round brackets.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from speechlab.site import (
    assets,
    cards,
    citations,
    diagrams,
    executed,
    folded,
    homework,
    predict,
)
from speechlab.site.python import live, policy, shipped

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this when it loads the extension."""
    # Show all warnings of a build, then fail it, with or without -W on the command line.
    app.keep_going = True
    app.connect("build-finished", _forget_build_with_warnings, priority=900)
    assets.setup(app)
    shipped.setup(app)
    live.setup(app)
    policy.setup(app)
    executed.setup(app)
    cards.setup(app)
    diagrams.setup(app)
    folded.setup(app)
    homework.setup(app)
    predict.setup(app)
    citations.setup()
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _forget_build_with_warnings(app: Sphinx, exception: Exception | None) -> None:
    """A second build would not read the pages again, hence not warn, and would pass."""
    if exception is None and app._warncount:
        (Path(app.doctreedir) / "environment.pickle").unlink(missing_ok=True)
