"""Learning without labels by telling what belongs together from what does not.

A batch is a matrix with a row for each example; time is the first axis of a spectrogram, frequency
the second. All logarithms are natural.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from autograder.reference.inputs import finite_array, index_array


def cosines(x: ArrayLike, y: ArrayLike) -> np.ndarray:
    """The cosine of the angle between each row of x and each row of y.

    Parameters
    ----------
    x : array_like, shape (N, D)
    y : array_like, shape (M, D)

    Returns
    -------
    ndarray, shape (N, M)
        From -1 to 1.

    Raises
    ------
    ValueError
        If an argument is empty, no matrix or not finite, or if a row is zero: it has no angle.
    """
    x, y = finite_array(x, "x", 2), finite_array(y, "y", 2)
    if not (x.any(axis=1).all() and y.any(axis=1).all()):
        raise ValueError("a row of zeros has no angle with anything")
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    return x @ (y / np.linalg.norm(y, axis=1, keepdims=True)).T


def above_zero(temperature: float) -> float:
    """The temperature, which scores are divided by.

    Raises
    ------
    ValueError
        If it is not a positive finite number.
    """
    if not 0 < temperature < np.inf:
        raise ValueError("the temperature must be a positive number")
    return float(temperature)


def cpc_loss(c: ArrayLike, W: ArrayLike, z: ArrayLike, future: ArrayLike) -> float:
    """The loss of contrastive predictive coding, for one number of steps ahead.

    The score of a candidate z for a context c is z^T W c. The loss of one context is minus the
    logarithm of the softmax, over all candidates, of the score of its true future; returned is the
    mean over the contexts.

    Parameters
    ----------
    c : array_like, shape (T, H)
        Contexts, what the net has gathered up to a moment, one a row.
    W : array_like, shape (D, H)
        Predicts what will be from what was; it belongs to one number of steps ahead.
    z : array_like, shape (N, D)
        Candidates: encoded moments, true futures among them. All contexts share them.
    future : array_like of int, shape (T,)
        The row of z that is the true future of each context, 0 to N - 1.

    Returns
    -------
    loss : float
        In nats. With candidates that nothing tells apart it is ln N.

    Raises
    ------
    ValueError
        If an array is empty, not finite or of another number of axes, if a future is out of range,
        or if there is a single candidate, so that nothing is to be told apart.

    References
    ----------
    van den Oord, Li and Vinyals (2018), equations 3 and 4.
    """
    c, W, z = (finite_array(v, n, 2) for v, n in ((c, "c"), (W, "W"), (z, "z")))
    future = index_array(future, "future", len(z))
    if len(z) < 2:
        raise ValueError("the future can only be told from at least one other candidate")
    scores = c @ W.T @ z.T
    own = scores[np.arange(len(c)), future]
    return float(np.mean(special.logsumexp(scores, axis=1) - own))


def cpc_gradient(
    c: ArrayLike, W: ArrayLike, z: ArrayLike, future: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradient of the loss of contrastive predictive coding.

    The loss is the mean over the contexts of - ln softmax(z W c_t)[future[t]], the softmax taken
    over the candidates; see `cpc_loss`.

    Parameters
    ----------
    c : array_like, shape (T, H)
        Contexts.
    W : array_like, shape (D, H)
    z : array_like, shape (N, D)
        Candidates.
    future : array_like of int, shape (T,)
        The row of z that is the true future of each context.

    Returns
    -------
    by_c : ndarray, shape (T, H)
    by_W : ndarray, shape (D, H)
    by_z : ndarray, shape (N, D)
        Derivatives of the loss with respect to each number of the three.

    Raises
    ------
    ValueError
        As `cpc_loss`.

    References
    ----------
    van den Oord, Li and Vinyals (2018), equation 4, for the loss.
    """
    c, W, z = (finite_array(v, n, 2) for v, n in ((c, "c"), (W, "W"), (z, "z")))
    future = index_array(future, "future", len(z))
    if len(z) < 2:
        raise ValueError("the future can only be told from at least one other candidate")
    by_scores = special.softmax(c @ W.T @ z.T, axis=1)
    by_scores[np.arange(len(c)), future] -= 1
    by_scores /= len(c)
    expected = by_scores @ z
    return expected @ W, expected.T @ c, by_scores.T @ c @ W.T


