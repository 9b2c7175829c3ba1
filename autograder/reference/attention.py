"""Attention, its heads, its masks, its derivative, and the tokens that tell a model what to do.

Rows are times: a query is a row of Q (T of them), a key and its value are a row of K and one of V
(S of each). `A[i, j]` is the weight that query i gives to key j.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import softmax

from autograder.reference.inputs import finite_array

# Times are written in steps of TICK seconds, and a model hears at most LONGEST at once.
TICK = 0.02
LONGEST = 30.0
WORDS = {
    "en": "zero one two three four five six seven eight nine".split(),
    "de": "null eins zwei drei vier fünf sechs sieben acht neun".split(),
    "fr": "zéro un deux trois quatre cinq six sept huit neuf".split(),
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve".split(),
    "it": "zero uno due tre quattro cinque sei sette otto nove".split(),
}
# Token numbers are places in VOCABULARY. Behind it come the times: token len(VOCABULARY) + k
# stands for k * TICK seconds.
VOCABULARY = (
    *("<|start|>", "<|end|>", "<|nospeech|>", "<|notimes|>", "<|transcribe|>", "<|translate|>"),
    *(f"<|{language}|>" for language in WORDS),
    *sorted({word for words in WORDS.values() for word in words}),
)


def queries_keys_values(
    Q: ArrayLike, K: ArrayLike, V: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The three as arrays of floats.

    Raises
    ------
    ValueError
        If one is empty, no matrix or not finite, if queries and keys differ in width, or if there
        are not as many values as keys.
    """
    Q, K, V = finite_array(Q, "Q", 2), finite_array(K, "K", 2), finite_array(V, "V", 2)
    if Q.shape[1] != K.shape[1]:
        raise ValueError("Q and K must have rows of the same width")
    if len(K) != len(V):
        raise ValueError("K and V must have as many rows as each other")
    return Q, K, V


