"""The built book, served by Python's own file server, in a browser that may only see that."""

from __future__ import annotations

import sys

import pytest
from building import ROOT, served

sys.path.insert(0, str(ROOT / "book"))


@pytest.fixture(scope="session")
def address(site):
    """Where `python -m http.server` serves the site."""
    with served(site) as address:
        yield address
