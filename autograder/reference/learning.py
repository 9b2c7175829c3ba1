"""Learning from examples: the gradient, what keeps a model from learning by heart, the optimisers.

Examples come first: `X[m, d]` is feature d of example m. Averages keep the factor 1 - beta, as in
Kingma and Ba's Adam; PyTorch's momentum leaves it out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from autograder.reference.inputs import finite_array


def check_step(rate: float, epsilon: float, *betas: float) -> None:
    """Refuse settings of an optimiser with which no step can be taken.

    Raises
    ------
    ValueError
        If the learning rate or epsilon is not positive and finite, or a beta is outside [0, 1).
    """
    if not (0 < rate < np.inf and 0 < epsilon < np.inf and all(0 <= beta < 1 for beta in betas)):
        raise ValueError("rate and epsilon must be positive, and every beta from 0 to below 1")


def same_shapes(*vectors: ArrayLike) -> list[np.ndarray]:
    """Vectors of finite numbers as arrays of floats.

    Raises
    ------
    ValueError
        If one is empty, no vector or not finite, or if they differ in length.
    """
    arrays = [finite_array(vector, "each argument") for vector in vectors]
    if len({len(array) for array in arrays}) > 1:
        raise ValueError("all vectors must have one number for each parameter")
    return arrays


def check_examples(X: np.ndarray, y: np.ndarray, w: np.ndarray, b: float) -> None:
    """Refuse examples that do not fit a logistic regression.

    Raises
    ------
    ValueError
        If there is not one label for each row of X and one weight for each column, if a label is
        neither 0 nor 1, or if b is not finite.
    """
    if X.shape != (len(y), len(w)):
        raise ValueError("X must have a row for each label and a column for each weight")
    if not np.all((y == 0) | (y == 1)) or not np.isfinite(b):
        raise ValueError("every label must be 0 or 1, and b a number")


def logistic_gradient(
    X: ArrayLike, y: ArrayLike, w: ArrayLike, b: float
) -> tuple[float, np.ndarray, float]:
    """Cost of logistic regression over all examples, and its derivatives.

    Example m gets the answer a_m = sigma(z_m) with z_m = w . x_m + b, and costs
    -y_m ln a_m - (1 - y_m) ln(1 - a_m). The cost J is the mean over the examples. It is a number
    even where an answer is so sure that a_m is 0 or 1 to the last digit.

    Parameters
    ----------
    X : array_like, shape (M, D)
        Features, one example a row. M may be large: a loop over the examples is slow.
    y : array_like, shape (M,)
        Labels, 0 or 1.
    w : array_like, shape (D,)
        Weights.
    b : float
        Bias.

    Returns
    -------
    cost : float
    dw : ndarray, shape (D,)
        The derivatives of J with respect to the weights.
    db : float
        The derivative of J with respect to b.

    Raises
    ------
    ValueError
        If the shapes do not fit, a number is not finite, or a label is neither 0 nor 1.

    References
    ----------
    Bishop (2006), "Pattern Recognition and Machine Learning", section 4.3.2.
    """
    X, y, w = finite_array(X, "X", 2), finite_array(y, "y"), finite_array(w, "w")
    check_examples(X, y, w, b)
    z = X @ w + b
    cost = np.mean(np.logaddexp(0.0, z) - y * z)
    miss = (0.5 + 0.5 * np.tanh(0.5 * z)) - y
    return float(cost), X.T @ miss / len(y), float(np.mean(miss))


def regularised_gradient(
    cost: float, dw: ArrayLike, db: float, w: ArrayLike, b: float, strength: float, M: int
) -> tuple[float, np.ndarray, float]:
    """Cost and derivatives with an L2 penalty, from those without it.

    The penalty is `strength` / (2 M) times the sum of the squares of the weights. A bias is not
    penalised.

    Parameters
    ----------
    cost : float
        The mean over M examples of what each costs.
    dw : array_like, shape (D,)
        Its derivatives with respect to the weights.
    db : float
        Its derivative with respect to the bias.
    w : array_like, shape (D,)
        Weights.
    b : float
        Bias.
    strength : float
        lambda, zero or positive.
    M : int
        Number of examples, 1 or more.

    Returns
    -------
    cost : float
        With the penalty.
    dw : ndarray, shape (D,)
    db : float
        The derivatives of the cost with the penalty.

    Raises
    ------
    ValueError
        If dw and w differ in length, a number is not finite, the strength is negative, or M is
        less than 1.

    References
    ----------
    Hoerl and Kennard (1970), "Ridge regression"; Goodfellow, Bengio and Courville (2016), "Deep
    Learning", section 7.1.1.
    """
    dw, w = same_shapes(dw, w)
    cost, db, b = finite_array([cost, db, b], "cost, db and b")
    if not 0 <= strength < np.inf or M < 1:
        raise ValueError("strength must not be negative, and M at least 1")
    share = strength / M
    return float(cost + 0.5 * share * np.sum(w**2)), dw + share * w, float(db)


def inverted_dropout(
    a: ArrayLike, mask: ArrayLike, keep: float, by_output: ArrayLike, training: bool
) -> tuple[np.ndarray, np.ndarray]:
    """A layer that drops units: its output, and the derivatives that it hands down.

    In training, units whose mask is 0 give 0, and the others are made larger, such that the
    expected output is `a` if each unit is kept with probability `keep`. In use (`training` false)
    the layer hands everything on as it is, both ways.

    Parameters
    ----------
    a : array_like, shape (M, H)
        Outputs of H units for M examples.
    mask : array_like, shape (M, H)
        1 where a unit is kept, 0 where it is dropped.
    keep : float
        The probability with which the mask was drawn to be 1, 0 < keep <= 1. (The mask's own mean
        is another number.)
    by_output : array_like, shape (M, H)
        The derivatives of the loss with respect to the layer's output.
    training : bool

    Returns
    -------
    output : ndarray, shape (M, H)
    by_a : ndarray, shape (M, H)
        The derivatives of the loss with respect to `a`.

    Raises
    ------
    ValueError
        If the arrays differ in shape, a number is not finite, a mask is neither 0 nor 1, or keep is
        outside its range.

    References
    ----------
    Srivastava et al. (2014), "Dropout", section 10; the scaling in training is that of CS231n.
    """
    arrays = [finite_array(array, "each argument", 2) for array in (a, mask, by_output)]
    a, mask, by_output = arrays
    if not a.shape == mask.shape == by_output.shape or not np.all((mask == 0) | (mask == 1)):
        raise ValueError("a, mask and by_output must be of one shape, and the mask 0 or 1")
    if not 0 < keep <= 1:
        raise ValueError("keep must be above 0 and at most 1")
    factor = mask / keep if training else np.ones(a.shape)
    return a * factor, by_output * factor


def normalise(train: ArrayLike, other: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Features with mean 0 and standard deviation 1, judged by the training set alone.

    Each feature (column) is shifted and scaled such that over the training set its mean is 0 and
    its standard deviation, the root of the mean squared distance from the mean, is 1. The other
    set (dev or test) is shifted and scaled by the same numbers. A feature that is the same in all
    training examples has no scale: it is shifted only.

    Parameters
    ----------
    train : array_like, shape (M, D)
    other : array_like, shape (N, D)

    Returns
    -------
    train : ndarray, shape (M, D)
    other : ndarray, shape (N, D)

    Raises
    ------
    ValueError
        If a set is empty, not a matrix or not finite, or if the sets differ in their number of
        features.

    References
    ----------
    LeCun, Bottou, Orr and Mueller (1998), "Efficient BackProp", section 4.3.
    """
    train, other = finite_array(train, "train", 2), finite_array(other, "other", 2)
    if train.shape[1] != other.shape[1]:
        raise ValueError("both sets must have the same features")
    centre, spread = train.mean(axis=0), train.std(axis=0)
    spread[np.ptp(train, axis=0) == 0] = 1.0
    return (train - centre) / spread, (other - centre) / spread


