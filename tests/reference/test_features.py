"""The references of the chapter on features against librosa, SciPy and numbers worked by hand."""

import librosa
import numpy as np
import pytest
from scipy import fft, ndimage, signal, stats
from scipy.spatial.distance import cosine

from autograder.reference import features

RATE = 16000


@pytest.fixture
def sound():
    """A second of two notes, each with harmonics and noise, the second one from the middle on."""
    rng, t = np.random.default_rng(30), np.arange(RATE) / RATE
    first = sum(np.sin(2 * np.pi * 220 * h * t) / h for h in range(1, 12))
    second = sum(np.sin(2 * np.pi * 340 * h * t) / h**0.5 for h in range(1, 9)) * (t > 0.5)
    return first + second + 0.05 * rng.standard_normal(RATE)


@pytest.fixture
def spectra(sound):
    """Magnitudes of its frames, (257, frames)."""
    return np.abs(librosa.stft(sound, n_fft=512, hop_length=160, center=False))


GRID = np.linspace(0, RATE / 2, 257)


@pytest.mark.oracle("spectral_centroid", against="librosa.feature.spectral_centroid of powers")
def test_centroid_by_librosa(spectra, agree):
    theirs = librosa.feature.spectral_centroid(S=spectra**2, freq=GRID)[0]
    agree([features.spectral_centroid(frame, GRID) for frame in spectra.T], theirs, 1e-8)


@pytest.mark.oracle("spectral_centroid", against="the mean of samples drawn from the spectrum")
def test_centroid_is_the_mean_of_a_distribution(agree):
    magnitude = np.array([1.0, 2.0, 1.0, 3.0])
    drawn = np.repeat([100.0, 200.0, 300.0, 400.0], [1, 4, 1, 9])
    agree(features.spectral_centroid(magnitude, [100, 200, 300, 400]), drawn.mean(), 1e-10)
    agree(features.spectral_spread(magnitude, [100, 200, 300, 400]), drawn.std(), 1e-10)


@pytest.mark.oracle("spectral_spread", against="librosa.feature.spectral_bandwidth of powers")
def test_spread_by_librosa(spectra, agree):
    theirs = librosa.feature.spectral_bandwidth(S=spectra**2, freq=GRID)[0]
    agree([features.spectral_spread(frame, GRID) for frame in spectra.T], theirs, 1e-7)


@pytest.mark.oracle("band_flatness", against="librosa.feature.spectral_flatness, band by band")
def test_flatness_by_librosa(spectra, agree):
    bands = [[1, 12], [13, 60], [50, 256]]
    ours = [features.band_flatness(frame, bands)[0] for frame in spectra.T]
    theirs = [
        librosa.feature.spectral_flatness(S=spectra[a : b + 1], amin=1e-30)[0] for a, b in bands
    ]
    agree(ours, np.transpose(theirs), 1e-9)


@pytest.mark.oracle("band_flatness", against="scipy.stats.gmean over the mean, and by hand")
def test_flatness_by_scipy_and_by_hand(agree):
    power = np.random.default_rng(1).uniform(0.1, 9, 30)
    flatness, overall = features.band_flatness(np.sqrt(power), [[0, 29], [4, 9]])
    theirs = [stats.gmean(p) / np.mean(p) for p in (power, power[4:10])]
    agree([*flatness, overall], [*theirs, np.mean(theirs)], 1e-12)
    # powers 1 and 4: geometric mean 2, arithmetic mean 2.5 (and harmonic mean 1.6, as misprinted)
    agree(features.band_flatness([1, 2], [[0, 1]])[0], [0.8], 1e-12)


def test_flatness_of_noise_is_what_the_theory_says():
    power = np.random.default_rng(2).exponential(size=200_000)  # of white noise
    (flatness,), _ = features.band_flatness(np.sqrt(power), [[0, len(power) - 1]])
    assert abs(flatness - np.exp(-np.euler_gamma)) < 0.005


