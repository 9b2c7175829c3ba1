"""The references of the chapter on sampling against SciPy, librosa, identities and G.711."""

import librosa
import numpy as np
import pytest
from scipy import integrate, interpolate, signal

from autograder.reference import sampling

RATE = 8000.0

# Output values of the mu-law decoder of G.711, table 2a: the first value of each of its eight
# segments and the step inside it, on a scale whose end is 8159. Each segment has 16 values.
SEGMENTS = (
    (0, 2),
    (33, 4),
    (99, 8),
    (231, 16),
    (495, 32),
    (1023, 64),
    (2079, 128),
    (4191, 256),
)
G711 = np.array([first + step * m for first, step in SEGMENTS for m in range(16)])
# The same table's values where the segments meet. (A curve of mu = 255 needs 8160 as its end.)
ENDS = np.array([0, 31, 95, 223, 479, 991, 2015, 4063, 8159])


@pytest.fixture
def rng():
    return np.random.default_rng(33)


# --- sinusoids ----------------------------------------------------------------------------


@pytest.mark.oracle("sampled_sinusoid", against="its differential equation, solved by SciPy")
def test_sinusoid_by_its_differential_equation(agree):
    A, f, phase = 1.7, 30.0, 0.8
    omega = 2 * np.pi * f
    start = [A * np.cos(phase), -A * omega * np.sin(phase)]
    times = np.arange(20) / 400
    solved = integrate.solve_ivp(
        lambda t, y: [y[1], -(omega**2) * y[0]],
        (0, times[-1]),
        start,
        t_eval=times,
        method="DOP853",
        rtol=1e-11,
        atol=1e-11,
    )
    agree(sampling.sampled_sinusoid(A, f, phase, 400, 20), solved.y[0], 1e-7)


@pytest.mark.oracle("sampled_sinusoid", against="2 cos(w) x[n-1] - x[n-2]")
@pytest.mark.parametrize("frequency", [440.0, 3999.0, 5000.0, -700.0])
def test_sinusoid_by_its_recursion(frequency, agree):
    x = sampling.sampled_sinusoid(0.3, frequency, -1.1, RATE, 200)
    w = 2 * np.pi * frequency / RATE
    agree(x[2:], 2 * np.cos(w) * x[1:-1] - x[:-2], 1e-9)
    assert np.isclose(x[0], 0.3 * np.cos(1.1))


@pytest.mark.oracle("alias_frequency", against="the samples of both sinusoids")
@pytest.mark.parametrize("frequency", [0, 1000, 4000, 4001, 7000, 8000, 9100, -300, -4500, 61234.5])
def test_alias_has_the_same_samples(frequency, agree):
    alias, phase = sampling.alias_frequency(frequency, 0.7, RATE)
    assert 0 <= alias <= RATE / 2
    n = np.arange(50)
    turns = (n * (frequency / RATE)) % 1  # whole turns away before the cosine, for its digits
    agree(np.cos(2 * np.pi * alias * n / RATE + phase), np.cos(2 * np.pi * turns + 0.7), 1e-9)


@pytest.mark.oracle("alias_frequency", against="the highest line of a spectrum (numpy.fft)")
@pytest.mark.parametrize("frequency", [625.0, 5000.0, 11000.0, -2500.0, 83125.0])
def test_alias_is_where_the_spectrum_has_its_line(frequency, agree):
    x = np.cos(2 * np.pi * frequency * np.arange(64) / RATE + 0.4)
    spectrum = np.fft.rfft(x)
    line = np.argmax(np.abs(spectrum))
    alias, phase = sampling.alias_frequency(frequency, 0.4, RATE)
    agree(alias, line * RATE / 64, 1e-9)
    agree(phase, np.angle(spectrum[line]), 1e-9)


