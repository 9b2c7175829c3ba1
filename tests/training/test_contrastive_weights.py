"""CPC and wav2vec 2.0: NumPy runs what PyTorch trained, and the losses are what they say."""

from __future__ import annotations

import json

import numpy as np
import pytest

from speechlab import corpora
from speechlab.systems import MODELS, cpc, wav2vec2, weights
from speechlab.systems._shared.bands import RATE, at_power_one

torch = pytest.importorskip("torch")

from training import _waveforms  # noqa: E402
from training import cpc as cpc_training  # noqa: E402
from training import wav2vec2 as wav2vec2_training  # noqa: E402
from training.common import arrays_of  # noqa: E402

pytestmark = pytest.mark.usefixtures("embedded")


@pytest.fixture(scope="module")
def samples(embedded):
    return corpora.collection("kathleen")[0].samples


def crop(samples) -> torch.Tensor:
    return torch.tensor(at_power_one(samples, RATE)[None])


@pytest.mark.parametrize("which", cpc.KINDS)
def test_cpc_equals_pytorch(samples, which):
    encoder = cpc.encoder(which)
    model = cpc_training.loaded(encoder.w)
    theirs = [x[0].numpy() for x in model(crop(samples))]
    for mine, other in zip(encoder.encode(samples, RATE), theirs):
        assert mine.shape == other.shape and np.abs(mine - other).max() < 2e-3 * np.abs(other).max()
    again = cpc_training.as_numpy(arrays_of(model))
    assert all(np.allclose(a, encoder.w[k], atol=1e-7) for k, a in again.items())


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


def test_cpc_loss_is_the_surprise_at_the_true_future():
    """By one context, one distance and one candidate at a time."""
    rng = np.random.default_rng(0)
    crops, frames, steps = 2, 9, 3
    z, c = rng.normal(size=(crops, frames, 4)), rng.normal(size=(crops, frames, 5))
    future = rng.normal(size=(steps, 4, 5))
    candidates = np.array([[0, 5, 11, 17, 3], [1, 2, 9, 12, 16]])
    losses = []
    for b in range(crops):
        for t in range(0, frames - steps, cpc_training.SPARSE):
            for k in range(1, steps + 1):
                own = b * frames + t + k
                pool = [own, *(n for n in candidates[b] if n != own)]
                odds = [z[n // frames, n % frames] @ future[k - 1] @ c[b, t] for n in pool]
                losses.append(np.log(np.sum(np.exp(odds))) - odds[0])
    mine = cpc_training.contrast(*(torch.tensor(a) for a in (z, c, future, candidates)))
    assert float(mine) == pytest.approx(np.mean(losses))


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("all", [1, 1, 1, 1]),
        ("group", [1, 1, 0, 0]),
        ("all but own", [0, 1, 1, 1]),
        ("group but own", [0, 1, 0, 0]),
        ("own", [1, 0, 0, 0]),
    ],
)
def test_wrong_candidates_come_from_where_they_may(kind, row):
    may = cpc_training.allowed(kind, 2, 2)
    assert may[0].tolist() == [bool(x) for x in row]
    numbers = cpc_training.drawn(may, 7, 6, np.random.default_rng(0))
    for own, found in zip(may, numbers):
        assert len(set(found)) == 6 and set(found // 7) <= set(np.flatnonzero(own))


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


def test_crops_of_a_group_do_not_overlap():
    sound = np.arange(4 * 3000, dtype=np.float16)
    groups = _waveforms.Groups([sound], [sound] * 4, frames=8, each=4)
    rng = np.random.default_rng(0)
    for _ in range(8):
        crops = groups.group(rng)
        assert [len(x) for x in crops] == [_waveforms.samples_for(8)] * 4
    assert groups.batch(rng, 3).shape == (12, _waveforms.samples_for(8))


@pytest.mark.parametrize("name", ["cpc", "wav2vec2"])
def test_card(name):
    said = json.loads((MODELS / f"{name}.json").read_text())
    assert said["command"] == f"python -m training {name}"
    assert (MODELS / f"{name}.npz").stat().st_size < 2 * 2**20
    assert said["interval"][0] <= said["value"] <= said["interval"][1]
    shipped = weights(name).items()
    assert said["parameters"] == sum(a.size for k, a in shipped if k.startswith("trained."))
