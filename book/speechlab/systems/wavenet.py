"""WaveNet in small: speech one sample at a time, each drawn from a distribution over 256 classes.

The net sees the classes of all samples before, by eight causal convolutions of two taps whose
dilations double from 1 to 128: 256 samples, 32 ms. The net that ships as "wavenet" is told what to
say by log-mel frames, and by whom; "wavenet_untold" learned from the same clips and is told
nothing. Both were trained in PyTorch by `training/wavenet.py`.

`generate` has two ways to the next sample. With queues (Fast WaveNet, Paine et al., 2016) each
layer keeps what its older tap will need, and a sample costs one step of each layer. Without queues
the tree of all that the sample depends on is computed anew, which doubles with each layer.

Shapes: `N` samples, `T = 1 + N // 80` frames of log-mel in dB, as many blocks of 80 samples, `D`
channels, `B` signals. Matrices stand right of the samples.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Sequence

import librosa
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp, softmax

from speechlab.systems import weights
from speechlab.systems._shared.layers import Weights, affine, gelu
from speechlab.systems._shared.mel import HOP, RATE, log_mel
from speechlab.systems._shared.vocoding import at_peak, conditions, gated, with_neighbours

__all__ = [
    "RATE",
    "bits",
    "classes_of",
    "generate",
    "generate_many",
    "log_mel",
    "probabilities",
    "samples_of",
    "scores",
]

WIDTH, HEAD = 64, 128  # channels of the layers, and of the two that follow them
DILATIONS = (1, 2, 4, 8, 16, 32, 64, 128)
CLASSES, ZERO = 256, 128  # how many classes, and that of a sample of 0
KERNEL = 4  # frames that a block of 80 samples is told of
SPEAKERS = (
    *("george", "jackson", "lucas", "nicolas", "yweweler"),
    *("alder", "birch", "cedar", "hazel", "maple"),
)

Array = NDArray[np.floating]
Classes = NDArray[np.int_]


# --- classes ------------------------------------------------------------------------------


def classes_of(samples: ArrayLike, rate: int) -> Classes:
    """The mu-law classes (N,), 0 to 255, of a sound scaled to a peak of 1; 0 has class 128.

    Raises `ValueError` for an empty or silent sound, NaN, or a rate other than 8000.
    """
    law = librosa.mu_compress(at_peak(samples, rate), mu=CLASSES - 1, quantize=False)
    return np.floor((law + 1) / 2 * (CLASSES - 1) + 0.5).astype(int)


def samples_of(classes: ArrayLike) -> Array:
    """The samples (N,), from -1 to 1, that mu-law classes stand for."""
    law = 2 * np.asarray(classes) / (CLASSES - 1) - 1
    return librosa.mu_expand(law, mu=CLASSES - 1, quantize=False)


# --- the net ------------------------------------------------------------------------------


def number_of(speaker: str | None) -> int:
    """The row of a speaker in the net's table; 0, nobody in particular, for None.

    Raises `ValueError` for a name that the net has not learned.
    """
    if speaker is None:
        return 0
    if speaker not in SPEAKERS:
        known = ", ".join(SPEAKERS)
        raise ValueError(f"No voice {speaker!r} was learned (None is nobody's); there are: {known}")
    return 1 + SPEAKERS.index(speaker)


def instructions(mel: ArrayLike, speaker: str | None, w: Weights) -> Array:
    """What the layers are told in each block, (T, 8, 2 D): of the frames around it, and by whom."""
    near = with_neighbours(conditions(mel), KERNEL)
    hidden = affine(near, w, "frames") + w["speakers"][number_of(speaker)]
    return (gelu(hidden) @ w["told_all"]).reshape(len(near), len(DILATIONS), -1)


def read_out(z: Array, w: Weights) -> Array:
    """Scores of the 256 classes from the gated outputs of all layers: (..., 8 D) to (..., 256)."""
    heard = np.maximum(affine(z, w, "skip"), 0)
    return affine(np.maximum(affine(heard, w, "head"), 0), w, "logits")


def scores(classes: ArrayLike, mel: ArrayLike | None = None, speaker: str | None = None) -> Array:
    """The scores (N, 256) of what sample n might be, from the true samples before it.

    Parameters
    ----------
    classes : array_like of int, shape (N,)
        The signal, from 0 to 255. Row n of the scores has seen classes[:n].
    mel : array_like, shape (T, 40), optional
        Log-mel frames in dB that tell the net what is said. Without them answers the net that is
        told nothing.
    speaker : str, optional
        One of `SPEAKERS`, or None for nobody in particular.

    Raises
    ------
    ValueError
        If there is no sample, a class is out of range, frames are too few for the samples, or the
        speaker is unknown.
    """
    classes = np.asarray(classes)
    if classes.ndim != 1 or len(classes) == 0:
        raise ValueError("A signal is a row of classes, one or more.")
    if not np.all((classes == classes.astype(int)) & (classes >= 0) & (classes < CLASSES)):
        raise ValueError("The classes of a signal are whole numbers from 0 to 255.")
    w, told = _net(mel, speaker, len(classes))
    x = w["embedding"][np.append(ZERO, classes[:-1].astype(int))]
    heard = []
    for n, dilation in enumerate(DILATIONS):
        before = np.vstack([np.zeros((dilation, WIDTH), x.dtype), x])[: len(x)]
        both = affine(np.hstack([x, before]), w, f"in_{n}")
        heard.append(gated(both + np.repeat(told[:, n], HOP, axis=0)[: len(x)]))
        x = x + affine(heard[-1], w, f"out_{n}")
    return read_out(np.hstack(heard), w)


def probabilities(
    classes: ArrayLike, mel: ArrayLike | None = None, speaker: str | None = None
) -> Array:
    """The softmax of `scores`, shape (N, 256): row n is what sample n might have been."""
    return softmax(scores(classes, mel, speaker).astype(float), axis=1)


def bits(classes: ArrayLike, mel: ArrayLike | None = None, speaker: str | None = None) -> Array:
    """What each sample costs in bits, shape (N,): -log2 of the probability that it had."""
    each = scores(classes, mel, speaker).astype(float)
    chosen = np.take_along_axis(each, np.asarray(classes, dtype=int)[:, None], axis=1)[:, 0]
    return (logsumexp(each, axis=1) - chosen) / np.log(2)


def _net(mel: ArrayLike | None, speaker: str | None, length: int) -> tuple[Weights, Array]:
    """The net that can do what is asked, and what it is told in each block, (T, 8, 2 D)."""
    if mel is None:
        number_of(speaker)
        blocks = -(-length // HOP)
        return weights("wavenet_untold"), np.zeros((blocks, len(DILATIONS), 2 * WIDTH), np.float32)
    w = weights("wavenet")
    told = instructions(mel, speaker, w).astype(np.float32)
    if length > HOP * len(told):
        raise ValueError(
            f"{len(told)} frames say what {HOP * len(told)} samples are, not {length}."
        )
    return w, told


# --- the next sample ----------------------------------------------------------------------


def draw(score: Array, u: float | Array, temperature: float = 1.0) -> Classes:
    """The class that a number u from 0 to 1 falls on when the classes' probabilities are stacked.

    For several signals at once the scores are (B, 256) and u is (B,).
    """
    if temperature == 0:
        return np.argmax(score, axis=-1)
    below_best = (score - score.max(axis=-1, keepdims=True)).astype(float)
    upto = np.cumsum(np.exp(below_best / temperature), axis=-1)
    return np.sum(upto <= np.asarray(u)[..., None] * upto[..., -1:], axis=-1)


def fast_scores(w: Weights, told: Array, shape: tuple[int, ...]) -> Generator[Array, Classes, None]:
    """Scores of the next sample, again and again: send it the class that was chosen.

    Fast WaveNet: for each layer a queue holds its inputs of the last `dilation` samples, so that
    the one that the older tap needs is at hand. `told` is (T, ..., 8, 2 D), and `shape` is () for
    one signal or (B,) for several side by side.
    """
    queues = [deque([np.zeros((*shape, WIDTH), np.float32)] * d, maxlen=d) for d in DILATIONS]
    layers = [(n, q, f"in_{n}", f"out_{n}") for n, q in enumerate(queues)]
    latest = np.full(shape, ZERO)
    for block in told:
        for _ in range(HOP):
            x, heard = w["embedding"][latest], []
            for n, queue, into, out in layers:
                both = affine(np.concatenate([x, queue[0]], axis=-1), w, into)
                queue.append(x)
                z = gated(both + block[..., n, :])
                heard.append(z)
                x = x + affine(z, w, out)
            latest = yield read_out(np.concatenate(heard, axis=-1), w)


def naive_scores(w: Weights, told: Array) -> Generator[Array, Classes, None]:
    """The same scores, of one signal, with nothing kept but the classes: the whole tree each time.

    What layer n makes of a sample needs what the layer below makes of that sample and of one
    before: 2^n - 1 gated units in all.
    """
    past = [ZERO]

    def node(n: int, t: int) -> tuple[Array, list[Array]]:
        """What layer n (0 is the embedding) makes of sample t; the gated outputs on the way."""
        if t < 0:
            return np.zeros(WIDTH, np.float32), []
        if n == 0:
            return w["embedding"][past[t]], []
        (x, heard), (before, _) = node(n - 1, t), node(n - 1, t - DILATIONS[n - 1])
        both = affine(np.concatenate([x, before]), w, f"in_{n - 1}")
        z = gated(both + told[t // HOP, n - 1])
        return x + affine(z, w, f"out_{n - 1}"), [*heard, z]

    for t in range(HOP * len(told)):
        past.append((yield read_out(np.concatenate(node(len(DILATIONS), t)[1]), w)))


def generate(
    mel: ArrayLike | None = None,
    speaker: str | None = None,
    length: int | None = None,
    seed: int = 0,
    queues: bool = True,
    begin: ArrayLike = (),
    temperature: float = 1.0,
) -> Classes:
    """Classes (N,) of a signal, one drawn after the other; `samples_of` makes it sound.

    Parameters
    ----------
    mel : array_like, shape (T, 40), optional
        Log-mel frames in dB of what is to be said. Without them the net babbles.
    speaker : str, optional
        One of `SPEAKERS`, or None for nobody in particular.
    length : int, optional
        How many samples; by default 80 (T - 1), as many as whole hops between the frames.
    seed : int
        Of the numbers that decide each draw.
    queues : bool
        With queues or by the whole tree; both give the same classes.
    begin : array_like of int, optional
        Classes that the signal begins with, which are not drawn: the net goes on from there. One
        that is told nothing needs that, since after silence it expects silence.
    temperature : float
        The scores are divided by it: below 1 probable classes become more so, and at 0 the most
        probable one is taken each time.

    Raises
    ------
    ValueError
        If there is neither `mel` nor `length`, the length is below 1 or more than the frames tell
        of, the temperature is negative, or the speaker is unknown.
    """
    if mel is None and length is None:
        raise ValueError("Without log-mel frames, say how many samples are wanted.")
    length = HOP * max(len(np.asarray(mel)) - 1, 1) if length is None else length
    if length < 1:
        raise ValueError("A signal has one sample or more.")
    if not temperature >= 0:
        raise ValueError("A temperature is zero or more.")
    w, told = _net(mel, speaker, length)
    ahead = fast_scores(w, told, ()) if queues else naive_scores(w, told)
    uniforms = np.random.default_rng(seed).random(length)
    return _drawn(ahead, uniforms, np.asarray(begin, dtype=int), temperature)


def generate_many(
    mels: Sequence[ArrayLike],
    speakers: Sequence[str | None],
    lengths: Sequence[int],
    seed: int = 0,
    temperature: float = 1.0,
) -> list[Classes]:
    """Several signals side by side, which takes little longer than the longest of them alone."""
    w, longest = weights("wavenet"), max(lengths)
    told = [instructions(mel, who, w) for mel, who in zip(mels, speakers)]
    blocks = max(map(len, told))
    rows = [np.pad(one, ((0, blocks - len(one)), (0, 0), (0, 0)), mode="edge") for one in told]
    ahead = fast_scores(w, np.stack(rows, axis=1).astype(np.float32), (len(mels),))
    uniforms = np.random.default_rng(seed).random((longest, len(mels)))
    drawn = _drawn(ahead, uniforms, temperature=temperature)
    return [drawn[:length, b] for b, length in enumerate(lengths)]


def _drawn(
    ahead: Generator[Array, Classes, None],
    uniforms: Array,
    begin: Sequence[int] = (),
    temperature: float = 1.0,
) -> Classes:
    classes = np.zeros(uniforms.shape, dtype=int)
    score = next(ahead)
    for t, u in enumerate(uniforms):
        classes[t] = begin[t] if t < len(begin) else draw(score, u, temperature)
        if t + 1 < len(uniforms):
            score = ahead.send(classes[t])
    return classes
