"""The table of all vocoders: made of recordings and of what ships, whole, with its intervals."""

import pytest

from speechlab import corpora
from speechlab.figures import vocoders


def test_the_table_holds_every_way_on_recordings():
    found = vocoders.stored()
    assert list(found) == list(vocoders.VOICES)
    for voice, stranger in vocoders.VOICES.items():
        names = {(one.system, one.metric) for one in found[voice]}
        assert names == {(n, m) for n in vocoders.ways(stranger) for m in vocoders.MEASURES}
        for one in found[voice]:
            assert "synthetic" not in one.corpus and one.low <= one.value <= one.high
            bounds = {"PESQ": (1, 4.6), "log-spectral distance": (0, 10)}
            low, high = bounds.get(one.metric, (0, 1))
            assert low <= one.value <= high


def test_the_table_tells_of_the_weights_that_ship():
    of_table, shipped = vocoders.measured_weights(), vocoders.shipped_weights()
    old = [name for name in vocoders.WEIGHTS if of_table.get(name) != shipped[name]]
    assert not old, f"measure {', '.join(old)} again: python -m speechlab.figures.vocoders"


def test_columns_have_a_row_each_way_and_a_dash_where_nothing_was_measured():
    shown = vocoders.columns()
    assert len({len(column) for column in shown.values()}) == 1
    row = shown["Made by"].index("units and pitch")
    assert shown["PESQ, voice new"][row] == "–" and "[" in shown["PESQ, voice known"][row]


@pytest.mark.parametrize("there", [{}, dict.fromkeys(vocoders.MEASURES)])
def test_without_measures_or_recordings_nothing_is_written(there, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(vocoders, "TABLE", tmp_path / "table.json")
    monkeypatch.setattr(vocoders, "installed", lambda: there)
    monkeypatch.setattr(corpora, "recorded", lambda: False)
    assert vocoders.main() == 1 and not vocoders.TABLE.exists()
    assert "nothing is measured" in capsys.readouterr().err
