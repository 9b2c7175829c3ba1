"""CPC: NumPy runs what PyTorch trained, and the loss is what it says."""

from __future__ import annotations

import json

import numpy as np
import pytest

from speechlab import corpora
from speechlab.systems import MODELS, cpc, weights
from speechlab.systems._shared.bands import RATE, at_power_one

torch = pytest.importorskip("torch")

from training import _waveforms  # noqa: E402
from training import cpc as cpc_training  # noqa: E402
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


def test_crops_of_a_group_do_not_overlap():
    sound = np.arange(4 * 3000, dtype=np.float16)
    groups = _waveforms.Groups([sound], [sound] * 4, frames=8, each=4)
    rng = np.random.default_rng(0)
    for _ in range(8):
        crops = groups.group(rng)
        assert [len(x) for x in crops] == [_waveforms.samples_for(8)] * 4
    assert groups.batch(rng, 3).shape == (12, _waveforms.samples_for(8))


def test_card():
    said = json.loads((MODELS / "cpc.json").read_text())
    assert said["command"] == "python -m training cpc"
    assert (MODELS / "cpc.npz").stat().st_size < 2 * 2**20
    assert said["interval"][0] <= said["value"] <= said["interval"][1]
    shipped = weights("cpc").items()
    assert said["parameters"] == sum(a.size for k, a in shipped if k.startswith("trained."))
