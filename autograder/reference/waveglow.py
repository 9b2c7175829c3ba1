"""A flow: steps from speech to noise that can be undone, and what they do to a density.

Time is the first axis: X is (T, G), and row n holds G neighbouring samples of the signal. A step of
the flow is a matrix W that mixes the G numbers of each row, then a coupling layer. The way from
speech to noise is forwards; log-determinants are natural logarithms, summed over all rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from autograder.reference.inputs import finite_array


def scale_and_shift(
    X_a: ArrayLike, M: ArrayLike, U: ArrayLike, V: ArrayLike, W_s: ArrayLike, W_t: ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """The net of a coupling layer, with one hidden layer: tanh(X_a U + M V) W_s, and ... W_t.

    Parameters
    ----------
    X_a : array_like, shape (T, G / 2)
        The half that stays.
    M : array_like, shape (T, H)
        What the net is told about each row, a frame of a spectrum.
    U, V : array_like, shapes (G / 2, D) and (H, D)
    W_s, W_t : array_like, shape (D, G / 2) each

    Returns
    -------
    log_s : ndarray, shape (T, G / 2)
        Natural logarithm of the scale.
    t : ndarray, shape (T, G / 2)
        The shift.

    Raises
    ------
    ValueError
        If an array is empty, no matrix or not finite, or if the shapes do not fit.
    """
    X_a, M = finite_array(X_a, "X_a", 2), finite_array(M, "M", 2)
    U, V = finite_array(U, "U", 2), finite_array(V, "V", 2)
    W_s, W_t = finite_array(W_s, "W_s", 2), finite_array(W_t, "W_t", 2)
    told, width = (*U.shape, *V.shape), X_a.shape[1]
    if len(M) != len(X_a) or told != (width, U.shape[1], M.shape[1], U.shape[1]):
        raise ValueError("M must have a row for each row, U and V a row for each number they read")
    if not W_s.shape == W_t.shape == (U.shape[1], width):
        raise ValueError("W_s and W_t must make a scale and a shift for each number of a half")
    hidden = np.tanh(X_a @ U + M @ V)
    return hidden @ W_s, hidden @ W_t


def invertible_matrix(W: ArrayLike, G: int) -> np.ndarray:
    """W as a matrix of G rows and columns that has an inverse.

    Raises
    ------
    ValueError
        If it has another shape or is not finite, or if it is singular, or so nearly so that its
        condition number is above 1e12.
    """
    W = finite_array(W, "W", 2)
    if W.shape != (G, G):
        raise ValueError("W must be a square matrix, with a column for each number of a row")
    if not np.linalg.cond(W) <= 1e12:
        raise ValueError("W must not be singular, or there is no way back")
    return W


def squeeze(x: ArrayLike, G: int) -> np.ndarray:
    """A signal as rows of G neighbouring samples.

    Parameters
    ----------
    x : array_like, shape (N,)
    G : int
        Samples in a row, at least 1. WaveGlow has 8.

    Returns
    -------
    X : ndarray, shape (N / G, G)
        The first row holds the first G samples in their order, the next row those after them.

    Raises
    ------
    ValueError
        If x is empty, no vector or not finite, if G is not a whole number of at least 1, or if N is
        not a multiple of G: no sample is left out and none made up.

    References
    ----------
    Prenger, Valle and Catanzaro (2019), "WaveGlow", section 2.
    """
    x = finite_array(x, "x")
    if G < 1 or G % 1 or len(x) % G:
        raise ValueError(
            "G must be a whole number of at least 1 that divides the number of samples"
        )
    return x.reshape(-1, int(G))


def coupling(
    X: ArrayLike, M: ArrayLike, U: ArrayLike, V: ArrayLike, W_s: ArrayLike, W_t: ArrayLike
) -> tuple[np.ndarray, float]:
    """An affine coupling layer, on its way from speech to noise.

    X_a is the first half of each row, X_b the second one. `scale_and_shift` computes the logarithm
    of a scale s, and a shift t, from X_a and from what it is told. The first half stays as it is,
    the second becomes s * X_b + t, number by number.

    Parameters
    ----------
    X : array_like, shape (T, G)
        G is even.
    M : array_like, shape (T, H)
        What the net is told about each row.
    U, V : array_like, shapes (G / 2, D) and (H, D)
    W_s, W_t : array_like, shape (D, G / 2) each

    Returns
    -------
    Y : ndarray, shape (T, G)
    log_det : float
        Natural logarithm of the magnitude of the determinant of the matrix of the derivatives of
        all T G numbers of Y with respect to all those of X.

    Raises
    ------
    ValueError
        If G is odd, if an array is empty, no matrix or not finite, or if the shapes do not fit.

    References
    ----------
    Dinh, Sohl-Dickstein and Bengio (2017), section 3.3; Prenger et al. (2019), section 2.1.
    """
    X = finite_array(X, "X", 2)
    half, odd = divmod(X.shape[1], 2)
    if odd:
        raise ValueError("the numbers of a row must be even, or they have no halves")
    X_a, X_b = X[:, :half], X[:, half:]
    log_s, t = scale_and_shift(X_a, M, U, V, W_s, W_t)
    Y = np.hstack([X_a, np.exp(log_s) * X_b + t])
    return Y, float(np.sum(log_s))


def coupling_inverse(
    Y: ArrayLike, M: ArrayLike, U: ArrayLike, V: ArrayLike, W_s: ArrayLike, W_t: ArrayLike
) -> tuple[np.ndarray, float]:
    """The same coupling layer on its way back, from noise to speech.

    Parameters
    ----------
    Y : array_like, shape (T, G)
        What `coupling` returned. G is even.
    M : array_like, shape (T, H)
        What the net is told about each row.
    U, V : array_like, shapes (G / 2, D) and (H, D)
    W_s, W_t : array_like, shape (D, G / 2) each

    Returns
    -------
    X : ndarray, shape (T, G)
        The rows for which `coupling` gives Y.
    log_det : float
        Natural logarithm of the magnitude of the determinant of the matrix of the derivatives of
        all numbers of X with respect to all those of Y.

    Raises
    ------
    ValueError
        If G is odd, if an array is empty, no matrix or not finite, or if the shapes do not fit.

    References
    ----------
    Dinh, Sohl-Dickstein and Bengio (2017), section 3.3.
    """
    Y = finite_array(Y, "Y", 2)
    half, odd = divmod(Y.shape[1], 2)
    if odd:
        raise ValueError("the numbers of a row must be even, or they have no halves")
    Y_a, Y_b = Y[:, :half], Y[:, half:]
    log_s, t = scale_and_shift(Y_a, M, U, V, W_s, W_t)
    X = np.hstack([Y_a, np.exp(-log_s) * (Y_b - t)])
    return X, float(-np.sum(log_s))


def invertible_convolution(
    X: ArrayLike, W: ArrayLike, inverse: bool = False
) -> tuple[np.ndarray, float]:
    """A convolution of width one that can be undone, either way.

    Forwards, each row of X, taken as a column, is multiplied by W. Backwards, X holds such products
    and the rows that they were made from are found again.

    Parameters
    ----------
    X : array_like, shape (T, G)
    W : array_like, shape (G, G)
        Its determinant may be negative, and too large or too small for a number of the computer.
    inverse : bool
        Whether the way is back.

    Returns
    -------
    Y : ndarray, shape (T, G)
    log_det : float
        Natural logarithm of the magnitude of the determinant of the matrix of the derivatives of
        all T G numbers of Y with respect to all those of X.

    Raises
    ------
    ValueError
        If an argument is empty, no matrix or not finite, if the shapes do not fit, or if W is
        singular, or so nearly so that its condition number is above 1e12.

    References
    ----------
    Kingma and Dhariwal (2018), "Glow", section 3.2.
    """
    X = finite_array(X, "X", 2)
    W = invertible_matrix(W, X.shape[1])
    _, log_det = np.linalg.slogdet(W)
    if inverse:
        return np.linalg.solve(W, X.T).T, float(-len(X) * log_det)
    return X @ W.T, float(len(X) * log_det)


def log_likelihood(
    x: ArrayLike, M: ArrayLike, steps: Sequence[Sequence[ArrayLike]], sigma: float
) -> tuple[float, np.ndarray]:
    """How probable a signal is by a flow, in nats.

    The signal is squeezed to rows of G samples. Each step multiplies every row, as a column, by its
    matrix W and sends the rows through its coupling layer: the first half of a row stays, and the
    second is scaled and shifted as `scale_and_shift` says. What comes out is taken to be noise:
    independent Gaussian numbers of mean 0 and standard deviation sigma.

    Parameters
    ----------
    x : array_like, shape (N,)
    M : array_like, shape (N / G, H)
        What all coupling layers are told about each row.
    steps : sequence of K tuples (W, U, V, W_s, W_t)
        In their order from speech to noise. W has the shape (G, G), G even, and determines G; the
        others are those of a coupling layer.
    sigma : float
        Positive.

    Returns
    -------
    log_p : float
        Natural logarithm of the density of the N samples.
    z : ndarray, shape (N / G, G)
        The noise that the signal becomes.

    Raises
    ------
    ValueError
        If there is no step, if sigma is not positive, if N is not a multiple of G or G is odd, if
        an array is empty or not finite, if a W is singular, or if shapes do not fit.

    References
    ----------
    Prenger et al. (2019), equations 4 to 9.
    """
    x = finite_array(x, "x")
    if len(steps) == 0 or not 0 < sigma < np.inf:
        raise ValueError("there must be a step at least, and sigma must be positive")
    G = len(steps[0][0])
    if len(x) % G or G % 2:
        raise ValueError("G must be even and divide the number of samples")
    z, log_p = x.reshape(-1, G), 0.0
    for W, *net in steps:
        W = invertible_matrix(W, G)
        z = z @ W.T
        log_s, t = scale_and_shift(z[:, : G // 2], M, *net)
        z = np.hstack([z[:, : G // 2], np.exp(log_s) * z[:, G // 2 :] + t])
        log_p += len(z) * np.linalg.slogdet(W)[1] + np.sum(log_s)
    log_p -= 0.5 * len(x) * np.log(2 * np.pi * sigma**2) + np.sum(z**2) / (2 * sigma**2)
    return float(log_p), z


def temperature_sample(
    noise: ArrayLike, temperature: float, M: ArrayLike, steps: Sequence[Sequence[ArrayLike]]
) -> np.ndarray:
    """Noise made into a signal: the flow of `log_likelihood`, backwards.

    The noise is multiplied by the temperature, and every step is undone. The rows that are left,
    one behind the other, are the signal.

    Parameters
    ----------
    noise : array_like, shape (T, G)
        Gaussian numbers of variance 1.
    temperature : float
        0 or more. At 0 the signal is the same whatever the noise is.
    M : array_like, shape (T, H)
        What all coupling layers are told about each row.
    steps : sequence of K tuples (W, U, V, W_s, W_t)
        In their order from speech to noise, as for `log_likelihood`.

    Returns
    -------
    x : ndarray, shape (T G,)

    Raises
    ------
    ValueError
        If there is no step, if the temperature is negative, if G is odd, if an array is empty or
        not finite, if a W is singular, or if shapes do not fit.

    References
    ----------
    Prenger et al. (2019), section 2.3; Kingma and Dhariwal (2018), section 5.
    """
    noise = finite_array(noise, "noise", 2)
    if len(steps) == 0 or not 0 <= temperature < np.inf:
        raise ValueError("there must be a step at least, and the temperature must not be negative")
    half, odd = divmod(noise.shape[1], 2)
    if odd:
        raise ValueError("the numbers of a row must be even, or they have no halves")
    X = temperature * noise
    for W, *net in reversed(steps):
        log_s, t = scale_and_shift(X[:, :half], M, *net)
        X = np.hstack([X[:, :half], np.exp(-log_s) * (X[:, half:] - t)])
        X = np.linalg.solve(invertible_matrix(W, 2 * half), X.T).T
    return X.reshape(-1)
