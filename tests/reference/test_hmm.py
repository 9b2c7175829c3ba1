"""The HMM reference against hmmlearn, SciPy, enumeration of all paths, and finite differences."""

from itertools import product

import numpy as np
import pytest
from hmmlearn.hmm import CategoricalHMM, GaussianHMM
from scipy.optimize import approx_fprime
from scipy.stats import multivariate_normal

from autograder.reference import hmm


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def random_model(rng, n_frames, n_states, n_symbols=5):
    """(pi, A, B, symbols, b) of a discrete model, some transitions of which are impossible."""
    pi, A = rng.dirichlet(np.ones(n_states)), rng.dirichlet(np.ones(n_states), n_states)
    if n_states > 2:
        A[0, 2] = A[2, 0] = 0
        A /= A.sum(axis=1, keepdims=True)
    B = rng.dirichlet(np.ones(n_symbols), n_states)
    symbols = rng.integers(n_symbols, size=n_frames)
    return pi, A, B, symbols, B[:, symbols].T


def every_path(pi, A, b):
    """All paths and the joint probability of each with the frames."""
    n_frames, n_states = b.shape
    paths = np.array(list(product(range(n_states), repeat=n_frames)))
    joint = pi[paths[:, 0]] * b[np.arange(n_frames), paths].prod(axis=1)
    for t in range(n_frames - 1):
        joint = joint * A[paths[:, t], paths[:, t + 1]]
    return paths, joint


