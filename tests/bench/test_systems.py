"""The comparison of vocoders in NumPy and in PyTorch: both sides make as much sound."""

import numpy as np
import pytest

pytest.importorskip("torch")

from bench import systems
from speechlab import corpora


@pytest.mark.parametrize("name", systems.PAIRS)
def test_both_sides_make_as_much_sound(name, monkeypatch, capsys):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")
    monkeypatch.setattr(systems, "ROUNDS", 1)
    monkeypatch.setattr("sys.argv", ["systems.py", name])
    clip = corpora.digits("test", "alder", digits=7)[0]
    pair = systems.PAIRS[name](clip)
    ours = np.ravel(pair.ours())
    assert len(ours) == pytest.approx(pair.seconds * clip.rate)
    assert np.all(np.isfinite(ours))
    if pair.theirs:
        assert len(np.ravel(pair.theirs())) == len(ours)
    systems.main()
    assert pair.system in capsys.readouterr().out
