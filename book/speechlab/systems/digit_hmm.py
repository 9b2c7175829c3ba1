"""A recogniser of spoken digits: one left-to-right hidden Markov model a word.

All clips of a word are trained at once, in the log domain. Their frames are packed in order of
time (first all first frames, then all second ones ...), so that a step of the recursion is one
operation on one block of rows, and no row is padding.

Shapes: `T` frames, `N` states, `D` features, `R` clips, `F` frames of all clips together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

FLOOR = 0.05  # smallest variance, as a share of the variance over all frames

Array = NDArray[np.floating]


class Packed:
    """Sequences of different lengths in one array, frame after frame of time.

    Attributes
    ----------
    frames : array, shape (F, D)
    steps : list of (start, count)
        Rows `start` to `start + count` are frame t of the `count` longest sequences.
    last : array of int, shape (R,)
        The row of the last frame of each sequence, in the order in which they were given.
    """

    def __init__(self, sequences: Sequence[Array]) -> None:
        lengths = np.array([len(x) for x in sequences])
        if lengths.size == 0 or lengths.min() == 0:
            raise ValueError("Give one sequence or more, each of one frame or more.")
        order = np.argsort(-lengths, kind="stable")
        counts = np.array([np.sum(lengths > t) for t in range(lengths.max())])
        starts = np.concatenate([[0], np.cumsum(counts)])
        self.steps = [(int(start), int(count)) for start, count in zip(starts, counts)]
        first = np.concatenate([[0], np.cumsum(lengths)])[order]
        rows = np.concatenate([first[:count] + t for t, count in enumerate(counts)])
        self.frames = np.concatenate(sequences)[rows]
        self.last = np.empty(len(lengths), dtype=int)
        self.last[order] = starts[lengths[order] - 1] + np.arange(len(lengths))


@dataclass(frozen=True)
class WordModel:
    """A left-to-right HMM that starts in its first state and at each frame stays or moves on.

    `stay` (N,) is the probability of staying (1 in the last state); `means` and `variances`
    (N, D) are those of Gaussian outputs with a diagonal covariance matrix.
    """

    stay: Array
    means: Array
    variances: Array

    @property
    def transitions(self) -> Array:
        """The transition matrix, shape (N, N)."""
        return np.diag(self.stay) + np.diag(1 - self.stay[:-1], 1)

    def log_outputs(self, frames: Array) -> Array:
        """ln b_j(x) of each frame and state, shape (F, N), by three matrix products."""
        precisions = 1 / self.variances
        constant = np.sum(np.log(2 * np.pi * self.variances) + self.means**2 * precisions, axis=1)
        return frames @ (self.means * precisions).T - 0.5 * (frames**2 @ precisions.T + constant)

    def log_steps(self) -> tuple[Array, Array]:
        """Logarithms of staying in each state, and of moving on from each but the last."""
        return np.log(np.maximum(self.stay, 1e-300)), np.log(np.maximum(1 - self.stay[:-1], 1e-300))


def log_alphas(model: WordModel, packed: Packed, log_b: Array) -> Array:
    """Log forward probabilities of all frames, shape (F, N)."""
    stay, move = model.log_steps()
    log_alpha = np.full(log_b.shape, -np.inf)
    log_alpha[: packed.steps[0][1], 0] = log_b[: packed.steps[0][1], 0]
    for (before, _), (now, count) in zip(packed.steps, packed.steps[1:]):
        old, new = log_alpha[before : before + count], log_alpha[now : now + count]
        new[:, 0] = old[:, 0] + stay[0]
        new[:, 1:] = np.logaddexp(old[:, 1:] + stay[1:], old[:, :-1] + move)
        new += log_b[now : now + count]
    return log_alpha


def log_betas(model: WordModel, packed: Packed, log_b: Array) -> Array:
    """Log backward probabilities of all frames, shape (F, N); zero where a clip ends."""
    stay, move = model.log_steps()
    log_beta = np.zeros(log_b.shape)
    for (now, _), (after, count) in reversed(list(zip(packed.steps, packed.steps[1:]))):
        ahead = log_beta[after : after + count] + log_b[after : after + count]
        here = log_beta[now : now + count]
        here[:] = ahead + stay
        here[:, :-1] = np.logaddexp(here[:, :-1], ahead[:, 1:] + move)
    return log_beta


def log_likelihoods(model: WordModel, packed: Packed) -> Array:
    """ln P(clip | model) of each clip, shape (R,)."""
    log_alpha = log_alphas(model, packed, model.log_outputs(packed.frames))
    return logsumexp(log_alpha[packed.last], axis=1)


def align(model: WordModel, x: Array) -> tuple[NDArray[np.int_], float]:
    """The best path through the word's states for one clip `(T, D)`, and its log probability."""
    stay, move = model.log_steps()
    log_b = model.log_outputs(x)
    score = np.where(np.arange(len(stay)) == 0, log_b[0], -np.inf)
    moved = np.zeros(log_b.shape, dtype=bool)
    for t in range(1, len(x)):
        arriving = np.append(-np.inf, score[:-1] + move)
        moved[t] = arriving > score + stay
        score = np.maximum(arriving, score + stay) + log_b[t]
    last = int(np.argmax(score))
    steps_back = np.zeros(len(x), dtype=int)
    state = last
    for t in range(len(x) - 1, 0, -1):
        steps_back[t] = moved[t, state]
        state -= steps_back[t]
    return np.cumsum(steps_back), float(score[last])