def speech_sized(rng, n_frames=60, n_states=6, dims=13):
    """A left-to-right Gaussian model and features of a digit's length and dimension."""
    pi = np.eye(n_states)[0]
    A = 0.8 * np.eye(n_states) + 0.2 * np.eye(n_states, k=1)
    A[-1, -1] = 1
    means = 3 * rng.normal(size=(n_states, dims))
    factors = rng.normal(size=(n_states, dims, 2 * dims)) / np.sqrt(2 * dims)
    states = np.minimum(np.arange(n_frames) * n_states // n_frames, n_states - 1)
    x = means[states] + rng.normal(size=(n_frames, dims))
    return pi, A, means, factors @ factors.swapaxes(1, 2) + 0.1 * np.eye(dims), x


def library_model(pi, A, means, covariances, **settings):
    model = GaussianHMM(len(pi), covariance_type="full", init_params="", **settings)
    model.startprob_, model.transmat_, model.means_, model.covars_ = pi, A, means, covariances
    return model


def forward_backward(pi, A, b):
    alpha_hat, c, log_likelihood = hmm.scaled_forward(pi, A, b)
    beta_hat = hmm.scaled_backward(A, b, c)
    return hmm.posteriors(alpha_hat, beta_hat, A, b, c), log_likelihood


# --- Gaussian outputs -----------------------------------------------------------------------


@pytest.mark.oracle("gaussian_log_likelihood", against="scipy.stats.multivariate_normal")
def test_gaussian_is_scipys(rng, agree):
    _, _, means, covariances, x = speech_sized(rng)
    each = [multivariate_normal(m, c).logpdf(x) for m, c in zip(means, covariances)]
    agree(hmm.gaussian_log_likelihood(x, means, covariances), np.stack(each, axis=1), 1e-8)


@pytest.mark.oracle("gaussian_log_likelihood", against="numerical integration to one")
def test_gaussian_integrates_to_one(agree):
    grid = np.stack(np.meshgrid(np.linspace(-9, 9, 181), np.linspace(-9, 9, 181)), -1)
    covariance = np.array([[[1.5, 0.6], [0.6, 0.8]]])
    log_b = hmm.gaussian_log_likelihood(grid.reshape(-1, 2), np.zeros((1, 2)), covariance)
    agree(np.exp(log_b).sum() * 0.1**2, 1.0, 1e-8)


# --- forward and backward -------------------------------------------------------------------


@pytest.mark.parametrize(("n_frames", "n_states"), [(1, 2), (2, 3), (7, 3), (9, 2)])
@pytest.mark.oracle("scaled_forward", against="enumeration of all paths")
def test_forward_sums_over_all_paths(rng, agree, n_frames, n_states):
    pi, A, _, _, b = random_model(rng, n_frames, n_states)
    alpha_hat, c, log_likelihood = hmm.scaled_forward(pi, A, b)
    probabilities = []
    for t in range(n_frames):
        paths, joint = every_path(pi, A, b[: t + 1])
        probabilities.append(joint.sum())
        by_state = [joint[paths[:, -1] == j].sum() for j in range(n_states)]
        agree(alpha_hat[t], np.array(by_state) / joint.sum(), 1e-12)
    agree(c, np.array(probabilities) / np.array([1, *probabilities[:-1]]), 1e-12)
    agree(log_likelihood, np.log(probabilities[-1]), 1e-12)


@pytest.mark.oracle("scaled_forward", against="hmmlearn CategoricalHMM, 2,000 symbols")
def test_forward_of_a_long_sequence(rng, agree):
    pi, A, B, symbols, b = random_model(rng, 2000, 4)
    model = CategoricalHMM(4, init_params="")
    model.startprob_, model.transmat_, model.emissionprob_ = pi, A, B
    agree(hmm.scaled_forward(pi, A, b)[2], model.score(symbols[:, None]), 1e-7)


@pytest.mark.oracle("scaled_forward", against="hmmlearn GaussianHMM, a digit's size")
def test_forward_with_gaussian_outputs(rng, agree):
    pi, A, means, covariances, x = speech_sized(rng)
    log_b = hmm.gaussian_log_likelihood(x, means, covariances)
    largest = log_b.max(axis=1, keepdims=True)
    log_likelihood = hmm.scaled_forward(pi, A, np.exp(log_b - largest))[2] + largest.sum()
    agree(log_likelihood, library_model(pi, A, means, covariances).score(x), 1e-7)


@pytest.mark.parametrize(("n_frames", "n_states"), [(1, 2), (2, 3), (7, 3), (9, 2)])
@pytest.mark.oracle("scaled_backward", against="enumeration of all futures")
def test_backward_sums_over_all_futures(rng, agree, n_frames, n_states):
    pi, A, _, _, b = random_model(rng, n_frames, n_states)
    c = hmm.scaled_forward(pi, A, b)[1]
    beta_hat = hmm.scaled_backward(A, b, c)
    for t in range(n_frames - 1):
        for i in range(n_states):
            future = every_path(A[i], A, b[t + 1 :])[1].sum()
            agree(beta_hat[t, i], future / np.prod(c[t + 1 :]), 1e-11)
    agree(beta_hat[-1], np.ones(n_states), 1e-11)


# --- posteriors -----------------------------------------------------------------------------


@pytest.mark.parametrize(("n_frames", "n_states"), [(1, 3), (2, 2), (7, 3), (9, 2)])
@pytest.mark.oracle("posteriors", against="enumeration of all paths")
def test_posteriors_are_shares_of_paths(rng, agree, n_frames, n_states):
    pi, A, _, _, b = random_model(rng, n_frames, n_states)
    (gamma, xi), _ = forward_backward(pi, A, b)
    paths, joint = every_path(pi, A, b)
    joint = joint / joint.sum()
    visits = np.eye(n_states)[paths]
    agree(gamma, np.einsum("p,pti->ti", joint, visits), 1e-12)
    agree(xi, np.einsum("p,pti,ptj->tij", joint, visits[:, :-1], visits[:, 1:]), 1e-12)


@pytest.mark.oracle("posteriors", against="hmmlearn predict_proba")
def test_posteriors_are_hmmlearns(rng, agree):
    pi, A, means, covariances, x = speech_sized(rng)
    covariances = covariances * 50  # wide outputs, so that frames are shared between states
    log_b = hmm.gaussian_log_likelihood(x, means, covariances)
    b = np.exp(log_b - log_b.max(axis=1, keepdims=True))
    (gamma, _), _ = forward_backward(pi, A, b)
    agree(gamma, library_model(pi, A, means, covariances).predict_proba(x), 1e-10)


@pytest.mark.oracle("posteriors", against="finite differences of the log likelihood")
def test_log_likelihood_differentiates_to_expected_counts(rng, agree):
    pi, A, _, _, b = random_model(rng, 12, 3)
    (gamma, xi), _ = forward_backward(pi, A, b)
    possible = A > 0

    def by_log_transitions(log_a):
        changed = np.zeros_like(A)
        changed[possible] = np.exp(log_a)
        return hmm.scaled_forward(pi, changed, b)[2]

    def by_log_outputs(log_b):
        return hmm.scaled_forward(pi, A, np.exp(log_b.reshape(b.shape)))[2]

    step = 1e-7
    counts = approx_fprime(np.log(A[possible]), by_log_transitions, step)
    agree(xi.sum(axis=0)[possible], counts, 1e-5)
    agree(gamma.ravel(), approx_fprime(np.log(b).ravel(), by_log_outputs, step), 1e-5)


# --- re-estimation --------------------------------------------------------------------------


def one_update(rng, lengths):
    """Old model, recordings, and what hmmlearn and the reference make of one iteration."""
    pi, A, means, covariances, _ = speech_sized(rng, n_states=4, dims=3)
    covariances = covariances * 9  # wide outputs, so that frames are shared between states
    xs = [speech_sized(rng, n, 4, 3)[-1] for n in lengths]
    log_bs = [hmm.gaussian_log_likelihood(x, means, covariances) for x in xs]
    shared = [forward_backward(pi, A, np.exp(log_b))[0] for log_b in log_bs]
    gammas, xis = zip(*shared)
    quiet = {"n_iter": 1, "params": "tmc", "covars_prior": 0, "covars_weight": 0, "min_covar": 0}
    library = library_model(pi, A, means, covariances, **quiet)  # maximum likelihood, no prior
    library.fit(np.concatenate(xs), [len(x) for x in xs])
    return A, xs, gammas, xis, library


@pytest.mark.parametrize("lengths", [(60,), (60, 25, 1, 40)])
@pytest.mark.oracle("reestimate_transitions", against="one iteration of hmmlearn")
def test_transitions_are_hmmlearns(rng, agree, lengths):
    A, _, _, xis, library = one_update(rng, lengths)
    agree(hmm.reestimate_transitions(xis, A), library.transmat_, 1e-9)


@pytest.mark.oracle("reestimate_transitions", against="counting a path that is known")
def test_transitions_of_a_known_path_are_its_counts(agree):
    path = [0, 0, 1, 0, 1, 1, 1, 0]
    xi = np.zeros((7, 3, 3))
    xi[np.arange(7), path[:-1], path[1:]] = 1
    A = np.full((3, 3), 1 / 3)
    expected = [[1 / 3, 2 / 3, 0], [1 / 2, 1 / 2, 0], [1 / 3] * 3]
    agree(hmm.reestimate_transitions([xi[:3], xi[3:]], A), expected, 1e-15)


@pytest.mark.parametrize("lengths", [(60,), (60, 25, 1, 40)])
@pytest.mark.oracle("reestimate_gaussians", against="one iteration of hmmlearn")
def test_gaussians_are_hmmlearns(rng, agree, lengths):
    _, xs, gammas, _, library = one_update(rng, lengths)
    means, covariances = hmm.reestimate_gaussians(xs, gammas)
    agree(means, library.means_, 1e-9)
    agree(covariances, library.covars_, 1e-8)


@pytest.mark.oracle("reestimate_gaussians", against="numpy.cov with weights")
def test_gaussians_are_weighted_covariances(rng, agree):
    x, gamma = rng.normal(size=(40, 3)), rng.dirichlet(np.ones(2), 40)
    means, covariances = hmm.reestimate_gaussians([x[:15], x[15:]], [gamma[:15], gamma[15:]])
    agree(means, [np.average(x, axis=0, weights=g) for g in gamma.T], 1e-12)
    agree(covariances, [np.cov(x.T, ddof=0, aweights=g) for g in gamma.T], 1e-12)


@pytest.mark.oracle("reestimate_gaussians", against="finite differences of the expected score")
def test_no_other_gaussian_scores_higher(rng, agree):
    x, gamma = rng.normal(size=(50, 2)), rng.dirichlet(np.ones(2), 50)
    means, covariances = hmm.reestimate_gaussians([x], [gamma])
    roots = np.linalg.cholesky(covariances)

    def expected_score(flat):
        new_roots = flat[4:].reshape(2, 2, 2)
        new = new_roots @ new_roots.swapaxes(1, 2)
        return np.sum(gamma * hmm.gaussian_log_likelihood(x, flat[:4].reshape(2, 2), new))

    flat = np.concatenate([means.ravel(), roots.ravel()])
    agree(approx_fprime(flat, expected_score, 1e-7), np.zeros(12), 1e-3)


def test_baum_welch_never_lowers_the_likelihood(rng):
    pi, A, _, _, b_old = random_model(rng, 40, 3)
    x = rng.normal(size=(40, 2))
    means, covariances = rng.normal(size=(3, 2)), np.array([np.eye(2)] * 3)
    assert b_old.shape == (40, 3)
    history = []
    for _ in range(12):
        b = np.exp(hmm.gaussian_log_likelihood(x, means, covariances))
        (gamma, xi), log_likelihood = forward_backward(pi, A, b)
        history.append(log_likelihood)
        pi, A = gamma[0], hmm.reestimate_transitions([xi], A)
        means, covariances = hmm.reestimate_gaussians([x], [gamma])
    assert np.all(np.diff(history) > -1e-9) and history[-1] > history[0] + 1


# --- decoding, and the exam's question ------------------------------------------------------


def logs(*arrays):
    with np.errstate(divide="ignore"):
        return [np.log(array) for array in arrays]


@pytest.mark.parametrize(("n_frames", "n_states"), [(1, 3), (2, 2), (7, 3), (9, 2)])
@pytest.mark.oracle("viterbi", against="enumeration of all paths")
def test_viterbi_finds_the_best_of_all_paths(rng, agree, n_frames, n_states):
    pi, A, _, _, b = random_model(rng, n_frames, n_states)
    paths, joint = every_path(pi, A, b)
    path, log_probability = hmm.viterbi(*logs(pi, A, b))
    agree(path, paths[np.argmax(joint)], 0)
    agree(log_probability, np.log(joint.max()), 1e-12)


@pytest.mark.oracle("viterbi", against="hmmlearn decode, a digit's size and 5,000 frames")
def test_viterbi_is_hmmlearns(rng, agree):
    for n_frames in (60, 5000):
        pi, A, means, covariances, x = speech_sized(rng, n_frames)
        log_b = hmm.gaussian_log_likelihood(x, means, covariances)
        path, log_probability = hmm.viterbi(*logs(pi, A), log_b)
        expected, states = library_model(pi, A, means, covariances).decode(x)
        agree(path, states, 0)
        agree(log_probability / n_frames, expected / n_frames, 1e-9)


@pytest.mark.oracle("viterbi", against="the first of all paths in order, where all tie")
def test_viterbi_takes_the_lowest_state_in_a_tie(agree):
    path, _ = hmm.viterbi(np.zeros(3), np.zeros((3, 3)), np.zeros((6, 3)))
    agree(path, np.zeros(6), 0)


@pytest.mark.oracle("last_scale_factor", against="enumeration of all paths")
def test_last_factor_is_a_conditional_probability(rng, agree):
    pi, A, _, _, b = random_model(rng, 7, 3)
    alpha = [pi * b[0]]
    for likelihoods in b[1:]:
        alpha.append(alpha[-1] @ A * likelihoods)
    whole, history = every_path(pi, A, b)[1].sum(), every_path(pi, A, b[:-1])[1].sum()
    agree(hmm.last_scale_factor(alpha), whole / history, 1e-12)
    agree(hmm.last_scale_factor(alpha[:1]), np.sum(pi * b[0]), 1e-15)


@pytest.mark.oracle("last_scale_factor", against="hmmlearn score with and without the last frame")
def test_last_factor_is_a_difference_of_scores(rng, agree):
    pi, A, B, symbols, b = random_model(rng, 30, 3)
    model = CategoricalHMM(3, init_params="")
    model.startprob_, model.transmat_, model.emissionprob_ = pi, A, B
    alpha = [pi * b[0]]
    for likelihoods in b[1:]:
        alpha.append(alpha[-1] @ A * likelihoods)
    gained = model.score(symbols[:, None]) - model.score(symbols[:-1, None])
    agree(np.log(hmm.last_scale_factor(alpha)), gained, 1e-9)


# --- bad input ------------------------------------------------------------------------------

PI, A, B = np.array([0.6, 0.4]), np.array([[0.7, 0.3], [0.2, 0.8]]), np.full((3, 2), 0.5)
NAN = np.array([[0.5, np.nan]] * 3)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (hmm.gaussian_log_likelihood, (B, np.zeros((2, 2)), -np.array([np.eye(2)] * 2))),
        (hmm.gaussian_log_likelihood, (NAN, np.zeros((2, 2)), np.array([np.eye(2)] * 2))),
        (hmm.scaled_forward, (PI, A, 0 * B)),
        (hmm.scaled_forward, (PI, A, NAN)),
        (hmm.scaled_forward, (PI, A, B[:0])),
        (hmm.scaled_forward, ([], [], [])),
        (hmm.scaled_backward, (A, B, np.zeros(3))),
        (hmm.posteriors, (B, B, A, B, -np.ones(3))),
        (hmm.reestimate_transitions, ([], A)),
        (hmm.reestimate_gaussians, ([], [])),
        (hmm.reestimate_gaussians, ([B], [np.eye(3)[:, :2] * [1, 0]])),
        (hmm.viterbi, (PI, A, np.full((3, 2), -np.inf))),
        (hmm.viterbi, (PI, A, NAN)),
        (hmm.viterbi, (PI, A, np.full((3, 2), np.inf))),
        (hmm.last_scale_factor, (np.zeros((3, 2)),)),
        (hmm.last_scale_factor, (B[:0],)),
    ],
)
def test_bad_input_is_refused_in_a_sentence(function, arguments):
    with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
        function(*arguments)
