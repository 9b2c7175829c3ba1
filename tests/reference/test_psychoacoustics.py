"""The hearing references against things that do not share their derivation."""

import librosa
import numpy as np
import pytest
from scipy import integrate, optimize, signal

from autograder.reference import psychoacoustics as ours

# The practice exam's signal: four tones, and what it says of them.
TONES = np.array([150.0, 300.0, 1050.0, 1200.0])
LEVELS = np.array([70.0, 70.0, 45.0, 50.0])
EXAM_PHON = np.array([60.0, 68.0, 45.0, 50.0])
EXAM_LU = np.array([4350.0, 7020.0, 1500.0, 2200.0])


@pytest.mark.oracle("equal_loudness_contour", against="ISO 226:2023, table B.1: 60 phon at 100 Hz")
def test_contour_meets_the_check_point_of_the_standard(agree):
    agree(ours.equal_loudness_contour(60, 100), 78.5, 0.05)


@pytest.mark.oracle("equal_loudness_contour", against="the definition of the phon at 1 kHz")
def test_contour_at_1_khz_is_the_phon_itself(agree):
    phon = np.linspace(2.4, 120, 50)
    agree(ours.equal_loudness_contour(phon, 1000.0), phon, 1e-9)


@pytest.mark.oracle(
    "equal_loudness_contour", against="the threshold in quiet, which it must reduce to"
)
def test_lowest_contour_is_the_threshold(agree):
    f = [20, 100, 1000, 4000, 8000, 12500]
    agree(ours.equal_loudness_contour(2.4, f), [78.1, 26.5, 2.4, -5.4, 12.6, 12.3], 1e-6)


@pytest.mark.oracle("equal_loudness_contour", against="the formula of ISO 226:2003, within 1 dB")
def test_contours_moved_little_since_the_edition_of_2003(agree):
    """The old formula is another one, with other parameters, here at 40, 60 and 80 phon."""
    f = [100, 1000, 4000]
    alpha, lu, tf = np.array([[0.367, 0.25, 0.242], [-8.1, 0.0, 1.2], [26.5, 2.4, -5.4]])
    phon = np.array([[40.0], [60.0], [80.0]])
    af = 4.47e-3 * (10 ** (0.025 * phon) - 1.15) + (0.4 * 10 ** ((tf + lu) / 10 - 9)) ** alpha
    agree(ours.equal_loudness_contour(phon, f), 10 / alpha * np.log10(af) - lu + 94, 1.0)


@pytest.mark.oracle("loudness_level", against="scipy.optimize.brentq on the contour")
def test_loudness_level_is_where_the_contour_reaches_the_level(agree):
    rng = np.random.default_rng(1)
    for f in np.exp(rng.uniform(np.log(20), np.log(12500), 30)):
        level = ours.equal_loudness_contour(rng.uniform(3, 119), f)
        root = optimize.brentq(
            lambda p, f=f, level=level: ours.equal_loudness_contour(p, f) - level, 2.4, 120
        )
        agree(ours.loudness_level(level, f), root, 1e-6)


@pytest.mark.oracle("loudness_level", against="ISO 226:2023, table B.1: 78.5 dB at 100 Hz")
def test_loudness_level_meets_the_check_point_of_the_standard(agree):
    agree(ours.loudness_level(78.5, 100), 60, 0.05)


@pytest.mark.oracle("loudness_level", against="the exam's chart of 1933, within 5 phon")
def test_loudness_levels_of_the_exam(agree):
    """The exam reads a chart of 1933; today's contours put its low tones a little lower."""
    agree(ours.loudness_level(LEVELS, TONES), EXAM_PHON, 5)


def test_inaudible_tones_have_no_loudness_level():
    assert ours.loudness_level(26.4, 100) == -np.inf
    assert ours.loudness_level(26.5, 100) == pytest.approx(2.4)


@pytest.mark.oracle("loudness", against="Fletcher and Munson's table, at its rows")
def test_loudness_at_the_rows(agree):
    agree(ours.loudness([0, 40, 60, 80, 120]), [1, 975, 4350, 17100, 556000], 1e-6)


@pytest.mark.oracle("loudness", against="the exam's figures at 45, 50, 60, 68 phon, within 2.5 %")
def test_loudness_of_the_exams_tones(agree):
    """The exam reads the finer table at 45 and 68 phon, where interpolation is close but not it."""
    agree(ours.loudness(EXAM_PHON) / EXAM_LU, np.ones(4), 0.025)


@pytest.mark.oracle("loudness", against="the geometric mean halfway between rows")
def test_loudness_halfway_is_the_geometric_mean(agree):
    agree(ours.loudness([45, 75]), np.sqrt([975 * 2200, 7950 * 17100]), 1e-8)


@pytest.mark.oracle("total_loudness", against="the exam's figure, 8888.4 LU")
def test_total_loudness_of_the_exam(agree):
    b, total = ours.total_loudness(TONES, EXAM_LU, [1, 0.8, 1, 0.9])
    agree(b, [1, 0.32, 1, 0.36], 1e-12)
    agree(total, 8888.4, 1e-9)


