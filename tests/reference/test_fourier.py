"""The references of the chapter on Fourier analysis against NumPy, SciPy, librosa and tables."""

import librosa
import numpy as np
import pytest
from scipy import integrate, linalg, optimize, signal

from autograder.reference import fourier

LENGTHS = [1, 2, 7, 16, 45]


def noise(*shape):
    return np.random.default_rng(sum(shape)).standard_normal(shape)


def complex_noise(length):
    return noise(length) + 1j * noise(length + 1)[1:]


# --- the series ---------------------------------------------------------------------------

F0 = 110.0  # Hz


def smooth(t):
    """A periodic signal of infinitely many harmonics, which soon become very weak."""
    return np.exp(np.cos(2 * np.pi * F0 * t + 0.4)) + np.sin(4 * np.pi * F0 * t)


def sampled(wave, length):
    return wave(np.arange(length) / (length * F0))


@pytest.mark.oracle("fourier_series", against="scipy.integrate.quad over a period")
def test_series_by_integration(agree):
    mean, amplitudes, phases = fourier.fourier_series(sampled(smooth, 64), 8)

    def integral(k, wave):
        return integrate.quad(
            lambda t: F0 * smooth(t) * wave(2 * np.pi * k * F0 * t), 0, 1 / F0, epsabs=1e-12
        )[0]

    even = np.array([integral(k, np.cos) for k in range(9)])
    odd = np.array([integral(k, np.sin) for k in range(9)])
    agree(mean, even[0], 1e-10)
    agree(amplitudes * np.cos(phases), 2 * even[1:], 1e-10)
    agree(amplitudes * np.sin(phases), -2 * odd[1:], 1e-10)


