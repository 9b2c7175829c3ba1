"""The references of the chapter on linear prediction against SciPy, librosa and definitions."""

import librosa
import numpy as np
import pytest
from scipy import linalg, signal

from autograder.reference import lpc

RATE = 8000
# Peterson and Barney's men saying "father": frequencies in Hz, with plausible bandwidths.
AA = np.array([730.0, 1090.0, 2440.0, 3400.0])
WIDTHS = np.array([80.0, 90.0, 120.0, 160.0])


def all_pole(frequencies=AA, bandwidths=WIDTHS, rate=RATE):
    """The predictor of resonators in cascade, multiplied out section by section."""
    whole = np.ones(1)
    for f, b in zip(frequencies, bandwidths, strict=True):
        radius = np.exp(-np.pi * b / rate)
        section = [1.0, -2 * radius * np.cos(2 * np.pi * f / rate), radius**2]
        whole = np.convolve(whole, section)
    return -whole[1:]


def as_filter(a):
    """The prediction-error filter that SciPy and librosa speak of."""
    return np.append(1.0, -np.asarray(a))


@pytest.fixture
def speech():
    """Half a second of a voiced sound at 110 Hz with a little breath, 8 kHz, like a clip."""
    rng = np.random.default_rng(20)
    source = 0.02 * rng.standard_normal(RATE // 2)
    source[:: RATE // 110] += 1.0
    return signal.lfilter([1.0], as_filter(all_pole()), source)


@pytest.fixture
def frame(speech):
    return speech[1000:1240] * np.hamming(240)


@pytest.mark.oracle("autocorrelation", against="numpy.correlate")
@pytest.mark.parametrize("order", [0, 1, 12, 239])
def test_autocorrelation_by_correlate(frame, order, agree):
    whole = np.correlate(frame, frame, mode="full")
    agree(lpc.autocorrelation(frame, order), whole[239 : 240 + order], 1e-9)


@pytest.mark.oracle("autocorrelation", against="librosa.autocorrelate (FFT)")
def test_autocorrelation_by_librosa(speech, agree):
    r = lpc.autocorrelation(speech, 200)
    agree(r / r[0], librosa.autocorrelate(speech, max_size=201) / r[0], 1e-12)


def test_autocorrelation_of_integers_does_not_overflow():
    loud = np.full(100, 30000, dtype=np.int16)
    assert lpc.autocorrelation(loud, 1).tolist() == [100 * 9e8, 99 * 9e8]


@pytest.mark.oracle("normal_equations", against="numpy.linalg.lstsq")
@pytest.mark.parametrize("order", [1, 8, 16])
def test_covariance_method_by_least_squares(speech, order, agree):
    s = speech[1000:1240]
    c, phi = lpc.normal_equations(s, order)
    past = np.column_stack([s[order - m : len(s) - m] for m in range(1, order + 1)])
    agree(np.linalg.solve(phi, c), np.linalg.lstsq(past, s[order:], rcond=None)[0], 1e-6)


@pytest.mark.oracle("normal_equations", against="finite differences of the squared error")
def test_normal_equations_are_where_the_slope_is_zero(speech, agree):
    s, order = speech[1000:1060], 4
    c, phi = lpc.normal_equations(s, order)

    def squared_error(a):
        return sum(
            (s[n] - sum(a[m] * s[n - 1 - m] for m in range(order))) ** 2
            for n in range(order, len(s))
        )

    a, step = np.array([0.3, -0.2, 0.1, 0.05]), 1e-4
    slope = [
        (squared_error(a + step * unit) - squared_error(a - step * unit)) / (2 * step)
        for unit in np.eye(order)
    ]
    agree(-2 * (c - phi @ a), slope, 1e-6 * np.abs(slope).max())


@pytest.mark.oracle("normal_equations", against="the filter that made the signal")
def test_covariance_method_finds_a_noiseless_filter_exactly(agree):
    a = all_pole()
    ringing = signal.lfilter([1.0], as_filter(a), np.eye(1, 60)[0])
    c, phi = lpc.normal_equations(ringing[1:], 8)
    agree(np.linalg.solve(phi, c), a, 1e-5)


@pytest.mark.oracle("levinson_durbin", against="scipy.linalg.solve_toeplitz")
@pytest.mark.parametrize("order", [1, 2, 10, 20])
def test_predictor_by_solve_toeplitz(frame, order, agree):
    r = lpc.autocorrelation(frame, order)
    a, _, _ = lpc.levinson_durbin(r, order)
    agree(a, linalg.solve_toeplitz(r[:-1], r[1:]), 1e-8)


@pytest.mark.oracle("levinson_durbin", against="last coefficients of solve_toeplitz at each order")
def test_reflections_by_solving_every_order(frame, agree):
    r = lpc.autocorrelation(frame, 12)
    _, k, _ = lpc.levinson_durbin(r, 12)
    each = [linalg.solve_toeplitz(r[:i], r[1 : i + 1])[-1] for i in range(1, 13)]
    agree(k, each, 1e-8)


@pytest.mark.oracle("levinson_durbin", against="energy of scipy.signal.lfilter's residual")
def test_error_is_the_energy_left_over(frame, agree):
    r = lpc.autocorrelation(frame, 10)
    a, _, error = lpc.levinson_durbin(r, 10)
    left = signal.lfilter(as_filter(a), [1.0], np.append(frame, np.zeros(10)))
    agree(error, np.sum(left**2), 1e-9 * r[0])


@pytest.mark.oracle("levinson_durbin", against="librosa.lpc (Burg), on a long stationary sound")
def test_predictor_is_near_burgs(agree):
    a = all_pole([500, 1500], [100, 150])
    noise = np.random.default_rng(3).standard_normal(200_000)
    x = signal.lfilter([1.0], as_filter(a), noise)
    ours, _, _ = lpc.levinson_durbin(lpc.autocorrelation(x, 4), 4)
    agree(as_filter(ours), librosa.lpc(x, order=4), 1e-3)


@pytest.mark.oracle("reflection_coefficients", against="scipy.linalg.solve_toeplitz, every order")
@pytest.mark.parametrize("order", [1, 2, 9])
def test_step_down_by_the_autocorrelation_of_the_impulse_response(order, agree):
    rng = np.random.default_rng(order)
    poles = 0.9 * rng.uniform(0.3, 1, order // 2) * np.exp(1j * rng.uniform(0.2, 3, order // 2))
    a = -np.real(np.poly([*poles, *poles.conj(), *[0.5] * (order % 2)]))[1:]
    h = signal.lfilter([1.0], as_filter(a), np.eye(1, 4000)[0])
    r = np.correlate(h, h, mode="full")[3999 : 4000 + order]
    each = [linalg.solve_toeplitz(r[:i], r[1 : i + 1])[-1] for i in range(1, order + 1)]
    agree(lpc.reflection_coefficients(a), each, 1e-7)


@pytest.mark.oracle("reflection_coefficients", against="the roots of the polynomial")
def test_stability_is_what_the_roots_say(agree):
    rng = np.random.default_rng(5)
    says = []
    for _ in range(200):
        a = rng.uniform(-1.2, 1.2, 3)
        try:
            says.append((np.abs(lpc.reflection_coefficients(a)) < 1).all())
        except ValueError:
            says.append(False)
        says[-1] = float(says[-1]) - float(np.abs(np.roots(as_filter(a))).max() < 1)
    agree(says, np.zeros(200), 0.0)


@pytest.mark.oracle("residual", against="scipy.signal.lfilter")
@pytest.mark.parametrize("length", [1, 5, 240])
def test_residual_by_lfilter(speech, length, agree):
    a = all_pole()
    agree(
        lpc.residual(speech[:length], a),
        signal.lfilter(as_filter(a), [1.0], speech[:length]),
        1e-10,
    )


@pytest.mark.oracle("synthesis", against="scipy.signal.lfilter")
@pytest.mark.parametrize("length", [1, 5, 400])
def test_synthesis_by_lfilter(length, agree):
    e, a = np.random.default_rng(8).standard_normal(length), all_pole()
    agree(lpc.synthesis(e, a, 2.5), signal.lfilter([2.5], as_filter(a), e), 1e-9)


@pytest.mark.oracle("synthesis", against="the signal that was taken apart")
def test_synthesis_undoes_the_residual(speech, agree):
    a, gain = all_pole(), 0.7
    agree(lpc.synthesis(lpc.residual(speech, a) / gain, a, gain), speech, 1e-9)


@pytest.mark.oracle("envelope", against="scipy.signal.freqz")
@pytest.mark.parametrize("rate", [8000, 22050.0])
def test_envelope_by_freqz(frame, rate, agree):
    a, _, error = lpc.levinson_durbin(lpc.autocorrelation(frame, 10), 10)
    frequencies, h = signal.freqz(np.sqrt(error), as_filter(a), 513, fs=rate)
    agree(lpc.envelope(a, np.sqrt(error), frequencies, rate), 20 * np.log10(np.abs(h)), 1e-9)


@pytest.mark.oracle("envelope", against="the frame's own first p autocorrelations")
def test_envelope_has_the_frames_autocorrelation(frame, agree):
    r = lpc.autocorrelation(frame, 10)
    a, _, error = lpc.levinson_durbin(r, 10)
    turn = np.arange(4096) * RATE / 4096
    power = 10 ** (lpc.envelope(a, np.sqrt(error), turn, RATE) / 10)
    agree(np.fft.ifft(power).real[:11] / r[0], r / r[0], 1e-9)


@pytest.mark.oracle("formants", against="the resonators that were multiplied out")
def test_formants_of_known_resonators(agree):
    agree(lpc.formants(all_pole(), RATE), [AA, WIDTHS], 1e-6)


@pytest.mark.oracle("formants", against="peak and half-power width of scipy.signal.freqz")
def test_formant_is_where_a_narrow_resonance_peaks(agree):
    a = all_pole([1000], [40])
    f, h = signal.freqz(1.0, as_filter(a), np.arange(800, 1200, 0.05), fs=RATE)
    above = f[np.abs(h) > np.abs(h).max() / np.sqrt(2)]
    measured = [f[np.argmax(np.abs(h))], above[-1] - above[0]]
    agree(np.ravel(lpc.formants(a, RATE)), measured, 0.5)


@pytest.mark.oracle("formants", against="Peterson and Barney's averages, synthesised by lfilter")
def test_formants_measured_from_a_sounding_vowel(agree):
    pulses = (np.arange(RATE) % 80 == 0).astype(float)
    vowel = signal.lfilter([1.0], as_filter(all_pole()), pulses)
    frame = vowel[4000:4240] * np.hanning(240)
    a, _, _ = lpc.levinson_durbin(lpc.autocorrelation(frame, 8), 8)
    agree(lpc.formants(a, RATE)[0], AA, 40.0)


def test_real_poles_are_not_formants():
    a = -np.convolve(as_filter(all_pole()), [1.0, -0.9])[1:]
    assert len(lpc.formants(a, RATE)[0]) == 4
    assert [len(part) for part in lpc.formants([0.9], RATE)] == [0, 0]


BROKEN = [[], [1.0, np.nan, 2.0], [np.inf, 1.0], [[1.0, 2.0], [3.0, 4.0]]]
CALLS = {
    "autocorrelation": lambda v: lpc.autocorrelation(v, 1),
    "normal_equations": lambda v: lpc.normal_equations(v, 1),
    "levinson_durbin": lambda v: lpc.levinson_durbin(v, 1),
    "reflection_coefficients": lpc.reflection_coefficients,
    "residual of s": lambda v: lpc.residual(v, [0.5]),
    "residual by a": lambda v: lpc.residual([1.0, 2.0], v),
    "synthesis from e": lambda v: lpc.synthesis(v, [0.5], 1.0),
    "synthesis by a": lambda v: lpc.synthesis([1.0, 2.0], v, 1.0),
    "envelope of a": lambda v: lpc.envelope(v, 1.0, [100.0], RATE),
    "envelope at": lambda v: lpc.envelope([0.5], 1.0, v, RATE),
    "formants": lambda v: lpc.formants(v, RATE),
}


@pytest.mark.parametrize("values", BROKEN, ids=["empty", "NaN", "infinite", "matrix"])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_broken_vectors_are_refused_in_one_sentence(call, values):
    with pytest.raises(ValueError, match=r"^\w+ must [^.]+$"):
        call(values)


@pytest.mark.parametrize(
    "call",
    [
        lambda: lpc.autocorrelation([1.0, 2.0], 2),
        lambda: lpc.autocorrelation([1.0, 2.0], -1),
        lambda: lpc.normal_equations([1.0, 2.0], 0),
        lambda: lpc.normal_equations([1.0, 2.0], 2),
        lambda: lpc.levinson_durbin(np.zeros(9), 8),
        lambda: lpc.levinson_durbin([1.0, 0.9, -0.9], 2),
        lambda: lpc.reflection_coefficients([1.0]),
        lambda: lpc.reflection_coefficients([-1.0]),
        lambda: lpc.reflection_coefficients([2.0, 0.1]),
        lambda: lpc.synthesis([1.0], [0.5], 0.0),
        lambda: lpc.synthesis([1.0], [0.5], np.nan),
        lambda: lpc.envelope([0.5], -1.0, [100.0], RATE),
        lambda: lpc.formants([0.5], -8000),
    ],
)
def test_what_has_no_answer_is_refused(call):
    with pytest.raises(ValueError):
        call()