@pytest.mark.oracle("harmonic_centroid_spread", against="moments of a list with repeated values")
def test_harmonics_by_repetition(agree):
    frequencies, amplitudes = [600.0, 210.0, 405.0], [2, 5, 3]
    listed = np.repeat(frequencies, amplitudes)
    ours = features.harmonic_centroid_spread(frequencies, amplitudes)
    agree(ours, [listed.mean(), listed.std()], 1e-10)


@pytest.mark.oracle("harmonic_centroid_spread", against="two harmonics, by hand")
def test_two_harmonics_by_hand(agree):
    # a quarter of the way up, and half the distance times 2 sqrt(3/4 * 1/4)
    agree(features.harmonic_centroid_spread([200, 400], [3, 1]), [250, 50 * np.sqrt(3)], 1e-10)


@pytest.mark.oracle("spectral_flux", against="scipy's cosine distance, doubled")
def test_flux_is_twice_the_cosine_distance(spectra, agree):
    pairs = zip(spectra.T[:-1], spectra.T[1:], strict=True)
    agree(features.spectral_flux(spectra), [0, *(2 * cosine(a, b) for a, b in pairs)], 1e-10)


@pytest.mark.oracle("spectral_flux", against="orthogonal spectra, by hand")
def test_flux_of_spectra_without_a_common_bin_is_two(agree):
    agree(features.spectral_flux([[3, 0, 0, 0], [0, 5, 10, 0]]), [0, 2, 0, 1], 1e-12)


@pytest.mark.oracle("zero_crossing_rate", against="librosa.zero_crossings")
def test_crossings_by_librosa(sound, agree):
    for x in (sound, np.array([1.0, 0.0, -1.0, 0.0, 2.0, -3.0])):
        count = librosa.zero_crossings(x, pad=False, threshold=0).sum()
        agree(features.zero_crossing_rate(x, RATE), count * RATE / (len(x) - 1), 1e-9)


@pytest.mark.oracle("zero_crossing_rate", against="twice the frequency of a sinusoid")
def test_a_sinusoid_crosses_twice_a_period(agree):
    x = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE + 0.1)
    agree(features.zero_crossing_rate(x, RATE), 880, 1.0)


