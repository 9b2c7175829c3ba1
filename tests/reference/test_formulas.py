"""Printed formulas that no graded function holds, each against what does not share its derivation.

`autograder/release/formulas.toml` says which formula is held by which test.
"""

from __future__ import annotations

from itertools import pairwise, product
from math import comb

import numpy as np
import pytest
from scipy import integrate, optimize, signal, special
from scipy.linalg import solve_toeplitz, toeplitz
from scipy.special import softmax

RATE = 8000


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def slope(function, x: float, step: float = 1e-6) -> float:
    return (function(x + step) - function(x - step)) / (2 * step)


def predictor(frame: np.ndarray, order: int) -> np.ndarray:
    """The coefficients of the autocorrelation method, by SciPy's solver."""
    r = np.correlate(frame, frame, "full")[len(frame) - 1 :]
    return solve_toeplitz(r[:order], r[1 : order + 1])


def stepped_up(k: np.ndarray) -> np.ndarray:
    """1, -a_1, ..., -a_p of the reflection coefficients, by polynomials and their mirror images."""
    error = np.array([1.0])
    for k_i in k:
        error = np.append(error, 0) - k_i * np.append(error, 0)[::-1]
    return error


# --- sampling -----------------------------------------------------------------------------


def test_noise_that_is_fed_back_has_the_spectrum_of_a_second_difference(rng):
    """Before it is fed back the error is white: that of rounding, and the dither itself."""
    step, level, count = 2 / 2**6, 0.1234, 2**16
    dither = step * rng.uniform(-0.5, 0.5, (2, count)).sum(axis=0)
    before, y = [0.0, 0.0], np.empty(count)
    for n in range(count):
        wanted = level - 2 * before[0] + before[1]
        y[n] = step * (np.floor((wanted + dither[n]) / step) + 0.5)
        before = [y[n] - wanted, before[0]]
    turns, power = signal.welch(y - level, nperseg=128)
    white = step**2 / 12 + step**2 / 6  # of the rounding, and of the two dithers
    expected = 2 * white * np.abs(signal.freqz([1, -2, 1], worN=2 * np.pi * turns)[1]) ** 2
    high = turns > 0.05  # below, what leaks from the loud part is louder
    assert power[high][:-1] == pytest.approx(expected[high][:-1], rel=0.2)
    assert np.mean(y - level) == pytest.approx(0, abs=1e-6)


# --- fourier ------------------------------------------------------------------------------


def test_the_fourier_transform_of_a_pulse_and_the_way_back():
    T = 0.002
    for omega in (1.0, 900.0, 2 * np.pi / T, 4000.0):
        even, _ = integrate.quad(lambda t: np.cos(omega * t), -T / 2, T / 2)  # noqa: B023
        assert even == pytest.approx(2 * np.sin(omega * T / 2) / omega, abs=1e-12)
    # A Gaussian, whose transform has no corner, so that the integral back converges at once.
    width = 0.3
    for t in (0.0, 0.2, -0.5):

        def spectrum(omega):
            return integrate.quad(lambda u: np.exp(-((u / width) ** 2)) * np.cos(omega * u), -3, 3)[
                0
            ]

        back, _ = integrate.quad(lambda w: spectrum(w) * np.cos(w * t), -40, 40, limit=200)  # noqa: B023
        assert back / (2 * np.pi) == pytest.approx(np.exp(-((t / width) ** 2)), abs=1e-6)


def test_size_and_angle_of_a_bin_in_all_four_quadrants():
    for real, imaginary in ((3, 4), (-3, 4), (-3, -4), (3, -4), (0, -2), (-2, 0)):
        size, angle = np.hypot(real, imaginary), np.arctan2(imaginary, real)
        assert size == pytest.approx(np.sqrt(real**2 + imaginary**2))
        assert size * np.cos(angle) == pytest.approx(real, abs=1e-12)
        assert size * np.sin(angle) == pytest.approx(imaginary, abs=1e-12)


def test_a_product_of_transforms_is_a_convolution_if_there_is_room(rng):
    x, h = rng.standard_normal(20), rng.standard_normal(7)
    direct = np.array(
        [sum(x[m] * h[n - m] for m in range(20) if 0 <= n - m < 7) for n in range(26)]
    )
    room = np.fft.ifft(np.fft.fft(x, 26) * np.fft.fft(h, 26))
    assert room == pytest.approx(direct, abs=1e-12)
    wrapped = np.fft.ifft(np.fft.fft(x) * np.fft.fft(h, 20))
    direct[:6] += direct[20:]  # without room, the tail comes round to the beginning
    assert wrapped == pytest.approx(direct[:20], abs=1e-12)