def exponential_average(x: ArrayLike, beta: float) -> tuple[np.ndarray, np.ndarray]:
    """Exponentially weighted average of a sequence, without and with bias correction.

    The average starts from 0 before the first number, and every new number x_t enters with the
    weight 1 - beta:  v_t = beta v_(t-1) + (1 - beta) x_t,  t = 1, 2, ... The correction divides
    v_t by the sum of the weights that x_1 ... x_t have in it.

    Parameters
    ----------
    x : array_like, shape (T,)
    beta : float
        0 <= beta < 1.

    Returns
    -------
    plain : ndarray, shape (T,)
        v_1 ... v_T.
    corrected : ndarray, shape (T,)

    Raises
    ------
    ValueError
        If x is empty, not a vector or not finite, or if beta is outside its range.

    References
    ----------
    Kingma and Ba (2015), "Adam", section 3.
    """
    x = finite_array(x, "x")
    if not 0 <= beta < 1:
        raise ValueError("beta must be at least 0 and below 1")
    plain, v = np.zeros(len(x)), 0.0
    for t in range(len(x)):
        v = beta * v + (1 - beta) * x[t]
        plain[t] = v
    return plain, plain / (1 - beta ** np.arange(1, len(x) + 1))


def momentum_step(
    w: ArrayLike, v: ArrayLike, gradient: ArrayLike, rate: float, beta: float
) -> tuple[np.ndarray, np.ndarray]:
    """One step of gradient descent with momentum.

    The velocity is the exponentially weighted average of the gradients, without bias correction
    and with the factor 1 - beta in front of the new one. The new gradient enters it before the
    step is taken.

    Parameters
    ----------
    w : array_like, shape (D,)
        Parameters before the step.
    v : array_like, shape (D,)
        Velocity before the step; zeros before the first one.
    gradient : array_like, shape (D,)
        The derivatives of the cost with respect to the parameters, at w.
    rate : float
        Learning rate alpha, positive.
    beta : float
        0 <= beta < 1.

    Returns
    -------
    w, v : ndarray, shape (D,)
        After the step.

    Raises
    ------
    ValueError
        If the vectors differ in length, a number is not finite, or rate or beta is outside its
        range.

    References
    ----------
    Polyak (1964); Sutskever, Martens, Dahl and Hinton (2013).
    """
    w, v, gradient = same_shapes(w, v, gradient)
    check_step(rate, 1.0, beta)
    v = beta * v + (1 - beta) * gradient
    return w - rate * v, v


