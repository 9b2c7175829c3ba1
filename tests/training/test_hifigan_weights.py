"""HiFi-GAN: NumPy runs what PyTorch trained, discriminators too; bad input is named; figures."""

from __future__ import annotations

import json

import numpy as np
import pytest

from speechlab import corpora
from speechlab.figures import hifigan as measured
from speechlab.figures.listening import misheard
from speechlab.systems import MODELS, hifigan, weights
from speechlab.systems._shared.vocoding import STRANGERS, at_peak, conditions

torch = pytest.importorskip("torch")

from training import _generator as nets  # noqa: E402
from training import hifigan as training  # noqa: E402

pytestmark = pytest.mark.usefixtures("embedded")


@pytest.fixture(scope="module")
def clip(embedded):
    return corpora.digits("test", "birch", 7)[0]


def load(model, arrays: dict) -> None:
    """The shipped weights into a PyTorch model, whose kernels are pictures."""
    shapes = {key: value.shape for key, value in model.state_dict().items()}
    model.load_state_dict({k: torch.tensor(arrays[k]).reshape(s) for k, s in shapes.items()})
    model.eval()


@pytest.mark.parametrize("which", hifigan.STAGES)
def test_numpy_says_what_pytorch_says(which, clip):
    model = nets.Generator(40, hifigan.FACTORS, hifigan.DILATIONS)
    start = f"{which}."
    shipped = weights("hifigan").items()
    load(model, {k.removeprefix(start): a for k, a in shipped if k.startswith(start)})
    mel = hifigan.mel_of(clip.samples, clip.rate)
    with torch.no_grad():
        theirs = model(torch.tensor(conditions(mel).T[None], dtype=torch.float32))[0].numpy()
    assert np.abs(hifigan.vocode(mel, which) - theirs).max() < 1e-4
    signals = hifigan.steps(mel, which)
    assert [len(s) for s in signals] == [len(mel) * n for n in (1, 5, 20, 80, 80)]
    assert [s.shape[1] for s in signals] == [128, 64, 32, 16, 1]


def test_discriminators_score_as_in_pytorch(clip):
    model = training.Rivals()
    load(model, weights("hifigan_rivals"))
    sound = at_peak(clip.samples)
    with torch.no_grad():
        theirs = model(torch.tensor(sound[None], dtype=torch.float32))
    mine = hifigan.discriminate(sound)
    assert len(mine) == len(theirs) == 7
    for heard, (score, features) in zip(mine, theirs):
        assert np.abs(heard.scores - score[0, 0].numpy()).max() < 1e-4
        assert len(heard.seconds) == len(heard.scores)
        assert np.all(np.diff(heard.seconds) > 0)
        assert abs(heard.seconds[-1] - len(sound) / 8000) < 0.02
        for a, b in zip(heard.features, features):
            assert np.abs(a - b[0].numpy().transpose(1, 2, 0)).max() < 1e-4


class Lessons:
    """Pieces of noise; after some draws somebody stops the run."""

    def __init__(self, stop: int | None) -> None:
        self.left = stop

    def draw(self, rng) -> tuple:
        if self.left is not None:
            if not self.left:
                raise KeyboardInterrupt
            self.left -= 1
        mel, sound = rng.normal(size=(2, 40, 8)), 0.1 * rng.normal(size=(2, 640))
        return tuple(torch.tensor(part, dtype=torch.float32) for part in (mel, sound))


def test_a_stopped_imitation_goes_on_as_if_it_had_not_stopped(monkeypatch, tmp_path):
    monkeypatch.setattr("training.common.CHECKPOINTS", tmp_path)
    monkeypatch.setattr(nets, "STEPS", 2)

    def run(name: str, stop: int | None = None) -> tuple[dict, dict]:
        torch.manual_seed(0)
        model = nets.Generator(40, hifigan.FACTORS, hifigan.DILATIONS)
        before, rng = nets.kernels_of(model), np.random.default_rng(0)
        found = nets.imitate(name, model, Lessons(stop), rng, 3, False)
        return before, nets.kernels_of(found)

    before, whole = run("whole")
    # steps on the matrices are steps on the kernels, all of them
    assert all(np.any(before[key] != array) for key, array in whole.items())
    with pytest.raises(KeyboardInterrupt):
        run("stopped", stop=5)
    again = run("stopped")[1]
    assert all(np.allclose(again[key], array, atol=1e-6) for key, array in whole.items())


