"""What a cell shows and what goes wrong in it, by the page's own code outside of a page."""

import io
import sys
import wave

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image
from scipy import signal

from speechlab.show import look
from speechlab.site.assets import WEB
from tests.support.python_cells import Session, cells, members, stand_in, wide_views


@pytest.fixture
def run(monkeypatch):
    """A namespace of its own; `__main__` is this one's until the test ends."""
    matplotlib.use("agg")
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    with matplotlib.rc_context():
        yield Session()


def value(text):
    return {"kind": "value", "text": text}


def printed(text, stream="stdout"):
    return {"kind": "text", "stream": stream, "text": text}


def test_the_last_expression_is_shown(run):
    assert run("a = 2\na + 1") == ([value("3")], None)
    assert run("a + 1;") == ([], None)
    assert run("None") == ([], None)
    assert run("b = a") == ([], None)
    assert run("_ + 1\n# nothing more") == ([value("4")], None)
    assert run("") == ([], None)
    assert run("'a', [1, None]") == ([value("('a', [1, None])")], None)


def test_what_is_printed_stands_where_it_was_printed(run):
    shown, error = run("print('a')\ndisplay(1, 2)\nprint('b')\n3")
    assert error is None
    assert shown == [printed("a\n"), value("1"), value("2"), printed("b\n"), value("3")]
    assert run("import sys\nprint('x', file=sys.stderr)")[0] == [printed("x\n", "stderr")]


def test_cells_may_wait_and_hold_commands_of_the_notebook(run):
    code = "%matplotlib inline\nimport asyncio\nawait asyncio.sleep(0)\n7"
    assert run(code) == ([value("7")], None)
    shown, error = run("x = 1\n!ls")
    assert shown == [] and error["line"] == 2
    assert error["message"] == "'!ls' is a command of Jupyter, which this page does not have."


def test_figures_are_shown_at_the_end_with_words(run):
    code = """
import matplotlib.pyplot as plt
fig, axes = plt.subplots(1, 2)
axes[0].plot([0, 1], [0, 2]); axes[0].set_xlabel("time (s)"); axes[0].set_title("A vowel")
axes[1].imshow([[1, 2], [3, 4]])
print("drawn")
"""
    shown, error = run(code)
    assert error is None
    assert [output["kind"] for output in shown] == ["text", "image"]
    assert Image.open(io.BytesIO(shown[1]["bytes"])).format == "PNG"
    alt = shown[1]["alt"]
    assert alt.startswith("Figure: A vowel. time (s) from -0.05 to 1.05 against y from")
    assert "1 line" in alt and "1 image" in alt
    assert run("1") == ([value("1")], None), "a figure was shown twice"
    assert [output["kind"] for output in run("plt.figure()")[0]] == ["image"], "shown twice"
    shown, error = run("plt.plot([1])\n1 / 0")
    assert error["name"] == "ZeroDivisionError" and shown[0]["kind"] == "image"


def test_figures_are_shown_where_the_cell_asks_for_it(run, monkeypatch):
    monkeypatch.syspath_prepend(str(WEB / "python"))
    code = """
import matplotlib
import matplotlib.pyplot as plt
matplotlib.use("module://page_backend")
plt.plot([1, 2])
plt.show()
print("after")
fig, ax = plt.subplots()
fig.show()
print("last")
"""
    try:
        shown, error = run(code)
    finally:
        matplotlib.use("agg")
    assert error is None
    assert [output["kind"] for output in shown] == ["image", "text", "image", "text"]


