"""Hidden Markov models: evaluation, decoding and re-estimation.

Notation of the course: `T` frames, `N` states, `D` dimensions. `pi` (N,) are the probabilities
of the first state, `A` (N, N) those of the transitions, `A[i, j]` from state i to state j, and
`b` (T, N) the output likelihoods, `b[t, j]` that of frame t in state j. Frames are counted from
0 in code and from 1 in formulas.
"""

from __future__ import annotations

import numpy as np


def as_numbers(value, name, ndim, minus_infinity=False):
    """The value as a float array of `ndim` axes; raises ValueError where it cannot be one.

    Empty arrays and NaN are refused, and so are infinities, except that `minus_infinity=True`
    admits -inf, the logarithm of zero.
    """
    array = np.asarray(value, dtype=float)
    if array.ndim != ndim or array.size == 0:
        raise ValueError(f"{name} must have {ndim} axes and not be empty, not shape {array.shape}")
    allowed = np.isfinite(array) | (minus_infinity & np.isneginf(array))
    if not allowed.all():
        raise ValueError(f"{name} contains NaN or infinity")
    return array


def gaussian_log_likelihood(x, means, covariances):
    """Log likelihood of every frame under every state's Gaussian, ln b_j(x_t).

    The output density of state j is the D-dimensional normal density with mean mu_j and full
    covariance matrix Sigma_j. Work with logarithms throughout: with many dimensions the
    density itself is too small for a floating-point number.

    Parameters
    ----------
    x : array, shape (T, D)
        Feature vectors, one a frame.
    means : array, shape (N, D)
        Mean vector of each state.
    covariances : array, shape (N, D, D)
        Covariance matrix of each state, symmetric and positive definite.

    Returns
    -------
    log_b : array, shape (T, N)
        Natural logarithms of the densities.

    Raises
    ------
    ValueError
        If an argument is empty or has NaN, or if a covariance matrix is not positive definite.

    Source: Rabiner (1989), section IV.A; Bishop (2006), section 2.3.
    """
    x, means = as_numbers(x, "x", 2), as_numbers(means, "means", 2)
    covariances = as_numbers(covariances, "covariances", 3)
    (n_frames, dims), n_states = x.shape, len(means)
    log_b = np.empty((n_frames, n_states))
    for j in range(n_states):
        variances, axes = np.linalg.eigh(covariances[j])
        if np.min(variances) <= 0:
            raise ValueError(f"the covariance matrix of state {j} is not positive definite")
        along_axes = (x - means[j]) @ axes
        distance = np.sum(along_axes**2 / variances, axis=1)
        log_b[:, j] = -0.5 * (distance + np.sum(np.log(variances)) + dims * np.log(2 * np.pi))
    return log_b


def scaled_forward(pi, A, b):
    """Forward probabilities, scaled at each frame so that they never underflow.

    With alpha-tilde the probabilities before scaling at frame t, computed from the scaled ones
    of the frame before, the scale factor c_t is the sum of alpha-tilde over the states, and
    alpha-hat is alpha-tilde divided by it. So alpha_hat[t, j] = P(q_t = j | x_1 ... x_t), and
    c_t = P(x_t | x_1 ... x_{t-1}).

    Parameters
    ----------
    pi : array, shape (N,)
        Probability of each state at the first frame.
    A : array, shape (N, N)
        A[i, j] is the probability of state j after state i. Zeros are allowed.
    b : array, shape (T, N)
        b[t, j] is the likelihood of frame t in state j.

    Returns
    -------
    alpha_hat : array, shape (T, N)
        Scaled forward probabilities.
    c : array, shape (T,)
        Scale factors.
    log_likelihood : float
        ln P(x_1 ... x_T), finite however long the sequence.

    Raises
    ------
    ValueError
        If an argument is empty or has NaN, or if the model gives the sequence probability zero.

    Source: Rabiner (1989), sections III.A and V.A, with c_t as the sum itself.
    """
    pi, A, b = as_numbers(pi, "pi", 1), as_numbers(A, "A", 2), as_numbers(b, "b", 2)
    n_frames, n_states = b.shape
    alpha_hat, c = np.empty((n_frames, n_states)), np.empty(n_frames)
    alpha_tilde = pi * b[0]
    for t in range(n_frames):
        if t > 0:
            alpha_tilde = alpha_hat[t - 1] @ A * b[t]
        c[t] = np.sum(alpha_tilde)
        if c[t] <= 0:
            raise ValueError(f"no path of the model can produce the frames up to {t}")
        alpha_hat[t] = alpha_tilde / c[t]
    log_likelihood = float(np.sum(np.log(c)))
    return alpha_hat, c, log_likelihood


