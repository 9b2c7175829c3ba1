"""Recurrent nets and their gradients.

Time is the first axis: `h[n]` is the output at time n, and before time 0 every output and every
cell is zero. A total derivative dL/dh[n] counts every way in which h[n] acts on the loss, the ways
through later times included; a partial derivative holds everything computed after h[n] fixed.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from autograder.reference.inputs import finite_array


def logistic(z: ArrayLike) -> np.ndarray:
    """The logistic sigmoid 1 / (1 + exp(-z)), without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(z, dtype=float)))


def recurrent_outputs(x: ArrayLike, w: ArrayLike) -> np.ndarray:
    """Outputs of a net of one unit that listens to its own last M outputs.

    h[n] = sigma(xi[n]) with xi[n] = x[n] + sum over m = 1 ... M of w_m h[n-m], where sigma is the
    logistic sigmoid and h[n] = 0 for n < 0.

    Parameters
    ----------
    x : array_like, shape (N,)
        The input.
    w : array_like, shape (M,)
        `w[m - 1]` is w_m, the weight of the output m steps ago. M may be larger than N.

    Returns
    -------
    h : ndarray, shape (N,)

    Raises
    ------
    ValueError
        If x or w is empty, not a vector or not finite.

    References
    ----------
    Elman (1990), "Finding structure in time", for nets that hear themselves.
    """
    x, w = finite_array(x, "x"), finite_array(w, "w")
    M = len(w)
    h = np.zeros(M + len(x))
    for n in range(len(x)):
        heard = h[n : n + M][::-1]
        h[n + M] = logistic(x[n] + w @ heard)
    return h[M:]


