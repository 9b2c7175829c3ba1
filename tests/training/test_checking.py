"""Training again in a copy of the project: what is compared, and that nothing here changes."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from types import SimpleNamespace

import pytest

pytest.importorskip("torch")

from training import __main__, _checking
from training.common import Card

# A training that takes no time: its figure is its seed; `broken` ends before it writes its card.
SCRIPT = """
import json, sys
from pathlib import Path
name, seed = sys.argv[1], int(sys.argv[-1]) if "--seed" in sys.argv else 0
page = Path("book/speechlab/data/models", name + ".json")
if name == "broken":
    sys.exit(3)
page.write_text(json.dumps(json.loads(page.read_text()) | {"value": 0.5 + seed / 100}))
"""


def card(name: str, value: float) -> str:
    made = Card(
        system=name,
        data="nothing",
        licence="none",
        command=f"python -m training {name}",
        metric="share right",
        value=value,
        interval=(0, 1),
        tolerance=0.02,
        baseline="chance",
        baseline_value=0.1,
    )
    return json.dumps(asdict(made))


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with two cards and trainings that end at once."""
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "__main__.py").write_text(SCRIPT)
    models = tmp_path / _checking.CARDS
    models.mkdir(parents=True)
    for name in ("toy", "broken"):
        (models / f"{name}.json").write_text(card(name, 0.51))
    monkeypatch.setattr(_checking, "ROOT", tmp_path)
    return tmp_path


def files(folder):
    return {page: page.read_bytes() for page in folder.rglob("*") if page.is_file()}


@pytest.mark.parametrize(("seed", "fits"), [(None, True), (2, True), (9, False)])
def test_a_training_from_nothing_is_compared_with_the_card(project, capsys, seed, fits):
    before = files(project)
    assert _checking.check("toy", seed) is fits
    said = capsys.readouterr().out
    assert "0.51 on the card" in said and ("within" if fits else "beyond") in said
    assert files(project) == before


def test_a_training_that_breaks_off_is_no_success(project):
    with pytest.raises(SystemExit, match="broken did not come to its end"):
        _checking.check("broken")


def test_a_script_is_given_another_seed(monkeypatch):
    script = SimpleNamespace(SEED=0, main=lambda fresh: fresh)
    monkeypatch.setitem(sys.modules, "training.toy", script)
    assert __main__.trained("toy", True, 5) and script.SEED == 5
    del script.SEED
    with pytest.raises(SystemExit, match="fixed in its parts"):
        __main__.trained("toy", True, 5)
