"""Units of speech: found by k-means, predicted under a mask, and learned by a quantiser.

Time is the first axis of every array. A unit is a whole number from 0 to C - 1, and row `unit` of a
matrix of C rows is its codevector, or its centroid.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from autograder.reference.inputs import finite_array, index_array


def quantise(x: ArrayLike, codevectors: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """The nearest codevector of each frame.

    Parameters
    ----------
    x : array_like, shape (T, D)
        Features, one row a frame.
    codevectors : array_like, shape (C, D)

    Returns
    -------
    units : ndarray of int, shape (T,)
        For each frame the row of the codevector at the smallest Euclidean distance; of several at
        the same distance, the first.
    quantised : ndarray, shape (T, D)
        That codevector itself.

    Raises
    ------
    ValueError
        If an argument is empty, no matrix or not finite.

    References
    ----------
    Lloyd (1982), first of the two steps; van den Oord, Vinyals and Kavukcuoglu (2017), equation 1.
    """
    x, codevectors = finite_array(x, "x", 2), finite_array(codevectors, "codevectors", 2)
    squared = np.sum((x[:, None, :] - codevectors) ** 2, axis=2)
    units = np.argmin(squared, axis=1)
    return units, codevectors[units]


def move_centroids(
    x: ArrayLike, units: ArrayLike, centroids: ArrayLike
) -> tuple[np.ndarray, float]:
    """The second step of k-means: each centroid moves to the middle of its frames.

    Parameters
    ----------
    x : array_like, shape (T, D)
        Features, one row a frame.
    units : array_like of int, shape (T,)
        The centroid that each frame was given to, 0 to C - 1.
    centroids : array_like, shape (C, D)
        Where the centroids are now.

    Returns
    -------
    moved : ndarray, shape (C, D)
        The mean of the frames of each unit. A centroid without frames stays where it is.
    distortion : float
        Squared Euclidean distance of a frame from the moved centroid of its unit, averaged over
        the frames.

    Raises
    ------
    ValueError
        If x or centroids is empty, no matrix or not finite, or if a unit is out of range.

    References
    ----------
    Lloyd (1982).
    """
    x, centroids = finite_array(x, "x", 2), finite_array(centroids, "centroids", 2)
    units = index_array(units, "units", len(centroids))
    members = np.eye(len(centroids))[units]
    counts = members.sum(axis=0)
    used = counts > 0
    moved = centroids.copy()
    moved[used] = (members.T @ x)[used] / counts[used, None]
    distortion = np.mean(np.sum((x - moved[units]) ** 2, axis=1))
    return moved, float(distortion)


def mask_spans(
    x: ArrayLike, starts: ArrayLike, length: int, embedding: ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """Hide spans of frames behind one and the same vector.

    Each start hides its own frame and those after it, `length` frames in all or as many as there
    are. Spans may overlap: a frame is hidden once or not at all.

    Parameters
    ----------
    x : array_like, shape (T, D)
        Features, one row a frame.
    starts : array_like of int, shape (S,)
        First frames of the spans, 0 to T - 1, in any order. With none, nothing is hidden.
    length : int
        Frames in a span, at least 1.
    embedding : array_like, shape (D,)
        What a hidden frame is replaced by.

    Returns
    -------
    corrupted : ndarray, shape (T, D)
        A new array; x is left as it was.
    masked : ndarray of bool, shape (T,)
        True where a frame is hidden.

    Raises
    ------
    ValueError
        If x or embedding is empty, not finite or has another number of axes, or if a start is not a
        frame of x.

    References
    ----------
    Baevski et al. (2020), section 3.1; Hsu et al. (2021), section II-B.
    """
    x, embedding = finite_array(x, "x", 2), finite_array(embedding, "embedding", 1)
    starts = index_array(starts, "starts", len(x))
    masked = np.zeros(len(x), dtype=bool)
    for start in starts:
        masked[start : start + length] = True
    corrupted = np.where(masked[:, None], embedding, x)
    return corrupted, masked


def unit_scores(
    o: ArrayLike, A: ArrayLike, codevectors: ArrayLike, temperature: float
) -> np.ndarray:
    """How well each output of the net fits each codevector: Score(A o_t, e_c).

    The score is the cosine of the angle between A o_t and e_c, divided by the temperature. The
    probability of unit c at time t is then the softmax of the scores of that time.

    Parameters
    ----------
    o : array_like, shape (T, H)
        Outputs of the net, one row a frame.
    A : array_like, shape (D, H)
        Projects an output to where the codevectors are.
    codevectors : array_like, shape (C, D)
    temperature : float
        Positive. HuBERT has 0.1.

    Returns
    -------
    scores : ndarray, shape (T, C)

    Raises
    ------
    ValueError
        If an array is empty or not finite, if the temperature is not positive, or if a projected
        output or a codevector is zero: it has no angle with anything.

    References
    ----------
    Hsu et al. (2021), equation 3.
    """
    o, A = finite_array(o, "o", 2), finite_array(A, "A", 2)
    codevectors = finite_array(codevectors, "codevectors", 2)
    if not temperature > 0:
        raise ValueError("the temperature must be a positive number")
    projected = o @ A.T
    lengths = np.linalg.norm(projected, axis=1), np.linalg.norm(codevectors, axis=1)
    if min(lengths[0].min(), lengths[1].min()) == 0:
        raise ValueError("A o_t and e_c must not be zero, or they have no angle")
    return projected @ codevectors.T / np.outer(*lengths) / temperature


def masked_prediction_loss(scores: ArrayLike, units: ArrayLike, masked: ArrayLike) -> float:
    """The loss of masked prediction, summed over the masked frames.

    L = - sum over t in M of ln( exp(scores[t, units[t]]) / sum over c of exp(scores[t, c]) ),

    where M is the set of masked frames, and the logarithm is the natural one.

    Parameters
    ----------
    scores : array_like, shape (T, C)
        Score of each unit at each time. They may be large: exp(1000) is infinite, the loss is not.
    units : array_like of int, shape (T,)
        The unit that k-means gave to each frame, 0 to C - 1.
    masked : array_like of bool, shape (T,)
        True, or 1, for the frames in M.

    Returns
    -------
    loss : float

    Raises
    ------
    ValueError
        If scores is empty, no matrix or not finite, a unit out of range, or no frame masked.

    References
    ----------
    Hsu et al. (2021), equation 1, whose sum lacks its minus.
    """
    scores = finite_array(scores, "scores", 2)
    units, masked = index_array(units, "units", scores.shape[1]), index_array(masked, "masked", 2)
    if not masked.any():
        raise ValueError("at least one frame must be masked")
    own = scores[np.arange(len(scores)), units]
    surprise = special.logsumexp(scores, axis=1) - own
    return float(masked @ surprise)


def weighted_loss(
    scores: ArrayLike, units: ArrayLike, masked: ArrayLike, alpha: float
) -> tuple[float, np.ndarray]:
    """Masked and unmasked frames together, L = alpha L_m + (1 - alpha) L_u, and its gradient.

    L_m is the sum over the masked frames of the negative natural logarithm of the probability of
    the frame's own unit, L_u the same over the others. The probabilities of the units at time t are
    the softmax of scores[t].

    Parameters
    ----------
    scores : array_like, shape (T, C)
        Score of each unit at each time; they may be large.
    units : array_like of int, shape (T,)
        The unit of each frame, 0 to C - 1.
    masked : array_like of bool, shape (T,)
        True, or 1, for the masked frames. All may be masked, or none.
    alpha : float
        0 to 1. With 1, the loss looks at masked frames only.

    Returns
    -------
    loss : float
    by_scores : ndarray, shape (T, C)
        Derivative of the loss with respect to each score.

    Raises
    ------
    ValueError
        If scores is empty, no matrix or not finite, if a unit is out of range, or if alpha is not
        between 0 and 1.

    References
    ----------
    Hsu et al. (2021), section II-B.
    """
    scores = finite_array(scores, "scores", 2)
    units, masked = index_array(units, "units", scores.shape[1]), index_array(masked, "masked", 2)
    if not 0 <= alpha <= 1:
        raise ValueError("alpha must lie between 0 and 1")
    weight = np.where(masked == 1, alpha, 1 - alpha)
    log_p = special.log_softmax(scores, axis=1)
    own = np.eye(scores.shape[1])[units]
    loss = -weight @ np.sum(own * log_p, axis=1)
    return float(loss), weight[:, None] * (np.exp(log_p) - own)


def codevector_gradient(
    c: ArrayLike, codevectors: ArrayLike, units: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradient of the HuBERT loss with respect to the codevectors, and the two forces in it.

    The loss is, with c_n the output of the transformer in frame n and e_n the codevector of the
    unit of this frame,

        L = - sum over n of ln( exp(c_n . e_n) / sum over all codevectors e of exp(c_n . e) ).

    A step of gradient descent moves each codevector v by a rate times attraction minus repulsion:
    the attraction is a weighted sum of the outputs of those frames whose codevector is v, the
    repulsion one of the outputs of all other frames, and no weight is negative.

    Parameters
    ----------
    c : array_like, shape (N, D)
        Outputs, one row a frame.
    codevectors : array_like, shape (C, D)
        All codevectors.
    units : array_like of int, shape (N,)
        Which codevector is the right one in each frame, 0 to C - 1.

    Returns
    -------
    gradient : ndarray, shape (C, D)
        Derivative of the loss with respect to each number of each codevector.
    attraction, repulsion : ndarray, shape (C, D) each

    Raises
    ------
    ValueError
        If c or codevectors is empty, no matrix or not finite, or if a unit is out of range.

    References
    ----------
    Hsu et al. (2021), for the loss.
    """
    c, codevectors = finite_array(c, "c", 2), finite_array(codevectors, "codevectors", 2)
    units = index_array(units, "units", len(codevectors))
    p = special.softmax(c @ codevectors.T, axis=1)
    own = np.eye(len(codevectors))[units]
    attraction = (own * (1 - p)).T @ c
    repulsion = ((1 - own) * p).T @ c
    return repulsion - attraction, attraction, repulsion