@pytest.mark.parametrize(
    ("shape", "axis"), [((500,), None), ((500,), -1), ((2, 500), 1), ((500, 3), 0)]
)
def test_windows_of_a_long_sound(monkeypatch, shape, axis):
    x = np.random.default_rng(0).standard_normal(shape)
    stock = np.lib.stride_tricks.sliding_window_view(x, 40, axis)
    assert type(wide_views.sliding_window_view(x, 40, axis)) is np.ndarray
    monkeypatch.setattr(wide_views, "LIMIT", 1000)
    view = wide_views.sliding_window_view(x, 40, axis)
    assert type(view) is wide_views.Windows and view.shape == stock.shape
    along = 0 if axis is None else axis % x.ndim
    lead = (slice(None),) * along
    for part in (slice(None, None, 7), slice(3, 100, 20), slice(500, 600), slice(-5, None), 9, -1):
        assert np.array_equal(view[(*lead, part)], stock[(*lead, part)])
    if along == x.ndim - 1:  # as SciPy's own transforms take them
        assert np.array_equal(view[..., 0::16, :], stock[..., 0::16, :])
    assert not view[(*lead, slice(None, None, 50))].flags.writeable
    with pytest.raises(MemoryError, match="take some of them first"):
        np.asarray(view)
    with pytest.raises(ValueError):
        wide_views.sliding_window_view(x, 501, axis)


def test_the_transform_of_a_long_sound_by_scipy(monkeypatch):
    """SciPy asks for windows that it may write into, and does not."""
    x = np.random.default_rng(0).standard_normal(3000)
    stock = signal.stft(x, nperseg=256)[2]
    monkeypatch.setattr(wide_views, "LIMIT", 1000)
    patched = wide_views.sliding_window_view
    monkeypatch.setattr(np.lib.stride_tricks, "sliding_window_view", patched)
    assert np.array_equal(signal.stft(x, nperseg=256)[2], stock)
    assert type(patched(x, 256, writeable=True)) is wide_views.Windows
    assert patched(x, 256, writeable=True)[::50].flags.writeable


def test_objects_show_themselves_in_the_richest_way_they_have(run):
    code = """
class Page:
    def _repr_html_(self): return "<b>x</b>"
class Picture:
    def _repr_mimebundle_(self, include, exclude): return {"image/png": b"bytes"}
Page()
"""
    assert run(code)[0] == [{"kind": "html", "html": "<b>x</b>"}]
    shown = run("Picture()")[0]
    assert shown[0]["mime"] == "image/png" and shown[0]["bytes"] == b"bytes" and shown[0]["alt"]
    assert "class" in run("Page")[0][0]["text"]


def test_an_error_names_the_lines_of_the_cells_alone(run):
    assert run("def half(x):\n    y = 1\n    return 1 / x", "cell 3") == ([], None)
    _, error = run("\nhalf(0)", "cell 4")
    assert (error["name"], error["message"], error["line"]) == (
        "ZeroDivisionError",
        "division by zero",
        2,
    )
    lines = error["traceback"].splitlines()
    assert lines[0] == "cell 4, line 2" and lines[2] == "cell 3, line 3, in half"
    assert lines[3].strip() == "return 1 / x"
    assert lines[-1] == "ZeroDivisionError: division by zero"


def test_an_error_inside_a_library_says_where_without_its_code(run):
    _, error = run("import numpy as np\nnp.linalg.inv(np.zeros((2, 3)))")
    assert error["name"] == "LinAlgError" and error["line"] == 2
    assert "linalg/_linalg.py" in error["traceback"] and "raise" not in error["traceback"]


@pytest.mark.parametrize(
    ("code", "name", "line", "said"),
    [
        ("x = 1\nx +", "SyntaxError", 2, "invalid syntax"),
        ("raise NotImplementedError()", "NotImplementedError", 1, ""),
        ("assert 1 == 2, 'one is not two'", "AssertionError", 1, "one is not two"),
        ("import sys\nsys.exit(3)", "SystemExit", 2, "asked to end Python"),
        ("input('name?')", "OSError", 1, "cannot ask"),
        ("def f():\n    return f()\nf()", "RecursionError", 2, "recursion"),
        ("raise ExceptionGroup('two', [ValueError('x')])", "ExceptionGroup", 1, "two"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", 1, ""),
        (
            "class E(Exception):\n    def __str__(self): return 1 / 0\nraise E()",
            "E",
            3,
            "could not be made",
        ),
    ],
)
def test_what_goes_wrong(run, code, name, line, said):
    _, error = run(code)
    assert error["name"] == name and error["line"] == line and said in error["message"]
    assert len(error["traceback"].splitlines()) < 40
    assert run("1") == ([value("1")], None), "the next cell does not run"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!pip install pandas", "Nothing can be installed here. This page has NumPy"),
        ("%pip install pandas", "Nothing can be installed here"),
        ("%timeit f(1)", "'%timeit' is a command of Jupyter"),
        ("np.sum?", "write help(np.sum)"),
        ("?np.sum", "write help(np.sum)"),
        ("In [3]: for x in y:", "begins with a prompt"),
        ("print(“x”)", "“ is not one of Python's quotation marks"),
        ("x = ?", "invalid syntax"),
    ],
)
def test_what_is_no_python_is_explained(run, line, said):
    _, error = run(f"x = 1\n{line}", "f")
    assert said in error["message"]
    assert error["line"] == 2 and error["places"] == [["f", 2]]


