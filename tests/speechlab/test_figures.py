"""What is measured: a figure from rows, the errors of words, and the command that prints them."""

import sys

import numpy as np
import pytest

from speechlab.figures import Figure, __main__, bootstrap
from speechlab.figures.error_rate import edit_distance, error_rate


def figure(**more):
    errors, base = [(1, 4), (0, 6), (0, 10)], [(2, 4), (3, 6), (0, 10)]
    return Figure.of("a net", "word error", errors, "a rule", base, "no", error_rate, **more)


def test_a_figure_is_what_its_rows_say():
    found = figure()
    assert found.value == pytest.approx(0.05) and found.baseline_value == pytest.approx(0.25)
    assert (found.low, found.high) == bootstrap([(1, 4), (0, 6), (0, 10)], error_rate)
    assert found.count == 3 and found.beats_baseline
    assert str(found).startswith("a net: word error 5.0 % [0.0 %, ")
    assert not figure(better="higher").beats_baseline
    assert figure(count=20, unit="dB").count == 20
    assert figure(unit="dB").unit == "dB"


def test_an_interval_needs_an_item():
    with pytest.raises(ValueError, match="one item"):
        bootstrap([])


@pytest.mark.parametrize(
    ("said", "written", "count"),
    [
        ("a b c", "a b c", 0),
        ("a b c", "a c", 1),
        ("a", "b c", 2),
        ("a b", "", 2),
        ("a b c d", "b c d a", 2),
        ("", "a", 1),
        ("", "", 0),
    ],
)
def test_errors_are_the_edit_distance(said, written, count):
    assert edit_distance(said.split(), written.split()) == count


def test_errors_add_up_before_they_are_divided():
    assert error_rate(np.array([(1, 4), (0, 6)])) == pytest.approx(0.1)


def test_the_command_prints_what_is_asked_for(monkeypatch, capsys):
    monkeypatch.setattr(__main__, "MEASURED", {"one": lambda: [figure()], "two": lambda: 1 / 0})
    monkeypatch.setattr(sys, "argv", ["figures", "one"])
    __main__.main()
    assert capsys.readouterr().out == f"{figure()}\n"


def test_an_unknown_system_is_named(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["figures", "celp", "lps"])
    with pytest.raises(SystemExit):
        __main__.main()
    known = ", ".join(__main__.MEASURED)
    assert f"no system lps; there are: {known}\n" in capsys.readouterr().err