def test_a_wheel_that_turns_backwards():
    """23 turns a second on 24 frames a second look like one turn a second, backwards."""
    alias, phase = sampling.alias_frequency(23.0, 0.5, 24.0)
    assert (alias, phase) == (1.0, -0.5)


# --- reconstruction and decimation --------------------------------------------------------


@pytest.mark.oracle("reconstruct", against="the mean of cos(pi u v) over v, by scipy.integrate")
def test_reconstruction_by_integrals(rng, agree):
    x, times = rng.standard_normal(5), np.array([-0.3, 0.0, 0.2, 1.7, 3.5, 6.1]) / RATE

    def pulse(u):
        return integrate.quad(lambda v: np.cos(np.pi * u * v), 0, 1, epsabs=1e-12)[0]

    whole = [sum(x[n] * pulse(RATE * t - n) for n in range(5)) for t in times]
    agree(sampling.reconstruct(x, RATE, times), whole, 1e-10)


@pytest.mark.oracle("reconstruct", against="scipy.signal.resample (zeros in the spectrum)")
def test_reconstruction_by_resample(rng, agree):
    """A pulse in the middle of long silence: the repeats that resample assumes are far away."""
    band = signal.firwin(101, 0.5)
    x = np.pad(np.convolve(rng.standard_normal(30), band), 400)
    dense = signal.resample(x, 4 * len(x))
    times = np.arange(4 * len(x)) / (4 * RATE)
    agree(sampling.reconstruct(x, RATE, times), dense, 1e-5 * np.abs(x).max())


@pytest.mark.oracle("reconstruct", against="the sinusoid that was sampled")
def test_reconstruction_of_a_long_sinusoid(agree):
    n = np.arange(-4000, 4001)
    x = np.cos(2 * np.pi * 900 * n / RATE + 0.3) * np.sinc(n / 2000)  # faded; 2 Hz wide
    times = np.linspace(-0.004, 0.004, 41)
    between = np.cos(2 * np.pi * 900 * times + 0.3) * np.sinc(times * RATE / 2000)
    agree(sampling.reconstruct(x, RATE, times + 4000 / RATE), between, 1e-5)


def test_reconstruction_goes_through_the_samples(rng):
    x = rng.standard_normal(20)
    assert np.allclose(sampling.reconstruct(x, RATE, np.arange(20) / RATE), x)


@pytest.mark.oracle("decimate", against="scipy.signal.firwin and resample_poly")
@pytest.mark.parametrize(
    ("count", "factor", "half_width"), [(400, 2, 20), (401, 3, 30), (97, 5, 7), (30, 4, 40)]
)
def test_decimation_by_resample_poly(rng, count, factor, half_width, agree):
    x = rng.standard_normal(count)
    taps = signal.firwin(2 * half_width + 1, 1 / factor, window="hamming")
    theirs = signal.resample_poly(x, 1, factor, window=taps)
    agree(sampling.decimate(x, factor, half_width), theirs, 1e-12)


@pytest.mark.oracle("decimate", against="scipy.signal.decimate (ftype='fir', zero phase)")
def test_decimation_by_decimate(rng, agree):
    x = rng.standard_normal(500)
    theirs = signal.decimate(x, 4, n=80, ftype="fir")
    agree(sampling.decimate(x, 4, 40), theirs, 1e-12)


def test_decimation_keeps_what_fits_and_removes_what_does_not():
    n = np.arange(4000)
    low, high = (np.cos(2 * np.pi * f * n / RATE) for f in (300, 3300))
    kept = sampling.decimate(low, 4, 60)[50:-50]
    assert np.allclose(kept, low[::4][50:-50], atol=5e-3)
    assert np.abs(sampling.decimate(high, 4, 60)[50:-50]).max() < 5e-3


# --- quantisers ---------------------------------------------------------------------------


