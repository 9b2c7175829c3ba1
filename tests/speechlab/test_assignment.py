"""What assignments carry with them: calls that are not allowed are found, other calls are not."""

import sys

import pytest

from speechlab.show.assignment import ready, refuse_calls

NAMES = "scipy.linalg.solve_toeplitz numpy.correlate librosa"
L = "import scipy.linalg as L\n"
USED = {
    "in full": "import scipy.linalg\ndef f(x): return scipy.linalg.solve_toeplitz(x, x)",
    "module alias": "from scipy import linalg as Q\ndef f(x): return Q.solve_toeplitz(x, x)",
    "renamed": "from scipy.linalg import solve_toeplitz as s\ndef f(x): return s(x, x)",
    "star": "from scipy.linalg import *\ndef f(x): return solve_toeplitz(x, x)",
    "assigned": L + "s = L.solve_toeplitz\ndef f(x): return s(x, x)",
    "inside": "def f(x):\n from scipy.linalg import solve_toeplitz\n return solve_toeplitz(x, x)",
    "module inside": "def f(x):\n import scipy.linalg\n return scipy.linalg.solve_toeplitz(x, x)",
    "module inside, renamed": "def f(x):\n import scipy.linalg as q\n return q.solve_toeplitz(x)",
    "two of a module": "def f(x):\n from scipy.linalg import toeplitz, solve_toeplitz\n return 1",
    "helper": L + "def g(x): return L.solve_toeplitz(x, x)\ndef f(x): return g(x)",
    "method": L + "class A:\n def go(self, x): return L.solve_toeplitz(x, x)\n"
    "def f(x): return A().go(x)",
    "passed on": L + "def f(x): return list(map(L.solve_toeplitz, x, x))",
    "a local name": L + "def f(x):\n a, q = 1, 2\n q = L\n return q.solve_toeplitz(x, x)",
    "closure": L + "def f(x):\n q = L\n def g(y): return q.solve_toeplitz(y, y)\n return g(x)",
    "comprehension": L + "def f(x): return [L.solve_toeplitz(y, y) for y in x]",
    "made by a function": L + "def make():\n q = L\n def g(x): return q.solve_toeplitz(x, x)\n"
    " return g\nf = make()",
    "decorated": L + "from functools import cache\n@cache\ndef f(x): return L.solve_toeplitz(x)",
    "recursive": L + "def f(x): return L.solve_toeplitz(x, x) if len(x) else f(x)",
}
S = "from scipy.linalg import solve_toeplitz\nimport numpy as np\n"
FREE = {
    "elsewhere": S + "solve_toeplitz([1.0], [1.0])\ndef f(x): return np.convolve(x, x)",
    "parameter": S + "def f(solve_toeplitz): return solve_toeplitz(1)",
    "local variable": S + "def f(x):\n solve_toeplitz = len\n return solve_toeplitz(x)",
    "local function": S + "def f(x):\n def solve_toeplitz(y): return y\n return solve_toeplitz(x)",
    "own function": "def solve_toeplitz(x): return x\ndef f(x): return solve_toeplitz(x)",
    "own method": S + "class A:\n def correlate(self): return np.dot(1, 2)\n"
    "def f(x): return np.sum(x) + A().correlate()",
    "a name used anew": S + "def f(x):\n q = np\n q = x\n return q.correlate(x)",
    "an inner parameter": S + "def f(x):\n q = np\n def g(q): return q.correlate(x)\n return g(x)",
    "a loop's variable": S + "def f(x):\n q = np\n for q in x: q.correlate(x)",
    "an attribute of an answer": S + "def f(x): return np.zeros(3).correlate",
    "neighbour": "import scipy.linalg as L\ndef f(x): return L.toeplitz(x)",
    "no function": "f = 3",
    "a builtin": "f = len",
}


def defined(text):
    names = {"__name__": "__main__"}
    exec(text, names)
    return names["f"]


@pytest.mark.parametrize("text", USED.values(), ids=USED)
def test_a_call_that_is_not_allowed_is_refused(text):
    with pytest.raises(AssertionError) as said:
        refuse_calls(defined(text), NAMES, "write the recursion")
    assert str(said.value) == (
        "your function calls `scipy.linalg.solve_toeplitz`, which this exercise does not allow: "
        "write the recursion"
    )


@pytest.mark.parametrize("text", FREE.values(), ids=FREE)
def test_what_is_allowed_is_not_refused(text):
    refuse_calls(defined(text), NAMES, "write the recursion")


def test_a_whole_module_may_be_refused():
    with pytest.raises(AssertionError, match="`librosa`"):
        refuse_calls(defined("def f(x):\n import librosa.core as c\n c.lpc(x)"), NAMES, "")


def written():
    return 1


def stub():
    raise NotImplementedError()


def test_functions_that_are_not_written_yet_are_named(capsys):
    assert ready(written)
    assert not ready(written, stub)
    assert capsys.readouterr().out == "These functions are not written yet: stub.\n"


def test_without_the_course_there_is_a_sentence(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.chdir(tmp_path)
    assert not ready(written)
    assert "a copy of the whole course" in capsys.readouterr().out


def test_in_a_copy_of_the_course_its_package_is_found(monkeypatch, tmp_path):
    (tmp_path / "book" / "speechlab").mkdir(parents=True)
    (tmp_path / "exercises" / "lpc").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "exercises" / "lpc")
    monkeypatch.setattr("sys.path", [])
    monkeypatch.setattr("importlib.util.find_spec", lambda name: sys.path or None)
    assert ready(written)
    assert sys.path == [str(tmp_path / "book")]
