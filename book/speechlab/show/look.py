"""The book's look of Matplotlib's figures."""

from __future__ import annotations

import matplotlib.pyplot as plt

LOOK = {
    "figure.figsize": (7.2, 2.8),
    "figure.constrained_layout.use": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "axes.prop_cycle": plt.cycler(
        color=["#0b5394", "#c2410c", "#15803d", "#7e22ce", "#a16207", "#0e7490"]
    ),
    "font.size": 13,  # 9 px where a figure of 7.2 inches is shown on a phone
    "axes.titlesize": "medium",
    "figure.labelsize": "medium",
    "figure.titlesize": "medium",
    "legend.handlelength": 1.5,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
}


def wear() -> None:
    """Give the book's look to all figures that are made from now on."""
    plt.rcParams.update(LOOK)