def attention(
    Q: ArrayLike, K: ArrayLike, V: ArrayLike, scaled: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Averages of values, weighted by how well their keys answer each query.

    A = softmax(Q K^T), or A = softmax(Q K^T / sqrt(d)) if `scaled`, and Y = A V. The softmax makes
    the weights of each query positive, with sum one. Scores of any size must be survived.

    Parameters
    ----------
    Q : array_like, shape (T, d)
        One query a row.
    K : array_like, shape (S, d)
        One key a row.
    V : array_like, shape (S, e)
        The value of each key.
    scaled : bool
        Whether the scores are divided by sqrt(d).

    Returns
    -------
    Y : ndarray, shape (T, e)
    A : ndarray, shape (T, S)

    Raises
    ------
    ValueError
        If an argument is empty, no matrix or not finite, if queries and keys differ in width, or if
        there are not as many values as keys.

    References
    ----------
    Vaswani et al. (2017), "Attention is all you need", section 3.2.1, which always scales.
    """
    Q, K, V = queries_keys_values(Q, K, V)
    scores = Q @ K.T
    if scaled:
        scores = scores / np.sqrt(Q.shape[1])
    A = softmax(scores, axis=1)
    return A @ V, A


def attention_by_key(Q: ArrayLike, K: ArrayLike, V: ArrayLike, scaled: bool = False) -> np.ndarray:
    """Derivative of every output of attention with respect to every number of every key.

    Attention is Y = softmax(Q K^T) V, or Y = softmax(Q K^T / sqrt(d)) V if `scaled`; the softmax is
    taken over the keys, separately for each query.

    Parameters
    ----------
    Q : array_like, shape (T, d)
    K : array_like, shape (S, d)
    V : array_like, shape (S, e)
    scaled : bool
        Whether the scores are divided by sqrt(d).

    Returns
    -------
    slopes : ndarray, shape (T, e, S, d)
        `slopes[i, j, k, l]` is dY[i, j] / dK[k, l].

    Raises
    ------
    ValueError
        If an argument is empty, no matrix or not finite, if queries and keys differ in width, or if
        there are not as many values as keys.

    References
    ----------
    Vaswani et al. (2017), section 3.2.1, for the reason why the slopes must not vanish.
    """
    Q, K, V = queries_keys_values(Q, K, V)
    factor = 1 / np.sqrt(Q.shape[1]) if scaled else 1.0
    A = softmax(factor * Q @ K.T, axis=1)
    Y = A @ V
    pull = V[None, :, :] - Y[:, None, :]
    return factor * np.einsum("ik,il,ikj->ijkl", A, Q, pull)


def causal_mask(queries: int, keys: int, window: int | None = None) -> np.ndarray:
    """Which query may look at which key if nothing may look ahead.

    The queries belong to the last `queries` of `keys` frames: while a text is written one token at
    a time there is a single query, the newest, and keys for all tokens so far. A query may look at
    its own frame and at those before it; with a window, at no more than the newest `window` of
    these.

    Parameters
    ----------
    queries : int
        Number of queries, at least 1.
    keys : int
        Number of keys, at least as many as there are queries.
    window : int, optional
        How many frames a query may look at, its own included; at least 1.

    Returns
    -------
    allowed : ndarray of bool, shape (queries, keys)

    Raises
    ------
    ValueError
        If queries is less than 1, keys less than queries, or window less than 1.

    References
    ----------
    Vaswani et al. (2017), section 3.2.3; the window is that of Beltagy, Peters and Cohan (2020),
    "Longformer".
    """
    if queries < 1 or keys < queries:
        raise ValueError("queries must be at least 1, and keys at least as many")
    if window is not None and window < 1:
        raise ValueError("window must be at least 1")
    own = np.arange(keys - queries, keys)[:, None]
    frame = np.arange(keys)[None, :]
    allowed = frame <= own
    if window is not None:
        allowed &= frame > own - window
    return allowed


def masked_attention(
    Q: ArrayLike, K: ArrayLike, V: ArrayLike, allowed: ArrayLike, scaled: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Attention in which each query looks only at the keys that it may look at.

    The weights of the other keys are exactly zero, and those of the allowed ones are what they
    would be if the others did not exist. A query that may look at nothing has the weights zero and
    the output zero.

    Parameters
    ----------
    Q : array_like, shape (T, d)
    K : array_like, shape (S, d)
    V : array_like, shape (S, e)
    allowed : array_like of bool, shape (T, S)
        `allowed[i, j]` says whether query i may look at key j.
    scaled : bool
        Whether the scores are divided by sqrt(d).

    Returns
    -------
    Y : ndarray, shape (T, e)
    A : ndarray, shape (T, S)

    Raises
    ------
    ValueError
        If Q, K or V is empty, no matrix or not finite, if queries and keys differ in width, if
        there are not as many values as keys, or if the mask has another shape than (T, S).

    References
    ----------
    Vaswani et al. (2017), section 3.2.3.
    """
    Q, K, V = queries_keys_values(Q, K, V)
    allowed = np.asarray(allowed, dtype=bool)
    if allowed.shape != (len(Q), len(K)):
        raise ValueError("allowed must have one row a query and one column a key")
    factor = 1 / np.sqrt(Q.shape[1]) if scaled else 1.0
    scores = np.where(allowed, factor * Q @ K.T, -np.inf)
    top = np.max(scores, axis=1, keepdims=True)
    top[np.isinf(top)] = 0.0  # such a query may look at nothing
    A = np.exp(scores - top)
    total = np.sum(A, axis=1, keepdims=True)
    A = A / np.where(total > 0, total, 1.0)
    return A @ V, A


def multi_head(
    Q: ArrayLike,
    K: ArrayLike,
    V: ArrayLike,
    W_Q: ArrayLike,
    W_K: ArrayLike,
    W_V: ArrayLike,
    W_O: ArrayLike,
    scaled: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Several attentions at once, each in a projection of its own, put side by side.

    head_i = Attention(Q W_Q[i], K W_K[i], V W_V[i]) for i = 1 ... h, and the output is
    Concat(head_1, ..., head_h) W_O. Attention(Q, K, V) is softmax(Q K^T) V, with the scores
    divided by sqrt(d) if `scaled`.

    Parameters
    ----------
    Q : array_like, shape (T, D)
    K, V : array_like, shape (S, D) each
    W_Q, W_K : array_like, shape (h, D, d) each
        For each of h heads the projection of queries and of keys.
    W_V : array_like, shape (h, D, e)
        For each head the projection of values.
    W_O : array_like, shape (h * e, D)
        What is made of the heads, whose rows of e numbers stand side by side, head 1 first.
    scaled : bool
        Whether scores are divided by the root of d, the width of a head's queries and keys.

    Returns
    -------
    Y : ndarray, shape (T, D)
    A : ndarray, shape (h, T, S)
        The weights of each head.

    Raises
    ------
    ValueError
        If an argument is empty, not finite or has another number of axes.

    References
    ----------
    Vaswani et al. (2017), section 3.2.2.
    """
    Q, K, V = finite_array(Q, "Q", 2), finite_array(K, "K", 2), finite_array(V, "V", 2)
    W_Q, W_K = finite_array(W_Q, "W_Q", 3), finite_array(W_K, "W_K", 3)
    W_V, W_O = finite_array(W_V, "W_V", 3), finite_array(W_O, "W_O", 2)
    h, _, d = W_Q.shape
    heads, maps = [], []
    for i in range(h):
        scores = (Q @ W_Q[i]) @ (K @ W_K[i]).T
        if scaled:
            scores = scores / np.sqrt(d)
        maps.append(softmax(scores, axis=1))
        heads.append(maps[i] @ (V @ W_V[i]))
    return np.concatenate(heads, axis=1) @ W_O, np.array(maps)


def task_tokens(
    segments: Sequence[tuple[float, float, Sequence[int]]],
    language: str,
    task: str = "transcribe",
    timestamps: bool = False,
) -> list[int]:
    """The tokens that a model with several tasks has to write about a recording of spoken digits.

    A sequence is, in this order:

    1. `<|start|>`;
    2. the language that is spoken, as `<|de|>`; but if nobody speaks, `<|nospeech|>` and then at
       once `<|end|>`;
    3. the task, `<|transcribe|>` or `<|translate|>`;
    4. `<|notimes|>`, unless timestamps are wanted;
    5. each segment: its words, in the language spoken if they are transcribed, in English if they
       are translated; with timestamps, the time of its beginning before them and the time of its
       end behind them;
    6. `<|end|>`.

    Token numbers are places in `VOCABULARY`, whose words are those of `WORDS`. A time is the token
    len(VOCABULARY) + k, where k TICK is the multiple of TICK nearest to it (no time lies half way
    between two).

    Parameters
    ----------
    segments : sequence of (begin, end, digits)
        In seconds, from 0 to LONGEST, and in order: none begins before the last one ends. `digits`
        holds the spoken digits, one or more numbers from 0 to 9. Without any segment nobody speaks.
    language : str
        The language that is spoken, a key of `WORDS`.
    task : str
        "transcribe" or "translate" (into English).
    timestamps : bool

    Returns
    -------
    tokens : list of int

    Raises
    ------
    ValueError
        If what is spoken is English and is to be translated (which is refused even if nobody
        speaks), or if a segment is out of order, does not end after it begins, or leaves the range
        of times.

    References
    ----------
    Radford et al. (2023), "Robust speech recognition via large-scale weak supervision", figure 1.
    """
    if task == "translate" and language == "en":
        raise ValueError("task must be transcribe for English, which is what one translates into")
    number = {token: k for k, token in enumerate(VOCABULARY)}
    if len(segments) == 0:
        return [number["<|start|>"], number["<|nospeech|>"], number["<|end|>"]]
    tokens = [number["<|start|>"], number[f"<|{language}|>"], number[f"<|{task}|>"]]
    if not timestamps:
        tokens.append(number["<|notimes|>"])
    words = WORDS["en" if task == "translate" else language]
    before = 0.0
    for begin, end, digits in segments:
        if not before <= begin < end <= LONGEST:
            raise ValueError("segments must be in order and within 30 s")
        said = [number[words[digit]] for digit in digits]
        if timestamps:
            first, last = (len(VOCABULARY) + round(time / TICK) for time in (begin, end))
            said = [first, *said, last]
        tokens += said
        before = end
    return [*tokens, number["<|end|>"]]