@pytest.mark.parametrize("count", [200, 400, 800])
def test_sines_are_seen_as_two_from_about_the_resolution_on(count):
    n = np.arange(count) - (count - 1) / 2

    def valley(apart):
        """Does the spectrum of 1 kHz and of a sine above it, a quarter turn on, dip between?"""
        grid = np.linspace(1000, 1000 + apart, 101)
        turn = 2 * np.pi * n / RATE
        x = np.cos(1000 * turn) + np.sin((1000 + apart) * turn)
        size = np.abs(np.exp(-1j * np.outer(grid, turn)) @ x)
        return size.min() < 0.95 * min(size[0], size[-1])

    resolution = RATE / count
    assert not valley(0.6 * resolution)
    assert valley(1.4 * resolution)


@pytest.mark.parametrize("power", [1, 4, 9])
def test_a_fast_transform_takes_half_n_log_n_products(power, rng):
    products = []

    def transform(x):
        if len(x) == 1:
            return x
        even, odd = transform(x[::2]), transform(x[1::2])
        products.extend(odd)
        turned = np.exp(-2j * np.pi * np.arange(len(odd)) / len(x)) * odd
        return np.append(even + turned, even - turned)

    x = rng.standard_normal(2**power)
    assert transform(x) == pytest.approx(np.fft.fft(x), abs=1e-9)
    assert len(products) == 2**power / 2 * power


# --- psychoacoustics ----------------------------------------------------------------------


@pytest.mark.parametrize("f", [50.0, 1000.0, 7000.0])
def test_the_erb_rate_is_the_integral_of_one_over_the_bandwidth(f):
    rate, _ = integrate.quad(lambda v: 1 / (24.7 * (4.37 * v / 1000 + 1)), 0, f)
    assert rate == pytest.approx(np.log(1 + 0.00437 * f) / (24.7 * 0.00437), rel=1e-9)
    assert rate == pytest.approx(21.3 * np.log10(1 + 0.00437 * f), rel=5e-3)  # as it is rounded


# --- features -----------------------------------------------------------------------------


@pytest.mark.parametrize("M", [1, 3, 8])
def test_a_chequerboard_has_its_peak_where_two_parts_meet(M):
    """By SciPy's correlation with the printed kernel, for parts at right angles to each other."""
    parts = np.repeat(np.eye(2), 12, axis=0)
    a = np.pad(parts @ parts.T, M)
    i = np.arange(-M, M)
    g = np.sign(i + 0.5) * np.exp(-2 * (i + 0.5) ** 2 / M**2)
    kappa = signal.correlate2d(a, np.outer(g, g), "valid").diagonal() / np.abs(g).sum() ** 2
    assert len(kappa) == 25 and kappa[1:-1].argmax() + 1 == 12
    assert kappa[12] == pytest.approx(0.5), "half of the weights, those of equal frames"
    assert kappa[M : 12 - M + 1] == pytest.approx(0), "nothing changes within a part"


# --- source_filter ------------------------------------------------------------------------


def test_a_corner_makes_harmonics_that_fall_with_the_square():
    rise, fall = 3.0, 5.0  # slopes beside the corner, time in periods; smooth everywhere else

    def flow(t):
        # A parabola's derivative runs from `rise` to -`fall` within a period: one corner at t = 0.
        return rise * t - (rise + fall) / 2 * t**2 - (rise - (rise + fall) / 2) * t

    jump = slope(flow, 0.0) - slope(flow, 1.0)
    for k in (20, 50):
        real, _ = integrate.quad(flow, 0, 1, weight="cos", wvar=2 * np.pi * k)
        imaginary, _ = integrate.quad(flow, 0, 1, weight="sin", wvar=2 * np.pi * k)
        assert np.hypot(real, imaginary) == pytest.approx(jump / (2 * np.pi * k) ** 2, rel=1e-3)


