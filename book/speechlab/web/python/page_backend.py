"""Matplotlib's backend in the page: figures are drawn by Agg and shown as a cell's outputs."""

from __future__ import annotations

import sys
from typing import Any

from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg


class FigureManager(FigureManagerBase):
    """Shows a figure where `fig.show()` asks for it."""

    def show(self) -> None:
        """Show the figure as an output of the cell that runs."""
        sys.modules["__main__"].__display__(self.canvas.figure)


class FigureCanvas(FigureCanvasAgg):
    """Agg's canvas, whose figures have that manager."""

    manager_class = FigureManager


def show(*_given: Any, **_options: Any) -> None:
    """Show the open figures as outputs of the cell that runs, as `plt.show()` asks."""
    sys.modules["__main__"].__figures__()