def contrastive_loss(
    c: ArrayLike, q: ArrayLike, distractors: ArrayLike, temperature: float
) -> float:
    """The loss of wav2vec 2.0: tell the quantised frame behind the mask from distractors.

    At each masked time t the candidates are q_t, which is the right one, and the quantised frames
    of K other times. The loss at t is minus the logarithm of the softmax, over these K + 1
    candidates, of cos(c_t, q) / temperature at the right one; returned is the mean over t.

    Parameters
    ----------
    c : array_like, shape (T, D)
        What the Transformer makes of the masked times, one a row.
    q : array_like, shape (T, D)
        The quantised frames of the same times.
    distractors : array_like of int, shape (T, K)
        For each time the rows of q that it is to be told from, drawn from the other masked times of
        the utterance. A row may be named twice, and then counts twice.
    temperature : float
        Positive. The paper has 0.1.

    Returns
    -------
    loss : float

    Raises
    ------
    ValueError
        If an array is empty or not finite, if a row of c or q is zero, if a distractor is out of
        range or the time itself, or if the temperature is not positive.

    References
    ----------
    Baevski et al. (2020), equation 3.
    """
    c, q = finite_array(c, "c", 2), finite_array(q, "q", 2)
    rows = finite_array(distractors, "distractors", 2)
    drawn = np.array([index_array(row, "distractors", len(q)) for row in rows])
    times = np.arange(len(c))[:, None]
    if np.any(drawn == times):
        raise ValueError("a time must not be its own distractor")
    scores = cosines(c, q) / above_zero(temperature)
    chosen = np.take_along_axis(scores, np.hstack([times, drawn]), axis=1)
    return float(np.mean(special.logsumexp(chosen, axis=1) - chosen[:, 0]))


def diversity_loss(p: ArrayLike) -> float:
    """What makes a product quantiser use all its codewords: minus the entropy of their use.

    With the probabilities averaged over the batch, pbar[g, v], the loss is the sum over all books
    and codewords of pbar ln pbar, divided by G V. It is lowest, - ln(V) / V, where each book uses
    its codewords equally often; 0 where each book always uses the same one (0 ln 0 is 0).

    Parameters
    ----------
    p : array_like, shape (T, G, V)
        At each time and for each of G books the probabilities of its V codewords, without noise.

    Returns
    -------
    loss : float

    Raises
    ------
    ValueError
        If p is empty or has another number of axes, or if the probabilities of a book are negative
        or do not add up to 1.

    References
    ----------
    Baevski et al. (2020), equation 4.
    """
    p = finite_array(p, "p", 3)
    if p.min() < 0 or not np.allclose(p.sum(axis=2), 1, atol=1e-6):
        raise ValueError("the probabilities of each book must be at least 0 and add up to 1")
    return float(np.mean(special.xlogy(p.mean(axis=0), p.mean(axis=0))))


