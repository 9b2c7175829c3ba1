"""Calls that an exercise does not allow, told from the source."""

import time

import pytest

from autograder.course.catalogue import exercises, topics
from autograder.release.authoring import source_notebook
from autograder.source.forbidden import Source, calls

NAMES = ("scipy.linalg.solve_toeplitz", "numpy.correlate", "librosa")
L = "import scipy.linalg as L\n"
S = "from scipy.linalg import solve_toeplitz\nsolve_toeplitz([1], [1])\n"
FOUND = {
    "in full": "import scipy.linalg\ndef f(x): return scipy.linalg.solve_toeplitz(x, x)",
    "module alias": "from scipy import linalg as Q\ndef f(x): return Q.solve_toeplitz(x, x)",
    "renamed": "from scipy.linalg import solve_toeplitz as s\ndef f(x): return s(x, x)",
    "star": "from scipy.linalg import *\ndef f(x): return solve_toeplitz(x, x)",
    "assigned": L + "s = L.solve_toeplitz\ndef f(x): return s(x, x)",
    "module assigned": "import scipy\nQ = scipy.linalg\ndef f(x): return Q.solve_toeplitz(x, x)",
    "inside": "def f(x):\n from scipy.linalg import solve_toeplitz\n return solve_toeplitz(x, x)",
    "module inside": "def f(x):\n    import scipy.linalg as q\n    return q.solve_toeplitz(x, x)",
    "helper": L + "def g(x): return L.solve_toeplitz(x, x)\ndef f(x): return g(x)",
    "two helpers": L + "def h(x): return L.solve_toeplitz(x, x)\n"
    "def g(x): return h(x)\nf = lambda x: g(x)",
    "method": L + "class A:\n    def go(self, x): return L.solve_toeplitz(x, x)\n"
    "def f(x): return A().go(x)",
    "passed on": L + "def f(x): return list(map(L.solve_toeplitz, x, x))",
    "getattr": L + "def f(x): return getattr(L, 'solve_' 'toeplitz')(x, x)",
    "import_module": "import importlib\ndef f(x):\n"
    "    return importlib.import_module('scipy.linalg').solve_toeplitz(x, x)",
    "parameter shadowed by an import": "def f(x, L=None):\n    import scipy.linalg as L\n"
    "    return L.solve_toeplitz(x, x)",
    "wide letters": L + "def f(x): return L.solve_t\uff4feplitz(x, x)",
    "line magic": "%matplotlib inline\n!ls\n" + L + "def f(x): return L.solve_toeplitz(x, x)",
    "assigned magic": "a = !ls\n" + L + "def f(x): return L.solve_toeplitz(x, x)",
    "cell magic": "%%time\n" + L + "def f(x): return L.solve_toeplitz(x, x)",
    "in a list": L + "y = [len, L.solve_toeplitz]\ndef f(x): return y[1](x, x)",
    "in a dict": L + "y = {'s': (L.solve_toeplitz,)}\ndef f(x): return y['s'][0](x, x)",
    "decorator": L + "def d(g): return L.solve_toeplitz\n@d\ndef f(x): pass",
    "computed outside": L + "y = L.solve_toeplitz([1], [1])\ndef f(x): return y",
    "computed outside, in a comprehension's name": L
    + "y = L.solve_toeplitz([1], [1])\ndef f(x): return [y for y in x] + list(y)",
    "computed outside, as a global": L
    + "y = L.solve_toeplitz([1], [1])\ndef f(x):\n    global y\n    y = y + 1\n    return y",
    "module assigned inside": L + "def f(x):\n    q = L\n    return q.solve_toeplitz(x, x)",
    "closure": L + "def f(x):\n    q = L\n    def g(y): return q.solve_toeplitz(y, y)\n"
    "    return g(x)",
    "made by a function": L + "def make():\n    def g(x): return L.solve_toeplitz(x, x)\n"
    "    return g\nf = make()",
    "made global by a function": L + "def make():\n    global q\n    q = L.solve_toeplitz\n"
    "def f(x): return q(x, x)",
    "parameter's default": L + "def f(x, s=L.solve_toeplitz): return s(x, x)",
    "named by a walrus": L + "def f(x):\n    return (q := L) and q.solve_toeplitz(x, x)",
    "own function, then imported over it": "def solve_toeplitz(a, b): return a\n"
    + "from scipy.linalg"
    " import solve_toeplitz\ndef f(x): return solve_toeplitz(x, x)",
    "own function, then assigned over": L + "def s(a, b): return a\ns = L.solve_toeplitz\n"
    "def f(x): return s(x, x)",
    "own function that passes it on": S + "import scipy.linalg as L\n"
    "def solve_toeplitz(a, b): return L.solve_toeplitz(a, b)\n"
    "def f(x): return solve_toeplitz(x, x)",
    "padded": "#" * 300_000 + "\n" + L + "def f(x): return L.solve_toeplitz(x, x)",
}
CLEAN = {
    "own function of that name": "import math\n" + S + "def solve_toeplitz(a, b): return a\n"
    "def f(x): return solve_toeplitz(x, x)",
    "local variable": S + "def f(x):\n    solve_toeplitz = x[0]\n    return solve_toeplitz",
    "local function": S + "def f(x):\n    def solve_toeplitz(a): return a\n"
    "    return solve_toeplitz(x)",
    "in a closure": S + "def f(x):\n    solve_toeplitz = 2\n"
    "    def g(y): return y * solve_toeplitz\n    return g(x)",
    "parameter of that name": S + "def f(solve_toeplitz): return solve_toeplitz + 1",
    "keyword and starred parameters": S
    + "def f(*solve_toeplitz, **y): return solve_toeplitz\ndef g(*, solve_toeplitz=1): pass",
    "parameter of a lambda": S + "f = lambda solve_toeplitz: solve_toeplitz",
    "variable of a comprehension": S
    + "def f(x): return {solve_toeplitz: 1 for solve_toeplitz in x if solve_toeplitz}",
    "variable of a loop": S + "def f(x):\n    for solve_toeplitz in x:\n"
    "        print(solve_toeplitz)",
    "variable of with, except and match": S + "def f(x):\n    try:\n        match x:\n"
    "            case [solve_toeplitz]: return solve_toeplitz\n"
    "    except ValueError as error:\n        return error",
    "unpacked": S + "def f(x):\n    (solve_toeplitz, *y), z = x\n    return solve_toeplitz",
    "attribute": S + "class A: pass\ndef f(x):\n    a = A()\n    a.solve_toeplitz = x\n"
    "    return a.solve_toeplitz",
    "keyword argument": S + "def f(x): return dict(solve_toeplitz=x)",
    "nonlocal": S + "def f(x):\n    solve_toeplitz = 1\n    def g():\n"
    "        nonlocal solve_toeplitz\n        solve_toeplitz += 1\n    g()",
    "imported inside another function": "def g(x):\n    from scipy.linalg import solve_toeplitz\n"
    "    return solve_toeplitz(x, x)\ndef solve_toeplitz(a, b): return a\n"
    "def f(x): return solve_toeplitz(x, x)",
    "nested function of the same name elsewhere": L + "def g(x):\n"
    "    def h(y): return L.solve_toeplitz(y, y)\n    return h(x)\n"
    "def h(y): return y\ndef f(x): return h(x)",
    "elsewhere": L + "def f(x): return x\nprint(L.solve_toeplitz([1], [1]))",
    "own function": "def solve_toeplitz(a, b): return a\ndef f(x): return solve_toeplitz(x, x)",
    "a comment": "def f(x): return x  # not scipy.linalg.solve_toeplitz",
    "own method": "class A:\n    def correlate(self): return 1\nnp = A()\n"
    "def f(x): return np.correlate()",
    "parameter": "import numpy as signal\ndef f(signal): return signal.correlate(1)",
    "local variable of a name that the notebook computes elsewhere": L
    + "y = L.solve_toeplitz([1], [1])\ndef f(x):\n    y = 2 * x\n    return y",
    "parameter of such a name": L + "y = L.solve_toeplitz([1], [1])\ndef f(y): return 2 * y",
    "neighbour": L + "def f(x): return L.toeplitz(x)",
    "not python": "def f(x: return solve_toeplitz",
    "empty": "",
    "NUL": "\0 solve_toeplitz",
    "deep": "x = " + "(" * 5000 + "solve_toeplitz",
    "very deep": "x = " + "-" * 100_000 + "1 # solve_toeplitz",
    "long": "y = 'solve_toeplitz'\n" * 100_000,
}


