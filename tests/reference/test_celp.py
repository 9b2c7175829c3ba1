"""The references of the codec against definitions, SciPy, brute force, and each other."""

import numpy as np
import pytest
from scipy import linalg, signal

from autograder.checks.celp.inputs import tables
from autograder.reference import celp
from autograder.reference.celp import SHORTEST
from speechlab import corpora
from speechlab.systems import celp as system

RATE = 8000


def as_filter(a):
    """The prediction-error filter that SciPy speaks of."""
    return np.append(1.0, -np.asarray(a))


@pytest.fixture
def speech():
    """A word as it was recorded (or synthesised), at the level that the codec likes."""
    clip = corpora.digits("test", digits=4)[0].samples
    return 0.05 * clip / np.sqrt(np.mean(clip**2))


@pytest.fixture
def predictor(speech):
    frame = speech[1500:1740] * np.hamming(240)
    r = np.correlate(frame, frame, "full")[239:250]
    r[0] *= 1.0001
    return linalg.solve_toeplitz(r[:-1], r[1:])


@pytest.fixture
def rng():
    return np.random.default_rng(1016)


# --- weighting ----------------------------------------------------------------------------


@pytest.mark.oracle("weighted_coefficients", against="the polynomial P(z / alpha), evaluated")
@pytest.mark.parametrize("alpha", [0.0, 0.5, 0.8, 1.0])
def test_coefficients_are_those_of_p_of_z_over_alpha(predictor, alpha, agree):
    z = 1.1 * np.exp(2j * np.pi * np.arange(16) / 16)
    c = celp.weighted_coefficients(predictor, alpha)
    ours = [np.polyval([*c[::-1], 0], 1 / at) for at in z]
    at = z / alpha if alpha else np.full(16, np.inf)
    agree(ours, [sum(a * x**-m for m, a in enumerate(predictor, 1)) for x in at], 1e-12)


@pytest.mark.oracle("weighted_coefficients", against="poles moved inwards, numpy.poly")
def test_weighting_moves_every_pole_inwards(predictor, agree):
    poles = np.roots(as_filter(predictor))
    moved = -np.poly(0.8 * poles).real[1:]
    agree(celp.weighted_coefficients(predictor, 0.8), moved, 1e-10)


@pytest.mark.oracle("weighted_synthesis", against="synthesis, then W(z), by lfilter")
@pytest.mark.parametrize("alpha", [0.5, 0.8, 1.0])
@pytest.mark.parametrize("length", [1, 5, 60, 400])
def test_p_products_do_what_three_filters_do(predictor, rng, alpha, length, agree):
    e = rng.standard_normal((7, length))
    c = celp.weighted_coefficients(predictor, alpha)
    spoken = signal.lfilter([1.0], as_filter(predictor), e)
    bare = signal.lfilter(as_filter(predictor), [1.0], spoken)
    agree(celp.weighted_synthesis(e, c), signal.lfilter([1.0], as_filter(c), bare), 1e-8)


class Counted(float):
    """A number that counts the products it takes part in."""

    products = 0

    def __mul__(self, other):
        Counted.products += 1
        return Counted(float(self) * float(other))

    __rmul__ = __mul__

    def __add__(self, other):
        return Counted(float(self) + float(other))

    __radd__ = __add__


def test_the_recursion_needs_p_products_a_sample_and_no_more(rng):
    """The reference's recursion in plain Python, on numbers that count."""
    p, N = 10, 60
    e = [Counted(value) for value in rng.standard_normal(N)]
    c = [Counted(value) for value in 0.3 * rng.standard_normal(p) / np.arange(1, p + 1)]
    y = [Counted(0)] * p
    Counted.products = 0
    for n in range(N):
        y.append(sum((c[m] * y[-1 - m] for m in range(p)), e[n]))
    assert Counted.products == p * N
    ours = celp.weighted_synthesis([list(map(float, e))], list(map(float, c)))[0]
    assert ours == pytest.approx(np.array(y[p:], dtype=float))


