"""The discrete Fourier transform: by definition, back, and fast."""

from __future__ import annotations

import cmath

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, with_nan
from autograder.reference import fourier

TRANSFORMS = (
    "numpy.fft.fft numpy.fft.ifft numpy.fft.rfft numpy.fft.irfft numpy.fft.fftn numpy.fft.ifftn "
    "scipy.fft.fft scipy.fft.ifft scipy.fft.rfft scipy.fft.irfft scipy.fft.fftn scipy.fft.ifftn "
    "scipy.fftpack.fft scipy.fftpack.ifft scipy.linalg.dft scipy.signal.czt "
    "numpy.fft.fft2 numpy.fft.ifft2 scipy.fft.fft2 scipy.fft.ifft2 scipy.signal.zoom_fft "
    "scipy.signal.freqz"
)
DEFINITION = "it is the transform that you are asked to write"


def _complex(rng, length):
    return rng.standard_normal(length) + 1j * rng.standard_normal(length)


def _dft_cases(rng):
    return [
        Case((rng.standard_normal(16),), "16 real samples"),
        Case((rng.standard_normal(15),), "15 real samples"),
        Case((rng.integers(-99, 99, 7),), "7 integers"),
        Case((rng.standard_normal(2),), "2 samples"),
        Case((_complex(rng, 12),), "12 complex samples", EDGE),
        Case((_complex(rng, 9),), "9 complex samples", EDGE),
        Case((rng.standard_normal(1),), "a single sample", EDGE),
    ]


def _dft_by_loops(x):
    N = len(x)
    return [sum(x[n] * cmath.exp(-2j * cmath.pi * n * k / N) for n in range(N)) for k in range(N)]


def _dft_by_powers(x):
    turn = np.exp(-2j * np.pi / len(x))
    return np.array([np.polyval(x[::-1], turn**k) for k in range(len(x))])


DFT = Exercise(
    function=fourier.dft,
    read="The discrete Fourier transform",
    cases=_dft_cases,
    refuses={
        "NaN in x": {"x": with_nan},
        "a matrix": {"x": np.ones((2, 3))},
        "an empty x": {"x": []},
    },
    criteria=(
        Criterion("real signals", 2),
        Criterion("complex signals, and a single sample", 1, EDGE),
    ),
    mistakes="""
        -2j * np.pi => 2j * np.pi
            Your exponent has the sign of the inverse transform.
        -2j * np.pi => -1j * np.pi
            Your sinusoids turn half as fast as they should: bin k makes k whole turns in N samples.
        @ x => @ x / len(x)
            There is a factor 1/N in your transform; in this convention only the inverse has it.
        np.outer(n, n) => np.outer(n + 1, n)
            Your bins are counted from 1; the first one is bin 0, at frequency 0.
        np.outer(n, n) => np.outer(n, n + 1)
            Your samples are counted from 1: each bin has a phase that belongs to a signal one
            sample later.
        np.exp(-2j * np.pi * np.outer(n, n) / len(x)) @ x
        => np.exp(-2j * np.pi * np.outer(n[: len(n) // 2 + 1], n) / len(x)) @ x
            You stop at half the sampling rate. All N bins are asked for; a complex signal needs
            them.
        finite_complex_array(x, "x") => finite_complex_array(x, "x").real
            The imaginary part of a complex signal is lost on its way through your function.
    """,
    alternatives=(
        Alternative(_dft_by_loops, why="two loops"),
        Alternative(_dft_by_powers, why="a polynomial in powers of one root of unity"),
    ),
    forbidden=TRANSFORMS,
    because=DEFINITION,
)


def _inverse_cases(rng):
    real = [np.fft.fft(rng.standard_normal(N)) for N in (16, 15, 7)]
    return [
        Case((real[0],), "the transform of 16 real samples"),
        Case((real[1],), "the transform of 15 real samples"),
        Case((real[2],), "the transform of 7 real samples"),
        Case((rng.standard_normal(10),), "10 bins that are real numbers", EDGE),
        Case((_complex(rng, 12),), "12 bins of a complex signal", EDGE),
        Case((_complex(rng, 9),), "9 bins of a complex signal", EDGE),
        Case((rng.standard_normal(1),), "a single bin", EDGE),
    ]


def _inverse_by_loops(X):
    N = len(X)
    turns = [cmath.exp(2j * cmath.pi * i / N) for i in range(N)]
    return [sum(X[k] * turns[n * k % N] for k in range(N)) / N for n in range(N)]


def _inverse_by_forward(X):
    return np.conj(fourier.dft(np.conj(X))) / len(X)


