"""Cells that run in Chromium, in the real Python of a page, below another folder."""

import contextlib
import http.server
import re
import threading
import urllib.request

import pytest

from speechlab.site.python import distribution, shipped
from tests.support.building import served
from tests.support.python_pages import PAGE, Opened, make_site

LOAD = """async base => {
  const { offline } = await import(`${base}_static/speechlab/python/offline.js`);
  window.offline = offline;
}"""
KEPT = """async () => {
  const stores = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  return (await Promise.all(stores.map((store) => store.keys()))).flat().map(({ url }) => url);
}"""
# Waits until a new release has taken the place of those stores.
REPLACED = """async old => {
  const there = async () => (await caches.keys())
    .some((name) => name.includes(" pages ") && old.includes(name));
  while (await there()) await new Promise((done) => setTimeout(done, 50));
}"""
HERE = {"possible": True, "on": True, "held": True, "saved": None}
SAVE = "base => offline.on(`${base}_static/`, { also: globalThis.kernel?.files ?? [] })"

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """What a host serves: the site is in its folder `course`."""
    root = tmp_path_factory.mktemp("host")
    make_site(root / "course")
    return root


@pytest.fixture(scope="module")
def address(root):
    with served(root) as host:
        yield f"{host}course/"


@pytest.fixture(scope="module")
def context(browser):
    context = browser.new_context(service_workers="block")
    yield context
    context.close()


@pytest.fixture(scope="module")
def opened(context, address):
    """The page that most tests share; Python starts in the first of them."""
    return Opened(context, address)


def text(result):
    """What a cell has shown as text."""
    return "".join(output.get("text", "") for output in result["shown"])


@contextlib.contextmanager
def answering(context, address, **answer):
    """Whatever is asked for there gets this answer."""
    context.route(address, lambda route: route.fulfill(**answer))
    try:
        yield
    finally:
        context.unroute(address)


def test_a_damaged_wheel_is_named_and_the_next_run_gets_a_good_one(opened, context):
    wheel = "**/numpy-*.whl"
    with answering(context, wheel, body=b"damaged"):
        result = opened.run("import numpy as np\nnp.arange(3)")
        phase = opened.js("kernel.phase")
    assert not result["ok"] and result["shown"] == []
    assert result["error"]["name"] == "FileError"
    assert "numpy-2" in result["error"]["message"] and "damaged" in result["error"]["message"]
    assert phase == "failed"
    with answering(context, wheel, status=404):
        result = opened.run("import numpy")
    assert "missing from this site (answer 404)" in result["error"]["message"]
    assert opened.run("1 + 1")["ok"], "Python without NumPy does not run"
    result = opened.run("import numpy as np\nnp.arange(3)")
    assert result["ok"] and text(result) == "array([0, 1, 2])"


def test_progress_is_told_in_bytes(opened):
    assert opened.run("1")["ok"]
    states = [state for state in opened.js("states") if state["phase"] == "loading"]
    first = [state for state in states if state["what"] == "Python"]
    assert len(first) > 5
    assert max(state["total"] for state in first) > 6e6
    assert all(0 <= state["loaded"] <= state["total"] for state in first)
    assert re.fullmatch(r"Loading Python: \d+\.\d of \d+\.\d MB", first[-1]["message"])
    assert opened.js("kernel.phase") == "ready"


def test_figures_and_sounds(opened):
    code = """
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Audio, display
display(Audio(np.sin(np.arange(800)), rate=8000))
fig, ax = plt.subplots()
ax.plot(np.arange(5))
ax.set_title("A line")
"""
    result = opened.run(code)
    assert result["ok"], result["error"]
    assert [output["kind"] for output in result["shown"]] == ["audio", "value", "image"]
    sound, _, picture = result["shown"]
    assert sound["size"] == 44 + 1600 and sound["label"] == "A sound of 0.10 seconds."
    assert picture["mime"] == "image/png" and picture["size"] > 5000
    assert picture["alt"].startswith("Figure: A line.")


