"""The built book, served by Python's own file server, in a browser that may only see that."""

from __future__ import annotations

import pytest

from tests.support.building import served


@pytest.fixture(scope="session")
def address(site):
    """Where `python -m http.server` serves the site."""
    with served(site) as address:
        yield address