def product_quantise(
    logits: ArrayLike, books: ArrayLike, noise: ArrayLike, temperature: float, hard: bool
) -> tuple[np.ndarray, np.ndarray]:
    """One codeword out of each of several books, side by side, chosen with Gumbel noise.

    Each book's logits are perturbed by the noise. If `hard`, the codeword of the largest perturbed
    logit has the weight 1 and all others 0 (of several, the first). Else the weights are the
    softmax of the perturbed logits divided by the temperature. The weighted sums of the G books
    stand side by side, book 0 first.

    Parameters
    ----------
    logits : array_like, shape (T, G, V)
        Scores of the V codewords of G books at T times.
    books : array_like, shape (G, V, d)
        The codewords.
    noise : array_like, shape (T, G, V)
        Drawn from Gumbel's distribution, -ln(-ln u) with u uniform between 0 and 1; zeros for
        none.
    temperature : float
        Positive.
    hard : bool

    Returns
    -------
    weights : ndarray, shape (T, G, V)
        Of the codewords; they add up to 1 in each book.
    quantised : ndarray, shape (T, G d)

    Raises
    ------
    ValueError
        If an array is empty, not finite or of a shape that does not fit, or if the temperature is
        not positive.

    References
    ----------
    Jang, Gu and Poole (2017), equation 2; Baevski et al. (2020), section 2.
    """
    logits, books = finite_array(logits, "logits", 3), finite_array(books, "books", 3)
    noise = finite_array(noise, "noise", 3)
    if noise.shape != logits.shape or books.shape[:2] != logits.shape[1:]:
        raise ValueError("logits, noise and books must agree in their books and codewords")
    perturbed = (logits + noise) / above_zero(temperature)
    if hard:
        weights = np.eye(logits.shape[2])[perturbed.argmax(axis=2)]
    else:
        weights = special.softmax(perturbed, axis=2)
    quantised = np.einsum("tgv,gvd->tgd", weights, books)
    return weights, quantised.reshape(len(logits), -1)


def nt_xent(a: ArrayLike, b: ArrayLike, temperature: float) -> float:
    """The normalised, temperature-scaled cross entropy of pairs, both ways.

    The 2N rows of a and b are anchors in turn. The loss of anchor i with its partner j is minus the
    logarithm of exp(cos(z_i, z_j) / temperature) over the sum of exp(cos(z_i, z_k) / temperature)
    for all k among the 2N that are not i. Returned is the mean over the 2N anchors.

    Parameters
    ----------
    a, b : array_like, shape (N, D)
        Two views of the same N examples: row n of one is the partner of row n of the other.
    temperature : float
        Positive.

    Returns
    -------
    loss : float

    Raises
    ------
    ValueError
        If a or b is empty, not finite or of another shape than the other, if a row is zero, if
        there is one pair only, so that nothing is to be told apart, or if the temperature is not
        positive.

    References
    ----------
    Chen, Kornblith, Norouzi and Hinton (2020), equation 1; Wang and van den Oord (2021).
    """
    a, b = finite_array(a, "a", 2), finite_array(b, "b", 2)
    if a.shape != b.shape or len(a) < 2:
        raise ValueError("a and b must have the same shape and at least two rows")
    z = np.vstack([a, b])
    scores = cosines(z, z) / above_zero(temperature)
    np.fill_diagonal(scores, -np.inf)
    partners = np.roll(np.arange(len(z)), len(a))
    own = scores[np.arange(len(z)), partners]
    return float(np.mean(special.logsumexp(scores, axis=1) - own))


def mix(x: ArrayLike, other: ArrayLike, alpha: float) -> np.ndarray:
    """An example with another one in its background: alpha x + (1 - alpha) other.

    Parameters
    ----------
    x, other : array_like, shape (N,)
        Two waveforms.
    alpha : float
        Weight of x, 0 to 1.

    Returns
    -------
    ndarray, shape (N,)

    Raises
    ------
    ValueError
        If a waveform is empty or not finite, if they differ in length, or if alpha is not between 0
        and 1.

    References
    ----------
    Wang and van den Oord (2021), equation 2.
    """
    x, other = finite_array(x, "x"), finite_array(other, "other")
    if x.shape != other.shape or not 0 <= alpha <= 1:
        raise ValueError("two waveforms of one length and an alpha from 0 to 1 are needed")
    return alpha * x + (1 - alpha) * other


