"""Gaussian outputs: their densities, and how they are estimated anew."""

from __future__ import annotations

import numpy as np
import scipy.linalg

from autograder.checks.hmm.inputs import LONG, SEVERAL, rows
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import changed, with_nan
from autograder.reference import hmm


def _gaussians(rng, n_states, dims):
    factors = rng.normal(size=(n_states, dims, dims + 2))
    return rng.normal(size=(n_states, dims)), factors @ factors.swapaxes(1, 2) / dims


def _gaussian_cases(rng):
    plane, line, wide = _gaussians(rng, 3, 2), _gaussians(rng, 2, 1), _gaussians(rng, 2, 20)
    x = rng.normal(size=(5, 2))
    return [
        Case((x, *plane), "five frames in two dimensions"),
        Case((rng.normal(size=(4, 1)), *line), "one dimension"),
        Case((30 * rng.normal(size=(3, 20)), *wide), "20 dimensions, far from the means", LONG),
    ]


def _gaussian_by_cholesky(x, means, covariances):
    columns = []
    for mean, covariance in zip(means, covariances, strict=True):
        factor = np.linalg.cholesky(covariance)
        whitened = scipy.linalg.solve_triangular(factor, (x - mean).T, lower=True)
        log_root = np.log(np.diag(factor)).sum() + 0.5 * x.shape[1] * np.log(2 * np.pi)
        columns.append(-0.5 * (whitened**2).sum(axis=0) - log_root)
    return np.stack(columns, axis=1)


def _gaussian_by_inverse(x, means, covariances):
    away, inverse = x[:, None] - means, np.linalg.inv(covariances)
    log_volumes = np.linalg.slogdet(2 * np.pi * covariances)[1]
    return -0.5 * (np.einsum("tid,ide,tie->ti", away, inverse, away) + log_volumes)


GAUSSIAN = Exercise(
    function=hmm.gaussian_log_likelihood,
    read="From symbols to spectra",
    cases=_gaussian_cases,
    refuses={
        "a matrix that is not positive definite": {"covariances": np.negative},
        "NaN among the features": {"x": with_nan},
    },
    criteria=(
        Criterion("the log density of each frame and state", 2),
        Criterion("many dimensions, without underflow", 1, LONG),
    ),
    mistakes="""
        + dims * np.log(2 * np.pi) =>
            Your density does not integrate to one: the factor with 2 pi is missing.
        dims * np.log(2 * np.pi) => np.log(2 * np.pi)
            The factor of 2 pi is there once, but it belongs to each of the D dimensions.
        np.linalg.eigh(covariances[j]) => np.linalg.eigh(np.diag(covariances[j].diagonal()))
            You use only the diagonal of the covariance matrix; here it is a full matrix.
        + np.sum(np.log(variances)) =>
            The normalisation by the determinant of the covariance matrix is missing.
        -0.5 * (distance + => -(distance + 0.5 *
            The squared distance is not halved: look at the exponent of the normal density.
        return log_b => return np.exp(log_b)
            You return the densities themselves; asked for are their logarithms.
        return log_b => return np.log(np.exp(log_b))
            You compute the density first and its logarithm last: far from a mean the density
            underflows to zero. Stay in the log domain throughout.
    """,
    alternatives=(
        Alternative(_gaussian_by_cholesky, why="a Cholesky factor and a triangular solve"),
        Alternative(_gaussian_by_inverse, why="matrix inverse and slogdet, all frames at once"),
    ),
    forbidden="scipy.stats.multivariate_normal hmmlearn.stats.log_multivariate_normal_density",
    because="writing the density out is the point of the exercise",
)


def _recording(rng, n_frames, n_states, dims):
    """Features and state posteriors of one recording."""
    return rng.normal(2, 1, (n_frames, dims)), rows(rng, n_frames, n_states)


def _reestimation_cases(rng):
    one, two = _recording(rng, 30, 3, 2), _recording(rng, 9, 3, 2)
    line, short = _recording(rng, 20, 2, 1), _recording(rng, 25, 3, 2)
    return [
        Case(([one[0]], [one[1]]), "one recording in two dimensions"),
        Case(([line[0]], [line[1]]), "one recording in one dimension"),
        Case(([one[0], two[0], short[0]], [one[1], two[1], short[1]]), "three recordings", SEVERAL),
    ]


def _gaussians_in_loops(xs, gammas):
    means, covariances = [], []
    for shares in np.concatenate(gammas).T:
        frames = list(zip(shares / shares.sum(), np.concatenate(xs), strict=True))
        means.append(sum(share * x for share, x in frames))
        covariances.append(sum(s * np.outer(x - means[-1], x - means[-1]) for s, x in frames))
    return means, covariances


def _gaussians_by_moments(xs, gammas):
    means, _ = hmm.reestimate_gaussians(xs, gammas)
    x, gamma = np.concatenate(xs), np.concatenate(gammas)
    second = np.einsum("ti,td,te->ide", gamma, x, x) / gamma.sum(axis=0)[:, None, None]
    return means, second - means[:, :, None] * means[:, None, :]


def _gaussians_averaged(xs, gammas):
    each = [hmm.reestimate_gaussians([x], [gamma]) for x, gamma in zip(xs, gammas, strict=True)]
    return tuple(np.mean(part, axis=0) for part in zip(*each, strict=True))


GAUSSIANS = Exercise(
    function=hmm.reestimate_gaussians,
    read="From symbols to spectra",
    answers=("sheet hmm",),
    cases=_reestimation_cases,
    refuses={
        "a state to which no frame belongs": {
            "gammas": lambda gammas: [changed((..., 1), 0.0)(gammas[0])]
        },
        "no recording at all": {"xs": [], "gammas": []},
    },
    criteria=(
        Criterion("the means", 1, select=0),
        Criterion("the covariances", 2, select=1),
        Criterion("several recordings", 1, SEVERAL),
    ),
    mistakes=(
        """
        x[:, None, :] - means => x[:, None, :] - 0 * means
            Your covariance is the second moment about zero: subtract the mean first.
        weights = gamma / occupancy => weights = gamma / len(x)
            You divide by the number of frames; a state's share of them is smaller.
        occupancy = => gamma = 1.0 * (gamma == gamma.max(axis=1, keepdims=True)); occupancy =
            You give each frame to its likeliest state alone; Baum-Welch shares it among the states
            by their posteriors.
        return means, covariances => return means, covariances * np.eye(x.shape[1])
            Your covariance matrices are diagonal; asked for are full matrices.
        deviations = x[:, None, :] - means
        => deviations = (x - x.mean(axis=0))[:, None, :] + 0 * means
            You measure deviations from the mean of all frames, not from the state's mean.
        return means, covariances
        => return means, covariances * (occupancy / (occupancy - 1))[:, None, None]
            You correct the covariance for the degrees of freedom; the M step maximises the
            likelihood and divides by the occupancy itself.
        """,
        Mistake(
            _gaussians_averaged,
            says="You average the estimates of the recordings; pool the frames of all recordings "
            "instead.",
        ),
    ),
    alternatives=(
        Alternative(_gaussians_in_loops, why="loops over states and frames"),
        Alternative(_gaussians_by_moments, why="second moment minus the mean's square"),
    ),
    forbidden="numpy.cov",
    because="it takes weights, and would be the whole function",
)