@pytest.mark.oracle("uniform_quantise", against="the nearest of all levels")
@pytest.mark.parametrize("bits", [1, 2, 5, 8])
def test_uniform_quantiser_by_nearest_neighbour(rng, bits, agree):
    x = 0.7 * rng.standard_normal(500)
    middles = (2 * np.arange(2**bits) + 1) / 2**bits - 1
    nearest = interpolate.interp1d(
        middles, middles, kind="nearest", bounds_error=False, fill_value=(middles[0], middles[-1])
    )
    agree(sampling.uniform_quantise(x, bits), nearest(x), 1e-12)


def test_borders_of_the_uniform_quantiser():
    found = sampling.uniform_quantise([-2, -1, -0.5, 0, 0.5, 0.99, 1, 7], 2)
    assert found.tolist() == [-0.75, -0.75, -0.25, 0.25, 0.75, 0.75, 0.75, 0.75]


@pytest.mark.oracle("sqnr", against="6.02 bits + 1.76 dB, for a sine at full scale")
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_six_decibels_a_bit(bits, agree):
    """The law takes the noise to be spread evenly over a step; near its peaks a sine's is not."""
    sine = (1 - 2.0**-bits) * np.sin(2 * np.pi * 0.1234567 * np.arange(200_000))
    ratio = sampling.sqnr(sine, sampling.uniform_quantise(sine, bits))
    agree(ratio, 6.0206 * bits + 1.7609, 0.1)


@pytest.mark.oracle("sqnr", against="12 over the square of a step, for evenly spread samples")
@pytest.mark.parametrize("bits", [2, 6, 10])
def test_noise_of_a_step(rng, bits, agree):
    x = rng.uniform(-1, 1, 400_000)
    step = 2 / 2**bits
    ratio = sampling.sqnr(x, sampling.uniform_quantise(x, bits))
    agree(ratio, 10 * np.log10(np.mean(x**2) / (step**2 / 12)), 0.05)


@pytest.mark.oracle("sqnr", against="levels of scipy.signal.periodogram (Parseval)")
def test_ratio_by_spectra(rng, agree):
    x = rng.standard_normal(256)
    y = x + 0.1 * rng.standard_normal(256)
    power = [
        np.sum(signal.periodogram(part, detrend=False, return_onesided=False)[1])
        for part in (x, y - x)
    ]
    agree(sampling.sqnr(x, y), 10 * np.log10(power[0] / power[1]), 1e-9)


# --- mu-law -------------------------------------------------------------------------------


@pytest.mark.oracle("mu_law", against="librosa.mu_compress, and the nearest of 256 values")
@pytest.mark.parametrize("classes", [256, 64, 17])
def test_classes_by_librosa(rng, classes, agree):
    x = rng.uniform(-1, 1, 3000) ** 3
    compressed = librosa.mu_compress(x, mu=classes - 1, quantize=False)
    values = np.linspace(-1, 1, classes)
    nearest = np.argmin(np.abs(compressed[:, None] - values), axis=1)
    agree(sampling.mu_law(x, classes), nearest, 0)


@pytest.mark.oracle("mu_law", against="the ends of the segments of G.711")
def test_segments_of_the_standard_are_equally_long_when_compressed(agree):
    """Up to its rounding (31 for 32), the standard's curve is the mu-law where segments meet."""
    up = sampling.mu_law(ENDS / 8159)
    agree(up, np.floor(127.5 * (1 + np.arange(9) / 8) + 0.5), 0)
    agree(sampling.mu_law(-ENDS[1:] / 8159), 255 - up[1:], 0)


@pytest.mark.oracle("mu_law", against="the decoder's values in table 2a of G.711")
def test_classes_of_the_values_of_the_standard(agree):
    """A chord under the logarithm is at most 0.086 of a segment away: 1.4 of our classes."""
    agree(sampling.mu_law(G711 / 8159), 128 + np.arange(128), 2)


