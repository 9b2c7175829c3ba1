"""SciPy's statistics come when they are wanted, and are then what they always are."""

import subprocess
import sys

import numpy as np
import pytest
import scipy.signal

from autograder.course.catalogue import ROOT
from autograder.sandbox.inside import forkserver
from autograder.sandbox.job import Call, Exam, Job, Status
from autograder.sandbox.outside.box import Box

PREPARED = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from autograder.sandbox.inside import deferred
deferred.import_module("scipy.signal")
for name in ("scipy.stats", "numpy.f2py"):
    assert not any(n.startswith(name) for n in sys.modules), name
"""


def fresh(code):
    done = subprocess.run([sys.executable, "-c", PREPARED + code], capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return done.stdout.split()


def test_signal_comes_without_statistics_and_peaks_are_found_all_the_same():
    code = "import numpy as np, scipy.signal\n"
    code += "x = np.sin(np.linspace(0, 30, 300))\n"
    code += "print(*scipy.signal.find_peaks_cwt(x, [5, 10]))"
    expected = scipy.signal.find_peaks_cwt(np.sin(np.linspace(0, 30, 300)), [5, 10])
    assert fresh(code) == [str(i) for i in expected]


@pytest.mark.parametrize(
    "line",
    ["import scipy.stats", "from scipy import stats", "import scipy.stats as s", "import scipy"],
)
def test_whoever_imports_statistics_gets_them_whole(line):
    code = f"{line}\nimport scipy\nprint(scipy.stats.norm.cdf(0), scipy.stats.__file__)"
    half, path = fresh(code)
    assert float(half) == 0.5 and "stats" in path


def test_statistics_that_are_there_already_stay():
    code = "import sys, scipy.stats; there = scipy.stats\n"
    code += "from autograder.sandbox.inside import deferred\n"
    code += "deferred.import_module('scipy.signal')\nimport scipy.stats, scipy.signal\n"
    code += "print(scipy.stats is there, scipy.signal.find_peaks_cwt is not None)"
    assert fresh(code) == ["True", "True"]


def test_a_notebook_may_use_them_in_the_box():
    cells = ("from scipy import signal, stats", "def half(x):\n    return stats.norm.cdf(x)")
    job = Job(cells, {"half": Exam((Call("half", (0.0,)),))})
    with Box(preload=("numpy", "scipy.signal")) as box:
        result = box.run(job)
    assert [cell.error for cell in result.cells] == ["", ""]
    assert result.answers["half"][0].status is Status.OK
    assert result.answers["half"][0].value == 0.5


@pytest.mark.parametrize("line", ["import numpy.f2py", "from numpy import f2py", "import numpy"])
def test_so_does_whoever_compiles_fortran(line):
    (path,) = fresh(f"{line}\nimport numpy\nprint(numpy.f2py.__file__)")
    assert "f2py" in path
    assert fresh(f"{line}\nimport numpy\nprint(callable(numpy.f2py.get_include))") == ["True"]


def test_asked_for_by_name_they_are_imported_beforehand():
    assert forkserver.preload(["numpy", "scipy.signal", "scipy.stats"]) == []
    assert hasattr(sys.modules["scipy.stats"], "norm")
