"""The execution cache and the media of executed pages: never one without the other."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from speechlab.show import media
from tests.support.building import MYST_HEAD, jupyter_book, new_course

pytestmark = pytest.mark.slow

PAGE = (
    MYST_HEAD
    + """
# {title}

```{{code-cell}} ipython3
from pathlib import Path
from speechlab import explore, sound
from speechlab.speech import synthesis
log = Path("{name}.runs")
log.write_text(log.read_text() + "x" if log.exists() else "x")
{code}
```
"""
)
CONTROL = 'explore(lambda f0: sound(synthesis.tone(f0, 0.1), 8000, "A tone."), f0=[100, {other}])'
FAULTS = {
    "raise RuntimeError('this cell fails')": "this cell fails",
    "import warnings; warnings.warn('this cell warns')": "stderr was found",
}


@pytest.fixture
def course(tmp_path) -> Path:
    """A course of two pages."""
    one = page("one", CONTROL.format(other=200))
    return new_course(
        tmp_path, one=one, two=page("two", 'sound(synthesis.tone(300, 0.1), 8000, "A tone.")')
    )


def page(name: str, code: str) -> str:
    return PAGE.format(title=f"Page {name}", name=name, code=code)


def write(course: Path, name: str, code: str) -> None:
    (course / "book" / f"{name}.md").write_text(page(name, code))


def runs(course: Path) -> list[int]:
    """How often each page was executed so far."""
    logs = [course / "book" / f"{name}.runs" for name in ("one", "two")]
    return [len(log.read_text()) if log.exists() else 0 for log in logs]


def shipped(course: Path) -> set[str]:
    """The media of the built site, which are exactly those its pages point at."""
    pages = course / "_build" / "html" / "book"
    there = {path.name for path in (pages / media.FOLDER).iterdir()}
    wanted = set()
    for name in ("one", "two"):
        wanted |= media.referenced((pages / f"{name}.html").read_text("utf-8"))
    assert there == wanted
    return there


def built(course: Path) -> None:
    done = jupyter_book("build", course)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


def test_media_live_and_die_with_the_cache(course):
    built(course)
    first = shipped(course)
    assert len(first) == 3 and runs(course) == [1, 1]

    built(course)  # nothing changed
    assert shipped(course) == first and runs(course) == [1, 1]

    jupyter_book("clean", course)  # keeps the cache, and with it the media
    built(course)
    assert shipped(course) == first and runs(course) == [1, 1]

    store = course / "_build" / ".jupyter_cache" / "media"
    pages = course / "_build" / "html" / "book"
    (lost,) = media.referenced((pages / "two.html").read_text("utf-8"))
    (store / lost).unlink()  # one page's media are lost: that page runs again
    shutil.rmtree(pages / media.FOLDER)
    built(course)
    assert shipped(course) == first and runs(course) == [1, 2]

    write(course, "one", CONTROL.format(other=250))  # what no page points at does not ship
    built(course)
    second = shipped(course)
    assert len(second) == 3 and len(second & first) == 2 and runs(course) == [2, 2]

    with (course / "book" / "speechlab" / "show" / "display.py").open("a") as module:
        module.write("\n# Made with other code.\n")
    built(course)  # what other code made is made again
    assert shipped(course) == second and runs(course) == [3, 3]

    jupyter_book("clean", course, "--all")
    built(course)
    assert shipped(course) == second and runs(course) == [4, 4]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_cell_that_fails_or_warns_fails_the_build(course, fault):
    write(course, "two", fault)
    for _ in range(2):  # a second build does not forget
        done = jupyter_book("build", course)
        assert done.returncode != 0
        assert FAULTS[fault] in done.stdout + done.stderr


def test_a_warning_of_sphinx_fails_the_build(course):
    write(course, "two", "pass")
    with (course / "book" / "two.md").open("a") as page:
        page.write("\n{ref}`nowhere`\n")
    for _ in range(2):
        done = jupyter_book("build", course)
        assert done.returncode != 0
        assert "nowhere" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("shown", "complaint"),
    [
        (
            '<img src="_media/0123456789abcdef01234567.webp" alt="A line.">',
            "0123456789abcdef01234567",
        ),
        ('<audio src="_media/0123456789abcdef01234567.wav"></audio>', "0123456789abcdef01234567"),
        ("![A line.](nowhere.png)", "nowhere.png"),
    ],
)
def test_a_missing_figure_or_sound_fails_the_build(tmp_path, shown, complaint):
    course = new_course(tmp_path, one=f"# Page\n\n{shown}\n")
    for _ in range(2):
        done = jupyter_book("build", course)
        assert done.returncode != 0
        assert complaint in done.stdout + done.stderr
