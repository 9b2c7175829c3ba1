"""Connectionist temporal classification: texts, paths, and the frames between them.

Class 0 is the blank; a label is a row of L classes from 1 on, and its blank expansion has
S = 2 L + 1 places. There are T frames and K classes, the blank included: `y[t, k]` is the output
for class k in frame t, `log_y` its natural logarithm. Frames and places are counted from 0 in code
and from 1 in formulas.
"""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import groupby, pairwise, product

import numpy as np
from numpy.typing import ArrayLike


def log_matrix(values: ArrayLike, name: str) -> np.ndarray:
    """`values` as a new matrix of floats; minus infinity, the logarithm of zero, is allowed.

    Raises
    ------
    ValueError
        If it is empty, has another number of dimensions, or holds NaN or plus infinity.
    """
    matrix = np.array(values, dtype=float)
    if matrix.ndim != 2 or matrix.size == 0:
        raise ValueError(f"{name} must be a matrix with at least one row and one column")
    if not np.all(matrix < np.inf):
        raise ValueError(f"{name} must not contain NaN or plus infinity")
    return matrix


def whole_numbers(values: ArrayLike, least: int, below: float = np.inf) -> np.ndarray:
    """A vector of whole numbers, `least` or more and less than `below`; it may be empty.

    Raises
    ------
    ValueError
        If it is something else.
    """
    numbers = np.array(values)
    if numbers.shape == (0,):
        return np.zeros(0, dtype=int)
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu":
        raise ValueError("classes must be a vector of whole numbers")
    if np.min(numbers) < least or np.max(numbers) >= below:
        raise ValueError(f"classes must be {least} or more and less than {below}")
    return numbers


def as_expansion(expanded: ArrayLike, K: int) -> np.ndarray:
    """The blank expansion of a label of classes below K, as an array.

    Raises
    ------
    ValueError
        If it is something else: of even length, or without a blank at every other place.
    """
    expanded = whole_numbers(expanded, 0, K)
    if len(expanded) % 2 == 0 or np.any(expanded[::2] != 0) or np.any(expanded[1::2] == 0):
        raise ValueError("expanded must be a blank, and then a class and a blank for each class")
    return expanded


def blank_expansion(label: ArrayLike) -> np.ndarray:
    """The label with a blank before it, behind it, and between any two of its classes.

    [z_1, z_2, ..., z_L] becomes [-, z_1, -, z_2, -, ..., z_L, -], where the blank - is class 0.

    Parameters
    ----------
    label : array_like of int, shape (L,)
        Classes from 1 on. L may be 0.

    Returns
    -------
    expanded : ndarray of int, shape (2 L + 1,)

    Raises
    ------
    ValueError
        If the label is not a vector of whole numbers, or contains a number below 1.

    References
    ----------
    Graves et al. (2006), "Connectionist temporal classification", section 4.1.
    """
    label = whole_numbers(label, 1)
    expanded = np.zeros(2 * len(label) + 1, dtype=int)
    expanded[1::2] = label
    return expanded


def collapse(path: ArrayLike) -> np.ndarray:
    """The label that a path spells: the map B.

    Runs of the same class become one, and then the blanks, class 0, are left out. So with the
    classes written as letters and the blank as -, both a-ab- and -aa--abb spell aab.

    Parameters
    ----------
    path : array_like of int, shape (T,)
        One class a frame, from 0 on.

    Returns
    -------
    label : ndarray of int, shape (L,)
        L may be 0.

    Raises
    ------
    ValueError
        If the path is empty, not a vector of whole numbers, or contains a negative number.

    References
    ----------
    Graves et al. (2006), section 3.1.
    """
    path = whole_numbers(path, 0)
    if len(path) == 0:
        raise ValueError("the path must have at least one frame")
    begins = np.append(True, path[1:] != path[:-1])
    return path[begins & (path != 0)]


