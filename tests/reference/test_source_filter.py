"""The references of the chapter on source and filter against SciPy, librosa and definitions."""

import librosa
import numpy as np
import pytest
from scipy import interpolate, signal
from scipy.integrate import cumulative_trapezoid

from autograder.reference import lpc, source_filter

RATE, T = 8000, 1 / 8000
# Peterson and Barney's men: mean formants of four vowels, in Hz.
MEN = {
    "heed": (270, 2290, 3010),
    "had": (660, 1720, 2410),
    "hod": (730, 1090, 2440),
    "who'd": (300, 870, 2240),
}
WIDTHS = np.array([60.0, 90.0, 150.0])
EDGES = np.array([200.0, 400.0, 800.0, 1600.0, 3200.0])


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.fixture
def speech(rng):
    """A second of pulses at 110 Hz with breath, through the resonances of "hod", swelling."""
    source = 0.02 * rng.standard_normal(RATE)
    source[:: RATE // 110] += 1.0
    for f, b in zip(MEN["hod"], WIDTHS, strict=True):
        pole = np.exp(np.pi * (2j * f - b) / RATE)
        source = signal.lfilter([1.0], np.poly([pole, pole.conj()]).real, source)
    return source * np.hanning(RATE)


# ---- glottal_flow ----


def pulse(phi, opening, closing):
    """One period of the flow, by integrating the speed that Rosenberg's pulse has."""
    grid = np.linspace(0, 1, 200_001)
    speed = np.zeros_like(grid)
    up, down = grid < opening, (grid >= opening) & (grid < opening + closing)
    speed[up] = np.pi / (2 * opening) * np.sin(np.pi * grid[up] / opening)
    speed[down] = -np.pi / (2 * closing) * np.sin(np.pi * (grid[down] - opening) / (2 * closing))
    return np.interp(phi, grid, cumulative_trapezoid(speed, grid, initial=0))


@pytest.mark.oracle("glottal_flow", against="the integral of its slope, phase by frequency ramp")
@pytest.mark.parametrize("parts", [(0.4, 0.16), (0.55, 0.45)])
def test_flow_is_the_integral_of_its_slope(parts, agree):
    f0 = np.linspace(100, 200, 4000)
    n = np.arange(4000)
    turns = (100 * n + 100 / 3999 * n * (n - 1) / 2) / RATE  # an arithmetic series
    agree(source_filter.glottal_flow(f0, RATE, *parts), pulse(turns % 1, *parts), 1e-4)


@pytest.mark.oracle("glottal_flow", against="librosa.yin")
@pytest.mark.parametrize("f0", [92.0, 125.0, 210.0])
def test_flow_has_the_pitch_that_was_asked_for(f0, agree):
    flow = source_filter.glottal_flow(np.full(RATE, f0), RATE)
    heard = librosa.yin(flow - flow.mean(), fmin=60, fmax=400, sr=RATE, frame_length=1024)
    agree(np.median(heard), f0, 1.0)


@pytest.mark.oracle("glottal_flow", against="the Fourier series of its corner, 12 dB an octave")
def test_high_harmonics_are_those_of_the_corner_where_the_folds_meet(agree):
    flow = source_filter.glottal_flow(np.full(64_000, 100.0), 64_000)
    k = np.arange(40, 100)
    harmonics = np.abs(np.fft.rfft(flow))[100 * k] / len(flow)
    corner = np.pi / (2 * 0.16) / (2 * np.pi * k) ** 2  # a slope that jumps, twice integrated
    agree(20 * np.log10(harmonics / corner), np.zeros(60), 1.0)


# ---- resonator ----


@pytest.mark.oracle("resonator", against="the poles it was asked for, by numpy.roots")
@pytest.mark.parametrize("word", MEN)
def test_poles_ring_at_the_formants_and_decay_with_the_bandwidths(word, agree):
    _, b, c = source_filter.resonator(MEN[word], WIDTHS, T)
    poles = np.array([np.roots([1, -b[k], -c[k]])[0] for k in range(3)])
    agree(np.abs(np.angle(poles)) * RATE / (2 * np.pi), MEN[word], 1e-8)
    agree(-np.log(np.abs(poles)) * RATE / np.pi, WIDTHS, 1e-8)


@pytest.mark.oracle("resonator", against="a sampled exp(-pi B t) cos(2 pi F t)")
def test_ringing_continues_a_decaying_cosine(agree):
    t = np.arange(200) * T
    _, b, c = source_filter.resonator([700.0], [80.0], T)
    ringing = np.exp(-np.pi * 80 * t) * np.cos(2 * np.pi * 700 * t + 0.4)
    agree(b * ringing[1:-1] + c * ringing[:-2], ringing[2:], 1e-12)


@pytest.mark.oracle("resonator", against="gain at 0 Hz and half-power width of freqz")
def test_gain_is_one_at_zero_and_the_peak_is_as_wide_as_asked(agree):
    a, b, c = source_filter.resonator([1000.0], [60.0], T)
    f, h = signal.freqz(a, [1, -b[0], -c[0]], np.arange(0, 4000, 0.05), fs=RATE)
    gain = np.abs(h)
    above = f[gain > gain.max() / np.sqrt(2)]
    agree([gain[0], above[-1] - above[0]], [1.0, 60.0], 0.3)


@pytest.mark.oracle("resonator", against="numpy.argmax of freqz: where a wide resonance peaks")
@pytest.mark.parametrize(("F", "B"), [(500, 60), (500, 300), (1500, 400), (3300, 250)])
def test_peak_lies_where_the_chapter_says(F, B, agree):
    a, b, c = (part[0] for part in source_filter.resonator([F], [B], T))
    f, h = signal.freqz(a, [1, -b, -c], np.arange(0, 4000, 0.01), fs=RATE)
    rho = np.exp(-np.pi * B * T)
    peak = np.arccos((1 + rho**2) / (2 * rho) * np.cos(2 * np.pi * F * T)) / (2 * np.pi * T)
    agree(peak, f[np.argmax(np.abs(h))], 0.02)


@pytest.mark.oracle("resonator", against="lpc.formants of the formants multiplied out")
def test_linear_prediction_reads_the_resonators_back(agree):
    _, b, c = source_filter.resonator(MEN["had"], WIDTHS, T)
    whole = np.ones(1)
    for k in range(3):
        whole = np.convolve(whole, [1, -b[k], -c[k]])
    agree(lpc.formants(-whole[1:], RATE), [MEN["had"], WIDTHS], 1e-6)


# ---- cascade ----


@pytest.mark.oracle("cascade", against="scipy.signal.sosfilt of zpk2sos")
@pytest.mark.parametrize("word", MEN)
@pytest.mark.parametrize("length", [1, 400])
def test_cascade_by_second_order_sections(word, length, rng, agree):
    coefficients = source_filter.resonator(MEN[word], WIDTHS, T)
    upper = np.exp(np.pi * (2j * np.array(MEN[word]) - WIDTHS) * T)
    poles = np.append(upper, upper.conj())
    sections = signal.zpk2sos([], poles, np.prod(1 - poles).real)
    x = rng.standard_normal(length)
    agree(source_filter.cascade(x, *coefficients), signal.sosfilt(sections, x), 1e-10)


@pytest.mark.oracle("cascade", against="the product of the resonators' freqz, by FFT")
def test_cascade_multiplies_the_responses(agree):
    a, b, c = source_filter.resonator(MEN["hod"], WIDTHS, T)
    h = source_filter.cascade(np.eye(1, 4096)[0], a, b, c)
    turn = 2 * np.pi * np.arange(2049) / 4096
    each = [signal.freqz(a[k], [1, -b[k], -c[k]], turn)[1] for k in range(3)]
    agree(np.fft.rfft(h), np.prod(each, axis=0), 1e-8)


@pytest.mark.oracle("cascade", against="Peterson and Barney's means, measured by covariance LPC")
@pytest.mark.parametrize("word", MEN)
def test_vowels_are_measured_back(word, agree):
    coefficients = source_filter.resonator(MEN[word], WIDTHS, T)
    s = source_filter.cascade(np.eye(1, 300)[0], *coefficients)[1:]
    c, Phi = lpc.normal_equations(s, 6)
    agree(lpc.formants(np.linalg.solve(Phi, c), RATE)[0], MEN[word], 0.1)


# ---- band_levels and revoice ----


@pytest.mark.oracle("filter_bank", against="scipy.signal.butter's half-power edges")
def test_bands_are_down_by_three_decibels_at_their_edges(agree):
    long = np.eye(1, 20_000)[0]
    bands = source_filter.filter_bank(long, EDGES, RATE)
    at = [np.abs(np.fft.rfft(bands[k]))[(EDGES[k : k + 2] * 20_000 / RATE).astype(int)] for k in
          range(4)]  # fmt: skip
    agree(at, np.full((4, 2), np.sqrt(0.5)), 1e-6)


@pytest.mark.oracle("band_levels", against="librosa.feature.rms of SciPy's bands")
@pytest.mark.parametrize("hop", [80, 160])
def test_levels_by_librosa(speech, hop, agree):
    ours = source_filter.band_levels(speech, EDGES, RATE, hop)
    for k in range(4):
        b, a = signal.butter(3, EDGES[k : k + 2], "bandpass", fs=RATE)
        band = signal.lfilter(b, a, speech)
        theirs = librosa.feature.rms(y=band, frame_length=hop, hop_length=hop, center=False)[0]
        agree(ours[:, k], theirs, 1e-6)


@pytest.mark.oracle("band_levels", against="the level of a cosine, amplitude over root 2")
def test_level_of_a_tone_is_its_amplitude_over_root_two(agree):
    tone = 3 * np.cos(2 * np.pi * 1200 * np.arange(RATE) / RATE)  # 12 periods each 80 samples
    levels = source_filter.band_levels(tone, EDGES, RATE, 80)[20:]
    b, a = signal.butter(3, EDGES[2:4], "bandpass", fs=RATE)
    gain = np.abs(signal.freqz(b, a, [1200], fs=RATE)[1][0])
    agree(levels[:, 2], np.full(len(levels), 3 * gain / np.sqrt(2)), 1e-6)


@pytest.mark.oracle("revoice", against="scipy.interpolate and SciPy's bands")
def test_revoice_by_interp1d(speech, rng, agree):
    levels = source_filter.band_levels(speech, EDGES, RATE, 150)
    carrier, whole = rng.standard_normal(RATE), np.zeros(RATE)
    middles = np.array([np.mean(part) for part in np.arange(54 * 150).reshape(54, 150)])
    for k in range(4):
        band = signal.lfilter(*signal.butter(3, EDGES[k : k + 2], "bandpass", fs=RATE), carrier)
        line = interpolate.interp1d(middles, levels[:, k])
        gain = line(np.clip(np.arange(RATE), middles[0], middles[-1]))
        whole += gain * band / np.std(band - 0) / np.sqrt(1 + (np.mean(band) / np.std(band)) ** 2)
    agree(source_filter.revoice(levels, carrier, EDGES, RATE, 150), whole, 1e-6)


@pytest.mark.oracle("revoice", against="the levels measured on what it makes, by FFT")
def test_new_voice_has_the_levels_that_were_sent(rng, agree):
    sent = np.tile([0.5, 2.0, 1.0, 3.0], (100, 1))
    voice = source_filter.revoice(sent, rng.standard_normal(10 * RATE), EDGES, RATE, 800)
    spectrum = np.abs(np.fft.rfft(voice)) ** 2 * 2 / len(voice) ** 2
    hertz = np.fft.rfftfreq(len(voice), 1 / RATE)
    for k in range(4):
        inside = spectrum[(hertz > EDGES[k]) & (hertz < EDGES[k + 1])].sum()
        agree(10 * np.log10(inside / sent[0, k] ** 2), 0.0, 1.0)


# ---- resonator_sensitivity ----


def network(rng, frames=4, hidden=6):
    s = rng.uniform([300, 900, 2000], [900, 2200, 3300], (frames, 3))
    return rng.standard_normal((hidden, 3)) / 2500, rng.standard_normal((3, hidden)) * 800, s


@pytest.mark.oracle("resonator_sensitivity", against="finite differences of the resonator")
def test_sensitivity_by_finite_differences(rng, agree):
    W1, W2, s = network(rng)

    def b(measured):
        t = [[sum(W2[k] * np.tanh(W1 @ one)) for k in range(3)] for one in measured]
        radius = np.exp(-WIDTHS * np.pi / RATE)
        return [np.poly(radius[k] * np.exp([w, -w]))[1].real * -1
                for row in t for k, w in enumerate(2j * np.pi * np.array(row) / RATE)]  # fmt: skip

    slopes = np.zeros((4, 3, 3))
    for n in range(4):
        for j in range(3):
            nudge = np.zeros_like(s)
            nudge[n, j] = 0.05
            change = (np.array(b(s + nudge)) - b(s - nudge)).reshape(4, 3) / 0.1
            assert np.allclose(np.delete(change, n, axis=0), 0)  # other frames do not move
            slopes[n, :, j] = change[n]
    agree(source_filter.resonator_sensitivity(W1, W2, s, WIDTHS, T), slopes, 1e-9)


@pytest.mark.oracle("resonator_sensitivity", against="complex-step derivative")
def test_sensitivity_by_complex_step(rng, agree):
    W1, W2, s = network(rng, frames=1)
    slopes = np.zeros((1, 3, 3))
    for j in range(3):
        t = W2 @ np.tanh(W1 @ (s[0] + 1e-20j * np.eye(3)[j]))
        slopes[0, :, j] = (2 * np.exp(-np.pi * WIDTHS * T) * np.cos(2 * np.pi * T * t)).imag / 1e-20
    agree(source_filter.resonator_sensitivity(W1, W2, s, WIDTHS, T), slopes, 1e-12)


# ---- formulas that the chapter prints ----


def test_formants_of_a_straight_tube_are_odd_quarter_waves():
    # the wave equation on slices, closed below and open above, by the library's eigenvalues
    v, length, slices = 350.0, 0.175, 400
    stiffness = 2 * np.eye(slices) - np.eye(slices, k=1) - np.eye(slices, k=-1)
    stiffness[0, 0], stiffness[-1, -1] = 1.0, 3.0
    swings = np.sqrt(np.linalg.eigvalsh(stiffness)[:4]) * v * slices / length / (2 * np.pi)
    assert np.allclose(swings, (2 * np.arange(1, 5) - 1) * v / (4 * length), rtol=1e-3)


def test_band_level_from_the_spectrum_needs_the_square(speech):
    band = source_filter.filter_bank(speech, EDGES, RATE)[1]
    level = source_filter.band_levels(speech, EDGES, RATE, RATE)[0, 1]
    magnitudes = np.abs(np.fft.fft(band))
    assert np.isclose(np.sqrt(np.sum(magnitudes**2)) / RATE, level)
    assert not np.isclose(np.sqrt(np.sum(magnitudes)) / RATE, level, rtol=0.1)


def test_a_glide_by_f0_times_time_overshoots():
    rate, n = 8000, np.arange(8000)
    glide = np.linspace(100, 200, 8000)
    assert np.isclose(np.diff(glide * n / rate)[-1] * rate, 300, atol=0.1)
    widest = signal.argrelmax(source_filter.glottal_flow(glide, rate))[0]
    assert np.isclose(rate / np.diff(widest)[-5:].mean(), 200, rtol=0.02)


@pytest.mark.parametrize("F", [270.0, 730.0, 2290.0])
def test_rounding_b_moves_the_formant_by_the_inverse_slope(F):
    _, b, c = (part[0] for part in source_filter.resonator([F], [60.0], T))
    slip = 1e-5
    moved = np.angle(np.roots([1, -(b + slip), -c]))[0]
    slope = -4 * np.pi * T * np.exp(-np.pi * 60 * T) * np.sin(2 * np.pi * F * T)
    assert np.isclose(abs(moved) / (2 * np.pi * T) - F, slip / slope, rtol=1e-2)


# ---- bad input ----

ONE, TWO, NOISE = np.ones(1), np.ones(2), np.arange(100.0)
BROKEN = [[], [1.0, np.nan, 2.0], [np.inf, 1.0], [[1.0, 2.0], [3.0, 4.0]]]
CALLS = {
    "glottal_flow": lambda v: source_filter.glottal_flow(v, RATE),
    "resonator F": lambda v: source_filter.resonator(v, TWO, T),
    "resonator B": lambda v: source_filter.resonator(TWO, v, T),
    "cascade x": lambda v: source_filter.cascade(v, ONE, ONE, ONE),
    "cascade a": lambda v: source_filter.cascade(NOISE, v, ONE, ONE),
    "cascade c": lambda v: source_filter.cascade(NOISE, ONE, ONE, v),
    "band_levels x": lambda v: source_filter.band_levels(v, EDGES, RATE, 50),
    "band_levels edges": lambda v: source_filter.band_levels(NOISE, v, RATE, 50),
    "revoice carrier": lambda v: source_filter.revoice(np.ones((1, 4)), v, EDGES, RATE, 50),
    "sensitivity B": lambda v: source_filter.resonator_sensitivity(
        np.ones((2, 3)), np.ones((3, 2)), np.ones((1, 3)), v, T
    ),
}


@pytest.mark.parametrize("values", BROKEN, ids=["empty", "NaN", "infinite", "matrix"])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_broken_vectors_are_refused_in_one_sentence(call, values):
    with pytest.raises(ValueError, match=r"^\w+ must [^.]+$"):
        call(values)


NET = (np.ones((2, 3)), np.ones((3, 2)), np.ones((1, 3)), np.ones(3), T)


@pytest.mark.parametrize(
    "call",
    [
        lambda: source_filter.glottal_flow([100.0, 0.0], RATE),
        lambda: source_filter.glottal_flow([4000.0], RATE),
        lambda: source_filter.glottal_flow([100.0], RATE, 0.8, 0.3),
        lambda: source_filter.glottal_flow([100.0], RATE, 0.0, 0.3),
        lambda: source_filter.resonator([4000.0], [50.0], T),
        lambda: source_filter.resonator([500.0], [0.0], T),
        lambda: source_filter.cascade(NOISE, TWO, TWO, ONE),
        lambda: source_filter.filter_bank(NOISE, [100.0], RATE),
        lambda: source_filter.filter_bank(NOISE, [200.0, 100.0], RATE),
        lambda: source_filter.filter_bank(NOISE, [0.0, 100.0], RATE),
        lambda: source_filter.filter_bank(NOISE, [100.0, 4000.0], RATE),
        lambda: source_filter.band_levels(NOISE, EDGES, RATE, 0),
        lambda: source_filter.revoice(np.ones((3, 4)), NOISE, EDGES, RATE, 50),
        lambda: source_filter.revoice(np.ones((2, 3)), NOISE, EDGES, RATE, 50),
        lambda: source_filter.revoice(np.ones((2, 4)), np.zeros(100), EDGES, RATE, 50),
        lambda: source_filter.resonator_sensitivity(*NET[:3], -NET[3], T),
    ],
)
def test_what_has_no_answer_is_refused(call):
    with pytest.raises(ValueError, match=r"^[^.]+ must [^.]+$"):
        call()