def log_mix_exp(x: ArrayLike, other: ArrayLike, share: float) -> np.ndarray:
    """A log-mel spectrogram with another one in its background, mixed before the logarithm.

    The result is ln((1 - share) e^x + share e^other), cell by cell: powers are added, not levels.

    Parameters
    ----------
    x, other : array_like, shape (T, F)
        Natural logarithms of mel powers. They may be large.
    share : float
        Of the other one, 0 to 1.

    Returns
    -------
    ndarray, shape (T, F)

    Raises
    ------
    ValueError
        If a spectrogram is empty or not finite, if they differ in shape, or if the share is not
        between 0 and 1.

    References
    ----------
    Niizumi et al. (2021), equation 5.
    """
    x, other = finite_array(x, "x", 2), finite_array(other, "other", 2)
    if x.shape != other.shape or not 0 <= share <= 1:
        raise ValueError("two spectrograms of one shape and a share from 0 to 1 are needed")
    with np.errstate(divide="ignore"):  # ln 0: nothing of it
        return np.logaddexp(x + np.log1p(-share), other + np.log(share))


def time_mask(x: ArrayLike, start: int, length: int) -> np.ndarray:
    """Silence for some time: rows start to start + length - 1 are zero, as far as there are any.

    Parameters
    ----------
    x : array_like, shape (T, F)
        A spectrogram of energies.
    start : int
        First row that is masked, 0 to T - 1.
    length : int
        Rows that are masked, 0 to T. The mask ends with the spectrogram.

    Returns
    -------
    ndarray, shape (T, F)
        A new array; x is left as it was.

    Raises
    ------
    ValueError
        If x is empty or not finite, if start is no row of x, or if length is negative or larger
        than T.

    References
    ----------
    Park et al. (2019), section 2; Wang and van den Oord (2021), section 2.
    """
    masked = finite_array(x, "x", 2)
    if not (0 <= start < len(masked) and 0 <= length <= len(masked)):
        raise ValueError("the mask must begin in the spectrogram and be no longer than it")
    masked[start : start + length] = 0
    return masked


def frequency_mask(x: ArrayLike, start: int, length: int) -> np.ndarray:
    """Silence in some bands: columns start to start + length - 1 are zero, as far as there are any.

    Parameters
    ----------
    x : array_like, shape (T, F)
        A spectrogram of energies.
    start : int
        First column that is masked, 0 to F - 1.
    length : int
        Columns that are masked, 0 to F. The mask ends with the spectrogram.

    Returns
    -------
    ndarray, shape (T, F)
        A new array; x is left as it was.

    Raises
    ------
    ValueError
        If x is empty or not finite, if start is no column of x, or if length is negative or larger
        than F.

    References
    ----------
    Park et al. (2019), section 2; Wang and van den Oord (2021), section 2.
    """
    masked = finite_array(x, "x", 2)
    bands = masked.shape[1]
    if not (0 <= start < bands and 0 <= length <= bands):
        raise ValueError("the mask must begin in the spectrogram and be no wider than it")
    masked[:, start : start + length] = 0
    return masked


def frequency_shift(x: ArrayLike, shift: int) -> np.ndarray:
    """All bands moved up, or down where `shift` is negative; zeros come in, nothing comes round.

    Parameters
    ----------
    x : array_like, shape (T, F)
        A spectrogram of energies.
    shift : int
        Bands to move by: column f becomes column f + shift, if there is one.

    Returns
    -------
    ndarray, shape (T, F)
        A new array. Where the shift is F or more, all of it is zero.

    Raises
    ------
    ValueError
        If x is empty or not finite.

    References
    ----------
    Wang and van den Oord (2021), section 2.
    """
    x = finite_array(x, "x", 2)
    shifted = np.zeros(x.shape)
    bands = x.shape[1]
    up, down = np.clip([shift, -shift], 0, bands)
    shifted[:, up : bands - down] = x[:, down : bands - up]
    return shifted


def byol_loss(prediction: ArrayLike, target: ArrayLike) -> float:
    """The loss of BYOL: how far predictions point away from their targets.

    Both are scaled to length 1; the loss is the squared distance between them, averaged over the
    examples: 0 where they point the same way, 4 where they point apart. There are no negatives.

    Parameters
    ----------
    prediction : array_like, shape (N, D)
        What the online net predicts of the other view.
    target : array_like, shape (N, D)
        What the target net says of it.

    Returns
    -------
    loss : float

    Raises
    ------
    ValueError
        If an argument is empty or not finite, if they differ in shape, or if a row is zero.

    References
    ----------
    Grill et al. (2020), equation 2; Niizumi et al. (2021), equation 2.
    """
    prediction = finite_array(prediction, "prediction", 2)
    target = finite_array(target, "target", 2)
    if prediction.shape != target.shape:
        raise ValueError("prediction and target must have the same shape")
    return float(2 - 2 * np.mean(np.diag(cosines(prediction, target))))