def log_forward(log_y: ArrayLike, expanded: ArrayLike) -> tuple[np.ndarray, float]:
    """Forward variables of a label, as logarithms, and the log probability of the label.

    A way through the expanded label takes one place a frame. It starts at place 1 or 2, ends at
    place S - 1 or S, and from one frame to the next stays, or moves on by one place, or by two if
    it arrives at a class that is neither the blank nor the class that it comes from.
    alpha_t(s) is the sum, over all beginnings of such ways that take place s at frame t, of the
    product of their outputs, that of frame t included; a beginning counts even if too few frames
    are left for the rest. The probability of the label is the sum over all whole ways.

    Parameters
    ----------
    log_y : array_like, shape (T, K)
        Logarithms of the outputs; -inf is allowed. They need not be normalised.
    expanded : array_like of int, shape (S,)
        Blank expansion of the label.

    Returns
    -------
    log_alpha : ndarray, shape (T, S)
        ln alpha_t(s), finite wherever alpha is not zero, however many frames there are.
    log_likelihood : float
        ln p(label | x).

    Raises
    ------
    ValueError
        If log_y is empty, not a matrix, or has NaN or plus infinity; if `expanded` is no expansion
        of a label of these K classes; if the label needs more frames than there are; or if every
        way has probability zero.

    References
    ----------
    Graves et al. (2006), section 4.1.
    """
    log_y = log_matrix(log_y, "log_y")
    T, K = log_y.shape
    expanded = as_expansion(expanded, K)
    S = len(expanded)
    repeats = np.sum(expanded[3::2] == expanded[1:-2:2])
    if T < S // 2 + repeats:
        raise ValueError(f"the label must fit: it needs {S // 2 + repeats} frames, and has {T}")
    log_skip = np.full(S, -np.inf)
    log_skip[3::2][expanded[3::2] != expanded[1:-2:2]] = 0.0
    emitted = log_y[:, expanded]
    log_alpha = np.full((T, S + 2), -np.inf)  # with two places before the first
    log_alpha[0, 2:4] = emitted[0, :2]
    for t in range(1, T):
        stay, move, skip = log_alpha[t - 1, 2:], log_alpha[t - 1, 1:-1], log_alpha[t - 1, :-2]
        arriving = np.logaddexp(np.logaddexp(stay, move), skip + log_skip)
        log_alpha[t, 2:] = arriving + emitted[t]
    log_alpha = log_alpha[:, 2:]
    log_likelihood = float(np.logaddexp.reduce(log_alpha[-1, -2:]))
    if log_likelihood == -np.inf:
        raise ValueError("the label must have a path whose probability is not zero")
    return log_alpha, log_likelihood


def log_backward(log_y: ArrayLike, expanded: ArrayLike) -> np.ndarray:
    """Backward variables of a label, as logarithms, in the convention of Graves and of the exam.

    A way through the expanded label takes one place a frame. It starts at place 1 or 2, ends at
    place S - 1 or S, and from one frame to the next stays, or moves on by one place, or by two if
    it arrives at a class that is neither the blank nor the class that it comes from.
    beta_t(s) is the sum, over all ends of such ways that take place s at frame t, of the product of
    their outputs, that of frame t *included* (with hidden Markov models it is left out); an end
    counts even if its place cannot be reached in time.

    Parameters
    ----------
    log_y : array_like, shape (T, K)
        Logarithms of the outputs; -inf is allowed. They need not be normalised.
    expanded : array_like of int, shape (S,)
        Blank expansion of the label.

    Returns
    -------
    log_beta : ndarray, shape (T, S)
        ln beta_t(s), finite wherever beta is not zero.

    Raises
    ------
    ValueError
        If log_y is empty, not a matrix, or has NaN or plus infinity; if `expanded` is no expansion
        of a label of these K classes; if the label needs more frames than there are; or if every
        way has probability zero.

    References
    ----------
    Graves et al. (2006), section 4.1; the exam's formula sheet.
    """
    log_y = log_matrix(log_y, "log_y")
    T, K = log_y.shape
    expanded = as_expansion(expanded, K)
    S = len(expanded)
    log_skip = np.full(S, -np.inf)
    log_skip[1:-2:2][expanded[1:-2:2] != expanded[3::2]] = 0.0
    emitted = log_y[:, expanded]
    log_beta = np.full((T, S + 2), -np.inf)  # with two places behind the last
    log_beta[-1, max(S - 2, 0) : S] = emitted[-1, -2:]
    for t in reversed(range(T - 1)):
        stay, move, skip = log_beta[t + 1, :-2], log_beta[t + 1, 1:-1], log_beta[t + 1, 2:]
        leaving = np.logaddexp(np.logaddexp(stay, move), skip + log_skip)
        log_beta[t, :S] = leaving + emitted[t]
    log_beta = log_beta[:, :S]
    if np.all(log_beta[0, :2] == -np.inf):
        raise ValueError("the label must fit the frames with a path of probability above zero")
    return log_beta