# --- search -------------------------------------------------------------------------------


@pytest.mark.oracle("search_codebook", against="scipy.linalg.lstsq for every candidate")
@pytest.mark.parametrize("shape", [(1, 60), (64, 60), (512, 30)])
def test_search_is_the_best_of_all_regressions(rng, shape, agree):
    y, target = rng.standard_normal(shape), rng.standard_normal(shape[1])
    fits = [linalg.lstsq(row[:, None], target)[:2] for row in y]
    errors = np.array([np.ravel(left)[0] for _, left in fits])
    k, gain, error = celp.search_codebook(target, y)
    winner = int(np.argmin(errors))
    agree([k, gain, error], [winner, fits[winner][0][0], errors[winner]], 1e-9)


@pytest.mark.oracle("pitch_predictor", against="scipy.linalg.lstsq for every lag, on speech")
@pytest.mark.parametrize("start", [800, 1500, 1700])
def test_pitch_is_the_best_of_all_regressions(speech, predictor, start, agree):
    residual = signal.lfilter(as_filter(predictor), [1.0], speech)
    x, past = residual[start : start + 60], residual[start - 147 : start]
    errors, gains = [], []
    for lag in range(20, 148):
        before = [residual[n - lag] for n in range(start, start + 60)]
        gain, left, *_ = linalg.lstsq(np.array(before)[:, None], x)
        errors.append(float(np.ravel(left)[0])), gains.append(gain[0])
    i = int(np.argmin(errors))
    agree(celp.pitch_predictor(x, past, 20, 147), [20 + i, gains[i], errors[i]], 1e-9)


@pytest.mark.oracle("adaptive_codebook", against="a comb filter, scipy.signal.lfilter")
@pytest.mark.parametrize("length", [1, 30, 60, 240])
def test_codes_ring_on_like_a_comb_filter(rng, length, agree):
    past = rng.standard_normal(147)
    combs = []
    for lag in range(20, 148):
        comb = np.append(1.0, np.zeros(lag))
        comb[lag] -= 1.0
        state = signal.lfiltic([1.0], comb, past[::-1])
        combs.append(signal.lfilter([1.0], comb, np.zeros(length), zi=state)[0])
    agree(celp.adaptive_codebook(past, 20, 147, length), combs, 1e-12)


def test_adaptive_codebook_and_pitch_predictor_agree_on_long_lags(rng):
    past, x = rng.standard_normal(147), rng.standard_normal(40)
    codes = celp.adaptive_codebook(past, 40, 147, 40)
    k, gain, error = celp.search_codebook(x, codes)
    assert celp.pitch_predictor(x, past, 40, 147) == pytest.approx((40 + k, gain, error))


# --- a frame ------------------------------------------------------------------------------


def frame(rng, a, subframes=4, length=30, M=60):
    book = tables(rng, length)
    sizes = [M - SHORTEST + 1, 8, len(book["codes"]), 8]
    numbers = np.array([[rng.integers(size) for size in sizes] for _ in range(subframes)])
    return numbers, a, book, rng.standard_normal(M), rng.standard_normal(len(a))