def rmsprop_step(
    w: ArrayLike, s: ArrayLike, gradient: ArrayLike, rate: float, beta: float, epsilon: float
) -> tuple[np.ndarray, np.ndarray]:
    """One step of RMSprop.

    s is the exponentially weighted average of the squares of each derivative, without bias
    correction and with the factor 1 - beta in front of the new one. Each derivative is divided by
    the root of its s, to which `epsilon` is added outside the root. The new gradient enters s
    before the step is taken.

    Parameters
    ----------
    w : array_like, shape (D,)
        Parameters before the step.
    s : array_like, shape (D,)
        Average squares before the step, none negative; zeros before the first one.
    gradient : array_like, shape (D,)
        The derivatives of the cost with respect to the parameters, at w.
    rate : float
        Learning rate alpha, positive.
    beta : float
        0 <= beta < 1.
    epsilon : float
        Positive.

    Returns
    -------
    w, s : ndarray, shape (D,)
        After the step.

    Raises
    ------
    ValueError
        If the vectors differ in length, a number is not finite, a square is negative, or rate, beta
        or epsilon is outside its range.

    References
    ----------
    Tieleman and Hinton (2012), "Lecture 6.5: RMSprop".
    """
    w, s, gradient = same_shapes(w, s, gradient)
    check_step(rate, epsilon, beta)
    if np.any(s < 0):
        raise ValueError("an average of squares is never negative")
    s = beta * s + (1 - beta) * gradient**2
    return w - rate * gradient / (np.sqrt(s) + epsilon), s