@pytest.mark.oracle("real_cepstrum", against="the closed form of an echo")
def test_cepstrum_of_an_echo(agree):
    # 1 + a z^-d has the complex cepstrum -(-a)^m / m at m d; the real one is its even part
    a, d, N = 0.5, 20, 1024
    x = np.zeros(N)
    x[0], x[d] = 1, a
    expected = np.zeros(N)
    for m in range(1, N // d):
        expected[m * d] += -((-a) ** m) / m / 2
        expected[-m * d] += -((-a) ** m) / m / 2
    agree(features.real_cepstrum(x), expected, 1e-10)


@pytest.mark.oracle("real_cepstrum", against="the poles of a resonator")
def test_cepstrum_of_a_resonator_is_its_poles_powers(agree):
    N, pole = 2048, 0.9 * np.exp(1j * 0.7)
    h = signal.lfilter([1], np.real(np.poly([pole, pole.conj()])), np.eye(1, N)[0])
    n = np.arange(1, 200)
    agree(features.real_cepstrum(h)[1:200], np.real(pole**n) / n, 1e-9)


@pytest.mark.oracle("cepstral_envelope", against="the spectrum that has no higher quefrencies")
def test_envelope_of_a_smooth_spectrum_is_the_spectrum(agree):
    k = 2 * np.pi * np.arange(256) / 256
    smooth = 1.2 + 0.7 * np.cos(k) - 0.4 * np.cos(3 * k)
    c = np.fft.ifft(smooth).real
    agree(features.cepstral_envelope(c, 10), smooth, 1e-12)


@pytest.mark.oracle("cepstral_envelope", against="the logarithm of the spectrum itself, N_1 = N/2")
def test_with_all_quefrencies_the_envelope_is_the_spectrum(sound, agree):
    frame = sound[:512] * np.hanning(512)
    level = np.log(np.abs(np.fft.fft(frame)))
    c = features.real_cepstrum(frame)
    agree(features.cepstral_envelope(c, 256), level, 1e-10)


@pytest.mark.oracle("cepstral_envelope", against="scipy.ndimage.convolve1d of the log spectrum")
def test_liftering_is_a_smoothing_of_the_log_spectrum(sound, agree):
    frame, cutoff = sound[:512] * np.hanning(512), 30
    level = np.log(np.abs(np.fft.fft(frame)))
    window = np.zeros(512)
    window[: cutoff + 1] = [1, *[2] * (cutoff - 1), 1]
    even = (window + window[(-np.arange(512)) % 512]) / 2  # what stands on both halves
    kernel = np.fft.fftshift(np.fft.ifft(even).real)
    smoothed = ndimage.convolve1d(level, kernel, mode="wrap")
    agree(features.cepstral_envelope(features.real_cepstrum(frame), cutoff), smoothed, 1e-10)


@pytest.mark.oracle("mel_filterbank", against="librosa.filters.mel(htk=True, norm='slaney')")
@pytest.mark.parametrize(("bands", "size", "rate", "low", "high"), [(40, 512, 16000, 20, 7600),
                         (12, 301, 8000, 0, 4000), (1, 64, 22050, 300, 5000)])  # fmt: skip
def test_filterbank_by_librosa(bands, size, rate, low, high, agree):
    theirs = librosa.filters.mel(
        sr=rate, n_fft=size, n_mels=bands, fmin=low, fmax=high, htk=True, norm="slaney"
    )
    agree(features.mel_filterbank(bands, size, rate, low, high), theirs, 1e-8)


@pytest.mark.oracle("mel_filterbank", against="the area 1 of a triangle 2/d high and d wide")
def test_triangles_have_the_area_one(agree):
    bank = features.mel_filterbank(20, 2**16, RATE, 100, 7000)
    agree(bank.sum(axis=1) * RATE / 2**16, np.ones(20), 1e-4)


@pytest.mark.oracle("dct", against="scipy.fft.dct, unscaled and orthonormal")
@pytest.mark.parametrize("length", [1, 2, 13, 40])
def test_dct_by_scipy(length, agree):
    x = np.random.default_rng(length).standard_normal(length)
    ours = features.dct(x)
    agree(ours, fft.dct(x) / np.sqrt(2 * length), 1e-11)
    orthonormal = fft.dct(x, norm="ortho")
    agree(ours, np.append(np.sqrt(2) * orthonormal[0], orthonormal[1:]), 1e-11)


@pytest.mark.oracle("dct", against="energy, which only the orthonormal scale keeps")
def test_what_the_scale_does_to_the_first_coefficient(agree):
    x = np.random.default_rng(3).standard_normal(16)
    X = features.dct(x)
    agree(np.sum(x**2), np.sum(X**2) - X[0] ** 2 / 2, 1e-12)


@pytest.mark.oracle("mfcc", against="librosa.feature.mfcc, its c[0] times the root of 2")
def test_mfcc_by_librosa(spectra, agree):
    kwargs = {"n_fft": 512, "n_mels": 26, "fmin": 0, "fmax": 8000, "htk": True, "norm": "slaney"}
    bank = librosa.filters.mel(sr=RATE, dtype=float, **kwargs)
    levels = librosa.power_to_db(bank @ spectra**2, amin=1e-10, top_db=None)
    theirs = librosa.feature.mfcc(S=levels, n_mfcc=13, dct_type=2, norm="ortho")
    theirs[0] *= np.sqrt(2)
    ours = features.mfcc(spectra, features.mel_filterbank(26, 512, RATE, 0, 8000), 13)
    agree(ours, theirs, 1e-9)


@pytest.mark.oracle("mfcc", against="one band and one frame, by hand")
def test_one_coefficient_by_hand(agree):
    # magnitudes 3 and 1 with weights 1 and 1: a power of 10, 10 dB, times sqrt(2/1)
    agree(features.mfcc([[3], [1]], [[1, 1]], 1), [[10 * np.sqrt(2)]], 1e-12)
    agree(features.mfcc([[0], [0]], [[1, 1]], 1, 1e-4), [[-40 * np.sqrt(2)]], 1e-12)


@pytest.mark.oracle("novelty", against="librosa.onset.onset_strength and scipy.ndimage")
def test_novelty_by_librosa(spectra, agree):
    compressed = np.log1p(10 * spectra)
    rises = len(spectra) * librosa.onset.onset_strength(
        S=compressed, lag=1, max_size=1, center=False, detrend=False, aggregate=np.mean
    )
    average = ndimage.uniform_filter1d(rises.astype(float), 11, mode="constant")
    agree(features.novelty(spectra, 10, 5), np.maximum(rises - average, 0), 1e-9)


@pytest.mark.oracle("novelty", against="three frames, by hand")
def test_novelty_by_hand(agree):
    # gamma = 1: ln 1, ln 2, ln 4 in one bin, and a fall in the other, which does not count
    magnitude = [[0, 1, 3], [5, 5, 0]]
    agree(features.novelty(magnitude, 1, 0), [0, 0, 0], 1e-12)
    average = np.array([np.log(2), 2 * np.log(2), 2 * np.log(2)]) / 3
    expected = np.maximum([0, np.log(2), np.log(2)] - average, 0)
    agree(features.novelty(magnitude, 1, 1), expected, 1e-12)


@pytest.mark.oracle("tempo_histogram", against="librosa.autocorrelate and scipy.signal.find_peaks")
def test_tempi_by_librosa_and_scipy(agree):
    rng = np.random.default_rng(6)
    v = rng.uniform(0, 1, 400) + (np.arange(400) % 31 < 3)
    r = librosa.autocorrelate(v - v.mean())
    lags, _ = signal.find_peaks(r, height=0)
    edges = np.linspace(31.7, 301.3, 12)
    theirs, _, _ = stats.binned_statistic(60 * 50 / lags, r[lags] / r[0], "sum", edges)
    agree(features.tempo_histogram(v, 50, edges), theirs, 1e-10)


@pytest.mark.oracle("tempo_histogram", against="pulses, by hand")
def test_tempi_of_pulses_by_hand(agree):
    # 1, -1, 1, -1, 1, -1 about the mean: r = 6, -5, 4, -3, 2, -1; lags 2 and 4 of 4 a second
    v = [3, 1, 3, 1, 3, 1]
    agree(features.tempo_histogram(v, 4, [50, 70, 110, 130]), [1 / 3, 0, 2 / 3], 1e-12)


BROKEN = [[], [1.0, np.nan, 2.0], [np.inf, 1.0], [[[1.0]]]]
BANK = np.ones((2, 2))
CALLS = {
    "spectral_centroid": lambda v: features.spectral_centroid(v, v),
    "spectral_centroid at": lambda v: features.spectral_centroid([1.0, 2.0], v),
    "spectral_spread": lambda v: features.spectral_spread(v, v),
    "band_flatness": lambda v: features.band_flatness(v, [[0, 1]]),
    "band_flatness of bands": lambda v: features.band_flatness([1.0, 2.0], v),
    "harmonic_centroid_spread": lambda v: features.harmonic_centroid_spread([1.0, 2.0], v),
    "spectral_flux": features.spectral_flux,
    "zero_crossing_rate": lambda v: features.zero_crossing_rate(v, RATE),
    "real_cepstrum": features.real_cepstrum,
    "cepstral_envelope": lambda v: features.cepstral_envelope(v, 1),
    "dct": features.dct,
    "mfcc": lambda v: features.mfcc(v, BANK, 1),
    "mfcc by filterbank": lambda v: features.mfcc(BANK, v, 1),
    "novelty": lambda v: features.novelty(v, 1.0, 0),
    "tempo_histogram": lambda v: features.tempo_histogram(v, 10.0, [30, 60]),
    "tempo_histogram in bins": lambda v: features.tempo_histogram([1.0, 0.0, 1.0], 10.0, v),
}


@pytest.mark.parametrize("values", BROKEN, ids=["empty", "NaN", "infinite", "three dimensions"])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_broken_arrays_are_refused_in_one_sentence(call, values):
    with pytest.raises(ValueError, match=r"^\w+ must [^.]+$"):
        call(values)


@pytest.mark.parametrize(
    "call",
    [
        lambda: features.spectral_centroid(np.zeros(4), np.arange(4)),
        lambda: features.spectral_centroid([1, -1], [1, 2]),
        lambda: features.spectral_centroid([1, 1, 1], [1, 2]),
        lambda: features.spectral_spread(np.zeros(4), np.arange(4)),
        lambda: features.spectral_spread([1, 1, 1], [1, 2]),
        lambda: features.band_flatness([1, 0, 0], [[1, 2]]),
        lambda: features.band_flatness([1, 1, 1], [[1, 3]]),
        lambda: features.band_flatness([1, 1, 1], [[-1, 1]]),
        lambda: features.band_flatness([1, 1, 1], [[2, 1]]),
        lambda: features.harmonic_centroid_spread([1, 2], [0, 0]),
        lambda: features.harmonic_centroid_spread([1, 2], [1, 1, 1]),
        lambda: features.spectral_flux([[1, -1]]),
        lambda: features.zero_crossing_rate([1.0], RATE),
        lambda: features.zero_crossing_rate([1.0, -1.0], 0),
        lambda: features.real_cepstrum(np.zeros(8)),
        lambda: features.real_cepstrum([1.0, 1.0]),
        lambda: features.cepstral_envelope(np.ones(8), 0),
        lambda: features.cepstral_envelope(np.ones(8), 5),
        lambda: features.mel_filterbank(0, 512, RATE, 0, 8000),
        lambda: features.mel_filterbank(10, 1, RATE, 0, 8000),
        lambda: features.mel_filterbank(10, 512, RATE, 0, 8001),
        lambda: features.mel_filterbank(10, 512, RATE, -1, 8000),
        lambda: features.mel_filterbank(10, 512, RATE, 500, 500),
        lambda: features.mel_filterbank(10, 512, np.inf, 0, 8000),
        lambda: features.mel_filterbank(10, 512, 0, 0, 0),
        lambda: features.mel_filterbank(200, 512, RATE, 0, 8000),
        lambda: features.mfcc(np.ones((3, 2)), BANK, 1),
        lambda: features.mfcc(BANK, BANK, 3),
        lambda: features.mfcc(BANK, BANK, 0),
        lambda: features.mfcc(BANK, BANK, 1, 0.0),
        lambda: features.mfcc(-BANK, BANK, 1),
        lambda: features.novelty(BANK, 0.0, 0),
        lambda: features.novelty(BANK, 1.0, 1),
        lambda: features.novelty(BANK, 1.0, -1),
        lambda: features.tempo_histogram(np.zeros(9), 10, [30, 60]),
        lambda: features.tempo_histogram(np.full(9, 0.1), 10, [30, 60]),
        lambda: features.tempo_histogram(np.arange(9), 0, [30, 60]),
        lambda: features.tempo_histogram(np.arange(9), 10, [60, 30]),
        lambda: features.tempo_histogram(np.arange(9), 10, [0, 30]),
        lambda: features.tempo_histogram(np.arange(9), 10, [30]),
    ],
)
def test_what_has_no_answer_is_refused(call):
    with pytest.raises(ValueError):
        call()