def ctc_posteriors(
    log_y: ArrayLike, expanded: ArrayLike, log_alpha: ArrayLike, log_beta: ArrayLike
) -> np.ndarray:
    """Posterior probability of every class in every frame, given the frames and the label.

    gamma_t(k) = p(pi_t = k | label, x): of the probability of all paths that spell the label, the
    share of those that have class k at frame t. A class may stand at several places of the
    expanded label. Both alpha and beta contain the output of frame t.

    Parameters
    ----------
    log_y : array_like, shape (T, K)
        Logarithms of the outputs; -inf is allowed. They need not be normalised.
    expanded : array_like of int, shape (S,)
        Blank expansion of the label.
    log_alpha, log_beta : array_like, shape (T, S)
        Logarithms of the forward and backward variables, as `log_forward` and `log_backward` give
        them.

    Returns
    -------
    gamma : ndarray, shape (T, K)
        Not logarithms: each row sums to one.

    Raises
    ------
    ValueError
        If an array is empty, not a matrix, or has NaN or plus infinity, or if every way has
        probability zero.

    References
    ----------
    Graves et al. (2006), section 4.2, with the posterior where they have the joint probability.
    """
    log_y = log_matrix(log_y, "log_y")
    expanded = as_expansion(expanded, log_y.shape[1])
    log_alpha, log_beta = log_matrix(log_alpha, "log_alpha"), log_matrix(log_beta, "log_beta")
    log_likelihood = np.logaddexp.reduce(log_alpha[-1, -2:])
    if log_likelihood == -np.inf:
        raise ValueError("the label must have a path whose probability is not zero")
    passed = (log_alpha > -np.inf) & (log_beta > -np.inf)
    once = np.subtract(log_beta, log_y[:, expanded], where=passed, out=np.copy(log_beta))
    by_place = np.exp(log_alpha + once - log_likelihood)
    gamma = np.zeros(log_y.shape)
    np.add.at(gamma, (slice(None), expanded), by_place)
    return gamma


def gradient_over_paths(y: ArrayLike, label: ArrayLike) -> np.ndarray:
    """Gradient of the CTC loss with respect to the outputs, over all paths: the exam's first form.

    The loss is L = -ln of the sum, over all paths pi that spell the label, of the product of the
    outputs y[0, pi_0] ... y[T-1, pi_{T-1}]. Asked for are its derivatives with respect to each
    single output, as if outputs could be changed one at a time. Differentiate that sum directly,
    and let the program go through all K^T paths: T is small. An output may be zero.

    Parameters
    ----------
    y : array_like, shape (T, K)
        Outputs, not negative, not logarithms.
    label : array_like of int, shape (L,)
        Classes from 1 on (not expanded). L may be 0.

    Returns
    -------
    gradient : ndarray, shape (T, K)
        `gradient[t, k]` is dL/dy[t, k].

    Raises
    ------
    ValueError
        If y is empty, not a matrix or not finite; if the label is not one of these K classes; or if
        all its paths have probability zero or are too short for it.

    References
    ----------
    The practice exam, problem 5a.
    """
    y = log_matrix(y, "y")
    T, K = y.shape
    label = whole_numbers(label, 1, K).tolist()
    total, slopes = 0.0, np.zeros((T, K))
    for path in product(range(K), repeat=T):
        if [k for k, _ in groupby(path) if k != 0] != label:
            continue
        factors = y[np.arange(T), path]
        total += np.prod(factors)
        for n in range(T):
            slopes[n, path[n]] += np.prod(np.delete(factors, n))
    if total == 0:
        raise ValueError("the label must have a path whose probability is not zero")
    return -slopes / total


