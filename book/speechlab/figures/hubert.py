"""What the layers of HuBERT in small know of a clip: which digit, which speaker.

A linear probe is asked, which sees the mean and the spread of a layer's features over a clip.

Shapes: `T` frames of 20 ms, `D` features, `R` clips.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from speechlab import corpora
from speechlab.corpora import Clip
from speechlab.figures import Figure
from speechlab.systems import hubert

FEW = 1  # clips of each digit by each speaker that a probe learns from

Array = NDArray[np.floating]


def pooled(frames: Array) -> Array:
    """Mean and standard deviation of each feature over the clip, shape (T, D) to (2 D,)."""
    return np.concatenate([frames.mean(axis=0), frames.std(axis=0)])


def few_labels(clips: Sequence[Clip], each: int = FEW) -> list[Clip]:
    """The first `each` clips of each digit by each speaker."""
    first = min(clip.index for clip in clips)
    return [clip for clip in clips if clip.index < first + each]


def views(clip: Clip) -> dict[str, Array]:
    """One clip, pooled, as MFCC and as each layer of each network sees it, by name."""
    seen = {"MFCC": hubert.mfcc_features(clip.samples, clip.rate)}
    networks = {
        "untrained": hubert.encoder("random"),
        "iteration 1": hubert.encoder("trained", 1),
        "iteration 2": hubert.encoder("trained", 2),
    }
    for name, network in networks.items():
        layers = network.hidden(clip.samples, clip.rate)[0]
        seen |= {f"{name}, layer {n}": x for n, x in enumerate(layers)}
    return {name: pooled(x) for name, x in seen.items()}


@cache
def views_of(corpus: str, split: str, each: int | None) -> tuple[dict[str, Array], list[Clip]]:
    """The views of all clips of a split (or of few) by name, shape (R, 2 D), and the clips."""
    clips = corpora.digits(split)
    if each is not None:
        clips = few_labels(clips, each)
    every = [views(clip) for clip in clips]
    return {name: np.array([v[name] for v in every]) for name in every[0]}, clips


def probe(what: str = "digit", each: int = FEW) -> dict[str, NDArray[np.bool_]]:
    """Which test clips a linear classifier gets right, from each of the frozen views.

    It is a multinomial logistic regression on standardised features, which learns from `each`
    training clips of each digit by each speaker. `what` is "digit" or "speaker".
    """
    (x, train), (y, test) = (
        views_of(corpora.name(), *part) for part in (("train", each), ("test", None))
    )
    labels, wanted = ([getattr(clip, what) for clip in part] for part in (train, test))
    right = {}
    for name in x:
        classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        right[name] = classifier.fit(x[name], labels).predict(y[name]) == np.array(wanted)
    return right


def figures() -> list[Figure]:
    """Accuracy of probes for digit and speaker, against MFCC and the untrained network.

    All networks are asked at layer 2, and the probes learn from one clip of each digit by each
    speaker.
    """
    found = []
    for what in ("digit", "speaker"):
        right = probe(what)
        for baseline in ("MFCC", f"untrained, layer {hubert.UNIT_LAYER}"):
            figure = Figure.of(
                f"HuBERT, linear probe for the {what}",
                f"accuracy, {FEW} labelled clip a digit and speaker",
                right[f"iteration 2, layer {hubert.UNIT_LAYER}"],
                baseline,
                right[baseline],
                corpora.name(),
                better="higher",
            )
            found.append(figure)
    return found
