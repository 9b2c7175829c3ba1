"""HuBERT and VQ-VAE: NumPy runs what PyTorch trained, names bad input, beats its baseline."""

from __future__ import annotations

import json

import numpy as np
import pytest

from speechlab import corpora
from speechlab.figures import hubert as hubert_figures
from speechlab.figures import vqvae as vqvae_figures
from speechlab.systems import MODELS, hubert, vqvae, weights

torch = pytest.importorskip("torch")

from training import hubert as hubert_training  # noqa: E402
from training import vqvae as vqvae_training  # noqa: E402

BAD = {
    "empty": (np.zeros(0), 8000, "one channel"),
    "too short": (np.ones(100), 8000, "25 ms"),
    "two channels": (np.ones((2, 800)), 8000, "one channel"),
    "NaN": (np.array([1.0, np.nan] * 400), 8000, "finite samples, without NaN"),
    "silence": (np.zeros(800), 8000, "silence"),
    "wrong rate": (np.ones(1600), 16000, "not at 16000"),
}


pytestmark = pytest.mark.usefixtures("embedded")


@pytest.fixture(scope="module")
def some_clips(embedded):
    return corpora.digits("test")[::40]


def loaded(iteration: int) -> hubert_training.Hubert:
    """The PyTorch model with the shipped weights."""
    model = hubert_training.Hubert(iteration)
    shipped = hubert.encoder("trained", iteration).w
    model.load_state_dict({f"w.{k}": torch.tensor(a) for k, a in shipped.items()})
    return model.eval()


@pytest.mark.parametrize("iteration", [1, 2])
def test_hubert_equals_pytorch(iteration, some_clips):
    model, encoder = loaded(iteration), hubert.encoder("trained", iteration)
    mels = [(hubert.log_mel(c.samples, c.rate) - encoder.mean) / encoder.spread for c in some_clips]
    mel, there, _ = hubert_training.batch_of([m.astype(np.float32) for m in mels])
    hidden = hubert_training.masks(there, np.random.default_rng(1))
    with torch.no_grad():
        plain, masked = model(mel, there), model(mel, there, hidden)
        odds = model.guess(masked[-1]).softmax(-1)
    for b, clip in enumerate(some_clips):
        n = int(there[b].sum())
        for layer in range(hubert.LAYERS + 1):
            mine = encoder.features(clip.samples, clip.rate, layer)
            assert np.abs(mine - plain[layer][b, :n].numpy()).max() < 1e-4
        guesses = encoder.guesses(clip.samples, clip.rate, hidden[b, :n].numpy())
        assert np.abs(guesses - odds[b, :n].numpy()).max() < 1e-4


def test_vqvae_equals_pytorch(some_clips):
    model = vqvae_training.VqVae()
    w = weights("vqvae")
    model.load_state_dict({k: torch.tensor(w[k]) for k in model.state_dict()})
    mels = [vqvae.blocks(c.samples, c.rate) for c in some_clips]
    batch, there = vqvae_training.batch_of([(m - w["mean"]) / vqvae.SCALE for m in mels])
    with torch.no_grad():
        z = model.encode(batch, there)
        numbers = model.nearest(z)
        decoded = model.decode(model.codebook[numbers], there).numpy() * vqvae.SCALE + w["mean"]
    for b, (clip, mel) in enumerate(zip(some_clips, mels)):
        n = len(mel) // vqvae.BLOCK
        assert np.abs(vqvae.encode(mel) - z[b, :n].numpy()).max() < 1e-4
        codes = vqvae.codes(clip.samples, clip.rate)
        assert np.array_equal(codes, numbers[b, :n])
        theirs = np.maximum(decoded[b, : len(mel)], vqvae.FLOOR)
        assert np.abs(vqvae.decode(codes) - theirs).max() < vqvae.SCALE * 1e-4


def test_straight_through_gradient():
    """The encoder receives what the decoder would have told an unrounded vector."""
    torch.manual_seed(0)
    model = vqvae_training.VqVae()
    mel, there = vqvae_training.batch_of([np.random.default_rng(0).normal(size=(8, 40))])
    z = model.encode(mel, there)
    e = model.codebook[model.nearest(z)].detach().requires_grad_()
    off = ((model.decode(e, there) - mel) ** 2).mean()
    (wanted,) = torch.autograd.grad(off, e)
    z = z.detach().requires_grad_()
    through = z + (e.detach() - z).detach()
    (got,) = torch.autograd.grad(((model.decode(through, there) - mel) ** 2).mean(), z)
    assert torch.allclose(got, wanted, atol=1e-7)


def test_masks_hide_rows_of_frames_that_are_there():
    there = torch.arange(40) < torch.tensor([[4], [17], [40]])
    hidden = hubert_training.masks(there, np.random.default_rng(0))
    assert not (hidden & ~there).any()
    assert hidden.any(1).all()
    assert hidden[2].float().mean() < 1


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize(
    "function",
    [
        hubert.encoder("random").features,
        hubert.encoder().units,
        hubert.mfcc_units,
        vqvae.codes,
        vqvae.reconstruct,
    ],
    ids=["features", "units", "mfcc_units", "codes", "reconstruct"],
)
def test_bad_input(function, case):
    samples, rate, says = BAD[case]
    with pytest.raises(ValueError, match=says):
        function(samples, rate)


def test_no_such_encoder():
    with pytest.raises(ValueError, match="iteration 1 or 2"):
        hubert.encoder("trained", 3)


def test_shapes(some_clips):
    clip = some_clips[0]
    frames = (1 + len(clip.samples) // 80 + 1) // 2
    encoder = hubert.encoder()
    assert encoder.features(clip.samples, clip.rate).shape == (frames, hubert.WIDTH)
    assert encoder.units(clip.samples, clip.rate).shape == (frames,)
    assert vqvae.codes(clip.samples, clip.rate).shape == (frames,)
    assert vqvae.reconstruct(clip.samples, clip.rate).shape == clip.samples.shape


def test_figures_beat_their_baselines():
    digit = [f for f in hubert_figures.figures() if "digit" in f.system]
    assert len(digit) == 2 and all(f.beats_baseline for f in digit)
    assert all(f.beats_baseline and f.high < f.baseline_value for f in vqvae_figures.figures())


@pytest.mark.parametrize("name", ["hubert", "vqvae"])
def test_card(name):
    said = json.loads((MODELS / f"{name}.json").read_text())
    assert said["command"] == f"python -m training {name}"
    assert (MODELS / f"{name}.npz").stat().st_size < 2 * 2**20
    assert said["interval"][0] <= said["value"] <= said["interval"][1]