@pytest.mark.oracle("mu_law_inverse", against="the decoder's values in table 2a of G.711")
def test_samples_are_those_of_the_standard(agree):
    """The curve doubles x + 32 in each segment, the standard goes straight: (1 + p) / 2^p < 1.062.

    Value number j of the standard lies in the middle of a step, (j + 1/2) / 128 of the way up; our
    class lies (j + 1/2) / 127.5 of it.
    """
    number = (np.arange(128) + 0.5) * 128 / 127.5 - 0.5
    theirs = np.interp(number, np.append(np.arange(128), 127.5), np.append(G711, 8159))
    ours = 8159 * sampling.mu_law_inverse(np.arange(128, 256))
    agree((ours + 32) / (theirs + 32), np.ones(128), 0.062)


@pytest.mark.oracle("mu_law_inverse", against="librosa.mu_expand")
@pytest.mark.parametrize("classes", [256, 64, 17, 2])
def test_samples_by_librosa(classes, agree):
    c = np.arange(classes)
    theirs = librosa.mu_expand(np.linspace(-1, 1, classes), mu=classes - 1, quantize=False)
    agree(sampling.mu_law_inverse(c, classes), theirs, 1e-12)


@pytest.mark.parametrize("classes", [2, 16, 255, 256])
def test_every_class_comes_back(classes):
    c = np.arange(classes)
    assert np.array_equal(sampling.mu_law(sampling.mu_law_inverse(c, classes), classes), c)


def test_silence_and_full_scale():
    assert sampling.mu_law([0, 1, -1, 3, -3]).tolist() == [128, 255, 0, 255, 0]
    assert np.allclose(sampling.mu_law_inverse([0, 255]), [-1, 1])


def test_mu_law_keeps_its_ratio_where_the_uniform_one_loses_twenty_decibels(rng):
    loud = rng.laplace(scale=0.1, size=50_000).clip(-1, 1)
    ratios = [
        (
            sampling.sqnr(x, sampling.mu_law_inverse(sampling.mu_law(x))),
            sampling.sqnr(x, sampling.uniform_quantise(x, 8)),
        )
        for x in (loud, 0.1 * loud)
    ]
    companded, uniform = np.subtract(*ratios)
    assert 0 < companded < 3
    assert 19 < uniform < 21


# --- bad input ----------------------------------------------------------------------------

BAD = [
    lambda: sampling.sampled_sinusoid(1, 100, 0, 0, 5),
    lambda: sampling.sampled_sinusoid(1, np.nan, 0, 8000, 5),
    lambda: sampling.sampled_sinusoid(1, 100, 0, 8000, 0),
    lambda: sampling.alias_frequency(100, 0, 0),
    lambda: sampling.alias_frequency(np.inf, 0, 8000),
    lambda: sampling.reconstruct([], 8000, [0]),
    lambda: sampling.reconstruct([1], 8000, []),
    lambda: sampling.reconstruct([1], 0, [0]),
    lambda: sampling.decimate([1, np.nan], 2, 4),
    lambda: sampling.decimate([1, 2], 0, 4),
    lambda: sampling.decimate([1, 2], 1.5, 4),
    lambda: sampling.decimate([1, 2], 2, 0),
    lambda: sampling.uniform_quantise([0.5], 0),
    lambda: sampling.uniform_quantise([[0.5]], 8),
    lambda: sampling.sqnr([1, 2], [1]),
    lambda: sampling.sqnr([0, 0], [1, 1]),
    lambda: sampling.sqnr([1, 2], [1, 2]),
    lambda: sampling.mu_law([0.5], 1),
    lambda: sampling.mu_law([np.nan]),
    lambda: sampling.mu_law_inverse([256]),
    lambda: sampling.mu_law_inverse([-1]),
    lambda: sampling.mu_law_inverse([0.5]),
    lambda: sampling.mu_law_inverse([]),
]


@pytest.mark.parametrize("call", BAD, ids=range(len(BAD)))
def test_what_has_no_answer_is_refused_in_one_sentence(call):
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        call()
