"""Derivatives of nets without memory, each in the shape of what it is a derivative by.

Throughout, the derivative of a number y with respect to an array X is an array of the shape of X,
whose element [k, l] is the derivative of y with respect to X[k, l]. (That is the "denominator
layout"; books that use the other one print the transposed matrix.) Frames come first: `s[n, k]` is
formant k of frame n.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from autograder.reference.inputs import finite_array


def frobenius_gradient(A: ArrayLike, X: ArrayLike) -> np.ndarray:
    """The derivative of the Frobenius norm of a product with respect to its second factor.

    The Frobenius norm is the root of the sum of the squares of all elements, and y is that of the
    matrix A X: y = ||A X||_F (not its square).

    Parameters
    ----------
    A : array_like, shape (M, N)
    X : array_like, shape (N, K)

    Returns
    -------
    gradient : ndarray, shape (N, K)
        `gradient[k, l]` is the derivative of y with respect to X[k, l].

    Raises
    ------
    ValueError
        If A or X is empty, not a matrix or not finite, or if A X is zero: there the norm has a
        corner and no derivative.

    References
    ----------
    Petersen and Pedersen, "The Matrix Cookbook", section 2.
    """
    A, X = finite_array(A, "A", 2), finite_array(X, "X", 2)
    AX = A @ X
    length = np.linalg.norm(AX)
    if length == 0:
        raise ValueError("A X must not be zero, where its norm has no derivative")
    return A.T @ AX / length


def softmax_loss_gradient(f: ArrayLike, i: int) -> np.ndarray:
    """The derivative of minus the logarithm of a softmax with respect to its scores.

    The softmax gives class k the probability p_k = exp(f_k) / sum over j of exp(f_j). If the right
    class is i, the loss is -ln p_i.

    Parameters
    ----------
    f : array_like, shape (K,)
        Scores. They may be large (1000, say): the result is a number even then.
    i : int
        The right class, 0 to K - 1.

    Returns
    -------
    gradient : ndarray, shape (K,)
        `gradient[k]` is the derivative of the loss with respect to f_k.

    Raises
    ------
    ValueError
        If f is empty, not a vector or not finite, or if i is no whole number from 0 to K - 1.

    References
    ----------
    Bishop (2006), "Pattern Recognition and Machine Learning", section 4.3.4.
    """
    f = finite_array(f, "f")
    if i not in range(len(f)):
        raise ValueError("i must be a whole number from 0 to K - 1")
    p = np.exp(f - f.max())
    p /= p.sum()
    p[int(i)] -= 1.0
    return p


def interpolating_net(
    x: ArrayLike, y: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Weights of a net that goes through given points, and straight from each to the next.

    The net has one layer of H hidden units, for a number x:

        g(x) = b_2 + sum over i of w_2[i] * ReLU(w_1[i] * x + b_1[i]),  ReLU(z) = max(0, z).

    It is to give g(x_i) = y_i at all n points, on a straight line between neighbouring points
    (neighbouring in x), with at most n - 1 hidden units. Left of the first and right of the last
    point it may do as it likes.

    There are many right answers. Yours is judged by what the net does.

    Parameters
    ----------
    x : array_like, shape (n,)
        Two numbers or more, no two of them equal, in any order.
    y : array_like, shape (n,)

    Returns
    -------
    w_1, b_1, w_2 : ndarray, shape (H,) each
    b_2 : float

    Raises
    ------
    ValueError
        If x or y is empty, not a vector or not finite, or if two points have the same x.

    References
    ----------
    Goodfellow, Bengio and Courville (2016), "Deep Learning", section 6.4.1.
    """
    x, y = finite_array(x, "x"), finite_array(y, "y")
    if len(np.unique(x)) < len(x):
        raise ValueError("x must be another at each point")
    order = np.argsort(x)
    x, y = x[order], y[order]
    slopes = np.diff(y) / np.diff(x)
    w_1 = np.ones(len(slopes))
    b_1 = -x[:-1]
    w_2 = np.diff(slopes, prepend=0.0)
    return w_1, b_1, w_2, float(y[0])


