"""Numbers that describe a sound: spectral, cepstral and temporal features.

A spectrum is one-sided, bins k = 0 ... N/2 of a frame of N samples, and is given by its magnitudes
|X(k)|; where a formula weights by power, the magnitudes are squared here. Matrices of spectra are
(bins, frames), as in librosa. Frame t of a curve over frames stands at frame t of the spectra.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import fft

from autograder.reference.inputs import finite_array


def magnitudes_of(values: ArrayLike, name: str, dimensions: int = 1) -> np.ndarray:
    """`values` as a new array of floats, none of them negative.

    Raises
    ------
    ValueError
        As `finite_array` does, and if a value is negative.
    """
    array = finite_array(values, name, dimensions)
    if np.any(array < 0):
        raise ValueError(f"{name} must not be negative")
    return array


def spectral_centroid(magnitude: ArrayLike, frequencies: ArrayLike) -> float:
    """The centre of gravity of a power spectrum.

    The mean of the frequencies of the bins, each weighted by the power |X(k)|^2 of its bin.
    (`librosa.feature.spectral_centroid` weights by the magnitudes it is given.)

    Parameters
    ----------
    magnitude : array_like, shape (K,)
        |X(k)|, not negative.
    frequencies : array_like, shape (K,)
        Frequency of each bin in Hz.

    Returns
    -------
    centroid : float
        In Hz.

    Raises
    ------
    ValueError
        If the spectrum is silent (all zero), or the two differ in length.

    References
    ----------
    Grey and Gordon (1978); Peeters (2004), section 6.1.1.
    """
    magnitude = magnitudes_of(magnitude, "magnitude")
    frequencies = finite_array(frequencies, "frequencies")
    if len(magnitude) != len(frequencies):
        raise ValueError("magnitude and frequencies must have the same length")
    power = magnitude**2
    if not power.sum() > 0:
        raise ValueError("a silent spectrum has no centroid")
    return float(frequencies @ power / power.sum())


def spectral_spread(magnitude: ArrayLike, frequencies: ArrayLike) -> float:
    """How far a power spectrum reaches to both sides of its centroid.

    The square root of the mean squared distance of the bins from the spectral centroid, weighted
    by the power |X(k)|^2 as the centroid is: a standard deviation. One sinusoid has a spread near
    zero, noise a large one.

    Parameters
    ----------
    magnitude : array_like, shape (K,)
        |X(k)|, not negative.
    frequencies : array_like, shape (K,)
        Frequency of each bin in Hz.

    Returns
    -------
    spread : float
        In Hz.

    Raises
    ------
    ValueError
        If the spectrum is silent (all zero), or the two differ in length.

    References
    ----------
    Peeters (2004), section 6.1.2.
    """
    magnitude = magnitudes_of(magnitude, "magnitude")
    frequencies = finite_array(frequencies, "frequencies")
    if len(magnitude) != len(frequencies):
        raise ValueError("magnitude and frequencies must have the same length")
    power = magnitude**2
    if not power.sum() > 0:
        raise ValueError("a silent spectrum has no spread")
    weights = power / power.sum()
    centroid = frequencies @ weights
    return float(np.sqrt((frequencies - centroid) ** 2 @ weights))


def band_flatness(magnitude: ArrayLike, bands: ArrayLike) -> tuple[np.ndarray, float]:
    """Spectral flatness of each band of a spectrum, and of the spectrum as a whole.

    The flatness of a band is the geometric mean of the powers |X(k)|^2 of its bins, divided by
    their arithmetic mean: 1 where all powers are equal, near 0 where one bin holds nearly all. The
    flatness of the whole is the plain average over the bands.

    The powers of a band of hundreds of bins must not overflow or underflow on the way. A band in
    which a bin, but not every bin, is zero has the flatness 0.

    Parameters
    ----------
    magnitude : array_like, shape (K,)
        |X(k)|, not negative.
    bands : array_like of int, shape (B, 2)
        First and last bin of each band; both belong to it. Bands may overlap.

    Returns
    -------
    flatness : ndarray, shape (B,)
        From 0 to 1.
    overall : float

    Raises
    ------
    ValueError
        If a band is silent, ends before it begins, or holds a bin that the spectrum lacks.

    References
    ----------
    Johnston (1988); Gray and Markel (1974).
    """
    power = magnitudes_of(magnitude, "magnitude") ** 2
    bands = finite_array(bands, "bands", 2).astype(int)
    if np.any(bands[:, 0] < 0) or np.any(bands[:, 1] >= len(power)):
        raise ValueError("the bands must lie within the spectrum")
    if np.any(bands[:, 0] > bands[:, 1]):
        raise ValueError("a band must not end before it begins")
    flatness = np.zeros(len(bands))
    for b, (first, last) in enumerate(bands):
        inside = power[first : last + 1]
        if not inside.any():
            raise ValueError("a silent band has no flatness")
        if inside.all():
            flatness[b] = np.exp(np.log(inside).mean()) / inside.mean()
    return flatness, float(flatness.mean())


def harmonic_centroid_spread(frequencies: ArrayLike, amplitudes: ArrayLike) -> tuple[float, float]:
    """Centroid and spread of the harmonics of a tone alone.

    As the spectral centroid and spread, but over the peaks f_h, A_h of the harmonics in place of
    all bins, and weighted by their *amplitudes* A_h, not by their powers: the centroid is the
    weighted mean of the f_h, the spread the root of the weighted mean of their squared distances
    from it. (MPEG-7 defines its harmonic spread in another way: relative to the centroid.)

    Parameters
    ----------
    frequencies : array_like, shape (H,)
        f_h in Hz, of the harmonics that were found, in any order.
    amplitudes : array_like, shape (H,)
        A_h, not negative.

    Returns
    -------
    centroid : float
        In Hz.
    spread : float
        In Hz.

    Raises
    ------
    ValueError
        If all amplitudes are zero, or the two differ in length.

    References
    ----------
    Peeters (2004), section 7; ISO/IEC 15938-4, for the other definition.
    """
    frequencies = finite_array(frequencies, "frequencies")
    amplitudes = magnitudes_of(amplitudes, "amplitudes")
    if len(amplitudes) != len(frequencies):
        raise ValueError("frequencies and amplitudes must have the same length")
    if not amplitudes.sum() > 0:
        raise ValueError("a tone without amplitude has no centroid")
    weights = amplitudes / amplitudes.sum()
    centroid = frequencies @ weights
    spread = np.sqrt((frequencies - centroid) ** 2 @ weights)
    return float(centroid), float(spread)


def spectral_flux(magnitude: ArrayLike) -> np.ndarray:
    """How much the shape of the spectrum changes from each frame to the next.

    Each spectrum is divided by its Euclidean norm (the root of the sum of its squares), so that a
    sound that grows louder and does not change otherwise has no flux; a silent frame stays zero.
    The flux of a frame is the sum over the bins of the squared difference from the frame before.
    The first frame has none before it: its flux is 0.

    Parameters
    ----------
    magnitude : array_like, shape (K, T)
        |X(k)| of T frames, not negative.

    Returns
    -------
    flux : ndarray, shape (T,)
        From 0 to 2.

    Raises
    ------
    ValueError
        If a magnitude is negative, or the matrix has no two dimensions.

    References
    ----------
    Tzanetakis and Cook (2002), section III-A.
    """
    magnitude = magnitudes_of(magnitude, "magnitude", 2)
    norms = np.sqrt(np.sum(magnitude**2, axis=0))
    shape = magnitude / np.where(norms > 0, norms, 1)
    return np.append(0.0, np.sum(np.diff(shape, axis=1) ** 2, axis=0))


def zero_crossing_rate(x: ArrayLike, rate: float) -> float:
    """How many times a second a signal changes its sign.

    Two neighbouring samples hold a crossing if one of them is negative and the other one is not; a
    sample of exactly zero counts as not negative. N samples have N - 1 pairs of neighbours and last
    (N - 1) / rate seconds. A sinusoid of f Hz crosses about 2 f times a second. (librosa
    gives the fraction of samples in place of the number a second.)

    Parameters
    ----------
    x : array_like, shape (N,)
        The signal, N at least 2. Its mean is left in.
    rate : float
        Sampling rate in Hz, positive.

    Returns
    -------
    crossings : float
        Crossings a second; 0 for silence.

    Raises
    ------
    ValueError
        If x has fewer than two samples, or the rate is not positive.

    References
    ----------
    Kedem (1986); Tzanetakis and Cook (2002), section III-A.
    """
    x = finite_array(x, "x")
    if len(x) < 2:
        raise ValueError("x must have at least two samples")
    if not rate > 0:
        raise ValueError("rate must be positive")
    negative = x < 0
    return float(np.mean(negative[1:] != negative[:-1]) * rate)


def real_cepstrum(x: ArrayLike) -> np.ndarray:
    """The real cepstrum of a frame: the inverse DFT of the logarithm of its magnitude spectrum.

    The logarithm is the natural one. The frame is taken as it is, without a window and without
    padding. c[n] belongs to the quefrency of n samples, and c[N - n] is equal to c[n].

    Parameters
    ----------
    x : array_like, shape (N,)
        The frame, usually windowed.

    Returns
    -------
    c : ndarray, shape (N,)
        Real.

    Raises
    ------
    ValueError
        If a bin of the spectrum is zero, as in silence: it has no logarithm.

    References
    ----------
    Bogert, Healy and Tukey (1963); Oppenheim and Schafer (1975), chapter 10.
    """
    x = finite_array(x, "x")
    magnitude = np.abs(np.fft.fft(x))
    if not np.all(magnitude > 0):
        raise ValueError("a bin without power has no logarithm")
    return np.fft.ifft(np.log(magnitude)).real


def cepstral_envelope(c: ArrayLike, cutoff: int) -> np.ndarray:
    """The spectral envelope of a frame, from the low quefrencies of its real cepstrum.

    The cepstrum is multiplied by a window of N_1 = `cutoff` quefrencies,

        w[0] = w[N_1] = 1,    w[n] = 2 for 0 < n < N_1,    w[n] = 0 for n > N_1,

    and the envelope is the real part of the DFT of the product. The 2 stands for the mirrored half
    of the cepstrum, which the window removes. The envelope is a logarithm of magnitudes, as what
    the cepstrum was made from: multiply by 20 / ln(10) for decibels.

    Parameters
    ----------
    c : array_like, shape (N,)
        A real cepstrum, N values, both halves.
    cutoff : int
        N_1, 1 <= N_1 <= N / 2.

    Returns
    -------
    envelope : ndarray, shape (N,)
        Natural logarithm of the magnitude in the bins k = 0 ... N-1.

    Raises
    ------
    ValueError
        If `cutoff` is below 1 or above N / 2, where the mirrored half begins.

    References
    ----------
    Zölzer (ed.) (2011), "DAFX", chapter 8.
    """
    c = finite_array(c, "c")
    if not 1 <= cutoff <= len(c) / 2:
        raise ValueError("cutoff must lie between 1 and N/2")
    window = np.zeros(len(c))
    window[0] = window[cutoff] = 1
    window[1:cutoff] = 2
    return np.fft.fft(window * c).real


def mel_filterbank(bands: int, size: int, rate: float, low: float, high: float) -> np.ndarray:
    """Triangular bands that are equally wide on the mel scale, as a matrix.

    The scale is m = 1127.01048 ln(1 + f/700). Take `bands` + 2 points from `low` to `high`,
    both included, at equal distances in mel, and go back to Hz: band b rises from point b to point
    b + 1, its peak, and falls to point b + 2, linearly *in Hz*. With d the distance in Hz
    from the first to the last of its three points, the peak is 2 / d high, so that every triangle
    has the area 1. The matrix holds the height of each triangle at the frequencies
    k rate / N of the bins, which need not meet the peaks.

    Parameters
    ----------
    bands : int
        Number of triangles, at least 1.
    size : int
        N, the length of the DFT, at least 2.
    rate : float
        Sampling rate in Hz, positive.
    low, high : float
        Where the first band begins and the last one ends, in Hz; 0 <= low < high <= rate / 2.

    Returns
    -------
    filterbank : ndarray, shape (bands, N // 2 + 1)
        In 1/Hz. Its product with a power spectrum is the power in each band.

    Raises
    ------
    ValueError
        If an argument is out of range, or if a band is so narrow that no bin lies inside it.

    References
    ----------
    Davis and Mermelstein (1980); Slaney (1998), "Auditory Toolbox", for the heights.
    """
    if bands < 1 or size < 2:
        raise ValueError("there must be at least one band and two samples")
    if not 0 <= low < high <= rate / 2 < np.inf:
        raise ValueError("low and high must satisfy 0 <= low < high <= rate / 2")
    ends = 1127.01048 * np.log1p(np.array([low, high]) / 700)
    points = 700 * np.expm1(np.linspace(*ends, bands + 2) / 1127.01048)
    left, peak, right = (points[i : bands + i, np.newaxis] for i in range(3))
    f = np.arange(size // 2 + 1) * rate / size
    triangles = np.minimum((f - left) / (peak - left), (right - f) / (right - peak))
    filterbank = np.maximum(triangles, 0) * 2 / (right - left)
    if not np.all(filterbank.any(axis=1)):
        raise ValueError("a band has no bin inside it: take fewer bands or a longer DFT")
    return filterbank


def dct(x: ArrayLike) -> np.ndarray:
    """The discrete cosine transform, with one scale for all coefficients.

        X[k] = sqrt(2 / N) * sum over n = 0 ... N-1 of x[n] cos(pi / N (n + 1/2) k)

    for k = 0 ... N-1. The scale makes the cosines of k > 0 unit vectors. The one of k = 0 is
    constant and comes out sqrt(2) too long: X[0] is sqrt(2) times what the orthonormal transform
    has there (SciPy's type 2 with norm="ortho"), and the energy is kept only without it.

    Parameters
    ----------
    x : array_like, shape (N,)

    Returns
    -------
    X : ndarray, shape (N,)

    Raises
    ------
    ValueError
        If x is empty or not finite.

    References
    ----------
    Ahmed, Natarajan and Rao (1974).
    """
    x = finite_array(x, "x")
    n = np.arange(len(x))
    return np.sqrt(2 / len(x)) * np.cos(np.pi / len(x) * np.outer(n, n + 0.5)) @ x


def mfcc(
    magnitude: ArrayLike, filterbank: ArrayLike, count: int, floor: float = 1e-10
) -> np.ndarray:
    """Mel-frequency cepstral coefficients of each frame.

    The power spectrum |X(k)|^2 of a frame is added up in the bands of the filterbank. The powers
    of the bands, none taken to be less than `floor`, become decibels, 10 log10 of the power, and
    the cosine transform of those, with the scale sqrt(2 / B) for all of its coefficients, is cut
    off after `count` of them. (librosa has the same but for its c[0], which is smaller by sqrt(2),
    and for the limit of 80 dB below the loudest band that it sets besides.)

    Parameters
    ----------
    magnitude : array_like, shape (K, T)
        |X(k)| of T frames, not negative.
    filterbank : array_like, shape (B, K)
        Weights of the bands, not negative.
    count : int
        Number of coefficients, 1 <= count <= B.
    floor : float
        Least power of a band, positive.

    Returns
    -------
    c : ndarray, shape (count, T)
        Coefficients 0 to count - 1, in dB.

    Raises
    ------
    ValueError
        If `count` or `floor` is out of range, or the filterbank has another number of bins.

    References
    ----------
    Davis and Mermelstein (1980); Logan (2000).
    """
    magnitude = magnitudes_of(magnitude, "magnitude", 2)
    filterbank = magnitudes_of(filterbank, "filterbank", 2)
    if filterbank.shape[1] != len(magnitude):
        raise ValueError("magnitude and filterbank must have the same number of bins")
    if not 1 <= count <= len(filterbank):
        raise ValueError("count must lie between 1 and the number of bands")
    if not 0 < floor < np.inf:
        raise ValueError("floor must be positive")
    levels = 10 * np.log10(np.maximum(filterbank @ magnitude**2, floor))
    return fft.dct(levels, axis=0)[:count] / np.sqrt(2 * len(levels))


def novelty(magnitude: ArrayLike, gamma: float, radius: int) -> np.ndarray:
    """Where something new begins: a curve with a peak at each onset.

    The magnitudes are compressed, Y = ln(1 + gamma |X|), because ears go by ratios. The rise of a
    frame is the sum over the bins of the increases of Y since the frame before; decreases do not
    count. The first frame has none before it: its rise is 0. From each rise the local
    average is taken off: the sum of the rises of 2 M + 1 frames, M = `radius` to
    both sides, divided by 2 M + 1, where frames outside count as 0. What is left is the
    novelty; where it would be negative it is 0.

    Parameters
    ----------
    magnitude : array_like, shape (K, T)
        |X(k)| of T frames, not negative.
    gamma : float
        Strength of the compression, positive.
    radius : int
        M, at least 0, with 2 M + 1 <= T.

    Returns
    -------
    novelty : ndarray, shape (T,)
        Not negative.

    Raises
    ------
    ValueError
        If `gamma` is not positive, or the average is longer than the signal.

    References
    ----------
    Müller (2015), "Fundamentals of Music Processing", section 6.1.2.
    """
    magnitude = magnitudes_of(magnitude, "magnitude", 2)
    if not 0 < gamma < np.inf:
        raise ValueError("gamma must be positive")
    if not 0 <= 2 * radius < magnitude.shape[1]:
        raise ValueError("the average must not be longer than the signal")
    compressed = np.log1p(gamma * magnitude)
    rises = np.append(0.0, np.sum(np.maximum(np.diff(compressed, axis=1), 0), axis=0))
    width = 2 * radius + 1
    average = np.convolve(rises, np.ones(width) / width, mode="same")
    return np.maximum(rises - average, 0)


def tempo_histogram(novelty: ArrayLike, rate: float, edges: ArrayLike) -> np.ndarray:
    """How strongly a curve of novelty repeats itself at each tempo.

    The mean is taken off the curve. The autocorrelation of what is left, r[l] = sum over t of
    v[t] v[t + l] (plain sums), is divided by r[0]. A lag l is a peak if its value is positive and
    larger than the values of both its neighbours, l - 1 and l + 1; lags 0 and T - 1 are no peaks.
    A repetition every l frames is a tempo of 60 rate / l beats a minute. Every peak adds its value
    to the bin of the histogram that its tempo falls into; peaks outside of all bins are left out.

    Parameters
    ----------
    novelty : array_like, shape (T,)
        The curve.
    rate : float
        Frames a second, positive.
    edges : array_like, shape (B + 1,)
        Where the bins begin and end, in beats a minute, rising, above 0. A bin includes its
        lower edge and not its upper one, but the last bin includes both.

    Returns
    -------
    histogram : ndarray, shape (B,)

    Raises
    ------
    ValueError
        If the curve is constant, the rate is not positive, or the edges do not rise.

    References
    ----------
    After Tzanetakis and Cook (2002), section III-B, with one window and all peaks.
    """
    novelty = finite_array(novelty, "novelty")
    edges = finite_array(edges, "edges")
    if not 0 < rate < np.inf:
        raise ValueError("rate must be positive")
    if len(edges) < 2 or edges[0] <= 0 or np.any(np.diff(edges) <= 0):
        raise ValueError("edges must rise, from above 0, and be two at least")
    if np.ptp(novelty) == 0:
        raise ValueError("a curve that is constant has no tempo")
    v = novelty - novelty.mean()
    r = np.correlate(v, v, mode="full")[len(v) - 1 :]
    r = r / r[0]
    inner = r[1:-1]
    lags = 1 + np.flatnonzero((inner > 0) & (inner > r[:-2]) & (inner > r[2:]))
    return np.histogram(60 * rate / lags, edges, weights=r[lags])[0]
