"""One box for all the tests of the runner."""

import pytest

from autograder.sandbox.outside.box import Box


@pytest.fixture(scope="session")
def box():
    with Box(preload=("numpy", "scipy.signal")) as one:
        one.wait_ready()
        yield one
