"""Can this machine grade safely, build the site, run the tests? And if not, what would help?"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.course.catalogue import ROOT
from autograder.sandbox.outside import inspection

SAFER = "for another layer of safety"
GRADING, BUILDING, TESTING = "to grade safely", "to build the site", "to run every test"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MIN_BWRAP = (0, 4)


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was looked at, whether it is there, how to mend it."""

    what: str
    ok: bool
    detail: str
    mend: str = ""
    needed: str = GRADING

    def __str__(self) -> str:
        line = f"{'ok     ' if self.ok else 'MISSING'}  {self.what}: {self.detail}"
        return (
            line
            if self.ok or not self.mend
            else f"{line}\n         -> {self.mend}   ({self.needed})"
        )


def _version(text: str) -> tuple[int, ...]:
    match = re.search(r"\d+(\.\d+)*", text)
    return tuple(int(part) for part in match[0].split(".")) if match else ()


def _program(
    names: tuple[str, ...], package: str, needed: str, least: tuple[int, ...] = ()
) -> Finding:
    """Is one of the programs there, and recent enough?"""
    mend = f"apt-get install {package}"
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        return Finding(names[0], False, "not installed", mend, needed)
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(names[0], False, f"{path} does not run ({error})", mend, needed)
    says = (done.stdout or done.stderr).strip().splitlines()
    version = says[0] if says else "version unknown"
    if least and _version(version) < least:
        wanted = ".".join(map(str, least))
        return Finding(names[0], False, f"{version}, but {wanted} is needed", mend, needed)
    return Finding(names[0], True, f"{version} ({path})", needed=needed)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    ok = sys.version_info >= (3, 11)
    return Finding("Python", ok, version, "apt-get install python3 (3.11 or newer)")


def _packages() -> Iterator[Finding]:
    """Compare the packages that the project declares with those that are installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    public = [line.partition("#")[0].strip() for line in lines]
    for who, requirements, mend, needed in (
        ("book", [line for line in public if line], "pip install -r requirements.txt", GRADING),
        ("grader", project["dependencies"], "pip install -e .", GRADING),
        ("tests", project["optional-dependencies"]["test"], "pip install -e .[test]", TESTING),
    ):
        wrong = "; ".join(problem for line in requirements if (problem := _unmet(line)))
        detail = wrong or f"{len(requirements)} found"
        yield Finding(f"packages of the {who}", not wrong, detail, mend, needed)


def _unmet(line: str) -> str:
    """ "" if the requirement is met, else what is wrong."""
    from packaging.requirements import Requirement

    requirement = Requirement(line.strip())
    if requirement.marker and not requirement.marker.evaluate():
        return ""
    try:
        version = importlib.metadata.version(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return f"{requirement.name} is not installed"
    if not requirement.specifier.contains(version, prereleases=True):
        return f"{requirement.name} is {version}, not {requirement.specifier}"
    return ""


def _layers() -> Iterator[Finding]:
    """What the sandbox is made of here."""

    for layer in inspection.machine():
        needed = GRADING if layer.needed else SAFER
        yield Finding(f"layer, {layer.name}", layer.there, layer.detail, layer.mend, needed)


def _sandbox() -> Iterator[Finding]:
    """Start the sandbox and try each of its walls."""
    from autograder.sandbox.outside.probe import probe

    mend = "mend what is missing above; grading refuses to run without the sandbox"
    for layer, ok, detail in probe():
        yield Finding(f"sandbox, {layer}", ok, detail, mend)


def _gradebook() -> Finding:
    """Can a gradebook be written where the course lives?"""
    from autograder.course.course import CourseError, load
    from autograder.gradebook.database import Database

    course = load()
    if not course.db_url.startswith("sqlite"):
        try:
            Database(course.db_url).close()
        except CourseError as error:
            return Finding("gradebook", False, str(error), "mend c.CourseDirectory.db_url")
        return Finding("gradebook", True, "the database server answers")
    folder = course.folder
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    mend = f"make {existing} writable, or set COURSE_DIR to a folder that is"
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
        for database in folder.glob("*.db"):
            with database.open("r+b"):
                pass
    except OSError as error:
        return Finding("gradebook", False, f"{folder}: {error.strerror}", mend)
    return Finding("gradebook", True, f"{folder} can be written")


def _cluster() -> Finding:
    """Dask, and the scheduler that the configuration names, if it names one."""
    from autograder.course.course import CourseError, load

    mend = "pip install -e '.[dask]'"
    try:
        version = importlib.metadata.version("distributed")
    except importlib.metadata.PackageNotFoundError:
        version = ""
    address = load().setting("Autograder", "scheduler")
    if not address:
        detail = f"Dask {version}" if version else f"no Dask; to grade on one: {mend}"
        return Finding("cluster", True, f"{detail}; c.Autograder.scheduler names none")
    if not version:
        return Finding("cluster", False, f"{address}, but Dask is not installed", mend)
    from autograder.batch.dask_client import connected

    try:
        with connected(address) as client:
            workers = len(client.nthreads())
    except CourseError as error:
        return Finding("cluster", False, str(error), "mend c.Autograder.scheduler, or remove it")
    start = f"dask worker {address} --nthreads 1"
    return Finding("cluster", workers > 0, f"{address} has {workers} workers", start)


def _npm() -> Finding:
    """npm fetches the scripts of the site; where there is none, PyPI has one."""
    found = _program(("npm",), "npm", BUILDING)
    if not found.ok:
        return Finding("npm", True, "none; one from PyPI will do", needed=BUILDING)
    return found


def _browser() -> Finding:
    from_environment = os.environ.get("CHROMIUM")
    names = (from_environment, *BROWSERS) if from_environment else BROWSERS
    return _program(names, "chromium", TESTING)


def _corpus() -> Finding:
    """Which speech do the chapters hear?"""
    mend = "python -m speechlab.corpora fetch"
    try:
        name = importlib.import_module("speechlab.corpora").name()
    except Exception as error:  # a doctor reports what is broken
        detail = f"cannot be read ({type(error).__name__}: {error})"
        return Finding("speech corpus", False, detail, "pip install -e .", BUILDING)
    if "embedded" in name:
        return Finding("speech corpus", True, f"{name}; for recorded speech: {mend}", "", BUILDING)
    return Finding("speech corpus", True, name, needed=BUILDING)


def findings() -> Iterator[Finding]:
    """The findings of all checks of this machine, one after another."""
    yield _python()
    yield from _packages()
    second = os.environ.get("AUTOGRADER_BOX") == "landlock"
    yield _program(("bwrap",), "bubblewrap", SAFER if second else GRADING, MIN_BWRAP)
    yield from _layers()
    yield from _sandbox()
    yield _gradebook()
    yield _cluster()
    yield _npm()
    yield _corpus()
    yield _browser()
    yield _program(("espeak-ng",), "espeak-ng", "to make the embedded speech anew")


def examine() -> bool:
    """Print the report; True if this machine can grade safely."""
    able = {GRADING: True, BUILDING: True, TESTING: True}
    for finding in findings():
        print(finding, flush=True)
        if not finding.ok and finding.needed in able:
            able[finding.needed] = False
    print()
    for purpose, yes in able.items():
        print(f"{'able    ' if yes else 'NOT ABLE'} {purpose}")
    return able[GRADING]
