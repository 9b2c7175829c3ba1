"""Whole other versions of the HMM reference functions, right ones and wrong ones.

Those that an edit of the reference's source cannot express. Written as students write them.
"""

from __future__ import annotations

import numpy as np
import scipy.linalg
from scipy.special import logsumexp

from autograder.reference import hmm
from autograder.reference.hmm import as_numbers


def _single(value):
    return np.float32(value)


def _logs(array):
    with np.errstate(divide="ignore"):
        return np.log(array)


# --- Gaussian outputs -----------------------------------------------------------------------


def gaussian_by_cholesky(x, means, covariances):
    x, means = as_numbers(x, "x", 2), as_numbers(means, "means", 2)
    if x.shape[1] != means.shape[1]:
        raise ValueError("dimensions disagree")
    columns = []
    for mean, covariance in zip(means, as_numbers(covariances, "covariances", 3), strict=True):
        try:
            factor = np.linalg.cholesky(covariance)
        except np.linalg.LinAlgError:
            raise ValueError("not positive definite") from None
        whitened = scipy.linalg.solve_triangular(factor, (x - mean).T, lower=True)
        log_root = np.log(np.diag(factor)).sum() + 0.5 * x.shape[1] * np.log(2 * np.pi)
        columns.append(-0.5 * (whitened**2).sum(axis=0) - log_root)
    return np.stack(columns, axis=1)


def gaussian_by_inverse(x, means, covariances):
    x, means = as_numbers(x, "x", 2), as_numbers(means, "means", 2)
    if x.shape[1] != means.shape[1]:
        raise ValueError("dimensions disagree")
    rows = []
    for frame in x:
        row = []
        for mean, covariance in zip(means, covariances, strict=True):
            if np.min(np.linalg.eigvalsh(covariance)) <= 0:
                raise ValueError("not positive definite")
            distance = (frame - mean) @ np.linalg.inv(covariance) @ (frame - mean)
            log_volume = np.linalg.slogdet(2 * np.pi * np.asarray(covariance))[1]
            row.append(float(-0.5 * (distance + log_volume)))
        rows.append(row)
    return rows


def log_of_underflown_density(x, means, covariances):
    return _logs(np.exp(hmm.gaussian_log_likelihood(x, means, covariances)))


# --- forward and backward -------------------------------------------------------------------


def forward_in_loops(pi, A, b):
    pi, A, b = as_numbers(pi, "pi", 1), as_numbers(A, "A", 2), as_numbers(b, "b", 2)
    states = range(len(A))
    if len(pi) != len(A) or b.shape[1] != len(A):
        raise ValueError("shapes disagree")
    rows, factors = [], []
    for t, likelihoods in enumerate(b.tolist()):
        row = []
        for j in states:
            arriving = pi[j] if t == 0 else sum(rows[-1][i] * A[i, j] for i in states)
            row.append(float(arriving * likelihoods[j]))
        total = sum(row)
        if total == 0:
            raise ValueError("impossible")
        rows.append([value / total for value in row])
        factors.append(total)
    return rows, factors, sum(float(np.log(factor)) for factor in factors)


def _log_forward(pi, A, b):
    log_alpha = [_logs(pi) + _logs(b[0])]
    for likelihoods in b[1:]:
        log_alpha.append(logsumexp(log_alpha[-1][:, None] + _logs(A), axis=0) + _logs(likelihoods))
    return np.array(log_alpha)


def forward_in_logs(pi, A, b):
    pi, A, b = as_numbers(pi, "pi", 1), as_numbers(A, "A", 2), as_numbers(b, "b", 2)
    if len(pi) != len(A):
        raise ValueError("shapes disagree")
    log_alpha = _log_forward(pi, A, b)
    so_far = logsumexp(log_alpha, axis=1)
    if np.isneginf(so_far).any():
        raise ValueError("impossible")
    return np.exp(log_alpha - so_far[:, None]), np.exp(np.diff(so_far, prepend=0)), so_far[-1]


def forward_single(pi, A, b):
    return tuple(_single(part) for part in hmm.scaled_forward(pi, A, b))


def forward_with_rabiner_scales(pi, A, b):
    alpha_hat, c, log_likelihood = hmm.scaled_forward(pi, A, b)
    return alpha_hat, 1 / c, log_likelihood


def backward_in_loops(A, b, c):
    A, b, c = as_numbers(A, "A", 2), as_numbers(b, "b", 2), as_numbers(c, "c", 1)
    states = range(len(A))
    if len(c) != len(b) or np.any(c == 0):
        raise ValueError("c does not fit")
    rows = [[1.0 for _ in states]]
    for t in range(len(b) - 1, 0, -1):
        after = rows[0]
        row = [float(sum(A[i, j] * b[t, j] * after[j] for j in states) / c[t]) for i in states]
        rows.insert(0, row)
    return rows