def test_an_error_has_the_lines_of_cells_that_led_to_it(run):
    run("import numpy as np\ndef half(x):\n    return np.linalg.inv(x)", "half")
    assert run("1\nhalf([[0]])", "check")[1]["places"] == [["check", 2], ["half", 3]]
    assert run("def f(x): return f(x)\nf(1)")[1]["places"][-1] == ["cell 1", 1]


def test_what_a_cell_no_longer_defines_is_forgotten_if_asked(run):
    run("def f(): return 1\ndef g(): return 2\nx = 3", "f")
    run("def h(): return 4", "own")
    assert run("def F(): return 1\n", "f", anew=True) == ([], None)
    assert run.cells.names() == ["x", "h", "F"]
    run("", "own")
    assert "h" in run.cells.names()


class Sly:
    """Runs code wherever it is asked for something."""

    __slots__ = ("inside",)
    shown = 1

    def __init__(self):
        self.inside = {}

    def __getattr__(self, name):
        raise SystemExit

    __dir__ = __getattr__

    @property
    def drawn(self):
        raise SystemExit


class Looks(type):
    """A class that runs code where it is looked into."""

    def __getattribute__(cls, name):
        raise SystemExit


class Plain:
    """An object with a value of its own."""

    def __init__(self):
        self.mine = signal


def test_members_are_found_without_running_anything():
    looks = Looks("Sly", (), {"y": 1})
    names = {"np": np, "x": np.zeros(3), "plain": Plain(), "sly": Sly(), "Looks": looks, "no": None}

    def of(path):
        return {name: kind for name, kind in members.of(path, names) if name[0] != "_"}

    some = {"linalg": "namespace", "sum": "function", "ndarray": "class", "pi": "variable"}
    assert some.items() <= of("np").items()
    assert {"solve", "svd"} <= of("np.linalg").keys() and {"T", "sum"} <= of("x").keys()
    assert of("plain") == {"mine": "namespace"} and "lfilter" in of("plain.mine")
    assert of("sly") == {"shown": "variable", "inside": "variable", "drawn": "variable"}
    assert of("Looks") == {"y": "variable"}
    for nothing in ("no", "none", "np.none.x", "sly.drawn", "x.T", "Looks.none"):
        assert of(nothing) == {}
    assert "__init__" in dict(members.of("sly", names))


def test_a_cause_is_told(run):
    code = "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise ValueError('x') from e"
    assert "This came from" in run(code)[1]["traceback"]


def test_a_million_lines_are_cut_and_that_is_said_once(run):
    shown, error = run("for n in range(10**6): print(n)")
    assert error is None
    text = "".join(output["text"] for output in shown if output["kind"] == "text")
    assert text == "".join(f"{n}\n" for n in range(cells.LINES))
    assert [output for output in shown if output["kind"] != "text"] == [
        {"kind": "cut", "lines": cells.LINES}
    ]


