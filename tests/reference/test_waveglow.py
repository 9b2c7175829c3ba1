"""The references on flows against numerical Jacobians, PyTorch, SciPy's densities, and inverses.

Nothing here needs PyTorch: where it is installed, its autograd and its distributions are asked too.
"""

import numpy as np
import pytest
from scipy import integrate, linalg, signal, stats

from autograder.reference import waveglow


@pytest.fixture
def rng():
    return np.random.default_rng(4)


def net(rng, G, H=3, D=5):
    weights = rng.normal(size=(G // 2, D)), rng.normal(size=(H, D))
    return *weights, *(0.4 * rng.normal(size=(2, D, G // 2)))


def chain(rng, K, G, H=3):
    return [(rng.normal(size=(G, G)), *net(rng, G, H)) for _ in range(K)]


def jacobian(function, X, step=1e-6):
    """All derivatives of a function of an array, by central differences: outputs by inputs."""
    X, columns = np.array(X, dtype=float), []
    for where in np.ndindex(X.shape):
        up, down = X.copy(), X.copy()
        up[where] += step
        down[where] -= step
        columns.append(np.ravel(function(up) - function(down)) / (2 * step))
    return np.stack(columns, axis=1)


def measured(function, X):
    """The logarithm of the determinant of that Jacobian."""
    return np.linalg.slogdet(jacobian(function, X))[1]


# ---- rows ----


@pytest.mark.oracle("squeeze", against="numpy.lib.stride_tricks.sliding_window_view, each G-th")
@pytest.mark.parametrize(("N", "G"), [(24, 8), (6, 6), (5, 1), (30, 3)])
def test_rows_as_windows(rng, N, G, agree):
    x = rng.normal(size=N)
    agree(waveglow.squeeze(x, G), np.lib.stride_tricks.sliding_window_view(x, G)[::G], 0)


@pytest.mark.oracle("squeeze", against="torch.nn.functional.pixel_unshuffle of one line")
def test_rows_as_in_torch(rng, agree):
    torch = pytest.importorskip("torch")
    x = rng.normal(size=32)
    square = torch.tensor(np.repeat(x[None, None, None], 4, axis=2))  # 4 equal lines
    channels = torch.nn.functional.pixel_unshuffle(square, 4)[0, :4, 0]
    agree(waveglow.squeeze(x, 4), channels.T.numpy(), 0)


# ---- the coupling layer ----


@pytest.mark.oracle("coupling", against="the determinant of a numerical Jacobian")
@pytest.mark.parametrize(("T", "G"), [(1, 2), (4, 4), (3, 8)])
def test_coupling_by_its_jacobian(rng, T, G, agree):
    X, M, weights = rng.normal(size=(T, G)), rng.normal(size=(T, 3)), net(rng, G)
    _, log_det = waveglow.coupling(X, M, *weights)
    agree(log_det, measured(lambda X: waveglow.coupling(X, M, *weights)[0], X), 1e-7)


@pytest.mark.oracle("coupling", against="torch.distributions: an affine transform, given the half")
def test_coupling_as_in_torch(rng, agree):
    torch = pytest.importorskip("torch")
    X, M, weights = rng.normal(size=(6, 4)), rng.normal(size=(6, 3)), net(rng, 4)
    U, V, W_s, W_t = (torch.tensor(w) for w in weights)
    X_a, X_b = torch.tensor(X).chunk(2, dim=1)
    hidden = torch.tanh(X_a @ U + torch.tensor(M) @ V)
    affine = torch.distributions.AffineTransform(hidden @ W_t, torch.exp(hidden @ W_s))
    Y, log_det = waveglow.coupling(X, M, *weights)
    agree(Y, torch.cat([X_a, affine(X_b)], dim=1).numpy(), 1e-12)
    agree(log_det, affine.log_abs_det_jacobian(X_b, affine(X_b)).sum().item(), 1e-12)


@pytest.mark.oracle("coupling_inverse", against="scipy.optimize.root of the way there")
def test_inverse_by_a_search_for_the_root(rng, agree):
    from scipy.optimize import root

    Y, M, weights = rng.normal(size=(2, 4)), rng.normal(size=(2, 3)), net(rng, 4)

    def misses(X):
        return np.ravel(waveglow.coupling(X.reshape(2, 4), M, *weights)[0] - Y)

    X, _ = waveglow.coupling_inverse(Y, M, *weights)
    agree(X, root(misses, np.zeros(8), tol=1e-13).x.reshape(2, 4), 1e-9)


@pytest.mark.oracle("coupling_inverse", against="the determinant of a numerical Jacobian")
@pytest.mark.parametrize(("T", "G"), [(1, 2), (4, 4), (3, 8)])
def test_inverse_by_its_jacobian(rng, T, G, agree):
    Y, M, weights = rng.normal(size=(T, G)), rng.normal(size=(T, 3)), net(rng, G)
    _, log_det = waveglow.coupling_inverse(Y, M, *weights)
    agree(log_det, measured(lambda Y: waveglow.coupling_inverse(Y, M, *weights)[0], Y), 1e-7)


@pytest.mark.oracle("coupling_inverse", against="the way there, undone")
def test_there_and_back(rng, agree):
    X, M, weights = rng.normal(size=(50, 8)), rng.normal(size=(50, 3)), net(rng, 8)
    Y, there = waveglow.coupling(X, M, *weights)
    again, back = waveglow.coupling_inverse(Y, M, *weights)
    agree(again, X, 1e-12)
    assert there == pytest.approx(-back)
    assert np.array_equal(Y[:, :4], X[:, :4])


# ---- the matrix ----


@pytest.mark.oracle("invertible_convolution", against="a numerical Jacobian, both ways")
@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize(("T", "G"), [(1, 1), (5, 3), (2, 8)])
def test_matrix_by_its_jacobian(rng, T, G, inverse, agree):
    X, W = rng.normal(size=(T, G)), rng.normal(size=(G, G))
    _, log_det = waveglow.invertible_convolution(X, W, inverse)
    way = lambda X: waveglow.invertible_convolution(X, W, inverse)[0]  # noqa: E731
    agree(log_det, measured(way, X), 1e-6)


@pytest.mark.oracle("invertible_convolution", against="torch.nn.functional.conv1d of width 1")
def test_matrix_as_in_torch(rng, agree):
    torch = pytest.importorskip("torch")
    X, W = rng.normal(size=(20, 6)), rng.normal(size=(6, 6))
    theirs = torch.nn.functional.conv1d(torch.tensor(X.T[None].copy()), torch.tensor(W[:, :, None]))
    Y, log_det = waveglow.invertible_convolution(X, W)
    agree(Y, theirs[0].numpy().T, 1e-12)
    agree(log_det, 20 * torch.linalg.slogdet(torch.tensor(W)).logabsdet.item(), 1e-10)


@pytest.mark.oracle("invertible_convolution", against="scipy.linalg.lu_factor and lu_solve")
def test_matrix_by_its_factors(rng, agree):
    X, W = rng.normal(size=(7, 5)), rng.normal(size=(5, 5))
    factors = linalg.lu_factor(W)
    Y, log_det = waveglow.invertible_convolution(X, W, inverse=True)
    agree(Y, linalg.lu_solve(factors, X.T).T, 1e-12)
    agree(log_det, -7 * np.sum(np.log(np.abs(np.diag(factors[0])))), 1e-11)


# ---- the chain ----


@pytest.mark.oracle(
    "log_likelihood", against="scipy.stats.multivariate_normal, where no net speaks"
)
def test_a_linear_flow_is_a_gaussian(rng, agree):
    steps = [(W, U, V, 0 * W_s, 0 * W_t) for W, U, V, W_s, W_t in chain(rng, 3, 4)]
    whole = steps[2][0] @ steps[1][0] @ steps[0][0]
    way_back = np.linalg.inv(whole)
    x, M, sigma = rng.normal(size=20), rng.normal(size=(5, 3)), 0.7
    theirs = stats.multivariate_normal(cov=sigma**2 * way_back @ way_back.T, allow_singular=True)
    log_p, z = waveglow.log_likelihood(x, M, steps, sigma)
    agree(log_p, theirs.logpdf(x.reshape(5, 4)).sum(), 1e-8)
    agree(z, x.reshape(5, 4) @ whole.T, 1e-10)


@pytest.mark.oracle(
    "log_likelihood", against="a numerical Jacobian of the chain, and scipy.stats.norm"
)
@pytest.mark.parametrize(("K", "T", "G"), [(1, 3, 2), (3, 2, 4), (2, 1, 6)])
def test_a_chain_by_its_jacobian(rng, K, T, G, agree):
    x, M, steps = rng.normal(size=T * G), rng.normal(size=(T, 3)), chain(rng, K, G)
    log_p, z = waveglow.log_likelihood(x, M, steps, 0.8)
    stretched = measured(lambda x: waveglow.log_likelihood(x, M, steps, 0.8)[1], x)
    agree(log_p, stats.norm(scale=0.8).logpdf(z).sum() + stretched, 1e-5)


@pytest.mark.oracle("log_likelihood", against="autograd's Jacobian of the chain in PyTorch")
def test_a_chain_as_in_torch(rng, agree):
    torch = pytest.importorskip("torch")
    x, M, steps = rng.normal(size=12), rng.normal(size=(3, 2)), chain(rng, 2, 4, 2)

    def flow(x):
        z = x.reshape(3, 4)
        for step in steps:
            W, U, V, W_s, W_t = (torch.tensor(part) for part in step)
            z_a, z_b = torch.einsum("ij,tj->ti", W, z).split(2, dim=1)
            hidden = torch.tanh(z_a @ U + torch.tensor(M) @ V)
            z = torch.cat([z_a, torch.exp(hidden @ W_s) * z_b + hidden @ W_t], dim=1)
        return z.reshape(-1)

    given = torch.tensor(x)
    z, J = flow(given), torch.autograd.functional.jacobian(flow, given)
    noise = (
        torch.distributions.Normal(*torch.tensor([0.0, 1.3], dtype=torch.float64)).log_prob(z).sum()
    )
    log_p, ours = waveglow.log_likelihood(x, M, steps, 1.3)
    agree(ours, z.reshape(3, 4).numpy(), 1e-10)
    agree(log_p, (noise + torch.linalg.slogdet(J).logabsdet).item(), 1e-9)


@pytest.mark.oracle("log_likelihood", against="the integral of its exponential over all signals: 1")
def test_a_density_has_the_integral_1(rng, agree):
    M, (U, V, W_s, W_t) = rng.normal(size=(1, 3)), net(rng, 2)
    steps = [(np.array([[1.0, 0.4], [-0.3, 0.8]]), U, V, 0.5 * W_s, W_t)]

    def density(b, a):
        return np.exp(waveglow.log_likelihood([a, b], M, steps, 0.5)[0])

    whole, _ = integrate.dblquad(density, -8, 8, -8, 8, epsabs=1e-6, epsrel=1e-6)
    agree(whole, 1.0, 1e-4)


@pytest.mark.oracle("temperature_sample", against="the chain to the noise, undone")
@pytest.mark.parametrize("temperature", [0.0, 0.6, 1.0])
def test_a_sample_is_the_chain_undone(rng, temperature, agree):
    noise, M, steps = rng.normal(size=(9, 6)), rng.normal(size=(9, 3)), chain(rng, 3, 6)
    x = waveglow.temperature_sample(noise, temperature, M, steps)
    _, z = waveglow.log_likelihood(x, M, steps, 1.0)
    agree(z, temperature * noise, 1e-9)


@pytest.mark.oracle(
    "temperature_sample", against="scipy.linalg.cho_factor: coloured Gaussian noise"
)
def test_samples_of_a_linear_flow_have_its_covariance(rng, agree):
    filter_ = linalg.toeplitz([1.0, -0.9, 0, 0], [1.0, 0, 0, 0])  # a predictor within a row
    steps = [(filter_, *(0 * part for part in net(rng, 4)))]
    noise, M = rng.normal(size=(40, 4)), np.zeros((40, 3))
    x = waveglow.temperature_sample(noise, 0.5, M, steps)
    agree(x, np.ravel([signal.lfilter([0.5], [1, -0.9], row) for row in noise]), 1e-12)
    factor, _ = linalg.cho_factor(np.linalg.inv(filter_.T @ filter_), lower=True)
    agree(x.reshape(40, 4), 0.5 * noise @ np.tril(factor).T, 1e-12)


# ---- bad input ----

ROWS, TOLD = np.ones((3, 4)), np.ones((3, 2))
WEIGHTS = np.ones((2, 5)), np.ones((2, 5)), np.ones((5, 2)), np.ones((5, 2))
STEP = (np.eye(4), *WEIGHTS)
X = np.ones(12)
BAD = [
    (waveglow.squeeze, ([], 1)),
    (waveglow.squeeze, (np.ones(7), 2)),
    (waveglow.squeeze, (X, 0)),
    (waveglow.squeeze, (X, 1.5)),
    (waveglow.squeeze, (X, 24)),
    (waveglow.squeeze, (ROWS, 2)),
    *(
        (way, arguments)
        for way in (waveglow.coupling, waveglow.coupling_inverse)
        for arguments in (
            (np.ones((3, 5)), TOLD, *WEIGHTS),
            (ROWS[:2], TOLD, *WEIGHTS),
            (np.ones((3, 6)), TOLD, *WEIGHTS),
            (ROWS * np.nan, TOLD, *WEIGHTS),
            (ROWS, TOLD[:, :1], *WEIGHTS),
            (ROWS, TOLD, *WEIGHTS[:3], np.ones((5, 1))),
            (ROWS, TOLD, WEIGHTS[0], np.ones((2, 4)), *WEIGHTS[2:]),
            (np.ones((0, 4)), np.ones((0, 2)), *WEIGHTS),
        )
    ),
    (waveglow.invertible_convolution, (ROWS, np.ones((4, 4)))),
    (waveglow.invertible_convolution, (ROWS, np.diag([1, 1, 1, 1e-14]))),
    (waveglow.invertible_convolution, (ROWS, np.zeros((4, 4)), True)),
    (waveglow.invertible_convolution, (ROWS, np.eye(3))),
    (waveglow.invertible_convolution, (ROWS, np.eye(4)[:3])),
    (waveglow.invertible_convolution, (ROWS, np.nan * np.eye(4))),
    (waveglow.log_likelihood, (X, TOLD, [], 1.0)),
    (waveglow.log_likelihood, (X, TOLD, [STEP], 0.0)),
    (waveglow.log_likelihood, (X, TOLD, [STEP], np.nan)),
    (waveglow.log_likelihood, (np.ones(11), TOLD, [STEP], 1.0)),
    (waveglow.log_likelihood, (np.ones(8), TOLD, [STEP], 1.0)),
    (waveglow.log_likelihood, (np.ones(9), TOLD, [(np.eye(3), *WEIGHTS)], 1.0)),
    (waveglow.log_likelihood, (X, TOLD, [STEP, (np.ones((4, 4)), *WEIGHTS)], 1.0)),
    (waveglow.temperature_sample, (ROWS, 1.0, TOLD, [])),
    (waveglow.temperature_sample, (ROWS, -0.1, TOLD, [STEP])),
    (waveglow.temperature_sample, (ROWS, np.inf, TOLD, [STEP])),
    (waveglow.temperature_sample, (ROWS[:, :3], 1.0, TOLD, [STEP])),
    (waveglow.temperature_sample, (ROWS[:2], 1.0, TOLD, [STEP])),
    (waveglow.temperature_sample, (ROWS, 1.0, TOLD, [(np.ones((4, 4)), *WEIGHTS)])),
]


@pytest.mark.parametrize(("function", "arguments"), BAD)
def test_bad_input_is_refused(function, arguments):
    with pytest.raises(ValueError, match=r"\w+ \w+") as caught:
        function(*arguments)
    assert caught.type is ValueError
