"""WaveGlow in NumPy: steps that can be undone, their determinants, and densities that fit."""

import numpy as np
import pytest

from speechlab.figures import listening
from speechlab.figures import waveglow as figures
from speechlab.systems import waveglow
from speechlab.systems._shared.vocoding import at_peak

pytestmark = pytest.mark.usefixtures("embedded")


@pytest.fixture(scope="module")
def clip(embedded):
    return listening.test_clips()[3]


@pytest.fixture(scope="module")
def mel(clip):
    return waveglow.mel_of(clip.samples, clip.rate)


def test_the_steps_can_be_undone(clip, mel):
    z, _ = waveglow.encode(clip.samples, mel)
    again = waveglow.decode(z, mel)
    assert z.size == again.size and z.size % 80 == 0
    assert np.abs(again[: len(clip.samples)] - at_peak(clip.samples)).max() < 1e-5
    other = np.random.default_rng(0).normal(size=z.shape)
    back, _ = waveglow._steps(waveglow.decode(other, mel), mel)
    assert np.abs(back[-1] - other).max() < 1e-5


def test_determinants_are_those_of_a_numerical_jacobian(mel):
    rng = np.random.default_rng(0)
    x, tiny = 0.1 * rng.normal(size=80), 1e-6
    steps, log_dets = waveglow._steps(x, mel)
    moved = [
        (waveglow._steps(x + tiny * e, mel)[0][-1] - waveglow._steps(x - tiny * e, mel)[0][-1])
        for e in np.eye(80)
    ]
    jacobian = np.array([m.ravel() for m in moved]).T / 2 / tiny
    assert np.linalg.slogdet(jacobian)[1] == pytest.approx(log_dets.sum(), abs=1e-3)
    assert len(steps) == len(log_dets) + 1


def test_stages_lead_from_the_sound_to_the_noise(clip, mel):
    stages = waveglow.stages(clip.samples, mel)
    z, log_dets = waveglow.encode(clip.samples, mel)
    assert np.array_equal(stages[0].ravel()[: len(clip.samples)], at_peak(clip.samples))
    assert np.array_equal(stages[-1], z) and len(stages) == 1 + len(log_dets)
    assert np.array_equal(stages[4][:, :2], stages[8][:, :2])  # noise already after three


def test_speech_becomes_nearly_white_noise(clip, mel):
    z, _ = waveglow.encode(clip.samples + 1e-3 * at_peak(clip.samples).std(), mel)
    assert 0.7 < z.std() < 1.3
    x = z.ravel() - z.mean()
    neighbours = x[1:] @ x[:-1] / (x @ x)
    assert abs(neighbours) < 0.1


def test_the_density_is_better_than_those_of_gaussian_samples(clip, mel):
    net = waveglow.nats(clip.samples, mel)
    (row,) = figures.net_nats([clip])
    assert row[0] / row[1] == pytest.approx(net)
    train = listening.test_clips(stranger=True)
    for name in ("independent Gaussian samples", "global LPC, Gaussian residual"):
        assert net < figures.nats_per_sample(figures.BASELINES[name](train, [clip])), name


def test_nats_are_minus_the_log_density(clip, mel):
    x = waveglow.whole_blocks(at_peak(clip.samples))
    steps, log_dets = waveglow._steps(x, mel)
    density = -0.5 * np.log(2 * np.pi) * x.size - np.sum(steps[-1] ** 2) / 2 + log_dets.sum()
    assert waveglow.nats(clip.samples, mel) == pytest.approx(-density / len(x))


def test_independent_gaussian_samples_cost_their_entropy():
    train = listening.test_clips()[:3]
    deviation = np.concatenate(figures.sounds(train)).std()
    rows = figures.independent(train, train)
    assert figures.nats_per_sample(rows) == pytest.approx(
        0.5 * np.log(2 * np.pi * np.e * deviation**2), abs=0.01
    )


def test_generated_sound_follows_the_frames_and_the_temperature(clip, mel):
    made = [waveglow.generate(mel, temperature, seed=1) for temperature in (0.0, 0.7, 1.0)]
    assert all(len(x) == 80 * (len(mel) - 1) and np.all(np.isfinite(x)) for x in made)
    near = np.abs(waveglow.mel_of(made[1], 8000)[: len(mel)] - mel[: len(made[1]) // 80 + 1]).mean()
    assert near < np.abs(np.roll(mel, 20, axis=0) - mel).mean()
    assert np.array_equal(waveglow.generate(mel, 0.7, seed=1), made[1])
    assert not np.allclose(waveglow.generate(mel, 0.7, seed=2), made[1])
    assert np.array_equal(waveglow.generate(mel, 0.0, seed=2), made[0])


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: waveglow.encode(np.zeros(0), np.zeros((3, 40))), "one channel"),
        (lambda: waveglow.encode(np.zeros(400), np.zeros((6, 40))), "silence"),
        (lambda: waveglow.encode(np.ones(400), np.zeros((3, 40))), "need 5 frames"),
        (lambda: waveglow.encode(np.ones(400), np.zeros((6, 39))), "40 bands"),
        (lambda: waveglow.encode(np.full(400, np.nan), np.zeros((6, 40))), "NaN"),
        (lambda: waveglow.decode(np.zeros((11, 8)), np.zeros((6, 40))), "ten rows"),
        (lambda: waveglow.decode(np.zeros((10, 7)), np.zeros((6, 40))), "8 columns"),
        (lambda: waveglow.decode(np.full((10, 8), np.inf), np.zeros((6, 40))), "infinity"),
        (lambda: waveglow.decode(np.zeros((30, 8)), np.zeros((2, 40))), "need 3 frames"),
        (lambda: waveglow.generate(np.zeros((3, 40)), -0.1), "zero or more"),
        (lambda: waveglow.generate(np.zeros((3, 40)), length=0), "one sample"),
        (lambda: waveglow.generate(np.full((3, 40), np.nan)), "NaN"),
    ],
)
def test_bad_input(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_the_flow_beats_one_predictor_for_all_speech_by_far():
    found = {figure.baseline: figure for figure in figures.nat_figures()}
    assert len(found) == len(figures.BASELINES)
    for name in ("independent Gaussian samples", "global LPC, Gaussian residual"):
        assert found[name].high < found[name].baseline_value - 1