def scaled_backward(A, b, c):
    """Backward probabilities, scaled with the factors of the forward pass.

    beta_hat is one at the last frame. At every other frame t the unscaled recursion, applied
    to beta_hat of frame t + 1, is divided by c of frame t + 1. With this choice the product
    alpha_hat * beta_hat is the posterior of the states and sums to one at every frame.

    Parameters
    ----------
    A : array, shape (N, N)
        Transition probabilities.
    b : array, shape (T, N)
        Output likelihoods.
    c : array, shape (T,)
        Scale factors of `scaled_forward`, c[t] = P(x_t | x_0 ... x_{t-1}).

    Returns
    -------
    beta_hat : array, shape (T, N)
        Scaled backward probabilities, P(x_{t+1} ... x_T | q_t = i) / (c_{t+1} ... c_T).

    Raises
    ------
    ValueError
        If an argument is empty or has NaN, or if a scale factor is not positive.

    Source: Rabiner (1989), sections III.A and V.A; Bishop (2006), section 13.2.4.
    """
    A, b, c = as_numbers(A, "A", 2), as_numbers(b, "b", 2), as_numbers(c, "c", 1)
    n_frames, n_states = b.shape
    if np.min(c) <= 0:
        raise ValueError("scale factors must be positive")
    beta_hat = np.ones((n_frames, n_states))
    for t in range(n_frames - 2, -1, -1):
        beta_hat[t] = A @ (b[t + 1] * beta_hat[t + 1]) / c[t + 1]
    return beta_hat


def posteriors(alpha_hat, beta_hat, A, b, c):
    """Posterior probabilities of the states and of the transitions, given the whole sequence.

    gamma_t(i) = P(q_t = i | x_1 ... x_T) and xi_t(i, j) = P(q_t = i, q_{t+1} = j | x_1 ... x_T).

    Parameters
    ----------
    alpha_hat : array, shape (T, N)
        Scaled forward probabilities, as `scaled_forward` returns them.
    beta_hat : array, shape (T, N)
        Scaled backward probabilities, as `scaled_backward` returns them.
    A : array, shape (N, N)
        Transition probabilities.
    b : array, shape (T, N)
        Output likelihoods.
    c : array, shape (T,)
        Scale factors of the forward pass.

    Returns
    -------
    gamma : array, shape (T, N)
        State posteriors; each row sums to one.
    xi : array, shape (T - 1, N, N)
        Transition posteriors; each (N, N) matrix sums to one. With a single frame there is no
        transition and the shape is (0, N, N).

    Raises
    ------
    ValueError
        If an argument is empty or has NaN, or if a scale factor is not positive.

    Source: Rabiner (1989), section III.C, equations (27) and (37).
    """
    alpha_hat, beta_hat = as_numbers(alpha_hat, "alpha_hat", 2), as_numbers(beta_hat, "beta_hat", 2)
    A, b, c = as_numbers(A, "A", 2), as_numbers(b, "b", 2), as_numbers(c, "c", 1)
    if np.min(c) <= 0:
        raise ValueError("scale factors must be positive")
    gamma = alpha_hat * beta_hat
    after = b[1:] * beta_hat[1:] / c[1:, None]
    xi = alpha_hat[:-1, :, None] * A * after[:, None, :]
    return gamma, xi


def reestimate_transitions(xis, A):
    """New transition probabilities from the transition posteriors of several recordings.

    The probability of j after i is the expected number of transitions from i to j over the
    expected number of transitions out of i, both counted over all frames of all recordings.
    A state that no recording ever leaves (its count is zero) gives no evidence: it keeps its
    row of `A`.

    Parameters
    ----------
    xis : list of arrays, each of shape (T_r - 1, N, N)
        Transition posteriors of each recording r; recordings differ in length. A recording
        of one frame brings an array of shape (0, N, N).
    A : array, shape (N, N)
        The transition probabilities that the posteriors were computed with.

    Returns
    -------
    new_A : array, shape (N, N)
        Rows sum to one; a transition that was impossible stays impossible.

    Raises
    ------
    ValueError
        If there is no recording.

    Source: Rabiner (1989), section III.C, equation (40b), and section V.B for several
    recordings.
    """
    A = as_numbers(A, "A", 2)
    if len(xis) == 0:
        raise ValueError("there must be at least one recording")
    counts = np.zeros_like(A)
    for xi in xis:
        counts += np.sum(xi, axis=0)
    leaving = np.sum(counts, axis=1, keepdims=True)
    return np.where(leaving > 0, counts / np.where(leaving > 0, leaving, 1), A)


