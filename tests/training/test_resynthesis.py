"""Resynthesis: NumPy says what PyTorch says; F0, its rounding and the bit rate; bad input."""

from __future__ import annotations

import json

import numpy as np
import pytest

from speechlab import corpora
from speechlab.figures import resynthesis as measured
from speechlab.systems import MODELS, resynthesis, weights
from speechlab.systems._shared.vocoding import STRANGERS

torch = pytest.importorskip("torch")

from training import resynthesis as training  # noqa: E402

RATE = 8000


pytestmark = pytest.mark.usefixtures("embedded")


@pytest.fixture(scope="module")
def clip(embedded):
    return corpora.digits("test", "hazel", 5)[0]


def test_numpy_says_what_pytorch_says(clip):
    model = training.Resynthesis()
    shapes = {key: value.shape for key, value in model.state_dict().items()}
    shipped = weights("resynthesis")
    model.load_state_dict({k: torch.tensor(shipped[k]).reshape(s) for k, s in shapes.items()})
    sent = resynthesis.encode(clip.samples, clip.rate)
    hertz = resynthesis.heard(sent.pitch, len(sent.units))
    who = resynthesis.SPEAKERS.index("hazel")
    with torch.no_grad():
        theirs = model(
            torch.tensor(sent.units[None]),
            torch.tensor(resynthesis.bands_of(hertz)[None]),
            torch.tensor([who]),
        )[0].numpy()
    assert np.abs(resynthesis.generated(sent.units, hertz, "hazel") - theirs).max() < 1e-4
    assert resynthesis.decode(sent, "hazel").shape == clip.samples.shape


def test_a_pause_does_not_hum_and_speech_stays(clip):
    """The net repeats itself each 20 ms where one unit lasts; what is heard does not."""
    sent = resynthesis.encode(clip.samples, clip.rate)
    pause = resynthesis.encode(np.append(1e-4, np.zeros(1599)), RATE).units[-1]
    units = np.concatenate([sent.units, np.full(20, pause)])
    hertz = np.pad(resynthesis.heard(sent.pitch, len(sent.units)), (0, 20))
    ours, nets = (make(units, hertz, "hazel") for make in (resynthesis.say, resynthesis.generated))

    def repeats(x):
        """How much a frame of the pause resembles the next."""
        return np.corrcoef(x[-15 * 160 : -160], x[-14 * 160 :])[0, 1]

    assert repeats(nets) > 0.8 > 0.3 > abs(repeats(ours))
    quiet = [np.std(x[-14 * 160 : -160]) for x in (ours, nets)]
    assert quiet[0] == pytest.approx(quiet[1], rel=0.2)
    loudest = np.argmax(np.std(nets.reshape(-1, 160), axis=1)) * 160
    assert ours[loudest : loudest + 160] == pytest.approx(nets[loudest : loudest + 160])


@pytest.mark.parametrize("hertz", [70.0, 111.0, 220.0, 390.0])
def test_f0_of_a_buzz(hertz):
    at = np.arange(RATE) / RATE
    buzz = sum(np.cos(2 * np.pi * k * hertz * at) / k for k in range(1, 9))
    found = resynthesis.f0(buzz, RATE)
    assert len(found) == len(resynthesis.units(buzz, RATE))
    assert found[2:-2] == pytest.approx(hertz, rel=0.03)


def test_noise_has_no_pitch():
    noise = np.random.default_rng(0).normal(size=RATE)
    assert np.mean(resynthesis.f0(noise, RATE) > 0) < 0.1


def test_rounding_is_within_a_quarter_of_a_semitone_and_a_bit():
    hertz = np.geomspace(60, 400, 200)
    again = resynthesis.heard(resynthesis.rounded(np.repeat(hertz, 2)), 400)[::2]
    assert np.abs(12 * np.log2(again / hertz)).max() < 0.27
    assert resynthesis.heard(resynthesis.rounded([0, 0, 0]), 3).tolist() == [0, 0, 0]
    assert resynthesis.rounded([0.0, 60.0, 400.0]).tolist() == [1, 63]