@pytest.mark.oracle("decode_frame", against="two linear systems: the comb's, then the mouth's")
@pytest.mark.parametrize("subframes", [1, 4])
def test_a_frame_solves_its_difference_equations(rng, predictor, subframes, agree):
    numbers, a, book, past, before = frame(rng, predictor, subframes)
    N, total = 30, subframes * 30
    comb, right = np.eye(total), np.zeros(total)
    for j, (shift, g, k, h) in enumerate(numbers):
        lag = SHORTEST + shift
        for n in range(N):
            row, gain = j * N + n, book["pitch_gains"][g]
            right[row] += book["code_gains"][h] * book["codes"][k][n]
            back, times = n - lag, 1
            while back >= 0:
                back, times = back - lag, times + 1
            source = j * N + back
            if source >= 0:
                comb[row, source] -= gain
            else:
                right[row] += gain * past[source]
    e = np.linalg.solve(comb, right)
    mouth, known = np.eye(total), e.copy()
    for n in range(total):
        for m in range(1, len(a) + 1):
            if n >= m:
                mouth[n, n - m] -= a[m - 1]
            else:
                known[n] += a[m - 1] * before[n - m]
    s, after = celp.decode_frame(numbers, a, book, past, before)
    agree(s, np.linalg.solve(mouth, known), 1e-8)
    agree(after, np.append(past, e)[-len(past) :], 1e-9)


@pytest.mark.oracle("decode_frame", against="the book's decoder, in its own tables")
def test_the_books_decoder_says_the_same(rng, predictor, agree):
    codec = system.Codec()
    book = {
        "codes": system.codebook(codec.length, codec.code_bits),
        "pitch_gains": system.PITCH_GAINS,
        "code_gains": system.CODE_GAINS,
    }
    numbers = rng.integers(0, [128, 32, 512, 32], (4, 4))
    numbers[:, 1] = rng.integers(5, 18, 4)
    decoder = system.Decoder(codec)
    decoder.excitation = 0.01 * rng.standard_normal(147)
    decoder.speech = 0.01 * rng.standard_normal(10)
    s, after = celp.decode_frame(numbers, predictor, book, decoder.excitation, decoder.speech)
    agree(s, np.concatenate([decoder.say(predictor, row) for row in numbers]), 1e-9)
    agree(after, decoder.excitation, 1e-12)


def memory_of(s, said, a, alpha, excitation):
    """The encoder's memory after signals of any length, by filtering them whole."""
    weighted = signal.lfilter(
        as_filter(a), as_filter(a * alpha ** np.arange(1, len(a) + 1)), s - said
    )
    p = len(a)
    return {
        "excitation": excitation[-60:],
        "speech": said[-p:],
        "error": (s - said)[-p:],
        "weighted": weighted[-p:],
    }


@pytest.mark.oracle("encode_frame", against="trying every code on the whole signals, with lstsq")
@pytest.mark.parametrize("alpha", [0.8, 1.0])
def test_no_other_number_leaves_less_weighted_error(rng, speech, predictor, alpha, agree):
    N, p, start = 30, 10, 1500
    book = tables(rng, N)
    book["code_gains"] = book["code_gains"] * 0.02
    plain = as_filter(predictor)
    bent = as_filter(predictor * alpha ** np.arange(1, p + 1))
    past = 0.01 * rng.standard_normal(start)
    said, s = signal.lfilter([1.0], plain, past), speech[:start]
    memory = memory_of(s, said, predictor, alpha, past)
    numbers = celp.encode_frame(speech[start : start + N], predictor, alpha, book, memory)[0]

    def weighted_error(excitation):
        """From the first sample of the signals on, so that no filter has a memory to forget."""
        whole = signal.lfilter([1.0], plain, np.append(past, excitation))
        return signal.lfilter(plain, bent, speech[: start + N] - whole)[-N:]

    chosen, found = np.zeros(N), []
    repeats = celp.adaptive_codebook(past[-60:], SHORTEST, 60, N)
    for codes, gains in ((repeats, "pitch_gains"), (book["codes"], "code_gains")):
        target, fits = weighted_error(chosen), []
        for code in codes:
            heard = target - weighted_error(chosen + code)
            gain, left, *_ = np.linalg.lstsq(heard[:, None], target, rcond=None)
            fits.append((left[0], gain[0]))
        k = min(range(len(fits)), key=lambda i: fits[i][0])
        g = int(np.argmin(np.abs(book[gains] - fits[k][1])))
        chosen = chosen + book[gains][g] * codes[k]
        found += [k, g]
    agree(numbers, found, 0)