def reestimate_gaussians(xs, gammas):
    """New means and covariance matrices from the state posteriors of several recordings.

    State i's mean is the average of all frames of all recordings, each frame weighted by the
    probability that it belongs to state i; its covariance is the average, with the same
    weights, of the outer product of the deviation from the *new* mean with itself. This is
    the maximum-likelihood M step: no floor, no prior, no correction for the degrees of freedom.

    Parameters
    ----------
    xs : list of arrays, each of shape (T_r, D)
        Feature vectors of each recording.
    gammas : list of arrays, each of shape (T_r, N)
        State posteriors of each recording, in the same order.

    Returns
    -------
    means : array, shape (N, D)
        New mean vectors.
    covariances : array, shape (N, D, D)
        New covariance matrices.

    Raises
    ------
    ValueError
        If there is no recording, or if a state has no frame at all (its posteriors add up to
        zero).

    Source: Rabiner (1989), section IV.A, equations (53) and (54) with one mixture component,
    and section V.B for several recordings.
    """
    if len(xs) == 0:
        raise ValueError("there must be at least one recording")
    x, gamma = np.concatenate(xs), np.concatenate(gammas)
    occupancy = np.sum(gamma, axis=0)
    if np.min(occupancy) <= 0:
        raise ValueError(f"no frame belongs to state {int(np.argmin(occupancy))}")
    weights = gamma / occupancy
    means = weights.T @ x
    deviations = x[:, None, :] - means
    covariances = np.einsum("ti,tid,tie->ide", weights, deviations, deviations)
    return means, covariances


def viterbi(log_pi, log_A, log_b):
    """The most probable path of states, and its log probability.

    Everything is in natural logarithms, so that a product is a sum, nothing underflows and an
    impossible event is -inf. Where several predecessors (or several last states) are equally
    good, take the one with the lowest index.

    Parameters
    ----------
    log_pi : array, shape (N,)
        Log probability of each state at the first frame.
    log_A : array, shape (N, N)
        log_A[i, j] is the log probability of state j after state i.
    log_b : array, shape (T, N)
        Log output likelihoods.

    Returns
    -------
    path : array of int, shape (T,)
        The states, counted from 0.
    log_probability : float
        ln of the joint probability of this path and the frames.

    Raises
    ------
    ValueError
        If an argument is empty, has NaN or +inf, or if every path has probability zero.

    Source: Rabiner (1989), section III.B, and V.A for the logarithmic form.
    """
    log_pi = as_numbers(log_pi, "log_pi", 1, minus_infinity=True)
    log_A = as_numbers(log_A, "log_A", 2, minus_infinity=True)
    log_b = as_numbers(log_b, "log_b", 2, minus_infinity=True)
    n_frames, n_states = log_b.shape
    best_before = np.zeros((n_frames, n_states), dtype=int)
    delta = log_pi + log_b[0]
    for t in range(1, n_frames):
        arrivals = delta[:, None] + log_A
        best_before[t] = np.argmax(arrivals, axis=0)
        delta = np.max(arrivals, axis=0) + log_b[t]
    path = np.empty(n_frames, dtype=int)
    path[-1] = np.argmax(delta)
    log_probability = float(delta[path[-1]])
    if log_probability == -np.inf:
        raise ValueError("every path of the model has probability zero")
    for t in range(n_frames - 1, 0, -1):
        path[t - 1] = best_before[t, path[t]]
    return path, log_probability


def last_scale_factor(alpha):
    """The last scale factor c_T, from a table of forward probabilities that were never scaled.

    alpha[t, i] = P(q_t = i, x_1 ... x_t), the unscaled forward probabilities. Asked for is
    c_T = P(x_T | x_1 ... x_{T-1}), how well the model predicted the last frame from those
    before it, without running the scaled forward algorithm. A sequence of one frame has
    nothing before it: there c_1 = P(x_1).

    Parameters
    ----------
    alpha : array, shape (T, N)
        Unscaled forward probabilities of all frames.

    Returns
    -------
    c_T : float
        The last scale factor.

    Raises
    ------
    ValueError
        If `alpha` is empty or has NaN, or if the frames before the last have probability zero,
        so that there is nothing to condition on.

    Source: the interpretation of c_t in Rabiner (1989), section V.A, worked in the chapter.
    """
    alpha = as_numbers(alpha, "alpha", 2)
    history = np.sum(alpha[-2]) if len(alpha) > 1 else 1.0
    if history <= 0:
        raise ValueError("the frames before the last have probability zero")
    return float(np.sum(alpha[-1]) / history)
