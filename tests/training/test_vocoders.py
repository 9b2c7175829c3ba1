"""WaveNet and WaveGlow: NumPy runs what PyTorch trained, and the lessons are what they say."""

from __future__ import annotations

import json

import numpy as np
import pytest

from speechlab.figures import listening
from speechlab.systems import MODELS, waveglow, wavenet, weights
from speechlab.systems._shared.mel import HOP
from speechlab.systems._shared.vocoding import SILENCE, STRANGERS, at_peak, frames_of

torch = pytest.importorskip("torch")

from training import _vocoders  # noqa: E402
from training import waveglow as waveglow_training  # noqa: E402
from training import wavenet as wavenet_training  # noqa: E402

pytestmark = pytest.mark.usefixtures("embedded")


@pytest.fixture(scope="module")
def clip(embedded):
    return listening.test_clips()[25]


def loaded(model: torch.nn.Module, name: str) -> torch.nn.Module:
    """The PyTorch model with the shipped weights."""
    model.load_state_dict({key: torch.tensor(array) for key, array in weights(name).items()})
    return model.eval()


def around(clip) -> torch.Tensor:
    """A clip's frames with silence around, as the trainings cut them: (1, T + 3, 40)."""
    frames = np.pad(frames_of(clip), ((1, 2), (0, 0)), constant_values=SILENCE)
    return torch.tensor(frames[None], dtype=torch.float32)


@pytest.mark.parametrize("told", [True, False], ids=["told", "untold"])
def test_wavenet_equals_pytorch(clip, told):
    model = loaded(wavenet_training.WaveNet(told), "wavenet" if told else "wavenet_untold")
    classes = wavenet.classes_of(clip.samples, clip.rate)
    whole = np.pad(classes, (0, -len(classes) % HOP), constant_values=wavenet.ZERO)
    before = torch.tensor(np.append(wavenet.ZERO, whole[:-1])[None])
    frames = around(clip)[:, : len(whole) // HOP + 3]
    speaker = torch.tensor([wavenet.number_of(clip.speaker)])
    with torch.no_grad():
        theirs = model(before, frames, speaker)[0, : len(classes)].numpy()
    what = (listening.log_mel(clip.samples, clip.rate), clip.speaker) if told else ()
    assert np.abs(wavenet.scores(classes, *what) - theirs).max() < 2e-3


def test_waveglow_equals_pytorch(clip):
    model = loaded(waveglow_training.WaveGlow(), "waveglow")
    mel = waveglow.mel_of(clip.samples, clip.rate)
    z, log_dets = waveglow.encode(clip.samples, mel)
    sound = np.pad(at_peak(clip.samples), (0, -len(clip.samples) % HOP))
    frames = around(clip)[:, : len(sound) // HOP + 3]
    with torch.no_grad():
        theirs, log_det = model(torch.tensor(sound[None], dtype=torch.float32), frames)
        back = model.undo(theirs, frames)[0].numpy()
    assert np.abs(theirs[0].numpy() - z).max() < 2e-3 * np.abs(z).max()
    assert float(log_det) / z.size == pytest.approx(log_dets.sum() / z.size, abs=1e-4)
    assert np.abs(back - sound).max() < 1e-3


def test_no_stranger_is_in_the_lessons(monkeypatch):
    clips = listening.test_clips() + listening.test_clips(stranger=True)
    monkeypatch.setattr(_vocoders, "both_corpora", lambda split: {"embedded": clips})
    kept = {clip.speaker for clip in _vocoders.lessons()}
    assert kept and not kept & set(STRANGERS)


def test_segments_are_cut_where_their_frames_are():
    clips = listening.test_clips()[:4]
    stream = _vocoders.Stream(clips, lambda c: at_peak(c.samples), 0.0)
    place = HOP * _vocoders.GAP
    first = stream.sound[place : place + len(clips[0].samples)]
    assert np.allclose(first, at_peak(clips[0].samples))
    assert len(stream.sound) == HOP * stream.blocks == HOP * len(stream.speakers)
    assert len(stream.frames) == stream.blocks + 3
    sound, frames, at = stream.segments(np.random.default_rng(0), 3, 5, before=1)
    assert sound.shape == (3, 401) and frames.shape == (3, 8, 40)
    for row, near, middle in zip(sound, frames, at):
        start = HOP * (middle - 2)
        assert torch.equal(row, stream.sound[start - 1 : start + 400])
        assert torch.equal(near, stream.frames[middle - 3 : middle + 5])


def test_a_stopped_descent_goes_on_as_if_it_had_not_stopped(monkeypatch, tmp_path):
    monkeypatch.setattr("training.common.CHECKPOINTS", tmp_path)

    def run(count: int, name: str, stop: int | None = None) -> np.ndarray:
        torch.manual_seed(0)
        rng, model = np.random.default_rng(0), torch.nn.Linear(3, 3)
        steps = 0

        def loss() -> torch.Tensor:
            nonlocal steps
            steps += 1
            if stop and steps > stop:
                raise KeyboardInterrupt
            x = torch.tensor(rng.normal(size=(4, 3)), dtype=torch.float32)
            return (model(x) - x.flip(1)).square().mean()

        return _vocoders.descend(name, model, loss, rng, (count, 5, 1e-2), False)["weight"]

    whole = run(4, "whole")
    with pytest.raises(KeyboardInterrupt):
        run(4, "stopped", stop=12)
    assert np.allclose(run(4, "stopped"), whole, atol=1e-7)


@pytest.mark.parametrize("name", ["wavenet", "wavenet_untold", "waveglow"])
def test_card(name):
    said = json.loads((MODELS / f"{name}.json").read_text())
    assert said["command"] == f"python -m training {name.removesuffix('_untold')}"
    assert (MODELS / f"{name}.npz").stat().st_size < 2 * 2**20
    assert said["interval"][0] <= said["value"] <= said["interval"][1]
    assert said["parameters"] == sum(array.size for array in weights(name).values())
    assert said["value"] < said["baseline_value"]