def classifier_gradient(
    W_1: ArrayLike, b_1: ArrayLike, w_2: ArrayLike, b_2: float, x: ArrayLike, y: float
) -> np.ndarray:
    """The derivative of a binary classifier's loss with respect to the weights of its first layer.

    z_1 = W_1 x + b_1,  a_1 = ReLU(z_1),  z_2 = w_2 . a_1 + b_2,  g = sigma(z_2),
    L = -y ln g - (1 - y) ln(1 - g),

    with ReLU(z) = max(0, z), whose slope at 0 is taken as 0, and the logistic sigmoid sigma.

    Parameters
    ----------
    W_1 : array_like, shape (H, D)
    b_1, w_2 : array_like, shape (H,)
    b_2 : float
    x : array_like, shape (D,)
    y : float
        The right answer, 0 or 1.

    Returns
    -------
    gradient : ndarray, shape (H, D)
        `gradient[j, k]` is the derivative of L with respect to W_1[j, k]: a number even where the
        net is so sure that g is 0 or 1 to the last digit.

    Raises
    ------
    ValueError
        If an array is empty, not finite or of other dimensions, or if y is neither 0 nor 1.

    References
    ----------
    Rumelhart, Hinton and Williams (1986), "Learning representations by back-propagating errors".
    """
    W_1, b_1 = finite_array(W_1, "W_1", 2), finite_array(b_1, "b_1")
    w_2, x = finite_array(w_2, "w_2"), finite_array(x, "x")
    if y not in (0, 1):
        raise ValueError("y must be 0 or 1")
    z_1 = W_1 @ x + b_1
    z_2 = w_2 @ np.maximum(z_1, 0) + b_2
    g = 0.5 * (1 + np.tanh(0.5 * z_2))
    by_z_1 = (g - y) * w_2 * (z_1 > 0)
    return np.outer(by_z_1, x)


def filter_step(x: ArrayLike, w: ArrayLike, y: float, eta: float) -> tuple[float, np.ndarray]:
    """One step of training of a convolutional net with one filter and global max pooling.

    The filter slides over a picture, and the largest response is the answer:

        z[m, n] = sum over k, l of w[k, l] * x[m - k, n - l],  0 <= m < M, 0 <= n < N,
        g = max over m, n of z[m, n],                          L = (y - g)^2 / 2,

    where x is zero outside of the picture. All responses may be below zero. One step of gradient
    descent subtracts from every weight `eta` times the derivative of L with respect to it.

    Parameters
    ----------
    x : array_like, shape (M, N)
        The picture (a piece of a spectrogram, say).
    w : array_like, shape (K, L)
        The filter, no larger than the picture.
    y : float
        The answer wanted.
    eta : float
        The learning rate, positive.

    Returns
    -------
    g : float
        The answer before the step.
    w_new : ndarray, shape (K, L)
        The filter after the step.

    Raises
    ------
    ValueError
        If x or w is empty, not a matrix or not finite, or if w is larger than x.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner (1998), "Gradient-based learning applied to document
    recognition".
    """
    x, w = finite_array(x, "x", 2), finite_array(w, "w", 2)
    (M, N), (K, L) = x.shape, w.shape
    if K > M or L > N:
        raise ValueError("w must be no larger than x")
    z = np.zeros((M, N))
    for k, l in np.ndindex(K, L):  # noqa: E741
        z[k:, l:] += w[k, l] * x[: M - k, : N - l]
    m, n = np.unravel_index(np.argmax(z), z.shape)
    g = z[m, n]
    gradient = np.zeros((K, L))
    seen = x[: m + 1, : n + 1][::-1, ::-1][:K, :L]
    gradient[: seen.shape[0], : seen.shape[1]] = (g - y) * seen
    return float(g), w - eta * gradient


def net_gradients(
    W1: ArrayLike, W2: ArrayLike, s: ArrayLike, t: ArrayLike
) -> tuple[float, np.ndarray, np.ndarray]:
    """Loss and gradients of the two-layer net that converts formants.

    For each frame n, with tanh of each element,

        h_n = tanh(W1 s_n),  t^_n = W2 h_n,  L = 1/2 sum over n of ||t_n - t^_n||^2.

    Parameters
    ----------
    W1 : array_like, shape (J, K)
    W2 : array_like, shape (I, J)
    s : array_like, shape (N, K)
        Formants of the source, one row a frame.
    t : array_like, shape (N, I)
        Formants of the target.

    Returns
    -------
    loss : float
    dW1 : ndarray, shape (J, K)
    dW2 : ndarray, shape (I, J)
        The derivatives of the loss, each in the shape of its matrix.

    Raises
    ------
    ValueError
        If an argument is empty, not a matrix or not finite, or if t has not the shape (N, I). (One
        row of t would pass for a target of every frame.)

    References
    ----------
    Rumelhart, Hinton and Williams (1986).
    """
    W1, W2 = finite_array(W1, "W1", 2), finite_array(W2, "W2", 2)
    s, t = finite_array(s, "s", 2), finite_array(t, "t", 2)
    if t.shape != (len(s), len(W2)):
        raise ValueError("t must be N by I")
    h = np.tanh(s @ W1.T)
    miss = h @ W2.T - t
    loss = 0.5 * np.sum(miss**2)
    by_h = miss @ W2
    dW1 = (by_h * (1 - h**2)).T @ s
    dW2 = miss.T @ h
    return float(loss), dW1, dW2