@pytest.mark.oracle("total_loudness", against="limits: far apart, side by side, any order")
def test_total_loudness_in_the_limits(agree):
    far = ours.total_loudness([100.0, 2000.0, 9000.0], [5.0, 6.0, 7.0], [1.0, 1.0, 1.0])[1]
    agree(far, 18.0, 1e-12)
    beside = ours.total_loudness([1000.0, 1000.001], [5.0, 8.0], [1.0, 1.0])[1]
    agree(beside, 5 + 8 / 4, 1e-5)
    order = [2, 0, 3, 1]
    b, total = ours.total_loudness(TONES[order], EXAM_LU[order], np.array([1, 0.8, 1, 0.9])[order])
    agree(np.append(b, total), [1, 1, 0.36, 0.32, 8888.4], 1e-9)


@pytest.mark.oracle(
    "tone_correlogram", against="integrals of simulated tones, scipy.integrate.quad"
)
def test_tone_correlogram_is_the_mean_product_of_the_tones_that_pass(agree):
    """Sum the tones whose band reaches them, with any phases, and average x(t) x(t + tau)."""
    centres = [150.0, 225, 310, 700, 990, 1020, 1120, 1250, 1320]
    passed = [[0], [], [1], [], [], [2], [2, 3], [3], []]
    lags = [0.0, 0.0013, 0.004]
    amplitude, phase = 10 ** (LEVELS / 20), np.array([0.3, 1.1, -0.7, 2.0])

    def product(t, lag, which):
        def x(t):
            return sum(amplitude[k] * np.cos(2 * np.pi * TONES[k] * t + phase[k]) for k in which)

        return x(t) * x(t + lag)

    period = 1 / 150  # of all four tones together; they are multiples of it
    grid = np.arange(400) * period / 400
    mean = [[np.mean(product(grid, lag, w)) if w else 0.0 for lag in lags] for w in passed]
    phi = ours.tone_correlogram(centres, lags, TONES, LEVELS)
    agree(phi / 10 ** (LEVELS[0] / 10), np.array(mean) / 10 ** (LEVELS[0] / 10), 1e-9)
    exact = integrate.quad(product, 0, period, args=(0.0013, [2, 3]), limit=200)[0] / period
    agree(phi[6, 1], exact, 1e-3)


@pytest.mark.oracle("tone_correlogram", against="the supports that the exam's bandwidths give")
def test_support_of_the_tone_correlogram(agree):
    f = np.arange(1.0, 2000.0, 0.5)
    found = ours.tone_correlogram(f, [0.0], TONES, LEVELS)[:, 0] > 0
    edges = f[1:][np.diff(found.astype(int)) != 0]
    agree(edges, [100.5, 200, 250.5, 350, 1000.5, 1300], 1e-9)


@pytest.mark.oracle("tone_correlogram", against="20 micropascal: 94 dB SPL are 1 pascal")
def test_reference_amplitude_is_that_of_0_db(agree):
    mean_square = ours.tone_correlogram([500.0], [0.0], [500.0], [93.9794], 2e-5 * np.sqrt(2))
    agree(mean_square, [[1.0]], 1e-5)


@pytest.mark.oracle("correlogram", against="scipy.signal.fftconvolve and correlate")
@pytest.mark.parametrize("length", [1, 7, 400, 4096])
def test_correlogram_against_scipy(agree, length):
    rng = np.random.default_rng(length)
    x, filters = rng.standard_normal(length), rng.standard_normal((5, 33))
    expected = []
    for h in filters:
        y = signal.fftconvolve(x, h)[:length]
        expected.append(signal.correlate(y, y)[length - 1 :] / length)
    agree(ours.correlogram(x, filters, length - 1), expected, 1e-8)


@pytest.mark.oracle("correlogram", against="the closed form for tones")
def test_correlogram_of_tones_tends_to_the_closed_form(agree):
    rate, n = 8000, np.arange(16000)
    x = sum(np.cos(2 * np.pi * f * n / rate + f) for f in (300.0, 1050.0))
    edges = [[250, 350], [600, 700], [950, 1150]]
    filters = [signal.firwin(1201, edge, fs=rate, pass_zero=False) for edge in edges]
    phi = ours.correlogram(x, np.array(filters), 40)
    closed = ours.tone_correlogram(
        [300.0, 650.0, 1050.0], np.arange(41) / rate, [300.0, 1050.0], [0.0, 0.0]
    )
    agree(phi, closed, 0.03)


def _voice(pitch: float, rate: int, seconds: float) -> np.ndarray:
    """Harmonics 3 to 9 of a pitch, with falling amplitudes."""
    t = np.arange(int(seconds * rate)) / rate
    return sum(np.cos(2 * np.pi * k * pitch * t + k * k) / k for k in range(3, 10))


