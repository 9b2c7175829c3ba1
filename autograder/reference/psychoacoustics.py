"""Hearing in numbers: loudness level, loudness, masking, correlograms and the mel scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import signal

# fmt: off

# ISO 226:2023, table 1: frequency in Hz, exponent of loudness, transfer level and threshold in dB.
ISO_FREQUENCY = np.array(
    [20, 25, 31.5, 40, 50, 63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1000,
     1250, 1600, 2000, 2500, 3150, 4000, 5000, 6300, 8000, 10000, 12500]
)

ISO_EXPONENT = np.array(
    [0.635, 0.602, 0.569, 0.537, 0.509, 0.482, 0.456, 0.433, 0.412, 0.391, 0.373, 0.357,
     0.343, 0.330, 0.320, 0.311, 0.303, 0.300, 0.295, 0.292, 0.290, 0.290, 0.289, 0.289,
     0.289, 0.293, 0.303, 0.323, 0.354]
)

ISO_TRANSFER = np.array(
    [-31.5, -27.2, -23.1, -19.3, -16.1, -13.1, -10.4, -8.2, -6.3, -4.6, -3.2, -2.1, -1.2, -0.5,
     0.0, 0.4, 0.5, 0.0, -2.7, -4.2, -1.2, 1.4, 2.3, 1.0, -2.3, -7.2, -11.2, -10.9, -3.5]
)

ISO_THRESHOLD = np.array(
    [78.1, 68.7, 59.5, 51.1, 44.0, 37.5, 31.5, 26.5, 22.1, 17.9, 14.4, 11.4, 8.6, 6.2, 4.4, 3.0,
     2.2, 2.4, 3.5, 1.7, -1.3, -4.2, -6.0, -5.4, -1.5, 6.0, 12.6, 13.9, 12.3]
)

# fmt: on

# Fletcher and Munson (1933): loudness in loudness units (LU) of a tone of this many phon.
FLETCHER_PHON = np.arange(-10, 121, 10)

FLETCHER_LU = np.array(
    [0.015, 1, 13.9, 97.5, 360, 975, 2200, 4350, 7950, 17100, 38000, 88000, 215000, 556000]
)


def as_numbers(
    values: ArrayLike, name: str, low: float = -np.inf, high: float = np.inf
) -> np.ndarray:
    """The values as a new array of floats; ValueError if empty, not finite, or not low to high."""
    values = np.array(values, dtype=float)
    if values.size == 0:
        raise ValueError(f"the {name} is empty")
    if not np.all(np.isfinite(values) & (values >= low) & (values <= high)):
        raise ValueError(f"the {name} must be finite and lie between {low:g} and {high:g}")
    return values


def critical_bandwidth(frequency: ArrayLike) -> np.ndarray:
    """Width in Hz of the band centred at a frequency in Hz: 100 up to 1 kHz, then 200, 300, 400."""
    return 100 * np.clip(np.ceil(np.asarray(frequency) / 1000), 1, 4)


def equal_loudness_contour(phon: ArrayLike, frequency: ArrayLike) -> np.ndarray:
    r"""The level that a tone needs to sound as loud as `phon` decibels do at 1 kHz.

    ISO 226:2023 says that the level :math:`L_p` and the loudness level :math:`L_N` of a tone obey

    .. math:: 10^{\alpha(L_p + L_U)/10} - 10^{\alpha(T + L_U)/10}
              = (4 \cdot 10^{-10})^{0.3 - \alpha} \, (10^{0.03 L_N} - 10^{0.072})

    where the exponent :math:`\alpha`, the transfer level :math:`L_U` and the threshold :math:`T`
    depend on the frequency. Solve it for :math:`L_p`. The three parameters are given for 29
    frequencies (`ISO_FREQUENCY`, `ISO_EXPONENT`, `ISO_TRANSFER`, `ISO_THRESHOLD`); between
    those, interpolate each linearly along the logarithm of the frequency.

    Parameters
    ----------
    phon : loudness level in phon, from 2.4 (the threshold) to 120
    frequency : frequency in Hz, from 20 to 12500; broadcasts against `phon`

    Returns
    -------
    Level in dB SPL, of the shape that `phon` and `frequency` broadcast to.

    Raises
    ------
    ValueError : an input is outside its range

    Source: ISO 226:2023, formula (1).
    """
    phon = as_numbers(phon, "loudness level", 2.4, 120)
    log_frequency = np.log(as_numbers(frequency, "frequency", 20, 12500))
    alpha, transfer, threshold = (
        np.interp(log_frequency, np.log(ISO_FREQUENCY), parameter)
        for parameter in (ISO_EXPONENT, ISO_TRANSFER, ISO_THRESHOLD)
    )
    excess = 4e-10 ** (0.3 - alpha) * (10 ** (0.03 * phon) - 10**0.072)
    heard = excess + 10 ** (alpha * (threshold + transfer) / 10)
    return 10 / alpha * np.log10(heard) - transfer


def loudness_level(level: ArrayLike, frequency: ArrayLike) -> np.ndarray:
    r"""The loudness level, in phon, of a tone of known level and frequency.

    The inverse of `equal_loudness_contour`: solve the same relation of ISO 226:2023 for
    :math:`L_N`, with the same interpolation of the parameters. A tone whose level is below the
    threshold :math:`T` at its frequency is not heard: its loudness level is minus infinity.

    Parameters
    ----------
    level : level in dB SPL, from -100 to 140
    frequency : frequency in Hz, from 20 to 12500; broadcasts against `level`

    Returns
    -------
    Loudness level in phon, of the shape that `level` and `frequency` broadcast to; ``-inf``
    below threshold.

    Raises
    ------
    ValueError : an input is outside its range

    Source: ISO 226:2023, formula (2).
    """
    level = as_numbers(level, "level", -100, 140)
    log_frequency = np.log(as_numbers(frequency, "frequency", 20, 12500))
    alpha, transfer, threshold = (
        np.interp(log_frequency, np.log(ISO_FREQUENCY), parameter)
        for parameter in (ISO_EXPONENT, ISO_TRANSFER, ISO_THRESHOLD)
    )
    excess = 10 ** (alpha * (level + transfer) / 10) - 10 ** (alpha * (threshold + transfer) / 10)
    at_1_khz = 4e-10 ** (alpha - 0.3) * np.maximum(excess, 0) + 10**0.072
    return np.where(level < threshold, -np.inf, np.log10(at_1_khz) / 0.03)


def loudness(phon: ArrayLike) -> np.ndarray:
    """The loudness of a tone, in Fletcher's loudness units (LU), from its loudness level.

    The table `FLETCHER_PHON`, `FLETCHER_LU` has a row every 10 phon. Between two rows the
    *logarithm* of the loudness is interpolated linearly, because loudness grows by roughly equal
    factors, not by equal amounts. One sone is 975 LU: return LU, not sones.

    Parameters
    ----------
    phon : loudness level in phon, from -10 to 120

    Returns
    -------
    Loudness in LU, of the shape of `phon`.

    Raises
    ------
    ValueError : `phon` is outside the table

    Source: Fletcher and Munson (1933), the values of their function G every 10 phon.
    """
    phon = as_numbers(phon, "loudness level", -10, 120)
    return np.exp(np.interp(phon, FLETCHER_PHON, np.log(FLETCHER_LU)))


def total_loudness(
    frequencies: ArrayLike, loudnesses: ArrayLike, q: ArrayLike
) -> tuple[np.ndarray, float]:
    r"""The loudness of several tones sounding together, each masked by the tone below it.

    Tone k counts with the fraction :math:`b_k` of the loudness it has alone. The lowest tone is
    not masked, :math:`b = 1`. Any other tone k is masked by its masker m, the tone with the next
    lower *frequency*, and

    .. math:: b_k = \min\left(1,\; Q_k \, \frac{250 + f_k - f_m}{1000}\right)

    with the frequencies in Hz. The total is the sum of :math:`b_k` times the loudness of tone k.

    Parameters
    ----------
    frequencies : shape (N,), all different, in Hz, *in any order*
    loudnesses : shape (N,), the loudness of each tone alone, in LU
    q : shape (N,), the factors :math:`Q_k`; that of the lowest tone is not used

    Returns
    -------
    coefficients : shape (N,), the :math:`b_k` in the order of `frequencies`
    total : the total loudness in LU

    Raises
    ------
    ValueError : two frequencies agree

    Source: after Fletcher and Munson (1933), with the dependence on level given as `q`.
    """
    frequencies = as_numbers(frequencies, "frequency", 0)
    loudnesses = as_numbers(loudnesses, "loudness", 0)
    q = as_numbers(q, "factor Q", 0)
    order = np.argsort(frequencies)
    distance = np.diff(frequencies[order])
    if np.any(distance == 0):
        raise ValueError("two tones have the same frequency")
    coefficients = np.ones(frequencies.size)
    coefficients[order[1:]] = np.minimum(1, q[order[1:]] * (250 + distance) / 1000)
    return coefficients, float(coefficients @ loudnesses)


def tone_correlogram(
    centres: ArrayLike,
    lags: ArrayLike,
    frequencies: ArrayLike,
    levels: ArrayLike,
    reference: float = 1.0,
) -> np.ndarray:
    r"""The correlogram of a sum of tones, in closed form, for rectangular critical bands.

    The band centred at f passes a tone unchanged if the tone's distance from f is less than half
    of `critical_bandwidth(f)`, the width of *that* band, and removes it otherwise. A tone
    :math:`A\cos(2\pi f_k t + \theta)` has the autocorrelation
    :math:`\frac{A^2}{2}\cos(2\pi f_k \tau)`; tones of different frequencies do not correlate
    with each other, so their autocorrelations add. A level of 0 dB is the amplitude `reference`.

    Parameters
    ----------
    centres : shape (F,), centre frequencies of the bands in Hz, at least 0
    lags : shape (T,), lags in seconds
    frequencies : shape (N,), all different, the frequencies of the tones in Hz, at least 1
    levels : shape (N,), their levels in dB relative to `reference`
    reference : the amplitude of a tone of 0 dB

    Returns
    -------
    Shape (F, T): the autocorrelation of the output of each band, zero where no tone passes.

    Raises
    ------
    ValueError : a frequency occurs twice
    """
    centres = as_numbers(centres, "centre frequency", 0)
    lags = as_numbers(lags, "lag")
    frequencies = as_numbers(frequencies, "frequency", 1)
    levels = as_numbers(levels, "level")
    if np.unique(frequencies).size < frequencies.size:
        raise ValueError("the tones need frequencies that differ")
    distance = np.abs(frequencies - centres[:, np.newaxis])
    passes = distance < critical_bandwidth(centres)[:, np.newaxis] / 2
    power = (reference * 10 ** (levels / 20)) ** 2 / 2
    return (passes * power) @ np.cos(2 * np.pi * np.outer(frequencies, lags))


def correlogram(x: ArrayLike, filters: ArrayLike, max_lag: int) -> np.ndarray:
    r"""The correlogram of a signal: filter it into bands, then autocorrelate each band.

    Band b is :math:`y_b[n] = \sum_m h_b[m]\, x[n - m]` for :math:`0 \le n < N`, with x zero before
    its first sample: the output is as long as the input. Its autocorrelation at lag :math:`\ell` is

    .. math:: \phi[b, \ell] = \frac{1}{N} \sum_{n=0}^{N-1-\ell} y_b[n]\, y_b[n + \ell]

    Parameters
    ----------
    x : shape (N,), the signal
    filters : shape (B, M), the impulse response :math:`h_b` of each band's filter
    max_lag : the largest lag in samples, 0 to N - 1

    Returns
    -------
    Shape (B, max_lag + 1).

    Raises
    ------
    ValueError : `max_lag` is not within 0 to N - 1
    """
    x = as_numbers(x, "signal")
    filters = as_numbers(filters, "filterbank")
    if not 0 <= max_lag < x.size:
        raise ValueError("the largest lag must be at least 0 and less than the signal's length")
    bands = np.stack([signal.lfilter(h, 1, x) for h in filters])
    products = [bands[:, : x.size - lag] * bands[:, lag:] for lag in range(max_lag + 1)]
    return np.stack([product.sum(axis=1) for product in products], axis=1) / x.size


def correlogram_pitch(phi: ArrayLike, rate: float, low: float, high: float) -> float:
    r"""The pitch that the bands of a correlogram agree on.

    Divide each band by its value at lag 0, so that a loud band has no more say than a quiet one,
    and leave out bands that are silent (:math:`\phi[b, 0] = 0`). Add the bands up. Among the lags
    :math:`\ell` whose frequency, `rate` divided by :math:`\ell`, lies from `low` to `high`
    inclusive, find the one where the sum is largest. The pitch is the frequency of that lag.

    Parameters
    ----------
    phi : shape (B, L), the correlogram, at lags 0 to L - 1
    rate : sampling rate in Hz
    low, high : the range in Hz within which to look, ``0 < low < high``

    Returns
    -------
    The pitch in Hz.

    Raises
    ------
    ValueError : every band is silent, or no lag of `phi` lies in the range

    Source: Slaney and Lyon (1990); Meddis and O'Mard (1997) call the sum the summary ACF.
    """
    phi = as_numbers(phi, "correlogram")
    sounding = phi[phi[:, 0] > 0]
    if len(sounding) == 0:
        raise ValueError("every band is silent")
    summary = np.sum(sounding / sounding[:, :1], axis=0)
    lags = np.arange(1, phi.shape[1])
    lags = lags[(rate / lags >= low) & (rate / lags <= high)]
    if lags.size == 0:
        raise ValueError("no lag of the correlogram lies in the range")
    return float(rate / lags[np.argmax(summary[lags])])


def hz_to_mel(frequency: ArrayLike, slaney: bool = False) -> np.ndarray:
    r"""Frequency on the mel scale, in either of its two usual forms.

    The logarithmic form, :math:`1127.01048 \ln(1 + f/700)`, puts 1000 Hz at 1000 mel. Slaney's
    form is linear below 1000 Hz, where 200 Hz are 3 mel, and logarithmic from there on: it
    continues from 15 mel at 1000 Hz, and each further 27 mel multiply the frequency by 6.4.

    Parameters
    ----------
    frequency : frequency in Hz, at least 0
    slaney : use Slaney's form

    Returns
    -------
    Mel, of the shape of `frequency`.

    Raises
    ------
    ValueError : a frequency is negative

    Source: O'Shaughnessy (1987) with the constant of HTK; Slaney (1998), Auditory Toolbox.
    """
    frequency = as_numbers(frequency, "frequency", 0)
    if not slaney:
        return 1127.01048 * np.log(1 + frequency / 700)
    above = 15 + 27 * np.log(np.maximum(frequency, 1000) / 1000) / np.log(6.4)
    return np.where(frequency < 1000, frequency * 3 / 200, above)


def mel_to_hz(mel: ArrayLike, slaney: bool = False) -> np.ndarray:
    """The frequency of a point on the mel scale: the inverse of `hz_to_mel`, in either form.

    Parameters
    ----------
    mel : point on the scale, at least 0
    slaney : it is on Slaney's scale

    Returns
    -------
    Frequency in Hz, of the shape of `mel`.

    Raises
    ------
    ValueError : a point is negative
    """
    mel = as_numbers(mel, "mel", 0)
    if not slaney:
        return 700 * (np.exp(mel / 1127.01048) - 1)
    above = 1000 * 6.4 ** (np.maximum(mel - 15, 0) / 27)
    return np.where(mel < 15, mel * 200 / 3, above)
