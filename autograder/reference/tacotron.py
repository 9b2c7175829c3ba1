"""The parts of Tacotron 2 that are not a recurrent net: attention with a place, and what is around.

Rows are times or letters, and weights act from the right: a row x of numbers becomes x @ W. A text
has N letters, each of which the encoder has made a row of `memory`; the decoder takes S steps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, softmax

from autograder.reference.inputs import finite_array


def location_features(past: ArrayLike, filters: ArrayLike) -> np.ndarray:
    """What each letter and its neighbours have got of all attention so far.

    The weights of all past steps are added up, c[n] for letter n, and each of K filters looks at
    the sums around each letter:

        f[n, k] = sum over j = -R ... R of filters[R + j, k] c[n + j].

    Before the first letter and after the last one c is zero.

    Parameters
    ----------
    past : array_like, shape (S, N)
        The attention weights of every step so far, one step a row.
    filters : array_like, shape (2R + 1, K)

    Returns
    -------
    f : ndarray, shape (N, K)

    Raises
    ------
    ValueError
        If an argument is empty, no matrix or not finite, if a weight is negative, or if the number
        of taps is even: then none of them is at the letter itself.

    References
    ----------
    Chorowski et al. (2015), "Attention-based models for speech recognition", equation 8; Shen et
    al. (2018), "Natural TTS synthesis by conditioning WaveNet on mel spectrogram predictions",
    section 2.2, which adds the weights up.
    """
    past, filters = finite_array(past, "past", 2), finite_array(filters, "filters", 2)
    if past.min() < 0:
        raise ValueError("past holds weights, none of which is negative")
    if len(filters) % 2 == 0:
        raise ValueError("filters must have an odd number of taps, so that one is in the middle")
    around = np.pad(past.sum(axis=0), len(filters) // 2)
    return np.lib.stride_tricks.sliding_window_view(around, len(filters)) @ filters


def attention_step(
    query: ArrayLike,
    memory: ArrayLike,
    location: ArrayLike,
    W: ArrayLike,
    V: ArrayLike,
    U: ArrayLike,
    b: ArrayLike,
    v: ArrayLike,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One step of location-sensitive attention: which letters does the decoder look at?

    Letter n is compared with the state of the decoder by what it is and by where it is:

        e[n] = v . tanh(query W + memory[n] V + location[n] U + b).

    The weights are the softmax of these energies over the letters, and the context is the average
    of the rows of `memory` with these weights. Energies of any size must be survived.

    Parameters
    ----------
    query : array_like, shape (Q,)
        The state of the decoder.
    memory : array_like, shape (N, E)
        What the encoder made of each letter.
    location : array_like, shape (N, K)
        The location features of each letter.
    W : array_like, shape (Q, A)
    V : array_like, shape (E, A)
    U : array_like, shape (K, A)
    b : array_like, shape (A,)
    v : array_like, shape (A,)

    Returns
    -------
    energies : ndarray, shape (N,)
    weights : ndarray, shape (N,)
    context : ndarray, shape (E,)

    Raises
    ------
    ValueError
        If an argument is empty, not finite or of another number of dimensions, or if the shapes do
        not go together.

    References
    ----------
    Chorowski et al. (2015), equation 9; Shen et al. (2018), section 2.2.
    """
    query, b, v = (finite_array(a, n) for a, n in ((query, "query"), (b, "b"), (v, "v")))
    memory, location = finite_array(memory, "memory", 2), finite_array(location, "location", 2)
    W, V, U = finite_array(W, "W", 2), finite_array(V, "V", 2), finite_array(U, "U", 2)
    if len(memory) != len(location):
        raise ValueError("memory and location must have a row for each letter")
    if not W.shape[1] == V.shape[1] == U.shape[1] == len(b) == len(v):
        raise ValueError("W, V, U, b and v must be of one width")
    if (len(W), len(V), len(U)) != (len(query), memory.shape[1], location.shape[1]):
        raise ValueError("W, V and U need a row for each number of what they are multiplied with")
    energies = np.tanh(query @ W + memory @ V + location @ U + b) @ v
    weights = softmax(energies)
    return energies, weights, weights @ memory


