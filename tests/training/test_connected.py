"""RNN-CTC and Jasper: the page's NumPy against PyTorch, bad input, and the shipped figures."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from speechlab.figures import connected_digits as figures  # noqa: E402
from speechlab.speech import connected_digits as speech  # noqa: E402
from speechlab.systems import MODELS, card, connected_digits, weights  # noqa: E402
from speechlab.systems.connected_digits import LOGITS, log_mel  # noqa: E402
from training import jasper, rnn_ctc  # noqa: E402

NETS = {"rnn_ctc": rnn_ctc.Net, "jasper": jasper.Net}
both = pytest.mark.parametrize("name", sorted(NETS))


@pytest.fixture
def embedded(monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")


@both
@pytest.mark.parametrize("frames", [3, 58, 200])
def test_numpy_is_pytorch(name, frames):
    """The same logits, though NumPy folds the batch norms into the kernels."""
    net = NETS[name]().eval()
    net.load_state_dict({key: torch.tensor(array) for key, array in weights(name).items()})
    features = np.random.default_rng(frames).normal(size=(frames, 32)).astype(np.float32)
    with torch.no_grad():
        theirs = net(torch.tensor(features)[None])[0].numpy()
    ours = LOGITS[name](features, weights(name))
    assert ours.shape == theirs.shape == (frames // 3, 11)
    assert np.max(np.abs(ours - theirs)) < 1e-4


@both
def test_posteriors_of_speech(name, embedded):
    (u,) = speech.utterances("test", 1, seed=4, snr=20, lengths=(4, 4))
    system = connected_digits.recogniser(name)
    y = system.posteriors(u.samples, u.rate)
    assert y.shape == (len(log_mel(u.samples)) // 3, 11)
    assert np.all(y >= 0) and y.sum(axis=1) == pytest.approx(np.ones(len(y)))
    assert system.posteriors(0.1 * u.samples, u.rate) == pytest.approx(y, abs=1e-3)
    # Each digit is heard while it is said: between its first sample and 60 ms after its last.
    heard = system.seconds(len(y))[(y.argmax(axis=1) > 0)] * u.rate
    there = [np.any((heard > a) & (heard < b + 480)) for a, b in zip(u.starts, u.ends)]
    assert all(there)


@both
@pytest.mark.parametrize(
    "samples, rate, says",
    [
        (np.zeros(0), 8000, "at least one sample"),
        (np.ones((2, 8000)), 8000, "one channel"),
        (np.full(8000, np.nan), 8000, "finite samples"),
        (np.zeros(8000), 8000, "silent"),
        (np.full(8000, 0.3), 8000, "silent"),
        (np.sin(np.arange(400)), 8000, "too short"),
        (np.sin(np.arange(16000)), 16000, "8000 samples a second, not at 16000"),
    ],
)
def test_bad_input(name, samples, rate, says):
    with pytest.raises(ValueError, match=says) as problem:
        connected_digits.recogniser(name).posteriors(samples, rate)
    assert str(problem.value).endswith(".") and "\n" not in str(problem.value)


def test_no_such_recogniser():
    with pytest.raises(ValueError, match="jasper, rnn_ctc"):
        connected_digits.recogniser("whisper")


@both
def test_card(name):
    told = card(name)
    assert told["value"] < told["baseline_value"]
    assert told["interval"][0] <= told["value"] <= told["interval"][1]
    assert told["command"] == f"python -m training {name}"
    assert (MODELS / f"{name}.npz").stat().st_size < 2 * 2**20
    assert json.loads((MODELS / f"{name}.json").read_text()) == told


def test_figures_beat_the_baseline(embedded):
    found = figures.figures(count=30)
    assert len(found) == 6
    for figure in found:
        assert figure.beats_baseline and figure.high < figure.baseline_value, str(figure)
        assert figure.low <= figure.value <= figure.high < 0.15


def test_language_model_helps(embedded):
    """In noise, with a model that has read enough; with none, nothing changes."""
    rows = figures.error_against_perplexity("rnn_ctc", (0, 1000), count=40, snr=0)
    without, helped = rows
    assert without["perplexity"] == pytest.approx(10) and helped["perplexity"] < 6
    assert helped["error"] < without["error"]
