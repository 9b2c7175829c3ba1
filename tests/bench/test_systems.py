"""The comparison of vocoders in NumPy and in PyTorch: both sides make as much sound."""

import numpy as np
import pytest

pytest.importorskip("torch")

from bench import systems
from speechlab import corpora


def samples(made) -> int:
    """How many samples there are, all of them finite; a log-mel frame (T, 40) stands for 80."""
    made = np.asarray(made)
    assert np.all(np.isfinite(made))
    return 80 * len(made) if made.shape[-1] == 40 else made.size


@pytest.mark.parametrize("name", systems.PAIRS)
def test_both_sides_make_as_much_sound(name, monkeypatch, capsys):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")
    monkeypatch.setattr(systems, "ROUNDS", 1)
    monkeypatch.setattr("sys.argv", ["systems.py", name])
    clip = corpora.digits("test", "alder", digits=7)[0]
    pair = systems.PAIRS[name](clip)
    assert samples(pair.ours()) == pytest.approx(pair.seconds * clip.rate)
    if pair.theirs:
        assert samples(pair.theirs()) == samples(pair.ours())
    systems.main()
    assert pair.system in capsys.readouterr().out