def backward_in_logs(A, b, c):
    A, b, c = as_numbers(A, "A", 2), as_numbers(b, "b", 2), as_numbers(c, "c", 1)
    if len(c) != len(b) or np.any(c <= 0):
        raise ValueError("c does not fit")
    log_beta = np.zeros_like(b)
    for t in range(len(b) - 2, -1, -1):
        log_beta[t] = logsumexp(_logs(A) + _logs(b[t + 1]) + log_beta[t + 1], axis=1)
    still_to_come = np.cumsum(np.log(c)[::-1])[::-1] - np.log(c)
    return np.exp(log_beta - still_to_come[:, None])


def backward_single(A, b, c):
    return _single(hmm.scaled_backward(A, b, c))


def backward_normalised(A, b, c):
    beta_hat = hmm.scaled_backward(A, b, c)
    return beta_hat / beta_hat.sum(axis=1, keepdims=True)


# --- posteriors and re-estimation -----------------------------------------------------------


def posteriors_normalised(alpha_hat, beta_hat, A, b, c):
    alpha_hat, beta_hat = as_numbers(alpha_hat, "alpha_hat", 2), as_numbers(beta_hat, "beta_hat", 2)
    if len(beta_hat) != len(b) or np.any(np.asarray(c) <= 0):
        raise ValueError("arguments disagree")
    gamma = alpha_hat * beta_hat
    gamma = gamma / gamma.sum(axis=1, keepdims=True)
    xi = np.einsum("ti,ij,tj,tj->tij", alpha_hat[:-1], A, b[1:], beta_hat[1:])
    return gamma, xi / xi.sum(axis=(1, 2), keepdims=True)


def posteriors_in_loops(alpha_hat, beta_hat, A, b, c):
    as_numbers(alpha_hat, "alpha_hat", 2)
    n_frames, n_states = np.shape(b)
    if len(beta_hat) != n_frames or min(c) <= 0:
        raise ValueError("arguments disagree")
    gamma = [[alpha_hat[t][i] * beta_hat[t][i] for i in range(n_states)] for t in range(n_frames)]
    xi = np.zeros((n_frames - 1, n_states, n_states))
    for t in range(n_frames - 1):
        for i in range(n_states):
            for j in range(n_states):
                xi[t, i, j] = (
                    alpha_hat[t, i] * A[i, j] * b[t + 1, j] * beta_hat[t + 1, j] / c[t + 1]
                )
    return gamma, xi


def posteriors_single(alpha_hat, beta_hat, A, b, c):
    return tuple(_single(part) for part in hmm.posteriors(alpha_hat, beta_hat, A, b, c))


def transitions_in_loops(xis, A):
    A = as_numbers(A, "A", 2)
    new = A.tolist()
    if not xis:
        raise ValueError("no recording")
    states = range(len(A))
    for xi in xis:
        if xi.shape[1:] != A.shape or np.isnan(xi).any():
            raise ValueError("a recording does not fit")
    for i in states:
        counts = [sum(float(frame[i, j]) for xi in xis for frame in xi) for j in states]
        if sum(counts) > 0:
            new[i] = [count / sum(counts) for count in counts]
    return new


def transitions_stacked(xis, A):
    if len(xis) == 0:
        raise ValueError("no recording")
    joined = np.concatenate([*xis, np.zeros((1, *np.shape(A)))])
    if np.isnan(joined).any():
        raise ValueError("NaN")
    counts = joined.sum(axis=0)
    return [row / row.sum() if row.any() else old for row, old in zip(counts, A, strict=True)]


def transitions_single(xis, A):
    return _single(hmm.reestimate_transitions(xis, A))


def transitions_averaged(xis, A):
    pooled = hmm.reestimate_transitions(xis, A)  # refuses bad input
    each = [hmm.reestimate_transitions([xi], A) for xi in xis if len(xi)]
    return np.mean(each, axis=0) if len(each) > 1 else pooled


def gaussians_in_loops(xs, gammas):
    hmm.reestimate_gaussians(xs, gammas)  # refuses bad input
    dims, means, covariances = np.shape(xs[0])[1], [], []
    for i in range(np.shape(gammas[0])[1]):
        weight = sum(gamma[:, i].sum() for gamma in gammas)
        mean = sum(gamma[:, i] @ x for x, gamma in zip(xs, gammas, strict=True)) / weight
        covariance = np.zeros((dims, dims))
        for x, gamma in zip(xs, gammas, strict=True):
            for frame, share in zip(x, gamma[:, i], strict=True):
                covariance += share * np.outer(frame - mean, frame - mean) / weight
        means.append(mean)
        covariances.append(covariance)
    return means, covariances


