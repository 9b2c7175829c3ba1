"""How well everyday sounds are told apart from what two formats have learned of each other.

The tables of inputs and of augmentations are of nets that are not shipped; those of the second were
trained for few steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from speechlab.figures import Figure, everyday
from speechlab.systems.multi_format import FORMATS, Net, net

SHIPPED = "multi-format, as shipped"
INPUTS = "multi-format, inputs"
AUGMENTATIONS = "multi-format, augmentations"
OF_WAVES = ("none", "mixing", "time mask")
OF_LEVELS = ("none", "mixing", "time mask", "frequency mask", "frequency shift")
NAMES = {("mel",): "log-mel", ("wave",): "waveform", FORMATS: "waveform + log-mel"}

Array = NDArray[np.floating]


def features_of(nets: Net, formats: Sequence[str]) -> Array:
    """What nets make of all clips in some formats, shape (R, 256 formats)."""
    cut = everyday.clips()[0]
    return np.hstack(
        [everyday.averaged(lambda one: nets.of_pieces(one, f), cut) for f in formats]  # noqa: B023
    )


@cache
def features(where: str, which: str, formats: tuple[str, ...] = FORMATS) -> Array:
    """What the "trained" or the "random" nets make of all clips, (R, 256 formats)."""
    if len(formats) > 1:
        return np.hstack([features(where, which, (one,)) for one in formats])
    return features_of(net(which), formats)


def figures() -> list[Figure]:
    """Clips right by a linear probe, from both formats and from each, and the retrieval.

    The baselines are statistics of log-mel, and the same nets untrained, on the same format.
    """
    where, found = everyday.where(), []
    for formats in (FORMATS, ("mel",), ("wave",)):
        mine, drawn = (
            everyday.probe(features(where, which, formats), everyday.FEW)
            for which in ("trained", "random")
        )
        rivals = {"the same, untrained": drawn}
        if formats == FORMATS:
            rivals = {everyday.STATISTICS: everyday.statistics_right(where)} | rivals
        name = f"multi-format, {NAMES[formats]}"
        found += [everyday.figure(name, mine, *rival) for rival in rivals.items()]
    return [*found, retrieval()]


# --- the waveform by its log-mel ----------------------------------------------------------


@cache
def _projected(where: str) -> dict[str, Array]:
    """What is compared between the formats, of the clips of the fold held out; (R, 128) each."""
    cut, _, folds = everyday.clips()
    own = [one for one, fold in zip(cut, folds) if fold == everyday.HELD]
    return {f: np.array([net().projected_pieces(one, f) for one in own]) for f in FORMATS}


def found() -> NDArray[np.bool_]:
    """Of which clips held out the log-mel is nearest to their own waveform, among all; (R,)."""
    both = _projected(everyday.where())
    return (both["mel"] @ both["wave"].T).argmax(axis=1) == np.arange(len(both["mel"]))


def retrieval() -> Figure:
    """How often the log-mel of a clip finds the waveform of the same clip, against chance."""
    rows = found()
    return Figure.of(
        "multi-format, log-mel finds its waveform",
        f"clips right, fold {everyday.HELD}",
        rows,
        "chance",
        np.full(len(rows), 1 / len(rows)),
        everyday.where(),
        better="higher",
    )


# --- tables -------------------------------------------------------------------------------


def input_rows(both: Net, mel: Net, wave: Net, labels: Net) -> dict[str, Array]:
    """The features of table 3 of the paper in small, by row.

    Of nets for both formats, for each alone, and for both with labels.
    """
    asked = [
        (mel, ("mel",), "log-mel"),
        (wave, ("wave",), "waveform"),
        *[(both, formats, "waveform + log-mel") for formats in NAMES],
        (labels, FORMATS, "labels"),
    ]
    return {
        f"trained on {learned}, asked about {NAMES[formats]}": features_of(nets, formats)
        for nets, formats, learned in asked
    }


def cell(row: str, column: str) -> str:
    """The name of a cell of figure 3 of the paper in small."""
    return f"waveform: {row}, log-mel: {column}"


def inputs(heard: bool = False) -> list[Figure]:
    """Table 3 of the paper in small, as it was measured on recordings in training.

    Of the fold held out; if `heard`, of the other folds, which the nets have heard without labels.
    """
    return everyday.table(INPUTS, heard)


def augmentations(heard: bool = False) -> tuple[tuple[str, ...], tuple[str, ...], Array]:
    """Figure 3 of the paper in small: names of rows (waveforms), of columns (log-mel), shares."""
    values = [one.value for one in everyday.table(AUGMENTATIONS, heard)]
    return OF_WAVES, OF_LEVELS, np.reshape(values, (len(OF_WAVES), -1))


def measured() -> list[Figure]:
    """The figures as they were measured on recordings when the shipped weights were trained."""
    return everyday.table(SHIPPED)
