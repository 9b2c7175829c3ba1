"""The comparison of systems in NumPy and in PyTorch: both sides go through as much sound."""

import numpy as np
import pytest

pytest.importorskip("torch")

from bench import systems
from speechlab import corpora

# What a row of so many numbers stands for: of log-mel, of CPC's contexts, of wav2vec 2.0's, and of
# what that expects.
SECONDS = {40: 0.01, 128: 0.01, 96: 0.02, 64: 0.02}


def seconds(made, rate: int) -> float:
    """How many seconds there are, all of them finite: of samples, or of rows of one frame each."""
    made = np.asarray(made[-1] if isinstance(made, tuple) else made)
    assert np.all(np.isfinite(made))
    width = made.shape[-1]
    return made.size // width * SECONDS[width] if width in SECONDS else made.size / rate


@pytest.mark.parametrize("name", ["byol_a", "clap", "multi_format"])
def test_both_sides_say_the_same_of_an_everyday_sound(name, monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")
    pair = systems.PAIRS[name](None)
    ours, theirs = pair.ours(), np.asarray(pair.theirs())
    assert ours.shape == theirs.shape and np.abs(ours - theirs).max() < 1e-3
    if name != "clap":  # which has one vector for all pieces
        assert pair.seconds == pytest.approx(0.96 * len(ours))


@pytest.mark.parametrize("name", sorted(set(systems.PAIRS) - {"byol_a", "clap", "multi_format"}))
def test_both_sides_make_as_much_sound(name, monkeypatch, capsys):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")
    monkeypatch.setattr(systems, "ROUNDS", 1)
    monkeypatch.setattr("sys.argv", ["systems.py", name])
    clip = corpora.digits("test", "alder", digits=7)[0]
    pair = systems.PAIRS[name](clip)
    ours = seconds(pair.ours(), clip.rate)
    # The last frames of a recogniser need samples behind them.
    assert pair.seconds - 0.03 < ours <= pair.seconds * (1 + 1e-6)
    if pair.theirs:
        assert seconds(pair.theirs(), clip.rate) == ours
    systems.main()
    assert pair.system in capsys.readouterr().out