def gaussians_by_moments(xs, gammas):
    means, _ = hmm.reestimate_gaussians(xs, gammas)
    x, gamma = np.concatenate(xs), np.concatenate(gammas)
    second = np.einsum("ti,td,te->ide", gamma, x, x) / gamma.sum(axis=0)[:, None, None]
    return means, second - means[:, :, None] * means[:, None, :]


def gaussians_single(xs, gammas):
    return tuple(_single(part) for part in hmm.reestimate_gaussians(xs, gammas))


def gaussians_unbiased(xs, gammas):
    means, covariances = hmm.reestimate_gaussians(xs, gammas)
    occupancy = np.sum(np.concatenate(gammas), axis=0)
    return means, covariances * (occupancy / (occupancy - 1))[:, None, None]


def gaussians_averaged(xs, gammas):
    pooled = hmm.reestimate_gaussians(xs, gammas)  # refuses bad input
    each = [hmm.reestimate_gaussians([x], [gamma]) for x, gamma in zip(xs, gammas, strict=True)]
    return tuple(np.mean(part, axis=0) for part in zip(*each, strict=True)) if each else pooled


# --- decoding, and the exam's question ------------------------------------------------------


def viterbi_in_loops(log_pi, log_A, log_b):
    for value, name, ndim in ((log_pi, "log_pi", 1), (log_A, "log_A", 2), (log_b, "log_b", 2)):
        as_numbers(value, name, ndim, minus_infinity=True)
    if not len(log_pi) == len(log_A) == log_b.shape[1]:
        raise ValueError("shapes disagree")
    states = range(len(log_pi))
    score, backwards = [log_pi[j] + log_b[0, j] for j in states], []
    for frame in log_b[1:]:
        came_from = [max(states, key=lambda i, j=j: score[i] + log_A[i, j]) for j in states]
        score = [score[came_from[j]] + log_A[came_from[j], j] + frame[j] for j in states]
        backwards.append(came_from)
    last = max(states, key=lambda j: score[j])
    if score[last] == -np.inf:
        raise ValueError("impossible")
    path = [last]
    for came_from in reversed(backwards):
        path.append(came_from[path[-1]])
    return path[::-1], float(score[last])


def viterbi_of_whole_paths(log_pi, log_A, log_b):
    log_b = as_numbers(log_b, "log_b", 2, minus_infinity=True)
    if np.shape(log_A) != (len(log_pi), len(log_pi)):
        raise ValueError("shapes disagree")
    best = [(log_pi[j] + log_b[0, j], [j]) for j in range(len(log_pi))]
    for frame in log_b[1:]:
        arrivals = []
        for j, likelihood in enumerate(frame):
            i = int(np.argmax([score + log_A[i, j] for i, (score, _) in enumerate(best)]))
            arrivals.append((best[i][0] + log_A[i, j] + likelihood, [*best[i][1], j]))
        best = arrivals
    log_probability, path = max(best, key=lambda pair: pair[0])
    if log_probability == -np.inf:
        raise ValueError("impossible")
    return np.array(path), log_probability


def viterbi_single(log_pi, log_A, log_b):
    path, log_probability = hmm.viterbi(log_pi, log_A, log_b)
    return path.astype(np.int32), _single(log_probability)


def viterbi_without_backtracking(log_pi, log_A, log_b):
    _, log_probability = hmm.viterbi(log_pi, log_A, log_b)
    delta = log_pi + log_b[0]
    path = [int(np.argmax(delta))]
    for frame in log_b[1:]:
        delta = np.max(delta[:, None] + log_A, axis=0) + frame
        path.append(int(np.argmax(delta)))
    return path, log_probability


def sum_of_ratios(alpha):
    last = hmm.last_scale_factor(alpha)
    return float(np.sum(alpha[-1] / alpha[-2])) if len(alpha) > 1 else last


def last_factor_through_posterior(alpha):
    alpha = as_numbers(alpha, "alpha", 2)
    if (alpha < 0).any():
        raise ValueError("negative")
    if len(alpha) == 1:
        return alpha.sum()
    if not alpha[-2].any():
        raise ValueError("impossible history")
    before = alpha[-2] / alpha[-2].sum()
    growth = alpha[-1].sum() / alpha[-2].sum()
    return before.sum() * growth


def last_factor_in_logs(alpha):
    hmm.last_scale_factor(alpha)  # refuses bad input
    log_sums = [logsumexp(_logs(row)) for row in np.asarray(alpha)]
    return np.exp(log_sums[-1] - log_sums[-2]) if len(log_sums) > 1 else np.exp(log_sums[-1])