INVERSE_DFT = Exercise(
    function=fourier.inverse_dft,
    read="The discrete Fourier transform",
    cases=_inverse_cases,
    refuses={
        "NaN in X": {"X": with_nan},
        "a matrix": {"X": np.ones((2, 3))},
        "an empty X": {"X": []},
    },
    criteria=(
        Criterion("transforms of real signals", 2),
        Criterion("any other bins", 1, EDGE),
    ),
    mistakes="""
        np.exp(2j => np.exp(-2j
            Your exponent has the sign of the forward transform: your signal is turned around in
            time.
        @ X / len(X) => @ X
            Your signal is N times too large: the inverse has a factor that the forward transform
            does not have.
        @ X / len(X) => @ X / np.sqrt(len(X))
            Your factor is the one of the symmetric convention, in which both transforms have one;
            here only the inverse has a factor.
        @ X / len(X) => @ X / len(X) / 2
            Your signal is half as large as it should be: each bin counts once, those above N/2 as
            well.
        np.outer(n, n) / len(X)) @ X => np.outer(n, n) / len(X)) @ np.conj(X)
            You take the complex conjugates of the bins; only the exponent changes its sign between
            the two transforms.
        @ X / len(X) => @ X.real / len(X)
            You use the real parts of the bins only; half of the signal is in the imaginary parts.
        return np.exp(2j * np.pi * np.outer(n, n) / len(X)) @ X / len(X)
        => return (np.exp(2j * np.pi * np.outer(n, n) / len(X)) @ X / len(X)).real
            You return the real part only. Bins that are not conjugate in pairs belong to a signal
            with an imaginary part, which is asked for, too.
    """,
    alternatives=(
        Alternative(_inverse_by_loops, why="two loops and a table of the roots of unity"),
        Alternative(_inverse_by_forward, why="the forward transform of the conjugate bins"),
    ),
    forbidden=TRANSFORMS,
    because=DEFINITION,
)


def _fft_cases(rng):
    return [
        Case((rng.standard_normal(16),), "16 real samples"),
        Case((_complex(rng, 8),), "8 complex samples"),
        Case((_complex(rng, 64),), "64 complex samples"),
        Case((_complex(rng, 1),), "a single sample", EDGE),
        Case((_complex(rng, 2),), "2 samples", EDGE),
        Case((_complex(rng, 4),), "4 samples", EDGE),
        Case((_complex(rng, 2**15),), "32768 samples", "long"),
    ]


def _fft_recursively(x):
    if len(x) == 1:
        return [complex(x[0])]
    even, odd = _fft_recursively(x[::2]), _fft_recursively(x[1::2])
    turned = [cmath.exp(-2j * cmath.pi * k / len(x)) * odd[k] for k in range(len(odd))]
    pairs = list(zip(even, turned))
    return [e + o for e, o in pairs] + [e - o for e, o in pairs]


def _fft_in_place(x):
    """From bit-reversed order, then butterflies of growing width in one array."""
    X, width = np.array(x, dtype=complex), 1
    X = X.reshape((2,) * int(np.log2(len(x)))).T.ravel()
    while width < len(X):
        pairs = X.reshape(-1, 2, width)
        turned = pairs[:, 1] * np.exp(-1j * np.pi * np.arange(width) / width)
        pairs[:, 0], pairs[:, 1] = pairs[:, 0] + turned, pairs[:, 0] - turned
        width *= 2
    return X


FFT = Exercise(
    function=fourier.fft,
    read="The fast Fourier transform",
    cases=_fft_cases,
    refuses={
        "12 samples": {"x": lambda x: x[:12]},
        "15 samples": {"x": lambda x: x[:15]},
        "NaN in x": {"x": with_nan},
    },
    criteria=(
        Criterion("the transform", 2),
        Criterion("1, 2 and 4 samples", 1, EDGE),
        Criterion("in about N log N operations", 2, "long"),
    ),
    mistakes="""
        -2j * np.pi => 2j * np.pi
            Your exponent has the sign of the inverse transform.
        * twiddles[::half, None] =>
            You add the two half transforms as they are. The samples with an odd number come one
            sample later, and each bin of their transform has to be turned accordingly.
        twiddles[::half, None] => twiddles[: len(X), None]
            You turn by the wrong angle in the short transforms: what counts is the length of the
            transform that is put together, not that of the whole signal.
        [even + odd, even - odd] => [even - odd, even + odd]
            The two halves of your result have changed places: the sum belongs to the bins below
            half of them, the difference to the others.
        [even + odd, even - odd] => [even + odd, even + odd]
            Your bins repeat after half of them: half a turn later the odd samples count with the
            opposite sign.
        X[:, :half], X[:, half:] => X[:, ::2], X[:, 1::2]
            You split the signal into its first and second half; it is to be split into the samples
            with an even and with an odd number.
        raise ValueError("the number of samples must be a power of two")
        => x = np.append(x, np.zeros(2 ** N.bit_length() - N)); N = len(x)
            You fill a signal up with zeros to the next power of two. That transform has other bins
            than the one asked for, so such a length is to be refused.
        finite_complex_array(x, "x") => finite_complex_array(x, "x").real
            The imaginary part of a complex signal is lost on its way through your function.
    """,
    alternatives=(
        Alternative(_fft_recursively, why="recursion on lists"),
        Alternative(_fft_in_place, why="in place, from bit-reversed order"),
    ),
    forbidden=TRANSFORMS,
    because=DEFINITION,
)
