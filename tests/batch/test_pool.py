"""Workers: each item once, whatever happens to the process that works on it."""

import os
import threading
from contextlib import contextmanager

import pytest

from autograder.batch import pool


class Broken(OSError):
    pass


@contextmanager
def start(number):
    def work(item):
        if item == "dies":
            os._exit(3)
        if item == "raises":
            raise KeyError("no")
        if item == "fatal":
            raise Broken("the box is gone")
        return os.getpid(), item

    yield work


def test_every_item_comes_back_once():
    found = dict(pool.spread(start, list(range(25)), jobs=3, fatal=Broken))
    assert sorted(found) == list(range(25))
    assert len({pid for pid, _ in found.values()}) == 3
    assert os.getpid() not in {pid for pid, _ in found.values()}


def test_a_worker_that_dies_costs_its_item():
    found = dict(pool.spread(start, ["a", "dies", "b", "raises", "c"], jobs=2, fatal=Broken))
    assert isinstance(found["dies"], pool.Failed) and "ended twice" in found["dies"].says
    assert isinstance(found["raises"], pool.Failed) and "KeyError" in found["raises"].says
    assert [found[name][1] for name in "abc"] == ["a", "b", "c"]


def test_what_is_fatal_ends_everything():
    with pytest.raises(Broken, match="the box is gone"):
        list(pool.spread(start, ["a", "fatal", *"bcdefg"], jobs=2, fatal=Broken))


def test_a_start_that_is_fatal_ends_everything():
    @contextmanager
    def fails(number):
        raise Broken("no sandbox here")
        yield

    with pytest.raises(Broken, match="no sandbox here"):
        list(pool.spread(fails, ["a", "b", "c"], jobs=2, fatal=Broken))


def test_no_fork_for_one_item_nor_beside_threads(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(threading, "active_count", lambda: 1)  # other tests may leave threads
        assert pool.width(1, 4) == pool.width(0) == 0
        assert pool.width(3, 4) == 3 and pool.width(9, 4) == 4
        assert pool.width(9) == min(9, pool.cores())
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert pool.width(9, 4) == 0
    finally:
        done.set()
        thread.join()
    found = dict(pool.spread(start, ["a", "b"], 0, fatal=Broken))
    assert {pid for pid, _ in found.values()} == {os.getpid()}


def test_nothing_to_do():
    assert list(pool.spread(start, [], 2)) == []


def test_a_caller_that_stops_leaves_no_process():
    results = pool.spread(start, list(range(10)), jobs=2, fatal=Broken)
    _, (pid, _) = next(results)
    results.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
