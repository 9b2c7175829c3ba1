"""The nets that convert formants: as PyTorch runs them, better than lines, plain about misuse."""

import dataclasses

import numpy as np
import pytest

from speechlab import corpora, systems
from speechlab.figures import voice_conversion as vc_figures
from speechlab.systems import voice_conversion as vc


@pytest.fixture(autouse=True)
def embedded(monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")


@pytest.mark.parametrize("direction", vc.DIRECTIONS, ids="-".join)
def test_numpy_answers_what_pytorch_answers(direction):
    torch = pytest.importorskip("torch")
    from training.voice_conversion import Nets

    nets = Nets()
    shipped = systems.weights(vc.NAME)
    nets.W1.data, nets.W2.data = (torch.tensor(shipped[name]) for name in ("W1", "W2"))
    s = vc.formants_of(corpora.vowel_table())
    with torch.no_grad():
        theirs = nets(vc.DIRECTIONS.index(direction), torch.tensor(s / 1000, dtype=torch.float32))
    assert np.allclose(vc.convert(s, *direction) / 1000, theirs.numpy(), atol=1e-4)


def test_every_direction_beats_linear_regression_on_speakers_nobody_trained_on():
    figures = vc_figures.figures()
    assert len(figures) == 6
    for figure in figures:
        assert figure.beats_baseline, figure
        assert figure.low < figure.value < figure.high < figure.baseline_value, figure


def test_the_gain_is_no_accident_of_the_speakers():
    low, high = vc_figures.gain_over_regression("man", "woman")
    assert 0 < low < high


def test_the_card_says_what_it_is():
    card = systems.card(vc.NAME)
    assert card["value"] < card["baseline_value"]
    assert card["parameters"] == sum(a.size for a in systems.weights(vc.NAME).values())


def test_no_speaker_is_in_both_halves():
    table = corpora.vowel_table()
    halves = [set(vc.split(table, test)["speaker"]) for test in (False, True)]
    assert not halves[0] & halves[1] and halves[0] | halves[1] == set(table["speaker"])


def test_every_vowel_is_paired_with_the_mean_of_its_name():
    table = corpora.vowel_table()
    s, t, speakers = vc.pairs(table, "man", "child")
    assert s.shape == t.shape == (len(speakers), 3)
    first = table[table["group"] == "man"][0]
    rows = (table["group"] == "child") & (table["vowel"] == first["vowel"])
    assert np.allclose(t[0], [table[rows][f].mean() for f in ("f1", "f2", "f3")])


def test_sensitivities_by_nudging():
    rng = np.random.default_rng(0)
    W1, W2 = rng.normal(size=(4, 3)), rng.normal(size=(3, 4))
    s, t = rng.uniform(0.3, 3, (2, 5, 3))

    def gradient(s):
        h = np.tanh(s @ W1.T)
        return (h @ W2.T - t).T @ h

    ours = vc.sensitivities(s, t, W1, W2)
    assert ours.shape == (3, 4, 5, 3)
    for n, k in np.ndindex(5, 3):
        step = np.zeros(s.shape)
        step[n, k] = 1e-6
        nudged = (gradient(s + step) - gradient(s - step)) / 2e-6
        assert np.allclose(ours[:, :, n, k], nudged, atol=1e-7)


def test_vowels_can_be_heard():
    sound = vc.say([[300.0, 2200.0, 3000.0], [700.0, 1200.0, 2600.0]], 120)
    assert np.all(np.isfinite(sound)) and 0.1 < np.abs(sound).max() <= 1
    assert len(sound) == 2 * round((0.35 + 0.08) * vc.RATE)


GOOD = [500.0, 1500.0, 2500.0]


@pytest.mark.parametrize(
    "call",
    [
        lambda: vc.convert([], "man", "woman"),
        lambda: vc.convert([500.0, np.nan, 2500.0], "man", "woman"),
        lambda: vc.convert([0.0, 0.0, 0.0], "man", "woman"),
        lambda: vc.convert([0.5, 1.5, 2.5], "man", "woman"),
        lambda: vc.convert([500.0, 1500.0], "man", "woman"),
        lambda: vc.convert([1500.0, 500.0, 2500.0], "man", "woman"),
        lambda: vc.convert(GOOD, "man", "man"),
        lambda: vc.convert(GOOD, "man", "dog"),
        lambda: vc.pairs(corpora.vowel_table()[:5], "man", "child"),
        lambda: vc.say([[0.0, 0.0, 0.0]], 120),
    ],
)
def test_misuse_is_named_in_one_sentence(call):
    with pytest.raises(ValueError, match=r"^[^.?]+[.?]$"):
        call()


def test_training_repeats_itself_and_resumes(monkeypatch, tmp_path):
    torch = pytest.importorskip("torch")
    from training import common
    from training import voice_conversion as script

    if not {"pb52.csv"} <= set(corpora.vowels.VOWELS.present()):
        monkeypatch.setattr(script, "TABLES", ("embedded",))
    monkeypatch.setattr(common, "CHECKPOINTS", tmp_path / "checkpoints")
    monkeypatch.setattr(common, "MODELS", tmp_path)
    monkeypatch.setattr(script, "card", lambda minutes: CARD)
    learned = []
    for rounds, fresh in ((2, True), (1, True), (2, False)):
        monkeypatch.setattr(script, "ROUNDS", rounds)
        script.main(fresh)
        with np.load(tmp_path / f"{vc.NAME}.npz") as arrays:
            learned.append(arrays["W1"])
    torch.use_deterministic_algorithms(False)
    assert np.allclose(learned[0], learned[2], atol=1e-3)
    assert not np.allclose(learned[0], learned[1], atol=1e-3)


@dataclasses.dataclass
class _Card:
    metric: str = "distance"
    value: float = 1.0
    baseline: str = "none"
    baseline_value: float = 2.0
    tolerance: float = 1.0


CARD = _Card()
