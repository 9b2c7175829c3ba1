"""Cells as a page runs them, by the page's own code outside of a page."""

import asyncio
import importlib.util
import re
from concurrent.futures import ThreadPoolExecutor

from speechlab.site.assets import WEB

UNSEEN = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>", re.DOTALL)


def loaded(name):
    """A module of the page, by its file."""
    spec = importlib.util.spec_from_file_location(name, WEB / "python" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


cells, stand_in = loaded("cells"), loaded("stand_in")
wide_views, members = loaded("wide_views"), loaded("members")


class Session:
    """A namespace whose outputs are kept."""

    def __init__(self):
        self.shown = []
        self.cells = cells.Cells(self.shown.append)

    def __call__(self, code, name="cell 1", anew=False):
        """What the cell has shown, and its error."""
        self.shown.clear()
        # In a thread of its own: the browser of other tests has a loop in this one.
        with ThreadPoolExecutor(1) as beside:
            error = beside.submit(asyncio.run, self.cells.run(code, name, anew)).result()
        return list(self.shown), error


def said(shown):
    """The words of all that a cell has shown, printed or as HTML."""
    parts = (output.get("text") or output.get("html") or "" for output in shown)
    return " ".join(" ".join(UNSEEN.sub(" ", part) for part in parts).split())