def gradient_by_outputs(
    y: ArrayLike, expanded: ArrayLike, log_alpha: ArrayLike, log_beta: ArrayLike
) -> np.ndarray:
    """Gradient of the CTC loss with respect to the outputs, by the lattice: the exam's second form.

    The loss is L = -ln p(label | x). Asked for are its derivatives with respect to each single
    output, as if outputs could be changed one at a time, this time from the forward and backward
    variables, without going through paths. Both contain the output of frame t. A class that is not
    in the expanded label has the derivative zero. The answer must be that of `gradient_over_paths`.

    Parameters
    ----------
    y : array_like, shape (T, K)
        Outputs, above zero, not logarithms.
    expanded : array_like of int, shape (S,)
        Blank expansion of the label.
    log_alpha, log_beta : array_like, shape (T, S)
        Logarithms of the forward and backward variables, as `log_forward` and `log_backward` give
        them.

    Returns
    -------
    gradient : ndarray, shape (T, K)
        `gradient[t, k]` is dL/dy[t, k].

    Raises
    ------
    ValueError
        If an array is empty, not a matrix, or has NaN or plus infinity, or if an output is not
        above zero.

    References
    ----------
    The practice exam, problem 5a; Graves et al. (2006), section 4.2.
    """
    y = log_matrix(y, "y")
    expanded = as_expansion(expanded, y.shape[1])
    log_alpha, log_beta = log_matrix(log_alpha, "log_alpha"), log_matrix(log_beta, "log_beta")
    if np.min(y) <= 0:
        raise ValueError("y must be above zero")
    log_p = np.logaddexp.reduce(log_alpha[-1, -2:])
    log_joint = log_alpha + log_beta - np.log(y[:, expanded])
    belongs = expanded[:, None] == np.arange(y.shape[1])
    return -(np.exp(log_joint - log_p) @ belongs) / y


def gradient_by_logits(logits: ArrayLike, gamma: ArrayLike) -> np.ndarray:
    """Gradient of the CTC loss with respect to what goes into the softmax.

    The outputs of frame t are y[t] = softmax(logits[t]), the loss is L = -ln p(label | x), and
    gamma_t(k) = p(pi_t = k | label, x) are the posteriors of the classes. Asked for are the
    derivatives of L with respect to each logit, which changes all outputs of its frame. (With a
    single frame and a label of one class this is the derivative of minus the logarithm of a
    softmax.)

    Parameters
    ----------
    logits : array_like, shape (T, K)
        Of any size: exp(1000) is too large for a float, and must not be needed.
    gamma : array_like, shape (T, K)
        Posteriors; each row sums to one.

    Returns
    -------
    gradient : ndarray, shape (T, K)
        `gradient[t, k]` is the derivative of L with respect to logits[t, k].

    Raises
    ------
    ValueError
        If an array is empty, not a matrix, or has NaN or plus infinity, or if a row of gamma does
        not sum to one (within 1e-6).

    References
    ----------
    Graves et al. (2006), section 4.2, equation (16).
    """
    logits, gamma = log_matrix(logits, "logits"), log_matrix(gamma, "gamma")
    if np.max(np.abs(np.sum(gamma, axis=1) - 1)) > 1e-6:
        raise ValueError("each row of gamma must be a distribution")
    y = np.exp(logits - np.max(logits, axis=1, keepdims=True))
    y /= np.sum(y, axis=1, keepdims=True)
    return y - gamma


