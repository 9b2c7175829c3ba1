"""The rules of the second box: what is hidden in a folder that may be read, and old kernels."""

import os
from pathlib import Path

import pytest

from autograder.sandbox import landlock, linux
from autograder.sandbox.job import Call, Exam, Job
from autograder.sandbox.outside import layers
from autograder.sandbox.outside.box import Box, SandboxUnavailable

pytestmark = pytest.mark.skipif(not landlock.abi(), reason="this kernel has no Landlock")


def in_a_fork(work):
    """What `work` returns, as text, from a process of its own."""
    read, write = os.pipe()
    if os.fork() == 0:
        try:
            os.write(write, str(work()).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as file:
        text = file.read()
    os.wait()
    return text


def outcome(action, *args):
    try:
        action(*args)
    except OSError as error:
        return type(error).__name__
    return "done"


@pytest.mark.parametrize("version", range(1, landlock.abi() + 1))
def test_only_what_is_named_can_be_read_or_written(tmp_path, version):
    for name in ("packages/ours", "packages/theirs", "work", "other"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").write_text("x")
    packages = tmp_path / "packages"
    parts = list(layers.around(packages, [packages / "ours"]))
    assert parts == [packages / "theirs"]

    def work():
        rules = landlock.ruleset(
            map(str, parts), [str(tmp_path / "work")], version, [str(packages)]
        )
        linux.gain_nothing()
        landlock.restrict(rules)
        return (
            sorted(os.listdir(packages)),
            outcome((packages / "theirs/file").read_text),
            outcome((packages / "ours/file").read_text),
            outcome((packages / "theirs/file").write_text, "y"),
            outcome((tmp_path / "other/file").read_text),
            outcome(os.unlink, tmp_path / "other/file"),
            outcome((tmp_path / "work/new").write_text, "y"),
        )

    denied = "PermissionError"
    expected = (["ours", "theirs"], "done", denied, denied, denied, denied, "done")
    assert in_a_fork(work) == str(expected)


def test_a_copy_of_ours_among_the_packages_is_hidden(tmp_path, monkeypatch):
    package = Path(json_folder := os.path.dirname(os.__file__), "json")  # stands for ours
    monkeypatch.setattr("autograder.sandbox.outside.launch.masked", lambda folders: [package])
    cell = (
        "import os\n"
        f"def f():\n    try:\n        return open({str(package / '__init__.py')!r}).read(9)\n"
        f"    except PermissionError:\n        return os.path.exists({json_folder!r})"
    )
    with Box(kind="landlock", preload=("numpy", "json")) as box:
        (answer,) = box.run(Job((cell,), {"f": Exam((Call("f", ()),))})).answers["f"]
    assert answer.value is True


def test_an_older_kernel_keeps_signals_in_by_the_filter_and_the_user(monkeypatch):
    monkeypatch.setattr(landlock, "abi", lambda: 5)
    cell = "import os\ndef f():\n    return os.kill(os.getppid(), 0) is None"
    leave = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(60)"
    if os.getuid() != 0:
        assert "6.12" in layers.second_lacks()
        return
    assert layers.second_lacks() == ""
    with Box(kind="landlock") as box:
        (answer,) = box.run(Job((leave, cell), {"f": Exam((Call("f", ()),))})).answers["f"]
        assert answer.error == "PermissionError"


def test_where_neither_box_can_be_made_the_message_says_what_each_lacks(monkeypatch):
    monkeypatch.delenv("AUTOGRADER_BOX", raising=False)
    monkeypatch.setattr(layers, "namespaces_refused", lambda: "no permission")
    assert layers.chosen() == "landlock"
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    with pytest.raises(SandboxUnavailable, match=r"no permission.*Landlock is not.*doctor"):
        layers.chosen()
    monkeypatch.setenv("AUTOGRADER_BOX", "docker")
    with pytest.raises(SandboxUnavailable, match="give 'namespaces' or 'landlock'"):
        Box()
