"""Synthetic sounds: exact levels, exact frequencies, formants where they were asked for."""

import librosa
import numpy as np
import pytest
import scipy.signal

from speechlab.speech import synthesis

VOWELS = {  # men's means of Peterson and Barney (1952)
    "i": (270, 2290, 3010),
    "ɛ": (530, 1840, 2480),
    "ɑ": (730, 1090, 2440),
    "u": (300, 870, 2240),
    "ɝ": (490, 1350, 1690),
}


def resonances(samples, rate):
    """Frequencies of the sharp resonances, by somebody else's linear prediction."""
    middle = samples[len(samples) // 4 : -len(samples) // 4]
    bright = scipy.signal.lfilter([1, -0.9], [1], middle) * np.hamming(len(middle))
    roots = np.roots(librosa.lpc(bright, order=10))
    hertz, width = np.angle(roots) * rate / 2 / np.pi, -np.log(np.abs(roots)) * rate / np.pi
    return np.sort(hertz[(hertz > 150) & (width < 400)])


@pytest.mark.parametrize("vowel", VOWELS)
@pytest.mark.parametrize("f0", [90, 120, 150])
def test_formants_are_where_they_were_asked_for(vowel, f0):
    found = resonances(synthesis.vowel(f0, VOWELS[vowel]), 8000)
    for asked in VOWELS[vowel]:
        # Linear prediction is itself drawn towards the nearest harmonic, at most half of f0 away;
        # a quarter is the error allowed here.
        assert np.abs(found - asked).min() < f0 / 4


def test_vocal_tract_resonates_at_its_formants_with_their_bandwidths():
    formants, bandwidths = (500, 1500, 2500), (60, 90, 150)
    sos = synthesis.vocal_tract(formants, bandwidths, 8000)
    hertz, response = scipy.signal.sosfreqz(sos, 80_000, fs=8000)
    gain = np.abs(response)
    for formant in formants:
        assert (
            np.abs(hertz[scipy.signal.argrelmax(gain)[0]] - formant).min() < 10
        )  # neighbours pull
    # one resonance alone: 3 dB down at half the bandwidth from its peak
    hertz, response = scipy.signal.sosfreqz(
        synthesis.vocal_tract([1000], [80], 8000), 80_000, fs=8000
    )
    above = hertz[np.abs(response) > np.abs(response).max() / np.sqrt(2)]
    assert above.max() - above.min() == pytest.approx(80, abs=1)
    assert np.abs(response[0]) == pytest.approx(1)


@pytest.mark.parametrize("f0", [80, 123.4, 240])
def test_pitch_of_a_vowel(f0):
    samples = synthesis.vowel(f0, VOWELS["ɑ"], seconds=1, rate=16000)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 19))
    hertz = np.fft.rfftfreq(1 << 19, 1 / 16000)
    for harmonic in (1, 2, 3, 5):
        near = np.abs(hertz - harmonic * f0) < f0 / 3
        assert hertz[near][spectrum[near].argmax()] == pytest.approx(harmonic * f0, abs=0.1)


def test_a_vowel_does_not_alias():
    samples = synthesis.vowel(400, [1000], seconds=1, ramp=0)[800:7200]
    spectrum = np.abs(np.fft.rfft(samples * np.blackman(len(samples)))) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / 8000)
    between = np.abs((hertz + 200) % 400 - 200) > 20
    assert spectrum[between].sum() < 1e-6 * spectrum.sum()


def test_a_melody_glides():
    samples = synthesis.vowel([100, 200], VOWELS["ɑ"], seconds=1)
    heard, _, _ = librosa.pyin(samples, fmin=70, fmax=300, sr=8000, frame_length=1024)
    wanted = 100 + 100 * librosa.times_like(heard, sr=8000, hop_length=256)
    voiced = ~np.isnan(heard)
    assert voiced.mean() > 0.8
    assert np.median(np.abs(heard - wanted)[voiced]) < 3


@pytest.mark.parametrize("level", [-60.0, -20.0, 0.0])
def test_levels_are_exact(level):
    made = [
        synthesis.tone(440, level, seconds=1, ramp=0),
        synthesis.noise(300, 600, level, seconds=1, ramp=0),
        synthesis.vowel(100, VOWELS["i"], seconds=1, level=level, ramp=0),
    ]
    for samples in made:
        assert synthesis.level_of(samples) == pytest.approx(level, abs=1e-9)
    assert np.abs(made[0]).max() == pytest.approx(10 ** (level / 20), rel=1e-6)


def test_tone_is_the_cosine_it_says():
    time = np.arange(4000) / 8000
    wanted = 0.1 * np.cos(2 * np.pi * 440 * time + 0.3)
    assert np.allclose(synthesis.tone(440, -20, phase=0.3, ramp=0), wanted, atol=1e-15)


def test_tones_add_up():
    chord = synthesis.tones([(200, -20), (500, -30, 1.0)], seconds=1, ramp=0)
    parts = synthesis.tone(200, -20, 1, ramp=0), synthesis.tone(500, -30, 1, phase=1.0, ramp=0)
    assert np.allclose(chord, sum(parts), atol=1e-15)
    power = 10 ** (synthesis.level_of(chord) / 10)
    assert power == pytest.approx(10**-2 + 10**-3)


def test_noise_keeps_to_its_band_and_its_seed():
    samples = synthesis.noise(500, 700, seconds=1, ramp=0, seed=3)
    power = np.abs(np.fft.rfft(samples)) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / 8000)
    outside = (hertz < 500) | (hertz > 700)
    assert power[outside].sum() < 1e-20 * power.sum()
    assert np.array_equal(samples, synthesis.noise(500, 700, seconds=1, ramp=0, seed=3))
    assert not np.array_equal(samples, synthesis.noise(500, 700, seconds=1, ramp=0, seed=4))


def test_fades_touch_only_the_ends():
    plain, soft = synthesis.tone(300, ramp=0), synthesis.tone(300, ramp=0.01)
    assert soft[0] == 0 and soft[-1] == 0
    assert np.array_equal(plain[80:-80], soft[80:-80])
    assert (np.abs(soft) <= np.abs(plain)).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: synthesis.tone(4000), "below half the rate"),
        (lambda: synthesis.tone(-10), "above 0 Hz"),
        (lambda: synthesis.noise(700, 500), "not from 700 to 500"),
        (lambda: synthesis.noise(100, 5000), "at most half the rate"),
        (lambda: synthesis.noise(501, 502, seconds=0.01), "too short"),
        (lambda: synthesis.vowel(100, [500, 4500]), "not at 4500 Hz"),
        (lambda: synthesis.vowel(0, [500]), "positive pitch"),
        (lambda: synthesis.vowel(100, [500, 1500], [60]), "2 formants need 2 bandwidths"),
        (lambda: synthesis.vowel(100, [500], [0]), "bandwidth is positive"),
        (lambda: synthesis.tone(100, seconds=0), "not even one sample"),
    ],
)
def test_what_cannot_be_made(make, message):
    with pytest.raises(ValueError, match=message):
        make()
