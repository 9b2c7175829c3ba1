"""BYOL-A, multi-format, CLAP: NumPy runs what PyTorch trained; the lessons are what they say."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.special import logsumexp

from speechlab import corpora
from speechlab.figures.everyday import HELD
from speechlab.systems import MODELS, byol_a, clap, multi_format, part, weights
from speechlab.systems._shared import everyday

torch = pytest.importorskip("torch")

from training import _everyday as shared  # noqa: E402
from training import byol_a as byol_training  # noqa: E402
from training import clap as clap_training  # noqa: E402
from training import multi_format as multi_training  # noqa: E402

pytestmark = pytest.mark.usefixtures("embedded")

NAMES = ("byol_a", "multi_format", "clap")


@pytest.fixture(scope="module")
def clip(embedded):
    return corpora.collection("esc10")[7]


@pytest.fixture(scope="module")
def seen(clip):
    return everyday.pieces(clip.samples, clip.rate)


@pytest.fixture(scope="module")
def clips(embedded):
    return shared.Clips(shared.standins()[::9])


def standardised(seen: everyday.Pieces, w: dict) -> torch.Tensor:
    return torch.tensor((seen.mel - w["mean"]) / w["spread"])


@torch.no_grad()
def test_byol_a_equals_pytorch(seen, clip):
    w = weights("byol_a")
    theirs = shared.Net("mel").load(w)(standardised(seen, w)).numpy()
    net = byol_a.encoder()
    assert np.abs(net.of_pieces(seen.mel) - theirs).max() < 1e-3
    assert np.abs(net.features(clip.samples, clip.rate) - theirs.mean(axis=0)).max() < 1e-3


@pytest.mark.parametrize("format", ["mel", "wave"])
@torch.no_grad()
def test_multi_format_equals_pytorch(seen, format):
    w = weights("multi_format")
    x = standardised(seen, w) if format == "mel" else torch.tensor(seen.wave)
    theirs = shared.Net(format).load(part(w, format))(x).numpy()
    assert np.abs(multi_format.net().of_pieces(seen, format) - theirs).max() < 1e-3


@torch.no_grad()
def test_clap_equals_pytorch(seen):
    w = weights("clap")
    model = clap_training.loaded(w)
    texts = ["a dog barks", "the sound of rain, soft", "unheard waves"]
    assert np.abs(clap.embed_captions(texts) - model.captions(texts).numpy()).max() < 1e-4
    theirs = model.sounds(standardised(seen, w)).numpy().mean(axis=0)
    theirs /= np.linalg.norm(theirs)
    assert np.abs(clap.embed_pieces(seen.mel) - theirs).max() < 1e-4


@torch.no_grad()
def test_norms_fold_into_what_stands_before_them(seen):
    torch.manual_seed(0)
    model = multi_training.Pair(("mel", "wave"))
    for layer in model.modules():
        if hasattr(layer, "running_var"):
            layer.running_mean.normal_()
            layer.running_var.uniform_(0.5, 2)
            layer.weight.uniform_(0.5, 2)
            layer.bias.normal_()
    model.eval()
    net = multi_format.Net(model.arrays(), 0.0, 1.0)
    for format, x in (("mel", seen.mel), ("wave", seen.wave)):
        theirs = model.nets[format](torch.tensor(x))
        ours = net.of_pieces(seen, format)
        assert np.abs(ours - theirs.numpy()).max() < 1e-4 * np.abs(ours).max()
        said = torch.nn.functional.normalize(model.heads[format](theirs), dim=-1).mean(0).numpy()
        said /= np.linalg.norm(said)
        assert np.abs(net.projected_pieces(seen, format) - said).max() < 1e-4


def test_a_new_net_has_the_weights_of_the_untrained_one():
    for format in multi_format.FORMATS:
        net, start = shared.Net(format), everyday.initial(format)
        for n, layer in enumerate(net.convolutions, 1):
            assert np.allclose(layer.weight.detach().flatten(1).T.numpy(), start[f"conv_{n}"])
        assert np.allclose(net.frame.weight.T.detach().numpy(), start["frame"])


def test_boxes_are_stretched_as_on_the_page(seen):
    boxes = byol_a.boxes(np.random.default_rng(3), 6)
    mel = np.resize(seen.mel, (6, 48, 64))
    theirs = shared.resized(torch.tensor(mel), torch.tensor(boxes, dtype=torch.float32)).numpy()
    inside = [byol_a.resized(picture, box) for picture, box in zip(mel, boxes)]
    off = np.abs(theirs - inside)
    assert np.median(off) < 1e-3 and np.mean(off > 0.05) < 0.05  # where a box ends, they may differ
    assert np.allclose(byol_a.resized(mel[0], (1, 1, 0, 0)), mel[0])


def test_backgrounds_are_added_as_powers():
    rng = np.random.default_rng(0)
    x, y, share = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, 4)), np.array([0.25, 0.5])
    mixed = shared.mixed_levels(*(torch.tensor(a) for a in (x, y, share))).numpy()
    s = share[:, None, None]
    assert np.allclose(mixed, np.log((1 - s) * np.exp(x) + s * np.exp(y)))


def test_views_compete_with_all_but_themselves():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 3, 5))
    z = np.vstack([a, b])
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    scores = z @ z.T / 0.2
    wanted = np.mean(
        [logsumexp(np.delete(scores[i], i)) - scores[i, (i + 3) % 6] for i in range(6)]
    )
    got = shared.nt_xent(torch.tensor(a), torch.tensor(b), 0.2)
    assert float(got) == pytest.approx(wanted, abs=1e-5)


def test_the_target_learns_nothing_and_follows():
    model = byol_training.Byol()
    views = torch.randn(2, 4, 48, 64)
    model.loss(*views).backward()
    assert all(p.grad is None for p in model.target.parameters())
    assert all(p.grad is not None for p in model.net.parameters())
    with torch.no_grad():
        model.net.frame.weight.add_(1.0)
    before = model.target[0].frame.weight.clone()
    model.follow()
    moved = model.target[0].frame.weight - before
    assert torch.allclose(moved, torch.full_like(moved, 1 - byol_training.SLOW), atol=1e-6)


@pytest.mark.parametrize("blocks", [*byol_training.BLOCKS.values()])
def test_views_have_mean_0_and_spread_1(clips, blocks):
    rng = np.random.default_rng(0)
    mel, _ = clips.cut(range(4), rng)
    view = byol_training.view(clips.standardised(mel), clips.standardised(mel), rng, blocks)
    assert view.shape == mel.shape
    assert float(view.mean()) == pytest.approx(0, abs=1e-4)
    assert float(view.std()) == pytest.approx(1, abs=1e-4)


def test_masks_and_shifts():
    rng = np.random.default_rng(0)
    mel = torch.ones(40, 48, 64)
    low = np.log(everyday.FLOOR)
    by_time = multi_training.viewed("mel", mel, ("time mask",), rng)
    lost = (by_time < 0).all(2).sum(1)
    assert lost.max() <= multi_training.MASK["time"] and lost.float().mean() > 4
    assert ((by_time < 0).all(2) == (by_time < 0).any(2)).all()
    by_band = multi_training.viewed("mel", mel, ("frequency mask",), rng)
    assert ((by_band < 0).all(1) == (by_band < 0).any(1)).all() and (by_band < 0).any()
    ramp = torch.arange(64.0).expand(40, 48, 64)
    moved = multi_training.shifted(ramp, rng, low)
    by = (np.arange(64) - moved[:, 0].numpy())[:, 32]
    assert np.abs(by).max() <= multi_training.SHIFT and len(np.unique(by)) > 5
    for picture, step in zip(moved[:, 0].numpy(), by):
        wanted = np.arange(64) - step
        inside = (wanted >= 0) & (wanted < 64)
        assert np.allclose(picture[inside], wanted[inside])
        assert np.allclose(picture[~inside], low)


def test_pieces_are_cut_where_there_is_sound_and_both_formats_agree(clips):
    rng = np.random.default_rng(0)
    mel, wave = clips.cut(range(len(clips)), rng)
    assert mel.shape[1:] == (48, 64) and wave.shape[1:] == (15360,)
    assert (wave.abs().amax(1) >= everyday.SOFT).all()
    again = everyday.levels(wave[0].numpy())[2:46]
    assert np.abs(again - mel[0].numpy()[2:46]).max() < 1e-3


def test_nothing_of_the_fold_held_out_is_learned_from():
    assert {one.split for one in shared.standins()} == set("1234") == set("12345") - {HELD}


def test_a_class_left_out_is_not_even_a_background(clips):
    rest = clap_training.clips_without(clips, ("dog", "rain"))
    assert not set(rest.labels) & {"dog", "rain"} and set(clips.labels) & {"dog", "rain"}
    assert len(rest) == len(rest.labels) == len(rest.starts) == len(rest.waves)


@pytest.mark.parametrize("name", NAMES)
def test_card(name):
    said = json.loads((MODELS / f"{name}.json").read_text())
    assert said["command"] == f"python -m training {name}"
    assert (MODELS / f"{name}.npz").stat().st_size < 2 * 2**20
    assert said["interval"][0] <= said["value"] <= said["interval"][1]
    shipped = weights(name).values()
    assert said["parameters"] == sum(a.size for a in shipped if a.dtype.kind == "f")


@pytest.mark.parametrize("script", [byol_training, clap_training, multi_training])
def test_other_seeds_are_within_the_tolerance_of_the_card(script):
    said = json.loads((MODELS / f"{script.__name__.rpartition('.')[2]}.json").read_text())
    assert tuple(said["other_seeds"]) == script.OTHER_SEEDS
    assert all(abs(one - said["value"]) <= said["tolerance"] for one in said["other_seeds"])