def prenet(
    frames: ArrayLike,
    weights: Sequence[ArrayLike],
    biases: Sequence[ArrayLike],
    masks: Sequence[ArrayLike],
    keep: float = 0.5,
) -> np.ndarray:
    """The frames that were written last, through layers of whose outputs some are always dropped.

    Each layer multiplies by its weights, adds its bias, sets what is negative to zero, and then
    applies its mask: where the mask is 0 the output is 0, and the others are divided by `keep`,
    such that the expected output is the one without a mask. There is no other mode: masks are drawn
    when the net learns and when it speaks.

    Parameters
    ----------
    frames : array_like, shape (S, M)
        One frame of M mel bands a step.
    weights : sequence of L arrays
        The first of shape (M, H_1), the next of shape (H_1, H_2), and so on.
    biases : sequence of L arrays
        Of shapes (H_1,), (H_2,), ...
    masks : sequence of L arrays of 0 and 1
        Of shapes (S, H_1), (S, H_2), ...
    keep : float
        The probability with which the masks were drawn to be 1, 0 < keep <= 1. (A mask's own mean
        is another number.)

    Returns
    -------
    x : ndarray, shape (S, H_L)

    Raises
    ------
    ValueError
        If an argument is empty or not finite, if there are not as many biases and masks as weights,
        if shapes do not go together, if a mask is neither 0 nor 1, or if keep is out of range.

    References
    ----------
    Wang et al. (2017), "Tacotron", section 3.3; Shen et al. (2018), section 2.2. Dropout in its
    usual form is in the chapter `learning`.
    """
    x = finite_array(frames, "frames", 2)
    if not len(weights) == len(biases) == len(masks) or len(weights) == 0:
        raise ValueError("every layer needs weights, a bias and a mask, and there is at least one")
    if not 0 < keep <= 1:
        raise ValueError("keep must be above 0 and at most 1")
    for matrix, bias, mask in zip(weights, biases, masks, strict=True):
        W, b, m = finite_array(matrix, "W", 2), finite_array(bias, "b"), finite_array(mask, "m", 2)
        if len(W) != x.shape[1] or W.shape[1:] != b.shape or m.shape != (len(x), len(b)):
            raise ValueError("the weights, the bias and the mask of a layer do not go together")
        if np.any((m != 0) & (m != 1)):
            raise ValueError("a mask holds zeros and ones only")
        x = np.maximum(x @ W + b, 0) * m / keep
    return x


def stop_frame(scores: ArrayLike, threshold: float = 0.5, limit: int = 1000) -> tuple[int, bool]:
    """After how many frames does the decoder stop, and does it stop by itself?

    At every step the decoder scores whether this frame is the last one; the logistic function makes
    a probability of the score. The first frame whose probability is above the threshold is the
    last. Where there is none among the first `limit` frames, the decoder is cut off: after `limit`
    frames, or after all of them where there are fewer.

    Parameters
    ----------
    scores : array_like, shape (S,)
        Before the logistic function: any real numbers.
    threshold : float
        A probability, above 0 and below 1.
    limit : int
        The largest number of frames, at least 1.

    Returns
    -------
    length : int
        The number of frames, the last one included.
    stopped : bool
        Whether it ended by itself.

    Raises
    ------
    ValueError
        If there are no scores or one is not finite, if the threshold is not above 0 and below 1, or
        if the limit is below 1.

    References
    ----------
    Shen et al. (2018), section 2.2.
    """
    scores = finite_array(scores, "scores")
    if not 0 < threshold < 1:
        raise ValueError("threshold must be above 0 and below 1")
    if limit < 1:
        raise ValueError("limit must be at least 1")
    ends = np.flatnonzero(expit(scores[:limit]) > threshold)
    if len(ends) == 0:
        return min(len(scores), limit), False
    return int(ends[0]) + 1, True


