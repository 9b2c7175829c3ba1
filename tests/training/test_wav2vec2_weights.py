"""wav2vec 2.0: NumPy runs what PyTorch trained, and the losses are what they say."""

from __future__ import annotations

import json

import numpy as np
import pytest

from speechlab import corpora
from speechlab.systems import MODELS, wav2vec2, weights
from speechlab.systems._shared.bands import RATE, at_power_one

torch = pytest.importorskip("torch")

from training import wav2vec2 as wav2vec2_training  # noqa: E402

pytestmark = pytest.mark.usefixtures("embedded")


@pytest.fixture(scope="module")
def samples(embedded):
    return corpora.collection("kathleen")[0].samples


def crop(samples) -> torch.Tensor:
    return torch.tensor(at_power_one(samples, RATE)[None])


@pytest.mark.parametrize("which", wav2vec2.KINDS)
def test_wav2vec2_equals_pytorch(samples, which):
    net = wav2vec2.net(which)
    model = wav2vec2_training.loaded(net.w)
    masked = np.arange(len(net.encode(samples, RATE))) // 8 % 2 == 1
    x = model.encode(crop(samples))
    logits = model.logits(x)
    choice = torch.nn.functional.one_hot(logits.argmax(-1), wav2vec2.WORDS).float()
    q = model.joined(choice)[0].numpy()
    expected = model.expected(x, torch.tensor(masked[None]))[0].numpy()
    assert np.abs(net.encode(samples, RATE) - x[0].numpy()).max() < 1e-3
    assert np.mean(net.codes(samples, RATE) == logits.argmax(-1)[0].numpy()) > 0.99
    same = (net.codes(samples, RATE) == logits.argmax(-1)[0].numpy()).all(axis=1)
    assert np.abs(net.quantised(samples, RATE) - q)[same].max() < 1e-3
    cosines = wav2vec2.unit(expected) @ wav2vec2.unit(q).T
    assert np.abs(net.predict(samples, RATE, masked) - cosines)[:, same].max() < 1e-3


def test_masked_contrast_counts_only_hidden_frames_of_the_crop():
    rng = np.random.default_rng(1)
    hidden = wav2vec2_training.masks(rng)
    shape = (*hidden.shape, 8)
    expected, q = (torch.tensor(rng.normal(size=shape)) for _ in range(2))
    count = int(hidden[0].sum())
    assert (hidden.sum(axis=1) == count).all() and 0 < count - 1 <= wav2vec2_training.FRAMES
    ours, _ = wav2vec2_training.contrast(expected, q, torch.tensor(hidden), rng)
    if count - 1 <= wav2vec2_training.DISTRACTORS:  # then all of them are candidates
        losses = []
        for own, e, x in zip(hidden, expected.numpy(), q.numpy()):
            odds = wav2vec2.unit(e[own]) @ wav2vec2.unit(x[own]).T / wav2vec2.TEMPERATURE
            losses.append(np.log(np.exp(odds).sum(axis=1)) - np.diag(odds))
        assert float(ours) == pytest.approx(np.mean(losses))
    elsewhere = expected.clone()
    elsewhere[~torch.tensor(hidden)] += 1.0
    rng_a, rng_b = np.random.default_rng(2), np.random.default_rng(2)
    both = [
        wav2vec2_training.contrast(x, q, torch.tensor(hidden), r)
        for x, r in ((expected, rng_a), (elsewhere, rng_b))
    ]
    assert both[0] == both[1]
    _, hit = wav2vec2_training.contrast(q, q, torch.tensor(hidden), rng)
    _, none = wav2vec2_training.contrast(q, torch.ones_like(q), torch.tensor(hidden), rng)
    assert float(hit) == 1.0 and float(none) == 0.0


def test_diversity_is_least_for_equal_use():
    """The chapter's example: two books of two, one used 3 to 1, one always the same."""
    p = torch.tensor([[[[0.75, 0.25], [1.0, 1e-30]]]])
    assert float(wav2vec2_training.diversity(p.log())) == pytest.approx(-0.1406, abs=1e-4)
    equal = torch.zeros(1, 1, 2, 2)
    assert float(wav2vec2_training.diversity(equal)) == pytest.approx(-np.log(2) / 2)


def test_card():
    said = json.loads((MODELS / "wav2vec2.json").read_text())
    assert said["command"] == "python -m training wav2vec2"
    assert (MODELS / "wav2vec2.npz").stat().st_size < 2 * 2**20
    assert said["interval"][0] <= said["value"] <= said["interval"][1]
    shipped = weights("wav2vec2").items()
    assert said["parameters"] == sum(a.size for k, a in shipped if k.startswith("trained."))