@pytest.mark.parametrize("text", FOUND.values(), ids=FOUND)
def test_found_however_it_is_named(text):
    assert calls(Source([text]), "f", NAMES) == ["scipy.linalg.solve_toeplitz"]
    if text.startswith(L):
        assert calls(Source([L, text[len(L) :]]), "f", NAMES), "over two cells"


@pytest.mark.parametrize("text", CLEAN.values(), ids=CLEAN)
def test_what_is_allowed_is_not_found(text):
    assert calls(Source([text]), "f", NAMES) == []
    if text.startswith(S):
        assert calls(Source([text[len(S) :], S]), "f", NAMES) == [], "over two cells"


def test_a_whole_module_may_be_forbidden():
    text = (
        "import librosa.core as c\nimport numpy as np\ndef f(x): return c.lpc(np.correlate(x, x))"
    )
    assert calls(Source([text]), "f", NAMES) == ["numpy.correlate", "librosa"]


def test_definitions_are_counted():
    source = Source(
        ["def f(): pass", "x = 1\ndef f(): pass\ndef g():\n    def f(): pass", "def f(:"]
    )
    assert (source.definitions("f"), source.definitions("g")) == (2, 1)


@pytest.mark.parametrize("topic", topics())
def test_no_solution_reaches_what_its_exercise_forbids(topic):
    """In its own notebook, whose visible checks may well compare with the library."""
    cells = [c.source for c in source_notebook(topic).cells if c.cell_type == "code"]
    for exercise in exercises(topic):
        assert calls(Source(cells), exercise.name, exercise.forbidden) == [], exercise.name


SLOW = {
    "chains": "def f(x):\n" + f"    y{'.b' * 900}\n" * 200,
    "doubling": "import scipy as a0\n"
    + "".join(f"a{i + 1} = a{i}.x\na{i + 1} = a{i}.y\n" for i in range(60))
    + "def f(x): return a60",
    "magics": "!x\n" * 600 + "a = 1\n" * 5_000 + "def f(x): return lfilter",
    "spaces": "def f(x): return lfilter\n!x\n" + (" " * 30_000 + "a\n") * 20,
    "many names": "=".join(f"a{i}" for i in range(4_000)) + "=lambda: [" + "x," * 4_000 + "]\n"
    "def f(x): return " + ",".join(f"a{i}" for i in range(4_000)),
    "stars": "".join(f"from m{i} import *\n" for i in range(4_000))
    + "def f(x): return "
    + ",".join(f"b{i}" for i in range(4_000)),
    "nested": "".join(" " * i + "def f(x):\n" for i in range(90)) + f"{' ' * 95}a = 1\n" * 1_000,
}


@pytest.mark.parametrize("source", SLOW.values(), ids=SLOW)
def test_no_code_takes_long_to_be_read(source):
    start = time.process_time()
    calls(Source([source, "lfilter"]), "f", ["scipy.signal.lfilter"])
    assert time.process_time() - start < 5
