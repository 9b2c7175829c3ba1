"""The graded exercises of the chapter on hidden Markov models."""

from __future__ import annotations

from operator import itemgetter

from autograder.checks.hmm import inputs, variants
from autograder.checks.hmm.inputs import LONG, SEVERAL
from autograder.exercise.declare import Alternative, Criterion, Exercise, Mistake
from autograder.exercise.draw import BAD
from autograder.reference import hmm

READY_MADE = (
    "hmmlearn.hmm.CategoricalHMM",
    "hmmlearn.hmm.GaussianHMM",
    "hmmlearn.hmm.GMMHMM",
    "hmmlearn._hmmc.forward_scaling",
    "hmmlearn._hmmc.backward_scaling",
    "hmmlearn._hmmc.viterbi",
)


# --- Gaussian outputs -----------------------------------------------------------------------


GAUSSIAN = Exercise(
    function=hmm.gaussian_log_likelihood,
    read="From symbols to spectra",
    cases=inputs.gaussian_cases,
    criteria=(
        Criterion("the log density of each frame and state", 2),
        Criterion("many dimensions, without underflow", 1, LONG),
        Criterion("bad input is refused", 1, BAD),
    ),
    mistakes=(
        """
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
        """,
        Mistake(
            variants.log_of_underflown_density,
            says="You compute the density first and its logarithm last: far from a mean the "
            "density underflows to zero. Stay in the log domain throughout.",
        ),
    ),
    alternatives=(
        Alternative(variants.gaussian_by_cholesky, why="a Cholesky factor and a triangular solve"),
        Alternative(variants.gaussian_by_inverse, why="loops, matrix inverse and slogdet"),
        Alternative("return log_b => return log_b.astype(np.float32)", why="float32"),
    ),
    forbidden=("scipy.stats.multivariate_normal", "hmmlearn.stats.log_multivariate_normal_density"),
    because="writing the density out is the point of the exercise",
)


# --- forward and backward -------------------------------------------------------------------


FORWARD = Exercise(
    function=hmm.scaled_forward,
    read="Numbers that vanish, and what rescues them",
    answers=("sheet hmm",),
    cases=inputs.forward_cases,
    criteria=(
        Criterion("the scaled forward probabilities", 2, select=itemgetter(0)),
        Criterion("the scale factors", 1, select=itemgetter(1)),
        Criterion("the log likelihood", 1, select=itemgetter(2)),
        Criterion("a long sequence, without underflow", 1, LONG),
        Criterion("bad input is refused", 1, BAD),
    ),
    mistakes=(
        """
        alpha_hat[t] = alpha_tilde / c[t] => alpha_hat[t] = 1 / c[t]
            You set alpha-hat to one over the sum, as some formula sheets print it. Then all states
            get the same number: it is alpha-tilde that has to be scaled.
        alpha_hat[t - 1] @ A * b[t] => A @ alpha_hat[t - 1] * b[t]
            The transition matrix is used the wrong way round: A[i, j] leads from i to j.
        alpha_tilde = pi * b[0] => alpha_tilde = pi + 0 * b[0]
            The first frame's output likelihoods are missing.
        alpha_hat[t - 1] @ A * b[t] => (alpha_hat[t - 1] * b[t]) @ A
            The likelihood of frame t belongs to the state arrived in, not to the one left.
        alpha_hat[t] = alpha_tilde / c[t] => alpha_hat[t] = alpha_tilde
            Your forward probabilities are not scaled, so they underflow on long sequences.
        c[t] = np.sum(alpha_tilde) => c[t] = np.max(alpha_tilde)
            You scale by the largest probability; the scale factor is the sum over states.
        np.sum(np.log(c)) => np.log(np.prod(c))
            You multiply the scale factors before taking the logarithm, and the product underflows
            on long sequences.
        """,
        Mistake(
            variants.forward_with_rabiner_scales,
            says="Your scale factors are the reciprocals of those asked for: here c_t is the sum "
            "itself, the probability of frame t given the frames before it.",
        ),
    ),
    alternatives=(
        Alternative(variants.forward_in_loops, why="explicit loops over states, lists returned"),
        Alternative(variants.forward_in_logs, why="the log domain, then differences of log sums"),
        Alternative(variants.forward_single, why="float32 results"),
    ),
    forbidden=READY_MADE,
)