def first_guess(sequences: Sequence[Array], n_states: int) -> WordModel:
    """Cut each clip into `n_states` equal parts; means, variances and durations of the parts."""
    parts = [np.arange(len(x)) * n_states // len(x) for x in sequences]
    part, x = np.concatenate(parts), np.concatenate(sequences)
    members = [x[part == j] for j in range(n_states)]
    if min(len(m) for m in members) == 0:
        raise ValueError(f"The clips are too short for {n_states} states.")
    stay = np.array([1 - len(sequences) / max(len(m), len(sequences) + 1) for m in members])
    stay[-1] = 1
    return WordModel(
        stay,
        np.array([m.mean(axis=0) for m in members]),
        np.maximum([m.var(axis=0) for m in members], FLOOR * x.var(axis=0)),
    )


def reestimate(model: WordModel, packed: Packed, floor: float = FLOOR) -> tuple[WordModel, float]:
    """One iteration of Baum-Welch; also the log likelihood of all clips before it.

    No transition posteriors are needed: a clip has left state j exactly if it ends in a later
    one, so the posteriors of the last frames count the moves.
    """
    x, log_b = packed.frames, model.log_outputs(packed.frames)
    log_alpha = log_alphas(model, packed, log_b)
    gamma = log_alpha + log_betas(model, packed, log_b)
    gamma = np.exp(gamma - gamma.max(axis=1, keepdims=True))
    gamma /= gamma.sum(axis=1, keepdims=True)
    occupancy, ended = gamma.sum(axis=0), gamma[packed.last].sum(axis=0)
    moves = len(packed.last) - np.cumsum(ended)[:-1]
    chances = np.maximum(occupancy - ended, 1e-10)[:-1]
    stay = np.append(1 - np.clip(moves / chances, 0, 1), 1.0)
    share = gamma / np.maximum(occupancy, 1e-10)
    means = share.T @ x
    variances = np.maximum(share.T @ x**2 - means**2, floor * x.var(axis=0))
    return WordModel(stay, means, variances), float(logsumexp(log_alpha[packed.last], axis=1).sum())


def train(
    sequences: Sequence[Array], n_states: int = 8, iterations: int = 10
) -> tuple[list[WordModel], list[float]]:
    """The models after 0, 1 ... `iterations` of Baum-Welch, and the log likelihood of each."""
    packed, models, history = Packed(sequences), [first_guess(sequences, n_states)], []
    for _ in range(iterations):
        model, before = reestimate(models[-1], packed)
        models.append(model)
        history.append(before)
    return models, [*history, float(log_likelihoods(models[-1], packed).sum())]


def train_words(
    sequences: Sequence[Array], words: Sequence[int], n_states: int = 8, iterations: int = 10
) -> dict[int, WordModel]:
    """A trained model for each different word."""
    grouped = {word: [x for x, w in zip(sequences, words) if w == word] for word in set(words)}
    return {word: train(grouped[word], n_states, iterations)[0][-1] for word in sorted(grouped)}


def recognise(models: dict[int, WordModel], sequences: Sequence[Array]) -> NDArray[np.int_]:
    """The word whose model makes each clip likeliest, shape (R,)."""
    packed = Packed(sequences)
    scores = [log_likelihoods(model, packed) for model in models.values()]
    return np.array(list(models))[np.argmax(scores, axis=0)]
