"""From a spectrum to mel-frequency cepstral coefficients: filterbank, cosine transform, both."""

from __future__ import annotations

import numpy as np
from scipy import fft

from autograder.checks.features.inputs import frames
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import EDGE
from autograder.reference import features


def _filterbank_cases(rng):
    rate, low = float(rng.choice([8000.0, 11025.0, 16000.0])), rng.uniform(20, 120)
    return [
        Case((12, 512, rate, low, 0.45 * rate), "12 bands of 257 bins"),
        Case((6, 200, rate, low, rng.uniform(0.35, 0.45) * rate), "6 bands of 101 bins"),
        Case((9, 400, 2 * rate, 2 * low, rate * rng.uniform(0.8, 0.9)), "9 bands of 201 bins"),
        Case((8, 301, rate, 0.0, rate / 2), "8 bands of an odd size, over all frequencies", EDGE),
        Case((4, 129, rate, 0.0, rate / 2), "4 bands of an odd size, over all frequencies", EDGE),
        Case((1, 97, rate, low, 0.4 * rate), "a single band of an odd size", EDGE),
    ]


def _points(bands, low, high):
    ends = 2595 * np.log10(1 + np.array([low, high]) / 700)
    return 700 * (10 ** (np.linspace(ends[0], ends[1], bands + 2) / 2595) - 1)