def test_other_floods_are_cut(run):
    for code in ("print('x' * 10**6)", "'x' * 10**6", "import sys\nsys.stderr.write('x' * 10**6);"):
        shown, _ = run(code)
        assert len(shown[0]["text"]) == cells.CHARACTERS
        assert [output["kind"] for output in shown].count("cut") == 1
    code = "class P:\n    def _repr_html_(self): return 'x'\nfor n in range(100): display(P())"
    kinds = [output["kind"] for output in run(code)[0]]
    assert kinds == ["html"] * cells.PICTURES + ["cut"]
    kinds = [output["kind"] for output in run("for n in range(10**5): display(n)")[0]]
    assert kinds == ["value"] * cells.LINES + ["cut"]


def test_a_long_message_is_shortened(run):
    _, error = run("raise ValueError('a' * 10**7 + 'b')")
    assert len(error["message"]) < 11_000 and len(error["traceback"]) < 51_000
    assert error["message"].startswith("aaa") and error["message"].endswith("aab")
    assert "9990001 characters" in error["message"]


def test_an_empty_namespace(run):
    run("import numpy as np\nx = 1")
    assert run.cells.names() == ["np", "x"]
    run("globals()[''] = globals()[1] = 2")
    assert run.cells.names() == ["np", "x"]
    run.cells.reset()
    assert run.cells.names() == []
    assert run("x")[1]["message"] == "name 'x' is not defined"


def test_the_look_of_the_book_stays(run):
    run("import speechlab.show.plotting as plotting, matplotlib.pyplot as plt")
    run("plt.rcParams['font.size'] = 40")
    run.cells.reset()
    assert plt.rcParams["font.size"] == look.LOOK["font.size"] != plt.rcParamsDefault["font.size"]


def test_sounds(run):
    samples = np.stack([np.linspace(-0.5, 0.5, 400), np.zeros(400)])
    shown = stand_in.Audio(samples, rate=8000)._speechlab_output_()
    assert shown["kind"] == "audio" and shown["label"] == "A sound of 0.05 seconds."
    with wave.open(io.BytesIO(shown["bytes"])) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, 8000, 400)
        heard = np.frombuffer(file.readframes(400), "<i2").reshape(-1, 2)
    assert heard[0, 0] == -32767 and heard[-1, 0] == 32767 and not heard[:, 1].any()
    quiet = stand_in.Audio([0.5, -0.25], rate=8000, normalize=False)
    assert np.frombuffer(quiet.data[-4:], "<i2").tolist() == [16384, -8192]
    with pytest.raises(ValueError, match="rate"):
        stand_in.Audio([0.0, 1.0])
    for bad in ([], [np.nan], np.zeros((1, 2, 3))):
        with pytest.raises(ValueError):
            stand_in.Audio(bad, rate=8000)
    with pytest.raises(ValueError, match="between -1 and 1"):
        stand_in.Audio([2.0], rate=8000, normalize=False)


def test_display_of_the_stand_in(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython.display", stand_in)
    shown, error = run(
        "from IPython.display import HTML, Audio, Markdown, display\n"
        "display(HTML('<i>a</i>'), Audio([0, 1], rate=8), Markdown('*<b*'))"
    )
    assert error is None
    assert [output["kind"] for output in shown] == ["html", "audio", "html"]
    assert "*&lt;b*" in shown[2]["html"]


def test_which_packages_code_needs():
    assert cells.imported("import numpy as np\nfrom scipy import signal\nx = (") == set()
    code = "import numpy as np\ndef f():\n    from scipy import signal\n%matplotlib inline"
    assert cells.imported(code) == {"numpy", "scipy", "scipy.signal"}
    sources = {
        "book": (
            "if TYPE_CHECKING:\n    from book.show import draw\n    import pandas\n"
            "def __getattr__(name):\n    import_module('book.look')\n",
            True,
        ),
        "book.show": ("import scipy\nfrom . import tables", False),
        "book.tables": ("import csv", False),
        "book.look": ("import matplotlib.pyplot as plt", False),
        "book.other": ("import sklearn", False),
    }
    found = cells.needed({"book.draw"}, sources.get)
    assert {"scipy", "csv", "matplotlib", "book.tables"} <= found
    assert not {"sklearn", "pandas"} & found
    assert "scipy" not in cells.needed({"book"}, sources.get)