def test_what_python_knows_is_proposed_and_what_a_cell_drops_is_forgotten(opened):
    assert opened.run("import numpy as np\ndef f(): return np.asarry(1)", "f")["ok"]
    assert ["linspace", "function"] in opened.js("kernel.members('np')")
    assert opened.js("kernel.members('none.of')") == []
    error = opened.run("1\nf()", "g")["error"]
    assert error["message"].endswith("Did you mean: 'asarray'?"), error
    assert error["places"] == [["g", 2], ["f", 2]]
    assert opened.js("kernel.run('1', { name: 'f', anew: true })")["ok"]
    assert opened.run("f()", "g")["error"]["message"] == "name 'f' is not defined"


def test_windows_of_a_minute_of_sound(opened):
    code = """
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
x = np.arange(60 * 22050, dtype=float)
frames = sliding_window_view(x, 4096)[::1024]
frames.shape, frames[2, 3]
"""
    assert text(opened.run(code)) == "((1288, 4096), np.float64(2051.0))"


def test_errors_name_the_lines_of_the_cells(opened):
    opened.run("def half(x):\n    return 1 / x", "cell 3")
    result = opened.run("\nhalf(0)", "cell 4")
    assert not result["ok"] and not result["stopped"]
    error = result["error"]
    assert (error["name"], error["line"]) == ("ZeroDivisionError", 2)
    assert error["traceback"].splitlines()[::2] == [
        "cell 4, line 2",
        "cell 3, line 2, in half",
        "ZeroDivisionError: division by zero",
    ]
    absent = opened.run("import hmmlearn")["error"]
    assert absent["name"] == "ModuleNotFoundError" and "This page has NumPy" in absent["message"]


def test_a_million_lines(opened):
    result = opened.run("for n in range(10**6): print(n)")
    assert result["ok"] and text(result).endswith("\n1999\n")
    assert result["shown"][-1] == {"kind": "cut", "lines": 2000, "size": None}
    assert [output["kind"] for output in result["shown"]].count("cut") == 1


@pytest.mark.parametrize("code", ["np.ones(2**27)", "bytearray(2**30)"])
def test_a_gigabyte_is_refused_and_the_rest_goes_on(opened, code):
    result = opened.run(f"import numpy as np\nx = {code}")
    assert result["error"]["name"] == "MemoryError" and result["error"]["line"] == 2
    assert text(opened.run("np.ones(2**20).sum()")) == "np.float64(1048576.0)"


def test_functions_take_and_give_arrays(opened):
    opened.run(
        "import numpy as np\n"
        "def twice(x, more):\n"
        "    return {'y': 2 * x, 'of': x.dtype.name, 'more': more, 'raw': b'ab',\n"
        "            'whole': np.arange(6).reshape(2, 3), 'one': np.float32(0.5)}"
    )
    answer = opened.js("""async () => {
      const x = new Float32Array([1, 2]);
      const more = { list: [1, "x", null], y: new Float64Array([0.25]) };
      const answer = await kernel.call("twice", x, more);
      const kinds = [answer.y.data, answer.raw].map(data => data.constructor.name);
      const plain = part => (ArrayBuffer.isView(part) ? [...part] : part);
      return [kinds, JSON.stringify(answer, (_, part) => plain(part))];
    }""")
    assert answer[0] == ["Float32Array", "Uint8Array"]
    assert answer[1] == (
        '{"y":{"shape":[2],"data":[2,4]},"of":"float32",'
        '"more":{"list":[1,"x",null],"y":{"shape":[1],"data":[0.25]}},"raw":[97,98],'
        '"whole":{"shape":[2,3],"data":[0,1,2,3,4,5]},"one":0.5}'
    )
    failed = """async ([name, ...given]) => {
      try { await kernel.call(name, ...given); }
      catch (error) { return [error.name, error.message]; }
    }"""
    assert opened.js(failed, ["numpy.linalg.inv", 3])[0] == "LinAlgError"
    assert opened.js(failed, ["numpy.no_such", 3])[0] == "AttributeError"
    assert opened.js(failed, ["no_such.module", 3])[0] == "ModuleNotFoundError"
    assert opened.js(failed, ["numpy.random.default_rng"])[0] == "TypeError"