def _filterbank_by_loop(bands, size, rate, low, high):
    points = _points(bands, low, high)
    rows = []
    for left, peak, right in zip(points, points[1:], points[2:]):
        row = []
        for f in np.arange(size // 2 + 1) * rate / size:
            up, down = (f - left) / (peak - left), (right - f) / (right - peak)
            row.append(max(0.0, min(up, down)) * 2 / (right - left))
        rows.append(row)
    return rows


def _filterbank_by_interpolation(bands, size, rate, low, high):
    points, f = _points(bands, low, high), np.fft.rfftfreq(size, 1 / rate)
    heights = 2 / (points[2:] - points[:-2])
    threes = (points[b : b + 3] for b in range(bands))
    return np.array([np.interp(f, p, [0, h, 0]) for p, h in zip(threes, heights)])


def _filterbank_on_a_mel_axis(bands, size, rate, low, high):
    ends = np.log1p(np.array([low, high]) / 700)
    p, f = np.linspace(*ends, bands + 2), np.log1p(np.arange(size // 2 + 1) * rate / size / 700)
    triangles = [np.interp(f, p[b : b + 3], [0, 1, 0]) for b in range(bands)]
    hertz = _points(bands, low, high)
    return np.array(triangles) * 2 / (hertz[2:] - hertz[:-2])[:, None]


MEL_FILTERBANK = Exercise(
    function=features.mel_filterbank,
    read="Bands as the ear has them",
    cases=_filterbank_cases,
    refuses={
        "a band beyond half the rate": {"high": lambda high: 1.2 * high},
        "low above high": {"low": lambda low: low + 20000},
        "low equal to high": {"low": 1000.0, "high": 1000.0},
        "low below 0": {"low": np.negative},
        "no bands": {"bands": 0},
        "bands so narrow that one holds no bin": {"bands": 200},
    },
    criteria=(
        Criterion("the filterbank", 3),
        Criterion("odd sizes and all frequencies", 1, EDGE),
    ),
    mistakes=(
        """
        * 2 / (right - left) => * 1
            All your triangles are 1 high; theirs is a height of 2 over their width.
        * 2 / (right - left) => / (right - left)
            Your triangles have half the area they should have: the height is 2 over the width.
        np.maximum(triangles, 0) * 2 / (right - left)
        => np.maximum(triangles, 0) / np.maximum(triangles, 0).sum(1, keepdims=True)
            You scale each band until its weights add up to 1; the height is to follow from the
            width in Hz.
        * 2 / (right - left) => * 2 / (1127.01048 * np.log((700 + right) / (700 + left)))
            The width that you divide by is in mel; the width in Hz is asked for.
        points = 700 * np.expm1(np.linspace(*ends, bands + 2) / 1127.01048)
        => points = np.linspace(low, high, bands + 2)
            Your bands are equally wide in Hz; they should be so in mel.
        * rate / size => * rate / 2 / size
            Your frequencies are half as high as they should be: bin k of N is at k rate / N.
        * rate / size => * rate / 2 / (size // 2)
            In your axis the last bin lies at half the rate, which holds for an even N only: bin k
            is at k rate / N.
        left, peak, right = (points
        => points = np.round(points * size / rate) * rate / size; left, peak, right = (points
            You round the points to whole bins first; take the triangles as they are, and their
            heights at the bins.
        return filterbank => return filterbank.T
            Your matrix lies on its side: one row a band.
        """,
        Mistake(
            _filterbank_on_a_mel_axis,
            says="Your triangles have straight sides on the mel axis; they should be straight over "
            "the frequency in Hz.",
        ),
    ),
    alternatives=(
        Alternative(_filterbank_by_loop, why="loops, and the logarithm to base 10"),
        Alternative(_filterbank_by_interpolation, why="numpy.interp through three points"),
    ),
    forbidden="librosa.filters.mel librosa.feature.melspectrogram",
    because="it makes the filterbank for you",
)


def _dct_cases(rng):
    return [
        Case((rng.standard_normal(20),), "20 numbers"),
        Case((rng.uniform(-40, 10, 26),), "26 levels in decibels"),
        Case((rng.standard_normal(13),), "13 numbers"),
        Case((rng.uniform(1, 5, 2),), "2 numbers", EDGE),
        Case((rng.uniform(1, 5, 1),), "a single number", EDGE),
        Case((np.full(9, rng.uniform(2, 7)),), "9 equal numbers", EDGE),
    ]


def _dct_by_loop(x):
    def cosine(n, k):
        return np.cos(np.pi / len(x) * (n + 0.5) * k)

    return [
        np.sqrt(2 / len(x)) * sum(x[n] * cosine(n, k) for n in range(len(x))) for k in range(len(x))
    ]


def _dct_by_fft(x):
    k = np.arange(len(x))
    half = np.fft.fft(np.concatenate([x, x[::-1]]))[: len(x)]
    return np.real(half * np.exp(-0.5j * np.pi * k / len(x))) / np.sqrt(2 * len(x))


DCT = Exercise(
    function=features.dct,
    read="Thirteen numbers",
    cases=_dct_cases,
    refuses={"a matrix": {"x": lambda x: x.reshape(2, -1)}, "nothing at all": {"x": []}},
    criteria=(
        Criterion("the transform", 2),
        Criterion("few numbers, equal numbers", 1, EDGE),
    ),
    mistakes="""
        @ x => @ x * np.where(n == 0, np.sqrt(0.5), 1)
            Your first coefficient has the scale of the orthonormal transform; here the scale is
            the same for all.
        np.sqrt(2 / len(x)) => 2
            Yours is the transform without a scale, as SciPy has it by default.
        np.sqrt(2 / len(x)) => np.sqrt(1 / len(x))
            Your scale is the root of 1/N; it should be that of 2/N.
        np.sqrt(2 / len(x)) => 2 / len(x)
            The root of the scale is missing.
        np.outer(n, n + 0.5) => np.outer(n, n)
            The half is missing: the cosines are taken in the middle between two points.
        np.outer(n, n + 0.5) => np.outer(n + 0.5, n)
            The half stands with k; it belongs to n.
        np.pi / len(x) => 2 * np.pi / len(x)
            Your cosines turn twice as fast as they should: coefficient k has k half periods.
    """,
    alternatives=(
        Alternative(_dct_by_loop, why="two loops and a list"),
        Alternative(_dct_by_fft, why="by the FFT of the mirrored numbers"),
    ),
    forbidden="scipy.fft.dct scipy.fft.dctn scipy.fft.idct scipy.fft.idctn"
    " scipy.fftpack.dct scipy.fftpack.dctn scipy.fftpack.idct scipy.fftpack.idctn",
    because="it is the transform that you are asked to write",
)


def _mfcc_cases(rng):
    bank = features.mel_filterbank(12, 128, 8000.0, 0.0, 4000.0)
    wide = features.mel_filterbank(10, 200, 16000.0, 50.0, 7500.0)
    gap, tail = frames(rng, 65, 5), frames(rng, 101, 6)
    gap[:, int(rng.integers(5))] = 0
    tail[40:] = 0
    faint = 0.02 * frames(rng, 65, 6)
    level = float(np.median(bank @ faint**2))
    return [
        Case((frames(rng, 65, 4), bank, 8), "4 frames, 12 bands, 8 coefficients"),
        Case((frames(rng, 101, 7), wide, 10), "7 frames, as many coefficients as bands"),
        Case((frames(rng, 65, 2), rng.uniform(0, 1, (5, 65)), 1), "2 frames, 1 coefficient"),
        Case((gap, bank, 8), "a silent frame among others", EDGE),
        Case((tail, wide, 6, 1e-4), "frames without high frequencies, and a floor of 1e-4", EDGE),
        Case((faint, bank, 8, level), "faint frames, half of it below the floor", EDGE),
    ]


def _mfcc_by_matrix(magnitude, filterbank, count, floor=1e-10):
    bands = len(filterbank)
    cosines = np.cos(np.pi / bands * np.outer(np.arange(count), np.arange(bands) + 0.5))
    powers = np.einsum("bk,kt->bt", filterbank, np.square(magnitude))
    return np.sqrt(2 / bands) * cosines @ (10 * np.log10(np.where(powers < floor, floor, powers)))


def _mfcc_by_frame(magnitude, filterbank, count, floor=1e-10):
    columns = []
    for frame in np.transpose(magnitude):
        powers = [max(float(np.sum(row * frame**2)), floor) for row in filterbank]
        c = fft.dct(10 * np.log10(powers), norm="ortho")
        columns.append(np.append(c[0] * np.sqrt(2), c[1:])[:count])
    return np.stack(columns, axis=1)


MFCC = Exercise(
    function=features.mfcc,
    read="Thirteen numbers",
    cases=_mfcc_cases,
    refuses={
        "more coefficients than bands": {"count": 13},
        "no coefficients": {"count": 0},
        "a floor of zero": {"floor": 0.0},
        "another number of bins": {"magnitude": lambda m: m[:-1]},
    },
    criteria=(
        Criterion("the coefficients", 3),
        Criterion("the floor", 1, EDGE),
    ),
    mistakes="""
        filterbank @ magnitude**2 => filterbank @ magnitude
            You add up magnitudes in the bands; asked for are powers.
        filterbank @ magnitude**2 => (filterbank @ magnitude) ** 2
            You square after adding up in the bands; the powers of the bins are what adds up.
        10 * np.log10(np.maximum(filterbank @ magnitude**2, floor))
        => filterbank @ (10 * np.log10(np.maximum(magnitude**2, floor)))
            You add up decibels in the bands: first add up the powers, then take the logarithm.
        10 * np.log10 => np.log
            Your levels are natural logarithms; decibels are asked for.
        10 * np.log10 => 20 * np.log10
            Your levels are twice as many decibels as they should be: powers have 10 times the
            logarithm.
        10 * np.log10(np.maximum(filterbank @ magnitude**2, floor))
        => np.maximum(filterbank @ magnitude**2, floor)
            The logarithm is missing: the cosine transform is one of levels.
        fft.dct(levels, axis=0)[:count] / np.sqrt(2 * len(levels))
        => fft.dct(levels, axis=0, norm="ortho")[:count]
            Your c[0] is smaller by a root of 2, as in librosa; here all coefficients have the same
            scale.
        / np.sqrt(2 * len(levels)) => * 1
            Your cosine transform has no scale, as SciPy's by default.
        np.maximum(filterbank @ magnitude**2, floor) => (filterbank @ magnitude**2 + floor)
            You add the floor to every band; it is a least value, and takes the place of smaller
            powers only.
        [:count] => [1:][:count]
            You leave c[0] out; the coefficients count from 0.
        return fft.dct(levels, axis=0)
        => levels = np.maximum(levels, levels.max() - 80); return fft.dct(levels, axis=0)
            You raise what is 80 dB below the loudest band, as librosa does; here the floor alone
            counts.
    """,
    alternatives=(
        Alternative(_mfcc_by_matrix, why="a matrix of cosines"),
        Alternative(_mfcc_by_frame, why="frame by frame, from the orthonormal transform"),
    ),
    forbidden="librosa.feature.mfcc librosa.feature.melspectrogram",
    because="it does all of the steps for you",
)
