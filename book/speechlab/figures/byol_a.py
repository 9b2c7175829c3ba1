"""How well everyday sounds are told apart from what BYOL-A has learned without labels.

The table of its ablations is of nets that were trained for fewer steps and are not shipped.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from speechlab.figures import Figure, everyday
from speechlab.systems.byol_a import encoder

SHIPPED = "BYOL-A, as shipped"
AUGMENTATIONS = "BYOL-A, augmentations"
NORMALISATION = "BYOL-A, normalisation"


@cache
def features(where: str, which: str) -> NDArray[np.floating]:
    """What the "trained" or the "random" net makes of all clips, (R, 256)."""
    net = encoder(which)
    return everyday.averaged(lambda one: net.of_pieces(one.mel), everyday.clips()[0])


def figures() -> list[Figure]:
    """Clips right by a linear probe, against statistics of log-mel and the net as it was drawn.

    The probe knows four labels a class, or all.
    """
    where, found = everyday.where(), []
    for each in (everyday.FEW, None):
        mine, drawn = (
            everyday.probe(features(where, which), each) for which in ("trained", "random")
        )
        rivals = {
            everyday.STATISTICS: everyday.statistics_right(where, each),
            "the same net, untrained": drawn,
        }
        found += [everyday.figure("BYOL-A", mine, *rival, each) for rival in rivals.items()]
    return found


def ablations(heard: bool = False) -> dict[str, list[Figure]]:
    """Tables II and III of the paper in small: with some of the views, with some of the norms.

    Of the fold held out; if `heard`, of the clips of the other folds, which are four times as many
    and which the nets have heard without labels.
    """
    return {name: everyday.table(name, heard) for name in (AUGMENTATIONS, NORMALISATION)}


def measured() -> list[Figure]:
    """The figures as they were measured on recordings when the shipped weights were trained."""
    return everyday.table(SHIPPED)