def test_an_empty_namespace_in_the_same_worker(opened):
    opened.run("x = 1")
    assert "x" in opened.js("kernel.names()")
    opened.js("kernel.reset()")
    assert opened.js("kernel.names()") == []
    assert opened.run("x")["error"]["name"] == "NameError"


def test_a_loop_is_stopped_and_python_comes_back(opened):
    result = opened.js("""async () => {
      const waiting = go("x = 2\\nprint('begun', flush=True)\\nwhile True: pass");
      const running = () => states.at(-1).phase === "running";
      while (!running()) await new Promise(done => setTimeout(done, 20));
      const next = kernel.run("1");
      await new Promise(done => setTimeout(done, 200));
      kernel.stop();
      return [await waiting, await next, kernel.phase];
    }""")
    looped, queued, phase = result
    assert looped["stopped"] and not looped["ok"] and looped["error"] is None
    assert text(looped) == "begun\n" and queued["stopped"] and phase == "stopped"
    result = opened.run("x")
    assert result["error"]["name"] == "NameError", "a name outlived its Python"


def test_a_python_that_dies_is_told_and_replaced(opened):
    opened.run(
        "import js\n"
        "from pyodide.ffi import create_once_callable\n"
        "def fail(): raise ValueError('broken')\n"
        "js.setTimeout(create_once_callable(fail), 0)"
    )
    opened.page.wait_for_function("kernel.phase === 'failed'")
    assert "ended by itself" in opened.js("states.at(-1).message")
    assert text(opened.run("6 * 7")) == "42"


LASTING = """
import js
names = "indexedDB caches webkitRequestFileSystem postMessage close BroadcastChannel Worker".split()
had = [name for name in names if hasattr(js, name)]
had + [name for name in ("storage", "serviceWorker", "locks") if hasattr(js.navigator, name)]
"""
OUTWARDS = """
import asyncio, js
from pyodide.code import run_js
site = "{0}"
tries = [
    lambda: js.fetch("http" + site),
    lambda: run_js("import('http{0}')"),
    lambda: js.FontFace.new("x", "url(http{0})").load(),
]
said = []
for attempt in tries:
    try:
        await attempt()
    except Exception as error:
        said.append(type(error).__name__)
asked = js.XMLHttpRequest.new()
asked.open("GET", "http" + site, False)
try:
    asked.send()
except Exception as error:
    said.append(type(error).__name__)
sockets = js.WebSocket.new("ws" + site), js.EventSource.new("http" + site)
await asyncio.sleep(0.3)
sockets[1].close()
said
"""


@pytest.fixture
def outside():
    """Another site, `://host:port/`, and who came there."""
    heard = []

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

        def log_message(self, *given):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"://127.0.0.1:{server.server_port}/", heard
    server.shutdown()


def test_code_of_cells_reaches_nothing_that_lasts_and_no_other_site(opened, outside):
    assert text(opened.run(LASTING)) == "[]"
    site, heard = outside
    before = len(opened.asked)
    result = opened.run(OUTWARDS.format(site))
    assert result["ok"] and text(result) == f"{['JsException'] * 4}"
    assert heard == []
    del opened.asked[before:]  # Chromium tells of what it refused, too
    opened.js("site => fetch(site, { mode: 'no-cors' }).catch(() => {})", f"http{site}")
    assert heard == [], "the page itself may ask other sites"
    urllib.request.urlopen(f"http{site}").close()
    assert len(heard) == 1