def convolution(x: np.ndarray, W: np.ndarray) -> np.ndarray:
    """A convolution that looks both ways and is as long as its input, with zeros outside.

    Row t of the result is the sum of x[t + k - R] @ W[k] over the 2R + 1 taps k.

    Parameters
    ----------
    x : ndarray, shape (T, C)
    W : ndarray, shape (2R + 1, C, D)

    Returns
    -------
    y : ndarray, shape (T, D)
    """
    reach = len(W) // 2
    padded = np.pad(x, ((reach, reach), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(W), axis=0)
    return np.einsum("tck,kcd->td", windows, W)


def postnet_residual(
    before: ArrayLike, kernels: Sequence[ArrayLike], target: ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """The decoder's frames with what the post-net adds to them, and the loss of both.

    The post-net sends the frames through convolutions, with a hyperbolic tangent after each of them
    but the last. What comes out is a correction: it is added to the frames. Both the frames from
    the decoder and the corrected ones are compared with the target.

    Parameters
    ----------
    before : array_like, shape (T, M)
        The frames from the decoder, M mel bands each.
    kernels : sequence of arrays, each of shape (2R + 1, C, D)
        One a layer: C is M for the first of them and the D of the one before for the others; D of
        the last is M. There is no bias.
    target : array_like, shape (T, M)
        The frames of the recording.

    Returns
    -------
    after : ndarray, shape (T, M)
    losses : ndarray, shape (2,)
        The mean squared error over all frames and bands, of `before` and of `after`. The net learns
        from the sum of the two.

    Raises
    ------
    ValueError
        If an argument is empty or not finite, if there is no kernel, if shapes do not go together,
        or if a number of taps is even.

    References
    ----------
    Shen et al. (2018), section 2.2.
    """
    before, target = finite_array(before, "before", 2), finite_array(target, "target", 2)
    kernels = [finite_array(kernel, "a kernel", 3) for kernel in kernels]
    if before.shape != target.shape or len(kernels) == 0:
        raise ValueError("before and target must be of one shape, and there is at least one kernel")
    x = before
    for layer, W in enumerate(kernels, 1):
        if len(W) % 2 == 0 or W.shape[1] != x.shape[1]:
            raise ValueError("a kernel needs an odd number of taps and a row for each channel")
        x = convolution(x, W)
        if layer < len(kernels):
            x = np.tanh(x)
    if x.shape != before.shape:
        raise ValueError("the last kernel must end in as many channels as the frames have")
    after = before + x
    losses = np.array([np.mean((frames - target) ** 2) for frames in (before, after)])
    return after, losses


def guided_attention_loss(energies: ArrayLike, width: float = 0.2) -> tuple[float, np.ndarray]:
    """How far attention strays from the diagonal, and its slopes with respect to the energies.

    The attention weights A are the softmax of the energies over the letters, separately for each
    step. Whoever reads at a steady pace looks at letter n of N in step s of S such that n / N is
    near s / S, both counted from 0. Elsewhere a weight costs

        P[s, n] = 1 - exp(-(n / N - s / S)^2 / (2 width^2)),

    and the loss is the mean of A[s, n] P[s, n] over all steps and letters.

    Parameters
    ----------
    energies : array_like, shape (S, N)
        One step a row.
    width : float
        Positive; how far off the diagonal is still cheap, as a share of the text.

    Returns
    -------
    loss : float
    slopes : ndarray, shape (S, N)
        The derivative of the loss with respect to each energy.

    Raises
    ------
    ValueError
        If the energies are empty, no matrix or not finite, or if the width is not positive.

    References
    ----------
    Tachibana, Uenoyama and Aihara (2018), "Efficiently trainable text-to-speech system based on
    deep convolutional networks with guided attention", section 4.
    """
    energies = finite_array(energies, "energies", 2)
    if not 0 < width < np.inf:
        raise ValueError("width must be positive")
    S, N = energies.shape
    A = softmax(energies, axis=1)
    apart = np.arange(N) / N - np.arange(S)[:, None] / S
    P = 1 - np.exp(-(apart**2) / (2 * width**2))
    cost = np.sum(A * P, axis=1, keepdims=True)
    return float(cost.sum() / (S * N)), A * (P - cost) / (S * N)