@pytest.mark.oracle("encode_frame", against="one frame in several calls, memories by whole filters")
def test_memories_are_carried_on(rng, speech, predictor, agree):
    N, start, alpha = 30, 1500, 0.8
    book = tables(rng, N)
    book["code_gains"] = book["code_gains"] * 0.02
    past = 0.01 * rng.standard_normal(start)
    said = signal.lfilter([1.0], as_filter(predictor), past)
    memory = memory_of(speech[:start], said, predictor, alpha, past)
    at_once = celp.encode_frame(speech[start : start + 4 * N], predictor, alpha, book, memory)
    rows = []
    for j in range(4):
        now = speech[start + j * N :][:N]
        memory = memory_of(speech[: start + j * N], said, predictor, alpha, past)
        rows.append(celp.encode_frame(now, predictor, alpha, book, memory)[0])
        args = [rows[-1]], predictor, book, memory["excitation"], memory["speech"]
        new, excitation = celp.decode_frame(*args)
        said, past = np.append(said, new), np.append(past, excitation[-N:])
    agree(at_once, rows, 0)


# --- bad input ----------------------------------------------------------------------------

TABLES = {"codes": np.eye(3, 24), "pitch_gains": [0.0, 0.9], "code_gains": [-1.0, 1.0]}
REST = {
    "excitation": np.zeros(48),
    "speech": np.zeros(2),
    "error": np.zeros(2),
    "weighted": np.zeros(2),
}
A, NAN = [0.5, -0.2], float("nan")
REFUSED = [
    (celp.weighted_coefficients, ([], 0.8)),
    (celp.weighted_coefficients, ([NAN], 0.8)),
    (celp.weighted_coefficients, (A, 1.01)),
    (celp.weighted_synthesis, (np.zeros(4), A)),
    (celp.weighted_synthesis, (np.zeros((0, 4)), A)),
    (celp.weighted_synthesis, ([[1.0, NAN]], A)),
    (celp.search_codebook, ([1.0, 2.0], np.zeros((3, 4)))),
    (celp.search_codebook, ([], np.zeros((3, 0)))),
    (celp.search_codebook, ([NAN], np.ones((3, 1)))),
    (celp.pitch_predictor, ([1.0], [1.0, 2.0], 1, 3)),
    (celp.pitch_predictor, ([1.0], [1.0, 2.0], 2, 1)),
    (celp.pitch_predictor, ([], [1.0, 2.0], 1, 2)),
    (celp.adaptive_codebook, ([1.0, 2.0], 0, 1, 4)),
    (celp.adaptive_codebook, ([1.0, NAN], 1, 1, 4)),
    (celp.decode_frame, ([[0, 0, 3, 0]], A, TABLES, np.zeros(48), [0, 0])),
    (celp.decode_frame, ([[0, 0, -1, 0]], A, TABLES, np.zeros(48), [0, 0])),
    (celp.decode_frame, ([[29, 0, 0, 0]], A, TABLES, np.zeros(48), [0, 0])),
    (celp.encode_frame, (np.zeros(23), A, 0.8, TABLES, REST)),
    (celp.encode_frame, (np.full(24, NAN), A, 0.8, TABLES, REST)),
    (celp.encode_frame, (np.zeros(24), A, -0.1, TABLES, REST)),
    (celp.encode_frame, (np.zeros(24), A, 0.8, TABLES, {**REST, "excitation": np.zeros(19)})),
]


@pytest.mark.parametrize(("function", "args"), REFUSED)
def test_what_has_no_answer_is_refused(function, args):
    with pytest.raises(ValueError, match=r"^[a-z].{10,}"):
        function(*args)


def test_silence_is_coded_as_silence():
    numbers = celp.encode_frame(np.zeros(24), A, 0.8, TABLES, REST)
    assert numbers.tolist() == [[0, 0, 0, 0]]