BACKWARD = Exercise(
    function=hmm.scaled_backward,
    read="Learning: counting what was not seen",
    answers=("sheet hmm",),
    cases=inputs.backward_cases,
    criteria=(
        Criterion("the scaled backward probabilities", 2),
        Criterion("a long sequence, without underflow", 1, LONG),
        Criterion("bad input is refused", 1, BAD),
    ),
    mistakes=(
        """
        A @ (b[t + 1] * => A.T @ (b[t + 1] *
            The transition matrix is used the wrong way round: the sum runs over the state that
            comes next.
        (b[t + 1] * => (b[t] *
            You use the likelihood of frame t; beta at t is about the frames after t only.
        / c[t + 1] => / c[t]
            You divide by the scale factor of frame t; read again which factor makes alpha-hat times
            beta-hat sum to one.
        / c[t + 1] =>
            Your backward probabilities are not scaled, so they underflow on long sequences.
        np.ones((n_frames, n_states)) => np.ones((n_frames, n_states)) / n_states
            Beta at the last frame is a probability of nothing at all, which is one in every state:
            it need not sum to one over the states.
        """,
        Mistake(
            variants.backward_normalised,
            says="You normalise each frame's beta to sum to one; it must be scaled with the "
            "factors of the forward pass to fit alpha-hat.",
        ),
    ),
    alternatives=(
        Alternative(variants.backward_in_loops, why="explicit loops over states"),
        Alternative(variants.backward_in_logs, why="the log domain, scaled at the end"),
        Alternative(variants.backward_single, why="float32 results"),
    ),
    forbidden=READY_MADE,
)


# --- posteriors and re-estimation -----------------------------------------------------------


POSTERIORS = Exercise(
    function=hmm.posteriors,
    read="Learning: counting what was not seen",
    cases=inputs.posterior_cases,
    criteria=(
        Criterion("gamma, the state posteriors", 1, select=itemgetter(0)),
        Criterion("xi, the transition posteriors", 2, select=itemgetter(1)),
        Criterion("a long sequence", 1, LONG),
        Criterion("bad input is refused", 1, BAD),
    ),
    mistakes="""
        / c[1:, None] =>
            Your xi does not sum to one: one scale factor is not accounted for.
        b[1:] * beta_hat[1:] => b[:-1] * beta_hat[1:]
            In xi at t, the output likelihood has to be that of the frame arrived at.
        b[1:] * beta_hat[1:] => b[1:] * beta_hat[:-1]
            In xi at t, beta has to be that of the frame arrived at.
        return gamma, xi => return gamma, np.swapaxes(xi, 1, 2)
            The axes of xi are swapped: the first is the state left, the second the state arrived
            in.
        gamma = alpha_hat * beta_hat => gamma = alpha_hat
            Your gamma knows the past only; the posterior uses the frames that follow, too.
        gamma = alpha_hat * beta_hat => gamma = alpha_hat * beta_hat * c[:, None]
            Your gamma has a scale factor too many: look at how beta_hat is scaled here.
    """,
    alternatives=(
        Alternative(variants.posteriors_normalised, why="products normalised frame by frame"),
        Alternative(variants.posteriors_in_loops, why="loops and nested lists"),
        Alternative(variants.posteriors_single, why="float32 results"),
    ),
    forbidden=("hmmlearn._hmmc.compute_scaling_xi_sum", *READY_MADE),
)


TRANSITIONS = Exercise(
    function=hmm.reestimate_transitions,
    read="Learning: counting what was not seen",
    answers=("sheet hmm",),
    cases=inputs.transition_cases,
    criteria=(
        Criterion("one recording", 1),
        Criterion("several recordings", 1, SEVERAL),
        Criterion("states that are never left", 1, "never left"),
        Criterion("bad input is refused", 1, BAD),
    ),
    mistakes=(
        """
        leaving = np.sum(counts, axis=1, keepdims=True) => leaving = counts.sum(axis=0)
            You normalise columns; it is the transitions out of a state that sum to one.
        counts += np.sum(xi, axis=0) => counts = np.sum(xi, axis=0) if len(xi) else counts
            Only one of the recordings reaches your result: counts must add up over all.
        counts / np.where => counts / sum(len(xi) for xi in xis) + 0 * np.where
            You divide by the number of transitions in all, not by those out of the state.
        leaving, 1), A) => leaving, 1), 1 / len(A))
            A state that was never left gets a uniform row in your result; it should keep its row of
            A.
        leaving, 1), A) => leaving, 1), 0)
            A state that was never left gets a row of zeros in your result, which is no probability
            distribution.
        counts += np.sum(xi, axis=0) => counts += A * np.sum(xi, axis=0)
            You multiply by A, but the posteriors xi contain it already.
        """,
        Mistake(
            variants.transitions_averaged,
            says="You average the estimates of the recordings; pool their counts instead, so that "
            "a long recording counts for more than a short one.",
        ),
    ),
    alternatives=(
        Alternative(variants.transitions_in_loops, why="loops over frames and states"),
        Alternative(variants.transitions_stacked, why="recordings joined first, list returned"),
        Alternative(variants.transitions_single, why="float32 results"),
    ),
)