@pytest.mark.oracle("fourier_series", against="the signal, added up from it")
@pytest.mark.parametrize("length", [25, 64])
def test_the_series_adds_up_to_the_signal(length, agree):
    x = sampled(smooth, length)
    mean, amplitudes, phases = fourier.fourier_series(x, (length - 1) // 2)
    angle = 2 * np.pi * np.outer(np.arange(length) / length, 1 + np.arange(len(amplitudes)))
    agree(mean + np.cos(angle + phases) @ amplitudes, x, 1e-12)


@pytest.mark.oracle("fourier_series", against="the formulas of a square and a sawtooth wave")
def test_the_series_of_waves_that_books_print(agree):
    N, k = 2**16, np.arange(1, 20)
    t = (np.arange(N) + 0.5) / N  # the jumps lie between samples
    shift = np.pi * k / N
    _, amplitudes, phases = fourier.fourier_series(np.where(t < 0.5, 1.0, -1.0), 19)
    agree(amplitudes, np.where(k % 2, 4 / (np.pi * k), 0), 1e-6)
    agree(np.cos(phases + np.pi / 2 - shift)[::2], np.ones(10), 1e-9)
    _, amplitudes, phases = fourier.fourier_series(2 * t - 1, 19)
    agree(amplitudes * np.exp(1j * (phases - shift)), 2j / (np.pi * k), 1e-6)


# --- the transform ------------------------------------------------------------------------


@pytest.mark.oracle("dft", against="numpy.fft.fft")
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("make", [noise, complex_noise])
def test_dft_by_numpy(make, length, agree):
    agree(fourier.dft(make(length)), np.fft.fft(make(length)), 1e-11)


@pytest.mark.oracle("dft", against="scipy.linalg.dft")
def test_dft_by_scipys_matrix(agree):
    agree(fourier.dft(np.eye(12)[5]), linalg.dft(12)[:, 5], 1e-13)


@pytest.mark.oracle("inverse_dft", against="numpy.fft.ifft")
@pytest.mark.parametrize("length", LENGTHS)
def test_inverse_by_numpy(length, agree):
    X = complex_noise(length)
    agree(fourier.inverse_dft(X), np.fft.ifft(X), 1e-12)


@pytest.mark.oracle("inverse_dft", against="numpy.linalg.solve")
def test_inverse_solves_the_equations_of_the_transform(agree):
    X = complex_noise(9)
    matrix = np.stack([fourier.dft(unit) for unit in np.eye(9)], axis=1)
    agree(fourier.inverse_dft(X), np.linalg.solve(matrix, X), 1e-12)


@pytest.mark.oracle("fft", against="numpy.fft.fft")
@pytest.mark.parametrize("power", [0, 1, 2, 3, 6, 10, 15])
def test_fft_by_numpy(power, agree):
    x = complex_noise(2**power)
    agree(fourier.fft(x), np.fft.fft(x), 1e-9)


def test_integers_are_transformed_without_overflow():
    loud = np.full(8, 30000, dtype=np.int16)
    assert fourier.dft(loud)[0] == fourier.fft(loud)[0] == 240000


# --- convolution --------------------------------------------------------------------------


@pytest.mark.oracle("overlap_add", against="scipy.signal.oaconvolve")
@pytest.mark.parametrize("block", [1, 7, 64, 300])
@pytest.mark.parametrize("taps", [1, 5, 64, 120])
def test_overlap_add_by_scipy(block, taps, agree):
    x, h = noise(100), noise(taps)
    agree(fourier.overlap_add(x, h, block), signal.oaconvolve(x, h), 1e-11)


@pytest.mark.oracle("overlap_add", against="numpy.convolve")
def test_overlap_add_by_definition(agree):
    x, h = noise(500), noise(33)
    agree(fourier.overlap_add(x, h, 50), np.convolve(x, h), 1e-11)


# --- frames -------------------------------------------------------------------------------

FRAMES = [(64, 16), (64, 32), (45, 10), (8, 13)]  # window and hop


def scipys(window, hop):
    """SciPy's transform with frames that begin at multiples of the hop, and phases from there."""
    return signal.ShortTimeFFT(window, hop, fs=1, fft_mode="onesided", phase_shift=None)


@pytest.mark.oracle("stft", against="scipy.signal.ShortTimeFFT")
@pytest.mark.parametrize(("length", "hop"), FRAMES)
def test_stft_by_scipys_class(length, hop, agree):
    x, window = noise(400), np.hamming(length)
    X = fourier.stft(x, window, hop)
    padded = np.append(np.zeros(length), x)  # so that all of its frames can be asked for
    transform = scipys(window, 1)
    slices = transform.stft(padded, p0=length + transform.m_num_mid, p1=len(padded))
    agree(X, slices.T[::hop][: len(X)], 1e-11)


@pytest.mark.oracle("stft", against="scipy.signal.stft, its scale undone")
def test_stft_by_scipys_function(agree):
    x, window = noise(400), signal.get_window("hann", 64)
    _, _, theirs = signal.stft(
        x, window=window, nperseg=64, noverlap=48, boundary=None, padded=False
    )
    agree(fourier.stft(x, window, 16), theirs.T * window.sum(), 1e-11)


@pytest.mark.oracle("stft", against="librosa.stft, not centred")
def test_stft_by_librosa(agree):
    x, window = noise(400), signal.get_window("hann", 64)
    theirs = librosa.stft(
        x, n_fft=64, hop_length=16, window=window, center=False, dtype=np.complex128
    )
    agree(fourier.stft(x, window, 16), theirs.T, 1e-11)


@pytest.mark.oracle("inverse_stft", against="the signal that was transformed")
@pytest.mark.parametrize("shape", ["hann", "hamming", "blackman", "boxcar"])
@pytest.mark.parametrize(("length", "hop"), FRAMES[:3])
def test_the_signal_comes_back(shape, length, hop, agree):
    x, window = noise(400), signal.get_window(shape, length)
    back = fourier.inverse_stft(fourier.stft(x, window, hop), window, hop)
    inside = slice(1, len(back) - 1)  # the first value of some windows is zero
    agree(back[inside], x[: len(back)][inside], 1e-11)


@pytest.mark.oracle("inverse_stft", against="least squares over all frames")
def test_a_changed_transform_gives_the_nearest_signal(agree):
    window, hop = np.hamming(12) * np.linspace(1, 2, 12), 5
    X = fourier.stft(noise(52), window, hop)
    X *= np.random.default_rng(1).uniform(0, 1, X.shape)

    def distance(x):
        error = fourier.stft(x, window, hop) - X
        error[:, 1:-1] *= np.sqrt(2)  # each of these bins stands for two
        return np.concatenate([error.real.ravel(), error.imag.ravel()])

    nearest = optimize.least_squares(distance, np.zeros(52), xtol=1e-15, gtol=1e-15)
    agree(fourier.inverse_stft(X, window, hop), nearest.x, 1e-7)


@pytest.mark.oracle("inverse_stft", against="librosa.istft, on a changed transform")
def test_inverse_by_librosa(agree):
    window = signal.get_window("hann", 64)
    X = fourier.stft(noise(400), window, 16) * noise(22, 33)
    theirs = librosa.istft(X.T, n_fft=64, hop_length=16, window=window, center=False)
    agree(fourier.inverse_stft(X, window, 16)[16:-16], theirs[16:-16], 1e-6)


def test_what_no_window_covers_is_zero():
    window = np.array([0.0, 1.0, 2.0])
    back = fourier.inverse_stft(fourier.stft(np.arange(1.0, 9.0), window, 5), window, 5)
    assert np.allclose(back, [0, 2, 3, 0, 0, 0, 7, 8])


def test_a_long_window_that_is_nearly_zero_at_its_ends_loses_only_its_zero():
    window = signal.get_window("hann", 4096)
    x = noise(4096)
    back = fourier.inverse_stft(fourier.stft(x, window, 1024), window, 1024)
    assert back[0] == 0 and np.allclose(back[1:], x[1:], atol=1e-8)


# --- windows and peaks --------------------------------------------------------------------

# Harris (1978), table 1: highest side lobe in dB, in whole decibels.
HARRIS = {
    "boxcar": -13,
    "bartlett": -27,
    "cosine": -23,
    "hann": -32,
    "hamming": -43,
    "blackman": -58,
    "parzen": -53,
    "bohman": -46,
    "blackmanharris": -92,
    ("tukey", 0.5): -15,
    ("kaiser", 2.0 * np.pi): -46,
    ("kaiser", 2.5 * np.pi): -57,
    ("kaiser", 3.0 * np.pi): -69,
    ("chebwin", 60): -60,
}


@pytest.mark.oracle("leakage", against="Harris (1978), table 1, in whole dB")
@pytest.mark.parametrize("name", HARRIS, ids=str)
def test_leakage_as_published(name, agree):
    agree(fourier.leakage(signal.get_window(name, 511, fftbins=False)), HARRIS[name], 1.0)


@pytest.mark.oracle("leakage", against="the attenuation that a Chebyshev window was made for")
@pytest.mark.parametrize("attenuation", [50, 72.5, 100])
def test_leakage_of_windows_with_equal_side_lobes(attenuation, agree):
    agree(fourier.leakage(signal.windows.chebwin(65, attenuation)), -attenuation, 0.01)


@pytest.mark.oracle("leakage", against="Dirichlet's kernel, maximised by scipy.optimize")
@pytest.mark.parametrize("length", [8, 51])
def test_leakage_of_a_rectangle_by_its_formula(length, agree):
    def kernel(f):
        return -abs(np.sin(np.pi * f * length) / (length * np.sin(np.pi * f)))

    lobe = optimize.minimize_scalar(
        kernel, bounds=(1 / length, 2 / length), method="bounded", options={"xatol": 1e-10}
    )
    agree(fourier.leakage(np.ones(length)), 20 * np.log10(-lobe.fun), 0.01)


RATE = 8000.0


def levels(frequency, window, size, amplitude=1.0):
    x = amplitude * np.cos(2 * np.pi * frequency * np.arange(len(window)) / RATE + 0.3)
    return 20 * np.log10(np.abs(np.fft.rfft(x * window, size)) / (window.sum() / 2) + 1e-9)


@pytest.mark.oracle("interpolated_peak", against="the sinusoid, under a Gaussian window")
@pytest.mark.parametrize("frequency", [1000.0, 1003.7, 1015.6])
def test_peak_of_a_parabola_is_exact(frequency, agree):
    window = signal.windows.gaussian(512, 50)
    found = fourier.interpolated_peak(levels(frequency, window, 512, 0.5), RATE, 512)
    agree(found, [frequency, 20 * np.log10(0.5)], 1e-3)


@pytest.mark.oracle("interpolated_peak", against="the maximum over all frequencies (SciPy)")
@pytest.mark.parametrize("size", [1024, 1025])
def test_peak_of_a_hann_window_is_close(size, agree):
    window = signal.get_window("hann", 512)
    n, x = np.arange(512), np.cos(2 * np.pi * 1234.5 * np.arange(512) / RATE) * window

    def loss(f):
        return -np.abs(np.exp(-2j * np.pi * f * n / RATE) @ x) / (window.sum() / 2)

    peak = optimize.minimize_scalar(loss, bounds=(1220, 1250), method="bounded")
    found = fourier.interpolated_peak(
        20 * np.log10(np.abs(np.fft.rfft(x, size)) / (window.sum() / 2)), RATE, size
    )
    agree(found, [peak.x, 20 * np.log10(-peak.fun)], 0.1)


@pytest.mark.oracle("interpolated_peak", against="numpy.polyfit through the three levels")
def test_peak_by_polyfit(agree):
    given = levels(700.0, np.hamming(200), 256)
    k = int(np.argmax(given))
    fit = np.poly1d(np.polyfit([k - 1, k, k + 1], given[k - 1 : k + 2], 2))
    top = fit.deriv().roots[0]
    agree(fourier.interpolated_peak(given, RATE, 256), [top * RATE / 256, fit(top)], 1e-6)


# --- bad input ----------------------------------------------------------------------------

BROKEN = [[], [1.0, np.nan, 2.0], [np.inf, 1.0], [[[1.0]]]]
CALLS = {
    "fourier_series": lambda v: fourier.fourier_series(v, 1),
    "dft": fourier.dft,
    "inverse_dft": fourier.inverse_dft,
    "fft": fourier.fft,
    "overlap_add of x": lambda v: fourier.overlap_add(v, [1.0], 4),
    "overlap_add with h": lambda v: fourier.overlap_add([1.0], v, 4),
    "stft of x": lambda v: fourier.stft(v, [1.0], 1),
    "stft with window": lambda v: fourier.stft([1.0, 2.0], v, 1),
    "inverse_stft of X": lambda v: fourier.inverse_stft(np.atleast_2d(v), [1.0, 1.0, 1.0], 1),
    "inverse_stft with window": lambda v: fourier.inverse_stft([[1.0, 0.0]], v, 1),
    "leakage": fourier.leakage,
    "interpolated_peak": lambda v: fourier.interpolated_peak(v, RATE, 4),
}


@pytest.mark.parametrize("values", BROKEN, ids=["empty", "NaN", "infinite", "three axes"])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_broken_arrays_are_refused_in_one_sentence(call, values):
    with pytest.raises(ValueError, match=r"^\w+ must [^.]+$"):
        call(values)


@pytest.mark.parametrize(
    "call",
    [
        lambda: fourier.fourier_series(np.ones(8), 0),
        lambda: fourier.fourier_series(np.ones(8), 4),
        lambda: fourier.fourier_series(np.ones(7), 4),
        lambda: fourier.fft(np.ones(3)),
        lambda: fourier.fft(np.ones(12)),
        lambda: fourier.overlap_add([1.0], [1.0], 0),
        lambda: fourier.stft(np.ones(8), np.ones(9), 1),
        lambda: fourier.stft(np.ones(8), np.ones(4), 0),
        lambda: fourier.inverse_stft(np.ones((3, 4)), np.ones(8), 2),
        lambda: fourier.inverse_stft(np.ones((3, 5)), np.ones(8), 0),
        lambda: fourier.inverse_stft(np.ones((3, 5)), np.zeros(8), 2),
        lambda: fourier.leakage(np.zeros(8)),
        lambda: fourier.leakage([1.0, -1.0]),
        lambda: fourier.leakage([1.0]),
        lambda: fourier.leakage([1.0, 1.0]),
        lambda: fourier.interpolated_peak([1.0, 0.0, 0.0], RATE, 4),
        lambda: fourier.interpolated_peak([0.0, 0.0, 1.0], RATE, 4),
        lambda: fourier.interpolated_peak([0.0, 1.0, 0.0], 0.0, 4),
        lambda: fourier.interpolated_peak([0.0, 1.0, 0.0], RATE, 6),
    ],
)
def test_what_has_no_answer_is_refused(call):
    with pytest.raises(ValueError, match=r"^[^.]+$"):
        call()
