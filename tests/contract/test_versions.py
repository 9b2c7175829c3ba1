"""What the project says of versions: lower bounds, and packages that need not be there."""

import importlib.metadata
import tomllib

import pytest
from packaging.requirements import Requirement

from autograder.commands import doctor
from autograder.course.catalogue import ROOT
from speechlab.site import executed


def stated():
    """All requirements of the project."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    public = [line.partition("#")[0].strip() for line in lines]
    extras = project["optional-dependencies"].values()
    return [line for group in (public, project["dependencies"], *extras) for line in group if line]


@pytest.mark.parametrize("line", stated())
def test_each_package_has_a_lower_bound(line):
    """`make setup OLDEST=1` would install the first release of a package that has none."""
    operators = [specifier.operator for specifier in Requirement(line).specifier]
    assert operators.count(">=") == 1, line


@pytest.mark.parametrize(
    ("marker", "unmet"), [("python_version < '3'", ""), ("python_version > '3'", "not installed")]
)
def test_a_package_for_another_python_is_not_missed(marker, unmet):
    assert unmet in doctor._unmet(f"no-such-package>=1; {marker}")
    assert bool(doctor._unmet(f"no-such-package>=1; {marker}")) == bool(unmet)


def test_chapters_know_their_python_and_libraries(monkeypatch):
    """A package that is not there is a circumstance like another version of it."""

    def version(name):
        if name == "hmmlearn":
            raise importlib.metadata.PackageNotFoundError(name)
        return importlib.metadata.version(name)

    before = executed._circumstances()
    monkeypatch.setattr(executed, "version", version)
    assert "hmmlearn absent" in executed._circumstances().splitlines()
    monkeypatch.setattr(executed.platform, "python_version", lambda: "3.0.0")
    assert "Python 3.0.0" in executed._circumstances().splitlines()
    assert "Python 3.0.0" not in before.splitlines()