def test_a_tube_closed_at_one_end_resonates_at_odd_multiples():
    v, length, points = 350.0, 0.175, 400
    # The second difference of the wave equation: no slope at the closed end, no pressure at lips.
    matrix = toeplitz([2.0, -1.0, *np.zeros(points - 2)])
    matrix[0, 0] = 1.0
    step = length / (points + 0.5)
    found = v / (2 * np.pi) * np.sqrt(np.linalg.eigvalsh(matrix)[:4]) / step
    assert found == pytest.approx((2 * np.arange(1, 5) - 1) * v / (4 * length), rel=1e-3)


@pytest.mark.parametrize(("formant", "width"), [(700, 130), (250, 60), (2500, 300)])
def test_the_peak_of_a_resonator_is_not_at_its_pole(formant, width):
    radius, theta = np.exp(-np.pi * width / RATE), 2 * np.pi * formant / RATE
    down = [1, -2 * radius * np.cos(theta), radius**2]

    def gain(w: float) -> float:
        return -abs(signal.freqz(1, down, [w])[1][0])

    found = optimize.minimize_scalar(
        gain, bounds=(0.5 * theta, 1.5 * theta), method="bounded", options={"xatol": 1e-10}
    )
    assert np.cos(found.x) == pytest.approx(
        (1 + radius**2) / (2 * radius) * np.cos(theta), abs=1e-6
    )


# --- lpc ----------------------------------------------------------------------------------


def test_two_samples_predict_a_damped_sinusoid():
    formant, width, n = 700, 80, np.arange(200)
    s = np.exp(-np.pi * width * n / RATE) * np.cos(2 * np.pi * formant * n / RATE + 0.4)
    radius, theta = np.exp(-np.pi * width / RATE), 2 * np.pi * formant / RATE
    assert np.allclose(s[2:], 2 * radius * np.cos(theta) * s[1:-1] - radius**2 * s[:-2])


def test_one_pole_of_a_finite_signal_lies_inside_the_circle(rng):
    frame = signal.windows.hamming(120) * rng.standard_normal(120)
    error = np.append(1, -predictor(frame, 8))
    for pole in np.roots(error):
        rest = np.poly([other for other in np.roots(error) if other != pole])
        y = np.convolve(frame, rest)
        best = np.sum(y[1:] * y[:-1].conj()) / np.sum(np.abs(y) ** 2)
        assert best == pytest.approx(pole, abs=1e-6) and abs(best) < 1


def test_the_lattice_gives_the_residual_of_the_direct_filter(rng):
    k, s = rng.uniform(-0.9, 0.9, 6), rng.standard_normal(100)
    forward = backward = s
    for k_i in k:
        delayed = np.append(0, backward[:-1])
        forward, backward = forward - k_i * delayed, delayed - k_i * forward
    assert np.allclose(forward, signal.lfilter(stepped_up(k), 1, s))


def test_a_step_of_areas_reflects_as_the_pressure_says(rng):
    """Waves through the tube, from the lips (no pressure) to the matched end, and the filter."""
    k, w = rng.uniform(-0.8, 0.8, 5), np.linspace(0.1, 3, 40)
    areas = np.cumprod(np.append(1, (1 + k) / (1 - k)))
    forward, backward = np.ones(40, complex), -np.ones(40, complex)
    for here, beyond in pairwise(areas):
        forward, backward = forward * np.exp(0.5j * w), backward * np.exp(-0.5j * w)
        pressure, flow = forward + backward, here * (forward - backward)
        forward, backward = (pressure + flow / beyond) / 2, (pressure - flow / beyond) / 2
    through = forward * np.exp(-2.5j * w)
    ratio = through / signal.freqz(stepped_up(k), 1, w)[1]
    assert np.allclose(ratio, ratio[0])


# --- celp ---------------------------------------------------------------------------------


def test_line_spectral_polynomials_add_up_and_have_roots_on_the_circle(rng):
    frame = signal.windows.hamming(200) * signal.lfilter(1, [1, -0.9], rng.standard_normal(200))
    error = np.append(np.append(1, -predictor(frame, 10)), 0)
    symmetric, antisymmetric = error + error[::-1], error - error[::-1]
    assert np.allclose((symmetric + antisymmetric) / 2, error)
    angles = []
    for polynomial in (symmetric, antisymmetric):
        roots = np.roots(polynomial)
        assert np.allclose(np.abs(roots), 1, atol=1e-6)
        angles += [(w, id(polynomial)) for w in np.angle(roots) if 1e-6 < w < np.pi - 1e-6]
    owners = [owner for _, owner in sorted(angles)]
    assert len(owners) == 10 and all(a != b for a, b in pairwise(owners))  # they alternate


