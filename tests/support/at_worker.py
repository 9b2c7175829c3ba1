"""Preloaded into the Dask workers of tests: they know the toy's exercises."""

import os

from tests.support.batches import prepare


def dask_setup(worker):
    prepare(os.environ["TOY_LOG"])