def adam_step(
    w: ArrayLike,
    v: ArrayLike,
    s: ArrayLike,
    gradient: ArrayLike,
    t: int,
    rate: float,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One step of Adam: momentum divided as in RMSprop, both with bias correction.

    v is the exponentially weighted average of the gradients (beta_1) and s that of their squares
    (beta_2); both are kept without correction. The step uses them corrected for having started at
    zero, and adds `epsilon` outside the root of the corrected s.

    Parameters
    ----------
    w : array_like, shape (D,)
        Parameters before the step.
    v, s : array_like, shape (D,)
        Averages before the step; zeros before the first one. No s is negative.
    gradient : array_like, shape (D,)
        The derivatives of the cost with respect to the parameters, at w.
    t : int
        Which step this is: 1 is the first.
    rate : float
        Learning rate alpha, positive.
    beta_1, beta_2 : float
        At least 0 and below 1.
    epsilon : float
        Positive.

    Returns
    -------
    w, v, s : ndarray, shape (D,)
        After the step.

    Raises
    ------
    ValueError
        If the vectors differ in length, a number is not finite, a square is negative, t is less
        than 1, or a setting is outside its range.

    References
    ----------
    Kingma and Ba (2015), "Adam: a method for stochastic optimization", algorithm 1.
    """
    w, v, s, gradient = same_shapes(w, v, s, gradient)
    check_step(rate, epsilon, beta_1, beta_2)
    if np.any(s < 0) or t < 1:
        raise ValueError("an average of squares is never negative, and the first step is step 1")
    v = beta_1 * v + (1 - beta_1) * gradient
    s = beta_2 * s + (1 - beta_2) * gradient**2
    v_corrected = v / (1 - beta_1**t)
    s_corrected = s / (1 - beta_2**t)
    return w - rate * v_corrected / (np.sqrt(s_corrected) + epsilon), v, s


def bias_variance(
    train: ArrayLike, dev: ArrayLike, mismatched: ArrayLike, reference: float
) -> tuple[np.ndarray, np.ndarray]:
    """What the errors on three sets say: three gaps, and how uncertain each of them is.

    The error on a set is the share of its examples that were answered wrongly. Each gap is one
    error less another, and may be negative:

        avoidable bias = error on the training set - reference error,
        variance       = error on the dev set - error on the training set,
        data mismatch  = error on the mismatched dev set - error on the dev set.

    The reference error (of a listener, say) is taken as known. The standard error of the error p on
    a set of n examples is the root of p (1 - p) / n; that of a gap is the root of the sum of the
    squares of its two parts.

    Parameters
    ----------
    train, dev, mismatched : array_like, shapes (M,), (N,), (K,)
        1 for each example that was answered wrongly, 0 for each that was right. The dev set has
        new examples of the kind of the training set, the mismatched one new examples of another
        kind, that of the later use.
    reference : float
        The error that is thought to be within reach, 0 to 1.

    Returns
    -------
    gaps : ndarray, shape (3,)
        Avoidable bias, variance and data mismatch.
    deviations : ndarray, shape (3,)
        The standard error of each.

    Raises
    ------
    ValueError
        If a set is empty or holds anything but 0 and 1, or if the reference is outside its range.

    References
    ----------
    Ng (2018), "Machine Learning Yearning", chapters 20 to 22 and 40 to 42.
    """
    sets = [finite_array(values, "each set") for values in (train, dev, mismatched)]
    if not all(np.all((values == 0) | (values == 1)) for values in sets):
        raise ValueError("every example must be 0 or 1")
    if not 0 <= reference <= 1:
        raise ValueError("reference must lie between 0 and 1")
    errors = np.array([values.mean() for values in sets])
    squares = np.array([values.var() / len(values) for values in sets])
    gaps = np.diff(errors, prepend=reference)
    return gaps, np.sqrt(squares + np.append(0.0, squares[:-1]))