# --- hmm ----------------------------------------------------------------------------------


class Small:
    """A model of two states and five frames, small enough to add up all its paths."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.pi, self.A = rng.dirichlet([1, 1]), rng.dirichlet([1, 1], size=2)
        self.b = rng.uniform(0.1, 1, (5, 2))

    def joint(self, path, A=None, frames=5) -> float:
        A = self.A if A is None else A
        p = self.pi[path[0]] * self.b[0, path[0]]
        for t in range(1, frames):
            p *= A[path[t - 1], path[t]] * self.b[t, path[t]]
        return p

    def likelihood(self, A=None, frames=5) -> float:
        return sum(self.joint(path, A, frames) for path in product(range(2), repeat=frames))

    def xi(self) -> np.ndarray:
        """Expected transitions at each frame, (4, 2, 2), by enumeration."""
        found = np.zeros((4, 2, 2))
        for path in product(range(2), repeat=5):
            for t in range(4):
                found[t, path[t], path[t + 1]] += self.joint(path)
        return found / self.likelihood()

    def expected(self, A) -> float:
        """The expected log of the joint probability under other transitions."""
        paths = list(product(range(2), repeat=5))
        weights = np.array([self.joint(path) for path in paths]) / self.likelihood()
        return float(sum(w * np.log(self.joint(path, A)) for w, path in zip(weights, paths)))


def test_a_scale_factor_is_the_probability_of_the_next_frame(rng):
    model = Small(rng)
    hat = model.pi * model.b[0]
    for t in range(1, 5):
        tilde = (hat / hat.sum()) @ model.A * model.b[t]
        ratio = model.likelihood(frames=t + 1) / model.likelihood(frames=t)
        assert tilde.sum() == pytest.approx(ratio)
        hat = tilde


def test_the_slope_by_a_log_transition_is_the_sum_of_xi(rng):
    model = Small(rng)
    for i, j in product(range(2), repeat=2):

        def log_likelihood(ln_a: float, i=i, j=j) -> float:
            A = model.A.copy()
            A[i, j] = np.exp(ln_a)
            return np.log(model.likelihood(A))

        found = slope(log_likelihood, np.log(model.A[i, j]))
        assert found == pytest.approx(model.xi().sum(axis=0)[i, j], rel=1e-6)


def test_the_likelihood_rises_by_no_less_than_the_expected_logarithm(rng):
    model = Small(rng)
    for _ in range(50):
        A = rng.dirichlet([1, 1], size=2)
        gain = np.log(model.likelihood(A) / model.likelihood())
        assert gain >= model.expected(A) - model.expected(model.A) - 1e-12


def test_the_expected_logarithm_is_a_sum_over_gamma_and_xi(rng):
    model, A = Small(rng), rng.dirichlet([1, 1], size=2)
    xi = model.xi()
    gamma = np.vstack([xi.sum(axis=2), xi[-1].sum(axis=0)])
    total = gamma[0] @ np.log(model.pi) + np.sum(xi * np.log(A)) + np.sum(gamma * np.log(model.b))
    assert total == pytest.approx(model.expected(A))


# --- recurrent ----------------------------------------------------------------------------


def test_the_partial_derivative_of_the_cross_entropy(rng):
    h, y = rng.uniform(0.1, 0.9, 6), rng.integers(0, 2, 6)
    for n in range(6):

        def loss(value: float, n=n) -> float:
            changed = np.where(np.arange(6) == n, value, h)
            return -np.mean(y * np.log(changed) + (1 - y) * np.log(1 - changed))

        assert slope(loss, h[n]) == pytest.approx((h[n] - y[n]) / (h[n] * (1 - h[n])) / 6, rel=1e-6)


def test_the_derivative_through_nested_variables():
    def output(x: float) -> float:
        h0 = x**3
        return ((np.cos(x) + np.sin(h0)) ** 2 + h0**2) / 2

    for x in (-1.1, 0.3, 1.4):
        inner = np.cos(x) + np.sin(x**3)
        printed = 3 * x**5 + inner * (3 * x**2 * np.cos(x**3) - np.sin(x))
        assert slope(output, x) == pytest.approx(printed, rel=1e-6)


# --- ctc ----------------------------------------------------------------------------------


def collapsed(path: tuple[int, ...]) -> tuple[int, ...]:
    """The text of a path: runs merged, then blanks (0) dropped."""
    return tuple(k for n, k in enumerate(path) if k and (n == 0 or path[n - 1] != k))


@pytest.mark.parametrize("label", [(1,), (1, 2), (1, 1), (1, 1, 1), (2, 1, 1, 2)])
@pytest.mark.parametrize("frames", [3, 6])
def test_as_many_paths_as_the_binomial_says(label, frames):
    paths = sum(collapsed(path) == label for path in product(range(3), repeat=frames))
    again = sum(a == b for a, b in pairwise(label))
    free = frames + len(label) - again
    assert paths == (comb(free, 2 * len(label)) if free >= 0 else 0)


def test_every_frame_gives_the_same_probability(rng):
    """Alpha and beta are sums over all first and last parts of paths here, not recursions."""
    frames, expanded = 5, (0, 1, 0, 2, 0)
    y = rng.dirichlet([1, 1, 1], size=frames)

    def follow(before: int, after: int) -> bool:
        step = after - before
        return step in (0, 1) or (step == 2 and expanded[after] not in (0, expanded[before]))

    def walks(times, first, last) -> float:
        total = 0.0
        for walk in product(range(5), repeat=len(times)):
            steps = all(follow(*pair) for pair in pairwise(walk))
            if steps and first(walk[0]) and last(walk[-1]):
                total += np.prod([y[t, expanded[s]] for t, s in zip(times, walk)])
        return total

    paths = [path for path in product(range(3), repeat=frames) if collapsed(path) == (1, 2)]
    whole = sum(np.prod(y[np.arange(frames), path]) for path in paths)
    for t in range(frames):
        total = 0.0
        for s in range(5):
            alpha = walks(range(t + 1), lambda one: one <= 1, lambda one, s=s: one == s)
            beta = walks(range(t, frames), lambda one, s=s: one == s, lambda one: one >= 3)
            total += alpha * beta / y[t, expanded[s]]
        assert total == pytest.approx(whole)


# --- attention ----------------------------------------------------------------------------


def test_the_slope_of_the_weights_by_a_key(rng):
    Q, K = rng.standard_normal((3, 2)), rng.standard_normal((4, 2))
    weights = softmax(Q @ K.T, axis=1)
    for k, m in product(range(4), range(2)):

        def nudged(value: float, k=k, m=m) -> np.ndarray:
            moved = K.copy()
            moved[k, m] = value
            return softmax(Q @ moved.T, axis=1)

        own = np.arange(4) == k
        printed = weights * (own - weights[:, [k]]) * Q[:, [m]]
        assert np.allclose(slope(nudged, K[k, m]), printed, atol=1e-8)


# --- waveglow -----------------------------------------------------------------------------


@pytest.mark.parametrize("a", [0.1, 1.0, 4.0])
def test_a_bend_of_the_axis_changes_a_density_by_its_slope(a):
    def bend(x: float) -> float:
        return float(np.arcsinh(x / a))

    def printed(x: float) -> float:
        gaussian = np.exp(-(bend(x) ** 2) / 2) / np.sqrt(2 * np.pi)
        return gaussian / np.hypot(x, a)  # the slope of arsinh(x / a)

    for low, high in ((-3 * a, -a), (-0.5 * a, 2 * a)):
        area, _ = integrate.quad(printed, low, high)
        ends = [special.ndtr(bend(end)) for end in (low, high)]  # as much noise lies between them
        assert area == pytest.approx(ends[1] - ends[0], abs=1e-9)
        assert slope(bend, low) == pytest.approx(1 / np.hypot(low, a), rel=1e-6)


# --- wavenet ------------------------------------------------------------------------------


def test_guesses_of_one_sample_each_multiply_to_the_signals_probability(rng):
    joint = rng.dirichlet(np.ones(27)).reshape(3, 3, 3)  # of all signals of three samples
    for signal_ in product(range(3), repeat=3):
        guesses = 1.0
        for t in range(3):
            past = joint[signal_[:t]]  # all signals that began like this one
            guesses *= past[signal_[t]].sum() / past.sum()
        assert guesses == pytest.approx(joint[signal_])


def test_a_class_gets_the_area_of_the_laplace_density_between_its_borders():
    def printed(v: float) -> float:
        return 0.5 + 0.5 * np.sign(v) * (1 - np.exp(-abs(v)))

    for guess, mean in ((0.1, 0.05), (-0.4, 0.3)):
        for low, high in ((-0.5, -0.4), (-0.1, 0.2), (0.3, 0.9)):

            def density(v: float, guess=guess, mean=mean) -> float:
                return np.exp(-abs(v - guess) / mean) / (2 * mean)

            area, _ = integrate.quad(density, low, high, points=[np.clip(guess, low, high)])
            ends = [printed((end - guess) / mean) for end in (low, high)]
            assert ends[1] - ends[0] == pytest.approx(area, abs=1e-9)


@pytest.mark.parametrize("L", [1, 2, 3, 6])
def test_the_tree_doubles_with_each_layer_and_queues_leave_one_value_of_each(L):
    def values(layer: int, t: int, known: set | None) -> int:
        """How many values of layers are computed for one of them; with `known`, each once."""
        if layer == 0 or (known is not None and (layer, t) in known):
            return 0
        if known is not None:
            known.add((layer, t))
        below = values(layer - 1, t, known), values(layer - 1, t - 2 ** (layer - 1), known)
        return 1 + sum(below)

    assert values(L, 0, None) == 2**L - 1
    known: set = set()
    for t in range(2**L):
        values(L, t, known)
    assert values(L, 2**L, known) == L
    reads = {(layer, t - 2**layer) for layer in range(L) for t in range(1, 2 ** (L + 1))}
    assert sum(t <= 0 for _, t in reads) == sum(2**layer for layer in range(L))


# --- hubert -------------------------------------------------------------------------------


@pytest.mark.parametrize(("p", "span"), [(0.08, 10), (0.3, 3)])
def test_a_frame_is_hidden_as_often_as_the_share_says(rng, p, span):
    starts = rng.random((400, 500)) < p
    hidden = signal.lfilter(np.ones(span), 1, starts.astype(float), axis=1) > 0.5
    assert hidden[:, span:].mean() == pytest.approx(1 - (1 - p) ** span, abs=0.01)


def test_the_slope_of_the_loss_by_a_score(rng):
    scores, units = rng.standard_normal((4, 3)), rng.integers(0, 3, 4)
    weight = np.where([True, False, True, False], 0.7, 1 - 0.7)  # hidden, seen; alpha = 0.7

    def loss(given: np.ndarray) -> float:
        p = np.exp(given) / np.exp(given).sum(axis=1, keepdims=True)
        return -np.sum(weight * np.log(p[np.arange(4), units]))

    for t, c in product(range(4), range(3)):
        one = np.zeros((4, 3))
        one[t, c] = 1
        found = slope(lambda step, one=one: loss(scores + step * one), 0.0)
        p = softmax(scores[t])[c]
        assert found == pytest.approx(weight[t] * (p - (units[t] == c)), abs=1e-7)


# --- hifigan ------------------------------------------------------------------------------


def _weighed(X: np.ndarray) -> np.ndarray:
    """A spectrogram as one real vector; bins that stand for two, f and -f, count twice."""
    twice = np.sqrt(np.r_[1, np.full(len(X) - 2, 2), 1])[:, None]
    return np.concatenate([(twice * X).real.ravel(), (twice * X).imag.ravel()])


FRAMES = {"nperseg": 16, "noverlap": 12, "scaling": "psd"}


def test_adding_up_frames_gives_the_sound_with_the_nearest_spectrogram(rng):
    count = 64
    matrix = np.stack([_weighed(signal.stft(x, **FRAMES)[2]) for x in np.eye(count)], axis=1)
    _, _, X = signal.stft(rng.normal(size=count), **FRAMES)
    wanted = np.abs(X) * np.exp(2j * np.pi * rng.random(X.shape))
    wanted[[0, -1]] = wanted[[0, -1]].real  # as in any spectrogram of a real sound
    _, x = signal.istft(wanted, **FRAMES)
    nearest = np.linalg.lstsq(matrix, _weighed(wanted), rcond=None)[0]
    assert x[:count] == pytest.approx(nearest, abs=1e-9)


def test_rounds_of_griffin_and_lim_never_lead_away_and_find_sounds_that_are_there(rng):
    _, _, X = signal.stft(rng.normal(size=256), **FRAMES)

    def errors(M, phases, rounds):
        for _ in range(rounds):
            found = signal.stft(signal.istft(M * phases, **FRAMES)[1], **FRAMES)[2]
            yield np.linalg.norm(_weighed(M - np.abs(found))) / np.linalg.norm(_weighed(M))
            phases = np.exp(1j * np.angle(found))

    by_chance = np.exp(2j * np.pi * rng.random(X.shape))
    by_chance[[0, -1]] = 1
    of_a_sound = list(errors(np.abs(X), by_chance, 60))
    of_none = list(errors(rng.random(X.shape), by_chance, 60))
    assert max(np.diff(of_a_sound)) < 1e-9 and max(np.diff(of_none)) < 1e-9
    assert next(errors(np.abs(X), np.exp(1j * np.angle(X)), 1)) < 1e-9 < 0.05 < of_none[-1]


@pytest.mark.parametrize("count", [2, 16])
def test_a_mean_of_unrelated_signals_has_the_share_of_the_power(rng, count):
    unrelated, _ = np.linalg.qr(rng.normal(size=(400, count)))  # of one power, at right angles
    powers = np.mean(unrelated**2, axis=0)
    assert powers == pytest.approx(powers[0])
    assert np.mean(unrelated.mean(axis=1) ** 2) == pytest.approx(powers[0] / count)


@pytest.mark.parametrize("layers", [[(3, 1)], [(3, 1), (3, 3), (3, 5)], [(7, 1), (11, 5)]])
def test_what_dilated_layers_see(layers):
    heard = np.ones(1)
    for taps, dilation in layers:
        spread = np.zeros((taps - 1) * dilation + 1)
        spread[::dilation] = 1
        heard = np.convolve(heard, spread)
    assert np.all(heard[[0, -1]] > 0)
    assert len(heard) == 1 + sum((taps - 1) * dilation for taps, dilation in layers)


def test_the_bits_of_runs_are_those_of_a_code_that_can_be_read(rng):
    """64 units and durations of up to 8 frames, as digits of two."""
    runs, durations = np.arange(40) * 7 % 64, rng.integers(1, 9, 40)
    message = "".join(f"{unit:06b}{frames - 1:03b}" for unit, frames in zip(runs, durations))
    pieces = [message[n : n + 9] for n in range(0, len(message), 9)]
    assert [(int(p[:6], 2), int(p[6:], 2) + 1) for p in pieces] == list(zip(runs, durations))
    seconds = durations.sum() / 50
    rate = len(runs) / seconds * (np.log2(64) + np.log2(8))
    assert len(message) / seconds == pytest.approx(rate)


# --- contrastive --------------------------------------------------------------------------


def expected_surprise(scores: np.ndarray, joint: np.ndarray) -> float:
    """Of the right one of two candidates, the other drawn from all futures; by enumeration."""
    anywhere, loss = joint.sum(axis=0), 0.0
    for c, future, other in product(*map(range, (*joint.shape, joint.shape[1]))):
        pair = scores[c, [future, other]]
        loss -= joint[c, future] * anywhere[other] * np.log(softmax(pair)[0])
    return loss


def test_the_best_score_is_the_ratio_of_densities(rng):
    """The least expected loss over all tables of scores, found without a formula for it."""
    joint = rng.dirichlet(np.ones(6)).reshape(2, 3)  # two contexts, three futures
    found = optimize.minimize(
        lambda flat: expected_surprise(flat.reshape(2, 3), joint), np.zeros(6), tol=1e-12
    )
    ratio = joint / joint.sum(axis=0) / joint.sum(axis=1, keepdims=True)
    best = np.exp(found.x.reshape(2, 3))
    # Each context may scale its scores as it likes.
    expected = ratio / ratio.sum(axis=1, keepdims=True)
    assert best / best.sum(axis=1, keepdims=True) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("count", [2, 16, 128])
def test_candidates_never_show_more_than_the_information_there_is(rng, count):
    """For two numbers with a correlation of 0.9, whose information has a formula of its own."""
    left = 1 - 0.9**2
    information = -0.5 * np.log(left)
    c = rng.normal(size=4000)
    x = 0.9 * c + np.sqrt(left) * rng.normal(size=4000)
    x = np.column_stack([x, rng.normal(size=(4000, count - 1))])
    density = (
        -((x - 0.9 * c[:, None]) ** 2) / (2 * left) + x**2 / 2
    )  # ln p(x|c)/p(x), and a constant
    surprise = -np.log(softmax(density, axis=1)[:, 0])
    shown = np.log(count) - surprise.mean()
    assert shown < information + 4 * surprise.std() / np.sqrt(4000)
    assert shown < np.log(count)