def lag_gradients(y: ArrayLike, h: ArrayLike, w: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Total derivatives of the cross-entropy of a net that listens to its last M outputs.

    The net is h[n] = sigma(x[n] + sum over m = 1 ... M of w_m h[n-m]), sigma the logistic sigmoid,
    h[n] = 0 for n < 0, and the loss is the average over the N times

        L = -1/N sum over n of (y[n] ln h[n] + (1 - y[n]) ln(1 - h[n])).

    Its outputs have been computed already, and are all one needs: the input is not.

    Parameters
    ----------
    y : array_like, shape (N,)
        Targets, between 0 and 1.
    h : array_like, shape (N,)
        Outputs, strictly between 0 and 1.
    w : array_like, shape (M,)
        `w[m - 1]` is w_m, the weight of the output m steps ago. M may be larger than N.

    Returns
    -------
    delta : ndarray, shape (N,)
        The total derivatives dL/dh[n].
    gradient : ndarray, shape (M,)
        `gradient[m - 1]` is dL/dw_m.

    Raises
    ------
    ValueError
        If an argument is empty, not a vector or not finite, if y and h differ in length, or if an
        output is out of its range (at 0 and at 1 the loss has no derivative).

    References
    ----------
    Werbos (1990), "Backpropagation through time: what it does and how to do it".
    """
    y, h, w = finite_array(y, "y"), finite_array(h, "h"), finite_array(w, "w")
    if y.shape != h.shape:
        raise ValueError("y and h must be of the same length")
    if np.any((h <= 0) | (h >= 1)):
        raise ValueError("outputs must lie strictly between 0 and 1")
    N, M = len(h), len(w)
    slope = h * (1 - h)
    delta, by_xi = np.zeros(N), np.zeros(N + M)
    for n in reversed(range(N)):
        later = w @ by_xi[n + 1 : n + 1 + M]
        delta[n] = (h[n] - y[n]) / (N * slope[n]) + later
        by_xi[n] = delta[n] * slope[n]
    gradient = np.zeros(M)
    for m in range(1, min(M, N - 1) + 1):
        gradient[m - 1] = by_xi[m:N] @ h[: N - m]
    return delta, gradient


def total_derivatives(x: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every total derivative of a small computation, from its output back to its input.

    The computation is, for each element of x,

        h_0 = x^3,    h_1 = cos(x) + sin(h_0),    y = (h_1^2 + h_0^2) / 2.

    x acts on y through both, and h_0 acts on y in two ways.

    Parameters
    ----------
    x : array_like, shape (N,)

    Returns
    -------
    dy_dh1, dy_dh0, dy_dx : ndarray, shape (N,) each
        Total derivatives, in the order in which they are computed.

    Raises
    ------
    ValueError
        If x is empty, not a vector or not finite.

    References
    ----------
    Werbos (1990), on ordered derivatives.
    """
    x = finite_array(x, "x")
    h_0 = x**3
    h_1 = np.cos(x) + np.sin(h_0)
    dy_dh1 = h_1
    dy_dh0 = h_0 + dy_dh1 * np.cos(h_0)
    dy_dx = dy_dh0 * 3 * x**2 - dy_dh1 * np.sin(x)
    return dy_dh1, dy_dh0, dy_dx


def one_gate_forward(
    x: ArrayLike, weights: Mapping[str, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cell, gate and output of the one-gate net.

    c[n] = c[n-1] + w_c x[n] + u_c h[n-1] + b_c,
    o[n] = sigma(w_o x[n] + u_o h[n-1] + b_o),
    h[n] = o[n] c[n],

    where sigma is the logistic sigmoid, and c and h are zero before time 0.

    Parameters
    ----------
    x : array_like, shape (N,)
    weights : mapping
        Numbers, by the names "w_c", "u_c", "b_c", "w_o", "u_o", "b_o".

    Returns
    -------
    c, o, h : ndarray, shape (N,) each

    Raises
    ------
    ValueError
        If x is empty, not a vector or not finite.

    References
    ----------
    The cell is that of Hochreiter and Schmidhuber (1997), which never forgets.
    """
    x = finite_array(x, "x")
    names = ("w_c", "u_c", "b_c", "w_o", "u_o", "b_o")
    w_c, u_c, b_c, w_o, u_o, b_o = (weights[name] for name in names)
    c, o, h = np.zeros(len(x)), np.zeros(len(x)), np.zeros(len(x))
    cell = output = 0.0
    for n in range(len(x)):
        o[n] = logistic(w_o * x[n] + u_o * output + b_o)
        cell = cell + w_c * x[n] + u_c * output + b_c
        output = o[n] * cell
        c[n], h[n] = cell, output
    return c, o, h


def one_gate_backward(
    epsilon: ArrayLike, c: ArrayLike, o: ArrayLike, u_c: float, u_o: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Asynchronous back-propagation in the one-gate net.

    The net is, with sigma the logistic sigmoid,

    c[n] = c[n-1] + w_c x[n] + u_c h[n-1] + b_c,
    o[n] = sigma(w_o x[n] + u_o h[n-1] + b_o),
    h[n] = o[n] c[n].

    Synchronous back-propagation has given the partial derivatives epsilon[n] of the loss with
    respect to h[n], in which the later times are held fixed. Asked for are the total derivatives.

    Parameters
    ----------
    epsilon : array_like, shape (N,)
        Partial derivatives of the loss with respect to h[n].
    c, o : array_like, shape (N,)
        Cell and gate, from the forward pass.
    u_c, u_o : float
        Weights of the last output in the cell and in the gate.

    Returns
    -------
    delta_h, delta_o, delta_c : ndarray, shape (N,) each
        The total derivatives dL/dh[n], dL/do[n] and dL/dc[n]. (With respect to the
        gate o[n] itself, not to the argument of its sigmoid.)

    Raises
    ------
    ValueError
        If epsilon, c or o is empty, not a vector or not finite, or if they differ in length.

    References
    ----------
    Werbos (1990); Hochreiter and Schmidhuber (1997), appendix.
    """
    epsilon, c, o = finite_array(epsilon, "epsilon"), finite_array(c, "c"), finite_array(o, "o")
    if not epsilon.shape == c.shape == o.shape:
        raise ValueError("epsilon, c and o must be of the same length")
    N = len(epsilon)
    slope = np.append(o * (1 - o), 0.0)
    delta_h, delta_o, delta_c = np.zeros(N + 1), np.zeros(N + 1), np.zeros(N + 1)
    for n in reversed(range(N)):
        through_gate = delta_o[n + 1] * slope[n + 1] * u_o
        through_cell = delta_c[n + 1] * u_c
        delta_h[n] = epsilon[n] + through_cell + through_gate
        delta_o[n] = delta_h[n] * c[n]
        delta_c[n] = delta_c[n + 1] + delta_h[n] * o[n]
    return delta_h[:N], delta_o[:N], delta_c[:N]


def hidden_gradient(
    dL_dy: ArrayLike,
    dL_dh_next: ArrayLike,
    y: ArrayLike,
    h_next: ArrayLike,
    V: ArrayLike,
    W: ArrayLike,
) -> np.ndarray:
    """One step of back-propagation through time in a net of H units and K classes.

    The net is h_n = tanh(U x_n + V h_{n-1}) and y_n = softmax(W h_n). For one time n the partial
    derivatives of the loss with respect to each y_{n,k} are known, and so are the total derivatives
    with respect to each h_{n+1,j}. Asked for are the total derivatives with respect to each
    h_{n,i}.

    Parameters
    ----------
    dL_dy : array_like, shape (K,)
        Derivatives of the loss with respect to y_n, each y_{n,k} varied alone, as if they need not
        sum to one.
    dL_dh_next : array_like, shape (H,)
        Total derivatives of the loss with respect to h_{n+1}.
    y : array_like, shape (K,)
        y_n: positive, sums to one.
    h_next : array_like, shape (H,)
        h_{n+1}, between -1 and 1.
    V : array_like, shape (H, H)
        `V[j, i]` weighs h_{n,i} in h_{n+1,j}.
    W : array_like, shape (K, H)

    Returns
    -------
    dL_dh : ndarray, shape (H,)

    Raises
    ------
    ValueError
        If an argument is empty, not finite or of other dimensions, if y does not sum to one, or if
        h_next is outside -1 ... 1.

    References
    ----------
    Werbos (1990).
    """
    dL_dy, dL_dh_next = finite_array(dL_dy, "dL_dy"), finite_array(dL_dh_next, "dL_dh_next")
    y, h_next = finite_array(y, "y"), finite_array(h_next, "h_next")
    V, W = finite_array(V, "V", 2), finite_array(W, "W", 2)
    if abs(np.sum(y) - 1) > 1e-6 or np.any(np.abs(h_next) > 1):
        raise ValueError("y must sum to one, and h_next must lie in -1 ... 1")
    before_tanh = dL_dh_next * (1 - h_next**2)
    before_softmax = y * (dL_dy - y @ dL_dy)
    return V.T @ before_tanh + W.T @ before_softmax


def gradient_reach(h: ArrayLike, V: ArrayLike) -> np.ndarray:
    """How much of a gradient at the end of a sequence arrives at each time before it.

    In the net h_n = tanh(U x_n + V h_{n-1}), a small change of h_n changes the last output
    h_{N-1} by the matrix of derivatives d h_{N-1} / d h_n times that change. The reach at time n is
    the largest factor by which this matrix can make a vector longer: its largest singular value.

    Parameters
    ----------
    h : array_like, shape (N, H)
        Outputs, between -1 and 1.
    V : array_like, shape (H, H)
        `V[j, i]` weighs h_{n,i} in h_{n+1,j}.

    Returns
    -------
    reach : ndarray, shape (N,)
        `reach[N - 1]` is 1.

    Raises
    ------
    ValueError
        If h or V is empty, not a matrix or not finite, or if an output is outside -1 ... 1.

    References
    ----------
    Bengio, Simard and Frasconi (1994); Pascanu, Mikolov and Bengio (2013).
    """
    h, V = finite_array(h, "h", 2), finite_array(V, "V", 2)
    N, H = h.shape
    if np.any(np.abs(h) > 1):
        raise ValueError("h must lie in -1 ... 1")
    reach, so_far = np.ones(N), np.eye(H)
    for n in reversed(range(N - 1)):
        step = (1 - h[n + 1] ** 2)[:, None] * V
        so_far = so_far @ step
        reach[n] = np.linalg.norm(so_far, 2)
    return reach


def lstm_forward(
    x: ArrayLike, W: ArrayLike, U: ArrayLike, b: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gates, cells and outputs of a layer of H LSTM units.

    With sigma the logistic sigmoid, * element by element, and c and h zero before time 0,

    i[n] = sigma(W_i x[n] + U_i h[n-1] + b_i),     f[n] = sigma(W_f x[n] + U_f h[n-1] + b_f),
    g[n] = tanh(W_g x[n] + U_g h[n-1] + b_g),      o[n] = sigma(W_o x[n] + U_o h[n-1] + b_o),
    c[n] = f[n] * c[n-1] + i[n] * g[n],            h[n] = o[n] * tanh(c[n]).

    Parameters
    ----------
    x : array_like, shape (N, D)
        Features, one row a time.
    W : array_like, shape (4, H, D)
        W_i, W_f, W_g, W_o, in this order. (`torch.nn.LSTM` has the same order.)
    U : array_like, shape (4, H, H)
        U_i, U_f, U_g, U_o.
    b : array_like, shape (4, H)
        b_i, b_f, b_g, b_o.

    Returns
    -------
    gates : ndarray, shape (N, 4, H)
        i, f, g and o at each time, after sigma and tanh.
    c, h : ndarray, shape (N, H) each

    Raises
    ------
    ValueError
        If an argument is empty, not finite or of other dimensions.

    References
    ----------
    Hochreiter and Schmidhuber (1997); the gate f is from Gers, Schmidhuber and Cummins (2000).
    """
    x, W, U = finite_array(x, "x", 2), finite_array(W, "W", 3), finite_array(U, "U", 3)
    b = finite_array(b, "b", 2)
    N, H = len(x), b.shape[1]
    gates, c, h = np.zeros((N, 4, H)), np.zeros((N, H)), np.zeros((N, H))
    cell, output = np.zeros(H), np.zeros(H)
    for n in range(N):
        z = W @ x[n] + U @ output + b
        i, f, g, o = logistic(z[0]), logistic(z[1]), np.tanh(z[2]), logistic(z[3])
        cell = f * cell + i * g
        output = o * np.tanh(cell)
        gates[n], c[n], h[n] = (i, f, g, o), cell, output
    return gates, c, h


def lstm_backward(
    epsilon: ArrayLike, x: ArrayLike, gates: ArrayLike, c: ArrayLike, h: ArrayLike, U: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Back-propagation through time in a layer of H LSTM units.

    The layer, with the order i, f, g, o of the gates, is

    z[n] = W x[n] + U h[n-1] + b,    i, f, o = sigma(z_i), sigma(z_f), sigma(z_o),    g = tanh(z_g),
    c[n] = f[n] * c[n-1] + i[n] * g[n],            h[n] = o[n] * tanh(c[n]).

    Parameters
    ----------
    epsilon : array_like, shape (N, H)
        Partial derivatives of the loss with respect to h[n], later times held fixed.
    x : array_like, shape (N, D)
        Features.
    gates : array_like, shape (N, 4, H)
        i, f, g and o at each time, from the forward pass.
    c, h : array_like, shape (N, H)
        Cells and outputs, from the forward pass. Both are zero before time 0.
    U : array_like, shape (4, H, H)
        U_i, U_f, U_g, U_o.

    Returns
    -------
    delta_h, delta_c : ndarray, shape (N, H) each
        Total derivatives of the loss with respect to h[n] and to c[n].
    dW : ndarray, shape (4, H, D)
    dU : ndarray, shape (4, H, H)
    db : ndarray, shape (4, H)
        Gradients with respect to the weights, summed over all times.

    Raises
    ------
    ValueError
        If an argument is empty, not finite or of other dimensions, or if epsilon has not the shape
        (N, H) of c and h.

    References
    ----------
    Greff et al. (2017), "LSTM: a search space odyssey", section II.
    """
    epsilon, x = finite_array(epsilon, "epsilon", 2), finite_array(x, "x", 2)
    gates, U = finite_array(gates, "gates", 3), finite_array(U, "U", 3)
    c, h = finite_array(c, "c", 2), finite_array(h, "h", 2)
    N, H = epsilon.shape
    if not c.shape == h.shape == (N, H):
        raise ValueError("epsilon, c and h must be of the same length and width")
    delta_h, delta_c, by_z = np.zeros((N, H)), np.zeros((N, H)), np.zeros((N, 4, H))
    from_later, carried = np.zeros(H), np.zeros(H)
    for n in reversed(range(N)):
        i, f, g, o = gates[n]
        squashed = np.tanh(c[n])
        before = c[n - 1] if n > 0 else np.zeros(H)
        delta_h[n] = epsilon[n] + from_later
        delta_c[n] = carried + delta_h[n] * o * (1 - squashed**2)
        by_z[n, 0] = delta_c[n] * g * i * (1 - i)
        by_z[n, 1] = delta_c[n] * before * f * (1 - f)
        by_z[n, 2] = delta_c[n] * i * (1 - g**2)
        by_z[n, 3] = delta_h[n] * squashed * o * (1 - o)
        carried = delta_c[n] * f
        from_later = np.einsum("kji,kj->i", U, by_z[n])
    heard = np.vstack([np.zeros(H), h[:-1]])
    dW = np.einsum("nkj,ni->kji", by_z, x)
    dU = np.einsum("nkj,ni->kji", by_z, heard)
    return delta_h, delta_c, dW, dU, by_z.sum(axis=0)


def counting_lstm(threshold: int) -> dict[str, float]:
    """Weights with which one LSTM unit counts the large inputs, and tells when asked.

    The unit has CReLU(z) = max(0, min(1, z)) in place of the sigmoid and of the tanh, and none
    behind its cell:

    i[n] = CReLU(w_i x[n] + u_i h[n-1] + b_i),     f[n] = CReLU(w_f x[n] + u_f h[n-1] + b_f),
    g[n] = CReLU(w_g x[n] + u_g h[n-1] + b_g),     o[n] = CReLU(w_o x[n] + u_o h[n-1] + b_o),
    c[n] = f[n] c[n-1] + i[n] g[n],                h[n] = o[n] c[n],

    c and h being zero before time 0. Its input x[n] is a sequence of whole numbers, 0, 1, 2, ...,
    of any length. Wherever x[n] is 0, h[n] is to be the number of inputs so far that were at least
    `threshold`; wherever x[n] is not 0, h[n] is to be 0.

    There are many right answers. Yours is judged by what it does on sequences it has not seen.

    Parameters
    ----------
    threshold : int
        At least 1. (With 1, the unit counts the inputs that are not zero.)

    Returns
    -------
    weights : dict
        Twelve finite numbers, by the names "w_i", "u_i", "b_i", "w_f", "u_f", "b_f", "w_g", "u_g",
        "b_g", "w_o", "u_o", "b_o".

    Raises
    ------
    ValueError
        If the threshold is not a whole number of at least 1.

    References
    ----------
    Gers and Schmidhuber (2001), for LSTM units that learned to count.
    """
    if not threshold >= 1 or threshold % 1 != 0:
        raise ValueError("the threshold must be a whole number of at least 1")
    unused = {f"u_{gate}": 0.0 for gate in "ifgo"}
    write = {"w_i": 1.0, "b_i": 1.0 - threshold, "w_g": 0.0, "b_g": 1.0}
    keep = {"w_f": 0.0, "b_f": 1.0}
    speak = {"w_o": -1.0, "b_o": 1.0}
    return {**unused, **write, **keep, **speak}