def test_cells_cannot_take_stop_away(opened):
    """Neither by what the worker hears nor by what it says."""
    opened.run("import js\njs.onmessage = None")
    assert opened.js("kernel.run('1') && kernel.phase") == "running"
    assert text(opened.run("6 * 7")) == "42"


def test_nothing_outside_the_site_was_asked_for(opened, address):
    foreign = [url for url in opened.asked if not url.startswith((address, "blob:", "data:"))]
    assert [url for url in foreign if not url.endswith("/favicon.ico")] == []
    assert len(opened.asked) > 10


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ("delete window.WebAssembly", "no WebAssembly"),
        ("window.Worker = class { terminate() {} }, 0", "cannot load modules"),
    ],
)
def test_an_old_browser_is_told(context, address, spoil, said):
    page = Opened(context, address)
    page.js(spoil)
    result = page.run("1")
    assert result["error"]["name"] == "NoPython" and said in result["error"]["message"]
    assert page.js("kernel.phase") == "failed"
    page.page.close()


def test_a_site_without_python_says_so(browser, tmp_path):
    make_site(tmp_path)
    shipped.ship(tmp_path / "_static", "left out")
    shipped.release(tmp_path)
    assert not (tmp_path / "service_worker.js").exists()
    with served(tmp_path) as host:
        context = browser.new_context()
        page = Opened(context, host)
        assert page.run("1")["error"]["message"] == shipped.LEFT_OUT
        available = """async base => {
          const { available } = await import(`${base}_static/speechlab/python/kernel.js`);
          return available(`${base}_static/`);
        }"""
        assert page.js(available, host) == {"pyodide": None, "why": shipped.LEFT_OUT}
        context.close()


def test_offline_after_the_first_visit_until_it_is_switched_off(browser, root):
    """One Python in the first visit, one without the server; a new release between them."""
    context = browser.new_context()
    with served(root) as host:
        address = f"{host}course/"
        page = Opened(context, address)
        page.js(LOAD, address)
        assert page.run("1 + 1")["ok"]  # before the service worker hears of anything
        assert page.js(SAVE, address)
        assert page.js("offline.state()") == HERE
        old = page.js("caches.keys()")
        asks = "import js\nfor n in range(3): await js.fetch(f'{0}{1}?{{n}}')"
        for file in ("vendor/pyodide/README.md", "speechlab/python/python.json"):
            assert page.run(asks.format(f"{address}_static/", file))["ok"]
        assert not [url for url in page.js(KEPT) if "?" in url], "a cell can fill the store"
        (root / "course" / "index.html").write_text(PAGE.format("New"), encoding="utf-8")
        shipped.release(root / "course")
        page.page.goto(f"{address}index.html")
        assert page.page.title() == "New"
        page.js(LOAD, address)
        page.js(SAVE, address)
        page.js(REPLACED, old)
        kept = page.js("caches.keys()")
        assert [" pages " in name for name in kept].count(True) == 1
        assert [" files" in name for name in kept].count(True) == 1, "large files were thrown away"
    again = Opened(context, address)
    assert again.page.title() == "New"
    again.js(LOAD, address)
    again.js(SAVE, address)
    assert again.js("offline.state().then(({ saved }) => Date.now() - new Date(saved))") < 600_000
    result = again.run("1 + 1")
    assert text(result) == "2", result
    again.page.goto(f"{address}other.html")
    assert "not among those" in again.page.inner_text("body")
    again.page.goto(f"{address}index.html")
    again.js(LOAD, address)
    again.js(SAVE, address)
    again.js("offline.off()")
    assert again.js("caches.keys()") == []
    assert again.js("offline.state().then(({ on }) => on)") is False
    context.close()


def test_the_pinned_version_is_the_one_that_runs(opened):
    assert text(opened.run("import pyodide\npyodide.__version__")) == f"'{distribution.VERSION}'"