def straight_through(
    z_e: ArrayLike, units: ArrayLike, codevectors: ArrayLike, by_z_q: ArrayLike, beta: float
) -> tuple[float, np.ndarray, np.ndarray]:
    """Back through the quantiser of a VQ-VAE, with the two terms that hold it together.

    The encoder's output z_e[t] is replaced by z_q[t], the codevector of its unit, and the decoder
    reads z_q. The reconstruction loss gives the gradient `by_z_q`; it is passed to the encoder as
    it is, and moves no codevector. Two terms are added to that loss, sums of squares over all
    frames:

        |sg(z_e) - z_q|^2  +  beta |z_e - sg(z_q)|^2,

    where sg(.), "stop gradient", is a number that no gradient passes: the first term moves
    codevectors only, the second the encoder only.

    Parameters
    ----------
    z_e : array_like, shape (T, D)
        Outputs of the encoder.
    units : array_like of int, shape (T,)
        The unit of each frame, 0 to C - 1.
    codevectors : array_like, shape (C, D)
    by_z_q : array_like, shape (T, D)
        Gradient of the reconstruction loss with respect to what the decoder reads.
    beta : float
        Weight of the commitment. The paper has 0.25.

    Returns
    -------
    terms : float
        The value of the two added terms together.
    by_z_e : ndarray, shape (T, D)
        What the encoder is trained with.
    by_codevectors : ndarray, shape (C, D)
        What the codevectors are trained with.

    Raises
    ------
    ValueError
        If z_e, codevectors or by_z_q is empty, no matrix or not finite, or if a unit is out of
        range.

    References
    ----------
    van den Oord, Vinyals and Kavukcuoglu (2017), section 3.2; Bengio, Leonard and Courville (2013).
    """
    z_e, codevectors = finite_array(z_e, "z_e", 2), finite_array(codevectors, "codevectors", 2)
    units, by_z_q = index_array(units, "units", len(codevectors)), finite_array(by_z_q, "by_z_q", 2)
    away = z_e - codevectors[units]
    terms = (1 + beta) * np.sum(away**2)
    by_z_e = by_z_q + 2 * beta * away
    by_codevectors = np.zeros(codevectors.shape)
    np.add.at(by_codevectors, units, -2 * away)
    return float(terms), by_z_e, by_codevectors
