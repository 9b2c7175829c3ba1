"""The calls that Python lacks, on kernels that are built with less than most."""

import os

import pytest

from autograder.sandbox import linux


@pytest.mark.parametrize("option", [linux._PR_GET_TID_ADDRESS, -1])
def test_a_fork_needs_no_address_of_the_thread_id(monkeypatch, option):
    """A kernel without CONFIG_CHECKPOINT_RESTORE knows no such option, and does not tell it."""
    monkeypatch.setattr(linux, "_PR_GET_TID_ADDRESS", option)
    pid = linux.fork_into(0)
    if pid == 0:
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