def moving_average(target: ArrayLike, online: ArrayLike, decay: float) -> np.ndarray:
    """The next parameters of the target net: decay of its own, the rest of the online net's.

    Parameters
    ----------
    target, online : array_like, shape (P,)
        Parameters of the two nets, in the same order.
    decay : float
        0 to 1. BYOL-A has 0.99.

    Returns
    -------
    ndarray, shape (P,)
        decay target + (1 - decay) online.

    Raises
    ------
    ValueError
        If an argument is empty or not finite, if they differ in length, or if decay is not between
        0 and 1.

    References
    ----------
    Grill et al. (2020), equation 1.
    """
    target, online = finite_array(target, "target"), finite_array(online, "online")
    if target.shape != online.shape or not 0 <= decay <= 1:
        raise ValueError("as many parameters in both nets and a decay from 0 to 1 are needed")
    return decay * target + (1 - decay) * online


def clap_loss(audio: ArrayLike, text: ArrayLike, temperature: float) -> float:
    """The loss of CLAP: each sound finds its caption, each caption its sound.

    The scores are cos(audio_i, text_j) / temperature. The loss is half the mean over the sounds of
    minus the logarithm of the softmax over the captions at the right one, plus half the mean over
    the captions of the same over the sounds.

    Parameters
    ----------
    audio, text : array_like, shape (N, D)
        Embeddings; row n of one belongs to row n of the other.
    temperature : float
        Positive.

    Returns
    -------
    loss : float

    Raises
    ------
    ValueError
        If an argument is empty or not finite, if they differ in shape, if a row is zero, if there
        is one pair only, or if the temperature is not positive.

    References
    ----------
    Elizalde, Deshmukh, Al Ismail and Wang (2023), equations 3 and 4.
    """
    audio, text = finite_array(audio, "audio", 2), finite_array(text, "text", 2)
    if audio.shape != text.shape or len(audio) < 2:
        raise ValueError("audio and text must have the same shape and at least two rows")
    scores = cosines(audio, text) / above_zero(temperature)
    ways = (special.logsumexp(scores, axis=way) - np.diag(scores) for way in (0, 1))
    return float(sum(np.mean(losses) for losses in ways) / 2)


def zero_shot(
    audio: ArrayLike, captions: ArrayLike, classes: ArrayLike, temperature: float
) -> np.ndarray:
    """Posteriors of classes that nobody trained for, from captions that describe them.

    The captions compete for each sound: their probabilities are the softmax over all captions of
    cos(audio, caption) / temperature. The probability of a class is the sum over its captions.

    Parameters
    ----------
    audio : array_like, shape (N, D)
        Embedded sounds.
    captions : array_like, shape (M, D)
        Embedded captions; a class may have several.
    classes : array_like of int, shape (M,)
        The class that each caption describes. The largest number says how many classes there are.
    temperature : float
        Positive.

    Returns
    -------
    posteriors : ndarray, shape (N, largest class + 1)
        Rows add up to 1; a class without captions has 0.

    Raises
    ------
    ValueError
        If an array is empty or not finite, if a row is zero, if a class is negative or not whole,
        or if the temperature is not positive.

    References
    ----------
    Elizalde, Deshmukh, Al Ismail and Wang (2023), section 2.2, for one caption a class.
    """
    audio, captions = finite_array(audio, "audio", 2), finite_array(captions, "captions", 2)
    count = int(np.max(finite_array(classes, "classes"))) + 1
    classes = index_array(classes, "classes", count)
    weights = special.softmax(cosines(audio, captions) / above_zero(temperature), axis=1)
    return weights @ np.eye(count)[classes]
