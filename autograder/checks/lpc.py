"""The exercises of the chapter on linear prediction."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from autograder.compare import Close
from autograder.exercise import Alternative, Case, Criterion, Exercise, Mistake
from autograder.reference import lpc
from autograder.reference.lpc import finite_vector

BAD = "bad input"
EDGE = "edge"
REFUSES = "refuses what has no answer, with a ValueError"
SIGN = (
    "Your coefficients have the opposite sign: libraries return the prediction-error filter "
    "1, -a_1, ..., but this course writes the prediction itself with plus signs."
)
HEAD = (
    "There is a leading 1 in front of your coefficients: that is the prediction-error filter, "
    "and only the predictor a_1 ... a_p is asked for."
)


# ---- inputs ------------------------------------------------------------------------------------


def _predictor(rng, order, largest=0.8):
    """A random predictor whose synthesis filter is stable."""
    a = np.zeros(0)
    for k in rng.uniform(0.2, largest, order) * rng.choice([-1, 1], order):
        a = np.append(a - k * a[::-1], k)
    return a


def _frame(rng, length=160, order=6):
    """A windowed frame with resonances and an offset, as from a cheap microphone."""
    driven = lfilter([1.0], np.append(1.0, -_predictor(rng, order)), rng.standard_normal(length))
    return np.hamming(length) * (driven + 0.5 * np.std(driven))


def _resonances(rng, count, rate):
    """Predictor with that many resonances whose poles no root finder returns in order."""
    while True:
        frequencies = np.sort(rng.uniform(200, rate / 2 - 300, count))
        radius = np.exp(-np.pi * rng.uniform(40, 250, count) / rate)
        poles = radius * np.exp(2j * np.pi * frequencies / rate)
        a = -np.real(np.poly(np.append(poles, poles.conj())))[1:]
        found = np.roots(np.append(1.0, -a))
        angles = np.angle(found[found.imag > 0])
        far_apart = np.diff(frequencies).min() > 150
        if far_apart and np.any(np.diff(angles) < 0) and len(angles) == count:
            return a


def _bad(name_of_vector, good, rest=()):
    """Cases that every function here refuses."""
    broken = np.array(good, dtype=float)
    broken[len(broken) // 2] = np.nan
    return [
        Case((broken, *rest), f"NaN in {name_of_vector}", BAD),
        Case((np.zeros(0), *rest), f"an empty {name_of_vector}", BAD),
    ]


# ---- autocorrelation ---------------------------------------------------------------------------


def _autocorrelation_cases(rng):
    x = _frame(rng)
    coarse = np.round(3000 * x / np.abs(x).max()).astype(np.int16)
    return [
        Case((x, 10), "a windowed frame of 160 samples"),
        Case((_frame(rng, 97), 14), "a windowed frame of 97 samples"),
        Case((x[:5], 4), "5 samples and as many lags as there are", EDGE),
        Case((x, 0), "order 0", EDGE),
        Case((coarse, 8), "16-bit integers as read from a sound file", EDGE),
        Case((x[:6], 6), "order N", BAD),
        Case((x, -1), "order -1", BAD),
        *_bad("x", x, (4,)),
    ]


def _by_fft(x, order):
    x = finite_vector(x, "x")
    if order < 0 or order >= len(x):
        raise ValueError("order")
    power = np.abs(np.fft.rfft(x, 2 * len(x))) ** 2
    return np.fft.irfft(power)[: order + 1]


def _by_double_loop(x, order):
    x = [float(value) for value in finite_vector(x, "x")]
    if order not in range(len(x)):
        raise ValueError("order")
    return [sum(x[n] * x[n - k] for n in range(k, len(x))) for k in range(order + 1)]


def _in_single_precision(x, order):
    return lpc.autocorrelation(x, order).astype(np.float32)


AUTOCORRELATION = Exercise(
    function=lpc.autocorrelation,
    cases=_autocorrelation_cases,
    criteria=(
        Criterion("the sums", 2),
        Criterion("few samples, order 0, 16-bit samples", 1, EDGE),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes=(
        Mistake(
            edit=("x[k:] @ x[: len(x) - k]", "x[k:] @ x[: len(x) - k] / (len(x) - k)"),
            says="You divide each lag by its number of terms. Linear prediction needs the plain "
            "sums: only with them is the synthesis filter sure to be stable.",
        ),
        Mistake(
            edit=("x[k:] @ x[: len(x) - k]", "x[k:] @ x[: len(x) - k] / len(x)"),
            says="You divide by the length of the frame; the plain sum is asked for.",
        ),
        Mistake(
            edit=("x[k:] @ x[: len(x) - k]", "x @ np.roll(x, k)"),
            says="Your shift is circular: samples that leave at the end come back at the start. "
            "Outside the frame there is nothing.",
        ),
        Mistake(
            edit=("    return", "    x = x - x.mean()\n    return"),
            says="You take the mean off first. That is the habit of statistics; here the mean is "
            "part of the signal and stays in.",
        ),
        Mistake(
            edit=("len(x) - k] for k in range(order + 1)", "len(x) - k] for k in range(order)"),
            says="The last lag is missing: `order` is the largest lag, and lag 0 counts too.",
        ),
        Mistake(
            edit=('x = finite_vector(x, "x")', "x = np.asarray(x)"),
            says="Your products overflow when the samples are 16-bit integers: work on floats.",
        ),
        Mistake(
            edit=("for k in range(order + 1)])", "for k in range(order + 1)]) / (x @ x)"),
            says="You scale so that lag 0 is 1; its value, the energy, is needed for the gain.",
        ),
    ),
    alternatives=(
        Alternative(_by_fft, why="by the power spectrum, padded against wrapping round"),
        Alternative(_by_double_loop, why="two loops and a list"),
        Alternative(_in_single_precision, why="single precision"),
    ),
    forbidden=(
        "numpy.correlate",
        "numpy.convolve",
        "scipy.signal.correlate",
        "scipy.signal.convolve",
        "scipy.signal.fftconvolve",
        "librosa.autocorrelate",
    ),
    because="it computes the autocorrelation for you",
)


# ---- normal equations --------------------------------------------------------------------------


def _normal_equations_cases(rng):
    s = _frame(rng)
    return [
        Case((s, 4), "160 samples and order 4"),
        Case((_frame(rng, 60), 10), "60 samples and order 10"),
        Case((rng.standard_normal(12), 1), "12 samples and order 1"),
        Case((rng.standard_normal(7), 3), "7 samples and order 3"),
        Case((s[:4], 4), "order N", BAD),
        Case((s, 0), "order 0", BAD),
        *_bad("s", s, (4,)),
    ]


def _sums_by_loop(s, order):
    s = finite_vector(s, "s")
    if order < 1 or order >= len(s):
        raise ValueError("order")

    def total(k, m):
        return sum(s[n - k] * s[n - m] for n in range(order, len(s)))

    lags = range(1, order + 1)
    return [total(0, k) for k in lags], [[total(k, m) for m in lags] for k in lags]


def _by_data_matrix(s, order):
    s = finite_vector(s, "s")
    if order < 1 or order >= len(s):
        raise ValueError("order")
    past = np.lib.stride_tricks.sliding_window_view(s[:-1], order)[:, ::-1]
    return past.T @ s[order:], past.T @ past


NORMAL_EQUATIONS = Exercise(
    function=lpc.normal_equations,
    cases=_normal_equations_cases,
    criteria=(
        Criterion("the vector c", 2, select=lambda answer: answer[0]),
        Criterion("the matrix Phi", 2, select=lambda answer: answer[1]),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes=(
        Mistake(
            edit=("    delayed", "    s = np.pad(s, order)\n    delayed"),
            says="You let the sums run on over zeros beyond both ends of the samples. That is the "
            "autocorrelation method; the covariance method stays inside.",
        ),
        Mistake(
            edit=("    delayed", "    s = np.pad(s, (order, 0))\n    delayed"),
            says="Your sums start at the first sample and take its past to be zero; they should "
            "start at the first sample whose whole past is known.",
        ),
        Mistake(
            edit=("products[1:, 0], products[1:, 1:]", "products[:-1, 0], products[:-1, :-1]"),
            says="Your lags run from 0 to p-1. The predictor uses past samples only: lags 1 to p.",
        ),
        Mistake(
            edit=(
                "    products =",
                "    delayed -= delayed.mean(1, keepdims=True)\n    products =",
            ),
            says="You take means off. In spite of its name the covariance method does not.",
        ),
        Mistake(
            edit=("delayed @ delayed.T", "delayed @ delayed.T / delayed.shape[1]"),
            says="You average over the samples where sums are asked for; the predictor would be "
            "the same, but c and Phi are not.",
        ),
        Mistake(
            edit=("products[1:, 0], products[1:, 1:]", "products[1:, 1:], products[1:, 0]"),
            says="The two are in the wrong order: first c, then Phi.",
        ),
        Mistake(
            edit=("    delayed =", "    s = s[::-1]\n    delayed ="),
            says="You predict each sample from those that follow it; a predictor looks back.",
        ),
    ),
    alternatives=(
        Alternative(_sums_by_loop, why="nested loops and lists"),
        Alternative(_by_data_matrix, why="as least squares, with the matrix of past samples"),
    ),
    forbidden=("librosa.lpc", "numpy.cov"),
    because="the sums are to be written by yourself",
)


# ---- Levinson-Durbin ---------------------------------------------------------------------------


def _lags(rng, order, length=120):
    return lpc.autocorrelation(_frame(rng, length), order)


def _levinson_cases(rng):
    r = _lags(rng, 12)
    return [
        Case((r, 4), "order 4, of 13 lags given"),
        Case((_lags(rng, 10, 90), 10), "order 10"),
        Case((lpc.autocorrelation(rng.standard_normal(50), 3), 3), "order 3, of noise"),
        Case((_lags(rng, 2), 2), "order 2"),
        Case((_lags(rng, 1), 1), "order 1"),
        Case((np.zeros(5), 4), "the autocorrelation of silence", BAD),
        Case((np.array([1.0, 0.9, -0.9, 0.9]), 3), "lags that belong to no frame", BAD),
        Case((r[:4], 4), "fewer lags than the order needs", BAD),
        *_bad("r", r, (8,)),
    ]


def _levinson_by_loops(r, order):
    r = [float(value) for value in finite_vector(r, "r")]
    if order < 1 or len(r) < order + 1 or r[0] <= 0:
        raise ValueError("no predictor")
    a, k, error = [], [], r[0]
    for i in range(1, order + 1):
        guess = sum(a[m - 1] * r[i - m] for m in range(1, i))
        k.append((r[i] - guess) / error)
        if not -1 < k[-1] < 1:
            raise ValueError("no frame")
        a = [a[m] - k[-1] * a[i - 2 - m] for m in range(i - 1)] + [k[-1]]
        error -= k[-1] ** 2 * error
    return a, k, error


def _levinson_as_regressions(r, order):
    r = finite_vector(r, "r")
    if order < 1 or len(r) < order + 1 or r[0] <= 0:
        raise ValueError("no predictor")
    whole = r[np.abs(np.subtract.outer(np.arange(order + 1), np.arange(order + 1)))]
    if np.linalg.eigvalsh(whole)[0] <= 0:
        raise ValueError("no frame")
    k = []
    for i in range(1, order + 1):  # a whole system for every order, by its eigenvectors
        values, vectors = np.linalg.eigh(whole[:i, :i])
        a = vectors @ ((vectors.T @ r[1 : i + 1]) / values)
        k.append(a[-1])
    return a, k, r[0] - a @ r[1 : order + 1]


def _levinson_single(r, order):
    a, k, error = lpc.levinson_durbin(r, order)
    return a.astype(np.float32), k.astype(np.float32), np.float32(error)


def _overwrites_while_reading(r, order):
    r = finite_vector(r, "r")
    if not 1 <= order < len(r) or r[0] <= 0:
        raise ValueError("no predictor")
    a, k, error = np.zeros(order), np.zeros(order), r[0]
    for i in range(order):
        k[i] = (r[i + 1] - a[:i] @ r[i:0:-1]) / error
        if abs(k[i]) >= 1:
            raise ValueError("no frame")
        for m in range(i):
            a[m] -= k[i] * a[i - 1 - m]
        a[i] = k[i]
        error *= 1 - k[i] ** 2
    return a, k, float(error)


LEVINSON_DURBIN = Exercise(
    function=lpc.levinson_durbin,
    cases=_levinson_cases,
    criteria=(
        Criterion("predictor coefficients", 3, select=lambda answer: answer[0]),
        Criterion("reflection coefficients", 1, select=lambda answer: answer[1]),
        Criterion("prediction error", 1, select=lambda answer: answer[2]),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes=(
        Mistake(edit=("return a, k, float(error)", "return -a, k, float(error)"), says=SIGN),
        Mistake(
            edit=("return a, k, float(error)", "return np.append(1.0, -a), k, float(error)"),
            says=HEAD,
        ),
        Mistake(
            edit=("return a, k, float(error)", "return a, -k, float(error)"),
            says="Your reflection coefficients have the opposite sign: by the definition in the "
            "docstring the first one is positive when neighbouring samples are alike.",
        ),
        Mistake(
            edit=("error = error * (1 - k[i] ** 2)", "error = error * 1"),
            says="You divide by the energy of the frame at every order; at each order the error "
            "that is left has become smaller.",
        ),
        Mistake(
            edit=("error * (1 - k[i] ** 2)", "error * (1 - abs(k[i]))"),
            says="The error shrinks by the wrong factor: energies go with squares.",
        ),
        Mistake(
            edit=("a - k[i] * a[::-1]", "a - k[i] * a"),
            says="The old coefficients are corrected by themselves; the backward predictor, which "
            "corrects them, has them in the opposite order.",
        ),
        Mistake(
            function=_overwrites_while_reading,
            says="You overwrite the coefficients of the last order while you still need them.",
        ),
        Mistake(
            edit=("return a, k, float(error)", "return a, k, float(np.sqrt(error))"),
            says="You return the gain, the root of the error's energy, in place of the energy.",
        ),
    ),
    alternatives=(
        Alternative(_levinson_by_loops, why="loops and lists"),
        Alternative(_levinson_as_regressions, why="a system for every order, by eigenvectors"),
        Alternative(_levinson_single, why="single precision"),
    ),
    forbidden=(
        "scipy.linalg.solve_toeplitz",
        "scipy.linalg.solve",
        "scipy.linalg.lstsq",
        "scipy.linalg.inv",
        "numpy.linalg.solve",
        "numpy.linalg.lstsq",
        "numpy.linalg.inv",
        "numpy.linalg.pinv",
        "librosa.lpc",
    ),
    because="it solves the equations for you; the recursion is what is asked for",
)


# ---- reflection coefficients -------------------------------------------------------------------


def _reflection_cases(rng):
    unstable = 0.9 * _predictor(rng, 3)
    unstable[-1] = rng.uniform(1.05, 1.6)
    hidden = _unstable_inside(rng)
    return [
        Case((_predictor(rng, 10),), "a predictor of order 10"),
        Case((_predictor(rng, 5),), "a predictor of order 5"),
        Case((_predictor(rng, 2),), "a predictor of order 2"),
        Case((_predictor(rng, 1),), "a predictor of order 1"),
        Case((unstable,), "an unstable filter of order 3", BAD),
        Case((hidden,), "an unstable filter whose last coefficient is small", BAD),
        *_bad("a", _predictor(rng, 4)),
    ]


def _unstable_inside(rng):
    """One resonance that grows, one that decays fast."""
    growing = 1.05 * np.exp(1j * rng.uniform(0.5, 1.2))
    decaying = 0.4 * np.exp(1j * rng.uniform(1.6, 2.5))
    return -np.real(np.poly([growing, growing.conj(), decaying, decaying.conj()]))[1:]


def _down_by_loops(a):
    a, k = [float(value) for value in finite_vector(a, "a")], []
    while a:
        last = a.pop()
        if abs(last) >= 1:
            raise ValueError("unstable")
        k.insert(0, last)
        a = [(a[m] + last * a[-1 - m]) / (1 - last * last) for m in range(len(a))]
    return k


def _down_recursively(a):
    a = finite_vector(a, "a")
    if np.abs(np.roots(np.append(1, -a))).max(initial=0) >= 1:
        raise ValueError("unstable")
    lower = (a[:-1] + a[-1] * a[-2::-1]) / (1 - a[-1] ** 2) if len(a) > 1 else a[:0]
    return np.append(_down_recursively(lower), a[-1]) if len(lower) else a


REFLECTION_COEFFICIENTS = Exercise(
    function=lpc.reflection_coefficients,
    cases=_reflection_cases,
    criteria=(
        Criterion("reflection coefficients", 3),
        Criterion("tells an unstable filter, and refuses what is no filter", 1, BAD),
    ),
    mistakes=(
        Mistake(
            edit=("a[:i] + k[i] * a[:i][::-1]", "a[:i] - k[i] * a[:i][::-1]"),
            says="That is the step up. Going down, the same correction has to be undone.",
        ),
        Mistake(
            edit=(" / (1 - k[i] ** 2)", ""),
            says="Adding the correction back leaves each coefficient multiplied by a common "
            "factor; find it and divide by it.",
        ),
        Mistake(
            edit=("a[:i] + k[i] * a[:i][::-1]", "a[:i] + k[i] * a[:i]"),
            says="The coefficients that correct a are in the opposite order to a.",
        ),
        Mistake(
            edit=("return k", "return k[::-1]"),
            says="Your answer starts with the highest order; the first one belongs to order 1.",
        ),
        Mistake(
            edit=("return k", "return -k"),
            says="Every sign is the opposite of the one in the docstring, where k of order p is "
            "the last coefficient itself.",
        ),
        Mistake(
            edit=("if abs(k[i]) >= 1:", "if abs(k[-1]) >= 1:"),
            says="You look at the size of the last coefficient only; a filter is stable when "
            "every one of its reflection coefficients is smaller than 1.",
        ),
    ),
    alternatives=(
        Alternative(_down_by_loops, why="loops and lists"),
        Alternative(_down_recursively, why="recursively, with stability from the roots"),
    ),
    forbidden=("librosa.lpc",),
)


# ---- residual ----------------------------------------------------------------------------------


def _residual_cases(rng):
    a = _predictor(rng, 8)
    return [
        Case((rng.standard_normal(120), a), "120 samples and order 8"),
        Case((_frame(rng, 90), _predictor(rng, 12)), "a windowed frame and order 12"),
        Case((rng.standard_normal(40), _predictor(rng, 1)), "40 samples and order 1"),
        Case((rng.standard_normal(3), a), "3 samples and order 8", EDGE),
        Case((rng.standard_normal(1), a), "a single sample", EDGE),
        *_bad("s", rng.standard_normal(20), (a,)),
        Case((rng.standard_normal(20), np.append(a, np.inf)), "an infinite coefficient", BAD),
    ]


def _residual_by_convolution(s, a):
    s, a = finite_vector(s, "s"), finite_vector(a, "a")
    return np.convolve(s, np.append(1.0, -a))[: len(s)]


def _residual_by_loop(s, a):
    s, a = list(finite_vector(s, "s")), list(finite_vector(a, "a"))
    return [
        s[n] - sum(a[m - 1] * s[n - m] for m in range(1, len(a) + 1) if n - m >= 0)
        for n in range(len(s))
    ]


def _residual_single(s, a):
    return lpc.residual(s, a).astype(np.float32)


RESIDUAL = Exercise(
    function=lpc.residual,
    cases=_residual_cases,
    criteria=(
        Criterion("the residual", 3),
        Criterion("a signal shorter than the predictor", 1, EDGE),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes=(
        Mistake(
            edit=("error[m:] -= a", "error[m:] += a"),
            says="You add the prediction. The residual is what is left when it is taken away; if "
            "your coefficients came from a library, their sign is the opposite.",
        ),
        Mistake(
            edit=("return error", "return s - error"),
            says="You return the prediction itself; asked for is what it misses.",
        ),
        Mistake(
            edit=("return error", "return error[len(a) :]"),
            says="You leave out the first samples, whose past is not complete. Take the missing "
            "past to be zero.",
        ),
        Mistake(
            edit=("a[m - 1] * s[:-m]", "a[-m] * s[:-m]"),
            says="The coefficients meet the past in the wrong order: a_1 belongs to the sample "
            "just before.",
        ),
        Mistake(
            edit=("a[m - 1] * s[:-m]", "a[m - 1] * error[:-m]"),
            says="You predict from residuals you have already computed, which is a recursive "
            "filter; predict from the signal itself.",
        ),
        Mistake(
            edit=(
                "error[m:] -= a[m - 1] * s[:-m]",
                "error[m - 1 :] -= a[m - 1] * s[: len(s) - m + 1]",
            ),
            says="Your delays are one too short: you use the sample itself to predict it.",
        ),
    ),
    alternatives=(
        Alternative(_residual_by_convolution, why="convolution with the prediction-error filter"),
        Alternative(_residual_by_loop, why="two loops and a list"),
        Alternative(_residual_single, why="single precision"),
    ),
    forbidden=("scipy.signal.lfilter", "scipy.signal.filtfilt", "scipy.signal.sosfilt"),
    because="it is the filter you are asked to write",
)


# ---- synthesis ---------------------------------------------------------------------------------


def _synthesis_cases(rng):
    a, gain = _predictor(rng, 8), rng.uniform(1.5, 4.0)
    pulses = np.zeros(100)
    pulses[:: int(rng.integers(20, 40))] = 1.0
    return [
        Case((pulses, a, gain), "a pulse train and order 8"),
        Case((rng.standard_normal(80), _predictor(rng, 5), gain), "noise and order 5"),
        Case((rng.standard_normal(30), _predictor(rng, 1), 0.2), "noise and order 1"),
        Case((rng.standard_normal(3), a, gain), "3 samples and order 8", EDGE),
        Case((pulses, a, 0.0), "a gain of zero", BAD),
        Case((pulses, a, -gain), "a negative gain", BAD),
        *_bad("e", pulses, (a, gain)),
    ]


def _synthesis_by_loop(e, a, gain):
    e, a, s = finite_vector(e, "e"), finite_vector(a, "a"), []
    if gain <= 0:
        raise ValueError("gain")
    for n in range(len(e)):
        value = gain * e[n]
        for m in range(1, len(a) + 1):
            if n >= m:
                value += a[m - 1] * s[n - m]
        s.append(float(value))
    return s


def _synthesis_by_impulse_response(e, a, gain):
    e, a = finite_vector(e, "e"), finite_vector(a, "a")
    if gain <= 0:
        raise ValueError("gain")
    h = np.zeros(len(e))
    h[0] = gain
    for n in range(1, len(e)):
        h[n] = sum(a[m - 1] * h[n - m] for m in range(1, min(n, len(a)) + 1))
    return np.convolve(e, h)[: len(e)]


SYNTHESIS = Exercise(
    function=lpc.synthesis,
    cases=_synthesis_cases,
    criteria=(
        Criterion("the signal", 3),
        Criterion("an excitation shorter than the predictor", 1, EDGE),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes=(
        Mistake(
            edit=("gain * e[n] + a @ past", "e[n] + a @ past"),
            says="The gain is not used: it sets how strongly the excitation drives the filter.",
        ),
        Mistake(
            edit=("gain * e[n] + a @ past", "gain * (e[n] + a @ past)"),
            says="The gain also multiplies the feedback, so it acts again at every sample; it "
            "belongs to the excitation alone.",
        ),
        Mistake(
            edit=("e[n] + a @ past", "e[n] - a @ past"),
            says="The past enters with a minus sign: that holds for coefficients from a library, "
            "whose sign is the opposite of this course's.",
        ),
        Mistake(
            edit=("s[n : n + p][::-1]", "s[n : n + p]"),
            says="The coefficients meet the past in the wrong order: a_1 belongs to the sample "
            "just before.",
        ),
        Mistake(
            edit=("past = s[n : n + p][::-1]", "past = np.append(np.zeros(p), e)[n : n + p][::-1]"),
            says="You feed back the excitation; the resonances come from feeding back the speech "
            "already made.",
        ),
        Mistake(
            edit=("gain * e[n]", "gain**2 * e[n]"),
            says="The excitation is multiplied by the square of the gain.",
        ),
    ),
    alternatives=(
        Alternative(_synthesis_by_loop, why="two loops and a list"),
        Alternative(_synthesis_by_impulse_response, why="convolution with the impulse response"),
    ),
    forbidden=(
        "scipy.signal.lfilter",
        "scipy.signal.sosfilt",
        "scipy.signal.dlsim",
        "scipy.signal.dimpulse",
    ),
    because="it is the filter you are asked to write",
)


# ---- envelope ----------------------------------------------------------------------------------


def _envelope_cases(rng):
    rate = float(rng.choice([8000.0, 11025.0, 16000.0]))
    grid = np.linspace(0, rate / 2, 33)
    gain = rng.uniform(2.0, 9.0)
    a = _predictor(rng, 10)
    return [
        Case((a, gain, grid, rate), "order 10 on a grid from 0 to half the rate"),
        Case(
            (_predictor(rng, 3), 0.05, rng.uniform(0, rate / 2, 9), rate), "order 3, a small gain"
        ),
        Case((_predictor(rng, 1), gain, np.array([rate / 8]), rate), "order 1, one frequency"),
        Case((a, 0.0, grid, rate), "a gain of zero", BAD),
        Case((a, gain, grid, 0.0), "a rate of zero", BAD),
        *_bad("a", a, (gain, grid, rate)),
    ]


def _envelope_by_loop(a, gain, frequencies, rate):
    a, levels = finite_vector(a, "a"), []
    if gain <= 0 or rate <= 0:
        raise ValueError("gain and rate")
    for f in finite_vector(frequencies, "frequencies"):
        z = np.exp(2j * np.pi * f / rate)
        denominator = 1 - sum(a[m - 1] * z**-m for m in range(1, len(a) + 1))
        levels.append(float(10 * np.log10(abs(gain / denominator) ** 2)))
    return levels


def _envelope_by_poles(a, gain, frequencies, rate):
    a, frequencies = finite_vector(a, "a"), finite_vector(frequencies, "frequencies")
    if gain <= 0 or rate <= 0:
        raise ValueError("gain and rate")
    z = np.exp(2j * np.pi * frequencies / rate)
    distances = np.abs(z[:, None] - np.roots(np.append(1, -a)))
    return 20 * (np.log10(gain) - np.log10(distances).sum(1))


def _envelope_single(a, gain, frequencies, rate):
    return lpc.envelope(a, gain, frequencies, rate).astype(np.float32)


ENVELOPE = Exercise(
    function=lpc.envelope,
    cases=_envelope_cases,
    criteria=(
        Criterion("levels in dB", 3, equal=Close(rtol=1e-6, atol=1e-6)),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes=(
        Mistake(
            edit=("1 - prediction", "1 + prediction"),
            says="The denominator has the sign that belongs to a library's coefficients; "
            "in this course's convention the prediction is subtracted.",
        ),
        Mistake(
            edit=("20 * np.log10", "10 * np.log10"),
            says="Your levels are half as many decibels as they should be: H is an amplitude, not "
            "a power.",
        ),
        Mistake(
            edit=("gain / np.abs", "1 / np.abs"),
            says="The gain is left out: the curve has the right shape at the wrong height.",
        ),
        Mistake(
            edit=("gain / np.abs", "gain**2 / np.abs"),
            says="The gain is squared. G is an amplitude: the root of the error's energy.",
        ),
        Mistake(
            edit=("gain / np.abs(1 - prediction)", "gain * np.abs(1 - prediction)"),
            says="This is the prediction-error filter, with dips where the formants are; the "
            "synthesis filter is its reciprocal.",
        ),
        Mistake(
            edit=("np.arange(1, len(a) + 1)", "np.arange(len(a))"),
            says="Your first coefficient has no delay; a_1 belongs to a delay of one sample.",
        ),
        Mistake(
            edit=("-2j * np.pi", "-1j * np.pi"),
            says="Your frequency axis is stretched by two: a full turn of the circle is the "
            "sampling rate, not half of it.",
        ),
        Mistake(
            edit=("20 * np.log10", "20 * np.log"),
            says="You use the natural logarithm; decibels are defined with base ten.",
        ),
    ),
    alternatives=(
        Alternative(_envelope_by_loop, why="loops, and from the power"),
        Alternative(_envelope_by_poles, why="from the distances to the poles"),
        Alternative(_envelope_single, why="single precision"),
    ),
    forbidden=(
        "scipy.signal.freqz",
        "scipy.signal.freqz_zpk",
        "scipy.signal.freqz_sos",
        "scipy.signal.sosfreqz",
        "scipy.signal.dfreqresp",
        "scipy.signal.dbode",
    ),
    because="it evaluates the filter for you",
)


# ---- formants ----------------------------------------------------------------------------------


def _formants_cases(rng):
    rate = float(rng.choice([8000.0, 10000.0, 16000.0]))
    real = np.poly([rng.uniform(0.6, 0.95), -rng.uniform(0.3, 0.8)])
    with_real = -np.convolve(np.append(1.0, -_resonances(rng, 3, rate)), real)[1:]
    a = _resonances(rng, 4, rate)
    return [
        Case((a, rate), "four resonances"),
        Case((_resonances(rng, 3, rate), rate), "three resonances"),
        Case((_resonances(rng, 5, 2 * rate), 2 * rate), "five resonances"),
        Case((with_real, rate), "three resonances and two real poles", EDGE),
        Case((-real[1:], rate), "two real poles and no resonance", EDGE),
        Case((a, 0.0), "a rate of zero", BAD),
        *_bad("a", a, (rate,)),
    ]


def _formants_by_eigenvalues(a, rate):
    a = finite_vector(a, "a")
    if rate <= 0:
        raise ValueError("rate")
    companion = np.vstack([a, np.eye(len(a))[:-1]])
    found = []
    for pole in np.linalg.eigvals(companion):
        turn = float(np.arctan2(np.imag(pole), np.real(pole)))
        if 1e-9 < turn < np.pi - 1e-9:
            found.append((turn * rate / (2 * np.pi), float(-np.log(abs(pole)) * rate / np.pi)))
    found.sort()
    return [f for f, _ in found], [b for _, b in found]


def _formants_single(a, rate):
    return tuple(part.astype(np.float32) for part in lpc.formants(a, rate))


_ROOTS = Close(rtol=1e-5, atol=1e-4)

FORMANTS = Exercise(
    function=lpc.formants,
    cases=_formants_cases,
    criteria=(
        Criterion("frequencies", 2, select=lambda answer: answer[0], equal=_ROOTS),
        Criterion("bandwidths", 2, select=lambda answer: answer[1], equal=_ROOTS),
        Criterion("poles that do not ring are left out", 1, EDGE, equal=_ROOTS),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes=(
        Mistake(
            edit=("np.append(1.0, -a)", "np.append(1.0, a)"),
            says="Your polynomial has the sign of a library's coefficients: with this course's "
            "predictor the signs after the leading 1 change.",
        ),
        Mistake(
            edit=("poles[poles.imag > 0]", "poles"),
            says="A resonance is a pair of poles: you list both of them, one at a negative "
            "frequency.",
        ),
        Mistake(
            edit=("poles[poles.imag > 0]", "poles[poles.imag >= 0]"),
            says="Real poles are among your resonances: they decay without ringing, and are "
            "neither formants at 0 Hz nor at half the rate.",
        ),
        Mistake(
            edit=("np.argsort(frequencies)", "np.arange(len(frequencies))"),
            says="Your resonances come in the order in which the roots were found; sort them by "
            "frequency.",
        ),
        Mistake(
            edit=("bandwidths[ascending]", "bandwidths"),
            says="You sorted the frequencies but not the bandwidths that belong to them.",
        ),
        Mistake(
            edit=("* rate / np.pi", "* rate / (2 * np.pi)"),
            says="Your bandwidths are half as wide as they should be: a pole of radius exp(-pi B / "
            "rate) has bandwidth B.",
        ),
        Mistake(
            edit=("* rate / (2 * np.pi)", "* rate / np.pi"),
            says="Your frequencies are twice as high as they should be: half a turn of the circle "
            "is half the rate.",
        ),
        Mistake(
            edit=("bandwidths = -np.log", "bandwidths = np.log"),
            says="Your bandwidths are negative where the resonance dies away: the logarithm of a "
            "radius below 1 is negative. (The roots of the polynomial in 1/z give this too.)",
        ),
    ),
    alternatives=(
        Alternative(_formants_by_eigenvalues, why="eigenvalues of the companion matrix, and lists"),
        Alternative(_formants_single, why="single precision"),
    ),
    forbidden=("scipy.signal.tf2zpk", "scipy.signal.find_peaks"),
    because="the way from the polynomial to the resonances is yours to write",
)

EXERCISES = (
    AUTOCORRELATION,
    NORMAL_EQUATIONS,
    LEVINSON_DURBIN,
    REFLECTION_COEFFICIENTS,
    RESIDUAL,
    SYNTHESIS,
    ENVELOPE,
    FORMANTS,
)