def test_the_bit_rate_is_that_of_the_numbers_sent(clip):
    cost, sent = resynthesis.bits_per_second(), resynthesis.encode(clip.samples, clip.rate)
    assert cost["units"] == pytest.approx(50 * np.log2(100)) and cost["F0"] == 150
    assert cost["both"] == pytest.approx(cost["units"] + 150)
    bits = len(sent.units) * np.log2(100) + len(sent.pitch) * 6
    assert bits / sent.seconds == pytest.approx(cost["both"], rel=0.1)


def test_bands_share_a_pitch_between_two():
    near = resynthesis.bands_of([0.0, 60.0, 155.0, 400.0])
    assert near.shape == (4, 33) and near[0].sum() == 0
    assert near[1:].sum(axis=1) == pytest.approx(2)
    assert near[1, 0] == near[3, 31] == 1 and np.sum(near[2, :32] > 0) == 2


def test_another_voice_is_another_sound_of_the_same_length(clip):
    own, other = (resynthesis.convert(clip.samples, RATE, who) for who in ("hazel", "maple"))
    assert own.shape == other.shape == clip.samples.shape
    assert np.abs(own - other).max() > 0.05
    assert 60 < resynthesis.usual("maple") < 400
    assert resynthesis.speakers() == resynthesis.SPEAKERS


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: resynthesis.say([], [], "maple"), "one whole number or more"),
        (lambda: resynthesis.say([1.5], [0.0], "maple"), "whole number"),
        (lambda: resynthesis.say([100], [0.0], "maple"), "from 0 to 99"),
        (lambda: resynthesis.say([-1], [0.0], "maple"), "from 0 to 99"),
        (lambda: resynthesis.say([1, 2], [0.0], "maple"), "one number a unit"),
        (lambda: resynthesis.say([1], [-5.0], "maple"), "not negative"),
        (lambda: resynthesis.say([1], [np.nan], "maple"), "finite"),
        (lambda: resynthesis.say([1], [0.0], "rowan"), "no voice 'rowan'"),
        (lambda: resynthesis.usual("rowan"), "no voice 'rowan'"),
        (lambda: resynthesis.rounded([]), "one number a frame"),
        (lambda: resynthesis.f0(np.zeros(800), RATE), "silence"),
        (lambda: resynthesis.units(np.ones(800), 16000), "not at 16000"),
        (lambda: resynthesis.encode([0.1, np.nan] * 200, RATE), "NaN"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_pieces_fit_and_no_stranger_is_known():
    clips = corpora.digits("train", ["alder", "maple"])[:6]
    pieces = training.Pieces(clips, np.ones(6))
    units, pitch, who, sound = pieces.draw(np.random.default_rng(0))
    assert units.shape == (training.BATCH, training.FRAMES)
    assert pitch.shape == (training.BATCH, training.FRAMES, 33)
    assert sound.shape == (training.BATCH, 160 * training.FRAMES) and who.shape == (16,)
    assert not set(STRANGERS) & set(resynthesis.SPEAKERS)


def test_it_beats_the_mean_frames_of_its_units():
    clips = measured.test_clips(repetitions=1)[:20]
    found = {
        way: measured.scores(clips, [make(c) for c in clips])
        for way, make in (("units", measured.through), ("means", measured.centres))
    }
    assert found["units"]["digit error"].mean() <= 0.15
    apart = "log-spectral distance"
    assert found["units"][apart].mean() < found["means"][apart].mean()
    sounds = [measured.through(c) for c in clips]
    rows = measured.pitch_rows(clips, sounds)
    assert measured.pitch_kept(rows) > measured.pitch_kept(
        measured.pitch_rows(clips, [measured.centres(c) for c in clips])
    )
    same = measured.pitch_rows(clips, [c.samples for c in clips])
    assert measured.pitch_kept(same) == measured.still_voiced(same) == 1


def test_card():
    said = json.loads((MODELS / "resynthesis.json").read_text())
    assert said["command"] == "python -m training resynthesis"
    assert (MODELS / "resynthesis.npz").stat().st_size < 2 * 2**20
    assert said["interval"][0] <= said["value"] <= said["interval"][1]
