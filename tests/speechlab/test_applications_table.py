"""The table of the twelve applications: whole, honest, and the targets that it meets."""

import json

import pytest

from speechlab.figures import Figure, applications

TWELVE = 12


def a_figure(**more):
    fields = {"value": 0.2, "low": 0.1, "high": 0.3, "baseline": "a rule", "baseline_value": 0.4}
    fields |= {"count": 7, "corpus": "no", "unit": "%", "better": "lower"}
    return Figure("a net", "errors", **fields | more)


def test_what_is_stored_comes_back(tmp_path, monkeypatch):
    monkeypatch.setattr(applications, "TABLE", tmp_path / "table.json")
    found = {"One": [a_figure(), a_figure(unit="dB")], "Two": [a_figure(count=3)]}
    applications.store(found)
    assert applications.stored() == found


def test_columns_say_value_interval_and_baseline():
    shown = applications.columns({"One": [a_figure(), a_figure(unit="dB", value=6.12)]})
    assert shown["Value [95 % interval]"] == ["20.0 % [10.0 %, 30.0 %]", "6.1 dB [0.1 dB, 0.3 dB]"]
    assert shown["Baseline"] == ["a rule: 40.0 %", "a rule: 0.4 dB"]
    assert len({len(column) for column in shown.values()}) == 1


def test_without_recordings_nothing_is_measured(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")
    monkeypatch.setattr(applications, "TABLE", tmp_path / "table.json")
    assert applications.main() == 1
    assert "The cache lacks" in capsys.readouterr().err and not applications.TABLE.exists()


def test_the_table_has_all_twelve_on_recordings_and_each_beats_its_baseline():
    found = applications.stored()
    assert list(found) == list(applications.APPLICATIONS) and len(found) == TWELVE
    for measured in found.values():
        for one in measured:
            assert "synthetic" not in one.corpus and one.low <= one.value <= one.high
        assert any(one.beats_baseline for one in measured)
    assert json.loads(applications.TABLE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "place", "least", "most"),
    [
        ("Speaker verification", 0, 0.0, 0.09),
        ("Emotion", 1, 0.79, 1.0),
        ("Piano notes", 0, 0.8, 1.0),
        ("Fingerprints", 2, 0.95, 1.0),
    ],
)
def test_targets_that_are_met(name, place, least, most):
    assert least <= applications.stored()[name][place].value <= most


def test_separation_is_five_decibels_above_the_mixture():
    ours, _ = applications.stored()["Separation"]
    assert ours.value > ours.baseline_value + 5
