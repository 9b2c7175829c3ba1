"""SciPy without the modules that it hardly ever needs, which take a third of its import time.

`scipy.signal` wants one function of SciPy's statistics, `scoreatpercentile`, for `find_peaks_cwt`:
here that function imports them when it is first called. All of SciPy imports `numpy.f2py`, NumPy's
compiler of Fortran, because it is among NumPy's names. Code that imports either module gets it
whole, as ever.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

STATISTICS, FORTRAN = "scipy.stats", "numpy.f2py"


def _stand_in(module: str) -> ModuleType:
    """A module whose every name is a function that calls the true module's of that name."""

    def named(name: str) -> Callable[..., Any]:
        if name.startswith("__"):  # what the import system itself asks a module for
            raise AttributeError(name)

        def function(*args: Any, **kwargs: Any) -> Any:
            return getattr(importlib.import_module(module), name)(*args, **kwargs)

        function.__name__ = name
        return function

    made = ModuleType(module)
    made.__getattr__ = named
    return made


@contextlib.contextmanager
def spared(module: str) -> Iterator[None]:
    """In the body, an import of the module gives a stand-in, unless it is loaded already."""
    if module in sys.modules:
        yield
        return
    package, _, name = module.rpartition(".")
    parent = importlib.import_module(package)
    stand_in = sys.modules[module] = _stand_in(module)
    setattr(parent, name, stand_in)
    try:
        yield
    finally:  # a part of it that was imported meanwhile was made for the stand-in: away with it
        for other in [other for other in sys.modules if f"{other}.".startswith(f"{module}.")]:
            del sys.modules[other]
        if vars(parent).get(name) is stand_in:
            delattr(parent, name)


def import_module(name: str) -> ModuleType:
    """Like `importlib.import_module`, but quicker for SciPy's modules."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(spared(FORTRAN))
        if name == "scipy.signal" and name not in sys.modules:
            stack.enter_context(spared(STATISTICS))
        return importlib.import_module(name)