def gradient_check(
    W1: ArrayLike,
    W2: ArrayLike,
    s: ArrayLike,
    t: ArrayLike,
    dW1: ArrayLike,
    dW2: ArrayLike,
    step: float,
) -> tuple[float, float]:
    """How far claimed gradients are from measured ones, for the net that converts formants.

    The net and its loss are

        h_n = tanh(W1 s_n),  t^_n = W2 h_n,  L = 1/2 sum over n of ||t_n - t^_n||^2.

    Measure the derivative with respect to each weight, with all other weights at their given
    values, by the central difference: the loss with the weight raised by `step`, less the loss with
    it lowered by `step`, divided by 2 `step`. For each of the two matrices, the answer is

        ||measured - claimed|| / (||measured|| + ||claimed||),

    where || || is the root of the sum of all squares; 0 if both gradients are zero.

    Parameters
    ----------
    W1 : array_like, shape (J, K)
    W2 : array_like, shape (I, J)
    s : array_like, shape (N, K)
    t : array_like, shape (N, I)
    dW1, dW2 : array_like, shapes of W1 and W2
        The gradients that are claimed.
    step : float
        Positive.

    Returns
    -------
    distance_1, distance_2 : float
        For W1 and for W2, 0 (right) to 1.

    Raises
    ------
    ValueError
        If a matrix is empty, not a matrix or not finite, if dW1 or dW2 has not the shape of W1 or
        W2, or if step is not positive.

    References
    ----------
    Stanford's CS231n notes, "Gradient checks".
    """
    W1, W2 = finite_array(W1, "W1", 2), finite_array(W2, "W2", 2)
    s, t = finite_array(s, "s", 2), finite_array(t, "t", 2)
    dW1, dW2 = finite_array(dW1, "dW1", 2), finite_array(dW2, "dW2", 2)
    if dW1.shape != W1.shape or dW2.shape != W2.shape or not step > 0:
        raise ValueError("dW1 and dW2 must have the shapes of W1 and W2, and step be positive")

    def loss() -> float:
        return 0.5 * np.sum((np.tanh(s @ W1.T) @ W2.T - t) ** 2)

    distances = []
    for W, claimed in ((W1, dW1), (W2, dW2)):
        given, measured = W.copy(), np.zeros(W.shape)
        for where in np.ndindex(W.shape):
            for side in (1, -1):
                W[where] = given[where] + side * step
                measured[where] += side * loss() / (2 * step)
            W[where] = given[where]
        size = np.linalg.norm(measured) + np.linalg.norm(claimed)
        apart = np.linalg.norm(measured - claimed)
        distances.append(float(apart / size) if size > 0 else 0.0)
    return distances[0], distances[1]


def sensitivity(W1: ArrayLike, W2: ArrayLike, s: ArrayLike, t: ArrayLike) -> np.ndarray:
    """How a wrong formant disturbs the training of the second layer.

    The net and its loss are

        h_n = tanh(W1 s_n),  t^_n = W2 h_n,  L = 1/2 sum over n of ||t_n - t^_n||^2.

    The gradient dL/dW2[i, j] depends on every measured formant. Its sensitivity to formant k of
    frame n is its derivative with respect to s[n, k], all weights and all other measurements held
    fixed.

    Parameters
    ----------
    W1 : array_like, shape (J, K)
    W2 : array_like, shape (I, J)
    s : array_like, shape (N, K)
    t : array_like, shape (N, I)

    Returns
    -------
    sensitivity : ndarray, shape (I, J, N, K)
        `sensitivity[i, j, n, k]` is the derivative of dL/dW2[i, j] with respect to s[n, k].

    Raises
    ------
    ValueError
        If an argument is empty, not a matrix or not finite, or if t has not the shape (N, I). (One
        row of t would pass for a target of every frame.)

    References
    ----------
    Bishop (2006), "Pattern Recognition and Machine Learning", section 5.3.4, on the Jacobian.
    """
    W1, W2 = finite_array(W1, "W1", 2), finite_array(W2, "W2", 2)
    s, t = finite_array(s, "s", 2), finite_array(t, "t", 2)
    if t.shape != (len(s), len(W2)):
        raise ValueError("t must be N by I")
    h = np.tanh(s @ W1.T)
    miss = h @ W2.T - t
    h_by_s = (1 - h**2)[:, :, None] * W1
    t_by_s = W2 @ h_by_s
    through_answer = np.einsum("nik,nj->ijnk", t_by_s, h)
    through_hidden = np.einsum("ni,njk->ijnk", miss, h_by_s)
    return through_answer + through_hidden