def test_no_stranger_is_in_the_training_and_pieces_fit():
    clips = [c for c in corpora.digits("train") if c.speaker not in STRANGERS][:8]
    pieces = training.Pieces(clips, np.ones(8))
    mel, sound = pieces.draw(np.random.default_rng(0))
    assert mel.shape == (training.BATCH, 40, training.FRAMES)
    assert sound.shape == (training.BATCH, 80 * training.FRAMES)
    spectra = nets.Spectra()
    assert float(spectra(sound, sound)) < 1e-4
    assert float(spectra(0.1 * sound.flip(1), sound)) > 1
    # pieces of the sound have the frames that they come with: in the middle, where both are whole
    own = (spectra.bands(sound)[:, :, 4:30].numpy() + 20) / 20
    assert np.abs(own - mel[:, :, 4:30].numpy()).mean() < 0.05


def test_losses_of_both_sides_by_hand():
    real = [(torch.tensor([[1.0, 0.5]]), [torch.tensor([1.0, 2.0])])]
    made = [(torch.tensor([[0.0, 0.5]]), [torch.tensor([1.0, 4.0])])]
    assert float(training.tell_apart(real, made)) == pytest.approx(0.125 + 0.125)
    fooled, alike = training.pass_for_speech(real, made)
    assert float(fooled) == pytest.approx((1 + 0.25) / 2)
    assert float(alike) == pytest.approx(1.0)


def test_a_second_of_speech_takes_few_multiplications():
    """The wide layers run at the low rates; `bench/systems.py` has the times."""
    times = np.cumprod([100, *hifigan.FACTORS])  # a second, of each signal inside
    work = 0
    for key, array in weights("hifigan").items():
        stage, layer, *rest = key.split(".")
        if stage != "gan" or array.ndim != 3:
            continue
        step = int(rest[0]) + (layer == "fusion") if layer in ("up", "fusion") else 0
        work += array.size * times[-1 if layer == "last" else step]
    assert 100e6 < work < 250e6


def test_sound_keeps_its_length_and_level(clip):
    for which in hifigan.STAGES:
        heard = hifigan.reconstruct(clip.samples, clip.rate, which)
        assert heard.shape == clip.samples.shape and np.all(np.isfinite(heard))
        assert 0.3 < np.abs(heard).max() / np.abs(clip.samples).max() <= 1
    assert np.abs(hifigan.vocode(np.full((60, 40), -60.0))).max() < 0.03, "silence stays silent"


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: hifigan.vocode(np.zeros((0, 40))), "40 bands"),
        (lambda: hifigan.vocode(np.zeros((5, 39))), "40 bands"),
        (lambda: hifigan.vocode(np.full((5, 40), np.nan)), "NaN"),
        (lambda: hifigan.vocode(np.zeros((5, 40)), "best"), "none is called 'best'"),
        (lambda: hifigan.vocode(np.zeros((5, 40)), length=401), "1 to 400 samples"),
        (lambda: hifigan.reconstruct(np.zeros(800), 8000), "silence"),
        (lambda: hifigan.reconstruct(np.ones(800), 16000), "not at 16000"),
        (lambda: hifigan.discriminate(np.ones(100)), "25 ms"),
        (lambda: hifigan.discriminate(np.full(400, np.inf)), "finite"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_the_words_and_the_frames_come_back():
    clips = measured.test_clips(repetitions=1)[:20]
    for which in hifigan.STAGES:
        sounds = [measured.vocoder(which)(clip) for clip in clips]
        assert misheard(clips, sounds).mean() <= 0.1
        frames = [hifigan.mel_of(clip.samples, clip.rate) for clip in clips]
        # frames are of sounds scaled to a peak of 1, so their level is put back
        again = [hifigan.mel_of(y, 8000) + 20 * np.log10(np.abs(y).max()) for y in sounds]
        apart = np.concatenate([np.abs(a - b).mean(axis=1) for a, b in zip(frames, again)])
        assert apart.mean() < 4, "decibels"


def test_the_discriminators_are_not_fooled():
    assert measured.told(measured.test_clips(repetitions=1)[:20]).mean() > 0.8


@pytest.mark.parametrize("name", ["hifigan", "hifigan_rivals"])
def test_card(name):
    said = json.loads((MODELS / f"{name}.json").read_text())
    assert said["command"] == "python -m training hifigan"
    assert (MODELS / f"{name}.npz").stat().st_size < 2 * 2**20
    assert said["interval"][0] <= said["value"] <= said["interval"][1]