GAUSSIANS = Exercise(
    function=hmm.reestimate_gaussians,
    read="From symbols to spectra",
    answers=("sheet hmm",),
    cases=inputs.reestimation_cases,
    criteria=(
        Criterion("the means", 1, select=itemgetter(0)),
        Criterion("the covariances", 2, select=itemgetter(1)),
        Criterion("several recordings", 1, SEVERAL),
        Criterion("bad input is refused", 1, BAD),
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
        """,
        Mistake(
            variants.gaussians_unbiased,
            says="You correct the covariance for the degrees of freedom; the M step maximises the "
            "likelihood and divides by the occupancy itself.",
        ),
        Mistake(
            variants.gaussians_averaged,
            says="You average the estimates of the recordings; pool the frames of all recordings "
            "instead.",
        ),
    ),
    alternatives=(
        Alternative(variants.gaussians_in_loops, why="a loop over states, sums over recordings"),
        Alternative(variants.gaussians_by_moments, why="second moment minus the mean's square"),
        Alternative(variants.gaussians_single, why="float32 results"),
    ),
    forbidden="numpy.cov",
    because="the weighted sums are the point of the exercise",
)


# --- decoding, and the exam's question ------------------------------------------------------


VITERBI = Exercise(
    function=hmm.viterbi,
    read="Decoding: the best story",
    cases=inputs.viterbi_cases,
    criteria=(
        Criterion("the path", 2, select=itemgetter(0)),
        Criterion("its log probability", 1, select=itemgetter(1)),
        Criterion("a long sequence", 1, LONG),
        Criterion("ties", 1, "ties"),
        Criterion("bad input is refused", 1, BAD),
    ),
    mistakes=(
        """
        np.max(arrivals, axis=0) => np.logaddexp.reduce(arrivals, axis=0)
            You add up the probabilities of all paths into a state, which is the forward algorithm;
            Viterbi keeps the best one.
        delta[:, None] + log_A => delta[:, None] + log_A.T
            The transition matrix is the wrong way round: log_A[i, j] leads from i to j.
        np.argmax(arrivals, axis=0) => n_states - 1 - np.argmax(arrivals[::-1], axis=0)
            Among equally good predecessors you take the last one; the docstring asks for the lowest
            index.
        path[-1] = np.argmax(delta) => path[-1] = n_states - 1
            Your path always ends in the last state; it should end where it is likeliest.
        delta = log_pi + log_b[0] => delta = log_pi + 0 * log_b[-1]
            The first frame's output likelihoods are missing.
        best_before[t, path[t]] => best_before[t - 1, path[t]]
            When you go back, you look up the predecessor at the wrong frame.
        """,
        Mistake(
            variants.viterbi_without_backtracking,
            says="You take the best state of each frame on the way; those need not lie on one "
            "path. Remember where each state was reached from, and go back from the end.",
        ),
    ),
    alternatives=(
        Alternative(variants.viterbi_in_loops, why="loops over states, a list as the path"),
        Alternative(variants.viterbi_of_whole_paths, why="the best path itself kept in each state"),
        Alternative(variants.viterbi_single, why="float32 and int32 results"),
    ),
    forbidden=READY_MADE,
)


LAST_FACTOR = Exercise(
    function=hmm.last_scale_factor,
    read="An exam question",
    answers=("exam 3",),
    cases=inputs.last_factor_cases,
    criteria=(
        Criterion("the last of several frames", 1),
        Criterion("tiny probabilities", 1, LONG),
        Criterion("a single frame", 0.5, "one frame"),
        Criterion("bad input is refused", 0.5, BAD),
    ),
    mistakes=(
        """
        np.sum(alpha[-1]) / history => history / np.sum(alpha[-1])
            That is the reciprocal: c_T is a likelihood of the last frame.
        np.sum(alpha[-1]) / history => np.sum(alpha[-1])
            That is the probability of the whole sequence; c_T is conditional on the frames before
            the last.
        np.sum(alpha[-2]) => np.sum(alpha[:-1])
            You divide by a sum over all earlier frames, but alpha of frame T - 1 already contains
            them all.
        np.sum(alpha[-2]) => np.sum(alpha[0])
            You divide by the probability of the first frame; the condition is on all frames before
            the last.
        """,
        Mistake(
            variants.sum_of_ratios,
            says="You add up ratios state by state; add over the states first, then divide.",
        ),
    ),
    alternatives=(
        Alternative(variants.last_factor_through_posterior, why="the history normalised first"),
        Alternative(variants.last_factor_in_logs, why="difference of log sums"),
    ),
)

EXERCISES = (
    FORWARD,
    LAST_FACTOR,
    VITERBI,
    BACKWARD,
    POSTERIORS,
    TRANSITIONS,
    GAUSSIAN,
    GAUSSIANS,
)
