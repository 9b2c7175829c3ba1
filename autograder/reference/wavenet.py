"""A waveform sample by sample: causal convolutions, a gate, queues, and a class drawn from a net.

Time is the first axis of every array: x is (T, C), T samples of C channels. Weights multiply from
the right, x[t] @ W, and tap k of a convolution belongs to the sample k steps of its dilation ago.
Before the first sample everything is zero. The classes are those of the mu-law, 0 to Q - 1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from autograder.reference.inputs import finite_array, index_array


def causal_convolution(x: ArrayLike, W: ArrayLike, b: ArrayLike, dilation: int) -> np.ndarray:
    """A dilated causal convolution: y[t] = b + sum over k of x[t - k d] W[k].

    The sum runs over k = 0 ... K-1, and d is the dilation. Samples before the first one are zero,
    so that y is as long as x, and no y[t] depends on a later sample of x.

    Parameters
    ----------
    x : array_like, shape (T, C)
        T samples of C channels.
    W : array_like, shape (K, C, D)
        Tap k, a matrix from C channels to D, belongs to the sample k d steps ago: W[0] to the
        sample itself. (PyTorch keeps the taps in the opposite order.)
    b : array_like, shape (D,)
    dilation : int
        d, at least 1. The oldest tap may reach further back than x is long.

    Returns
    -------
    y : ndarray, shape (T, D)

    Raises
    ------
    ValueError
        If an array is empty, not finite or has another number of axes, if the channels of x, W and
        b do not fit, or if the dilation is not a whole number of at least 1.

    References
    ----------
    van den Oord et al. (2016), "WaveNet: a generative model for raw audio", section 2.1.
    """
    x, W, b = finite_array(x, "x", 2), finite_array(W, "W", 3), finite_array(b, "b")
    if W.shape[1:] != (x.shape[1], len(b)):
        raise ValueError("each W[k] must have a row a channel of x and a column a number of b")
    if dilation < 1 or dilation % 1:
        raise ValueError("the dilation must be a whole number of at least 1")
    y = np.tile(b, (len(x), 1))
    for k in range(len(W)):
        delay = min(k * int(dilation), len(x))
        y[delay:] += x[: len(x) - delay] @ W[k]
    return y


def gated_unit(
    f: ArrayLike, g: ArrayLike, h: ArrayLike, V_f: ArrayLike, V_g: ArrayLike
) -> np.ndarray:
    """The gated unit of WaveNet, told what to say: z = tanh(f + c V_f) * sigma(g + c V_g).

    f = W_f * x and g = W_g * x are two causal convolutions of the layer's input, already computed;
    sigma is the logistic sigmoid, and the product between the two is one element by element. c is
    the condition. If h is one vector, for example of a speaker, it is the condition at all times:
    **global** conditioning. If h holds frames, for example of a spectrum, T must be a multiple of
    their number N, and each frame is the condition of T / N samples, the first frame of the first
    ones: **local** conditioning.

    Parameters
    ----------
    f : array_like, shape (T, D)
        Outputs of the filter's convolution. They may be large.
    g : array_like, shape (T, D)
        Outputs of the gate's convolution. They may be large.
    h : array_like, shape (H,) or (N, H)
        One vector, or N frames.
    V_f : array_like, shape (H, D)
    V_g : array_like, shape (H, D)

    Returns
    -------
    z : ndarray, shape (T, D)

    Raises
    ------
    ValueError
        If an array is empty, not finite or has another number of axes, if f and g, or V_f and V_g,
        differ in shape or do not fit, or if T is not a multiple of the number of frames.

    References
    ----------
    van den Oord et al. (2016), sections 2.3 and 2.5.
    """
    f, g = finite_array(f, "f", 2), finite_array(g, "g", 2)
    V_f, V_g = finite_array(V_f, "V_f", 2), finite_array(V_g, "V_g", 2)
    h = finite_array(h, "h", 1 if np.ndim(h) == 1 else 2)
    frames = np.atleast_2d(h)
    if f.shape != g.shape or V_f.shape != V_g.shape:
        raise ValueError("f and g must have the same shape, and so must V_f and V_g")
    if V_f.shape != (frames.shape[1], f.shape[1]):
        raise ValueError("V_f and V_g must have a row a number of h and a column a channel of f")
    if len(f) % len(frames):
        raise ValueError("the number of samples must be a multiple of the number of frames")
    c = np.repeat(frames, len(f) // len(frames), axis=0)
    return np.tanh(f + c @ V_f) * special.expit(g + c @ V_g)


def receptive_field(kernels: ArrayLike, dilations: ArrayLike) -> int:
    """How many samples of the input one output of a stack of causal convolutions depends on.

    The layers stand on top of each other; layer l has kernels[l] taps, dilations[l] samples apart.
    The newest of the samples, at the time of the output itself, counts too.

    Parameters
    ----------
    kernels : array_like of int, shape (L,)
        Taps of each layer, at least 1.
    dilations : array_like of int, shape (L,)
        Dilation of each layer, at least 1.

    Returns
    -------
    samples : int

    Raises
    ------
    ValueError
        If there is no layer, if there are not as many kernels as dilations, or if one is not a
        whole number of at least 1.

    References
    ----------
    van den Oord et al. (2016), section 2.1.
    """
    kernels, dilations = finite_array(kernels, "kernels"), finite_array(dilations, "dilations")
    if len(kernels) != len(dilations):
        raise ValueError("there must be as many kernels as dilations")
    both = np.concatenate([kernels, dilations])
    if np.any(both < 1) or np.any(both % 1):
        raise ValueError("kernels and dilations must be whole numbers of at least 1")
    return 1 + int((kernels - 1) @ dilations)


def next_sample(
    sample: int,
    queues: Sequence[ArrayLike],
    E: ArrayLike,
    W_f: ArrayLike,
    W_g: ArrayLike,
    W_o: ArrayLike,
) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """The next sample's probabilities, with work that grows as the number of layers.

    The net reads the class of the sample at time t and gives the probabilities of the class at
    t + 1. With h_0[t] the row of E that belongs to the class read, and d_l the dilation of layer l,

        z_l[t] = tanh(h_l[t] W_f[l, 0] + h_l[t - d_l] W_f[l, 1])
                 * sigma(h_l[t] W_g[l, 0] + h_l[t - d_l] W_g[l, 1]),
        h_(l+1)[t] = h_l[t] + z_l[t],
        p[t + 1] = softmax((z_0[t] + ... + z_(L-1)[t]) W_o),

    where the product before sigma, the logistic sigmoid, is one element by element. Queue l holds
    the d_l last inputs of layer l, h_l[t - d_l] ... h_l[t - 1], the oldest first; before the first
    sample the inputs of all layers are zero. Nothing that is in the queues is computed again.

    Parameters
    ----------
    sample : int
        Class of the sample at time t, 0 to Q - 1.
    queues : sequence of L arrays, queue l of shape (d_l, C)
        As they were left at time t - 1; zeros at the start.
    E : array_like, shape (Q, C)
        The vector of each class.
    W_f : array_like, shape (L, 2, C, C)
        The two taps of each layer's filter: now, and d_l samples ago.
    W_g : array_like, shape (L, 2, C, C)
        The two taps of each layer's gate.
    W_o : array_like, shape (C, Q)

    Returns
    -------
    p : ndarray, shape (Q,)
        Probability of each class at time t + 1.
    moved : tuple of L ndarrays
        The queues as they stand at time t + 1, each as long as it was. Those given are left as they
        were.

    Raises
    ------
    ValueError
        If the class is out of range, if an array is not finite, if the shapes do not fit, or if
        there is not one queue of at least one vector a layer.

    References
    ----------
    Le Paine et al. (2016), "Fast WaveNet generation algorithm".
    """
    E, W_o = finite_array(E, "E", 2), finite_array(W_o, "W_o", 2)
    W_f, W_g = finite_array(W_f, "W_f", 4), finite_array(W_g, "W_g", 4)
    queues = [finite_array(queue, "a queue", 2) for queue in queues]
    (now,), (Q, C) = index_array([sample], "sample", len(E)), E.shape
    if not W_f.shape == W_g.shape == (len(queues), 2, C, C) or W_o.shape != (C, Q):
        raise ValueError("there must be one queue a layer, and weights for the channels of E")
    if any(queue.shape[1] != C for queue in queues):
        raise ValueError("the vectors in the queues must be as wide as those of E")
    h, total, moved = E[now], np.zeros(C), []
    for queue, filter_taps, gate_taps in zip(queues, W_f, W_g):
        past = queue[0]
        a_f = h @ filter_taps[0] + past @ filter_taps[1]
        a_g = h @ gate_taps[0] + past @ gate_taps[1]
        z = np.tanh(a_f) * special.expit(a_g)
        moved.append(np.vstack([queue[1:], h]))
        h, total = h + z, total + z
    return special.softmax(total @ W_o), tuple(moved)


def bits_per_sample(scores: ArrayLike, classes: ArrayLike) -> float:
    """What a net would need to write down a signal: minus log2 of its probabilities, on average.

    The probabilities of the classes at time t are the softmax of scores[t], which were computed
    from the samples before t.

    Parameters
    ----------
    scores : array_like, shape (T, Q)
        Scores of each class at each time, before the softmax. They may be large: exp(1000) is
        infinite, the number of bits is not.
    classes : array_like of int, shape (T,)
        The class that the sample at each time really has, 0 to Q - 1.

    Returns
    -------
    bits : float
        Bits a sample. With all probabilities alike it is log2 Q: 8 for the 256 classes of WaveNet.

    Raises
    ------
    ValueError
        If scores is empty, no matrix or not finite, if a class is out of range, or if there are not
        as many classes as rows of scores.

    References
    ----------
    van den Oord et al. (2016), section 2.2; Shannon (1948).
    """
    scores = finite_array(scores, "scores", 2)
    classes = index_array(classes, "classes", scores.shape[1])
    if len(classes) != len(scores):
        raise ValueError("there must be one class for each row of scores")
    log_p = special.log_softmax(scores, axis=1)
    nats = -np.mean(log_p[np.arange(len(classes)), classes])
    return float(nats / np.log(2))


def draw(p: ArrayLike, u: float) -> int:
    """The class that a random number u, evenly spread from 0 to 1, stands for.

    The classes divide the interval from 0 to 1 among them, in their order, each with a part as long
    as its probability: class 0 has the numbers from 0 up to p[0] and without p[0], which belongs to
    the class after it. A class of probability zero has no part and is never drawn.

    Parameters
    ----------
    p : array_like, shape (Q,)
        Probabilities, with sum 1 to within 1e-6. Rounded as they are, they may end just short of u:
        the last class whose probability is not zero then has the rest.
    u : float
        0 <= u < 1.

    Returns
    -------
    drawn : int
        0 to Q - 1.

    Raises
    ------
    ValueError
        If p is empty or not finite, if a probability is negative or their sum is not 1, or if u
        does not lie between 0 and 1.

    References
    ----------
    Devroye (1986), "Non-uniform random variate generation", section III.2.
    """
    p = finite_array(p, "p")
    if np.any(p < 0) or abs(np.sum(p) - 1) > 1e-6:
        raise ValueError("p must be probabilities, none negative, that add up to 1")
    if not 0 <= u < 1:
        raise ValueError("u must be at least 0 and less than 1")
    ends = np.cumsum(p)
    last = np.flatnonzero(p)[-1]
    return int(min(np.searchsorted(ends, u, side="right"), last))