def prefix_beam_search(
    log_y: ArrayLike,
    log_bigram: ArrayLike,
    width: int,
    weight: float = 1.0,
    bonus: float = 0.0,
) -> tuple[list[int], float]:
    """The best label by its outputs and by a bigram language model, among those that a beam keeps.

    A prefix l is a label of any length, also of none. After t frames its paths are those of these
    frames that spell it, and p_t(l) is the sum of their probabilities. A path that spells l may
    end in a blank or in the last class of l; the two sums are kept apart, because the class k in
    the next frame prolongs l if the path ended in a blank or in another class, and else only
    repeats k. While listening, a prefix has the score

        ln p_t(l) + weight ln p_LM(l) + bonus times the length of l,

    where p_LM(l) is the product of the bigram probabilities of its classes, each given the one
    before it. In each frame every kept prefix goes on, unchanged or with one more class; sums of
    the same prefix are added up; then the `width` prefixes with the largest scores are kept and
    the others forgotten. After the last frame, p_LM of each kept prefix is multiplied by the
    probability that the text ends there, and the prefix with the largest score is the answer.
    Prefixes whose score is minus infinity are never kept. (No two scores are equal.)

    Parameters
    ----------
    log_y : array_like, shape (T, K)
        Logarithms of the outputs; -inf is allowed.
    log_bigram : array_like, shape (K, K)
        `log_bigram[j, k]` is the log probability that class k comes after class j. Index 0 is the
        boundary of the text: row 0 is for the first class, column 0 for the end. -inf is allowed.
    width : int
        How many prefixes are kept, 1 or more.
    weight : float
        Of the language model, 0 or more. With weight 0 the model is not heard at all.
    bonus : float
        For each class of the label.

    Returns
    -------
    label : list of int
        May be empty.
    score : float
        Its score, the end included.

    Raises
    ------
    ValueError
        If log_y or log_bigram is empty, not a matrix, or has NaN or plus infinity, or if no prefix
        with a score above minus infinity is left.

    References
    ----------
    Hannun et al. (2014), "First-pass large vocabulary continuous speech recognition using
    bi-directional recurrent DNNs", algorithm 1.
    """
    log_y, log_bigram = log_matrix(log_y, "log_y"), log_matrix(log_bigram, "log_bigram")
    K = log_y.shape[1]
    never, bigram = -math.inf, log_bigram.tolist()

    def add(a, b):
        high, low = max(a, b), min(a, b)
        return high if low == never else high + math.log1p(math.exp(low - high))

    def by_text(classes):
        said = sum(bigram[j][k] for j, k in pairwise(classes))
        return weight * said if weight > 0 else 0.0

    def score(prefix, end=()):
        return add(*beam[prefix]) + by_text((0, *prefix, *end)) + bonus * len(prefix)

    def best(count, end=()):
        scores = {prefix: score(prefix, end) for prefix in beam}
        possible = [prefix for prefix in beam if scores[prefix] > never]
        if not possible:
            raise ValueError("log_y and log_bigram must leave at least one label possible")
        return sorted(possible, key=scores.get, reverse=True)[:count]

    beam = {(): (0.0, never)}  # by prefix: sum of paths that end in a blank, of those that do not
    for row in log_y.tolist():
        kept, beam = beam, defaultdict(lambda: (never, never))
        for prefix, (blank, other) in kept.items():
            both = add(blank, other)
            repeated = other + row[prefix[-1]] if prefix else never
            beam[prefix] = both + row[0], add(beam[prefix][1], repeated)
            for k in range(1, K):
                before = blank if prefix and k == prefix[-1] else both
                longer = (*prefix, k)
                beam[longer] = beam[longer][0], add(beam[longer][1], before + row[k])
        beam = {prefix: beam[prefix] for prefix in best(width)}
    (label,) = best(1, end=(0,))
    return list(label), float(score(label, end=(0,)))


def word_error_rate(references: list[str], hypotheses: list[str]) -> float:
    """How many words are wrong, in relation to how many were said.

    The errors of one utterance are the least number of words that have to be substituted, left
    out or inserted to turn its reference into its hypothesis; each counts one. The rate is the
    number of errors of all utterances together, divided by the number of words of all references
    together. It may be above 1. Words are what white space separates; upper and lower case differ.

    Parameters
    ----------
    references : list of str
        What was said, one string an utterance. Some may be without words, but not all.
    hypotheses : list of str
        What was recognised, in the same order.

    Returns
    -------
    rate : float

    Raises
    ------
    ValueError
        If an argument is a single string, or if no word was said at all.

    References
    ----------
    Levenshtein (1966); Jurafsky and Martin, "Speech and Language Processing", chapter 2.
    """
    if isinstance(references, str) or isinstance(hypotheses, str):
        raise ValueError("references and hypotheses must be lists of strings, not strings")
    errors = words = 0
    for reference, hypothesis in zip(references, hypotheses):
        said, heard = reference.split(), hypothesis.split()
        row = list(range(len(heard) + 1))
        for i, word in enumerate(said, start=1):
            above, row = row, [i]
            for j, other in enumerate(heard, start=1):
                exchanged = above[j - 1] + (word != other)
                row.append(min(exchanged, above[j] + 1, row[j - 1] + 1))
        errors += row[-1]
        words += len(said)
    if words == 0:
        raise ValueError("references must hold at least one word")
    return errors / words
