"""What was aimed at: each miss is said with what was tried, and nothing that was met is listed."""

import dataclasses

from speechlab.figures import targets


def test_each_miss_and_nothing_else_has_what_was_tried():
    found = targets.aims()
    assert len(found) == len(targets.AIMS) + len(targets.OF_CARDS) + 1
    assert {(aim.system, aim.measure) for aim in found if not aim.met} == set(targets.TRIED)


def test_an_aim_is_met_on_its_better_side():
    aim = targets.Aim("a net", "error", 0.05, 0.06, 0.01, 0.12, "lower", percent=True)
    assert not aim.met and dataclasses.replace(aim, value=0.05).met
    assert dataclasses.replace(aim, better="higher").met
    assert aim.cells() == ("≤ 5 %", "6 % [1 %, 12 %]")


def test_the_command_says_what_fell_short(capsys):
    targets.main()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(targets.aims())
    assert sum(": missed. " in line for line in lines) == len(targets.TRIED)