@pytest.mark.oracle("correlogram_pitch", against="librosa.yin, in Hz")
@pytest.mark.parametrize("pitch", [90.0, 131.0, 200.0, 250.0])
def test_pitch_of_a_missing_fundamental(agree, pitch):
    rate = 16000
    x = _voice(pitch, rate, 0.2)
    edges = [[low, low + 300] for low in range(100, 2500, 300)]
    filters = np.array([signal.firwin(201, edge, fs=rate, pass_zero=False) for edge in edges])
    phi = ours.correlogram(x, filters, 300)
    yin = librosa.yin(x, fmin=70, fmax=400, sr=rate, frame_length=2048)
    agree(ours.correlogram_pitch(phi, rate, 70, 400), np.median(yin), 3.0)


@pytest.mark.oracle("correlogram_pitch", against="the period of a pulse train, worked by hand")
def test_pitch_of_pulses(agree):
    lags = np.arange(100)
    phi = np.stack([np.where(lags % 25 == 0, 1 - lags / 500, 0.0), np.zeros(100)])
    agree(ours.correlogram_pitch(phi, 5000, 60, 1000), 200.0, 1e-12)


@pytest.mark.oracle("hz_to_mel", against="librosa.hz_to_mel, htk=False")
def test_slaney_against_librosa(agree):
    f = np.concatenate([np.linspace(0, 12000, 500), [999.999, 1000.0, 1000.001]])
    agree(ours.hz_to_mel(f, slaney=True), librosa.hz_to_mel(f, htk=False), 1e-9)


@pytest.mark.oracle("hz_to_mel", against="librosa.hz_to_mel, htk=True (its 2595 log10)")
def test_logarithmic_form_against_librosa(agree):
    """2595 log10 is 1126.994 ln, so the two part by 1.5e-5 of the value: 0.05 mel at most here."""
    f = np.linspace(0, 12000, 500)
    agree(ours.hz_to_mel(f), librosa.hz_to_mel(f, htk=True), 0.05)
    agree(
        ours.hz_to_mel(f) / (1127.01048 / (2595 / np.log(10))), librosa.hz_to_mel(f, htk=True), 1e-9
    )


@pytest.mark.oracle("hz_to_mel", against="its definition: 1000 Hz are 1000 mel")
def test_1000_hz_are_1000_mel(agree):
    agree(ours.hz_to_mel(1000.0), 1000.0, 1e-5)


@pytest.mark.oracle("mel_to_hz", against="librosa.mel_to_hz, htk=False")
def test_slaney_back_against_librosa(agree):
    mel = np.concatenate([np.linspace(0, 55, 300), [14.999, 15.0, 15.001]])
    agree(ours.mel_to_hz(mel, slaney=True), librosa.mel_to_hz(mel, htk=False), 1e-8)


@pytest.mark.oracle("mel_to_hz", against="scipy.optimize.brentq on librosa.hz_to_mel, htk=True")
def test_logarithmic_form_back(agree):
    factor = 1127.01048 / (2595 / np.log(10))
    for mel in np.linspace(1, 2900, 20):
        root = optimize.brentq(
            lambda f, mel=mel: factor * librosa.hz_to_mel(f, htk=True) - mel, 0, 2e4
        )
        agree(ours.mel_to_hz(mel), root, 1e-6)


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (ours.equal_loudness_contour, ([], 1000)),
        (ours.equal_loudness_contour, (40, 19.9)),
        (ours.equal_loudness_contour, (1.0, 1000)),
        (ours.loudness_level, (np.inf, 1000)),
        (ours.loudness_level, (40, [np.nan])),
        (ours.loudness, (120.1,)),
        (ours.loudness, (-np.inf,)),
        (ours.total_loudness, ([100.0, 100.0], [1.0, 1.0], [1.0, 1.0])),
        (ours.tone_correlogram, ([100.0], [0.0], [0.0], [60.0])),
        (ours.tone_correlogram, ([100.0], [0.0], [100.0, 100.0], [60.0, 60.0])),
        (ours.tone_correlogram, ([-1.0], [0.0], [100.0], [60.0])),
        (ours.correlogram, ([], [[1.0]], 0)),
        (ours.correlogram, ([1.0, 2.0], [[1.0]], 2)),
        (ours.correlogram, ([1.0, np.inf], [[1.0]], 0)),
        (ours.correlogram_pitch, (np.zeros((3, 200)), 8000, 70, 400)),
        (ours.correlogram_pitch, (np.ones((3, 5)), 8000, 70, 400)),
        (ours.correlogram_pitch, (np.full((3, 200), np.nan), 8000, 70, 400)),
        (ours.hz_to_mel, (-1.0,)),
        (ours.mel_to_hz, ([1.0, np.nan], True)),
    ],
)
def test_bad_input_is_refused_in_one_sentence(function, args):
    with pytest.raises(ValueError, match=r"^[a-z].*[^.]$"):
        function(*args)
