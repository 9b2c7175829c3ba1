"""The built book, served by Python's own file server, in a browser that may only see that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.building import served
from tests.support.homework_pages import REPOSITORY, small_site
from tests.support.instrument_pages import Chapters, Scripts, serve


@pytest.fixture(scope="session")
def address(site):
    """Where `python -m http.server` serves the site."""
    with served(site) as address:
        yield address


@pytest.fixture(scope="session")
def chapters(tmp_path_factory) -> Chapters:
    """The chapters that have instruments, below another folder, as on most hosts."""
    import matplotlib

    matplotlib.use("agg")
    folder = tmp_path_factory.mktemp("site") / "course"
    folder.mkdir()
    return Chapters(folder)


@pytest.fixture(scope="session")
def place(chapters) -> Iterator[str]:
    """Where their small pages are served."""
    server = serve(chapters.folder.parent)
    yield f"http://127.0.0.1:{server.server_port}/course/"
    server.shutdown()


@pytest.fixture(scope="module")
def scripts(browser, place) -> Iterator[Scripts]:
    """The functions of the instruments' modules."""
    page = browser.new_page()
    page.goto(f"{place}book/empty.html")
    yield Scripts(page, place)
    page.close()


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """A book with two assignments, below another folder, as on most hosts."""
    folder = tmp_path_factory.mktemp("homework") / "course"
    folder.mkdir()
    return small_site(folder, repository=REPOSITORY)
