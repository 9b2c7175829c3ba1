"""`scipy.signal` without SciPy's statistics, which are a third of what its import costs.

It wants one function of them, `scoreatpercentile`, for `find_peaks_cwt`. Here that function
imports them when it is first called. Whoever imports `scipy.stats` gets it, whole, as ever.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

STATISTICS = "scipy.stats"


def _when_called(name: str) -> Callable[..., Any]:
    if name.startswith("__"):  # what the import system itself asks a module for
        raise AttributeError(name)

    def function(*args: Any, **kwargs: Any) -> Any:
        return getattr(importlib.import_module(STATISTICS), name)(*args, **kwargs)

    function.__name__ = name
    return function


def import_signal() -> None:
    """Import `scipy.signal`; its statistics only if they are there already."""
    if STATISTICS in sys.modules or "scipy.signal" in sys.modules:
        importlib.import_module("scipy.signal")
        return
    import scipy

    stand_in = ModuleType(STATISTICS)
    stand_in.__getattr__ = _when_called
    sys.modules[STATISTICS] = stand_in
    try:
        importlib.import_module("scipy.signal")
    finally:  # whatever of them was imported meanwhile was made for the stand-in: away with it
        for name in [name for name in sys.modules if f"{name}.".startswith(f"{STATISTICS}.")]:
            del sys.modules[name]
        with contextlib.suppress(AttributeError):
            del scipy.stats
